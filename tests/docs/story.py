"""The blocks of a document, and running those that say so: with real servers and the stand-in.

A block is run when the line before it is ``<!-- run -->``. Words in that comment:

    exit=5        the exit code that the last command ends with; exit=0,5: one of these
    background    each command runs on until the end; what it says when it is ready is its output
    settled       first wait until the guests have done all they will do, and all of it was processed
    sample        the output differs from run to run: only its first line is compared
    first=12      only so many lines of the output are shown, with … below

Commands run in one scratch folder that holds the example files, on a terminal of 80 columns without colours.
Ports of the document are replaced by free ones; times, durations and fingerprints are not compared, and a
fingerprint in a command stands for the one that was told last.
"""

from __future__ import annotations

import codecs
import os
import pty
import re
import select
import shlex
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from parinaya_cli.cli.rehearsal import copy_examples
from tests import warm

ROOT = Path(__file__).resolve().parent.parent.parent
PORTS = ("8000", "9090")
ELIDED = "…"
_AS_SOMEBODY = re.compile(r"PARINAYA_TOKEN=\$\(cat (?P<file>[\w.]+)\) ")
_SHELL = frozenset("|<>&;$*~`#(){}")
"""A command with any of these is for a shell."""
PATIENCE = 120.0
"""Seconds for a command to end, for a server to be ready, for the guests to settle."""

