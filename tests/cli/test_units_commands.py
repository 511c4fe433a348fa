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
    assert (after["label"], after["primary"], after["seats"], after["extra_seats"]) == (
        "Rao family",
        "P2",
        3,
        0,
    )
    assert after["primary_why"] == "chosen by hand"
    after = done(cli, "units", "edit", "U1", "--remove", "P2", "--extra-seats", "0")
    assert [one["ref"] for one in after["members"]] == ["P1", "P3"]
    assert (after["primary"], after["seats"]) == ("P1", 2)
    assert "P2 (Ravi Rao)" in after.pop("notes")[0]
    assert done(cli, "units", "show", "U1") == after
    built = done(cli, "units", "build")
    assert (built["created"], built["left_alone"]) == (1, 2)
    assert done(cli, "units", "show", "U1") == after


def test_households_are_put_together_and_taken_apart(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    done(cli, "invite", "add", "--event", "sangeet", "--all")
    seats = {one["ref"]: one["seats"] for one in done(cli, "units", "list")["items"]}
    rehearsed = done(cli, "units", "merge", "U1", "U2", "--dry-run")
    assert rehearsed["dry_run"] is True
    assert done(cli, "units", "show", "U2")["ref"] == "U2"
    merged = done(cli, "units", "merge", "U1", "U2", "--reason", "one kitchen")
    assert (merged["ref"], merged["merged"], merged["seats"]) == ("U1", ["U2"], seats["U1"] + seats["U2"])
    assert merged["notes"] == rehearsed["notes"]
    assert done(cli, "units", "show", "U2")["ref"] == "U1"
    leaves = merged["members"][-1]["ref"]
    apart = done(cli, "units", "split", "U1", "--member", leaves, "--label", "On their own")
    assert (apart["taken_from"], apart["label"]) == ("U1", "On their own")
    assert [one["ref"] for one in apart["members"]] == [leaves]
    assert apart["seats"] + done(cli, "units", "show", "U1")["seats"] == merged["seats"]
    assert apart["events"] == ["sangeet"]
    told = cli("units", "merge", "U1", apart["ref"])
    assert f"{apart['ref']} is now part of U1:" in told.out
    assert done(cli, "audit", "list", "--action", "unit.merge")["items"][0]["action"] == "unit.merge"


def test_a_rehearsed_build_tells_why(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = tmp_path / "list.csv"
    path.write_text("Name,Phone\nRamesh Gupta,9876500001\nSunita Gupta,9876500001\nUma Iyer,\n", "utf-8")
    done(cli, "people", "import", path)
    told = cli("units", "build", "--dry-run")
    assert "Ramesh Gupta and Sunita Gupta: the same phone, the same family name" in told.out
    assert "1 of one person" in told.out
    assert "3 people were not looked at for duplicates" in told.err
    [gupta, _] = done(cli, "units", "build", "--dry-run")["planned"]
    assert (gupta["label"], len(gupta["why"])) == ("Gupta family", 1)


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
        (["merge", "U1"], 2),
        (["merge", "U1", "U1"], 2),
        (["merge", "U1", "U9"], 4),
        (["split", "U1"], 2),
        (["split", "U1", "--member", "P1"], 2),
        (["split", "U1", "--member", "P2"], 2),
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
        assert "primary_why" not in done(cli, "units", "show", "U1")
        assert cli("units", "merge", "U1", "U2").code == 3
        assert cli("units", "split", "U1", "--member", "P1").code == 3
        assert cli("units", "edit", "U1", "--label", "x").code == 3
