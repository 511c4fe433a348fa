"""Sending: the rows that are due, taken by one worker, locked with what the gate looks at, and let go."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.dispatches import LEASE
from parinaya_cli.domain.policy import Go
from parinaya_cli.store.dispatches import COLUMNS, Dispatch
from parinaya_cli.store.transaction import Transaction

DUE = """
    d.state = 'queued' AND d.not_before <= :now
    AND (d.batch_id IS NULL OR EXISTS (SELECT 1 FROM batches b WHERE b.id = d.batch_id AND b.state = 'running'))
    AND NOT EXISTS (SELECT 1 FROM sender_numbers n WHERE n.phone_number_id = d.phone_number_id
                     AND n.paused_at IS NOT NULL AND (n.paused_until IS NULL OR n.paused_until > :now))
"""


def next_due(tx: Transaction, limit: int) -> tuple[str, int] | None:
    """The phone number whose message is due first, in any wedding, and how many (up to ``limit``) are due there."""
    first = tx.across.value(
        f"SELECT d.phone_number_id FROM invite_dispatch d WHERE {DUE} "
        "ORDER BY d.priority, d.not_before, d.id LIMIT 1"
    )
    if first is None:
        return None
    count: int = tx.across.value(
        f"SELECT count(*) FROM (SELECT 1 FROM invite_dispatch d WHERE {DUE} AND d.phone_number_id = :number "
        "LIMIT :limit) due",
        number=first,
        limit=limit,
    )
    return first, count


def next_due_in(tx: Transaction) -> float | None:
    """Seconds until the next queued message of any wedding is due, or None when none waits."""
    found = tx.across.value(
        "SELECT extract(epoch FROM min(not_before) - :now) FROM invite_dispatch d WHERE d.state = 'queued' "
        "AND d.not_before > :now AND (d.batch_id IS NULL OR EXISTS "
        "(SELECT 1 FROM batches b WHERE b.id = d.batch_id AND b.state = 'running'))"
    )
    return float(found) if found is not None else None


def count_due(tx: Transaction) -> int:
    """How many messages of all weddings are due now."""
    found: int = tx.across.value(f"SELECT count(*) FROM invite_dispatch d WHERE {DUE}")
    return found


def take_due(tx: Transaction, phone_number_id: str, limit: int) -> list[Dispatch]:
    """Lock up to ``limit`` due rows of a phone number, in any wedding; rows that others hold are passed over."""
    rows = tx.across.rows(
        f"SELECT {', '.join('d.' + c for c in COLUMNS.split(', '))} FROM invite_dispatch d WHERE {DUE} "
        "AND d.phone_number_id = :number ORDER BY d.priority, d.not_before, d.id LIMIT :limit "
        "FOR UPDATE OF d SKIP LOCKED",
        number=phone_number_id,
        limit=limit,
    )
    return [Dispatch.of(row) for row in rows]


@dataclass(frozen=True)
class PairTimes:
    """When we wrote last to a contact point's phone, from any wedding, and when they did."""

    value: str
    last_sent_at: datetime | None
    last_inbound_at: datetime | None


