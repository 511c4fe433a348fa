"""Permission: due rows are taken, the gate is asked again, and what may leave is committed as ``sending``.

One short transaction for what is in flight next. What the gate looks at is locked before it is read, so that its
answer holds until the commit: a stop that comes first is seen, one that comes later is later than the message.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from parinaya_cli.domain import pace, policy
from parinaya_cli.domain.addressees import Addressee, Sending
from parinaya_cli.domain.batches import facts_of
from parinaya_cli.domain.dispatches import make_token
from parinaya_cli.domain.messages import FreeContent, unpack
from parinaya_cli.domain.refs import Handle
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.store import batches as batch_store
from parinaya_cli.store import dispatches as dispatch_store
from parinaya_cli.store import events as event_store
from parinaya_cli.store import numbers, weddings
from parinaya_cli.store import sending as store
from parinaya_cli.store import templates as template_store
from parinaya_cli.store.dispatches import ContactFacts, Dispatch
from parinaya_cli.store.sending import Permitted
from parinaya_cli.store.transaction import Transaction

THROTTLED = "throttled"
"""Why a message waits whose guest got another one a moment ago."""


@dataclass
class _Tier:
    """How many more people may be written to today (None: no limit is known), and who was already."""

    room: int | None
    reached: set[uuid.UUID] = field(default_factory=set)

    def is_full_for(self, contact_point_id: uuid.UUID | None) -> bool:
        return self.room is not None and self.room <= 0 and contact_point_id not in self.reached

    def take(self, contact_point_id: uuid.UUID | None) -> None:
        if self.room is not None and contact_point_id and contact_point_id not in self.reached:
            self.room -= 1
            self.reached.add(contact_point_id)


def give(tx: Transaction, number: str, count: int) -> tuple[list[Permitted], int]:
    """Take up to ``count`` due messages of a phone number, in any wedding, and permit those that may leave.

    Returns what may leave, committed as ``sending`` with this transaction, and how many others were looked at.
    """
    told = numbers.read_number(tx, number)
    if told.tier_limit is not None:
        numbers.lock_tier(tx)
    taken = store.take_due(tx, number, count)
    tier = _Tier(None)
    if told.tier_limit is not None:
        tier.room = told.tier_limit - numbers.count_reached(tx)
        tier.reached = numbers.reached_among(tx, [d.contact_point_id for d in taken if d.contact_point_id])
    claim = uuid.uuid4()
    permitted: list[Permitted] = []
    for wedding_id, mine in groupby(
        sorted(taken, key=lambda d: (d.wedding_id, d.id)), lambda d: d.wedding_id
    ):
        wedding = weddings.find_wedding(tx, wedding_id)
        assert wedding is not None, "a foreign key binds each dispatch to its wedding"
        with tx.within(wedding):
            permitted += _permit(tx, wedding, list(mine), tier, claim)
    return permitted, len(taken) - len(permitted)


def _permit(
    tx: Transaction, wedding: Wedding, dispatches: Sequence[Dispatch], tier: _Tier, claim: uuid.UUID
) -> list[Permitted]:
    pairs = store.lock_ground(tx, dispatches)
    if pairs is None:
        return []
    lately = {one.value: one.last_sent_at for one in pairs.values()}
    permitted: list[Permitted] = []
    for dispatch, facts in fresh_facts(tx, wedding, dispatches):
        asked = replace(facts, tier_full=not facts.free and tier.is_full_for(dispatch.contact_point_id))
        match _ask(dispatch, asked, claim):
            case policy.Refused(reason):
                store.skip(tx, dispatch.id, reason.value)
                tx.audit("dispatch.skip", "dispatch", entity_id=dispatch.id, after={"reason": reason.value})
            case policy.Later(reason, until):
                store.postpone(tx, dispatch.id, reason.value, until)
            case Permitted() as one:
                to = one.to or one.user_id or ""
                rests = pace.rests_until(lately.get(to), tx.now, answers=dispatch.kind == "reply")
                if rests is not None:
                    store.postpone(tx, dispatch.id, THROTTLED, rests)
                    continue
                if not facts.free:
                    tier.take(dispatch.contact_point_id)
                lately[to] = tx.now
                permitted.append(one)
    store.mark_sending(tx, permitted)
    return permitted


def _ask(
    dispatch: Dispatch, facts: policy.Facts, claim: uuid.UUID
) -> Permitted | policy.Refused | policy.Later:
    """Ask the gate about a message; with its word the message may leave."""
    go = policy.gate(facts)
    if not isinstance(go, policy.Go):
        return go
    contact = facts.contact
    assert contact is not None, "the gate refuses no_phone"
    attempt = dispatch.attempt_no + 1
    by_phone = contact.kind == "phone"
    return Permitted(
        dispatch,
        contact.value if by_phone else None,
        None if by_phone else contact.value,
        make_token(dispatch.id, attempt),
        attempt,
        contact.consent,
        go,
        claim,
    )


def fresh_facts(
    tx: Transaction, wedding: Wedding, dispatches: Sequence[Dispatch]
) -> list[tuple[Dispatch, policy.Facts]]:
    """What the gate looks at for each dispatch, read after the ground was locked."""
    found: list[tuple[Dispatch, policy.Facts]] = []
    free = [one for one in dispatches if one.kind != "template"]
    contacts = dispatch_store.contacts_of(tx, [one.contact_point_id for one in free if one.contact_point_id])
    for one in free:
        found.append((one, _free_facts(tx, wedding, one, contacts)))
    events = {event.id: event for event in event_store.list_events(tx)}
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
            tap_secret=b"",
            now=tx.now,
            reminder=batch.kind == "remind",
            repeats=batch.repeats,
            include_guessed=batch.include_guessed,
        )
        people = batch_store.addressees(
            tx, [d.unit_id for d in mine if d.unit_id], batch.template, but=[d.id for d in mine]
        )
        for one in mine:
            addressee = people.get(one.unit_id) if one.unit_id else None
            if addressee is None:
                found.append((one, policy.Facts(tx.now, wedding.zone, None, invited=False)))
                continue
            found.append((one, _facts_now(sending, one, addressee)))
    return found


def _facts_now(sending: Sending, dispatch: Dispatch, addressee: Addressee) -> policy.Facts:
    """The facts of one planned message. Its text stands, so it leaves only while all that it says still holds:
    this version of the template, every event that it names, this contact point."""
    language = dispatch.language
    versions = {language: sending.versions[language]} if language in sending.versions else {}
    scoped = replace(sending, event_ids=dispatch.events, versions=versions, language=language)
    facts, _ = facts_of(scoped, addressee)
    named = [sending.events[event] for event in dispatch.events if event in sending.events]
    return replace(
        facts,
        missing=(),
        # A reminder names the events that were open; one of them answered makes it untrue.
        answered=any(addressee.invited[event][1] for event in dispatch.events if event in addressee.invited),
        invited=all(event in addressee.invited for event in dispatch.events),
        events_over=any(event.is_over(sending.now) for event in named),
        # A new primary contact needs a new batch.
        contact=facts.contact if addressee.contact_point_id == dispatch.contact_point_id else None,
    )


def _free_facts(
    tx: Transaction,
    wedding: Wedding,
    dispatch: Dispatch,
    contacts: Mapping[uuid.UUID, ContactFacts],
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
