"""Columns are found and understood: by their headers, by what stands below them, and by both where they differ."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.headers import Columns, find_header, recognise
from parinaya_cli.domain.imports import Draft, Rejection, RowDefaults, read_row

LISTS = Path(__file__).parents[2] / "examples" / "lists"
EVENTS = [
    ("haldi", "Haldi"),
    ("mehendi", "Mehendi"),
    ("sangeet", "Sangeet Night"),
    ("reception", "Reception"),
]
NAMES = ["Ramesh Gupta", "Sunita Sharma", "Amit & Neha Shah", "Rajesh Jain"]
PHONES = [f"98200 1000{number}" for number in range(4)]


def how(columns: Columns) -> list[tuple[str, str, str]]:
    return [(guess.header, guess.field, guess.how) for guess in columns.guesses]


def fields(header: Sequence[str], *cells: Sequence[str], **more: Mapping[str, str]) -> list[str]:
    """The fields of columns of which each is given by its cells."""
    rows = list(zip(*cells, strict=True))
    return [guess.field for guess in recognise(header, {}, rows, EVENTS, **more).guesses]


def drafts(columns: Columns, rows: Sequence[Sequence[str]]) -> list[Draft]:
    found = [read_row(line, row, columns, RowDefaults())[0] for line, row in enumerate(rows, 2)]
    return [one for one in found if isinstance(one, Draft)]


# ── where the header stands ────────────────────────────────────────────────────────────────────────────

DATA = ["Ramesh Gupta", "9820010001", "Pune"]


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([["Name", "Mobile", "City"], DATA], 0),
        (
            [
                ["Sharma–Mehta guest list", "", ""],
                ["", "", ""],
                ["Total", "340", ""],
                ["Name", "Mobile", "City"],
                DATA,
            ],
            3,
        ),
        (
            [
                ["Bride side"],
                ["Date: 12/2/2027", "Venue: Jaipur"],
                ["Sr", "Guest", "Phone"],
                ["1", *DATA[:2]],
            ],
            2,
        ),
        ([["Guest List"], DATA], 1),
        ([["Guest List", "", ""], ["Kaun", "Kaise", "Kahan"], DATA], 1),
        ([DATA, ["Sunita", "9820010002", "Pune"]], 0),
        ([["Sunita", "family", "9820010001"], ["Ramesh", "family", "9820010002"]], 0),
        ([["Name", ""], DATA[:2]], 0),
        ([["Guests"], ["Naam"], ["Ramesh"], ["Sunita"]], 1),
        ([["Name", "Mobile", "call 9812345678 for help"], DATA], 0),
        ([], 0),
        ([["", ""], ["", ""]], 0),
    ],
)
def test_the_header_is_found_below_titles(rows: list[list[str]], index: int) -> None:
    assert find_header(rows) == index


@given(st.lists(st.lists(st.text(max_size=12), max_size=4), max_size=35))
def test_every_table_has_a_row_for_its_header(rows: list[list[str]]) -> None:
    assert 0 <= find_header(rows) < max(len(rows[:30]), 1)


@given(st.integers(0, 6), st.permutations(["Guest Name", "Mobile No.", "City", "Pax"]))
def test_titles_above_do_not_hide_the_header(titles: int, header: list[str]) -> None:
    above = [["Ananya weds Kabir", "", "", ""]] * titles
    data = {"Guest Name": "Ramesh", "Mobile No.": "98200 10001", "City": "Pune", "Pax": "2"}
    assert find_header([*above, header, [data[title] for title in header]]) == titles


# ── header and content ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Name of the Invitee", "full_name"),
        ("Mob. No.(WhatsApp)", "phone"),
        ("No. of Persons (Adults)", "party_size"),
        ("नाव", "full_name"),
        ("मोबाईल क्रमांक", "phone"),
        ("ਨਾਮ", "full_name"),
        ("ਮੋਬਾਈਲ", "phone"),
        ("பெயர்", "full_name"),
        ("தொலைபேசி எண்", "phone"),
        ("নাম", "full_name"),
        ("ফোন নম্বর", "phone"),
        ("ગામ", "city"),
        ("Phone 1 - Value", "phone"),
        ("E-mail 1 - Value", "email"),
        ("Group Membership", "tags"),
        ("Phone 1 - Label", ""),
        ("Job Title", ""),
        ("Country Code", ""),
    ],
)
def test_more_headers_as_people_and_programs_write_them(header: str, field: str) -> None:
    beside = "Naam" if field in ("phone", "") else "Mobile"
    assert recognise([header, beside], {}).shown[0][1] == field


def test_phones_under_no_and_a_counter_beside_them() -> None:
    rows = list(zip("1234", NAMES, PHONES, strict=True))
    columns = recognise(["Sr", "Name", "No."], {}, rows)
    assert how(columns) == [("Sr", "", ""), ("Name", "full_name", "header"), ("No.", "phone", "content")]
    assert columns.guesses[2].samples == tuple(PHONES[:3])
    assert columns.counters == ("Sr",)
    assert drafts(columns, rows)[0].counters == ("Sr",)


def test_where_header_and_content_differ_the_content_counts_and_it_is_said() -> None:
    columns = recognise(["Contact", "Number"], {}, list(zip(NAMES, PHONES, strict=True)))
    assert how(columns) == [("Contact", "full_name", "content"), ("Number", "phone", "header")]
    assert "“Contact” says phone" in columns.warnings[0]
    assert fields(["Mobile", "", "Pax"], NAMES, PHONES, "2222") == ["full_name", "phone", "party_size"]
    assert fields(["Guests", "Phone", "Count"], NAMES, PHONES, "2222") == ["full_name", "phone", "party_size"]
    assert fields(["Name", "City"], NAMES, PHONES) == ["full_name", "phone"]
    assert fields(["ID", "Name"], PHONES, NAMES) == ["phone", "full_name"]


def test_a_yes_under_whatsapp_is_no_phone() -> None:
    columns = recognise(
        ["Name", "Mobile", "WhatsApp"], {}, list(zip(NAMES, PHONES, ["Yes"] * 4, strict=True))
    )
    assert columns.fields == {0: "full_name", 1: "phone"}
    assert "kept as extra" in columns.warnings[0]


def test_empty_headers_are_understood_by_what_stands_below() -> None:
    cells = (NAMES, PHONES, ["a@x.in", "b@x.in", "c@x.in", "d@x.in"], ["Bride", "Groom", "Bride", "both"])
    more = (["Hindi", "English", "hi", "en"], ["2+1", "4", "3 pax", "1"], "1234")
    found = fields(["", "", "", "", "", "", ""], *cells, *more)
    assert found == ["full_name", "phone", "email", "side", "language", "party_size", ""]


def test_a_map_is_never_overruled_by_the_content() -> None:
    rows = list(zip(NAMES, PHONES, strict=True))
    columns = recognise(["Contact", "Number"], {"Contact": "notes", "Number": "full_name"}, rows)
    assert how(columns) == [("Contact", "notes", "map"), ("Number", "full_name", "map")]
    kept = recognise(["Name", "City"], {"City": "extra"})
    assert (kept.fields, kept.unknown) == ({0: "full_name"}, {1: "City"})


def test_a_preset_is_used_where_it_fits() -> None:
    preset = {"Kaun": "full_name", "Kaise": "phone", "Hotel": "city", "Kab": "notes"}
    columns = recognise(["Kaun", "Kaise", "Kab"], {"Kab": "tags"}, (), (), preset)
    assert how(columns) == [
        ("Kaun", "full_name", "preset"),
        ("Kaise", "phone", "preset"),
        ("Kab", "tags", "map"),
    ]
    with pytest.raises(UsedWrongly, match="nickname"):
        recognise(["Name"], {}, (), (), {"Name": "nickname"})


@given(
    st.lists(st.text(max_size=15), min_size=1, max_size=6),
    st.lists(
        st.lists(st.sampled_from([*NAMES, *PHONES, "Y", "2", "", "x@y.in", "Bride"]), max_size=7), max_size=6
    ),
)
def test_every_column_is_told_once(header: list[str], rows: list[list[str]]) -> None:
    try:
        columns = recognise(header, {}, rows, EVENTS)
    except UsedWrongly:
        return
    assert len(columns.shown) == len(header)
    for column in range(len(header)):
        known = column in columns.fields or column in columns.event_columns
        assert known or column in columns.unknown or column in columns.ignored
    single = [
        name
        for name in columns.fields.values()
        if name in {"full_name", "phone", "side", "city", "household"}
    ]
    assert len(single) == len(set(single))


# ── columns that go together ───────────────────────────────────────────────────────────────────────────


def test_adults_and_kids_are_counted_together_and_both_kept() -> None:
    columns = recognise(["Name", "Adults", "Kids"], {})
    first, second, third = drafts(columns, [["A Shah", "2", "1"], ["B Shah", "2", "-"], ["C Shah", "", "3"]])
    assert (first.party_size, second.party_size, third.party_size) == (3, 2, 3)
    assert first.extra == {"Adults": "2", "Kids": "1"}
    total = recognise(["Name", "Adults", "Kids", "Total"], {})
    assert drafts(total, [["A Shah", "2", "1", "4"]])[0].party_size == 4


@pytest.mark.parametrize(
    "header", ["Events Haldi", "Invited to Haldi", "Haldi function", "HALDI (attending)"]
)
def test_a_column_may_say_that_it_is_about_an_event(header: str) -> None:
    columns = recognise(["Guest", "Mobile", header], {}, [["Ramesh", "9829000102", "Y"]], EVENTS)
    assert columns.event_columns == {2: "haldi"}


def test_columns_of_events_say_who_is_invited() -> None:
    rows = [
        ["Ramesh", "Y", "✓", "no"],
        ["Sunita", "", "4", "हाँ"],
        ["Asha", "maybe", "1", "x"],
        ["Rahul", "N", "0", "-"],
    ]
    columns = recognise(["Guest", "हल्दी", "Sangeet (Y/N)", "Reception"], {}, rows, EVENTS)
    assert columns.event_columns == {1: "haldi", 2: "sangeet", 3: "reception"}
    found = drafts(columns, rows)
    assert [draft.events for draft in found] == [
        ("haldi", "sangeet"),
        ("sangeet", "reception"),
        ("sangeet", "reception"),
        (),
    ]
    assert (found[1].party_size, found[1].extra) == (4, {"Sangeet (Y/N)": "4"})
    assert found[2].extra == {"हल्दी": "maybe"}
    _, warnings = read_row(4, rows[2], columns, RowDefaults())
    assert [warning.code for warning in warnings] == ["event_unclear"]


@pytest.mark.parametrize(
    ("cell", "events"),
    [
        ("all", ("all",)),
        ("All functions", ("all",)),
        ("सभी", ("all",)),
        ("sab", ("all",)),
        ("Haldi & Sangeet Night", ("haldi", "sangeet")),
        ("मेहंदी, संगीत", ("mehendi", "sangeet")),
        ("sangeet", ("sangeet",)),
        ("none", ()),
    ],
)
def test_events_in_a_cell(cell: str, events: tuple[str, ...]) -> None:
    columns = recognise(["Name", "Functions"], {}, (), EVENTS)
    draft, warnings = read_row(2, ["Ramesh", cell], columns, RowDefaults())
    assert isinstance(draft, Draft)
    assert (draft.events, warnings) == (events, [])


def test_an_event_that_the_wedding_has_not_is_said() -> None:
    columns = recognise(["Name", "Functions"], {}, (), EVENTS)
    draft, warnings = read_row(2, ["Ramesh", "Haldi, Cocktail"], columns, RowDefaults())
    assert isinstance(draft, Draft)
    assert draft.events == ("haldi", "cocktail")
    assert [(warning.code, "Cocktail" in warning.message) for warning in warnings] == [
        ("event_unknown", True)
    ]


def test_names_and_country_codes_in_columns_of_their_own() -> None:
    columns = recognise(["Country Code", "Phone Number", "Saved Name", "Public Name"], {})
    rows = [
        ["91", "9820010001", "Ramesh", "R"],
        ["1", "4155552671", "", "Bob"],
        ["+971", "0501234567", "", ""],
    ]
    found = drafts(columns, [*rows, ["91", "919820010002", "Asha", ""]])
    assert [(draft.full_name, draft.phones[0].e164) for draft in found] == [
        ("Ramesh", "+919820010001"),
        ("Bob", "+14155552671"),
        ("+971 50 123 4567", "+971501234567"),
        ("Asha", "+919820010002"),
    ]
    assert found[2].extra == {"Country Code": "+971", "phone (as written)": "0501234567"}


def test_exports_of_address_books() -> None:
    google = [
        "First Name",
        "Middle Name",
        "Last Name",
        "Labels",
        "E-mail 1 - Value",
        "Phone 1 - Label",
        "Phone 1 - Value",
    ]
    row = [
        "Ramesh",
        "Kumar",
        "Gupta",
        "Family ::: * myContacts",
        "r@x.in",
        "Mobile",
        "+91 98200 10001 ::: 98200 10002",
    ]
    [draft] = drafts(recognise(google, {}), [row])
    assert (draft.full_name, draft.tags) == ("Ramesh Kumar Gupta", ("Family", "myContacts"))
    assert [phone.e164 for phone in draft.phones] == ["+919820010001", "+919820010002"]
    outlook = [
        "First Name",
        "Last Name",
        "Home Phone",
        "Mobile Phone",
        "E-mail Address",
        "Home City",
        "Categories",
    ]
    [draft] = drafts(
        recognise(outlook, {}), [["Asha", "Rao", "022-26001234", "98200 10001", "", "Pune", "friends"]]
    )
    assert [phone.e164 for phone in draft.phones] == ["+919820010001", "+912226001234"]


# ── whole lists ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "delimiter", "header", "people"),
    [("nani_ghar.csv", ",", 3, 10), ("dadi_ki_soochi.csv", ";", 1, 5), ("whatsapp_group.csv", ",", 0, 4)],
)
def test_the_lists_of_the_examples_are_read_without_a_map(
    name: str, delimiter: str, header: int, people: int
) -> None:
    with (LISTS / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter))
    assert find_header(rows) == header
    columns = recognise(rows[header], {}, rows[header + 1 :], EVENTS)
    found = drafts(columns, rows[header + 1 :])
    assert len(found) == len(rows) - header - 1
    assert sum(1 + len(draft.companions) for draft in found) == people
    assert all(draft.phones or draft.full_name == "Master ji (Tonk)" for draft in found)


def test_sums_and_headers_among_the_rows_are_no_people() -> None:
    columns = recognise(["Name", "Mobile", "Pax"], {})
    codes = []
    for row in (
        ["Total", "", "340"],
        ["कुल योग", "", "12"],
        ["Name", "Mobile", "Pax"],
        ["Total", "9820010001", ""],
    ):
        found, _ = read_row(9, row, columns, RowDefaults())
        codes.append(found.code if isinstance(found, Rejection) else found.full_name)
    assert codes == ["total_row", "total_row", "header_again", "Total"]
    found, _ = read_row(9, ["Total", "60", ""], recognise(["S.No", "Name", "Mobile"], {}), RowDefaults())
    assert isinstance(found, Rejection)
    assert "“Total”" in found.message
