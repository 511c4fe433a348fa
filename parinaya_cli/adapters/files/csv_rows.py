"""Rows of CSV from a text that people and spreadsheets have written: a broken row never costs the next one.

Python's reader, when strict, tells of a stray quote only where the next quote stands, with all rows
between them in one cell. Here the lines of a row are kept until the row is known to be whole; when it is
not, the reading goes on with the first line behind it that looks like a row.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from parinaya_cli.domain.unreadable_rows import MAX_CELL, UnreadableRow

_SHOWN = 1_000  # characters of a cell that is too long that go to the rejects file


class _Feed:
    """Lines for a csv reader: remembers those of the row that is being read, and takes lines back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self.line = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._lines)
        self.taken.append(line)
        return line

    def begin(self) -> None:
        """The next row begins behind all lines taken so far."""
        self.line += len(self.taken)
        self.taken.clear()

    def give_back(self, count: int) -> None:
        """Keep the first ``count`` lines of the row; the others are read again."""
        self._back.extendleft(reversed(self.taken[count:]))
        del self.taken[count:]


def read_records(
    lines: Iterator[str], delimiter: str, width: int = 0
) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
    """Each row with the 1-based line on which it begins: its cells, or an ``UnreadableRow``.

    ``width``: how many cells a row has; without it the first row says so. Empty lines are left out.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.begin()
        try:
            cells = next(reader)
            broken = len(feed.taken) > 1 and _has_swallowed_rows(feed.taken, delimiter, width)
            problem = _STRAY_QUOTE if broken else ""
        except StopIteration:
            return
        except csv.Error as error:
            cells = []
            problem = _TOO_LONG if "field limit" in str(error) else _STRAY_QUOTE
        if problem:
            _find_next_row(feed, delimiter, width, problem)
            yield feed.line, UnreadableRow(problem, _roughly(feed.taken, delimiter))
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
        elif cells:
            width = width or len(cells)
            yield feed.line, cells


_STRAY_QUOTE = (
    'A double quote (") is not closed, or stands inside a cell: a quote within quotes is written twice.'
)
_TOO_LONG = f"A cell is longer than {MAX_CELL:,} characters."


def _find_next_row(feed: _Feed, delimiter: str, width: int, problem: str) -> None:
    """Leave in the feed's row what belongs to the broken one, and give back what comes behind it."""
    for place, line in enumerate(feed.taken[1:], 1):
        if _looks_like_row(line, delimiter, width):
            feed.give_back(place)
            return
    if problem is not _TOO_LONG or sum(line.count('"') for line in feed.taken) % 2 == 0:
        return
    for line in feed:
        if _looks_like_row(line, delimiter, width):
            feed.give_back(len(feed.taken) - 1)
            return
        if line.count('"') % 2:
            return


def _looks_like_row(line: str, delimiter: str, width: int) -> bool:
    """Whether a line alone has as many cells as the list has columns."""
    if not line.strip():
        return False
    if line.count(delimiter) == width - 1:
        return True
    try:
        return len(next(csv.reader([line], delimiter=delimiter, strict=True))) == width
    except (csv.Error, StopIteration):
        return False


def _has_swallowed_rows(taken: list[str], delimiter: str, width: int) -> bool:
    """Whether several lines of one row are each a row with a number or an address of its own.

    A cell may have line breaks (a postal address), but then its lines do not have the list's columns.
    """
    whole = 0
    for line in taken:
        if width > 1 and line.count(delimiter) == width - 1:
            whole += sum(c.isdecimal() for c in line) >= 8 or "@" in line
    return whole > 1


def _roughly(taken: list[str], delimiter: str) -> list[str]:
    """The cells of a broken row, without regard to quotes; more lines of it hang on the last cell."""
    cells = [cell.replace('"', "").strip() for cell in taken[0].split(delimiter)]
    rest = " ".join(line.strip() for line in taken[1:])
    if rest:
        cells[-1] = f"{cells[-1]} {rest}"
    return [cell if len(cell) <= MAX_CELL else f"{cell[:_SHOWN]}…" for cell in cells]