_BLOCK = re.compile(
    r"(?:^<!-- run(?P<words>[^\n]*?) -->\n)?^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
FINGERPRINT = re.compile(r"\b[0-9a-f]{16}\b")
_VARYING = (
    re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?"),
    re.compile(rf"\b\d{{1,2}} {_MONTH}(?: 20\d\d)?\b"),
    re.compile(r"\b\d\d:\d\d\b"),
    re.compile(r"\b\d+(?:\.\d+)? (?:s|seconds|entries|looked at|GiB free)\b"),
    re.compile(r"\bwamid\.\w+"),
    FINGERPRINT,
)


@dataclass(frozen=True)
class Block:
    """One fenced block. ``start`` and ``end``: where its body stands in the document. ``words``: None: not run."""

    kind: str
    body: str
    start: int
    end: int
    words: frozenset[str] | None

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Each command of a console block, and the output that stands under it."""
        found: list[tuple[str, list[str]]] = []
        for line in self.body.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            elif found and found[-1][0].endswith("\\"):
                found[-1] = (f"{found[-1][0][:-1].rstrip()} {line.removeprefix('> ').strip()}", [])
            elif found:
                found[-1][1].append(line)
        return [(command, "\n".join(lines)) for command, lines in found]

    @property
    def exits(self) -> tuple[int, ...]:
        """The exit codes that its last command may end with."""
        told = next((word[5:] for word in self.words or () if word.startswith("exit=")), "0")
        return tuple(map(int, told.split(",")))

    def option(self, name: str) -> int:
        """The number of ``name=N``; 0 when it is not there."""
        return next(
            (int(word.partition("=")[2]) for word in self.words or () if word.startswith(f"{name}=")), 0
        )


def blocks(text: str) -> list[Block]:
    """Every fenced block of a document."""
    return [
        Block(
            found["kind"],
            found["body"],
            found.start("body"),
            found.end("body"),
            None if found["words"] is None else frozenset(found["words"].split()),
        )
        for found in _BLOCK.finditer(text)
    ]


def substance(text: str) -> list[str]:
    """The words of an output, without what differs from run to run.

    They are sorted, since the length of a date decides where a row of a table is folded.
    """
    for pattern in _VARYING:
        text = pattern.sub("#", text)
    return sorted(text.split())


def is_same(block: Block, shown: str, real: str) -> bool:
    """Does the document show what the command says?"""
    real = elided(real, block.option("first"))
    if block.words is not None and "sample" in block.words:
        shown, real = ("\n".join(text.splitlines()[:1]) for text in (shown, real))
    return substance(shown) == substance(real)


def elided(text: str, first: int) -> str:
    """The first lines of an output, with a mark where the rest was left out."""
    lines = text.splitlines()
    return "\n".join([*lines[:first], ELIDED]) if first and len(lines) > first else text


class _Running:
    """A process in the background, whose terminal is read all the time so that it never fills up."""

    def __init__(self, command: str, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.command, self.process, self.said = command, process, ""
        self._terminal = terminal
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        for part in _reads(self._terminal):
            self.said += part.replace("\r\n", "\n")

    def end(self) -> None:
        """Ask it to finish what it has in hand, and wait for that."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(5)
        os.close(self._terminal)


@dataclass
class Stage:
    """A scratch home and folder where the commands of one document run."""

    home: Path
    _running: list[_Running] = field(default_factory=list)
    _ports: dict[str, str] = field(
        default_factory=lambda: dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    )
    _fingerprint: str = ""

    def __post_init__(self) -> None:
        self.folder = self.home / "ananya-kabir"
        copy_examples(ROOT / "examples", self.folder, datetime.now(UTC).date())
        (self.home / "bin").mkdir()
        program = self.home / "bin" / "parinaya"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m parinaya_cli "$@"\n')
        program.chmod(0o755)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in reversed(self._running):
            each.end()

    @property
    def env(self) -> dict[str, str]:
        """The environment of every command."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(
                ("PARINAYA_", "WHATSAPP_", "DATABASE_URL", "REDIS_URL", "COLUMNS", "PYTEST")
            )
        }
        return {
            **kept,
            "HOME": str(self.home),
            "LOGNAME": "meera",  # who is at the keyboard
            "PARINAYA_HOME": str(self.home / ".local/share/parinaya"),
            "PARINAYA_CONFIG_DIR": str(self.home / ".config/parinaya"),
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "TERM": "dumb",  # no bars that move, 80 columns
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
        }

    def play(self, block: Block) -> Iterator[tuple[str, str, str]]:
        """Run a block: each command, the output that the document shows, and the real one.

        Raises:
            AssertionError: a command ended with another exit code.
        """
        assert block.words is not None
        if "settled" in block.words:
            self.settle()
        steps = block.steps
        for place, (command, shown) in enumerate(steps, start=1):
            if "background" in block.words:
                real = self._start(command)
            else:
                code, real = self._run(command)
                expected = block.exits if place == len(steps) else (0,)
                assert code in expected, f"`{command}` ended with {code}, not {expected}:\n{real}"
            self._fingerprint = ([self._fingerprint, *FINGERPRINT.findall(real)])[-1]
            yield command, shown, real

    def settle(self) -> None:
        """Wait until the guests have done all they will do, and all of it was processed."""
        from parinaya_cli import settings
        from parinaya_cli.cli.rehearsal import figures
        from parinaya_cli.domain.access import Channel
        from parinaya_cli.services import workload
        from parinaya_cli.wiring import open_app

        ends = time.monotonic() + PATIENCE
        quiet = open_work = 0
        with open_app(settings.load(env=self.env)) as app:
            while quiet < 3:
                assert time.monotonic() < ends, f"{open_work} pieces of work are open still: {self.log()}"
                with app.begin_as_system(Channel.CLI) as tx:
                    open_work = workload.open_work(tx)
                idle = figures(f"http://127.0.0.1:{self._ports['9090']}")["idle"] and not open_work
                quiet = quiet + 1 if idle else 0
                time.sleep(0.4)

    def log(self) -> str:
        """What the processes in the background have said."""
        return "\n".join(f"$ {each.command}\n{each.said}" for each in self._running)

    def _run(self, command: str) -> tuple[int, str]:
        told = _AS_SOMEBODY.match(command)
        env, bare = ({}, command) if told is None else (self._somebody(told["file"]), command[told.end() :])
        argv = shlex.split(self._for_us(bare))
        if argv[0] == "parinaya" and _SHELL.isdisjoint(bare):
            return self._run_warm(argv[1:], env)
        process, terminal = self._open(command)
        try:
            said = "".join(_reads(terminal, time.monotonic() + PATIENCE))
        finally:
            os.close(terminal)
        return process.wait(PATIENCE), self._for_readers(said)

    def _somebody(self, file: str) -> dict[str, str]:
        """What a command before which a token is set gets, without a shell."""
        return {"PARINAYA_TOKEN": (self.folder / file).read_text(encoding="utf-8").strip()}

    def _run_warm(self, argv: Sequence[str], env: Mapping[str, str]) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(_reads(ours)))
        reader.start()
        try:
            place = os.ttyname(theirs)
            code = warm.Command(argv, {**self.env, **env}, self.folder, place, place).wait(PATIENCE)
        finally:
            os.close(theirs)
            reader.join()
            os.close(ours)
        return code, self._for_readers("".join(said))

    def _start(self, command: str) -> str:
        each = _Running(command, *self._open(command))
        self._running.append(each)
        ends = time.monotonic() + PATIENCE
        while not re.search("ready.*\n", each.said):
            assert each.process.poll() is None, f"`{command}` ended: {each.said}"
            assert time.monotonic() < ends, f"`{command}` does not become ready: {each.said}"
            time.sleep(0.05)
        return self._for_readers(each.said)

    def _open(self, command: str) -> tuple[subprocess.Popen[bytes], int]:
        command = self._for_us(command)
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec env {command}" if "|" not in command else command],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        return process, ours

    def _for_us(self, command: str) -> str:
        for known, real in self._ports.items():
            command = re.sub(rf"\b{known}\b", real, command)
        return FINGERPRINT.sub(self._fingerprint, command)

    def _for_readers(self, said: str) -> str:
        said = said.replace("\r\n", "\n").replace(str(self.home), "~")
        for known, real in self._ports.items():
            said = said.replace(real, known)
        return "\n".join(line.rstrip() for line in said.strip("\n").splitlines())


@contextmanager
def open_stage() -> Iterator[Stage]:
    """A stage; at the end its processes are ended, its servers and its folder removed."""
    from parinaya_cli.adapters import embedded
    from tests.servers import open_folder

    with open_folder() as home:
        try:
            with Stage(home) as stage:
                yield stage
        finally:
            embedded.remove(home / ".local/share/parinaya")


def free_ports(count: int) -> list[str]:
    """Ports of five digits that nobody listens on."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [str(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


def _reads(terminal: int, deadline: float | None = None) -> Iterator[str]:
    """What comes from a terminal, bit by bit, until everybody has closed it."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        patience = None if deadline is None else max(0.0, deadline - time.monotonic())
        readable, _, _ = select.select([terminal], [], [], patience)
        assert readable, "a command did not come to its end in time"
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux tells the end of a terminal so
            return
        if not part:
            return
        yield decoder.decode(part)
