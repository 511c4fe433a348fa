"""Compare what is with what should be, mend what can be mended, report the rest.

Each check is bounded, safe to kill, and finds nothing to do when it runs again at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from parinaya_cli.domain import access, jobs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.services import audit
from parinaya_cli.store import counts, dispatches, import_queue, webhooks, weddings
from parinaya_cli.store.dispatches import OpenUnknown
from parinaya_cli.store.transaction import Begin, Transaction

EVIDENCE_WINDOW = timedelta(minutes=15)
"""How long to wait for a status that settles an unknown message before its batch's policy is carried out."""


@dataclass(frozen=True)
class CheckReport:
    """What one check looked at, found amiss, mended, and left for a person."""

    name: str
    looked_at: int
    drift: int
    mended: int
    left: tuple[str, ...] = ()


def _projections(begin: Begin, mend: bool) -> CheckReport:
    looked = drift = 0
    with begin() as tx:
        for wedding in weddings.list_weddings(tx):
            with tx.within(wedding):
                looked += 1
                wrong = counts.drift(tx.conn, wedding.id)
                drift += len(wrong)
                if wrong and mend:
                    tx.touch_counts(wrong)
                    tx.audit("projection.mend", "event", after={"events": len(wrong)})
    return CheckReport("projections", looked, drift, drift if mend else 0)


def _queue(begin: Begin, mend: bool) -> CheckReport:
    """Rows whose worker died, and work that Postgres knows of and nobody rings for."""
    with begin() as tx:
        reaped = dispatches.reap(tx) if mend else []
        for one in reaped:
            wedding = weddings.find_wedding(tx, one.wedding_id)
            assert wedding is not None
            with tx.within(wedding):
                tx.audit("dispatch.lost", "dispatch", entity_id=one.id, after={"state": "unknown"})
        due = dispatches.count_due(tx)
        waiting = webhooks.count_waiting(tx)
        lists = import_queue.count_queued(tx)
        if mend and lists:
            tx.ring(jobs.IMPORT)
        if mend and due:
            tx.ring(jobs.SEND)
        if mend and waiting:
            tx.ring(jobs.PROCESS)
    return CheckReport("queue", due + waiting + lists + len(reaped), len(reaped), len(reaped))


def _unknown(begin: Begin, mend: bool) -> CheckReport:
    """Messages that nobody knows the fate of: the batch's policy decides once the evidence window has passed."""
    left: list[str] = []
    mended = 0
    with begin() as tx:
        found = dispatches.list_unknown(tx)
        # Silence is no evidence while nothing comes in at all.
        listening = dispatches.count_moved_lately(tx, EVIDENCE_WINDOW) > 0
        for one in found:
            ripe = listening and tx.now - one.since > EVIDENCE_WINDOW
            if mend and ripe and one.on_unknown != "hold" and _decide(tx, one):
                mended += 1
            else:
                left.append(_named(one))
        if mended:
            tx.ring(jobs.SEND)
    return CheckReport("unknown", len(found), len(found), mended, tuple(left))


def _decide(tx: Transaction, one: OpenUnknown) -> bool:
    wedding = weddings.find_wedding(tx, one.wedding_id)
    assert wedding is not None
    with tx.within(wedding):
        done = dispatches.decide_unknown(tx, one.id, one.on_unknown)
        if done:
            tx.audit("dispatch.decide", "dispatch", entity_id=one.id, after={"policy": one.on_unknown})
        return done


def _named(one: OpenUnknown) -> str:
    batch = make_ref(Kind.BATCH, one.batch_number) if one.batch_number else "reply"
    unit = make_ref(Kind.UNIT, one.unit_number) if one.unit_number else "-"
    return f"{one.wedding}: {batch} {unit}: we cannot tell whether WhatsApp took the message"


def _webhooks(begin: Begin, mend: bool) -> CheckReport:
    """Deliveries that were stored and never processed, and updates that could not be placed then."""
    with begin() as tx:
        late = webhooks.count_waiting(tx, timedelta(seconds=60))
        reopened = webhooks.reopen_parked(tx) if mend else 0
        if mend and (late or reopened):
            tx.ring(jobs.PROCESS)
        states = webhooks.count_states(tx)
        parked = webhooks.count_parked(tx)
    left = []
    if states["dead"]:
        left.append(f"{states['dead']} dead deliveries: see `parinaya webhook list --state dead`")
    if parked:
        left.append(f"{parked} updates that belong to no wedding that we know: see `parinaya webhook show`")
    return CheckReport("webhooks", sum(states.values()), late, late if mend else 0, tuple(left))


def _audit(begin: Begin, _mend: bool) -> CheckReport:
    with begin() as tx:
        verdict = audit.verify(tx)
    left = (
        () if verdict.ok else (f"entry {verdict.first_bad} is {verdict.reason}: see `parinaya audit verify`",)
    )
    return CheckReport("audit", verdict.entries, 0 if verdict.ok else 1, 0, left)


CHECKS: dict[str, Callable[[Begin, bool], CheckReport]] = {
    "projections": _projections,
    "queue": _queue,
    "unknown": _unknown,
    "webhooks": _webhooks,
    "audit": _audit,
}
"""Every check by its name, in the order in which they run."""


def reconcile(begin: Begin, *, only: Sequence[str] = (), mend: bool = True) -> list[CheckReport]:
    """Run the checks (all, or only these). Without ``mend`` they only look.

    Raises:
        UsedWrongly: there is no such check.
    """
    for name in only:
        if name not in CHECKS:
            raise UsedWrongly(f"There is no check {name!r}.", f"Use one of: {', '.join(CHECKS)}.")
    with begin() as tx:
        access.require(tx.actor, Permission.SEND)
        access.require_everywhere(tx.actor, "the checks")
    return [check(begin, mend) for name, check in CHECKS.items() if not only or name in only]
