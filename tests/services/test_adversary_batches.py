"""Two runs that meet: what one of them queued is neither sent twice nor lost by the other."""

from __future__ import annotations

import threading
from datetime import timedelta

from parinaya_cli.domain.messages import ErrorFamily, Refused
from parinaya_cli.services import batches
from tests.fakes.sender import FakeSender
from tests.services.wedding_kit import Scene, error


def test_a_retry_beside_a_newer_batch_leaves_each_household_with_one_message(scene: Scene) -> None:
    scene.ready("Asha Sharma")
    scene.send()
    scene.run("UPDATE invite_dispatch SET state = 'failed', passing = true")
    scene.send()
    with scene.begin() as tx:
        assert batches.retry(tx, "B1", unknown=False, names=()) == 0
    scene.deliver()
    assert [state for state, _ in scene.states()] == ["failed", "accepted"]
    assert len(scene.sender.sent) == 1


def test_a_retry_of_a_batch_that_repeats_on_purpose_is_kept(scene: Scene) -> None:
    scene.ready("Asha Sharma")
    scene.send()
    scene.deliver()
    scene.send(repeats=True)
    refused = Refused(error(131000, ErrorFamily.PARAMETERS))
    scene.deliver(FakeSender(outcomes=[refused]), after=timedelta(seconds=10))
    scene.run("UPDATE invite_dispatch SET passing = true WHERE state = 'failed'")
    with scene.begin() as tx:
        assert batches.retry(tx, "B2", unknown=False, names=()) == 1


def test_a_pause_that_meets_a_cancel_does_not_wake_the_batch(scene: Scene) -> None:
    scene.ready("Asha Sharma")
    scene.send()
    caught: list[str] = []

    def pause() -> None:
        try:
            with scene.begin() as tx:
                batches.pause(tx, "B1")
        except Exception as wrong:  # noqa: BLE001 - its kind is what is looked at
            caught.append(type(wrong).__name__)

    with scene.begin() as tx:
        batches.cancel(tx, "B1")
        other = threading.Thread(target=pause)
        other.start()
        other.join(0.5)
    other.join(60)
    assert scene.value("SELECT state FROM batches") == "cancelled"
    assert caught == ["UsedWrongly"]
