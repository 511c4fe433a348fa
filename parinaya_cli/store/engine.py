"""The connection to Postgres: time-outs, and driver errors turned into ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import psycopg
from sqlalchemy import Engine, create_engine, exc

from parinaya_cli.domain.errors import Failed, Locked, ParinayaError, Unreachable, UsedWrongly

Database: TypeAlias = Engine
"""An engine, under the name that the floors above may say."""

STATEMENT_TIMEOUT = "30s"
LOCK_TIMEOUT = "10s"
IDLE_TIMEOUT = "60s"

_LOGIN = re.compile(
    r"authentication failed|no password supplied|no pg_hba\.conf entry|(role|database) \".*\" does not exist"
)

START_HINT = (
    "Start the embedded servers with `parinaya services start`, or point DATABASE_URL to a running Postgres "
    "(see `parinaya doctor`)."
)


def open_engine(url: str, *, pool: int = 5, statement_timeout: str = STATEMENT_TIMEOUT) -> Engine:
    """An engine for ``url`` (``postgresql://…`` or ``postgres://…``); nothing is connected yet.

    Raises:
        UsedWrongly: the address can't be read.
    """
    options = (
        f"-c statement_timeout={statement_timeout} -c lock_timeout={LOCK_TIMEOUT} "
        f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT} -c timezone=UTC -c synchronous_commit=on"
    )
    try:
        return create_engine(
            driver_url(url),
            pool_size=pool,
            max_overflow=0,
            hide_parameters=True,
            pool_pre_ping=pool > 1,
            connect_args={
                "connect_timeout": 5,
                "options": options,
                "application_name": "parinaya",
                # A server that vanished behind the network is noticed in seconds, not in hours.
                "keepalives_idle": 20,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 15_000,
            },
        )
    except (exc.ArgumentError, ValueError):
        raise UsedWrongly(
            "DATABASE_URL is no address of a Postgres.", "It looks like postgresql://user:password@host/name."
        ) from None


def driver_url(url: str) -> str:
    """``postgres://`` and ``postgresql://`` with the driver that we use."""
    return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", url)


def plain_url(url: str) -> str:
    """The same address for psycopg itself."""
    return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql://", url)


@contextmanager
def translated() -> Iterator[None]:
    """Turn driver errors into ours. Their text is never shown: it quotes rows, phone numbers included.

    Raises:
        Unreachable: Postgres is away.
        Locked: a lock could not be had in time.
        Failed: anything else that Postgres refused.
    """
    try:
        yield
    except exc.TimeoutError:
        raise Unreachable("No connection to Postgres became free in time.", START_HINT) from None
    except exc.DBAPIError as error:
        raise _translate(error.orig) from _without_values(error.orig, error)
    except psycopg.Error as error:
        raise _translate(error) from _without_values(error, error)


class Refusal(Exception):
    """What a traceback tells of a driver's error: kind and place, and no value of a row."""


def _without_values(error: BaseException | None, raised: BaseException) -> Refusal:
    told = [f"{type(error).__name__}, SQLSTATE {getattr(error, 'sqlstate', None) or 'none'}"]
    diagnosis = getattr(error, "diag", None)
    for what in ("table_name", "column_name", "constraint_name"):
        if found := getattr(diagnosis, what, None):
            told.append(f"{what.removesuffix('_name')} {found}")
    if statement := getattr(raised, "statement", None):
        told.append(" ".join(str(statement).split())[:500])
    return Refusal("; ".join(told)).with_traceback(raised.__traceback__)


def _translate(error: BaseException | None) -> ParinayaError:
    state = getattr(error, "sqlstate", None)
    if state is None and isinstance(error, psycopg.DataError):  # refused before it was sent: NUL in a text
        state = "22000"
    if state is None and isinstance(error, psycopg.ProgrammingError):
        return Failed("Postgres was not asked rightly.", "Run again with PARINAYA_DEBUG=1 to see more.")
    if state is None and _LOGIN.search(
        str(error)
    ):  # libpq tells no SQLSTATE of a connection that was refused
        state = "28000"
    if state is None or (state[:2] in {"08", "57", "53"} and state != "57014"):
        return Unreachable("Postgres can't be reached.", START_HINT)
    if state in {"55P03", "40P01", "40001"}:
        return Locked("Another command is working on the same rows.", "Run the command again in a moment.")
    if state == "57014":
        return Failed("Postgres took too long.", "Try again, or with a smaller selection.")
    if state in {"42P01", "42703"}:
        return Failed(
            "The schema of the database is not the one that this version needs.",
            "Run `parinaya db upgrade`.",
            code="schema",
        )
    if state[:2] == "28" or state == "3D000":
        return Unreachable("Postgres refused the login.", "Check user, password and name in DATABASE_URL.")
    if state == "42501":
        return Failed("The database role may not do this.", "Give DATABASE_URL a role that owns the schema.")
    if state[:2] == "22":
        return UsedWrongly(
            "A value can't be stored.", "Look for control characters or numbers that are too large."
        )
    return Failed(
        f"Postgres refused a change (SQLSTATE {state}).", "Run again with PARINAYA_DEBUG=1 to see more."
    )


def is_deadlock(error: BaseException) -> bool:
    """Did Postgres give up this statement so that others could go on (deadlock, serialization failure)?"""
    return isinstance(error, exc.DBAPIError) and getattr(error.orig, "sqlstate", None) in {"40P01", "40001"}


def ends_transaction(error: BaseException) -> bool:
    """Is it the transaction that ends with this error (connection lost, deadlock, time-out, a lock that others
    hold), rather than one statement that was wrong?"""
    if not isinstance(error, exc.DBAPIError):
        return isinstance(error, exc.TimeoutError)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return not isinstance(error.orig, psycopg.DataError | psycopg.ProgrammingError)
    return error.connection_invalidated or state[:2] in {"08", "40", "53", "55", "57"}
