"""What a number was made of: every invitation to an event with the answer that counted at some time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.domain.why import Stand
from parinaya_cli.store.transaction import Transaction


def list_stands(
    tx: Transaction, event_id: uuid.UUID, sides: Sequence[str] | None, as_of: datetime | None = None
) -> list[Stand]:
    """Where every invited household stood at a time (None: now), by household.

    An answer counts from when it was recorded; which of them is the newest is decided by when the guest gave it.
    An invitation that was taken back since is there with the seats that it had; labels and sides are those of today.
    """
    rows = tx.rows(
        """
        SELECT u.number, u.label, u.side, i.seats, a.status, a.heads, a.adults, a.children,
               coalesce(a.diets, '{}') AS diets, coalesce(a.note, '') AS note, a.source, a.channel, a.actor,
               a.given_at, a.recorded_at
          FROM (SELECT DISTINCT ON (unit_id) wedding_id, event_id, unit_id, seats FROM (
                       SELECT wedding_id, event_id, unit_id, seats, created_at, 'infinity'::timestamptz AS ended_at
                         FROM invitations WHERE wedding_id = :wedding AND event_id = :event
                       UNION ALL
                       SELECT wedding_id, event_id, unit_id, seats, created_at, ended_at FROM past_invitations
                        WHERE wedding_id = :wedding AND event_id = :event AND ended_at > :as_of) every
                 WHERE created_at <= :as_of ORDER BY unit_id, ended_at) i
          JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
          LEFT JOIN LATERAL (SELECT r.* FROM rsvp_responses r
                WHERE r.wedding_id = i.wedding_id AND r.event_id = i.event_id AND r.unit_id = i.unit_id
                  AND r.recorded_at <= :as_of
                ORDER BY r.given_at DESC, r.id DESC LIMIT 1) a ON true
         WHERE (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
         ORDER BY u.number
        """,
        event=event_id,
        as_of=as_of or "infinity",
        sides=list(sides) if sides is not None else None,
    )
    return [Stand(unit=make_ref(Kind.UNIT, row["number"]), **_answer(row)) for row in rows]


def _answer(row: RowMapping) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "number"}
