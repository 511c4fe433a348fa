"""Numbers for refs: given out once, never again."""

from __future__ import annotations

from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.store.transaction import Transaction


def next_numbers(tx: Transaction, kind: Kind, count: int = 1) -> int:
    """Take ``count`` numbers for things of ``kind``; returns the first of them."""
    last: int = tx.value(
        "INSERT INTO ref_counters (wedding_id, kind, last) VALUES (:wedding, :kind, :count) "
        "ON CONFLICT (wedding_id, kind) DO UPDATE SET last = ref_counters.last + :count RETURNING last",
        kind=kind.value,
        count=count,
    )
    return last - count + 1


def named(handle: Handle, *, slug: bool = False) -> tuple[str, dict[str, object]]:
    """The condition that finds the row a handle names, and its values."""
    if handle.number is not None:
        return "number = :number", {"number": handle.number}
    if handle.id is not None:
        return "id = :id", {"id": handle.id}
    if slug:
        return "slug = :slug", {"slug": handle.text}
    return "false", {}
