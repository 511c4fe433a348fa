"""Databases without a schema, with an old one or with one from the future; upgrades that meet or are killed."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from subprocess import Popen

import psycopg

from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.store import engine, schema
from tests.conftest import Ran
from tests.databases import named
from tests.faults.ledger import PATIENCE
from tests.journeys.stage import Stage, until, wait_for

_SHAPE = """
SELECT 'column', table_name, column_name, data_type || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prokind::text, md5(prosrc)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3, 4
"""


@contextmanager
def empty_database(servers: Addresses) -> Iterator[str]:
    """The address of a database without any schema."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
        try:
            yield named(servers.database_url, name)
        finally:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def bring_to(url: str, revision: str) -> None:
    """Upgrade a database up to a revision."""
    db = engine.open_engine(url, pool=1)
    try:
        schema.upgrade(db, revision)
    finally:
        db.dispose()


def revision_of(url: str) -> str:
    """Where a database stands; empty before the first migration."""
    with psycopg.connect(url, autocommit=True) as conn:
        return _revision(conn)


def _revision(conn: psycopg.Connection[tuple[object, ...]]) -> str:
    there = conn.execute("SELECT to_regclass('alembic_version')").fetchone()
    row = conn.execute("SELECT version_num FROM alembic_version").fetchone() if there and there[0] else None
    return str(row[0]) if row else ""


def shape(url: str) -> list[tuple[str, ...]]:
    """Everything that the schema of a database is made of."""
    with psycopg.connect(url, autocommit=True) as conn:
        return conn.execute(_SHAPE).fetchall()


def upgrade_at_once(stage: Stage, url: str, commands: int) -> list[Ran]:
    """That many upgrades of one database at the same time; each ends well, and the schema is at head."""
    opened = [stage.open("db", "upgrade", "--json", DATABASE_URL=url) for _ in range(commands)]
    ran = [wait_for(one, PATIENCE) for one in opened]
    for one in ran:
        assert one.code == 0, one.err
        assert (one.json["current"], one.json["pending"]) == (schema.HEAD, [])
    return ran


def kill_an_upgrade(stage: Stage, url: str, after: str, linger: float = 0.0) -> str:
    """Kill an upgrade so many seconds after it has come to a revision (empty: has begun); where it came to."""
    command = stage.open("db", "upgrade", "--json", DATABASE_URL=url)
    with psycopg.connect(url, autocommit=True) as conn:
        until(
            lambda: (
                command.poll() is not None or (_is_at_it(conn) if not after else _revision(conn) >= after)
            ),
            PATIENCE,
            f"the upgrade comes to {after or 'its beginning'}",
            pause=0.002,
        )
    time.sleep(linger)
    kill_group(command)
    return revision_of(url)


def _is_at_it(conn: psycopg.Connection[tuple[object, ...]]) -> bool:
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return conn.execute(others).fetchone() is not None


def kill_group(command: Popen[str]) -> int:
    """SIGKILL to a command and all that it started; its exit code, which is another where it had ended before."""
    if command.poll() is None:
        os.killpg(command.pid, signal.SIGKILL)
    return wait_for(command).code


def see_that_it_is_refused(ran: Ran, told: Sequence[str]) -> None:
    """A command that meets another schema ends with 1 and one sentence that names both revisions."""
    assert (ran.code, ran.out) == (1, ""), ran
    assert ran.error["code"] == "schema"
    assert all(word in ran.error["message"] for word in told), ran.error
    assert "parinaya" in ran.error["hint"]
