"""The schema: where the migrations lie, bringing a database to head, telling how it stands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, text

from parinaya_cli.domain.access import Actor
from parinaya_cli.domain.audit import ChainKey, Entry
from parinaya_cli.domain.database_users import OWNER
from parinaya_cli.domain.errors import Failed
from parinaya_cli.store import chain, grants, moves
from parinaya_cli.store import engine as engines

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0019"
"""The revision that this version of parinaya needs. A test holds it against the migrations."""

_LOCK = 0x7061726900  # "pari": one number for all who upgrade


@dataclass(frozen=True)
class SchemaStatus:
    """Where a database stands: its revision, ours, and the revisions in between."""

    current: str | None
    head: str
    pending: tuple[str, ...]


@dataclass(frozen=True)
class Upgrader:
    """Who brings a schema up, as the audit log tells it; ``key``: that of the log."""

    actor: Actor
    key: ChainKey
    reason: str = ""


def migrations_dir() -> Path:
    """Where the migrations lie: inside an installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_shipped" / "migrations"
    return shipped if shipped.is_dir() else package.parent / "migrations"


def configuration(conn: Connection | None = None) -> Config:
    """Alembic's configuration, made in code."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_dir()).replace("%", "%%"))
    if conn is not None:
        config.attributes["connection"] = conn
    return config


def current(conn: Connection) -> str | None:
    """The revision of the database, or None before the first migration.

    Raises:
        Failed: this user of the database may not read it: it is older than the users are.
    """
    may = conn.execute(text("SELECT has_table_privilege(to_regclass('alembic_version'), 'SELECT')")).scalar()
    if may is None:
        return None
    if not may:
        raise Failed(
            "The database does not know parinaya's users yet.",
            "Run `parinaya db upgrade`; on a server of your own, an administrator runs `parinaya db grants`.",
            code="schema",
        )
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def status(db: Engine) -> SchemaStatus:
    """How the schema stands.

    Raises:
        Unreachable: Postgres is away.
    """
    with engines.translated(), db.connect() as conn:
        at = current(conn)
    known = revisions()
    if at is None:
        return SchemaStatus(at, HEAD, known)
    return SchemaStatus(at, HEAD, known[known.index(at) + 1 :] if at in known else ())


def revisions() -> tuple[str, ...]:
    """Every revision that this version knows, the oldest first."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(configuration())
    return tuple(reversed([revision.revision for revision in script.walk_revisions()]))


def require_head(conn: Connection) -> None:
    """Refuse to work on another schema than ours.

    Raises:
        Failed: the schema is older or newer, or was never made; or the weddings have moved away.
    """
    at = current(conn)
    if at == HEAD:
        where = moves.moved_to(conn)
        if where:
            raise Failed(
                f"The weddings of this database have moved to {where}.",
                "Put that address into DATABASE_URL; `parinaya db move --undo` would go back to this one.",
                code="moved",
            )
        return
    if at is None:
        raise Failed("The database is empty.", "Run `parinaya init`.", code="schema")
    raise Failed(
        f"The schema of the database is at {at}, this version of parinaya needs {HEAD}.",
        "Run `parinaya db upgrade`; if the database is newer, upgrade parinaya.",
        code="schema",
    )


def upgrade(db: Engine, to: str = "head", by: Upgrader | None = None) -> SchemaStatus:
    """Bring the schema to ``to``. Two processes at once: one does it, the other waits and finds it done.

    ``by``: the last migration leaves an entry in the audit log, in its own transaction.

    Where the database's users are there and this one administers them, migrations run as their owner, and each user
    is given what it may do (``grants``); elsewhere all belongs to whoever runs them.

    Raises:
        Unreachable: Postgres is away.
        Failed: an extension can't be made by this role, or the database is newer than we are.
    """
    from alembic import command
    from alembic.util import CommandError

    with engines.translated(), db.connect() as conn:
        conn.execute(text("SET statement_timeout = 0; SET lock_timeout = 0"))
        conn.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        conn.commit()
        try:
            at = current(conn)
            if at is not None and at not in revisions():
                raise Failed(
                    f"The database is at revision {at}, which this version does not know.",
                    "Upgrade parinaya: the database was made by a newer one.",
                    code="schema",
                )
            governed = grants.can_apply(conn)
            if governed:
                grants.run(conn, [*grants.users_sql(), f"SET ROLE {OWNER}"])
            conn.commit()
            config = configuration(conn)
            if by is not None:
                config.attributes["applied"] = _told(by, at)
            command.upgrade(config, to)
            conn.commit()
            if governed:
                _settle(conn)
        except CommandError as error:
            raise Failed(f"The migration failed: {error}.", "See `parinaya db status`.") from error
        finally:
            with suppress(Exception):
                conn.rollback()
                conn.execute(text("RESET ROLE"))
                conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
                conn.commit()
    return status(db)


def _told(by: Upgrader, before: str | None) -> Callable[..., None]:
    """What alembic calls after each migration, in its transaction; older schemas keep no log as ours is kept."""

    def applied(*, ctx: Any, step: Any, **_: Any) -> None:
        if step.up_revision_id != HEAD:
            return
        conn = ctx.connection
        entry = Entry(
            chain.SYSTEM_CHAIN,
            conn.execute(text("SELECT now()")).scalar_one(),
            by.actor.name,
            by.actor.role.value,
            by.actor.channel.value,
            "db.upgrade",
            "database",
            reason=by.reason,
            before={"schema": before},
            after={"schema": HEAD},
        )
        chain.append(conn, [entry], by.key)

    return applied


def apply_grants(db: Engine) -> bool:
    """Make the database's users and give each what it may do; whether anything was to be done.

    Raises:
        Unreachable: Postgres is away.
        Failed: the schema is another one than ours, or this user may not.
    """
    with engines.translated(), db.connect() as conn:
        conn.execute(text("SET statement_timeout = 0"))
        conn.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        conn.commit()
        try:
            require_head(conn)
            return _settle(conn)
        finally:
            with suppress(Exception):
                conn.rollback()
                conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
                conn.commit()


def _settle(conn: Connection) -> bool:
    conn.execute(text("RESET ROLE"))
    done = current(conn) == HEAD and grants.settle(conn)
    conn.commit()
    return done
