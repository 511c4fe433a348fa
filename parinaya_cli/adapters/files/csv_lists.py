"""Guest lists as CSV: read as they come from spreadsheets, and rejected rows written to be mended."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

from parinaya_cli.adapters.files.csv_rows import read_records
from parinaya_cli.adapters.files.text_files import MAX_BYTES, TextFile, open_text
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.headers import REJECTS_TAIL
from parinaya_cli.domain.imports import MAX_CELL, Rejection
from parinaya_cli.ports import Sheet

DELIMITERS = ",;\t|"
MAX_COLUMNS = 200
_SAMPLE_LINES = 30
_EXCELS_MARK = re.compile(r"sep=([,;\t|])\s*", re.IGNORECASE)


class CsvLists:
    """``ports.ContactSource`` for CSV files."""

    def __init__(self, encoding: str | None = None) -> None:
        self._encoding = encoding

    def read(self, path: Path) -> Sheet:
        """Open a list; see ``read_csv``."""
        return read_csv(path, encoding=self._encoding)


def read_csv(
    path: Path | None, *, data: bytes | None = None, encoding: str | None = None, max_bytes: int = MAX_BYTES
) -> Sheet:
    """Open a list for reading row by row, from a file or from ``data`` (what came on stdin).

    Encoding: ``encoding``, else a byte-order mark, else UTF-8, else cp1252, then named as a guess. The
    delimiter (comma, semicolon, tab or bar) is found on the first lines. Rows shorter than the header
    are filled up, empty rows are left out; a row that can't be read comes as a sentence, and the next
    row follows.

    Raises:
        UsedWrongly: there is no such file, it is no text, too large, empty, or not in the encoding.
    """
    text = open_text(path, data=data, encoding=encoding, max_bytes=max_bytes)
    delimiter, skipped = _delimiter(text)
    with closing(_records(text, delimiter, skipped)) as records:
        first = list(islice(records, 2))
    if not first:
        raise UsedWrongly(
            f"{text.name} holds nothing but empty lines.", "Give a list with a header and rows."
        )
    header = first[0][1]
    if isinstance(header, str):
        raise UsedWrongly(f"The first row of {text.name} can't be read. {header}", "Mend the first row.")
    if len(first) == 1 and not any(sum(c.isdecimal() for c in cell) >= 8 for cell in header):
        raise UsedWrongly(f"{text.name} has a header, but no rows.", "Give a list with at least one row.")
    if len(header) > MAX_COLUMNS:
        count = f"{text.name} has {len(header)} columns, more than {MAX_COLUMNS}."
        raise UsedWrongly(count, "Leave out the columns that are not needed.")
    return Sheet(text.name, text.encoding, delimiter, header, _rows(text, delimiter, skipped, len(header)))


def _records(
    text: TextFile, delimiter: str, skipped: int
) -> Generator[tuple[int, list[str] | str], None, None]:
    """All rows that are not empty, the header among them; closes the file when it is closed."""
    with closing(text.lines()) as lines:
        for _ in range(skipped):
            next(lines, None)
        for line, cells in read_records(lines, delimiter):
            if isinstance(cells, str) or any(cells):
                yield line + skipped, cells


def _rows(
    text: TextFile, delimiter: str, skipped: int, width: int
) -> Generator[tuple[int, list[str] | str], None, None]:
    """The rows behind the header; short ones are filled up to the header's width, blank ones left out."""
    with closing(_records(text, delimiter, skipped)) as records:
        next(records, None)
        for line, cells in records:
            if isinstance(cells, list):
                count = len(cells)
                if count < width:
                    cells += [""] * (width - count)
                elif count > width and not any(map(str.strip, cells[width:])):
                    del cells[width:]
                if not cells[0] and not any(map(str.strip, cells)):
                    continue
            yield line, cells


def _delimiter(text: TextFile) -> tuple[str, int]:
    """The delimiter under which the first lines have the header's width most often; and lines to skip.

    Excel may write the delimiter into the first line: ``sep=;``.
    """
    with closing(text.lines()) as lines:
        sample = [line[:MAX_CELL] for line in islice(lines, _SAMPLE_LINES)]
    mark = _EXCELS_MARK.fullmatch(sample[0]) if sample else None
    if mark:
        return mark[1], 1
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter)), 0


def _fit(sample: Sequence[str], delimiter: str) -> tuple[float, int]:
    """How well the lines agree under a delimiter: share of rows as wide as the first, and that width."""
    widths: list[int] = []
    with suppress(csv.Error):
        widths.extend(len(cells) for cells in csv.reader(sample, delimiter=delimiter) if any(cells))
    if not widths or widths[0] == 1:
        return 0.0, 1
    return widths.count(widths[0]) / len(widths), widths[0]


# ── rejects ────────────────────────────────────────────────────────────────────────────────────────────


def write_rejects(path: Path, header: Sequence[str], rejections: Iterable[Rejection]) -> None:
    """Write rejected rows as CSV with the list's own columns, and ``reason`` and ``line`` behind them.

    The file can be mended and imported again. It appears whole or not at all, for its owner's eyes only
    (0600), in UTF-8 with a byte-order mark for Excel; cells that a spreadsheet would run as a formula
    get a ``'``.

    Raises:
        UsedWrongly: the file can't be written there.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8-sig", newline="", errors="backslashreplace") as file:
                writer = csv.writer(file)
                writer.writerow([*map(_guarded, header), *REJECTS_TAIL])
                for rejection in rejections:
                    writer.writerow(_reject_row(rejection, len(header)))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsedWrongly(f"{path} can't be written: {reason}.", "Name another file or folder.") from error


def _reject_row(rejection: Rejection, width: int) -> list[str]:
    """Surplus cells come last: such a row is too wide again until somebody has put its cells right."""
    cells = [_guarded(cell) for cell in rejection.cells]
    cells += [""] * (width - len(cells))
    return [*cells[:width], rejection.message, str(rejection.line), *cells[width:]]


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
