"""Households put together and taken apart by hand, with their guest lists, answers and messages."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, units_moves
from parinaya_cli.domain import units as domain
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.answers import Answer
from parinaya_cli.domain.errors import Locked, UsedWrongly
from parinaya_cli.domain.units import Candidate
from parinaya_cli.domain.units_moves import MOST_SEATS, Said
from parinaya_cli.services import people, units
from parinaya_cli.store import answers
from parinaya_cli.store import units as unit_store
from parinaya_cli.store import units_moves as store
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.units import Unit

_FEWEST = 2


@dataclass(frozen=True)
class MoveReport:
    """What a merge or split did, or would do. ``unit``: the household that took the others over, or the new one, as
    ``--json`` shows it; ``others``: the refs of the others; ``notes``: what became of lists, answers and messages."""

    unit: Mapping[str, object]
    others: tuple[str, ...]
    notes: tuple[str, ...]


class _RehearsedError(Exception):
    """Ends a rehearsal: everything that was done in it is undone."""


def _tried(tx: Transaction, work: Callable[[], MoveReport], dry_run: bool) -> MoveReport:
    """Do something; in a rehearsal it is done and taken back, so that the preview is what would happen."""
    if not dry_run:
        return tx.retried(work)
    found: list[MoveReport] = []
    try:
        with tx.savepoint():
            found.append(work())
            raise _RehearsedError
    except _RehearsedError:
        return found[0]


# ── together ───────────────────────────────────────────────────────────────────────────────────────────


def merge(tx: Transaction, names: Sequence[str], *, dry_run: bool = False) -> MoveReport:
    """Put households together: the first takes the others over, and their refs lead to it from now on.

    Members, unnamed seats, guest lists, seats and answers of all are united as ``domain.units_moves.together`` says;
    the answers of those that are gone stay in the history. Messages that are queued to them are cancelled, what they
    were sent counts as sent. Consents and stops hang on phones and people, and stay there. The first one's primary
    contact stays.

    Raises:
        NotFound: there is no such household that the actor may see.
        UsedWrongly: there are not two, or there would be too many seats.
        Locked: a message to one of them is leaving this moment.
    """
    access.require(tx.actor, Permission.PEOPLE)
    unit_store.lock_building(tx)
    found = list({unit.id: unit for unit in (units.find(tx, name) for name in names)}.values())
    if len(found) < _FEWEST:
        raise UsedWrongly(
            "These are one household already." if len(names) > 1 else "Name two households.",
            "Write it as: parinaya units merge U5 U9.",
        )
    return _tried(tx, lambda: _merge(tx, found), dry_run)


def _merge(tx: Transaction, found: Sequence[Unit]) -> MoveReport:
    store.lock(tx, [unit.id for unit in found])
    _none_leaving(tx, found)
    stays, notes = found[0], list[str]()
    for gone in found[1:]:
        notes += _take_over(tx, units.find(tx, str(stays.id)), gone)
    after = units.find(tx, str(stays.id))
    tx.audit(
        "unit.merge",
        "unit",
        ref=after.ref,
        entity_id=after.id,
        before={unit.ref: units.shown(unit) for unit in found},
        after=units.shown(after),
    )
    return MoveReport(
        units.document(tx, after, whole=True), tuple(unit.ref for unit in found[1:]), tuple(notes)
    )


def _none_leaving(tx: Transaction, found: Sequence[Unit]) -> None:
    if store.is_sending(tx, [unit.id for unit in found]):
        names = " or ".join(unit.ref for unit in found)
        raise Locked(f"A message to {names} is leaving this moment.", "Try again in a minute.")


def _take_over(tx: Transaction, stays: Unit, gone: Unit) -> list[str]:
    extra = stays.extra_seats + gone.extra_seats
    if extra > MOST_SEATS:
        raise UsedWrongly(
            f"{stays.ref} would have {extra} unnamed seats; {MOST_SEATS} is the most.", "Name people first."
        )
    names = (stays.ref, gone.ref)
    notes: list[str] = []
    for move in units_moves.together(store.stands(tx, stays.id), store.stands(tx, gone.id), names):
        store.set_seats(tx, stays.id, move.event_id, move.seats)
        if move.said is not None:
            _say(tx, stays.id, move.event_id, move.said, f"merge:{gone.id}:{uuid.uuid4()}")
        notes += move.notes
    cancelled = store.cancel_messages(tx, gone.id, "household_merged")
    if cancelled:
        notes.append(f"{cancelled} queued messages to {gone.ref} are cancelled.")
    store.fold(tx, gone.id, stays.id)
    why = [*stays.why, *gone.why, f"{gone.ref} ({gone.label}) was put to it by hand"]
    store.join_seats(tx, stays.id, extra, list(dict.fromkeys(why)))
    units.settle(tx, stays.id)
    return [*notes, f"{gone.ref} ({gone.label}) is {stays.ref} from now on."]


def _say(tx: Transaction, unit_id: uuid.UUID, event_id: uuid.UUID, said: Said, key: str) -> None:
    answer = Answer(
        unit_id=unit_id,
        event_id=event_id,
        status=said.status,
        given_at=said.given_at,
        channel=tx.actor.channel,
        source=said.source,
        heads=said.heads,
        adults=said.adults,
        children=said.children,
        diets=said.diets,
        note=said.note,
        requested_heads=said.requested_heads,
    )
    answers.add(tx, answer, key)


# ── apart ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SplitRequest:
    """Who leaves a household for one of their own, with how many of its unnamed seats; ``label``: what that is
    called, else as their names say."""

    unit: str
    members: Sequence[str]
    extra_seats: int = 0
    label: str | None = None


def split(tx: Transaction, request: SplitRequest, *, dry_run: bool = False) -> MoveReport:
    """Take a household apart: some of its members get one of their own, on the same guest lists.

    Seats and answers are divided as ``domain.units_moves.apart`` says: in all they are as many as before. What was sent
    to whoever leaves goes along, so that nobody is written to twice; messages that are queued to them are cancelled.

    Raises:
        NotFound: there is no such household or person that the actor may see.
        UsedWrongly: nobody is named, somebody is no member, nobody would stay, or there are not so many seats.
        Locked: a message to the household is leaving this moment.
    """
    access.require(tx.actor, Permission.PEOPLE)
    unit_store.lock_building(tx)
    unit = units.find(tx, request.unit)
    leaving = _leaving(tx, unit, request)
    return _tried(tx, lambda: _split(tx, unit, leaving, request), dry_run)


def _leaving(tx: Transaction, unit: Unit, request: SplitRequest) -> list[Candidate]:
    named = {people.find(tx, name).id: name for name in request.members}
    members = unit_store.list_candidates(tx, [unit.id])
    strangers = [name for one, name in named.items() if one not in {member.person_id for member in members}]
    if not named or strangers:
        raise UsedWrongly(
            f"{strangers[0]} is no member of {unit.ref}." if strangers else "Nobody is named.",
            f"Give --member P1, once for each; see parinaya units show {unit.ref}.",
        )
    if len(named) == len(members):
        raise UsedWrongly(
            f"Nobody would stay in {unit.ref}.", "Name those who leave, and leave at least one."
        )
    if not 0 <= request.extra_seats <= unit.extra_seats:
        raise UsedWrongly(
            f"{unit.ref} has {unit.extra_seats} unnamed seats.", "Give --extra-seats N, up to as many."
        )
    if request.label is not None and not request.label.strip():
        raise UsedWrongly("A guest unit needs a label.", "Give --label TEXT, or leave it out.")
    return [member for member in members if member.person_id in named]


def _split(tx: Transaction, unit: Unit, leaving: Sequence[Candidate], request: SplitRequest) -> MoveReport:
    store.lock(tx, [unit.id])
    _none_leaving(tx, [unit])
    ids = [one.person_id for one in leaving]
    stands = store.stands(tx, unit.id)
    cancelled = store.cancel_messages(tx, unit.id, "household_split", ids)
    label = (request.label or domain.label_apart(leaving, unit.label)).strip()
    made = store.insert(tx, label, request.extra_seats, [f"taken apart from {unit.ref} by hand"])
    store.carry(tx, unit.id, made, ids)
    store.join_seats(tx, unit.id, unit.extra_seats - request.extra_seats, units.why_without(unit, ids))
    units.settle(tx, unit.id)
    units.settle(tx, made)
    here, there = units.find(tx, str(unit.id)), units.find(tx, str(made))
    notes: list[str] = []
    for part in units_moves.apart(stands, here.seats + there.seats, there.seats, unit.ref):
        notes += part.notes
        if part.seats_there:
            store.set_seats(tx, unit.id, part.event_id, part.seats_here)
            store.set_seats(tx, made, part.event_id, part.seats_there)
        for whose, said in ((unit.id, part.said_here), (made, part.said_there)):
            if said is not None:
                _say(tx, whose, part.event_id, said, f"split:{made}:{whose}")
    if cancelled:
        notes.append(f"{cancelled} queued messages to who leaves are cancelled: send them anew.")
    for after, before in ((here, units.shown(unit)), (there, None)):
        tx.audit(
            "unit.split", "unit", ref=after.ref, entity_id=after.id, before=before, after=units.shown(after)
        )
    return MoveReport(units.document(tx, units.find(tx, there.ref), whole=True), (unit.ref,), tuple(notes))
