"""The long form of what can go wrong with the machine: disks that are full. `make faults` runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import another_owner, environment, fill
from tests.faults.disks import MIB, Ballast, servers_on, small_disk
from tests.faults.ledger import PATIENCE, tell
from tests.faults.trial import Trial
from tests.journeys.stage import Stage, until, wait_for
from tests.servers import as_admin

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]

SLOW = "slow:0.3x*"
FILES = (
    ("export", "people", "--to", "{}/people.csv"),
    ("export", "people", "--to", "{}/people.xlsx"),
    ("export", "people", "--format", "json", "--to", "{}/people.json"),
    ("db", "backup", "--to", "{}/all.backup"),
    ("export", "audit", "--to", "{}/audit.csv"),
)


def test_files_on_a_full_disk(stage: Stage) -> None:
    """A file appears whole or not at all; a sentence says why; with room the same command makes it."""
    administrator = as_admin(stage.env["DATABASE_URL"])  # who alone may back up
    with small_disk(8) as disk:
        ballast = Ballast(disk)
        for argv in FILES:
            words = [word.format(disk) for word in argv]
            ballast.fill(leave=4096)
            ran = wait_for(stage.open(*words, "--json", DATABASE_URL=administrator))
            assert ran.code in (1, 2), ran
            assert ran.error["code"] in ("failed", "used_wrongly", "disk_full")
            assert "Traceback" not in ran.err
            assert [one.name for one in disk.iterdir()] == ["ballast"], "something is left"
            ballast.let_go()
            assert wait_for(stage.open(*words, "--json", DATABASE_URL=administrator)).code == 0
            Path(words[-1]).unlink()
    tell(len(FILES), half_files=0)


@pytest.fixture
def small_stage(tmp_path: Path, redis_url: str) -> Iterator[tuple[Stage, Ballast]]:
    """A stage whose Postgres has its data on a small disk of its own; and what can fill it."""
    with small_disk(400) as disk, servers_on(disk / "home") as addresses:
        env = environment(addresses.database_url, redis_url, tmp_path)
        with Stage(env, tmp_path) as made:
            upgrade = made.open("db", "upgrade", DATABASE_URL=addresses.admin_url)
            assert wait_for(upgrade).code == 0
            fill(env, tmp_path)
            env["PARINAYA_TOKEN"] = another_owner(env, tmp_path)
            yield made, Ballast(disk)


def test_postgres_has_no_room(small_stage: tuple[Stage, Ballast], tmp_path: Path) -> None:
    """A command says so and nothing of it is there; a batch waits, and goes on when there is room."""
    stage, ballast = small_stage
    refused = see_an_import_refused(stage, ballast, tmp_path)
    trial = Trial(stage, SLOW)
    worker = trial.work()
    trial.send()
    fills = 0
    for moment in (0.2, 0.6):
        trial.wait_for(moment)
        ballast.fill(leave=MIB)
        fills += 1
        until(lambda: not_written(stage), PATIENCE, "there is no room")
        ballast.let_go()
    trial.settle()
    trial.judge(fills + refused, commands_refused=refused)
    assert worker.terminate() == 0, worker.said


def see_an_import_refused(stage: Stage, ballast: Ballast, folder: Path) -> int:
    file = folder / "more.csv"
    rows = [
        f"Guest {n},98{n:08d},{'sits at a table ' * 20}{n}" for n in range(70_000_000, 70_000_000 + 10_000)
    ]
    file.write_text("\n".join(["Name,Mobile,Notes", *rows]) + "\n", "utf-8")
    people = stage.rows("SELECT count(*) FROM people")
    ballast.fill(leave=2 * MIB)
    ran = stage.run("people", "import", file, "--side", "bride", "--json")
    assert ran.code in (1, 6), ran
    assert ran.error["code"] in ("failed", "unreachable", "disk_full")
    ballast.let_go()
    until(lambda: stage.run("weddings", "list").code == 0, PATIENCE, "Postgres is back")
    assert stage.rows("SELECT count(*) FROM people") == people, "half an import"
    return 1


def not_written(stage: Stage) -> bool:
    """Does Postgres refuse to write now?"""
    ran = stage.run("weddings", "edit", "--title", "A" * 100, "--json")
    return ran.code in (1, 6)
