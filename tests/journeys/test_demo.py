"""``parinaya demo`` as a newcomer runs it: the table is the script's truth, and nothing stays behind."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from parinaya_cli.adapters.embedded.places import ROOT_STORES
from tests.house.example_lists import guests
from tests.journeys import truth
from tests.journeys.stage import Stage, until, wait_for
from tests.servers import open_folder

pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]

PATIENCE = 350.0
MARK = "PARINAYA_TEST_OF_DEMO"
"""In the environment of a demo, so that all that it starts can be found."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Stage]:
    """No settings at all, and a folder for temporary files of its own."""
    with open_folder() as temporary:
        env = {"TMPDIR": str(temporary), MARK: str(temporary), "HOME": str(tmp_path)}
        with Stage(env, tmp_path) as stage:
            yield stage


def started_by(stage: Stage) -> list[psutil.Process]:
    """Whatever lives and was started by a demo of this stage."""
    found = []
    for one in psutil.process_iter():
        try:
            if one.environ().get(MARK) == stage.env[MARK]:
                found.append(one)
        except psutil.Error:
            continue
    return found


def stores(home: str) -> list[Path]:
    """Where root's servers keep the data of homes below this folder."""
    return [note for note in ROOT_STORES.glob("*/home") if note.read_text("utf-8").startswith(home)]


def see_that_nothing_stays(stage: Stage) -> None:
    until(lambda: not started_by(stage), 30, "every process of the demo has ended")
    assert os.listdir(stage.env["TMPDIR"]) == []
    assert stores(stage.env["TMPDIR"]) == []
    assert not (Path(stage.env["HOME"]) / ".local").exists()
    assert not (Path(stage.env["HOME"]) / ".config").exists()


def told(stage: Stage, *argv: str) -> Any:
    ran = stage.run("demo", *argv, "--json", timeout=PATIENCE)
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    return ran.json


def test_the_demo_tells_the_truth_and_leaves_nothing(place: Stage) -> None:
    found = told(place)
    assert truth.told_table(found["items"]) == truth.table()
    assert found["households"] == len(guests())
    assert Counter(found["batch"]["counts"]) == truth.states()
    assert truth.inbox().total() <= found["inbox"] <= (truth.inbox() + truth.good_wishes()).total()
    assert (found["webhooks"]["failed"], found["webhooks"]["dead"], found["kept"]) == (0, 0, None)
    see_that_nothing_stays(place)


def test_ctrl_c_ends_the_demo_and_all_that_it_started(place: Stage) -> None:
    command = place.open("demo", "--guests", "20")
    until(lambda: len(started_by(place)) > 6, PATIENCE, "its processes run", pause=0.2)
    os.killpg(command.pid, signal.SIGINT)
    ran = wait_for(command, PATIENCE)
    assert ran.code == 130, ran.err
    assert "Traceback" not in ran.err
    see_that_nothing_stays(place)
