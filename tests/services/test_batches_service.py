"""Making batches: rehearsal, fingerprint, two operators, what was sent before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import Failed, NotFound, NotPermitted, UsedWrongly
from parinaya_cli.services import answers, batches, events
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.batches import BatchReport, SendRequest
from tests.services.wedding_kit import SETUP, Scene, template


def test_a_rehearsal_writes_nothing_and_tells_what_would_be_sent(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.household("Nobody", None)
    before = scene.table_sizes()
    rehearsed = scene.send(dry_run=True)
    assert rehearsed.batch is None
    assert scene.table_sizes() == before
    made = scene.send(expect=rehearsed.plan.fingerprint)
    assert made.batch is not None
    assert [one.body for one in made.plan.dispatches] == [one.body for one in rehearsed.plan.dispatches]
    assert scene.table_sizes()["invite_dispatch"] == made.selected == 3
    assert ("invites.send", str(made.batch.id)) in scene.bells


def test_a_plan_that_changed_is_not_sent(scene: Scene) -> None:
    scene.ready("Asha")
    seen = scene.send(dry_run=True).plan.fingerprint
    with scene.begin() as tx:
        events.edit(tx, "sangeet", {"title": "Sangeet night"})
    with pytest.raises(Failed) as caught:
        scene.send(expect=seen)
    assert caught.value.code == "plan_changed"
    assert scene.states() == []


def test_the_text_of_the_template_belongs_to_the_plan(scene: Scene) -> None:
    scene.ready("Asha")
    seen = scene.send(dry_run=True).plan.fingerprint
    scene.template(template(body="Dear {{guest_name}}, you are invited to {{events}}."))
    with pytest.raises(Failed) as caught:
        scene.send(expect=seen)
    assert caught.value.code == "plan_changed"


def test_two_operators_at_once_send_once(scene: Scene) -> None:
    scene.ready("Asha", "Ravi", "Meera")

    def send(_: int) -> BatchReport:
        return scene.send()

    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(send, range(3)))
    assert sorted(len(one.plan.dispatches) for one in reports) == [0, 0, 3]
    assert [one.plan.reasons for one in reports if not one.plan.dispatches] == [{"already_sent": 3}] * 2
    scene.deliver()
    assert len(scene.sender.sent) == 3


def test_a_second_batch_skips_what_the_first_sent_or_may_have_sent(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.send(limit=1)
    assert scene.send().plan.reasons == {"already_sent": 1}
    scene.deliver()
    assert scene.send().plan.reasons == {"already_sent": 2}
    assert len(scene.send(repeats=True).plan.dispatches) == 2


def test_another_event_of_the_same_template_is_sent(scene: Scene) -> None:
    scene.ready("Asha")
    scene.event("pheras")
    scene.invite("pheras")
    scene.send(events=["sangeet"])
    again = scene.send(events=["sangeet", "pheras"])
    assert len(again.plan.dispatches) == 1
    assert scene.send(events=["pheras"]).plan.reasons == {"already_sent": 1}


def test_waves_go_on_where_the_last_one_ended(scene: Scene) -> None:
    scene.ready(*"ABCDE")
    sent = [len(scene.send(limit=2).plan.dispatches) for _ in range(4)]
    assert sent == [2, 2, 1, 0]
    scene.deliver()
    assert len({message.to for message in scene.sender.sent}) == 5


def test_the_states_of_a_batch_add_up_to_who_was_selected(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.household("No phone", None)
    scene.household("Not invited")
    scene.invite("sangeet", units=["U3"])
    report = scene.send()
    assert report.selected == 4
    with scene.begin() as tx:
        status = batches.status(tx, None, SETUP)
    assert status.counts == {"queued": 2, "skipped": 2}
    assert status.skipped == {"no_phone": 1, "not_invited": 1}


def test_a_reminder_goes_to_open_answers_only(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest("U1", "sangeet", "no"))
    report = scene.send(events=["sangeet"], kind="remind")
    assert report.plan.reasons == {"already_answered": 1}
    assert [one.addressee.unit for one in report.plan.dispatches] == ["U2"]
    with pytest.raises(UsedWrongly, match="about an event"):
        scene.send(kind="remind")


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (SendRequest("sangeet_invite", on_unknown="hope"), UsedWrongly),
        (SendRequest("sangeet_invite", limit=0), UsedWrongly),
        (SendRequest("no_such_template"), NotFound),
        (SendRequest("sangeet_invite", language="ta"), NotFound),
        (SendRequest("sangeet_invite", events=["haldi"]), NotFound),
        (SendRequest("sangeet_invite", units=["U99"]), NotFound),
        (SendRequest("sangeet_invite", side="middle"), UsedWrongly),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_request_that_makes_no_sense_is_refused(
    scene: Scene, request_: SendRequest, kind: type[Exception]
) -> None:
    scene.ready("Asha")
    with pytest.raises(kind), scene.begin() as tx:
        batches.make_batch(tx, request_, SETUP, dry_run=False)
    assert scene.states() == []


def test_without_a_phone_number_nothing_can_be_sent(scene: Scene) -> None:
    scene.ready("Asha")
    with pytest.raises(UsedWrongly, match="no phone number"), scene.begin() as tx:
        batches.make_batch(
            tx, SendRequest("sangeet_invite"), replace(SETUP, phone_number_id=""), dry_run=True
        )


def test_a_test_message_takes_the_real_path_and_nobodys_place(scene: Scene) -> None:
    scene.ready("Asha")
    with scene.begin() as tx:
        report = batches.make_test(tx, "sangeet_invite", "9812345678", "U1", SETUP)
    assert report.batch is not None
    assert report.batch.kind == "test"
    scene.deliver()
    assert [message.to for message in scene.sender.sent] == ["+919812345678"]
    assert len(scene.send().plan.dispatches) == 1


def test_pause_resume_cancel_and_retry(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    batch = scene.send().batch
    assert batch is not None
    with scene.begin() as tx:
        assert batches.pause(tx, batch.ref).state == "paused"
        assert batches.pause(tx, batch.ref).state == "paused"
    scene.deliver()
    assert scene.sender.sent == []
    with scene.begin() as tx:
        assert batches.resume(tx, batch.ref, SETUP).state == "running"
    scene.deliver(in_flight=1)
    assert len(scene.sender.sent) == 2
    with scene.begin() as tx, pytest.raises(UsedWrongly, match="done"):
        batches.pause(tx, batch.ref)


def test_cancelling_leaves_what_has_left(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    batch = scene.send(limit=1).batch
    scene.deliver()
    second = scene.send().batch
    assert batch is not None
    assert second is not None
    with scene.begin() as tx:
        cancelled, gone = batches.cancel(tx, second.ref)
    assert (cancelled.state, gone) == ("cancelled", 1)
    scene.deliver()
    assert [state for state, _ in scene.states()] == ["accepted", "skipped", "cancelled"]
    assert len(scene.send().plan.dispatches) == 1, "what was cancelled may be sent later"


@pytest.mark.parametrize("role", [Role.FAMILY, Role.DESK, Role.AUDITOR])
def test_who_may_not_send_does_not(scene: Scene, role: Role) -> None:
    scene.ready("Asha")
    with pytest.raises(NotPermitted), scene.begin(role, side="bride") as tx:
        batches.make_batch(tx, SendRequest("sangeet_invite"), SETUP, dry_run=True)


def test_family_sees_the_figures_of_its_own_side(scene: Scene) -> None:
    scene.event()
    scene.household("Asha", side="bride")
    scene.household("Ravi", side="groom")
    scene.household("Uma", None, side="groom")
    scene.invite("sangeet")
    scene.template()
    batch = scene.send().batch
    assert batch is not None
    with scene.begin(Role.FAMILY, side="bride") as tx:
        seen = batches.status(tx, batch.ref, SETUP)
        listed = batches.messages(tx, batch.ref, None)
    assert [one.label for one in listed] == ["Asha family"]
    assert seen.counts == {"queued": 1}
    assert seen.skipped == {}


def test_desk_sees_no_numbers(scene: Scene) -> None:
    scene.ready("Asha")
    batch = scene.send().batch
    scene.deliver()
    assert batch is not None
    with scene.begin(Role.DESK) as tx:
        listed = batches.messages(tx, batch.ref, None)
    assert [(one.label, one.to, one.wamid) for one in listed] == [("Asha family", None, None)]
