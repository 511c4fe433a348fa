"""The short form of what goes wrong with the schema and with disks; the long one is `make faults`."""

from __future__ import annotations

import os
import subprocess

import psycopg
import pytest

from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.store import schema
from tests.conftest import Cli, Ran
from tests.faults.disks import no_larger_than
from tests.faults.upgrades import empty_database, kill_an_upgrade, see_that_it_is_refused, upgrade_at_once
from tests.journeys.stage import PROGRAM, Stage

pytestmark = pytest.mark.processes


def test_an_upgrade_that_was_killed_is_ended_by_the_next(bare: Stage, servers: Addresses) -> None:
    halfway = schema.revisions()[2]
    with empty_database(servers) as url:
        assert kill_an_upgrade(bare, url, halfway) >= halfway
        upgrade_at_once(bare, url, 2)


@pytest.mark.parametrize("revision", ["0003", "9999"])
def test_another_schema_is_refused(cli: Cli, servers: Addresses, database_url: str, revision: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("UPDATE alembic_version SET version_num = %s", [revision])
    for argv in (("people", "list"), ("worker", "--burst")):
        see_that_it_is_refused(cli(*argv, "--json"), (revision, schema.HEAD))
    assert ("newer" in cli("db", "status").out) == (revision == "9999")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_that_does_not_fit_is_told_and_not_there(bare: Stage, cli: Cli, kind: str) -> None:
    assert cli("weddings", "add", "Ananya & Kabir", "--slug", "ananya-kabir").code == 0
    place = bare.folder / f"people.{kind}"
    done = subprocess.run(
        [*PROGRAM, "export", "people", "--to", str(place), "--json"],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # Python's own files are not to be cut
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=no_larger_than(64),
    )
    ran = Ran(done.returncode, done.stdout, done.stderr)
    assert (ran.code, ran.out) == (2, "")
    assert "File too large" in ran.error["message"]
    assert "Traceback" not in ran.err
    assert not place.exists()
    assert not [*bare.folder.glob(".parinaya-*")]
