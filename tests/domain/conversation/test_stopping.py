"""No more messages, in any words: heard at once, and never heard in what wishes something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.conversation import stopping
from parinaya_cli.domain.conversation.context import ConsentChange
from parinaya_cli.domain.conversation.steps import hear_words
from tests.domain.conversation import labelled

_STOPS = """
msg mat bhejo|msg mat bhejo dobara|don't message me again|band karo ye message|please remove my number|message na kare
मुझे मैसेज मत भेजिए|bas karo ye message|please stop sending me these messages|mujhe ye sab msg mat bhejo please
kripya mujhe message na bhejein|message karna band karo|msgs band kar do yaar|मैसेज भेजना बंद करो|ye messages roko
दोबारा मैसेज मत करना|mujhe message nahi chahiye|I don't want any more messages|I do not wish to receive these messages
stop texting me|take me off this list|unsubscribe me please|no more messages please|leave me alone|mera number hata do
pareshan mat karo|do not contact us again|don't want to hear from you|can you please stop messaging me|stop this
message mat bheja karo|remove me from this group|stop spamming|please don't whatsapp me on this number
stop these updates|aage se koi message mat karna|मेसेज पाठवू नका|message pampakandi|message anuppatheenga
"""
STOPS = tuple(text for line in _STOPS.split("\n") for text in line.split("|") if text)

_OTHERS = """
can't stop smiling|bus stop|don't stop the music|roko mat|message mil gaya|message mat bhulna|nothing can stop us
message karna mat bhulna|don't forget to message me|don't message papa|papa ko message mat bhejo|non stop dance
raat ko message mat karo|please don't message at night|why don't you message me|we can't stop dancing|stop at the hotel
don't stop sending messages|message band mat karo|gift mat bhejo|don't send the car|kyun message nahi kiya
aapka message nahi mila|message nahi bheja tumne|phone mat karo message karo|message karo phone mat karo
band baja baraat|band kab aayega|remove my name from haldi|purana number hata do, naya ye hai|nahi message dekha
main message nahi kar paya|message nahi karna aata mujhe|opt out of dinner|pareshan mat ho|I never message|block 2 rooms
music band mat karna|sorry msg late dekha|message kar dena please|message bhej dena|don't worry, message me the address
papa nahi aayenge unka number hata do|contact number delete ho gaya tha|stop worrying
wow stop it, so happy for you|stop asking yaar obviously we are coming|did you stop sending messages?
"""
OTHERS = tuple(text for line in _OTHERS.split("\n") for text in line.split("|") if text)


@given(
    st.sampled_from(STOPS),
    st.sampled_from(["", "Namaste. ", "Hello, ", "PLEASE ", "\n"]),
    st.sampled_from(" .!🙏"),
)
def test_a_wish_for_no_more_messages_stops_them_at_once(text: str, before: str, behind: str) -> None:
    for said in (text, text.upper()):
        step = hear_words(labelled.situation("invited"), f"{before}{said}{behind}")
        assert (step.consent, step.answers, step.inbox) == (ConsentChange.OPT_OUT, (), None)


@given(st.sampled_from(OTHERS), st.sampled_from(["", "Namaste. ", "haan ji, ", "Yes! "]))
def test_the_same_words_with_another_wish_stop_nothing(text: str, before: str) -> None:
    assert hear_words(labelled.situation("invited"), f"{before}{text}").consent is None


@given(st.text(), st.sampled_from([text for text in STOPS if text != "stop this"]))
def test_a_wish_is_found_in_whatever_stands_beside_it(text: str, wish: str) -> None:
    assert stopping.find(f"{text[:500]}. {wish}") is not None


@pytest.mark.parametrize(
    "text", ["we are not coming and dont message me again", "hum nahi aayenge, message mat bhejna"]
)
def test_a_refusal_beside_it_is_recorded(text: str) -> None:
    step = hear_words(labelled.situation("invited"), text)
    assert step.consent is ConsentChange.OPT_OUT
    assert {answer.status for answer in step.answers} == {AnswerStatus.NO}
    assert len(step.answers) == len(labelled.SLUGS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("message mat karo, phone karo", "asks for a person"),
        ("galat number hai, message mat karna", "says more than STOP"),
        ("Wrong number. Stop.", "says more than STOP"),
        ("this phone is now with Ramesh, don't message me again", "says more than STOP"),
    ],
)
def test_whatever_else_is_said_beside_it_is_for_a_person(text: str, why: str) -> None:
    step = hear_words(labelled.situation("invited"), text)
    assert (step.consent, step.answers, step.inbox) == (ConsentChange.OPT_OUT, (), why)
    assert step.reply is not None
    assert step.reply.kind == "stopped"


@pytest.mark.parametrize(
    "text", ["messages wapas chalu kar do", "start messages again", "message phir se shuru karo"]
)
def test_messages_are_wanted_again(text: str) -> None:
    assert hear_words(labelled.situation("invited"), text).consent is ConsentChange.OPT_IN


@pytest.mark.parametrize(
    "text", ["when do you start again?", "messages chalu mat karo", "what time does it start"]
)
def test_a_start_of_something_else_is_none(text: str) -> None:
    assert hear_words(labelled.situation("invited"), text).consent is None
