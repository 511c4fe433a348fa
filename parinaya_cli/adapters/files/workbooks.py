"""Workbooks of Excel and LibreOffice: sheet by sheet, values only; nothing in them is ever run or fetched."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from parinaya_cli.adapters.files.archives import Archive
from parinaya_cli.adapters.files.book_cells import row_of
from parinaya_cli.adapters.files.book_parts import SHOWN, Findings, address, inspect
from parinaya_cli.adapters.files.head_rows import FIRST_ROWS, Head, find_head
from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.unreadable_rows import UnreadableRow
from parinaya_cli.ports import OpenedList, ReadingOptions, Sheet

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_MIB = 1024 * 1024
SAMPLE = 20  # rows behind the header that are shown beforehand
_CLEAR = "Delete everything right of and below the list, or copy the list into a new workbook."
_AS_CSV = "Open it in a spreadsheet, save the list as CSV (UTF-8), and import that file."

Row = tuple[int, list[str] | UnreadableRow]


def open_workbook(file: BinaryIO, name: str, options: ReadingOptions, limits: Limits) -> OpenedList:
    """Open a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) in a file that can be sought in.

    Every sheet that holds something is read, one after the other, hidden ones only when asked for by name.
    Headers may stand below titles, be merged, and take two rows; lines are the sheet's own.

    Raises:
        UsedWrongly: it is damaged, locked, no workbook, larger than a list may be, or has no such sheet; while
        sheets are read: one has more rows or columns than a list may have.
    """
    size = file.seek(0, io.SEEK_END)
    if size > limits.book_bytes:
        raise UsedWrongly(
            f"{name} is larger than {limits.book_bytes // _MIB} MiB.",
            "Save the list alone as CSV (UTF-8), and import that file.",
        )
    file.seek(0)
    found: Mapping[str, Findings] = {}
    if file.read(2) == b"PK":
        found = _look_inside(file, name, limits)
    file.seek(0)
    book = _load(file, name)
    chosen, notes = _choose(book, name, options.sheet)
    for title in chosen:
        _refuse_sparse(found.get(title, Findings()), name, title, limits)
    reading = _Reading(book, name, chosen, limits, found)
    return OpenedList(
        name, "xlsx", reading.sheets(), notes=notes, share=lambda: reading.share, close=book.close
    )


# ── before it is read ──────────────────────────────────────────────────────────────────────────────────

# (a part that is there, what it is, what to do)
_OTHERS = (
    ("word/document.xml", "a Word document", "Copy its table into a spreadsheet, and import that."),
    (
        "ppt/presentation.xml",
        "a PowerPoint presentation",
        "Copy its table into a spreadsheet, and import that.",
    ),
    (
        "index/document.iwa",
        "a document of Apple's iWork (Numbers)",
        "Export it as Excel or CSV, and import that file.",
    ),
    (
        "index.zip",
        "a document of Apple's iWork (Numbers)",
        "Export it as Excel or CSV, and import that file.",
    ),
    ("androidmanifest.xml", "an app for Android", "Export the contacts as vCard, and import that file."),
)


def _look_inside(file: BinaryIO, name: str, limits: Limits) -> Mapping[str, Findings]:
    """Refuse archives that are no workbooks, and those that are and hold what no list has."""
    archive = Archive(file, name, limits)
    parts = {part.lower() for part in archive.names}
    for part, kind, hint in _OTHERS:
        if part in parts:
            raise UsedWrongly(f"{name} is {kind}, not a list that can be read.", hint)
    if any(".abbu/" in part or part.endswith(".abcddb") for part in parts):
        raise UsedWrongly(
            f"{name} is an archive of Apple's Contacts (.abbu).",
            "In Contacts choose all cards, File, Export, Export vCard, and import that file.",
        )
    if not parts & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise UsedWrongly(f"{name} is a zip archive, not a list.", "Unpack it, and import what is in it.")
    return inspect(archive, name)


def _refuse_sparse(found: Findings, name: str, title: str, limits: Limits) -> None:
    """A reader would make a row of every line up to the last cell, and a column of every letter."""
    columns, rows = limits.book_columns, limits.book_rows
    if found.last_column > columns:
        problem = f"has a cell at {found.rightmost}, beyond {columns} columns"
    elif found.last_row > rows + FIRST_ROWS:
        problem = f"has a cell at {found.lowest}, beyond {rows:,} rows"
    else:
        return
    raise UsedWrongly(f"The sheet “{title}” of {name} {problem}.", _CLEAR)


def _load(file: BinaryIO, name: str) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_filelike(file)
    except PasswordError as error:
        raise UsedWrongly(
            f"{name} is a workbook with a password.", "Take the password off, save it, and import it again."
        ) from error
    except CalamineError as error:
        raise _damaged(name) from error


def _damaged(name: str) -> UsedWrongly:
    return UsedWrongly(f"{name} is no workbook that can be read; it may be damaged.", _AS_CSV)


def _choose(book: CalamineWorkbook, name: str, wanted: str | None) -> tuple[list[str], tuple[str, ...]]:
    """The sheets that are read, and what is told of those that are not."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    tables = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    if wanted is not None:
        key = wanted.strip().casefold()
        chosen = [one.name for one in tables if one.name == wanted] or [
            one.name for one in tables if one.name.strip().casefold() == key
        ]
        if not chosen:
            known = ", ".join(f"“{one.name}”" for one in tables[:SHOWN])
            raise UsedWrongly(
                f"{name} has no sheet “{wanted}”; it has: {known}.", "Give one of these to --sheet."
            )
        return chosen[:1], ()
    hidden = [one.name for one in tables if one.visible != SheetVisibleEnum.Visible]
    notes = [f"The sheet “{title}” is hidden and left out: --sheet reads it." for title in hidden]
    return [one.name for one in tables if one.name not in hidden], tuple(notes)


