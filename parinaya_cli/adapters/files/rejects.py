"""Rejected rows as a CSV that can be mended and imported again."""

from __future__ import annotations

import csv
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.headers import REJECTS_TAIL
from parinaya_cli.domain.imports import MAX_CELL, Rejection


class RejectsWriter:
    """A file of rejected rows in the making: with the list's own columns, ``reason`` and ``line`` behind them.

    Rows are put aside on disk as they come, so that a million of them cost no memory. Sheets with other columns
    share the file: it has the columns of all. It appears whole or not at all, by ``finish``, for its owner's
    eyes only (0600), in UTF-8 with a byte-order mark for Excel; cells that a spreadsheet would run as a formula
    get a ``'``. Leaving it as a context without ``finish`` makes no file.
    """

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path
        self._columns: dict[tuple[str, int], int] = {}
        self._heads: dict[tuple[str, ...], list[int]] = {}
        self._sheets: set[str] = set()
        self._aside = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 (see abort)

    def __enter__(self) -> RejectsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()

    def add(self, titles: Sequence[str], rejection: Rejection, sheet: str = "") -> None:
        """Put a row aside. ``titles``: the columns of its sheet, which it may be shorter or longer than.

        Raises:
            UsedWrongly: the disk is full.
        """
        head = tuple(titles)
        if head not in self._heads:
            self._heads[head] = self._places(head)
        self._sheets.add(sheet)
        row = [self._heads[head], rejection.cells, rejection.message, rejection.line, sheet]
        try:
            self._aside.write(json.dumps(row) + "\n")
        except OSError as error:
            raise self._unwritable(error) from error
        self.count += 1

    def _places(self, head: Sequence[str]) -> list[int]:
        """The column of the file for each column of a sheet: the first “Phone” of one is the first of the other."""
        seen: Counter[str] = Counter()
        places = []
        for title in head:
            places.append(self._columns.setdefault((title, seen[title]), len(self._columns)))
            seen[title] += 1
        return places

    def finish(self) -> bool:
        """Write the file; whether there is one. Without rows, what an earlier import left there is removed.

        Raises:
            UsedWrongly: the file can't be written there.
        """
        try:
            if self.count:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._write()
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            self.abort()
        return bool(self.count)

    def abort(self) -> None:
        """Forget the rows; does nothing after ``finish``."""
        with suppress(OSError):  # a full disk has been told already
            self._aside.close()

    def _unwritable(self, error: OSError) -> UsedWrongly:
        reason = error.strerror or str(error)
        return UsedWrongly(f"{self._path} can't be written: {reason}.", "Name another file or folder.")

    def _write(self) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8-sig", newline="", errors="backslashreplace") as file:
                writer = csv.writer(file)
                writer.writerow([*(_guarded(title) for title, _ in self._columns), *REJECTS_TAIL])
                writer.writerows(self._rows())
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _rows(self) -> Iterator[list[str]]:
        """Surplus cells come last: such a row is too wide again until somebody has put its cells right."""
        several = len(self._sheets) > 1
        self._aside.seek(0)
        for text in self._aside:
            places, cells, message, line, sheet = json.loads(text)
            row = [""] * len(self._columns)
            for place, cell in zip(places, cells, strict=False):
                row[place] = _guarded(cell)
            where = f"{sheet} {line}" if several and sheet else str(line)
            yield [*row, message, where, *map(_guarded, cells[len(places) :])]


_PHONE_OR_NUMBER = re.compile(r"[+-][0-9 ().,/-]+")


def _guarded(cell: str) -> str:
    """A cell that no spreadsheet runs and no editor breaks; NUL is made visible."""
    cell = cell.replace("\0", "\u2400")
    if len(cell) > MAX_CELL:
        cell = f"{cell[:1000]}…"
    if cell[:1] in ("=", "@", "\t", "\r") or (
        cell[:1] in ("+", "-") and not _PHONE_OR_NUMBER.fullmatch(cell)
    ):
        return f"'{cell}"
    return cell
