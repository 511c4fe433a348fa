"""The dashboard: everything that a family looks at, read from the kept counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from parinaya_cli.domain import access, calls
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.dashboard import DAYS, Call, DayLine, EventLine, Overview, Projection
from parinaya_cli.domain.events import Event
from parinaya_cli.services import people
from parinaya_cli.store import calls as call_store
from parinaya_cli.store import dashboard as store
from parinaya_cli.store import events as event_store
from parinaya_cli.store.calls import OpenCall, Wanted
from parinaya_cli.store.dashboard import Board
from parinaya_cli.store.events import Counted, Counts
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
    known = event_store.list_counted(tx, sides)
    lines = [_event_line(tx, one.event, one.counts) for one in known]
    coming = [(one.event, line) for one, line in zip(known, lines, strict=True) if not line.over]
    today = tx.now.astimezone(tx.wedding.zone).date()
    days = [today - timedelta(days=number) for number in reversed(range(DAYS))]
    board = store.read_board(tx, days[0], sides)
    return Overview(
        title=tx.wedding.title,
        as_of=tx.now.astimezone(tx.wedding.zone),
        events=tuple(lines),
        days=tuple(_day(board, one) for one in days),
        deliveries=board.deliveries,
        pending_calls=sum(line.pending_units for _, line in coming),
        calls=_first_calls(tx, coming, Wanted(first_calls, sides, _unreached(board))),
        projections=(_counts_fresh(tx, known), _projection(tx, "deliveries", board.refreshed_at)),
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


def _day(board: Board, day: date) -> DayLine:
    return DayLine(day, *(board.days.get((day, status), 0) for status in ("yes", "no", "maybe")))


def _unreached(board: Board) -> int:
    return sum(board.deliveries.get(state, 0) for state in call_store.UNREACHED)


def _first_calls(
    tx: Transaction, coming: Sequence[tuple[Event, EventLine]], wanted: Wanted
) -> tuple[Call, ...]:
    """Events in the order in which answers are due; the next one is only asked about when calls are left over."""
    found: list[Call] = []
    due = sorted(coming, key=lambda one: (one[0].rsvp_by or one[1].starts_at.date(), one[1].starts_at))
    for event, line in due:
        left = wanted.calls - len(found)
        if line.pending_units and left > 0:
            some = call_store.list_first(tx, event.id, replace(wanted, calls=min(left, line.pending_units)))
            found.extend(_call(tx, line.event, one) for one in some)
    return tuple(found)


def _call(tx: Transaction, event: str, one: OpenCall) -> Call:
    return Call(
        unit=one.unit,
        label=one.label,
        primary=one.primary,
        phone=one.phone if tx.actor.sees_phones else None,
        language=one.language or tx.wedding.language,
        event=event,
        seats=one.seats,
        side=one.side,
        why=calls.say_state(one.state or "", one.reason or "", one.error or ""),
    )


def _counts_fresh(tx: Transaction, known: Sequence[Counted]) -> Projection:
    refreshed = max((one.counts.as_of for one in known if one.counts.as_of is not None), default=None)
    newest = max((one.newest for one in known if one.newest is not None), default=None)
    return _projection(tx, "event_counts", refreshed, newest)


def _projection(
    tx: Transaction, name: str, refreshed: datetime | None, newest: datetime | None = None
) -> Projection:
    """``newest``: the newest change that it does not hold, None when it has all."""
    lag = (newest - refreshed).total_seconds() if newest is not None and refreshed is not None else 0.0
    at = (refreshed or tx.now).astimezone(tx.wedding.zone)
    return Projection(name, at, round(max(0.0, lag), 3), newest is not None)


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
