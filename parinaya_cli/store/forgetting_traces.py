"""Forgetting a person: what others say of them, what the audit log kept, and the deliveries as they came in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parinaya_cli.domain.database_users import ERASER
from parinaya_cli.domain.erasures import patterns
from parinaya_cli.store import erasures
from parinaya_cli.store.chain import SYSTEM_CHAIN
from parinaya_cli.store.forgetting import Subject
from parinaya_cli.store.transaction import Transaction

# ── what others say of them ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Place:
    """Columns of a table in which somebody may be named; ``keys`` find the row again, ``json``: the documents."""

    table: str
    keys: tuple[str, ...]
    texts: tuple[str, ...] = ()
    json: tuple[str, ...] = ()


AT_HOME = (Place("guest_units", ("id",), ("label", "why")),)
EVERYWHERE = (
    *AT_HOME,
    Place("people", ("id",), ("household", "household_source", "notes", "do_not_message_reason"), ("extra",)),
    Place("person_sources", ("source", "row_key"), (), ("content",)),
    Place(
        "import_changes",
        ("import_id", "source", "row_key"),
        (),
        ("before", "contacts_added", "positions", "contacts_after", "source_before"),
    ),
    Place("merges", ("id",), ("reason",)),
    Place("duplicates", ("id",), ("decided_why",)),
    Place("merge_changes", ("merge_id", "place"), (), ("before", "after")),
    Place("imports", ("id",), ("error", "opt_in"), ("report", "request")),
    Place("batches", ("id",), ("why_paused",), ("selection", "estimate")),
    Place("invite_dispatch", ("id",), ("reason", "error_title"), ("content",)),
    Place("inbound_messages", ("id",), ("body", "payload", "profile_name")),
    Place("inbox_items", ("id",), ("why",)),
    Place("rsvp_responses", ("id",), ("note", "source")),
    Place("consent_ledger", ("id",), ("source", "evidence")),
    Place("delivery_events", ("id",), ("details",)),
    Place("gifts", ("id",), ("what",)),
    Place("site_links", ("id",), ("name",)),
)


NOTED = (
    *sorted({place.table for place in EVERYWHERE}),
    *("audit_values", "contact_points", "conversations", "dispatch_attempts", "folded_names", "import_parts"),
    *("person_contacts", "removals", "webhook_events", "webhook_updates"),
)
"""Tables of whose columns Postgres notes common values and borders for its planner: names and phones among them."""


def note_anew(tx: Transaction, table: str) -> None:
    """Let Postgres note the values of a table anew, without those that are gone (PostgreSQL's manual, 14.2, 53.52).

    Of a table that has become empty it would keep the old notes: these are cleared, which versions before 18 can't.
    """
    tx.assume(ERASER)
    tx.run(f"ANALYZE {table}")
    if tx.value("SELECT current_setting('server_version_num')::int < 180000"):
        return
    tx.rows(
        "SELECT pg_clear_attribute_stats('public', c.relname, a.attname, false) FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE c.oid = to_regclass(:table) AND c.reltuples = 0",
        table=table,
    )


def sweep(
    tx: Transaction,
    place: Place,
    texts: Sequence[str],
    clean: Callable[[object], object],
    only: uuid.UUID | None = None,
) -> int:
    """Take these texts out of a table, wherever they stand; ``only``: in the row of this id. Returns how many rows."""
    columns = (*place.texts, *place.json)
    if not texts:
        return 0
    told = " OR ".join(f"CAST({column} AS text) ILIKE ANY(:patterns)" for column in columns)
    rows = tx.rows(
        f"SELECT {', '.join((*place.keys, *columns))} FROM {place.table} WHERE wedding_id = :wedding AND ({told}) "
        + ("AND id = :only" if only else "AND CAST(:only AS uuid) IS NULL"),
        patterns=patterns(texts),
        only=only,
    )
    changes = ", ".join(
        [f"{one} = :{one}" for one in place.texts] + [f"{one} = CAST(:{one} AS jsonb)" for one in place.json]
    )
    found = " AND ".join(f"{one} = :{one}" for one in place.keys)
    tx.run_many(
        f"UPDATE {place.table} SET {changes} WHERE wedding_id = :wedding AND {found}",
        [_cleaned(dict(row), place, clean) for row in rows],
    )
    return len(rows)


def _cleaned(row: dict[str, Any], place: Place, clean: Callable[[object], object]) -> Mapping[str, object]:
    for column in place.texts:
        row[column] = clean(row[column])
    for column in place.json:
        row[column] = json.dumps(clean(row[column]), ensure_ascii=False)
    return row


def forget_audited(tx: Transaction, subject: Subject, texts: Sequence[str]) -> int:
    """Destroy what the audit log kept of them before and after changes, with the nonces; the chain still verifies."""
    return tx.run(
        "DELETE FROM audit_values v USING audit_logs l WHERE l.chain_id = v.chain_id AND l.seq = v.seq "
        "AND v.chain_id IN (:wedding, :system) "
        "AND (l.entity_id = ANY(:ids) OR v.value ILIKE ANY(:patterns))",
        system=SYSTEM_CHAIN,
        ids=[*subject.people, *subject.points],
        patterns=patterns(texts),
    )


# ── stored deliveries ──────────────────────────────────────────────────────────────────────────────────


def find_deliveries(tx: Transaction, subject: Subject) -> tuple[list[int], bool]:
    """The stored deliveries that name them, and whether one of them still waits to be processed.

    A body is looked through for the number as WhatsApp writes it, the user id and the ids of messages.
    """
    tx.run("SET LOCAL statement_timeout = 0")  # bodies have no index
    needles = {value.removeprefix("+") for value in subject.values if "@" not in value} | set(
        subject.message_ids
    )
    rows = tx.rows(
        "SELECT number, state FROM webhook_events WHERE EXISTS (SELECT 1 FROM unnest(CAST(:needles AS text[])) AS n "
        "WHERE position(convert_to(n, 'UTF8') IN body) > 0) ORDER BY number FOR UPDATE",
        needles=sorted(one for one in needles if len(one) > 5),
    )
    return [row["number"] for row in rows], any(row["state"] in ("pending", "failed") for row in rows)


def empty_deliveries(tx: Transaction, numbers: Sequence[int]) -> dict[str, int]:
    """Empty the bodies, and what was kept of their updates. The same bytes, and the same updates, are still known."""
    bodies = tx.run(
        "UPDATE webhook_events SET body = '', error = '', state = 'done' WHERE number = ANY(:numbers)",
        numbers=list(numbers),
    )
    rows = tx.rows(
        "SELECT id, event_key FROM webhook_updates WHERE webhook_number = ANY(:numbers)",
        numbers=list(numbers),
    )
    tx.run_many(
        "UPDATE webhook_updates SET event_key = :key, facts = '{}', why = '', "
        "state = CASE WHEN state IN ('parked', 'dead') THEN 'done' ELSE state END WHERE id = :id",
        [
            {"id": row["id"], "key": erasures.marked(tx, row["event_key"])}
            for row in rows
            if not row["event_key"].startswith(erasures.MARK)
        ],
    )
    return {"webhook_events": bodies, "webhook_updates": len(rows)}
