"""Compare what is with what should be, mend what can be mended, report the rest.

Each check is bounded, safe to kill, and finds nothing to do when it runs again at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from parinaya_cli.domain import access, jobs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import ParinayaError, UsedWrongly
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.domain.templates import TemplateDefinition
from parinaya_cli.ports import CheckpointPlace, ProviderAccount, TemplateSource
from parinaya_cli.services import accounts, audit, checkpoints, exports, projections, retention
from parinaya_cli.services.retention import Terms
from parinaya_cli.store import dead_letters, import_queue, sending, unknowns, webhooks, weddings
from parinaya_cli.store import templates as template_store
from parinaya_cli.store.transaction import Begin, Transaction
from parinaya_cli.store.unknowns import OpenUnknown

EVIDENCE_WINDOW = timedelta(minutes=15)
"""How long to wait for a status that settles an unknown message before its batch's policy is carried out."""


LAG = timedelta(minutes=1)
"""While deliveries wait longer than that to be processed, statuses may be among them."""


@dataclass(frozen=True)
class CheckReport:
    """What one check looked at, found amiss, mended, and left for a person."""

    name: str
    looked_at: int
    drift: int
    mended: int
    left: tuple[str, ...] = ()


def _projections(begin: Begin, mend: bool) -> CheckReport:
    looked = 0
    told: tuple[str, ...] = ()
    with begin() as tx:
        for wedding in weddings.list_weddings(tx):
            with tx.within(wedding):
                looked += 1
                told += projections.compare(tx, mend=mend)
    return CheckReport("projections", looked, len(told), len(told) if mend else 0, told)


def _queue(begin: Begin, mend: bool) -> CheckReport:
    """Rows whose worker died, and work that Postgres knows of and nobody rings for."""
    with begin() as tx:
        reaped = unknowns.reap(tx) if mend else []
        for one in reaped:
            wedding = weddings.find_wedding(tx, one.wedding_id)
            assert wedding is not None
            with tx.within(wedding):
                tx.audit("dispatch.lost", "dispatch", entity_id=one.id, after={"state": "unknown"})
        due = sending.count_due(tx)
        waiting = webhooks.count_waiting(tx)
        lists = import_queue.count_queued(tx)
        files = exports.count_queued(tx)
        if mend:
            projections.fold(tx)
        if mend and files:
            tx.ring(jobs.EXPORT)
        if mend and lists:
            tx.ring(jobs.IMPORT)
        if mend and due:
            tx.ring(jobs.SEND)
        if mend and waiting:
            tx.ring(jobs.PROCESS)
    return CheckReport("queue", due + waiting + lists + files + len(reaped), len(reaped), len(reaped))


def _unknown(begin: Begin, mend: bool) -> CheckReport:
    """Messages that nobody knows the fate of: the batch's policy decides once the evidence window has passed."""
    left: list[str] = []
    mended = 0
    with begin() as tx:
        found = unknowns.list_unknown(tx)
        # Silence is no evidence while nothing comes in at all, or waits to be processed.
        listening = unknowns.count_moved_lately(tx, EVIDENCE_WINDOW) > 0 and not webhooks.count_waiting(
            tx, LAG
        )
        for one in found:
            ripe = listening and one.heard_since and tx.now - one.since > _window(one)
            held = one.on_unknown == "resend" and one.holds
            if mend and ripe and one.on_unknown != "hold" and not held and _decide(tx, one):
                mended += 1
            else:
                left.append(_named(one))
        if mended:
            tx.ring(jobs.SEND)
    return CheckReport("unknown", len(found), len(found), mended, tuple(left))


def _window(one: OpenUnknown) -> timedelta:
    """How long silence must last: longer where the provider takes its time with this batch."""
    return max(EVIDENCE_WINDOW, 5 * one.slowest) if one.slowest else EVIDENCE_WINDOW


