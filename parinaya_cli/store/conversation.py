"""Conversations, inbound messages and the inbox."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parinaya_cli.domain import wa_ids
from parinaya_cli.domain.messages import InboundMessage, Tap, Text
from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Household:
    """A household that a contact point may speak for, with its member who has it: the primary contact first.

    ``ids``, ``numbers``: its own, and those of households that were left empty when people were merged into it.
    """

    unit_id: uuid.UUID
    unit_number: int
    person_id: uuid.UUID
    language: str | None
    ids: frozenset[uuid.UUID]
    numbers: frozenset[int]


def households_of(tx: Transaction, contact_point_id: uuid.UUID) -> list[Household]:
    """The households of everybody who has this contact point, which nobody merges until this transaction ends."""
    tx.row(
        "SELECT 1 FROM contact_points WHERE wedding_id = :wedding AND id = :point FOR NO KEY UPDATE",
        point=contact_point_id,
    )
    rows = tx.rows(
        """
        SELECT DISTINCT ON (u.id) u.id AS unit_id, u.number AS unit_number, p.id AS person_id, p.language,
               ARRAY(SELECT a.id FROM guest_units a WHERE a.wedding_id = :wedding AND a.merged_into = u.id) || u.id
               AS ids,
               ARRAY(SELECT a.number FROM guest_units a WHERE a.wedding_id = :wedding AND a.merged_into = u.id)
               || u.number AS numbers
          FROM person_contacts pc
          JOIN people p ON p.wedding_id = pc.wedding_id AND p.id = pc.person_id
          JOIN guest_unit_members m ON m.wedding_id = p.wedding_id AND m.person_id = p.id
          JOIN guest_units u ON u.wedding_id = m.wedding_id AND u.id = m.unit_id
         WHERE pc.wedding_id = :wedding AND pc.contact_point_id = :point
           AND p.removed_at IS NULL AND u.removed_at IS NULL
         ORDER BY u.id, (p.id = u.primary_person_id) DESC, p.number
        """,
        point=contact_point_id,
    )
    return [
        Household(**{**dict(row), "ids": frozenset(row["ids"]), "numbers": frozenset(row["numbers"])})
        for row in rows
    ]


@dataclass(frozen=True)
class Talk:
    """Where a conversation stands, locked for this step."""

    question: Mapping[str, Any] | None
    unit_id: uuid.UUID | None
    heard_at: datetime | None
    courtesy_at: datetime | None
    consent: str


def lock_talk(tx: Transaction, contact_point_id: uuid.UUID) -> Talk:
    """Lock the conversation with a contact point: one step at a time."""
    tx.run(
        "INSERT INTO conversations (wedding_id, contact_point_id) VALUES (:wedding, :point) "
        "ON CONFLICT (contact_point_id) DO NOTHING",
        point=contact_point_id,
    )
    row = tx.row(
        "SELECT t.question, t.unit_id, t.heard_at, t.courtesy_at, c.consent FROM conversations t "
        "JOIN contact_points c ON c.wedding_id = t.wedding_id AND c.id = t.contact_point_id "
        "WHERE t.wedding_id = :wedding AND t.contact_point_id = :point FOR UPDATE OF t",
        point=contact_point_id,
    )
    assert row is not None
    return Talk(**dict(row))


def write_talk(
    tx: Transaction,
    contact_point_id: uuid.UUID,
    *,
    unit_id: uuid.UUID | None,
    question: Mapping[str, object] | None,
    heard_at: datetime,
    courtesy: bool,
) -> None:
    """Write where the conversation stands after a step."""
    tx.run(
        "UPDATE conversations SET unit_id = coalesce(:unit, unit_id), question = CAST(:question AS jsonb), "
        "heard_at = greatest(heard_at, :heard), courtesy_at = CASE WHEN :courtesy THEN :heard ELSE courtesy_at END "
        "WHERE wedding_id = :wedding AND contact_point_id = :point",
        point=contact_point_id,
        unit=unit_id,
        question=json.dumps(question),
        heard=heard_at,
        courtesy=courtesy,
    )


def forget_courtesy(tx: Transaction, contact_point_id: uuid.UUID) -> None:
    """Somebody of the family has written: the next message that needs a human is acknowledged anew."""
    tx.run(
        "UPDATE conversations SET courtesy_at = NULL WHERE wedding_id = :wedding AND contact_point_id = :point",
        point=contact_point_id,
    )


def keep_inbound(
    tx: Transaction, message: InboundMessage, contact_point_id: uuid.UUID, unit_id: uuid.UUID | None
) -> uuid.UUID | None:
    """Keep a guest's message; None when it is kept already.

    It opens the customer service window, and proves that the number is right and on WhatsApp.
    """
    content = message.content
    kind = {Tap: "tap", Text: "text"}.get(type(content), getattr(content, "kind", "other"))
    body = (
        getattr(content, "body", None) or getattr(content, "label", None) or getattr(content, "caption", "")
    )
    found: uuid.UUID | None = tx.value(
        "INSERT INTO inbound_messages (wedding_id, contact_point_id, unit_id, message_id, context_id, kind, body, "
        "payload, profile_name, at) VALUES (:wedding, :point, :unit, :message, :context, :kind, :body, :payload, "
        ":profile, :at) ON CONFLICT (message_id) DO NOTHING RETURNING id",
        point=contact_point_id,
        unit=unit_id,
        message=message.message_id,
        context=message.context_id,
        kind=kind,
        body=body or "",
        payload=getattr(content, "payload", ""),
        profile=message.sender.profile_name,
        at=message.at,
    )
    tx.run(
        "UPDATE contact_points SET last_inbound_at = greatest(last_inbound_at, :at), state = 'valid', "
        "not_on_whatsapp_at = CASE WHEN not_on_whatsapp_at > :at THEN not_on_whatsapp_at END "
        "WHERE wedding_id = :wedding AND id = :point",
        point=contact_point_id,
        at=message.at,
    )
    return found


def add_to_inbox(tx: Transaction, inbound_id: uuid.UUID, why: str) -> int:
    """Hand a message to a human; returns the number of its ref."""
    number = refs.next_numbers(tx, Kind.INBOX)
    tx.run(
        "INSERT INTO inbox_items (wedding_id, number, inbound_id, why) VALUES (:wedding, :number, :inbound, :why) "
        "ON CONFLICT (inbound_id) DO NOTHING",
        number=number,
        inbound=inbound_id,
        why=why,
    )
    return number


def ask_for(tx: Transaction, unit_id: uuid.UUID, why: str) -> int:
    """Hand to a human what a household asks for on its page; returns the number of its ref.

    What it asked for before, and nobody has dealt with, becomes this.
    """
    number: int | None = tx.value(
        "UPDATE inbox_items SET why = :why, created_at = :now WHERE wedding_id = :wedding AND unit_id = :unit "
        "AND state = 'open' RETURNING number",
        unit=unit_id,
        why=why,
    )
    if number is None:
        number = refs.next_numbers(tx, Kind.INBOX)
        tx.run(
            "INSERT INTO inbox_items (wedding_id, number, unit_id, why) VALUES (:wedding, :number, :unit, :why)",
            number=number,
            unit=unit_id,
            why=why,
        )
    return number


@dataclass(frozen=True)
class InboxItem:
    """What needs a human, with who said it and what is known of them.

    What a household asked for on its page has no ``message_id``, and a ``contact_point_id`` if its primary contact
    has a phone.

    ``households``: those that the contact point belongs to, each with ref and label; one of them spoke when
    ``unit_number`` is given.
    """

    id: uuid.UUID
    number: int
    message_id: str | None
    contact_point_id: uuid.UUID | None
    sender: str
    person_number: int | None
    person_name: str | None
    unit_number: int | None
    unit_label: str | None
    households: Sequence[str]
    kind: str
    text: str
    why: str
    state: str
    at: datetime
    last_inbound_at: datetime | None

    @property
    def ref(self) -> str:
        """The short name, such as N4."""
        return make_ref(Kind.INBOX, self.number)


_ITEM = """
    SELECT n.id, n.number, m.message_id, c.id AS contact_point_id, coalesce(c.value, '') AS sender,
           coalesce(m.kind, 'on their page') AS kind, coalesce(m.body, '') AS text, n.why, n.state,
           coalesce(m.at, n.created_at) AS at, c.last_inbound_at, u.number AS unit_number,
           u.label AS unit_label,
           ARRAY(SELECT DISTINCT 'U' || h.number || ' ' || h.label FROM person_contacts pc
                   JOIN guest_unit_members g ON g.wedding_id = pc.wedding_id AND g.person_id = pc.person_id
                   JOIN guest_units h ON h.wedding_id = g.wedding_id AND h.id = g.unit_id
                  WHERE pc.wedding_id = n.wedding_id AND pc.contact_point_id = c.id AND h.removed_at IS NULL
                  ORDER BY 1) AS households,
           p.number AS person_number, coalesce(p.full_name, nullif(m.profile_name, '')) AS person_name
      FROM inbox_items n
      LEFT JOIN inbound_messages m ON m.wedding_id = n.wedding_id AND m.id = n.inbound_id
      LEFT JOIN guest_units u ON u.wedding_id = n.wedding_id
           AND u.id = CASE WHEN m.unit_id IS NULL THEN n.unit_id ELSE m.unit_id END
      LEFT JOIN LATERAL (SELECT o.id FROM person_contacts pc
             JOIN contact_points o ON o.wedding_id = pc.wedding_id AND o.id = pc.contact_point_id
            WHERE n.unit_id IS NOT NULL AND pc.wedding_id = u.wedding_id AND pc.person_id = u.primary_person_id
              AND o.kind = 'phone' ORDER BY (o.state = 'valid') DESC, pc.position LIMIT 1) home ON true
      LEFT JOIN contact_points c ON c.wedding_id = n.wedding_id
           AND c.id = CASE WHEN m.contact_point_id IS NULL THEN home.id ELSE m.contact_point_id END
      LEFT JOIN LATERAL (SELECT p.number, p.full_name FROM person_contacts pc
            JOIN people p ON p.wedding_id = pc.wedding_id AND p.id = pc.person_id
           WHERE pc.wedding_id = n.wedding_id AND pc.contact_point_id = c.id AND p.removed_at IS NULL
           ORDER BY p.number LIMIT 1) p ON true
     WHERE n.wedding_id = :wedding
