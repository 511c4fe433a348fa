"""Databases for tests: each a copy of one that was made before, taken away with the test.

What they are copies of is made once for a run, by whichever of its processes comes first.
"""

from __future__ import annotations

import atexit
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from tests.servers import as_admin

_LOCK = 815
_kept: dict[str, psycopg.Connection] = {}


def named(url: str, database: str) -> str:
    """The same server, another database."""
    head, _, tail = url.partition("?")
    return f"{head.rpartition('/')[0]}/{database}?{tail}"


@contextmanager
def copy_of(server: str, template: str) -> Iterator[str]:
    """The address of a fresh copy of a database of this server."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    _copy(_connection(server), template, name)
    try:
        yield named(server, name)
    finally:
        _connection(server).execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def made_once(server: str, name: str, make: Callable[[str], object], template: str = "template1") -> str:
    """A database of this name, which the first that asks makes: a copy that ``make``, given its address, fills."""
    with _alone(server, name) as connection:
        if not _is_there(connection, name):
            connection.execute(f"DROP DATABASE IF EXISTS {name}_new".encode())
            _copy(connection, template, f"{name}_new")
            make(named(server, f"{name}_new"))
            connection.execute(f"ALTER DATABASE {name}_new RENAME TO {name}".encode())
    return name


def brought_to(url: str, name: str, make: Callable[[], object]) -> None:
    """Bring a database to where ``make`` brings it: by ``make`` for the first that asks, later as a copy of that.

    It must be as it was then: what was done there before is gone.
    """
    server, own = named(as_admin(url), "parinaya"), url.partition("?")[0].rpartition("/")[2]
    with _alone(server, name) as connection:
        if not _is_there(connection, name):
            make()
            _copy(connection, own, name)
            return
    connection.execute(f"DROP DATABASE {own} WITH (FORCE)".encode())
    _copy(connection, name, own)


def _copy(connection: psycopg.Connection, template: str, name: str) -> None:
    connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())


def _is_there(connection: psycopg.Connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


@contextmanager
def _alone(server: str, name: str) -> Iterator[psycopg.Connection]:
    """Only one process of the run makes what all of them copy."""
    connection = _connection(server)
    connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [_LOCK, name])
    try:
        yield connection
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [_LOCK, name])


def _connection(server: str) -> psycopg.Connection:
    """A connection of this process to a server, kept: to connect costs as much as half a copy."""
    kept = _kept.get(server)
    if kept is None or not _lives(kept):
        if kept is None:
            atexit.register(_let_go, server)
        kept = _kept[server] = psycopg.connect(server, autocommit=True)
    return kept


def _lives(connection: psycopg.Connection) -> bool:
    """Is the server still the one that it was? Some tests kill it."""
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        connection.close()
        return False
    return True


def _let_go(server: str) -> None:
    _kept.pop(server).close()