def _decide(tx: Transaction, one: OpenUnknown) -> bool:
    wedding = weddings.find_wedding(tx, one.wedding_id)
    assert wedding is not None
    with tx.within(wedding):
        done = unknowns.decide_unknown(tx, one.id, one.on_unknown)
        if done:
            tx.audit("dispatch.decide", "dispatch", entity_id=one.id, after={"policy": one.on_unknown})
        return done


def _named(one: OpenUnknown) -> str:
    batch = make_ref(Kind.BATCH, one.batch_number) if one.batch_number else "reply"
    unit = make_ref(Kind.UNIT, one.unit_number) if one.unit_number else "-"
    return f"{one.wedding}: {batch} {unit}: we cannot tell whether WhatsApp took the message"


def _templates(begin: Begin, mend: bool, ask: Callable[[], TemplateSource] | None) -> CheckReport:
    """Templates that the weddings know, against what the provider says of them now; it is asked beforehand."""
    if ask is None:
        return CheckReport("templates", 0, 0, 0)
    try:
        told = {(one.name, one.language): one for one in ask().list_templates()}
    except ParinayaError as error:
        return CheckReport("templates", 0, 0, 0, (f"templates were not compared: {error.message}",))
    looked = drift = 0
    with begin() as tx:
        for wedding in weddings.list_weddings(tx):
            with tx.within(wedding):
                known = [one.definition for one in template_store.list_templates(tx)]
                looked += len(known)
                changed = [now for one in known if (now := _now(one, told)) != one]
                drift += len(changed)
                if mend and changed:
                    for one in changed:
                        template_store.write(tx, one)
                    tx.audit("templates.sync", "template", after={"changed": len(changed)})
    return CheckReport("templates", looked, drift, drift if mend else 0)


def _now(known: TemplateDefinition, told: Mapping[tuple[str, str], TemplateDefinition]) -> TemplateDefinition:
    return told.get((known.name, known.language)) or replace(known, status="deleted")


def _totals(
    begin: Begin, mend: bool, ask: Callable[[], ProviderAccount] | None, *, anew: bool
) -> CheckReport:
    """What the provider counted, against what it told us message by message: asked once a day."""
    if ask is None:
        return CheckReport("totals", 0, 0, 0)
    looked, told = accounts.compare(begin, ask, note=mend, anew=anew)
    return CheckReport("totals", looked, 0, 0, (told,) if told else ())


_STRAYS = {
    "total": "{count} households too few or too many for what was selected",
    "twice": "{count} messages were accepted twice",
    "silent": "{count} messages were accepted a day ago, and nothing was heard of them: is the receiver reached?",
}


def _batches(begin: Begin, _mend: bool) -> CheckReport:
    """Batches whose rows are not what was selected, or of which more or less became than may."""
    looked = 0
    left: list[str] = []
    with begin() as tx:
        for wedding in weddings.list_weddings(tx):
            with tx.within(wedding):
                looked += 1
                for one in unknowns.list_strays(tx):
                    batch = make_ref(Kind.BATCH, one.batch_number)
                    left.append(f"{wedding.slug}: {batch}: {_STRAYS[one.kind].format(count=one.count)}")
    return CheckReport("batches", looked, len(left), 0, tuple(left))


def _webhooks(begin: Begin, mend: bool) -> CheckReport:
    """Deliveries that were stored and never processed, and updates that could not be placed then."""
    with begin() as tx:
        late = webhooks.count_waiting(tx, timedelta(seconds=60))
        reopened = webhooks.reopen_parked(tx) if mend else 0
        if mend and (late or reopened):
            tx.ring(jobs.PROCESS)
        states = webhooks.count_states(tx)
        parked = webhooks.count_updates(tx, "parked")
        old = dead_letters.count_dead(tx, timedelta(days=1))
    left = []
    if states["dead"]:
        since = f", {old} of them for more than a day" if old else ""
        left.append(f"{states['dead']} dead deliveries{since}: see `parinaya webhook list --state dead`")
    if parked:
        left.append(f"{parked} updates that belong to no wedding that we know: see `parinaya webhook show`")
    return CheckReport("webhooks", sum(states.values()), late, late if mend else 0, tuple(left))


