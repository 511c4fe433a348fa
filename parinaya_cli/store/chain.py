"""The audit log in Postgres: appending to the chains, reading and checking them."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from parinaya_cli.domain.audit import ChainKey, Entry, Link, Row, StoredEntry, link

SYSTEM_CHAIN = uuid.UUID(int=0)
"""The chain of what belongs to no wedding."""


def append(conn: Connection, entries: Sequence[Entry], key: ChainKey) -> None:
    """Chain the entries of a transaction, chain by chain in one order, and write them."""
    by_chain: dict[uuid.UUID, list[Entry]] = {}
    for entry in entries:
        by_chain.setdefault(entry.chain_id, []).append(entry)
    for chain_id in sorted(by_chain):
        _append_to(conn, chain_id, by_chain[chain_id], key)


def _append_to(conn: Connection, chain_id: uuid.UUID, entries: Sequence[Entry], key: ChainKey) -> None:
    conn.execute(
        text(
            "INSERT INTO audit_chains (chain_id, seq, hash) VALUES (:chain, 0, '') "
            "ON CONFLICT (chain_id) DO NOTHING"
        ),
        {"chain": chain_id},
    )
    head = conn.execute(
        text("SELECT seq, hash FROM audit_chains WHERE chain_id = :chain FOR UPDATE"), {"chain": chain_id}
    ).one()
    at = Link(head.seq, bytes(head.hash))
    logs: list[dict[str, object]] = []
    values: list[dict[str, object]] = []
    for entry in entries:
        nonce = secrets.token_bytes(16)
        stored, value = link(entry, at, key, nonce)
        at = Link(stored.seq, stored.hash)
        logs.append(stored._asdict())
        if value:
            values.append({"chain": chain_id, "seq": stored.seq, "nonce": nonce, "value": value})
    conn.execute(
        text(
            "INSERT INTO audit_logs (chain_id, seq, at, actor, role, channel, action, entity, entity_id, ref, "
            "reason, payload, prev_hash, hash, key_id) VALUES (:chain_id, :seq, :at, :actor, :role, :channel, "
            ":action, :entity, :entity_id, :ref, :reason, :payload, :prev_hash, :hash, :key_id)"
        ),
        logs,
    )
    if values:
        conn.execute(
            text(
                "INSERT INTO audit_values (chain_id, seq, nonce, value) VALUES (:chain, :seq, :nonce, :value)"
            ),
            values,
        )
    conn.execute(
        text("UPDATE audit_chains SET seq = :seq, hash = :hash WHERE chain_id = :chain"),
        {"chain": chain_id, "seq": at.seq, "hash": at.hash},
    )


def chains(conn: Connection) -> list[tuple[uuid.UUID, Link]]:
    """Every chain with its head."""
    rows = conn.execute(text("SELECT chain_id, seq, hash FROM audit_chains ORDER BY chain_id"))
    return [(row.chain_id, Link(row.seq, bytes(row.hash))) for row in rows]


def installation(conn: Connection) -> str:
    """Which database this is."""
    return str(conn.execute(text("SELECT id FROM installations ORDER BY id LIMIT 1")).scalar())


def hash_of(conn: Connection, chain_id: uuid.UUID, seq: int) -> bytes | None:
    """The hash of one entry, or None where it is gone."""
    found = conn.execute(
        text("SELECT hash FROM audit_logs WHERE chain_id = :chain AND seq = :seq"),
        {"chain": chain_id, "seq": seq},
    ).scalar()
    return None if found is None else bytes(found)


_COLUMNS = (
    "l.seq, to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), l.actor, l.role, l.channel, l.action, "
    "l.entity, l.ref, l.reason, l.payload, l.prev_hash, l.hash, l.key_id, CAST(l.entity_id AS text)"
)
"""The columns of an entry after its chain, in the order of ``StoredEntry``."""

_AT_ONCE = 1000


@contextmanager
def read_chain(conn: Connection, chain_id: uuid.UUID) -> Iterator[tuple[Link, Iterator[Row]]]:
    """A chain as it is at one moment: its head, and every entry in order with the values that are still kept.

    Head and entries come of one statement: whoever appends meanwhile is in neither. Postgres finds the entries in
    their order, and goes on reading while the first are looked at. Nothing else can be asked before the end.
    """
    conn.execute(text("SET LOCAL statement_timeout = 0"))
    connection = conn.connection.driver_connection
    assert connection is not None
    statement = (
        f"SELECT {_COLUMNS}, v.value, v.nonce, (SELECT seq FROM audit_chains WHERE chain_id = %(chain)s), "
        "(SELECT hash FROM audit_chains WHERE chain_id = %(chain)s) FROM audit_logs l "
        "LEFT JOIN audit_values v ON v.chain_id = l.chain_id AND v.seq = l.seq "
        "WHERE l.chain_id = %(chain)s ORDER BY l.seq"
    )
    with (
        connection.cursor() as cursor,
        # Closed also by whoever stops reading at the first entry that is wrong.
        closing(cursor.stream(statement, {"chain": chain_id}, binary=True, size=_AT_ONCE)) as rows,
    ):
        first: tuple[Any, ...] | None = next(rows, None)
        if first is None:  # a chain never gets empty by itself: its head tells what is missing
            yield dict(chains(conn)).get(chain_id, Link(0, b"")), iter(())
        else:
            build = StoredEntry._make
            entries = ((build((chain_id, *row[:14])), row[14], row[15]) for row in chain([first], rows))
            yield Link(first[16] or 0, first[17] or b""), entries


def stored(row: RowMapping) -> StoredEntry:
    """A row of the table as the value that the chain is made of."""
    return StoredEntry(**{name: row[name] for name in StoredEntry._fields})


_MATCHING = """
             WHERE l.chain_id = :chain
               AND (CAST(:actor AS text) IS NULL OR l.actor = :actor)
               AND (CAST(:action AS text) IS NULL OR l.action = :action OR l.action LIKE :action || '.%')
               AND (CAST(:entity AS text) IS NULL OR l.entity = :entity OR l.ref = :entity)
               AND (CAST(:since AS timestamptz) IS NULL OR l.at >= :since)
