"""What is likely and not certain: read back, never recorded, and never said of what a person has to read."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.conversation import second_look, slips, tagging, tokens
from parinaya_cli.domain.conversation.context import Context, InvitedEvent, Step
from parinaya_cli.domain.conversation.steps import hear_words
from tests.domain.conversation import labelled
from tests.domain.conversation.test_understanding_of_words import ALL_WORDS, EVENTS

_PLAIN = (
    "yes",
    "haan",
    "yes we are coming",
    "haan ji hum aayenge",
    "we will be there",
    "4 log aayenge",
    "zaroor aayenge",
    "हम आएंगे",
    "coming, 3 people",
    "see you there, we will come",
    "will attend the sangeet",
    "count us in",
)
_BEFORE = (
    "if",
    "agar",
    "अगर",
    "unless",
    "maybe",
    "shayad",
    "शायद",
    "not sure if",
    "not",
    "nahi",
    "hopefully",
    "as if",
)
_BEHIND = (
    "but",
    "par",
    "lekin",
    "but not sure",
    "par pakka nahi",
    "maybe",
    "shayad",
    "if we get leave",
    "agar chhutti mili to",
    "unless papa is ill",
    "not",
    "... not!",
    "nahi",
    "nahi aa payenge",
    "cannot",
    "but we can't",
    "only if Neha comes",
    "provided you pay",
    "health permitting",
    "tickets mile to",
    "or not",
    "ya nahi",
    "in your dreams",
    "just kidding",
)


def invited(said: str = "invited") -> Context:
    return labelled.situation(said)


def recorded(step: Step) -> set[AnswerStatus]:
    return {answer.status for answer in step.answers}


def proposed(step: Step) -> set[tuple[AnswerStatus, int | None]]:
    assert step.answers == ()
    assert step.reply is not None
    assert step.reply.kind == "check"
    assert step.question is not None
    return {(answer.status, answer.heads) for answer in step.question.proposed}


@given(st.lists(st.sampled_from(ALL_WORDS), max_size=9).map(" ".join))
def test_a_guess_is_likely_and_never_sure(text: str) -> None:
    guessed = second_look.guess(tagging.tag(tokens.cut(text), EVENTS))
    assert guessed is None or (guessed.sure, guessed.likely) == (False, True)


@pytest.mark.parametrize("plain", _PLAIN)
def test_the_plain_yes_is_recorded(plain: str) -> None:
    assert AnswerStatus.YES in recorded(hear_words(invited(), plain))


@given(st.sampled_from(_PLAIN), st.sampled_from(_BEHIND), st.sampled_from([" ", ", ", ". ", "\n", " 😊 "]))
def test_a_doubt_behind_a_plain_yes_leaves_no_recorded_yes(plain: str, doubt: str, joint: str) -> None:
    assert AnswerStatus.YES not in recorded(hear_words(invited(), f"{plain}{joint}{doubt}"))


@given(st.sampled_from(_PLAIN), st.sampled_from(_BEFORE))
def test_a_doubt_before_a_plain_yes_leaves_no_recorded_yes(plain: str, doubt: str) -> None:
    assert AnswerStatus.YES not in recorded(hear_words(invited(), f"{doubt} {plain}"))


@pytest.mark.parametrize(
    "text",
    [
        "Coming... not!",
        "Yeah right, as if you invited me",
        "haan haan, jaise aapne humein bulaya tha",
        "oh sure, like last time you forgot us 🙄",
        "yes of course, if you pay my ticket 😜",
        "sure, when pigs fly",
        "will come when hell freezes over",
        "haan aayenge, sapne mein",
    ],
)
def test_what_is_not_meant_is_not_recorded(text: str) -> None:
    assert recorded(hear_words(invited(), text)) == set()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Kyun nahi aayenge, ghar ki shaadi hai", {(AnswerStatus.YES, None)}),
        ("nahi nahi hum zaroor aayenge", {(AnswerStatus.YES, None)}),
        ("4-5 log aayenge", {(AnswerStatus.YES, None)}),
        ("around 5 of us will come", {(AnswerStatus.YES, 5)}),
        ("dadi nahi aa payengi baaki hum 3 log aayenge", {(AnswerStatus.YES, 3)}),
        ("wife won't be able to come. only me", {(AnswerStatus.YES, 1)}),
        ("pehle haan bola tha par ab nahi aa payenge", {(AnswerStatus.NO, None)}),
        ("Yes we got your invite but sadly we can't attend", {(AnswerStatus.NO, None)}),
        ("namaste, hum nahi aa payenge kyunki papa ki tabiyat kharab hai", {(AnswerStatus.NO, None)}),
        ("Can't promise but will try", {(AnswerStatus.MAYBE, None)}),
        ("Will come for wedding, reception doubtful", {(AnswerStatus.YES, None), (AnswerStatus.MAYBE, None)}),
        ("sirf haldi miss karenge", {(AnswerStatus.YES, None), (AnswerStatus.NO, None)}),
        ("confrmed", {(AnswerStatus.YES, None)}),
        ("we will cmoe", {(AnswerStatus.YES, None)}),
        ("aana to hai hi", {(AnswerStatus.YES, None)}),
        ("possible nahi hai", {(AnswerStatus.NO, None)}),
        ("let me chk wid hubby n revert", {(AnswerStatus.MAYBE, None)}),
        ("14 ki subah ki flight hai, reception mein nahi honge", {(AnswerStatus.NO, None)}),
    ],
)
def test_what_is_likely_is_read_back(text: str, what: set[tuple[AnswerStatus, int | None]]) -> None:
    assert proposed(hear_words(invited(), text)) == what


@pytest.mark.parametrize(
    "text",
    [
        "Papa expired last week, we will come later",
        "My husband will come but I may not",
        "mummy aa jayegi, mera pakka nahi",
        "3 pakka, ek shayad",
        "will come if you arrange stay",
        "Sharma ji ke 5 aur Verma ji ke 3 log aayenge",
        "1st day nahi aa payenge, second day se",
        "wo nahi aa payenge",
        "mummy nahi aa payengi, sorry",
    ],
)
def test_what_is_for_a_person_is_not_guessed(text: str) -> None:
    step = hear_words(invited(), text)
    assert (step.answers, step.reply and step.reply.kind) == ((), "courtesy")


@pytest.mark.parametrize(
    ("text", "fact"),
    [("yes we are coming where is the venue", "Rambagh Lawns"), ("aayenge kab hai sangeet", "7:00 pm")],
)
def test_a_question_without_a_mark_is_answered_and_the_rest_is_read_back(text: str, fact: str) -> None:
    step = hear_words(invited(), text)
    assert proposed(step) == {(AnswerStatus.YES, None)}
    assert step.reply is not None
    assert fact in step.reply.text


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("kis kis function mein bulaya hai humko", "Mehendi: 11 Dec"),
        ("weding kitne bje h", "Wedding: 13 Dec, 7:00 pm"),
        ("wats d drss code for sangeet", "Sangeet: Indian, festive"),
        ("રિસેપ્શન ક્યાં છે?", "Reception: Rambagh Lawns"),
        ("Kis ki shaadi hai bhai, number save nahi hai", "This is the wedding"),
    ],
)
def test_a_question_in_other_spellings_is_answered(text: str, fact: str) -> None:
    step = hear_words(invited(), text)
    assert (step.answers, step.inbox) == ((), None)
    assert step.reply is not None
    assert fact in step.reply.text


@pytest.mark.parametrize(
    "text", ["My brother will come in my place", "we will come if you say where the venue is"]
)
def test_the_end_of_a_sentence_is_no_question(text: str) -> None:
    assert hear_words(invited(), text).answers == ()
    assert hear_words(invited(), text).inbox is not None


@pytest.mark.parametrize(
    ("said", "text", "heads"),
    [
        ("counting", "whole family", 6),
        ("counting", "sab aayenge", 6),
        ("counting", "max 4", 4),
        ("counting", "2+1", 3),
        ("answered", "1 aur badha do", 5),
        ("answered", "ek aur log aayega", 5),
        ("answered", "2 log kam ho gaye", 2),
    ],
)
def test_a_number_that_is_told_roundabout_is_read_back(said: str, text: str, heads: int) -> None:
    assert proposed(hear_words(invited(said), text)) == {(AnswerStatus.YES, heads)}


def test_what_all_eat_is_read_back_for_the_number_that_stands() -> None:
    step = hear_words(invited("answered"), "we are all jain")
    assert proposed(step) == {(AnswerStatus.YES, 4)}
    assert step.question is not None
    assert {tuple(answer.diets.items()) for answer in step.question.proposed} == {(("jain", 4),)}
    assert hear_words(invited(), "we are all jain").inbox is not None


def test_a_greeting_is_told_who_writes_here_while_something_is_open() -> None:
    step = hear_words(invited(), "Good morning 🌞")
    assert (step.reply and step.reply.kind, step.inbox) == ("who", None)
    assert hear_words(invited("answered"), "Hello ji") == Step()
    asked = invited("counting")
    assert hear_words(asked, "namaste") == Step(question=asked.question)


@pytest.mark.parametrize(
    "text", ["❤️", "🎉🎉", "Congratulations to Ananya and Kabir", "Aww so happy for you both"]
)
def test_good_wishes_cost_nothing(text: str) -> None:
    assert hear_words(invited(), text) == Step()


def test_a_wish_beside_news_is_read_by_a_person() -> None:
    assert hear_words(invited(), "Congratulations, but papa is in the ICU").inbox is not None


def test_one_slip_of_the_keyboard_is_put_right_and_two_words_that_could_be_meant_are_not() -> None:
    assert slips.mend(["confrmed", "xyzzy"], {"confrmed", "xyzzy"}) == ["confirmed", "xyzzy"]
    assert slips.mend(["delhi", "bring", "aadha"], {"delhi", "bring", "aadha"}) is None
    assert slips.mend(["confrmed"], set()) is None


def test_nobody_is_asked_back_about_an_event_that_is_over() -> None:
    context = Context(UUID(int=1), "en", ())
    assert hear_words(context, "nahi nahi hum zaroor aayenge").inbox is not None
    one = InvitedEvent(UUID(int=2), "haldi", "Haldi", date(2026, 12, 10), 4)
    assert proposed(hear_words(Context(UUID(int=1), "en", (one,)), "why not, zaroor")) == {
        (AnswerStatus.YES, None)
    }
