"""Running a program on a real terminal of a given width, for the tests of the frame."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import warm

ROOT = Path(__file__).parents[2]
SAMPLE = (sys.executable, "-m", "tests.cli.frame_sample")
PARINAYA = (sys.executable, "-m", "parinaya_cli")
PATIENCE = 60.0


# The new process makes the terminal its own, as a login does: getpass and Ctrl-C need that.
_OWNER = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Seen:
    """What stood on the terminal, what went into a pipe instead, and how the program ended."""

    screen: str
    piped: str
    exit_code: int


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment that holds no settings of whoever runs the tests."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "TERM": "xterm", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **(extra or {})}


def in_pipe(
    argv: Sequence[str], *, env: Mapping[str, str] | None = None, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run with pipes on all sides."""
    return subprocess.run(
        argv, env=environment(env), input=typed, capture_output=True, encoding="utf-8", cwd=ROOT, timeout=60
    )


def on_terminal(
    argv: Sequence[str],
    *,
    columns: int = 80,
    answers: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    pipe_stdout: bool = False,
) -> Seen:
    """Run on a terminal; ``answers``: what to type when a text has appeared (``\\x03`` is Ctrl-C).

    A command of parinaya is forked from a process that has loaded it.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    if tuple(argv[: len(PARINAYA)]) == PARINAYA and not pipe_stdout:
        return _warm(argv[len(PARINAYA) :], (master, slave), dict(answers or {}), environment(env))
    process = subprocess.Popen(
        [sys.executable, "-c", _OWNER, *argv],
        stdin=slave,
        stdout=subprocess.PIPE if pipe_stdout else slave,
        stderr=slave,
        env=environment(env),
        cwd=ROOT,
    )
    os.close(slave)
    try:
        screen = _converse(master, dict(answers or {}))
        piped = process.stdout.read().decode() if process.stdout else ""
        code = process.wait(timeout=PATIENCE)
    finally:
        os.close(master)
        if process.stdout:
            process.stdout.close()
        if process.poll() is None:
            process.kill()
            process.wait()
    return Seen(screen.replace("\r\n", "\n"), piped, code)


def _warm(argv: Sequence[str], ends: tuple[int, int], answers: dict[str, str], env: dict[str, str]) -> Seen:
    master, slave = ends
    place = os.ttyname(slave)
    command = warm.Command(argv, env, ROOT, place, place, typed_at=place)
    codes: list[int] = []

    def wait() -> None:
        try:
            codes.append(command.wait(PATIENCE))
        finally:
            os.close(slave)  # not before the command has opened it: the terminal would seem to be at its end

    waiting = threading.Thread(target=wait)
    waiting.start()
    try:
        screen = _converse(master, answers)
    finally:
        waiting.join()
        os.close(master)
    return Seen(screen.replace("\r\n", "\n"), "", codes[0])


def _converse(master: int, answers: dict[str, str]) -> str:
    seen = b""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if not select.select([master], [], [], 0.5)[0]:
            continue
        try:
            chunk = os.read(master, 65536)
        except OSError:  # Linux says so when the last program on the terminal has ended
            return seen.decode()
        if not chunk:
            return seen.decode()
        seen += chunk
        for question in [each for each in answers if each.encode() in seen]:
            os.write(master, answers.pop(question).encode())
    raise TimeoutError(f"The program did not end. Seen so far: {seen.decode(errors='replace')}")