"""


def list_inbox(tx: Transaction, *, state: str | None, side: str | None) -> list[InboxItem]:
    """The inbox, oldest first."""
    rows = tx.rows(
        f"{_ITEM} AND (CAST(:state AS text) IS NULL OR n.state = :state) "
        "AND (CAST(:side AS text) IS NULL OR u.side IN (:side, 'both')) ORDER BY n.number",
        state=state,
        side=side,
    )
    return [InboxItem(**dict(row)) for row in rows]


def find_inbox(tx: Transaction, handle: Handle) -> InboxItem | None:
    """The inbox item that a handle names."""
    condition, values = refs.named(handle)
    row = tx.row(f"{_ITEM} AND n.{condition}", **values) if condition != "false" else None
    return InboxItem(**dict(row)) if row else None


def close_item(tx: Transaction, item_id: uuid.UUID) -> None:
    """A human has dealt with it."""
    tx.run(
        "UPDATE inbox_items SET state = 'closed', closed_at = :now WHERE wedding_id = :wedding AND id = :id",
        id=item_id,
    )


@dataclass(frozen=True)
class Said:
    """One line of a conversation: what the guest wrote, or what parinaya wrote back."""

    at: datetime
    by: str
    text: str


def said_before(tx: Transaction, contact_point_id: uuid.UUID, limit: int = 20) -> list[Said]:
    """The last lines of the conversation with a contact point, oldest first."""
    rows = tx.rows(
        """
        SELECT * FROM (
            SELECT m.at, 'guest' AS by, CASE WHEN m.body = '' THEN '(' || m.kind || ')' ELSE m.body END AS text
              FROM inbound_messages m WHERE m.wedding_id = :wedding AND m.contact_point_id = :point
            UNION ALL
            SELECT coalesce(d.accepted_at, d.created_at), 'parinaya',
                   coalesce(d.content->>'text', 'template ' || d.template)
              FROM invite_dispatch d WHERE d.wedding_id = :wedding AND d.contact_point_id = :point
               AND d.state NOT IN ('skipped', 'cancelled')
        ) lines ORDER BY at DESC LIMIT :limit
        """,
        point=contact_point_id,
        limit=limit,
    )
    return [Said(**dict(row)) for row in reversed(rows)]


def find_point_of(
    tx: Transaction, phone: str | None, user_id: str | None
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Contact points, in any wedding, of somebody who wrote: pairs of wedding and contact point.

    A phone is found by its number, by WhatsApp's idea of it and by the user id of its owner. The other form of a
    number (Brazil, Mexico, Argentina) is looked at in weddings that know neither.
    """
    known = wa_ids.forms(phone) if phone else ()
    rows = tx.across.rows(
        """
        SELECT wedding_id, id FROM (
            SELECT c.wedding_id, c.id, c.kind,
                   c.kind = 'phone' AND NOT (c.value = :phone OR c.wa_id = :wa_id OR coalesce(c.wa_user, '') = :user_id)
                   AS other_form,
                   bool_or(c.kind = 'phone' AND (c.value = :phone OR c.wa_id = :wa_id OR c.wa_user = :user_id))
                   OVER (PARTITION BY c.wedding_id) AS plain
              FROM contact_points c
             WHERE (c.kind = 'phone' AND (c.value = ANY(:forms) OR c.wa_id = ANY(:wa_ids) OR c.wa_user = :user_id))
                OR (c.kind = 'user_id' AND c.value = :user_id)
        ) found WHERE NOT (other_form AND coalesce(plain, false)) ORDER BY wedding_id, kind = 'user_id', id
        """,
        phone=phone or "",
        wa_id=(phone or "").lstrip("+") or "-",
        user_id=user_id or "-",
        forms=list(known),
        wa_ids=[form.removeprefix("+") for form in known],
    )
    return [(row["wedding_id"], row["id"]) for row in rows]


def is_asked(tx: Transaction, contact_point_id: uuid.UUID) -> bool:
    """Does the conversation with a contact point wait for the answer to a question?"""
    found: bool = tx.value(
        "SELECT EXISTS (SELECT 1 FROM conversations WHERE wedding_id = :wedding AND contact_point_id = :point "
        "AND jsonb_typeof(question) = 'object')",
        point=contact_point_id,
    )
    return found


def last_written_to(
    tx: Transaction, contact_point_ids: list[uuid.UUID], phone_number_id: str
) -> uuid.UUID | None:
    """Among contact points of several weddings: the one that this phone number wrote to last."""
    found: uuid.UUID | None = tx.across.value(
        "SELECT contact_point_id FROM invite_dispatch WHERE contact_point_id = ANY(:points) "
        "AND phone_number_id = :number AND accepted_at IS NOT NULL ORDER BY accepted_at DESC LIMIT 1",
        points=contact_point_ids,
        number=phone_number_id,
    )
    return found
