"""``parinaya rsvp``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.commands_kit import acting_as, done, guests, lines, servers
from tests.cli.frame_terminal import PARINAYA, on_terminal
from tests.conftest import Cli

STATUS_KEYS = {
    "event", "title", "starts_at", "invited_units", "invited_seats", "answered_units", "yes_units", "yes_heads",
    "no_units", "maybe_units", "pending_units", "as_of",
}  # fmt: skip
LIST_KEYS = {
    "unit", "label", "primary", "phone", "event", "status", "heads", "adults", "children", "diets", "seats", "note",
    "channel", "answered_at",
}  # fmt: skip


def test_status_before_anything(cli: Cli) -> None:
    done(cli, "weddings", "add", "Ananya & Kabir")
    document = done(cli, "rsvp", "status")
    assert (document["items"], document["total"]) == ([], 0)
    assert datetime.fromisoformat(document["as_of"]).utcoffset() is not None
    assert "parinaya events add" in cli("rsvp", "status").err
    assert "parinaya invite add" in cli("rsvp", "list").err


def test_answers_are_counted_as_they_come(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    [row] = done(cli, "rsvp", "status")["items"]
    assert set(row) == STATUS_KEYS
    assert (row["invited_units"], row["invited_seats"], row["pending_units"]) == (1, 4, 1)
    assert row["starts_at"] == "2099-02-12T19:00:00+05:30"
    said = done(
        cli, "rsvp", "set", "U1", "--event", "sangeet", "yes", "--adults", "2", "--children", "1",
        "--diet", "jain=2", "--note", "late by an hour",
    )  # fmt: skip
    assert set(said) >= LIST_KEYS
    assert (said["status"], said["heads"], said["adults"], said["children"]) == ("yes", 3, 2, 1)
    assert (said["diets"], said["note"], said["channel"], said["phone"]) == (
        {"jain": 2}, "late by an hour", "cli", "+919820012345",
    )  # fmt: skip
    assert said["answered_at"].endswith("+05:30")
    done(cli, "rsvp", "set", "U1", "--event", "E1", "yes", "--heads", "4", "--reason", "called again")
    [row] = done(cli, "rsvp", "status", "--event", "sangeet")["items"]
    assert (row["yes_units"], row["yes_heads"], row["pending_units"]) == (1, 4, 0)
    history = done(cli, "rsvp", "history", "U1")["items"]
    assert [one["heads"] for one in history] == [3, 4]
    assert all(one["source"] == "by hand: Meera" for one in history)
    assert history[0]["given_at"].endswith("+05:30")
    [entry] = done(cli, "audit", "list", "--action", "answer", "--limit", "1")["items"]
    assert (entry["ref"], entry["reason"], entry["after"]["heads"]) == ("U1", "called again", 4)


def test_answers_are_listed_and_narrowed(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    assert done(cli, "rsvp", "list", "--status", "yes")["items"] == []
    [row] = done(cli, "rsvp", "list", "--event", "sangeet", "--status", "pending", "--side", "bride")["items"]
    assert (row["unit"], row["primary"], row["primary_name"]) == ("U1", "P1", "Shri Ramesh Sharma")
    assert (row["heads"], row["diets"], row["answered_at"]) == (None, {}, None)
    assert lines(cli("rsvp", "list").out)[0][:6] == [
        "U1", "Sharma", "+919820012345", "sangeet", "pending", "",
    ]  # fmt: skip
    assert done(cli, "rsvp", "list", "--side", "groom")["items"] == []


def test_bad_answers_change_nothing(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    for argv, code, named in (
        (["U1", "--event", "sangeet", "yes", "--heads", "5"], 2, "over_seats"),
        (["U1", "--event", "sangeet", "no", "--heads", "2"], 2, ""),
        (["U1", "--event", "sangeet", "yes", "--heads", "3", "--adults", "1", "--children", "1"], 2, ""),
        (["U1", "--event", "sangeet", "yes", "--diet", "jain"], 2, ""),
        (["U1", "--event", "sangeet", "yes", "--diet", "jain=-1"], 2, ""),
        (["U1", "--event", "sangeet", "yes", "--diet", "jain=1", "--diet", "Jain=2"], 2, ""),
        (["U1", "--event", "sangeet", "perhaps"], 2, ""),
        (["U1", "--event", "pheras", "yes"], 4, ""),
        (["U9", "--event", "sangeet", "yes"], 4, ""),
        (["U2", "--event", "sangeet", "yes"], 4, ""),
    ):
        ran = cli("rsvp", "set", *argv, "--json")
        assert (ran.code, ran.out) == (code, ""), argv
        assert not named or ran.error["code"] == named
    assert done(cli, "rsvp", "history", "U1")["items"] == []
    assert cli("rsvp", "history", "U9").code == 4
    assert cli("rsvp", "status", "--event", "pheras").code == 4


def test_roles_answer_for_whom_they_may(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guests(cli, tmp_path)
    with acting_as(cli, monkeypatch, "desk"):
        said = done(cli, "rsvp", "set", "U1", "--event", "sangeet", "yes", "--heads", "2")
        assert (said["heads"], said["phone"]) == (2, None)
        assert "98200" not in cli("rsvp", "list").out
    with acting_as(cli, monkeypatch, "family", "--side", "groom"):
        assert cli("rsvp", "set", "U1", "--event", "sangeet", "no").code == 4
        assert done(cli, "rsvp", "list")["items"] == []
        assert done(cli, "rsvp", "status")["items"][0]["invited_units"] == 0
    with acting_as(cli, monkeypatch, "auditor"):
        assert cli("rsvp", "set", "U1", "--event", "sangeet", "no").code == 3


def test_the_table_fits_a_terminal(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    seen = on_terminal([*PARINAYA, "rsvp", "status"], env={**servers(), "NO_COLOR": "1"})
    assert seen.exit_code == 0
    [heading, row] = [line.split() for line in seen.screen.splitlines() if not line.startswith("As of")]
    assert heading == ["Event", "Starts", "Units", "Seats", "Yes", "Heads", "No", "Maybe", "Open"]
    assert row == ["sangeet", "12", "Feb", "19:00", "1", "4", "0", "0", "0", "0", "1"]
