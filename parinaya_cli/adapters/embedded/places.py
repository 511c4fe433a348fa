"""Where the embedded servers keep what, and under which user they run.

Everything hangs on the *control folder* ``<home>/servers``: locks, logs, the mark "kept up". The *store*
holds the data of the servers and their sockets. It is the control folder itself, except for root: Postgres
refuses to run as root, so the servers run as another user, who often cannot get below the home (a ``0700``
folder, such as root's own). Then the store is a folder under ``/var/lib/parinaya-servers``, and the file
``<home>/servers/location`` names it. Modes of folders that were there before are never changed.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from parinaya_cli.domain.errors import Failed, UsedWrongly

ROOT_STORES = Path("/var/lib/parinaya-servers")
STORE_BYTES = 6  # of the random name of a store
SERVER_USERS = ("parinaya", "postgres", "nobody")  # first that exists runs the servers of root
LONGEST_SOCKET = 90  # bytes; Linux allows 107, macOS 103, Postgres adds ".lock" to it
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-")
PG_SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Owner:
    """The user under whom the servers run; ``switch`` tells whether that is somebody else than we."""

    uid: int
    gid: int
    switch: bool


@dataclass(frozen=True)
class Places:
    """The folders and files of one home."""

    home: Path
    control: Path
    store: Path
    run: Path
    owner: Owner

    @property
    def main_lock(self) -> Path:
        return self.control / "lock"

    @property
    def users_lock(self) -> Path:
        return self.control / "users"

    @property
    def janitor_lock(self) -> Path:
        """Held by the janitor while it is on duty."""
        return self.control / "janitor"

    @property
    def kept_up(self) -> Path:
        return self.control / "kept-up"

    def alive_lock(self, server: str) -> Path:
        """Held by the processes of that server themselves, for as long as one of them lives."""
        return self.control / f"{server}.alive"

    def log(self, server: str) -> Path:
        return self.control / f"{server}.log"

    def data(self, server: str) -> Path:
        return self.store / server

    @property
    def postgres_socket(self) -> Path:
        return self.run / PG_SOCKET

    @property
    def valkey_socket(self) -> Path:
        return self.run / "valkey.sock"


def find_places(home: Path) -> Places:
    """The places of a home as they stand; makes nothing.

    Raises:
        UsedWrongly: the home is a file.
        Failed: the home belongs to another user, or there are no servers for this platform.
    """
    _only_here()
    control = Path(os.path.realpath(home)) / "servers"
    try:
        store = _read_path(control / "location")
    except FileNotFoundError:
        store = control
    except NotADirectoryError:
        raise UsedWrongly(f"{home} is not a folder.", "Set PARINAYA_HOME to a folder.") from None
    except PermissionError:
        raise _not_ours(control) from None
    own = store.parent == ROOT_STORES and len(store.name) == 2 * STORE_BYTES and store.name.isalnum()
    if store != control and not own:  # root changes owners and removes there: trust no other place
        raise Failed(
            f"{control / 'location'} names {store}, which parinaya did not make.",
            "Remove that file to begin with empty servers.",
        )
    owner = _owner(store, control.parent)
    return Places(control.parent, control, store, _run(store, owner.uid), owner)


def settle_places(home: Path) -> Places:
    """Make the control folder, so that its locks can be taken.

    Raises:
        UsedWrongly: the home is a file.
        Failed: it can't be written.
    """
    _only_here()
    real = Path(os.path.realpath(home))
    control = real / "servers"
    try:
        _make_home(real, control)
    except (FileExistsError, NotADirectoryError):
        raise UsedWrongly(f"{home} is not a folder.", "Set PARINAYA_HOME to a folder.") from None
    except OSError as error:
        raise Failed(
            f"The folder {control} can't be made: {error.strerror}.",
            "Set PARINAYA_HOME to a folder that you may write, or set DATABASE_URL and REDIS_URL.",
        ) from error
    if not os.access(control, os.R_OK | os.W_OK | os.X_OK):
        raise _not_ours(control)
    return find_places(real)


def furnish(places: Places) -> Places:
    """Make the store and the folders in it, decide where the store lies; only under the main lock.

    Raises:
        Failed: a folder can't be made, or belongs to somebody else.
    """
    try:
        places = _choose_store(places)
        for folder in (places.data("valkey"), places.run):
            _make_owned(folder, places.owner)
    except OSError as error:
        raise Failed(
            f"The data folder of the embedded servers can't be made: {error}.",
            "Set PARINAYA_HOME to a folder that you may write, or set DATABASE_URL and REDIS_URL.",
        ) from error
    _check_run(places)
    return places


def reaches(folder: Path, owner: Owner) -> bool:
    """Whether the servers' user can get into a folder: search permission on it and all above it."""
    if not owner.switch:
        return True
    for step in (folder, *folder.parents):
        facts = step.stat()
        if facts.st_uid == owner.uid:
            bit = stat.S_IXUSR
        elif facts.st_gid == owner.gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not facts.st_mode & bit:
            return False
    return True


