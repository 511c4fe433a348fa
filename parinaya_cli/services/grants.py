"""What each of the database's users may do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from parinaya_cli.domain.database_users import USERS
from parinaya_cli.store import grants, schema
from parinaya_cli.store.engine import Database
from parinaya_cli.store.transaction import Transaction


def script() -> str:
    """The statements that an administrator runs, one after the other; a second time changes nothing."""
    return grants.script()


def apply(db: Database, begin: Callable[[], AbstractContextManager[Transaction]]) -> bool:
    """Make the users, and give each what it may do; whether anything was to be done.

    Whoever holds the administrator's address may: Postgres asks, as no role of parinaya's can give more than that.

    Raises:
        Failed: the schema is another one than ours, or this user of the database may not.
    """
    done = schema.apply_grants(db)
    if done:
        with begin() as tx:
            tx.audit("db.grants", "database", after={"users": list(USERS)})
    return done
