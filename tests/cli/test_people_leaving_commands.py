"""``parinaya people search``, ``show``, ``timeline``, ``remove``, ``restore`` and ``erase``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands_kit import acting_as, done, guests, hear, lines, servers, wedding
from tests.cli.frame_terminal import PARINAYA, on_terminal
from tests.conftest import Cli


def test_search_lists_people_with_their_score(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    found = done(cli, "people", "search", "suneeta")
    assert found["total"] == len(found["items"]) == 1
    assert (found["items"][0]["ref"], found["items"][0]["phones"]) == ("P2", ["+919820012346"])
    assert 0.8 < found["items"][0]["score"] <= 1
    assert [one["ref"] for one in done(cli, "people", "search", "98200", "--limit", "1")["items"]] == ["P1"]
    assert lines(cli("people", "search", "2334").out)[0][:3] == ["P6", "Leela Seth", "+919811122334"]
    ran = cli("people", "search", "Xylophone")
    assert (ran.code, ran.out) == (0, "")
    assert "people list" in ran.err
    for argv in (["search", " "], ["search", "x", "--limit", "0"], ["search"]):
        assert cli("people", *argv).code == 2


def test_show_tells_the_state_of_each_phone_and_the_lists(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    done(cli, "consent", "record", "P1", "opt-in", "--source", "on the phone")
    shown = done(cli, "people", "show", "P1")
    [row] = shown["sources"]
    assert (row["row"], row["import"], row["gone_at"]) == (2, "I1", None)
    assert shown["contact_points"][0]["state"] == "valid"
    screen = on_terminal([*PARINAYA, "people", "show", "P1"], env={**servers(), "NO_COLOR": "1"}).screen
    assert "+91 98200 12345 (valid, written 98200 12345, opted in)" in " ".join(screen.split())
    assert "bride.csv, row 2 (I1)" in screen
    screen = on_terminal([*PARINAYA, "people", "show", "P4"], env={**servers(), "NO_COLOR": "1"}).screen
    assert "98290 441 (impossible)" in " ".join(screen.split())


def test_whom_no_list_names_any_more(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    assert done(cli, "people", "list", "--gone")["items"] == []
    path = tmp_path / "groom.csv"
    path.write_text("Name,Mobile,City\nVikram Seth,98111 22333,Delhi\n", "utf-8")
    done(cli, "people", "import", path, "--side", "groom")
    assert [one["ref"] for one in done(cli, "people", "list", "--gone")["items"]] == ["P6"]


def test_people_are_removed_and_brought_back(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    ran = cli("people", "remove", "P5", "--json")
    assert (ran.code, ran.error["code"]) == (2, "not_confirmed")
    plan = done(cli, "people", "remove", "P5", "P6", "--dry-run")
    assert (plan["removed"], plan["dry_run"], [one["ended"] for one in plan["units"]]) == (
        2,
        True,
        [True, True],
    )
    assert done(cli, "people", "list")["total"] == 6
    ran = cli("people", "remove", "P1", "--yes", "--reason", "came by mistake")
    assert ran.out.splitlines() == [
        "P1 Shri Ramesh Sharma is removed.",
        "U1 Sharma: P2 gets its messages.",
        "To take it back: parinaya people restore P1",
    ]
    assert cli("people", "show", "P1").code == 4
    ran = cli("people", "remove", "P2", "--yes", "--json")
    assert (ran.code, "sangeet" in ran.error["message"]) == (2, True)
    back = done(cli, "people", "restore", "P1")
    assert (back["ref"], back["unit"]) == ("P1", "U1")
    assert [one["reason"] for one in done(cli, "audit", "list", "--action", "person.remove")["items"]] == [
        "came by mistake"
    ]


def test_a_person_is_erased(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guests(cli, tmp_path)
    with acting_as(cli, monkeypatch, "planner"):
        assert cli("people", "erase", "P1", "--yes", "--reason", "asked").code == 3
    assert cli("people", "erase", "P1", "--yes").code == 2
    assert cli("people", "erase", "P1", "--reason", "asked").code == 2
    assert cli("people", "erase", "P1", "--yes", "--reason", "Ramesh Sharma asked").code == 0
    assert cli("people", "erase", "P2", "--yes", "--reason", "Sunita Sharma asked").code == 2
    plan = done(cli, "people", "erase", "P3", "--dry-run", "--reason", "asked")
    assert (plan["dry_run"], plan["contact_points"], plan["erased_at"]) == (True, 1, None)
    told = done(cli, "people", "erase", "P3", "--yes", "--reason", "asked on the phone")
    assert (told["ref"], told["tables"]["people"]) == ("P3", 1)
    assert told["erased_at"].endswith("+05:30")
    assert "already" in cli("people", "erase", "P3", "--yes", "--reason", "asked").out
    assert done(cli, "audit", "verify")["ok"]
    assert "7911123456" not in cli("audit", "list", "--json", "--limit", "500").out
    assert cli("people", "restore", "P3").code == 2


def test_the_timeline(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    told = done(cli, "people", "timeline", "P1")
    assert told["name"] == "Shri Ramesh Sharma"
    assert {"at", "what", "detail", "by", "channel", "ref"} == set(told["items"][0])
    assert [one["what"] for one in told["items"]] == ["list", "household", "invitation"]
    assert told["items"][0]["at"].endswith("+05:30")
    assert lines(cli("people", "timeline", "U1").out)[0][1:3] == ["list", "named by bride.csv, row 2"]
    assert cli("people", "timeline", "P99").code == 4


def test_a_stop_of_the_guests_own_is_not_lifted_by_a_note(cli: Cli, env: dict[str, str]) -> None:
    wedding(cli)
    done(cli, "people", "add", "Asha Rao", "--phone", "98200 12345")
    hear(env, "+919820012345", "STOP")
    ran = cli("consent", "record", "P1", "opt-in", "--source", "the mother says so", "--json")
    assert (ran.code, "only the guest" in ran.error["message"]) == (2, True)
    assert "--evidence" in ran.error["hint"]
    assert cli("consent", "record", "P1", "opt-in", "--source", "guest message").code == 2
    said = done(
        cli, "consent", "record", "P1", "opt-in", "--source", "on the phone", "--evidence", "call of 3 May"
    )
    assert said["consent"] == "opted_in"


def test_what_a_list_got_wrong_is_mended(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    mended = done(
        cli, "people", "edit", "P4", "--phone", "98290 44112", "--drop-phone", "98290 441", "--email", "n@x.in",
        "--language", "Hindi",
    )  # fmt: skip
    assert (mended["phones"], mended["language"]) == (["+919829044112"], "hi")
    assert done(cli, "people", "edit", "P4", "--drop-email", "N@x.in")["emails"] == []
    assert cli("people", "edit", "P4", "--drop-email", "n@x.in").code == 4
    assert cli("people", "edit", "P4", "--language", "Klingon").code == 2
