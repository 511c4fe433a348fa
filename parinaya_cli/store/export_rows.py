"""The rows of each kind of export, read by a cursor of Postgres: a million of them take no memory here."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from parinaya_cli.store.calls import OPEN, PHONE
from parinaya_cli.store.counts import NEWEST_ANSWER
from parinaya_cli.store.transaction import Transaction

AT_ONCE = 2_000
"""Rows fetched together."""


@dataclass(frozen=True)
class Selection:
    """Which rows: of an event, of households or people on one of these sides; None: all."""

    event_id: uuid.UUID | None = None
    sides: Sequence[str] | None = None


_PEOPLE = """
    SELECT 'P' || p.number, p.full_name, p.honorific, p.given_name, p.family_name, c.phones[1],
           array_to_string(c.phones[2:], ' ; '), array_to_string(c.emails, ' ; '), p.city, p.side,
           array_to_string(p.tags, ';'), p.household,
           CASE WHEN p.party_size IS NOT NULL OR p.extra_seats > 0 THEN p.extra_seats + 1 END, p.language,
           (SELECT string_agg(DISTINCT s.external_id, '; ' ORDER BY s.external_id) FROM person_sources s
             WHERE s.wedding_id = p.wedding_id AND s.person_id = p.id AND s.external_id <> ''),
           p.notes, array_to_string(p.events, ';'), 'U' || u.number, u.label,
           CASE WHEN c.opted_out THEN 'opted_out' WHEN c.opted_in THEN 'opted_in' ELSE 'none' END,
           CASE WHEN p.do_not_message_at IS NULL THEN 'no' ELSE 'yes' END {extra}
      FROM people p
      LEFT JOIN LATERAL (
           SELECT array_agg(c.value ORDER BY pc.position, c.value) FILTER (WHERE c.kind = 'phone') AS phones,
                  array_agg(c.value ORDER BY pc.position, c.value) FILTER (WHERE c.kind = 'email') AS emails,
                  bool_or(c.consent = 'opted_out') FILTER (WHERE c.kind <> 'email') AS opted_out,
                  bool_or(c.consent = 'opted_in') FILTER (WHERE c.kind <> 'email') AS opted_in
             FROM person_contacts pc
             JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
            WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id) c ON true
      LEFT JOIN guest_unit_members m ON m.wedding_id = p.wedding_id AND m.person_id = p.id
      LEFT JOIN guest_units u ON u.wedding_id = m.wedding_id AND u.id = m.unit_id
     WHERE p.wedding_id = :wedding AND p.removed_at IS NULL AND p.merged_into IS NULL
       AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides))
       AND (CAST(:event AS uuid) IS NULL OR EXISTS (SELECT 1 FROM invitations i
            WHERE i.wedding_id = m.wedding_id AND i.unit_id = m.unit_id AND i.event_id = :event))
     ORDER BY p.number
"""

_UNITS = f"""
    SELECT 'U' || u.number, u.label,
           (SELECT string_agg(q.full_name, '; ' ORDER BY m.position, q.number) FROM guest_unit_members m
              JOIN people q ON q.wedding_id = m.wedding_id AND q.id = m.person_id
             WHERE m.wedding_id = u.wedding_id AND m.unit_id = u.id),
           (SELECT string_agg('P' || q.number, '; ' ORDER BY m.position, q.number) FROM guest_unit_members m
              JOIN people q ON q.wedding_id = m.wedding_id AND q.id = m.person_id
             WHERE m.wedding_id = u.wedding_id AND m.unit_id = u.id),
           u.extra_seats, 'P' || p.number, p.full_name, {PHONE}, u.side, array_to_string(u.tags, ';'),
           (SELECT string_agg(e.slug, ';' ORDER BY e.starts_at, e.number) FROM invitations i
              JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
             WHERE i.wedding_id = u.wedding_id AND i.unit_id = u.id)
      FROM guest_units u
      LEFT JOIN people p ON p.wedding_id = u.wedding_id AND p.id = u.primary_person_id
     WHERE u.wedding_id = :wedding AND u.removed_at IS NULL AND u.merged_into IS NULL
       AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
       AND (CAST(:event AS uuid) IS NULL OR EXISTS (SELECT 1 FROM invitations i
            WHERE i.wedding_id = u.wedding_id AND i.unit_id = u.id AND i.event_id = :event))
     ORDER BY u.number
