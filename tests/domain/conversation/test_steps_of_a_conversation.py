from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain import answers
from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.answers import Answer, AnswerStatus
from parinaya_cli.domain.conversation.context import (
    ConsentChange,
    Context,
    InvitedEvent,
    NewAnswer,
    Question,
    QuestionKind,
    Step,
)
from parinaya_cli.domain.conversation.steps import (
    hear_ambiguous,
    hear_check,
    hear_other,
    hear_stranger,
    hear_tap,
    hear_words,
)
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.taps import TapMeaning

YES, NO, MAYBE = AnswerStatus.YES, AnswerStatus.NO, AnswerStatus.MAYBE
HALDI, SANGEET, RECEPTION = (uuid.UUID(int=number) for number in (1, 2, 3))
TITLES = {HALDI: "Haldi", SANGEET: "Sangeet", RECEPTION: "Reception"}


def household(
    *seats: int, language: str = "en", about: tuple[uuid.UUID, ...] = (), stopped: bool = False
) -> Context:
    """A household with so many seats at Haldi, Sangeet and Reception, in this order."""
    events = tuple(
        InvitedEvent(event_id, title.lower(), title, date(2026, 12, 10 + place), seats[place])
        for place, (event_id, title) in enumerate(TITLES.items())
        if place < len(seats)
    )
    return Context(uuid.UUID(int=99), language, events, about=about, stopped=stopped)


def after(context: Context, step: Step) -> Context:
    """The context of the next message: what the step recorded and asked has been kept."""
    new = {answer.event_id: answer for answer in step.answers}
    events = []
    for event in context.events:
        answer = new.get(event.event_id)
        if answer is not None:
            event = replace(
                event,
                answered=answer.status,
                heads=answer.heads,
                adults=answer.adults,
                children=answer.children,
                diets=answer.diets,
                requested_heads=answer.requested_heads,
            )
        events.append(event)
    told = context.courtesy_sent or (step.reply is not None and step.reply.kind == "courtesy")
    stopped = {ConsentChange.OPT_OUT: True, ConsentChange.OPT_IN: False, None: context.stopped}[step.consent]
    return replace(
        context, events=tuple(events), question=step.question, about=(), courtesy_sent=told, stopped=stopped
    )


def said(step: Step) -> dict[uuid.UUID, tuple[AnswerStatus, int | None]]:
    return {answer.event_id: (answer.status, answer.heads) for answer in step.answers}


def replied(step: Step) -> str:
    assert step.reply is not None
    return step.reply.text


def talk(context: Context, *texts: str) -> tuple[Context, Step]:
    """Say these one after the other; the last step, and the context before it."""
    before, step = context, Step()
    for text in texts:
        before = context
        step = hear_words(context, text)
        context = after(context, step)
    return before, step


# ── a plain yes ────────────────────────────────────────────────────────────────────────────────────────


def test_a_tap_and_a_number_take_two_replies() -> None:
    context = household(4, 4, about=(HALDI, SANGEET))
    first = hear_tap(context, TapMeaning("yes", 12, (1, 2)))
    assert said(first) == {HALDI: (YES, None), SANGEET: (YES, None)}
    assert first.question == Question(QuestionKind.HEADS, (HALDI, SANGEET))
    assert first.inbox is None
    assert replied(first) == "Thank you! How many of you will come (up to 4)? Please write the number."

    second = hear_words(after(context, first), "4")
    assert said(second) == {HALDI: (YES, 4), SANGEET: (YES, 4)}
    assert second.question is None
    assert replied(second) == (
        "Thank you! We have noted:\n• Haldi, 10 Dec: 4 people\n• Sangeet, 11 Dec: 4 people\n"
        "To change anything, just write to us here."
    )
    assert hear_words(after(after(context, first), second), "Thank you so much") == Step()


def test_the_same_in_hindi() -> None:
    context = household(4, language="hi")
    first = hear_words(context, "हाँ, आएँगे")
    assert replied(first) == "धन्यवाद! आप कितने लोग आएँगे (4 तक)? कृपया संख्या लिखें।"
    second = hear_words(after(context, first), "तीन")
    assert replied(second) == (
        "धन्यवाद! हमने लिख लिया है:\n• Haldi, 10 दिसंबर: 3 लोग\nकुछ बदलना हो तो यहीं लिख दीजिए।"
    )


