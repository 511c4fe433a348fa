"""Lists of people: any bytes, and what was written must be read back."""

from __future__ import annotations

import csv
import io
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from parinaya_cli.adapters.exports.workbooks import Workbook
from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.adapters.files.lists import open_list
from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.domain.exports import Column
from parinaya_cli.domain.imports import UnreadableRow
from parinaya_cli.ports import ReadingOptions
from tests.fuzz.pieces import Target, encoded, spliced, words


def read(content: bytes, name: str) -> list[list[str] | UnreadableRow]:
    """All rows of a list."""
    opened = open_list(io.BytesIO(content), name, ReadingOptions(), Limits())
    return [row for sheet in opened.sheets for _, row in sheet.rows]


def check_list(content: bytes) -> None:
    """Any bytes as a list: rows, or a house error."""
    try:
        rows = read(content, "list")
    except ParinayaError:
        return
    assert all(isinstance(row, list | UnreadableRow) for row in rows)


_CELLS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
_ROWS = st.lists(
    st.tuples(_CELLS, st.integers(6_000_000_000, 9_999_999_999), _CELLS), min_size=1, max_size=12
)
_TITLES = ("Name", "Mobile", "City")


def check_csv(rows: list[tuple[str, int, str]]) -> None:
    """What was written comes back, row by row."""
    text = io.StringIO()
    csv.writer(text).writerows([_TITLES, *rows])
    found = read(text.getvalue().encode(), "list.csv")
    assert found == [[name, str(phone), city] for name, phone, city in rows]


def workbook(rows: list[tuple[str, int, str]]) -> bytes:
    """A workbook as parinaya writes one."""
    file = io.BytesIO()
    book = Workbook(file, [Column(title) for title in _TITLES], ZoneInfo("Asia/Kolkata"))
    book.begin_sheet("Guests")
    book.write([(name, str(phone), city) for name, phone, city in rows])
    book.finish()
    return file.getvalue()


def check_workbook(rows: list[tuple[str, int, str]]) -> None:
    """What was exported comes back."""
    found = read(workbook(rows), "list.xlsx")
    assert found == [[name, str(phone), city] for name, phone, city in rows]


_CARD_LINES = st.lists(
    words(
        *(
            "FN",
            "N",
            "TEL",
            "EMAIL",
            "NOTE",
            "ORG",
            ";",
            ":",
            "TYPE=CELL",
            "CHARSET=UTF-16",
            "=",
            "=41",
            "\\n",
            ",",
        ),
        *(
            "ENCODING=QUOTED-PRINTABLE",
            "ENCODING=BASE64",
            "+919820010001",
            "item1.",
            "X-ABLABEL",
            "BDAY",
            "UID",
        ),
    ).map(lambda text: "".join(c for c in text if c.isprintable())),
    max_size=6,
)


def check_cards(cards: list[list[str]]) -> None:
    """As many people as cards, each a row or told to be unreadable; a card that is a group is no person."""
    text = ""
    for number, lines in enumerate(cards):
        notes = "".join(f"NOTE:{one}\r\n" for one in lines)
        text += f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Guest {number}\r\n{notes}END:VCARD\r\n"
    assert len(read(text.encode(), "people.vcf")) == len(cards)


def check_loose_cards(cards: list[list[str]]) -> None:
    """Cards whose lines are anything: rows, or a house error."""
    check_list("".join(f"BEGIN:VCARD\n{chr(10).join(lines)}\nEND:VCARD\n" for lines in cards).encode())


TARGETS: dict[str, Target] = {
    "list": Target(
        st.one_of(st.binary(max_size=300), words("Name", "Mobile", ",", ";", "\n", '"', "\t").map(encoded)),
        check_list,
    ),
    "csv": Target(_ROWS, check_csv),
    "workbook": Target(_ROWS, check_workbook),
    "broken workbook": Target(spliced(workbook([("Asha", 9820010001, "Pune")] * 3)), check_list),
    "vcard": Target(st.lists(_CARD_LINES, min_size=1, max_size=4), check_cards),
    "loose vcard": Target(st.lists(_CARD_LINES, min_size=1, max_size=4), check_loose_cards),
}
