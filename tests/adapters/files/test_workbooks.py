"""Workbooks: what people see in a sheet is what is read, and what is no list is refused."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from parinaya_cli.adapters.files.book_cells import text_of
from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.adapters.files.lists import open_list
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.imports import MAX_CELL, UnreadableRow
from parinaya_cli.ports import OpenedList, ReadingOptions, Sheet

HEADER = ["Name", "Mobile", "City"]


def opened(data: bytes, sheet: str | None = None, **limits: int) -> OpenedList:
    return open_list(io.BytesIO(data), "list.xlsx", ReadingOptions(sheet=sheet), Limits(**limits))


def saved(*fill: Callable[[Worksheet], None], names: tuple[str, ...] = ()) -> bytes:
    """A workbook with a sheet for each of the functions."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, one in enumerate(fill):
        one(book.create_sheet(names[number] if names else f"Sheet{number + 1}"))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rows_of(*rows: Sequence[object]) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for row in rows:
            sheet.append(list(row))

    return fill


def only(data: bytes) -> Sheet:
    (sheet,) = opened(data).sheets
    return sheet


def changed(data: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """A workbook with parts put in place of its own, added, or left out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return file.getvalue()


PLAIN = saved(rows_of(HEADER, ["Asha", "9820012345", "Pune"], ["Ramesh", "9812345678", "Delhi"]))
SHEET = "xl/worksheets/sheet1.xml"


def with_cells(xml: str) -> bytes:
    """A workbook whose first sheet has these rows, written as XML."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return changed(PLAIN, {SHEET: f"<worksheet {space}><sheetData>{xml}</sheetData></worksheet>".encode()})


# ── what a plain workbook gives ────────────────────────────────────────────────────────────────────────


def test_a_plain_workbook() -> None:
    found = opened(PLAIN)
    assert (found.kind, found.encoding, found.delimiter, found.notes) == ("xlsx", "", "", ())
    (sheet,) = found.sheets
    assert (sheet.name, sheet.header, sheet.header_line, sheet.notes) == ("Sheet1", HEADER, 1, ())
    assert sheet.sample == (("Asha", "9820012345", "Pune"), ("Ramesh", "9812345678", "Delhi"))
    assert list(sheet.rows) == [(2, ["Asha", "9820012345", "Pune"]), (3, ["Ramesh", "9812345678", "Delhi"])]
    assert found.share() == 1.0
    found.close()


def test_cells_are_what_people_see() -> None:
    long = "x" * (MAX_CELL + 50)
    values: list[tuple[object, str]] = [
        (919820010001, "919820010001"),
        (919820010001.0, "919820010001"),
        ("9.82E+09", "9.82E+09"),
        (9.1982001000198e21, "9.1982001000198e+21"),
        (1.5, "1.5"),
        (0.1 + 0.2, "0.3"),
        (-3, "-3"),
        (True, "yes"),
        (False, "no"),
        (datetime.date(2027, 2, 12), "2027-02-12"),
        (datetime.datetime(2027, 2, 12, 19, 30), "2027-02-12T19:30"),  # noqa: DTZ001 (cells have no zone)
        (datetime.time(19, 5), "19:05"),
        (" शर्मा जी ", " शर्मा जी "),
        ("'+91 98200 12345", "'+91 98200 12345"),
    ]
    data = saved(rows_of(["Name", "Value"], *(["A", value] for value, _ in values)))
    assert [cells[1] for _, cells in only(data).rows] == [text for _, text in values]
    data = with_cells(
        f'<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
        f'<row r="2"><c r="A2" t="inlineStr"><is><t>{long}</t></is></c></row>'
    )
    ((_, row),) = only(data).rows
    assert len(row[0]) == MAX_CELL + 1  # too long still, so that the row is rejected


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_whole_numbers_lose_no_digit(number: int) -> None:
    assert text_of(float(number)) == str(number)


@given(st.floats(min_value=2.0**53, allow_infinity=False))
def test_numbers_that_have_lost_digits_show_it(number: float) -> None:
    assert "e+" in text_of(number) or len(text_of(number)) <= 16


def test_titles_blank_rows_and_the_lines_of_the_sheet() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["B2"] = "Sharma–Mehta wedding"
        sheet["B5"], sheet["C5"] = "Guest Name", "Mobile No."
        sheet["B6"], sheet["C6"] = "Asha", 9820012345
        sheet["B9"], sheet["C9"] = "Ramesh", 9812345678

    sheet = only(saved(fill))
    assert (sheet.header, sheet.header_line) == (["Guest Name", "Mobile No."], 5)
    assert list(sheet.rows) == [(6, ["Asha", "9820012345"]), (9, ["Ramesh", "9812345678"])]
    assert sheet.notes == ("Row 2 stands above the header and is left out: Sharma–Mehta wedding",)


def test_merged_cells_of_a_header_in_two_rows() -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (
            ["Guest list of the bride", None, None, None, None],
            ["Name", "Mobile", "Events", None, None],
            [None, None, "Haldi", "Sangeet", "Reception"],
            ["Asha", 9820012345, "Y", None, "Y"],
        ):
            sheet.append(row)
        for cells in ("A1:E1", "A2:A3", "B2:B3", "C2:E2"):
            sheet.merge_cells(cells)

    sheet = only(saved(fill))
    assert sheet.header == ["Name", "Mobile", "Events Haldi", "Events Sangeet", "Events Reception"]
    assert list(sheet.rows) == [(4, ["Asha", "9820012345", "Y", "", "Y"])]
    assert sheet.notes == (
        "Row 1 stands above the header and is left out: Guest list of the bride",
        "Rows 2 and 3 are read together as the header.",
    )


def test_groups_over_columns_that_are_known_without_them() -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (
            ["Guest", None, "Functions", None],
            ["Name", "Mobile", "Haldi", "Sangeet"],
            ["Asha", 9820012345, "Y", "Y"],
        ):
            sheet.append(row)
        sheet.merge_cells("A1:B1")
        sheet.merge_cells("C1:D1")

    sheet = only(saved(fill))
    assert (sheet.header, sheet.header_line) == (
        ["Name", "Mobile", "Functions Haldi", "Functions Sangeet"],
        2,
    )
    assert list(sheet.rows) == [(3, ["Asha", "9820012345", "Y", "Y"])]


def test_cells_merged_below_the_header_are_told() -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["Name", "Family"], ["Asha", "Sharma"], ["Ramesh", None], ["Sunita", "Gupta"]):
            sheet.append(row)
        sheet.merge_cells("B2:B3")

    sheet = only(saved(fill))
    assert [cells for _, cells in sheet.rows] == [["Asha", "Sharma"], ["Ramesh", ""], ["Sunita", "Gupta"]]
    (note,) = sheet.notes
    assert note.startswith("1 cells are merged over several rows")
    assert note.endswith(": B2.")


