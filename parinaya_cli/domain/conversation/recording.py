"""From what was said to the answers to add: never more heads than seats, nothing said before lost."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.conversation.context import Context, InvitedEvent, NewAnswer
from parinaya_cli.domain.conversation.lists import REST
from parinaya_cli.domain.conversation.understand import Meaning

_NO_DIETS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Recorded:
    """``answers``: what changes. ``events``: the household's events as they stand then, in order of time.

    ``repeats``: answers that say what stands already.

    ``over``: events for which more was asked than there are seats. ``pending``: events with a yes and
    without a head count that has to be asked for.
    """

    answers: tuple[NewAnswer, ...]
    events: tuple[InvitedEvent, ...]
    over: tuple[InvitedEvent, ...]
    pending: tuple[InvitedEvent, ...]
    repeats: tuple[NewAnswer, ...] = ()


def trouble(context: Context, says: Mapping[uuid.UUID, AnswerStatus], meaning: Meaning) -> str | None:
    """Why the numbers can't be recorded as said, or None. Heads above the seats are a request instead."""
    for event in context.events:
        if says.get(event.event_id) is not AnswerStatus.YES or meaning.heads is not None:
            continue
        limit = _heads_before(event) or event.seats
        if sum(meaning.diets.values()) > limit:
            return f"names {sum(meaning.diets.values())} meals for {limit} people ({event.title})"
        if (meaning.children or 0) > limit:
            return f"names {meaning.children} children for {limit} people ({event.title})"
    return None


def record(context: Context, says: Mapping[uuid.UUID, AnswerStatus], meaning: Meaning) -> Recorded:
    """The answers that follow, for the events in ``says``."""
    if meaning.each:
        return settle(context, _each(context, says, meaning))
    yes = [event for event in context.events if says.get(event.event_id) is AnswerStatus.YES]
    fits_some = meaning.heads is not None and any(meaning.heads <= event.seats for event in yes)
    return settle(
        context,
        [
            _yes(event, meaning, fits_some)
            if says[event.event_id] is AnswerStatus.YES
            else NewAnswer(event.event_id, says[event.event_id])
            for event in context.events
            if event.event_id in says
        ],
    )


def _each(context: Context, says: Mapping[uuid.UUID, AnswerStatus], meaning: Meaning) -> list[NewAnswer]:
    """An answer for each event, with the number that was given for that one."""
    heads = {line.slug: line.heads for line in meaning.each}
    plain = replace(meaning, each=())
    return [
        _yes(event, replace(plain, heads=heads.get(event.slug, heads.get(REST))), False)
        if says[event.event_id] is AnswerStatus.YES
        else NewAnswer(event.event_id, says[event.event_id])
        for event in context.events
        if event.event_id in says
    ]


def settle(context: Context, drafts: Sequence[NewAnswer]) -> Recorded:
    """What these answers change, and what is open then; at most one for each event of the household."""
    answers: list[NewAnswer] = []
    repeats: list[NewAnswer] = []
    events: list[InvitedEvent] = []
    by_event = {draft.event_id: draft for draft in drafts}
    for event in context.events:
        answer = by_event.get(event.event_id)
        if answer is None:
            events.append(event)
            continue
        then = _applied(event, answer)
        events.append(then)
        (repeats if then == event else answers).append(answer)
    changed = {answer.event_id for answer in answers}
    asked = set(context.question.events) if context.question else set()
    asked |= {draft.event_id for draft in drafts if draft.status is AnswerStatus.YES}
    return Recorded(
        tuple(answers),
        tuple(events),
        tuple(e for e in events if e.event_id in changed and e.requested_heads is not None),
        tuple(e for e in events if e.event_id in asked and _needs_heads(e)),
        tuple(repeats),
    )


def _needs_heads(event: InvitedEvent) -> bool:
    counted = event.heads is not None or event.requested_heads is not None
    return event.answered is AnswerStatus.YES and event.seats > 1 and not counted


def _heads_before(event: InvitedEvent) -> int | None:
    if event.answered is AnswerStatus.YES and event.heads is not None and event.heads <= event.seats:
        return event.heads
    return None


def _yes(event: InvitedEvent, meaning: Meaning, fits_some: bool) -> NewAnswer:
    """A yes for one event.

    More heads than seats are a request. But where the number fits another event of the same answer, it may
    not be meant for this one: then it is asked for.
    """
    before = _before(event)
    if before.heads is not None and (meaning.more or meaning.diet_of_all):
        return _changed(event, before, meaning)
    if meaning.everyone and meaning.heads is None and before.heads is None and event.seats > 0:
        return replace(before, heads=event.seats)
    if meaning.heads is not None and meaning.heads > event.seats:
        if fits_some and event.seats > 1:
            return before
        return replace(before, requested_heads=meaning.heads, note=_request_note(meaning))
    if meaning.heads is not None:
        adults, children = meaning.adults, meaning.children
        if adults is None and children is None:
            adults, children = _parts_before(before, meaning.heads)
        answer = replace(before, heads=meaning.heads, adults=adults, children=children, requested_heads=None)
    elif meaning.children is not None:
        heads = before.heads if before.heads is not None and before.heads >= meaning.children else None
        answer = replace(before, heads=heads, adults=None, children=meaning.children)
    else:
        answer = before
    if answer.heads is None and event.seats == 1 and answer.requested_heads is None:
        answer = replace(answer, heads=1)
    diets, note = meaning.diets or before.diets, ""
    if answer.heads is not None and sum(diets.values()) > answer.heads:
        note = f"had named {sum(diets.values())} meals before"
        diets = _NO_DIETS
    return replace(answer, diets=MappingProxyType(dict(diets)), note=note)


def _changed(event: InvitedEvent, before: NewAnswer, meaning: Meaning) -> NewAnswer:
    """So many more or fewer than stand, or what all who stand eat."""
    assert before.heads is not None, "a number stands"
    if not meaning.more:
        return replace(before, diets=MappingProxyType({meaning.diet_of_all: before.heads}))
    return _yes(event, replace(meaning, more=0, heads=max(before.heads + meaning.more, 1)), False)


def _before(event: InvitedEvent) -> NewAnswer:
    """What stands of an earlier yes."""
    if event.answered is not AnswerStatus.YES:
        return NewAnswer(event.event_id, AnswerStatus.YES)
    return NewAnswer(
        event.event_id,
        AnswerStatus.YES,
        heads=_heads_before(event),
        adults=event.adults,
        children=event.children,
        diets=event.diets,
        requested_heads=event.requested_heads,
    )


def _parts_before(before: NewAnswer, heads: int) -> tuple[int | None, int | None]:
    """Adults and children said earlier, as far as they still fit the head count."""
    if before.heads == heads:
        return before.adults, before.children
    if before.heads is None and before.children is not None and before.children <= heads:
        return None, before.children
    return None, None


def _request_note(meaning: Meaning) -> str:
    """What was said besides the number, for the person who decides on the request."""
    people = (("adults", meaning.adults), ("children", meaning.children))
    parts = [f"{number} {word}" for word, number in people if number]
    parts += [f"{number} {diet}" for diet, number in meaning.diets.items()]
    return f"asked for {meaning.heads}" + (f": {', '.join(parts)}" if parts else "")


def _applied(event: InvitedEvent, answer: NewAnswer) -> InvitedEvent:
    return replace(
        event,
        answered=answer.status,
        heads=answer.heads,
        adults=answer.adults,
        children=answer.children,
        diets=MappingProxyType(dict(answer.diets)),
        requested_heads=answer.requested_heads,
    )
