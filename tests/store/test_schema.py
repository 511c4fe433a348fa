"""The schema: forward, back, forward; equal to the tables; one head; one upgrade at a time; its guards."""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.domain.access import Channel, system
from parinaya_cli.domain.errors import Failed
from parinaya_cli.store import engine, schema
from parinaya_cli.store.tables import metadata
from tests.databases import named
from tests.services.wedding_kit import KEY, Scene

MIGRATION = schema.migrations_dir() / "versions" / "0001_the_first_schema.py"


@pytest.fixture
def empty_url(servers: Addresses) -> Iterator[str]:
    """A database without anything in it."""
    name = f"e_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    yield named(servers.database_url, name)
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def catalogue(db: engine.Database) -> list[Any]:
    """Everything that was made: columns, constraints, indexes, triggers, functions."""
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%'",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND tablename <> 'alembic_version'",
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname, prosrc FROM pg_proc p WHERE pronamespace = 'public'::regnamespace "
        "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
    )
    with db.connect() as conn:
        return [sorted(map(tuple, conn.execute(text(query)).all()), key=str) for query in queries]


def test_forward_back_and_forward_again(empty_url: str) -> None:
    db = engine.open_engine(empty_url, pool=1)
    before = catalogue(db)
    every = tuple(f"{number:04}" for number in range(1, int(schema.HEAD) + 1))
    assert schema.status(db) == schema.SchemaStatus(None, schema.HEAD, every)
    assert schema.upgrade(db) == schema.SchemaStatus(schema.HEAD, schema.HEAD, ())
    made = catalogue(db)
    with db.connect() as conn:
        command.downgrade(schema.configuration(conn), "base")
        conn.commit()
    assert catalogue(db) == before
    schema.upgrade(db)
    assert catalogue(db) == made
    assert schema.upgrade(db).pending == ()
    db.dispose()


def test_the_migrations_make_what_the_tables_say(database_url: str) -> None:
    db = engine.open_engine(database_url, pool=1)
    with db.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    db.dispose()


def test_there_is_one_head_and_the_constant_names_it() -> None:
    script = ScriptDirectory.from_config(schema.configuration())
    assert script.get_heads() == [schema.HEAD]
    assert len(script.get_bases()) == 1


def _upgrade(url: str, start: Any, results: Any) -> None:
    db = engine.open_engine(url, pool=1)
    start.wait(30)
    try:
        by = schema.Upgrader(system(Channel.CLI), KEY, "a new version")
        results.put(schema.upgrade(db, by=by).current)
    except Exception as error:  # noqa: BLE001 - told to the test
        results.put(repr(error))
    db.dispose()


