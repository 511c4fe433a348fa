"""The long form of what can go wrong with the schema. `make faults` runs it."""

from __future__ import annotations

import psycopg
import pytest

from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.store import schema
from tests.conftest import Cli
from tests.faults.ledger import dice, tell
from tests.faults.upgrades import (
    bring_to,
    empty_database,
    kill_an_upgrade,
    revision_of,
    see_that_it_is_refused,
    shape,
    upgrade_at_once,
)
from tests.journeys.stage import Stage

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]

KILLS = 20
MEETINGS = 5
COMMANDS = (
    ("weddings", "list"),
    ("people", "list"),
    ("invite", "status"),
    ("rsvp", "status"),
    ("audit", "verify"),
    ("reconcile",),
    ("worker", "--burst"),
)


def test_upgrades_are_killed_halfway(bare: Stage, servers: Addresses, database_url: str) -> None:
    """Wherever it was killed the schema stands at a revision, and two that come next at once end it."""
    chance, whole, halfway = dice("upgrades"), shape(database_url), 0
    for _ in range(KILLS):
        with empty_database(servers) as url:
            after = chance.choice(["", *schema.revisions()])
            found = kill_an_upgrade(bare, url, after, chance.uniform(0, 0.1))
            assert found in {"", *schema.revisions()}
            halfway += found != schema.HEAD
            upgrade_at_once(bare, url, 2)
            assert shape(url) == whole
    tell(KILLS, halfway=halfway, other_schemas_left=0)
    assert halfway


def test_upgrades_meet(bare: Stage, servers: Addresses, database_url: str) -> None:
    whole = shape(database_url)
    for _ in range(MEETINGS):
        with empty_database(servers) as url:
            upgrade_at_once(bare, url, 4)
            assert shape(url) == whole
    tell(MEETINGS, other_schemas_left=0)


def test_another_schema_is_refused(cli: Cli, servers: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
    """New code with each old schema, and old code with a newer one: a sentence, and nothing is written."""
    known, refused = schema.revisions(), 0
    for revision in known[:-1]:
        with empty_database(servers) as url:
            monkeypatch.setenv("DATABASE_URL", url)
            bring_to(url, revision)
            before = shape(url)
            for argv in COMMANDS:
                see_that_it_is_refused(cli(*argv, "--json"), (revision, schema.HEAD))
                refused += 1
            assert shape(url) == before
            assert cli("db", "upgrade").code == 0
            if revision == known[-2]:
                refused += see_the_future_refused(cli, url)
    tell(refused, schemas=len(known), written=0)


def see_the_future_refused(cli: Cli, url: str) -> int:
    """Old code meets a database that a newer one has made."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    before = shape(url)
    for argv in COMMANDS:
        see_that_it_is_refused(cli(*argv, "--json"), ("9999", schema.HEAD))
    see_that_it_is_refused(cli("db", "upgrade", "--json"), ("9999",))
    assert "newer" in cli("db", "status").out
    assert (shape(url), revision_of(url)) == (before, "9999")
    return len(COMMANDS) + 1
