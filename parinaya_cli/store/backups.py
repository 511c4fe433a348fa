"""What a database holds, at one moment; whether there is room for a backup; what a restored one must not do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from parinaya_cli.domain.backups import Contents
from parinaya_cli.domain.errors import Failed, UsedWrongly
from parinaya_cli.store import chain, grants, schema
from parinaya_cli.store import engine as engines

_ENVIRONMENT = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "passfile": "PGPASSFILE", "service": "PGSERVICE", "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslcrl": "PGSSLCRL",
    "channel_binding": "PGCHANNELBINDING", "gssencmode": "PGGSSENCMODE", "options": "PGOPTIONS",
}  # fmt: skip
"""Words of a connection string, and the variables that libpq reads for them (PostgreSQL manual, 32.15)."""


@dataclass(frozen=True)
class Snapshot:
    """A moment that is held: its name for other connections, its time, and what the database held."""

    name: str
    at: datetime
    contents: Contents


def environment(url: str) -> dict[str, str]:
    """The address of a Postgres as variables of its own programs: in arguments everybody could read the password.

    Raises:
        UsedWrongly: Postgres's own programs can't read the address.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        told = conninfo_to_dict(engines.plain_url(url))
    except ProgrammingError:  # it quotes what it could not read, a password too
        hint = "Write signs of the password that addresses know, such as % and @, as %25 and %40."
        raise UsedWrongly("DATABASE_URL is no address for the programs of Postgres.", hint) from None
    return {variable: str(told[word]) for word, variable in _ENVIRONMENT.items() if told.get(word)}


@contextmanager
def held_snapshot(db: Engine) -> Iterator[Snapshot]:
    """Hold a moment, so that others can read the database as it was then, while work goes on.

    Raises:
        Unreachable: Postgres is away.
        Failed: this user does not see all rows.
    """
    with engines.translated(), db.connect() as conn:
        _require_all_in_sight(conn)
        conn.execute(text("SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0"))
        conn.commit()
        conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        name = str(conn.execute(text("SELECT pg_export_snapshot()")).scalar_one())
        at: datetime = conn.execute(text("SELECT now()")).scalar_one()
        yield Snapshot(name, at, contents(conn))


def _require_all_in_sight(conn: Connection) -> None:
    if not grants.sees_all(conn):
        raise Failed(
            f"{grants.working_as(conn)} sees one wedding at a time, and a backup is of all.",
            "Put the address of an administrator of the database into DATABASE_URL for this command.",
            code="not_administrator",
        )


def contents(conn: Connection) -> Contents:
    """What a database holds."""
    rows = {}
    for table in _tables(conn):
        rows[table] = int(conn.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one())
    sequences = conn.execute(
        text("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
    )
    chains = chain.chains(conn) if "audit_chains" in rows else []
    heads = {str(one): (link.seq, link.hash.hex()) for one, link in chains}
    return Contents(
        schema.current(conn) or "", rows, {row.sequencename: row.last_value for row in sequences}, heads
    )


def _tables(conn: Connection) -> list[str]:
    found = conn.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    )
    return [row.tablename for row in found]


def found_contents(db: Engine) -> Contents:
    """What a database holds now.

    Raises:
        Unreachable: Postgres is away.
    """
    with engines.translated(), db.connect() as conn:
        conn.execute(text("SET statement_timeout = 0"))
        return contents(conn)


def in_the_way(db: Engine) -> str:
    """What stands where a backup would go, in words; empty where nothing does.

    The schema that ``init`` has made, of the revision ``schema.HEAD`` and without a wedding, is in nobody's way.

    Raises:
        Unreachable: Postgres is away.
        Failed: this user does not see all rows.
    """
    with engines.translated(), db.connect() as conn:
        _require_all_in_sight(conn)
        tables = _tables(conn)
        if not tables:
            return ""
        if schema.current(conn) is None and "alembic_version" in tables:
            return "a restore that was broken off"
        if schema.current(conn) is None:
            return f"{len(tables)} tables of something else, such as {tables[0]}"
        if "weddings" not in tables:
            return "half of a schema"
        weddings = int(conn.execute(text("SELECT count(*) FROM weddings")).scalar_one())
        return f"{weddings} wedding{'s' if weddings != 1 else ''}" if weddings else ""


def release(db: Engine, revision: str, why: str) -> tuple[int, int]:
    """Let a restored database be used, with nothing that would be sent by itself: how many batches are paused, and how
    many messages are ``unknown``, since any that had not left by the backup may have left after it.

    The revision is written in the same transaction: without it nobody works on the database (``require_head``), so
    that a restore that is killed before leaves nothing that a worker could send.

    Raises:
        Unreachable: Postgres is away.
    """
    with engines.translated(), db.begin() as conn:
        paused = conn.execute(
            text("UPDATE batches SET state = 'paused', why_paused = :why WHERE state = 'running'"),
            {"why": why},
        ).rowcount
        unknown = conn.execute(
            text(
                "UPDATE invite_dispatch SET state = 'unknown', reason = 'restored', updated_at = now() "
                "WHERE state IN ('planned', 'queued', 'sending')"
            )
        ).rowcount
        conn.execute(
            text("INSERT INTO alembic_version (version_num) VALUES (:revision)"), {"revision": revision}
        )
    return paused, unknown