def test_a_title_over_two_columns_stands_for_both() -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["Name", "Mobile", None], ["Asha", 9820012345, 9812345678]):
            sheet.append(row)
        sheet.merge_cells("B1:C1")

    assert only(saved(fill)).header == ["Name", "Mobile", "Mobile"]


def test_formulas_and_errors() -> None:
    sheet = only(
        with_cells(
            '<row r="1"><c r="A1" t="str"><v>Name</v></c><c r="B1" t="str"><v>Mobile</v></c></row>'
            '<row r="2"><c r="A2" t="str"><f>"A"&amp;"sha"</f><v>Asha</v></c><c r="B2"><f>1+1</f></c></row>'
            '<row r="3"><c r="A3" t="str"><v>Ramesh</v></c><c r="B3"><f>B2</f><v></v></c></row>'
            '<row r="4"><c r="A4" t="str"><v>Sunita</v></c><c r="B4" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
            '<row r="5"><c r="A5" t="str"><v>Gopal</v></c><c r="B5" t="str"><f>""</f><v></v></c></row>'
            '<row r="6"><c r="A6" t="str"><v>Meena</v></c><c r="B6"><f>9820012345</f><v>9820012345</v></c></row>'
        )
    )
    assert [cells for _, cells in sheet.rows] == [
        ["Asha", ""],
        ["Ramesh", ""],
        ["Sunita", ""],
        ["Gopal", ""],
        ["Meena", "9820012345"],
    ]
    unset, errors = sheet.notes
    assert unset.startswith("2 cells hold a formula without a result and are read as empty: B2, B3.")
    assert errors == "1 cells hold an error such as #N/A and are read as empty: B4."


