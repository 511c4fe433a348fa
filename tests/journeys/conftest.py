"""A wedding with its guest lists, made once for the run; each test gets a copy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from parinaya_cli import settings
from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.cli import errors
from parinaya_cli.domain.access import Channel
from parinaya_cli.sandbox.server import SandboxOptions, running
from parinaya_cli.services import roles
from parinaya_cli.wiring import open_app
from tests.conftest import EXAMPLES, grant_owner
from tests.databases import copy_of, made_once
from tests.house.example_lists import load
from tests.journeys.stage import OURS, Stage
from tests.servers import as_app

FULL = "parinaya_full_house"


def _fill(env: dict[str, str], folder: Path) -> None:
    """The commands of the example, in this process, as none of them is what is tried here."""
    commands: list[list[str]] = [["weddings", "add", "Ananya & Kabir", "--slug", "ananya-kabir"]]
    commands += [["events", "import", str(EXAMPLES / "events.yaml")]]
    commands += [
        ["people", "import", str(EXAMPLES / f"{side}_family.csv"), "--side", side]
        for side in ("bride", "groom")
    ]
    commands += [["units", "build"], ["templates", "sync"]]
    for rule in load("guest_lists.yaml"):
        line = [word for event in rule["events"] for word in ("--event", event)]
        line += ["--all"] if rule.get("all") else []
        commands.append(
            ["invite", "add", *line, *(w for k in ("side", "tag") if k in rule for w in (f"--{k}", rule[k]))]
        )
    with pytest.MonkeyPatch.context() as patch, running(SandboxOptions(port=0)) as address:
        for name in [name for name in os.environ if name.startswith(OURS)]:
            patch.delenv(name)
        for name, value in {
            **env,
            "WHATSAPP_BASE_URL": address,
            "PARINAYA_TOKEN": grant_owner(env, folder),
        }.items():
            patch.setenv(name, value)
        for command in commands:
            assert errors.run([*command, "--json"]) in (0, 5), command


@pytest.fixture(scope="session")
def full_house(servers: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the example's people, households, guest lists and templates."""

    def fill(url: str) -> None:
        folder = tmp_path_factory.mktemp("full-house")
        (folder / "config").mkdir()
        _fill(_environment(url, servers.redis_url, folder), folder)

    return made_once(servers.database_url, FULL, fill, template)


def _environment(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    return {
        "PARINAYA_HOME": str(folder / "home"),
        "PARINAYA_CONFIG_DIR": str(folder / "config"),
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
        "WHATSAPP_MESSAGES_PER_SECOND": "200",
    }


@pytest.fixture
def stage(servers: Addresses, full_house: str, redis_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A stage whose wedding has 397 households on its guest lists, and nothing sent yet."""
    (tmp_path / "config").mkdir(exist_ok=True)
    with copy_of(servers.database_url, full_house) as url:
        env = _environment(url, redis_url, tmp_path)
        told = settings.load(env=env, path=tmp_path / "config" / "config.toml")
        with open_app(told) as opened, opened.begin_as_system(Channel.CLI) as tx:
            env["PARINAYA_TOKEN"] = roles.grant(tx, "Kavita", "owner", everywhere=True)[1]
        with Stage(env, tmp_path) as made:
            yield made
