"""Batches: planning a send, writing it down, and what becomes of it.

The batch and all its dispatches are in Postgres before the first bell rings; ``services/dispatches.py`` takes
them from there.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from parinaya_cli.domain import access, jobs, phones, refs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.batches import Addressee, Plan, PlannedDispatch, Sending, plan, plan_changes
from parinaya_cli.domain.dispatches import State
from parinaya_cli.domain.errors import Failed, NotFound, UsedWrongly
from parinaya_cli.domain.estimates import Terms
from parinaya_cli.domain.events import check_side
from parinaya_cli.domain.policy import Contact, refusal
from parinaya_cli.services import units
from parinaya_cli.services.planning import (
    SenderSetup,
    SendRequest,
    keep_links,
    linked,
    nobodys_link,
    number_of,
    sending_for,
    versions_of,
)
from parinaya_cli.store import batches as store
from parinaya_cli.store import dispatches, numbers, tallies
from parinaya_cli.store import people as people_store
from parinaya_cli.store.batches import Batch, NewBatch
from parinaya_cli.store.dispatches import Message
from parinaya_cli.store.invitations import Selection
from parinaya_cli.store.numbers import SenderNumber
from parinaya_cli.store.tallies import Failure, Tally
from parinaya_cli.store.transaction import Transaction

__all__ = [
    "POLICIES",
    "BatchReport",
    "BatchStatus",
    "SendRequest",
    "SenderSetup",
    "cancel",
    "count_postponed",
    "find",
    "make_batch",
    "make_test",
    "messages",
    "number_of",
    "pause",
    "resume",
    "retry",
    "status",
]

POLICIES = ("hold", "give-up", "resend")


@dataclass(frozen=True)
class BatchReport:
    """The plan, and the batch that it became (None for a rehearsal). ``synced_at``: how old the templates are."""

    plan: Plan
    batch: Batch | None
    selected: int
    synced_at: datetime


def make_batch(tx: Transaction, request: SendRequest, setup: SenderSetup, *, dry_run: bool) -> BatchReport:
    """Plan a batch and write it down with all its dispatches. A rehearsal ends with the plan.

    Raises:
        NotFound: the template, an event or a household does not exist.
        UsedWrongly: the request contradicts itself.
        Failed: the plan is no longer the one that was expected (code ``plan_changed``).
    """
    access.require(tx.actor, Permission.SEND)
    _check(request)
    if not dry_run:
        store.lock_sending(tx)
    number = number_of(tx, setup)
    versions = versions_of(tx, request, number)
    standing = numbers.read_number(tx, number)
    sending = replace(sending_for(tx, request, versions, setup), number_paused=standing.paused)
    chosen = Selection(
        side=check_side(request.side),
        tag=request.tag,
        units=[units.find(tx, name).id for name in request.units],
    )
    candidates = (
        one
        for part in store.read_candidates(tx, chosen, sending.event_ids, request.template)
        for one in linked(tx, sending, part, setup)
    )
    terms = Terms(setup.per_second, standing.tier_limit, standing.reached, setup.prices)
    planned = plan(sending, candidates, limit=request.limit, terms=terms)
    _expected(request, planned)
    selected = len(planned.dispatches) + len(planned.skipped)
    synced = min(version.synced_at for version in versions)
    if dry_run:
        return BatchReport(planned, None, selected, synced)
    keep_links(tx, sending, [one.addressee.unit_id for one in planned.dispatches], setup)
    return BatchReport(planned, _write(tx, request, sending, planned, number), selected, synced)


def _expected(request: SendRequest, planned: Plan) -> None:
    if request.expect is None or request.expect == planned.fingerprint:
        return
    changes = " and ".join(plan_changes(request.expect, planned.fingerprint))
    raise Failed(
        f"The plan is no longer {request.expect}: {changes} changed. It is {planned.fingerprint} now, with "
        f"{len(planned.dispatches)} messages and {_told(planned.reasons)}.",
        "Rehearse again with --dry-run and look at what changed.",
        code="plan_changed",
    )


def _check(request: SendRequest) -> None:
    if request.on_unknown not in POLICIES:
        raise UsedWrongly(
            f"There is no policy {request.on_unknown!r}.", f"Use one of: {', '.join(POLICIES)}."
        )
    if request.limit is not None and request.limit < 1:
        raise UsedWrongly("--limit counts messages: at least 1.", "Give --limit N, or leave it out.")
    if request.kind == "remind" and not request.events:
        raise UsedWrongly("A reminder is about an event.", "Give --event SLUG.")


def _told(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × {reason}" for reason, count in reasons.items()) or "nobody left out"


def _write(tx: Transaction, request: SendRequest, sending: Sending, planned: Plan, number: str) -> Batch:
    shown = {one.language for one in planned.dispatches}
    for language, header in sending.headers.items():
        if language in shown and header.sha256 and not header.media_id:
            raise Failed(
                f"{header.filename} was not uploaded to WhatsApp yet.",
                "Run `parinaya templates sync`: it uploads what is missing.",
            )
    wanted = NewBatch(
        kind=request.kind,
        template=request.template,
        events=sending.event_ids or (),
        on_unknown=request.on_unknown,
        repeats=request.repeats,
        selection={"tag": request.tag, "side": request.side, "units": list(request.units)},
        phone_number_id=number,
        include_guessed=request.include_guessed,
    )
    batch = store.write(tx, wanted, planned)
    tx.audit(
        f"invite.{request.kind}",
        "batch",
        ref=batch.ref,
        entity_id=batch.id,
        after={
            "template": request.template,
            "events": list(request.events),
            "messages": len(planned.dispatches),
            "skipped": planned.reasons,
            "fingerprint": planned.fingerprint,
        },
    )
    if planned.dispatches:
        tx.ring(jobs.SEND, str(batch.id))
    return batch


def make_test(
    tx: Transaction, template: str, to: str, unit: str | None, setup: SenderSetup, language: str | None = None
) -> BatchReport:
    """The same message, to a number of the team: through the real path, never counted.

    Raises:
        NotFound: there is no such template or household.
        UsedWrongly: the number can't be read.
        Failed: the gate refuses it.
    """
    access.require(tx.actor, Permission.SEND)
    value = phones.parse_one(to, tx.wedding.region)
    request = SendRequest(template, language, kind="test")
    number = number_of(tx, setup)
    versions = versions_of(tx, request, number)
    sending = replace(sending_for(tx, request, versions, setup), test=True)
    point = people_store.contact_point_once(tx, "phone", value, country=phones.country(value))
    addressee = _team(tx, sending, template, unit, value, point)
    if unit is not None:
        [addressee] = linked(tx, sending, [addressee], setup)
        keep_links(tx, sending, [addressee.unit_id], setup)
    elif setup.site is not None:
        addressee = replace(addressee, link=nobodys_link(sending, setup.site.url))
    planned = plan(sending, [addressee], terms=Terms(setup.per_second, prices=setup.prices))
    if planned.skipped:
        raise refusal(planned.skipped[0].reason, planned.skipped[0].detail)
    # A test never takes the place of the household's own message.
    only: PlannedDispatch = replace(
        planned.dispatches[0],
        addressee=replace(addressee, unit_id=None, person_id=None),  # type: ignore[arg-type]
    )
    batch = _write(tx, request, sending, replace(planned, dispatches=(only,)), number)
    return BatchReport(planned, batch, 1, min(version.synced_at for version in versions))


def _team(
    tx: Transaction, sending: Sending, template: str, unit: str | None, value: str, point: uuid.UUID
) -> Addressee:
    told = dispatches.contacts_of(tx, [point])[point]
    consent = "opted_out" if told.contact.consent == "opted_out" else "opted_in"
    contact = Contact("phone", value, "valid", phones.country(value), consent)
    if unit is not None:
        chosen = Selection(units=[units.find(tx, unit).id])
        [found] = next(store.read_candidates(tx, chosen, None, template))
        return replace(found, contact=contact, contact_point_id=point, do_not_message=told.do_not_message)
    return Addressee(
        unit_id=uuid.UUID(int=0),
        unit_number=0,
        label="Team",
        person_id=None,
        person_number=None,
        full_name="Team",
        language=sending.language,
        do_not_message=told.do_not_message,
        contact_point_id=point,
        contact=contact,
        invited=dict.fromkeys(sending.events, (2, None)),
    )


# ── looking at a batch, steering it ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class BatchStatus:
    """A batch with its figures. The counts of all states add up to the households that were selected.

    ``whole``: the figures are of all its households, not of one side's.
    """

    batch: Batch
    counts: Mapping[str, int]
    skipped: Mapping[str, int]
    failed: tuple[Failure, ...]
    number: SenderNumber
    tally: Tally
    whole: bool

    @property
    def adds_up(self) -> bool:
        """Is every selected household in exactly one state? Asked of the whole batch only, not of one side."""
        return not self.whole or sum(self.counts.values()) == self.batch.selected


def find(tx: Transaction, name: str | None) -> Batch:
    """The batch of this ref, or the newest.

    Raises:
        NotFound: there is none.
    """
    access.require(tx.actor, Permission.READ)
    if name is None:
        newest = store.list_batches(tx, limit=1)
        if not newest:
            raise NotFound("Nothing has been sent yet.", "Send with `parinaya invite send --template T`.")
        return newest[0]
    found = store.find_batch(tx, refs.read(name, refs.Kind.BATCH))
    if found is None:
        raise NotFound(f"There is no batch {name!r}.", "`parinaya invite status` shows the newest one.")
    return found


def status(tx: Transaction, name: str | None, setup: SenderSetup) -> BatchStatus:
    """How a batch (or the newest one) stands.

    Raises:
        NotFound: there is none.
    """
    batch = find(tx, name)
    found = tallies.tally(tx, batch.id, tx.actor.sides)
    number = numbers.read_number(tx, tx.wedding.phone_number_id or setup.phone_number_id)
    whole = tx.actor.sides is None
    return BatchStatus(batch, found.states, found.skipped, found.failed, number, found, whole)


def count_postponed(tx: Transaction, batch_id: uuid.UUID) -> int:
    """How many queued messages of a batch wait for more than some seconds: the gate or the provider said later."""
    access.require(tx.actor, Permission.READ)
    return tallies.count_postponed(tx, batch_id, tx.actor.sides)


def messages(tx: Transaction, name: str, state: str | None) -> list[Message]:
    """The messages of a batch; numbers only for roles that may see phones.

    Raises:
        NotFound: there is no such batch.
        UsedWrongly: there is no such state.
    """
    batch = find(tx, name)
    states = [one.value for one in State]
    if state is not None and state not in states:
        raise UsedWrongly(f"There is no state {state!r}.", f"Use one of: {', '.join(states)}.")
    found = dispatches.list_messages(tx, batch.id, state, tx.actor.sides)
    if tx.actor.sees_phones:
        return found
    return [replace(message, to=None, wamid=None) for message in found]


def pause(tx: Transaction, name: str) -> Batch:
    """Pause a batch: what has left is not called back, nothing more leaves.

    Raises:
        NotFound: there is no such batch.
        UsedWrongly: it is not running.
    """
    return _set(tx, name, "paused", {"running"}, "paused by hand")


def resume(tx: Transaction, name: str, setup: SenderSetup) -> Batch:
    """Let a paused batch go on, and the phone number too if it was stopped."""
    access.require(tx.actor, Permission.SEND)
    number = number_of(tx, setup)
    if numbers.resume_number(tx, number):
        tx.audit("number.resume", "number", ref=number[-4:])
    batch = find(tx, name)
    if batch.state == "paused":
        batch = _set(tx, name, "running", {"paused"}, "")
    tx.ring(jobs.SEND, str(batch.id))
    return batch


def cancel(tx: Transaction, name: str) -> tuple[Batch, int]:
    """Cancel what is still queued in a batch; returns how many messages that were."""
    access.require(tx.actor, Permission.SEND)
    batch = find(tx, name)
    gone = dispatches.cancel_queued(tx, batch.id)
    if batch.state != "cancelled":
        store.set_state(tx, batch.id, "cancelled")
        tx.audit("invite.cancel", "batch", ref=batch.ref, entity_id=batch.id, after={"cancelled": gone})
    return find(tx, name), gone


def _set(tx: Transaction, name: str, state: str, allowed: set[str], why: str) -> Batch:
    access.require(tx.actor, Permission.SEND)
    store.lock_batch(tx, find(tx, name).id)
    batch = find(tx, name)
    if batch.state == state:
        return batch
    if batch.state not in allowed:
        raise UsedWrongly(
            f"{batch.ref} is {batch.state}.", f"Only a batch that is {'/'.join(allowed)} can be {state}."
        )
    store.set_state(tx, batch.id, state, why)
    tx.audit(
        f"invite.{'pause' if state == 'paused' else 'resume'}",
        "batch",
        ref=batch.ref,
        entity_id=batch.id,
        before={"state": batch.state},
        after={"state": state},
    )
    return find(tx, batch.ref)


def retry(tx: Transaction, name: str, *, unknown: bool, names: Sequence[str]) -> int:
    """Queue again what failed for a passing reason; with ``unknown`` also what nobody knows: a person decides."""
    access.require(tx.actor, Permission.SEND)
    store.lock_sending(tx)
    batch = find(tx, name)
    chosen = [units.find(tx, one).id for one in names] if names else None
    count = dispatches.requeue(tx, batch.id, unknown=unknown, unit_ids=chosen)
    if count:
        if batch.state == "cancelled":
            store.set_state(tx, batch.id, "running")
        tx.audit(
            "invite.retry",
            "batch",
            ref=batch.ref,
            entity_id=batch.id,
            after={"messages": count, "unknown": unknown},
        )
        tx.ring(jobs.SEND, str(batch.id))
    return count
