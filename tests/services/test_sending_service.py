"""What holds over slices and workers: the tier limit, one message in six seconds to a person, lines that are pulled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from parinaya_cli.domain.dispatches import LEASE, REAPER_GRACE
from parinaya_cli.domain.messages import DeliveryStatus, ErrorFamily, NoAnswer, NotSent, Refused, StatusUpdate
from parinaya_cli.services import outcomes, permission, reconcile, statuses
from tests.fakes.sender import FakeSender
from tests.fakes.template_source import FakeTemplates
from tests.services.wedding_kit import NUMBER, Scene, error, template


def limit(scene: Scene, people: int) -> None:
    scene.run(
        "INSERT INTO sender_numbers (phone_number_id, tier_limit) VALUES (:number, :people)",
        number=NUMBER,
        people=people,
    )


def test_the_tier_limit_holds_within_a_slice(scene: Scene) -> None:
    scene.ready(*"ABCDEF")
    scene.send()
    limit(scene, 4)
    scene.deliver(in_flight=6)
    assert len(scene.sender.sent) == 4
    assert sorted(scene.states()) == [("accepted", "")] * 4 + [("queued", "tier_limit")] * 2
    scene.run("UPDATE invite_dispatch SET left_at = left_at - interval '25 hours'")
    scene.deliver(after=timedelta(hours=2))
    assert [state for state, _ in scene.states()] == ["accepted"] * 6


def test_the_tier_limit_holds_over_workers(scene: Scene) -> None:
    scene.ready(*(f"Guest {number}" for number in range(12)))
    scene.send()
    limit(scene, 5)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: scene.deliver(in_flight=2), range(3)))
    assert len(scene.sender.sent) == 5


def test_what_did_not_reach_anybody_does_not_count_for_the_limit(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.send()
    limit(scene, 1)
    scene.deliver(FakeSender(outcomes=[NotSent("refused")]), in_flight=1)
    assert sorted(state for state, _ in scene.states()) == ["accepted", "queued"]


def test_one_phone_of_two_households_gets_one_message_in_six_seconds(scene: Scene) -> None:
    scene.event()
    scene.household("Asha", "+919876543210")
    scene.household("Ravi", "+919876543210")
    scene.invite("sangeet")
    scene.template()
    scene.send()
    scene.deliver()
    assert len(scene.sender.sent) == 1
    assert sorted(scene.states()) == [("accepted", ""), ("queued", "throttled")]
    scene.deliver(after=timedelta(seconds=7))
    assert len(scene.sender.sent) == 2


def test_one_guest_with_wrong_values_does_not_stop_a_large_batch(scene: Scene) -> None:
    scene.ready(*(f"Guest {number}" for number in range(101)))
    scene.send()
    wrong = Refused(error(132000, ErrorFamily.PARAMETERS))
    scene.deliver(FakeSender(outcomes=[wrong]), in_flight=101)
    assert scene.value("SELECT state FROM batches") == "running"


def test_values_that_are_wrong_for_many_pause_the_batch(scene: Scene) -> None:
    scene.ready(*(f"Guest {number}" for number in range(20)))
    scene.send()
    wrong = Refused(error(132000, ErrorFamily.PARAMETERS))
    scene.deliver(FakeSender(outcomes=[wrong]), in_flight=5)
    assert scene.value("SELECT state FROM batches") == "paused"
    assert [state for state, _ in scene.states()].count("queued") == 15


def test_a_template_in_the_making_lets_its_batch_wait(scene: Scene) -> None:
    scene.ready(*"ABC")
    scene.send()
    scene.deliver(FakeSender(outcomes=[Refused(error(134101, ErrorFamily.TEMPLATE))]), in_flight=1)
    assert scene.states() == [("queued", "template")] * 3
    assert scene.value("SELECT state FROM batches") == "running"
    scene.deliver(after=timedelta(minutes=11))
    assert [state for state, _ in scene.states()] == ["accepted"] * 3


def test_only_the_worker_that_took_a_row_writes_its_outcome(scene: Scene) -> None:
    """A commit that broke off may not have happened: another has taken the row since, as the same attempt."""
    scene.ready("Asha")
    scene.send()
    with scene.system() as tx:
        first, _ = permission.give(tx, NUMBER, 1)
        tx.conn.rollback()
    with scene.system() as tx:
        second, _ = permission.give(tx, NUMBER, 1)
    assert first[0].token == second[0].token
    outcomes.settle(lambda: scene.system(), [(first[0], NotSent("never"))])
    assert scene.states() == [("sending", "")]
    outcomes.settle(lambda: scene.system(), [(second[0], NoAnswer("cut"))])
    assert scene.states() == [("unknown", "no_answer: cut")]


def _states(scene: Scene) -> list[str]:
    return sorted(state for state, _ in scene.states())


def test_silence_is_evidence_only_while_later_messages_are_heard_of(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.send(on_unknown="give-up")
    scene.deliver(FakeSender(outcomes=[NoAnswer("cut")]), in_flight=1)
    scene.run(
        "UPDATE dispatch_attempts SET started_at = started_at - interval '1 hour' WHERE outcome = 'no_answer'"
    )
    assert _states(scene) == ["accepted", "unknown"]
    reconcile.reconcile(lambda: scene.system(), only=["unknown"])
    assert _states(scene) == ["accepted", "unknown"], "nothing was heard: silence tells nothing"
    wamid = scene.value("SELECT wamid FROM invite_dispatch WHERE state = 'accepted'")
    token = scene.value("SELECT token FROM dispatch_attempts WHERE outcome = 'accepted'")
    with scene.system() as tx:
        update = StatusUpdate(f"{wamid}:read", NUMBER, wamid, DeliveryStatus.READ, tx.now, token, None)
        assert not statuses.hear(tx, [update])
    found = reconcile.reconcile(lambda: scene.system(), only=["unknown"])[0]
    assert found.mended == 1
    assert _states(scene) == ["failed", "read"]


def test_reconcile_tells_batches_that_do_not_add_up(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.send()
    scene.deliver()
    assert reconcile.reconcile(lambda: scene.system(), only=["batches"])[0].left == ()
    scene.run("UPDATE batches SET selected = 3")
    scene.run("UPDATE invite_dispatch SET accepted_at = accepted_at - interval '2 days'")
    left = reconcile.reconcile(lambda: scene.system(), only=["batches"])[0].left
    assert [line.split(": ")[1:3] for line in left] == [
        ["B1", "2 messages were accepted a day ago, and nothing was heard of them"],
        ["B1", "1 households too few or too many for what was selected"],
    ]


def test_a_dead_workers_row_keeps_its_place_in_the_limit(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.send()
    limit(scene, 1)
    with scene.system() as tx:
        assert len(permission.give(tx, NUMBER, 2)[0]) == 1
    reconcile.reconcile(lambda: scene.system(LEASE + REAPER_GRACE + timedelta(seconds=5)), only=["queue"])
    scene.deliver(after=timedelta(hours=2))
    assert scene.sender.sent == [], "it may have arrived"


def test_reconcile_hears_what_became_of_templates(scene: Scene) -> None:
    scene.ready("Asha")
    paused = FakeTemplates([template(status="paused")])
    for mended in (1, 0):
        (found,) = reconcile.reconcile(
            lambda: scene.system(), only=["templates"], outside=reconcile.Outside(lambda: paused)
        )
        assert (found.looked_at, found.drift, found.mended) == (1, mended, mended)
    assert scene.value("SELECT status FROM templates") == "paused"
    (found,) = reconcile.reconcile(
        lambda: scene.system(), only=["templates"], outside=reconcile.Outside(lambda: FakeTemplates([]))
    )
    assert scene.value("SELECT status FROM templates") == "deleted"
