"""A family's list without a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.imports import UnreadableRow
from parinaya_cli.ports import OpenedList, ReadingOptions, Sheet

SAMPLE = 20  # rows shown in a sheet's sample, as a real reader shows them


def one_sheet(
    header: Sequence[str], *rows: Sequence[str] | str, name: str = "", header_line: int = 1
) -> Sheet:
    """A table with these rows right behind its header; a row that is a sentence can't be read."""
    cells = [UnreadableRow(row) if isinstance(row, str) else list(row) for row in rows]
    sample = [tuple(row) for row in cells if isinstance(row, list)]
    lines = enumerate(cells, header_line + 1)
    return Sheet(list(header), iter(list(lines)), name, header_line, tuple(sample[:SAMPLE]))


def opened(*sheets: Sheet, source: str = "list.xlsx", kind: str = "xlsx") -> OpenedList:
    """A list of these tables."""
    encoding, delimiter = ("utf-8", ",") if kind == "csv" else ("", "")
    return OpenedList(source, kind, iter(sheets), encoding, delimiter)


def sheet(
    header: Sequence[str], *rows: Sequence[str] | str, source: str = "list.csv", first_line: int = 2
) -> OpenedList:
    """A list of one table, as a CSV file is; ``first_line``: where the rows begin."""
    return opened(one_sheet(header, *rows, header_line=first_line - 1), source=source, kind="csv")


Lists = Mapping[Path, tuple[Sequence[str], Sequence[Sequence[str] | str]]]


class FakeSource:
    """``ContactSource``: ``lists`` holds header and rows of each path."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists

    def open(self, path: Path, options: ReadingOptions) -> OpenedList:
        if path not in self.lists:
            raise UsedWrongly(f"There is no file {path}.", "Check its name.")
        if options.sheet:
            raise UsedWrongly(f"{path.name} has no sheets.", "Leave out --sheet.")
        header, rows = self.lists[path]
        return sheet(header, *rows, source=path.name)
