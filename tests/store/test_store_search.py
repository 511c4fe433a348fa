"""The key of the search says the same in Python and in the migration, and people who were there before have one."""

from __future__ import annotations

import importlib.util
import random
from typing import Any

import psycopg
import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.domain.names import fold
from parinaya_cli.domain.search import key
from parinaya_cli.store import engine, schema
from tests.databases import named
from tests.services.wedding_kit import Scene

MIGRATION = schema.migrations_dir() / "versions" / "0002_lists_in.py"
NAMES = [
    "Sunita",
    "सुनीता",
    "Mohd",
    "Md",
    "Muhammad",
    "Mahmud",
    "Laxmi",
    "लक्ष्मी",
    "Chowdhury",
    "Chaudhary",
    "Choudhari",
    "Shah",
    "शाह",
    "Gaurav",
    "Priya",
    "Vijay",
    "Dnyaneshwar",
    "Abdl",
    "Kr",
    "Govt",
    "Ravi",
    "Yash",
    "Coomar",
    "Cecil",
    "José",
    "Łukasz",
    "அருண்",
    "王",
    "Ivanov",
    "Avtar",
    "Iyer",
    "md",
]


def migration() -> Any:
    spec = importlib.util.spec_from_file_location("lists_in", MIGRATION)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.sampled_from(NAMES), st.text("aeioushcyjndmkv ", max_size=12)), max_size=4))
def test_python_and_the_migration_agree(scene: Scene, words: list[str]) -> None:
    folded = fold(" ".join(words))
    with scene.db.connect() as conn:
        said = conn.execute(
            text(f"SELECT {migration().search_key(':folded')}"), {"folded": folded}
        ).scalar_one()
    assert said == key(folded)


def test_who_was_there_before_can_be_found(servers: Addresses) -> None:
    name = f"e_{random.randrange(10**12)}"
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    db = engine.open_engine(named(servers.database_url, name), pool=1)
    with db.begin() as connection:
        command.upgrade(schema.configuration(connection), "0001")
        connection.execute(text("INSERT INTO weddings (slug, title) VALUES ('a', 'A')"))
        connection.execute(
            text(
                "INSERT INTO people (wedding_id, number, full_name, folded) SELECT w.id, n, 'x', f FROM weddings w, "
                "(VALUES (1, 'mohd sharma'), (2, 'mohd sharma'), (3, '')) AS t(n, f)"
            )
        )
    schema.upgrade(db)
    with db.connect() as connection:
        found = connection.execute(text("SELECT folded, key FROM folded_names")).all()
    assert [tuple(row) for row in found] == [("mohd sharma", key("mohd sharma"))]
    db.dispose()
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_what_was_only_ever_added_gives_way_to_an_erasure_alone(scene: Scene) -> None:
    scene.person("Asha Rao", "+919820012345")
    scene.run(
        "INSERT INTO consent_ledger (wedding_id, contact_point_id, kind, effective_at, source, source_key) "
        "SELECT wedding_id, id, 'opt-in', now(), 'Asha', 'k' FROM contact_points"
    )
    for said, change in (("off", "source = ''"), ("on", "kind = 'opt-out'"), ("on", "effective_at = now()")):
        with pytest.raises(Exception, match="only ever added"):
            _change(scene, said, f"UPDATE consent_ledger SET {change}")
    assert _change(scene, "on", "UPDATE consent_ledger SET source = ''") == 1
    with pytest.raises(Exception, match="only ever added"):
        _change(scene, "on", "UPDATE audit_logs SET reason = ''")


def _change(scene: Scene, erasing: str, statement: str) -> int:
    with scene.admin.begin() as conn:
        conn.execute(text(f"SELECT set_config('parinaya.erasing', '{erasing}', true)"))
        return conn.execute(text(statement)).rowcount
