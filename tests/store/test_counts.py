"""Counts: what is kept equals what the canonical rows say, whatever happened and however many wrote."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.errors import NotFound
from parinaya_cli.services import answers, invitations, people, units
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.invitations import InviteRequest
from parinaya_cli.services.people import PersonFields
from parinaya_cli.services.units import UnitChanges
from parinaya_cli.store import counts
from parinaya_cli.store.transaction import Transaction
from tests.services.wedding_kit import Scene

UNITS, EVENTS = ("U1", "U2", "U3"), ("sangeet", "pheras")
ONE, WHICH = st.sampled_from(UNITS), st.sampled_from(EVENTS)
STEPS = st.one_of(
    st.tuples(st.just("add"), ONE, WHICH, st.integers(1, 4)),
    st.tuples(st.just("remove"), ONE, WHICH, st.none()),
    st.tuples(st.just("answer"), ONE, WHICH, st.sampled_from(["yes", "no", "maybe"])),
    st.tuples(st.just("side"), ONE, WHICH, st.sampled_from(["bride", "groom", "both"])),
    st.tuples(st.just("seats"), ONE, WHICH, st.integers(0, 3)),
)


def canonical(scene: Scene) -> Any:
    """What the rows say, counted in another way than the house does."""
    invited = scene.rows(
        "SELECT i.event_id, i.unit_id, coalesce(u.side, '') AS side, i.seats FROM invitations i "
        "JOIN guest_units u ON u.id = i.unit_id WHERE i.wedding_id = :wedding",
        wedding=scene.wedding.id,
    )
    given = scene.rows(
        "SELECT event_id, unit_id, status, heads FROM rsvp_responses WHERE wedding_id = :wedding "
        "ORDER BY given_at, id",
        wedding=scene.wedding.id,
    )
    newest = {(row["event_id"], row["unit_id"]): row for row in given}
    found: dict[Any, list[int]] = {}
    for row in invited:
        answer = newest.get((row["event_id"], row["unit_id"]))
        said = answer["status"] if answer else None
        heads = (answer["heads"] or 0) if answer and said == "yes" else 0
        line = found.setdefault((row["event_id"], row["side"]), [0] * 7)
        parts = (1, row["seats"], said is not None, said == "yes", heads, said == "no", said == "maybe")
        found[(row["event_id"], row["side"])] = [a + int(b) for a, b in zip(line, parts, strict=True)]
    return found


def kept(scene: Scene) -> Any:
    rows = scene.rows(
        "SELECT event_id, side, invited_units, invited_seats, answered_units, yes_units, yes_heads, no_units, "
        "maybe_units FROM projection_event_counts WHERE wedding_id = :wedding",
        wedding=scene.wedding.id,
    )
    return {(row.pop("event_id"), row.pop("side")): list(row.values()) for row in rows}


def take(tx: Transaction, step: tuple[str, str, str, Any]) -> None:
    what, unit, event, value = step
    if what == "add":
        invitations.add(tx, InviteRequest([event], units=[unit], seats=value))
    elif what == "remove":
        invitations.remove(tx, event, unit)
    elif what == "answer":
        answers.set_answer(tx, AnswerRequest(unit, event, value))
    elif what == "side":
        people.edit(tx, unit.replace("U", "P"), PersonFields(side=value))
    else:
        units.edit(tx, unit, UnitChanges(extra_seats=value))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=12))
def test_whatever_happens_the_counts_are_those_of_the_rows(
    scene: Scene, steps: list[tuple[str, str, str, Any]]
) -> None:
    scene.wedding = scene.another(f"w{scene.value('SELECT count(*) FROM weddings')}")
    for event in EVENTS:
        scene.event(event)
    for name in ("Asha", "Ravi", "Uma"):
        scene.household(name)
    for step in steps:
        try:
            with scene.begin() as tx:
                take(tx, step)
        except NotFound:
            continue
        assert kept(scene) == canonical(scene), step
    with scene.begin() as tx:
        assert counts.drift(tx.conn, tx.wedding.id) == []
        for event_id in {event for event, _ in kept(scene)}:
            tx.touch_counts([event_id])
    assert kept(scene) == canonical(scene)


def test_many_writers_on_one_event_count_right(scene: Scene) -> None:
    scene.event()
    for n in range(12):
        scene.household(f"Guest {n}", seats=2)
    scene.invite("sangeet")

    def answer(number: int) -> None:
        with scene.begin() as tx:
            answers.set_answer(tx, AnswerRequest(f"U{number}", "sangeet", "yes", heads=2))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(answer, range(1, 13)))
    assert scene.counts()["sangeet"] == {
        "units": 12, "seats": 24, "answered": 12, "yes": 12, "heads": 24, "no": 0, "maybe": 0,
    }  # fmt: skip
    assert kept(scene) == canonical(scene)


def test_drift_is_found_wherever_it_is(scene: Scene) -> None:
    event = scene.event()
    scene.household("Asha")
    scene.invite("sangeet")
    for change in (
        "UPDATE projection_event_counts SET yes_heads = yes_heads + 1",
        "DELETE FROM projection_event_counts",
        "INSERT INTO projection_event_counts (wedding_id, event_id, side) VALUES (:wedding, :event, 'groom')",
    ):
        scene.run(change, **({"wedding": scene.wedding.id, "event": event} if ":wedding" in change else {}))
        with scene.begin() as tx:
            assert counts.drift(tx.conn, tx.wedding.id) == [event]
            tx.touch_counts([event])
        with scene.begin() as tx:
            assert counts.drift(tx.conn, tx.wedding.id) == []
