"""A wedding in which every command has something to do, made once for the run; each test gets a copy.

The bride's side is invented plainly. Of the groom's side every name, phone, note, gift and word is a canary: it must
not come out where somebody acts for the bride's side alone.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from parinaya_cli import settings
from parinaya_cli.cli import errors
from parinaya_cli.domain.access import Channel, Role
from parinaya_cli.sandbox.server import SandboxOptions, running
from parinaya_cli.services import dispatches, roles, webhooks
from parinaya_cli.services.dispatches import Flow
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.wiring import App, open_app
from tests.cli.commands_kit import hear
from tests.conftest import Ran
from tests.databases import made_once
from tests.web.receiver_kit import status_body

WORLD = "parinaya_roles_world"
ROLES = tuple(role for role in Role if role is not Role.SYSTEM)
TOKENS = {role.value: f"pnt_{role.value}-of-the-world" for role in ROLES}
NAMES = {role.value: f"the {role.value}" for role in ROLES}
OURS = ("PARINAYA_", "WHATSAPP_", "DATABASE_URL", "REDIS_URL", "GOOGLE_", "AWS_")

_BRIDES = (
    "Asha Rao", "Ravi Menon", "Meena Iyer", "Kavya Pillai", "Anil Das", "Sunil Ghosh", "Priya Nair", "Lata Joshi",
    "Mohan Kulkarni", "Geeta Bose", "Hari Prasad", "Farah Khan", "Imran Sheikh", "Jaya Reddy", "Kiran Bedekar",
    "Nandini Gowda", "Omkar Patil", "Pooja Saxena", "Rohit Verma", "Sarla Trivedi",
)  # fmt: skip
"""P1 to P20, each in a household of their own: U1 to U20. The phone of P7 ends with 10007."""
_AGAIN = ("Deepak Chaturvedi", "Ratilal Savla", "Meenakshi Sundaram")
"""P21 to P23 by the bride's list; the groom's list names them too, with the same phones: P29 to P31."""
_GROOMS = (
    "Zorawar Canaryqar",
    "Yashpal Canaryqal",
    "Xerxes Canaryqel",
    "Wamiq Canaryqim",
    "Vihaan Canaryqun",
)
"""P24 to P28: the other side. The first of them are written to, write back, give gifts."""
CANARY = re.compile(r"canary|98111\s?7\d{4}|981117|zorawar|yashpal|xerxes|wamiq\b|vihaan", re.IGNORECASE)
"""What only the groom's side knows."""


PRIVATE = re.compile(
    r"\+91|9[18]\d{3}\s?[0-9]{5}\b|@example|note \d|canarynote|Pune|Surat|Canarycity|Silver bowl|canarygift|"
    r"what should|canarytext|on the phone|canarysource|canaryevidence|canaryextra|canarytag"
)
"""What the desk has no need of: it sees names and answers."""


def _lists(folder: Path) -> tuple[Path, Path, Path]:
    bride = [
        f"{name},98200 1{number:04},Pune,close,sangeet,bride note {number}"
        for number, name in enumerate(_BRIDES, 1)
    ]
    again = [f"{name},98290 2{number:04},Surat,close,sangeet," for number, name in enumerate(_AGAIN, 1)]
    groom = [
        f"{name},98111 7{number:04},Canarycity,canarytag,sangeet,canarynote {number},canarymail{number}@example.in,"
        f"Canaryhouse {number},canaryextra {number}"
        for number, name in enumerate(_GROOMS, 1)
    ]
    more = [f"{_AGAIN[0]},98290 20001,Surat,close,sangeet,,,,"]  # becomes a guest of both sides
    more += [
        f"{name},98290 2{number:04},Canarycity,close,sangeet,canarynote,canarymail{number}0@example.in,,"
        for number, name in enumerate(_AGAIN[1:], 2)
    ]
    files = {
        "bride": ["Name,Mobile,City,Group,Events,Notes", *bride, *again],
        "groom": ["Name,Mobile,City,Group,Events,Notes,Email,Family,Canarycolumn", *groom, *more],
        "late": ["Name,Mobile,City", "Tara Singh,98333 44556,Agra"],
    }
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder / "bride.csv", folder / "groom.csv", folder / "late.csv"


def _commands(folder: Path) -> Iterator[str]:
    """What the owner does, before and after the messages leave ("deliver") and guests write back ("hear")."""
    bride, groom, late = _lists(folder)
    yield "weddings add 'Ananya & Kabir' --quiet-hours off"
    for title in ("Sangeet", "Haldi", "Reception"):
        yield f"events add {title} --starts 2099-02-12T19:00 --venue Lawns --rsvp-by 2099-01-20"
    yield f"people import {bride} --side bride --save-preset family"
    yield f"people import {groom} --side groom --opt-in 'told at the engagement'"
    yield "units build"
    yield "dedupe scan"
    yield "dedupe decide D1 same"
    yield "dedupe apply --yes"
    yield "dedupe decide D3 same"
    yield "invite add --event sangeet --all"
    yield "invite add --event haldi --side bride"
    yield "templates sync"
    yield "deliver"
    yield "invite send --template shaadi_invite --event sangeet --yes"
    yield "deliver"
    yield "invite send --template shaadi_invite --event haldi --yes"
    for unit in ("U16", "U17", "U18"):
        yield f"invite send --template shaadi_invite --event sangeet --unit {unit} --repeat --yes"
    yield "invite pause B4"
    yield "hear"
    yield "rsvp set U3 yes --event sangeet --heads 1 --note 'bride answer'"
    yield "rsvp set U26 yes --event sangeet --heads 1 --note canaryanswer"
    yield "gifts add --unit U3 --what 'Silver bowl' --amount 2100"
    yield "gifts add --unit U26 --what canarygift --amount 51771"
    yield "consent record P3 opt-in --source 'on the phone'"
    yield "consent record P27 opt-in --source 'the canarysource said so' --evidence canaryevidence"
    yield "people dnm P4 --reason 'asked for quiet'"
    yield "people dnm P28 --reason canaryreason"
    yield "people edit P30 --notes 'canarynote of a shared household' --reason canaryreason"
    yield "people edit P26 --notes 'canarynote changed' --reason canaryreason"
    yield "people remove P5 --yes --with-household"
    yield "people merge P6 P8 --keep P6 --yes"
    yield "checkin U26 --event sangeet"
    yield f"export units --to {folder}/canary.csv"
    yield "site link U26"
    yield "dashboard link --name 'Sunita aunty' --side bride"
    yield "dashboard link --name Canaryaunty --side groom"
    yield "roles grant Ravi planner"
    yield f"people import {late} --side bride"


