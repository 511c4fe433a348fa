"""Workers, and what Valkey holds, die in the middle of sending: nobody gets two, and nobody is lost."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.journeys import truth
from tests.journeys.stage import (
    STOP,
    Process,
    Stage,
    dispatch_of,
    invitations,
    is_settled,
    journal,
    until,
)

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

MESSAGES = 181
MIDDLE = 40
"""Messages that are out when something dies."""
PATIENCE = 120.0
BELLS = "rq:queue:invites.send"

SLOW = "slow:0.6x*"
"""With 32 in flight it takes seconds from the middle to the end, also of so few messages."""
NEVER_TAKEN, TAKEN_IN_SILENCE = 3, 4
FAULTS = (f"cut-before@15x{NEVER_TAKEN}", f"cut-after@25x{TAKEN_IN_SILENCE}", SLOW)


def start_provider(stage: Stage, *faults: str) -> tuple[Process, Process]:
    """The receiver, and a stand-in that is slow to answer; its guests read in silence."""
    receiver = stage.start("webhook", "serve", "--port", "0")
    stand_in = stage.start(
        *("sandbox", "serve", "--port", "0", "--webhook", receiver.address, "--rate", "1000"),
        *("--delay", "0.02-0.1", "--journal", kept(stage)),
        *(word for fault in faults for word in ("--fault", fault)),
    )
    stage.env["WHATSAPP_BASE_URL"] = stand_in.address
    return receiver, stand_in


def kept(stage: Stage) -> Path:
    return stage.folder / "journal"


def send(stage: Stage) -> None:
    argv = ("invite", "send", "--template", "shaadi_invite", "--limit", MESSAGES, "--yes")
    assert stage.json(*argv)["queued"] == MESSAGES


def wait_for_the_middle(stage: Stage) -> None:
    until(lambda: len(journal(kept(stage))) >= MIDDLE, PATIENCE, "some messages are out")
    assert len(journal(kept(stage))) < MESSAGES - MIDDLE, "too late: most are out"


def let_time_pass(stage: Stage, lost: list[uuid.UUID]) -> None:
    """The leases of these rows have ended an hour ago. One by one: who holds one lock stands in nobody's way."""
    for one in lost:
        stage.rows(
            "UPDATE invite_dispatch SET lease_until = lease_until - interval '1 hour' "
            "WHERE id = %s AND state = 'sending'",
            one,
        )


def sending(stage: Stage) -> list[uuid.UUID]:
    return [row[0] for row in stage.rows("SELECT id FROM invite_dispatch WHERE state = 'sending'")]


def reconcile(stage: Stage, *argv: str) -> dict[str, dict[str, Any]]:
    """The checks of ``reconcile``, by name; once more where a worker's own round was at it."""
    while True:
        ran = stage.run("reconcile", *argv, "--json")
        if ran.code != 7:
            assert ran.code in (0, 5), ran.err
            return {one["name"]: one for one in ran.json["checks"]}


def settle(stage: Stage, stand_in: Process) -> None:
    """Wait until nothing more happens by itself."""
    until(lambda: is_settled(stand_in.address, stage.open_work), PATIENCE, "all is settled", pause=0.2)


def see_that_each_got_one(stage: Stage) -> int:
    """One message for each household, and none where nobody knows; statuses have settled all the others.

    Returns how many nobody knows of.
    """
    lines = invitations(kept(stage))
    messages = Counter(dispatch_of(line) for line in lines)
    assert set(messages.values()) == {1}
    assert Counter(line["to"] for line in lines) <= truth.messaged()
    rows = stage.rows("SELECT id, state FROM invite_dispatch WHERE kind = 'template' AND state <> 'skipped'")
    assert len(rows) == MESSAGES
    never_out = {dispatch for dispatch, _ in rows} - set(messages)
    assert {dispatch for dispatch, state in rows if state == "unknown"} == never_out
    assert {state for _, state in rows} - {"unknown"} == {"read"}
    return len(never_out)


def see_what_is_told(stage: Stage, unknown: int) -> None:
    """The states add up, what nobody knows is listed and left to a person, and no command sends it again."""
    status = stage.json("invite", "status")["counts"]
    assert sum(status.values()) == stage.rows("SELECT count(*) FROM invite_dispatch")[0][0]
    assert (status["unknown"], status["read"]) == (unknown, MESSAGES - unknown)
    found = reconcile(stage)
    assert (found["queue"]["mended"], found["unknown"]["mended"]) == (0, 0)
    assert len(found["unknown"]["left"]) == unknown
    again = stage.json("invite", "send", "--template", "shaadi_invite", "--dry-run")
    taken = {one["unit"] for one in again["items"] if one["decision"] == "send"}
    assert len(taken) == again["queued"] == truth.messaged().total() - MESSAGES
    assert again["skipped"]["already_sent"] == MESSAGES, "what nobody knows of may have arrived"


