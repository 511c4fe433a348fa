"""Real processes of parinaya for tests: started as an operator starts them, watched, and always ended.

Everything that a stage starts runs in a session of its own, so that all of it can be found and killed together,
as a process manager does. Nothing here waits without a condition and a deadline.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg

from tests import warm
from tests.conftest import ROOT, Ran
from tests.servers import as_admin

EXAMPLES = ROOT / "examples"
READY = 90.0
"""Seconds for a long-running command to say that it is ready, on a busy machine."""
STOP = 35.0
"""Seconds that a worker may take after SIGTERM: the slice of 20 s is not waited for, a request is."""

_ADDRESS = re.compile(r"https?://\S+")
PROGRAM = (sys.executable, "-m", "parinaya_cli")
OURS = ("PARINAYA_", "WHATSAPP_", "DATABASE_URL", "REDIS_URL")


def clean_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process without any setting of parinaya, then ``env``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "PYTHONWARNINGS": "default", "PYTHONPATH": str(ROOT), **env}


def until(condition: Callable[[], object], seconds: float, what: str, pause: float = 0.05) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it still does not after so many seconds; ``what`` says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds:g} s still not: {what}"
        time.sleep(pause)


@dataclass
class Process:
    """A command of parinaya that runs, with what it says in a file."""

    name: str
    popen: subprocess.Popen[bytes] | warm.Running
    log: Path

    @property
    def said(self) -> str:
        """All that it has written to stderr."""
        return self.log.read_text("utf-8", errors="replace")

    @property
    def address(self) -> str:
        """The address that it named when it was ready."""
        found = _ADDRESS.search(self.said)
        assert found is not None, f"{self.name} named no address: {self.said}"
        return found[0]

    def wait_ready(self) -> None:
        """Wait for its line ``ready: …``."""

        def is_ready() -> bool:
            assert self.popen.poll() is None, f"{self.name} ended with {self.popen.poll()}: {self.said}"
            return "ready: " in self.said

        until(is_ready, READY, f"{self.name} is ready")

    def family(self) -> list[psutil.Process]:
        """It and all that it started, orphans too: whoever lives in its session."""
        found = []
        for pid in psutil.pids():
            with suppress(psutil.Error, ProcessLookupError):
                if os.getsid(pid) != self.popen.pid:
                    continue
                one = psutil.Process(pid)
                if one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
        return found

    def children(self) -> list[psutil.Process]:
        """What it started."""
        return [one for one in self.family() if one.pid != self.popen.pid]

    def speaker_to(self, address: str) -> psutil.Process | None:
        """The child that holds a connection to an address, if any does."""
        port = int(address.rpartition(":")[2])
        for child in self.children():
            with suppress(psutil.Error):
                ends = [one.raddr[1:] for one in child.net_connections("tcp")]
                if (port,) in ends:
                    return child
        return None

    def terminate(self, seconds: float = STOP) -> int:
        """SIGTERM; returns the exit code.

        Raises:
            AssertionError: it did not end in time, or left a child behind.
        """
        self.popen.send_signal(signal.SIGTERM)
        try:
            code = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {seconds:g} s: {self.said}") from None
        assert self.family() == [], f"{self.name} left processes behind"
        return code

    def kill(self) -> None:
        """SIGKILL to it and all that it started, at once."""
        for one in self.family():
            with suppress(psutil.Error):
                one.kill()
        self.popen.wait(READY)
        until(lambda: not self.family(), READY, f"{self.name} is dead")


@dataclass
class Stage:
    """An environment in which commands run; what was started ends with it."""

    env: dict[str, str]
    folder: Path
    program: Sequence[str] = PROGRAM
    cwd: Path = EXAMPLES
    database_url: str = ""
    _running: list[Process] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tracebacks = []
        for process in reversed(self._running):
            process.kill()
            if "Traceback" in process.said:
                tracebacks.append(f"{process.name}: {process.said}")
        self._running.clear()
        if error is None:
            assert not tracebacks, "\n".join(tracebacks)

    def open(self, *argv: object, **more: str) -> subprocess.Popen[str]:
        """Start a command that ends by itself; ``more``: further environment."""
        return subprocess.Popen(
            [*self.program, *(str(one) for one in argv)],
            env=clean_environment({"TMPDIR": str(self.folder), **self.env, **more}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.cwd,
            start_new_session=True,
        )

    def run(self, *argv: object, timeout: float = 150) -> Ran:
        """Run a command to its end; that of the checkout as a fork of a process that has loaded it."""
        if self.program != PROGRAM:
            return wait_for(self.open(*argv), timeout)
        env = clean_environment({"TMPDIR": str(self.folder), **self.env})
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            out, err = (Path(place) / name for name in ("out", "err"))
            out.touch()
            err.touch()
            code = warm.Command([str(one) for one in argv], env, self.cwd, str(out), str(err)).wait(timeout)
            return Ran(code, out.read_text("utf-8"), err.read_text("utf-8"))

    def json(self, *argv: object, fine: Sequence[int] = (0,)) -> Any:
        """Run a command with ``--json`` and return its document.

        Raises:
            AssertionError: another exit code than ``fine``, or a traceback or warning on stderr.
        """
        ran = self.run(*argv, "--json")
        assert ran.code in fine, f"{argv} ended with {ran.code}: {ran.out} {ran.err}"
        assert "Traceback" not in ran.err
        assert "Warning" not in ran.err
        return ran.json

    def start(self, *argv: object, **more: str) -> Process:
        """Start a long-running command and wait until it is ready; that of the checkout as ``run`` does."""
        log = self.folder / f"{len(self._running)}-{argv[0]}.log"
        log.write_bytes(b"")
        words = [str(one) for one in argv]
        env = clean_environment({"TMPDIR": str(self.folder), **self.env, **more})
        popen: subprocess.Popen[bytes] | warm.Running
        if self.program == PROGRAM:
            popen = warm.Running(words, env, self.cwd, os.devnull, str(log))
        else:
            popen = self._start_cold(words, env, log)
        process = Process(f"{len(self._running)} {' '.join(str(one) for one in argv[:2])}", popen, log)
        self._running.append(process)
        process.wait_ready()
        return process

    def _start_cold(self, words: Sequence[str], env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as stderr:
            return subprocess.Popen(
                [*self.program, *words],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=self.cwd,
                start_new_session=True,
            )

    # ── what stands in the database ────────────────────────────────────────────────────────────────────

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the database (that of ``DATABASE_URL``, if no other is named), looked at from outside."""
        with psycopg.connect(
            as_admin(self.database_url or self.env["DATABASE_URL"]), autocommit=True
        ) as conn:
            cursor = conn.execute(sql.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def states(self) -> Counter[str]:
        """How many invitations are in each state."""
        return Counter(dict(self.rows("SELECT state, count(*) FROM invite_dispatch GROUP BY state")))

    def open_work(self) -> int:
        """Messages that have not left or are on their way, and deliveries that wait."""
        found: int = self.rows(
            "SELECT (SELECT count(*) FROM invite_dispatch WHERE state IN ('planned', 'queued', 'sending')) + "
            "(SELECT count(*) FROM webhook_events WHERE state IN ('pending', 'failed'))"
        )[0][0]
        return found


def wait_for(popen: subprocess.Popen[str], timeout: float = 150) -> Ran:
    """The end of a command; one that does not end is killed."""
    try:
        out, err = popen.communicate(timeout=timeout)
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(popen.pid, signal.SIGKILL)
        popen.communicate()
        raise
    return Ran(popen.returncode, out, err)


# ── the stand-in ───────────────────────────────────────────────────────────────────────────────────────


def figures(address: str) -> dict[str, Any]:
    """What the stand-in has accepted, and what its guests still have to do."""
    with urllib.request.urlopen(f"{address}/_sandbox/figures", timeout=20) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def is_settled(address: str, open_work: Callable[[], int]) -> bool:
    """Is all said and done? Asked between two looks at the stand-in, which must have been idle throughout."""
    before = figures(address)
    if not before["idle"] or open_work():
        return False
    return figures(address) == before


def journal(path: Path) -> list[dict[str, Any]]:
    """The messages that the stand-in has accepted so far, in order."""
    if not path.exists():
        return []
    lines = path.read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1]]  # the last one has no end yet


def invitations(path: Path) -> list[dict[str, Any]]:
    """The template messages of the journal."""
    return [line for line in journal(path) if line["type"] == "template"]


def dispatch_of(line: Mapping[str, Any]) -> uuid.UUID:
    """The dispatch that a message of the journal belongs to: its token is ``pn1.base32.attempt``."""
    prefix, body, attempt = line["token"].split(".")
    assert prefix == "pn1"
    assert int(attempt) >= 1
    return uuid.UUID(bytes=base64.b32decode(body.upper() + "=" * (-len(body) % 8)))
