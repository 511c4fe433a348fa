"""Events and the counts kept for them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

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


def read_counts(tx: Transaction, sides: Sequence[str] | None = None) -> dict[uuid.UUID, Counts]:
    """The kept counts of every event, by id; ``sides`` narrows them to households of these sides."""
    rows = tx.rows(
        """
        SELECT event_id, sum(invited_units)::int AS invited_units, sum(invited_seats)::int AS invited_seats,
               sum(answered_units)::int AS answered_units, sum(yes_units)::int AS yes_units,
               sum(yes_heads)::int AS yes_heads, sum(no_units)::int AS no_units,
               sum(maybe_units)::int AS maybe_units, sum(adults)::int AS adults, sum(children)::int AS children,
               sum(uncounted_units)::int AS uncounted_units, max(refreshed_at) AS as_of,
               array_agg(diets) FILTER (WHERE diets <> '{}') AS diets
          FROM projection_event_counts
         WHERE wedding_id = :wedding AND (CAST(:sides AS text[]) IS NULL OR side = ANY(:sides))
         GROUP BY event_id
        """,
        sides=list(sides) if sides is not None else None,
    )
    return {row["event_id"]: Counts(**{**row, "diets": _added_up(row["diets"] or ())}) for row in rows}


def _added_up(sides: Sequence[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in sides:
        found.update(one)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
