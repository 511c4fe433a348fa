"""``parinaya people merge`` and ``unmerge``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.commands_kit import done, guests, servers
from tests.cli.frame_terminal import PARINAYA, on_terminal
from tests.conftest import Cli


def test_people_are_merged_and_taken_apart(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    before = done(cli, "people", "list", "--all")
    ran = cli("people", "merge", "P1", "P3", "--json")
    assert (ran.code, ran.error["code"]) == (2, "not_confirmed")
    plan = done(cli, "people", "merge", "P1", "P3", "--dry-run")
    assert (plan["ref"], plan["merged"], plan["dry_run"]) == ("P1", ["P3"], True)
    assert done(cli, "people", "list", "--all") == before
    merged = done(cli, "people", "merge", "P1", "P3", "--yes", "--reason", "her maiden name")
    assert (merged["ref"], merged["phones"]) == ("P1", ["+919820012345", "+447911123456"])
    assert {"field": "city", "before": {"P1": "Pune", "P3": "London"}, "after": "Pune", "kept": "P1",
            "why": "the survivor's"} in merged["fields"]  # fmt: skip
    assert done(cli, "people", "show", "P3")["ref"] == "P1"
    assert done(cli, "units", "show", "U2")["ref"] == "U1"
    assert [one["reason"] for one in done(cli, "audit", "list", "--action", "person.merge")["items"]] == [
        "her maiden name"
    ]
    assert cli("people", "unmerge", "P3", "--json").error["code"] == "not_confirmed"
    assert done(cli, "people", "unmerge", "P3", "--dry-run")["items"] == []
    apart = done(cli, "people", "unmerge", "P3", "--yes", "--reason", "two cousins")
    assert ([one["ref"] for one in apart["items"]], apart["unmerged"]) == (["P1", "P3"], ["P3"])
    assert done(cli, "people", "list", "--all") == before
    for argv, code in (
        (["unmerge", "P3", "--yes"], 2),
        (["unmerge", "P2", "--yes"], 4),
        (["merge", "P1", "--yes"], 2),
        (["merge", "P1", "P99", "--yes"], 4),
    ):
        assert cli("people", *argv).code == code


def test_what_was_built_on_a_merge_is_told(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    done(cli, "people", "merge", "P5", "P6", "--keep", "P5", "--yes")
    done(cli, "people", "merge", "P1", "P5", "--keep", "P1", "--yes")
    ran = cli("people", "unmerge", "P6", "--yes", "--json")
    assert (ran.code, ran.error["code"]) == (1, "built_on")
    assert "parinaya people unmerge P5" in ran.error["message"]
    assert cli("people", "unmerge", "P5", "--yes").out == "P1 and P5 are people of their own again.\n"
    assert cli("people", "unmerge", "P6", "--yes").code == 0


def test_before_and_after_stand_side_by_side(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    screen = on_terminal(
        [*PARINAYA, "people", "merge", "P1", "P3"],
        columns=120,
        answers={"[y/N]": "n\n"},
        env={**servers(), "NO_COLOR": "1"},
    ).screen
    text = " ".join(screen.split())
    assert "P1 P3 Afterwards Why" in text
    assert "city Pune London Pune the survivor's" in text
    assert "U2 (Asha Rao) is left empty, and is U1 from now on." in text
    assert "Merge P3 into P1? [y/N]" in text
    assert done(cli, "people", "show", "P3")["ref"] == "P3"
    piped = cli("people", "merge", "P1", "P3", "--yes").out
    assert "To take it back: parinaya people unmerge P3" in piped
