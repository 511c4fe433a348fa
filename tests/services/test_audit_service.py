"""The audit log in Postgres: whatever is done to it is found, whatever is done rightly raises no alarm."""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections import Counter
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from parinaya_cli.domain.access import Actor, Channel, Role
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.services import audit, erasures, people, removals, weddings
from parinaya_cli.services.people import PersonFields
from parinaya_cli.store import engine
from parinaya_cli.store.transaction import Transaction, open_transaction
from tests.journeys.stage import until
from tests.servers import as_app
from tests.services.wedding_kit import KEY, Scene

NAME = "Kanakalatha Zutshiwala"
COPY = (
    "INSERT INTO audit_logs (chain_id, seq, at, actor, role, channel, action, entity, entity_id, ref, reason, payload, "
    "prev_hash, hash, key_id) SELECT chain_id, {seq}, at, {actor}, role, channel, action, entity, entity_id, ref, "
    "reason, payload, prev_hash, hash, key_id FROM audit_logs WHERE chain_id = :chain AND seq = {of}"
)
UP = "UPDATE audit_logs SET seq = seq + 1000 WHERE chain_id = :chain AND seq >= {0}"
DOWN = "UPDATE audit_logs SET seq = seq - {1} WHERE chain_id = :chain AND seq > {0}"
HEAD = "UPDATE audit_chains SET seq = {0} WHERE chain_id = :chain"
FORGED = COPY.format(seq=4, actor="'Nobody'", of=3)
AGAIN = COPY.format(seq=4, actor="actor", of=3)
GONE = "DELETE FROM audit_logs WHERE chain_id = :chain AND seq {0}"

TAMPERED = {
    "edited": (["UPDATE audit_logs SET actor = 'Nobody' WHERE chain_id = :chain AND seq = 3"], 3, "edited"),
    "values edited": (
        [
            "UPDATE audit_values SET value = replace(value, 'Guest', 'Host') WHERE chain_id = :chain AND seq = 3"
        ],
        3,
        "edited",
    ),
    "removed": ([GONE.format("= 3")], 3, "missing"),
    "removed and closed up": ([GONE.format("= 3"), DOWN.format(3, 1), HEAD.format(5)], 3, "missing"),
    "inserted": ([UP.format(4), FORGED, DOWN.format(1000, 999), HEAD.format(7)], 4, "edited"),
    "duplicated": ([UP.format(4), AGAIN, DOWN.format(1000, 999), HEAD.format(7)], 4, "duplicated"),
    "moved": (
        [
            "UPDATE audit_logs SET seq = seq + 1000 WHERE chain_id = :chain AND seq IN (3, 4)",
            "UPDATE audit_logs SET seq = 1007 - (seq - 1000) - 1000 WHERE chain_id = :chain AND seq > 1000",
        ],
        3,
        "reordered",
    ),
    "tail cut": ([GONE.format("> 4")], 5, "tail_cut"),
    "head rewritten": (["UPDATE audit_chains SET hash = 'x' WHERE chain_id = :chain"], 6, "head_mismatch"),
    "head behind": ([HEAD.format(4)], 4, "head_mismatch"),
    "chain gone": ([GONE.format("> 0"), "DELETE FROM audit_chains WHERE chain_id = :chain"], 1, "missing"),
    "head gone": (["DELETE FROM audit_chains WHERE chain_id = :chain"], 1, "missing"),
    "another key": (
        ["UPDATE audit_logs SET key_id = 'x' WHERE chain_id = :chain AND seq = 3"],
        3,
        "unknown_key",
    ),
}


@pytest.mark.parametrize("what", list(TAMPERED))
def test_whatever_is_done_to_the_log_is_found(scene: Scene, what: str) -> None:
    statements, first_bad, reason = TAMPERED[what]
    for number in range(5):
        scene.person(f"Guest {number}")
    with scene.begin() as tx:
        assert audit.verify(tx).ok
    with scene.admin.begin() as conn:
        conn.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no trigger stands in the way
        for one in statements:
            conn.execute(text(one), {"chain": scene.wedding.id})
    with scene.begin() as tx:
        found = audit.verify(tx)
    assert (found.ok, found.first_bad, found.reason) == (False, first_bad, reason)


# ── many at once ───────────────────────────────────────────────────────────────────────────────────────

TURNS = 30


@dataclass(frozen=True)
class Writer:
    """A process that writes into both weddings and beside them; what it has done it tells line by line in a file.

    ``last``: the turn in which it stops with everything written and nothing committed, until it is killed.
    """

    name: str
    url: str
    weddings: tuple[Wedding, ...]
    diary: Path
    last: int = TURNS + 1

    def work(self) -> None:
        draw = random.Random(self.name)
        db = engine.open_engine(self.url, pool=1)
        with self.diary.open("w", buffering=1) as diary:
            for turn in range(TURNS):
                with suppress(RolledBack), self._transaction(db, turn) as tx:
                    entries = self._write(tx, draw.choice(["one", "other", "both", "none", "new"]))
                    if turn == self.last:
                        tx.finish()
                        diary.write(f"waits {tx.actor.name} 0\n")
                        threading.Event().wait()
                    if draw.random() < 0.25:
                        tx.finish()
                        raise RolledBack
                    diary.write(f"tries {tx.actor.name} {entries}\n")
        db.dispose()

    def _transaction(self, db: engine.Database, turn: int) -> AbstractContextManager[Transaction]:
        return open_transaction(db, Actor(f"{self.name}.{turn}", Role.OWNER, Channel.CLI), KEY)

    def _write(self, tx: Transaction, where: str) -> int:
        """Change something; how many entries that makes."""
        one, other = self.weddings
        if where == "new":
            weddings.add(tx, Wedding(UUID(int=0), tx.actor.name.replace(".", "-"), "New"))
            return 1
        if where == "none":
            tx.audit("db.look", "database", after={"by": tx.actor.name})
            return 1
        wanted = {"one": [one], "other": [other], "both": [one, other]}[where]
        for wedding in wanted:
            with tx.within(wedding):
                people.add(tx, PersonFields(tx.actor.name))
        return len(wanted)


