"""The dashboard: everything that a family looks at, read from the kept counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from parinaya_cli.domain import access, calls
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.dashboard import DAYS, Call, DayLine, EventLine, Overview, Projection
from parinaya_cli.domain.events import Event
from parinaya_cli.services import people
from parinaya_cli.store import calls as call_store
from parinaya_cli.store import dashboard as store
from parinaya_cli.store import events as event_store
from parinaya_cli.store.dashboard import Freshness
from parinaya_cli.store.events import Counts
from parinaya_cli.store.transaction import Transaction

FIRST_CALLS = 8
"""How many households are named to be called first."""


def overview(tx: Transaction, side: str | None = None, *, first_calls: int = FIRST_CALLS) -> Overview:
    """The wedding as it stands, in numbers; times in its zone. A side-bound actor sees the own side.

    Raises:
        UsedWrongly: there is no such side.
    """
    access.require(tx.actor, Permission.READ)
    sides = people.sides_asked(tx, side)
    known = event_store.list_events(tx, cancelled=False)
    counts = event_store.read_counts(tx, sides)
    lines = [_event_line(tx, one, counts.get(one.id, Counts(one.id))) for one in known]
    coming = [(event, line) for event, line in zip(known, lines, strict=True) if not line.over]
    return Overview(
        title=tx.wedding.title,
        as_of=tx.now.astimezone(tx.wedding.zone),
        events=tuple(lines),
        days=_days(tx, sides),
        deliveries=store.count_deliveries(tx, sides),
        pending_calls=sum(line.pending_units for _, line in coming),
        calls=_first_calls(tx, coming, sides, first_calls),
        projections=(
            _projection(tx, "event_counts", store.counts_freshness(tx)),
            _projection(tx, "deliveries", store.deliveries_freshness(tx)),
        ),
    )


def _event_line(tx: Transaction, event: Event, counted: Counts) -> EventLine:
    return EventLine(
        event=event.slug,
        title=event.title,
        starts_at=event.starts_at.astimezone(tx.wedding.zone),
        venue=event.venue,
        capacity=event.capacity,
        over=event.is_over(tx.now),
        invited_units=counted.invited_units,
        invited_seats=counted.invited_seats,
        answered_units=counted.answered_units,
        yes_units=counted.yes_units,
        yes_heads=counted.yes_heads,
        no_units=counted.no_units,
        maybe_units=counted.maybe_units,
        pending_units=counted.invited_units - counted.answered_units,
        adults=counted.adults,
        children=counted.children,
        uncounted_units=counted.uncounted_units,
        diets=counted.diets,
        as_of=(counted.as_of or tx.now).astimezone(tx.wedding.zone),
    )


def _days(tx: Transaction, sides: Sequence[str] | None) -> tuple[DayLine, ...]:
    today = tx.now.astimezone(tx.wedding.zone).date()
    first = today - timedelta(days=DAYS - 1)
    found = {(one.day, one.status): one.answers for one in store.count_days(tx, first, sides)}
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return tuple(
        DayLine(day, found.get((day, "yes"), 0), found.get((day, "no"), 0), found.get((day, "maybe"), 0))
        for day in days
    )


def _first_calls(
    tx: Transaction, coming: Sequence[tuple[Event, EventLine]], sides: Sequence[str] | None, wanted: int
) -> tuple[Call, ...]:
    """Events in the order in which answers are due; the next one is only asked about when calls are left over."""
    found: list[Call] = []
    due = sorted(coming, key=lambda one: (one[0].rsvp_by or one[1].starts_at.date(), one[1].starts_at))
    for event, line in due:
        if line.pending_units and len(found) < wanted:
            for one in call_store.list_first(tx, event.id, sides, wanted - len(found)):
                found.append(
                    Call(
                        unit=one.unit,
                        label=one.label,
                        primary=one.primary,
                        phone=one.phone if tx.actor.sees_phones else None,
                        language=one.language or tx.wedding.language,
                        event=one.event,
                        seats=one.seats,
                        side=one.side,
                        why=calls.say_state(one.state or "", one.reason or "", one.error or ""),
                    )
                )
    return tuple(found)


def _projection(tx: Transaction, name: str, fresh: Freshness) -> Projection:
    stale = fresh.newest is not None
    at = fresh.refreshed_at or tx.now
    lag = (fresh.newest - at).total_seconds() if fresh.newest is not None and fresh.refreshed_at else 0.0
    return Projection(name, at.astimezone(tx.wedding.zone), round(max(0.0, lag), 3), stale)


def document(told: Overview) -> Mapping[str, object]:
    """The overview as ``--json`` shows it."""
    return {
        "title": told.title,
        "as_of": told.as_of,
        "events": [vars(one) for one in told.events],
        "answers_by_day": [vars(one) for one in told.days],
        "deliveries": dict(told.deliveries),
        "pending_calls": told.pending_calls,
        "call_first": [vars(one) for one in told.calls],
        "projections": [vars(one) for one in told.projections],
    }
