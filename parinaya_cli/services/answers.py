"""Answers: where things stand, and answers taken by hand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from parinaya_cli.domain import access, refs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.answers import Answer, AnswerStatus, check
from parinaya_cli.domain.errors import Locked, NotFound, UsedWrongly
from parinaya_cli.services import events, people, units
from parinaya_cli.store import answers as store
from parinaya_cli.store import events as event_store
from parinaya_cli.store.answers import Given, Standing
from parinaya_cli.store.events import Counts
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class StatusRow:
    """One line of the RSVP table."""

    event: str
    title: str
    starts_at: datetime
    invited_units: int
    invited_seats: int
    answered_units: int
    yes_units: int
    yes_heads: int
    no_units: int
    maybe_units: int
    pending_units: int
    as_of: datetime


def status(tx: Transaction, event: str | None = None, side: str | None = None) -> list[StatusRow]:
    """Where each event stands, from the kept counts."""
    access.require(tx.actor, Permission.READ)
    wanted = events.find(tx, event).id if event else None
    counts = event_store.read_counts(tx, people.sides_asked(tx, side))
    rows: list[StatusRow] = []
    for one in event_store.list_events(tx, cancelled=wanted is not None):
        if wanted is not None and one.id != wanted:
            continue
        c = counts.get(one.id, Counts(one.id))
        rows.append(
            StatusRow(
                one.slug,
                one.title,
                one.starts_at.astimezone(tx.wedding.zone),
                c.invited_units,
                c.invited_seats,
                c.answered_units,
                c.yes_units,
                c.yes_heads,
                c.no_units,
                c.maybe_units,
                c.invited_units - c.answered_units,
                c.as_of or tx.now,
            )
        )
    return rows


def list_standings(
    tx: Transaction, event: str | None = None, status: str | None = None, side: str | None = None
) -> list[Standing]:
    """Every invitation with the answer that counts. Phones only for roles that may see them.

    Raises:
        NotFound: there is no such event.
        UsedWrongly: there is no such status.
    """
    access.require(tx.actor, Permission.READ)
    known = {one.value for one in AnswerStatus} | {"pending"}
    if status is not None and status not in known:
        raise UsedWrongly(f"There is no status {status!r}.", f"Use one of: {', '.join(sorted(known))}.")
    event_id = events.find(tx, event).id if event else None
    found = store.list_standings(tx, event_id=event_id, status=status, sides=people.sides_asked(tx, side))
    return found if tx.actor.sees_phones else [replace(one, phone=None) for one in found]


def document(tx: Transaction, one: Standing) -> dict[str, object]:
    """An invitation with its answer as ``--json`` shows one; times in the wedding's zone."""
    return {
        "unit": one.unit,
        "label": one.label,
        "primary": refs.make(refs.Kind.PERSON, one.primary_number) if one.primary_number else None,
        "primary_name": one.primary,
        "phone": one.phone,
        "event": one.event,
        "status": one.status,
        "heads": one.heads,
        "adults": one.adults,
        "children": one.children,
        "requested_heads": one.requested_heads,
        "diets": dict(one.diets),
        "seats": one.seats,
        "note": one.note,
        "channel": one.channel,
        "source": one.source,
        "answered_at": one.answered_at.astimezone(tx.wedding.zone) if one.answered_at else None,
    }


@dataclass(frozen=True)
class AnswerRequest:
    """An answer taken by hand."""

    unit: str
    event: str
    status: str
    heads: int | None = None
    adults: int | None = None
    children: int | None = None
    diets: Mapping[str, int] = field(default_factory=dict)
    note: str = ""


def set_answer(tx: Transaction, request: AnswerRequest) -> Standing:
    """Record an answer that somebody gave by phone or at the door; it is given now.

    Raises:
        NotFound: no such household or event, or the household is not invited to it.
        UsedWrongly: the answer contradicts itself, or brings more people than there are seats.
        Locked: the household was merged with another this moment.
    """
    access.require(tx.actor, Permission.ANSWER)
    if request.status not in {one.value for one in AnswerStatus}:
        raise UsedWrongly(f"There is no answer {request.status!r}.", "Use yes, no or maybe.")
    unit, event = units.find(tx, request.unit), events.find(tx, request.event)
    before = _standing(tx, unit.id, event.id)
    if before is None:
        raise NotFound(
            f"{unit.ref} is not invited to {event.slug}.",
            f"Put it on the list: parinaya invite add --event {event.slug} --unit {unit.ref}.",
        )
    heads = request.heads
    if heads is None and request.adults is not None:
        heads = request.adults + (request.children or 0)
    if heads is None and request.status == AnswerStatus.YES and before.seats == 1:
        heads = 1
    answer = Answer(
        unit_id=unit.id,
        event_id=event.id,
        status=AnswerStatus(request.status),
        given_at=tx.now,
        channel=tx.actor.channel,
        source=f"by hand: {tx.actor.name}",
        heads=heads,
        adults=request.adults,
        children=request.children,
        diets=request.diets,
        note=request.note,
    )
    check(answer, before.seats)
    store.add(tx, answer, f"hand:{uuid.uuid4()}")
    after = _standing(tx, unit.id, event.id)
    if after is None:
        raise Locked(f"{unit.ref} was merged with another household just now.", "Try again.")
    tx.audit(
        "answer.set",
        "answer",
        ref=unit.ref,
        entity_id=unit.id,
        before={"event": event.slug, "status": before.status, "heads": before.heads},
        after={"event": event.slug, "status": after.status, "heads": after.heads},
    )
    return after if tx.actor.sees_phones else replace(after, phone=None)


def _standing(tx: Transaction, unit_id: uuid.UUID, event_id: uuid.UUID) -> Standing | None:
    found = store.list_standings(tx, event_id=event_id, unit_id=unit_id)
    return found[0] if found else None


def history(tx: Transaction, unit: str) -> list[Given]:
    """Every answer that a household ever gave.

    Raises:
        NotFound: there is no such household.
    """
    access.require(tx.actor, Permission.READ)
    return store.history(tx, units.find(tx, unit).id)
