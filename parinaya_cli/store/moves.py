"""A database whose weddings move to another one: marked so that nobody works on both."""

from __future__ import annotations

import time

from sqlalchemy import Connection, Engine, text

from parinaya_cli.store import engine as engines

PATIENCE = 3.0
"""Seconds that connections which were let go get to be gone."""


def mark(db: Engine, to: str) -> None:
    """From here on nobody begins to work on this database (``schema.require_head``).

    Raises:
        Unreachable: Postgres is away.
    """
    _set(db, "now()", to)


def lift(db: Engine) -> None:
    """Let this database be worked on again.

    Raises:
        Unreachable: Postgres is away.
    """
    _set(db, "NULL", "")


def _set(db: Engine, at: str, to: str) -> None:
    with engines.translated(), db.begin() as conn:
        conn.execute(text(f"UPDATE installations SET moved_at = {at}, moved_to = :to"), {"to": to})


def moved_to(conn: Connection) -> str:
    """Where the weddings of this database live now; empty where they are here."""
    found = conn.execute(text("SELECT moved_to FROM installations WHERE moved_at IS NOT NULL")).scalar()
    return str(found or "")


def where(db: Engine) -> str:
    """As ``moved_to``, of a database that nobody may work on.

    Raises:
        Unreachable: Postgres is away.
    """
    with engines.translated(), db.connect() as conn:
        return moved_to(conn)


def count_others(db: Engine) -> int:
    """How many connections of other parinaya processes there are: those that began before the mark.

    Raises:
        Unreachable: Postgres is away.
    """
    ends = time.monotonic() + PATIENCE
    with engines.translated(), db.connect() as conn:
        conn = conn.execution_options(isolation_level="AUTOCOMMIT")
        while True:
            found = int(
                conn.execute(
                    text(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                        "AND application_name LIKE 'parinaya%' AND pid <> pg_backend_pid()"
                    )
                ).scalar_one()
            )
            if not found or time.monotonic() > ends:
                return found
            time.sleep(0.05)


def arrive(db: Engine, revision: str) -> None:
    """Let the database in which everything is now be worked on: the mark of the old one came along.

    Raises:
        Unreachable: Postgres is away.
    """
    with engines.translated(), db.begin() as conn:
        conn.execute(text("UPDATE installations SET moved_at = NULL, moved_to = ''"))
        conn.execute(text("INSERT INTO alembic_version (version_num) VALUES (:it)"), {"it": revision})
