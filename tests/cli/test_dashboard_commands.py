"""``parinaya dashboard`` and ``rsvp why``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.commands_kit import acting_as, done, guests, servers
from tests.cli.frame_terminal import PARINAYA, on_terminal
from tests.conftest import Cli

PROJECTION_KEYS = {"name", "refreshed_at", "lag_seconds", "stale"}


def test_the_dashboard_shows_what_rsvp_status_shows(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    done(cli, "invite", "add", "--event", "sangeet", "--all")
    done(
        cli,
        "rsvp",
        "set",
        "U1",
        "--event",
        "sangeet",
        "yes",
        "--adults",
        "2",
        "--children",
        "1",
        "--diet",
        "jain=1",
    )
    told = done(cli, "dashboard")
    [status] = done(cli, "rsvp", "status")["items"]
    [event] = told["events"]
    assert {key: event[key] for key in status} == status
    assert (event["adults"], event["children"], event["diets"]) == (2, 1, {"jain": 1})
    assert told["pending_calls"] == status["pending_units"]
    assert (len(told["answers_by_day"]), told["answers_by_day"][-1]["yes"]) == (14, 1)
    assert told["deliveries"] == {}
    assert all(set(one) == PROJECTION_KEYS for one in told["projections"])
    assert all(datetime.fromisoformat(one["refreshed_at"]).utcoffset() for one in told["projections"])
    assert done(cli, "dashboard", "show") | {"as_of": "", "projections": ""} == told | {
        "as_of": "",
        "projections": "",
    }
    ran = cli("dashboard")
    assert ran.code == 0
    assert "3 heads of" in ran.out
    assert "Call first" in ran.out


@pytest.mark.processes
def test_the_dashboard_fits_a_terminal(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    for columns in (80, 120):
        seen = on_terminal([*PARINAYA, "dashboard"], columns=columns, env={**servers(), "NO_COLOR": "1"})
        assert seen.exit_code == 0, seen.screen
        assert "Sangeet  12 Feb 19:00" in seen.screen
        assert "no message has gone out yet" in " ".join(seen.screen.split()), "whom to call is told whole"
        assert max(len(line.rstrip()) for line in seen.screen.splitlines()) <= columns


def test_watching_needs_a_terminal(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    assert cli("dashboard", "--watch").code == 2


def test_a_number_is_opened(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guests(cli, tmp_path)
    done(cli, "rsvp", "set", "U1", "--event", "sangeet", "yes", "--heads", "3", "--note", "late")
    told = done(cli, "rsvp", "why", "--event", "sangeet")
    assert (told["count"], told["value"], told["total"]) == ("yes_heads", 3, 1)
    [item] = told["items"]
    assert (item["unit"], item["adds"], item["source"], item["by"]) == ("U1", 3, "by hand: Meera", "Meera")
    then = done(cli, "rsvp", "why", "--event", "sangeet", "--since", "2020-01-01T09:00")
    assert (then["value_then"], [one["before"] for one in then["changes"]]) == (0, [0])
    for argv in (
        ["--count", "nonsense"], ["--as-of", "yesterday"], ["--since", "2099-01-01T09:00"], ["--count", "diet:"],
    ):  # fmt: skip
        assert cli("rsvp", "why", "--event", "sangeet", *argv).code == 2
    assert "yes_heads of sangeet is 3" in cli("rsvp", "why", "--event", "sangeet").err
    with acting_as(cli, monkeypatch, "family", "--side", "groom"):
        assert done(cli, "rsvp", "why", "--event", "sangeet")["value"] == 0


@pytest.mark.processes
def test_watching_goes_on_until_somebody_ends_it(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    seen = on_terminal(
        [*PARINAYA, "dashboard", "--watch"], env=servers(), answers={"Still to answer": "\x03"}
    )
    assert seen.exit_code == 130
    assert (
        seen.screen.count("\x1b[?1049h") == seen.screen.count("\x1b[?1049l") == 1
    )  # the shell's screen is back
