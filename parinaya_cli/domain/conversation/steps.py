"""What follows from one message of a guest: answers, one reply or none, or a note for a person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.conversation import recording, replies, scope
from parinaya_cli.domain.conversation.context import (
    ConsentChange,
    Context,
    Question,
    QuestionKind,
    Reply,
    Step,
)
from parinaya_cli.domain.conversation.recording import Recorded
from parinaya_cli.domain.conversation.understand import Intent, Meaning, understand
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.taps import TapMeaning

_CONSENT = {Intent.STOP: ConsentChange.OPT_OUT, Intent.START: ConsentChange.OPT_IN}
_PLAIN = Meaning(Intent.YES)


def hear_tap(context: Context, tap: TapMeaning | str) -> Step:
    """A tap on a button.

    ``context.about`` holds the events of its payload; empty means all of the household's. ``tap`` is what the
    payload means, or only its answer: yes, no, maybe or stop.

    Raises:
        UsedWrongly: another answer than those four.
    """
    answer = tap if isinstance(tap, str) else tap.answer
    if answer not in {"yes", "no", "maybe", "stop"}:
        raise UsedWrongly(f"{answer!r} is no answer of a button.", "Use yes, no, maybe or stop.")
    if answer == "stop":
        return _consent(context, ConsentChange.OPT_OUT)
    events = scope.about(context) if context.about else context.events
    if not events:
        return _inbox(context, "taps a button for an event that is not on its invitation")
    says = {event.event_id: AnswerStatus(answer) for event in events}
    return _record(context, says, _PLAIN) or _again(context, says, _PLAIN, Step(question=context.question))


def hear_words(context: Context, text: str) -> Step:
    """Words that the guest typed. Only what is sure is recorded."""
    meaning = understand(text, {event.slug: event.title for event in context.events})
    if meaning.intent in _CONSENT and meaning.sure:
        return _consent(context, _CONSENT[meaning.intent])
    if meaning.intent is Intent.THANKS and (meaning.sure or _complete(context)):
        return Step(question=context.question)
    if meaning.intent is Intent.HUMAN:
        return _inbox(context, "asks for a person")
    if not meaning.sure or meaning.intent in {Intent.UNCLEAR, Intent.THANKS}:
        return _inbox(context, "not understood")
    plan = scope.plan(context, meaning)
    reason = plan.inbox or recording.trouble(context, plan.says, meaning)
    if reason is not None:
        return _inbox(context, reason)
    return _record(context, plan.says, meaning) or _again(context, plan.says, meaning, _nothing_new(context))


def hear_other(context: Context, kind: str) -> Step:
    """A voice note, a picture, a reaction …: for a person. ``kind`` is the provider's word for it."""
    return _inbox(context, f"sent something other than words ({kind})")


def hear_stranger() -> Step:
    """A message from a contact point of no guest unit: never guessed, never answered."""
    return Step(inbox="wrote from a number that belongs to no guest unit")


def hear_ambiguous() -> Step:
    """A message from a contact point of several guest units: never guessed, never answered."""
    return Step(inbox="wrote from a number that belongs to several guest units")


def _consent(context: Context, change: ConsentChange) -> Step:
    """Recorded each time; confirmed only when it changes something or is a START."""
    if change is ConsentChange.OPT_IN:
        return Step(reply=replies.started(context.language), consent=change, question=context.question)
    reply = None if context.stopped else replies.stopped(context.language)
    return Step(reply=reply, consent=change)


def _inbox(context: Context, reason: str) -> Step:
    """A person looks. The guest is told so once, not at every message."""
    quiet = context.stopped or context.courtesy_sent
    reply = None if quiet else replies.courtesy(context.language)
    return Step(reply=reply, inbox=reason, question=context.question)


def _complete(context: Context) -> bool:
    """Is nothing left to answer?"""
    return context.question is None and all(event.answered is not None for event in context.events)


def _nothing_new(context: Context) -> Step:
    """The words say what is recorded already. A question is not repeated: that could go on for ever."""
    if scope.asked(context):
        return _inbox(context, "answers without the number that was asked for")
    return Step(question=context.question)


def _record(context: Context, says: Mapping[uuid.UUID, AnswerStatus], meaning: Meaning) -> Step | None:
    """The step that records the answers, or None when they change nothing."""
    recorded = recording.record(context, says, meaning)
    if not recorded.answers and not _asks_anew(context, recorded):
        return None
    question = None
    if recorded.pending:
        question = Question(QuestionKind.HEADS, tuple(event.event_id for event in recorded.pending))
    step = Step(
        answers=recorded.answers, inbox=_request(recorded), question=question, repeats=recorded.repeats
    )
    if context.stopped:
        return replace(step, question=context.question if recorded.pending else None)
    return replace(step, reply=_reply(context, recorded, meaning))


def _again(context: Context, says: Mapping[uuid.UUID, AnswerStatus], meaning: Meaning, step: Step) -> Step:
    """``step``, with the answers that say once more what stands."""
    return replace(step, repeats=recording.record(context, says, meaning).repeats)


def _asks_anew(context: Context, recorded: Recorded) -> bool:
    """A yes that stands without a head count is asked about again, if nobody is asking already."""
    asked = set(context.question.events) if context.question else set()
    return any(event.event_id not in asked for event in recorded.pending)


def _request(recorded: Recorded) -> str | None:
    """The reason for the inbox when more heads come than there are seats."""
    wishes = [
        f"asks for {event.requested_heads} seats, has {event.seats} ({event.title})"
        for event in recorded.over
    ]
    seatless = [
        f"says yes, has no seats ({event.title})"
        for event in recorded.events
        if event.seats < 1
        and event.requested_heads is None
        and _changed(recorded, event.event_id)
        and event.answered is AnswerStatus.YES
    ]
    return "; ".join(wishes + seatless) or None


def _changed(recorded: Recorded, event_id: uuid.UUID) -> bool:
    return any(answer.event_id == event_id for answer in recorded.answers)


def _reply(context: Context, recorded: Recorded, meaning: Meaning) -> Reply:
    """One message: the request that went to the family, the question that is open, or what was recorded."""
    language = context.language
    if recorded.over:
        return replies.over_seats(language, recorded.over, recorded.pending)
    if recorded.pending:
        named = len(recorded.pending) < len(context.events)
        return replies.ask_heads(language, recorded.pending, named, meaning.diets)
    changed = [event for event in recorded.events if _changed(recorded, event.event_id)]
    if changed and all(event.answered is AnswerStatus.MAYBE for event in changed):
        return replies.maybe(language, changed)
    return replies.summary(language, recorded.events)
