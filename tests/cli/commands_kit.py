"""What the tests of the commands share: a wedding with guests, others who act, guests who write."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from parinaya_cli import settings
from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.messages import InboundMessage, Sender, Text
from parinaya_cli.services import conversation
from parinaya_cli.wiring import open_app
from tests.conftest import Cli
from tests.databases import brought_to
from tests.servers import as_admin

BRIDES = """Name,Mobile,Family,Pax,City,Group,Events
Shri Ramesh Sharma,98200 12345,Sharma,4,Pune,close,sangeet
Sunita Sharma,98200 12346,Sharma,,Pune,close,sangeet
Asha Rao,+44 7911 123456,,2,London,abroad,
Nobody's Number,98290 441,,,Jaipur,,
"""
GROOMS = """Name,Mobile,City
Vikram Seth,98111 22333,Delhi
Leela Seth,98111 22334,Delhi
"""
SANGEET = ("events", "add", "Sangeet", "--starts", "2099-02-12T19:00")


def done(cli: Cli, *argv: object) -> Any:
    """Run a command with ``--json`` that must succeed; its document."""
    ran = cli(*argv, "--json")
    assert ran.code == 0, ran.err
    return ran.json


def wedding(cli: Cli) -> Any:
    """A wedding and its sangeet."""
    made = done(cli, "weddings", "add", "Ananya & Kabir", "--quiet-hours", "off")
    done(cli, *SANGEET)
    return made


def guests(cli: Cli, folder: Path) -> None:
    """Both families' people, in households; the bride's Sharmas are invited to the sangeet."""

    def fill() -> None:
        wedding(cli)
        for side in ("bride", "groom"):
            done(cli, "people", "import", folder / f"{side}.csv", "--side", side)
        done(cli, "units", "build")

    with psycopg.connect(as_admin(os.environ["DATABASE_URL"])) as conn:
        done_before = conn.execute("SELECT action FROM audit_logs").fetchall()
        assert done_before == [("role.grant",)], "guests come before anything else is done"
    for side, text in (("bride", BRIDES), ("groom", GROOMS)):
        (folder / f"{side}.csv").write_text(text, "utf-8")
    brought_to(os.environ["DATABASE_URL"], "parinaya_guests", fill)


def servers() -> dict[str, str]:
    """The settings of this test for a process of its own."""
    kept = ("PARINAYA_", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if name.startswith(kept)}


@contextmanager
def acting_as(cli: Cli, monkeypatch: pytest.MonkeyPatch, role: str, *more: str) -> Iterator[None]:
    """Somebody of another role acts in this block."""
    owner = os.environ["PARINAYA_TOKEN"]
    token = done(cli, "roles", "grant", f"the {role}", role, *more)["token"]
    monkeypatch.setenv("PARINAYA_TOKEN", token)
    yield
    monkeypatch.setenv("PARINAYA_TOKEN", owner)


def hear(env: Mapping[str, str], phone: str, text: str, number: int = 1) -> None:
    """A guest writes."""
    message = InboundMessage(
        key=f"message:{number}",
        phone_number_id=env["WHATSAPP_PHONE_NUMBER_ID"],
        message_id=f"wamid.{number}",
        at=datetime.now(UTC),
        sender=Sender(phone, profile_name="Ramesh"),
        content=Text(text),
    )
    told = settings.load(env=env, path=Path(env["PARINAYA_CONFIG_DIR"]) / "config.toml")
    with open_app(told) as app, app.begin_as_system(Channel.WEBHOOK) as tx:
        assert conversation.hear(tx, message, app.ears) == ""


def lines(out: str) -> list[list[str]]:
    """The cells of what went into a pipe."""
    return [line.split("\t") for line in out.splitlines()]