def lock_ground(tx: Transaction, dispatches: Sequence[Dispatch]) -> Mapping[uuid.UUID, PairTimes] | None:
    """Lock what the gate's answer rests on, so that it holds until permission is committed.

    Contact points, people, guest lists, batches and the phone number of these dispatches of one wedding, each
    in one order. Returns when each contact point was written to last, or None when the number was stopped
    meanwhile.
    """
    contacts = sorted({d.contact_point_id for d in dispatches if d.contact_point_id})
    people = sorted({d.person_id for d in dispatches if d.person_id})
    units = sorted({d.unit_id for d in dispatches if d.unit_id})
    batches = sorted({d.batch_id for d in dispatches if d.batch_id})
    tx.rows(
        "SELECT 1 FROM batches WHERE wedding_id = :wedding AND id = ANY(:ids) ORDER BY id FOR SHARE",
        ids=batches,
    )
    # A stop may be written down at another phone of the person, or for somebody else who has the phone. Contact
    # points are written to when permission is given: two workers that hold one for reading would wait for each other.
    tx.rows(
        "SELECT 1 FROM contact_points WHERE wedding_id = :wedding AND id IN (SELECT unnest(CAST(:ids AS uuid[])) "
        "UNION SELECT contact_point_id FROM person_contacts WHERE wedding_id = :wedding "
        "AND person_id = ANY(:others)) ORDER BY id FOR NO KEY UPDATE",
        ids=contacts,
        others=people,
    )
    tx.rows(
        "SELECT 1 FROM people WHERE wedding_id = :wedding AND id IN (SELECT unnest(CAST(:ids AS uuid[])) "
        "UNION SELECT person_id FROM person_contacts WHERE wedding_id = :wedding "
        "AND contact_point_id = ANY(:others)) ORDER BY id FOR SHARE",
        ids=people,
        others=contacts,
    )
    tx.rows(
        "SELECT 1 FROM invitations WHERE wedding_id = :wedding AND unit_id = ANY(:ids) ORDER BY id FOR SHARE",
        ids=units,
    )
    paused = tx.rows(
        "SELECT paused_at IS NOT NULL AND (paused_until IS NULL OR paused_until > :now) AS paused "
        "FROM sender_numbers WHERE phone_number_id = ANY(:numbers) ORDER BY phone_number_id FOR SHARE",
        numbers=sorted({d.phone_number_id for d in dispatches}),
    )
    if any(row["paused"] for row in paused):
        return None
    return _pair_times(tx, contacts)


def _pair_times(tx: Transaction, contacts: Sequence[uuid.UUID]) -> dict[uuid.UUID, PairTimes]:
    rows = tx.rows(
        "SELECT c.id, c.value, c.last_inbound_at, (SELECT max(o.last_sent_at) FROM contact_points o "
        "WHERE o.value = c.value AND o.kind = c.kind) AS last_sent_at "
        "FROM contact_points c WHERE c.wedding_id = :wedding AND c.id = ANY(:ids)",
        ids=list(contacts),
    )
    return {row["id"]: PairTimes(row["value"], row["last_sent_at"], row["last_inbound_at"]) for row in rows}


@dataclass(frozen=True)
class Permitted:
    """A dispatch that may leave now: to whom, under which token, on which consent, by which word of the gate.

    ``claim`` is the worker's own mark on the row: whoever does not bear it can't write down what became of it.
    """

    dispatch: Dispatch
    to: str | None
    user_id: str | None
    token: str
    attempt: int
    consent: str
    go: Go
    claim: uuid.UUID


def mark_sending(tx: Transaction, permitted: Sequence[Permitted]) -> None:
    """Permission is given: the rows become ``sending`` and each gets its attempt. Commit before the first byte."""
    if not permitted:
        return
    ids = [one.dispatch.id for one in permitted]
    attempts = [one.attempt for one in permitted]
    tx.run(
        "UPDATE invite_dispatch d SET state = 'sending', reason = '', attempt_no = p.attempt, tries = d.tries + 1, "
        "lease_until = :lease, lease_token = p.claim, left_at = :now, updated_at = :now "
        "FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS int[]), CAST(:claims AS uuid[])) AS p(id, attempt, claim) "
        "WHERE d.wedding_id = :wedding AND d.id = p.id AND d.state = 'queued'",
        ids=ids,
        attempts=attempts,
        claims=[one.claim for one in permitted],
        lease=tx.now + LEASE,
    )
    tx.run(
        "INSERT INTO dispatch_attempts (wedding_id, dispatch_id, number, token, consent) "
        "SELECT :wedding, p.* FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS int[]), CAST(:tokens AS text[]), "
        "CAST(:consents AS text[])) AS p",
        ids=ids,
        attempts=attempts,
        tokens=[one.token for one in permitted],
        consents=[one.consent for one in permitted],
    )
    tx.run(
        "UPDATE contact_points SET last_sent_at = :now WHERE wedding_id = :wedding AND id = ANY(:ids)",
        ids=sorted({one.dispatch.contact_point_id for one in permitted if one.dispatch.contact_point_id}),
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


def rest_batch(tx: Transaction, batch_id: uuid.UUID, reason: str, until: datetime) -> None:
    """Let everything that is queued in a batch wait until then."""
    tx.run(
        "UPDATE invite_dispatch SET reason = :reason, not_before = :until, updated_at = :now "
        "WHERE wedding_id = :wedding AND batch_id = :batch AND state = 'queued' AND not_before < :until",
        batch=batch_id,
        reason=reason,
        until=until,
    )
