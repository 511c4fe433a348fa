"""Figures of a bench, printed as a table: what was measured, how long it took, and how that compares."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import table

_BAR = 30
FIGURES = "PARINAYA_BENCH_FIGURES"
"""The environment's variable that names the file to which figures with a bar are appended."""
BENCH = "PARINAYA_BENCH"
"""The variable that names the bench that runs."""


@dataclass(frozen=True)
class Row:
    """One line: what was measured, its figure, and its ratio to what it is compared with.

    ``bar``: the ratio that must not be exceeded, when there is one; with ``at_least``, that must be reached.
    """

    what: str
    figure: float
    ratio: float | None = None
    bar: float | None = None
    at_least: bool = False


def show(title: str, rows: Sequence[Row], *, unit: str = "ms", note: str = "") -> None:
    """Print a table: what, figure, ratio, a bar as long as the figure, and whether the ratio is kept."""
    width = max(len(row.what) for row in rows)
    most = max(row.figure for row in rows) or 1.0
    print(title)
    print(f"  {'':{width}}  {unit:>9}  {'ratio':>6}")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        line = (
            f"  {row.what:{width}}  {row.figure:9,.1f}  {ratio:>6}  {'█' * round(_BAR * row.figure / most)}"
        )
        if row.bar is not None and row.ratio is not None:
            kept = row.ratio >= row.bar if row.at_least else row.ratio <= row.bar
            line += (
                f"  at {'least' if row.at_least else 'most'} {row.bar:g}: {'kept' if kept else 'NOT KEPT'}"
            )
        print(line)
    if note:
        print(f"  {note}")
    sys.stdout.flush()
    if path := os.environ.get(FIGURES):
        _keep(Path(path), title, rows, unit)


def _keep(path: Path, title: str, rows: Sequence[Row], unit: str) -> None:
    bench, today = os.environ[BENCH], datetime.now(UTC).date().isoformat()
    for row in rows:
        if row.bar is not None and row.ratio is not None:
            told = (bench, title, row.what, row.figure, unit, row.ratio, row.bar, row.at_least, today)
            table.keep(path, table.Held(*told))


def medians(tasks: Mapping[str, Callable[[], None]], *, rounds: int) -> dict[str, float]:
    """The median time of each task in milliseconds.

    The tasks take turns, so that a busy moment of the machine falls on all; a first round is not counted.
    """
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(rounds + 1):
        for name, task in tasks.items():
            begun = time.perf_counter()
            task()
            if turn:
                times[name].append((time.perf_counter() - begun) * 1000)
    return {name: statistics.median(each) for name, each in times.items()}


def program(*argv: str, env: Mapping[str, str] | None = None) -> Callable[[], None]:
    """A task that runs a program to its end; its output is thrown away. ``env``: added to the environment.

    Raises, when run:
        subprocess.CalledProcessError: it did not exit with 0.
    """

    def task() -> None:
        quiet = subprocess.DEVNULL
        subprocess.run(argv, check=True, stdout=quiet, stderr=quiet, env={**os.environ, **(env or {})})

    return task