def test_one_seat_needs_no_question() -> None:
    step = hear_words(household(1, 1), "yes")
    assert said(step) == {HALDI: (YES, 1), SANGEET: (YES, 1)}
    assert "1 person" in replied(step)
    assert step.question is None


def test_a_number_said_with_the_yes_takes_one_reply() -> None:
    step = hear_words(household(4, 4), "haan ji 3 log aayenge")
    assert said(step) == {HALDI: (YES, 3), SANGEET: (YES, 3)}
    assert step.reply is not None
    assert step.reply.kind == "summary"


def test_adults_children_and_diets_are_kept() -> None:
    _, step = talk(household(6), "Yes 2 adults 2 kids", "3 veg 1 jain")
    (answer,) = step.answers
    assert (answer.heads, answer.adults, answer.children) == (4, 2, 2)
    assert dict(answer.diets) == {"veg": 3, "jain": 1}
    assert "4 people (2 adults, 2 children), 3 veg, 1 Jain" in replied(step)


def test_diets_before_the_head_count_are_noted_and_the_question_stays() -> None:
    context = household(4)
    _, step = talk(context, "yes", "2 veg 1 jain")
    assert step.question == Question(QuestionKind.HEADS, (HALDI,))
    assert "2 veg, 1 Jain" in replied(step)
    _, step = talk(context, "yes", "2 veg 1 jain", "3")
    assert dict(step.answers[0].diets) == {"veg": 2, "jain": 1}
    assert step.answers[0].heads == 3


def test_more_meals_than_people_are_for_a_person() -> None:
    _, step = talk(household(4), "yes 2 people", "3 veg 1 jain")
    assert step.answers == ()
    assert step.inbox == "names 4 meals for 2 people (Haldi)"


# ── seats ──────────────────────────────────────────────────────────────────────────────────────────────


def test_more_heads_than_seats_are_a_request() -> None:
    context = household(4)
    for texts in (("yes", "6"), ("yes, 6 people",)):
        _, step = talk(context, *texts)
        (answer,) = step.answers
        assert (answer.status, answer.heads, answer.requested_heads) == (YES, None, 6)
        assert step.inbox == "asks for 6 seats, has 4 (Haldi)"
        assert "6 seats for Haldi; your invitation has 4" in replied(step)
        assert step.question is None


def test_a_request_leaves_the_head_count_that_was_given() -> None:
    _, step = talk(household(4), "yes 3", "actually 3", "we will be 7 people")
    assert [(answer.heads, answer.requested_heads) for answer in step.answers] == [(3, 7)]


def test_a_later_number_within_the_seats_ends_the_request() -> None:
    _, step = talk(household(4), "yes 6 people", "4")
    assert [(answer.heads, answer.requested_heads) for answer in step.answers] == [(4, None)]
    assert step.inbox is None


def test_different_seats_are_asked_once_and_again_only_where_the_number_does_not_fit() -> None:
    context = household(2, 5)
    first = hear_words(context, "yes")
    assert "• Haldi: up to 2\n• Sangeet: up to 5" in replied(first)
    second = hear_words(after(context, first), "4")
    assert said(second) == {SANGEET: (YES, 4)}
    assert second.question == Question(QuestionKind.HEADS, (HALDI,))
    assert replied(second).startswith("Thank you! How many of you will come to Haldi (up to 2)?")
    third = hear_words(after(after(context, first), second), "2")
    assert said(third) == {HALDI: (YES, 2)}
    assert third.question is None


def test_a_number_for_a_single_seat_is_a_request_there() -> None:
    step = hear_words(household(1, 4), "yes 3 people")
    assert [(a.heads, a.requested_heads) for a in step.answers] == [(None, 3), (3, None)]
    assert step.inbox == "asks for 3 seats, has 1 (Haldi)"


