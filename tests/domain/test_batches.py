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
    plan_changes,
)
from parinaya_cli.domain.estimates import Terms, estimate
from parinaya_cli.domain.events import Event
from parinaya_cli.domain.media import HeaderMedium
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
    "medium": (
        sending(version(header_format="image"), headers={"en": HeaderMedium("https://example.com/a.jpg")}),
        guest(),
    ),
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


def test_a_reminder_goes_where_an_answer_is_open_and_names_what_is() -> None:
    some = guest(invited={SANGEET.id: (2, "yes"), PHERAS.id: (2, None)})
    every = guest(invited={SANGEET.id: (2, "yes"), PHERAS.id: (2, "no")})
    text = version(body="Dear {{guest_name}}: {{events}}")
    (one,) = plan(sending(text, reminder=True), [some]).dispatches
    assert one.body.startswith("Dear Guest 1: Pheras\n")
    assert one.events == (PHERAS.id,)
    assert reasons(sending(text, reminder=True), every) is Reason.ALREADY_ANSWERED
    assert reasons(sending(text, reminder=True, event_ids=(SANGEET.id,)), some) is Reason.ALREADY_ANSWERED
    assert reasons(sending(), every) is None


def test_a_number_whose_country_is_a_guess_waits_for_an_operator() -> None:
    guessed = guest(contact=Contact("phone", "+971501234567", "guessed_region", "AE", "none"))
    (one,) = plan(sending(), [guessed]).skipped
    assert (one.reason, "--include-guessed" in one.detail) == (Reason.INVALID_PHONE, True)
    assert reasons(sending(include_guessed=True), guessed) is None
    landline = guest(contact=Contact("phone", "+911412743028", "landline", "IN", "none"))
    assert reasons(sending(include_guessed=True), landline) is Reason.INVALID_PHONE


def test_a_language_that_was_named_is_not_replaced_by_another() -> None:
    there = (version(), version("hi", status="paused"))
    assert reasons(sending(*there, language="hi"), guest()) is Reason.TEMPLATE_NOT_APPROVED
    assert reasons(sending(*there), guest(language="hi")) is None


def test_who_reads_it_in_another_language_is_told() -> None:
    made = plan(
        sending(version(), version("hi")), [guest(1, language="ta"), guest(2, language="hi"), guest(3)]
    )
    assert [one.fallback_from for one in made.dispatches] == ["ta", "", ""]
    assert made.fallbacks == {("ta", "en"): 1}


def test_quiet_hours_are_those_of_the_guest() -> None:
    """08:30 in UTC is the afternoon in India, and the night in California."""
    night = sending(wedding=replace(WEDDING, quiet_from=21, quiet_until=9))
    at_home, abroad = plan(
        night, [guest(1), guest(2, contact=Contact("phone", "+16045550123", "valid", "CA", "none"))]
    ).dispatches
    assert (at_home.waits_for, at_home.not_before) == ("", None)
    assert (abroad.waits_for, abroad.not_before) == ("quiet_hours", datetime(2027, 1, 10, 17, 0, tzinfo=UTC))
    assert plan(replace(night, test=True), [guest(2, contact=abroad.addressee.contact)]).waiting == {}


def test_why_a_text_can_not_be_filled_is_told_of_each_household() -> None:
    bare = {SANGEET.id: replace(SANGEET, rsvp_by=None), PHERAS.id: PHERAS}
    (one,) = plan(sending(events=bare), [guest()]).skipped
    assert one.detail == "rsvp_by has no value for rsvp_by."


def test_an_upload_is_no_part_of_the_fingerprint_and_the_file_is() -> None:
    def told(sha256: str, media_id: str) -> str:
        medium = HeaderMedium("", "image", sha256, "card.jpg", media_id)
        return fingerprint(sending(version(header_format="image"), headers={"en": medium}), guest())

    assert told("ab12", "") == told("ab12", "123") == told("ab12", "456")
    assert told("cd34", "123") != told("ab12", "123")


def test_what_changed_between_two_plans_is_told() -> None:
    before = fingerprint(sending(), guest())
    assert plan_changes(before, before) == ()
    assert plan_changes(before, fingerprint(sending(), guest(full_name="Gast"))) == ("what they would read",)
    assert plan_changes(before, fingerprint(sending(), guest(), guest(2, contact=None))) == (
        "who is left out",
    )
    assert plan_changes(before, fingerprint(sending(), guest(do_not_message=True))) == (
        "who gets a message", "what they would read", "who is left out",
    )  # fmt: skip
    assert len(plan_changes("nonsense", before)) == 3


def test_a_header_needs_its_medium() -> None:
    picture = version(header_format="image")
    assert reasons(sending(picture), guest()) is Reason.TEMPLATE_PARAMS_MISSING
    link = "https://example.com/a.jpg"
    for medium, expected in (
        (HeaderMedium("", "image", "ab12", "card.jpg", "123"), MediaValue("image", "123")),
        (HeaderMedium(link), MediaValue("image", None, link)),
    ):
        (one,) = plan(sending(picture, headers={"en": medium}), [guest()]).dispatches
        assert one.content.header == expected
    other = HeaderMedium("", "video", "ab12", "card.mp4", "123")
    assert reasons(sending(picture, headers={"en": other}), guest()) is Reason.TEMPLATE_PARAMS_MISSING
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
    agreed = guest(1, contact=Contact("phone", "+919876500001", "valid", "IN", "opted_in"))
    abroad = guest(3, contact=Contact("phone", "+447911123456", "valid", "GB", "none"))
    american = guest(4, contact=Contact("phone", "+14155550123", "valid", "US", "none"))
    made = plan(sending(), [agreed, guest(2), abroad, american], terms=Terms(2, 2, prices=prices))
    told = made.estimate
    assert (told.messages, told.amount, told.unpriced) == (3, Decimal("1.0"), 1)
    assert [(one.country, one.messages, one.amount) for one in told.costs] == [
        ("GB", 1, None), ("IN", 2, Decimal("1.0")),
    ]  # fmt: skip
    assert (told.seconds, told.days, told.without_opt_in) == (1.5, 2, 2)
    assert made.reasons == {"country_not_served": 1}
    assert plan(sending(), []).estimate.days == 0


@pytest.mark.parametrize(
    ("people", "limit", "reached", "days"),
    [
        (250, 250, 0, 1),
        (251, 250, 0, 2),
        (250, 250, 1, 2),
        (250, 250, 250, 2),
        (500, 250, 0, 2),
        (9, None, 5, 1),
    ],
)
def test_what_has_left_today_counts_against_the_tier_limit(
    people: int, limit: int | None, reached: int, days: int
) -> None:
    told = [("marketing", "IN", str(number)) for number in range(people)]
    assert estimate(told, Terms(80, limit, reached)).days == days


def test_a_phone_that_several_households_share_is_told() -> None:
    made: Plan = plan(sending(), [guest(1), replace(guest(2), contact=guest(1).contact), guest(3)])
    assert made.shared_phones == {"+919876500001": ("U1", "U2")}


def test_how_days_and_hours_and_lists_are_written() -> None:
    assert show_day(date(2027, 2, 3), "en_GB") == "3 February 2027"
    assert show_day(date(2027, 2, 3), "hi") == "3 फ़रवरी 2027"
    shown = [show_time(datetime(2027, 1, 1, hour, 5, tzinfo=UTC)) for hour in (0, 9, 12, 23)]
    assert shown == ["12:05 am", "9:05 am", "12:05 pm", "11:05 pm"]
    assert [join_titles(list("abc")[:n], "en") for n in range(4)] == ["", "a", "a and b", "a, b and c"]
