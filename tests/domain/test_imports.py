"""Headers are recognised in the forms that people use, and rows become drafts or rejections."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.header_events import read_mark
from parinaya_cli.domain.imports import (
    FIELDS,
    Columns,
    Draft,
    Rejection,
    RowDefaults,
    RowWarning,
    UnreadableRow,
    read_row,
    recognise,
)
from parinaya_cli.domain.names import clean
from parinaya_cli.domain.phones import PhoneState
from parinaya_cli.domain.row_fields import NO_WORDS

DEFAULTS = RowDefaults()


def fields(*header: str, wanted: Mapping[str, str] | None = None) -> list[str]:
    columns = recognise(list(header), wanted or {})
    return [field for _, field in columns.shown]


def draft(
    row: Mapping[str, str], defaults: RowDefaults = DEFAULTS, wanted: Mapping[str, str] | None = None
) -> tuple[Draft, list[RowWarning]]:
    columns = recognise(list(row), wanted or {})
    result, warnings = read_row(2, list(row.values()), columns, defaults)
    assert isinstance(result, Draft), result
    return result, warnings


def rejection(cells: list[str], columns: Columns) -> Rejection:
    result, _ = read_row(7, cells, columns, DEFAULTS)
    assert isinstance(result, Rejection), result
    assert result.line == 7
    return result


# ── headers ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Name", "full_name"),
        ("GUEST NAME", "full_name"),
        ("Guest's Name", "full_name"),
        ("Naam", "full_name"),
        ("नाम", "full_name"),
        ("મહેમાનનું નામ", "full_name"),
        ("full_name", "full_name"),
        ("First Name", "given_name"),
        ("Surname", "family_name"),
        ("Mobile No.", "phone"),
        ("Mobile Number (WhatsApp)", "phone"),
        ("WhatsApp", "phone"),
        ("Contact", "phone"),
        ("Ph. No", "phone"),
        ("मोबाइल नंबर", "phone"),
        ("મોબાઇલ", "phone"),
        ("E-mail ID", "email"),
        ("City/Town", "city"),
        ("शहर", "city"),
        ("Side", "side"),
        ("Bride / Groom", "side"),
        ("पक्ष", "side"),
        ("Family", "household"),
        ("Family Name", "household"),
        ("परिवार", "household"),
        ("Pax", "party_size"),
        ("No. of Guests", "party_size"),
        ("Kitne log", "party_size"),
        ("कितने लोग", "party_size"),
        ("Bhasha", "language"),
        ("Remarks", "notes"),
        ("Functions", "events"),
        ("Guest ID", "external_id"),
        ("row_id", "external_id"),
        ("Category", "tags"),
        ("Spouse Name", ""),
        ("WhatsApp Group", ""),
        ("S. No.", ""),
        ("Hotel", ""),
    ],
)
def test_headers_as_people_write_them(header: str, field: str) -> None:
    beside = ["Mobile", "Name"] if field in ("full_name", "phone") else ["Name", "Mobile"]
    other = beside[0] if field != "phone" else "Naam"
    assert fields(header, other)[0] == field


def test_every_field_is_recognised_by_its_own_name() -> None:
    assert fields(*FIELDS) == list(FIELDS)


def test_family_name_beside_a_first_name_is_a_surname() -> None:
    assert fields("First Name", "Family Name", "Mobile") == ["given_name", "family_name", "phone"]


def test_several_phone_columns() -> None:
    assert fields("Name", "Mobile", "WhatsApp", "Landline") == ["full_name", "phone", "phone_2", "phone_2"]
    assert fields("Name", "Alternate No.") == ["full_name", "phone"]


def test_two_columns_of_one_name_are_both_kept() -> None:
    columns = recognise(["Name", "Mobile", "Mobile", "Room", "Room", ""], {})
    assert columns.fields == {0: "full_name", 1: "phone", 2: "phone_2"}
    assert columns.unknown == {3: "Room", 4: "Room (2)", 5: "column 6"}
    assert len(columns.warnings) == 2
    result, _ = read_row(2, ["Ramesh", "9812345678", "9820012345", "12", "14", "x"], columns, DEFAULTS)
    assert isinstance(result, Draft)
    assert [phone.e164 for phone in result.phones] == ["+919812345678", "+919820012345"]
    assert result.extra == {"Room": "12", "Room (2)": "14", "column 6": "x"}


def test_a_second_column_for_one_field_is_extra_and_said() -> None:
    columns = recognise(["Name", "Guest Name", "Mobile"], {})
    assert columns.fields == {0: "full_name", 2: "phone"}
    assert "Guest Name" in columns.warnings[0]
    assert columns.unknown == {1: "Guest Name"}


def test_a_map_wins_over_what_is_recognised() -> None:
    columns = recognise(["Name", "Who", "Call"], {"Who": "full_name", "call": "phone"})
    assert columns.fields == {1: "full_name", 2: "phone"}
    assert columns.unknown == {0: "Name"}


def test_a_map_to_no_field_lists_the_fields() -> None:
    with pytest.raises(UsedWrongly, match="surname") as caught:
        recognise(["Name"], {"Name": "surname"})
    assert all(field in caught.value.hint for field in FIELDS)


def test_a_map_from_no_header_lists_the_headers() -> None:
    with pytest.raises(UsedWrongly, match="“Mobile”"):
        recognise(["Name", "Mobile"], {"Phone": "phone"})


def test_a_list_without_known_headers_says_what_was_seen() -> None:
    with pytest.raises(UsedWrongly, match="“Foo”, “Bar”") as caught:
        recognise(["Foo", "Bar"], {})
    assert "--map" in caught.value.hint


def test_a_list_without_header_is_read_by_its_content() -> None:
    row = ["Ramesh Gupta", "98123 45678", "r@example.in", "Bride", "Delhi"]
    columns = recognise(row, {})
    assert columns.header_is_data
    assert columns.fields == {0: "full_name", 1: "phone", 2: "email", 3: "side"}
    assert columns.titles == ("full_name", "phone", "email", "side", "column 5")
    result, _ = read_row(1, row, columns, DEFAULTS)
    assert isinstance(result, Draft)
    assert (result.full_name, result.side, result.extra) == ("Ramesh Gupta", "bride", {"column 5": "Delhi"})


def test_a_header_with_a_number_in_it_is_still_a_header() -> None:
    assert not recognise(["Name", "Mobile", "call 9812345678 for help"], {}).header_is_data


def test_columns_of_a_rejects_file_are_passed_over() -> None:
    columns = recognise(["Name", "Mobile", "Room", "reason", "line"], {})
    assert columns.titles == ("Name", "Mobile", "Room")
    assert columns.unknown == {2: "Room"}
    result, _ = read_row(2, ["A", "9812345678", "1", "It is bad.", "4"], columns, DEFAULTS)
    assert isinstance(result, Draft)
    assert result.extra == {"Room": "1"}


# ── rows ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_with_everything() -> None:
    row = {
        "Guest Name": "  Dr. Ramesh   Gupta ",
        "Mobile": "98123 45678 / 022-26001234",
        "Email": "Ramesh@Example.in; office@example.in",
        "City": " New  Delhi",
        "Side": "Ladki wale",
        "Tags": "VIP, family; vip",
        "Family": "Gupta family",
        "Pax": "4 pax",
        "Language": "हिन्दी",
        "ID": "G-12",
        "Notes": "Mamaji",
        "Functions": "Haldi, Cocktail Night & sangeet",
        "Hotel": "Taj",
    }
    result, warnings = draft(row, RowDefaults(tags=("list-a", "Vip")))
    assert warnings == []
    assert (result.full_name, result.honorific, result.given_name, result.family_name) == (
        "Dr. Ramesh Gupta",
        "Dr.",
        "Ramesh",
        "Gupta",
    )
    assert result.folded == "ramesh gupta"
    assert [phone.e164 for phone in result.phones] == ["+919812345678", "+912226001234"]
    assert result.emails == ("ramesh@example.in", "office@example.in")
    assert (result.city, result.side, result.tags) == ("New Delhi", "bride", ("VIP", "family", "list-a"))
    assert (result.household, result.household_of_row, result.party_size) == ("Gupta family", False, 4)
    assert (result.companions, result.extra_seats) == ((), 3)
    assert (result.language, result.external_id, result.row_key) == ("hi", "G-12", "G-12")
    assert result.events == ("haldi", "cocktail-night", "sangeet")
    assert (result.notes, result.extra) == ("Mamaji", {"Hotel": "Taj"})


def test_a_couple_becomes_one_draft_with_a_companion() -> None:
    result, _ = draft({"Name": "Ramesh & Sunita Gupta + 2", "Mobile": "9812345678"})
    assert (result.full_name, result.companions, result.extra_seats) == ("Ramesh Gupta", ("Sunita Gupta",), 2)
    assert (result.household, result.household_of_row) == ("Ramesh & Sunita Gupta", True)


@pytest.mark.parametrize(
    ("name", "pax", "seats"),
    [("Ramesh & Sunita Gupta", "5", 3), ("Ramesh & Sunita Gupta + 2", "2+1", 2), ("Ramesh Gupta", "1", 0)],
)
def test_extra_seats_by_number_and_by_party_size(name: str, pax: str, seats: int) -> None:
    result, _ = draft({"Name": name, "Mobile": "9812345678", "Pax": pax})
    assert result.extra_seats == seats


def test_names_in_parts_are_put_together() -> None:
    result, _ = draft({"Title": "Mrs", "First Name": "Asha", "Last Name": "Mehta", "Mobile": "9812345678"})
    assert (result.full_name, result.honorific, result.given_name, result.family_name) == (
        "Asha Mehta",
        "Mrs",
        "Asha",
        "Mehta",
    )
    result, _ = draft({"Name": "Asha & Vinod", "Surname": "Mehta", "Mobile": "9812345678"})
    assert (result.full_name, result.companions) == ("Asha Mehta", ("Vinod Mehta",))
    result, _ = draft({"Name": "Asha Mehta", "Surname": "MEHTA"})
    assert result.full_name == "Asha Mehta"


def test_a_list_of_families_only() -> None:
    result, _ = draft({"Family": "Gupta & family", "Contact": "9812345678", "Pax": "4"})
    assert (result.full_name, result.household, result.extra_seats) == ("Gupta", "Gupta & family", 3)


def test_somebody_known_by_phone_only_is_kept() -> None:
    result, warnings = draft({"Name": " - ", "Mobile": "9812345678"})
    assert result.full_name == "+91 98123 45678"
    assert [warning.code for warning in warnings] == ["no_name"]


def test_an_unusable_phone_keeps_the_person_and_its_text() -> None:
    result, warnings = draft({"Name": "Ramesh", "Mobile": "9.82E+09"})
    assert [(phone.e164, phone.raw) for phone in result.phones] == [(None, "9.82E+09")]
    assert [(warning.line, warning.field, warning.code) for warning in warnings] == [
        (2, "phone", "phone_unusable")
    ]
    assert "9.82E+09" in warnings[0].message


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("447911123456", "phone_country_guessed"),
        ("022-26001234", "phone_landline"),
        ("091 98200 10001", "phone_noted"),
        ("+91 98200 10001", None),
        ("66150 48230", None),
        ("98200 10001 / 022-26001234", None),
        ("", None),
    ],
)
def test_warnings_of_phones(cell: str, code: str | None) -> None:
    _, warnings = draft({"Name": "Ramesh", "Mobile": cell})
    assert [warning.code for warning in warnings] == ([code] if code else [])


@pytest.mark.parametrize(
    ("header", "cell", "code"),
    [
        ("Side", "left", "side_unknown"),
        ("Language", "Klingon", "language_unknown"),
        ("Pax", "lots", "party_size_unusable"),
        ("Pax", "9812345678", "party_size_unusable"),
        ("Pax", "0", "party_size_unusable"),
        ("Email", "ramesh at example", "email_unusable"),
    ],
)
def test_what_is_not_understood_is_kept_and_said(header: str, cell: str, code: str) -> None:
    result, warnings = draft({"Name": "Ramesh", header: cell}, RowDefaults(side="groom", language="en"))
    assert {warning.code for warning in warnings} == {code}
    assert list(result.extra.values()) == [cell]
    assert (result.side, result.language) == ("groom", "en")


def test_defaults_hold_where_a_row_says_nothing() -> None:
    defaults = RowDefaults(region="US", side="bride", tags=("usa",), language="en")
    result, _ = draft({"Name": "Asha", "Mobile": "(415) 555-2671", "Side": "", "Tags": " "}, defaults)
    assert (result.side, result.tags, result.language) == ("bride", ("usa",), "en")
    assert result.phones[0].e164 == "+14155552671"


def test_formulas_stay_text() -> None:
    result, _ = draft({"Name": "=HYPERLINK(A1)", "Mobile": "9812345678", "Notes": "'=1+1"})
    assert (result.full_name, result.notes) == ("=HYPERLINK(A1)", "=1+1")


def test_a_long_note_is_cut_and_kept_whole_as_extra() -> None:
    result, warnings = draft({"Name": "Asha", "Notes": "x" * 2001})
    assert (len(result.notes), [len(text) for text in result.extra.values()]) == (2000, [2001])
    assert [warning.code for warning in warnings] == ["note_cut"]


def test_a_proposal_is_told_of_what_names_several() -> None:
    result, _ = draft({"Name": "Ramesh & Sunita Gupta + 2", "Mobile": "9812345678"})
    assert "2 people of one household" in result.proposal
    assert "2 seats more" in result.proposal
    result, warnings = draft({"Name": "Gupta & family", "Pax": "4"})
    assert ("3 seats more" in result.proposal, warnings) == (True, [])
    assert draft({"Name": "Ramesh Gupta", "Pax": "4"})[0].proposal == ""
    result, warnings = draft({"Name": "Ramesh & Sunita Gupta", "Pax": "1"})
    assert ([warning.code for warning in warnings], result.companions) == (
        ["party_size_less"],
        ("Sunita Gupta",),
    )


def test_somebody_who_has_died_is_said() -> None:
    result, warnings = draft({"Name": "Late Shri Ramesh & Smt Sunita Gupta"})
    assert (result.full_name, result.companions) == ("Smt Sunita Gupta", ())
    assert result.household == "Late Shri Ramesh & Smt Sunita Gupta"
    assert [warning.code for warning in warnings] == ["late_person"]
    result, warnings = draft({"Name": "स्व. श्री राम मिश्र"})
    assert (result.full_name, [warning.code for warning in warnings]) == ("स्व. श्री राम मिश्र", ["late_person"])


def test_a_number_in_a_name_is_put_to_the_phones() -> None:
    result, warnings = draft({"Name": "Ramesh Gupta - 98200 10001"})
    assert (result.full_name, [phone.e164 for phone in result.phones]) == ("Ramesh Gupta", ["+919820010001"])
    assert [warning.code for warning in warnings] == ["phone_in_name"]
    result, _ = draft({"Name": "Batch of 2012", "Mobile": "98200 10001"})
    assert result.full_name == "Batch of 2012"


def test_characters_that_turn_a_text_are_taken_out_and_said() -> None:
    result, warnings = draft({"Name": "Ramesh \u202eatpuG"})
    assert (result.full_name, [warning.code for warning in warnings]) == ("Ramesh atpuG", ["name_cleaned"])


def test_a_number_of_somebody_who_lives_abroad_is_a_guess() -> None:
    result, warnings = draft({"Name": "Alok Sinha", "Mobile": "9085550123", "City": "Edison, NJ"})
    assert (result.phones[0].e164, result.phones[0].state) == ("+19085550123", PhoneState.GUESSED_REGION)
    assert [warning.code for warning in warnings] == ["phone_country_guessed"]
    assert "+91 90855 50123" in warnings[0].message


def test_words_beside_numbers_are_kept() -> None:
    result, _ = draft({"Name": "Asha", "Mobile": "Papa / 98200 10001 or 98200 10002"})
    assert [phone.e164 for phone in result.phones] == ["+919820010001", "+919820010002"]
    assert result.extra == {"phone (as written)": "Papa / 98200 10001 or 98200 10002"}


def test_a_plain_list_raises_no_warnings() -> None:
    columns = recognise(["Name", "Mobile", "City", "Side", "Group", "Pax"], {})
    forms = ("{}", "0{}", "+91{}", "+91 {}", "91{}", " {} ", "{}.0", "+91-{}", "0091{}")
    for number in range(2000):
        phone = forms[number % len(forms)].format(9_820_010_000 + number * 37_003)
        row = [f"Ramesh Gupta {chr(65 + number % 26)}", phone, "Pune", "bride", "close", "2"]
        result, warnings = read_row(number, row, columns, DEFAULTS)
        assert isinstance(result, Draft)
        assert warnings == [], phone


# ── rejections ─────────────────────────────────────────────────────────────────────────────────────────

PLAIN = ["Name", "Mobile"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["", ""], "no_name_no_phone"),
        (["-", "NA"], "no_name_no_phone"),
        (["", "9.82E+09"], "no_name_no_phone"),
        (["Ra\0mesh", "9812345678"], "nul"),
        (["x" * 32_768, "9812345678"], "cell_too_long"),
        (["x" * 201, "9812345678"], "name_too_long"),
        (["Ramesh", "9812345678", "Delhi"], "too_many_cells"),
    ],
)
def test_rows_that_are_rejected(cells: list[str], code: str) -> None:
    found = rejection(cells, recognise(PLAIN, {}))
    assert (found.code, found.cells) == (code, tuple(cells))
    assert found.message.endswith((".", "?"))


def test_limits_themselves_are_allowed() -> None:
    columns = recognise([*PLAIN, "Room"], {})
    for cells in (
        ["श" * 200, "", ""],
        ["शी" * 200, "", ""],
        ["A", "", "y" * 32_767],
        ["A", "", "", "", " "],
        ["A"],
    ):
        assert isinstance(read_row(2, cells, columns, DEFAULTS)[0], Draft)


def test_a_row_that_the_reader_gave_up_is_rejected_with_its_cells() -> None:
    columns = recognise(PLAIN, {})
    result, _ = read_row(9, UnreadableRow("A quote is not closed.", ["Ramesh", "98"]), columns, DEFAULTS)
    assert result == Rejection(9, "unreadable_row", "A quote is not closed.", ("Ramesh", "98"))
    result, _ = read_row(9, "It is broken.", columns, DEFAULTS)
    assert result == Rejection(9, "unreadable_row", "It is broken.", ())


# ── identity ───────────────────────────────────────────────────────────────────────────────────────────

ROWS = [
    ["Ramesh", "9812345678"],
    ["Sunita", "9812345678"],
    ["Ramesh", "98123 45678"],
    ["RAMESH", "9812345678"],
]


def keys(rows: list[list[str]]) -> list[str]:
    columns = recognise(PLAIN, {})
    results = [read_row(n, row, columns, DEFAULTS)[0] for n, row in enumerate(rows, 2)]
    return [result.row_key for result in results if isinstance(result, Draft)]


def test_rows_keep_their_keys_when_the_list_comes_again() -> None:
    first = keys(ROWS)
    assert first == keys(ROWS)
    assert len(set(first)) == 4
    assert first[2] == f"{first[0]}-2"
    assert first[3] == f"{first[0]}-3"
    assert sorted(keys(ROWS[::-1])) == sorted(first)


def test_an_id_that_stands_twice_loses_nobody() -> None:
    columns = recognise(["ID", *PLAIN], {})
    one, _ = read_row(2, ["7", "Ramesh", "9812345678"], columns, DEFAULTS)
    two, warnings = read_row(3, ["7", "Sunita", "9812345678"], columns, DEFAULTS)
    assert isinstance(one, Draft)
    assert isinstance(two, Draft)
    assert (one.row_key, two.external_id) == ("7", "")
    assert two.row_key != one.row_key
    assert two.extra == {"external_id (as written)": "7"}
    assert [warning.code for warning in warnings] == ["external_id_repeated"]


PIECES = [
    *(
        "9812345678",
        "02226001234",
        "9.82E+09",
        "Ramesh & Sunita Gupta + 2",
        "4 pax",
        "(4)",
        "& family",
        "Late",
    ),
    *(
        "w/o",
        "हिन्दी",
        "Papa office Ramesh",
        "Mr & Mrs",
        "M/s",
        "bride",
        "x@y.in",
        "all",
        "Y",
        "Haldi",
        "-",
        "=1",
    ),
]
CELL = st.text(max_size=25) | st.lists(st.sampled_from(PIECES), max_size=4).map(" ".join)
HEADER = [*FIELDS, "Haldi", "Country Code", "S.No.", "Nickname", "Hotel"]


def said(result: Draft, warnings: list[RowWarning]) -> str:
    """All that is known of a row once it was read, and what was said of it."""
    texts = [
        result.full_name, result.honorific, result.given_name, result.family_name, result.city, str(result.side),
        str(result.language), result.household, str(result.party_size), result.notes, result.external_id,
        result.proposal, *result.emails, *result.tags, *result.events, *result.companions, *result.extra.values(),
        *(phone.raw for phone in result.phones), *(warning.message for warning in warnings),
    ]  # fmt: skip
    return clean(" ".join(texts)).casefold()


@given(st.lists(CELL, min_size=len(HEADER), max_size=len(HEADER)))
def test_no_row_is_lost_or_breaks_the_reader(cells: list[str]) -> None:
    columns = recognise(HEADER, {}, (), [("haldi", "Haldi")])
    result, warnings = read_row(5, cells, columns, DEFAULTS)
    assert all(warning.line == 5 and warning.message for warning in warnings)
    if isinstance(result, Rejection):
        assert result.cells == tuple(cells)
        return
    assert result.full_name
    assert result.row_key
    assert result.extra_seats >= 0
    assert "\0" not in repr(result)
    found = said(result, warnings)
    for title, cell in zip(HEADER, cells, strict=True):
        if title in {"side", "language", "Haldi", "events", "party_size"}:  # become codes, slugs and numbers
            continue
        for word in re.findall(r"[^\W_]{2,}", clean(cell).casefold()):
            assert word in NO_WORDS or word in found, (title, cell)


@given(st.sampled_from(["side", "language", "events", "party_size", "Haldi"]), CELL)
def test_what_becomes_a_code_is_understood_or_kept(title: str, cell: str) -> None:
    columns = recognise(["Name", title], {}, (), [("haldi", "Haldi")])
    result, warnings = read_row(5, ["Asha", cell], columns, DEFAULTS)
    if isinstance(result, Rejection) or not any(c.isalnum() for c in cell):
        return
    if clean(cell).casefold() in {"na", "n/a", "nil", "none", "no", "null"}:
        return
    understood = (result.side, result.language, result.party_size, *result.events)
    no = title == "Haldi" and read_mark(cell) == 0
    assert no or any(understood) or result.extra or warnings
