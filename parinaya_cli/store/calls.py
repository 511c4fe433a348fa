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


UNREACHED = ("failed", "skipped", "cancelled")
"""States of a message that has not come to anybody."""

FEW = 1_000
"""Messages that came to nobody: up to so many are looked at one by one, rather than searched for among all."""


@dataclass(frozen=True)
class Wanted:
    """How many calls, of which sides (None: all); ``unreached``: how many messages have come to nobody."""

    calls: int
    sides: Sequence[str] | None
    unreached: int


@dataclass(frozen=True)
class OpenCall:
    """A household to call for an event. ``state``: of its last message about it, None where there is none."""

    unit_number: int
    label: str
    primary: str | None
    phone: str | None
    language: str | None
    seats: int
    side: str | None
    state: str | None
    reason: str | None
    error: str | None

    @property
    def unit(self) -> str:
        """The ref of the household."""
        return make_ref(Kind.UNIT, self.unit_number)


_STATES = ", ".join(f"'{state}'" for state in UNREACHED)

# Each household is looked at by itself, the largest first by an index, until there are enough: so the inner queries
# must not be joined in another order (OFFSET 0 and LIMIT see to it).
_FIRST = f"""
    SELECT u.number AS unit_number, u.label, p.full_name AS primary, {PHONE} AS phone, p.language, o.seats, u.side,
           o.state, o.reason, o.error_title AS error
      FROM (SELECT i.unit_id, i.seats, m.* FROM {{source}}
              LEFT JOIN LATERAL (SELECT true AS answered FROM rsvp_responses r WHERE r.wedding_id = i.wedding_id
                   AND r.event_id = i.event_id AND r.unit_id = i.unit_id LIMIT 1) a ON true
              LEFT JOIN LATERAL (SELECT d.state, d.reason, d.error_title FROM invite_dispatch d
                   WHERE d.wedding_id = i.wedding_id AND d.unit_id = i.unit_id AND d.kind = 'template'
                     AND i.event_id = ANY(d.events) ORDER BY d.created_at DESC, d.id DESC LIMIT 1) m ON true
             WHERE i.wedding_id = :wedding AND i.event_id = :event AND a.answered IS NULL
               AND coalesce(m.state IN ({_STATES}), false) = :unreached {{within}}
             ORDER BY i.seats DESC, i.unit_id LIMIT :limit) o
      JOIN guest_units u ON u.wedding_id = :wedding AND u.id = o.unit_id
      LEFT JOIN people p ON p.wedding_id = u.wedding_id AND p.id = u.primary_person_id
     ORDER BY o.seats DESC, o.unit_id
"""
_WITHIN = """AND EXISTS (SELECT 1 FROM guest_units s WHERE s.wedding_id = i.wedding_id AND s.id = i.unit_id
                  AND s.side = ANY(:sides) OFFSET 0)"""
_FAILED = f"""(SELECT DISTINCT d.unit_id FROM invite_dispatch d WHERE d.wedding_id = :wedding
                   AND d.kind = 'template' AND d.state IN ({_STATES}) AND :event = ANY(d.events) OFFSET 0) f
              JOIN invitations i ON i.wedding_id = :wedding AND i.event_id = :event AND i.unit_id = f.unit_id"""


def list_first(tx: Transaction, event_id: uuid.UUID, wanted: Wanted) -> list[OpenCall]:
    """Whom to call first for an event that still comes: whom no message reached, then the largest households.

    Of households of one size, the one that was made first.
    """
    found: list[OpenCall] = []
    if wanted.unreached:
        source = _FAILED if wanted.unreached <= FEW else "invitations i"
        found += _first(tx, event_id, wanted, source, unreached=True)
    if len(found) < wanted.calls:
        found += _first(tx, event_id, wanted, "invitations i", unreached=False)
    return found[: wanted.calls]


def _first(
    tx: Transaction, event_id: uuid.UUID, wanted: Wanted, source: str, *, unreached: bool
) -> list[OpenCall]:
    sides = {} if wanted.sides is None else {"sides": list(wanted.sides)}
    sql = _FIRST.format(source=source, within=_WITHIN if sides else "")
    rows = tx.rows(sql, event=event_id, unreached=unreached, limit=wanted.calls, **sides)
    return [OpenCall(**dict(row)) for row in rows]


def lock_unit(tx: Transaction, unit_id: uuid.UUID) -> None:
    """Let nobody add an answer of a household until the transaction ends (``answers.add`` waits for it)."""
    tx.row("SELECT 1 FROM guest_units WHERE wedding_id = :wedding AND id = :unit FOR UPDATE", unit=unit_id)
