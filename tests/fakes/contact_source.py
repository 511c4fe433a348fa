"""A family's list without a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.ports import Sheet


def sheet(
    header: Sequence[str], *rows: Sequence[str] | str, source: str = "list.csv", first_line: int = 2
) -> Sheet:
    """A list with these rows; a row that is a sentence can't be read."""
    cells = ((line, row if isinstance(row, str) else list(row)) for line, row in enumerate(rows, first_line))
    return Sheet(source, "utf-8", ",", list(header), cells)


class FakeSource:
    """``ContactSource``: ``lists`` holds header and rows of each path."""

    def __init__(self, lists: dict[Path, tuple[Sequence[str], Sequence[Sequence[str]]]]) -> None:
        self.lists = lists

    def read(self, path: Path) -> Sheet:
        if path not in self.lists:
            raise UsedWrongly(f"There is no file {path}.", "Check its name.")
        header, rows = self.lists[path]
        return sheet(header, *rows, source=path.name)
