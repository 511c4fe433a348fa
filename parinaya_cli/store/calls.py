"""Households whose answer is open, with what became of the last message about the event."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store.transaction import Transaction

PHONE = """
    (SELECT c.value FROM person_contacts pc
       JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
      WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id AND c.kind = 'phone'
      ORDER BY (c.state = 'valid') DESC, pc.position LIMIT 1)
"""
"""The phone to call a person (``p``) on."""

OPEN = """
      FROM invitations i
      JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
      JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
      LEFT JOIN people p ON p.wedding_id = u.wedding_id AND p.id = u.primary_person_id
      LEFT JOIN LATERAL (SELECT d.state, d.reason, d.error_title FROM invite_dispatch d
            WHERE d.wedding_id = i.wedding_id AND d.unit_id = i.unit_id AND d.kind = 'template'
              AND i.event_id = ANY(d.events) ORDER BY d.created_at DESC, d.id DESC LIMIT 1) m ON true
     WHERE i.wedding_id = :wedding AND e.cancelled_at IS NULL AND coalesce(e.ends_at, e.starts_at) > :now
       AND (CAST(:event AS uuid) IS NULL OR i.event_id = :event)
       AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
       AND NOT EXISTS (SELECT 1 FROM rsvp_responses r WHERE r.wedding_id = i.wedding_id
                          AND r.event_id = i.event_id AND r.unit_id = i.unit_id)
"""
"""Invitations (``i``) to events (``e``) that still come, without an answer; ``m``: the last message, if any."""


@dataclass(frozen=True)
class OpenCall:
    """A household to call for an event. ``state``: of its last message about it, None where there is none."""

    unit_number: int
    label: str
    primary: str | None
    phone: str | None
    language: str | None
    event: str
    seats: int
    side: str | None
    state: str | None
    reason: str | None
    error: str | None

    @property
    def unit(self) -> str:
        """The ref of the household."""
        return make_ref(Kind.UNIT, self.unit_number)


def list_first(
    tx: Transaction, event_id: uuid.UUID, sides: Sequence[str] | None, limit: int
) -> list[OpenCall]:
    """Whom to call first for an event: those whom no message reached, then the largest households."""
    rows = tx.rows(
        f"""
        SELECT u.number AS unit_number, u.label, p.full_name AS primary, {PHONE} AS phone, p.language,
               e.slug AS event, i.seats, u.side, m.state, m.reason, m.error_title AS error
        {OPEN}
         ORDER BY coalesce(m.state IN ('failed', 'skipped', 'cancelled'), false) DESC, i.seats DESC, u.number
         LIMIT :limit
        """,
        event=event_id,
        sides=list(sides) if sides is not None else None,
        limit=limit,
    )
    return [OpenCall(**dict(row)) for row in rows]


def lock_unit(tx: Transaction, unit_id: uuid.UUID) -> None:
    """Let nobody add an answer of a household until the transaction ends (``answers.add`` waits for it)."""
    tx.row("SELECT 1 FROM guest_units WHERE wedding_id = :wedding AND id = :unit FOR UPDATE", unit=unit_id)
