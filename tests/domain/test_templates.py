"""Templates: parameters, mapping, values as Meta takes them, the language of a guest."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.templates import (
    FIELDS,
    MAX_VALUE,
    ButtonKind,
    Filling,
    TemplateButton,
    TemplateDefinition,
    choose_language,
    clean,
    field_of,
    fill,
    parameters,
    read_aloud,
    unmapped,
    variables,
)

NAMED = TemplateDefinition(
    "invite",
    "en",
    "marketing",
    "approved",
    "green",
    "named",
    "Namaste {{guest_name}}, {{ couple }} and {{guest_name}} again. {{hall}}",
    "text",
    "For {{guest_name}}",
    "Reply STOP to opt out",
    (
        TemplateButton(0, ButtonKind.QUICK_REPLY, "Yes"),
        TemplateButton(1, ButtonKind.URL, "Page", "https://example.com/{{1}}", True),
        TemplateButton(2, ButtonKind.URL, "Map", "https://example.com/map"),
    ),
)


def test_parameters_are_told_once_each_where_they_stand() -> None:
    assert variables("{{a}} {{ b }} {{a}} { {c}} {{}}") == ("a", "b")
    assert parameters(NAMED) == ("header:guest_name", "guest_name", "couple", "hall", "button:1")


def test_numbered_parameters_go_out_by_their_number() -> None:
    numbered = TemplateDefinition(
        "t", "en", "utility", "approved", "", "positional", "{{2}} and {{10}} and {{1}}"
    )
    assert parameters(numbered) == ("1", "2", "10")


def test_a_parameter_is_filled_by_its_mapping_or_its_name() -> None:
    assert field_of("guest_name", {}) == "guest_name"
    assert field_of("header:guest_name", {}) == "guest_name"
    assert field_of("header:guest_name", {"guest_name": "unit_name"}) == "unit_name"
    assert (
        field_of("header:guest_name", {"header:guest_name": "couple", "guest_name": "unit_name"}) == "couple"
    )
    assert field_of("hall", {}) is None
    assert field_of("hall", {"hall": "venue"}) == "venue"
    assert field_of("button:1", {}) == "link"
    assert field_of("1", {}) is None
    assert unmapped(NAMED, {}) == ("hall",)
    assert unmapped(NAMED, {"hall": "venue"}) == ()


def test_what_has_no_value_is_missing_and_never_empty() -> None:
    told = {"guest_name": " Asha\nSharma ", "couple": "A & K", "venue": " \u200e "}
    told["link"] = "https://example.com/abc"
    filling = fill(NAMED, {"hall": "venue"}, told)
    assert filling.values == {
        "header:guest_name": "Asha Sharma",
        "guest_name": "Asha Sharma",
        "couple": "A & K",
        "button:1": "abc",
    }
    assert filling.missing == ("hall",)
    assert filling.problems == ("venue has no value for hall.",)
    assert fill(NAMED, {}, told).problems == ("Nothing is mapped to hall.",)


def test_the_text_is_the_one_that_the_guest_reads() -> None:
    values = {"header:guest_name": "Asha", "guest_name": "Asha", "couple": "A & K", "hall": "{{couple}}"}
    values["button:1"] = "abc"
    assert read_aloud(NAMED, values).split("\n") == [
        "For Asha",
        "Namaste Asha, A & K and Asha again. {{couple}}",
        "Reply STOP to opt out",
        "[ Yes ]",
        "[ Page: https://example.com/abc ]",
        "[ Map: https://example.com/map ]",
    ]
    assert read_aloud(replace(NAMED, header_format="image"), values).startswith("[image]\n")


def filled(body: str, buttons: tuple[TemplateButton, ...] = (), header: str = "", **told: str) -> Filling:
    made = replace(
        NAMED, body=body, buttons=buttons, header_text=header, header_format="text" if header else ""
    )
    return fill(made, {}, told)


def test_what_a_guest_must_read_whole_is_not_shortened() -> None:
    events = ", ".join(f"Event {number}" for number in range(20))
    link = "https://example.com/i/" + "x" * 200
    whole = filled("{{events}} at {{link}}", events=events, link=link)
    assert whole.values == {"events": events, "link": link}
    assert whole.shortened == ()
    cut = filled("Dear {{guest_name}}.", guest_name="A" * 100)
    assert cut.shortened == ("guest_name",)
    assert len(cut.values["guest_name"]) == MAX_VALUE


def test_a_text_that_would_be_too_long_is_named_before_it_leaves() -> None:
    for text, missing in (("x" * 1000 + "{{couple}}", ("body",)), ("x" * 900 + "{{couple}}", ())):
        assert filled(text, couple="A" * 50).missing == missing
    assert filled("Hello", header="x" * 30 + "{{couple}}", couple="A" * 50).problems == (
        "The header would have 80 characters; WhatsApp takes 60.",
    )


def test_a_button_ends_in_what_is_the_guests_own_of_the_link() -> None:
    page = (TemplateButton(2, ButtonKind.URL, "Your page", "https://example.com/i/{{1}}", True),)
    assert filled("Hello", page, link="https://example.com/i/abc").values == {"button:2": "abc"}
    elsewhere = filled("Hello", page, link="http://127.0.0.1:8080/i/abc")
    assert elsewhere.missing == ("button:2",)
    assert "https://example.com/i/" in elsewhere.problems[0]
    named = fill(replace(NAMED, body="Hi", header_text="", buttons=page), {"button:2": "unit_name"},
                 {"unit_name": "Rao & Sons / Pune"})  # fmt: skip
    assert named.values == {"button:2": "Rao%20%26%20Sons%20%2F%20Pune"}


@given(st.text(max_size=200))
def test_every_value_is_one_that_meta_takes(text: str) -> None:
    found = clean(text)
    assert len(found) <= MAX_VALUE
    assert "  " not in found
    assert found == found.strip()
    assert not any(unicodedata.category(letter) == "Cc" for letter in found)
    assert not set(found) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert clean(found) == found


def test_joiners_that_indic_scripts_need_are_kept() -> None:
    assert clean("क्\u200dष\u200c") == "क्\u200dष\u200c"


def version(language: str, status: str = "approved") -> TemplateDefinition:
    return replace(NAMED, language=language, status=status)


@pytest.mark.parametrize(
    ("there", "wanted", "fallback", "chosen"),
    [
        ({"en": "approved", "hi": "approved"}, "hi", "en", "hi"),
        ({"en": "approved", "hi": "approved"}, None, "hi", "hi"),
        ({"en_GB": "approved", "hi": "approved"}, "en", "hi", "en_GB"),
        ({"en": "approved"}, "en_US", "hi", "en"),
        ({"en": "approved", "hi": "paused"}, "hi", "hi", "en"),
        ({"hi": "paused"}, "hi", "en", "hi"),
        ({"mr": "approved", "ta": "approved"}, "gu", "kn", "mr"),
        ({}, "en", "en", None),
    ],
)
def test_the_language_for_a_guest(
    there: dict[str, str], wanted: str | None, fallback: str, chosen: str | None
) -> None:
    found = choose_language({k: version(k, status) for k, status in there.items()}, wanted, fallback)
    assert (found.language if found else None) == chosen


def test_the_fields_are_those_of_the_contract() -> None:
    assert len(set(FIELDS)) == len(FIELDS) == 11
