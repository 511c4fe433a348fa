"""The outbox under several hands: rows taken once, a stop that comes first, a stop that comes in between."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from parinaya_cli.domain.dispatches import LEASE, REAPER_GRACE
from parinaya_cli.domain.policy import Refused, gate
from parinaya_cli.services import consent, permission
from parinaya_cli.store import dispatches as dispatch_store
from parinaya_cli.store import numbers, unknowns
from parinaya_cli.store import sending as store
from tests.services.wedding_kit import NUMBER, Scene


def test_two_workers_never_take_the_same_row(scene: Scene) -> None:
    scene.ready(*"ABCDEF")
    scene.send()
    with scene.system() as first, scene.system() as second, scene.system() as third:
        mine = {one.id for one in store.take_due(first, NUMBER, 4)}
        theirs = {one.id for one in store.take_due(second, NUMBER, 4)}
        assert (len(mine), len(theirs)) == (4, 2)
        assert not mine & theirs
        assert store.take_due(third, NUMBER, 4) == []


def test_many_workers_send_each_message_once(scene: Scene) -> None:
    scene.ready(*(f"Guest {n}" for n in range(12)))
    scene.send()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: scene.deliver(in_flight=2), range(3)))
    assert len(scene.sender.sent) == 12
    assert len({message.to for message in scene.sender.sent}) == 12


def test_replies_go_before_invitations_and_what_is_not_due_waits(scene: Scene) -> None:
    (unit,) = scene.ready("Asha")
    scene.send()
    point = scene.value("SELECT id FROM contact_points")
    with scene.begin() as tx:
        dispatch_store.insert_reply(
            tx,
            contact_point_id=point,
            unit_id=unit.id,
            person_id=None,
            content={"kind": "free", "text": "x", "buttons": [], "reply_to": None},
            answers_key="m:1",
            phone_number_id=NUMBER,
        )
    with scene.system() as tx:
        assert [one.kind for one in store.take_due(tx, NUMBER, 5)] == ["reply", "template"]
    scene.run("UPDATE invite_dispatch SET not_before = now() + interval '1 hour' WHERE kind = 'template'")
    with scene.system() as tx:
        assert [one.kind for one in store.take_due(tx, NUMBER, 5)] == ["reply"]
        assert store.take_due(tx, "another number", 5) == []


def test_a_reply_to_one_step_is_queued_once(scene: Scene) -> None:
    scene.ready("Asha")
    point = scene.value("SELECT id FROM contact_points")
    for expected in (True, False):
        with scene.begin() as tx:
            made = dispatch_store.insert_reply(
                tx,
                contact_point_id=point,
                unit_id=None,
                person_id=None,
                content={},
                answers_key="m:1",
                phone_number_id=NUMBER,
            )
        assert (made is not None) is expected


def test_no_send_starts_after_a_stop_was_committed(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    with scene.begin() as tx:
        consent.record(tx, "P1", "opt-out", source="call")
    with scene.system() as tx, tx.within(scene.wedding):
        taken = store.take_due(tx, NUMBER, 1)
        assert store.lock_ground(tx, taken) is not None
        facts = permission.fresh_facts(tx, scene.wedding, taken)
    verdict = gate(facts[0][1])
    assert isinstance(verdict, Refused)
    assert verdict.reason == "opted_out"


def test_permission_waits_for_a_stop_in_flight(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    with scene.begin() as tx:
        consent.record(tx, "P1", "opt-out", source="call")
        worker = threading.Thread(target=scene.deliver)
        worker.start()
        worker.join(0.4)
        assert worker.is_alive(), "permission is given before the stop is known"
        assert scene.sender.sent == []
    worker.join(60)
    assert not worker.is_alive()
    assert scene.sender.sent == []
    assert scene.states() == [("skipped", "opted_out")]


def test_a_stop_waits_for_permission_in_flight(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()

    def stop() -> None:
        with scene.begin() as tx:
            consent.record(tx, "P1", "opt-out", source="call")

    with scene.system() as tx:
        permitted, _ = permission.give(tx, NUMBER, 1)
        assert len(permitted) == 1
        guest = threading.Thread(target=stop)
        guest.start()
        guest.join(0.4)
        assert guest.is_alive(), "the consent that permission rests on must hold until it is committed"
    guest.join(60)
    assert scene.value("SELECT consent FROM contact_points") == "opted_out"
    assert scene.states() == [("sending", "")]
    assert scene.value("SELECT consent FROM dispatch_attempts") == "none"


def test_a_stopped_number_gives_no_permission(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    with scene.system() as tx, tx.within(scene.wedding):
        taken = store.take_due(tx, NUMBER, 1)
        with scene.system() as other:
            numbers.stop_number(other, NUMBER, "190: token")
        assert store.lock_ground(tx, taken) is None
    with scene.system() as tx:
        assert store.next_due(tx, 5) is None
        assert numbers.resume_number(tx, NUMBER)
        assert not numbers.resume_number(tx, NUMBER)
    with scene.system() as tx:
        assert store.next_due(tx, 5) == (NUMBER, 1)


def test_a_number_rests_until_its_time(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    with scene.system() as tx:
        numbers.stop_number(tx, NUMBER, "131057", tx.now + timedelta(minutes=2))
    with scene.system() as tx:
        assert store.next_due(tx, 5) is None
    with scene.system(timedelta(minutes=3)) as tx:
        assert store.next_due(tx, 5) == (NUMBER, 1)


def test_only_rows_whose_lease_is_long_over_are_reaped(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    with scene.system() as tx:
        permission.give(tx, NUMBER, 1)
    for after, expected in ((LEASE, 0), (LEASE + REAPER_GRACE + timedelta(seconds=5), 1)):
        with scene.system(after) as tx:
            assert len(unknowns.reap(tx)) == expected


def test_the_ledger_folds_into_the_contact_point(scene: Scene) -> None:
    from parinaya_cli.domain.consent import ConsentEntry
    from parinaya_cli.store import consent as ledger

    scene.person("Asha", "+919812345678")
    point = scene.value("SELECT id FROM contact_points")

    def add(kind: str, minutes: int, source: str, key: str) -> str | None:
        with scene.begin() as tx:
            at = tx.now + timedelta(minutes=minutes)
            return ledger.add(tx, point, ConsentEntry(kind, at, tx.now, source, ""), key)

    assert add("opt-in", 0, "guest message", "1") == "opted_in"
    assert add("opt-out", 10, "guest message", "2") == "opted_out"
    assert add("opt-in", 5, "guest message", "3") == "opted_out", "it is older"
    assert add("opt-in", 20, "import list.csv", "4") == "opted_out", "no list lifts a stop"
    assert add("opt-in", 20, "guest message", "4") is None, "this source said so already"
    with scene.begin() as tx:
        assert ledger.attest(tx, [point], "import other.csv", "collected by phone", tx.now) == 1
        assert ledger.attest(tx, [point], "import other.csv", "collected by phone", tx.now) == 0
    assert scene.value("SELECT consent FROM contact_points") == "opted_out"
    assert add("opt-in", 30, "guest page", "5") == "opted_in"
    with scene.begin() as tx:
        assert [entry.kind for entry in ledger.history(tx, point)][-1] == "opt-in"
        assert len(ledger.history(tx, point)) == 6
