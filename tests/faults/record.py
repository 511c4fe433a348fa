"""One line for each trial while they run, and one table of all of them at the end, in a document if wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.bench.table import machine
from tests.faults import ledger

BEGIN, END = "<!-- faults -->", "<!-- /faults -->"
TITLES = ("what was done", "times", "duplicates", "lost", "unknown", "besides", "seconds", "verdict", "on")
_HEAD = f"| {' | '.join(TITLES)} |\n|---|--:|--:|--:|--:|---|--:|---|---|\n"
_COLUMNS = ("times", "duplicates", "lost", "unknown")


@dataclass(frozen=True)
class Outcome:
    """What became of a trial: ``verdict`` is "held", "FAILED", or "left out: " with the reason."""

    what: str
    verdict: str
    seconds: float
    figures: dict[str, int]
    on: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Its line of the table, cell by cell."""
        told = [f"{self.figures[name]:,}" if name in self.figures else "" for name in _COLUMNS]
        besides = ", ".join(
            f"{name.replace('_', ' ')} {count:,}"
            for name, count in self.figures.items()
            if name not in _COLUMNS
        )
        return (self.what, *told, besides, f"{self.seconds:.0f}", self.verdict, self.on)

    @property
    def line(self) -> str:
        """The same as one line by itself."""
        told = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in self.figures.items())
        return (
            f"{self.verdict}  {self.what}: {told or 'no figures'} ({self.seconds:.0f} s, seed {ledger.SEED})"
        )


class Recorder:
    """A plugin of pytest that keeps what became of each trial."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self._reports: list[pytest.TestReport] = []
        self._terminal: Any = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Lines go where pytest's own go."""
        self._terminal = session.config.pluginmanager.get_plugin("terminalreporter")

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        """No dots: each trial has its line."""
        return ("" if report.passed and report.when != "call" else report.outcome, "", "")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Setting up, the trial, clearing away: the last of them makes the line."""
        self._reports.append(report)
        if report.when == "teardown":
            self.outcomes.append(_judge(self._reports))
            self._terminal.write_line(self.outcomes[-1].line)
            self._terminal.flush()
            self._reports = []


def _judge(reports: Sequence[pytest.TestReport]) -> Outcome:
    verdict = "held"
    for report in reports:
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            verdict = f"left out: {reason.removeprefix('Skipped: ')}"
        elif report.failed:
            verdict = "FAILED"
            break
    seconds = sum(report.duration for report in reports)
    today = datetime.now(UTC).date().isoformat()
    return Outcome(_words(reports[0].nodeid), verdict, seconds, ledger.take(), today)


def _words(test: str) -> str:
    """``…::test_the_parent_alone_is_killed`` in words; ``[190]`` in brackets."""
    name, _, more = test.rpartition("::")[2].removeprefix("test_").partition("[")
    return name.replace("_", " ") + (f" ({more.removesuffix(']')})" if more else "")


def table(outcomes: Sequence[Outcome]) -> str:
    """All of them for a terminal."""
    rows = [TITLES[:-1], *(one.cells[:-1] for one in outcomes)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def written(text: str, outcomes: Sequence[Outcome]) -> str:
    """A document with the table between its marks renewed; rows of trials that did not run stay, with their day.

    Raises:
        ValueError: the document has no marks.
    """
    found = re.search(f"{re.escape(BEGIN)}\n(.*?){re.escape(END)}", text, re.DOTALL)
    if found is None:
        raise ValueError(f"there is no {BEGIN} … {END} to write into")
    ran = {one.what: one.cells for one in outcomes}
    kept = _rows(found[1])
    rows = [ran.pop(row[0], row) for row in kept] + list(ran.values())
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    told = f"\nOn {machine()}; {ledger.MESSAGES:,} messages or rows a trial, seed {ledger.SEED}.\n\n"
    return text[: found.start(1)] + told + _HEAD + lines + "\n" + text[found.end(1) :]


def _rows(text: str) -> list[tuple[str, ...]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
