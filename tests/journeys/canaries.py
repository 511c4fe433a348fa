"""What must not be read where nobody asked for it: secrets, links, numbers and names, in logs, errors and the queue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import psycopg
import pytest
import redis

from parinaya_cli.adapters.embedded import Embedded
from tests.house.example_lists import guests
from tests.journeys.stage import Process, Stage

CANARY = "kanari-4711"
"""A password and a key in settings that can't be used."""


def needles(stage: Stage) -> list[str]:
    """The secrets of the settings, and the names and numbers of the guests."""
    kept = Path(stage.env["PARINAYA_CONFIG_DIR"], "config.toml").read_text("utf-8")
    secrets = re.findall(r'^\w+(?:secret|key) = "(.+)"$', kept, re.MULTILINE)
    told = [stage.env[f"WHATSAPP_{name}"] for name in ("ACCESS_TOKEN", "APP_SECRET", "VERIFY_TOKEN")]
    people = stage.rows(
        "SELECT full_name FROM people WHERE length(full_name) > 8 AND position(' ' IN full_name) > 0"
    )
    numbers = stage.rows("SELECT right(value, 10) FROM contact_points WHERE kind = 'phone'")
    assert len(secrets) == 3
    assert min(len(people), len(numbers)) > len(guests()) / 2
    return [*secrets, *told, *(one for (one,) in [*people, *numbers])]


def links(stage: Stage) -> list[str]:
    """Tokens that are given out once: of a household's page, of the parents' page, of somebody's role."""
    own = stage.json("site", "link", "U1")["url"]
    parents = stage.json("dashboard", "link", "--name", "Sunita aunty", "--with-phones")["url"]
    granted: str = stage.json("roles", "grant", "Ravi", "operator")["token"]
    return [own.rpartition("/")[2], parents.rpartition("/")[2], granted]


def visit(stage: Stage, tokens: Sequence[str]) -> list[Process]:
    """Open the pages of these links, and forged ones, and ask the receiver what Meta asks, and what nobody should.

    Returns the website and the receiver, which ran with PARINAYA_DEBUG and have ended.
    """
    site = stage.start("site", "serve", "--port", "0", PARINAYA_DEBUG="1")
    receiver = stage.start("webhook", "serve", "--port", "0", PARINAYA_DEBUG="1")
    hello = {
        "hub.mode": "subscribe",
        "hub.challenge": "1",
        "hub.verify_token": stage.env["WHATSAPP_VERIFY_TOKEN"],
    }
    forged = {"X-Hub-Signature-256": f"sha256={CANARY}"}
    assert httpx.get(receiver.address, params=hello, timeout=60).status_code == 200
    assert (
        httpx.get(receiver.address, params={**hello, "hub.verify_token": CANARY}, timeout=60).status_code
        == 403
    )
    assert httpx.post(receiver.address, content=CANARY, headers=forged, timeout=60).status_code in (401, 403)
    own, parents, _ = tokens
    wanted = {f"/i/{own}": 200, f"/d/{parents}": 200, f"/i/{parents}": 404, f"/i/{own}A": 404}
    with httpx.Client(base_url=site.address, timeout=60) as client:
        assert {path: client.get(path).status_code for path in wanted} == wanted
        assert client.post(f"/i/{own}/rsvp", data={"nonsense": own}).status_code < 500
    assert [one.terminate() for one in (site, receiver)] == [0, 0]
    return [site, receiver]


def failures(stage: Stage, token: str) -> Iterator[tuple[str, bytes]]:
    """What commands say that can't do their work, by what is wrong."""
    away = f"//somebody:{CANARY}@127.0.0.1:9/0"
    tries: dict[str, tuple[dict[str, str], Sequence[str]]] = {
        "Postgres is away": ({"DATABASE_URL": f"postgresql:{away}"}, ("people", "list")),
        "a password that is not escaped": (
            {"DATABASE_URL": f"postgresql://somebody:{CANARY}%zz@127.0.0.1:9/db", "PARINAYA_TOKEN": token},
            ("db", "backup", "--to", str(stage.folder / "no.backup")),
        ),
        "another database": ({"DATABASE_URL": f"mysql:{away}"}, ("people", "list")),
        "the queue is away": ({"REDIS_URL": f"redis:{away}"}, ("queue", "status")),
        "a token that nobody has": ({"PARINAYA_TOKEN": f"{token}x"}, ("people", "list")),
        "a secret with a line end": ({"PARINAYA_AUDIT_KEY": f"{CANARY}\n"}, ("people", "list")),
        "WhatsApp is away": (
            {"WHATSAPP_BASE_URL": "http://127.0.0.1:9", "WHATSAPP_ACCESS_TOKEN": CANARY},
            ("templates", "sync"),
        ),
    }
    for what, (env, command) in tries.items():
        for debug in ("1", "0"):
            ran = Stage({**stage.env, **env, "PARINAYA_DEBUG": debug}, stage.folder).run(*command)
            assert ran.code in (1, 2, 3, 6), (what, ran.code)
            assert ("Traceback" in ran.err) == (debug == "1"), (what, ran.err)
            yield f"{what}, debug {debug}", (ran.out + ran.err).encode()


def see_that_nothing_is_told(stage: Stage, processes: Sequence[Process]) -> None:
    """Nothing of it stands in what processes say, in the servers' logs, or in the queue; nor after an error."""
    [(point,)] = stage.rows("SELECT id FROM contact_points WHERE kind = 'phone' LIMIT 1")
    with pytest.raises(psycopg.errors.UniqueViolation):
        stage.rows(
            "INSERT INTO contact_points (wedding_id, kind, value) SELECT wedding_id, kind, value FROM contact_points "
            "WHERE id = %s",
            point,
        )
    ran = stage.run("events", "show", "nowhere")
    tokens = links(stage)
    written = {one.name: one.log.read_bytes() for one in [*processes, *visit(stage, tokens)]}
    written |= dict(failures(stage, tokens[-1]))
    written |= {"an error": (ran.out + ran.err).encode(), **_logs(stage), **dict(_queue(stage))}
    assert len(written) > len(processes) + 3
    secret = [one.encode() for one in [*needles(stage), *tokens, CANARY]]
    for place, content in written.items():
        assert [one for one in secret if one in content] == [], place


def _logs(stage: Stage) -> dict[str, bytes]:
    """The logs of the embedded servers, which are not empty."""
    found = {path.name: path.read_bytes() for path in Path(stage.env["PARINAYA_HOME"]).rglob("*.log")}
    assert b"duplicate key" in found["postgres.log"]
    return found


def _queue(stage: Stage) -> Iterator[tuple[str, bytes]]:
    """Everything that Valkey holds."""
    with Embedded(Path(stage.env["PARINAYA_HOME"])) as servers:
        kept = redis.Redis.from_url(servers.start().redis_url)
        for key in kept.scan_iter():
            yield f"queue: {key!r}", key + (kept.dump(key) or b"")
        kept.close()
