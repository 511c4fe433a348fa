"""The counts of each event, kept for reading and rebuilt from the canonical rows.

They are never incremented. A transaction that changes what they rest on rebuilds the events that it touched
as its last step, with the events' rows locked: the second of two writers counts what the first committed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

NEWEST_ANSWER = """
    LEFT JOIN LATERAL (SELECT r.* FROM rsvp_responses r
          WHERE r.wedding_id = i.wedding_id AND r.event_id = i.event_id AND r.unit_id = i.unit_id
          ORDER BY r.given_at DESC, r.id DESC LIMIT 1) a ON true
"""
"""The answer that counts (``a``) for an invitation (``i``): the newest by the time the guest gave it."""

_CANONICAL = f"""
    SELECT i.wedding_id, i.event_id, coalesce(u.side, '') AS side,
           count(*) AS invited_units,
           coalesce(sum(i.seats), 0) AS invited_seats,
           count(a.status) AS answered_units,
           count(*) FILTER (WHERE a.status = 'yes') AS yes_units,
           coalesce(sum(a.heads) FILTER (WHERE a.status = 'yes'), 0) AS yes_heads,
           count(*) FILTER (WHERE a.status = 'no') AS no_units,
           count(*) FILTER (WHERE a.status = 'maybe') AS maybe_units
      FROM invitations i
      JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
      {NEWEST_ANSWER}
     WHERE i.wedding_id = :wedding AND i.event_id = ANY(:events)
     GROUP BY i.wedding_id, i.event_id, coalesce(u.side, '')
"""

_COLUMNS = "invited_units, invited_seats, answered_units, yes_units, yes_heads, no_units, maybe_units"


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
    conn.execute(
        text(
            f"INSERT INTO projection_event_counts (wedding_id, event_id, side, {_COLUMNS}, refreshed_at) "
            f"SELECT wedding_id, event_id, side, {_COLUMNS}, :now FROM ({_CANONICAL}) counted"
        ),
        values,
    )


def drift(conn: Connection, wedding_id: uuid.UUID) -> list[uuid.UUID]:
    """The events of a wedding whose kept counts differ from the canonical rows."""
    rows = conn.execute(
        text(
            f"""
            WITH mine AS (SELECT id FROM events WHERE wedding_id = :wedding),
            counted AS (SELECT event_id, side, {_COLUMNS} FROM ({
                _CANONICAL.replace("= ANY(:events)", "IN (SELECT id FROM events WHERE wedding_id = :wedding)")
            }) c),
            kept AS (SELECT event_id, side, {_COLUMNS} FROM projection_event_counts
                      WHERE wedding_id = :wedding)
            SELECT DISTINCT event_id FROM (
                (SELECT * FROM counted EXCEPT SELECT * FROM kept)
                UNION ALL
                (SELECT * FROM kept EXCEPT SELECT * FROM counted)) differing
             ORDER BY event_id
            """
        ),
        {"wedding": wedding_id},
    )
    return [row[0] for row in rows]
