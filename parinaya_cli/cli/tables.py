"""Tables on a terminal: nothing is cut, and a ref or a phone number is never parted over two lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Literal, TextIO

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.table import Table
from rich.text import Text

from parinaya_cli.cli.text import shown

PIPE_WIDTH = 200
"""Columns of a picture that goes into a pipe."""

_GAP = 2
_WORDS = re.compile(  # what is never parted: a phone (+91 98200 12345 (+1)), a day (12 Feb 2027), a word
    r"(?:\+[0-9][0-9 ]*[0-9](?: \(\+[0-9]+\))?|\b[0-9]{2} [A-Z][a-z]{2}(?: [0-9]{4})?\b|\S)+"
)
_LONG_WORD = 24  # a name up to this length is not parted either, unless the terminal leaves no choice
_LEAST = (
    (40, 24),
    (25, 16),
    (25, 0),
)  # values without spaces stay on one line up to this length, others have this much; on ever narrower terminals
_SPILL = 8  # the part of a line, one of so many, that is kept free at most where Devanagari may need it
_LEAST_BLOCK = 20  # columns that a value needs beside its heading to be folded there


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
    widths = _widths(cells, headings, out.width - _spill(cells, out.width))
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
        folded = (_folded(value, width) for value, width in zip(line, widths, strict=True))
        table.add_row(*(Text("\n".join(lines)) for lines in folded))
    with out.capture() as picture:
        out.print(table)
    # Terminals disagree on the width of Devanagari; padding at the end of a line could spill over.
    out.file.writelines(line.rstrip() + "\n" for line in picture.get().split("\n")[:-1])


def _widths(cells: Sequence[Sequence[str]], headings: Sequence[str], room: int) -> list[int] | None:
    """The width of each column, or ``None`` when the terminal is narrower than all of them at their least.

    What is left goes where it saves most lines: no column is wide while another stands one word below the other.
    """
    room -= _GAP * (len(headings) - 1)
    columns = [[line[index] for line in cells] for index in range(len(headings))]
    wanted = [
        max(map(cell_len, [heading, *column])) for heading, column in zip(headings, columns, strict=True)
    ]
    needed = [max(map(cell_len, heading.split()), default=0) for heading in headings]
    for whole, text in _LEAST:
        widths = [
            max(needed[index], _least_width(column, whole if index else _LEAST[0][0], text))
            for index, column in enumerate(columns)
        ]
        if sum(widths) <= room:
            break
    else:
        return None
    widths = _given(widths, wanted, room)
    lines = [
        [line for value in column for line in _folded(value, width)]
        for column, width in zip(columns, widths, strict=True)
    ]
    snug = [max(need, *map(cell_len, column)) for need, column in zip(needed, lines, strict=True)]
    return _given(snug, wanted, room)


def _given(widths: Sequence[int], wanted: Sequence[int], room: int) -> list[int]:
    """The widths with what is left of the room, always to the column that needs the most lines."""
    given = list(widths)
    for _ in range(min(room, sum(wanted)) - sum(given)):
        neediest = max(range(len(given)), key=lambda index: wanted[index] / max(given[index], 1))
        given[neediest] += 1
    return given


def _least_width(values: Sequence[str], whole: int, text: int) -> int:
    widest = max(map(cell_len, values))
    if widest <= whole and not any(" " in value for value in values):
        return widest  # refs, phones, slugs, states, times
    longest_word = max((cell_len(word) for value in values for word in _words(value)), default=0)
    return min(widest, max(text, longest_word if longest_word <= _LONG_WORD else _LONG_WORD // 2))


def _spill(cells: Sequence[Sequence[str]], room: int) -> int:
    """How much wider than counted a line may become: many terminals give a vowel sign a place of its own."""
    signs = (sum(unicodedata.category(c) == "Mc" for value in line for c in value) for line in cells)
    return min(max(signs, default=0), room // _SPILL)


def _words(text: str) -> Iterator[str]:
    return (match[0] for match in _WORDS.finditer(text))


def _folded(text: str, width: int, *, whole: bool = False) -> Iterator[str]:
    """The lines of a text, parted between words; a word that is longer than a line is cut, if not left ``whole``."""
    line = ""
    for word in _words(text):
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        *cut, line = [word] if whole else chop_cells(word, width)
        yield from cut
    yield line


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def print_fields(out: Console, fields: Sequence[tuple[str, str]]) -> None:
    """Print labels with their values behind them, each folded in its own part of the line.

    A word stays whole, as it may be a token or an address that is copied: the terminal parts it without a trace.
    """
    texts = [text for field in fields for text in field]
    room = max(out.width - 2 * _GAP - _spill([texts], out.width), _LEAST_BLOCK * 2)
    width = min(max((cell_len(label) for label, _ in fields), default=0), room // 3)
    for label, value in fields:
        for first, text in zip_longest(
            _folded(label, width), _folded(value, room - width, whole=True), fillvalue=""
        ):
            line = first + " " * (width - cell_len(first) + _GAP) + text
            out.file.write(f"{' ' * _GAP}{line}".rstrip() + "\n")


def _print_blocks(out: Console, cells: Sequence[Sequence[str]], headings: Sequence[str]) -> None:
    width = max(map(cell_len, headings)) + _GAP
    room = out.width - width - _spill(cells, out.width)
    for number, line in enumerate(cells):
        if number:
            out.print()
        for heading, value in zip(headings, line, strict=True):
            if value:
                label = heading + " " * (width - cell_len(heading))
                text = (
                    f"\n{' ' * width}".join(_folded(value, room, whole=True))
                    if room >= _LEAST_BLOCK
                    else value
                )
                out.print(Text.assemble((label, "bold"), text), soft_wrap=True)
