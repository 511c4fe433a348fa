"""Figures over all weddings, for whoever watches an installation: counts only, nothing about anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from parinaya_cli.domain.dispatches import LEASE, REAPER_GRACE
from parinaya_cli.domain.refs import first_id
from parinaya_cli.store import health, schema, webhooks
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Figures:
    """``lag_seconds``: the age of the oldest delivery that waits for its first processing, 0 when none does.

    ``parked``: updates that can't be placed yet; ``kept``: those that are not understood or not acted on.
    ``silent_seconds``: since when nothing has come back although messages went out, see ``health.silence``.
    ``attempts``: to send, lately, by outcome and the provider's code; ``failures``: messages that it took and told to
    have failed lately, by code.
    """

    deliveries: Mapping[str, int]
    lag_seconds: float
    parked: int
    kept: int
    silent_seconds: float
    dispatches: Mapping[str, int]
    attempts: Mapping[tuple[str, int | None], int]
    failures: Mapping[int | None, int]


LATELY = timedelta(minutes=15)
"""How far back attempts and failures are counted: long enough to be seen, short enough to be about now."""


def read(tx: Transaction) -> Figures:
    """The figures of now."""
    # A delivery that is replayed waits since the replay, not since it was received.
    lag = tx.value(
        "SELECT extract(epoch FROM :now - min(greatest(received_at, not_before)))::float8 "
        "FROM webhook_events WHERE state = 'pending'"
    )
    states = tx.across.rows("SELECT state, count(*)::int AS count FROM invite_dispatch GROUP BY state")
    return Figures(
        webhooks.count_states(tx),
        max(0.0, lag or 0.0),
        webhooks.count_updates(tx, "parked"),
        webhooks.count_updates(tx, "kept"),
        health.silence(tx),
        {row["state"]: row["count"] for row in states},
        _attempts(tx),
        _failures(tx),
    )


def _attempts(tx: Transaction) -> dict[tuple[str, int | None], int]:
    """Attempts that ended, or whose worker is gone (``lost``). Ids grow with time: older ones are passed over."""
    rows = tx.across.rows(
        "SELECT CASE WHEN outcome = '' THEN 'lost' ELSE outcome END AS outcome, error_code, count(*)::int AS count "
        "FROM dispatch_attempts WHERE id >= :first AND started_at > :since "
        "AND (outcome <> '' OR started_at < :gone) GROUP BY 1, 2",
        first=first_id(tx.now - LATELY - timedelta(minutes=1)),
        since=tx.now - LATELY,
        gone=tx.now - LEASE - REAPER_GRACE,
    )
    return {(row["outcome"], row["error_code"]): row["count"] for row in rows}


def _failures(tx: Transaction) -> dict[int | None, int]:
    rows = tx.across.rows(
        "SELECT error_code, count(*)::int AS count FROM delivery_events WHERE id >= :first "
        "AND received_at > :since AND status = 'failed' GROUP BY 1",
        first=first_id(tx.now - LATELY - timedelta(minutes=1)),
        since=tx.now - LATELY,
    )
    return {row["error_code"]: row["count"] for row in rows}


def require_head(tx: Transaction) -> None:
    """Refuse to call a database ready whose schema is not ours.

    Raises:
        Failed: the schema is older or newer, or was never made.
    """
    schema.require_head(tx.conn)
