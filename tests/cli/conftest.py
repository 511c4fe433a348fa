"""A wedding in which every command has something to do: made once for the run, a copy for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parinaya_cli.adapters.embedded import Addresses
from tests.cli import roles_world
from tests.cli.roles_world import World
from tests.databases import copy_of


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
    with copy_of(servers.database_url, roles_database) as url:
        env = roles_world.environment(url, redis_url, tmp_path, "http://127.0.0.1:9")
        env["PARINAYA_WEDDING"] = "ananya-kabir"
        (tmp_path / "new.csv").write_text("Name,Mobile\nNeha Kapoor,98333 22222\n", "utf-8")
        (tmp_path / "events.csv").write_text("title,starts\nTilak,2099-02-10T18:00\n", "utf-8")
        (tmp_path / "calls.csv").write_text("unit,event,answer,heads\nU4,sangeet,yes,1\n", "utf-8")
        yield World(env, tmp_path, capsys)
