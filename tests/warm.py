"""Commands as processes of their own that need not load the program: each is forked from one that has.

The journeys run hundreds of short commands, and most of the time of each would go into imports. What a start costs,
and that it loads no more than it must, is tested where it belongs (``tests/house/test_start_up.py``).
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path


class Command:
    """A command that runs in a session of its own, and writes to files or terminals, named by path.

    It reads nothing, or what is typed at a terminal, which becomes its own as after a login.
    """

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        out: str,
        err: str,
        typed_at: str = os.devnull,
    ) -> None:
        places = (typed_at, out, err)
        self._process = _context().Process(target=_run, args=(list(argv), dict(env), str(cwd), places))
        self._process.start()

    def wait(self, timeout: float) -> int:
        """Its exit code, once it has ended.

        Raises:
            AssertionError: it did not end in time, and was killed.
        """
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            self.kill()
        self._process.close()
        assert code is not None, f"the command did not end within {timeout:g} s"
        return code

    def kill(self) -> None:
        """SIGKILL to it and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid or 0, signal.SIGKILL)
        self._process.kill()
        self._process.join()


class Running(Command):
    """A command that goes on until it is told to end, under the names that ``subprocess.Popen`` has for that."""

    @property
    def pid(self) -> int:
        """Its number, and that of its session."""
        return self._process.pid or 0

    def poll(self) -> int | None:
        """Its exit code, if it has ended; minus the number of the signal that ended it."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Its exit code, once it has ended.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("parinaya", timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to it alone, if it has not ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL to it alone."""
        self.send_signal(signal.SIGKILL)


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.warm_program"])
    return context


def _run(argv: list[str], env: dict[str, str], cwd: str, places: Sequence[str]) -> None:
    os.setsid()
    for number, path in enumerate(places):
        opened = os.open(path, os.O_WRONLY if number else os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    warnings.resetwarnings()
    warnings.simplefilter(env.get("PYTHONWARNINGS") or "ignore")  # type: ignore[arg-type]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = ["parinaya", *argv]
    from parinaya_cli.__main__ import main

    try:
        sys.exit(main())
    finally:
        atexit._run_exitfuncs()
