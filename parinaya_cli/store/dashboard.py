"""What the dashboard asks beside the counts of the events: messages by state, answers by day, freshness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Freshness:
    """When a projection was last written. ``newest``: the newest change that it does not hold, None when it has all."""

    refreshed_at: datetime | None
    newest: datetime | None


def counts_freshness(tx: Transaction) -> Freshness:
    """How fresh the counts of the events are: an answer or invitation that is newer is not in them yet."""
    row = tx.row(
        """
        SELECT max(k.refreshed_at) AS refreshed_at,
               max(greatest(a.newest, v.newest)) FILTER (
                   WHERE greatest(a.newest, v.newest) > coalesce(k.refreshed_at, '-infinity')) AS newest
          FROM events e
          LEFT JOIN (SELECT event_id, max(refreshed_at) AS refreshed_at FROM projection_event_counts
                      WHERE wedding_id = :wedding GROUP BY event_id) k ON k.event_id = e.id
          LEFT JOIN LATERAL (SELECT max(recorded_at) AS newest FROM rsvp_responses r
                WHERE r.wedding_id = e.wedding_id AND r.event_id = e.id) a ON k.event_id IS NOT NULL
          LEFT JOIN LATERAL (SELECT i.created_at AS newest FROM invitations i
                WHERE k.event_id IS NULL AND i.wedding_id = :wedding AND i.event_id = e.id LIMIT 1) v ON true
         WHERE e.wedding_id = :wedding
        """
    )
    assert row is not None
    return Freshness(row["refreshed_at"], row["newest"])


def deliveries_freshness(tx: Transaction) -> Freshness:
    """How fresh the counts of the messages are: what has changed since is read beside them, so they lack nothing."""
    at = tx.value(
        "SELECT greatest((SELECT max(refreshed_at) FROM projection_deliveries WHERE wedding_id = :wedding), "
        "(SELECT max(made_at) FROM delivery_changes WHERE wedding_id = :wedding))"
    )
    return Freshness(at, None)


def count_deliveries(tx: Transaction, sides: Sequence[str] | None = None) -> Mapping[str, int]:
    """Template messages by state, those that nobody is in left out; ``sides`` counts the rows themselves."""
    if sides is None:
        rows = tx.rows(
            "SELECT state, sum(messages)::int AS messages FROM (SELECT state, messages FROM projection_deliveries "
            "WHERE wedding_id = :wedding UNION ALL SELECT state, messages FROM delivery_changes "
            "WHERE wedding_id = :wedding) kept GROUP BY state HAVING sum(messages) <> 0 ORDER BY state"
        )
    else:
        rows = tx.rows(
            "SELECT d.state, count(*)::int AS messages FROM invite_dispatch d JOIN guest_units u "
            "ON u.wedding_id = d.wedding_id AND u.id = d.unit_id WHERE d.wedding_id = :wedding "
            "AND d.kind = 'template' AND u.side = ANY(:sides) GROUP BY d.state ORDER BY d.state",
            sides=list(sides),
        )
    return {row["state"]: row["messages"] for row in rows}


def fold_deliveries(tx: Transaction) -> int:
    """Add what has changed into the kept counts; returns how many changes there were. Nobody waits for it."""
    folded: int = tx.value(
        """
        WITH taken AS (DELETE FROM delivery_changes WHERE id IN (
                 SELECT id FROM delivery_changes WHERE wedding_id = :wedding ORDER BY id FOR UPDATE SKIP LOCKED)
              AND wedding_id = :wedding RETURNING state, messages, made_at),
        added AS (INSERT INTO projection_deliveries AS k (wedding_id, state, messages, refreshed_at)
             SELECT :wedding, state, sum(messages), max(made_at) FROM taken GROUP BY state ORDER BY state
             ON CONFLICT (wedding_id, state) DO UPDATE SET messages = k.messages + excluded.messages,
                refreshed_at = greatest(k.refreshed_at, excluded.refreshed_at))
        SELECT count(*)::int FROM taken
        """
    )
    return folded


def compare_deliveries(tx: Transaction, *, mend: bool) -> list[tuple[str, int, int]]:
    """The states whose kept count is not the one of the rows: state, kept, counted. ``mend`` adds what is missing.

    One statement sees one moment, so that messages that move meanwhile are no drift.
    """
    rows = tx.rows(
        f"""
        WITH counted AS (SELECT state, count(*) AS messages FROM invite_dispatch
                          WHERE wedding_id = :wedding AND kind = 'template' GROUP BY state),
        kept AS (SELECT state, sum(messages) AS messages FROM (
                     SELECT state, messages FROM projection_deliveries WHERE wedding_id = :wedding
                     UNION ALL SELECT state, messages FROM delivery_changes WHERE wedding_id = :wedding) k
                  GROUP BY state),
        wrong AS (SELECT state, coalesce(k.messages, 0) AS kept, coalesce(c.messages, 0) AS counted
                    FROM counted c FULL JOIN kept k USING (state)
                   WHERE coalesce(k.messages, 0) <> coalesce(c.messages, 0))
        {_MEND if mend else ""}
        SELECT state, kept::int, counted::int FROM wrong ORDER BY state
        """
    )
    return [(row["state"], row["kept"], row["counted"]) for row in rows]


_MEND = """
    , mended AS (INSERT INTO delivery_changes (wedding_id, state, messages)
                 SELECT :wedding, state, counted - kept FROM wrong)
"""


@dataclass(frozen=True)
class Day:
    """Answers that were given on one day of the wedding's zone."""

    day: date
    status: str
    answers: int


def count_days(tx: Transaction, since: date, sides: Sequence[str] | None = None) -> list[Day]:
    """Every answer that guests gave from a day on, by day and status, within what the sides may see."""
    rows = tx.rows(
        """
        SELECT (r.given_at AT TIME ZONE CAST(:zone AS text))::date AS day, r.status, count(*)::int AS answers
          FROM rsvp_responses r
          JOIN guest_units u ON u.wedding_id = r.wedding_id AND u.id = r.unit_id
         WHERE r.wedding_id = :wedding
           AND r.event_id = ANY(ARRAY(SELECT id FROM events WHERE wedding_id = :wedding))
           AND r.recorded_at > CAST(:since AS date) - interval '2 days'
           AND (r.given_at AT TIME ZONE CAST(:zone AS text))::date >= :since
           AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
         GROUP BY 1, 2 ORDER BY 1, 2
        """,
        since=since,
        zone=tx.wedding.timezone,
        sides=list(sides) if sides is not None else None,
    )
    return [Day(**dict(row)) for row in rows]