def test_two_upgrades_at_once_run_once(empty_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(2), context.Queue()
    both = [context.Process(target=_upgrade, args=(empty_url, start, results)) for _ in range(2)]
    for process in both:
        process.start()
    found = [results.get(timeout=60) for _ in both]
    for process in both:
        process.join(30)
    assert found == [schema.HEAD, schema.HEAD]
    with psycopg.connect(empty_url) as conn:
        told = conn.execute("SELECT l.action, l.channel, v.value FROM audit_logs l JOIN audit_values v "
                            "USING (chain_id, seq)").fetchall()  # fmt: skip
    [(action, channel, value)] = told
    assert (action, channel) == ("db.upgrade", "cli")
    assert json.loads(value) == {
        "before": {"schema": None}, "after": {"schema": schema.HEAD}, "reason": "a new version",
    }  # fmt: skip


def test_another_schema_is_refused(database_url: str) -> None:
    db = engine.open_engine(database_url, pool=1)
    with db.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with db.connect() as conn, pytest.raises(Failed) as caught:
        schema.require_head(conn)
    assert caught.value.code == "schema"
    with pytest.raises(Failed) as caught:
        schema.upgrade(db)
    assert "does not know" in caught.value.message
    db.dispose()


def test_an_empty_database_says_what_to_do(empty_url: str) -> None:
    db = engine.open_engine(empty_url, pool=1)
    with db.connect() as conn, pytest.raises(Failed, match="empty"):
        schema.require_head(conn)
    db.dispose()


# ── keys ───────────────────────────────────────────────────────────────────────────────────────────────


def migration() -> Any:
    """The first migration as a module."""
    spec = importlib.util.spec_from_file_location("first_migration", MIGRATION)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("which", ["new_id", "new_id_before_18"])
def test_keys_are_uuid7_on_every_server(scene: Scene, which: str) -> None:
    if which != "new_id":
        scene.run(migration().NEW_ID_BEFORE_18.replace("FUNCTION new_id", f"FUNCTION {which}"))
    started = scene.value("SELECT extract(epoch FROM clock_timestamp()) * 1000")
    keys = [row["id"] for row in scene.rows(f"SELECT {which}() AS id FROM generate_series(1, 2000)")]
    ended = scene.value("SELECT extract(epoch FROM clock_timestamp()) * 1000")
    assert len(set(keys)) == len(keys)
    assert {(key.version, key.variant) for key in keys} == {(7, uuid.RFC_4122)}
    times = [key.int >> 80 for key in keys]
    assert times == sorted(times)
    assert int(started) - 1 <= times[0]
    assert times[-1] <= int(ended) + 1
    assert len({key.int & ((1 << 62) - 1) for key in keys}) == len(keys), "the rest is random"


# ── guards ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_only_ever_added_can_not_be_changed(scene: Scene) -> None:
    from parinaya_cli.services import consent

    units = scene.ready("Asha", seats=1)
    scene.send()
    scene.deliver()
    from parinaya_cli.domain.messages import DeliveryStatus, Text
    from parinaya_cli.services import statuses

    with scene.system() as tx:
        statuses.hear(tx, [scene.status(scene.sender.sent[0], DeliveryStatus.READ)])
    scene.hear(scene.say(units[0], Text("yes")))
    with scene.begin() as tx:
        consent.record(tx, "P1", "opt-in", source="call")
    for table in migration().APPEND_ONLY:
        assert scene.value(f"SELECT count(*) FROM {table}") > 0, table
        column = scene.value(
            "SELECT column_name FROM information_schema.columns WHERE table_name = :table ORDER BY 1",
            table=table,
        )
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(Exception, match="only ever added"):
                scene.run(statement)


def test_the_guarded_tables_are_those_that_say_so() -> None:
    said = {
        table.name
        for mapper in _mappers()
        for table in [mapper.local_table]
        if "nly ever added" in (mapper.class_.__doc__ or "")
    }
    assert said == set(migration().APPEND_ONLY)


def _mappers() -> list[Any]:
    from sqlmodel import SQLModel

    return list(SQLModel._sa_registry.mappers)


# ── weddings apart ─────────────────────────────────────────────────────────────────────────────────────

BOUND = {table.name for table in metadata.sorted_tables if "wedding_id" in table.columns}


def test_every_row_of_a_wedding_is_bound_to_it() -> None:
    for table in metadata.sorted_tables:
        if table.name in BOUND:
            bonds = [fk for fk in table.foreign_key_constraints if fk.referred_table.name == "weddings"]
            # Rows that are nothing without another row of the wedding are bound through it.
            through = [
                fk for fk in table.foreign_key_constraints
                if "wedding_id" in fk.column_keys and not table.columns[fk.column_keys[-1]].nullable
            ]  # fmt: skip
            assert [list(fk.column_keys) for fk in bonds] == [["wedding_id"]] or through, table.name


def test_no_foreign_key_can_point_into_another_wedding() -> None:
    for table in metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if key.referred_table.name in BOUND and table.name in BOUND:
                pairs = {(e.parent.name, e.column.name) for e in key.elements}
                assert ("wedding_id", "wedding_id") in pairs, f"{table.name}: {key.name}"


# ids of other things than rows: provider's ids, chains of the audit log
NO_ROWS = {
    "message_id",
    "media_id",
    "context_id",
    "phone_number_id",
    "wa_id",
    "external_id",
    "key_id",
    "trace_id",
    "chain_id",
}
# entries of the audit log may outlive what they are about
LOOSE = {("audit_logs", "entity_id")}


def test_every_column_that_names_a_row_is_a_foreign_key() -> None:
    for table in metadata.sorted_tables:
        for column in table.columns:
            named_row = column.name.endswith("_id") and column.name not in NO_ROWS
            if named_row and (table.name, column.name) not in LOOSE:
                keys = [key for key in table.foreign_key_constraints if column.name in key.column_keys]
                assert keys, f"{table.name}.{column.name}"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO guest_unit_members (wedding_id, person_id, unit_id) VALUES (:other, :theirs, :unit)",
        "INSERT INTO invitations (wedding_id, unit_id, event_id, seats) VALUES (:other, :unit, :event, 1)",
        "INSERT INTO rsvp_responses (wedding_id, unit_id, event_id, status, channel, source, source_key, given_at) "
        "VALUES (:other, :unit, :event, 'yes', 'cli', 's', 'k', now())",
        "INSERT INTO person_contacts (wedding_id, person_id, contact_point_id) VALUES (:other, :theirs, :point)",
        "INSERT INTO consent_ledger (wedding_id, contact_point_id, kind, effective_at, source, source_key) "
        "VALUES (:other, :point, 'opt-in', now(), 's', 'k')",
        "UPDATE people SET merged_into = :person WHERE id = :theirs",
        "UPDATE people SET wedding_id = :other, number = 99 WHERE id = :person",
        "UPDATE guest_units SET primary_person_id = :theirs WHERE id = :unit",
    ],
)
def test_a_row_that_points_into_another_wedding_is_refused(scene: Scene, statement: str) -> None:
    event = scene.event()
    unit = scene.household("Asha")
    point = scene.value("SELECT id FROM contact_points")
    other = scene.another("second-wedding")
    first, scene.wedding = scene.wedding, other
    theirs = scene.person("Ravi")
    assert first != other
    values = {
        "other": other.id,
        "person": unit.primary_id,
        "theirs": theirs.id,
        "unit": unit.id,
        "event": event,
        "point": point,
    }
    with pytest.raises(Exception, match="foreign key"):
        scene.run(statement, **values)