class RolledBack(Exception):
    """A transaction that ends without its commit."""


@pytest.mark.processes
def test_many_write_one_is_killed_and_every_commit_has_its_entries(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    """No gap, no fork, no alarm for who looks meanwhile; what was rolled back or killed has left nothing."""
    both = tuple(sorted((scene.wedding, scene.another("zoya-imran")), key=lambda one: one.id))
    writers = [Writer(f"w{n}", as_app(database_url), both, tmp_path / f"w{n}") for n in range(4)]
    writers[3] = replace(writers[3], last=8)
    fork = multiprocessing.get_context("fork")  # to import everything anew takes a second each
    running = [fork.Process(target=one.work) for one in writers]
    with ExitStack() as stack:
        for process in running:
            process.start()
            stack.callback(process.join)
            stack.callback(process.kill)
        until(lambda: "waits" in text_of(writers[3].diary), 60, "the last writer holds the chains")
        running[3].kill()
        looks = 0
        while any(process.is_alive() for process in running) or not looks:
            with scene.begin() as tx:
                found = audit.verify(tx)
            assert found.ok, found
            looks += 1
        assert [process.exitcode for process in running[:3]] == [0, 0, 0]
    wanted = Counter[str]()
    for writer in writers:
        for what, actor, count in map(str.split, text_of(writer.diary).splitlines()):
            wanted.update({actor: int(count)} if what == "tries" else {})
    entries = Counter(
        row["actor"] for row in scene.rows("SELECT actor FROM audit_logs WHERE actor LIKE 'w%.%'")
    )
    assert entries == wanted
    assert len(wanted) > 3 * TURNS / 2, "most are committed"
    told = scene.rows("SELECT actor AS who FROM audit_logs WHERE action = 'person.add' ORDER BY 1")
    assert told == scene.rows("SELECT full_name AS who FROM people ORDER BY 1"), "no change without its entry"
    gaps = "SELECT chain_id FROM audit_logs GROUP BY 1 HAVING max(seq) <> count(*) OR min(seq) <> 1"
    assert scene.rows(gaps) == []
    with scene.begin() as tx:
        assert audit.verify(tx).ok


def text_of(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


# ── what is done rightly ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_done_rightly_raises_no_alarm(scene: Scene, seed: int) -> None:
    """Any mixture of changes, removals, restores and erasures."""
    draw = random.Random(seed)
    there: list[str] = []
    removed: list[str] = []
    for number in range(15):
        what = draw.choice(["add", "edit", "remove", "restore", "erase"]) if there else "add"
        with scene.begin() as tx:
            tx.reason = f"because of {number}"
            if what == "add":
                there.append(people.add(tx, PersonFields(f"Guest {number}")).ref)
            elif what == "edit":
                people.edit(tx, draw.choice(there), PersonFields(city=f"City {number}"))
            elif what == "remove":
                removed.append(there.pop(draw.randrange(len(there))))
                removals.remove(tx, [removed[-1]])
            elif what == "restore" and removed:
                there.append(removed.pop())
                removals.restore(tx, there[-1])
            elif what == "erase":
                erasures.erase(tx, there.pop(draw.randrange(len(there))), reason=tx.reason)
        with scene.begin() as tx:
            assert audit.verify(tx).ok


def test_a_reason_that_names_who_is_forgotten_is_forgotten_too(scene: Scene) -> None:
    scene.person(NAME, "+919876504321")
    scene.person("Ravi Iyer")
    for ref in ("P1", "P2"):
        with scene.begin() as tx:
            tx.reason = f"{NAME} rang from 98765 04321"
            people.edit(tx, ref, PersonFields(city="Pune"))
    with scene.begin() as tx:
        tx.reason = "he moved"
        people.edit(tx, "P2", PersonFields(city="Delhi"))
    with scene.begin() as tx:
        tx.reason = "asked for it on the phone"
        erasures.erase(tx, "P1", reason=tx.reason)
    with scene.begin() as tx:
        assert audit.verify(tx).ok
        found, _ = audit.list_entries(tx, audit.AuditQuery())
    assert [one["reason"] for one in found] == [
        "asked for it on the phone", "he moved", "[erased]", "[erased]", "", "", "",
    ]  # fmt: skip
    kept = str(scene.rows("SELECT l.*, convert_from(l.payload, 'UTF8') AS told, v.value FROM audit_logs l "
                          "LEFT JOIN audit_values v USING (chain_id, seq)"))  # fmt: skip
    assert "Zutshi" not in kept
    assert "04321" not in kept
