"""Guest units: building households, changing them by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, refs
from parinaya_cli.domain import units as domain
from parinaya_cli.domain.access import Permission, Role
from parinaya_cli.domain.errors import Locked, NotFound, UsedWrongly
from parinaya_cli.domain.units import PlannedUnit
from parinaya_cli.services import events, people
from parinaya_cli.store import invitations
from parinaya_cli.store import units as store
from parinaya_cli.store.people import Person
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.units import Unit


@dataclass(frozen=True)
class BuildReport:
    """What `units build` did, or would do."""

    created: int
    people_placed: int
    left_alone: int
    planned: tuple[PlannedUnit, ...]


def build(tx: Transaction, *, dry_run: bool) -> BuildReport:
    """Put everybody who has no household into one. What was made by hand stays as it is."""
    access.require(tx.actor, Permission.PEOPLE)
    if not dry_run:
        store.lock_building(tx)
    candidates = store.list_candidates(tx)
    planned = domain.plan(candidates)
    left_alone = sum(person.unit_id is not None for person in candidates)
    if dry_run:
        fresh = sum(unit.joins is None for unit in planned)
        placed = sum(len(unit.members) for unit in planned)
        return BuildReport(fresh, placed, left_alone, tuple(planned))
    created, placed = store.write_plan(tx, planned)
    invitations.add_wanted(tx)
    if placed:
        tx.audit("units.build", "unit", after={"created": created, "people_placed": placed})
    return BuildReport(created, placed, left_alone, tuple(planned))


def list_units(tx: Transaction, *, event: str | None = None, side: str | None = None) -> list[Unit]:
    """The households that match and may be seen."""
    access.require(tx.actor, Permission.READ)
    event_id = events.find(tx, event).id if event else None
    return store.list_units(tx, event_id=event_id, sides=people.sides_asked(tx, side))


def find(tx: Transaction, name: str) -> Unit:
    """The household of this ref or id.

    Raises:
        NotFound: there is none that the actor may see.
    """
    access.require(tx.actor, Permission.READ)
    found = store.find_unit(tx, refs.read(name, refs.Kind.UNIT), tx.actor.sides)
    if found is None:
        raise NotFound(f"There is no guest unit {name!r}.", "See `parinaya units list`.")
    return found


def document(tx: Transaction, unit: Unit) -> dict[str, object]:
    """A household as ``--json`` shows one; the desk gets names only."""
    desk = tx.actor.role is Role.DESK
    told: dict[str, object] = {
        "ref": unit.ref,
        "id": unit.id,
        "label": unit.label,
        "members": [
            {"ref": m.ref, "full_name": m.full_name}
            | ({} if desk else {"external_ids": list(m.external_ids), "takes_seat": m.takes_seat})
            for m in unit.members
        ],
        "extra_seats": unit.extra_seats,
        "seats": unit.seats,
        "primary": unit.primary,
        "side": unit.side,
        "tags": list(unit.tags),
        "events": list(unit.events),
        "why": list(unit.why),
    }
    return told


def add(tx: Transaction, label: str, members: Sequence[str], *, extra_seats: int = 0) -> Unit:
    """Make a household by hand.

    Raises:
        NotFound: a person does not exist.
        UsedWrongly: no members, or one of them has a household.
    """
    access.require(tx.actor, Permission.PEOPLE)
    found = [people.find(tx, name) for name in members]
    if not found or not label.strip():
        raise UsedWrongly("A guest unit needs a label and a member.", "Give --member P1, once for each.")
    _all_free(found)
    unit_id = store.insert(tx, label.strip(), [person.id for person in found], _seats(extra_seats))
    made = find(tx, str(unit_id))
    tx.audit("unit.add", "unit", ref=made.ref, entity_id=made.id, after=_shown(made))
    return made


def _all_free(found: Sequence[Person]) -> None:
    for person in found:
        if person.unit is not None:
            raise UsedWrongly(
                f"{person.ref} ({person.full_name}) is in {person.unit} already.",
                f"Take them out first: parinaya units edit {person.unit} --remove {person.ref}.",
            )


def _seats(extra_seats: int) -> int:
    if not 0 <= extra_seats <= 500:
        raise UsedWrongly("Extra seats lie between 0 and 500.", "Give --extra-seats N.")
    return extra_seats


def _shown(unit: Unit) -> dict[str, object]:
    return {
        "label": unit.label,
        "members": [member.ref for member in unit.members],
        "extra_seats": unit.extra_seats,
        "primary": unit.primary,
    }


@dataclass(frozen=True)
class UnitChanges:
    """What is to change in a household; None leaves a thing as it is."""

    label: str | None = None
    primary: str | None = None
    extra_seats: int | None = None
    add: Sequence[str] = ()
    remove: Sequence[str] = ()


def edit(tx: Transaction, name: str, wanted: UnitChanges) -> Unit:
    """Change a household by hand; a later build leaves it as it is.

    Raises:
        NotFound: the household or a person does not exist.
        UsedWrongly: a value is wrong, or somebody to add has another household.
        Locked: somebody else changed it meanwhile.
    """
    access.require(tx.actor, Permission.PEOPLE)
    before = find(tx, name)
    joining = [people.find(tx, one) for one in wanted.add]
    _all_free([person for person in joining if person.unit != before.ref])
    leaving = [people.find(tx, one) for one in wanted.remove]
    members = {member.id for member in before.members} | {person.id for person in joining}
    members -= {person.id for person in leaving}
    if not members:
        raise UsedWrongly(f"{before.ref} would be left without members.", "Keep at least one.")
    changes: dict[str, object] = {}
    if wanted.label is not None:
        changes["label"] = wanted.label.strip()
        if not changes["label"]:
            raise UsedWrongly("A guest unit needs a label.", "Give --label TEXT, or leave it out.")
    if wanted.extra_seats is not None:
        changes["extra_seats"] = _seats(wanted.extra_seats)
    primary = people.find(tx, wanted.primary).id if wanted.primary else before.primary_id
    if wanted.primary and primary not in members:
        raise UsedWrongly(f"{wanted.primary} is no member of {before.ref}.", "Add them with --add first.")
    if primary not in members:
        primary = next(iter(sorted(members)))
    if primary != before.primary_id:
        changes["primary_person_id"] = primary
    if not store.update(tx, before.id, before.version, changes):
        raise Locked(f"Somebody else changed {before.ref} just now.", "Look at it and try again.")
    if leaving:
        store.remove_members(tx, before.id, [person.id for person in leaving])
    fresh = [person.id for person in joining if person.unit is None]
    if fresh:
        store.add_members(tx, before.id, fresh)
    after = find(tx, str(before.id))
    tx.touch_counts(invitations.events_of(tx, before.id))
    if _shown(after) != _shown(before):
        tx.audit(
            "unit.edit",
            "unit",
            ref=after.ref,
            entity_id=after.id,
            before=_shown(before),
            after=_shown(after),
        )
    return after