"""

_DIETS = """
    (SELECT string_agg(d.key || '=' || d.value, '; ' ORDER BY d.key) FROM jsonb_each_text(a.diets) d)
"""

_RSVP = f"""
    SELECT e.slug, 'U' || u.number, u.label, 'P' || p.number, p.full_name, {PHONE}, u.side,
           coalesce(a.status, 'pending'), a.heads, a.adults, a.children, {_DIETS}, i.seats, a.requested_heads, a.note,
           a.channel, a.source, a.given_at
      FROM invitations i
      JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
      JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
      LEFT JOIN people p ON p.wedding_id = u.wedding_id AND p.id = u.primary_person_id
      {NEWEST_ANSWER}
     WHERE i.wedding_id = :wedding AND (CAST(:event AS uuid) IS NULL OR i.event_id = :event)
       AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
     ORDER BY e.starts_at, e.number, u.number
"""

_CALLS = f"""
    SELECT 'U' || u.number, u.label, p.full_name, {PHONE}, coalesce(p.language, :language), e.slug, e.title,
           e.starts_at, i.seats, u.side, concat_ws(chr(31), coalesce(m.state, ''), coalesce(m.reason, ''),
           coalesce(m.error_title, '')), '', NULL::int, NULL::int, NULL::int, '', '', '', :now
    {OPEN}
     ORDER BY coalesce(u.side, ''), e.starts_at, e.number,
              coalesce(m.state IN ('failed', 'skipped', 'cancelled'), false) DESC, i.seats DESC, u.number
"""

_MESSAGES = """
    SELECT 'B' || b.number, d.template, 'U' || u.number, u.label, 'P' || p.number, p.full_name, c.value, d.state,
           d.reason, d.reason, d.error_code, d.error_title, d.accepted_at, t.sent, t.delivered, t.read, t.failed,
           d.updated_at, d.wamid
      FROM invite_dispatch d
      JOIN batches b ON b.wedding_id = d.wedding_id AND b.id = d.batch_id
      LEFT JOIN guest_units u ON u.wedding_id = d.wedding_id AND u.id = d.unit_id
      LEFT JOIN people p ON p.wedding_id = d.wedding_id AND p.id = d.person_id
      LEFT JOIN contact_points c ON c.wedding_id = d.wedding_id AND c.id = d.contact_point_id
      LEFT JOIN LATERAL (SELECT min(v.at) FILTER (WHERE v.status = 'sent') AS sent,
                                min(v.at) FILTER (WHERE v.status = 'delivered') AS delivered,
                                min(v.at) FILTER (WHERE v.status = 'read') AS read,
                                min(v.at) FILTER (WHERE v.status = 'failed') AS failed
                           FROM delivery_events v
                          WHERE v.wedding_id = d.wedding_id AND v.dispatch_id = d.id) t ON true
     WHERE d.wedding_id = :wedding AND d.kind = 'template'
       AND (CAST(:event AS uuid) IS NULL OR :event = ANY(d.events))
       AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
     ORDER BY b.number, u.number, d.id
"""

_GIFTS = """
    SELECT 'G' || g.number, 'U' || u.number, u.label, u.side, g.what, trim_scale(g.amount), g.actor, g.created_at,
           g.thanked_at, g.thanked_by
      FROM gifts g
      JOIN guest_units u ON u.wedding_id = g.wedding_id AND u.id = g.unit_id
     WHERE g.wedding_id = :wedding AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
     ORDER BY g.number