def test_no_seats_are_for_the_family() -> None:
    step = hear_words(household(0), "yes")
    assert said(step) == {HALDI: (YES, None)}
    assert step.inbox == "says yes, has no seats (Haldi)"
    assert step.question is None


# ── some events, others not ────────────────────────────────────────────────────────────────────────────


def test_only_one_event() -> None:
    step = hear_words(household(1, 1, 1), "only sangeet")
    assert said(step) == {HALDI: (NO, None), SANGEET: (YES, 1), RECEPTION: (NO, None)}


def test_one_event_named_leaves_the_others_open() -> None:
    step = hear_words(household(1, 1, 1), "sangeet mein aayenge")
    assert said(step) == {SANGEET: (YES, 1)}
    assert "Haldi" not in replied(step)


def test_all_but_one() -> None:
    step = hear_words(household(3, 3, 3), "can't make sangeet but will come for the rest")
    assert said(step) == {HALDI: (YES, None), SANGEET: (NO, None), RECEPTION: (YES, None)}
    assert step.question == Question(QuestionKind.HEADS, (HALDI, RECEPTION))
    assert "Haldi and Reception (up to 3)" in replied(step)


def test_the_message_replied_to_says_which_events() -> None:
    assert said(hear_words(household(1, 1, 1, about=(SANGEET,)), "yes")) == {SANGEET: (YES, 1)}
    assert said(hear_words(household(1, 1, 1, about=(SANGEET,)), "no")) == {SANGEET: (NO, None)}
    every = hear_words(household(1, 1, 1, about=(SANGEET,)), "yes to all events")
    assert set(said(every)) == {HALDI, SANGEET, RECEPTION}


def test_an_event_off_the_invitation_is_not_guessed() -> None:
    step = hear_words(household(2, 2), "coming for the reception")
    assert step.answers == ()
    assert step.inbox == "not understood"
    gone = hear_tap(household(2, about=(RECEPTION,)), "yes")
    assert gone.answers == ()
    assert gone.inbox == "taps a button for an event that is not on its invitation"


def test_a_tap_of_another_message_keeps_the_open_question() -> None:
    context = household(3, 3, 3)
    context = after(context, hear_tap(replace(context, about=(HALDI,)), "yes"))
    step = hear_tap(replace(context, about=(SANGEET,)), "yes")
    assert step.question == Question(QuestionKind.HEADS, (HALDI, SANGEET))
    done = hear_words(after(context, step), "2")
    assert said(done) == {HALDI: (YES, 2), SANGEET: (YES, 2)}


# ── changed minds ──────────────────────────────────────────────────────────────────────────────────────


def test_a_changed_mind_is_a_new_answer_and_a_summary() -> None:
    _, step = talk(household(4), "yes 4", "sorry, we can't come")
    assert said(step) == {HALDI: (NO, None)}
    assert replied(step).startswith(
        "Thank you for letting us know. We have noted:\n• Haldi, 10 Dec: not coming"
    )
    _, step = talk(household(4), "no", "We will come, 2 people")
    assert said(step) == {HALDI: (YES, 2)}


def test_a_changed_number() -> None:
    _, step = talk(household(4, 4), "yes 4", "3 log")
    assert said(step) == {HALDI: (YES, 3), SANGEET: (YES, 3)}


def test_a_number_keeps_the_diets_that_still_fit() -> None:
    _, step = talk(household(5), "yes 4 people, 3 veg 1 jain", "5")
    assert dict(step.answers[0].diets) == {"veg": 3, "jain": 1}
    _, step = talk(household(5), "yes 4 people, 3 veg 1 jain", "2")
    assert dict(step.answers[0].diets) == {}
    assert step.answers[0].note == "had named 4 meals before"


