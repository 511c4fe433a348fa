"""The counts of each event, kept for reading and rebuilt from the canonical rows.

They are never incremented. A transaction that changes what they rest on rebuilds the events that it touched
as its last step, with the events' rows locked: the second of two writers counts what the first committed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

NEWEST_ANSWER = """
    LEFT JOIN LATERAL (SELECT r.* FROM rsvp_responses r
          WHERE r.wedding_id = i.wedding_id AND r.event_id = i.event_id AND r.unit_id = i.unit_id
          ORDER BY r.given_at DESC, r.id DESC LIMIT 1) a ON true
"""
"""The answer that counts (``a``) for an invitation (``i``): the newest by the time the guest gave it."""

_CANONICAL = f"""
    WITH standing AS (
        SELECT i.wedding_id, i.event_id, coalesce(u.side, '') AS side, i.seats, a.status, a.heads, a.adults, a.children,
               CASE WHEN a.status = 'yes' AND a.diets <> '{{}}' THEN a.diets END AS diets
          FROM invitations i
          JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
          {NEWEST_ANSWER}
         WHERE i.wedding_id = :wedding AND i.event_id = ANY(:events)),
    eaten AS (
        SELECT event_id, side, jsonb_object_agg(name, heads) AS diets
          FROM (SELECT s.event_id, s.side, d.key AS name, sum(d.value::int) AS heads
                  FROM standing s CROSS JOIN LATERAL jsonb_each_text(s.diets) d
                 WHERE s.diets IS NOT NULL GROUP BY s.event_id, s.side, d.key) named
         GROUP BY event_id, side)
    SELECT s.wedding_id, s.event_id, s.side,
           count(*) AS invited_units,
           coalesce(sum(s.seats), 0) AS invited_seats,
           count(s.status) AS answered_units,
           count(*) FILTER (WHERE s.status = 'yes') AS yes_units,
           coalesce(sum(s.heads) FILTER (WHERE s.status = 'yes'), 0) AS yes_heads,
           count(*) FILTER (WHERE s.status = 'no') AS no_units,
           count(*) FILTER (WHERE s.status = 'maybe') AS maybe_units,
           coalesce(sum(s.adults) FILTER (WHERE s.status = 'yes'), 0) AS adults,
           coalesce(sum(s.children) FILTER (WHERE s.status = 'yes'), 0) AS children,
           count(*) FILTER (WHERE s.status = 'yes' AND s.heads IS NULL) AS uncounted_units,
           coalesce((SELECT e.diets FROM eaten e WHERE e.event_id = s.event_id AND e.side = s.side), '{{}}') AS diets
      FROM standing s
     GROUP BY s.wedding_id, s.event_id, s.side
"""

COUNTED = (
    "invited_units", "invited_seats", "answered_units", "yes_units", "yes_heads", "no_units", "maybe_units", "adults",
    "children", "uncounted_units", "diets",
)  # fmt: skip
"""What is kept for an event and a side. ``uncounted_units`` have said yes and not how many come; ``diets`` maps each
name to the heads of it among those who said yes."""

_COLUMNS = ", ".join(COUNTED)


def rebuild(conn: Connection, wedding_id: uuid.UUID, event_ids: Sequence[uuid.UUID], now: datetime) -> None:
    """Count these events of a wedding again. ``event_ids`` come sorted, so that writers lock in one order."""
    values = {"wedding": wedding_id, "events": list(event_ids), "now": now}
    conn.execute(
        text(
            "SELECT 1 FROM events WHERE wedding_id = :wedding AND id = ANY(:events) "
            "ORDER BY id FOR NO KEY UPDATE"
        ),
        values,
    )
    conn.execute(
        text("DELETE FROM projection_event_counts WHERE wedding_id = :wedding AND event_id = ANY(:events)"),
        values,
    )
    # The clock, not the beginning of this transaction: it may have waited for another that began later.
    conn.execute(
        text(
            f"INSERT INTO projection_event_counts (wedding_id, event_id, side, {_COLUMNS}, refreshed_at) "
            f"SELECT wedding_id, event_id, side, {_COLUMNS}, greatest(:now, clock_timestamp()) "
            f"FROM ({_CANONICAL}) counted"
        ),
        values,
    )


@dataclass(frozen=True)
class Difference:
    """A kept count of an event and a side ('' where households have none) that is not the one of the rows.

    ``kept`` or ``counted`` is None where there is no such line at all.
    """

    event_id: uuid.UUID
    event: str
    side: str
    count: str
    kept: object
    counted: object


_EVERY = _CANONICAL.replace("= ANY(:events)", "IN (SELECT id FROM events WHERE wedding_id = :wedding)")


def differences(conn: Connection, wedding_id: uuid.UUID) -> list[Difference]:
    """Every kept count of a wedding that differs from the canonical rows, by event and side."""
    rows = conn.execute(
        text(
            f"""
            SELECT e.slug, d.event_id, d.side, k.row AS kept, c.row AS counted
              FROM (SELECT event_id, side FROM projection_event_counts WHERE wedding_id = :wedding
                     UNION SELECT event_id, side FROM ({_EVERY}) c) d
              JOIN events e ON e.wedding_id = :wedding AND e.id = d.event_id
              LEFT JOIN (SELECT event_id, side, to_jsonb(k) AS row FROM projection_event_counts k
                          WHERE wedding_id = :wedding) k ON k.event_id = d.event_id AND k.side = d.side
              LEFT JOIN (SELECT event_id, side, to_jsonb(c) AS row FROM ({_EVERY}) c) c
                     ON c.event_id = d.event_id AND c.side = d.side
             ORDER BY e.starts_at, e.number, d.side
            """
        ),
        {"wedding": wedding_id},
    )
    return [
        Difference(
            row.event_id, row.slug, row.side, name, (row.kept or {}).get(name), (row.counted or {}).get(name)
        )
        for row in rows
        for name in COUNTED
        if row.kept is None or row.counted is None or row.kept[name] != row.counted[name]
    ]


def drift(conn: Connection, wedding_id: uuid.UUID) -> list[uuid.UUID]:
    """The events of a wedding whose kept counts differ from the canonical rows."""
    return sorted({one.event_id for one in differences(conn, wedding_id)})
