"""Guest lists as CSV, as they come from spreadsheets: row by row, however long the file is."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from parinaya_cli.adapters.files.csv_rows import read_records
from parinaya_cli.adapters.files.head_rows import FIRST_ROWS, Head, find_head
from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.adapters.files.text_files import TextFile, open_text
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.unreadable_rows import MAX_CELL, UnreadableRow
from parinaya_cli.ports import OpenedList, ReadingOptions, Sheet

DELIMITERS = ",;\t|"
MAX_COLUMNS = 200
SAMPLE = 20  # rows behind the header that are shown beforehand
_SAMPLE_LINES = 40
_EXCELS_MARK = re.compile(r"sep=([,;\t|])\s*", re.IGNORECASE)

Row = tuple[int, list[str] | UnreadableRow]


def open_csv(file: BinaryIO, name: str, options: ReadingOptions, limits: Limits) -> OpenedList:
    """Open a list in a file that can be sought in.

    The delimiter (comma, semicolon, tab or bar) is found on the first lines; titles above the header are left
    out and told. Rows shorter than the header are filled up, empty rows are left out; a row that can't be read
    comes as a sentence, and the next row follows.

    Raises:
        UsedWrongly: it is no text, too large, empty, not in the encoding, or has too many columns; while rows
        are read: it has more rows than a list may have.
    """
    text = open_text(file, name, options.encoding, limits)
    size = file.seek(0, io.SEEK_END)
    delimiter, skipped = _delimiter(text)
    with closing(_records(text, delimiter, skipped)) as records:
        first = list(islice(records, FIRST_ROWS + SAMPLE))
    head = _head(name, first, options.header_first)
    behind = [row for row in first if row[0] >= head.line][head.lines :]
    if not behind and not any(sum(c.isdecimal() for c in cell) >= 8 for cell in head.titles):
        raise UsedWrongly(f"{name} has a header, but no rows.", "Give a list with at least one row.")
    if len(head.titles) > MAX_COLUMNS:
        raise UsedWrongly(
            f"{name} has {len(head.titles)} columns, more than {MAX_COLUMNS}.",
            "Leave out the columns that are not needed.",
        )
    sample = [
        tuple(cells)
        for cells in (_as_wide_as(len(head.titles), cells) for _, cells in behind if isinstance(cells, list))
        if isinstance(cells, list) and any(map(str.strip, cells))
    ]
    rows = _Rows(text, delimiter, head, limits.text_rows).read()
    sheet = Sheet(head.titles, rows, "", head.line, tuple(sample[:SAMPLE]), head.notes)
    return OpenedList(
        name,
        "csv",
        iter([sheet]),
        text.encoding,
        delimiter,
        share=lambda: file.tell() / size,
        close=rows.close,
    )


def _head(name: str, first: Sequence[Row], header_first: bool) -> Head:
    if not first:
        raise UsedWrongly(f"{name} holds nothing but empty lines.", "Give a list with a header and rows.")
    given = [(line, list(row.cells) if isinstance(row, UnreadableRow) else row) for line, row in first]
    head = find_head(given[:1] if header_first else given)
    found = next(row for line, row in first if line == head.line)
    if isinstance(found, UnreadableRow):
        where = "The first row" if head.line == first[0][0] else f"The header (row {head.line})"
        raise UsedWrongly(f"{where} of {name} can't be read. {found}", "Mend that row.")
    return head


def _records(text: TextFile, delimiter: str, skipped: int) -> Generator[Row, None, None]:
    """All rows that are not empty, titles and header among them."""
    with closing(text.lines()) as lines:
        for _ in islice(lines, skipped):
            pass
        for line, cells in read_records(lines, delimiter):
            if isinstance(cells, UnreadableRow) or any(cells):
                yield line + skipped, cells


@dataclass(frozen=True)
class _Rows:
    """The rows behind the header."""

    text: TextFile
    delimiter: str
    head: Head
    most: int

    def read(self) -> Generator[Row, None, None]:
        """Short rows are filled up to the header's width, blank ones left out, far too wide ones not read."""
        width, before, count = len(self.head.titles), self.head.line - 1, 0
        with closing(self.text.lines()) as lines:
            for _ in islice(lines, before):
                pass
            records = read_records(lines, self.delimiter, width)
            for _ in islice(records, self.head.lines):
                pass
            for line, cells in records:
                if isinstance(cells, list):
                    if len(cells) != width:
                        cells = _as_wide_as(width, cells)
                    if isinstance(cells, list) and not cells[0] and not any(map(str.strip, cells)):
                        continue
                count += 1
                if count > self.most:
                    raise UsedWrongly(
                        f"{self.text.name} has more than {self.most:,} rows.",
                        "Split the list into several files.",
                    )
                yield line + before, cells


def _as_wide_as(width: int, cells: list[str]) -> list[str] | UnreadableRow:
    """Cells that are missing are empty, and surplus ones that are empty are cut; what else is surplus is kept."""
    if len(cells) < width:
        return cells + [""] * (width - len(cells))
    if not any(map(str.strip, cells[width:])):
        return cells[:width]
    if len(cells) > MAX_COLUMNS + width:
        message = f"It has {len(cells):,} cells, the header has {width}: is a comma not quoted?"
        return UnreadableRow(message, cells[: MAX_COLUMNS + width])
    return cells


# ── delimiters ─────────────────────────────────────────────────────────────────────────────────────────


def _delimiter(text: TextFile) -> tuple[str, int]:
    """The delimiter under which the first lines agree best; and lines to skip.

    Excel may write the delimiter into the first line: ``sep=;``.
    """
    with closing(text.lines()) as lines:
        sample = [line[:MAX_CELL] for line in islice(lines, _SAMPLE_LINES)]
    mark = _EXCELS_MARK.fullmatch(sample[0]) if sample else None
    if mark:
        return mark[1], 1
    widths = {delimiter: _widths(sample, delimiter) for delimiter in DELIMITERS}
    found = max(DELIMITERS, key=lambda delimiter: _fit(widths[delimiter]))
    if _fit(widths[found])[0] >= 0.5:
        return found, 0
    return max(DELIMITERS, key=lambda delimiter: _fit_below_titles(widths[delimiter])), 0


def _widths(sample: Sequence[str], delimiter: str) -> list[int]:
    widths: list[int] = []
    with suppress(csv.Error):
        widths.extend(len(cells) for cells in csv.reader(sample, delimiter=delimiter) if any(cells))
    return widths


def _fit(widths: Sequence[int]) -> tuple[float, int]:
    """How well the lines agree: share of rows as wide as the first, and that width."""
    if not widths or widths[0] == 1:
        return 0.0, 1
    return widths.count(widths[0]) / len(widths), widths[0]


def _fit_below_titles(widths: Sequence[int]) -> tuple[float, int]:
    """How well the lines agree when the first are titles: share of the commonest width above one."""
    wide = Counter(width for width in widths if width > 1)
    if not wide:
        return 0.0, 1
    width = max(wide, key=lambda one: (wide[one], one))
    return wide[width] / len(widths), width