def _fill(env: dict[str, str], folder: Path) -> None:
    told = settings.load(env=env, path=folder / "config" / "config.toml")
    with open_app(told) as app:
        with app.begin_as_system(Channel.CLI) as tx:
            for role in ROLES:
                side = "bride" if role is Role.FAMILY else None
                roles.grant(tx, NAMES[role], role.value, side=side, everywhere=True, token=TOKENS[role.value])
        with acting(env, "owner") as say:
            for line in _commands(folder):
                if line == "deliver":
                    _deliver(app)
                elif line == "hear":
                    _hear(env, app)
                else:
                    ran = say(line)
                    assert ran in (0, 5), (line, ran)


def _deliver(app: App) -> None:
    flow = Flow(1e6, 32)
    while not dispatches.deliver_slice(lambda: app.begin_as_system(Channel.WORKER), app.whatsapp, flow).idle:
        pass


def _hear(env: Mapping[str, str], app: App) -> None:
    hear(env, "+919820010002", "what should we wear, and is there a lift for my mother", 1)
    hear(env, "+919820010009", "can my driver eat there too, he comes from far", 2)
    hear(env, "+919820010010", "which road leads to the hotel at night", 3)
    hear(env, "+919811170001", "canarytext what should we bring for the elders", 4)
    with app.begin_as_system(Channel.WEBHOOK) as tx:
        webhooks.keep(tx, [Incoming(status_body(1))])


@contextmanager
def acting(env: Mapping[str, str], role: str | None) -> Iterator[Callable[[str], int]]:
    """Run command lines in this process as somebody of a role; None: somebody without a token."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(OURS)]:
            patch.delenv(name)
        for name, value in {**env, **({"PARINAYA_TOKEN": TOKENS[role]} if role else {})}.items():
            patch.setenv(name, value)
        yield lambda line: int(errors.run(shlex.split(line)))


def environment(database_url: str, redis_url: str, folder: Path, whatsapp: str) -> dict[str, str]:
    """The environment of a parinaya process in a copy of the world."""
    (folder / "config").mkdir(exist_ok=True)
    return {
        "PARINAYA_HOME": str(folder / "home"),
        "PARINAYA_CONFIG_DIR": str(folder / "config"),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PARINAYA_AUDIT_KEY": "test-audit-key",
        "PARINAYA_TAP_SECRET": "test-tap-secret",
        "PARINAYA_SITE_SECRET": "test-site-secret",
        "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
        "WHATSAPP_BUSINESS_ACCOUNT_ID": "102290129340398",
        "WHATSAPP_ACCESS_TOKEN": "test-access-token",
        "WHATSAPP_APP_SECRET": "test-app-secret",
        "WHATSAPP_VERIFY_TOKEN": "test-verify-token",
        "WHATSAPP_BASE_URL": whatsapp,
        "WHATSAPP_MESSAGES_PER_SECOND": "1000",
    }


def make_world(server: str, redis_url: str, template: str, folder: Path) -> str:
    """The name of the database with the world, made by whichever test process comes first."""

    def fill(url: str) -> None:
        with running(SandboxOptions(port=0)) as address:
            _fill(environment(url, redis_url, folder, address), folder)

    return made_once(server, WORLD, fill, template)


@dataclass(frozen=True)
class Entry:
    """An entry of the audit log. ``who``: actor, role and channel."""

    action: str
    who: tuple[str, str, str]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass
class World:
    """A copy of the world, and whoever acts in it."""

    env: dict[str, str]
    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, line: str, role: str | None) -> Ran:
        """Run a command line as somebody of a role."""
        self.capture.readouterr()
        with acting(self.env, role) as say:
            code = say(line.format(folder=self.folder))
        said = self.capture.readouterr()
        return Ran(code, said.out, said.err)

    def entries(self) -> dict[str, list[Entry]]:
        """What the audit log tells, by the reasons that were given."""
        found: dict[str, list[Entry]] = {}
        for action, actor, role, channel, reason, value in self.rows(
            "SELECT l.action, l.actor, l.role, l.channel, l.reason, v.value FROM audit_logs l "
            "LEFT JOIN audit_values v USING (chain_id, seq) ORDER BY l.at, l.seq"
        ):
            told = json.loads(value) if value else {}
            found.setdefault(told.get("reason") or reason, []).append(
                Entry(action, (actor, role, channel), told.get("before"), told.get("after"))
            )
        return found

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as conn:
            return conn.execute(sql.encode(), values).fetchall()
