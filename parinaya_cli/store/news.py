"""News of templates and phone numbers: the provider's, in the order of the provider's times."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.store.transaction import Transaction

_FIELDS = ("status", "quality", "category")


def tell_template(
    tx: Transaction, name: str, language: str, news: Mapping[str, str], at: datetime
) -> list[tuple[uuid.UUID, str]]:
    """What is new of a template, in every wedding that uses it; ``news``: by ``status``, ``quality``, ``category``.

    What is older than the last sync, or than the last news of the same field, changes nothing. Returns the wedding
    and the language of each row that was changed.
    """
    changed: dict[tuple[uuid.UUID, str], None] = {}
    for field in (one for one in _FIELDS if one in news):
        rows = tx.across.rows(
            f"UPDATE templates SET {field} = :value, {field}_at = :at, "
            f"definition = definition || jsonb_build_object('{field}', CAST(:value AS text)) "
            "WHERE name = :name AND replace(language, '-', '_') = replace(:language, '-', '_') "
            f"AND date_trunc('second', synced_at) <= :at AND ({field}_at IS NULL "
            f"OR ({field}_at, {field}) < (:at, :value)) "
            "RETURNING wedding_id, language",
            name=name,
            language=language,
            value=news[field],
            at=at,
        )
        changed |= {(row["wedding_id"], row["language"]): None for row in rows}
    return sorted(changed)


def pause_batches(tx: Transaction, name: str, language: str, why: str) -> list[uuid.UUID]:
    """Pause the running batches that still have messages of this template to send; returns them."""
    rows = tx.rows(
        "UPDATE batches b SET state = 'paused', why_paused = :why WHERE b.wedding_id = :wedding "
        "AND b.template = :name AND b.state = 'running' AND EXISTS (SELECT 1 FROM invite_dispatch d "
        "WHERE d.wedding_id = :wedding AND d.batch_id = b.id AND d.language = :language "
        "AND d.state IN ('planned', 'queued')) RETURNING b.id",
        name=name,
        language=language,
        why=why,
    )
    return sorted(row["id"] for row in rows)


# ── phone numbers ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, order=True)
class Ours:
    """A phone number of ours as a delivery names it: its id, its account, the number itself (E.164)."""

    phone_number_id: str
    account: str
    display_number: str


def learn(tx: Transaction, seen: Collection[Ours]) -> None:
    """Write down to which account our numbers belong; nothing is locked where nothing is new."""
    known = {
        Ours(row["phone_number_id"], row["account"], row["display_number"])
        for row in tx.rows(
            "SELECT phone_number_id, account, display_number FROM sender_numbers "
            "WHERE phone_number_id = ANY(:numbers)",
            numbers=sorted({one.phone_number_id for one in seen}),
        )
    }
    tx.run_many(
        "INSERT INTO sender_numbers (phone_number_id, account, display_number) "
        "VALUES (:phone_number_id, :account, :display_number) ON CONFLICT (phone_number_id) DO UPDATE SET "
        "account = excluded.account, display_number = excluded.display_number",
        [vars(one) for one in sorted(set(seen) - known)],
    )


def numbers_of(tx: Transaction, account: str, display_number: str | None, default: str) -> list[str]:
    """Our numbers of an account, or the one that is meant; those of which nothing is known are taken to belong to it.

    ``default``: the number of the installation.
    """
    rows = tx.rows(
        "SELECT o.id FROM (SELECT phone_number_id AS id FROM weddings WHERE phone_number_id <> '' "
        "UNION SELECT phone_number_id FROM sender_numbers UNION SELECT :default) o "
        "LEFT JOIN sender_numbers n ON n.phone_number_id = o.id WHERE o.id <> '' "
        "AND coalesce(n.account, '') IN ('', :account) AND (CAST(:number AS text) IS NULL "
        "OR coalesce(n.display_number, '') IN ('', :number)) "
        "ORDER BY o.id",
        default=default,
        account=account,
        number=display_number,
    )
    return [row["id"] for row in rows]


def tell_tier(tx: Transaction, phone_number_id: str, limit: int | None, at: datetime) -> bool:
    """The daily limit of a number is this now (None: there is none); False when newer news is known."""
    return (
        tx.run(
            "INSERT INTO sender_numbers AS n (phone_number_id, tier_limit, tier_at) VALUES (:number, :limit, :at) "
            "ON CONFLICT (phone_number_id) DO UPDATE SET tier_limit = excluded.tier_limit, tier_at = excluded.tier_at, "
            "updated_at = :now WHERE n.tier_at IS NULL OR n.tier_at < excluded.tier_at "
            "OR (n.tier_at = excluded.tier_at "
            "AND coalesce(excluded.tier_limit, 2147483647) < coalesce(n.tier_limit, 2147483647))",
            number=phone_number_id,
            limit=limit,
            at=at,
        )
        == 1
    )


def tell_quality(tx: Transaction, phone_number_id: str, quality: str, at: datetime) -> bool:
    """The quality of a number is this now; False when newer news is known."""
    return (
        tx.run(
            "INSERT INTO sender_numbers AS n (phone_number_id, quality, quality_at) VALUES (:number, :quality, :at) "
            "ON CONFLICT (phone_number_id) DO UPDATE SET quality = excluded.quality, quality_at = excluded.quality_at, "
            "updated_at = :now WHERE n.quality_at IS NULL OR (n.quality_at, n.quality) < "
            "(excluded.quality_at, excluded.quality)",
            number=phone_number_id,
            quality=quality,
            at=at,
        )
        == 1
    )
