"""The long form: everything that can go wrong while a large batch leaves, on real processes. `make faults` runs it."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from parinaya_cli.adapters.embedded import Addresses
from tests.faults.ledger import MESSAGES, PATIENCE, dice, tell
from tests.faults.trial import Trial
from tests.journeys.stage import STOP, Process, Stage, until, wait_for
from tests.servers import restart_servers

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]

SLOW = "slow:0.3x*"


def sender_of(trial: Trial, worker: Process) -> psutil.Process:
    """The process of a worker that speaks to the provider."""
    found: list[psutil.Process] = []

    def speaks() -> bool:
        one = worker.speaker_to(trial.stand_in.address)
        found[:] = [one] if one else []
        return bool(found)

    until(speaks, PATIENCE, "somebody sends")
    return found[0]


def test_workers_are_killed_again_and_again(stage: Stage) -> None:
    trial, chance = Trial(stage, SLOW), dice("workers killed")
    worker = trial.work("--processes", 2)
    trial.send()
    lost = 0
    moments = sorted(chance.uniform(0.05, 0.85) for _ in range(6))
    for moment in moments:
        trial.wait_for(moment)
        worker.kill()
        lost += len(trial.lose())
        worker = trial.work("--processes", 2)
    trial.settle()
    states = trial.judge(len(moments), in_flight=lost)
    assert states["unknown"] <= lost
    assert worker.terminate() == 0, worker.said


def test_the_parent_alone_is_killed(stage: Stage) -> None:
    trial = Trial(stage, SLOW)
    worker = trial.work()
    trial.send()
    for moment in (0.2, 0.4, 0.6):
        trial.wait_for(moment)
        worker.popen.kill()
        worker.popen.wait(PATIENCE)
        old, worker = worker, trial.work()
        until(lambda old=old: not old.family(), STOP, "orphans end by themselves")  # type: ignore[misc]
    trial.settle()
    assert trial.judge(3)["unknown"] == 0, "orphans finish what they have in hand"
    assert worker.terminate() == 0, worker.said


def test_a_worker_sleeps_longer_than_its_lease(stage: Stage) -> None:
    trial = Trial(stage, SLOW)
    worker = trial.work()
    trial.send()
    slept = 0
    for moment in (0.2, 0.5):
        trial.wait_for(moment)
        asleep = sender_of(trial, worker)
        asleep.suspend()
        slept += len(trial.lose())
        trial.reconcile()
        asleep.resume()
    trial.settle()
    trial.judge(2, in_flight=slept)
    assert worker.terminate() == 0, worker.said


def test_postgres_is_restarted(stage: Stage, servers: Addresses) -> None:
    trial = Trial(stage, SLOW)
    worker = trial.work()
    trial.send()
    for moment, how in ((0.2, signal.SIGINT), (0.5, signal.SIGQUIT)):
        trial.wait_for(moment)
        with psycopg.connect(servers.database_url, autocommit=True) as conn:
            row = conn.execute("SHOW data_directory").fetchone()
        assert row is not None
        psutil.Process(int((Path(row[0]) / "postmaster.pid").read_text().split()[0])).send_signal(how)
        restart_servers()
    trial.settle()
    trial.judge(2)
    assert worker.terminate() == 0, worker.said


def test_valkey_is_emptied(stage: Stage) -> None:
    trial = Trial(stage, SLOW)
    worker = trial.work()
    trial.send()
    for moment in (0.1, 0.3, 0.5, 0.7):
        trial.wait_for(moment)
        with redis.Redis.from_url(stage.env["REDIS_URL"]) as valkey:
            valkey.flushdb()
    trial.settle()
    assert trial.judge(4)["unknown"] == 0
    assert worker.terminate() == 0, worker.said


def test_whatsapp_answers_in_every_bad_way(stage: Stage) -> None:
    """``unknown`` at the end are only those of which the provider knows nothing and never said so."""
    each = max(2, MESSAGES // 100)
    kinds = ["http500", "cut-before", "cut-after", "http502-accepted", "error:131000", "error:131056"]
    faults = [f"{kind}@{place * 5 * each}x{each}" for place, kind in enumerate(kinds, 1)]
    faults += [f"slow:40@{35 * each}x4", f"http429@{40 * each}x10s", f"error:130429@{60 * each}x10s"]
    trial = Trial(stage, *faults, SLOW)
    worker = trial.work()
    trial.send()
    trial.settle()
    assert trial.judge(len(faults), of_each=each)["unknown"] == 2 * each
    assert worker.terminate() == 0, worker.said


def test_messages_fail_afterwards(stage: Stage) -> None:
    """Accepted, and then not delivered: told by a status with its code, and not sent again by a clock."""
    trial = Trial(stage, "fails:131026@50x20", SLOW)
    worker = trial.work()
    trial.send()
    trial.settle()
    rows = stage.rows("SELECT reason FROM invite_dispatch WHERE state = 'failed'")
    assert len(rows) == 20
    assert all(reason for (reason,) in rows)
    assert trial.out == MESSAGES
    tell(20, duplicates=trial.out - MESSAGES, lost=0, messages=MESSAGES)
    assert worker.terminate() == 0, worker.said


def test_messages_are_withheld(stage: Stage) -> None:
    """131049: not before a day has passed; told with its reason."""
    trial = Trial(stage, "error:131049@50x20")
    worker = trial.work()
    trial.send()
    trial.settle()
    assert trial.judge(20)["queued"] == 20
    assert worker.terminate() == 0, worker.said


@pytest.mark.parametrize("code", [190, 368])
def test_the_account_is_stopped_in_the_middle(stage: Stage, code: int) -> None:
    middle = MESSAGES // 2
    trial = Trial(stage, f"error:{code}@{middle}x1", SLOW)
    worker = trial.work("--processes", 2)
    trial.send()
    until(lambda: stage.json("invite", "status")["number_paused"], PATIENCE, "the number is stopped")
    until(lambda: stage.states()["sending"] == 0, PATIENCE, "what was in flight has ended")
    after = trial.out - middle
    assert after <= 2 * 60, "more calls than were in flight"
    stage.json("invite", "resume", "B1")
    trial.settle()
    assert trial.judge(1, after_it=after)["read"] == MESSAGES
    assert worker.terminate() == 0, worker.said


def test_guests_opt_out_while_it_runs(stage: Stage) -> None:
    trial = Trial(stage, "slow:0.8x*")
    worker = trial.work()
    trial.send()
    stopped = [f"P{number}" for number in dice("opt-outs").sample(range(1, MESSAGES + 1), 12)]
    before = 0
    for one in stopped:
        stage.json("consent", "record", one, "opt-out", "--source", "on the phone")
        before += not stage.rows(
            "SELECT 1 FROM dispatch_attempts a JOIN invite_dispatch d ON d.id = a.dispatch_id "
            "JOIN people p ON p.id = d.person_id WHERE 'P' || p.number = %s",
            one,
        )
    trial.settle()
    states = trial.judge(len(stopped), before_their_message=before)
    assert states["skipped"] == before, "no send starts after a withdrawal is committed"
    assert worker.terminate() == 0, worker.said


def test_two_operators_send_the_same(stage: Stage) -> None:
    trial = Trial(stage)
    worker = trial.work()
    argv = ("invite", "send", "--template", "shaadi_invite", "--yes", "--json")
    both = [stage.open(*argv), stage.open(*argv)]
    ran = [wait_for(one) for one in both]
    assert sum(one.json["queued"] for one in ran) == MESSAGES
    trial.settle()
    lines = stage.rows("SELECT count(*) FROM invite_dispatch WHERE state = 'read'")
    assert lines == [(MESSAGES,)]
    assert trial.out == MESSAGES
    tell(1, duplicates=trial.out - MESSAGES, lost=0, unknown=0, messages=MESSAGES, settled=lines[0][0])
    assert worker.terminate() == 0, worker.said
