"""The database's users: what each may do and see, that doctor's words are true, and that it can be mended."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, text

from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.domain.access import Actor, Channel, Role
from parinaya_cli.domain.database_users import APP, OWNER
from parinaya_cli.domain.errors import Failed
from parinaya_cli.store import engine, grants, schema
from parinaya_cli.store.transaction import open_transaction
from tests.services.wedding_kit import KEY, Scene


@pytest.fixture
def admin(scene: Scene) -> Iterator[Connection]:
    """A superuser's transaction: whatever it does to users is gone afterwards, for other tests' databases too."""
    with scene.admin.connect() as conn:
        yield conn
        conn.rollback()


def faults(conn: Connection) -> list[str]:
    return [fault for one in grants.holds(conn) for fault in one.faults]


@pytest.mark.parametrize(
    "statement",
    [
        *(f"UPDATE {table} SET {{column}} = {{column}}" for table in grants.APPEND_ONLY),
        *(f"DELETE FROM {table}" for table in grants.APPEND_ONLY),
        "DELETE FROM audit_values",
        "DELETE FROM audit_chains",
        "UPDATE alembic_version SET version_num = '0001'",
        "TRUNCATE weddings CASCADE",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE people DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit_logs DISABLE TRIGGER ALL",
        "DROP TABLE gifts",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS ''",
        f"SET ROLE {OWNER}",
        "SET session_replication_role = replica",
    ],
)
def test_what_parinaya_itself_may_not(scene: Scene, statement: str) -> None:
    column = "reason" if "audit_logs" in statement else "wedding_id"
    with pytest.raises(Failed) as caught, scene.system() as tx:
        tx.across.run(statement.format(column=column))
    assert "may not" in caught.value.message


def test_an_answer_gives_way_to_erasures_and_merges_alone(scene: Scene) -> None:
    with scene.system() as tx:
        for user, columns in (("parinaya_eraser", "note = ''"), ("parinaya_merger", "unit_id = unit_id")):
            tx.assume(user)
            assert tx.run(f"UPDATE rsvp_responses SET {columns}") == 0
            with pytest.raises(Exception, match="permission denied"), tx.savepoint():
                tx.run("UPDATE rsvp_responses SET status = 'yes'")


def test_a_transaction_sees_its_wedding_alone(scene: Scene) -> None:
    scene.person("Asha")
    first, scene.wedding = scene.wedding, scene.another("second")
    scene.person("Ravi")
    counting = "SELECT string_agg(full_name, ' ' ORDER BY full_name) FROM people"
    with scene.system() as tx:
        assert tx.value(counting) is None
        assert tx.across.value(counting) == "Asha Ravi"
        assert tx.value(counting) is None
        with tx.within(first):
            assert tx.value(counting) == "Asha"
            with pytest.raises(Exception, match="does not exist"), tx.savepoint(), tx.within(scene.wedding):
                tx.run("SELECT full_name, nothing FROM people")
            with tx.within(scene.wedding):
                assert tx.value(counting) == "Ravi", "what was rolled back is told again"
            assert tx.run("UPDATE people SET city = 'Pune'") == 1
            with pytest.raises(Exception, match="row-level security"), tx.savepoint():
                tx.run("UPDATE people SET wedding_id = :other", other=scene.wedding.id)
        assert tx.value(counting) is None
    with scene.db.connect() as conn:
        assert conn.execute(text(counting)).scalar() is None, "a pooled connection keeps nothing"


def test_no_table_is_forgotten(scene: Scene) -> None:
    with_wedding = scene.rows(
        "SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS fenced FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'wedding_id' AND NOT a.attisdropped "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
    )
    assert {row["name"] for row in with_wedding if not row["fenced"]} == set(grants.WITHOUT_FENCE)
    guarded = scene.rows(
        "SELECT tgrelid::regclass::text AS name, has_any_column_privilege(:app, tgrelid, 'UPDATE') AS changed "
        "FROM pg_trigger WHERE tgname = 'only_added'",
        app=APP,
    )
    assert {row["name"]: row["changed"] for row in guarded} == dict.fromkeys(grants.APPEND_ONLY, False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("GRANT UPDATE ON audit_logs TO parinaya_app", "parinaya_app may UPDATE in audit_logs"),
        ("GRANT TRUNCATE ON people TO PUBLIC", "parinaya_app may TRUNCATE in people"),
        ("REVOKE INSERT ON gifts FROM parinaya_across", "parinaya_across may not INSERT in gifts"),
        (
            "GRANT UPDATE (status) ON rsvp_responses TO parinaya_app",
            "parinaya_app may change columns of rsvp_res",
        ),
        ("ALTER TABLE people OWNER TO parinaya", "people belongs to parinaya"),
        ("ALTER TABLE people NO FORCE ROW LEVEL SECURITY", "people shows rows of every wedding"),
        ("ALTER TABLE people DISABLE ROW LEVEL SECURITY", "people shows rows of every wedding"),
        ("CREATE POLICY more ON people USING (true)", "the policies of people are others"),
        ("DROP POLICY own_wedding ON gifts", "the policies of gifts are others"),
        (
            "GRANT parinaya_owner TO parinaya_app",
            "parinaya_app may become parinaya_across, parinaya_eraser, ",
        ),
        ("REVOKE parinaya_across FROM parinaya_app", "parinaya_app may become parinaya_eraser, "),
        ("ALTER ROLE parinaya_app BYPASSRLS", "parinaya_app may do more than work"),
        ("ALTER ROLE parinaya_across LOGIN", "parinaya_across can log in"),
        ("ALTER ROLE parinaya_app INHERIT", "parinaya_app has at once what it may become"),
    ],
)
def test_what_does_not_hold_is_found_and_mended(admin: Connection, change: str, told: str) -> None:
    assert faults(admin) == []
    admin.execute(text(change))
    assert any(fault.startswith(told) for fault in faults(admin)), faults(admin)
    assert grants.settle(admin)
    assert faults(admin) == []
    assert not grants.settle(admin)


def test_the_script_says_all_of_it_and_again_changes_nothing(admin: Connection) -> None:
    before = catalogue(admin)
    statements = grants.script().split(";\n")
    assert (statements[0], statements[-2:]) == ("BEGIN", ["COMMIT", ""])
    script = grants.script().removeprefix("BEGIN;\n").removesuffix("COMMIT;\n")
    grants.run(admin, [script, script])
    assert catalogue(admin) == before


def catalogue(conn: Connection) -> list[tuple[object, ...]]:
    """Who may do what."""
    rows = conn.execute(
        text(
            "SELECT relname, relowner::regrole::text, relrowsecurity, relforcerowsecurity, "
            "ARRAY(SELECT a::text FROM unnest(relacl) a ORDER BY 1)::text FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') ORDER BY relname"
        )
    )
    return [tuple(row) for row in rows]


def test_a_database_from_before_is_taken_over_with_its_rows(empty_url: str) -> None:
    db = engine.open_engine(empty_url, pool=1)
    with db.begin() as conn:
        command.upgrade(schema.configuration(conn), "0012")
        conn.execute(text("INSERT INTO weddings (slug, title) VALUES ('a', 'A')"))
        conn.execute(
            text("INSERT INTO people (wedding_id, number, full_name) SELECT id, 1, 'Asha' FROM weddings")
        )
    app = engine.open_engine(empty_url.replace("//parinaya@", f"//{APP}@"), pool=1)
    with engine.translated(), app.connect() as conn, pytest.raises(Failed) as caught:
        schema.require_head(conn)
    assert (caught.value.code, "db upgrade" in caught.value.hint) == ("schema", True)
    schema.upgrade(db)
    with db.connect() as conn:
        assert faults(conn) == []
        command.downgrade(schema.configuration(conn), "0012")
        assert not conn.execute(text("SELECT count(*) FROM pg_policy")).scalar()
        conn.commit()
    schema.upgrade(db)
    with open_transaction(app, Actor("parinaya", Role.SYSTEM, Channel.CLI), KEY) as tx:
        assert tx.across.value("SELECT full_name FROM people") == "Asha"
    for each in (db, app):
        each.dispose()


def test_whoever_is_no_administrator_is_told_so(scene: Scene) -> None:
    with scene.db.connect() as conn:
        assert not grants.can_apply(conn)
        assert (grants.working_as(conn), faults(conn)) == (APP, [])
    scene.run("GRANT UPDATE ON audit_logs TO parinaya_app")
    with pytest.raises(Failed) as caught:
        schema.apply_grants(scene.db)
    assert "may not" in caught.value.message


@pytest.fixture
def empty_url(servers: Addresses) -> Iterator[str]:
    """A database without anything in it."""
    from tests.databases import named

    name = f"e_{uuid.uuid4().hex[:16]}"
    db = engine.open_engine(servers.database_url, pool=1)
    with db.connect() as conn:
        calm = conn.execution_options(isolation_level="AUTOCOMMIT")
        calm.execute(text(f"CREATE DATABASE {name}"))
        yield named(servers.database_url, name)
        calm.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    db.dispose()
