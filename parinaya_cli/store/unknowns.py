"""Unknown: messages that nobody knows the fate of, and what tells whether silence is evidence."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from parinaya_cli.domain.dispatches import REAPER_GRACE
from parinaya_cli.store.dispatches import COLUMNS, Dispatch
from parinaya_cli.store.transaction import Transaction


def reap(tx: Transaction) -> list[Dispatch]:
    """Rows of any wedding that are ``sending`` long after their lease become ``unknown``: their worker died."""
    rows = tx.across.rows(
        "UPDATE invite_dispatch SET state = 'unknown', reason = 'worker_lost', updated_at = :now WHERE id IN ("
        "SELECT id FROM invite_dispatch WHERE state = 'sending' AND lease_until < :deadline "
        f"ORDER BY id FOR UPDATE SKIP LOCKED) RETURNING {COLUMNS}",
        deadline=tx.now - REAPER_GRACE,
    )
    return [Dispatch.of(row) for row in rows]


@dataclass(frozen=True)
class OpenUnknown:
    """A message that nobody knows the fate of, and what its batch wants done with such.

    ``slowest``: how long all but one in a thousand of the batch's messages took from acceptance to their first
    status. ``heard_since``: a status of a message that left no sooner has come in. ``holds``: the provider holds
    messages of the batch back, so that silence proves nothing.
    """

    id: uuid.UUID
    wedding_id: uuid.UUID
    wedding: str
    batch_number: int | None
    unit_number: int | None
    label: str
    on_unknown: str
    since: datetime
    slowest: timedelta | None
    heard_since: bool
    holds: bool


def list_unknown(tx: Transaction) -> list[OpenUnknown]:
    """Every dispatch in the state ``unknown``, of all weddings, oldest first."""
    rows = tx.across.rows(
        """
        WITH open AS MATERIALIZED (
            SELECT d.*, coalesce(a.started_at, d.updated_at) AS since FROM invite_dispatch d
              LEFT JOIN dispatch_attempts a ON a.dispatch_id = d.id AND a.number = d.attempt_no
             WHERE d.state = 'unknown'),
        pace AS MATERIALIZED (
            SELECT d.batch_id, bool_or(d.reason = 'held') AS holds,
                   percentile_disc(0.999) WITHIN GROUP (ORDER BY e.first_at - d.accepted_at) AS slowest
              FROM invite_dispatch d
              LEFT JOIN LATERAL (SELECT min(received_at) AS first_at FROM delivery_events
                                  WHERE dispatch_id = d.id) e ON true
             WHERE d.batch_id IN (SELECT batch_id FROM open) GROUP BY d.batch_id)
        SELECT d.id, d.wedding_id, w.slug AS wedding, b.number AS batch_number, u.number AS unit_number,
               coalesce(u.label, '') AS label, coalesce(b.on_unknown, 'give-up') AS on_unknown, d.since,
               p.slowest, coalesce(p.holds, false) AS holds,
               EXISTS (SELECT 1 FROM dispatch_attempts l JOIN delivery_events e ON e.dispatch_id = l.dispatch_id
                        WHERE l.dispatch_id <> d.id AND l.started_at >= d.since
                          AND e.received_at > l.started_at) AS heard_since
          FROM open d
          JOIN weddings w ON w.id = d.wedding_id
          LEFT JOIN batches b ON b.wedding_id = d.wedding_id AND b.id = d.batch_id
          LEFT JOIN guest_units u ON u.wedding_id = d.wedding_id AND u.id = d.unit_id
          LEFT JOIN pace p ON p.batch_id = d.batch_id
         ORDER BY d.since
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


def count_moved_lately(tx: Transaction, span: timedelta) -> int:
    """How many statuses came in lately, over all weddings: is the webhook pipeline alive?"""
    found: int = tx.across.value(
        "SELECT count(*) FROM delivery_events WHERE received_at > :since", since=tx.now - span
    )
    return found


@dataclass(frozen=True)
class Stray:
    """Something in a batch that does not add up. ``kind``: total, twice or silent; ``count``: how many messages."""

    kind: str
    batch_number: int
    count: int


def list_strays(tx: Transaction) -> list[Stray]:
    """What does not add up in the batches of a wedding.

    ``total``: households that were selected and have no row, or have one too many. ``twice``: messages that were
    accepted more than once. ``silent``: messages that were accepted a day ago, and of which nothing was heard.
    """
    rows = tx.rows(
        """
        SELECT 'total' AS kind, b.number AS batch_number, abs(b.selected - count(d.id))::int AS count
          FROM batches b LEFT JOIN invite_dispatch d ON d.wedding_id = b.wedding_id AND d.batch_id = b.id
         WHERE b.wedding_id = :wedding GROUP BY b.id HAVING b.selected <> count(d.id)
        UNION ALL
        SELECT 'twice', b.number, count(*)::int FROM batches b
          JOIN invite_dispatch d ON d.wedding_id = b.wedding_id AND d.batch_id = b.id
         WHERE b.wedding_id = :wedding AND (SELECT count(DISTINCT a.wamid) FROM dispatch_attempts a
                    WHERE a.wedding_id = d.wedding_id AND a.dispatch_id = d.id) > 1 GROUP BY b.number
        UNION ALL
        SELECT 'silent', b.number, count(*)::int FROM batches b
          JOIN invite_dispatch d ON d.wedding_id = b.wedding_id AND d.batch_id = b.id
         WHERE b.wedding_id = :wedding AND d.state = 'accepted' AND d.reason <> 'held'
           AND d.accepted_at < CAST(:now AS timestamptz) - interval '24 hours' GROUP BY b.number
         ORDER BY 2, 1
        """
    )
    return [Stray(**dict(row)) for row in rows]
