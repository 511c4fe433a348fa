"""Numbers: the phone numbers that we send from. Stopped or not, and how many people they have reached."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.store.transaction import Transaction


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
    reached = count_reached(tx) if row["tier_limit"] is not None else 0
    return SenderNumber(row["paused"], row["why_paused"], row["tier_limit"], reached)


# ── the tier limit ─────────────────────────────────────────────────────────────────────────────────────

_LATELY = "left_at > CAST(:now AS timestamptz) - interval '24 hours' AND kind <> 'reply'"


def lock_tier(tx: Transaction) -> None:
    """One worker at a time counts whom it may still write to, until what it permits is committed."""
    tx.row("SELECT pg_advisory_xact_lock(hashtextextended('parinaya:tier', 0))")


def count_reached(tx: Transaction) -> int:
    """How many people were written to in the last 24 hours, or are being written to, over all numbers.

    The limit belongs to the business portfolio, which all its numbers share (developers.facebook.com, WhatsApp,
    messaging-limits). Somebody who is a guest of two weddings counts twice: rather a message too few.
    """
    found: int = tx.across.value(
        f"SELECT count(DISTINCT contact_point_id) FROM invite_dispatch WHERE {_LATELY}"
    )
    return found


def reached_among(tx: Transaction, contact_point_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these contact points were written to in the last 24 hours: another message counts nobody anew."""
    rows = tx.across.rows(
        f"SELECT DISTINCT contact_point_id AS id FROM invite_dispatch WHERE {_LATELY} "
        "AND contact_point_id = ANY(:ids)",
        ids=list(contact_point_ids),
    )
    return {row["id"] for row in rows}
