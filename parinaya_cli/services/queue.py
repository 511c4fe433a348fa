"""What failed and waits for a person: jobs that raised, deliveries, messages. Tried again, or let rest.

Trying again goes the usual way: a delivery is processed as any other, a message asks the gate. So twice is once.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.dead_letters import DeadLetter, Kind, choose
from parinaya_cli.domain.errors import NotFound
from parinaya_cli.domain.refs import Kind as RefKind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.ports import FailedJob, JobQueue
from parinaya_cli.services import batches, webhooks
from parinaya_cli.store import dead_letters as store
from parinaya_cli.store import weddings
from parinaya_cli.store.dead_letters import FailedDelivery, FailedDispatch
from parinaya_cli.store.transaction import Begin, Transaction


def list_failed(begin: Begin, queue: JobQueue) -> list[DeadLetter]:
    """Everything that failed and waits for a person, in all weddings: jobs, deliveries, messages.

    Raises:
        NotPermitted: the role may not send, or holds in one wedding.
        Unreachable: the queue is away.
    """
    with begin() as tx:
        _require(tx)
        stored = [_of_delivery(one) for one in store.list_deliveries(tx)]
        for wedding in weddings.list_weddings(tx):
            with tx.within(wedding):
                stored += [_of_dispatch(one, wedding.slug) for one in store.list_dispatches(tx)]
    return [_of_job(one) for one in queue.failed()] + stored


def find_failed(begin: Begin, queue: JobQueue, names: Sequence[str], kind: Kind | None) -> list[DeadLetter]:
    """Those of these refs, or all (of one kind).

    Raises:
        NotFound: there is none of a ref.
        NotPermitted, Unreachable: as ``list_failed`` says.
    """
    found = [one for one in list_failed(begin, queue) if kind is None or one.kind is kind]
    return choose(found, names) if names else found


def retry(begin: Begin, queue: JobQueue, letters: Sequence[DeadLetter]) -> dict[str, int]:
    """Try again; returns how many of each kind are. What somebody else has seen to meanwhile is passed over.

    A message whose guest has been sent the same since, or may have it, stays as it is.

    Raises:
        NotPermitted: the role may not send, or holds in one wedding.
        Unreachable: the queue is away.
    """
    done: dict[str, int] = {}
    with begin() as tx:
        _require(tx)
        numbers = [int(one.ref) for one in letters if one.kind is Kind.DELIVERY]
        if numbers:
            done[Kind.DELIVERY] = webhooks.replay(tx, numbers, None, None)
        wanted = {uuid.UUID(one.ref) for one in letters if one.kind is Kind.DISPATCH}
        if wanted:
            done[Kind.DISPATCH] = _retry_messages(tx, wanted)
        jobs = [one.ref for one in letters if one.kind is Kind.JOB]
        if jobs:
            tx.audit("queue.retried", "job", after={"jobs": jobs})
    return done | _each(queue.retry, jobs)


def _retry_messages(tx: Transaction, wanted: set[uuid.UUID]) -> int:
    count = 0
    for wedding in weddings.list_weddings(tx):
        with tx.within(wedding):
            households = defaultdict(list)
            for one in store.list_dispatches(tx):
                if one.id in wanted:
                    households[str(one.batch_id)].append(str(one.unit_id))
            for batch, names in households.items():
                count += batches.retry(tx, batch, unknown=False, names=names)
    return count


def drop(begin: Begin, queue: JobQueue, letters: Sequence[DeadLetter]) -> dict[str, int]:
    """Let them rest; returns how many of each kind. A job is forgotten, deliveries and messages stay as they are and
    are not tried again. The reason is that of the transaction, kept in the audit log.

    Raises:
        NotPermitted: the role may not send, or holds in one wedding.
        Unreachable: the queue is away.
    """
    done: dict[str, int] = {}
    with begin() as tx:
        _require(tx)
        numbers = [int(one.ref) for one in letters if one.kind is Kind.DELIVERY]
        if numbers:
            done[Kind.DELIVERY] = store.drop_deliveries(tx, numbers)
            tx.audit("webhook.dropped", "webhook", after={"deliveries": numbers})
        wanted = {uuid.UUID(one.ref) for one in letters if one.kind is Kind.DISPATCH}
        for wedding in weddings.list_weddings(tx) if wanted else []:
            with tx.within(wedding):
                count = store.drop_dispatches(tx, sorted(wanted))
                done[Kind.DISPATCH] = done.get(Kind.DISPATCH, 0) + count
                if count:
                    tx.audit("invite.dropped", "dispatch", after={"messages": count})
        jobs = [one.ref for one in letters if one.kind is Kind.JOB]
        if jobs:
            tx.audit("queue.dropped", "job", after={"jobs": jobs})
    return done | _each(queue.drop, jobs)


def _each(act: Callable[[str], None], jobs: Sequence[str]) -> dict[str, int]:
    done = 0
    for one in jobs:
        with suppress(NotFound):  # somebody else was quicker
            act(one)
            done += 1
    return {Kind.JOB: done} if jobs else {}


def _require(tx: Transaction) -> None:
    access.require(tx.actor, Permission.SEND)
    access.require_everywhere(tx.actor, "the queues")


def _of_job(one: FailedJob) -> DeadLetter:
    told = f"rang for {one.subject}" if one.subject else ""
    return DeadLetter(
        Kind.JOB, one.id, one.queue, one.error, told, one.tries, one.first_at or one.failed_at, one.failed_at
    )


def _of_delivery(one: FailedDelivery) -> DeadLetter:
    return DeadLetter(
        Kind.DELIVERY,
        str(one.number),
        "webhooks.process",
        one.state,
        one.error,
        one.tries,
        one.first_at.isoformat(),
        one.last_at.isoformat(),
    )


def _of_dispatch(one: FailedDispatch, slug: str) -> DeadLetter:
    batch, unit = make_ref(RefKind.BATCH, one.batch_number), make_ref(RefKind.UNIT, one.unit_number)
    return DeadLetter(
        Kind.DISPATCH,
        str(one.id),
        f"{slug} {batch} {unit}",
        str(one.error_code or "") or one.reason.partition(":")[0],
        one.error_title or one.reason,
        one.tries,
        one.first_at.isoformat(),
        one.last_at.isoformat(),
    )
