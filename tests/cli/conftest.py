"""A wedding in which every command has something to do: made once for the run, a copy for each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from parinaya_cli.adapters.embedded import Addresses
from tests.cli import roles_world
from tests.cli.roles_world import World
from tests.conftest import named


@pytest.fixture(scope="session")
def roles_database(servers: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database that holds the world, made once for the run."""
    folder = tmp_path_factory.mktemp("world")
    return roles_world.make_world(servers.database_url, servers.redis_url, template, folder)


@pytest.fixture
def world(
    servers: Addresses,
    roles_database: str,
    redis_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[World]:
    """A fresh copy of the world, with the files that the samples name."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {roles_database} STRATEGY FILE_COPY")
    env = roles_world.environment(
        named(servers.database_url, name), redis_url, tmp_path, "http://127.0.0.1:9"
    )
    env["PARINAYA_WEDDING"] = "ananya-kabir"
    (tmp_path / "new.csv").write_text("Name,Mobile\nNeha Kapoor,98333 22222\n", "utf-8")
    (tmp_path / "events.csv").write_text("title,starts\nTilak,2099-02-10T18:00\n", "utf-8")
    (tmp_path / "calls.csv").write_text("unit,event,answer,heads\nU4,sangeet,yes,1\n", "utf-8")
    yield World(env, tmp_path, capsys)
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
