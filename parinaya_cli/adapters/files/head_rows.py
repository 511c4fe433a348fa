"""The first rows of a table: titles, a header of one or two rows, then data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.domain.header_forms import field_of
from parinaya_cli.domain.header_rows import find_header

FIRST_ROWS = 30
_LONGEST_GROUP = 30  # characters of what stands over several columns: "Events", not a title


@dataclass(frozen=True)
class Head:
    """A header as it was found. ``line``: its row. ``lines``: how many rows it takes from there.

    ``notes`` tell what stands above it, and which rows were put together.
    """

    titles: list[str]
    line: int
    lines: int
    notes: tuple[str, ...]


Rows = Sequence[tuple[int, Sequence[str]]]
Spans = Mapping[
    int, Sequence[tuple[int, int]]
]  # line to first and last column (0-based) of what is merged there


def find_head(rows: Rows, spans: Spans | None = None) -> Head:
    """The header among the first rows of a table, which are given with their lines.

    Titles above are told and left out. A cell that is merged over several columns stands for each of them. A
    word over several columns ("Events" over "Haldi", "Sangeet") is put before them, unless they are known
    without it.
    """
    spans = spans or {}
    index = find_header([cells for _, cells in rows[:FIRST_ROWS]])
    if _is_only_groups(rows, index, spans):
        index += 1
    line, cells = rows[index]
    titles = list(cells)
    notes: list[str] = []
    above = index - 1 if index and rows[index - 1][0] == line - 1 else None
    below = index + 1 if index + 1 < len(rows) and rows[index + 1][0] == line + 1 else None
    lines, group = 1, False
    if below is not None and _is_second_row(titles, rows[below][1]):
        titles = _joined(titles, list(rows[below][1]), spans.get(line, ()))
        lines = 2
        notes.append(f"Rows {line} and {line + 1} are read together as the header.")
    else:
        if above is not None:
            group = _put_groups_before(titles, rows[above][1], spans.get(line - 1, ()))
        _fill(titles, spans.get(line, ()))
        if group:
            notes.append(f"Rows {line - 1} and {line} are read together as the header.")
    notes[:0] = _left_out(rows[: index - 1 if group else index])
    return Head(titles, line, lines, tuple(notes))


def _is_only_groups(rows: Rows, index: int, spans: Spans) -> bool:
    """Whether all that a row says is merged over several columns, and the row below it has their headers."""
    if index + 1 >= len(rows):
        return False
    line, cells = rows[index]
    wide = {first for first, _ in spans.get(line, ())}
    filled = {column for column, cell in enumerate(cells) if cell.strip()}
    below, titles = rows[index + 1]
    count = sum(map(bool, map(str.strip, titles)))
    return below == line + 1 and filled <= wide and count > len(filled) and any(map(field_of, titles))


def _left_out(rows: Rows) -> list[str]:
    """What is told of the rows above the header."""
    told = []
    for line, cells in rows:
        text = " ".join(" ".join(cell.split()) for cell in cells if cell.strip())
        if text:
            told.append(f"Row {line} stands above the header and is left out: {text[:120]}")
    return told


def _fill(titles: list[str], spans: Sequence[tuple[int, int]]) -> None:
    for first, last in spans:
        for column in range(first + 1, min(last + 1, len(titles))):
            titles[column] = titles[column] or titles[first]


def _runs(cells: Sequence[str], width: int, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """First and last column of each text: as it is merged, else with the empty cells behind it."""
    merged = dict(spans)
    filled = [column for column in range(min(len(cells), width)) if cells[column].strip()]
    ends = [*filled[1:], width] if filled else []
    return [(first, merged.get(first, end - 1)) for first, end in zip(filled, ends, strict=True)]


def _is_second_row(titles: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a row goes on with the header above it: words where that is empty, nothing under what stands alone.

    A first person's row is none: something stands under the first header, or a number stands somewhere.
    """
    width = max(len(titles), len(cells))
    filled = [column for column in range(len(cells)) if cells[column].strip()]
    runs = _runs(titles, width, ())
    if len(filled) < 2 or not runs or runs[0][0] in filled or not any(map(field_of, titles)):
        return False
    single = {first for first, last in runs if first == last}
    news = any(column >= len(titles) or not titles[column].strip() for column in filled)
    words = all(
        any(c.isalpha() for c in cells[column]) and len(cells[column].strip()) > 2 for column in filled
    )
    digits = any(sum(c.isdecimal() for c in cells[column]) > 2 for column in filled)
    return news and words and not digits and single.isdisjoint(filled) and min(filled) >= runs[0][0]


def _joined(titles: list[str], cells: list[str], spans: Sequence[tuple[int, int]]) -> list[str]:
    width = max(len(titles), len(cells))
    titles, cells = titles + [""] * (width - len(titles)), cells + [""] * (width - len(cells))
    found = list(titles)
    for first, last in _runs(titles, width, spans):
        for column in range(first, last + 1):
            if cells[column].strip():
                found[column] = f"{titles[first].strip()} {cells[column].strip()}"
    for column, cell in enumerate(cells):
        found[column] = found[column] or cell
    return found


def _put_groups_before(titles: list[str], cells: Sequence[str], spans: Sequence[tuple[int, int]]) -> bool:
    """Put what stands over several columns before their titles; whether anything was."""
    put = False
    for first, last in _runs(cells, len(titles), spans):
        group = cells[first].strip()
        under = range(first, min(last, len(titles) - 1) + 1)
        known = any(field_of(titles[column]) for column in under)
        short = len(group) <= _LONGEST_GROUP and not any(c.isdecimal() for c in group)
        if known or not short or sum(bool(titles[column].strip()) for column in under) < 2:
            continue
        put = True
        for column in under:
            if titles[column].strip():
                titles[column] = f"{group} {titles[column].strip()}"
    return put
