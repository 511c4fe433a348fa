"""Real Postgres and Valkey for tests, from the programs that parinaya brings along.

``start_servers``: one pair for a whole run, also when pytest-xdist spreads it over several processes; they
share the pair as commands and workers do, and the last one takes it away.
``plain_servers``: a pair as an administrator would offer it, over loopback TCP with passwords.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import redis

from parinaya_cli.adapters.embedded import Addresses, Embedded, remove
from parinaya_cli.adapters.embedded.locks import is_held
from parinaya_cli.adapters.embedded.places import Owner, find_places
from parinaya_cli.adapters.embedded.processes import environment
from parinaya_cli.adapters.embedded.programs import find_programs
from parinaya_cli.adapters.embedded.wire import USER
from parinaya_cli.domain.database_users import APP
from parinaya_cli.domain.errors import Failed, Locked

_PATIENCE = 60.0  # seconds for a server to come up on a busy machine
_MEMORY = Path("/dev/shm")
_ROOM = 1 << 30  # bytes that must be free there
_STALE = 6 * 3600.0  # seconds after which a folder there that nobody uses was left by a run that was killed
_held: dict[Path, tuple[Path, Embedded, Addresses]] = {}


def start_servers(base: Path) -> Addresses:
    """The pair of servers of this test run; started by the first that asks. ``database_url`` is the superuser's.

    Args:
        base: a folder that all processes of the run name alike (with pytest-xdist:
            ``tmp_path_factory.getbasetemp().parent``).
    """
    if base not in _held:
        _sweep()
        home = _home(base)
        servers = Embedded(home)
        started = servers.start()
        # What the tests make and look at, they do as the superuser; parinaya itself works as ``as_app`` says.
        _held[base] = (home, servers, replace(started, database_url=started.admin_url))
        atexit.register(stop_servers, base)
        _hurry(_held[base][2])
    return _held[base][2]


def as_app(url: str) -> str:
    """The address of the same database of the test run's server as the user as whom parinaya works."""
    return url.replace(f"//{USER}@", f"//{APP}@")


def as_admin(url: str) -> str:
    """The address of the same database of the test run's server as its superuser."""
    return url.replace(f"//{APP}@", f"//{USER}@")


def stop_servers(base: Path) -> None:
    """Let go of the pair; the last one removes it with its data. Harmless when repeated."""
    if base in _held:
        home, servers, _ = _held.pop(base)
        servers.release()
        with suppress(Locked, OSError):
            remove(home)
            home.rmdir()  # fails when another process of the run has just begun anew


def restart_servers() -> None:
    """Bring up again what of the pair has died."""
    for home, _, _ in _held.values():
        again = Embedded(home)
        again.start()
        again.release()


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder, in memory if there is room, that every user can get into, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="pt-", dir=_MEMORY if _has_room() else "/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def plain_servers(base: Path, host: str = "127.0.0.1") -> Iterator[Addresses]:
    """A Postgres and a Valkey of their own on free ports of an address of this machine, each with a password."""
    owner = find_places(base / "nowhere").owner
    folder = Path(tempfile.mkdtemp(prefix="pt-", dir=_MEMORY if _has_room() else "/tmp"))
    started: list[subprocess.Popen[bytes]] = []
    password = secrets.token_hex(8)
    if owner.switch:
        os.chown(folder, owner.uid, owner.gid)
    try:
        database_url = _start_postgres(folder, owner, (host, password), started)
        redis_url = _start_valkey(folder, owner, (host, password), started)
        yield Addresses(database_url, redis_url, database_url)
    finally:
        for process in started:
            process.send_signal(2)
        for process in started:
            process.wait(_PATIENCE)
        shutil.rmtree(folder)


def _hurry(addresses: Addresses) -> None:
    """Nothing is saved for after a power cut, as all data end with the run; a copy of a database costs a tenth."""
    with psycopg.connect(addresses.database_url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "autovacuum"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        connection.execute("SELECT pg_reload_conf()")


def _home(base: Path) -> Path:
    # pytest's folders are closed to the user under whom root's servers run.
    mark = f"parinaya-tests-{hashlib.sha256(os.fsencode(base.resolve())).hexdigest()[:12]}"
    if (_MEMORY / mark).exists() or _has_room():
        return _MEMORY / mark
    return Path("/tmp") / mark if os.geteuid() == 0 else base / "servers-of-tests"


def _has_room() -> bool:
    """Is there room in memory? Databases are thousands of files: made and removed there in no time."""
    return _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM


def _sweep() -> None:
    """Remove what killed runs have left in memory."""
    for left in [*_MEMORY.glob("parinaya-tests-*"), *_MEMORY.glob("pt-*")]:
        with suppress(Locked, Failed, OSError):
            if left.stat().st_mtime < time.time() - _STALE and not is_held(find_places(left).users_lock):
                remove(left)
                shutil.rmtree(left)


def _start_postgres(
    folder: Path, owner: Owner, place: tuple[str, str], started: list[subprocess.Popen[bytes]]
) -> str:
    host, password = place
    programs = find_programs(owner).postgres
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o644)
    data = folder / "postgres"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "parinaya", "--auth=scram-sha-256"]
    initdb += [f"--pwfile={secret}", "--encoding=UTF8", "--locale-provider=builtin", "--no-sync"]
    initdb += ["--builtin-locale=PG_UNICODE_FAST", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
    assert _run(initdb, owner, folder).wait() == 0, (folder / "log").read_text()
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all samenet scram-sha-256\n")
    port = _free_port()
    server = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
    server += ["-c", f"listen_addresses={host}", "-c", "unix_socket_directories=", "-c", "fsync=off"]
    started.append(_run(server, owner, folder))
    address = f"postgresql://parinaya:{password}@{host}:{port}"
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE parinaya")
            return f"{address}/parinaya"
        except psycopg.OperationalError:
            _still_runs(started[-1], folder, end)


def _start_valkey(
    folder: Path, owner: Owner, place: tuple[str, str], started: list[subprocess.Popen[bytes]]
) -> str:
    host, password = place
    port = _free_port()
    server = [str(find_programs(owner).valkey), "--port", str(port), "--bind", host]
    server += [
        "--requirepass",
        password,
        "--dir",
        str(folder),
        "--save",
        "",
        "--maxmemory-policy",
        "noeviction",
    ]
    started.append(_run(server, owner, folder))
    url = f"redis://:{password}@{host}:{port}/0"
    end = time.monotonic() + _PATIENCE
    while True:
        client = redis.Redis.from_url(url)
        try:
            client.ping()
            return url
        except redis.ConnectionError:
            _still_runs(started[-1], folder, end)
        finally:
            client.close()


def _run(argv: Sequence[str], owner: Owner, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment(),
            start_new_session=True,
            user=owner.uid if owner.switch else None,
            group=owner.gid if owner.switch else None,
            extra_groups=[] if owner.switch else None,
        )


def _still_runs(process: subprocess.Popen[bytes], folder: Path, end: float) -> None:
    assert process.poll() is None, (folder / "log").read_text()
    assert time.monotonic() < end, "the server did not come up"
    time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
