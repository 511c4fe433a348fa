"""Deliveries and messages that failed and wait for a person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from parinaya_cli.store.transaction import Transaction

MOST = 10_000
"""How many of a kind are listed at once."""


@dataclass(frozen=True)
class FailedDelivery:
    """A stored delivery that could not be processed. ``state``: failed (comes again by itself) or dead."""

    number: int
    state: str
    error: str
    tries: int
    first_at: datetime
    last_at: datetime


def list_deliveries(tx: Transaction) -> list[FailedDelivery]:
    """Deliveries that failed or are dead, the oldest first."""
    rows = tx.rows(
        "SELECT number, state, error, tries, received_at AS first_at, coalesce(failed_at, received_at) AS last_at "
        "FROM webhook_events WHERE state IN ('failed', 'dead') ORDER BY number LIMIT :most",
        most=MOST,
    )
    return [FailedDelivery(**dict(row)) for row in rows]


def count_dead(tx: Transaction, older_than: timedelta) -> int:
    """How many deliveries are dead since longer than that."""
    found: int = tx.value(
        "SELECT count(*)::int FROM webhook_events WHERE state = 'dead' AND coalesce(failed_at, received_at) < :before",
        before=tx.now - older_than,
    )
    return found


def drop_deliveries(tx: Transaction, numbers: Sequence[int]) -> int:
    """Let these rest: they are not processed any more, and stay stored."""
    return tx.run(
        "UPDATE webhook_events SET state = 'done', error = 'dropped: ' || error "
        "WHERE number = ANY(:numbers) AND state IN ('failed', 'dead')",
        numbers=list(numbers),
    )


@dataclass(frozen=True)
class FailedDispatch:
    """A message of a batch that failed for a passing reason, so that it may be tried again."""

    id: uuid.UUID
    batch_id: uuid.UUID
    unit_id: uuid.UUID
    batch_number: int
    unit_number: int
    error_code: int | None
    error_title: str
    reason: str
    tries: int
    first_at: datetime
    last_at: datetime


def list_dispatches(tx: Transaction) -> list[FailedDispatch]:
    """Messages of the wedding that may be tried again, the oldest first."""
    rows = tx.rows(
        "SELECT d.id, d.batch_id, d.unit_id, b.number AS batch_number, u.number AS unit_number, d.error_code, "
        "d.error_title, d.reason, d.attempt_no AS tries, coalesce(a.started_at, d.created_at) AS first_at, "
        "d.updated_at AS last_at FROM invite_dispatch d "
        "JOIN batches b ON b.wedding_id = d.wedding_id AND b.id = d.batch_id "
        "JOIN guest_units u ON u.wedding_id = d.wedding_id AND u.id = d.unit_id "
        "LEFT JOIN dispatch_attempts a ON a.wedding_id = d.wedding_id AND a.dispatch_id = d.id AND a.number = 1 "
        "WHERE d.wedding_id = :wedding AND d.state = 'failed' AND d.passing ORDER BY d.id LIMIT :most",
        most=MOST,
    )
    return [FailedDispatch(**dict(row)) for row in rows]


def drop_dispatches(tx: Transaction, ids: Sequence[uuid.UUID]) -> int:
    """Let these rest: they stay failed, and are not tried again."""
    return tx.run(
        "UPDATE invite_dispatch SET passing = false, updated_at = :now WHERE wedding_id = :wedding "
        "AND id = ANY(:ids) AND state = 'failed' AND passing",
        ids=list(ids),
    )
