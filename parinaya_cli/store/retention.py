"""What is kept no longer than its purpose lasts: which rows that is, and emptying them a slice at a time."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from parinaya_cli.domain.forgotten import Forgotten
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.webhooks import SPENT


def last_run(tx: Transaction) -> datetime | None:
    """When everything that was over was last gone through."""
    found: datetime | None = tx.value("SELECT max(retention_at) FROM installations")
    return found


def note_run(tx: Transaction) -> None:
    """Everything that was over has been gone through now."""
    tx.run("UPDATE installations SET retention_at = :now")


_OLD_BODIES = f"{SPENT} AND received_at < :now - make_interval(days => :days)"


def count_old_bodies(tx: Transaction, days: int) -> int:
    """How many processed deliveries that came so many days ago hold their bodies still."""
    found: int = tx.value(f"SELECT count(*) FROM webhook_events WHERE {_OLD_BODIES}", days=days)
    return found


def empty_bodies(tx: Transaction, days: int, most: int) -> int:
    """Empty the bodies of that many of them; the same bytes are still known when they come again."""
    return tx.run(
        "UPDATE webhook_events SET body = '' WHERE number IN (SELECT number FROM webhook_events "
        f"WHERE {_OLD_BODIES} ORDER BY number LIMIT :most FOR UPDATE SKIP LOCKED)",
        days=days,
        most=most,
    )


_OLD_TEXTS = (
    "d.state IN ('sent', 'delivered', 'read', 'cancelled', 'skipped', 'failed') AND NOT d.passing "
    "AND d.content <> '{}' AND NOT w.legal_hold "
    "AND d.updated_at < :now - make_interval(days => coalesce(w.keep_texts, :days))"
)
"""Texts of messages to which nothing more can happen, for longer than their wedding keeps them."""


def count_old_texts(tx: Transaction, days: int) -> int:
    """How many messages hold their texts still that were settled so many days ago, or as many as their wedding says."""
    found: int = tx.across.value(
        f"SELECT count(*) FROM invite_dispatch d JOIN weddings w ON w.id = d.wedding_id WHERE {_OLD_TEXTS}",
        days=days,
    )
    return found


def empty_texts(tx: Transaction, days: int, most: int) -> int:
    """Empty the texts of that many of them."""
    return tx.across.run(
        "UPDATE invite_dispatch SET content = '{}' WHERE id IN (SELECT d.id FROM invite_dispatch d "
        f"JOIN weddings w ON w.id = d.wedding_id WHERE {_OLD_TEXTS} ORDER BY d.id LIMIT :most "
        "FOR UPDATE OF d SKIP LOCKED)",
        days=days,
        most=most,
    )


def list_over(tx: Transaction) -> list[uuid.UUID]:
    """The weddings whose guests are to be forgotten: their last event is as many days ago as the wedding says."""
    rows = tx.across.rows(
        "SELECT w.id FROM weddings w JOIN events e ON e.wedding_id = w.id "
        "WHERE w.forget_after IS NOT NULL AND NOT w.legal_hold GROUP BY w.id "
        "HAVING max(coalesce(e.ends_at, e.starts_at)) + make_interval(days => min(w.forget_after)) < :now "
        "ORDER BY w.id"
    )
    return [row["id"] for row in rows]


def list_people(tx: Transaction, most: int) -> list[int]:
    """The numbers of that many people of the wedding who are not forgotten yet, and stand for themselves."""
    rows = tx.rows(
        "SELECT number FROM people WHERE wedding_id = :wedding AND erased_at IS NULL AND merged_into IS NULL "
        "ORDER BY number LIMIT :most",
        most=most,
    )
    return [row["number"] for row in rows]


def list_forgotten(tx: Transaction) -> set[Forgotten]:
    """Everybody who was forgotten, in all weddings."""
    rows = tx.across.rows("SELECT wedding_id, id FROM people WHERE erased_at IS NOT NULL")
    return {Forgotten(row["wedding_id"], row["id"]) for row in rows}


def list_back(tx: Transaction, known: Iterable[Forgotten]) -> list[tuple[Forgotten, int, uuid.UUID | None]]:
    """Those among people who were forgotten who are there all the same: with their number and whom they are merged
    into."""
    ids: Sequence[uuid.UUID] = sorted(one.person_id for one in known)
    rows = tx.across.rows(
        "SELECT wedding_id, id, number, merged_into FROM people WHERE id = ANY(:ids) AND erased_at IS NULL "
        "ORDER BY wedding_id, number",
        ids=ids,
    )
    return [(Forgotten(row["wedding_id"], row["id"]), row["number"], row["merged_into"]) for row in rows]
