"""Deliveries on their way into an archive, and without their bodies afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.webhooks import SPENT


@dataclass(frozen=True)
class Raw:
    """A stored delivery as it came."""

    number: int
    received_at: datetime
    state: str
    body: bytes


def read_next(tx: Transaction, after: int, before: datetime, limit: int) -> list[Raw]:
    """The next deliveries that were received before then and still have a body, by number.

    The body of a delivery that names somebody who was forgotten is empty.
    """
    rows = tx.rows(
        "SELECT number, received_at, state, body FROM webhook_events "
        "WHERE number > :after AND received_at < :before AND body <> '' ORDER BY number LIMIT :limit",
        after=after,
        before=before,
        limit=limit,
    )
    return [Raw(**dict(row)) for row in rows]


def count_emptied(tx: Transaction, numbers: Sequence[int]) -> int:
    """How many of these have lost their body meanwhile, since they name somebody who was forgotten.

    The rows are locked until the transaction ends, so that none is emptied until then.
    """
    rows = tx.rows(
        "SELECT body = '' AS emptied FROM webhook_events WHERE number = ANY(:numbers) ORDER BY number FOR UPDATE",
        numbers=list(numbers),
    )
    return len(numbers) - sum(1 for row in rows if not row["emptied"])


def drop_bodies(tx: Transaction, numbers: Sequence[int]) -> int:
    """Empty the bodies of those that were processed; the others still need theirs. The same bytes are still known."""
    return tx.run(
        f"UPDATE webhook_events SET body = '' WHERE number = ANY(:numbers) AND {SPENT}", numbers=list(numbers)
    )
