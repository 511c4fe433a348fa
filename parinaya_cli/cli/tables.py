"""Tables on a terminal: nothing is cut, and a ref or a phone number is never parted over two lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from parinaya_cli.cli.text import shown

PIPE_WIDTH = 200
"""Columns of a picture that goes into a pipe."""

_GAP = 2
_WORDS = re.compile(  # what is never parted: a phone (+91 98200 12345 (+1)), a day (12 Feb 2027), a word
    r"\+[0-9][0-9 ]*[0-9](?: \(\+[0-9]+\))?|\b[0-9]{2} [A-Z][a-z]{2}(?: [0-9]{4})?\b|\S+"
)
_LONG_WORD = 24  # a name up to this length is not parted either, unless the terminal leaves no choice
_WHOLE = (
    40,
    25,
)  # values without spaces are kept on one line up to this length; on a narrow terminal, to that


def console(stream: TextIO, *, colour: bool, terminal: bool) -> Console:
    """A console on a stream that never reads markup, emoji or numbers into what guests wrote."""
    return Console(
        file=stream,
        force_terminal=terminal or colour,
        color_system="auto" if colour else None,
        no_color=not colour,
        width=None if terminal else PIPE_WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )


def print_rows(
    out: Console, rows: Sequence[Mapping[str, object]], columns: Sequence[tuple[str, str]]
) -> None:
    """Print a table, or one block of lines for each row where the terminal is too narrow for a table."""
    cells = [[shown(row.get(key)) for key, _ in columns] for row in rows]
    headings = [heading for _, heading in columns]
    widths = _widths(cells, headings, out.width)
    if widths is None:
        _print_blocks(out, cells, headings)
        return
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for (key, heading), width in zip(columns, widths, strict=True):
        justify: Literal["right", "left"] = (
            "right" if all(_is_number(row.get(key)) for row in rows) else "left"
        )
        table.add_column(heading, justify=justify, overflow="fold", width=width)
    for line in cells:
        table.add_row(*map(Text, line))
    with out.capture() as picture:
        out.print(table)
    # Terminals disagree on the width of Devanagari; padding at the end of a line could spill over.
    out.file.writelines(line.rstrip() + "\n" for line in picture.get().split("\n")[:-1])


def _widths(cells: Sequence[Sequence[str]], headings: Sequence[str], room: int) -> list[int] | None:
    """The width of each column, or ``None`` when the terminal is narrower than all of them at their least."""
    room -= _GAP * (len(headings) - 1)
    columns = [[line[index] for line in cells] for index in range(len(headings))]
    wanted = [
        max(map(cell_len, [heading, *column])) for heading, column in zip(headings, columns, strict=True)
    ]
    needed = [max(map(cell_len, heading.split()), default=0) for heading in headings]
    for whole in _WHOLE:
        widths = [
            max(needed[index], _least_width(column, whole if index else _WHOLE[0]))
            for index, column in enumerate(columns)
        ]
        if sum(widths) <= room:
            break
    else:
        return None
    for _ in range(min(room, sum(wanted)) - sum(widths)):
        neediest = max(range(len(widths)), key=lambda index: wanted[index] - widths[index])
        widths[neediest] += 1
    return widths


def _least_width(values: Sequence[str], whole: int) -> int:
    widest = max(map(cell_len, values))
    if widest <= whole and not any(" " in value for value in values):
        return widest  # refs, phones, slugs, states, times
    longest_word = max((cell_len(word) for value in values for word in _WORDS.findall(value)), default=0)
    return min(widest, longest_word if longest_word <= _LONG_WORD else _LONG_WORD // 2)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _print_blocks(out: Console, cells: Sequence[Sequence[str]], headings: Sequence[str]) -> None:
    width = max(map(cell_len, headings))
    for number, line in enumerate(cells):
        if number:
            out.print()
        for heading, value in zip(headings, line, strict=True):
            if value:
                label = heading + " " * (width - cell_len(heading) + _GAP)
                out.print(Text.assemble((label, "bold"), value), soft_wrap=True)
