"""Removing people from the wedding, and bringing them back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, refs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import Locked, NotFound, UsedWrongly
from parinaya_cli.services import people, units
from parinaya_cli.store import invitations
from parinaya_cli.store import removals as store
from parinaya_cli.store import units as unit_store
from parinaya_cli.store import units_moves as moves
from parinaya_cli.store.people import Person
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.units import Unit


@dataclass(frozen=True)
class Emptied:
    """What a removal does to a household: another primary contact, or its end. ``events``: those it was invited to."""

    unit: str
    label: str
    primary: str | None
    ended: bool
    events: tuple[str, ...]


@dataclass(frozen=True)
class RemovalReport:
    """What a removal did, or would do. ``cancelled``: messages that were queued to them."""

    people: tuple[Person, ...]
    units: tuple[Emptied, ...]
    cancelled: int


def remove(
    tx: Transaction, names: Sequence[str], *, with_household: bool = False, dry_run: bool = False
) -> RemovalReport:
    """Remove people: they are listed, messaged and counted no more; their refs and their history stay.

    They leave their households, whose primary contact moves on as it does in ``units.edit``. A household that is
    left without a named member ends. One that is on a guest list ends only ``with_household``, which takes it off
    the lists: its seats were given to people, and nobody would be there to answer for them.

    Raises:
        NotFound: there is no such person.
        UsedWrongly: a household that is invited would be left empty.
        Locked: one of them was changed this moment, such as merged.
    """
    access.require(tx.actor, Permission.PEOPLE)
    found = list({person.id: person for person in (people.find(tx, name) for name in names)}.values())
    ids = [person.id for person in found]
    if not dry_run:
        store.lock(tx, ids)
        if [people.find(tx, person.ref).version for person in found] != [person.version for person in found]:
            raise Locked("One of them was changed just now.", "Look at them and try again.")
    homes = [units.find(tx, ref) for ref in sorted({person.unit for person in found if person.unit})]
    after = tuple(_emptied(tx, unit, set(ids)) for unit in homes)
    for one in after:
        if one.ended and one.events and not with_household:
            raise UsedWrongly(
                f"{one.unit} ({one.label}) would be left without members, and is invited to {', '.join(one.events)}.",
                f"Put somebody else into it (parinaya units edit {one.unit} --add PERSON), or take it off the guest "
                "lists as well: --with-household.",
            )
    if dry_run:
        return RemovalReport(tuple(found), after, store.count_queued(tx, ids))
    cancelled = store.cancel_messages(tx, ids, "person_removed")
    store.remove(tx, ids)
    for unit, one in zip(homes, after, strict=True):
        _follow(tx, unit, one, ids)
    for person in found:
        told = {"unit": person.unit} if person.unit else None
        tx.audit("person.remove", "person", ref=person.ref, entity_id=person.id, before=told)
    return RemovalReport(tuple(found), after, cancelled)


def _emptied(tx: Transaction, unit: Unit, leaving: set[uuid.UUID]) -> Emptied:
    left = [member for member in unit.members if member.id not in leaving]
    primary = next((one for one in left if one.id == unit.primary_id), None)
    if primary is None:
        heir = units.choose_primary(tx, unit.id, leaving)
        primary = next((one for one in left if one.id == heir), None)
    return Emptied(unit.ref, unit.label, primary.ref if primary else None, not left, unit.events)


def _follow(tx: Transaction, unit: Unit, after: Emptied, leaving: Sequence[uuid.UUID]) -> None:
    """Bring a household in line with the members who are left."""
    tx.touch_counts(invitations.events_of(tx, unit.id))
    if after.ended:
        last = next(member.id for member in unit.members if member.id in leaving)
        store.close_unit(tx, unit.id, last)
        tx.audit("unit.remove", "unit", ref=unit.ref, entity_id=unit.id, before={"events": unit.events})
        return
    if after.primary != unit.primary:
        heir = next(member.id for member in unit.members if member.ref == after.primary)
        moves.set_primary(tx, unit.id, heir)
        told = {"primary": after.primary}
        tx.audit(
            "unit.edit", "unit", ref=unit.ref, entity_id=unit.id, before={"primary": unit.primary}, after=told
        )
    unit_store.refresh_from_members(tx, [unit.id])


def restore(tx: Transaction, name: str) -> Person:
    """Bring a removed person back: into their household, and with it onto the guest lists that it was taken off.

    Messages that were cancelled stay so. Who was not removed stays as they are.

    Raises:
        NotFound: there is no such person.
        UsedWrongly: they were erased: nothing is left of them.
    """
    access.require(tx.actor, Permission.PEOPLE)
    found = store.find_removed(tx, refs.read(name, refs.Kind.PERSON), tx.actor.sides)
    if found is None:
        raise NotFound(f"There is no person {name!r}.", "See `parinaya people list`.")
    ref = refs.make(refs.Kind.PERSON, found.number)
    if found.erased_at is not None:
        raise UsedWrongly(
            f"{ref} was erased: nothing is left that could come back.",
            "If they want to be a guest again, add them anew: parinaya people add NAME.",
        )
    if found.removed_at is None:
        return people.find(tx, ref)
    store.lock(tx, [found.id])
    store.restore(tx, found)
    if found.unit_id is not None:
        unit = units.find(tx, str(found.unit_id))
        if found.was_primary or unit.primary is None:
            store.set_primary(tx, found.unit_id, found.id)
        unit_store.refresh_from_members(tx, [found.unit_id])
        tx.touch_counts(invitations.events_of(tx, found.unit_id))
    after = people.find(tx, ref)
    tx.audit("person.restore", "person", ref=ref, entity_id=after.id, after={"unit": after.unit})
    return after
