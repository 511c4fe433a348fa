"""``parinaya db move``: all weddings in another database, compared, and nobody works in two places."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.store import backups, engine
from tests.cli.commands_kit import done, wedding
from tests.conftest import Cli
from tests.databases import named
from tests.servers import as_admin


@pytest.fixture
def empty(servers: Addresses) -> Iterator[str]:
    """The address of a database in which nothing is."""
    name = f"m_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(as_admin(servers.database_url), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    yield as_admin(named(servers.database_url, name))
    with psycopg.connect(as_admin(servers.database_url), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def moving(cli: Cli, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A wedding with a guest, worked on by an administrator of the database."""
    monkeypatch.setenv("DATABASE_URL", as_admin(database_url))
    wedding(cli)
    done(cli, "people", "add", "Asha Rao", "--phone", "+919820012345")
    return cli


def held(url: str) -> dict[str, int]:
    db = engine.open_engine(url, pool=1)
    try:
        return dict(backups.found_contents(db).rows)
    finally:
        db.dispose()


def test_all_is_in_the_new_place_and_the_old_one_is_closed(
    moving: Cli, empty: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = done(moving, "db", "move", "--to", empty, "--dry-run")
    assert (seen["dry_run"], held(empty)) == (True, {})
    asked = moving("db", "move", "--to", empty, "--json")
    assert (asked.code, asked.error["code"]) == (2, "not_confirmed")
    moved = done(moving, "db", "move", "--to", empty, "--yes", "--reason", "a server of our own")
    assert (moved["audit_ok"], moved["rows"] > seen["rows"]) == (True, True), "its own entry went along"
    closed = moving("people", "list", "--json")
    assert (closed.code, closed.error["code"]) == (1, "moved")
    assert moving("worker", "--burst").code == 1
    again = moving("db", "move", "--to", empty, "--yes", "--json")
    assert (again.code, again.error["code"]) == (1, "moved")
    monkeypatch.setenv("DATABASE_URL", empty)
    assert [one["full_name"] for one in done(moving, "people", "list")["items"]] == ["Asha Rao"]
    assert done(moving, "people", "add", "Ravi Rao")["ref"] == "P2", "counters went along"
    assert done(moving, "audit", "verify")["ok"] is True
    monkeypatch.setenv("DATABASE_URL", as_admin(database_url))
    back = moving("db", "move", "--to", empty, "--undo", "--yes")
    assert back.code == 2
    assert done(moving, "db", "move", "--undo", "--yes", "--reason", "not yet")["was"].startswith(
        "postgresql://"
    )
    assert done(moving, "people", "list")["total"] == 1


def test_a_place_that_is_not_empty_and_one_where_somebody_works_are_refused(
    moving: Cli, empty: str, database_url: str
) -> None:
    here = as_admin(database_url)
    full = moving("db", "move", "--to", here, "--yes", "--json")
    assert (full.code, full.error["code"]) == (1, "not_empty")
    with psycopg.connect(here, application_name="parinaya"):
        busy = moving("db", "move", "--to", empty, "--yes", "--json")
    assert (busy.code, busy.error["code"]) == (7, "locked")
    assert (held(empty), done(moving, "people", "list")["total"]) == ({}, 1), "as before"
    with psycopg.connect(empty, autocommit=True) as conn:
        conn.execute("CREATE TABLE accounts (id int)")
    other = moving("db", "move", "--to", empty, "--yes", "--json")
    assert "something else" in other.error["message"]
