"""Check-in at the door."""

from __future__ import annotations

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.checkins import Arrival, heads_now
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.services import events, people, units
from parinaya_cli.store import checkins as store
from parinaya_cli.store.transaction import Transaction


def check_in(
    tx: Transaction, unit: str, event: str, heads: int | None = None, more: int | None = None
) -> Arrival:
    """Write down who of a household has come by now.

    ``heads`` are all who have come; said twice, it is the same. Without it: as many as were promised.

    Raises:
        NotFound: no such household or event, or the household is not invited to it.
        UsedWrongly: an impossible number, or the event was cancelled.
    """
    access.require(tx.actor, Permission.ANSWER)
    who, what = units.find(tx, unit), events.find(tx, event)
    if what.cancelled_at is not None:
        raise UsedWrongly(f"{what.slug} is cancelled.", "See `parinaya events list`.")
    store.lock(tx, what.id, who.id)
    found = store.list_arrivals(tx, what.id, unit_id=who.id)
    if not found:
        raise NotFound(
            f"{who.ref} ({who.label}) is not invited to {what.slug}.",
            f"Put it on the list: parinaya invite add --event {what.slug} --unit {who.ref}.",
        )
    before = found[0]
    now = heads_now(before, heads, more)
    if now == before.arrived:
        return before
    store.add(tx, what.id, who.id, now)
    tx.audit(
        "checkin.set",
        "checkin",
        ref=who.ref,
        entity_id=who.id,
        before={"event": what.slug, "arrived": before.arrived},
        after={"event": what.slug, "arrived": now},
    )
    return store.list_arrivals(tx, what.id, unit_id=who.id)[0]


def list_arrivals(tx: Transaction, event: str, side: str | None = None) -> list[Arrival]:
    """The guest list of an event with who has come.

    Raises:
        NotFound: there is no such event.
    """
    access.require(tx.actor, Permission.READ)
    return store.list_arrivals(tx, events.find(tx, event).id, sides=people.sides_asked(tx, side))


def document(tx: Transaction, one: Arrival) -> dict[str, object]:
    """A household at the door as ``--json`` shows one."""
    return {
        "unit": one.unit,
        "label": one.label,
        "event": one.event,
        "answer": one.status,
        "expected": one.expected,
        "seats": one.seats,
        "arrived": one.arrived or 0,
        "over": one.over,
        "at": one.arrived_at.astimezone(tx.wedding.zone) if one.arrived_at else None,
    }
