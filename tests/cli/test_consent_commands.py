"""``parinaya consent``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands_kit import acting_as, done, guests, lines
from tests.conftest import Cli


def test_decisions_are_added_and_the_newest_counts(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    first = done(
        cli, "consent", "record", "P1", "opt-in", "--source", "on the phone", "--evidence", "call 12"
    )
    assert (first["contact_point"], first["consent"], first["total"]) == ("+919820012345", "opted_in", 1)
    [entry] = first["items"]
    assert (entry["kind"], entry["source"], entry["evidence"]) == ("opt-in", "on the phone", "call 12")
    assert entry["at"].endswith("+05:30")
    done(cli, "consent", "record", "98200 12345", "opt-out", "--source", "told the uncle")
    history = done(cli, "consent", "history", "+91 98200 12345")
    assert history == done(cli, "consent", "history", "P1")
    assert [one["kind"] for one in history["items"]] == ["opt-in", "opt-out"]
    assert history["consent"] == "opted_out"
    assert done(cli, "people", "show", "P1")["consent"] == "opted_out"
    assert [row[1] for row in lines(cli("consent", "history", "P1").out)] == ["opt-in", "opt-out"]
    assert "parinaya consent record" in cli("consent", "history", "P2").err


def test_bad_decisions(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    for argv, code in (
        (["P1", "opt-in", "--source", " "], 2),
        (["P1", "maybe", "--source", "x"], 2),
        (["P1", "opt-in"], 2),
        (["P9", "opt-in", "--source", "x"], 4),
        (["98200 99999", "opt-in", "--source", "x"], 4),
        (["call me", "opt-in", "--source", "x"], 2),
    ):
        assert cli("consent", "record", *argv).code == code, argv


def test_roles(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guests(cli, tmp_path)
    with acting_as(cli, monkeypatch, "operator"):
        assert cli("consent", "record", "P1", "opt-in", "--source", "x").code == 0
    with acting_as(cli, monkeypatch, "desk"):
        assert cli("consent", "history", "P1").code == 3
    with acting_as(cli, monkeypatch, "family", "--side", "groom"):
        assert cli("consent", "history", "P5").code == 0
        assert cli("consent", "history", "P1").code == 4
        assert cli("consent", "history", "98200 12345").code == 4
        assert cli("consent", "record", "P5", "opt-in", "--source", "x").code == 3