"""

_CONSENT = """
    SELECT (SELECT string_agg('P' || p.number, '; ' ORDER BY p.number) FROM person_contacts pc
              JOIN people p ON p.wedding_id = pc.wedding_id AND p.id = pc.person_id
             WHERE pc.wedding_id = l.wedding_id AND pc.contact_point_id = l.contact_point_id
               AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides))),
           (SELECT string_agg(p.full_name, '; ' ORDER BY p.number) FROM person_contacts pc
              JOIN people p ON p.wedding_id = pc.wedding_id AND p.id = pc.person_id
             WHERE pc.wedding_id = l.wedding_id AND pc.contact_point_id = l.contact_point_id
               AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides))),
           c.value, l.kind, l.effective_at, l.recorded_at, l.source, l.evidence, l.actor
      FROM consent_ledger l
      JOIN contact_points c ON c.wedding_id = l.wedding_id AND c.id = l.contact_point_id
     WHERE l.wedding_id = :wedding
       AND (CAST(:sides AS text[]) IS NULL OR EXISTS (SELECT 1 FROM person_contacts pc
              JOIN people p ON p.wedding_id = pc.wedding_id AND p.id = pc.person_id
             WHERE pc.wedding_id = l.wedding_id AND pc.contact_point_id = l.contact_point_id AND p.side = ANY(:sides)))
     ORDER BY l.effective_at, l.recorded_at, l.id
"""

_AUDIT = """
    SELECT a.seq, a.at, a.actor, a.role, a.channel, a.action, a.entity, a.ref,
           coalesce(CAST(v.value AS jsonb)->>'reason', a.reason),
           CAST(v.value AS jsonb)->>'before', CAST(v.value AS jsonb)->>'after', encode(a.hash, 'hex')
      FROM audit_logs a
      LEFT JOIN audit_values v ON v.chain_id = a.chain_id AND v.seq = a.seq
     WHERE a.chain_id = :wedding ORDER BY a.seq
"""

_STATEMENTS = {
    "people": _PEOPLE,
    "units": _UNITS,
    "rsvp": _RSVP,
    "call-list": _CALLS,
    "messages": _MESSAGES,
    "gifts": _GIFTS,
    "consent": _CONSENT,
    "audit": _AUDIT,
}


def list_extra(tx: Transaction, selection: Selection) -> list[str]:
    """The headers of lists that parinaya keeps for people without knowing what they mean, by name."""
    tx.run("SET LOCAL statement_timeout = 0")
    rows = tx.rows(
        "SELECT DISTINCT x.key FROM people p CROSS JOIN LATERAL jsonb_object_keys(p.extra) x(key) "
        "WHERE p.wedding_id = :wedding AND p.removed_at IS NULL AND p.merged_into IS NULL AND p.extra <> '{}' "
        "AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides)) ORDER BY x.key",
        sides=_list(selection.sides),
    )
    return [row["key"] for row in rows]


def read(
    tx: Transaction, kind: str, selection: Selection, extra: Sequence[str] = ()
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a kind, some thousand at a time, in the order of the file. ``extra``: further columns of people.

    What is yielded is as the columns of the kind say; ``why`` of a call list is the state, reason and error of the
    last message, with ``\\x1f`` between them.
    """
    tx.run("SET LOCAL statement_timeout = 0")
    tx.run("SET LOCAL jit = off")
    sql = _STATEMENTS[kind]
    values: dict[str, object] = {"event": selection.event_id, "sides": _list(selection.sides)}
    if kind == "people":
        sql = sql.replace(
            "{extra}", "".join(f", p.extra->>CAST(:extra_{n} AS text)" for n in range(len(extra)))
        )
        values |= {f"extra_{number}": name for number, name in enumerate(extra)}
    if kind == "call-list":
        values["language"] = tx.wedding.language
    told = {name: value for name, value in values.items() if f":{name}" in sql}
    tx.run(f"DECLARE export NO SCROLL CURSOR FOR {sql}", **told)
    connection = tx.conn.connection.driver_connection
    assert isinstance(connection, Connection)
    with connection.cursor() as cursor:
        while rows := cursor.execute(f"FETCH {AT_ONCE} FROM export").fetchall():
            yield rows
    tx.run("CLOSE export")


def _list(sides: Sequence[str] | None) -> list[str] | None:
    return list(sides) if sides is not None else None
