"""Servers that are away: every command says so and what to do, and what can go on without them does."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import urllib.request
from collections.abc import Iterator

import pytest

from tests.conftest import Cli, Ran
from tests.journeys import truth
from tests.journeys.stage import Stage, wait_for

pytestmark = pytest.mark.processes

COMMANDS = (
    ("init",),
    ("db", "status", "--json"),
    ("rsvp", "status"),
    ("rsvp", "status", "--json"),
    ("invite", "send", "--template", "shaadi_invite", "--yes"),
    ("reconcile", "--json"),
)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is ours and that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_without_postgres_every_command_says_how_to_start_it(
    stage: Stage, cli: Cli, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    away = f"postgresql://parinaya:secret-word@127.0.0.1:{closed_port}/parinaya"
    see_how_to_start_it(wait_for(stage.open("worker", DATABASE_URL=away)), is_json=False)
    monkeypatch.setenv("DATABASE_URL", away)
    for argv in COMMANDS:
        see_how_to_start_it(cli(*argv), is_json="--json" in argv)


def see_how_to_start_it(ran: Ran, *, is_json: bool) -> None:
    assert ran.code == 6, ran
    assert "secret-word" not in ran.err
    if is_json:
        assert (ran.out, ran.error["code"]) == ("", "unreachable")
        assert "parinaya services start" in ran.error["hint"]
    else:
        assert "parinaya services start" in see_two_lines(ran)


def see_two_lines(ran: Ran) -> str:
    """What is wrong and what to do, and nothing on stdout; returns what to do."""
    assert ran.out == ""
    wrong, hint = ran.err.splitlines()
    assert wrong.startswith("error: ")
    assert hint.startswith(" hint: ")
    return hint


def test_without_valkey_a_batch_is_written_and_deliveries_are_stored(stage: Stage, closed_port: int) -> None:
    stage.env["REDIS_URL"] = f"redis://127.0.0.1:{closed_port}/0"
    sent = stage.run("invite", "send", "--template", "shaadi_invite", "--yes", "--json")
    assert sent.code == 0
    assert "queue is away" in sent.err
    assert stage.states()["queued"] == sent.json["queued"] == truth.messaged().total()

    status = stage.run("queue", "status", "--json")
    assert (status.code, status.error["code"]) == (6, "unreachable")
    assert "REDIS_URL" in status.error["hint"]
    assert see_two_lines(stage.run("queue", "status"))

    receiver = stage.start("webhook", "serve", "--port", "0")
    for number in range(3):
        assert post(receiver.address, stage.env["WHATSAPP_APP_SECRET"], number) == 200
        assert stage.rows("SELECT count(*) FROM webhook_events")[0][0] == number + 1
    assert receiver.terminate() == 0, receiver.said


def post(address: str, secret: str, number: int) -> int:
    """Post a signed delivery as Meta does; returns the status of the answer."""
    body = json.dumps({"object": "whatsapp_business_account", "entry": [], "number": number}).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        address,
        data=body,
        headers={"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        status: int = answer.status
        return status
