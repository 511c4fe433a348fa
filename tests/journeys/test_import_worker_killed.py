"""A worker dies, or is asked to end, in the middle of a list: the list waits, and ends as if nothing had happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.stage import STOP, Process, Stage, until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

ROWS = 10_000
PATIENCE = 120.0
WRITTEN = ("people", "contact_points", "person_contacts", "person_sources", "import_parts", "import_changes")


def write_list(folder: Path) -> Path:
    """A list that takes some seconds to import."""
    lines = ["Name,Mobile,Family,City,Notes"]
    numbers = range(10_000_000, 10_000_000 + ROWS)
    lines += [f"Guest {n},98{n:08d},House {n // 3},Pune,sits with {n % 7}" for n in numbers]
    file = folder / "long.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def counts(stage: Stage) -> list[int]:
    return [stage.rows(f"SELECT count(*) FROM {table}")[0][0] for table in WRITTEN]


def wait_for_the_middle(stage: Stage) -> None:
    """Wait until a worker reads the list."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^COPY staging'"
    )
    until(lambda: stage.rows(query)[0][0], PATIENCE, "rows come in", pause=0.005)


def backends(stage: Stage) -> int:
    found: int = stage.rows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )[0][0]
    return found


def start_worker(stage: Stage) -> Process:
    return stage.start("worker", "--queues", "imports.contacts,reconciliation.run")


def test_a_list_survives_its_worker(stage: Stage, tmp_path: Path) -> None:
    file = write_list(tmp_path)
    queued = stage.json("people", "import", file, "--side", "bride", "--background")
    before = counts(stage)

    worker = start_worker(stage)
    wait_for_the_middle(stage)
    worker.kill()
    until(lambda: not backends(stage), 30, "Postgres has noticed")
    assert counts(stage) == before
    assert stage.rows("SELECT state FROM imports WHERE source = 'long.csv'") == [("queued",)]

    # The bell went with the worker: reconcile rings again, as every worker's own round does.
    assert stage.run("reconcile", "--only", "queue").code == 0
    worker = start_worker(stage)
    wait_for_the_middle(stage)
    assert worker.terminate(STOP) == 0
    assert stage.rows("SELECT state FROM imports WHERE source = 'long.csv'") == [("queued",)]
    assert counts(stage) == before

    assert stage.run("reconcile", "--only", "queue").code == 0
    worker = start_worker(stage)
    until(
        lambda: stage.rows("SELECT 1 FROM imports WHERE state = 'done' AND source = 'long.csv'"),
        PATIENCE,
        "done",
    )
    told = stage.json("people", "imports", queued["import"])
    assert (told["state"], told["rows"], told["created"], told["rejected"]) == ("done", ROWS, ROWS, 0)
    assert stage.rows("SELECT count(*) FROM import_parts") == [(0,)]
    assert worker.terminate(STOP) == 0
    undone = stage.json("people", "undo-import", queued["import"], "--yes")
    assert (undone["undone"], undone["counts"]["undone"]) == (True, ROWS)
    assert counts(stage)[0] == before[0]
