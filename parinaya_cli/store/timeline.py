"""All that happened with people and their household, each kind of thing by a query of its own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Whose:
    """Whose history is asked for. ``points``: their contact points."""

    people: tuple[uuid.UUID, ...]
    units: tuple[uuid.UUID, ...]
    points: tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class Moment:
    """One thing that happened. ``by``: who did it, "" for a guest; ``ref``: what it belongs to, such as B3."""

    at: datetime
    what: str
    detail: str
    by: str = ""
    channel: str = ""
    ref: str = ""


def whose(tx: Transaction, person_ids: Sequence[uuid.UUID], unit_ids: Sequence[uuid.UUID]) -> Whose:
    """These people with those who were merged into them, their households, and their contact points."""
    people = tx.rows(
        "SELECT id FROM people WHERE wedding_id = :wedding AND (id = ANY(:ids) OR merged_into = ANY(:ids)) ORDER BY id",
        ids=list(person_ids),
    )
    ids = tuple(row["id"] for row in people)
    points = tx.rows(
        "SELECT DISTINCT contact_point_id AS id FROM person_contacts "
        "WHERE wedding_id = :wedding AND person_id = ANY(:ids) ORDER BY id",
        ids=list(ids),
    )
    return Whose(ids, tuple(unit_ids), tuple(row["id"] for row in points))


def lists(tx: Transaction, of: Whose) -> list[Moment]:
    """The lists that name them: when each did first and changed them, and since when it does not any more."""
    rows = tx.rows(
        """
        SELECT i.created_at AS at, 'list' AS what, i.actor, i.number,
               'named by ' || ps.source || CASE WHEN ps.line > 0 THEN ', row ' || ps.line ELSE '' END AS detail
          FROM person_sources ps
          JOIN imports i ON i.wedding_id = ps.wedding_id AND i.id = coalesce((
               SELECT p.import_id FROM people p JOIN imports f ON f.wedding_id = p.wedding_id AND f.id = p.import_id
                WHERE p.wedding_id = ps.wedding_id AND p.id = ps.person_id
                  AND (ps.source = f.source OR ps.source LIKE f.source || '/%')), ps.import_id)
         WHERE ps.wedding_id = :wedding AND ps.person_id = ANY(:people)
        UNION ALL
        SELECT i.created_at, 'list', i.actor, i.number,
               'changed by ' || c.source || ': ' || f.fields
          FROM import_changes c JOIN imports i ON i.wedding_id = c.wedding_id AND i.id = c.import_id
          CROSS JOIN LATERAL (SELECT string_agg(k, ', ' ORDER BY k) AS fields FROM (
                   SELECT jsonb_object_keys(c.before) UNION ALL
                   SELECT 'contact points' WHERE c.contacts_after <> '[]') AS changed(k)
                    WHERE k NOT IN ('folded', 'household_source')) f
         WHERE c.wedding_id = :wedding AND c.person_id = ANY(:people) AND f.fields IS NOT NULL
        UNION ALL
        SELECT ps.gone_at, 'list', '', i.number, 'named no more by ' || ps.source
          FROM person_sources ps JOIN imports i ON i.wedding_id = ps.wedding_id AND i.id = coalesce((
               SELECT c.import_id FROM import_changes c JOIN imports f ON f.wedding_id = c.wedding_id
                  AND f.id = c.import_id WHERE c.wedding_id = ps.wedding_id AND c.person_id = ps.person_id
                  AND c.source = ps.source AND c.source_before = '{"gone_at": null}'
                ORDER BY f.number DESC LIMIT 1), ps.import_id)
         WHERE ps.wedding_id = :wedding AND ps.person_id = ANY(:people) AND ps.gone_at IS NOT NULL
         ORDER BY at, detail
        """,
        people=list(of.people),
    )
    return [
        Moment(
            row["at"],
            row["what"],
            row["detail"],
            row["actor"],
            "import",
            make_ref(Kind.IMPORT, row["number"]),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Change:
    """A change that the audit log tells of a person or a household; ``before`` and ``after`` None when forgotten."""

    at: datetime
    action: str
    ref: str
    actor: str
    channel: str
    reason: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def changes(tx: Transaction, of: Whose) -> list[Change]:
    """What was changed by hand of the people and their household."""
    rows = tx.rows(
        "SELECT l.at, l.action, l.ref, l.actor, l.channel, l.reason, v.value FROM audit_logs l "
        "LEFT JOIN audit_values v ON v.chain_id = l.chain_id AND v.seq = l.seq "
        "WHERE l.chain_id = :wedding AND l.entity_id = ANY(:ids) AND l.entity IN ('person', 'unit') ORDER BY l.seq",
        ids=[*of.people, *of.units],
    )
    found: list[Change] = []
    for row in rows:
        told = json.loads(row["value"]) if row["value"] else {}
        facts = {key: row[key] for key in ("at", "action", "ref", "actor", "channel")}
        facts["reason"] = told.get("reason", row["reason"])
        found.append(Change(**facts, before=told.get("before"), after=told.get("after")))
    return found


def invited(tx: Transaction, of: Whose) -> list[Moment]:
    """The guest lists that their household is on, and when it was made."""
    rows = tx.rows(
        """
        SELECT u.created_at AS at, 'household' AS what, u.number, 'in the household ' || u.label AS detail
          FROM guest_units u WHERE u.wedding_id = :wedding AND u.id = ANY(:units)
        UNION ALL
        SELECT i.created_at, 'invitation', u.number, 'invited to ' || e.slug || ', ' || i.seats || CASE i.seats
               WHEN 1 THEN ' seat' ELSE ' seats' END
          FROM invitations i JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
          JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
         WHERE i.wedding_id = :wedding AND i.unit_id = ANY(:units)
        """,
        units=list(of.units),
    )
    return [
        Moment(row["at"], row["what"], row["detail"], ref=make_ref(Kind.UNIT, row["number"])) for row in rows
    ]


@dataclass(frozen=True)
class Sent:
    """A message to them, as it was queued. ``statuses``: what became of it, each with its time."""

    at: datetime
    kind: str
    template: str
    text: str
    to: str
    state: str
    reason: str
    actor: str
    batch_number: int | None
    accepted_at: datetime | None
    updated_at: datetime
    statuses: Sequence[tuple[datetime, str]]


def sent(tx: Transaction, of: Whose) -> list[Sent]:
    """Every message to the people, or to a phone of theirs."""
    rows = tx.rows(
        """
        SELECT d.created_at AS at, d.kind, d.template, coalesce(d.content->>'text', '') AS text,
               coalesce(c.value, '') AS to, d.state, d.reason, coalesce(b.actor, '') AS actor,
               b.number AS batch_number, d.accepted_at, d.updated_at,
               (SELECT json_agg(json_build_array(s.at, s.status) ORDER BY s.at, s.id) FROM delivery_events s
                 WHERE s.wedding_id = d.wedding_id AND s.dispatch_id = d.id) AS statuses
          FROM invite_dispatch d
          LEFT JOIN batches b ON b.wedding_id = d.wedding_id AND b.id = d.batch_id
          LEFT JOIN contact_points c ON c.wedding_id = d.wedding_id AND c.id = d.contact_point_id
         WHERE d.wedding_id = :wedding AND (d.person_id = ANY(:people) OR d.contact_point_id = ANY(:points))
         ORDER BY d.created_at, d.id
        """,
        people=list(of.people),
        points=list(of.points),
    )
    return [
        Sent(
            **{
                **dict(row),
                "statuses": [(datetime.fromisoformat(at), word) for at, word in row["statuses"] or ()],
            }
        )
        for row in rows
    ]


def heard(tx: Transaction, of: Whose) -> list[Moment]:
    """What came from their phones."""
    rows = tx.rows(
        "SELECT m.at, CASE WHEN m.body = '' THEN '(' || m.kind || ')' ELSE m.body END AS body, n.number "
        "FROM inbound_messages m LEFT JOIN inbox_items n ON n.wedding_id = m.wedding_id AND n.inbound_id = m.id "
        "WHERE m.wedding_id = :wedding AND m.contact_point_id = ANY(:points)",
        points=list(of.points),
    )
    return [
        Moment(
            row["at"],
            "message in",
            row["body"],
            "",
            "webhook",
            make_ref(Kind.INBOX, row["number"]) if row["number"] else "",
        )
        for row in rows
    ]


def consented(tx: Transaction, of: Whose) -> list[Moment]:
    """What was recorded of their consent, for each of their contact points."""
    rows = tx.rows(
        "SELECT l.effective_at AS at, l.kind, l.source, l.actor, c.value FROM consent_ledger l "
        "JOIN contact_points c ON c.wedding_id = l.wedding_id AND c.id = l.contact_point_id "
        "WHERE l.wedding_id = :wedding AND l.contact_point_id = ANY(:points)",
        points=list(of.points),
    )
    return [
        Moment(row["at"], "consent", f"{row['kind']} of {row['value']}: {row['source']}", row["actor"])
        for row in rows
    ]
