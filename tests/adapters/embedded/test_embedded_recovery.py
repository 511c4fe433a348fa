"""Whatever happened to the servers, the next start brings them back with all data, or says what is wrong."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from parinaya_cli.adapters.embedded import Embedded, shut_down
from parinaya_cli.adapters.embedded.places import Places, find_places
from parinaya_cli.adapters.embedded.processes import processes_of
from parinaya_cli.domain.errors import Failed
from tests.adapters.embedded.embedded_kit import (
    Actor,
    all_processes,
    cleared,
    eventually,
    has,
    kill_all,
    pids,
    put,
    running,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with cleared(tmp_path_factory.mktemp("recovery") / "home") as home:
        yield home


@pytest.fixture
def home(made: Path) -> Iterator[Path]:
    yield made
    shut_down(made, force=True)


def _pid_file(home: Path) -> Path:
    return find_places(home).data("postgres") / "postmaster.pid"


def _kill_postmaster(home: Path) -> None:
    kill_all(pids(home)[:1])


def _kill_valkey(home: Path) -> None:
    kill_all(pids(home)[1:])


def _kill_everything(home: Path) -> None:
    kill_all(all_processes(home))


def _empty_pid_file(home: Path) -> None:
    _kill_everything(home)
    _pid_file(home).write_bytes(b"")


def _half_a_pid_file(home: Path) -> None:
    _kill_everything(home)
    _pid_file(home).write_bytes(_pid_file(home).read_bytes()[:1])


def _remove_postgres_socket(home: Path) -> None:
    find_places(home).postgres_socket.unlink()


def _remove_socket_folder(home: Path) -> None:
    shutil.rmtree(find_places(home).run)


@pytest.mark.parametrize(
    "harm",
    [
        _kill_postmaster,
        _kill_valkey,
        _kill_everything,
        _empty_pid_file,
        _half_a_pid_file,
        _remove_postgres_socket,
        _remove_socket_folder,
    ],
)
def test_the_next_start_has_all_data(home: Path, harm: Callable[[Path], None]) -> None:
    word = uuid4().hex
    with Embedded(home) as servers:
        put(servers.start(), word)
        harm(home)
        servers.release()
        assert has(servers.start(), word)
        put(servers.start(), f"{word} again")


def test_a_worker_gets_its_servers_back_by_the_next_command(home: Path) -> None:
    word = uuid4().hex
    with Actor(home) as worker:
        addresses = worker.addresses()
        put(addresses, word)
        _kill_everything(home)
        with Embedded(home) as command:
            assert command.start() == addresses
            assert has(addresses, word)


def test_two_starts_after_a_crash_make_one_valkey(home: Path) -> None:
    word = uuid4().hex
    with Embedded(home) as servers:
        put(servers.start(), word)
    _kill_valkey(home)
    with Actor(home) as one, Actor(home) as two:
        addresses = one.addresses()
        assert two.addresses() == addresses
        assert len(processes_of("valkey", find_places(home).data("valkey"))) == 1
        assert has(addresses, word)


def test_a_busy_backend_of_a_killed_postmaster_does_not_get_in_the_way(home: Path) -> None:
    with Embedded(home) as servers:
        with psycopg.connect(servers.start().database_url) as connection:
            asleep = connection.info.backend_pid
            os.kill(asleep, signal.SIGSTOP)  # it does not notice the end of its postmaster
            _kill_postmaster(home)
            word = uuid4().hex
            put(servers.start(), word)
            assert has(servers.start(), word)
        eventually(lambda: asleep not in all_processes(home), "the old backend is gone")


def test_the_number_of_a_stranger_is_not_taken_for_a_server(home: Path) -> None:
    word = uuid4().hex
    with Embedded(home) as servers:
        put(servers.start(), word)
    owner = find_places(home).owner
    stranger = subprocess.Popen(["sleep", "120"], user=owner.uid if owner.switch else None, cwd="/")
    try:
        lines = _pid_file(home).read_bytes().split(b"\n")
        _kill_everything(home)
        _pid_file(home).write_bytes(b"\n".join([str(stranger.pid).encode(), *lines[1:]]))
        with Embedded(home) as servers:
            assert has(servers.start(), word)
        assert shut_down(home) is True
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@contextmanager
def _adopting() -> Iterator[None]:
    """Orphans become our children and stay zombies: as in a container without an init process (Linux)."""
    set_child_subreaper = 36
    libc = ctypes.CDLL(None)
    assert libc.prctl(set_child_subreaper, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        libc.prctl(set_child_subreaper, 0, 0, 0, 0)


def test_a_zombie_postmaster_is_not_taken_for_a_server(home: Path) -> None:
    word = uuid4().hex
    shut_down(home)
    with _adopting(), Embedded(home) as servers:
        put(servers.start(), word)
        dead = pids(home)
        _kill_everything(home)
        for pid in dead:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # dead, but not buried
        assert running(home) == [False, False]
        assert has(servers.start(), word)
        assert not set(dead) & set(pids(home))
        for pid in dead:
            os.waitpid(pid, 0)
        servers.release()
        shut_down(home)
    while _bury_one():
        pass


def _bury_one() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def test_a_torn_first_set_up_is_done_again(tmp_path: Path) -> None:
    with cleared(tmp_path / "home") as home:
        with Actor(home) as first:  # killed in the middle of initdb
            torn = tmp_path / "home" / "servers"
            eventually(lambda: torn.exists() and _fresh(find_places(home)), "initdb is at work")
            os.kill(first.process.pid, signal.SIGKILL)
        with Embedded(home) as servers:
            put(servers.start(), "whole")
            assert has(servers.start(), "whole")
        assert not _fresh(find_places(home))


def _fresh(places: Places) -> bool:
    return any(places.store.glob("postgres.new*/base"))


@contextmanager
def _spoiled(home: Path, server: str, file: str, content: bytes) -> Iterator[None]:
    """Other content in a file of a stopped server, for the length of a block."""
    with Embedded(home):
        pass
    shut_down(home)
    path = find_places(home).data(server) / file
    good = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(good)


def test_data_of_another_major_version_are_refused_by_name(home: Path) -> None:
    with _spoiled(home, "postgres", "PG_VERSION", b"16\n"):
        with pytest.raises(Failed) as caught:
            Embedded(home).start()
        assert "Postgres 16" in caught.value.message
        assert "db backup" in caught.value.hint


@pytest.mark.parametrize(
    ("server", "file"),
    [("postgres", "global/pg_control"), ("valkey", "appendonlydir/appendonly.aof.manifest")],
)
def test_a_server_that_does_not_start_shows_the_end_of_its_log(home: Path, server: str, file: str) -> None:
    with _spoiled(home, server, file, b"nonsense\n"):
        with pytest.raises(Failed) as caught:
            Embedded(home).start()
        log = find_places(home).log(server)
        assert log.read_text().splitlines()[-1] in caught.value.message
        assert str(log) in caught.value.hint
        shut_down(home)
        assert all_processes(home) == []
