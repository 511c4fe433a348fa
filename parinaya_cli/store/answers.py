"""Answers: only ever added; the newest by the time the guest gave it counts."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from parinaya_cli.domain.answers import Answer
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store.counts import NEWEST_ANSWER
from parinaya_cli.store.transaction import Transaction


def add(tx: Transaction, answer: Answer, source_key: str) -> bool:
    """Add an answer; False when this source said the same thing already. Touches the counts of its event.

    A household that has become another's by a merge meanwhile has answered for that.
    """
    unit_id = tx.value(
        "SELECT coalesce(merged_into, id) FROM guest_units WHERE wedding_id = :wedding AND id = :unit FOR KEY SHARE",
        unit=answer.unit_id,
    )
    added = tx.run(
        "INSERT INTO rsvp_responses (wedding_id, unit_id, event_id, status, heads, adults, children, "
        "requested_heads, diets, note, channel, source, source_key, actor, given_at) VALUES (:wedding, :unit, "
        ":event, :status, :heads, :adults, :children, :requested, CAST(:diets AS jsonb), :note, :channel, "
        ":source, :key, :actor, :given_at) "
        "ON CONFLICT (wedding_id, event_id, unit_id, source_key) DO NOTHING",
        unit=unit_id,
        event=answer.event_id,
        status=answer.status.value,
        heads=answer.heads,
        adults=answer.adults,
        children=answer.children,
        requested=answer.requested_heads,
        diets=json.dumps(dict(answer.diets), ensure_ascii=False),
        note=answer.note,
        channel=answer.channel.value,
        source=answer.source,
        key=source_key,
        actor=tx.actor.name,
        given_at=answer.given_at,
    )
    tx.touch_counts([answer.event_id])
    return added == 1


@dataclass(frozen=True)
class Standing:
    """Where one household stands for one event; ``status`` is ``pending`` while nothing was answered."""

    unit_number: int
    label: str
    primary_number: int | None
    primary: str | None
    phone: str | None
    event: str
    status: str
    heads: int | None
    adults: int | None
    children: int | None
    requested_heads: int | None
    diets: Mapping[str, int]
    seats: int
    note: str
    channel: str | None
    source: str | None
    answered_at: datetime | None

    @property
    def unit(self) -> str:
        """The ref of the household."""
        return make_ref(Kind.UNIT, self.unit_number)


def list_standings(
    tx: Transaction,
    *,
    event_id: uuid.UUID | None = None,
    status: str | None = None,
    sides: Sequence[str] | None = None,
    unit_id: uuid.UUID | None = None,
) -> list[Standing]:
    """Every invitation with the answer that counts, by event and household."""
    rows = tx.rows(
        f"""
        SELECT u.number AS unit_number, u.label, p.number AS primary_number, p.full_name AS primary,
               (SELECT c.value FROM person_contacts pc
                  JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
                 WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id AND c.kind = 'phone'
                 ORDER BY (c.state = 'valid') DESC, pc.position LIMIT 1) AS phone,
               e.slug AS event, coalesce(a.status, 'pending') AS status, a.heads, a.adults, a.children,
               a.requested_heads, coalesce(a.diets, '{{}}') AS diets, i.seats, coalesce(a.note, '') AS note,
               a.channel, a.source, a.given_at AS answered_at
          FROM invitations i
          JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
          JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
          LEFT JOIN people p ON p.wedding_id = u.wedding_id AND p.id = u.primary_person_id
          {NEWEST_ANSWER}
         WHERE i.wedding_id = :wedding
           AND (CAST(:event AS uuid) IS NULL OR i.event_id = :event)
           AND (CAST(:unit AS uuid) IS NULL OR i.unit_id = :unit)
           AND (CAST(:status AS text) IS NULL OR coalesce(a.status, 'pending') = :status)
           AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
         ORDER BY e.starts_at, e.number, u.number
        """,
        event=event_id,
        unit=unit_id,
        status=status,
        sides=list(sides) if sides is not None else None,
    )
    return [Standing(**dict(row)) for row in rows]


@dataclass(frozen=True)
class Given:
    """One answer that was ever given, with its source."""

    event: str
    status: str
    heads: int | None
    requested_heads: int | None
    note: str
    channel: str
    source: str
    actor: str
    given_at: datetime
    recorded_at: datetime


def history(tx: Transaction, unit_id: uuid.UUID) -> list[Given]:
    """Every answer of a household, in the order in which the guest gave them.

    Those of a household that was left empty by a merge are among them; they are not counted.
    """
    rows = tx.rows(
        "SELECT e.slug AS event, r.status, r.heads, r.requested_heads, r.note, r.channel, r.source, r.actor, "
        "r.given_at, r.recorded_at FROM rsvp_responses r "
        "JOIN events e ON e.wedding_id = r.wedding_id AND e.id = r.event_id "
        "WHERE r.wedding_id = :wedding AND (r.unit_id = :unit OR r.unit_id IN (SELECT id FROM guest_units "
        "WHERE wedding_id = :wedding AND merged_into = :unit)) ORDER BY r.given_at, r.id",
        unit=unit_id,
    )
    return [Given(**dict(row)) for row in rows]


@dataclass(frozen=True)
class UnitEvent:
    """An event that a household is invited to, with its answer so far."""

    event_id: uuid.UUID
    number: int
    slug: str
    title: str
    starts_at: datetime
    rsvp_by: date | None
    seats: int
    status: str | None
    heads: int | None
    adults: int | None
    children: int | None
    requested_heads: int | None
    diets: Mapping[str, int]
    venue: str
    address: str
    map_url: str
    dress_code: str
    told: bool


def events_of_unit(tx: Transaction, unit_id: uuid.UUID) -> list[UnitEvent]:
    """The events that a household is invited to and that are not over, in order of time.

    ``told``: a message about the event reached the household, or may have.
    """
    rows = tx.rows(
        f"""
        SELECT e.id AS event_id, e.number, e.slug, e.title, e.starts_at, e.rsvp_by, i.seats, a.status, a.heads,
               a.adults, a.children, a.requested_heads, coalesce(a.diets, '{{}}') AS diets,
               e.venue, e.address, e.map_url, e.dress_code,
               EXISTS (SELECT 1 FROM invite_dispatch d WHERE d.wedding_id = i.wedding_id
                        AND d.unit_id = ANY(ARRAY(SELECT g.id FROM guest_units g WHERE g.wedding_id = i.wedding_id
                                                  AND g.merged_into = i.unit_id) || i.unit_id)
                        AND i.event_id = ANY(d.events) AND d.kind = 'template'
                        AND d.state IN ('unknown', 'accepted', 'sent', 'delivered', 'read')) AS told
          FROM invitations i
          JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
          {NEWEST_ANSWER}
         WHERE i.wedding_id = :wedding AND i.unit_id = :unit AND e.cancelled_at IS NULL
           AND coalesce(e.ends_at, e.starts_at) > :now
         ORDER BY e.starts_at, e.number
        """,
        unit=unit_id,
    )
    return [UnitEvent(**dict(row)) for row in rows]
