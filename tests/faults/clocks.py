"""A wall clock that is wrong, and that jumps while processes run; everybody else's stays as it is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent / "clock.c"
DAY = 24 * 3600


class WrongClock:
    """The clock of the processes that are started with its environment. It is right until it is moved."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("only a C compiler (cc) can make a clock that is wrong")
        self._offset, library = folder / "clock", folder / "clock.so"
        self.move(0)
        argv = [compiler, "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(argv, check=True, timeout=60)
        self.env = {"LD_PRELOAD": str(library), "PARINAYA_CLOCK": str(self._offset)}

    def move(self, days: float) -> None:
        """From now on it is wrong by so many days."""
        new = self._offset.with_suffix(".new")
        new.write_text(f"{days * DAY:.0f}")
        new.replace(self._offset)