@pytest.mark.parametrize(
    ("first", "then", "proposed"),
    [
        (("yes",), "no", {HALDI: (NO, None), SANGEET: (NO, None)}),
        (("yes", "3"), "no", {HALDI: (NO, None), SANGEET: (NO, None)}),
        (("no",), "yes", {HALDI: (YES, None), SANGEET: (YES, None)}),
        (("yes", "3"), "maybe", {HALDI: (MAYBE, None), SANGEET: (MAYBE, None)}),
        ((), "4", {HALDI: (YES, 4), SANGEET: (YES, 4)}),
        ((), "sangeet 4 log", {SANGEET: (YES, 4)}),
        ((), "Nahi aa sakte, office ka kaam", {HALDI: (NO, None), SANGEET: (NO, None)}),
        ((), "Yes, 3 people will come, Inshallah", {HALDI: (YES, 3), SANGEET: (YES, 3)}),
    ],
)
def test_what_is_likely_is_read_back_before_it_counts(
    first: tuple[str, ...], then: str, proposed: dict[uuid.UUID, tuple[AnswerStatus, int | None]]
) -> None:
    before, step = talk(household(4, 4), *first, then)
    assert (step.answers, step.inbox) == ((), None)
    assert step.reply is not None
    assert [len(button.title) <= 20 for button in step.reply.buttons] == [True, True]
    context = after(before, step)
    for right in (hear_words(context, "haan ji"), hear_check(context, step.reply.buttons[0].id)):
        assert said(right) == proposed
        assert right.inbox is None
    for wrong in (hear_words(context, "no"), hear_check(context, step.reply.buttons[1].id)):
        assert (wrong.answers, wrong.question) == ((), None)
        assert wrong.inbox == "says that it was misunderstood"


def test_an_old_reading_back_confirms_nothing() -> None:
    before, step = talk(household(4), "yes", "3", "no")
    assert step.reply is not None
    old = step.reply.buttons[0].id
    stale = after(after(before, step), hear_words(after(before, step), "Yes we are coming, 2 people"))
    assert hear_check(stale, old).inbox == "taps a button of an older question"
    other = after(stale, hear_words(stale, "maybe"))
    assert hear_check(other, old).answers == ()


def test_nothing_is_read_back_twice_running_nor_to_who_has_stopped() -> None:
    context, _ = talk(household(4), "yes", "3", "no", "sorry ji, papa bimar, nahi aa payenge")
    assert context.question is not None
    assert hear_words(context, "sorry ji, bimar hain, nahi aa payenge").inbox == "not understood for certain"
    told = household(4, stopped=True)
    assert hear_words(told, "4").inbox == "not understood for certain"


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("sangeet 2 log, haldi 3 log", {SANGEET: (YES, 2), HALDI: (YES, 3)}),
        ("2 for haldi and 3 for sangeet", {HALDI: (YES, 2), SANGEET: (YES, 3)}),
        ("haldi no sangeet yes", {HALDI: (NO, None), SANGEET: (YES, None)}),
        ("Haldi ❌ Sangeet ✅", {HALDI: (NO, None), SANGEET: (YES, None)}),
        ("हल्दी नहीं, संगीत 4 लोग", {HALDI: (NO, None), SANGEET: (YES, 4)}),
    ],
)
def test_an_answer_for_each_event(text: str, heads: dict[uuid.UUID, tuple[AnswerStatus, int | None]]) -> None:
    assert said(hear_words(household(4, 4, 4), text)) == heads


# ── questions ──────────────────────────────────────────────────────────────────────────────────────────


def knowing(*seats: int, language: str = "en") -> Context:
    """A household whose events say where and when they are; the haldi has no dress code."""
    context = household(*seats, language=language)
    told = tuple(
        replace(
            event,
            starts_at=datetime(2026, 12, event.day.day, 19, 30, tzinfo=UTC),
            venue=f"{event.title} Lawns",
            address="Bhawani Singh Road",
            dress_code="" if event.event_id == HALDI else "Indian, festive",
        )
        for event in context.events
    )
    return replace(context, events=told, couple="Ananya & Kabir")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Sangeet kahan hai?", "Sangeet: Sangeet Lawns, Bhawani Singh Road"),
        ("संगीत कब है", "Sangeet: 11 Dec, 7:30 pm"),
        ("dress code for the sangeet pls", "Sangeet: Indian, festive"),
        ("what should we wear?", "Sangeet: Indian, festive"),
        ("Where and when is the haldi", "Haldi: Haldi Lawns, Bhawani Singh Road; 10 Dec, 7:30 pm"),
    ],
)
def test_where_when_and_what_to_wear_are_answered_from_the_events(text: str, answer: str) -> None:
    step = hear_words(knowing(4, 4), text)
    assert (replied(step), step.answers, step.inbox) == (answer, (), None)