def test_formulas_of_a_program_that_works_nothing_out() -> None:
    """openpyxl writes formulas without values; only the first addresses are told."""
    people: list[list[object]] = [[f"Guest {n}", "=1+1"] for n in range(30)]
    (note,) = only(saved(rows_of(["Name", "Mobile"], *people))).notes
    assert note.startswith("30 cells hold a formula without a result and are read as empty: B2, B3, ")
    assert "B21 and 10 more." in note


def test_prefixes_of_namespaces_change_nothing() -> None:
    plain = '<row r="1"><c r="A1" t="str"><v>Name</v></c></row><row r="2"><c r="A2"><f>1</f></c></row>'
    xml = plain.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    space = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    data = changed(
        PLAIN, {SHEET: f"<x:worksheet {space}><x:sheetData>{xml}</x:sheetData></x:worksheet>".encode()}
    )
    with pytest.raises(UsedWrongly, match="no rows"):  # the only row is empty
        only(data)


# ── sheets ─────────────────────────────────────────────────────────────────────────────────────────────

TWO = saved(
    rows_of(HEADER, ["Asha", "9820012345", "Pune"]),
    rows_of(),
    rows_of(["Notes"]),
    rows_of(HEADER, ["Ramesh", "9812345678", "Delhi"]),
    names=("Bride", "Blank", "Remarks", "Groom Side"),
)


def test_all_sheets_come_one_after_the_other() -> None:
    found = opened(TWO)
    read = [(sheet.name, sheet.header, list(sheet.rows)) for sheet in found.sheets]
    assert read == [
        ("Bride", HEADER, [(2, ["Asha", "9820012345", "Pune"])]),
        ("Remarks", ["Notes"], []),
        ("Groom Side", HEADER, [(2, ["Ramesh", "9812345678", "Delhi"])]),
    ]


@pytest.mark.parametrize("wanted", ["Groom Side", " groom side", "GROOM SIDE"])
def test_one_sheet_by_name(wanted: str) -> None:
    (sheet,) = opened(TWO, wanted).sheets
    assert sheet.name == "Groom Side"


def test_a_sheet_that_does_not_exist() -> None:
    with pytest.raises(UsedWrongly) as caught:
        opened(TWO, "Grooms")
    assert "“Bride”, “Blank”, “Remarks”, “Groom Side”" in caught.value.message


def test_hidden_sheets_are_left_out_and_told() -> None:
    def hidden(sheet: Worksheet) -> None:
        sheet.append(["Name", "Mobile"])
        sheet.append(["Hidden", "9820099999"])
        sheet.sheet_state = "veryHidden"

    data = saved(rows_of(HEADER, ["Asha", "9820012345", "Pune"]), hidden, names=("List", "Old"))
    found = opened(data)
    assert [sheet.name for sheet in found.sheets] == ["List"]
    assert found.notes == ("The sheet “Old” is hidden and left out: --sheet reads it.",)
    (sheet,) = opened(data, "old").sheets
    assert list(sheet.rows) == [(2, ["Hidden", "9820099999"])]


