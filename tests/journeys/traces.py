"""What a demo may leave behind: nothing."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from parinaya_cli.adapters.embedded.places import ROOT_STORES
from tests.journeys.stage import Stage, until

MARK = "PARINAYA_TEST_OF_DEMO"
"""In the environment of a demo, so that all that it starts can be found."""


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
