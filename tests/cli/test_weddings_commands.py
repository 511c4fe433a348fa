"""``parinaya weddings``."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.cli.commands_kit import acting_as, done, lines
from tests.conftest import Cli


def test_a_wedding_is_added_and_listed(cli: Cli) -> None:
    made = done(cli, "weddings", "add", "Ananya & Kabir", "--timezone", "Asia/Dubai", "--region", "ae")
    assert {key: made[key] for key in ("slug", "title", "couple", "timezone", "region", "language")} == {
        "slug": "ananya-kabir",
        "title": "Ananya & Kabir",
        "couple": "Ananya & Kabir",
        "timezone": "Asia/Dubai",
        "region": "AE",
        "language": "en",
    }
    done(cli, "weddings", "add", "Meera weds Arjun", "--slug", "meera", "--couple", "Meera & Arjun")
    listed = done(cli, "weddings", "list")
    assert [one["slug"] for one in listed["items"]] == ["ananya-kabir", "meera"]
    assert listed["total"] == 2
    assert lines(cli("weddings", "list").out)[1][:2] == ["meera", "Meera weds Arjun"]


def test_no_wedding_is_told_with_what_to_do(cli: Cli) -> None:
    ran = cli("weddings", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "parinaya weddings add" in ran.err
    ran = cli("people", "list", "--json")
    assert (ran.code, ran.error["code"]) == (2, "no_wedding")


WRONG_WORDS = (
    (["Ananya & Kabir"], "slug_taken"),
    (["New", "--slug", "Not A Slug"], "used_wrongly"),
    (["New", "--timezone", "Asia/Nowhere"], "used_wrongly"),
    (["New", "--region", "India"], "used_wrongly"),
    (["New", "--quiet-hours", "late"], "used_wrongly"),
    (["New", "--ask", "shoe sizes"], "used_wrongly"),
    (["!!!"], "used_wrongly"),
)


def test_a_bad_value_adds_nothing(cli: Cli) -> None:
    done(cli, "weddings", "add", "Ananya & Kabir")
    for argv, code in WRONG_WORDS:
        ran = cli("weddings", "add", *argv, "--json")
        assert (ran.code, ran.error["code"], ran.out) == (2, code, ""), argv
    assert done(cli, "weddings", "list")["total"] == 1


def test_several_weddings_are_named_and_one_is_chosen(cli: Cli, env: dict[str, str]) -> None:
    for slug in ("first", "second"):
        done(cli, "weddings", "add", slug)
    ran = cli("weddings", "show", "--json")
    assert (ran.code, ran.error["code"]) == (2, "which_wedding")
    assert "first, second" in ran.error["message"]
    assert done(cli, "weddings", "show", "-w", "second")["slug"] == "second"
    assert done(cli, "weddings", "use", "first")["chosen"]
    kept = tomllib.loads((Path(env["PARINAYA_CONFIG_DIR"]) / "config.toml").read_text())
    assert kept == {"parinaya_wedding": "first"}
    assert done(cli, "weddings", "show")["slug"] == "first"
    assert [one["chosen"] for one in done(cli, "weddings", "list")["items"]] == [True, False]
    ran = cli("weddings", "use", "third", "--json")
    assert ran.code == 4
    assert "first, second" in ran.error["hint"]
    assert done(cli, "weddings", "show")["slug"] == "first"


def test_edit_changes_what_is_named(cli: Cli) -> None:
    done(cli, "weddings", "add", "Ananya & Kabir")
    after = done(cli, "weddings", "edit", "--quiet-hours", "21-9", "--frequency-cap", "3", "--require-opt-in")
    assert (after["quiet_hours"], after["frequency_cap"], after["require_opt_in"]) == ("21-9", 3, True)
    after = done(cli, "weddings", "edit", "--quiet-hours", "off", "--frequency-cap", "0", "--language", "hi")
    assert (after["quiet_hours"], after["frequency_cap"], after["language"]) == (None, None, "hi")
    assert after["require_opt_in"]
    assert "as it was" in cli("weddings", "edit", "--language", "hi").out
    assert cli("weddings", "edit").code == 2
    edits = done(cli, "audit", "list", "--action", "wedding.edit")
    assert edits["total"] == 2


def test_only_an_owner_adds_and_edits(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    done(cli, "weddings", "add", "Ananya & Kabir")
    done(cli, "weddings", "add", "Other")
    monkeypatch.setenv("PARINAYA_WEDDING", "ananya-kabir")
    with acting_as(cli, monkeypatch, "planner"):
        assert cli("weddings", "edit", "--language", "hi").code == 3
        assert cli("weddings", "add", "Mine").code == 3
        assert [one["slug"] for one in done(cli, "weddings", "list")["items"]] == ["ananya-kabir"]
        assert cli("weddings", "show", "--wedding", "other").code == 2


def test_what_guests_are_asked_is_a_setting_of_the_wedding(cli: Cli) -> None:
    assert done(cli, "weddings", "add", "Ananya & Kabir")["ask"] == []
    assert done(cli, "weddings", "edit", "--ask", "children,diets")["ask"] == ["children", "diets"]
    assert done(cli, "weddings", "edit", "--ask", "nothing")["ask"] == []


def test_how_long_things_are_kept_is_a_setting_of_the_wedding(cli: Cli) -> None:
    before = done(cli, "weddings", "add", "Ananya & Kabir")
    assert [before[key] for key in ("forget_after", "keep_texts", "keep_files")] == [None, None, None]
    after = done(cli, "weddings", "edit", "--keep-texts", "30", "--keep-files", "7", "--forget-after", "90")
    assert [after[key] for key in ("forget_after", "keep_texts", "keep_files")] == [90, 30, 7]
    assert done(cli, "weddings", "edit", "--keep-files", "0")["keep_files"] is None
    assert done(cli, "weddings", "show")["keep_texts"] == 30
    assert cli("weddings", "edit", "--keep-texts", "-1").code == 2
    [lifted, _] = done(cli, "audit", "list", "--action", "wedding.edit")["items"]
    assert (lifted["before"], lifted["after"]) == ({"keep_files": 7}, {"keep_files": None})
