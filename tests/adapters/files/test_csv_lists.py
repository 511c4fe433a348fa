"""CSV lists as people write them: encodings, delimiters, broken rows, wrong files, rejects."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.adapters.files.lists import open_list
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.imports import (
    Draft,
    Rejection,
    RowDefaults,
    UnreadableRow,
    read_row,
    recognise,
)
from parinaya_cli.ports import OpenedList, ReadingOptions, Sheet

HEADER = "Name,Mobile,City\n"


def opened(text: str | bytes, encoding: str | None = None, **limits: int) -> OpenedList:
    data = text.encode() if isinstance(text, str) else text
    return open_list(io.BytesIO(data), "list.csv", ReadingOptions(encoding), Limits(**limits))


def sheet(text: str | bytes) -> Sheet:
    return next(opened(text).sheets)


def rows(text: str | bytes) -> list[tuple[int, list[str] | str]]:
    return list(sheet(text).rows)


def good(text: str | bytes) -> list[tuple[int, list[str]]]:
    return [(line, cells) for line, cells in rows(text) if isinstance(cells, list)]


def broken(text: str | bytes) -> list[tuple[int, UnreadableRow]]:
    return [(line, row) for line, row in rows(text) if isinstance(row, UnreadableRow)]


# ── what a plain list gives ────────────────────────────────────────────────────────────────────────────


def test_a_plain_list() -> None:
    found = opened(HEADER + "Ramesh,9812345678,Delhi\n\nशर्मा जी,9820012345\n,,\n")
    assert (found.source, found.kind, found.encoding, found.delimiter) == ("list.csv", "csv", "utf-8", ",")
    (table,) = found.sheets
    assert (table.name, table.header, table.header_line) == ("", ["Name", "Mobile", "City"], 1)
    assert table.notes == ()
    assert table.sample == (("Ramesh", "9812345678", "Delhi"), ("शर्मा जी", "9820012345", ""))
    assert list(table.rows) == [
        (2, ["Ramesh", "9812345678", "Delhi"]),
        (4, ["शर्मा जी", "9820012345", ""]),
    ]
    assert found.share() == 1.0


def test_rows_are_read_when_they_are_asked_for() -> None:
    text = HEADER + "".join(f"Guest {n},{9800000000 + n},\n" for n in range(50_000))
    found = opened(text)
    (table,) = found.sheets
    assert next(table.rows) == (2, ["Guest 0", "9800000000", ""])
    share = found.share()
    assert share is not None
    assert share < 0.5
    assert sum(1 for _ in table.rows) == 49_999


def test_line_breaks_inside_cells_and_lines_after_them() -> None:
    text = 'Name,Mobile,Address\nRamesh,9812345678,"12, MG Road\nPune 411001"\nSunita,9820012345,Delhi\n'
    assert rows(text) == [
        (2, ["Ramesh", "9812345678", "12, MG Road\nPune 411001"]),
        (4, ["Sunita", "9820012345", "Delhi"]),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines(end: str) -> None:
    assert good(f"Name,Mobile{end}A,1{end}{end}B,2{end}") == [(2, ["A", "1"]), (4, ["B", "2"])]


def test_surplus_empty_cells_are_cut_and_others_are_handed_on() -> None:
    assert good(HEADER + "A,1,x,, \nB,2,Pune, Maharashtra\n") == [
        (2, ["A", "1", "x"]),
        (3, ["B", "2", "Pune", " Maharashtra"]),
    ]


# ── delimiters ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_shown(delimiter: str) -> None:
    lines = [["Name", "Mobile", "City"], ["Gupta; Ramesh, Mr", "98/99|97", "a\tb, c; d|e"], ["B", "1", "C"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(lines)
    found = opened(text.getvalue())
    (table,) = found.sheets
    assert (found.delimiter, table.header) == (delimiter, lines[0])
    assert [cells for _, cells in table.rows] == lines[1:]


def test_commas_inside_cells_of_a_semicolon_list() -> None:
    found = opened("Name;Mobile\nGupta, Ramesh;98, 99\nShah, Asha;97, 96\n")
    assert found.delimiter == ";"
    assert [cells for _, cells in next(found.sheets).rows] == [
        ["Gupta, Ramesh", "98, 99"],
        ["Shah, Asha", "97, 96"],
    ]


def test_excels_own_mark() -> None:
    found = opened("sep=;\nName;Mobile\nA;1\n")
    (table,) = found.sheets
    assert (found.delimiter, table.header, table.header_line) == (";", ["Name", "Mobile"], 2)
    assert list(table.rows) == [(3, ["A", "1"])]


def test_a_list_of_one_column() -> None:
    assert good("Name\nRamesh\nSunita\n") == [(2, ["Ramesh"]), (3, ["Sunita"])]


# ── encodings ──────────────────────────────────────────────────────────────────────────────────────────

TEXT = HEADER + "José – शर्मा,9812345678,Delhi\n"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8 (byte-order mark)"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16 (byte-order mark)"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16 (byte-order mark)"),
    ],
)
def test_encodings_that_are_known(data: bytes, shown: str) -> None:
    found = opened(data)
    (table,) = found.sheets
    assert (found.encoding, table.header) == (shown, ["Name", "Mobile", "City"])
    assert next(table.rows) == (2, ["José – शर्मा", "9812345678", "Delhi"])


def test_cp1252_is_a_guess_and_shown_as_one() -> None:
    found = opened((HEADER + "José – O’Neil,98,Delhi\n").encode("cp1252"))
    assert found.encoding == "cp1252 (guessed)"
    assert next(next(found.sheets).rows) == (2, ["José – O’Neil", "98", "Delhi"])


def test_an_encoding_that_is_given_is_used() -> None:
    found = opened((HEADER + "शर्मा,98,Delhi\n").encode("utf-16-le"), encoding="utf-16-le")
    assert found.encoding == "utf-16-le"
    assert next(next(found.sheets).rows) == (2, ["शर्मा", "98", "Delhi"])


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "utf-8\0"])
def test_an_encoding_that_does_not_exist(encoding: str) -> None:
    with pytest.raises(UsedWrongly, match="no encoding"):
        opened(TEXT, encoding=encoding)


def test_a_damaged_utf8_file_is_not_taken_for_another_encoding() -> None:
    data = (HEADER + "रमेश,98,Delhi\nसुनीता,99,Delhi\n").encode() + b"\xe0\xa4,97,Delhi\n"
    with pytest.raises(UsedWrongly) as caught:
        sheet(data)
    offset = data.index(b"\xe0\xa4,")
    assert f"byte {offset} in line 4" in caught.value.message
    assert "--encoding" in caught.value.hint


def test_a_byte_that_no_guess_fits_names_its_place() -> None:
    data = HEADER.encode() + b"A,1,x\n" * 300_000 + b"Jos\x81,1,x\n"
    with pytest.raises(UsedWrongly, match=f"byte {len(data) - 6} in line 300002"):
        sheet(data)


def test_a_wrong_encoding_given_names_the_place() -> None:
    with pytest.raises(UsedWrongly, match=r"not ascii: byte 20 in line 2"):
        opened(HEADER + "Jos\u00e9,1,x\n", encoding="ascii")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_explained(codec: str) -> None:
    with pytest.raises(UsedWrongly) as caught:
        sheet(TEXT.encode(codec))
    assert f"--encoding {codec} " in caught.value.hint


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        found = sheet(data)
    except UsedWrongly:
        return
    for line, cells in found.rows:
        assert line >= 1
        assert isinstance(cells, str) or len(cells) >= len(found.header)


# ── rows that are broken ───────────────────────────────────────────────────────────────────────────────

PEOPLE = [f"Guest {n},98{n:08d},Delhi" for n in range(40)]


@pytest.mark.parametrize("place", [0, 1, 20, 38, 39])
@pytest.mark.parametrize(
    "stray",
    ['"Guest,9811111111,Pune', 'Guest,9811111111,"Pune', '"Gu"est,9811111111,Pune', 'Guest,"98"11,"Pune'],
)
def test_a_stray_quote_costs_its_own_row_only(stray: str, place: int) -> None:
    lines = [*PEOPLE[:place], stray, *PEOPLE[place:]]
    text = HEADER + "\n".join(lines) + "\n"
    assert [line for line, _ in broken(text)] == [place + 2]
    assert [cells for _, cells in good(text)] == [person.split(",") for person in PEOPLE]
    assert [line for line, _ in good(text)] == [n for n in range(2, 43) if n != place + 2]


def test_stray_quotes_in_many_rows_in_a_row() -> None:
    lines = PEOPLE[:5] + [f'"{person}' for person in PEOPLE[5:15]] + PEOPLE[15:]
    text = HEADER + "\n".join(lines)
    assert [line for line, _ in broken(text)] == list(range(7, 17))
    assert len(good(text)) == 30


def test_two_stray_quotes_that_would_make_one_cell_of_many_rows() -> None:
    """A strict reader sees one proper row here, and four people would be gone."""
    lines = ['"Guest A,9811111111,Pune', *PEOPLE[:4], 'Guest B",9822222222,Pune', *PEOPLE[4:8]]
    text = HEADER + "\n".join(lines) + "\n"
    assert [line for line, _ in broken(text)] == [2]
    assert [cells[0] for _, cells in good(text)] == [f"Guest {n}" for n in range(4)] + ['Guest B"'] + [
        f"Guest {n}" for n in range(4, 8)
    ]


def test_a_broken_row_is_handed_on_for_mending() -> None:
    ((line, row),) = broken(HEADER + 'Ramesh,"98"123,Delhi\nSunita,9820012345,Pune\n')
    assert (line, row.cells) == (2, ("Ramesh", "98123", "Delhi"))
    assert "quote" in row


def test_a_cell_of_five_megabytes() -> None:
    text = HEADER + f"Ramesh,{'9' * 5_000_000},Delhi\nSunita,9820012345,Pune\n"
    ((line, row),) = broken(text)
    assert (line, row.cells[0], row.cells[2]) == (2, "Ramesh", "Delhi")
    assert "32,767" in row
    assert len(row.cells[1]) < 2_000
    assert good(text) == [(3, ["Sunita", "9820012345", "Pune"])]


def test_a_cell_of_five_megabytes_in_many_lines_makes_no_guests() -> None:
    picture = "\n".join(["iVBORw0KGgoAAAANSUhEUgAA" * 3] * 70_000)
    text = HEADER + f'Ramesh,9812345678,"{picture}"\nSunita,9820012345,Pune\n'
    ((line, _),) = broken(text)
    assert line == 2
    assert good(text) == [(70_002, ["Sunita", "9820012345", "Pune"])]


def test_nul_bytes_reject_their_row() -> None:
    found = sheet(HEADER + "Ra\0mesh,9812345678,Delhi\nSunita,9820012345,Pune\n")
    columns = recognise(found.header, {})
    results = [read_row(line, cells, columns, RowDefaults())[0] for line, cells in found.rows]
    assert isinstance(results[0], Rejection)
    assert results[0].code == "nul"
    assert isinstance(results[1], Draft)


SAFE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
LINE_ENDS = ["\n", "\r\n"]


@given(st.lists(st.lists(SAFE, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(LINE_ENDS))
def test_what_a_writer_wrote_is_read(lines: list[list[str]], end: str) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [["Name", "Mobile", "City"], *lines]
    )
    try:
        found = [cells for _, cells in rows(text.getvalue())]
    except UsedWrongly:
        found = []
    assert found == [line for line in lines if any(cell.strip() for cell in line)]


# ── what is no list ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "no rows"),
        (b"\n\n", "empty lines"),
        (b"Name,Mobile\n", "no rows"),
        (codecs.BOM_UTF8, "empty"),
        (b"\0\0\0\0\x01\x02", "no text"),
        (b'"Name,Mobile\nA,1\n', "first row"),
        (",".join(f"c{n}" for n in range(201)).encode() + b"\nx\n", "201 columns"),
    ],
)
def test_texts_that_are_no_lists(data: bytes, word: str) -> None:
    with pytest.raises(UsedWrongly, match=word) as caught:
        opened(data)
    assert caught.value.hint


def test_one_row_with_a_number_is_a_list_without_header() -> None:
    found = sheet("Ramesh,98123 45678\n")
    assert found.header == ["Ramesh", "98123 45678"]
    assert list(found.rows) == []


def test_a_text_that_is_too_large() -> None:
    with pytest.raises(UsedWrongly, match="larger than 1 MiB"):
        opened(HEADER + "A,1,x\n" * 200_000, text_bytes=1024 * 1024)


def test_a_line_without_end() -> None:
    with pytest.raises(UsedWrongly, match=r"Line 2 of list\.csv is longer than 1 MiB"):
        opened(HEADER + "A" * 5_000_000, line=1024 * 1024)


def test_more_rows_than_a_list_may_have_are_refused_as_a_whole() -> None:
    (table,) = opened(HEADER + "A,1,x\n" * 101, text_rows=100).sheets
    with pytest.raises(UsedWrongly, match="more than 100 rows"):
        list(table.rows)
    assert len(list(next(opened(HEADER + "A,1,x\n" * 100, text_rows=100).sheets).rows)) == 100


def test_a_row_of_a_thousand_cells() -> None:
    ((line, row),) = broken(HEADER + "A" + ",x" * 1000 + "\n")
    assert (line, row.cells[:2]) == (2, ("A", "x"))
    assert "1,001 cells" in row
    assert len(row.cells) < 300


# ── above the header ───────────────────────────────────────────────────────────────────────────────────

TITLES = [
    "Sharma–Mehta wedding¦¦\n¦¦\n",
    "Sharma–Mehta wedding guest list\n\n",
    "Bride's side; final, 12 Jan\n",
]


@pytest.mark.parametrize("titles", TITLES)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_titles_above_the_header_are_left_out_and_told(titles: str, delimiter: str) -> None:
    people = "Ramesh,9812345678,Delhi\nSunita,9820012345,Pune\n"
    text = titles.replace("¦", delimiter) + (HEADER + people).replace(",", delimiter)
    found = opened(text)
    (table,) = found.sheets
    line = titles.count("\n") + 1
    assert (found.delimiter, table.header, table.header_line) == (
        delimiter,
        ["Name", "Mobile", "City"],
        line,
    )
    assert list(table.rows) == [
        (line + 1, ["Ramesh", "9812345678", "Delhi"]),
        (line + 2, ["Sunita", "9820012345", "Pune"]),
    ]
    (note,) = table.notes
    assert note.startswith("Row 1 stands above the header and is left out: ")


def test_a_stray_quote_below_titles_costs_its_own_row_only() -> None:
    lines = [*PEOPLE[:3], '"Guest,9811111111,Pune', *PEOPLE[3:]]
    text = "Guest list\n\n" + HEADER + "\n".join(lines) + "\n"
    assert [line for line, _ in broken(text)] == [7]
    assert [cells for _, cells in good(text)] == [person.split(",") for person in PEOPLE]


def test_a_header_of_two_rows() -> None:
    table = sheet("Name,Mobile,Events,,\n,,Haldi,Sangeet,Reception\nAsha,9820012345,Y,Y,\n")
    assert table.header == ["Name", "Mobile", "Events Haldi", "Events Sangeet", "Events Reception"]
    assert list(table.rows) == [(3, ["Asha", "9820012345", "Y", "Y", ""])]
    assert table.notes == ("Rows 1 and 2 are read together as the header.",)
    table = sheet(",,Events,\nName,Mobile,Haldi,Sangeet\nAsha,9820012345,Y,Y\n")
    assert (table.header, table.header_line) == (["Name", "Mobile", "Events Haldi", "Events Sangeet"], 2)
    assert list(table.rows) == [(3, ["Asha", "9820012345", "Y", "Y"])]


@pytest.mark.parametrize(
    "first",
    [
        ",9820012345,Pune,",
        ",,Pune,Delhi 110001",
        "Asha,,,",
        ",,Y,Y",
        ",,Haldi,",
        ",ask Asha,Pune,Delhi",
    ],
)
def test_a_person_is_never_taken_for_a_second_row_of_the_header(first: str) -> None:
    table = sheet(f"Name,Mobile,City,\n{first}\nRamesh,9812345678,Delhi,\n")
    assert table.header == ["Name", "Mobile", "City", ""]
    assert [line for line, _ in table.rows] == [2, 3]


def test_names_of_ten_thousand_letters_and_writing_turned_round_are_handed_on() -> None:
    long, turned = "अ" * 10_000, "\u202eaksamaR\u202c"
    assert good(HEADER + f"{long},1,x\n{turned},2,x\n") == [(2, [long, "1", "x"]), (3, [turned, "2", "x"])]