@pytest.mark.parametrize(
    ("data", "word"), [(saved(rows_of()), "nothing but empty cells"), (saved(rows_of(HEADER)), "no rows")]
)
def test_workbooks_without_people(data: bytes, word: str) -> None:
    with pytest.raises(UsedWrongly, match=word):
        list(opened(data).sheets)


# ── what is refused ────────────────────────────────────────────────────────────────────────────────────


def test_more_rows_than_a_workbook_may_have() -> None:
    data = saved(rows_of(["Name"], *([f"Guest {n}"] for n in range(101))))
    with pytest.raises(UsedWrongly, match="more than 100 rows"):
        list(next(opened(data, book_rows=100).sheets).rows)
    assert len(list(next(opened(data, book_rows=101).sheets).rows)) == 101


@pytest.mark.parametrize("corner", ["XFD1048576", "A1048576", "XFD1"])
def test_a_cell_in_the_last_corner(corner: str) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["Name"])
        sheet.append(["Asha"])
        sheet[corner] = "x"

    with pytest.raises(UsedWrongly, match=f"has a cell at {corner}") as caught:
        opened(saved(fill))
    assert "Delete" in caught.value.hint


def test_blank_cells_far_out_do_no_harm() -> None:
    """Somebody has coloured a whole column: cells that hold nothing."""
    sheet = only(
        with_cells(
            '<row r="1"><c r="A1" t="str"><v>Name</v></c></row><row r="2"><c r="A2" t="str"><v>Asha</v></c></row>'
            '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
        )
    )
    assert list(sheet.rows) == [(2, ["Asha"])]


def test_too_many_columns() -> None:
    with pytest.raises(UsedWrongly, match="beyond 200 columns"):
        opened(saved(rows_of([f"c{n}" for n in range(201)], ["x"])))


def bomb(declared: int | None = None) -> bytes:
    """A sheet of 64 MiB of blanks; its directory may say that it is small."""
    data = changed(PLAIN, {SHEET: b"<worksheet>" + b" " * (64 * 1024 * 1024)})
    if declared is not None:
        for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
            place = -1
            while (place := data.find(mark, place + 1)) >= 0:
                name = place + (46 if mark == b"PK\x01\x02" else 30)
                if data[name : name + len(SHEET)] == SHEET.encode():
                    data = data[: place + offset] + struct.pack("<L", declared) + data[place + offset + 4 :]
    return data


def test_a_bomb_is_stopped_while_it_is_inflated() -> None:
    with pytest.raises(UsedWrongly, match="more than 100 times its size"):
        opened(bomb())
    with pytest.raises(UsedWrongly, match="more than 100 times its size"):
        opened(bomb(declared=1000))
    with pytest.raises(UsedWrongly, match="larger than 16 MiB when it is unpacked"):
        opened(bomb(declared=1000), ratio=10_000, inflated=16 * 1024 * 1024)
    with pytest.raises(UsedWrongly, match="damaged"):
        opened(bomb(declared=1000), ratio=10_000)


def relationships(kind: str, mode: str) -> bytes:
    types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{types}/{kind}" Target="https://example.org/" TargetMode="{mode}"/>'
        "</Relationships>"
    ).encode()


