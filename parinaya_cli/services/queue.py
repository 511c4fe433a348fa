"""The queue: putting failed jobs back, or forgetting them."""

from __future__ import annotations

from collections.abc import Sequence

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.ports import JobQueue
from parinaya_cli.store.transaction import Transaction


def retry(tx: Transaction, queue: JobQueue, ids: Sequence[str]) -> None:
    """Put failed jobs back.

    Raises:
        NotFound: one of them is no failed job.
        Unreachable: the queue is away.
    """
    access.require(tx.actor, Permission.SEND)
    access.require_everywhere(tx.actor, "the queues")
    for one in ids:
        queue.retry(one)
    tx.audit("queue.retried", "job", after={"jobs": len(ids)})


def drop(tx: Transaction, queue: JobQueue, ids: Sequence[str]) -> None:
    """Forget failed jobs.

    Raises:
        NotFound: one of them is no failed job.
        Unreachable: the queue is away.
    """
    access.require(tx.actor, Permission.SEND)
    access.require_everywhere(tx.actor, "the queues")
    for one in ids:
        queue.drop(one)
    tx.audit("queue.dropped", "job", after={"jobs": len(ids)})
