"""Commands that meet each other, or are killed: all of their effect or none, and the same command goes on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from parinaya_cli.adapters.embedded import Addresses
from tests.databases import named
from tests.journeys.stage import Stage, until, wait_for

pytestmark = pytest.mark.processes

ROWS = 2000
WRITTEN = ("people", "contact_points", "person_contacts", "imports", "guest_units")


@pytest.fixture
def empty_database(servers: Addresses) -> Iterator[str]:
    """A database without any schema."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
        yield named(servers.database_url, name)
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_two_upgrades_at_once_both_end_well(stage: Stage, empty_database: str) -> None:
    both = [stage.open("db", "upgrade", "--json", DATABASE_URL=empty_database) for _ in range(2)]
    for ran in [wait_for(one) for one in both]:
        assert ran.code == 0, ran.err
        assert ran.json["current"] == ran.json["head"]
        assert ran.json["pending"] == []
    stage.database_url = empty_database
    assert stage.rows("SELECT count(*) FROM alembic_version") == [(1,)]


def write_list(folder: Path) -> Path:
    lines = ["Name,Mobile,Family"]
    lines += [f"Guest {n},98{n:08d},House {n // 3}" for n in range(10_000_000, 10_000_000 + ROWS)]
    file = folder / "long.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def counts(stage: Stage) -> list[int]:
    return [stage.rows(f"SELECT count(*) FROM {table}")[0][0] for table in WRITTEN]


def test_a_killed_import_leaves_nothing_and_can_be_run_again(stage: Stage, tmp_path: Path) -> None:
    file = write_list(tmp_path)
    before = counts(stage)
    command = stage.open("people", "import", file, "--side", "bride", "--json")

    def backends(condition: str) -> int:
        found: int = stage.rows(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            f"AND pid <> pg_backend_pid() AND {condition}"
        )[0][0]
        return found

    writes = "query ~* 'INSERT INTO (contact_points|person_contacts|person_sources)'"
    until(lambda: backends(writes) or command.poll() is not None, 60, "rows are being written", pause=0.005)
    assert command.poll() is None, "the import was too quick to be killed"
    command.kill()
    assert wait_for(command).code == -9
    until(lambda: not backends("true"), 30, "Postgres has noticed")
    assert counts(stage) == before
    done = stage.json("people", "import", file, "--side", "bride")
    assert (done["created"], done["updated"], done["unchanged"]) == (ROWS, 0, 0)
    again = stage.json("people", "import", file, "--side", "bride")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, ROWS)
