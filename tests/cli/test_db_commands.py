"""``parinaya db``: how the schema stands, backups, and bringing one back."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from alembic import command

from parinaya_cli.store import engine, schema
from tests.cli.commands_kit import done, wedding
from tests.conftest import Cli


def test_the_users_of_the_database_are_printed_and_mended(
    cli: Cli, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = cli("db", "grants")
    assert (printed.code, printed.err) == (0, "")
    assert printed.out.startswith("BEGIN;\n")
    assert printed.out.endswith("COMMIT;\n")
    told = done(cli, "db", "grants")
    assert (told["sql"], told["applied"], told["changed"]) == (printed.out, False, False)
    assert cli("db", "grants", "--apply").out == "All of it holds already.\n"
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("GRANT DELETE ON consent_ledger TO parinaya_app")
    found = {one["name"]: one for one in cli("doctor", "--json").json["checks"]}
    assert (found["users"]["ok"], found["rights"]["ok"], found["fences"]["ok"]) == (True, False, True)
    assert found["rights"]["detail"] == "parinaya_app may DELETE in consent_ledger"
    refused = cli("db", "grants", "--apply", "--json")
    assert (refused.code, "may not" in refused.error["message"]) == (1, True)
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert done(cli, "db", "grants", "--apply")["changed"] is True
    with psycopg.connect(database_url) as conn:
        assert conn.execute("SELECT role FROM audit_logs WHERE action = 'db.grants'").fetchall() == [
            ("system",)
        ]
    found = {one["name"]: one for one in cli("doctor", "--json").json["checks"]}
    assert found["users"]["detail"] == "parinaya works as parinaya, whom no rights and fences hold"


def test_an_upgrade_stands_in_the_audit_log(
    cli: Cli, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedding(cli)
    before = f"{int(schema.HEAD) - 1:04}"
    db = engine.open_engine(database_url, pool=1)
    with db.connect() as conn:
        command.downgrade(schema.configuration(conn), before)
        conn.commit()
    db.dispose()
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.delenv("PARINAYA_AUDIT_KEY")
    refused = cli("db", "upgrade", "--json")
    assert (refused.code, refused.error["code"]) == (2, "not_set_up")
    assert done(cli, "db", "status")["current"] == before, "no change without its entry"
    monkeypatch.setenv("PARINAYA_AUDIT_KEY", "test-audit-key")
    for _ in range(2):
        assert done(cli, "db", "upgrade", "--reason", "a new version")["current"] == schema.HEAD
    with psycopg.connect(database_url) as at:
        found = at.execute("SELECT v.value::json->'before'->>'schema', v.value::json->'after'->>'schema' FROM "
                           "audit_logs l JOIN audit_values v USING (chain_id, seq) "
                           "WHERE action = 'db.upgrade'").fetchall()  # fmt: skip
    assert found == [(before, schema.HEAD)]
    assert done(cli, "audit", "verify")["ok"]


def test_a_backup_is_made_once_and_comes_back_into_an_empty_place_alone(
    cli: Cli, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedding(cli)
    place = tmp_path / "b"
    refused = cli("db", "backup", "--to", place, "--json")
    assert (refused.code, refused.error["code"], place.exists()) == (1, "not_administrator", False)
    monkeypatch.setenv("DATABASE_URL", database_url)
    made = done(cli, "db", "backup", "--to", place)
    assert (made["file"], made["schema"], made["rows"] > 0) == (str(place), schema.HEAD, True)
    [entry] = done(cli, "audit", "list", "--action", "db.backup", "--wedding", "ananya-kabir")["items"] or [
        None
    ]
    assert entry is None, "a backup is of all weddings, so it stands in the chain of none"
    again = cli("db", "backup", "--to", place, "--json")
    assert (again.code, "is there already" in again.error["message"]) == (2, True)
    refused = cli("db", "restore", place, "--yes", "--json")
    assert (refused.code, refused.error["code"]) == (1, "not_empty")
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("DROP SCHEMA public CASCADE")
        conn.execute("CREATE SCHEMA public")
    seen = done(cli, "db", "restore", place, "--dry-run")
    assert seen["sha256"] == made["sha256"]
    asked = cli("db", "restore", place, "--json")
    assert (asked.code, asked.error["code"]) == (2, "not_confirmed")
    back = done(cli, "db", "restore", place, "--yes", "--reason", "the machine burnt down")
    assert (back["rows"], back["audit_ok"], back["paused"]) == (made["rows"], True, 0)
    assert done(cli, "db", "status") == {"current": schema.HEAD, "head": schema.HEAD, "pending": []}
    assert done(cli, "weddings", "list")["total"] == 1
    assert done(cli, "audit", "verify")["ok"] is True
