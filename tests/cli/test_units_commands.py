"""``parinaya units``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands_kit import acting_as, done, guests, lines, wedding
from tests.conftest import Cli

KEYS = {"ref", "label", "members", "extra_seats", "primary", "side", "tags", "events"}


def test_a_build_places_everybody_once(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = tmp_path / "list.csv"
    path.write_text("Name,Family,Pax\nRamesh Sharma,Sharma,4\nSunita Sharma,Sharma,\nAsha Rao,,\n")
    done(cli, "people", "import", path)
    rehearsed = done(cli, "units", "build", "--dry-run")
    assert (rehearsed["created"], rehearsed["people_placed"], rehearsed["left_alone"]) == (2, 3, 0)
    assert rehearsed["planned"][0]["label"] == "Sharma"
    assert done(cli, "units", "list")["total"] == 0
    built = done(cli, "units", "build")
    assert (built["created"], built["people_placed"], built["left_alone"]) == (2, 3, 0)
    again = done(cli, "units", "build")
    assert (again["created"], again["people_placed"], again["left_alone"]) == (0, 0, 3)
    sharma = done(cli, "units", "list")["items"][0]
    assert set(sharma) >= KEYS
    assert [one["full_name"] for one in sharma["members"]] == ["Ramesh Sharma", "Sunita Sharma"]
    assert (sharma["extra_seats"], sharma["seats"], sharma["primary"]) == (2, 4, "P1")
    assert set(sharma["members"][0]) >= {"ref", "full_name", "external_ids"}


def test_lists_that_name_events_invite_the_households(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    [sharma] = done(cli, "units", "list", "--event", "sangeet")["items"]
    assert (sharma["ref"], sharma["events"], sharma["tags"]) == ("U1", ["sangeet"], ["close"])
    assert [one["side"] for one in done(cli, "units", "list", "--side", "groom")["items"]] == ["groom"] * 2
    assert lines(cli("units", "list", "--event", "sangeet").out) == [
        ["U1", "Sharma", "2", "4", "P1", "bride", "sangeet"]
    ]


def test_a_household_is_made_and_changed_by_hand(cli: Cli) -> None:
    wedding(cli)
    for name in ("Asha Rao", "Ravi Rao", "Meera Iyer"):
        done(cli, "people", "add", name)
    made = done(cli, "units", "add", "Raos", "--member", "P1", "--member", "P2", "--extra-seats", "1")
    assert (made["ref"], made["seats"], made["primary"]) == ("U1", 3, "P1")
    after = done(cli, "units", "edit", "U1", "--primary", "P2", "--label", "Rao family", "--add", "P3")
    assert (after["label"], after["primary"], after["seats"]) == ("Rao family", "P2", 4)
    after = done(cli, "units", "edit", "U1", "--remove", "P2", "--extra-seats", "0")
    assert [one["ref"] for one in after["members"]] == ["P1", "P3"]
    assert (after["primary"] in {"P1", "P3"}, after["seats"]) == (True, 2)
    assert done(cli, "units", "show", "U1") == after
    built = done(cli, "units", "build")
    assert (built["created"], built["left_alone"]) == (1, 2)
    assert done(cli, "units", "show", "U1") == after


def test_bad_values_and_unknown_households(cli: Cli) -> None:
    wedding(cli)
    for name in ("Asha Rao", "Ravi Rao"):
        done(cli, "people", "add", name)
    done(cli, "units", "add", "Raos", "--member", "P1")
    for argv, code in (
        (["add", "Raos"], 2),
        (["add", " ", "--member", "P2"], 2),
        (["add", "Raos", "--member", "P1"], 2),
        (["add", "Raos", "--member", "P9"], 4),
        (["add", "Raos", "--member", "P2", "--extra-seats", "900"], 2),
        (["edit", "U1"], 2),
        (["edit", "U1", "--remove", "P1"], 2),
        (["edit", "U1", "--primary", "P2"], 2),
        (["edit", "U1", "--label", ""], 2),
        (["edit", "U9", "--label", "x"], 4),
        (["show", "P1"], 2),
        (["show", "Raos"], 4),
        (["list", "--event", "pheras"], 4),
    ):
        ran = cli("units", *argv, "--json")
        assert (ran.code, ran.out) == (code, ""), argv
        assert ran.error["hint"], argv
    assert done(cli, "units", "list")["total"] == 1


def test_roles_see_what_they_may(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guests(cli, tmp_path)
    with acting_as(cli, monkeypatch, "family", "--side", "groom"):
        assert {one["side"] for one in done(cli, "units", "list")["items"]} == {"groom"}
        assert cli("units", "show", "U1").code == 4
        assert cli("units", "build").code == 3
    with acting_as(cli, monkeypatch, "desk"):
        [member, _] = done(cli, "units", "show", "U1")["members"]
        assert set(member) == {"ref", "full_name"}
        assert cli("units", "edit", "U1", "--label", "x").code == 3
