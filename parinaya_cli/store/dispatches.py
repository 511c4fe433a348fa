"""Dispatches: the outbox. Claiming rows, settling attempts, hearing statuses."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from parinaya_cli.domain.dispatches import LEASE, MAY_HAVE_ARRIVED, REAPER_GRACE, Settlement, State
from parinaya_cli.domain.messages import StatusUpdate
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


_COLUMNS = (
    "id, wedding_id, batch_id, kind, unit_id, person_id, contact_point_id, template, language, events, content, "
    "phone_number_id, answers_key, state, reason, attempt_no, tries, wamid, created_at"
)


def _dispatch(row: RowMapping) -> Dispatch:
    return Dispatch(**{**dict(row), "events": tuple(row["events"]), "state": State(row["state"])})


_DUE = """
    d.state = 'queued' AND d.not_before <= :now
    AND (d.batch_id IS NULL OR EXISTS (SELECT 1 FROM batches b WHERE b.id = d.batch_id AND b.state = 'running'))
    AND NOT EXISTS (SELECT 1 FROM sender_numbers n WHERE n.phone_number_id = d.phone_number_id
                     AND n.paused_at IS NOT NULL AND (n.paused_until IS NULL OR n.paused_until > :now))
"""


def next_due(tx: Transaction, limit: int) -> tuple[str, int] | None:
    """The phone number whose message is due first, in any wedding, and how many (up to ``limit``) are due there."""
    first = tx.value(
        f"SELECT d.phone_number_id FROM invite_dispatch d WHERE {_DUE} "
        "ORDER BY d.priority, d.not_before, d.id LIMIT 1"
    )
    if first is None:
        return None
    count: int = tx.value(
        f"SELECT count(*) FROM (SELECT 1 FROM invite_dispatch d WHERE {_DUE} AND d.phone_number_id = :number "
        "LIMIT :limit) due",
        number=first,
        limit=limit,
    )
    return first, count


def take_due(tx: Transaction, phone_number_id: str, limit: int) -> list[Dispatch]:
    """Lock up to ``limit`` due rows of a phone number, in any wedding; rows that others hold are passed over."""
    rows = tx.rows(
        f"SELECT {', '.join('d.' + c for c in _COLUMNS.split(', '))} FROM invite_dispatch d WHERE {_DUE} "
        "AND d.phone_number_id = :number ORDER BY d.priority, d.not_before, d.id LIMIT :limit "
        "FOR UPDATE OF d SKIP LOCKED",
        number=phone_number_id,
        limit=limit,
    )
    return [_dispatch(row) for row in rows]


def lock_ground(tx: Transaction, dispatches: Sequence[Dispatch]) -> bool:
    """Lock what the gate's answer rests on, so that it holds until permission is committed.

    Contact points, people, guest lists, batches and the phone number of these dispatches of one wedding, each
    in one order. Returns False when the number was stopped meanwhile.
    """
    contacts = sorted({d.contact_point_id for d in dispatches if d.contact_point_id})
    people = sorted({d.person_id for d in dispatches if d.person_id})
    units = sorted({d.unit_id for d in dispatches if d.unit_id})
    batches = sorted({d.batch_id for d in dispatches if d.batch_id})
    # A stop may be written down at another phone of the person, or for somebody else who has the phone.
    whole = (
        "SELECT 1 FROM {} WHERE wedding_id = :wedding AND id IN (SELECT unnest(CAST(:ids AS uuid[])) UNION "
    )
    whole += "SELECT {} FROM person_contacts WHERE wedding_id = :wedding AND {} = ANY(:others)) ORDER BY id FOR SHARE"
    tx.rows(
        "SELECT 1 FROM batches WHERE wedding_id = :wedding AND id = ANY(:ids) ORDER BY id FOR SHARE",
        ids=batches,
    )
    tx.rows(whole.format("contact_points", "contact_point_id", "person_id"), ids=contacts, others=people)
    tx.rows(whole.format("people", "person_id", "contact_point_id"), ids=people, others=contacts)
    tx.rows(
        "SELECT 1 FROM invitations WHERE wedding_id = :wedding AND unit_id = ANY(:ids) ORDER BY id FOR SHARE",
        ids=units,
    )
    paused = tx.rows(
        "SELECT paused_at IS NOT NULL AND (paused_until IS NULL OR paused_until > :now) AS paused "
        "FROM sender_numbers WHERE phone_number_id = ANY(:numbers) ORDER BY phone_number_id FOR SHARE",
        numbers=sorted({d.phone_number_id for d in dispatches}),
    )
    return not any(row["paused"] for row in paused)


@dataclass(frozen=True)
class Permitted:
    """A dispatch that may leave now: to whom, under which token, on which consent."""

    dispatch: Dispatch
    to: str | None
    user_id: str | None
    token: str
    attempt: int
    consent: str


def mark_sending(tx: Transaction, permitted: Sequence[Permitted]) -> None:
    """Permission is given: the rows become ``sending`` and each gets its attempt. Commit before the first byte."""
    tx.run_many(
        "UPDATE invite_dispatch SET state = 'sending', reason = '', attempt_no = :attempt, tries = tries + 1, "
        "lease_until = :lease, updated_at = :now WHERE wedding_id = :wedding AND id = :id AND state = 'queued'",
        [
            {"id": one.dispatch.id, "attempt": one.attempt, "lease": tx.now + LEASE, "now": tx.now}
            for one in permitted
        ],
    )
    tx.run_many(
        "INSERT INTO dispatch_attempts (wedding_id, dispatch_id, number, token, consent) "
        "VALUES (:wedding, :dispatch, :number, :token, :consent)",
        [
            {
                "dispatch": one.dispatch.id,
                "number": one.attempt,
                "token": one.token,
                "consent": one.consent,
            }
            for one in permitted
        ],
    )


def skip(tx: Transaction, dispatch_id: uuid.UUID, reason: str) -> None:
    """The gate refuses for good."""
    tx.run(
        "UPDATE invite_dispatch SET state = 'skipped', reason = :reason, updated_at = :now "
        "WHERE wedding_id = :wedding AND id = :id AND state = 'queued'",
        id=dispatch_id,
        reason=reason,
    )


def postpone(tx: Transaction, dispatch_id: uuid.UUID, reason: str, until: datetime) -> None:
    """The gate says: later."""
    tx.run(
        "UPDATE invite_dispatch SET reason = :reason, not_before = :until, updated_at = :now "
        "WHERE wedding_id = :wedding AND id = :id AND state = 'queued'",
        id=dispatch_id,
        reason=reason,
        until=until,
    )


def settle(tx: Transaction, done: Sequence[tuple[Permitted, Settlement, str]]) -> None:
    """Write what became of attempts: ``(what was permitted, what follows, the outcome in a word)``.

    A row that a status webhook has moved on meanwhile keeps what the webhook said and only learns its wamid.
    What would wait for another try is cancelled where its batch was cancelled meanwhile.
    """
    rows: list[dict[str, object]] = [
        {
            "id": one.dispatch.id,
            "attempt": one.attempt,
            "state": what.state.value,
            "reason": what.reason,
            "not_before": tx.now + what.after,
            "passing": what.passing,
            "unburned": 0 if what.burned else 1,
            "wamid": what.message_id,
            "code": what.error.code if what.error else None,
            "title": what.error.title if what.error else "",
            "accepted": tx.now if what.state is State.ACCEPTED else None,
            "outcome": outcome,
            "trace": what.error.trace_id if what.error else "",
            "now": tx.now,
        }
        for one, what, outcome in done
    ]
    tx.run_many(
        "UPDATE invite_dispatch SET state = :state, reason = :reason, not_before = :not_before, "
        "passing = :passing, tries = greatest(0, tries - :unburned), lease_until = NULL, "
        "wamid = coalesce(CAST(:wamid AS text), wamid), error_code = :code, error_title = :title, "
        "accepted_at = coalesce(:accepted, accepted_at), updated_at = :now "
        "WHERE wedding_id = :wedding AND id = :id AND attempt_no = :attempt "
        "AND (state = 'sending' OR (state = 'unknown' AND CAST(:wamid AS text) IS NOT NULL))",
        rows,
    )
    tx.run_many(
        "UPDATE invite_dispatch SET wamid = coalesce(wamid, :wamid), accepted_at = coalesce(accepted_at, :now) "
        "WHERE wedding_id = :wedding AND id = :id AND wamid IS NULL AND CAST(:wamid AS text) IS NOT NULL",
        [{"id": row["id"], "wamid": row["wamid"], "now": tx.now} for row in rows if row["wamid"]],
    )
    tx.run(
        "UPDATE invite_dispatch d SET state = 'cancelled', reason = 'cancelled' FROM batches b "
        "WHERE d.wedding_id = :wedding AND d.id = ANY(:ids) AND d.state = 'queued' "
        "AND b.wedding_id = d.wedding_id AND b.id = d.batch_id AND b.state = 'cancelled'",
        ids=[one.dispatch.id for one, what, _ in done if what.state is State.QUEUED],
    )
    tx.run_many(
        "UPDATE dispatch_attempts SET finished_at = clock_timestamp(), outcome = :outcome, error_code = :code, "
        "trace_id = :trace, wamid = :wamid WHERE wedding_id = :wedding AND dispatch_id = :id AND number = :attempt",
        [{k: row[k] for k in ("id", "attempt", "outcome", "code", "trace", "wamid")} for row in rows],
    )
    tx.run_many(
        "UPDATE contact_points SET last_sent_at = :now, cooling_until = coalesce(:cooling, cooling_until), "
        "wa_id = coalesce(:wa_id, wa_id), "
        "not_on_whatsapp_at = CASE WHEN :lost THEN :now ELSE not_on_whatsapp_at END "
        "WHERE wedding_id = :wedding AND id = :contact",
        sorted(
            (
                {
                    "contact": one.dispatch.contact_point_id,
                    "cooling": tx.now + what.cooling if what.cooling else None,
                    "wa_id": what.wa_id,
                    "lost": what.not_on_whatsapp,
                    "now": tx.now,
                }
                for one, what, _ in done
                if one.dispatch.contact_point_id
            ),
            key=lambda values: str(values["contact"]),
        ),
    )


def stop_number(tx: Transaction, phone_number_id: str, why: str, until: datetime | None = None) -> None:
    """Stop a phone number, in every wedding: until then, or until a person resumes it."""
    tx.run(
        "INSERT INTO sender_numbers (phone_number_id, paused_at, paused_until, why_paused, updated_at) "
        "VALUES (:number, :now, :until, :why, :now) ON CONFLICT (phone_number_id) DO UPDATE SET "
        "paused_at = :now, paused_until = :until, why_paused = :why, updated_at = :now",
        number=phone_number_id,
        until=until,
        why=why,
    )


def resume_number(tx: Transaction, phone_number_id: str) -> bool:
    """Let a phone number send again; False when it was not stopped."""
    return (
        tx.run(
            "UPDATE sender_numbers SET paused_at = NULL, paused_until = NULL, why_paused = '', updated_at = :now "
            "WHERE phone_number_id = :number AND paused_at IS NOT NULL",
            number=phone_number_id,
        )
        == 1
    )


@dataclass(frozen=True)
class SenderNumber:
    """How a phone number stands: stopped or not, and how many people it may reach in 24 hours."""

    paused: bool
    why_paused: str
    tier_limit: int | None
    reached: int


def read_number(tx: Transaction, phone_number_id: str) -> SenderNumber:
    """How a phone number stands, over all weddings that send from it."""
    row = tx.row(
        "SELECT paused_at IS NOT NULL AND (paused_until IS NULL OR paused_until > :now) AS paused, why_paused, "
        "tier_limit FROM sender_numbers WHERE phone_number_id = :number",
        number=phone_number_id,
    )
    if row is None:
        return SenderNumber(False, "", None, 0)
    reached = 0
    if row["tier_limit"] is not None:
        reached = tx.value(
            "SELECT count(DISTINCT c.value) FROM invite_dispatch d JOIN contact_points c "
            "ON c.id = d.contact_point_id WHERE d.phone_number_id = :number AND d.kind <> 'reply' "
            "AND d.accepted_at > :now - interval '24 hours'",
            number=phone_number_id,
        )
    return SenderNumber(row["paused"], row["why_paused"], row["tier_limit"], reached)


# ── statuses ───────────────────────────────────────────────────────────────────────────────────────────


def find_for_status(tx: Transaction, dispatch_id: uuid.UUID | None, wamid: str) -> Dispatch | None:
    """The dispatch that a status is about, locked: by its correlation token first, then by message id.

    Looks across weddings: the status itself tells which one it belongs to.
    """
    if dispatch_id is not None:
        row = tx.row(f"SELECT {_COLUMNS} FROM invite_dispatch WHERE id = :id FOR UPDATE", id=dispatch_id)
        if row is not None:
            return _dispatch(row)
    row = tx.row(f"SELECT {_COLUMNS} FROM invite_dispatch WHERE wamid = :wamid FOR UPDATE", wamid=wamid)
    return _dispatch(row) if row else None


def find_sent(tx: Transaction, wamid: str) -> Dispatch | None:
    """The message that a guest answers, in any wedding."""
    row = tx.row(f"SELECT {_COLUMNS} FROM invite_dispatch WHERE wamid = :wamid", wamid=wamid)
    return _dispatch(row) if row else None


def add_status(tx: Transaction, dispatch: Dispatch, update: StatusUpdate, moved: bool) -> bool:
    """Keep a status; False when it is there already."""
    return (
        tx.run(
            "INSERT INTO delivery_events (wedding_id, dispatch_id, event_key, status, at, moved, error_code, details) "
            "VALUES (:wedding, :dispatch, :key, :status, :at, :moved, :code, :details) "
            "ON CONFLICT (event_key) DO NOTHING",
            dispatch=dispatch.id,
            key=update.key,
            status=update.status.value,
            at=update.at,
            moved=moved,
            code=update.error.code if update.error else None,
            details=update.error.details if update.error else "",
        )
        == 1
    )


def move(tx: Transaction, dispatch: Dispatch, state: State, update: StatusUpdate, reason: str) -> None:
    """Move a dispatch to the state that a status brings; it is accepted at the latest then."""
    failed = state is State.FAILED
    tx.run(
        "UPDATE invite_dispatch SET state = :state, reason = :reason, lease_until = NULL, "
        "wamid = coalesce(wamid, :wamid), accepted_at = coalesce(accepted_at, :at), error_code = :code, "
        "error_title = :title, updated_at = :now WHERE wedding_id = :wedding AND id = :id",
        id=dispatch.id,
        state=state.value,
        reason=reason,
        wamid=update.message_id,
        at=update.at,
        code=update.error.code if failed and update.error else None,
        title=update.error.title if failed and update.error else "",
    )


def mark_contact(
    tx: Transaction, contact_point_id: uuid.UUID, *, lost: bool, cooling_until: datetime | None
) -> None:
    """What a failed status told of a contact point: not on WhatsApp, or to be left alone for a while."""
    tx.run(
        "UPDATE contact_points SET not_on_whatsapp_at = CASE WHEN :lost THEN :now ELSE not_on_whatsapp_at END, "
        "cooling_until = coalesce(:cooling, cooling_until) WHERE wedding_id = :wedding AND id = :id",
        id=contact_point_id,
        lost=lost,
        cooling=cooling_until,
    )


# ── replies, looking, reconciling ──────────────────────────────────────────────────────────────────────


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


def reap(tx: Transaction) -> list[Dispatch]:
    """Rows of any wedding that are ``sending`` long after their lease become ``unknown``: their worker died."""
    rows = tx.rows(
        "UPDATE invite_dispatch SET state = 'unknown', reason = 'worker_lost', updated_at = :now WHERE id IN ("
        "SELECT id FROM invite_dispatch WHERE state = 'sending' AND lease_until < :deadline "
        f"ORDER BY id FOR UPDATE SKIP LOCKED) RETURNING {_COLUMNS}",
        deadline=tx.now - REAPER_GRACE,
    )
    return [_dispatch(row) for row in rows]


@dataclass(frozen=True)
class OpenUnknown:
    """A message that nobody knows the fate of, and what its batch wants done with such."""

    id: uuid.UUID
    wedding_id: uuid.UUID
    wedding: str
    batch_number: int | None
    unit_number: int | None
    label: str
    on_unknown: str
    since: datetime


def list_unknown(tx: Transaction) -> list[OpenUnknown]:
    """Every dispatch in the state ``unknown``, of all weddings, oldest first."""
    rows = tx.rows(
        """
        SELECT d.id, d.wedding_id, w.slug AS wedding, b.number AS batch_number, u.number AS unit_number,
               coalesce(u.label, '') AS label, coalesce(b.on_unknown, 'give-up') AS on_unknown,
               coalesce((SELECT max(a.started_at) FROM dispatch_attempts a WHERE a.dispatch_id = d.id),
                        d.updated_at) AS since
          FROM invite_dispatch d
          JOIN weddings w ON w.id = d.wedding_id
          LEFT JOIN batches b ON b.wedding_id = d.wedding_id AND b.id = d.batch_id
          LEFT JOIN guest_units u ON u.wedding_id = d.wedding_id AND u.id = d.unit_id
         WHERE d.state = 'unknown' ORDER BY since
        """
    )
    return [OpenUnknown(**dict(row)) for row in rows]


def decide_unknown(tx: Transaction, dispatch_id: uuid.UUID, policy: str) -> bool:
    """Carry out a batch's policy for one unknown message: ``give-up`` or ``resend`` (once)."""
    if policy == "give-up":
        sql = "state = 'failed', reason = 'no_evidence', passing = false"
    else:
        sql = "state = 'queued', reason = 'resend', not_before = :now"
    once = "" if policy == "give-up" else " AND attempt_no < 2"
    return (
        tx.run(
            f"UPDATE invite_dispatch SET {sql}, updated_at = :now "
            f"WHERE wedding_id = :wedding AND id = :id AND state = 'unknown'{once}",
            id=dispatch_id,
        )
        == 1
    )


