"""The ports: small, and each with a fake that has the same methods."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import pytest

from parinaya_cli import ports
from tests.fakes.address_book import FakeBook
from tests.fakes.backup_files import FakeBackups, FakeOpenBackup
from tests.fakes.checkpoint_place import FakePlace
from tests.fakes.contact_source import FakeSource
from tests.fakes.media_host import FakeMediaHost
from tests.fakes.parser import FakeParser
from tests.fakes.provider_account import FakeAccount
from tests.fakes.queue import FakeQueue
from tests.fakes.sender import FakeSender
from tests.fakes.template_source import FakeTemplates

FAKES: dict[str, type] = {
    "MessageSender": FakeSender,
    "TemplateSource": FakeTemplates,
    "ProviderAccount": FakeAccount,
    "MediaHost": FakeMediaHost,
    "InboundParser": FakeParser,
    "JobQueue": FakeQueue,
    "ContactSource": FakeSource,
    "AddressBook": FakeBook,
    "BackupFiles": FakeBackups,
    "OpenBackup": FakeOpenBackup,
    "CheckpointPlace": FakePlace,
}


def protocols() -> dict[str, Any]:
    return {
        name: one for name, one in vars(ports).items() if isinstance(one, type) and Protocol in one.__bases__
    }


def methods(kind: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(one)
        for name, one in vars(kind).items()
        if inspect.isfunction(one) and not name.startswith("_")
    }


def test_every_port_has_a_fake() -> None:
    assert set(protocols()) == set(FAKES)


@pytest.mark.parametrize("name", FAKES)
def test_a_fake_has_the_methods_of_its_port(name: str) -> None:
    port, fake = methods(protocols()[name]), methods(FAKES[name])
    for method, told in port.items():
        assert [(one.name, one.kind, one.default) for one in fake[method].parameters.values()] == [
            (one.name, one.kind, one.default) for one in told.parameters.values()
        ], method


@pytest.mark.parametrize("name", FAKES)
def test_a_port_stands_for_one_thing(name: str) -> None:
    assert 1 <= len(methods(protocols()[name])) <= 5


def test_every_fake_is_used_by_a_port() -> None:
    folder = Path(__file__).parent.parent / "fakes"
    files = {path.stem for path in folder.glob("*.py")} - {"graph_server", "people_api"}
    assert {import_module(fake.__module__).__name__.rpartition(".")[2] for fake in FAKES.values()} == files
