"""``parinaya audit``."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.cli.commands_kit import acting_as, done, lines, wedding
from tests.conftest import Cli

KEYS = {"seq", "at", "actor", "action", "entity", "ref", "before", "after", "reason", "channel", "hash"}


def test_every_change_is_listed_with_who_and_why(cli: Cli) -> None:
    wedding(cli)
    done(cli, "people", "add", "Asha Rao", "--city", "Pune")
    done(cli, "people", "edit", "P1", "--city", "Delhi", "--reason", "she moved")
    listed = done(cli, "audit", "list")
    assert [one["action"] for one in listed["items"]] == [
        "person.edit",
        "person.add",
        "event.add",
        "wedding.add",
    ]
    assert listed["total"] == 4
    entry = listed["items"][0]
    assert set(entry) >= KEYS
    assert (entry["seq"], entry["actor"], entry["ref"], entry["channel"]) == (4, "Meera", "P1", "cli")
    assert (entry["before"], entry["after"], entry["reason"]) == (
        {"city": "Pune"},
        {"city": "Delhi"},
        "she moved",
    )
    assert entry["at"].endswith("+05:30")
    assert done(cli, "audit", "show", "4") == entry
    assert cli("audit", "show", "5").code == 4
    assert lines(cli("audit", "list", "--limit", "1").out)[0][2:] == [
        "Meera",
        "person.edit",
        "P1",
        "she moved",
    ]


def test_the_list_is_narrowed(cli: Cli) -> None:
    wedding(cli)
    for name in ("Asha Rao", "Ravi Iyer"):
        done(cli, "people", "add", name)

    def found(*argv: str) -> list[int]:
        return [one["seq"] for one in done(cli, "audit", "list", *argv)["items"]]

    assert found("--action", "person") == [4, 3]
    assert found("--action", "person.add", "--entity", "P2") == [4]
    assert found("--entity", "event") == [2]
    assert found("--actor", "Nobody") == []
    assert found("--since", "2020-01-01") == [4, 3, 2, 1]
    assert found("--since", "2199-01-01T10:00") == []
    first = done(cli, "audit", "list", "--action", "person", "--limit", "1")
    assert (len(first["items"]), first["total"]) == (1, 2)
    assert cli("audit", "list", "--since", "yesterday").code == 2
    assert cli("audit", "list", "--limit", "0").code == 2


def test_a_change_of_the_log_is_found(cli: Cli, database_url: str) -> None:
    wedding(cli)
    done(cli, "people", "add", "Asha Rao")
    right = done(cli, "audit", "verify")
    assert (right["ok"], right["first_bad"]) == (True, None)
    assert [one["kept"] for one in right["checkpoints"]] == [0]
    again = done(cli, "audit", "verify")
    assert [(one["kept"] > 0, one["foreign"]) for one in again["checkpoints"]] == [(True, 0)]
    assert right["entries"] >= 3
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("UPDATE audit_logs SET actor = 'Nobody' WHERE action = 'event.add'")
    ran = cli("audit", "verify", "--json")
    assert (ran.code, ran.json["ok"], ran.json["first_bad"], ran.json["reason"]) == (1, False, 2, "edited")
    ran = cli("audit", "verify")
    assert (ran.code, ran.out) == (1, "The log is broken at entry 2: edited.\n")


def test_the_log_is_verified_where_no_checkpoint_can_be_kept(cli: Cli, env: dict[str, str]) -> None:
    wedding(cli)
    Path(env["PARINAYA_HOME"]).mkdir(exist_ok=True)
    Path(env["PARINAYA_HOME"], "checkpoints").write_text("no folder")
    ran = cli("audit", "verify", "--json")
    assert (ran.code, ran.json["ok"]) == (0, True)
    assert [one["error"] is None for one in ran.json["checkpoints"]] == [False]
    assert "was not held against" in ran.err
    assert "No new checkpoint" in ran.err


def test_who_may_look(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    wedding(cli)
    with acting_as(cli, monkeypatch, "operator"):
        for argv in (["list"], ["show", "1"], ["verify"]):
            assert cli("audit", *argv).code == 3
    with acting_as(cli, monkeypatch, "auditor"):
        assert done(cli, "audit", "verify")["ok"]
        refused = done(cli, "audit", "list", "--action", "access.refused")
    assert [one["actor"] for one in refused["items"]] == ["the operator"] * 3
