"""What the pages show. A page that is not a household's own never reads an event that is not public."""

from __future__ import annotations

import uuid

from sqlalchemy import RowMapping

from parinaya_cli.domain.events import Event
from parinaya_cli.domain.site import OwnEvent, Said, UnitPage
from parinaya_cli.store.counts import NEWEST_ANSWER
from parinaya_cli.store.transaction import Transaction

_EVENT = (
    "e.id, e.number, e.slug, e.title, e.starts_at, e.ends_at, e.venue, e.address, e.map_url, e.dress_code, "
    "NULL::int AS capacity, e.rsvp_by, e.side, e.visibility, e.cancelled_at, e.version"
)
_FIELDS = tuple(Event.__dataclass_fields__)


def find_wedding(tx: Transaction, slug: str) -> uuid.UUID | None:
    """The wedding with this slug."""
    found: uuid.UUID | None = tx.value("SELECT id FROM weddings WHERE slug = :slug", slug=slug)
    return found


def public_events(tx: Transaction) -> list[Event]:
    """The events that anybody may know of, in order of time."""
    rows = tx.rows(
        f"SELECT {_EVENT} FROM events e WHERE e.wedding_id = :wedding AND e.visibility = 'public' "
        "AND e.cancelled_at IS NULL ORDER BY e.starts_at, e.number"
    )
    return [_event(row) for row in rows]


def lock_unit(tx: Transaction, unit_id: uuid.UUID) -> None:
    """Two forms of a household are recorded one after the other."""
    tx.rows(
        "SELECT 1 FROM invitations WHERE wedding_id = :wedding AND unit_id = :unit ORDER BY id FOR NO KEY UPDATE",
        unit=unit_id,
    )


def unit_page(tx: Transaction, unit_id: uuid.UUID) -> UnitPage | None:
    """A household with the events that it is invited to, and its answers."""
    unit = tx.row(
        """
        SELECT u.number, u.label, u.extra_seats,
               (SELECT p.language FROM people p
                 WHERE p.wedding_id = u.wedding_id AND p.id = u.primary_person_id) AS language,
               (SELECT array_agg(p.full_name ORDER BY m.position, p.number) FROM guest_unit_members m
                  JOIN people p ON p.wedding_id = m.wedding_id AND p.id = m.person_id
                 WHERE m.wedding_id = u.wedding_id AND m.unit_id = u.id AND m.takes_seat) AS members
          FROM guest_units u WHERE u.wedding_id = :wedding AND u.id = :unit AND u.removed_at IS NULL
        """,
        unit=unit_id,
    )
    if unit is None:
        return None
    rows = tx.rows(
        f"""
        SELECT {_EVENT}, i.seats, a.status, a.heads, a.adults, a.children, a.requested_heads,
               coalesce(a.diets, '{{}}') AS diets, coalesce(a.note, '') AS note, a.given_at AS answered_at
          FROM invitations i
          JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
          {NEWEST_ANSWER}
         WHERE i.wedding_id = :wedding AND i.unit_id = :unit ORDER BY e.starts_at, e.number
        """,
        unit=unit_id,
    )
    return UnitPage(
        unit_id,
        unit["number"],
        unit["label"],
        tuple(unit["members"] or ()),
        unit["extra_seats"],
        tuple(_own(tx, row) for row in rows),
        unit["language"],
    )


def _own(tx: Transaction, row: RowMapping) -> OwnEvent:
    event = _event(row)
    said = Said(
        row["status"],
        row["heads"],
        row["adults"],
        row["children"],
        row["requested_heads"],
        row["diets"],
        row["note"],
        row["answered_at"],
    )
    return OwnEvent(event, row["seats"], said, not event.is_over(tx.now))


def _event(row: RowMapping) -> Event:
    return Event(**{name: row[name] for name in _FIELDS})
