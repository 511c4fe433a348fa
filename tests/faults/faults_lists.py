"""The long form of what can go wrong while lists come in and people are merged. `make faults` runs it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired

import pytest

from tests.bench.bench_dedupe import mixed_lists
from tests.bench.bench_duplicates import write_lists
from tests.faults.ledger import MESSAGES, PATIENCE, dice, tell
from tests.faults.upgrades import kill_group
from tests.journeys.stage import Stage, until, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]

ROWS = MESSAGES
KILLS = 16
WORKERS_KILLED = 4
"""A list that is begun five times and never ends is given up, so that it does not hold up the others."""
WRITTEN = ("people", "contact_points", "person_contacts", "person_sources", "import_changes", "import_parts")
RUNS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def write_list(folder: Path, number: int) -> Path:
    """A list of people whom no other list has."""
    first = 60_000_000 + number * ROWS
    lines = ["Name,Mobile,Family,City,Notes"]
    lines += [
        f"Guest {n},98{n:08d},House {n // 3},Pune,sits with {n % 7}" for n in range(first, first + ROWS)
    ]
    file = folder / f"list-{number}.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def counts(stage: Stage) -> list[int]:
    return [stage.rows(f"SELECT count(*) FROM {table}")[0][0] for table in WRITTEN]


def kill_after(stage: Stage, seconds: float, *argv: object) -> int:
    """Kill a command so many seconds after it was started; its exit code, if it had ended before."""
    command = stage.open(*argv)
    with suppress(TimeoutExpired):
        command.wait(seconds)
    code = kill_group(command)
    until(lambda: not stage.rows(RUNS)[0][0], PATIENCE, "Postgres has noticed")
    return code


def how_long(run: Callable[[], object]) -> float:
    begun = time.monotonic()
    run()
    return time.monotonic() - begun


def test_imports_are_killed_at_every_stage(stage: Stage, tmp_path: Path) -> None:
    """All of a list or nothing of it, and the same command again ends it."""
    chance, number = dice("imports"), 0
    whole = how_long(
        lambda: wait_for(stage.open("people", "import", write_list(tmp_path, 0), "--side", "bride"))
    )
    inside = 0
    for moment in sorted(chance.uniform(0.1, 1.0) * whole for _ in range(KILLS)):
        before = counts(stage)
        file = write_list(tmp_path, number + 1)
        kill_after(stage, moment, "people", "import", file, "--side", "bride", "--json")
        after = counts(stage)
        if after == before:
            inside += 1
        else:
            number += 1
            assert after[0] == before[0] + ROWS, "half an import"
    done = stage.json("people", "import", write_list(tmp_path, number + 1), "--side", "bride")
    assert (done["created"], done["rejected"]) == (ROWS, 0)
    again = stage.json("people", "import", write_list(tmp_path, number + 1), "--side", "bride")
    assert (again["created"], again["unchanged"]) == (0, ROWS)
    people = stage.rows("SELECT count(*) FROM people")[0][0]
    assert people == MESSAGES + ROWS * (number + 2)
    assert stage.json("audit", "verify")["ok"]
    tell(KILLS, before_the_commit=inside, rows_each=ROWS, half_imports=0)


def is_done(stage: Stage) -> bool:
    return bool(stage.rows("SELECT 1 FROM imports WHERE source = 'list-0.csv' AND state = 'done'"))


def test_workers_are_killed_over_one_list(stage: Stage, tmp_path: Path) -> None:
    chance, file = dice("imports in the background"), write_list(tmp_path, 0)
    queued = stage.json("people", "import", file, "--side", "bride", "--background")
    before, state = counts(stage), ("queued",)
    copying = f"{RUNS} AND query ~ '^COPY staging'"
    killed = 0
    while killed < WORKERS_KILLED and state == ("queued",):
        worker = stage.start("worker", "--queues", "imports.contacts,reconciliation.run")
        assert stage.run("reconcile", "--only", "queue", "--json").code in (0, 7)
        until(lambda: stage.rows(copying)[0][0] or is_done(stage), PATIENCE, "rows come in", pause=0.005)
        time.sleep(chance.uniform(0, 0.8))
        worker.kill()
        killed += 1
        until(lambda: not stage.rows(RUNS)[0][0], PATIENCE, "Postgres has noticed")
        [state] = stage.rows("SELECT state FROM imports WHERE source = 'list-0.csv'")
        assert state == ("done",) or (state == ("queued",) and counts(stage) == before)
    worker = stage.start("worker", "--queues", "imports.contacts,reconciliation.run")
    assert stage.run("reconcile", "--only", "queue", "--json").code in (0, 7)
    until(
        lambda: stage.json("people", "imports", queued["import"])["state"] == "done",
        PATIENCE,
        "the list is in",
    )
    told = stage.json("people", "imports", queued["import"])
    assert (told["rows"], told["created"], told["rejected"]) == (ROWS, ROWS, 0)
    assert stage.rows("SELECT count(*) FROM people") == [(MESSAGES + ROWS,)]
    assert worker.terminate() == 0, worker.said
    tell(killed, rows_each=ROWS, half_imports=0)


def people(stage: Stage) -> list[tuple[object, ...]]:
    """Who there is, and who of them is who."""
    return stage.rows("SELECT number, full_name, merged_into, removed_at IS NULL FROM people ORDER BY number")


def test_merging_is_killed(stage: Stage, tmp_path: Path) -> None:
    """An apply and its undo are killed again and again: whole or not at all, and at the end all is as it was."""
    for file in write_lists(mixed_lists(77, ROWS), tmp_path):
        assert stage.run("people", "import", file, "--json").code in (0, 5)
    stage.json("dedupe", "scan")
    apart = people(stage)
    seconds = how_long(lambda: wait_for(stage.open("dedupe", "apply", "--yes")))
    together = people(stage)
    killing, chance = Killing(stage, seconds), dice("merges")
    for _ in range(3):
        killing.until_it_is(apart, ("undo", f"A{last_apply(stage)}"), chance)
        stage.json("dedupe", "scan")
        killing.until_it_is(together, ("apply", "--yes"), chance)
    stage.json("dedupe", "undo", f"A{last_apply(stage)}")
    assert people(stage) == apart
    assert stage.json("audit", "verify")["ok"]
    merged = sum(one != other for one, other in zip(apart, together, strict=True))
    tell(killing.kills, before_the_commit=killing.inside, people_merged_each=merged, halves=0)
    assert merged


class Killing:
    """Commands that are killed, at most as late as one that nobody killed took."""

    def __init__(self, stage: Stage, seconds: float) -> None:
        self.stage, self.seconds = stage, seconds
        self.kills = self.inside = 0

    def until_it_is(
        self, wanted: list[tuple[object, ...]], argv: tuple[str, ...], chance: random.Random
    ) -> None:
        """Kill it some times, each later than the one before; the last one may end."""
        for moment in sorted(chance.uniform(0.2, 1.0) * self.seconds for _ in range(KILLS // 4)):
            before = people(self.stage)
            if before == wanted:
                return
            kill_after(self.stage, moment, "dedupe", *argv, "--json")
            self.kills += 1
            after = people(self.stage)
            assert after in (before, wanted), "half of it"
            self.inside += after == before
        if people(self.stage) != wanted:
            assert self.stage.run("dedupe", *argv, "--json").code in (0, 5)
        assert people(self.stage) == wanted


def last_apply(stage: Stage) -> int:
    found: int = stage.rows("SELECT max(number) FROM applies")[0][0]
    return found
