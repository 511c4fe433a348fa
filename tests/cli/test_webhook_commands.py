"""``parinaya webhook``: looking at deliveries, replaying them, trying the receiver out."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from parinaya_cli import settings
from parinaya_cli.adapters.whatsapp.parsing import Parser, parse
from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.messages import (
    AccountUpdate,
    DeliveryStatus,
    InboundMessage,
    MovedUpdate,
    PreferenceUpdate,
    StatusUpdate,
    Tap,
    TemplateUpdate,
    Text,
)
from parinaya_cli.services import roles, webhooks
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.wiring import App, open_app
from tests.conftest import Cli
from tests.web.receiver_kit import envelope, receiver_app, receiving, status_body, stored

HOSTILE = "haan ji \x1b[2J\x9b31m‮ \u0085 हाँ"


@pytest.fixture
def parts(env: dict[str, str], tmp_path: Path) -> Iterator[App]:
    """The parts of a process that acts for nobody in particular."""
    with open_app(settings.load(env=env, path=tmp_path / "config" / "config.toml")) as opened:
        yield opened


def keep(parts: App, bodies: Sequence[bytes | Incoming]) -> None:
    with parts.begin_as_system(Channel.WEBHOOK) as tx:
        for body in bodies:
            webhooks.keep(tx, [body if isinstance(body, Incoming) else Incoming(body)])


def process(parts: App) -> None:
    while (
        webhooks.process_next(lambda: parts.begin_as_system(Channel.WORKER), Parser(), parts.ears).number
        is not None
    ):
        pass


# ── list, show ─────────────────────────────────────────────────────────────────────────────────────────


def test_list_has_deliveries_and_counts(parts: App, cli: Cli) -> None:
    keep(parts, [status_body(1), status_body(2), status_body(1), Incoming(b'{"a": 1}', "too deep")])
    process(parts)
    keep(parts, [status_body(3)])
    document = cli("webhook", "list", "--json").json
    assert document["counts"] == {"pending": 1, "done": 2, "failed": 0, "dead": 1}
    assert document["total"] == 4
    found = {one["number"]: (one["state"], one["times"], one["error"]) for one in document["items"]}
    # Numbers have gaps: a body that comes again takes one.
    assert list(found.values()) == [
        ("pending", 1, ""),
        ("dead", 1, "too deep"),
        ("done", 1, ""),
        ("done", 2, ""),
    ]
    assert list(found) == sorted(found, reverse=True)
    assert document["items"][0]["bytes"] == len(status_body(3))


def test_list_can_be_narrowed(parts: App, cli: Cli) -> None:
    keep(parts, [status_body(number) for number in range(4)])
    keep(parts, [Incoming(b"{}", "too deep")])
    dead = cli("webhook", "list", "--state", "dead", "--json").json
    assert [one["state"] for one in dead["items"]] == ["dead"]
    assert dead["total"] == 1
    some = cli("webhook", "list", "--limit", 2, "--json").json
    assert (len(some["items"]), some["total"]) == (2, 5)
    assert cli("webhook", "list", "--state", "lost").code == 2
    lines = cli("webhook", "list", "--state", "dead")
    assert lines.out.count("\n") == 1
    assert "1 dead" in lines.err


def test_an_empty_list_is_told(cli: Cli) -> None:
    ran = cli("webhook", "list", "--json")
    assert ran.json == {"items": [], "total": 0, "counts": {"pending": 0, "done": 0, "failed": 0, "dead": 0}}
    assert "No delivery is stored." in cli("webhook", "list").err


def test_show_has_the_body_and_what_became_of_it(parts: App, cli: Cli) -> None:
    keep(
        parts,
        [
            envelope(
                {
                    "statuses": [{"id": "wamid.X", "status": "delivered", "timestamp": "1763800000"}],
                    "errors": [{"code": 1}],
                }
            )
        ],
    )
    process(parts)
    [number] = [one["number"] for one in cli("webhook", "list", "--json").json["items"]]
    document = cli("webhook", "show", number, "--json").json
    assert json.loads(document["body"])["object"] == "whatsapp_business_account"
    assert document["state"] == "done"
    status, other = document["effects"]
    assert (status["kind"], status["state"]) == ("StatusUpdate", "parked")
    assert other["state"] == "kept"
    assert other["facts"]["phone_number_id"] == "106540352242922"
    page = cli("webhook", "show", number).out
    assert "StatusUpdate" in page
    assert "parked" in page
    assert '"id": "wamid.X"' in page


def test_nothing_that_a_guest_wrote_reaches_the_terminal_as_a_command(parts: App, cli: Cli) -> None:
    whole = envelope({"messages": [{"text": {"body": HOSTILE}}]})
    keep(
        parts,
        [
            whole,
            b'{"broken": "\x1b[2J\xff\xc2\x9b31m',
            json.dumps({"a": HOSTILE}, ensure_ascii=False).encode(),
        ],
    )
    for number in [one["number"] for one in cli("webhook", "list", "--json").json["items"]]:
        for told in (cli("webhook", "show", number).out, cli("webhook", "show", number, "--json").out):
            assert not set(told) & set("\x1b\x9b\u202e\u0085\x00"), ascii(told)
    assert "हाँ" in cli("webhook", "show", 1).out


def test_a_long_body_is_cut_for_people_only(parts: App, cli: Cli) -> None:
    body = json.dumps({"a": "x" * 50_000}).encode()
    keep(parts, [body])
    assert len(cli("webhook", "show", 1).out) < 25_000
    assert cli("webhook", "show", 1, "--json").json["body"].encode() == body


def test_a_number_that_is_not_there_is_told(cli: Cli) -> None:
    ran = cli("webhook", "show", 99, "--json")
    assert (ran.code, ran.error["code"]) == (4, "not_found")
    assert cli("webhook", "show", 0).code == 2
    assert cli("webhook", "show", 10**30).code == 2


@pytest.mark.parametrize("role", ["desk", "operator"])
def test_roles_without_the_audit_log_see_no_delivery(
    parts: App, cli: Cli, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    keep(parts, [status_body(1)])
    with parts.begin_as_system(Channel.CLI) as tx:
        token = roles.grant(tx, "Somebody", role, everywhere=True)[1]
    monkeypatch.setenv("PARINAYA_TOKEN", token)
    assert cli("webhook", "list").code == 3
    assert cli("webhook", "show", 1).code == 3
    assert "wamid" not in cli("webhook", "show", 1).out


# ── replay ─────────────────────────────────────────────────────────────────────────────────────────────


def states(cli: Cli) -> dict[int, str]:
    return {one["number"]: one["state"] for one in cli("webhook", "list", "--json").json["items"]}


def test_replay_by_number_state_and_time(parts: App, cli: Cli) -> None:
    keep(parts, [status_body(1), status_body(2), Incoming(b"{}", "too deep")])
    process(parts)
    assert states(cli) == {1: "done", 2: "done", 3: "dead"}
    assert cli("webhook", "replay", 2, "--json", "--reason", "to see").json == {"deliveries": 1}
    assert states(cli) == {1: "done", 2: "pending", 3: "dead"}
    assert cli("webhook", "replay", "--state", "dead", "--json").json == {"deliveries": 1}
    assert states(cli) == {1: "done", 2: "pending", 3: "pending"}
    assert cli("webhook", "replay", "--since", "2020-01-01T00:00+05:30", "--json").json == {"deliveries": 3}
    assert cli("webhook", "replay", "--since", "2099-01-01", "--json").json == {"deliveries": 0}
    assert parts.queue.figures()[0][1].waiting == 1
    process(parts)
    assert set(states(cli).values()) == {"done"}


def test_a_replay_with_an_unknown_number_does_nothing(parts: App, cli: Cli) -> None:
    keep(parts, [status_body(1)])
    process(parts)
    ran = cli("webhook", "replay", 1, 77, "--json")
    assert (ran.code, ran.error["code"]) == (4, "not_found")
    assert states(cli) == {1: "done"}


UNCLEAR: list[list[object]] = [
    [],
    [1, "--state", "failed"],
    ["--state", "failed", "--since", "2026-01-01"],
    ["--since", "yesterday"],
    ["--since", ""],
    ["--since", "0001-01-01"],
    ["x"],
    [-1],
    ["--state", "lost"],
]


def test_a_replay_says_which_deliveries_are_meant(parts: App, cli: Cli) -> None:
    keep(parts, [status_body(1)])
    process(parts)
    assert [cli("webhook", "replay", *argv).code for argv in UNCLEAR] == [2] * len(UNCLEAR)
    assert states(cli) == {1: "done"}


def test_a_replay_without_a_queue_is_kept_and_told(
    parts: App, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(parts, [Incoming(b"{}", "too deep")])
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    ran = cli("webhook", "replay", 1)
    assert ran.code == 0
    assert "reconcile" in ran.err
    assert states(cli) == {1: "pending"}


# ── trigger, serve ─────────────────────────────────────────────────────────────────────────────────────


def test_a_trial_of_every_kind_is_stored_as_what_it_says(
    cli: Cli, env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    guest = "+91 98200 12345"
    with receiving(receiver_app(env, tmp_path)) as root:

        def trial(kind: str, *argv: object) -> str:
            ran = cli("webhook", "trigger", kind, *argv, "--url", root + "/webhooks/whatsapp", "--json")
            assert ran.code == 0, ran.err
            message_id: str = ran.json["message_id"]
            return message_id

        for status in DeliveryStatus:
            assert trial(status.value, "--to", guest, "--wamid", "wamid.A", "--code", 131049) == "wamid.A"
        typed = trial("text", "--from", guest, "--text", "haan ji 3 log")
        tapped = trial("tap", "--from", guest, "--payload", "pn1.y", "--text", "We will come")
        spoken = trial("voice", "--user-id", "IN.1349")
        trial("moved", "--from", guest, "--new", "+91 98200 99999")
        trial("stop", "--from", guest)
        trial("resume", "--user-id", "IN.1349")
        trial("template", "--template", "shaadi_invite", "--text", "paused")
        trial("number", "--to", "+91 22 4000 0001", "--text", "FLAGGED")
    updates = [update for body, _, _ in stored(database_url) for update in parse(body)]
    assert [one.status for one in updates if isinstance(one, StatusUpdate)] == list(DeliveryStatus)
    failed = updates[3]
    assert isinstance(failed, StatusUpdate)
    assert failed.error is not None
    assert (failed.error.code, failed.recipient) == (131049, "+919820012345")
    said = {one.message_id: one for one in updates if isinstance(one, InboundMessage)}
    assert said[typed].content == Text("haan ji 3 log")
    assert said[tapped].content == Tap("pn1.y", "We will come")
    assert {one.phone_number_id for one in said.values()} == {env["WHATSAPP_PHONE_NUMBER_ID"]}
    assert said[typed].sender.phone == "+919820012345"
    assert (said[spoken].sender.phone, said[spoken].sender.user_id) == (None, "IN.1349")
    [moved] = [one for one in updates if isinstance(one, MovedUpdate)]
    assert moved.phone == "+919820099999"
    assert [one.stop for one in updates if isinstance(one, PreferenceUpdate)] == [True, False]
    [template] = [one for one in updates if isinstance(one, TemplateUpdate)]
    assert (template.name, template.language, template.status) == ("shaadi_invite", "en", "paused")
    [number] = [one for one in updates if isinstance(one, AccountUpdate)]
    assert (number.number, number.quality) == ("+912240000001", "red")


NONSENSE = [
    ["delivered", "--to", "+919820012345"],
    ["text", "--from", "+919820012345"],
    ["tap", "--from", "+919820012345"],
    ["voice"],
    ["moved", "--from", "+919820012345"],
    ["stop"],
    ["template", "--text", "PAUSED"],
    ["number", "--to", "+912240000001"],
    ["text", "--from", "12", "--text", "x"],
    ["text", "--text", "x"],
    ["lost", "--from", "+919820012345"],
    *(
        ["text", "--from", "+919820012345", "--text", "x", "--url", url]
        for url in ("nowhere", "ftp://127.0.0.1/", "http://[::1")
    ),
]


def test_a_trial_that_makes_no_sense_is_refused(cli: Cli) -> None:
    for argv in NONSENSE:
        ran = cli("webhook", "trigger", *argv)
        assert ran.code == 2, argv


def test_a_trial_tells_how_the_receiver_answered(cli: Cli, env: dict[str, str], tmp_path: Path) -> None:
    def outcome(root: str, path: str = "/webhooks/whatsapp") -> tuple[int, str]:
        ran = cli(
            "webhook",
            "trigger",
            "text",
            "--from",
            "9820012345",
            "--text",
            "x",
            "--url",
            root + path,
            "--json",
        )
        return ran.code, ran.error["code"]

    assert outcome("http://127.0.0.1:9") == (6, "unreachable")
    with receiving(receiver_app({**env, "WHATSAPP_APP_SECRET": "another"}, tmp_path)) as root:
        assert outcome(root) == (1, "unsigned")
        assert outcome(root, "/elsewhere") == (1, "refused")
    away = {"DATABASE_URL": "postgresql://x@127.0.0.1:9/x"}
    with receiving(receiver_app({**env, **away}, tmp_path)) as root:
        assert outcome(root) == (6, "unreachable")


def test_what_could_not_be_checked_is_not_received(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("webhook", "serve", "--port", 0, "--processes", 0).code == 2
    assert cli("webhook", "serve", "--port", 99999).code == 2
    ran = cli("webhook", "serve", "--host", "no.such.host.invalid", "--port", 0)
    assert (ran.code, "no.such.host.invalid" in ran.err) == (2, True)
    monkeypatch.setenv("PARINAYA_AUDIT_KEY", "")
    assert cli("webhook", "serve", "--port", 0, "--json").error["code"] == "not_set_up"
    monkeypatch.setenv("WHATSAPP_APP_SECRET", "")
    ran = cli("webhook", "serve", "--port", 0, "--json")
    assert (ran.code, ran.error["code"]) == (2, "not_set_up")
    assert "WHATSAPP_APP_SECRET" in ran.error["hint"]
    assert cli("webhook", "trigger", "text", "--from", "9820012345", "--text", "x").code == 2


def test_a_port_that_is_taken_is_told(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = cli("webhook", "serve", "--port", port, "--json")
    assert (ran.code, ran.error["code"], ran.out) == (1, "port_in_use", "")
    assert f"127.0.0.1:{port}" in ran.error["message"]