def check_run(places: Places) -> bool:
    """Whether the socket folder is there and safe to speak through: nobody else could have made it."""
    try:
        facts = places.run.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == places.owner.uid and not facts.st_mode & 0o077


def _check_run(places: Places) -> None:
    if not check_run(places):
        raise Failed(
            f"The socket folder {places.run} belongs to somebody else or is open to others.",
            "Remove it, or set PARINAYA_HOME to a shorter path.",
        )


def _choose_store(places: Places) -> Places:
    if places.store != places.control:
        return _same_store(places)
    settled = (places.control / "postgres").exists()
    fits = _fits(places.control / "run")
    if places.owner.switch and not settled and not (fits and reaches(places.control, places.owner)):
        return _own_store(places)
    if not reaches(places.control, places.owner):
        raise Failed(
            f"The servers cannot run as root, and their user {places.owner.uid} cannot get into "
            f"{places.control} any more.",
            f"Give others the right to pass (chmod o+x) the folders above {places.control}.",
        )
    return places


def _own_store(places: Places) -> Places:
    import secrets

    _make(ROOT_STORES, 0o755)
    store = ROOT_STORES / secrets.token_hex(STORE_BYTES)
    store.mkdir(0o711)
    store.chmod(0o711)
    _write_path(store / "home", places.home)
    fresh = places.control / "location.new"
    _write_path(fresh, store)
    fresh.replace(places.control / "location")
    return Places(places.home, places.control, store, _run(store, places.owner.uid), places.owner)


def _same_store(places: Places) -> Places:
    """A copied home must not start servers on the data of the first one; a moved home keeps its data."""
    if not places.store.is_dir():
        raise Failed(
            f"The servers' data of {places.home} should lie in {places.store}, which is missing.",
            f"Bring it back, or remove {places.control / 'location'} to begin with empty servers.",
        )
    note = places.store / "home"
    first = _read_path(note)
    if first != places.home:
        location = first / "servers" / "location"
        if location.is_file() and _read_path(location) == places.store:
            raise Failed(
                f"{places.home} is a copy of {first} and points to the same data in {places.store}.",
                f"Remove {places.control / 'location'} to begin with empty servers, then restore a backup.",
            )
        _write_path(note, places.home)
    return places


def _owner(store: Path, home: Path) -> Owner:
    uid = os.geteuid()
    if uid != 0:
        return Owner(uid, os.getegid(), switch=False)
    for folder in (store / "postgres", store, home):
        try:
            facts = folder.stat()
        except OSError:
            continue
        if facts.st_uid != 0:
            return Owner(facts.st_uid, facts.st_gid, switch=True)
    import pwd

    for name in SERVER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Owner(entry.pw_uid, entry.pw_gid, switch=True)
    return Owner(65534, 65534, switch=True)


def _run(store: Path, uid: int) -> Path:
    run = store / "run"
    if _fits(run):
        return run
    import hashlib

    # Not the temporary folder of the environment: that one differs between a login and cron.
    mark = hashlib.blake2b(os.fsencode(store), digest_size=8).hexdigest()
    return Path("/tmp") / f"parinaya-{uid}-{mark}"  # noqa: S108 - made 0700, owner and mode checked


def _fits(run: Path) -> bool:
    # SQLAlchemy writes a space in a URL as "+", which libpq takes for a plus sign: plain letters only.
    return len(os.fsencode(run / PG_SOCKET)) <= LONGEST_SOCKET and PLAIN.issuperset(str(run))


def _make(folder: Path, mode: int) -> None:
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return  # another process was quicker
    folder.chmod(mode)


def _make_home(home: Path, control: Path) -> None:
    """Only a folder that we make ourselves gets a mode; root's must let the servers' user pass."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    _make(home, mode)
    if control.is_dir():
        return
    _make(control, mode)
    facts = home.stat()
    if os.geteuid() == 0 and facts.st_uid != 0:  # root at work in the home of somebody else
        os.chown(control, facts.st_uid, facts.st_gid, follow_symlinks=False)


def _make_owned(folder: Path, owner: Owner) -> None:
    _make(folder, 0o700)
    if owner.switch and folder.lstat().st_uid == 0:
        os.chown(folder, owner.uid, owner.gid, follow_symlinks=False)


def _only_here() -> None:
    if os.name != "posix":
        raise Failed(
            "There are no embedded servers for this platform.",
            "Set DATABASE_URL and REDIS_URL to servers of your own.",
        )


def _read_path(file: Path) -> Path:
    return Path(os.fsdecode(file.read_bytes().removesuffix(b"\n")))


def _write_path(file: Path, path: Path) -> None:
    file.write_bytes(os.fsencode(path) + b"\n")


def _not_ours(folder: Path) -> Failed:
    return Failed(
        f"The folder {folder} belongs to another user.",
        "Run parinaya as the user who made it, or set PARINAYA_HOME to a folder of your own.",
    )
