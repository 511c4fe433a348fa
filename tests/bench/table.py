"""One table of every figure that has a bar: what was measured, the ratio, the bar, whether it is kept, and when.

The rows of the benches that ran replace their old ones; the others stay, each with its day.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
_HEAD = "| bench | measured | figure | ratio | bar | | on |\n|---|---|--:|--:|--:|---|---|\n"


@dataclass(frozen=True)
class Held:
    """A figure held against its bar, on a day (``2026-11-24``)."""

    bench: str
    title: str
    what: str
    figure: float
    unit: str
    ratio: float
    bar: float
    at_least: bool
    on: str

    @property
    def is_kept(self) -> bool:
        """Does it keep its bar?"""
        return self.ratio >= self.bar if self.at_least else self.ratio <= self.bar

    @property
    def cells(self) -> tuple[str, ...]:
        """Its line, cell by cell."""
        measured = f"{self.title.split(': ')[-1].split(', ')[0].strip()}: {self.what}"
        bar = f"{'≥' if self.at_least else '≤'} {self.bar:g}"
        kept = "kept" if self.is_kept else "**not kept**"
        return (
            self.bench,
            measured,
            f"{self.figure:,.1f} {self.unit}",
            f"{self.ratio:.2f}",
            bar,
            kept,
            self.on,
        )


def keep(path: Path, held: Held) -> None:
    """Append a figure to a file of them, one JSON line each."""
    with path.open("a", encoding="utf-8") as file:
        print(json.dumps(asdict(held), ensure_ascii=False), file=file)


def read(path: Path) -> list[Held]:
    """The figures in such a file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [Held(**_fields(line)) for line in lines]


def _fields(line: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(line)
    return fields


def machine() -> str:
    """What it ran on: cores, memory, system, Python."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
    )


def written(text: str, figures: Sequence[Held]) -> str:
    """A document with the table between its marks renewed: rows of benches that ran are replaced.

    Raises:
        ValueError: the document has no marks.
    """
    found = re.search(f"{re.escape(BEGIN)}\n(.*?){re.escape(END)}", text, re.DOTALL)
    if found is None:
        raise ValueError(f"there is no {BEGIN} … {END} to write into")
    ran = {one.bench for one in figures}
    kept = [row for row in _rows(found[1]) if row[0] not in ran]
    rows = sorted([*kept, *(one.cells for one in figures)], key=lambda row: row[0])
    table = _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return text[: found.start(1)] + f"\nOn {machine()}.\n\n{table}\n" + text[found.end(1) :]


def _rows(table: str) -> Iterable[tuple[str, ...]]:
    for line in table.splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if line.startswith("| ") and len(cells) == 7 and cells[0] != "bench":
            yield cells
