"""Run every bench of this folder, one after the other, each in a process of its own; print only, never fail.

python -m tests.bench [--into FILE.md] [NAME…]    (NAME: start_up for bench_start_up.py)

--into renews the table of bars in a document; the rows of benches that did not run stay as they are.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import table
from tests.bench.report import BENCH, FIGURES

FOLDER = Path(__file__).resolve().parent


def main() -> None:
    """Run the benches and print their tables, then every ratio that has a bar."""
    told = argparse.ArgumentParser(description="Measure, and hold against the bars.")
    told.add_argument("names", nargs="*")
    told.add_argument("--into", type=Path)
    asked = told.parse_args()
    there = [path.stem.removeprefix("bench_") for path in sorted(FOLDER.glob("bench_*.py"))]
    for name in asked.names:
        if name not in there:
            print(f"There is no bench {name!r}: there are {', '.join(there)}.")
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.jsonl"
        for name in (one for one in there if not asked.names or one in asked.names):
            run(name, figures)
            print()
        held = table.read(figures)
    show(held)
    if asked.into and held:
        asked.into.write_text(table.written(asked.into.read_text(encoding="utf-8"), held), encoding="utf-8")


def show(held: list[table.Held]) -> None:
    """Print one table of all that has a bar."""
    if not held:
        return
    rows = [tuple(cell.replace("*", "") for cell in one.cells) for one in held]
    widths = [max(len(row[at]) for row in rows) for at in range(6)]
    print(f"All bars, on {table.machine()}")
    for row in rows:
        print("  " + "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)).rstrip())


def run(name: str, figures: Path) -> None:
    """Run one bench; its figures that have a bar are appended to a file."""
    argv = [sys.executable, "-m", f"tests.bench.bench_{name}"]
    env = {**os.environ, BENCH: name, FIGURES: str(figures)}
    code = subprocess.run(argv, cwd=FOLDER.parent.parent, env=env, check=False).returncode
    if code:
        print(f"The bench {name} ended with {code}.")


if __name__ == "__main__":
    main()
