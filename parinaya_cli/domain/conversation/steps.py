"""What follows from one message of a guest: answers, one reply or none, or a note for a person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.conversation import checking, questions, recording, replies, scope
from parinaya_cli.domain.conversation.context import (
    ConsentChange,
    Context,
    InvitedEvent,
    Question,
    QuestionKind,
    Reply,
    Step,
)
from parinaya_cli.domain.conversation.questions import Asked, Topic
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
    context = _unchecked(context)
    events = scope.about(context) if context.about else context.events
    if not events:
        return _inbox(context, "taps a button for an event that is not on its invitation")
    says = {event.event_id: AnswerStatus(answer) for event in events}
    return _record(context, says, _PLAIN) or _again(context, says, _PLAIN, Step(question=context.question))


def hear_check(context: Context, payload: str) -> Step:
    """A tap on a button of what was read back (``checking.is_ours``). An old one confirms nothing."""
    right = checking.is_right(context, payload)
    if right is None:
        return _inbox(context, "taps a button of an older question")
    return _checked(context, right)


def hear_words(context: Context, text: str) -> Step:
    """Words that the guest typed. Only what is sure is recorded; what is likely is read back."""
    names = {event.slug: event.title for event in context.events}
    meaning = understand(text, names)
    if meaning.intent in _CONSENT and meaning.sure:
        return _with_besides(context, meaning, _consent(context, _CONSENT[meaning.intent]))
    if _is_checking(context) and meaning.sure and meaning.bare:
        return _checked(context, meaning.intent is Intent.YES)
    if meaning.intent is Intent.THANKS and (meaning.sure or _complete(context)):
        return Step(question=context.question)
    if meaning.intent is Intent.THANKS and meaning.likely:
        return _acknowledged(context)
    if meaning.intent is Intent.HUMAN:
        return _inbox(context, "asks for a person")
    if meaning.greets and not context.stopped:
        return _greeted(context)
    asked = questions.find(text, names)
    if asked is not None:
        return _told(context, asked)
    if meaning.intent is Intent.UNCLEAR and not context.stopped:
        ends = questions.at_the_end(text, names)
        if ends is not None and _is_answer(understand(ends.besides, names)):
            return _told(context, ends)
        rest = questions.set_apart(text, names)
        if rest is not None:
            return _with_note(_answered(context, understand(rest, names)), "asks a question")
    return _answered(context, meaning)


def _is_answer(meaning: Meaning) -> bool:
    told = {Intent.YES, Intent.NO, Intent.MAYBE, Intent.NUMBER}
    return meaning.intent in told and (meaning.sure or meaning.likely)


def _with_note(step: Step, note: str) -> Step:
    """The step, with something for a person to see to besides."""
    return step if step.inbox is not None else replace(step, inbox=note)


def _answered(context: Context, meaning: Meaning) -> Step:
    """An answer: recorded when it is sure, read back when it is likely, for a person else."""
    if meaning.wish:
        return _with_note(
            _answered(context, replace(meaning, wish=False)), "asks for a room, a lift or the like"
        )
    if meaning.intent in {Intent.UNCLEAR, Intent.THANKS} or not (meaning.sure or meaning.likely):
        return _inbox(context, "not understood")
    plain = _unchecked(context)
    if meaning.everyone:
        meaning = replace(meaning, everyone=bool(scope.asked(plain)))
    plan = scope.plan(plain, meaning)
    reason = plan.inbox or recording.trouble(plain, plan.says, meaning)
    if (meaning.more or meaning.diet_of_all) and not any(event.heads for event in plain.events):
        reason = "not understood"
    if reason is not None:
        return _inbox(context, reason)
    if plan.check or meaning.everyone or not meaning.sure:
        return _read_back(context, recording.record(plain, plan.says, meaning))
    return _record(plain, plan.says, meaning) or _again(plain, plan.says, meaning, _nothing_new(plain))


def _greeted(context: Context) -> Step:
    """A greeting and nothing else: who writes here and what can be answered, while something is open."""
    if context.question is not None or context.courtesy_sent or _complete(context):
        return Step(question=context.question)
    return Step(reply=replies.who(context.language, context.couple))


def _acknowledged(context: Context) -> Step:
    """An ok or a thumb: behind the invitation most likely a yes, which is read back; else only heard."""
    open_now = [event for event in scope.about(context) or context.events if event.answered is None]
    if _is_checking(context):
        return _inbox(context, "not understood")
    if context.question is not None or not open_now or context.stopped:
        return Step(question=context.question)
    says = {event.event_id: AnswerStatus.YES for event in open_now}
    return _read_back(context, recording.record(context, says, _PLAIN))


def _read_back(context: Context, recorded: Recorded) -> Step:
    """Ask whether it is right. Not of somebody who stopped, nor twice, nor what only the family can give."""
    if context.stopped or _is_checking(context) or recorded.over or not recorded.answers:
        return _inbox(context, _request(recorded) or "not understood for certain")
    return checking.ask(context, recorded)


def _checked(context: Context, right: bool) -> Step:
    """What was read back is right and counts, or is wrong and goes to a person."""
    assert context.question is not None, "something was read back"
    plain = _unchecked(context)
    if not right:
        reply = None if context.stopped else replies.misread(context.language)
        return Step(reply=reply, inbox="says that it was misunderstood")
    recorded = recording.settle(plain, context.question.proposed)
    return _step(plain, recorded, _PLAIN) if recorded.answers else Step(repeats=recorded.repeats)


def _is_checking(context: Context) -> bool:
    return context.question is not None and context.question.kind is QuestionKind.CHECK


def _unchecked(context: Context) -> Context:
    """Whatever was read back is settled by a new answer."""
    return replace(context, question=None) if _is_checking(context) else context


def _told(context: Context, asked: Asked) -> Step:
    """Answer a question from the events, with what else was said; a person answers what the events do not hold."""
    if context.stopped:
        return _inbox(context, "asks a question")
    if Topic.WHO in asked.topics:
        return Step(reply=replies.who(context.language, context.couple), question=context.question)
    near = scope.about(context) or context.events
    meant = tuple(e for e in context.events if e.slug in asked.events) if asked.events else near
    facts = replies.facts(context.language, meant, asked.topics, named=bool(asked.events))
    if facts is None:
        return _inbox(context, "asks a question")
    names = {event.slug: event.title for event in context.events}
    besides = understand(asked.besides, names)
    if asked.unmarked:
        besides = replace(besides, sure=False, likely=besides.sure or besides.likely)
    if not asked.besides or besides.intent is Intent.THANKS:
        return Step(reply=facts, question=context.question)
    if not (besides.sure or besides.likely):
        return _inbox(context, "asks a question, and says more")
    step = _answered(context, besides)
    if step.reply is None or step.reply.kind == "courtesy":
        return replace(step, reply=facts)
    return replace(step, reply=replies.joined(facts, step.reply))


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


def _with_besides(context: Context, meaning: Meaning, step: Step) -> Step:
    """A STOP, with a sure answer that stands beside it; whatever else does is for a person."""
    said = meaning.besides
    if said is None:
        return step
    if said.sure and _is_answer(said) and context.events:
        heard = _answered(replace(context, stopped=True), said)
        return replace(step, answers=heard.answers, repeats=heard.repeats, inbox=heard.inbox)
    return replace(step, inbox="asks for a person" if said.intent is Intent.HUMAN else "says more than STOP")


def _inbox(context: Context, reason: str) -> Step:
    """A person looks. The guest is told so once, not at every message."""
    quiet = context.stopped or context.courtesy_sent
    reply = None if quiet else replies.courtesy(context.language)
    return Step(reply=reply, inbox=reason, question=context.question)


def _complete(context: Context) -> bool:
    """Is nothing left to answer?"""
    return context.question is None and all(event.answered is not None for event in context.events)


def _nothing_new(context: Context) -> Step:
    """The words say what is recorded already. A number that is still open is asked for once more, and no third time."""
    question = context.question
    events = scope.asked(context)
    if question is None or not events or context.stopped:
        return Step(question=question)
    if question.again:
        return _inbox(context, "answers without the number that was asked for")
    reply = replies.ask_heads(context.language, events, len(events) < len(context.events))
    return Step(reply=reply, question=replace(question, again=True))


def _record(context: Context, says: Mapping[uuid.UUID, AnswerStatus], meaning: Meaning) -> Step | None:
    """The step that records the answers, or None when they change nothing."""
    recorded = recording.record(context, says, meaning)
    if not recorded.answers and not _asks_anew(context, recorded):
        return None
    return _step(context, recorded, meaning)


def _step(context: Context, recorded: Recorded, meaning: Meaning) -> Step:
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
    wanted: dict[str, list[str]] = {}
    for event in recorded.over:
        wanted.setdefault(f"asks for {event.requested_heads} seats, has {event.seats}", []).append(
            event.title
        )
    wishes = [f"{wish} ({', '.join(titles)})" for wish, titles in wanted.items()]
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
        return replies.ask_heads(
            language, recorded.pending, named, meaning.diets, _wanted(context, recorded.pending)
        )
    changed = [event for event in recorded.events if _changed(recorded, event.event_id)]
    if changed and all(event.answered is AnswerStatus.MAYBE for event in changed):
        return replies.maybe(language, changed)
    wanted = () if context.question else _wanted(context, changed)
    return replies.summary(language, recorded.events, wanted)


def _wanted(context: Context, events: Sequence[InvitedEvent]) -> tuple[str, ...]:
    """What the wedding wants to know besides the number, and was not told; of a single guest only the diet."""
    coming = [event for event in events if event.answered is AnswerStatus.YES]
    children = context.ask_children and any(e.children is None and (e.heads or e.seats) > 1 for e in coming)
    diets = context.ask_diets and any(not event.diets for event in coming)
    return ("children",) * children + ("diets",) * diets
