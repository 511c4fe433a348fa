"""``parinaya roles``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands_kit import acting_as, done, lines, wedding
from tests.conftest import Cli


def test_a_token_is_shown_once_and_holds_until_it_is_taken_away(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedding(cli)
    made = done(cli, "roles", "grant", "Sunita", "family", "--side", "bride")
    assert (made["name"], made["role"], made["side"]) == ("Sunita", "family", "bride")
    assert made["token"].startswith("pnt_")
    listed = cli("roles", "list", "--json")
    assert [(one["name"], one["role"], one["wedding"]) for one in listed.json["items"]] == [
        ("Meera", "owner", None),
        ("Sunita", "family", "ananya-kabir"),
    ]
    assert made["token"] not in listed.out
    ran = cli("roles", "revoke", "Sunita", "--json")
    assert (ran.code, ran.error["code"]) == (2, "not_confirmed")
    assert not done(cli, "roles", "revoke", "Sunita", "--dry-run")["revoked"]
    assert done(cli, "roles", "revoke", "Sunita", "--yes")["revoked"]
    assert cli("roles", "revoke", "Sunita", "--yes").code == 4
    monkeypatch.setenv("PARINAYA_TOKEN", made["token"])
    assert cli("people", "list").code == 3


def test_the_token_is_told_even_when_nothing_else_is(cli: Cli) -> None:
    wedding(cli)
    told = dict(lines(cli("roles", "grant", "Ravi", "planner", "--quiet").out))
    assert (told["name"], told["role"]) == ("Ravi", "planner")
    assert told["token"].startswith("pnt_")


def test_a_token_can_go_into_a_file_that_nobody_else_reads(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedding(cli)
    file = tmp_path / "ravi.token"
    ran = cli("roles", "grant", "Ravi", "planner", "--token-file", str(file))
    assert "pnt_" not in ran.out + ran.err
    assert file.stat().st_mode & 0o777 == 0o600
    again = cli("roles", "grant", "Asha", "planner", "--token-file", str(file))
    assert (again.code, done(cli, "roles", "list")["total"]) == (2, 2)
    refused = cli("roles", "grant", "Ravi", "planner", "--token-file", str(tmp_path / "more.token"))
    assert refused.code == 2
    assert not (tmp_path / "more.token").exists()
    monkeypatch.setenv("PARINAYA_TOKEN", file.read_text().strip())
    assert cli("people", "list").code == 0
    assert cli("roles", "list").code == 3


def test_bad_grants(cli: Cli) -> None:
    wedding(cli)
    done(cli, "roles", "grant", "Ravi", "planner")
    for argv in (
        ["Ravi", "operator"],
        ["Sunita", "family"],
        ["Sunita", "planner", "--side", "bride"],
        ["Sunita", "queen"],
        [" ", "planner"],
    ):
        assert cli("roles", "grant", *argv).code == 2, argv
    assert done(cli, "roles", "list")["total"] == 2


def test_only_owners_give_roles(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    wedding(cli)
    with acting_as(cli, monkeypatch, "planner"):
        for argv in (["grant", "Ravi", "owner"], ["list"], ["revoke", "Meera", "--yes"]):
            assert cli("roles", *argv).code == 3


def test_an_owner_of_one_wedding_takes_no_role_of_all_weddings(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedding(cli)
    with acting_as(cli, monkeypatch, "owner"):
        assert cli("roles", "revoke", "Meera", "--yes").code == 4
    assert cli("roles", "list").code == 0


def test_the_matrix_is_that_of_the_roles(cli: Cli) -> None:
    rows = {row["permission"]: row for row in done(cli, "roles", "matrix")["items"]}
    assert len(rows) == 11
    assert rows["send, remind, cancel"] == {
        "permission": "send, remind, cancel",
        **dict.fromkeys(("owner", "planner", "operator"), True),
        **dict.fromkeys(("family", "desk", "auditor"), False),
    }
