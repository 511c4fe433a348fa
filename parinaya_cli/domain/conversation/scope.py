"""Which events an answer is for, and what it says for each. What can't be told goes to a person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.conversation.clauses import Says
from parinaya_cli.domain.conversation.context import Context, InvitedEvent, QuestionKind
from parinaya_cli.domain.conversation.lists import REST
from parinaya_cli.domain.conversation.understand import Intent, Meaning

_OPPOSITE = {AnswerStatus.YES: AnswerStatus.NO, AnswerStatus.NO: AnswerStatus.YES}
_SAID = {Says.YES: AnswerStatus.YES, Says.NO: AnswerStatus.NO, Says.MAYBE: AnswerStatus.MAYBE}
_STATUS = {
    Intent.YES: AnswerStatus.YES,
    Intent.NO: AnswerStatus.NO,
    Intent.MAYBE: AnswerStatus.MAYBE,
    Intent.NUMBER: AnswerStatus.YES,
}


@dataclass(frozen=True)
class Plan:
    """What to record for each event, or in ``inbox`` the reason why a person must decide.

    ``check``: it is likely and not certain, so it is read back to the guest before it counts.
    """

    says: dict[uuid.UUID, AnswerStatus] = field(default_factory=dict)
    inbox: str | None = None
    check: bool = False


def plan(context: Context, meaning: Meaning) -> Plan:
    """The events that a sure meaning (yes, no, maybe, number) is for, each with its answer."""
    if not context.events:
        return Plan(inbox="answers, but has no event on its invitation")
    if meaning.intent is Intent.NUMBER:
        return _number(context, meaning)
    if meaning.each:
        lines = {line.slug: _SAID[line.says] for line in meaning.each}
        rest = lines.pop(REST, None)
        everything = {event.slug: rest for event in context.events} if rest else {}
        says = {**everything, **lines}
        return Plan({event.event_id: says[event.slug] for event in context.events if event.slug in says})
    if meaning.only or meaning.except_:
        return _named(context, meaning)
    if meaning.intent is Intent.MAYBE:
        chosen = _plain_maybe(context)
    else:
        chosen = (_plain_yes if meaning.intent is Intent.YES else _plain_no)(context, meaning)
    if isinstance(chosen, Plan):
        return chosen
    return Plan(_all(chosen, _STATUS[meaning.intent]))


def _all(events: Sequence[InvitedEvent], status: AnswerStatus) -> dict[uuid.UUID, AnswerStatus]:
    return {event.event_id: status for event in events}


def about(context: Context) -> tuple[InvitedEvent, ...]:
    """The household's events that the message was about; empty when nothing tells."""
    return tuple(event for event in context.events if event.event_id in context.about)


def asked(context: Context) -> tuple[InvitedEvent, ...]:
    """The events of the open question that still are a yes."""
    if context.question is None or context.question.kind is not QuestionKind.HEADS:
        return ()
    return tuple(
        event
        for event in context.events
        if event.event_id in context.question.events and event.answered in {None, AnswerStatus.YES}
    )


def _named(context: Context, meaning: Meaning) -> Plan:
    """Events were named: the answer is for those, and the opposite for what was taken out."""
    status = _STATUS[meaning.intent]
    named = {*meaning.only, *meaning.except_}
    scope = [event for event in context.events if event.slug in named]
    if meaning.exclusive or not meaning.only:
        near = about(context)
        everything = near if near and any(event in near for event in scope) else context.events
        scope = [event for event in context.events if event in everything or event.slug in named]
    says: dict[uuid.UUID, AnswerStatus] = {}
    for event in scope:
        if event.slug in meaning.except_:
            says[event.event_id] = _OPPOSITE[status]
        elif event.slug in meaning.only:
            says[event.event_id] = status
        elif not meaning.only:
            if status is not AnswerStatus.YES or event.answered is not AnswerStatus.NO:
                says[event.event_id] = status  # "the rest" does not bring back what was declined before
        else:
            says[event.event_id] = _OPPOSITE[status]
    return Plan(says)


def _plain_yes(context: Context, meaning: Meaning) -> tuple[InvitedEvent, ...] | Plan:
    """A yes without an event never turns a no for one event of several into a yes."""
    near, question = about(context), asked(context)
    if question and (not near or any(event in question for event in near)):
        return question
    if near:
        return near
    standing = tuple(event for event in context.events if event.answered is not AnswerStatus.NO)
    if standing:
        return standing
    if meaning.bare:
        return Plan(_all(context.events, AnswerStatus.YES), check=True)
    return context.events


def _plain_no(context: Context, meaning: Meaning) -> tuple[InvitedEvent, ...] | Plan:
    """A mere no can answer anything that was asked; it takes back what was said before once it was read back."""
    near = about(context)
    coming = tuple(event for event in near or context.events if event.answered is AnswerStatus.YES)
    if meaning.bare and coming and (not near or context.question is not None):
        return Plan(_all(coming, AnswerStatus.NO), check=True)
    if near:
        return near
    if context.question is not None and any(event not in asked(context) for event in coming):
        return Plan(_all(coming, AnswerStatus.NO), check=True)
    return context.events


def _plain_maybe(context: Context) -> tuple[InvitedEvent, ...] | Plan:
    """Not sure of what? Of the events that have no answer yet, unless the message says it."""
    if context.question is not None and asked(context):
        return Plan(inbox="is not sure how many will come")
    near = about(context)
    if near:
        return near
    unanswered = tuple(event for event in context.events if event.answered in {None, AnswerStatus.MAYBE})
    return unanswered or Plan(_all(context.events, AnswerStatus.MAYBE), check=True)


def _number(context: Context, meaning: Meaning) -> Plan:
    """A head count or diets: for the open question, else for what was answered with yes."""
    near, question = about(context), asked(context)
    coming = tuple(event for event in context.events if event.answered is AnswerStatus.YES)
    if meaning.only:
        targets = tuple(event for event in context.events if event.slug in meaning.only)
        if not all(event in coming or event in question for event in targets):
            return Plan(_all(targets, AnswerStatus.YES), check=True)
    elif question and (not near or any(event in question for event in near)):
        targets = question
    elif near:
        targets = tuple(event for event in near if event in coming)
    else:
        targets = coming
    if not targets:
        open_now = near or tuple(event for event in context.events if event.answered is None)
        if not open_now:
            return Plan(inbox="gives a number, but has not said yes")
        return Plan(_all(open_now, AnswerStatus.YES), check=True)
    return Plan({event.event_id: AnswerStatus.YES for event in targets})
