"""A row of a list that can't be read. It has a file of its own, as who reads a stranger's file loads little."""

from __future__ import annotations

from collections.abc import Sequence

MAX_CELL = 32_767  # characters; what a cell of a spreadsheet can hold


class UnreadableRow(str):
    """The sentence why a row can't be read, as a reader of files hands it on in place of cells.

    ``cells``: the row as far as it could be taken apart, for the rejects file.
    """

    cells: tuple[str, ...]

    def __new__(cls, message: str, cells: Sequence[str] = ()) -> UnreadableRow:
        """A sentence with the cells it is about."""
        self = super().__new__(cls, message)
        self.cells = tuple(cells)
        return self
