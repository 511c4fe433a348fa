"""A plan: the same facts give the same plan, everybody is in it once, and its text is what is sent."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain import taps
from parinaya_cli.domain.batches import (
    Addressee,
    Plan,
    Sending,
    facts_of,
    plan,
)
from parinaya_cli.domain.events import Event
from parinaya_cli.domain.messages import MediaValue, TextValue
from parinaya_cli.domain.policy import Contact, Reason
from parinaya_cli.domain.prices import PriceTable
from parinaya_cli.domain.templates import ButtonKind, TemplateButton, TemplateDefinition, read_aloud
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.domain.wording import join_titles, show_day, show_time

NOW = datetime(2027, 1, 10, 8, 30, tzinfo=UTC)
SECRET = b"secret"
WEDDING = Wedding(uuid.UUID(int=1), "w", "Ananya & Kabir", "Ananya & Kabir")
SANGEET = Event(uuid.UUID(int=11), 1, "sangeet", "Sangeet", datetime(2027, 2, 12, 10, 30, tzinfo=UTC), venue="Lawn",
                rsvp_by=date(2027, 1, 20))  # fmt: skip
PHERAS = Event(
    uuid.UUID(int=12), 2, "pheras", "Pheras", datetime(2027, 2, 13, 4, 0, tzinfo=UTC), venue="Hall"
)
LABELS = {"en": ("Yes, we will come", "Sorry, cannot come", "Not sure yet"),
          "hi": ("हाँ, हम आएँगे", "नहीं आ पाएँगे", "अभी पक्का नहीं")}  # fmt: skip


def version(
    language: str = "en", body: str = "Dear {{guest_name}}: {{events}} by {{rsvp_by}}", **more: Any
) -> Any:
    buttons = tuple(
        TemplateButton(place, ButtonKind.QUICK_REPLY, text) for place, text in enumerate(LABELS[language])
    )
    made = TemplateDefinition(
        "invite", language, "MARKETING", "approved", "green", "named", body, buttons=buttons
    )
    return replace(made, **more)


def sending(*versions: TemplateDefinition, **more: Any) -> Sending:
    made = Sending(
        wedding=WEDDING,
        events={SANGEET.id: SANGEET, PHERAS.id: PHERAS},
        event_ids=None,
        versions={one.language: one for one in versions or (version(),)},
        mapping={},
        header_media="",
        tap_secret=SECRET,
        now=NOW,
    )
    return replace(made, **more)


def guest(number: int = 1, **more: Any) -> Addressee:
    made = Addressee(
        unit_id=uuid.UUID(int=100 + number),
        unit_number=number,
        label=f"Family {number}",
        person_id=uuid.UUID(int=200 + number),
        person_number=number,
        full_name=f"Guest {number}",
        language=None,
        do_not_message=False,
        contact_point_id=uuid.UUID(int=300 + number),
        contact=Contact("phone", f"+9198765{number:05d}", "valid", "IN", "none"),
        invited={SANGEET.id: (2, None), PHERAS.id: (3, None)},
    )
    return replace(made, **more)


GUESTS = st.builds(
    lambda number, **more: guest(number, **{k: v for k, v in more.items() if v is not ...}),
    st.integers(1, 40),
    contact=st.sampled_from([..., None, Contact("phone", "x", "impossible", "", "none")]),
    do_not_message=st.booleans(),
    invited=st.sampled_from([..., {}, {SANGEET.id: (2, "yes")}]),
    sent_events=st.sampled_from([frozenset(), frozenset({SANGEET.id, PHERAS.id})]),
    language=st.sampled_from([None, "hi", "ta"]),
)
LISTS = st.lists(GUESTS, max_size=12, unique_by=lambda one: one.unit_number)


@given(LISTS, st.booleans())
def test_everybody_is_in_the_plan_once_and_it_is_the_same_each_time(
    guests: list[Addressee], remind: bool
) -> None:
    what = sending(version(), version("hi"), reminder=remind)
    made = plan(what, guests)
    units = [one.addressee.unit for one in made.dispatches] + [one.addressee.unit for one in made.skipped]
    assert sorted(units) == sorted(one.unit for one in guests)
    assert made == plan(what, guests)
    assert made.estimate.messages == len(made.dispatches)
    assert sum(made.reasons.values()) == len(made.skipped)
    shuffled = plan(what, list(reversed(guests)))
    assert shuffled.fingerprint == made.fingerprint, "the order of the households is not visible"


@given(LISTS, st.integers(1, 5))
def test_a_wave_holds_so_many_messages_and_the_rest_is_no_part_of_it(
    guests: list[Addressee], limit: int
) -> None:
    whole, wave = plan(sending(), guests), plan(sending(), guests, limit=limit)
    assert wave.dispatches == whole.dispatches[:limit]
    assert wave.skipped == whole.skipped[: len(wave.skipped)]


def fingerprint(what: Sending, *guests: Addressee) -> str:
    return plan(what, guests).fingerprint


CHANGES: dict[str, tuple[Sending, Addressee]] = {
    "name": (sending(), guest(full_name="Gast")),
    "phone": (sending(), guest(contact=Contact("phone", "+919812345678", "valid", "IN", "none"))),
    "refused": (sending(), guest(do_not_message=True)),
    "another reason": (sending(), guest(contact=None)),
    "title": (sending(events={SANGEET.id: replace(SANGEET, title="Music"), PHERAS.id: PHERAS}), guest()),
    "deadline": (
        sending(events={SANGEET.id: replace(SANGEET, rsvp_by=date(2027, 1, 21)), PHERAS.id: PHERAS}),
        guest(),
    ),
    "events": (sending(event_ids=(SANGEET.id,)), guest()),
    "text": (sending(version(body="Hello {{guest_name}}: {{events}} by {{rsvp_by}}")), guest()),
    "footer": (sending(version(footer="Reply STOP")), guest()),
    "language": (sending(version(), version("hi")), guest(language="hi")),
    "mapping": (sending(mapping={"guest_name": "unit_name"}), guest()),
    "medium": (sending(version(header_format="image"), header_media="123"), guest()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_fingerprint_changes_with_everything_that_is_visible(change: str) -> None:
    before = {fingerprint(sending(), guest()), fingerprint(sending(), guest(), guest(2))}
    what, whom = CHANGES[change]
    assert fingerprint(what, whom) not in before
    assert len(before) == 2


def test_the_fingerprint_does_not_change_with_the_clock() -> None:
    later = sending(now=NOW + timedelta(hours=3))
    assert fingerprint(sending(), guest()) == fingerprint(later, guest())


def test_the_shown_text_is_what_is_sent() -> None:
    (one,) = plan(sending(), [guest()]).dispatches
    sent = {value.name: value.text for value in one.content.body}
    assert sent == {"guest_name": "Guest 1", "events": "Sangeet and Pheras", "rsvp_by": "20 January 2027"}
    assert one.body == read_aloud(version(), {k: v for k, v in sent.items() if k})
    assert one.body.startswith("Dear Guest 1: Sangeet and Pheras by 20 January 2027\n[ Yes, we will come ]")


def test_numbered_parameters_have_no_names() -> None:
    numbered = version(body="{{2}} for {{1}}", parameter_format="positional")
    what = sending(numbered, mapping={"1": "guest_name", "2": "event_name"})
    (one,) = plan(what, [guest()]).dispatches
    assert one.content.body == (TextValue("Guest 1"), TextValue("Sangeet"))
    assert one.body.startswith("Sangeet for Guest 1")


def test_the_buttons_say_whose_they_are_and_can_not_be_forged() -> None:
    (one,) = plan(sending(), [guest(7)]).dispatches
    meanings = [taps.read(SECRET, WEDDING.id, button.value) for button in one.content.buttons]
    assert meanings == [taps.TapMeaning(answer, 7, (1, 2)) for answer in ("yes", "no", "maybe")]
    assert all(taps.read(b"other", WEDDING.id, button.value) is None for button in one.content.buttons)


def test_a_guest_reads_it_in_their_language() -> None:
    what = sending(version(), version("hi", "{{guest_name}} जी, {{events}}, {{rsvp_by}} तक"))
    hindi, english = plan(what, [guest(1, language="hi"), guest(2, language="ta")]).dispatches
    assert (hindi.language, english.language) == ("hi", "en")
    assert hindi.body.startswith("Guest 1 जी, Sangeet और Pheras, 20 जनवरी 2027 तक\n[ हाँ, हम आएँगे ]")
    meanings = [taps.read(SECRET, WEDDING.id, button.value) for button in hindi.content.buttons]
    assert [one.answer for one in meanings if one] == ["yes", "no", "maybe"]
    (forced,) = plan(replace(what, language="en"), [guest(1, language="hi")]).dispatches
    assert forced.language == "en"


def test_only_events_ahead_are_told() -> None:
    after_sangeet = sending(now=SANGEET.starts_at + timedelta(hours=1))
    facts, about = facts_of(after_sangeet, guest())
    assert [event.slug for event in about] == ["pheras"]
    assert not facts.events_over
    facts, _ = facts_of(sending(now=PHERAS.starts_at + timedelta(days=1)), guest())
    assert facts.events_over
    cancelled = {SANGEET.id: replace(SANGEET, cancelled_at=NOW), PHERAS.id: PHERAS}
    assert [e.slug for e in facts_of(sending(events=cancelled), guest())[1]] == ["pheras"]


def reasons(what: Sending, whom: Addressee) -> Reason | None:
    made = plan(what, [whom])
    return made.skipped[0].reason if made.skipped else None


def test_what_was_sent_before_is_told_by_the_events_it_covered() -> None:
    one, both = frozenset({SANGEET.id}), frozenset({SANGEET.id, PHERAS.id})
    assert reasons(sending(), guest(sent_events=one)) is None
    assert reasons(sending(event_ids=(SANGEET.id,)), guest(sent_events=one)) is Reason.ALREADY_SENT
    assert reasons(sending(), guest(sent_events=both)) is Reason.ALREADY_SENT
    assert reasons(sending(repeats=True), guest(sent_events=both)) is None


def test_a_reminder_goes_where_an_answer_is_open() -> None:
    some = guest(invited={SANGEET.id: (2, "yes"), PHERAS.id: (2, None)})
    every = guest(invited={SANGEET.id: (2, "yes"), PHERAS.id: (2, "no")})
    assert reasons(sending(reminder=True), some) is None
    assert reasons(sending(reminder=True), every) is Reason.ALREADY_ANSWERED
    assert reasons(sending(reminder=True, event_ids=(SANGEET.id,)), some) is Reason.ALREADY_ANSWERED
    assert reasons(sending(), every) is None


def test_a_header_needs_its_medium() -> None:
    picture = version(header_format="image")
    assert reasons(sending(picture), guest()) is Reason.TEMPLATE_PARAMS_MISSING
    for medium, expected in (
        ("123", MediaValue("image", "123", None)),
        ("https://example.com/a.jpg", MediaValue("image", None, "https://example.com/a.jpg")),
    ):
        (one,) = plan(sending(picture, header_media=medium), [guest()]).dispatches
        assert one.content.header == expected
    (titled,) = plan(sending(version(header_text="For {{guest_name}}")), [guest()]).dispatches
    assert titled.content.header == TextValue("Guest 1", "guest_name")


def test_what_has_no_value_is_missing() -> None:
    bare = {SANGEET.id: replace(SANGEET, rsvp_by=None), PHERAS.id: PHERAS}
    assert reasons(sending(events=bare), guest()) is Reason.TEMPLATE_PARAMS_MISSING


def test_what_waits_says_for_what_and_until_when() -> None:
    quiet = sending(wedding=replace(WEDDING, quiet_from=13, quiet_until=16))
    (one,) = plan(quiet, [guest()]).dispatches
    assert (one.waits_for, one.not_before) == ("quiet_hours", datetime(2027, 1, 10, 10, 30, tzinfo=UTC))


def test_what_it_costs() -> None:
    prices = PriceTable(date(2027, 1, 1), "INR", "", MappingProxyType({("marketing", "IN"): Decimal("0.5")}))
    abroad = guest(3, contact=Contact("phone", "+447700900000", "valid", "GB", "none"))
    made = plan(sending(), [guest(1), guest(2), abroad], per_second=2, tier_limit=2, prices=prices)
    estimate = made.estimate
    assert (estimate.messages, estimate.amount, estimate.unpriced) == (3, Decimal("1.0"), 1)
    assert (estimate.seconds, estimate.days) == (1.5, 2)
    assert plan(sending(), []).estimate.days == 0


def test_a_phone_that_several_households_share_is_told() -> None:
    made: Plan = plan(sending(), [guest(1), replace(guest(2), contact=guest(1).contact), guest(3)])
    assert made.shared_phones == {"+919876500001": 2}


def test_how_days_and_hours_and_lists_are_written() -> None:
    assert show_day(date(2027, 2, 3), "en_GB") == "3 February 2027"
    assert show_day(date(2027, 2, 3), "hi") == "3 फ़रवरी 2027"
    shown = [show_time(datetime(2027, 1, 1, hour, 5, tzinfo=UTC)) for hour in (0, 9, 12, 23)]
    assert shown == ["12:05 am", "9:05 am", "12:05 pm", "11:05 pm"]
    assert [join_titles(list("abc")[:n], "en") for n in range(4)] == ["", "a", "a and b", "a, b and c"]
