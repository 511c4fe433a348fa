"""Google Contacts: where the last readings ended, and which of its contacts are gone there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Point:
    """Where the reading of a scope ended; ``scope``: the id of a group, empty for all contacts."""

    scope: str
    account: str
    token: str
    parameters: Mapping[str, str]
    synced_at: datetime


@dataclass(frozen=True)
class Gone:
    """Somebody whom a list does not name any more."""

    person: str
    full_name: str


def list_points(tx: Transaction, source: str) -> list[Point]:
    """Where the readings of a list ended, by scope."""
    rows = tx.rows(
        "SELECT scope, account, token, parameters, synced_at FROM google_syncs "
        "WHERE wedding_id = :wedding AND source = :source ORDER BY scope",
        source=source,
    )
    return [Point(**dict(row)) for row in rows]


def save_point(tx: Transaction, source: str, point: Point) -> None:
    """Keep where a reading ended, in place of the one before."""
    tx.run(
        "INSERT INTO google_syncs (wedding_id, source, scope, account, token, parameters, synced_at) "
        "VALUES (:wedding, :source, :scope, :account, :token, CAST(:parameters AS jsonb), :at) "
        "ON CONFLICT (wedding_id, source, scope) DO UPDATE SET account = excluded.account, "
        "token = excluded.token, parameters = excluded.parameters, synced_at = excluded.synced_at",
        source=source,
        scope=point.scope,
        account=point.account,
        token=point.token,
        parameters=json.dumps(dict(point.parameters), ensure_ascii=False),
        at=point.synced_at,
    )


def last_undone(tx: Transaction, source: str) -> datetime | None:
    """When an import of this list was last taken back."""
    found: datetime | None = tx.value(
        "SELECT max(undone_at) FROM imports WHERE wedding_id = :wedding AND source = :source", source=source
    )
    return found


def known_ids(tx: Transaction, source: str) -> set[str]:
    """The ids of everybody whom the list has named so far."""
    rows = tx.rows(
        "SELECT external_id FROM person_sources "
        "WHERE wedding_id = :wedding AND source = :source AND external_id <> ''",
        source=source,
    )
    return {row["external_id"] for row in rows}


def rename(tx: Transaction, source: str, renamed: Mapping[str, str]) -> int:
    """Give contacts the ids that they have now, with what is kept for undoing; the number of rows.

    An id that is known under its new name already is left alone.
    """
    changed = 0
    for table, extra in (
        (
            "person_sources",
            ", external_id = CASE WHEN t.external_id = r.old THEN r.new ELSE t.external_id END",
        ),
        ("import_changes", ""),
    ):
        changed += tx.run(
            f"UPDATE {table} t SET row_key = r.new || substr(t.row_key, length(r.old) + 1){extra} "
            "FROM unnest(CAST(:old AS text[]), CAST(:new AS text[])) AS r(old, new) "
            "WHERE t.wedding_id = :wedding AND t.source = :source "
            "AND (t.row_key = r.old OR starts_with(t.row_key, r.old || '/')) "
            f"AND NOT EXISTS (SELECT 1 FROM {table} o WHERE o.wedding_id = :wedding AND o.source = :source "
            "AND o.row_key = r.new)",
            source=source,
            old=list(renamed),
            new=list(renamed.values()),
        )
    return changed


_OF_CONTACTS = (
    "ps.wedding_id = :wedding AND ps.source = :source AND (ps.external_id = ANY(:ids) "
    # Companions of a couple's entry: the key of its row, and their place in it.
    "OR ps.external_id = '' AND regexp_replace(ps.row_key, '/[0-9]+$', '') = ANY(:ids))"
)


def mark_gone(tx: Transaction, source: str, ids: Collection[str]) -> list[Gone]:
    """Note that the list does not name these contacts any more. Nobody is removed. Returns who was named before."""
    rows = tx.rows(
        f"WITH gone AS (UPDATE person_sources ps SET gone_at = :now WHERE {_OF_CONTACTS} AND ps.gone_at IS NULL "
        "RETURNING ps.person_id) "
        "SELECT DISTINCT p.number, p.full_name FROM gone g "
        "JOIN people q ON q.wedding_id = :wedding AND q.id = g.person_id "
        "JOIN people p ON p.wedding_id = :wedding "
        "AND p.id = CASE WHEN q.merged_into IS NULL THEN q.id ELSE q.merged_into END "
        "WHERE p.removed_at IS NULL ORDER BY p.number",
        source=source,
        ids=sorted(ids),
    )
    return [Gone(make_ref(Kind.PERSON, row["number"]), row["full_name"]) for row in rows]


def mark_back(tx: Transaction, source: str, ids: Collection[str]) -> int:
    """Note that the list names these contacts (again); the number of rows that had been gone."""
    return tx.run(
        f"UPDATE person_sources ps SET gone_at = NULL WHERE {_OF_CONTACTS} AND ps.gone_at IS NOT NULL",
        source=source,
        ids=sorted(ids),
    )
