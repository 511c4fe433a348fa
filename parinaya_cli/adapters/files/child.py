"""The process that reads a stranger's file: ``python -m parinaya_cli.adapters.files.child``.

The file is its standard input, opened by the parent. It says what it finds in lines of JSON on its standard
output, which nobody but the parent reads; see ``told``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from parinaya_cli.adapters.files.kinds import find_kind
from parinaya_cli.adapters.files.limits import Limits, confine
from parinaya_cli.adapters.files.lists import load, open_list
from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.domain.unreadable_rows import MAX_CELL, UnreadableRow
from parinaya_cli.ports import OpenedList, ReadingOptions, Sheet

CHUNK_ROWS = 512
_CHUNK_CHARACTERS = 512 * 1024
_MAX_CELLS = 600  # of a row that can't be read
_SAMPLED = 200  # characters of a cell in a sample
_HALF = "It holds half a character, as damaged texts do."

Row = tuple[int, list[str] | UnreadableRow]


@dataclass(frozen=True)
class Task:
    """What the parent asks for. ``name``: of the list, for messages."""

    name: str
    options: ReadingOptions
    limits: Limits

    @staticmethod
    def of(text: str) -> Task:
        """A task as it stands on the command line."""
        told = json.loads(text)
        return Task(told["name"], ReadingOptions(**told["options"]), Limits(**told["limits"]))


def main() -> int:
    """Read the list that stands open as standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and ends us
    task = Task.of(sys.argv[1])
    with open(0, "rb", closefd=False, buffering=1024 * 1024) as file:
        try:
            for message in told(file, task):
                _say(message)
        except BrokenPipeError:
            return 0
        except ParinayaError as error:
            _say({"error": [type(error).__name__, error.message, error.hint, error.code]})
        except MemoryError:
            _say({"broken": "memory"})
        except Exception as error:  # noqa: BLE001 (whatever it was, the parent tells it)
            _say({"broken": _where(error)})
    return 0


def told(file: BinaryIO, task: Task) -> Iterator[dict[str, Any]]:
    """What is said of a list, in order: ``list`` once, then for each sheet ``sheet`` and its ``rows``, then ``end``.

    ``rows``: lines and cells of some rows; where the lines follow one another, only the first. ``bad``: places
    among them of rows that can't be read, whose cells are the sentence and what is left of them.
    """
    kind = find_kind(file, task.name)
    load(kind, task.options)
    confine(task.limits, os.fstat(file.fileno()).st_size)
    found = open_list(file, task.name, task.options, task.limits, kind)
    yield {
        "list": {
            "kind": found.kind,
            "encoding": found.encoding,
            "delimiter": found.delimiter,
            "notes": found.notes,
        }
    }
    for sheet in found.sheets:
        yield {
            "sheet": {
                "header": [cell[: MAX_CELL + 1] for cell in sheet.header],
                "name": sheet.name,
                "header_line": sheet.header_line,
                "sample": [[cell[:_SAMPLED] for cell in cells] for cells in sheet.sample],
                "notes": sheet.notes,
            }
        }
        yield from _chunks(sheet, found)
    yield {"end": True}


def _chunks(sheet: Sheet, found: OpenedList) -> Iterator[dict[str, Any]]:
    lines: list[int] = []
    rows: list[list[str]] = []
    bad: list[int] = []
    size = 0
    for line, cells in sheet.rows:
        if isinstance(cells, UnreadableRow):
            bad.append(len(rows))
            cells = [str(cells), *cells.cells[:_MAX_CELLS]]
        lines.append(line)
        rows.append(cells)
        size += sum(map(len, cells))
        if len(rows) >= CHUNK_ROWS or size > _CHUNK_CHARACTERS:
            yield _chunk(lines, rows, bad, found.share())
            lines, rows, bad, size = [], [], [], 0
    if rows:
        yield _chunk(lines, rows, bad, found.share())


def _chunk(lines: list[int], rows: list[list[str]], bad: list[int], share: float | None) -> dict[str, Any]:
    follow = lines[-1] - lines[0] == len(lines) - 1
    return {"lines": lines[:1] if follow else lines, "rows": rows, "bad": bad, "share": share}


def _say(message: dict[str, Any]) -> None:
    try:
        data = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        data = json.dumps(_whole(message), ensure_ascii=False, separators=(",", ":")).encode()
    _write(memoryview(data + b"\n"))


def _write(data: memoryview) -> None:
    while data:
        data = data[os.write(1, data) :]


def _whole(message: Any) -> Any:
    """A message without halves of characters: a row that has one can't be read."""
    if isinstance(message, str):
        return message.encode("utf-8", "backslashreplace").decode()
    if isinstance(message, dict):
        if "rows" in message:
            _mark(message["rows"], message["bad"])
        return {key: _whole(value) for key, value in message.items()}
    if isinstance(message, list | tuple):
        return [_whole(value) for value in message]
    return message


def _mark(rows: list[list[str]], bad: list[int]) -> None:
    known = set(bad)
    for place, cells in enumerate(rows):
        if place not in known and _is_broken(cells):
            rows[place] = [_HALF, *cells[:_MAX_CELLS]]
            bad.append(place)


def _is_broken(cells: Iterable[str]) -> bool:
    return any("\ud800" <= c <= "\udfff" for cell in cells for c in cell)


def _where(error: Exception) -> str:
    """Kind and place of a mistake of ours, without the values, which may be a guest's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__} in {place}"


if __name__ == "__main__":
    sys.exit(main())
