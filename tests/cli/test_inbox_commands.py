"""``parinaya inbox``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands_kit import acting_as, done, guests, hear, lines
from tests.conftest import Cli

ASKS = "Is there a lift for my mother's wheelchair at the lawns?"


def test_a_question_is_answered_once(cli: Cli, env: dict[str, str], tmp_path: Path) -> None:
    guests(cli, tmp_path)
    assert "Nothing waits" in cli("inbox", "list").err
    hear(env, "+919820012345", ASKS)
    [item] = done(cli, "inbox", "list")["items"]
    assert (item["ref"], item["from"], item["person"], item["unit"]) == ("N1", "+919820012345", "P1", "U1")
    assert item["text"] == ASKS
    assert item["households"] == [f"U1 {item['household']}"]
    assert item["why"]
    assert item["window_open_until"] > item["at"]
    assert item["window_open_until"].endswith("+05:30")
    shown = done(cli, "inbox", "show", "N1")
    assert shown["conversation"][0]["text"] == ASKS
    assert ASKS in cli("inbox", "show", "n1").out
    assert lines(cli("inbox", "list").out)[0][0] == "N1"
    replied = done(cli, "inbox", "reply", "N1", "Yes, at the east gate.", "--reason", "asked the venue")
    assert (replied["ref"], replied["state"]) == ("N1", "closed")
    done(cli, "inbox", "reply", "N1", "Yes, at the east gate.")
    said = [one["text"] for one in done(cli, "inbox", "show", "N1")["conversation"]]
    assert said.count("Yes, at the east gate.") == 1
    assert done(cli, "inbox", "list")["items"] == []
    assert [one["state"] for one in done(cli, "inbox", "list", "--all")["items"]] == ["closed"]


def test_closing_and_refusals(
    cli: Cli, env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests(cli, tmp_path)
    hear(env, "+919820012345", ASKS)
    assert cli("inbox", "show", "N2").code == 4
    assert cli("inbox", "reply", "N1", "").code == 2
    assert cli("inbox", "reply", "N1", "x" * 4097).code == 2
    done(cli, "people", "dnm", "P1", "--reason", "a death in the family")
    ran = cli("inbox", "reply", "N1", "Yes.", "--json")
    assert (ran.code, ran.error["code"]) == (1, "do_not_message")
    assert done(cli, "inbox", "show", "N1")["state"] == "open"
    assert done(cli, "inbox", "close", "N1") == done(cli, "inbox", "close", "N1")
    with acting_as(cli, monkeypatch, "desk"):
        assert cli("inbox", "list").code == 3