"""


@dataclass(frozen=True)
class AuditQuery:
    """Which entries are asked for. ``action``: with or without what follows its dot; ``entity``: a kind or a ref."""

    actor: str | None = None
    action: str | None = None
    entity: str | None = None
    since: datetime | None = None
    limit: int = 100


def list_entries(
    conn: Connection, chain_id: uuid.UUID, query: AuditQuery
) -> tuple[list[tuple[StoredEntry, str | None]], int]:
    """The newest entries of a chain that match, newest first, each with its values; and how many match."""
    values = {"chain": chain_id, **vars(query)}
    rows = conn.execute(
        text(
            f"""
            SELECT l.*, v.value FROM audit_logs l
              LEFT JOIN audit_values v ON v.chain_id = l.chain_id AND v.seq = l.seq
            {_MATCHING} ORDER BY l.seq DESC LIMIT :limit
            """
        ),
        values,
    ).mappings()
    total: int = conn.execute(text(f"SELECT count(*) FROM audit_logs l {_MATCHING}"), values).scalar_one()
    return [(stored(row), row["value"]) for row in rows], total


def find_entry(conn: Connection, chain_id: uuid.UUID, seq: int) -> tuple[StoredEntry, str | None] | None:
    """One entry of a chain, with its values."""
    row = (
        conn.execute(
            text(
                "SELECT l.*, v.value FROM audit_logs l "
                "LEFT JOIN audit_values v ON v.chain_id = l.chain_id AND v.seq = l.seq "
                "WHERE l.chain_id = :chain AND l.seq = :seq"
            ),
            {"chain": chain_id, "seq": seq},
        )
        .mappings()
        .first()
    )
    return (stored(row), row["value"]) if row else None


def weddings(conn: Connection) -> list[uuid.UUID]:
    """The weddings that must each have a chain: making one is its first entry."""
    return [row.id for row in conn.execute(text("SELECT id FROM weddings ORDER BY id"))]


def logged(conn: Connection) -> list[uuid.UUID]:
    """The chains that have entries: each must have its head."""
    rows = conn.execute(
        text(
            "WITH RECURSIVE each AS ((SELECT chain_id FROM audit_logs ORDER BY chain_id LIMIT 1) UNION ALL "
            "SELECT (SELECT l.chain_id FROM audit_logs l WHERE l.chain_id > e.chain_id ORDER BY l.chain_id LIMIT 1) "
            "FROM each e WHERE e.chain_id IS NOT NULL) SELECT chain_id FROM each WHERE chain_id IS NOT NULL"
        )
    )
    return [row.chain_id for row in rows]
