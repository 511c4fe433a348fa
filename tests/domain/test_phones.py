"""Phone numbers as they stand in real lists, and the fast path held against libphonenumber."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.phones import (
    Phone,
    PhoneState,
    check_region,
    country,
    is_mobile,
    mask,
    parse_one,
    read_cell,
    show,
)
from parinaya_cli.domain.places import region_of

V, G, L, X = PhoneState.VALID, PhoneState.GUESSED_REGION, PhoneState.LANDLINE, PhoneState.IMPOSSIBLE


def read(text: str, region: str = "IN") -> list[tuple[str | None, PhoneState]]:
    return [(phone.e164, phone.state) for phone in read_cell(text, region)]


@pytest.mark.parametrize(
    "text",
    [
        "9820010001",
        "98200 10001",
        "98200-10001",
        "9820 010 001",
        "09820010001",
        "919820010001",
        "+919820010001",
        "+91 98200 10001",
        "(+91) 98200 10001",
        "0091-9820010001",
        "00919820010001",
        "091 98200 10001",
        "+91 09820010001",
        "+91 +91 98200 10001",
        "'98200 10001",
        "’9820010001",
        '="9820010001"',
        "919820010001.0",
        "9820010001.00",
        "9.820010001E+09",
        "9.19820010001E+11",
        "९८२००१०००१",
        "+९१ ९८२०० १०००१",
        "૯૮૨૦૦૧૦૦૦૧",
        "\uff0b\uff19\uff11 98200 10001",
        "\u200e+91\u00a098200\u00a010001\u200f",
        "+91–98200–10001",
        "M: 9820010001",
        "mob. 9820010001 (WhatsApp)",
        "9,82,00,10,001",
        "  9820010001 ; ",
    ],
)
def test_forms_of_one_indian_mobile(text: str) -> None:
    assert read(text) == [("+919820010001", V)]


def test_plain_forms_bear_no_note_and_repairs_may() -> None:
    assert read_cell("98200 10001", "IN") == [Phone("+919820010001", "98200 10001", V)]
    assert read_cell("+91 +91 98200 10001", "IN")[0].raw == "+91 +91 98200 10001"
    assert "mended" in read_cell("091 98200 10001", "IN")[0].note


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("98123 45678 / 98200 12345", ["+919812345678", "+919820012345"]),
        ("98123 45678, 98200 12345", ["+919812345678", "+919820012345"]),
        ("9812345678 ::: +91 98200 12345", ["+919812345678", "+919820012345"]),
        ("9812345678\n9820012345", ["+919812345678", "+919820012345"]),
        ("9812345678 or 9820012345", ["+919812345678", "+919820012345"]),
        ("9812345678 9820012345", ["+919812345678", "+919820012345"]),
        ("98123 45678 98200 12345", ["+919812345678", "+919820012345"]),
        ("98123456789820012345", ["+919812345678", "+919820012345"]),
        ("+919812345678+919820012345", ["+919812345678", "+919820012345"]),
        ("9812345678 (wife), 9820012345 (self)", ["+919812345678", "+919820012345"]),
        ("9812345678/9812345678/09812345678", ["+919812345678"]),
        ("+1 (416) 999-9144 or 0014168343443", ["+14169999144", "+14168343443"]),
    ],
)
def test_several_numbers_in_one_cell(text: str, numbers: list[str]) -> None:
    assert [phone.e164 for phone in read_cell(text, "IN")] == numbers


@pytest.mark.parametrize("text", ["9.82E+09", "9.19936E+11", "8.0E+09", "9.2e+11", "9.1981234567E+11"])
def test_digits_that_a_spreadsheet_cut_are_not_invented(text: str) -> None:
    (phone,) = read_cell(text, "IN")
    assert (phone.e164, phone.state, phone.raw) == (None, X, text)
    assert "spreadsheet" in phone.note


@pytest.mark.parametrize(
    ("text", "e164", "other"),
    [
        ("447911123456", "+447911123456", "+44"),
        ("14155552671", "+14155552671", "+1"),
        ("971501234567", "+971501234567", "+971"),
        ("(201) 891-5047", "+12018915047", "+1"),
        ("201-299-4141", "+12012994141", "+1"),
        ("07527 881345", "+447527881345", "+44"),
        ("4165551234", "+914165551234", "+1 416"),
        ("+9812345678", "+919812345678", "+91"),
    ],
)
def test_a_doubtful_country_is_said_to_be_a_guess(text: str, e164: str, other: str) -> None:
    (phone,) = read_cell(text, "IN")
    assert (phone.e164, phone.state) == (e164, G)
    assert other in phone.note
    assert "country code" in phone.note


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("022-26001234", "+912226001234"),
        ("(0120) 256-4285", "+911202564285"),
        ("+91 22 2600 1234", "+912226001234"),
        ("080-23257971", "+918023257971"),
        ("07935624071", "+917935624071"),
        ("1800 123 4567", "+9118001234567"),
    ],
)
def test_landlines_are_kept_as_such(text: str, e164: str) -> None:
    assert read(text) == [(e164, L)]


def test_ten_digits_written_like_a_mobile_stay_usable() -> None:
    (phone,) = read_cell("66150 48230", "IN")
    assert (phone.e164, phone.state) == ("+916615048230", V)
    assert "landline" in phone.note
    assert read("0661-5048230") == [("+916615048230", L)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("26001234", "area code"),
        ("995069362", "9 digits"),
        ("12345", "5 digits"),
        ("no mobile", "no number"),
        ("5512345678901234567", "digits"),
        ("+61 442", "some are missing"),
    ],
)
def test_what_is_no_number_is_kept_with_its_text(text: str, word: str) -> None:
    (phone,) = read_cell(text, "IN")
    assert (phone.e164, phone.raw, phone.state) == (None, text, X)
    assert word in phone.note


@pytest.mark.parametrize("text", ["", "  ", "-", "NA", "n/a", "nil", "None", "0"])
def test_cells_that_say_there_is_none(text: str) -> None:
    assert read_cell(text, "IN") == []


def test_extensions_and_endings() -> None:
    (phone,) = read_cell("+91 22 2600 1234 ext. 12", "IN")
    assert (phone.e164, phone.note) == ("+912226001234", "extension 12")
    first, second = read_cell("022-26001234/35", "IN")
    assert (first.e164, second.e164, second.raw) == ("+912226001234", None, "35")
    assert "last digits" in second.note


def test_many_zeros_are_looked_at_unless_the_country_code_is_written() -> None:
    assert "zeros" in read_cell("9812000000", "IN")[0].note
    assert read_cell("+91 98120 00000", "IN")[0].note == ""


def test_other_regions_read_their_own_numbers() -> None:
    assert read("(416) 555-1234", "CA") == [("+14165551234", V)]
    assert read("07527 881345", "GB") == [("+447527881345", V)]
    assert read("050 123 4567", "AE") == [("+971501234567", V)]
    assert read("+91 98200 10001", "US") == [("+919820010001", V)]
    assert ("+919820010001", V) not in read("9820010001", "US")


def test_ten_digits_of_india_in_a_list_of_another_country_are_a_guess() -> None:
    for text in ("9820010001", "98200 10001", "09820010001"):
        [phone] = read_cell(text, "US")
        assert (phone.e164, phone.state, phone.raw) == ("+919820010001", G, text)
        assert "mobile in India" in phone.note
    [doubtful] = read_cell("90855 50123", "US")
    assert (doubtful.e164, doubtful.state) == ("+19085550123", G)
    assert "+91 90855 50123" in doubtful.note


@pytest.mark.parametrize(
    ("text", "home", "e164", "state"),
    [
        ("9085550123", "US", "+19085550123", G),
        ("7911123456", "GB", "+447911123456", G),
        ("0501234567", "AE", "+971501234567", G),
        ("91234567", "SG", "+6591234567", G),
        ("9820010001", "US", "+919820010001", V),
        ("90855 50123", "US", "+919085550123", V),
        ("+919085550123", "US", "+919085550123", V),
        ("0091 9085550123", "US", "+919085550123", V),
        ("9820010001", "GB", "+919820010001", V),
    ],
)
def test_a_number_of_somebody_abroad_may_be_of_that_country(
    text: str, home: str, e164: str, state: PhoneState
) -> None:
    [phone] = read_cell(text, "IN", home)
    assert (phone.e164, phone.state, phone.raw) == (e164, state, text)
    assert (state is V) == (not phone.note)


@pytest.mark.parametrize(
    ("city", "region"),
    [
        ("Edison, NJ", "US"),
        ("New Jersey", "US"),
        ("london", "GB"),
        ("दुबई", "AE"),
        ("Jaipur", "IN"),
        ("Tonk", ""),
        ("", ""),
    ],
)
def test_countries_of_cities(city: str, region: str) -> None:
    assert region_of(city) == region


def test_a_city_of_two_countries_says_none() -> None:
    assert region_of("Delhi / London") == ""


# ── the fast path ──────────────────────────────────────────────────────────────────────────────────────

PREFIXES = ["", "0", "91", "91 ", "91-", "+91", "+91 ", "+91-", "0091", "0091 ", "0091-"]
JOINTS = ["", " ", "-"]


def by_the_book(text: str) -> tuple[str, bool]:
    """E.164 by libphonenumber alone, and whether it is a mobile."""
    number = phonenumbers.parse(re.sub("^0091", "+91", text), "IN")
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    mobile = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in kinds
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), mobile


@given(st.sampled_from(PREFIXES), st.integers(6_000_000_000, 9_999_999_999).map(str), st.sampled_from(JOINTS))
def test_plain_mobiles_are_read_as_libphonenumber_reads_them(prefix: str, digits: str, joint: str) -> None:
    text = f"{prefix}{digits[:5]}{joint}{digits[5:]}"
    (phone,) = read_cell(text, "IN")
    e164, mobile = by_the_book(text)
    assert phone.e164 == e164
    if mobile and (prefix[:1] == "+" or prefix[:2] == "00" or not digits.endswith("000000")):
        assert (phone.state, phone.note, phone.raw) == (V, "", text)
    else:
        assert phone.note or phone.state is L


def test_every_series_of_the_fast_path_is_a_mobile_series() -> None:
    """All four-digit beginnings, with endings that landlines would and would not have."""
    for series in range(6000, 10_000):
        for rest in ("012345", "234567", "789012"):
            text = f"{series}{rest}"
            (phone,) = read_cell(text, "IN")
            e164, mobile = by_the_book(text)
            assert phone.e164 == e164
            assert (phone.state is V and not phone.note) == mobile, text


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    for phone in read_cell(text, "IN"):
        assert (phone.e164 is None) == (phone.state is X)
        assert phone.e164 is None or re.fullmatch(r"\+[1-9][0-9]{5,14}", phone.e164)
        assert phone.e164 or phone.note


@given(st.text("0123456789+-() ./,;eE'x", max_size=40))
def test_what_was_read_reads_the_same_again(text: str) -> None:
    for phone in read_cell(text, "IN"):
        if phone.e164:
            assert [again.e164 for again in read_cell(phone.e164, "IN")] == [phone.e164]
            assert [again.e164 for again in read_cell(show(phone.e164), "US")] == [phone.e164]


EXPORTED = st.sampled_from(
    [(region, kind) for region in ("IN", "US", "GB", "AE", "SG", "DE", "KE", "IT") for kind in (0, 1)]
)


@given(
    EXPORTED,
    st.integers(0, 999_999),
    st.sampled_from(["IN", "US", "GB", "AE"]),
    st.sampled_from(["", "US", "GB"]),
)
def test_what_is_exported_comes_back_byte_for_byte(
    kind: tuple[str, int], ending: int, region: str, home: str
) -> None:
    example = phonenumbers.example_number_for_type(*kind)
    assert example is not None
    text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[:-6] + f"{ending:06d}"
    if not phonenumbers.is_valid_number(phonenumbers.parse(text, None)):
        return
    [phone] = read_cell(text, region, home)
    assert (phone.e164, phone.raw) == (text, text)
    assert [again.e164 for again in read_cell("'" + text, region, home)] == [text]


@given(st.integers(6_000_000_000, 9_999_999_999).map(str), st.sampled_from(PREFIXES), st.sampled_from(JOINTS))
def test_the_slow_way_reads_what_the_fast_way_reads(digits: str, prefix: str, joint: str) -> None:
    text = f"{prefix}{digits[:5]}{joint}{digits[5:]}"
    fast = read_cell(text, "IN")
    slow = read_cell(f" {text}\u200e", "IN")  # what can't be seen sends it the slow way
    assert [(phone.e164, phone.state, phone.note) for phone in fast] == [
        (phone.e164, phone.state, phone.note) for phone in slow
    ]


# ── printing and asking ────────────────────────────────────────────────────────────────────────────────


def test_shown_for_humans() -> None:
    assert show("+919812345678") == "+91 98123 45678"
    assert show("+14165551234") == "+1 416-555-1234"
    assert show("+912226001234") == "+91 22 2600 1234"
    assert show("not a number") == "not a number"


@given(st.sampled_from(["+919812345678", "+14165551234", "+447527881345", "+971501234567", "+6583388650"]))
def test_masks_hide_at_least_half(e164: str) -> None:
    masked = mask(e164)
    assert len(masked) == len(show(e164))
    national = show(e164).partition(" ")[2]
    hidden = masked.count("•")
    assert hidden * 2 >= sum(c.isdigit() for c in national)


def test_mask_of_an_indian_mobile() -> None:
    assert mask("+919812345678") == "+91 98••• ••678"
    assert mask("+919") == "+•••"


@pytest.mark.parametrize(
    ("e164", "region"),
    [
        ("+919812345678", "IN"),
        ("+14155552671", "US"),
        ("+14165551234", "CA"),
        ("+971501234567", "AE"),
        ("+6583388650", "SG"),
        ("+80012345678", ""),
        ("+999", ""),
        ("what", ""),
    ],
)
def test_country(e164: str, region: str) -> None:
    assert country(e164) == region


def test_mobiles_are_told_from_landlines() -> None:
    assert is_mobile("+919812345678")
    assert is_mobile("+14165551234")
    assert not is_mobile("+912226001234")
    assert not is_mobile("+91")


def test_one_number_for_an_option() -> None:
    assert parse_one(" 98123 45678 ", "IN") == "+919812345678"
    assert parse_one("022-26001234", "IN") == "+912226001234"


@pytest.mark.parametrize("text", ["", "hello", "12345", "9812345678 / 9820012345", "447911123456"])
def test_one_number_for_an_option_refused(text: str) -> None:
    with pytest.raises(UsedWrongly):
        parse_one(text, "IN")


def test_regions() -> None:
    assert check_region(" in ") == "IN"
    with pytest.raises(UsedWrongly, match="no region"):
        check_region("XX")
