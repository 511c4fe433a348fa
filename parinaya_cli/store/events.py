"""Events and the counts kept for them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from parinaya_cli.domain.events import Event
from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction

_COLUMNS = (
    "id, number, slug, title, starts_at, ends_at, venue, address, map_url, dress_code, capacity, rsvp_by, side, "
    "visibility, cancelled_at, version"
)
_WRITTEN = "slug, title, starts_at, ends_at, venue, address, map_url, dress_code, capacity, rsvp_by, side, visibility"


_EVENT = tuple(Event.__dataclass_fields__)


def _event(row: RowMapping) -> Event:
    return Event(**dict(row))


def list_events(tx: Transaction, *, cancelled: bool = True) -> list[Event]:
    """The events of the wedding in order of time."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM events WHERE wedding_id = :wedding "
        "AND (:cancelled OR cancelled_at IS NULL) ORDER BY starts_at, number",
        cancelled=cancelled,
    )
    return [_event(row) for row in rows]


def find_event(tx: Transaction, handle: Handle) -> Event | None:
    """The event that a handle names: by ref, id or slug."""
    condition, values = refs.named(handle, slug=True)
    row = tx.row(f"SELECT {_COLUMNS} FROM events WHERE wedding_id = :wedding AND {condition}", **values)
    return _event(row) if row else None


def insert(tx: Transaction, event: Event) -> Event | None:
    """Add an event; None when its slug is taken. Id and number are made here."""
    taken = tx.value("SELECT 1 FROM events WHERE wedding_id = :wedding AND slug = :slug", slug=event.slug)
    if taken:
        return None
    named = replace(event, number=refs.next_numbers(tx, Kind.EVENT))
    row = tx.row(
        f"INSERT INTO events (wedding_id, number, {_WRITTEN}) VALUES (:wedding, :number, :slug, :title, "
        ":starts_at, :ends_at, :venue, :address, :map_url, :dress_code, :capacity, :rsvp_by, :side, "
        f":visibility) ON CONFLICT DO NOTHING RETURNING {_COLUMNS}",
        **_values(named),
    )
    return _event(row) if row else None


def update(tx: Transaction, event: Event) -> Event | None:
    """Write a changed event; None when somebody else changed it since it was read."""
    row = tx.row(
        "UPDATE events SET title = :title, starts_at = :starts_at, ends_at = :ends_at, venue = :venue, "
        "address = :address, map_url = :map_url, dress_code = :dress_code, capacity = :capacity, "
        "rsvp_by = :rsvp_by, side = :side, visibility = :visibility, cancelled_at = :cancelled_at, "
        "version = version + 1 WHERE wedding_id = :wedding AND id = :id AND version = :version "
        f"RETURNING {_COLUMNS}",
        **_values(event),
    )
    return _event(row) if row else None


def _values(event: Event) -> dict[str, object]:
    return dict(event.__dict__)


@dataclass(frozen=True)
class Counts:
    """The counts of one event, summed over the sides asked for, as of ``as_of``."""

    event_id: uuid.UUID
    invited_units: int = 0
    invited_seats: int = 0
    answered_units: int = 0
    yes_units: int = 0
    yes_heads: int = 0
    no_units: int = 0
    maybe_units: int = 0
    adults: int = 0
    children: int = 0
    uncounted_units: int = 0
    as_of: datetime | None = None
    diets: Mapping[str, int] = field(default_factory=dict)


_SUMMED = (
    "invited_units", "invited_seats", "answered_units", "yes_units", "yes_heads", "no_units", "maybe_units",
    "adults", "children", "uncounted_units",
)  # fmt: skip


def _summed(sides: Sequence[str] | None) -> str:
    """The kept counts by event; ``refreshed_at`` is that of all sides."""
    only = " AND side = ANY(:sides)" if sides is not None else ""
    sums = "".join(f"coalesce(sum({name}) FILTER (WHERE true{only}), 0)::int AS {name}, " for name in _SUMMED)
    return (
        f"SELECT event_id, {sums} array_agg(diets) FILTER (WHERE diets <> '{{}}'{only}) AS diets, "
        "max(refreshed_at) AS refreshed_at FROM projection_event_counts WHERE wedding_id = :wedding GROUP BY event_id"
    )


def _sides(sides: Sequence[str] | None) -> dict[str, object]:
    return {} if sides is None else {"sides": list(sides)}


def read_counts(tx: Transaction, sides: Sequence[str] | None = None) -> dict[uuid.UUID, Counts]:
    """The kept counts of every event, by id; ``sides`` narrows them to households of these sides."""
    rows = tx.rows(_summed(sides), **_sides(sides))
    return {row["event_id"]: _counts(row, row["event_id"]) for row in rows}


def _counts(row: RowMapping, event_id: uuid.UUID) -> Counts:
    told: dict[str, Any] = {name: row[name] or 0 for name in _SUMMED}
    return Counts(event_id, **told | {"as_of": row["refreshed_at"], "diets": _added_up(row["diets"] or ())})


@dataclass(frozen=True)
class Counted:
    """An event that takes place, with its counts. ``newest``: of the change that they lack; None: they lack nothing."""

    event: Event
    counts: Counts
    newest: datetime | None


def list_counted(tx: Transaction, sides: Sequence[str] | None = None) -> list[Counted]:
    """The events that take place, in order of time, with their kept counts: one statement for all of it."""
    rows = tx.rows(
        f"""
        SELECT {_COLUMNS}, k.*,
               CASE WHEN k.event_id IS NULL
                    THEN (SELECT i.created_at FROM invitations i
                           WHERE i.wedding_id = e.wedding_id AND i.event_id = e.id LIMIT 1)
                    ELSE (SELECT nullif(greatest(max(r.recorded_at), k.refreshed_at), k.refreshed_at)
                            FROM rsvp_responses r WHERE r.wedding_id = e.wedding_id AND r.event_id = e.id)
                END AS newest
          FROM events e LEFT JOIN ({_summed(sides)}) k ON k.event_id = e.id
         WHERE e.wedding_id = :wedding AND e.cancelled_at IS NULL ORDER BY e.starts_at, e.number
        """,
        **_sides(sides),
    )
    return [
        Counted(Event(**{name: row[name] for name in _EVENT}), _counts(row, row["id"]), row["newest"])
        for row in rows
    ]


def _added_up(sides: Sequence[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in sides:
        found.update(one)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