def _exports(begin: Begin, mend: bool) -> CheckReport:
    """Exports whose command was killed, and those that wait for a worker."""
    with begin() as tx:
        waiting = exports.count_queued(tx)
        if mend and waiting:
            tx.ring(jobs.EXPORT)
        told = exports.settle(tx, mend=mend)
    return CheckReport("exports", waiting + len(told), len(told), len(told) if mend else 0, tuple(told))


def _audit(begin: Begin, mend: bool, places: Sequence[CheckpointPlace] = ()) -> CheckReport:
    """The chains, against themselves and against the checkpoints; new ones are kept where all is well."""
    left: list[str] = []
    with begin() as tx:
        verdict, reports = audit.verify_against(tx, places)
        if not verdict.ok:
            where = f"entry {verdict.first_bad}" if verdict.first_bad else "the log"
            left.append(f"{where} is {verdict.reason}: see `parinaya audit verify`")
        left += [f"checkpoints at {one.place} were not compared: {one.error}" for one in reports if one.error]
        if verdict.ok and mend:
            try:
                checkpoints.keep(tx, places)
            except ParinayaError as error:
                left.append(f"no new checkpoint is kept everywhere: {error.message}")
    return CheckReport("audit", verdict.entries, 0 if verdict.ok else 1, 0, tuple(dict.fromkeys(left)))


def _retention(begin: Begin, mend: bool, terms: Terms = Terms()) -> CheckReport:
    """Nothing is kept longer than its purpose lasts; who was forgotten stays so, whatever backup is brought back."""
    gone = retention.run(begin, terms, mend=mend)
    left = list(gone.left)
    again = retention.Gone(0, 0)
    try:
        again = retention.forget_again(begin, terms.places, mend=mend)
        if mend:
            with begin() as tx:
                retention.keep_list(tx, terms.places)
    except ParinayaError as error:
        left.append(f"who was forgotten is not kept everywhere: {error.message}")
    found = gone.found + again.found
    return CheckReport("retention", found, found, gone.gone + again.gone, (*left, *again.left))


TEMPLATES = "templates"
TOTALS = "totals"

CHECKS: dict[str, Callable[[Begin, bool], CheckReport]] = {
    "projections": _projections,
    "queue": _queue,
    "unknown": _unknown,
    "batches": _batches,
    "webhooks": _webhooks,
    "exports": _exports,
    "audit": _audit,
    "retention": _retention,
}
"""Every check by its name, in the order in which they run."""


@dataclass(frozen=True)
class Outside:
    """What lies outside of the database: whom to ask about templates and the account, None: nobody is; and where
    checkpoints of the audit log are kept (``places``).
    """

    templates: Callable[[], TemplateSource] | None = None
    account: Callable[[], ProviderAccount] | None = None
    places: Sequence[CheckpointPlace] = ()


def reconcile(
    begin: Begin,
    *,
    only: Sequence[str] = (),
    mend: bool = True,
    outside: Outside = Outside(),
    terms: Terms = Terms(),
) -> list[CheckReport]:
    """Run the checks (all, or only these). Without ``mend`` they only look. ``terms``: for how long what is kept.

    Raises:
        UsedWrongly: there is no such check.
    """
    for name in only:
        if name not in (*CHECKS, TEMPLATES, TOTALS):
            named = ", ".join((*CHECKS, TEMPLATES, TOTALS))
            raise UsedWrongly(f"There is no check {name!r}.", f"Use one of: {named}.")
    with begin() as tx:
        access.require(tx.actor, Permission.SEND)
        access.require_everywhere(tx.actor, "the checks")
    checks: dict[str, Callable[[Begin, bool], CheckReport]] = {
        **CHECKS,
        "audit": partial(_audit, places=outside.places),
        "retention": partial(_retention, terms=terms),
    }
    found = [check(begin, mend) for name, check in checks.items() if not only or name in only]
    if not only or TEMPLATES in only:
        found.append(_templates(begin, mend, outside.templates))
    if not only or TOTALS in only:
        found.append(_totals(begin, mend, outside.account, anew=TOTALS in only))
    return found