@pytest.mark.parametrize(
    "text",
    [
        "What is the dress code for haldi?",
        "Is there parking at the venue?",
        "What time does the baraat start?",
        "Which hotel should we book?",
    ],
)
def test_what_the_events_do_not_say_goes_to_a_person(text: str) -> None:
    step = hear_words(knowing(4, 4), text)
    assert step.inbox is not None
    assert step.reply is not None
    assert step.reply.kind == "courtesy"


def test_an_answer_and_a_question_take_one_message() -> None:
    step = hear_words(knowing(4, 4), "Yes, 3 people. Where is the sangeet?")
    assert said(step) == {HALDI: (YES, 3), SANGEET: (YES, 3)}
    assert "Sangeet Lawns" in replied(step)
    assert "3 people" in replied(step)


def test_a_question_keeps_the_open_question() -> None:
    context, step = talk(knowing(4), "yes", "kab hai?")
    assert step.question == context.question
    assert said(hear_words(after(context, step), "3")) == {HALDI: (YES, 3)}


@pytest.mark.parametrize(
    "text", ["Who is this?", "aap kaun", "Sorry, who is this? number not saved", "आप कौन हैं"]
)
def test_who_writes_is_told(text: str) -> None:
    step = hear_words(knowing(4), text)
    assert "Ananya & Kabir" in replied(step)
    assert step.inbox is None
    assert hear_words(knowing(4), "who is coming").inbox is not None


def test_children_and_diets_are_asked_where_the_wedding_wants_them() -> None:
    plain = knowing(4)
    asking = replace(plain, ask_children=True, ask_diets=True)
    for text in ("yes", "yes 3 people"):
        assert "veg" not in replied(hear_words(plain, text))
        assert "children and what you eat" in replied(hear_words(asking, text))
    _, last = talk(asking, "yes", "2 adults 1 child, 2 veg 1 jain")
    assert "what you eat" not in replied(last)
    assert (last.answers[0].heads, last.answers[0].children, dict(last.answers[0].diets)) == (
        3,
        1,
        {"veg": 2, "jain": 1},
    )
    _, last = talk(asking, "yes", "3")
    assert "what you eat" not in replied(last), "it is asked once"


def test_yes_we_come_does_not_bring_back_the_event_that_was_declined() -> None:
    _, step = talk(household(3, 3), "can't make haldi", "yes", "Yes we are coming, 2 people")
    assert said(step) == {SANGEET: (YES, 2)}
    _, step = talk(household(3, 3, 3), "can't make haldi", "can't make sangeet but will come for the rest")
    assert said(step) == {SANGEET: (NO, None), RECEPTION: (YES, None)}


def test_saying_it_again_changes_nothing_and_costs_nothing() -> None:
    again = talk(household(1), "yes", "yes we are coming")[1]
    assert replace(again, repeats=()) == Step()
    assert [(one.status, one.heads) for one in again.repeats] == [(YES, 1)]
    context = after(household(4), hear_tap(household(4), "yes"))
    assert replace(hear_tap(context, "yes"), repeats=()) == Step(question=context.question)


def test_the_number_is_asked_for_once_more_and_then_by_a_person() -> None:
    _, step = talk(household(4), "yes", "yes")
    assert (step.inbox, step.answers, step.reply and step.reply.kind) == (None, (), "ask_heads")
    assert step.question == Question(QuestionKind.HEADS, (HALDI,), again=True)
    _, step = talk(household(4), "yes", "yes", "haan ji")
    assert step.inbox == "answers without the number that was asked for"
    assert step.question is not None
    assert said(talk(household(4), "yes", "yes", "3")[1]) == {HALDI: (YES, 3)}


# ── maybe, thanks, persons ─────────────────────────────────────────────────────────────────────────────


def test_maybe_is_recorded_with_a_short_line() -> None:
    step = hear_words(household(4), "not sure yet")
    assert said(step) == {HALDI: (MAYBE, None)}
    assert replied(step) == (
        "Thank you. We have noted that you are not sure yet (Haldi). Please write when you know."
    )


