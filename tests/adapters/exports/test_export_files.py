"""Files that leave: harmless in a spreadsheet, exact when they come back, whole or not there at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from parinaya_cli.adapters.exports import workbooks
from parinaya_cli.adapters.exports.files import ExportFile, LocalFile
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.exports import Column, Grammar, guard, guard_phone, unguard

ZONE = ZoneInfo("Asia/Kolkata")
COLUMNS = (
    Column("name"), Column("phone", Grammar.PHONE), Column("seats", Grammar.NUMBER), Column("at", Grammar.TIME),
)  # fmt: skip
AT = datetime(2027, 2, 12, 13, 30, tzinfo=UTC)
HOSTILE = (
    "=1+1", "+1+1", "-2", "@SUM(A1)", "|calc", "%0A", "\t=1", " =1", "\u200b=1", "＝1+1", "\r\nx", "'quoted", "''",
    '=HYPERLINK("http://x","y")', "a=b", "Asha & <Ravi>", "आशा शर्मा", 'say "ji"', "two\nlines",
)  # fmt: skip
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)


def write(path: Path, kind: str, rows: Sequence[Sequence[Any]], columns: Sequence[Column] = COLUMNS) -> Path:
    """A finished file."""
    file = ExportFile(LocalFile(path), kind, columns, ZONE)
    file.begin_sheet("guests")
    if rows:
        file.write(rows)
    size, digest = file.finish()
    file.publish()
    file.close()
    assert (size, digest) == (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    return path


@given(st.text())
def test_a_guarded_text_is_harmless_and_comes_back(text: str) -> None:
    shown = guard(text)
    assert unguard(shown) == text
    first = next((c for c in shown if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc")), "")
    assert unicodedata.normalize("NFKC", first) not in set("=+-@|%")


def test_a_number_of_e164_stays_and_nothing_else_does() -> None:
    assert guard_phone("+919820012345") == "+919820012345"
    for text in ("+1+cmd", "+91 98200", "=1", "+0123456789", "+919820012345\n"):
        assert guard_phone(text) == f"'{text}"


def test_csv_is_quoted_ends_in_crlf_and_is_read_back(tmp_path: Path) -> None:
    rows = [(text, "+919820012345", place, AT) for place, text in enumerate(HOSTILE)]
    path = write(tmp_path / "a.csv", "csv", [*rows, (None, None, None, None)])
    content = path.read_bytes()
    assert content.startswith(b'"name","phone","seats","at"\r\n')
    assert content.endswith(b'"","","",""\r\n')
    read = list(csv.reader(io.StringIO(content.decode(), newline="")))[1:-1]
    assert [unguard(row[0]) for row in read] == list(HOSTILE)
    assert {row[0][0] for row in read} & set("=+-@|%\t\r") == set()
    assert read[3][1:] == ["+919820012345", "3", "2027-02-12T19:00:00+05:30"]


def test_lines_of_json_have_types(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.json", "json", [("=1+1\u2028", "+919820012345", 2, AT), (None, None, None, None)]
    )
    first, second = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    assert first == {
        "name": "=1+1\u2028", "phone": "+919820012345", "seats": 2, "at": "2027-02-12T19:00:00+05:30",
    }  # fmt: skip
    assert second == dict.fromkeys(first)


def test_a_workbook_has_types_and_no_formula(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", "xlsx", [(text, "+919820012345", 2, AT) for text in HOSTILE])
    book = openpyxl.load_workbook(path)
    [sheet] = book.worksheets
    assert (sheet.title, sheet.freeze_panes) == ("guests", "A2")
    rows = list(sheet.iter_rows(min_row=2))
    assert {cell.data_type for row in rows for cell in row} == {"s", "n", "d"}
    texts = [text.replace("\r\n", "\n") for text in HOSTILE]
    assert [row[0].value for row in rows] == texts
    assert {(row[1].value, row[1].number_format) for row in rows} == {("+919820012345", "@")}
    assert {row[2].value for row in rows} == {2}
    at = rows[0][3].value
    assert isinstance(at, datetime)
    assert abs(at - datetime(2027, 2, 12, 19, 0)) < timedelta(seconds=1)  # noqa: DTZ001
    assert 20 <= sheet.column_dimensions["A"].width <= 60
    assert sheet.column_dimensions["C"].width < 12


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_texts_of_a_workbook_come_back(rows: list[tuple[str, str]]) -> None:
    stream = io.BytesIO()
    book = workbooks.Workbook(stream, (Column("a"), Column("b")), ZONE)
    book.begin_sheet("all")
    book.write(rows)
    book.finish()
    read = CalamineWorkbook.from_filelike(io.BytesIO(stream.getvalue())).get_sheet_by_name("all").to_python()
    filled = [list(row) for row in rows]
    while filled and filled[-1] == ["", ""]:
        filled.pop()
    assert [row + [""] * (2 - len(row)) for row in read[1:]] == filled


def test_sheets_have_names_that_spreadsheets_take(tmp_path: Path) -> None:
    file = ExportFile(LocalFile(tmp_path / "a.xlsx"), "xlsx", (Column("a"),), ZONE)
    for name in ("haldi/mehendi?", "x" * 40, "X" * 40, "", "'quoted'"):
        file.begin_sheet(name)
        file.write([("1",)] * 700)
    file.finish()
    file.publish()
    file.close()
    book = CalamineWorkbook.from_path(str(tmp_path / "a.xlsx"))
    assert book.sheet_names == ["haldi mehendi", "x" * 31, f"{'X' * 29} 2", "Sheet", "quoted"]
    assert {book.get_sheet_by_name(name).height for name in book.sheet_names} == {701}


def test_what_a_spreadsheet_can_not_hold(tmp_path: Path) -> None:
    odd = "a\x00b\x0bc\ud800d_x0041_"
    path = write(tmp_path / "a.xlsx", "xlsx", [(odd, "y" * 40_000)], (Column("a"), Column("b")))
    [sheet] = openpyxl.load_workbook(path).worksheets
    [row] = [[str(cell) for cell in cells] for cells in sheet.iter_rows(min_row=2, values_only=True)]
    assert row[0] in ("abcd_x005F_x0041_", "abcd_x0041_")
    assert (len(row[1]), row[1][-2:]) == (32_767, "y…")


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("what was there", "utf-8")
    file = ExportFile(LocalFile(path), "csv", (Column("a"),), ZONE)
    file.write([("x",)])
    file.finish()
    assert path.read_text("utf-8") == "what was there"
    file.close()
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]
    write(path, "csv", [("x",)], (Column("a"),))
    assert path.read_text("utf-8") == '"a"\n"x"\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_places_that_are_none_are_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "elsewhere.csv")
    for path in (link, tmp_path):
        with pytest.raises(UsedWrongly):
            LocalFile(path)
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UsedWrongly, match="can't be written"):
        ExportFile(LocalFile(tmp_path / "file" / "a.csv"), "csv", COLUMNS, ZONE)
