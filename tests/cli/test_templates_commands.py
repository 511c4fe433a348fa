"""``parinaya templates``, with a server on loopback in place of Meta's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.commands_kit import acting_as, done, lines, wedding
from tests.conftest import Cli
from tests.fakes.graph_server import GraphServer, Reply, Request, reply_json


def listed(language: str, text: str, status: str = "APPROVED", **more: object) -> dict[str, Any]:
    components = [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": text},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]},
    ]
    return {
        "name": "invitation", "language": language, "category": "MARKETING", "status": status,
        "parameter_format": "POSITIONAL", "quality_score": {"score": "GREEN"}, "components": components, **more,
    }  # fmt: skip


class Account:
    """The templates of an account, as long as nobody changes them."""

    def __init__(self) -> None:
        self.templates = [listed("en", "Dear {{1}}, come to {{2}}."), listed("hi", "{{1}}, {{2}}")]

    def answer(self, request: Request) -> Reply:
        return reply_json({"data": self.templates})


@pytest.fixture
def account(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    there = Account()
    with GraphServer(there.answer) as server:
        monkeypatch.setenv("WHATSAPP_BASE_URL", server.url)
        yield there


def test_templates_are_fetched_mapped_and_shown(cli: Cli, account: Account) -> None:
    wedding(cli)
    assert "parinaya templates sync" in cli("templates", "list").err
    assert done(cli, "templates", "sync") == {
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "gone": 0,
        "uploaded": 0,
    }
    assert done(cli, "templates", "sync")["unchanged"] == 2
    [english, _] = done(cli, "templates", "list")["items"]
    assert {key: english[key] for key in ("name", "language", "category", "status", "params", "mapped")} == {
        "name": "invitation",
        "language": "en",
        "category": "marketing",
        "status": "approved",
        "params": ["1", "2"],
        "mapped": False,
    }
    assert english["quality"].lower() == "green"
    assert "Nothing fills 1, 2 yet" in cli("templates", "show", "invitation", "-l", "en").out
    mapped = done(
        cli, "templates", "map", "invitation", "1=guest_name", "2=event_name",
        "--header-image", "https://example.com/card.jpg",
    )  # fmt: skip
    assert [one["mapped"] for one in mapped["items"]] == [True, True]
    [shown] = done(cli, "templates", "show", "invitation", "--language", "en")["items"]
    assert "Dear {guest_name}, come to {event_name}." in shown["text"]
    assert "[image]" in shown["text"]
    assert "[ Yes ]" in shown["text"]
    assert "Dear {guest_name}, come" in cli("templates", "show", "invitation").out
    assert lines(cli("templates", "list").out)[1][:3] == ["invitation", "hi", "marketing"]


def test_a_second_sync_tells_what_changed(cli: Cli, account: Account) -> None:
    wedding(cli)
    done(cli, "templates", "sync")
    done(cli, "templates", "map", "invitation", "1=guest_name")
    account.templates = [listed("en", "Dear {{1}}, come to {{2}}.", "PAUSED")]
    assert done(cli, "templates", "sync") == {
        "new": 0,
        "changed": 1,
        "unchanged": 0,
        "gone": 1,
        "uploaded": 0,
    }
    states = {one["language"]: one["status"] for one in done(cli, "templates", "list")["items"]}
    assert states == {"en": "paused", "hi": "deleted"}
    [english] = done(cli, "templates", "show", "invitation", "-l", "en")["items"]
    assert english["mapping"] == {"1": "guest_name", "2": None}


def test_bad_mappings(cli: Cli, account: Account) -> None:
    wedding(cli)
    done(cli, "templates", "sync")
    for argv, code in (
        (["invitation"], 2),
        (["invitation", "1"], 2),
        (["invitation", "1=shoe_size"], 2),
        (["invitation", "3=guest_name"], 2),
        (["invitation", "1=guest_name", "1=couple"], 2),
        (["invitation", "--header-image", "card.jpg"], 2),
        (["save_the_date", "1=guest_name"], 4),
    ):
        assert cli("templates", "map", *argv).code == code, argv
    assert cli("templates", "show", "invitation", "-l", "ta").code == 4
    assert not any(one["mapped"] for one in done(cli, "templates", "list")["items"])


def test_without_meta_and_without_permission(
    cli: Cli, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedding(cli)
    with acting_as(cli, monkeypatch, "family", "--side", "bride"):
        assert cli("templates", "sync").code == 3
        assert cli("templates", "list").code == 0
    with monkeypatch.context() as away:
        away.setenv("WHATSAPP_BASE_URL", "http://127.0.0.1:9")
        ran = cli("templates", "sync", "--json")
        assert (ran.code, ran.error["code"]) == (6, "unreachable")
    monkeypatch.delenv("WHATSAPP_ACCESS_TOKEN")
    ran = cli("templates", "sync", "--json")
    assert ran.code == 2
    assert "WHATSAPP_ACCESS_TOKEN" in ran.error["hint"]