def count_due(tx: Transaction) -> int:
    """How many messages of all weddings are due now."""
    found: int = tx.value(f"SELECT count(*) FROM invite_dispatch d WHERE {_DUE}")
    return found


def count_moved_lately(tx: Transaction, span: timedelta) -> int:
    """How many statuses came in lately, over all weddings: is the webhook pipeline alive?"""
    found: int = tx.value(
        "SELECT count(*) FROM delivery_events WHERE received_at > :since", since=tx.now - span
    )
    return found


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
    found: int = tx.value("SELECT count(*) FROM invite_dispatch WHERE state = 'sending'")
    return found


def count_heard(tx: Transaction) -> int:
    """How many households of all weddings have written or tapped something."""
    found: int = tx.value("SELECT count(DISTINCT unit_id) FROM inbound_messages WHERE unit_id IS NOT NULL")
    return found


def next_due_in(tx: Transaction) -> float | None:
    """Seconds until the next queued message of any wedding is due, or None when none waits."""
    found = tx.value(
        "SELECT extract(epoch FROM min(not_before) - :now) FROM invite_dispatch d WHERE d.state = 'queued' "
        "AND d.not_before > :now AND (d.batch_id IS NULL OR EXISTS "
        "(SELECT 1 FROM batches b WHERE b.id = d.batch_id AND b.state = 'running'))"
    )
    return float(found) if found is not None else None
