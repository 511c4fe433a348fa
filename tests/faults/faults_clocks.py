"""The long form of what can go wrong with the clocks of our machines. `make faults` runs it.

Leases, pace, quiet hours and whatever else is due go by the clock of Postgres: that of a process decides nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.clocks import WrongClock
from tests.faults.ledger import MESSAGES
from tests.faults.trial import Trial
from tests.journeys.stage import Stage, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]

SLOW = "slow:0.3x*"


@pytest.fixture
def clock(tmp_path: Path) -> WrongClock:
    return WrongClock(tmp_path)


def reconcile_at(stage: Stage, clock: WrongClock) -> None:
    """Compare and mend by a clock that is wrong: nothing may be given up for it."""
    assert wait_for(stage.open("reconcile", "--json", **clock.env)).code in (0, 5, 7)


@pytest.mark.parametrize("days", [3, -3])
def test_the_clock_of_one_machine_is_wrong(stage: Stage, clock: WrongClock, days: int) -> None:
    """Two machines send; one of them is days off, and compares and mends besides."""
    clock.move(days)
    trial = Trial(stage, "error:130429@100x5s", SLOW)
    wrong, right = trial.work(**clock.env), trial.work()
    trial.send()
    for moment in (0.3, 0.6):
        trial.wait_for(moment)
        reconcile_at(stage, clock)
    trial.settle()
    states = trial.judge(1, workers=2, reconciled=2)
    assert states["read"] == MESSAGES
    assert stage.json("audit", "verify")["ok"]
    assert wrong.terminate() == 0, wrong.said
    assert right.terminate() == 0, right.said


def test_all_our_clocks_jump_while_a_batch_leaves(stage: Stage, clock: WrongClock) -> None:
    """Receiver and workers jump forth and back under way, as when somebody sets the time."""
    trial = Trial(stage, SLOW, **clock.env)
    worker = trial.work("--processes", 2, **clock.env)
    trial.send()
    jumps = (3, -3, 0, 400, -400)
    for share, days in enumerate(jumps, 1):
        trial.wait_for(share * 0.15)
        clock.move(days)
        reconcile_at(stage, clock)
    trial.settle()
    clock.move(0)
    assert trial.judge(len(jumps), reconciled=len(jumps))["read"] == MESSAGES
    assert stage.json("audit", "verify")["ok"]
    assert worker.terminate() == 0, worker.said
