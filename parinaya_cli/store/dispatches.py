"""Dispatches: the outbox. Its rows, replies put into it, lists of messages, what a person decides."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from parinaya_cli.domain.dispatches import MAY_HAVE_ARRIVED, State
from parinaya_cli.domain.policy import Contact
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Dispatch:
    """One message in the outbox."""

    id: uuid.UUID
    wedding_id: uuid.UUID
    batch_id: uuid.UUID | None
    kind: str
    unit_id: uuid.UUID | None
    person_id: uuid.UUID | None
    contact_point_id: uuid.UUID | None
    template: str
    language: str
    events: tuple[uuid.UUID, ...]
    content: Mapping[str, Any]
    phone_number_id: str
    answers_key: str | None
    state: State
    reason: str
    attempt_no: int
    tries: int
    wamid: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: RowMapping) -> Dispatch:
        """The dispatch of a row with all ``COLUMNS``."""
        return cls(**{**dict(row), "events": tuple(row["events"]), "state": State(row["state"])})


COLUMNS = (
    "id, wedding_id, batch_id, kind, unit_id, person_id, contact_point_id, template, language, events, content, "
    "phone_number_id, answers_key, state, reason, attempt_no, tries, wamid, created_at"
)


def insert_reply(
    tx: Transaction,
    *,
    contact_point_id: uuid.UUID,
    unit_id: uuid.UUID | None,
    person_id: uuid.UUID | None,
    content: Mapping[str, object],
    answers_key: str,
    phone_number_id: str,
) -> uuid.UUID | None:
    """Queue a reply; None when this step was replied to already. Replies go before invitations."""
    found: uuid.UUID | None = tx.value(
        "INSERT INTO invite_dispatch (wedding_id, kind, unit_id, person_id, contact_point_id, content, "
        "content_sha256, answers_key, phone_number_id, priority) VALUES (:wedding, 'reply', :unit, :person, "
        ":contact, CAST(:content AS jsonb), '', :key, :number, 1) "
        "ON CONFLICT (wedding_id, answers_key) DO NOTHING RETURNING id",
        unit=unit_id,
        person=person_id,
        contact=contact_point_id,
        content=json.dumps(content, ensure_ascii=False),
        key=answers_key,
        number=phone_number_id,
    )
    return found


@dataclass(frozen=True)
class Message:
    """One message of a batch as lists show it."""

    unit_number: int | None
    person_number: int | None
    label: str
    to: str | None
    state: str
    reason: str
    wamid: str | None
    error_code: int | None
    error_title: str
    updated_at: datetime

    @property
    def unit(self) -> str | None:
        """The ref of the household."""
        return make_ref(Kind.UNIT, self.unit_number) if self.unit_number else None

    @property
    def person(self) -> str | None:
        """The ref of the person."""
        return make_ref(Kind.PERSON, self.person_number) if self.person_number else None


def list_messages(
    tx: Transaction, batch_id: uuid.UUID, state: str | None, sides: Sequence[str] | None
) -> list[Message]:
    """The messages of a batch, by household."""
    rows = tx.rows(
        """
        SELECT u.number AS unit_number, p.number AS person_number, coalesce(u.label, p.full_name, '') AS label,
               c.value AS to, d.state, d.reason, d.wamid, d.error_code, d.error_title, d.updated_at
          FROM invite_dispatch d
          LEFT JOIN guest_units u ON u.wedding_id = d.wedding_id AND u.id = d.unit_id
          LEFT JOIN people p ON p.wedding_id = d.wedding_id AND p.id = d.person_id
          LEFT JOIN contact_points c ON c.wedding_id = d.wedding_id AND c.id = d.contact_point_id
         WHERE d.wedding_id = :wedding AND d.batch_id = :batch AND (CAST(:state AS text) IS NULL OR d.state = :state)
           AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
         ORDER BY u.number, d.id
        """,
        batch=batch_id,
        state=state,
        sides=list(sides) if sides is not None else None,
    )
    return [Message(**dict(row)) for row in rows]


def cancel_queued(tx: Transaction, batch_id: uuid.UUID) -> int:
    """Cancel what is still queued in a batch; returns how many."""
    return tx.run(
        "UPDATE invite_dispatch SET state = 'cancelled', reason = 'cancelled', updated_at = :now "
        "WHERE wedding_id = :wedding AND batch_id = :batch AND state IN ('planned', 'queued')",
        batch=batch_id,
    )


def requeue(
    tx: Transaction, batch_id: uuid.UUID, *, unknown: bool, unit_ids: Sequence[uuid.UUID] | None
) -> int:
    """Queue again what failed for a passing reason; with ``unknown`` also what nobody knows: a person decided.

    What a later message says as well stays as it is, unless the batch repeats on purpose: the two would stand in
    each other's way, and the household would get neither.
    """
    return tx.run(
        "UPDATE invite_dispatch d SET state = 'queued', reason = 'retry', not_before = :now, tries = 0, "
        "passing = false, updated_at = :now WHERE wedding_id = :wedding AND batch_id = :batch "
        "AND ((state = 'failed' AND passing) OR (:unknown AND state = 'unknown')) "
        "AND (CAST(:units AS uuid[]) IS NULL OR unit_id = ANY(:units)) "
        "AND (EXISTS (SELECT 1 FROM batches b WHERE b.wedding_id = d.wedding_id AND b.id = d.batch_id "
        "AND b.repeats) OR NOT EXISTS (SELECT 1 FROM invite_dispatch o WHERE o.wedding_id = d.wedding_id "
        "AND o.unit_id = d.unit_id AND o.id <> d.id AND o.kind = 'template' AND o.template = d.template "
        "AND o.events @> d.events AND o.state = ANY(:arrived)))",
        arrived=sorted(state.value for state in MAY_HAVE_ARRIVED),
        batch=batch_id,
        unknown=unknown,
        units=list(unit_ids) if unit_ids is not None else None,
    )


@dataclass(frozen=True)
class ContactFacts:
    """A contact point as the gate looks at it; ``do_not_message`` when anybody who has it is not to be messaged."""

    contact: Contact
    do_not_message: bool


def contacts_of(tx: Transaction, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ContactFacts]:
    """These contact points, fresh."""
    rows = tx.rows(
        """
        SELECT c.id, c.kind, c.value, c.state, c.country, c.consent, c.not_on_whatsapp_at IS NOT NULL AS lost,
               c.cooling_until, c.last_inbound_at,
               EXISTS (SELECT 1 FROM person_contacts pc JOIN people p
                           ON p.wedding_id = pc.wedding_id AND p.id = pc.person_id
                        WHERE pc.wedding_id = c.wedding_id AND pc.contact_point_id = c.id
                          AND p.do_not_message_at IS NOT NULL AND p.removed_at IS NULL) AS do_not_message
          FROM contact_points c WHERE c.wedding_id = :wedding AND c.id = ANY(:ids)
        """,
        ids=list(ids),
    )
    return {
        row["id"]: ContactFacts(
            Contact(
                row["kind"],
                row["value"],
                row["state"],
                row["country"],
                row["consent"],
                row["lost"],
                row["cooling_until"],
                row["last_inbound_at"],
            ),
            row["do_not_message"],
        )
        for row in rows
    }


def count_sending(tx: Transaction) -> int:
    """How many messages of all weddings are on their way to the provider."""
    found: int = tx.across.value("SELECT count(*) FROM invite_dispatch WHERE state = 'sending'")
    return found


def count_heard(tx: Transaction) -> int:
    """How many households of all weddings have written or tapped something."""
    found: int = tx.across.value(
        "SELECT count(DISTINCT unit_id) FROM inbound_messages WHERE unit_id IS NOT NULL"
    )
    return found
