"""Run every trial of this folder, one after the other; each says a line, and a table tells of all of them at the end.

python -m tests.faults [--into FILE.md] [NAME…]    (NAME: clocks for faults_clocks.py)

A trial that fails stops no other; the exit code is 1 then. --into renews the table in a document; the rows of trials
that did not run stay as they are. PARINAYA_FAULTS_MESSAGES sets the size, PARINAYA_FAULTS_SEED the dice.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from tests.faults import record

FOLDER = Path(__file__).resolve().parent
OPTIONS = ("-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=short")


def main() -> int:
    """Run the trials; 1 when one of them failed, or none ran."""
    told = argparse.ArgumentParser(description="Break things, and see what is left.")
    told.add_argument("names", nargs="*")
    told.add_argument("--into", type=Path)
    asked = told.parse_args()
    files = {path.stem.removeprefix("faults_"): path for path in sorted(FOLDER.glob("faults_*.py"))}
    for name in asked.names:
        if name not in files:
            told.error(f"there is no {name!r}: there are {', '.join(files)}")
    recorder = record.Recorder()
    wanted = [str(path) for name, path in files.items() if not asked.names or name in asked.names]
    code = pytest.main([*OPTIONS, *wanted], plugins=[recorder])
    print(f"\n{record.table(recorder.outcomes)}")
    if asked.into and recorder.outcomes:
        text = record.written(asked.into.read_text(encoding="utf-8"), recorder.outcomes)
        asked.into.write_text(text, encoding="utf-8")
    return 0 if code == pytest.ExitCode.OK else 1


if __name__ == "__main__":
    sys.exit(main())
