"""Several processes share the servers: nobody's end takes them from the others, the last one stops them."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from parinaya_cli.adapters.embedded import Embedded, keep_up, shut_down, status
from parinaya_cli.adapters.embedded.places import find_places
from parinaya_cli.adapters.embedded.processes import processes_of
from parinaya_cli.domain.errors import Locked
from tests.adapters.embedded.embedded_kit import (
    QUICK,
    Actor,
    all_processes,
    cleared,
    eventually,
    has,
    janitor,
    kill_all,
    pids,
    put,
    running,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with cleared(tmp_path_factory.mktemp("sharing") / "home") as home:
        yield home


@pytest.fixture
def home(made: Path) -> Iterator[Path]:
    """A home that was set up before and whose servers are down."""
    shut_down(made, force=True)
    yield made
    shut_down(made, force=True)


def test_ten_first_starts_at_once_make_one_pair(tmp_path: Path) -> None:
    with cleared(tmp_path / "home") as home, ExitStack() as stack:
        actors = []
        for number in range(10):
            own = tmp_path / f"own{number}"
            own.mkdir()
            env = {"XDG_RUNTIME_DIR": str(own), "TMPDIR": str(own)}
            actors.append(stack.enter_context(Actor(home, env=env)))
        first, *others = [actor.addresses() for actor in actors]
        assert others == [first] * 9
        put(first, "seen by all")
        assert has(first, "seen by all")
        assert len(processes_of("valkey", find_places(home).data("valkey"))) == 1


def test_the_last_user_stops_them_and_no_other(home: Path) -> None:
    with Actor(home) as worker, Actor(home) as receiver, Actor(home) as command:
        for actor in (worker, receiver, command):
            actor.addresses()
        before = pids(home)
        command.leave()
        worker.kill()
        time.sleep(3 * QUICK)
        assert pids(home) == before
        receiver.kill()  # killed, not released: nothing may leak
        eventually(lambda: running(home) == [False, False], "the servers stop after the last user")
    eventually(lambda: all_processes(home) == [], "their processes are gone")
    eventually(lambda: janitor(home) is None, "the janitor is gone")


def test_a_forked_child_that_outlives_its_parent_keeps_them(home: Path) -> None:
    with Actor(home) as worker:
        worker.addresses()
        child = int(worker.told("fork")["pid"])
        try:
            worker.leave()  # released and ended in good order
            time.sleep(3 * QUICK)
            assert running(home) == [True, True]
        finally:
            kill_all([child])
    eventually(lambda: running(home) == [False, False], "the servers stop after the child")


def test_a_started_program_does_not_keep_them(home: Path) -> None:
    with Actor(home) as worker:
        worker.addresses()
        sleeper = int(worker.told("sleeper")["pid"])
        try:
            worker.leave()
            eventually(lambda: running(home) == [False, False], "the servers stop although it sleeps")
            os.kill(sleeper, 0)
        finally:
            kill_all([sleeper])


def test_commands_in_a_row_find_the_servers_still_up(home: Path) -> None:
    with Embedded(home):
        first = pids(home)
    with Embedded(home):
        assert pids(home) == first


def test_the_last_user_stops_them_itself_when_the_janitor_was_killed(home: Path) -> None:
    with Actor(home) as worker:
        worker.addresses()
        eventually(lambda: janitor(home) is not None, "the janitor comes")
        number = janitor(home)
        assert number is not None
        kill_all([number])
        eventually(lambda: janitor(home) is None, "the janitor is gone")
        worker.told("release")
        assert running(home) == [False, False]


def test_kept_up_they_outlive_everybody_until_stopped(home: Path) -> None:
    addresses = keep_up(home)
    put(addresses, "kept")
    with Actor(home) as command:
        assert command.addresses() == addresses
        command.leave()
    time.sleep(3 * QUICK)
    assert [(server.running, server.kept_up) for server in status(home)] == [(True, True)] * 2
    assert shut_down(home) is True
    assert [(server.running, server.kept_up) for server in status(home)] == [(False, False)] * 2
    assert shut_down(home) is False
    with Embedded(home) as _:
        assert has(addresses, "kept")


def test_stopping_is_refused_while_others_use_them(home: Path) -> None:
    with Actor(home) as worker:
        worker.addresses()
        with pytest.raises(Locked):
            shut_down(home)
        assert running(home) == [True, True]
        assert shut_down(home, force=True) is True
        assert running(home) == [False, False]


def test_neither_an_interrupt_nor_a_hang_up_of_the_starter_reaches_them(home: Path) -> None:
    with Actor(home) as starter:
        starter.addresses()
        with Embedded(home):
            before = pids(home)
            session = os.getsid(starter.process.pid)
            assert session not in [os.getsid(pid) for pid in all_processes(home)]
            os.killpg(session, signal.SIGHUP)
            os.killpg(session, signal.SIGINT)
            starter.process.wait(60)
            time.sleep(QUICK)
            assert pids(home) == before


@pytest.mark.parametrize("parent_closed", [True, False])
def test_servers_of_a_removed_home_end(parent_closed: bool) -> None:
    folder = Path(tempfile.mkdtemp(prefix="parinaya-test-"))
    if not parent_closed:
        folder.chmod(0o711)
    home = folder / "home"
    store = home
    try:
        with Actor(home) as worker:
            worker.addresses()
            store = find_places(home).store
            numbers = all_processes(home)
            eventually(lambda: janitor(home) is not None, "the janitor comes")
            while home.exists():  # Postgres writes while we remove
                shutil.rmtree(home, ignore_errors=True)
            worker.kill()
        eventually(lambda: not any(map(_lives, numbers)), "the servers end")
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(store, ignore_errors=True)


def _lives(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
