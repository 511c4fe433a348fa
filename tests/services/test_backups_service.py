"""Backups of a real Postgres by its own programs: whole, read back, and brought into an empty place."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest

from parinaya_cli.adapters.dumps import PgBackups, PgTools
from parinaya_cli.adapters.embedded import Addresses
from parinaya_cli.adapters.embedded.programs import client_programs
from parinaya_cli.domain.access import Actor, Channel, Role
from parinaya_cli.domain.backups import Contents, Manifest
from parinaya_cli.domain.errors import Failed, NotFound, NotPermitted, ParinayaError, UsedWrongly
from parinaya_cli.services import backups, people
from parinaya_cli.services.backups import Restored
from parinaya_cli.services.people import PersonFields
from parinaya_cli.store import backups as store
from parinaya_cli.store import engine, schema
from parinaya_cli.store.transaction import Transaction, open_transaction
from tests.databases import named
from tests.services.wedding_kit import KEY, Scene

NOTES = "a tab\t, a back\\slash, and\n\\.\nthe end of COPY"


@pytest.fixture
def empty(servers: Addresses) -> Iterator[engine.Database]:
    """A database in which nothing is."""
    name = f"r_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    db = engine.open_engine(named(servers.database_url, name), pool=2)
    yield db
    db.dispose()
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def files(db: engine.Database) -> PgBackups:
    url = db.url.render_as_string(hide_password=False)
    return PgBackups(PgTools(client_programs(), store.environment(url)))


def make(scene: Scene, path: Path) -> Manifest:
    return backups.make(scene.begin, scene.admin, files(scene.admin), path)


def bring_back(db: engine.Database, path: Path) -> Restored:
    def begin() -> AbstractContextManager[Transaction]:
        return open_transaction(db, Actor("parinaya", Role.SYSTEM, Channel.CLI), KEY, ring=lambda _: None)

    return backups.restore(begin, db, files(db), path)


def test_what_was_backed_up_while_others_worked_comes_back_and_nothing_is_sent(
    scene: Scene, empty: engine.Database, tmp_path: Path
) -> None:
    scene.person("Asha Rao", "+919820111111", notes=NOTES)
    scene.ready("Ravi Rao", "Meera Iyer")
    scene.send()
    scene.run(
        "UPDATE invite_dispatch SET state = 'sending' WHERE id = (SELECT min(id::text)::uuid FROM invite_dispatch)"
    )
    done = threading.Event()
    worker = threading.Thread(target=keep_adding, args=(scene, done))
    worker.start()
    try:
        made = make(scene, tmp_path / "b")
    finally:
        done.set()
        worker.join()
    assert [(one.name, one.stat().st_mode & 0o777) for one in tmp_path.iterdir()] == [("b", 0o600)]
    assert made.contents.rows["people"] < scene.value("SELECT count(*) FROM people")
    back = bring_back(empty, tmp_path / "b")
    assert (back.schema, back.audit.ok, back.paused, back.unknown) == (schema.HEAD, True, 1, 2)
    with empty.connect() as conn:
        assert conn.exec_driver_sql("SELECT notes FROM people WHERE number = 1").scalar() == NOTES
        [(state, why)] = conn.exec_driver_sql("SELECT state, why_paused FROM batches").all()
        assert (state, why[:8]) == ("paused", "restored")
        states = conn.exec_driver_sql("SELECT state FROM invite_dispatch ORDER BY state").scalars().all()
        assert states == ["unknown", "unknown"], "each may have left after the backup"


def test_a_restore_that_was_killed_half_way_lets_nobody_send(
    scene: Scene, empty: engine.Database, tmp_path: Path
) -> None:
    scene.ready("Ravi Rao")
    scene.send()
    make(scene, tmp_path / "b")
    with files(empty).open(tmp_path / "b") as opened:
        opened.restore()
    with empty.connect() as conn, pytest.raises(Failed):
        schema.require_head(conn)
    with pytest.raises(Failed, match="broken off"):
        bring_back(empty, tmp_path / "b")


def keep_adding(scene: Scene, done: threading.Event) -> None:
    number = 0
    while not done.is_set() or number < 3:
        number += 1
        with scene.begin() as tx:
            people.add(tx, PersonFields(f"Guest {number}"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-70_000])


def change(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def replace(path: Path) -> None:
    path.write_text("Name,Phone\nAsha,9820111111\n")


@pytest.mark.parametrize(
    ("harm", "kind"),
    [(cut, ParinayaError), (change, Failed), (replace, UsedWrongly), (Path.unlink, NotFound)],
    ids=["cut", "changed", "another file", "gone"],
)
def test_what_is_no_whole_backup_changes_nothing(
    scene: Scene,
    empty: engine.Database,
    tmp_path: Path,
    harm: Callable[[Path], None],
    kind: type[ParinayaError],
) -> None:
    make(scene, tmp_path / "b")
    harm(tmp_path / "b")
    with pytest.raises(kind):
        bring_back(empty, tmp_path / "b")
    assert store.found_contents(empty).rows == {}


def test_a_backup_never_lands_on_anything_else(scene: Scene, tmp_path: Path) -> None:
    make(scene, tmp_path / "b")
    before = store.found_contents(scene.admin)
    with pytest.raises(Failed, match="1 wedding"):
        bring_back(scene.admin, tmp_path / "b")
    assert list(before.differences(store.found_contents(scene.admin))) == []


def test_a_database_of_something_else_is_left_alone(
    scene: Scene, empty: engine.Database, tmp_path: Path
) -> None:
    make(scene, tmp_path / "b")
    with empty.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE accounts (id int)")
    with pytest.raises(Failed, match="something else"):
        bring_back(empty, tmp_path / "b")


def test_only_owners_of_all_weddings_make_one(scene: Scene, tmp_path: Path) -> None:
    for role, within in ((Role.PLANNER, None), (Role.AUDITOR, None), (Role.OWNER, scene.wedding.id)):
        with pytest.raises(NotPermitted):
            backups.make(
                lambda role=role, within=within: scene.begin(role, within=within),  # type: ignore[misc]
                scene.admin,
                files(scene.admin),
                tmp_path / "b",
            )
    assert list(tmp_path.iterdir()) == []


def test_a_row_that_is_missing_after_all_is_told() -> None:
    was = Contents("0001", {"people": 3, "weddings": 1}, {"s": 7}, {"c": (2, "ab")})
    now = Contents("0001", {"people": 2, "weddings": 1}, {"s": 8}, {"c": (1, "aa")})
    assert list(was.differences(was)) == []
    assert list(was.differences(now)) == [
        "people has 2 rows, not 3",
        "the audit chain c does not end where it did",
    ]
    assert list(now.differences(was))[-2] == "the sequence s is at 7, not at 8"
