"""CSV lists as people write them: encodings, delimiters, broken rows, wrong files, rejects."""

from __future__ import annotations

import codecs
import csv
import io
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.adapters.files.csv_lists import CsvLists, read_csv, write_rejects
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.imports import (
    MAX_CELL,
    Draft,
    Rejection,
    RowDefaults,
    UnreadableRow,
    read_row,
    recognise,
)
from parinaya_cli.ports import Sheet

HEADER = "Name,Mobile,City\n"


def sheet(text: str | bytes, encoding: str | None = None) -> Sheet:
    return read_csv(None, data=text.encode() if isinstance(text, str) else text, encoding=encoding)


def rows(text: str | bytes) -> list[tuple[int, list[str] | str]]:
    return list(sheet(text).rows)


def good(text: str | bytes) -> list[tuple[int, list[str]]]:
    return [(line, cells) for line, cells in rows(text) if isinstance(cells, list)]


def broken(text: str | bytes) -> list[tuple[int, UnreadableRow]]:
    return [(line, row) for line, row in rows(text) if isinstance(row, UnreadableRow)]


# ── what a plain list gives ────────────────────────────────────────────────────────────────────────────


def test_a_list_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "bride side.csv"
    path.write_text(HEADER + "Ramesh,9812345678,Delhi\n\nशर्मा जी,9820012345\n,,\n", encoding="utf-8")
    found = CsvLists().read(path)
    assert (found.source, found.encoding, found.delimiter) == ("bride side.csv", "utf-8", ",")
    assert found.header == ["Name", "Mobile", "City"]
    assert list(found.rows) == [
        (2, ["Ramesh", "9812345678", "Delhi"]),
        (4, ["शर्मा जी", "9820012345", ""]),
    ]


def test_a_list_from_stdin() -> None:
    found = sheet(HEADER + "Ramesh,98,Delhi")
    assert found.source == "-"
    assert list(found.rows) == [(2, ["Ramesh", "98", "Delhi"])]


def test_a_list_from_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(HEADER + "Ramesh,98,Delhi\n"))
    writer.start()
    found = read_csv(pipe)
    writer.join()
    assert list(found.rows) == [(2, ["Ramesh", "98", "Delhi"])]


def test_rows_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(HEADER + "".join(f"Guest {n},{9800000000 + n},\n" for n in range(50_000)))
    found = read_csv(path)
    assert next(found.rows) == (2, ["Guest 0", "9800000000", ""])
    assert sum(1 for _ in found.rows) == 49_999
    read_csv(path)  # dropped without being read: no file stays open


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
    found = sheet(text.getvalue())
    assert (found.delimiter, found.header) == (delimiter, lines[0])
    assert [cells for _, cells in found.rows] == lines[1:]


def test_commas_inside_cells_of_a_semicolon_list() -> None:
    found = sheet("Name;Mobile\nGupta, Ramesh;98, 99\nShah, Asha;97, 96\n")
    assert found.delimiter == ";"
    assert [cells for _, cells in found.rows] == [["Gupta, Ramesh", "98, 99"], ["Shah, Asha", "97, 96"]]


def test_excels_own_mark() -> None:
    found = sheet("sep=;\nName;Mobile\nA;1\n")
    assert (found.delimiter, found.header, list(found.rows)) == (";", ["Name", "Mobile"], [(3, ["A", "1"])])


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
    found = sheet(data)
    assert (found.encoding, found.header) == (shown, ["Name", "Mobile", "City"])
    assert next(found.rows) == (2, ["José – शर्मा", "9812345678", "Delhi"])


def test_cp1252_is_a_guess_and_shown_as_one() -> None:
    found = sheet((HEADER + "José – O’Neil,98,Delhi\n").encode("cp1252"))
    assert found.encoding == "cp1252 (guessed)"
    assert next(found.rows) == (2, ["José – O’Neil", "98", "Delhi"])


def test_an_encoding_that_is_given_is_used() -> None:
    found = sheet((HEADER + "शर्मा,98,Delhi\n").encode("utf-16-le"), encoding="utf-16-le")
    assert (found.encoding, next(found.rows)[1]) == ("utf-16-le", ["शर्मा", "98", "Delhi"])


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "utf-8\0"])
def test_an_encoding_that_does_not_exist(encoding: str) -> None:
    with pytest.raises(UsedWrongly, match="no encoding"):
        sheet(TEXT, encoding=encoding)


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
        sheet(HEADER + "Jos\u00e9,1,x\n", encoding="ascii")