def test_maybe_is_no_answer_to_how_many() -> None:
    _, step = talk(household(4), "yes", "not sure")
    assert step.answers == ()
    assert step.inbox == "is not sure how many will come"


def test_an_ok_is_heard_when_nothing_is_open_and_looked_at_when_something_is() -> None:
    assert talk(household(1), "yes", "ok")[1] == Step()
    asked = hear_words(household(1), "ok")
    assert (asked.answers, asked.reply and asked.reply.kind, asked.inbox) == ((), "check", None)
    assert hear_words(household(1), "thanks") == Step()


def test_a_question_beside_an_answer_goes_to_a_person_and_the_answer_counts() -> None:
    step = hear_words(household(4, 4), "Yes 4 coming. Is there any hotel nearby?")
    assert {answer.heads for answer in step.answers} == {4}
    assert step.inbox == "asks a question"
    for text in ("Yes 4, or 5?", "4 coming. Can 2 more come?", "sangeet at 7 right? we will come"):
        assert hear_words(household(4, 4), text).answers == ()


def test_a_room_beside_an_answer_is_read_back_and_told_to_a_person() -> None:
    step = hear_words(household(4, 4), "4 people coming, need 2 rooms")
    assert (step.answers, step.reply and step.reply.kind) == ((), "check")
    assert step.inbox == "asks for a room, a lift or the like"


def test_an_ok_to_what_was_read_back_confirms_nothing() -> None:
    asked = hear_words(household(1), "👍")
    assert hear_words(after(household(1), asked), "ok").answers == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Please call me", "asks for a person"),
        ("What is the venue?", "asks a question"),
        ("2 or 3", "not understood"),
        ("hum do hamare do", "not understood"),
        ("stop at the hotel first", "not understood"),
        ("could be 3", "not understood"),
    ],
)
def test_what_is_not_certain_goes_to_a_person_with_one_polite_line(text: str, reason: str) -> None:
    context = household(4, 4)
    first = hear_words(context, text)
    assert (first.answers, first.inbox) == ((), reason)
    assert replied(first) == "Thank you, someone of the family will answer you."
    again = hear_words(after(context, first), text)
    assert (again.inbox, again.reply) == (reason, None)


def test_other_kinds_of_messages() -> None:
    step = hear_other(household(2), "audio")
    assert step.inbox == "sent something other than words (audio)"
    assert step.reply is not None
    assert hear_other(replace(household(2), courtesy_sent=True), "image").reply is None


def test_strangers_are_never_answered() -> None:
    for step in (hear_stranger(), hear_ambiguous()):
        assert step.inbox
        assert step == Step(inbox=step.inbox)


def test_an_unknown_tap_is_refused() -> None:
    with pytest.raises(UsedWrongly):
        hear_tap(household(1), "perhaps")


# ── stop and start ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["STOP", "बंद करो", "please stop sending messages"])
def test_stop_is_confirmed_once(text: str) -> None:
    context = household(2)
    first = hear_words(context, text)
    assert (first.consent, first.answers, first.inbox) == (ConsentChange.OPT_OUT, (), None)
    assert "START" in replied(first)
    again = hear_words(after(context, first), text)
    assert (again.consent, again.reply) == (ConsentChange.OPT_OUT, None)
    assert hear_tap(context, TapMeaning("stop", 1, ())) == first


def test_who_has_stopped_is_heard_and_not_answered() -> None:
    context = household(4, stopped=True)
    for text in ("yes", "yes 3", "no", "maybe", "what is the venue", "call me", "yes 9"):
        assert hear_words(context, text).reply is None
    assert said(hear_words(context, "yes 3")) == {HALDI: (YES, 3)}
    assert hear_words(context, "yes").question is None
    assert hear_words(context, "call me").inbox == "asks for a person"
    start = hear_words(context, "START")
    assert start.consent is ConsentChange.OPT_IN
    assert "STOP" in replied(start)


# ── whatever is said ───────────────────────────────────────────────────────────────────────────────────

