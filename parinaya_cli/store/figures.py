"""Figures over all weddings, for whoever watches an installation: counts only, nothing about anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parinaya_cli.store import health, schema, webhooks
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Figures:
    """``lag_seconds``: the age of the oldest delivery that waits for its first processing, 0 when none does.

    ``parked``: updates that can't be placed yet; ``kept``: those that are not understood or not acted on.
    ``silent_seconds``: since when nothing has come back although messages went out, see ``health.silence``.
    """

    deliveries: Mapping[str, int]
    lag_seconds: float
    parked: int
    kept: int
    silent_seconds: float
    dispatches: Mapping[str, int]


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
    )


def require_head(tx: Transaction) -> None:
    """Refuse to call a database ready whose schema is not ours.

    Raises:
        Failed: the schema is older or newer, or was never made.
    """
    schema.require_head(tx.conn)
