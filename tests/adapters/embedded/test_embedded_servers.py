"""What the two servers are like: settings, ways in, extensions; and the helper of the test-suite itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from parinaya_cli.adapters.embedded import Addresses, Embedded, remove, status
from parinaya_cli.domain.database_users import APP, DOORS, OWNER, USERS
from tests.adapters.embedded.embedded_kit import ROOT, all_processes, cleared
from tests.servers import plain_servers, start_servers, stop_servers


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with cleared(tmp_path_factory.mktemp("facts") / "home") as home, Embedded(home):
        yield home


@pytest.fixture
def addresses(home: Path) -> Addresses:
    database, queue = status(home)
    admin = database.address.replace("//parinaya_app@", "//parinaya@")
    return Addresses(database.address, queue.address, admin)


def test_postgres_is_set_as_it_should_be(addresses: Addresses) -> None:
    expected = {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "shared_memory_type": "mmap",
        "dynamic_shared_memory_type": "mmap",
        "max_connections": "60",
        "shared_buffers": "64MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "server_encoding": "UTF8",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
    }
    with psycopg.connect(addresses.admin_url) as connection:
        rows = connection.execute(
            "SELECT lower(name), current_setting(name) FROM pg_settings WHERE lower(name) = ANY(%s)",
            [list(expected)],
        ).fetchall()
        assert dict(rows) == expected
        locale = connection.execute(
            "SELECT datlocprovider, datlocale, datcollate FROM pg_database WHERE datname = 'parinaya'"
        ).fetchone()
        assert locale == ("b", "PG_UNICODE_FAST", "C")


def test_users_are_made_where_the_data_are_older_than_they(home: Path, addresses: Addresses) -> None:
    with psycopg.connect(addresses.admin_url, autocommit=True) as connection:
        connection.execute(f"DROP ROLE {', '.join(USERS)}".encode())
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(addresses.database_url)
    assert [one.running for one in status(home)] == [True, True]
    with Embedded(home) as servers, psycopg.connect(servers.start().database_url) as connection:
        assert connection.info.user == APP
        for door in DOORS:
            connection.execute(f"SET ROLE {door}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SET ROLE {OWNER}".encode())


def test_the_extensions_can_be_made_and_know_other_scripts(addresses: Addresses) -> None:
    with psycopg.connect(addresses.admin_url) as connection:
        assert connection.execute("SELECT extname FROM pg_extension").fetchall() == [("plpgsql",)]
        for name in ("pg_trgm", "fuzzystrmatch", "unaccent"):
            connection.execute(f"CREATE EXTENSION {name}")
        row = connection.execute("SELECT similarity('शादी', 'शादि'), unaccent('Émile')").fetchone()
        assert row is not None
        assert row[0] > 0
        assert row[1] == "Emile"
        connection.rollback()


def test_valkey_keeps_what_it_accepts(addresses: Addresses) -> None:
    expected = {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-use-rdb-preamble": "yes",
        "maxmemory-policy": "noeviction",
        "save": "",
        "port": "0",
    }
    with redis.Redis.from_url(addresses.redis_url, decode_responses=True) as client:
        assert {name: client.config_get(name)[name] for name in expected} == expected


def test_no_server_listens_on_a_network(home: Path) -> None:
    seen = []
    for pid in all_processes(home):
        with suppress(psutil.NoSuchProcess):  # a background process of Postgres may have ended meanwhile
            seen.append(psutil.Process(pid).net_connections("inet"))
    assert len(seen) > 1, "Postgres and Valkey are there"
    assert seen == [[]] * len(seen)


def test_status_tells_names_versions_places_and_numbers(home: Path) -> None:
    database, queue = status(home)
    assert (database.name, queue.name) == ("postgres", "valkey")
    assert database.running
    assert queue.running
    assert database.version.startswith("18.")
    assert queue.version.startswith("9.")
    assert database.pid is not None
    assert psutil.Process(database.pid).cwd() == database.data_dir
    assert queue.pid is not None
    assert psutil.Process(queue.pid).cwd() == queue.data_dir
    assert not database.kept_up


def test_status_of_a_home_without_servers_starts_and_makes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert [(server.running, server.pid) for server in status(home)] == [(False, None)] * 2
    assert not home.exists()


def test_removing_leaves_the_rest_of_the_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "rejects.csv").write_text("name\n")
    with Embedded(home):
        data = Path(status(home)[0].data_dir)
        assert data.exists()
    remove(home)
    assert [path.name for path in home.iterdir()] == ["rejects.csv"]
    assert not data.exists()


def test_attaching_loads_no_driver_and_no_process_library(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from parinaya_cli.adapters.embedded import Embedded\n"
        f"Embedded(Path({str(home)!r})).start()\n"
        "print([name for name in ('psycopg', 'sqlalchemy', 'redis', 'psutil', 'subprocess', 'asyncio')"
        " if name in sys.modules])"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_helper_shares_one_pair_and_the_last_takes_it_away(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.servers import start_servers\n"
        f"print(start_servers(Path({str(tmp_path)!r})).database_url)"
    )
    addresses = start_servers(tmp_path)
    try:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == addresses.database_url
        with psycopg.connect(addresses.admin_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        stop_servers(tmp_path)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(addresses.database_url)


def test_plain_servers_speak_tcp_and_ask_for_a_password(tmp_path: Path) -> None:
    with plain_servers(tmp_path) as addresses:
        with psycopg.connect(addresses.admin_url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
            assert connection.pgconn.used_password
        with redis.Redis.from_url(addresses.redis_url) as client:
            assert client.ping()
        password = addresses.database_url.split(":")[2].split("@")[0]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(addresses.database_url.replace(password, "wrong"))
        wrong = redis.Redis.from_url(addresses.redis_url.replace(password, "wrong"))
        with wrong, pytest.raises(redis.AuthenticationError):
            wrong.ping()
