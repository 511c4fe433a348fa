"""A wedding with a crowd: as many households with a phone each as a trial sends messages."""

from __future__ import annotations

import csv
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from parinaya_cli import settings
from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.cli import errors
from parinaya_cli.domain.access import Channel
from parinaya_cli.sandbox.server import SandboxOptions, running
from parinaya_cli.services import roles
from parinaya_cli.wiring import open_app
from tests.conftest import EXAMPLES, grant_owner
from tests.databases import named
from tests.faults.ledger import MESSAGES
from tests.journeys.stage import OURS, Stage
from tests.servers import as_app, restart_servers

CROWD = "parinaya_crowd"
FAST = "200"
"""Messages a second: a batch is under way for ten seconds and more."""


def environment(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    """The environment of a process of a trial."""
    (folder / "config").mkdir(exist_ok=True)
    return {
        "PARINAYA_HOME": str(folder / "home"),
        "PARINAYA_CONFIG_DIR": str(folder / "config"),
        "DATABASE_URL": as_app(database_url),
        "REDIS_URL": redis_url,
        "PARINAYA_AUDIT_KEY": "faults-audit-key",
        "PARINAYA_TAP_SECRET": "faults-tap-secret",
        "PARINAYA_SITE_SECRET": "faults-site-secret",
        "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
        "WHATSAPP_BUSINESS_ACCOUNT_ID": "102290129340398",
        "WHATSAPP_ACCESS_TOKEN": "faults-access-token",
        "WHATSAPP_APP_SECRET": "faults-app-secret",
        "WHATSAPP_VERIFY_TOKEN": "faults-verify-token",
        "WHATSAPP_MESSAGES_PER_SECOND": FAST,
    }


def fill(env: dict[str, str], folder: Path) -> None:
    """Make a wedding with the crowd."""
    guests = folder / "crowd.csv"
    with guests.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["Name", "Mobile", "Household"])
        for number in range(MESSAGES):
            rows.writerow([f"Guest {number:05}", f"+9198{76500000 + number:08}", f"House {number:05}"])
    commands = [
        ["weddings", "add", "Ananya & Kabir", "--slug", "ananya-kabir"],
        ["events", "import", str(EXAMPLES / "events.yaml")],
        ["people", "import", str(guests)],
        ["units", "build"],
        ["templates", "sync"],
        ["invite", "add", "--event", "sangeet", "--all"],
    ]
    with pytest.MonkeyPatch.context() as patch, running(SandboxOptions(port=0)) as address:
        for name in [name for name in os.environ if name.startswith(OURS)]:
            patch.delenv(name)
        for name, value in {**env, "WHATSAPP_BASE_URL": address}.items():
            patch.setenv(name, value)
        patch.setenv("PARINAYA_TOKEN", grant_owner(env, folder))
        for command in commands:
            assert errors.run([*command, "--json"]) in (0, 5), command


def another_owner(env: dict[str, str], folder: Path) -> str:
    """The token of one more owner."""
    told = settings.load(env=env, path=folder / "config" / "config.toml")
    with open_app(told) as opened, opened.begin_as_system(Channel.CLI) as tx:
        return roles.grant(tx, "Kavita", "owner", everywhere=True)[1]


@pytest.fixture(scope="session")
def crowd(servers: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the crowd, on one guest list, and nothing sent yet."""
    folder = tmp_path_factory.mktemp("crowd")
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {CROWD} TEMPLATE {template}")
    fill(environment(named(servers.database_url, CROWD), servers.redis_url, folder), folder)
    return CROWD


@pytest.fixture
def stage(servers: Addresses, crowd: str, redis_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A stage whose wedding has the crowd on its guest list. What a trial that failed left dead comes up again."""
    restart_servers()
    name = f"t_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {crowd}")
    env = environment(named(servers.database_url, name), redis_url, tmp_path)
    env["PARINAYA_TOKEN"] = another_owner(env, tmp_path)
    try:
        with Stage(env, tmp_path) as made:
            yield made
    finally:
        restart_servers()
        with psycopg.connect(servers.database_url, autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def bare(env: dict[str, str], tmp_path: Path) -> Iterator[Stage]:
    """A stage with an empty database at head, and nobody's token."""
    with Stage(env, tmp_path) as made:
        yield made
