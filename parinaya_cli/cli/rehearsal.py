"""The processes of a demo: the real receiver, worker and stand-in, started as a user would start them."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

from parinaya_cli.domain.errors import Failed

PATIENCE = 60.0
"""Seconds for a process to say that it is ready, or to end."""

DAYS_AHEAD = 30
"""How far the first day of the example events lies ahead at least."""

_DAY = re.compile(r"\b20\d\d-\d\d-\d\d")
_ADDRESS = re.compile(r"https?://[0-9A-Za-z.:\[\]-]+")


@dataclass
class Rehearsal:
    """Runs commands and long-running processes of parinaya in one environment; ends them all at the end."""

    env: Mapping[str, str]
    folder: Path
    _running: list[tuple[str, subprocess.Popen[str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def run(self, *argv: str, fine: Sequence[int] = (0,)) -> Any:
        """Run a command with ``--json`` and return its document.

        Raises:
            Failed: it ended with an exit code that is not ``fine``.
        """
        done = subprocess.run(
            [sys.executable, "-m", "parinaya_cli", *argv, "--json"],
            env=self.environment(),
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
        )
        if done.returncode not in fine:
            raise Failed(f"`parinaya {' '.join(argv)}` ended with {done.returncode}: {_said(done.stderr)}")
        return json.loads(done.stdout)

    def start(self, name: str, *argv: str) -> str:
        """Start a long-running command; returns the address that it names when it is ready.

        Raises:
            Failed: it ended, or did not become ready in time.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", "parinaya_cli", *argv],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            start_new_session=True,  # Ctrl-C is for the demo, which ends its processes in order
        )
        self._running.append((name, process))
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_listen, args=(process, lines), daemon=True).start()
        said: list[str] = []
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                line = lines.get(timeout=0.2)
            except queue.Empty:
                if process.poll() is not None and lines.empty():
                    break
                continue
            said.append(line)
            if "ready" in line:
                found = _ADDRESS.search(line)
                return found[0] if found else ""
        raise Failed(f"The {name} did not start: {_said(' '.join(said))}", "Run `parinaya doctor`.")

    def end(self) -> None:
        """End what runs, last started first: each finishes what it has in hand."""
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            if process.stderr:
                process.stderr.close()
        self._running.clear()

    def check(self) -> None:
        """See that everything still runs.

        Raises:
            Failed: a process ended by itself.
        """
        for name, process in self._running:
            if process.poll() is not None:
                raise Failed(
                    f"The {name} ended by itself with {process.returncode}.", "Run `parinaya doctor`."
                )

    def environment(self) -> dict[str, str]:
        """The environment that every process of the rehearsal gets."""
        return {**os.environ, **self.env}


def _listen(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    """Read what a process says as long as it lives, so that its pipe never fills up."""
    assert process.stderr is not None
    try:
        for line in process.stderr:
            lines.put(line)
    except ValueError:
        return  # closed at the end


def _said(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    try:
        return str(json.loads(lines[-1])["error"]["message"])
    except (IndexError, ValueError, KeyError, TypeError):
        return " ".join(lines)[-300:] or "it said nothing"


def figures(address: str) -> dict[str, Any]:
    """What the stand-in has accepted and what its guests still have to do."""
    with urllib.request.urlopen(f"{address}/_sandbox/figures", timeout=10) as answer:  # noqa: S310 - our own server
        found: dict[str, Any] = json.load(answer)
        return found


def copy_examples(examples: Path, folder: Path, today: date) -> None:
    """Copy the example files into ``folder``. Events that are too near are moved whole weeks into the future:
    the invented wedding is always ahead of whoever plays it."""
    shutil.copytree(examples, folder)
    events = folder / "events.yaml"
    text = events.read_text(encoding="utf-8")
    first = min(date.fromisoformat(found) for found in _DAY.findall(text))
    weeks = max(0, -(-(DAYS_AHEAD - (first - today).days) // 7))

    def moved(found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) + timedelta(weeks=weeks)).isoformat()

    events.write_text(_DAY.sub(moved, text), encoding="utf-8")
