"""``parinaya people``, apart from imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands_kit import acting_as, done, guests, lines, servers, wedding
from tests.cli.frame_terminal import PARINAYA, on_terminal
from tests.conftest import Cli

KEYS = {
    "ref", "full_name", "phones", "emails", "city", "side", "tags", "unit", "external_ids", "do_not_message", "consent",
}  # fmt: skip


def test_a_person_is_added_shown_and_edited(cli: Cli) -> None:
    wedding(cli)
    made = done(
        cli, "people", "add", "Smt. Asha Rao", "--phone", "98200 12345", "--phone", "+44 7911 123456",
        "--email", "Asha@Example.com", "--side", "bride", "--city", "Pune", "--tag", "VIP", "--language", "hi",
    )  # fmt: skip
    assert set(made) >= KEYS
    assert made["phones"] == ["+919820012345", "+447911123456"]
    assert (made["emails"], made["tags"], made["consent"]) == (["asha@example.com"], ["vip"], "none")
    after = done(cli, "people", "edit", "P1", "--phone", "98111 22333", "--city", "Delhi", "--notes", "deaf")
    assert after["phones"] == ["+919811122333", "+919820012345", "+447911123456"]
    assert (after["city"], after["notes"], after["full_name"]) == ("Delhi", "deaf", "Smt. Asha Rao")
    after = done(cli, "people", "edit", "P1", "--drop-phone", "9820012345", "--name", "Asha Rao Kulkarni")
    assert after["phones"] == ["+919811122333", "+447911123456"]
    assert done(cli, "people", "show", "p1") == done(cli, "people", "show", after["id"]) == after
    assert [one["action"] for one in done(cli, "audit", "list", "--entity", "P1")["items"]] == [
        "person.edit",
        "person.edit",
        "person.add",
    ]


def test_bad_values_and_unknown_people(cli: Cli) -> None:
    wedding(cli)
    done(cli, "people", "add", "Asha Rao")
    for argv, code in (
        (["add", "  "], 2),
        (["add", "Ravi", "--phone", "call me"], 2),
        (["add", "Ravi", "--email", "ravi"], 2),
        (["add", "Ravi", "--side", "neither"], 2),
        (["add", "Ravi", "--tag", " "], 2),
        (["edit", "P1"], 2),
        (["edit", "P1", "--phone", "12"], 2),
        (["edit", "P1", "--drop-phone", "9820012345"], 4),
        (["show", "P2"], 4),
        (["show", "U1"], 2),
        (["tag", "P1"], 2),
        (["tag", "+vip"], 2),
        (["tag", "P1", "P2", "+vip"], 4),
        (["dnm", "P1"], 2),
        (["dnm", "P1", "--reason", " "], 2),
        (["list", "--all", "--limit", "3"], 2),
        (["list", "--event", "pheras"], 4),
    ):
        ran = cli("people", *argv, "--json")
        assert (ran.code, ran.out) == (code, ""), argv
        assert ran.error["message"], argv
    [asha] = done(cli, "people", "list")["items"]
    assert (asha["full_name"], asha["tags"], asha["phones"]) == ("Asha Rao", [], [])


def test_tags_come_and_go(cli: Cli) -> None:
    wedding(cli)
    for name in ("Asha Rao", "Ravi Iyer"):
        done(cli, "people", "add", name, "--tag", "old")
    both = done(cli, "people", "tag", "P1", "P2", "+vip", "-old", "+quiet")
    assert [one["tags"] for one in both["items"]] == [["quiet", "vip"]] * 2
    one = done(cli, "people", "tag", "-quiet", "P1", "-q")
    assert (one["ref"], one["tags"]) == ("P1", ["vip"])
    assert cli("people", "tag", "--", "P1", "-vip").out == "P1 Asha Rao: no tags.\n"
    assert cli("people", "tag", "P2", "--", "--vip").code == 2
    assert [one["ref"] for one in done(cli, "people", "list", "--tag", "vip")["items"]] == ["P2"]


def test_do_not_message_is_set_and_lifted(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    wedding(cli)
    done(cli, "people", "add", "Asha Rao")
    stopped = done(cli, "people", "dnm", "P1", "--reason", "a death in the family")
    assert (stopped["ref"], stopped["do_not_message"]) == ("P1", True)
    assert done(cli, "people", "show", "P1")["do_not_message"]
    with acting_as(cli, monkeypatch, "operator"):
        assert cli("people", "dnm", "P1", "--lift", "--reason", "x").code == 3
    assert not done(cli, "people", "dnm", "P1", "--lift", "--reason", "they asked")["do_not_message"]
    [lifted, _] = done(cli, "audit", "list", "--action", "person.dnm")["items"]
    assert lifted["reason"] == "they asked"


def test_lists_are_narrowed(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    everybody = done(cli, "people", "list")
    assert everybody["total"] == len(everybody["items"]) == 6

    def refs(*argv: str) -> list[str]:
        return [one["ref"] for one in done(cli, "people", "list", *argv)["items"]]

    assert refs("--side", "groom") == ["P5", "P6"]
    assert refs("--tag", "close") == ["P1", "P2"]
    assert refs("--event", "sangeet") == ["P1", "P2"]
    assert refs("--no-phone") == ["P4"]
    first = done(cli, "people", "list", "--limit", "2")
    assert (len(first["items"]), first["total"]) == (2, 6)
    assert lines(cli("people", "list", "--side", "groom").out) == [
        ["P5", "Vikram Seth", "+919811122333", "Delhi", "groom", "U4", ""],
        ["P6", "Leela Seth", "+919811122334", "Delhi", "groom", "U5", ""],
    ]
    ran = cli("people", "list", "--tag", "nobody")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err


def test_family_sees_its_own_side_and_the_desk_names_only(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests(cli, tmp_path)
    with acting_as(cli, monkeypatch, "family", "--side", "groom"):
        assert [one["ref"] for one in done(cli, "people", "list")["items"]] == ["P5", "P6"]
        assert done(cli, "people", "list", "--side", "bride")["items"] == []
        assert cli("people", "show", "P1").code == 4
        assert cli("people", "edit", "P5", "--city", "Agra").code == 3
    with acting_as(cli, monkeypatch, "desk"):
        ran = cli("people", "list", "--json")
        assert [set(one) for one in ran.json["items"]] == [{"ref", "id", "full_name", "unit"}] * 6
        assert "98" not in "".join(one["full_name"] for one in ran.json["items"])
        assert lines(cli("people", "list").out)[0] == ["P1", "Shri Ramesh Sharma", "U1"]
        assert "+91" not in cli("people", "show", "P1").out
        assert cli("people", "import", tmp_path / "bride.csv").code == 3
    with acting_as(cli, monkeypatch, "auditor"):
        assert done(cli, "people", "list")["total"] == 6
        assert cli("people", "tag", "P1", "+vip").code == 3


def test_on_a_terminal_phones_are_grouped_and_fifty_people_are_shown(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    rows = "".join(f"Guest Number {number},98200 {10000 + number}\n" for number in range(60))
    (tmp_path / "many.csv").write_text(f"Name,Mobile\n{rows}")
    done(cli, "people", "import", tmp_path / "many.csv")
    seen = on_terminal([*PARINAYA, "people", "list"], env={**servers(), "NO_COLOR": "1"})
    assert seen.exit_code == 0
    assert "+91 98200 10049" in seen.screen
    assert "98200 10050" not in seen.screen
    assert "50 of 60 shown" in seen.screen
    assert max(map(len, seen.screen.splitlines())) <= 80
