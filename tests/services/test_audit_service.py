"""The audit log in Postgres: whatever is done to it is found, whatever is done rightly raises no alarm."""

from __future__ import annotations

import random
import threading

import pytest
from sqlalchemy import text

from parinaya_cli.services import audit, erasures, people, removals
from parinaya_cli.services.people import PersonFields
from tests.services.wedding_kit import Scene

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


def test_who_writes_meanwhile_raises_no_alarm(scene: Scene) -> None:
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set() or number < 5:
            number += 1
            with scene.begin() as tx:
                people.add(tx, PersonFields(f"Guest {number}"))
            scene.another(f"wedding-{number}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(15):
            with scene.begin() as tx:
                found = audit.verify(tx)
            assert found.ok, found
    finally:
        done.set()
        writer.join()


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
