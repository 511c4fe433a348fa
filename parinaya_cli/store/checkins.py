"""Arrivals at the door: the newest row of a household and event counts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from parinaya_cli.domain.checkins import Arrival
from parinaya_cli.store.counts import NEWEST_ANSWER
from parinaya_cli.store.transaction import Transaction


def list_arrivals(
    tx: Transaction,
    event_id: uuid.UUID,
    *,
    sides: Sequence[str] | None = None,
    unit_id: uuid.UUID | None = None,
) -> list[Arrival]:
    """Every household on the guest list of an event, with what it promised and who has come.

    Those whom a household brought that has become another's by a merge meanwhile have come with that.
    """
    rows = tx.rows(
        f"""
        SELECT u.number AS unit_number, u.label, u.side, e.slug AS event, i.seats,
               coalesce(a.status, 'pending') AS status, a.heads, c.heads AS arrived, c.at AS arrived_at
          FROM invitations i
          JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
          JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
          {NEWEST_ANSWER}
          LEFT JOIN LATERAL (
               SELECT sum(newest.heads)::int AS heads, max(newest.at) AS at
                 FROM (SELECT DISTINCT ON (k.unit_id) k.heads, k.at FROM checkins k
                         JOIN guest_units g ON g.wedding_id = k.wedding_id AND g.id = k.unit_id
                        WHERE k.wedding_id = i.wedding_id AND k.event_id = i.event_id
                          AND CASE WHEN g.merged_into IS NULL THEN g.id ELSE g.merged_into END = i.unit_id
                        ORDER BY k.unit_id, k.at DESC, k.id DESC) newest) c ON true
         WHERE i.wedding_id = :wedding AND i.event_id = :event
           AND (CAST(:unit AS uuid) IS NULL OR i.unit_id = :unit)
           AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
         ORDER BY u.number
        """,
        event=event_id,
        unit=unit_id,
        sides=list(sides) if sides is not None else None,
    )
    return [Arrival(**dict(row)) for row in rows]


def lock(tx: Transaction, event_id: uuid.UUID, unit_id: uuid.UUID) -> None:
    """Two doors write one after the other for the same household."""
    tx.row(
        "SELECT 1 FROM invitations WHERE wedding_id = :wedding AND event_id = :event AND unit_id = :unit "
        "FOR NO KEY UPDATE",
        event=event_id,
        unit=unit_id,
    )


def add(tx: Transaction, event_id: uuid.UUID, unit_id: uuid.UUID, heads: int) -> None:
    """Write down how many of a household have come by now.

    What a household brought that has become this one's is counted with it, and is taken over here.
    """
    tx.run(
        "INSERT INTO checkins (wedding_id, event_id, unit_id, heads, channel, actor, at) "
        "SELECT :wedding, :event, g.id, CASE WHEN g.id = :unit THEN :heads ELSE 0 END, :channel, :actor, "
        "clock_timestamp() FROM guest_units g WHERE g.wedding_id = :wedding "
        "AND (g.id = :unit OR (g.merged_into = :unit AND EXISTS (SELECT 1 FROM checkins k "
        "WHERE k.wedding_id = :wedding AND k.event_id = :event AND k.unit_id = g.id)))",
        event=event_id,
        unit=unit_id,
        heads=heads,
        channel=tx.actor.channel.value,
        actor=tx.actor.name,
    )