def kill_all(worker: Process, _: str) -> None:
    worker.kill()


def kill_parent(worker: Process, _: str) -> None:
    worker.popen.kill()
    worker.popen.wait(PATIENCE)
    until(lambda: not worker.family(), STOP, "orphans end by themselves")


def kill_sender(worker: Process, address: str) -> None:
    found = worker.speaker_to(address)
    while found is None:
        found = worker.speaker_to(address)
    pid = found.pid
    found.kill()
    until(lambda: pid not in {child.pid for child in worker.children()}, PATIENCE, "the child is dead")


@pytest.mark.parametrize(
    "kill", [kill_all, kill_parent, kill_sender], ids=["all", "the parent", "the sender"]
)
def test_a_killed_worker_sends_nothing_twice(stage: Stage, kill: Callable[[Process, str], None]) -> None:
    _, stand_in = start_provider(stage, *FAULTS)
    worker = stage.start("worker")
    send(stage)
    wait_for_the_middle(stage)
    kill(worker, stand_in.address)
    lost = sending(stage)
    let_time_pass(stage, lost)
    reconcile(stage)
    if kill is not kill_sender:
        assert worker.family() == []
        assert (len(lost) > NEVER_TAKEN) == (kill is kill_all), "orphans finish what they have in hand"
        assert {
            row[0] for row in stage.rows("SELECT id FROM invite_dispatch WHERE state = 'unknown'")
        } >= set(lost)
        worker = stage.start("worker")
    settle(stage, stand_in)
    unknown = see_that_each_got_one(stage)
    assert unknown == NEVER_TAKEN or (unknown > NEVER_TAKEN and kill is not kill_parent)
    if kill is kill_all:
        see_what_is_told(stage, unknown)
    assert worker.terminate() == 0, worker.said


def test_an_emptied_valkey_loses_nothing(stage: Stage) -> None:
    """Bells are lost before anybody heard them, and again while messages leave; a worker's own round heals it."""
    _, stand_in = start_provider(stage, SLOW)
    send(stage)
    with redis.Redis.from_url(stage.env["REDIS_URL"]) as valkey:
        assert valkey.llen(BELLS) == 1
        valkey.flushdb()
        found = reconcile(stage, "--only", "queue")["queue"]
        assert (found["looked_at"], valkey.llen(BELLS)) == (MESSAGES, 1)
        worker = stage.start("worker")
        wait_for_the_middle(stage)
        assert not valkey.pubsub_channels(), "nobody commands a worker that way"
        valkey.flushdb()
    settle(stage, stand_in)
    assert see_that_each_got_one(stage) == 0
    assert worker.terminate() == 0, worker.said


def test_sigterm_in_the_middle_leaves_nothing_on_its_way(stage: Stage) -> None:
    _, stand_in = start_provider(stage, SLOW)
    worker = stage.start("worker")
    send(stage)
    wait_for_the_middle(stage)
    assert worker.terminate(STOP) == 0
    states = stage.states()
    out = len(invitations(kept(stage)))
    assert (states["sending"], states["unknown"]) == (0, 0)
    assert states["queued"] == MESSAGES - out > 0
    stage.start("worker")
    settle(stage, stand_in)
    assert see_that_each_got_one(stage) == 0


def test_bad_answers_in_the_middle_of_a_batch(stage: Stage) -> None:
    """Only what was refused without a word stays unknown; a blocked token stops all, until a person resumes."""
    faults = ("http500@10x2", "http502-accepted@20x3", "error:131056@30x3", "http429@40x2", "error:190@90x1")
    _, stand_in = start_provider(stage, *faults, SLOW)
    worker = stage.start("worker")
    send(stage)
    until(lambda: stage.json("invite", "status")["number_paused"], PATIENCE, "the number is stopped")
    until(lambda: stage.states()["sending"] == 0, PATIENCE, "what was in flight has ended")
    assert len(invitations(kept(stage))) < MESSAGES, "nothing leaves after that"
    stage.json("invite", "resume", "B1")
    settle(stage, stand_in)
    assert see_that_each_got_one(stage) == 2
    assert worker.terminate() == 0, worker.said
