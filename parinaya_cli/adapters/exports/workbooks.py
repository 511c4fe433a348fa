"""Workbooks (XLSX, ECMA-376): written row by row, with real types, and text that stays text.

No library writes them as fast in constant memory and lets every text be plain text: openpyxl makes a formula of
whatever begins with ``=``, and is several times slower (``tests/bench/bench_exports.py``).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import count
from typing import IO, Any, BinaryIO
from xml.sax.saxutils import escape

from parinaya_cli.domain.exports import Column, Grammar

MOST_ROWS = 1_048_575
"""Rows of a sheet below its header; what is more goes on in another sheet."""

MOST_CELL = 32_767
"""Characters of a cell; longer text is cut there, and ends in an ellipsis."""

_MEASURED = 500  # rows by which the columns are made as wide as their content
_WIDEST, _NARROWEST = 60, 8
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - days are counted from there in local time
_GENERAL, _HEADER, _TEXT, _TIME = range(4)  # places in cellXfs of _STYLES

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACK = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/>'
    '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/>'
    '<name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/>'
    '<diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    '</cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_ROOT = (
    f'{_HEAD}<Relationships xmlns="{_PACK}/relationships"><Relationship Id="rId1" Type="{_LINK}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)


class Workbook:
    """A workbook in the making; sheets come one after the other, each with the same columns."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column], zone: tzinfo) -> None:
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._columns, self._zone = columns, zone
        self._letters = [_letters(place) for place in range(len(columns))]
        self._names: list[str] = []
        self._wanted = ""
        self._sheet: IO[bytes] | None = None
        self._waiting: list[Sequence[Any]] = []
        self._row = 0

    def begin_sheet(self, name: str) -> None:
        """The rows that follow stand in a sheet of this name."""
        self._end_sheet()
        self._wanted = name or "Sheet"
        self._names.append(_sheet_name(self._wanted, self._names))

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows into the sheet that was begun."""
        if self._sheet is None:
            self._waiting.extend(rows)
            if len(self._waiting) < _MEASURED:
                return
            rows, self._waiting = self._waiting, []
            self._open_sheet(rows)
        while self._row - 1 + len(rows) > MOST_ROWS:
            room = MOST_ROWS - (self._row - 1)
            self._put(rows[:room])
            rows = rows[room:]
            self.begin_sheet(self._wanted)
            self._open_sheet(rows)
        self._put(rows)

    def finish(self) -> None:
        """Write what a workbook needs beside its sheets. The stream stays open."""
        if not self._names:
            self.begin_sheet("")
        self._end_sheet()
        numbers = range(1, len(self._names) + 1)
        self._add("[Content_Types].xml", _content_types(len(self._names)))
        self._add("_rels/.rels", _ROOT)
        sheets = "".join(
            f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{number}" r:id="rId{number}"/>'
            for number, name in zip(numbers, self._names, strict=True)
        )
        self._add(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_LINK}"><sheets>{sheets}</sheets></workbook>',
        )
        links = "".join(
            f'<Relationship Id="rId{number}" Type="{_LINK}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in numbers
        )
        styles = f'<Relationship Id="rId{len(self._names) + 1}" Type="{_LINK}/styles" Target="styles.xml"/>'
        self._add(
            "xl/_rels/workbook.xml.rels",
            f'{_HEAD}<Relationships xmlns="{_PACK}/relationships">{links}{styles}</Relationships>',
        )
        self._add("xl/styles.xml", _STYLES)
        self._zip.close()

    def abandon(self) -> None:
        """Write nothing more: the stream is closed before the workbook is whole, as on a full disk."""
        self._zip.fp = None  # else its end is written when it is collected

    def _add(self, name: str, text: str) -> None:
        self._zip.writestr(_part(name), text)

    def _open_sheet(self, sample: Sequence[Sequence[Any]]) -> None:
        self._sheet = self._zip.open(
            _part(f"xl/worksheets/sheet{len(self._names)}.xml"), "w", force_zip64=True
        )
        widths = "".join(
            f'<col min="{place + 1}" max="{place + 1}" width="{width}" customWidth="1"/>'
            for place, width in enumerate(_widths(self._columns, sample))
        )
        self._sheet.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
            'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{widths}</cols><sheetData>".encode()
        )
        self._row = 0
        header = "".join(
            _text(f"{letters}1", one.name, _HEADER)
            for letters, one in zip(self._letters, self._columns, strict=True)
        )
        self._sheet.write(f'<row r="1">{header}</row>'.encode())
        self._row = 1

    def _put(self, rows: Sequence[Sequence[Any]]) -> None:
        assert self._sheet is not None
        lines = []
        numbers = count(self._row + 1)
        for number, row in zip(numbers, rows, strict=False):
            cells = "".join(
                [
                    self._cell(f"{at}{number}", cell)
                    for at, cell in zip(self._letters, row, strict=True)
                    if cell not in _EMPTY
                ]
            )
            lines.append(f'<row r="{number}">{cells}</row>')
        self._row += len(rows)
        self._sheet.write("".join(lines).encode("utf-8", "replace"))

    def _cell(self, at: str, cell: Any) -> str:
        if isinstance(cell, str):
            return _text(at, cell, _TEXT)
        if isinstance(cell, datetime):
            local = cell.astimezone(self._zone).replace(tzinfo=None)
            days = (local - _EPOCH).total_seconds() / 86_400
            return f'<c r="{at}" s="{_TIME}"><v>{days:.10f}</v></c>'
        return f'<c r="{at}"><v>{cell}</v></c>'

    def _end_sheet(self) -> None:
        if self._names and self._sheet is None:
            rows, self._waiting = self._waiting, []
            self._open_sheet(rows)
            self._put(rows)
        if self._sheet is not None:
            self._sheet.write(b"</sheetData></worksheet>")
            self._sheet.close()
            self._sheet = None


_EMPTY = (None, "")
# What XML can't hold at all, and what a spreadsheet would take for an escaped character (ECMA-376, 22.9.2.19).
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_SPECIAL = re.compile("[&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x")


def _text(at: str, text: str, style: int) -> str:
    if _SPECIAL.search(text):
        text = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
        text = escape(_LOOKS_ESCAPED.sub("_x005F_", _cut(text)))
    else:
        text = _cut(text)
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CELL else f"{text[: MOST_CELL - 1]}…"


def _letters(place: int) -> str:
    """The letters of a column, A for 0, AA for 26."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _widths(columns: Sequence[Column], sample: Sequence[Sequence[Any]]) -> list[int]:
    found = []
    for place, column in enumerate(columns):
        widest = max((len(str(row[place])) for row in sample if row[place] is not None), default=0)
        if column.grammar is Grammar.TIME and widest:
            widest = len("2027-02-12 19:00")
        found.append(min(_WIDEST, max(_NARROWEST, len(column.name) + 2, widest + 2)))
    return found


def _sheet_name(wanted: str, taken: Sequence[str]) -> str:
    """A name as spreadsheets take it: 31 characters, none of ``[]:*?/\\``, no apostrophe at its ends, each once."""
    plain = _NOT_IN_XML.sub("", re.sub(r"[\[\]:*?/\\\t\r\n]", " ", wanted)).strip(" '") or "Sheet"
    used = {one.casefold() for one in taken}
    for number in count(1):
        end = f" {number}" if number > 1 else ""
        name = f"{plain[: 31 - len(end)].rstrip()}{end}"
        if name.casefold() not in used:
            return name
    raise AssertionError("there is always one number more")


def _content_types(sheets: int) -> str:
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in range(1, sheets + 1)
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACK}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{parts}</Types>'
    )


def _part(name: str) -> zipfile.ZipInfo:
    """An entry without a time of its own: the same rows make the same file, byte for byte."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
