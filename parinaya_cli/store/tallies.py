"""Tallies: how many messages of a batch are in each state, and why."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Failure:
    """Messages of a batch that failed for one reason."""

    code: int | None
    title: str
    reason: str
    count: int


@dataclass(frozen=True)
class Tally:
    """How many messages of a batch are in each state, and why.

    ``waiting``: queued ones by what they wait for. ``held``: accepted ones that the provider holds back for now.
    ``next_at``: when the first of those that wait goes on.
    """

    states: Mapping[str, int]
    skipped: Mapping[str, int]
    waiting: Mapping[str, int]
    held: int
    failed: tuple[Failure, ...]
    next_at: datetime | None


_OF_SIDES = (
    "(CAST(:sides AS text[]) IS NULL OR EXISTS (SELECT 1 FROM guest_units u "
    "WHERE u.wedding_id = d.wedding_id AND u.id = d.unit_id AND u.side = ANY(:sides)))"
)


def tally(tx: Transaction, batch_id: uuid.UUID, sides: Sequence[str] | None = None) -> Tally:
    """How a batch stands; ``sides`` narrows it to households of these sides."""
    rows = tx.rows(
        "SELECT d.state, d.reason, d.error_code, d.error_title, count(*)::int AS count, "
        "min(d.not_before) FILTER (WHERE d.not_before > :now) AS next_at FROM invite_dispatch d "
        f"WHERE d.wedding_id = :wedding AND d.batch_id = :batch AND {_OF_SIDES} "
        "GROUP BY d.state, d.reason, d.error_code, d.error_title ORDER BY d.state, d.reason, d.error_code",
        batch=batch_id,
        sides=list(sides) if sides is not None else None,
    )
    queued = [row for row in rows if row["state"] == "queued"]
    return Tally(
        states=_summed(rows, "state"),
        skipped=_summed([row for row in rows if row["state"] == "skipped"], "reason"),
        waiting=_summed([row for row in queued if row["reason"]], "reason"),
        held=sum(row["count"] for row in rows if (row["state"], row["reason"]) == ("accepted", "held")),
        failed=tuple(
            Failure(row["error_code"], row["error_title"], row["reason"], row["count"])
            for row in rows
            if row["state"] == "failed"
        ),
        next_at=min((row["next_at"] for row in queued if row["next_at"]), default=None),
    )


def _summed(rows: Sequence[RowMapping], by: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row[by]] = found.get(row[by], 0) + row["count"]
    return found


def count_postponed(tx: Transaction, batch_id: uuid.UUID, sides: Sequence[str] | None = None) -> int:
    """How many queued messages of a batch are not due within ten seconds."""
    found: int = tx.value(
        "SELECT count(*) FROM invite_dispatch d WHERE d.wedding_id = :wedding AND d.batch_id = :batch "
        f"AND d.state = 'queued' AND d.not_before > :now + interval '10 seconds' AND {_OF_SIDES}",
        batch=batch_id,
        sides=list(sides) if sides is not None else None,
    )
    return found