_SAYINGS = [
    *(
        "yes",
        "no",
        "maybe",
        "haan ji 3 log",
        "4",
        "2 veg 1 jain",
        "only sangeet",
        "sangeet 2",
        "ok",
        "thanks",
    ),
    *(
        "can't make haldi but will come for the rest",
        "Yes 4 adults 2 kids",
        "yes with 2 kids",
        "12 log aayenge",
    ),
    *(
        "nahi aa payenge",
        "all except reception",
        "Sangeet: yes, Haldi: no",
        "STOP",
        "START",
        "what?",
        "just me",
    ),
    *("Not coming for haldi", "yes to all events", "5 people including 2 kids", "Yes 3 people, all veg"),
]
_turns = st.one_of(
    st.tuples(st.just("words"), st.sampled_from(_SAYINGS) | st.text(max_size=20)),
    st.tuples(st.just("tap"), st.sampled_from(["yes", "no", "maybe", "stop"])),
    st.tuples(st.just("other"), st.sampled_from(["audio", "image"])),
)
_abouts = st.lists(st.sampled_from(list(TITLES)), max_size=3, unique=True).map(tuple)


def check(answer: NewAnswer, seats: int) -> None:
    """The rules of every answer hold for this one too."""
    answers.check(
        Answer(
            uuid.UUID(int=99),
            answer.event_id,
            answer.status,
            datetime(2026, 1, 1, tzinfo=UTC),
            Channel.WEBHOOK,
            "wamid.1",
            answer.heads,
            answer.adults,
            answer.children,
            answer.diets,
            answer.note,
            answer.requested_heads,
        ),
        seats,
    )


@given(
    st.lists(st.integers(0, 7), min_size=0, max_size=3),
    st.lists(st.tuples(_turns, _abouts), max_size=6),
    st.sampled_from(["en", "hi", "hi_IN", "ta"]),
)
def test_whatever_is_said_in_whatever_order(
    seats: list[int], turns: list[tuple[tuple[str, str], tuple[uuid.UUID, ...]]], language: str
) -> None:
    context = household(*seats, language=language)
    for (kind, what), about in turns:
        context = replace(context, about=about)
        step = {"words": hear_words, "tap": hear_tap, "other": hear_other}[kind](context, what)
        given_seats = {event.event_id: event.seats for event in context.events}
        for answer in step.answers:
            check(answer, given_seats[answer.event_id])
            assert answer.requested_heads is None or answer.requested_heads > given_seats[answer.event_id]
            assert answer.heads is None or sum(answer.diets.values()) <= answer.heads
        if step.reply is not None:
            assert 0 < len(step.reply.text) <= 1024
            assert not context.stopped or step.consent is ConsentChange.OPT_IN
            assert (step.reply.kind == "courtesy") <= (step.inbox is not None)
            assert not step.reply.buttons or step.answers == ()
        context = after(context, step)
        if step.question is not None:
            standing = {event.event_id: event for event in context.events}
            assert step.question.events
            assert (
                step.question.proposed
                or not step.answers
                or all(standing[asked].heads is None for asked in step.question.events)
            )


@given(
    st.lists(st.text(max_size=80), min_size=1, max_size=30),
    st.sampled_from(["en", "hi"]),
    st.sampled_from(["yes", "no"]),
)
def test_replies_are_short_whatever_the_events_are_called(
    titles: list[str], language: str, answer: str
) -> None:
    events = tuple(
        InvitedEvent(uuid.UUID(int=place), f"event-{place}", title, date(2026, 12, 1), 1 + place % 3)
        for place, title in enumerate(titles)
    )
    context = Context(uuid.UUID(int=99), language, events)
    for text in (answer, "yes 3 people", "maybe"):
        step = hear_words(context, text)
        if step.reply is not None:
            assert 0 < len(step.reply.text) <= 1024


def test_meals_said_earlier_stand_in_the_summary() -> None:
    context = household(4)
    event = replace(context.events[0], answered=YES, heads=2, diets=MappingProxyType({"veg": 2}))
    step = hear_words(replace(context, events=(event,)), "3")
    assert "3 people, 2 veg" in replied(step)
