"""One transaction: what goes with the commit, what a rollback takes back, and errors without anybody's data."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from parinaya_cli.domain.audit import check
from parinaya_cli.domain.errors import Failed, Locked, ParinayaError, Unreachable, UsedWrongly
from parinaya_cli.services import audit
from parinaya_cli.store import chain, engine, locks
from parinaya_cli.store.transaction import open_transaction
from tests.services.wedding_kit import KEY, Scene


class Broken(Exception):
    """Something goes wrong in the middle."""


def test_bells_ring_after_the_commit_and_once(scene: Scene) -> None:
    with scene.begin() as tx:
        tx.ring("invites.send", "b1")
        tx.ring("invites.send", "b1")
        tx.ring("webhooks.process")
        assert scene.bells == []
    assert scene.bells == [("invites.send", "b1"), ("webhooks.process", "")]


def test_a_rollback_takes_everything_back(scene: Scene) -> None:
    entries = scene.value("SELECT count(*) FROM audit_logs")
    with pytest.raises(Broken), scene.begin() as tx:  # noqa: PT012 - the block is what is tested
        tx.run("UPDATE weddings SET title = 'changed' WHERE id = :wedding")
        tx.audit("wedding.edit", "wedding")
        tx.ring("invites.send")
        raise Broken
    assert scene.bells == []
    assert scene.value("SELECT count(*) FROM audit_logs") == entries
    assert scene.value("SELECT title FROM weddings") == scene.wedding.title


def test_a_savepoint_takes_back_its_own_part(scene: Scene) -> None:
    event = scene.event()
    with scene.begin() as tx:
        tx.audit("first", "thing")
        tx.ring("invites.send")
        with pytest.raises(Broken), tx.savepoint():  # noqa: PT012 - the block is what is tested
            tx.run("UPDATE weddings SET title = 'changed' WHERE id = :wedding")
            tx.audit("undone", "thing")
            tx.ring("webhooks.process")
            tx.touch_counts([event])
            raise Broken
        assert tx._touched == {}
        with tx.savepoint():
            tx.run("UPDATE weddings SET title = 'kept' WHERE id = :wedding")
            tx.audit("second", "thing")
            tx.touch_counts([event])
        with pytest.raises(Broken), tx.savepoint():  # noqa: PT012 - the block is what is tested
            tx.touch_counts([scene.wedding.id])
            raise Broken
        assert tx._touched == {scene.wedding.id: {event}}
    assert scene.bells == [("invites.send", "")]
    assert scene.value("SELECT title FROM weddings") == "kept"
    actions = [row["action"] for row in scene.rows("SELECT action FROM audit_logs ORDER BY at, seq")]
    assert actions[-2:] == ["first", "second"]


def test_a_refused_statement_in_a_savepoint_leaves_the_transaction_usable(scene: Scene) -> None:
    with scene.begin() as tx:
        with pytest.raises(Exception, match="slug"), tx.savepoint():
            tx.run("UPDATE weddings SET slug = 'Not A Slug'")
        tx.run("UPDATE weddings SET title = 'kept' WHERE id = :wedding")
    assert scene.value("SELECT title FROM weddings") == "kept"


def test_entries_are_chained_with_what_they_tell(scene: Scene) -> None:
    other = scene.another("second-wedding")
    with scene.begin() as tx:
        tx.audit("one", "thing", before={"a": 1}, after={"a": 2})
        with tx.within(other):
            tx.audit("two", "thing")
        tx.audit("three", "thing")
    with scene.begin() as tx:
        assert audit.verify(tx).ok
        heads = dict(chain.chains(tx.conn))
        for chain_id, known in heads.items():
            with chain.read_chain(tx.conn, chain_id) as (head, entries):
                assert (head, check(entries, head, KEY).ok) == (known, True)
        listed, _ = audit.list_entries(tx, audit.AuditQuery(limit=2))
    assert [one["action"] for one in listed] == ["three", "one"]
    assert (listed[1]["before"], listed[1]["after"]) == ({"a": 1}, {"a": 2})
    assert scene.rows("SELECT action FROM audit_logs WHERE chain_id = :chain ORDER BY seq", chain=other.id)[
        -1
    ] == {"action": "two"}


def test_without_a_wedding_nothing_that_needs_one_runs(scene: Scene) -> None:
    with scene.system() as tx:
        assert not tx.is_bound
        with pytest.raises(UsedWrongly, match="No wedding is chosen"):
            tx.rows("SELECT 1 FROM people WHERE wedding_id = :wedding")
        with pytest.raises(Broken), tx.within(scene.wedding):  # noqa: PT012 - the block is what is tested
            assert tx.wedding == scene.wedding
            raise Broken
        assert not tx.is_bound


def test_values_are_never_part_of_a_statement(scene: Scene) -> None:
    with scene.begin() as tx:
        assert (
            tx.value("SELECT CAST(:text AS text)", text="'; DROP TABLE people; --")
            == "'; DROP TABLE people; --"
        )


# ── errors ─────────────────────────────────────────────────────────────────────────────────────────────


def told(scene: Scene, sql: str, **values: object) -> ParinayaError:
    with pytest.raises(ParinayaError) as caught, scene.begin() as tx:
        tx.run(sql, **values)
    return caught.value


def test_driver_errors_become_ours_without_anybodys_data(scene: Scene) -> None:
    scene.person("Asha", "+919812345678")
    twice = told(
        scene,
        "INSERT INTO contact_points (wedding_id, kind, value) VALUES (:wedding, 'phone', '+919812345678')",
    )
    assert type(twice) is Failed
    assert "9812345678" not in f"{twice.message}{twice.hint}"
    nul = told(scene, "UPDATE people SET notes = :text WHERE wedding_id = :wedding", text="a\0b")
    assert type(nul) is UsedWrongly
    assert type(told(scene, "SELECT CAST('x' AS int)")) is UsedWrongly
    assert told(scene, "SELECT * FROM no_such_table").code == "schema"
    wrong = told(scene, "SELECT :a", a=object())
    assert type(wrong) is Failed


def test_a_slow_statement_is_ended(scene: Scene) -> None:
    with pytest.raises(Failed, match="too long"), scene.begin() as tx:  # noqa: PT012 - the block is what is tested
        tx.run("SET LOCAL statement_timeout = '50ms'")
        tx.run("SELECT pg_sleep(5)")


def test_a_lock_that_others_hold_is_said(scene: Scene) -> None:
    with scene.begin() as first:
        first.row("SELECT 1 FROM weddings FOR UPDATE")
        with pytest.raises(Locked), scene.begin() as second:  # noqa: PT012 - the block is what is tested
            second.run("SET LOCAL lock_timeout = '50ms'")
            second.row("SELECT 1 FROM weddings FOR UPDATE")


def test_a_connection_that_is_cut_is_unreachable(scene: Scene) -> None:
    with pytest.raises(Unreachable), scene.begin() as tx:
        tx.run("SELECT pg_terminate_backend(pg_backend_pid())")
    with scene.begin() as tx:
        assert tx.value("SELECT 1") == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda url: "postgresql://nobody:wrong@127.0.0.1:9/nothing", "can't be reached"),
        (lambda url: url.replace("parinaya@", "nobody@", 1), "refused the login"),
        (lambda url: url.replace("/t_", "/no_", 1), "refused the login"),
    ],
)
def test_a_database_that_can_not_be_had_says_so(
    scene: Scene, database_url: str, change: Any, words: str
) -> None:
    db = engine.open_engine(change(database_url), pool=1)
    with pytest.raises(Unreachable, match=words), open_transaction(db, scene_actor(scene), KEY):
        pass
    db.dispose()


def scene_actor(scene: Scene) -> Any:
    with scene.begin() as tx:
        return tx.actor


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(UsedWrongly):
        engine.open_engine("postgresql://host:port:name")
    assert engine.driver_url("postgres://a/b") == "postgresql+psycopg://a/b"
    assert engine.plain_url("postgresql+psycopg://a/b") == "postgresql://a/b"


def test_errors_that_end_the_transaction(scene: Scene) -> None:
    from sqlalchemy.exc import DBAPIError

    ends = {"40001": True, "57014": True, "55P03": True, "23505": False, "22001": False, "P0001": False}
    for state, expected in ends.items():
        with pytest.raises(DBAPIError) as caught:
            scene.run(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")
        assert engine.ends_transaction(caught.value) is expected, state
    with pytest.raises(DBAPIError) as caught:
        scene.run("SELECT CAST(:text AS text)", text="\0")
    assert not engine.ends_transaction(caught.value)


def test_one_run_at_a_time(scene: Scene) -> None:
    with locks.one_run(scene.db, "reconcile"):
        with pytest.raises(Locked), locks.one_run(scene.db, "reconcile"):
            pass
        with locks.one_run(scene.db, "templates"):
            pass
    with locks.one_run(scene.db, "reconcile"):
        pass


def test_the_lock_dies_with_its_connection(scene: Scene, database_url: str) -> None:
    own = engine.open_engine(database_url, pool=1)
    with pytest.raises(Unreachable), locks.one_run(own, "reconcile"):  # noqa: PT012 - the block is what is tested
        with psycopg.connect(engine.plain_url(database_url), autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        with locks.one_run(scene.db, "reconcile"):
            pass
    own.dispose()
