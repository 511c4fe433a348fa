"""Sending: slices of due rows leave, with the gate asked again, and their statuses come in.

``deliver_slice`` is the walk of an invitation after the batch was written:

    transaction 1    lock due rows and what the gate rests on, ask the gate, ``queued`` → ``sending``; commit
    no transaction   all messages of the slice leave at once
    transaction 2    each outcome becomes a state; commit

A worker that dies in between leaves rows ``sending``; ``reconcile`` turns them to ``unknown``, and a status that
bears our token settles them. Nobody sends twice by guessing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from parinaya_cli.domain import policy
from parinaya_cli.domain.batches import Addressee, Sending, facts_of
from parinaya_cli.domain.consent import ConsentEntry
from parinaya_cli.domain.dispatches import (
    Line,
    Settlement,
    after_failure,
    after_send,
    after_status,
    make_token,
    read_token,
)
from parinaya_cli.domain.errors import Locked, Unreachable
from parinaya_cli.domain.messages import (
    Accepted,
    DeliveryStatus,
    FreeContent,
    NoAnswer,
    NotSent,
    OutboundMessage,
    Refused,
    SendOutcome,
    StatusUpdate,
    unpack,
)
from parinaya_cli.domain.refs import Handle
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.ports import MessageSender, Pacer
from parinaya_cli.store import batches as batch_store
from parinaya_cli.store import consent as consents
from parinaya_cli.store import dispatches as store
from parinaya_cli.store import events as event_store
from parinaya_cli.store import templates as template_store
from parinaya_cli.store import weddings
from parinaya_cli.store.dispatches import Dispatch, Permitted
from parinaya_cli.store.transaction import Begin, Transaction

STALE_SECONDS = 20.0
"""A permission older than that is not used any more: it must end well within its lease."""

SETTLE_WAITS = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)
"""Seconds between tries to write outcomes down while Postgres is away or busy; less than the lease in all."""


@dataclass(frozen=True)
class SliceReport:
    """What one slice did. ``idle``: nothing was due; ``next_in``: seconds until something is, None when nothing."""

    sent: int = 0
    refused: int = 0
    idle: bool = False
    next_in: float | None = None


def deliver_slice(begin: Begin, sender: MessageSender, pacer: Pacer, *, in_flight: int) -> SliceReport:
    """Send up to ``in_flight`` due messages of one phone number, in any wedding."""
    with begin() as tx:
        due = store.next_due(tx, in_flight)
        if due is None:
            return SliceReport(idle=True, next_in=store.next_due_in(tx))
    number, count = due
    pacer.wait(number, count)
    began = time.monotonic()
    with begin() as tx:
        permitted, refused = _give_permission(tx, number, count)
    if not permitted:
        return SliceReport(0, refused)
    outcomes: Sequence[SendOutcome]
    if time.monotonic() - began > STALE_SECONDS:
        # Held up since (a suspended process): others may take these rows for lost by now.
        outcomes = [NotSent("the worker was held up")] * len(permitted)
    else:
        outcomes = sender.send([_message(one) for one in permitted])
    lines = _settle_surely(begin, permitted, outcomes)
    if Line.SLOW_DOWN in lines:
        pacer.slow_down(number)
    return SliceReport(len(permitted), refused)


def _message(permitted: Permitted) -> OutboundMessage:
    return OutboundMessage(
        phone_number_id=permitted.dispatch.phone_number_id,
        to=permitted.to,
        user_id=permitted.user_id,
        content=unpack(permitted.dispatch.content),
        token=permitted.token,
    )


# ── transaction 1 ──────────────────────────────────────────────────────────────────────────────────────


def _give_permission(tx: Transaction, number: str, count: int) -> tuple[list[Permitted], int]:
    taken = store.take_due(tx, number, count)
    permitted: list[Permitted] = []
    for wedding_id, mine in groupby(
        sorted(taken, key=lambda d: (d.wedding_id, d.id)), lambda d: d.wedding_id
    ):
        wedding = weddings.find_wedding(tx, wedding_id)
        assert wedding is not None, "a foreign key binds each dispatch to its wedding"
        with tx.within(wedding):
            permitted += _permit(tx, wedding, list(mine))
    return permitted, len(taken) - len(permitted)


def _permit(tx: Transaction, wedding: Wedding, dispatches: Sequence[Dispatch]) -> list[Permitted]:
    if not store.lock_ground(tx, dispatches):
        return []
    permitted: list[Permitted] = []
    for dispatch, facts in _fresh_facts(tx, wedding, dispatches):
        match policy.gate(facts):
            case policy.Refused(reason):
                store.skip(tx, dispatch.id, reason.value)
                tx.audit("dispatch.skip", "dispatch", entity_id=dispatch.id, after={"reason": reason.value})
            case policy.Later(reason, until):
                store.postpone(tx, dispatch.id, reason.value, until)
            case policy.Go():
                contact = facts.contact
                assert contact is not None, "the gate refuses no_phone"
                attempt = dispatch.attempt_no + 1
                by_phone = contact.kind == "phone"
                permitted.append(
                    Permitted(
                        dispatch,
                        contact.value if by_phone else None,
                        None if by_phone else contact.value,
                        make_token(dispatch.id, attempt),
                        attempt,
                        contact.consent,
                    )
                )
    store.mark_sending(tx, permitted)
    return permitted


def _fresh_facts(
    tx: Transaction, wedding: Wedding, dispatches: Sequence[Dispatch]
) -> list[tuple[Dispatch, policy.Facts]]:
    """What the gate looks at for each dispatch, read after the ground was locked."""
    found: list[tuple[Dispatch, policy.Facts]] = []
    free = [one for one in dispatches if one.kind != "template"]
    contacts = store.contacts_of(tx, [one.contact_point_id for one in free if one.contact_point_id])
    for one in free:
        found.append((one, _free_facts(tx, wedding, one, contacts)))
    events = {event.id: event for event in event_store.list_events(tx)}
    number = store.read_number(tx, dispatches[0].phone_number_id)
    by_batch = sorted((one for one in dispatches if one.kind == "template"), key=lambda d: str(d.batch_id))
    for batch_id, group in groupby(by_batch, lambda d: d.batch_id):
        mine = list(group)
        assert batch_id is not None, "every template message belongs to a batch"
        batch = batch_store.find_batch(tx, Handle("", id=batch_id))
        assert batch is not None
        versions = template_store.list_templates(tx, batch.template)
        sending = Sending(
            wedding=wedding,
            events=events,
            event_ids=None,
            versions={v.definition.language: v.definition for v in versions},
            mapping=versions[0].mapping if versions else {},
            header_media=versions[0].header_media if versions else "",
            tap_secret=b"",
            now=tx.now,
            reminder=batch.kind == "remind",
            repeats=batch.repeats,
        )
        people = batch_store.addressees(
            tx, [d.unit_id for d in mine if d.unit_id], batch.template, but=[d.id for d in mine]
        )
        for one in mine:
            addressee = people.get(one.unit_id) if one.unit_id else None
            if addressee is None:
                found.append((one, policy.Facts(tx.now, wedding.zone, None, invited=False)))
                continue
            found.append((one, _facts_now(sending, one, addressee, number)))
    return found


def _facts_now(
    sending: Sending, dispatch: Dispatch, addressee: Addressee, number: store.SenderNumber
) -> policy.Facts:
    """The facts of one planned message. Its text stands, so it leaves only while all that it says still holds:
    this version of the template, every event that it names, this contact point."""
    language = dispatch.language
    versions = {language: sending.versions[language]} if language in sending.versions else {}
    full = number.tier_limit is not None and number.reached >= number.tier_limit
    scoped = replace(sending, event_ids=dispatch.events, versions=versions, language=language, tier_full=full)
    facts, _ = facts_of(scoped, addressee)
    named = [sending.events[event] for event in dispatch.events if event in sending.events]
    return replace(
        facts,
        missing=(),
        invited=all(event in addressee.invited for event in dispatch.events),
        events_over=any(event.is_over(sending.now) for event in named),
        # A new primary contact needs a new batch.
        contact=facts.contact if addressee.contact_point_id == dispatch.contact_point_id else None,
    )


def _free_facts(
    tx: Transaction,
    wedding: Wedding,
    dispatch: Dispatch,
    contacts: Mapping[uuid.UUID, store.ContactFacts],
) -> policy.Facts:
    told = contacts.get(dispatch.contact_point_id) if dispatch.contact_point_id else None
    content = unpack(dispatch.content)
    return policy.Facts(
        now=tx.now,
        zone=wedding.zone,
        contact=told.contact if told else None,
        free=isinstance(content, FreeContent),
        do_not_message=bool(told and told.do_not_message),
        confirms_stop=bool(dispatch.answers_key and dispatch.answers_key.endswith(":stop")),
        repeats=True,
    )


# ── transaction 2 ──────────────────────────────────────────────────────────────────────────────────────

_WORDS: Mapping[type, str] = {
    Accepted: "accepted",
    Refused: "refused",
    NotSent: "not_sent",
    NoAnswer: "no_answer",
}


def _settle_surely(
    begin: Begin, permitted: Sequence[Permitted], outcomes: Sequence[SendOutcome]
) -> set[Line]:
    """Write the outcomes down, for minutes if need be: what is not written becomes ``unknown``."""
    for wait in SETTLE_WAITS:
        try:
            with begin() as tx:
                return _settle(tx, permitted, outcomes)
        except (Locked, Unreachable):
            time.sleep(wait)
    with begin() as tx:
        return _settle(tx, permitted, outcomes)


def _settle(tx: Transaction, permitted: Sequence[Permitted], outcomes: Sequence[SendOutcome]) -> set[Line]:
    pairs = sorted(
        zip(permitted, outcomes, strict=True), key=lambda p: (p[0].dispatch.wedding_id, p[0].dispatch.id)
    )
    lines: set[Line] = set()
    for wedding_id, group in groupby(pairs, lambda pair: pair[0].dispatch.wedding_id):
        wedding = weddings.find_wedding(tx, wedding_id)
        assert wedding is not None
        with tx.within(wedding):
            lines |= _settle_in(tx, list(group))
    return lines


def _settle_in(tx: Transaction, pairs: Sequence[tuple[Permitted, SendOutcome]]) -> set[Line]:
    done = [
        (one, after_send(what, one.dispatch.tries + 1, one.attempt), _WORDS[type(what)])
        for one, what in pairs
    ]
    store.settle(tx, done)
    counts: dict[str, int] = {}
    for one, what, _ in done:
        counts[what.state.value] = counts.get(what.state.value, 0) + 1
        _pull_the_line(tx, one.dispatch, what)
        if what.opted_out and one.dispatch.contact_point_id:
            _opt_out(tx, one.dispatch.contact_point_id, one.token)
    tx.audit("dispatch.send", "dispatch", after={"attempts": len(done), "states": counts})
    return {what.line for _, what, _ in done}


def _pull_the_line(tx: Transaction, dispatch: Dispatch, what: Settlement) -> None:
    """Stop what is behind this message, where its outcome says so."""
    why = f"{what.error.code}: {what.error.title}" if what.error else what.reason
    if what.line is Line.STOP_NUMBER:
        store.stop_number(tx, dispatch.phone_number_id, why)
        tx.audit("number.stop", "number", ref=dispatch.phone_number_id[-4:], after={"why": why})
    elif what.line is Line.REST_NUMBER:
        store.stop_number(tx, dispatch.phone_number_id, why, tx.now + timedelta(minutes=2))
    elif what.line is Line.PAUSE_BATCH and dispatch.batch_id:
        paused = batch_store.pause_running(tx, dispatch.batch_id, why)
        if paused:
            tx.audit("invite.pause", "batch", entity_id=dispatch.batch_id, after={"why": why})


def _opt_out(tx: Transaction, contact_point_id: uuid.UUID, evidence: str) -> None:
    entry = ConsentEntry("opt-out", tx.now, tx.now, "provider: marketing switched off", evidence)
    consents.add(tx, contact_point_id, entry, f"provider:{evidence}")
    tx.audit("consent.record", "contact_point", entity_id=contact_point_id, after={"kind": "opt-out"})


# ── statuses ───────────────────────────────────────────────────────────────────────────────────────────


def hear_status(tx: Transaction, update: StatusUpdate) -> bool:
    """Move a dispatch by a status webhook; False when it is about none that we know (yet).

    Late, repeated and shuffled statuses end in the same state: it is a maximum over the lattice.
    """
    token = read_token(update.token)
    dispatch = store.find_for_status(tx, token[0] if token else None, update.message_id)
    if dispatch is None:
        return False
    wedding = weddings.find_wedding(tx, dispatch.wedding_id)
    assert wedding is not None
    with tx.within(wedding):
        state = after_status(dispatch.state, update.status)
        if not store.add_status(tx, dispatch, update, state is not None):
            return True
        if state is not None:
            store.move(tx, dispatch, state, update, update.error.family.value if update.error else "")
        if update.status is DeliveryStatus.FAILED and update.error and dispatch.contact_point_id:
            told = after_failure(update.error)
            store.mark_contact(
                tx,
                dispatch.contact_point_id,
                lost=told.not_on_whatsapp and state is not None,
                cooling_until=update.at + told.cooling if told.cooling else None,
            )
            if told.opted_out:
                _opt_out(tx, dispatch.contact_point_id, update.key)
    return True