RELS = "xl/worksheets/_rels/sheet1.xml.rels"
DTD = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({SHEET: DTD}, "entities"),
        ({"xl/sharedStrings.xml": DTD}, "entities"),
        ({"xl/theme/theme1.xml": b" " * 300_000 + DTD}, "entities"),
        ({SHEET: "<worksheet/>".encode("utf-16")}, "no spreadsheet writes"),
        ({RELS: relationships("externalLinkPath", "External")}, "takes values from another file"),
        ({RELS: relationships("oleObject", "external")}, "takes values from another file"),
        ({RELS: b"<Relationships"}, "damaged"),
        ({"xl/embeddings/book.xlsx": PLAIN}, "another file inside"),
        ({f"xl/media/image{n}.png": b"" for n in range(300)}, "files, more than the 200"),
        ({"xl/workbook.xml": b"<workbook>"}, "damaged"),
        ({"xl/workbook.xml": None}, "zip archive"),
        ({"xl/workbook.xml": None, "word/document.xml": b"<x/>"}, "Word document"),
        ({"xl/workbook.xml": None, "ppt/presentation.xml": b"<x/>"}, "PowerPoint"),
        ({"xl/workbook.xml": None, "Index/Document.iwa": b"x"}, "Numbers"),
        ({"xl/workbook.xml": None, "Contacts.abbu/AddressBook-v22.abcddb": b"x"}, "Apple's Contacts"),
    ],
)
def test_archives_that_are_no_lists(parts: Mapping[str, bytes | None], word: str) -> None:
    with pytest.raises(UsedWrongly, match=word) as caught:
        list(opened(changed(PLAIN, parts)).sheets)
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["hyperlink", "image"])
def test_links_that_people_click_on_do_no_harm(kind: str) -> None:
    assert only(changed(PLAIN, {RELS: relationships(kind, "External")})).header == HEADER


def test_macros_are_not_looked_at() -> None:
    macro = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert only(changed(PLAIN, {"xl/vbaProject.bin": macro})).header == HEADER


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.99])
def test_a_workbook_that_is_cut_off(share: float) -> None:
    with pytest.raises(UsedWrongly, match="damaged") as caught:
        opened(PLAIN[: int(len(PLAIN) * share)])
    assert caught.value.hint


@given(st.integers(0, len(PLAIN) - 1), st.integers(1, 255))
def test_a_byte_that_is_wrong_breaks_nothing(place: int, by: int) -> None:
    data = bytearray(PLAIN)
    data[place] = (data[place] + by) % 256
    with suppress(UsedWrongly):
        for sheet in opened(bytes(data)).sheets:
            for line, cells in sheet.rows:
                assert line > 0
                assert isinstance(cells, UnreadableRow) or len(cells) == len(sheet.header)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500, "with a password"),
        (OLE + "WordDocument".encode("utf-16-le") + b"\0" * 500, "Word document"),
        (OLE + "Workbook".encode("utf-16-le") + b"\0" * 500, "no workbook that can be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "no workbook that can be read"),
        (b"PK\x03\x04....", "damaged"),
        (b"PK\x05\x06" + b"\0" * 18, "zip archive"),
        (b"<html><table><tr><td>Name</td></tr></table></html>", "web page"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE html><html>", "web page"),
        (b"MIME-Version: 1.0\nX-Document-Type: Workbook", "MHTML"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>', "Excel 2003"),
        (b'<?xml version="1.0"?><contacts/>', "XML document"),
        (b'{"people": []}', "JSON"),
        (b'[{"name": "Asha"}]', "JSON"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR", "calendar"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"\0\0\0\x18ftypheic\0\0", "picture"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"SQLite format 3\0", "SQLite"),
        (b"{\\rtf1", "Rich Text"),
        (b"bplist00", "property list"),
        (b"", "empty"),
    ],
)
def test_files_that_are_no_lists_are_named(data: bytes, word: str) -> None:
    with pytest.raises(UsedWrongly, match=word) as caught:
        opened(data)
    assert caught.value.message.startswith("list.xlsx ")
    assert caught.value.hint


def test_a_spreadsheet_of_libreoffice() -> None:
    space = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    head = "".join(cell.format(title) for title in HEADER)
    row = cell.format("Asha") + '<table:table-cell office:value-type="float" office:value="9820012345"/>'
    blank = '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f'<office:document-content {space}><office:body><office:spreadsheet><table:table table:name="Liste">'
            f"<table:table-row>{head}</table:table-row><table:table-row>{row}</table:table-row>{blank}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    sheet = only(file.getvalue())
    assert (sheet.name, sheet.header) == ("Liste", HEADER)
    assert list(sheet.rows) == [(2, ["Asha", "9820012345", ""])]
