"""What the dashboard asks beside the counts of the events: messages by state, answers by day.

Both are kept by side. Triggers write what each statement changed as rows of their own, which are added to the kept
ones when they are read, and folded into them by the worker's round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class _Kept:
    """A kept count: its table, that of the changes, what is counted apart, the name of the count, the rows counted."""

    table: str
    changes: str
    by: str
    count: str
    canonical: str


_MESSAGES = _Kept(
    "projection_deliveries",
    "delivery_changes",
    "state",
    "messages",
    "SELECT coalesce(u.side, '') AS side, d.state, count(*) AS counted FROM invite_dispatch d "
    "LEFT JOIN guest_units u ON u.wedding_id = d.wedding_id AND u.id = d.unit_id "
    "WHERE d.wedding_id = :wedding AND d.kind = 'template' GROUP BY 1, 2",
)
_ANSWERS = _Kept(
    "projection_answer_days",
    "answer_changes",
    "day, status",
    "answers",
    "SELECT coalesce(u.side, '') AS side, (r.given_at AT TIME ZONE w.timezone)::date AS day, r.status, "
    "count(*) AS counted FROM rsvp_responses r JOIN weddings w ON w.id = r.wedding_id "
    "JOIN guest_units u ON u.wedding_id = r.wedding_id AND u.id = r.unit_id "
    "WHERE r.wedding_id = :wedding GROUP BY 1, 2, 3",
)
_ALL = (_MESSAGES, _ANSWERS)


@dataclass(frozen=True)
class Board:
    """``deliveries``: template messages by state, those that nobody is in left out; ``days``: answers by day and
    status; ``refreshed_at``: when a message was counted last."""

    deliveries: Mapping[str, int]
    days: Mapping[tuple[date, str], int]
    refreshed_at: datetime | None


def read_board(tx: Transaction, since: date, sides: Sequence[str] | None = None) -> Board:
    """Messages, and answers from a day on, within what the sides may see: one statement for all of it."""
    within = "AND side = ANY(:sides)" if sides is not None else ""
    more = {"sides": list(sides)} if sides is not None else {}
    rows = tx.rows(
        f"""
        SELECT NULL::date AS day, state AS name, sum(messages)::int AS number, max(at) AS at FROM (
               SELECT state, messages, refreshed_at AS at FROM projection_deliveries
                WHERE wedding_id = :wedding {within}
               UNION ALL SELECT state, messages, made_at FROM delivery_changes
                WHERE wedding_id = :wedding {within}) m GROUP BY state
        UNION ALL
        SELECT day, status, sum(answers)::int, NULL FROM (
               SELECT day, status, answers FROM projection_answer_days
                WHERE wedding_id = :wedding AND day >= :since {within}
               UNION ALL SELECT day, status, answers FROM answer_changes
                WHERE wedding_id = :wedding AND day >= :since {within}) a GROUP BY day, status
         ORDER BY day, name
        """,
        since=since,
        **more,
    )
    return Board(
        {row["name"]: row["number"] for row in rows if row["day"] is None and row["number"]},
        {(row["day"], row["name"]): row["number"] for row in rows if row["day"] is not None},
        max((row["at"] for row in rows if row["at"] is not None), default=None),
    )


def fold(tx: Transaction) -> int:
    """Add what has changed into the kept counts; returns how many changes there were. Nobody waits for it."""
    return sum(_fold(tx, one) for one in _ALL)


def _fold(tx: Transaction, kept: _Kept) -> int:
    by, count = kept.by, kept.count
    folded: int = tx.value(
        f"""
        WITH taken AS (DELETE FROM {kept.changes} WHERE id IN (
                 SELECT id FROM {kept.changes} WHERE wedding_id = :wedding ORDER BY id FOR UPDATE SKIP LOCKED)
              AND wedding_id = :wedding RETURNING side, {by}, {count}, made_at),
        added AS (INSERT INTO {kept.table} AS k (wedding_id, side, {by}, {count}, refreshed_at)
             SELECT :wedding, side, {by}, sum({count}), max(made_at) FROM taken GROUP BY side, {by} ORDER BY side, {by}
             ON CONFLICT (wedding_id, side, {by}) DO UPDATE SET {count} = k.{count} + excluded.{count},
                refreshed_at = greatest(k.refreshed_at, excluded.refreshed_at))
        SELECT count(*)::int FROM taken
        """
    )
    return folded


@dataclass(frozen=True)
class Drift:
    """A kept count of a side ('' where households have none) that is not the one of the rows."""

    what: str
    side: str
    kept: int
    counted: int


def compare(tx: Transaction, *, mend: bool) -> list[Drift]:
    """Every kept count that is not the one of the rows. ``mend`` adds what is missing.

    One statement sees one moment, so that messages that move meanwhile are no drift.
    """
    return [drift for one in _ALL for drift in _compare(tx, one, mend=mend)]


def _compare(tx: Transaction, kept: _Kept, *, mend: bool) -> list[Drift]:
    by, count = kept.by, kept.count
    mended = f"""
        , mended AS (INSERT INTO {kept.changes} (wedding_id, side, {by}, {count})
                     SELECT :wedding, side, {by}, counted - kept FROM wrong)"""
    rows = tx.rows(
        f"""
        WITH counted AS ({kept.canonical}),
        kept AS (SELECT side, {by}, sum({count}) AS kept FROM (
                     SELECT side, {by}, {count} FROM {kept.table} WHERE wedding_id = :wedding
                     UNION ALL SELECT side, {by}, {count} FROM {kept.changes} WHERE wedding_id = :wedding) k
                  GROUP BY side, {by}),
        wrong AS (SELECT side, {by}, coalesce(kept, 0) AS kept, coalesce(counted, 0) AS counted
                    FROM counted FULL JOIN kept USING (side, {by}) WHERE coalesce(kept, 0) <> coalesce(counted, 0))
        {mended if mend else ""}
        SELECT concat_ws(' ', {by}) AS what, side, kept::int, counted::int FROM wrong ORDER BY side, {by}
        """
    )
    return [Drift(f"{count} {row['what']}", row["side"], row["kept"], row["counted"]) for row in rows]
