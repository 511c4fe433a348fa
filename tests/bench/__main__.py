"""Run every bench of this folder, one after the other, each in a process of its own; print only, never fail.

python -m tests.bench [NAME…]    (NAME: start_up for bench_start_up.py)
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main(names: Sequence[str]) -> None:
    """Run the benches and print their tables, then every ratio that has a bar."""
    there = [path.stem.removeprefix("bench_") for path in sorted(FOLDER.glob("bench_*.py"))]
    for name in names:
        if name not in there:
            print(f"There is no bench {name!r}: there are {', '.join(there)}.")
    bars: list[tuple[str, str]] = []
    for name in (one for one in there if not names or one in names):
        bars += [(name, line) for line in run(name) if " at most " in line or " at least " in line]
        print()
    if bars:
        width = max(len(name) for name, _ in bars)
        print("Ratios that have a bar")
        for name, line in bars:
            print(f"  {name:{width}}  {' '.join(line.replace('█', '').split())}")


def run(name: str) -> list[str]:
    """Run one bench and pass on what it prints; returns its lines."""
    lines: list[str] = []
    argv = [sys.executable, "-m", f"tests.bench.bench_{name}"]
    with subprocess.Popen(argv, cwd=FOLDER.parent.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
    if process.returncode:
        print(f"The bench {name} ended with {process.returncode}.")
    return lines


if __name__ == "__main__":
    main(sys.argv[1:])
