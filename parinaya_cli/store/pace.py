"""Pace: the slots of a phone number, handed out one after the other to all workers on all machines."""

from __future__ import annotations

from datetime import datetime, timedelta

from parinaya_cli.domain.pace import Pace
from parinaya_cli.store.transaction import Transaction


def lock(tx: Transaction, phone_number_id: str) -> tuple[Pace, datetime]:
    """The pace of a number, locked until the transaction ends, and the time now."""
    # A slot that is lost with a crash of Postgres costs a tenth of a second: not worth waiting for the disk.
    tx.run("SET LOCAL synchronous_commit TO off")
    found = _locked(tx, phone_number_id)
    if found is None:
        tx.run(
            "INSERT INTO sender_pace (phone_number_id) VALUES (:number) ON CONFLICT (phone_number_id) DO NOTHING",
            number=phone_number_id,
        )
        found = _locked(tx, phone_number_id)
    assert found is not None
    now: datetime = tx.value("SELECT clock_timestamp()")
    return found, now


def _locked(tx: Transaction, phone_number_id: str) -> Pace | None:
    row = tx.row(
        "SELECT free_at, share, slowed_at, not_sent FROM sender_pace WHERE phone_number_id = :number FOR UPDATE",
        number=phone_number_id,
    )
    return Pace(**row) if row else None


def write(tx: Transaction, phone_number_id: str, pace: Pace) -> None:
    """Keep a pace that was locked."""
    tx.run(
        "UPDATE sender_pace SET free_at = :free_at, share = :share, slowed_at = :slowed_at, not_sent = :not_sent "
        "WHERE phone_number_id = :number",
        number=phone_number_id,
        **pace.__dict__,
    )


def give_back(tx: Transaction, phone_number_id: str, span: timedelta) -> None:
    """Somebody took more than could be sent."""
    tx.run(
        "UPDATE sender_pace SET free_at = free_at - CAST(:span AS interval) WHERE phone_number_id = :number",
        number=phone_number_id,
        span=span,
    )


def tell_reach(tx: Transaction, phone_number_id: str, *, failed: int) -> None:
    """Attempts ended: so many in a row did not reach the provider; 0 when one did."""
    tx.run(
        "UPDATE sender_pace SET not_sent = CASE WHEN :failed = 0 THEN 0 ELSE least(1000, not_sent + :failed) END "
        "WHERE phone_number_id = :number AND (:failed > 0 OR not_sent > 0)",
        number=phone_number_id,
        failed=failed,
    )
