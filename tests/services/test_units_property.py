"""Whatever is built, put together, taken apart and edited, in any order: nothing is lost or counted twice."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.services import audit, people, units, units_moves
from parinaya_cli.services.people import PeopleRequest, PersonFields
from parinaya_cli.services.units import UnitChanges
from parinaya_cli.services.units_moves import SplitRequest
from parinaya_cli.store import counts
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.units import Unit
from tests.services.merges_kit import Facts, make, weddings
from tests.services.wedding_kit import Scene

SLUGS = itertools.count(1)
# A wedding in Postgres for each example: looking for a smaller one that fails would take minutes.
FEW = settings(
    max_examples=5,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["build", "merge", "merge", "split", "split", "add", "remove", "arrive"]),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    min_size=4,
    max_size=9,
)


def held(tx: Transaction) -> dict[str, Any]:
    """What may not get lost: seats that were given and heads that were answered by event, and every answer."""
    seats = tx.rows(
        "SELECT event_id, sum(seats) AS seats FROM invitations WHERE wedding_id = :wedding GROUP BY 1 ORDER BY 1"
    )
    heads = tx.rows(
        "SELECT event_id, sum(yes_heads) AS heads FROM projection_event_counts WHERE wedding_id = :wedding "
        "GROUP BY 1 ORDER BY 1"
    )
    said = tx.rows("SELECT id FROM rsvp_responses WHERE wedding_id = :wedding")
    return {"seats": list(seats), "heads": list(heads), "said": {row["id"] for row in said}}


def step(tx: Transaction, what: str, one: int, other: int) -> None:
    """Do something; the households grow by the seats that it should make."""
    homes = units.list_units(tx)
    before = sum(unit.seats for unit in homes)
    first, second = homes[one % len(homes)], homes[other % len(homes)]
    alone = [person.ref for person in people.list_people(tx, PeopleRequest())[0] if person.unit is None]
    grown: int | None = 0
    if what == "build":
        units.build(tx, dry_run=False)
        grown = None
    elif what == "arrive":
        people.add(tx, PersonFields(f"Guest {one}", phones=[f"98765000{other:02d}"]))
    elif what == "merge" and first.id != second.id:
        units_moves.merge(tx, [first.ref, second.ref])
    elif what == "split" and len(first.members) > 1:
        leaving = [member.ref for member in first.members[: 1 + other % (len(first.members) - 1)]]
        doubles = sum(not member.takes_seat for member in first.members)
        units_moves.split(tx, SplitRequest(first.ref, leaving, min(first.extra_seats, other % 3)))
        grown = 0 if not doubles else None
    elif what == "add" and alone:
        units.edit(tx, first.ref, UnitChanges(add=[alone[0]], on_top=bool(other % 2)))
        grown = int(bool(other % 2) or first.extra_seats == 0)
    elif what == "remove" and len(first.members) > 1:
        leaves = first.members[other % len(first.members)]
        units.edit(tx, first.ref, UnitChanges(remove=[leaves.ref]))
        grown = -1 if all(member.takes_seat for member in first.members) else None
    after = sum(unit.seats for unit in units.list_units(tx))
    assert grown is None or after == before + grown, what


def by_hand(tx: Transaction) -> list[Unit]:
    """The households that were decided on by hand, but for the guest lists that they stand on."""
    return [replace(unit, events=()) for unit in units.list_units(tx) if unit.made_by == "hand"]


def uninvited(tx: Transaction) -> set[tuple[str, str]]:
    """Who may not be put on which guest list: their list's wish for them was carried out, and somebody took it back."""
    rows = tx.rows(
        "SELECT u.number, e.slug FROM guest_units u JOIN events e ON e.wedding_id = u.wedding_id "
        "WHERE u.wedding_id = :wedding AND u.removed_at IS NULL AND NOT EXISTS (SELECT 1 FROM invitations i "
        "WHERE i.wedding_id = u.wedding_id AND i.unit_id = u.id AND i.event_id = e.id) "
        "AND NOT EXISTS (SELECT 1 FROM guest_unit_members m JOIN people p ON p.wedding_id = m.wedding_id "
        "AND p.id = m.person_id WHERE m.wedding_id = u.wedding_id AND m.unit_id = u.id "
        "AND cardinality(p.events) > 0 AND e.id <> ALL(p.events_listed)) ORDER BY 1, 2"
    )
    return {(f"U{row['number']}", row["slug"]) for row in rows}


def invited(tx: Transaction) -> set[tuple[str, str]]:
    """Who stands on which guest list."""
    return {(unit.ref, slug) for unit in units.list_units(tx) for slug in unit.events}


@FEW
@given(weddings(), STEPS)
def test_nothing_is_lost_whatever_is_done_to_households(
    scene: Scene, facts: Facts, steps: list[tuple[str, int, int]]
) -> None:
    make(scene, facts, f"wedding-{next(SLUGS)}")
    for what, one, other in steps:
        with scene.begin() as tx:
            before, decided, shut = held(tx), by_hand(tx), uninvited(tx)
            try:
                step(tx, what, one, other)
            except UsedWrongly:
                assert what == "arrive"  # a phone of somebody who is there
        with scene.begin() as tx:
            after = held(tx)
            assert after["said"] >= before["said"]
            if what != "build":
                assert (after["seats"], after["heads"]) == (before["seats"], before["heads"]), what
            else:
                assert by_hand(tx) == decided
                assert not shut & invited(tx)
                assert units.build(tx, dry_run=False).people_placed == 0
            assert counts.drift(tx.conn, tx.wedding.id) == []
            placed = [member.id for unit in units.list_units(tx) for member in unit.members]
            assert len(placed) == len(set(placed))
            there = {person.id for person in people.list_people(tx, PeopleRequest())[0]}
            assert set(placed) <= there
            for unit in units.list_units(tx):
                assert unit.primary is not None
    with scene.begin() as tx:
        assert audit.verify(tx).ok
