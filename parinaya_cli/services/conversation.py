"""What a guest says: found out who speaks, kept, understood, answered, or handed to a human.

``hear`` is the walk of an answer once its delivery was stored:

    whose is it        a tap's payload, the message it answers, the contact point; never a name
    keep               the message itself, once; it opens the customer service window
    decide             ``domain/conversation/steps.py``: answers, a reply, a note for a human
    write              answers (only ever added), consent, the reply through the gate, the inbox
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

from parinaya_cli.domain import jobs, policy
from parinaya_cli.domain.answers import Answer, AnswerStatus
from parinaya_cli.domain.consent import ConsentEntry
from parinaya_cli.domain.conversation import checking, keeping, steps
from parinaya_cli.domain.conversation.context import (
    ConsentChange,
    Context,
    InvitedEvent,
    Reply,
    Step,
)
from parinaya_cli.domain.conversation.understand import Intent, understand
from parinaya_cli.domain.messages import (
    FreeContent,
    InboundMessage,
    OtherContent,
    PreferenceUpdate,
    Tap,
    Text,
    pack,
)
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.services.conversation_speaker import Ears as Ears
from parinaya_cli.services.conversation_speaker import Speaker, find_speaker
from parinaya_cli.store import answers, dispatches, weddings
from parinaya_cli.store import consent as consents
from parinaya_cli.store import conversation as store
from parinaya_cli.store.conversation import Household, Talk
from parinaya_cli.store.transaction import Transaction

CLOCKS_DIFFER = timedelta(hours=1)
"""How far ahead a message may be: one from far in the future would win over all that the guest says later."""


def hear(tx: Transaction, message: InboundMessage, ears: Ears) -> str:
    """Take one message of a guest. Returns why it could not be placed in any wedding, or ''."""
    message = replace(message, at=min(message.at, tx.now + CLOCKS_DIFFER))
    speaker = find_speaker(tx, message, ears)
    if speaker is None:
        return "nobody in any wedding has this contact point, and several weddings could be meant"
    with tx.within(speaker.wedding):
        talk = store.lock_talk(tx, speaker.contact_point_id)
        unit_id = speaker.household.unit_id if speaker.household else None
        inbound_id = store.keep_inbound(tx, message, speaker.contact_point_id, unit_id)
        if inbound_id is None:
            return ""
        context = _context(tx, speaker, talk)
        step = _decide(speaker, context, message)
        _write(tx, speaker, message, inbound_id, step, talk)
    if step.consent is not None:
        _consent_elsewhere(tx, speaker, step.consent, message)
    return ""


# ── decide ─────────────────────────────────────────────────────────────────────────────────────────────


def _context(tx: Transaction, speaker: Speaker, talk: Talk) -> Context:
    home = speaker.household
    invited = answers.events_of_unit(tx, home.unit_id) if home else []
    # A plain yes means what the household was told of; whoever was told nothing by us means what they know.
    events = [one for one in invited if one.told] or invited
    question = None
    if talk.question and home is not None and talk.unit_id == home.unit_id:
        question = keeping.unpack(talk.question)
    wedding = speaker.wedding
    return Context(
        unit_id=home.unit_id if home else uuid.UUID(int=0),
        language=(home.language if home else None) or wedding.language,
        events=tuple(
            InvitedEvent(
                one.event_id,
                one.slug,
                one.title,
                one.starts_at.astimezone(wedding.zone).date(),
                one.seats,
                AnswerStatus(one.status) if one.status else None,
                one.heads,
                one.adults,
                one.children,
                one.diets,
                one.requested_heads,
                one.starts_at.astimezone(wedding.zone),
                one.venue,
                one.address,
                one.map_url,
                one.dress_code,
            )
            for one in events
        ),
        question=question,
        about=speaker.about,
        stopped=talk.consent == "opted_out",
        courtesy_sent=talk.courtesy_at is not None,
        couple=wedding.couple or wedding.title,
        ask_children=wedding.ask_children,
        ask_diets=wedding.ask_diets,
    )


def _decide(speaker: Speaker, context: Context, message: InboundMessage) -> Step:
    content = message.content
    if isinstance(content, Tap) and speaker.tap is not None:
        if speaker.foreign and speaker.tap.answer != "stop":  # a stop is heard from whoever says it
            return Step(inbox="taps a button of another household's invitation")
        return steps.hear_tap(context, speaker.tap)
    words = content.body if isinstance(content, Text) else content.label if isinstance(content, Tap) else ""
    if speaker.household is None:
        # Who wants to stop need not be known to be heard.
        if words and understand(words, {}).intent in {Intent.STOP, Intent.START}:
            return steps.hear_words(context, words)
        return steps.hear_ambiguous() if speaker.households > 1 else steps.hear_stranger()
    if isinstance(content, OtherContent):
        return steps.hear_other(context, content.kind)
    if isinstance(content, Tap) and checking.is_ours(content.payload):
        return steps.hear_check(context, content.payload)
    return steps.hear_words(context, words)


# ── write ──────────────────────────────────────────────────────────────────────────────────────────────


def _write(
    tx: Transaction,
    speaker: Speaker,
    message: InboundMessage,
    inbound_id: uuid.UUID,
    step: Step,
    talk: Talk,
) -> None:
    late = talk.heard_at is not None and message.at < talk.heard_at
    if speaker.household is not None:
        _add_answers(tx, speaker.household, message, step)
    if step.consent is not None:
        entry = ConsentEntry(step.consent.value, message.at, tx.now, "guest message", message.message_id)
        for point in sorted(speaker.points):
            record_consent(tx, point, entry, f"message:{message.message_id}")
    if step.inbox is not None:
        number = store.add_to_inbox(tx, inbound_id, step.inbox)
        tx.audit("inbox.add", "inbox", ref=make_ref(Kind.INBOX, number), after={"why": step.inbox})
    courtesy = step.inbox is not None and step.reply is not None
    if step.reply is not None and not late:
        queue_reply(tx, speaker, message, step.reply)
    # An older message that came late does not take back what was asked since.
    question = None if late else step.question
    told = keeping.pack(question)
    store.write_talk(
        tx,
        speaker.contact_point_id,
        unit_id=speaker.household.unit_id if speaker.household else None,
        question=dict(talk.question) if late and talk.question else told,
        heard_at=message.at,
        courtesy=courtesy and not late,
    )


def _add_answers(tx: Transaction, home: Household, message: InboundMessage, step: Step) -> None:
    for new in (*step.answers, *step.repeats):
        answer = Answer(
            unit_id=home.unit_id,
            event_id=new.event_id,
            status=new.status,
            given_at=message.at,
            channel=tx.actor.channel,
            source=f"message {message.message_id[-12:]}",
            heads=new.heads,
            adults=new.adults,
            children=new.children,
            diets=new.diets,
            note=new.note,
            requested_heads=new.requested_heads,
        )
        if answers.add(tx, answer, f"message:{message.message_id}"):
            tx.audit(
                "answer.add",
                "answer",
                ref=make_ref(Kind.UNIT, home.unit_number),
                entity_id=home.unit_id,
                after={"event_id": new.event_id, "status": new.status.value, "heads": new.heads},
            )


def _consent_elsewhere(
    tx: Transaction, speaker: Speaker, change: ConsentChange, message: InboundMessage
) -> None:
    """A guest stops a number, not a wedding; who never stopped a wedding gives it no opt-in by a START."""
    entry = ConsentEntry(change.value, message.at, tx.now, "guest message", message.message_id)
    for wedding, point in speaker.elsewhere:
        with tx.within(wedding):
            told = dispatches.contacts_of(tx, [point])[point]
            if change is ConsentChange.OPT_OUT or told.contact.consent == "opted_out":
                record_consent(tx, point, entry, f"message:{message.message_id}")


def record_consent(tx: Transaction, point: uuid.UUID, entry: ConsentEntry, key: str) -> None:
    """Write what a guest decided about getting messages into the ledger; a second time changes nothing."""
    if consents.add(tx, point, entry, key) is not None:
        tx.audit("consent.record", "contact_point", entity_id=point, after={"kind": entry.kind})


def queue_reply(tx: Transaction, speaker: Speaker, message: InboundMessage, reply: Reply) -> None:
    """Queue a reply, through the gate; at most one for each step of each message."""
    stop = reply.kind == "stopped"
    told = dispatches.contacts_of(tx, [speaker.contact_point_id])[speaker.contact_point_id]
    verdict = policy.gate(
        policy.Facts(
            now=tx.now,
            zone=speaker.wedding.zone,
            contact=told.contact,
            free=True,
            repeats=True,
            do_not_message=told.do_not_message,
            confirms_stop=stop,
        )
    )
    if isinstance(verdict, policy.Refused):
        tx.audit(
            "reply.refused",
            "contact_point",
            entity_id=speaker.contact_point_id,
            after={"reason": verdict.reason},
        )
        return
    made = dispatches.insert_reply(
        tx,
        contact_point_id=speaker.contact_point_id,
        unit_id=speaker.household.unit_id if speaker.household else None,
        person_id=speaker.household.person_id if speaker.household else None,
        content=pack(FreeContent(reply.text, reply.buttons)),
        answers_key=f"{message.message_id}:{'stop' if stop else reply.kind}",
        phone_number_id=message.phone_number_id,
    )
    if made is not None:
        tx.audit("reply.queue", "dispatch", entity_id=made, after={"kind": reply.kind})
        tx.ring(jobs.SEND)


def hear_preference(tx: Transaction, update: PreferenceUpdate, ears: Ears) -> bool:
    """WhatsApp's own switch for marketing messages, in every wedding that sends from the number."""
    is_default = update.phone_number_id in {"", ears.phone_number_id}
    there = {w.id: w for w in weddings.list_by_number(tx, update.phone_number_id, is_default=is_default)}
    found = False
    for wedding_id, point in store.find_point_of(tx, update.sender.phone, update.sender.user_id):
        if wedding_id not in there:
            continue
        found = True
        with tx.within(there[wedding_id]):
            kind = "opt-out" if update.stop else "opt-in"
            entry = ConsentEntry(kind, update.at, tx.now, "provider: marketing preference", update.key)
            record_consent(tx, point, entry, f"preference:{update.key}")
    return found
