"""``parinaya demo`` that is interrupted leaves nothing behind; what it tells is tested with the installed program."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.stage import Stage, until, wait_for
from tests.journeys.traces import MARK, see_that_nothing_stays, started_by
from tests.servers import open_folder

pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]

PATIENCE = 350.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Stage]:
    """No settings at all, and a folder for temporary files of its own."""
    with open_folder() as temporary:
        env = {"TMPDIR": str(temporary), MARK: str(temporary), "HOME": str(tmp_path)}
        with Stage(env, tmp_path) as stage:
            yield stage


def test_ctrl_c_ends_the_demo_and_all_that_it_started(place: Stage) -> None:
    command = place.open("demo", "--guests", "20")
    until(lambda: len(started_by(place)) > 6, PATIENCE, "its processes run", pause=0.2)
    os.killpg(command.pid, signal.SIGINT)
    ran = wait_for(command, PATIENCE)
    assert ran.code == 130, ran.err
    assert "Traceback" not in ran.err
    see_that_nothing_stays(place)
