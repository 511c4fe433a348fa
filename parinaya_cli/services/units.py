"""Guest units: building households, changing them by hand."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, refs
from parinaya_cli.domain import units as domain
from parinaya_cli.domain.access import Permission, Role
from parinaya_cli.domain.duplicates import looked_at
from parinaya_cli.domain.errors import Locked, NotFound, UsedWrongly
from parinaya_cli.domain.units import Candidate, PlannedUnit
from parinaya_cli.domain.units_homes import Tie, find_ties
from parinaya_cli.domain.units_moves import MOST_SEATS
from parinaya_cli.services import events, people
from parinaya_cli.store import duplicate_scans as scans
from parinaya_cli.store import invitations
from parinaya_cli.store import units as store
from parinaya_cli.store import units_moves as moves
from parinaya_cli.store.people import Person
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.units import Unit


@dataclass(frozen=True)
class BuildReport:
    """What `units build` did, or would do.

    ``planned``: as far as whoever acts may see it. ``beside``: people by ref who seem to belong to a household that
    was changed by hand, with its ref. ``unscanned``: how many people were never looked at for duplicates.
    """

    created: int
    people_placed: int
    left_alone: int
    planned: tuple[PlannedUnit, ...]
    beside: tuple[tuple[tuple[str, ...], str], ...] = ()
    unscanned: int = 0


def build(tx: Transaction, *, dry_run: bool) -> BuildReport:
    """Put everybody who has no household into one. What was decided by hand stays as it is.

    Households are thought out before anything is locked; whoever came in meanwhile is placed by their own list alone.
    """
    access.require(tx.actor, Permission.PEOPLE)
    ties = _ties(tx)
    if not dry_run:
        store.lock_building(tx)
    candidates = store.list_candidates(tx)
    planned = domain.plan(candidates, ties)
    left_alone = sum(person.unit_id is not None for person in candidates)
    seen = tuple(unit for unit in planned if tx.actor.sides is None or unit.side in tx.actor.sides)
    if dry_run:
        created = sum(unit.joins is None for unit in planned)
        placed = sum(len(unit.members) for unit in planned)
    else:
        created, placed = store.write_plan(tx, planned)
        invitations.add_wanted(tx)
        if placed:
            tx.audit("units.build", "unit", after={"created": created, "people_placed": placed})
    return BuildReport(
        created, placed, left_alone, seen, _beside(tx, candidates, seen), len(scans.list_fresh(tx))
    )


def _ties(tx: Transaction) -> list[Tie]:
    """Why people belong together by all lists; nothing is thought about when everybody has a household.

    Who may be one person lives in one household: whom no scan has looked at yet is looked at here.
    """
    if all(person.unit_id is not None for person in store.list_candidates(tx)):
        return []
    store.think_long(tx)
    ground, fresh = scans.read_ground(tx), scans.list_fresh(tx)
    return find_ties(looked_at(ground, fresh) if fresh else ground, store.list_addresses(tx))


def _beside(
    tx: Transaction, candidates: Sequence[Candidate], planned: Sequence[PlannedUnit]
) -> tuple[tuple[tuple[str, ...], str], ...]:
    numbers = {person.person_id: person.number for person in candidates}
    return tuple(
        (tuple(refs.make(refs.Kind.PERSON, numbers[one]) for one in unit.members), home.ref)
        for unit in planned
        if unit.beside is not None
        and (home := store.find_unit(tx, refs.read(str(unit.beside), refs.Kind.UNIT), tx.actor.sides))
        is not None
    )


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


def document(tx: Transaction, unit: Unit, *, whole: bool = False) -> dict[str, object]:
    """A household as ``--json`` shows one; the desk gets names only. ``whole``: why it has its primary."""
    access.require(tx.actor, Permission.READ)
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
        "tags": [] if desk else list(unit.tags),
        "events": list(unit.events),
        "why": list(unit.why),
        "made_by": unit.made_by,
    }
    if whole and not desk:
        told["primary_why"] = _primary_why(tx, unit)
    return told


def _primary_why(tx: Transaction, unit: Unit) -> str | None:
    """Why the primary contact is who they are, in words."""
    if unit.primary is None:
        return None
    if unit.primary_by == "hand":
        return "chosen by hand"
    chosen = domain.primary(store.list_candidates(tx, [unit.id]))
    if chosen is None or chosen.person_id == unit.primary_id:
        return chosen.why if chosen else None
    other = next(member.ref for member in unit.members if member.id == chosen.person_id)
    return f"chosen when the household was made; by the rule it would be {other} now ({chosen.why})"


def choose_primary(
    tx: Transaction, unit_id: uuid.UUID, leaving: Collection[uuid.UUID] = ()
) -> uuid.UUID | None:
    """Who gets the messages of a household by the rule, when these people have left it; None when nobody is left."""
    access.require(tx.actor, Permission.PEOPLE)
    left = [one for one in store.list_candidates(tx, [unit_id]) if one.person_id not in leaving]
    chosen = domain.primary(left)
    return chosen.person_id if chosen else None


def add(tx: Transaction, label: str, members: Sequence[str], *, extra_seats: int = 0) -> Unit:
    """Make a household by hand; the rule says which of its members gets the messages.

    Raises:
        NotFound: a person does not exist.
        UsedWrongly: no members, or one of them has a household.
    """
    access.require(tx.actor, Permission.PEOPLE)
    store.lock_building(tx)
    found = list({person.id: person for person in (people.find(tx, name) for name in members)}.values())
    if not found or not label.strip():
        raise UsedWrongly("A guest unit needs a label and a member.", "Give --member P1, once for each.")
    _all_free(found)
    unit_id = store.insert(tx, label.strip(), [person.id for person in found], _seats(extra_seats))
    moves.set_primary(tx, unit_id, choose_primary(tx, unit_id))
    made = find(tx, str(unit_id))
    tx.audit("unit.add", "unit", ref=made.ref, entity_id=made.id, after=shown(made))
    return made


def _all_free(found: Sequence[Person]) -> None:
    for person in found:
        if person.unit is not None:
            raise UsedWrongly(
                f"{person.ref} ({person.full_name}) is in {person.unit} already.",
                f"Take them out first (parinaya units edit {person.unit} --remove {person.ref}), or put the "
                "households together: parinaya units merge.",
            )


def _seats(extra_seats: int) -> int:
    if not 0 <= extra_seats <= MOST_SEATS:
        raise UsedWrongly(f"Extra seats lie between 0 and {MOST_SEATS}.", "Give --extra-seats N.")
    return extra_seats


def shown(unit: Unit) -> dict[str, object]:
    """A household as the audit log tells of it."""
    return {
        "label": unit.label,
        "members": [member.ref for member in unit.members],
        "extra_seats": unit.extra_seats,
        "primary": unit.primary,
    }


# ── changes by hand ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class UnitChanges:
    """What is to change in a household; None leaves a thing as it is. ``on_top``: who is added takes none of the
    unnamed seats."""

    label: str | None = None
    primary: str | None = None
    extra_seats: int | None = None
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    on_top: bool = False


@dataclass(frozen=True)
class Edited:
    """A household after it was changed, and what should be known of it."""

    unit: Unit
    notes: tuple[str, ...]


def edit(tx: Transaction, name: str, wanted: UnitChanges) -> Unit:
    """Change a household by hand; a later build leaves it as it is. See ``edit_and_tell``."""
    return edit_and_tell(tx, name, wanted).unit


def edit_and_tell(tx: Transaction, name: str, wanted: UnitChanges) -> Edited:
    """Change a household by hand, one operator after the other, and tell what follows from it.

    Who is added takes one of its unnamed seats while there are any, unless they come on top. Who is removed takes
    their seat along; messages that are queued to them are cancelled. When the primary contact leaves, the rule says
    who it is now. Guest lists and answers stay as they are.

    Raises:
        NotFound: the household or a person does not exist.
        UsedWrongly: a value is wrong, or somebody to add has another household.
        Locked: a message to somebody who is removed is leaving this moment.
    """
    access.require(tx.actor, Permission.PEOPLE)
    store.lock_building(tx)
    return tx.retried(lambda: _edit(tx, name, wanted))


def _edit(tx: Transaction, name: str, wanted: UnitChanges) -> Edited:
    before = find(tx, name)
    joining = [people.find(tx, one) for one in dict.fromkeys(wanted.add)]
    _all_free([person for person in joining if person.unit != before.ref])
    here = {member.id for member in before.members}
    asked = [people.find(tx, one) for one in dict.fromkeys(wanted.remove)]
    fresh = [person.id for person in joining if person.id not in here]
    leaving = [person.id for person in asked if person.id in here]
    if {person.id for person in joining} & {person.id for person in asked}:
        raise UsedWrongly("Somebody is both to be added and removed.", "Name them once.")
    staying = (here | set(fresh)) - set(leaving)
    if not staying:
        raise UsedWrongly(f"{before.ref} would be left without members.", "Keep at least one.")
    moves.lock(tx, [before.id], [*fresh, *leaving])
    if leaving and moves.is_sending(tx, [before.id]):
        raise Locked(f"A message to {before.ref} is leaving this moment.", "Try again in a minute.")
    changes = _changes(tx, before, wanted, staying, len(fresh))
    if leaving:
        changes["why"] = why_without(before, leaving)
    if changes or fresh or leaving:
        if not store.update(tx, before.id, before.version, changes):
            raise Locked(f"Somebody else changed {before.ref} just now.", "Look at it and try again.")
        store.remove_members(tx, before.id, leaving)
        store.add_members(tx, before.id, fresh)
    return _edited(tx, before, leaving)


def why_without(unit: Unit, leaving: Collection[uuid.UUID]) -> list[str]:
    """Why a household is one, when these members have left: without the reasons that speak of them."""
    names = [member.full_name for member in unit.members if member.id in leaving]
    return [why for why in unit.why if not any(name in why for name in names)]


def _changes(
    tx: Transaction, before: Unit, wanted: UnitChanges, staying: Collection[uuid.UUID], fresh: int
) -> dict[str, object]:
    """The columns of the household that change."""
    changes: dict[str, object] = {}
    if wanted.label is not None:
        changes["label"] = wanted.label.strip()
        if not changes["label"]:
            raise UsedWrongly("A guest unit needs a label.", "Give --label TEXT, or leave it out.")
    if wanted.extra_seats is not None:
        changes["extra_seats"] = _seats(wanted.extra_seats)
    elif fresh and before.extra_seats and not wanted.on_top:
        changes["extra_seats"] = max(0, before.extra_seats - fresh)
    if wanted.primary:
        primary = people.find(tx, wanted.primary).id
        if primary not in staying:
            raise UsedWrongly(f"{wanted.primary} is no member of {before.ref}.", "Add them with --add first.")
        changes |= {"primary_person_id": primary, "primary_by": "hand"}
    return changes


def _edited(tx: Transaction, before: Unit, leaving: Sequence[uuid.UUID]) -> Edited:
    """Bring what rests on a household in line with its members, and tell of it."""
    notes = []
    if leaving:
        cancelled = moves.cancel_messages(tx, before.id, "left_household", leaving)
        if cancelled:
            notes.append(f"{cancelled} queued messages to who leaves are cancelled: send them anew.")
        names = ", ".join(f"{m.ref} ({m.full_name})" for m in before.members if m.id in leaving)
        notes.append(
            f"In no household now, and invited to nothing: {names}. `parinaya units build` makes one."
        )
    settle(tx, before.id)
    after = find(tx, str(before.id))
    if after.seats != before.seats:
        notes += [
            f"{stand.event}: invited with {stand.seats} seats, and {after.ref} has {after.seats} now. To change it: "
            f"parinaya invite add --event {stand.event} --unit {after.ref} --seats {after.seats}"
            for stand in moves.stands(tx, after.id)
            if stand.seats is not None and stand.seats != after.seats
        ]
    if shown(after) != shown(before):
        tx.audit(
            "unit.edit",
            "unit",
            ref=after.ref,
            entity_id=after.id,
            before=shown(before),
            after=shown(after),
        )
    return Edited(after, tuple(notes))


def settle(tx: Transaction, unit_id: uuid.UUID) -> None:
    """Bring a household in line with its members: who takes a seat, who gets the messages, side, tags, counts."""
    access.require(tx.actor, Permission.PEOPLE)
    members = store.list_candidates(tx, [unit_id])
    moves.set_doubles(tx, unit_id, sorted(domain.describe(members).duplicates))
    primary = find(tx, str(unit_id)).primary
    if primary is None:
        moves.set_primary(tx, unit_id, choose_primary(tx, unit_id))
    store.refresh_from_members(tx, [unit_id])
    tx.touch_counts(invitations.events_of(tx, unit_id))