def test_utf16_without_its_mark_is_explained() -> None:
    with pytest.raises(UsedWrongly) as caught:
        sheet(TEXT.encode("utf-16-le"))
    assert "utf-16-le" in caught.value.hint


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
        (b"PK\x03\x04....", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (b"<html><table>", "HTML"),
        (b"BEGIN:VCARD\r\nVERSION:3.0", "vCard"),
        (b"\0\0\0\0\x01\x02", "no text"),
        (b'"Name,Mobile\nA,1\n', "first row"),
        (",".join(f"c{n}" for n in range(201)).encode() + b"\nx\n", "201 columns"),
    ],
)
def test_files_that_are_no_lists(data: bytes, word: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    with pytest.raises(UsedWrongly, match=word) as caught:
        read_csv(path)
    assert caught.value.hint
    with pytest.raises(UsedWrongly, match=word):
        read_csv(None, data=data)


def test_one_row_with_a_number_is_a_list_without_header() -> None:
    found = sheet("Ramesh,98123 45678\n")
    assert found.header == ["Ramesh", "98123 45678"]
    assert list(found.rows) == []


def test_a_folder_a_missing_file_and_a_large_one(tmp_path: Path) -> None:
    with pytest.raises(UsedWrongly, match="folder"):
        read_csv(tmp_path)
    with pytest.raises(UsedWrongly, match="There is no file"):
        read_csv(tmp_path / "missing.csv")
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(50 * 1024 * 1024 + 1)
    with pytest.raises(UsedWrongly, match="larger than 50 MiB"):
        read_csv(large)
    with pytest.raises(UsedWrongly, match="larger than 50 MiB"):
        read_csv(Path(os.devnull).with_name("zero"))


# ── rejects ────────────────────────────────────────────────────────────────────────────────────────────


def test_rejects_are_written_mended_and_imported_again(tmp_path: Path) -> None:
    text = 'Name,Mobile,Room\n,,12\nRamesh,98,Taj, 14\n"Sunita,9820012345,=1+1\nAsha,+91 98200 12345,@x\n'
    found = sheet(text)
    columns = recognise(found.header, {})
    results = [read_row(line, cells, columns, RowDefaults())[0] for line, cells in found.rows]
    path = tmp_path / "list.rejects.csv"
    write_rejects(path, columns.titles, [result for result in results if isinstance(result, Rejection)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == [path.name]

    again = read_csv(path)
    assert again.header == ["Name", "Mobile", "Room", "reason", "line"]
    lines = [cells for _, cells in again.rows]
    assert [(cells[:3], cells[4]) for cells in lines] == [
        (["", "", "12"], "2"),
        (["Ramesh", "98", "Taj"], "3"),
        (["Sunita", "9820012345", "'=1+1"], "4"),
    ]
    assert lines[1][5:] == [" 14"]  # too wide until somebody has mended it
    columns = recognise(again.header, {})
    second = [read_row(n, cells, columns, RowDefaults())[0] for n, cells in enumerate(lines, 2)]
    assert [type(result) for result in second] == [Rejection, Rejection, Draft]
    assert isinstance(second[2], Draft)
    assert second[2].extra == {"Room": "=1+1"}
    mended, _ = read_row(2, ["Ramesh", "9812345678", "Taj 14", "", "3"], columns, RowDefaults())
    assert isinstance(mended, Draft)
    assert mended.extra == {"Room": "Taj 14"}


def test_cells_of_rejects_are_harmless_and_whole(tmp_path: Path) -> None:
    cells = (
        "=cmd()",
        "+91 98200 12345",
        "+SUM(A1)",
        "-5",
        "@x",
        "a\0b",
        'say "hi",\nthen',
        "y" * (MAX_CELL + 1),
    )
    path = tmp_path / "r.csv"
    write_rejects(path, [f"c{n}" for n in range(8)], [Rejection(3, "x", "It is bad.", cells)])
    with path.open(encoding="utf-8-sig", newline="") as file:
        _, row = csv.reader(file)
    assert row[:7] == [
        "'=cmd()",
        "+91 98200 12345",
        "'+SUM(A1)",
        "-5",
        "'@x",
        "a\u2400b",
        'say "hi",\nthen',
    ]
    assert row[7] == "y" * 1000 + "…"
    assert row[8:] == ["It is bad.", "3"]


def test_rejects_that_fail_leave_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("old")

    def fail() -> Rejection:
        raise RuntimeError("the list broke off")

    with pytest.raises(RuntimeError):
        write_rejects(path, ["Name"], (fail() for _ in range(1)))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.csv"]
    with pytest.raises(UsedWrongly, match="can't be written"):
        write_rejects(tmp_path / "no folder" / "r.csv", ["Name"], [])