# ── sheet by sheet ─────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Reading:
    """The sheets of a workbook while they are read. ``rows``: of all sheets so far, data only."""

    book: CalamineWorkbook
    name: str
    chosen: Sequence[str]
    limits: Limits
    found: Mapping[str, Findings]
    share: float = 0.0
    rows: int = field(default=0)

    def sheets(self) -> Iterator[Sheet]:
        """Each sheet that is not empty."""
        given = 0
        for place, title in enumerate(self.chosen):
            self.share = place / len(self.chosen)
            table = _Table(self._load(title))
            if not table.first:
                continue
            given += 1
            yield self._sheet(title, table, place)
        if not given:
            raise UsedWrongly(
                f"{self.name} holds nothing but empty cells.", "Give a list with a header and rows."
            )

    def _load(self, title: str) -> CalamineSheet:
        from python_calamine import CalamineError

        try:
            return self.book.get_sheet_by_name(title)
        except CalamineError as error:
            raise _damaged(self.name) from error

    def _sheet(self, title: str, table: _Table, place: int) -> Sheet:
        head = find_head(table.first, table.spans())
        width = max(len(head.titles), table.width)
        if width > self.limits.book_columns:
            raise UsedWrongly(f"The sheet “{title}” of {self.name} has {width} columns.", _CLEAR)
        titles = head.titles + [""] * (width - len(head.titles))
        sample = [tuple(cells) for line, cells in table.first if line >= head.line + head.lines]
        if not sample and len(self.chosen) == 1 and not _holds_number(titles):
            raise UsedWrongly(f"{self.name} has a header, but no rows.", "Give a list with at least one row.")
        findings = self.found.get(title, Findings())
        notes = (*head.notes, *findings.notes(), *table.merged_below(head))
        rows = self._rows(table, head, place)
        return Sheet(titles, rows, title, head.line, tuple(sample[:SAMPLE]), notes)

    def _rows(self, table: _Table, head: Head, place: int) -> Iterator[Row]:
        for line, cells in table.rows():
            if line < head.line + head.lines:
                continue
            self.rows += 1
            if self.rows > self.limits.book_rows:
                raise UsedWrongly(
                    f"{self.name} has more than {self.limits.book_rows:,} rows.",
                    "Split the list, or save it as CSV (UTF-8), which may be longer.",
                )
            self.share = (place + line / table.height) / len(self.chosen)
            yield line, cells


def _holds_number(titles: Sequence[str]) -> bool:
    return any(sum(c.isdecimal() for c in cell) >= 8 for cell in titles)


class _Table:
    """A sheet as its rows of text, blank ones left out, and what is merged in it."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self._sheet = sheet
        self.height = sheet.total_height + 1
        self.width = sheet.width
        self._left = sheet.start[1] if sheet.start else 0
        self.first = list(islice(self.rows(), FIRST_ROWS + SAMPLE))

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The 1-based line of the sheet, and the cells from its first filled column on."""
        for line, values in enumerate(self._sheet.iter_rows(), 1):
            cells = row_of(values)
            if any(map(str.strip, cells)):
                yield line, cells

    def spans(self) -> dict[int, list[tuple[int, int]]]:
        """Columns (0-based, of ``rows``) that are merged, by the line where they begin."""
        found: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (_, right) in self._merged():
            if right > left >= self._left:
                found.setdefault(top + 1, []).append((left - self._left, right - self._left))
        return found

    def merged_below(self, head: Head) -> Iterator[str]:
        """What is told of cells that are merged among the rows: the first row alone has their value."""
        tall = [
            place for place, (bottom, _) in self._merged() if bottom > place[0] >= head.line + head.lines - 1
        ]
        if tall:
            shown = ", ".join(address(*place) for place in tall[:SHOWN])
            yield (
                f"{len(tall)} cells are merged over several rows, of which only the first has their value: "
                f"{shown}{' and others' if len(tall) > SHOWN else ''}."
            )

    def _merged(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        return self._sheet.merged_cell_ranges or []
