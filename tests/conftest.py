"""Real servers for the tests: one pair for the whole run, a fresh copy of a migrated database for each test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import redis

from parinaya_cli import settings
from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.cli import errors
from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.services import weddings
from parinaya_cli.store import engine, schema
from parinaya_cli.wiring import App, open_app
from tests.databases import copy_of, made_once
from tests.servers import as_app, start_servers

# Enough examples to find what is wrong in the minutes that a run may take; HYPOTHESIS_PROFILE=long looks longer.
hypothesis.settings.register_profile("short", max_examples=40, deadline=None)
hypothesis.settings.register_profile("long", max_examples=2000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))

# A journey starts hundreds of processes: compiled once and not by each of them, whatever the environment says.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
TEMPLATE = "parinaya_template"
OWNER = "pnt_an-owner-of-all-weddings"
"""The token of every owner whom ``grant_owner`` makes: what is a copy of a database has the same."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take long begins first, so that no process of the run is left with it at the end."""
    items.sort(key=_patience, reverse=True)


def _patience(item: pytest.Item) -> float:
    """The seconds that a test asked for; 1 for one that starts processes, 0 for the many others."""
    asked = item.get_closest_marker("timeout")
    return float(asked.args[0]) if asked else float(item.get_closest_marker("processes") is not None)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Addresses:
    """One pair of embedded servers for the whole run."""
    base = tmp_path_factory.getbasetemp()
    return start_servers(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture(scope="session")
def template(servers: Addresses) -> str:
    """A database at head, made once by whichever test process comes first."""

    def upgrade(url: str) -> None:
        db = engine.open_engine(url, pool=1)
        schema.upgrade(db)
        db.dispose()

    return made_once(servers.database_url, TEMPLATE, upgrade)


@pytest.fixture
def database_url(servers: Addresses, template: str) -> Iterator[str]:
    """A fresh database at head."""
    with copy_of(servers.database_url, template) as url:
        yield url


@pytest.fixture
def redis_url(servers: Addresses) -> Iterator[str]:
    """A database of Valkey of this test process's own, empty."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 15 + 1
    url = servers.redis_url.replace("db=0", f"db={number}")
    client = redis.Redis.from_url(url)
    client.flushdb()
    yield url
    client.close()


@pytest.fixture
def env(database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a parinaya process: servers, secrets, folders of its own. Nobody's token.

    It works as the user as whom parinaya works everywhere; ``database_url`` is the superuser's.
    """
    (tmp_path / "config").mkdir(exist_ok=True)
    return {
        "PARINAYA_HOME": str(tmp_path / "home"),
        "PARINAYA_CONFIG_DIR": str(tmp_path / "config"),
        "DATABASE_URL": as_app(database_url),
        "REDIS_URL": redis_url,
        "PARINAYA_AUDIT_KEY": "test-audit-key",
        "PARINAYA_TAP_SECRET": "test-tap-secret",
        "PARINAYA_SITE_SECRET": "test-site-secret",
        "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
        "WHATSAPP_BUSINESS_ACCOUNT_ID": "102290129340398",
        "WHATSAPP_ACCESS_TOKEN": "test-access-token",
        "WHATSAPP_APP_SECRET": "test-app-secret",
        "WHATSAPP_VERIFY_TOKEN": "test-verify-token",
        "WHATSAPP_BASE_URL": "http://127.0.0.1:9",
    }


@pytest.fixture
def owner_token(env: dict[str, str], tmp_path: Path) -> str:
    """The token of an owner of all weddings."""
    return grant_owner(env, tmp_path)


@pytest.fixture
def app(env: dict[str, str], tmp_path: Path, owner_token: str) -> Iterator[App]:
    """The parts, joined, with an owner at the keyboard."""
    told = settings.load(env={**env, "PARINAYA_TOKEN": owner_token}, path=tmp_path / "config" / "config.toml")
    with open_app(told) as opened:
        yield opened


def grant_owner(env: Mapping[str, str], folder: Path) -> str:
    """The token of an owner of all weddings."""
    from parinaya_cli.services import roles

    told = settings.load(env=env, path=folder / "config" / "config.toml")
    with open_app(told) as opened, opened.begin_as_system(Channel.CLI) as tx:
        return roles.grant(tx, "Meera", "owner", everywhere=True, token=OWNER)[1]


@pytest.fixture
def wedding(app: App) -> Wedding:
    """A wedding with nobody in it."""
    with app.begin_as_system(Channel.CLI) as tx:
        return weddings.add(tx, Wedding(uuid.UUID(int=0), "ananya-kabir", "Ananya & Kabir", "Ananya & Kabir"))


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error object on stderr (its last line)."""
        return json.loads(self.err.strip().splitlines()[-1])["error"]


Cli = Callable[..., Ran]


@pytest.fixture
def cli(
    env: dict[str, str],
    owner_token: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Cli:
    """Run a command in this process, with the owner's token."""
    for name in list(os.environ):
        if name.startswith(("PARINAYA_", "WHATSAPP_", "DATABASE_URL", "REDIS_URL")):
            monkeypatch.delenv(name)
    for name, value in {**env, "PARINAYA_TOKEN": owner_token}.items():
        monkeypatch.setenv(name, value)

    def run(*argv: object) -> Ran:
        capsys.readouterr()
        code = errors.run([str(one) for one in argv])
        said = capsys.readouterr()
        return Ran(int(code), said.out, said.err)

    return run


def parinaya(env: Mapping[str, str], *argv: object, stdin: str | None = None, timeout: float = 120) -> Ran:
    """Run a command as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "parinaya_cli", *(str(one) for one in argv)],
        env={**os.environ, "PYTHONWARNINGS": "default", **env},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=ROOT,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
