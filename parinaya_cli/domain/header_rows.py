"""Where the header of a table stands: below titles and blank rows, or nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from parinaya_cli.domain import contents
from parinaya_cli.domain.header_forms import field_of, is_a

_FIRST_ROWS = 30
_LONGEST_TITLE = 60


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """The 0-based index of the header among the first rows of a table; blank rows and titles may stand above it.

    It is the row in which most cells are headers that we know. Where no row has two of them, it is the row above
    the first phone number, if that row is filled as a header is; else the row with that number itself, as the list
    begins at once. 0 when nothing can be told.
    """
    rows = [[" ".join(str(cell).split()) for cell in row] for row in rows[:_FIRST_ROWS]]
    scores = _header_scores(rows)
    best = max(range(len(rows)), key=lambda index: (scores[index], -index), default=0)
    if not rows or scores[best] >= 2:
        return best
    data = next((index for index, row in enumerate(rows) if any(map(contents.is_phone, row))), len(rows))
    named = next((index for index, row in enumerate(rows[:data]) if _names_a_column(row)), None)
    if named is not None:
        return named
    if data == len(rows):
        return best if scores[best] else _first_wide(rows)
    above = next((index for index in range(data - 1, -1, -1) if any(rows[index])), None)
    if above is None:
        return data
    filled = sum(map(bool, rows[above]))
    wide = filled >= 2 and filled * 2 >= sum(map(bool, rows[data]))
    return above if wide and not _repeats(rows, above) else data


def _names_a_column(row: Sequence[str]) -> bool:
    """Whether a row has the header of names or phones, and no vague word that may be a title as well."""
    return any(field_of(cell) in {"full_name", "phone"} and not is_a("vague", cell) for cell in row)


def _header_scores(rows: Sequence[Sequence[str]]) -> list[int]:
    """How many different fields the cells of each row name; what a row below says again is data and no header."""
    distinct = {tuple(row) for row in rows}
    said = Counter((column, cell.casefold()) for row in distinct for column, cell in enumerate(row) if cell)
    scores: list[int] = []
    for row in rows:
        titles = {
            field_of(cell)
            for column, cell in enumerate(row)
            if cell and len(cell) <= _LONGEST_TITLE and said[column, cell.casefold()] == 1
        } - {""}
        data = sum(contents.is_phone(cell) or contents.is_email(cell) for cell in row)
        scores.append(max(len(titles) - 2 * data, 0))
    return scores


def _repeats(rows: Sequence[Sequence[str]], index: int) -> bool:
    """Whether cells of a row come again in the rows below it, as those of data do."""
    return any(
        cell and any(column < len(row) and row[column] == cell for row in rows[index + 1 :])
        for column, cell in enumerate(rows[index])
    )


def _first_wide(rows: Sequence[Sequence[str]]) -> int:
    """The first row that is filled at least half as much as the fullest."""
    filled = [sum(map(bool, row)) for row in rows]
    return next((index for index, count in enumerate(filled) if count * 2 > max(filled)), 0)
