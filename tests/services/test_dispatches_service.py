"""Slices leave, outcomes and statuses become states, and nobody gets a message twice."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.dispatches import LEASE, REAPER_GRACE
from parinaya_cli.domain.messages import (
    Accepted,
    DeliveryStatus,
    ErrorFamily,
    NoAnswer,
    NotSent,
    OutboundMessage,
    Refused,
    SendOutcome,
)
from parinaya_cli.services import batches, consent, events, invitations, people, reconcile, statuses
from parinaya_cli.services.people import PersonFields
from tests.fakes.sender import FakeSender
from tests.services.wedding_kit import SETUP, Scene, error, template

DAY = timedelta(hours=24)


def refused(family: ErrorFamily, code: int = 1, retry_after: float | None = None) -> Refused:
    return Refused(error(code, family), retry_after)


OUTCOMES: list[tuple[SendOutcome, tuple[str, str]]] = [
    (Accepted("wamid.1"), ("accepted", "")),
    (Accepted("wamid.1", held=True), ("accepted", "held")),
    (NotSent("refused"), ("queued", "not_sent")),
    (NoAnswer("read timeout"), ("unknown", "no_answer: read timeout")),
    (refused(ErrorFamily.SAYS_FAILED, 131000), ("queued", "provider")),
    (refused(ErrorFamily.NUMBER_THROTTLE, 130429), ("queued", "throttled")),
    (refused(ErrorFamily.PAIR_THROTTLE, 131056), ("queued", "throttled")),
    (refused(ErrorFamily.WITHHELD, 131049), ("queued", "withheld")),
    (refused(ErrorFamily.RECIPIENT, 131026), ("failed", "recipient")),
    (refused(ErrorFamily.OPTED_OUT, 131050), ("failed", "opted_out")),
    (refused(ErrorFamily.TEMPLATE, 132015), ("queued", "template")),
    (refused(ErrorFamily.PARAMETERS, 132000), ("failed", "parameters")),
    (refused(ErrorFamily.ACCOUNT, 190), ("queued", "account")),
    (refused(ErrorFamily.MAINTENANCE, 131057), ("queued", "maintenance")),
    (refused(ErrorFamily.WINDOW, 131047), ("failed", "window")),
    (refused(ErrorFamily.OTHER, 999), ("failed", "other")),
]


@pytest.mark.parametrize(("outcome", "state"), OUTCOMES, ids=lambda value: str(value)[:40])
def test_every_outcome_has_its_state(scene: Scene, outcome: SendOutcome, state: tuple[str, str]) -> None:
    scene.ready("Asha")
    scene.send()
    scene.deliver(FakeSender(outcomes=[outcome]))
    assert scene.states() == [state]
    row = scene.rows("SELECT tries, attempt_no, wamid, error_code FROM invite_dispatch")[0]
    assert row["attempt_no"] == 1
    assert row["wamid"] == (outcome.message_id if isinstance(outcome, Accepted) else None)
    assert row["error_code"] == (outcome.error.code if isinstance(outcome, Refused) else None)
    attempt = scene.rows("SELECT number, finished_at IS NOT NULL AS finished, outcome FROM dispatch_attempts")
    told = {Accepted: "accepted", NotSent: "not_sent", NoAnswer: "no_answer", Refused: "refused"}
    assert attempt == [{"number": 1, "finished": True, "outcome": told[type(outcome)]}]


def test_what_was_provably_not_sent_is_sent_later_with_a_new_token(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    sender = FakeSender(outcomes=[NotSent("connect"), refused(ErrorFamily.SAYS_FAILED, 131000)])
    scene.deliver(sender)
    assert len(sender.sent) == 1, "not before its time"
    scene.deliver(sender, after=timedelta(minutes=5))
    scene.deliver(sender, after=timedelta(minutes=10))
    assert [state for state, _ in scene.states()] == ["accepted"]
    assert len({message.token for message in sender.sent}) == 3
    assert scene.value("SELECT tries FROM invite_dispatch") == 2, "what was not sent burns no try"


def test_what_fails_for_now_is_tried_three_times_and_may_be_retried_by_a_person(scene: Scene) -> None:
    scene.ready("Asha")
    batch = scene.send().batch
    assert batch is not None
    sender = FakeSender(outcomes=[refused(ErrorFamily.SAYS_FAILED, 131000)] * 3)
    for hours in range(1, 6):
        scene.deliver(sender, after=timedelta(hours=hours))
    assert scene.states() == [("failed", "provider")]
    assert len(sender.sent) == 3
    with scene.begin(after=timedelta(hours=6)) as tx:
        assert batches.retry(tx, batch.ref, unknown=False, names=[]) == 1
    scene.deliver(sender, after=timedelta(hours=7))
    assert scene.states() == [("accepted", "")]


@pytest.mark.parametrize("family", [ErrorFamily.RECIPIENT, ErrorFamily.PARAMETERS, ErrorFamily.OTHER])
def test_what_failed_for_good_is_not_retried(scene: Scene, family: ErrorFamily) -> None:
    scene.ready("Asha")
    batch = scene.send().batch
    assert batch is not None
    scene.deliver(FakeSender(outcomes=[refused(family)]))
    with scene.begin() as tx:
        assert batches.retry(tx, batch.ref, unknown=True, names=[]) == 0


def test_an_account_error_stops_the_number_and_nothing_more_leaves(scene: Scene) -> None:
    scene.ready(*"ABCDEF")
    batch = scene.send().batch
    assert batch is not None
    sender = FakeSender(outcomes=[refused(ErrorFamily.ACCOUNT, 190)])
    scene.deliver(sender, in_flight=2)
    assert sender.calls == [2], "only what was in flight"
    assert [state for state, _ in scene.states()].count("queued") == 5
    with scene.begin() as tx:
        status = batches.status(tx, batch.ref, SETUP)
        assert status.number.paused
        assert status.number.why_paused.startswith("190")
        batches.resume(tx, batch.ref, SETUP)
    scene.deliver(sender)
    assert [state for state, _ in scene.states()] == ["accepted"] * 6
    assert scene.value("SELECT max(tries) FROM invite_dispatch") == 1, "the message was not burned"


def test_a_template_error_pauses_its_batch_alone(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.template(template("haldi_invite"))
    first = scene.send(limit=1).batch
    scene.send("haldi_invite", units=["U2"])
    assert first is not None
    sender = FakeSender(outcomes=[refused(ErrorFamily.TEMPLATE, 132015)])
    scene.deliver(sender, in_flight=1)
    scene.deliver(sender, after=timedelta(hours=1))
    assert [state for state, _ in scene.states()] == ["queued", "accepted"]
    with scene.begin() as tx:
        seen = batches.find(tx, first.ref)
    assert (seen.state, seen.why_paused[:6]) == ("paused", "132015")


def test_a_batch_that_was_cancelled_meanwhile_stays_cancelled(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()

    class Cancelling(FakeSender):
        def send(self, messages: Any) -> list[SendOutcome]:
            with scene.begin() as tx:
                batches.cancel(tx, "B1")
            return super().send(messages)

    scene.deliver(Cancelling(outcomes=[refused(ErrorFamily.TEMPLATE, 132015)]))
    with scene.begin() as tx:
        assert batches.find(tx, "B1").state == "cancelled"
    assert scene.states() == [("cancelled", "cancelled")]


def test_the_number_is_slowed_down_when_the_provider_says_so(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    scene.deliver(FakeSender(outcomes=[refused(ErrorFamily.NUMBER_THROTTLE, 130429)]))
    assert scene.value("SELECT share FROM sender_pace") == 0.5


def test_the_guests_own_stop_at_the_provider_is_an_opt_out(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    scene.deliver(FakeSender(outcomes=[refused(ErrorFamily.OPTED_OUT, 131050)]))
    assert scene.value("SELECT consent FROM contact_points") == "opted_out"
    assert scene.send().plan.reasons == {"opted_out": 1}


def test_a_number_that_is_not_on_whatsapp_is_remembered(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    scene.deliver(FakeSender(outcomes=[refused(ErrorFamily.RECIPIENT, 131026)]))
    assert scene.send().plan.reasons == {"not_on_whatsapp": 1}


# ── the gate is asked again ────────────────────────────────────────────────────────────────────────────


def _opt_out(scene: Scene) -> None:
    with scene.begin() as tx:
        consent.record(tx, "P1", "opt-out", source="on the phone")


def _do_not_message(scene: Scene) -> None:
    with scene.begin() as tx:
        consent.do_not_message(tx, "P1", lift=False, reason="asked us")


def _uninvite(scene: Scene) -> None:
    with scene.begin() as tx:
        invitations.remove(tx, "sangeet", "U1")


def _cancel_event(scene: Scene) -> None:
    with scene.begin() as tx:
        events.cancel(tx, "sangeet")


def _pause_template(scene: Scene) -> None:
    scene.template(template(status="paused"))


def _new_phone(scene: Scene) -> None:
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(phones=["+919812300000"]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_opt_out, "opted_out"),
        (_do_not_message, "do_not_message"),
        (_uninvite, "not_invited"),
        (_cancel_event, "event_over"),
        (_pause_template, "template_not_approved"),
        (_new_phone, "no_phone"),
    ],
)
def test_what_changed_since_the_plan_is_seen_before_it_leaves(scene: Scene, change: Any, reason: str) -> None:
    scene.ready("Asha")
    scene.send()
    change(scene)
    scene.deliver()
    assert scene.states() == [("skipped", reason)]
    assert scene.sender.sent == []


def test_a_version_of_the_template_that_is_paused_stops_its_messages(scene: Scene) -> None:
    scene.ready("Asha")
    hindi = template(language="hi", body="नमस्ते {{guest_name}}, {{events}}.")
    scene.template(hindi)
    scene.send(language="hi")
    scene.template(template(language="hi", body=hindi.body, status="paused"))
    scene.deliver()
    assert scene.states() == [("skipped", "template_not_approved")]


def test_quiet_hours_postpone(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    scene.run("UPDATE weddings SET quiet_from = 0, quiet_until = 23, timezone = 'UTC'")
    scene.run("UPDATE weddings SET quiet_until = 23")
    now = scene.value("SELECT extract(hour FROM now() AT TIME ZONE 'Asia/Kolkata')::int")
    scene.run("UPDATE weddings SET quiet_from = :hour, quiet_until = :until", hour=now, until=(now + 3) % 24)
    scene.deliver()
    assert scene.states() == [("queued", "quiet_hours")]
    scene.deliver(after=timedelta(hours=4))
    assert scene.states() == [("accepted", "")]


# ── crashes and statuses ───────────────────────────────────────────────────────────────────────────────


class Crash(BaseException):
    """The worker dies while the request is on its way."""


class Dying(FakeSender):
    """Takes the messages and dies before it can tell."""

    def send(self, messages: Any) -> list[SendOutcome]:
        super().send(messages)
        raise Crash


def crashed(scene: Scene) -> OutboundMessage:
    scene.ready("Asha")
    scene.send()
    sender = Dying()
    with pytest.raises(Crash):
        scene.deliver(sender)
    assert scene.states() == [("sending", "")]
    return sender.sent[0]


def test_a_worker_that_dies_leaves_unknown_and_the_token_settles_it(scene: Scene) -> None:
    message = crashed(scene)
    late = LEASE + REAPER_GRACE + timedelta(seconds=5)
    reconcile.reconcile(lambda: scene.system(), only=["queue"])
    assert scene.states() == [("sending", "")], "its lease still runs"
    reconcile.reconcile(lambda: scene.system(late), only=["queue"])
    assert scene.states() == [("unknown", "worker_lost")]
    scene.deliver(after=timedelta(days=3))
    assert scene.sender.sent == [], "it is never sent again by a clock"
    assert scene.send(dry_run=True).plan.reasons == {"already_sent": 1}
    with scene.system() as tx:
        assert not statuses.hear(tx, [scene.status(message, DeliveryStatus.DELIVERED, wamid="wamid.real")])
    assert scene.states() == [("delivered", "")]
    assert scene.value("SELECT wamid FROM invite_dispatch") == "wamid.real"


def test_a_status_settles_what_is_still_sending(scene: Scene) -> None:
    message = crashed(scene)
    with scene.system() as tx:
        assert not statuses.hear(tx, [scene.status(message, DeliveryStatus.SENT)])
    assert scene.states() == [("sent", "")]
    reconcile.reconcile(lambda: scene.system(timedelta(hours=1)), only=["queue"])
    assert scene.states() == [("sent", "")]


def test_a_status_that_overtakes_the_answer_wins(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()

    class Overtaken(FakeSender):
        def send(self, messages: Any) -> list[SendOutcome]:
            found = super().send(messages)
            with scene.system() as tx:
                statuses.hear(tx, [scene.status(messages[0], DeliveryStatus.READ, wamid="wamid.fake.1")])
            return found

    scene.deliver(Overtaken())
    assert scene.states() == [("read", "")]
    assert scene.value("SELECT wamid FROM invite_dispatch") == "wamid.fake.1"


STATUSES = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)


def test_statuses_in_any_order_end_alike(scene: Scene) -> None:
    orders = list(itertools.permutations(STATUSES))
    scene.ready(*(f"Guest {n}" for n in range(len(orders))))
    scene.send()
    scene.deliver()
    for place, (message, order) in enumerate(zip(scene.sender.sent, orders, strict=True), start=1):
        for status in (*order, *order):
            with scene.system() as tx:
                update = scene.status(message, status, wamid=f"wamid.fake.{place}", token=False)
                assert not statuses.hear(tx, [update])
    assert scene.states() == [("read", "")] * len(orders)
    assert scene.value("SELECT count(*) FROM delivery_events") == 3 * len(orders), "each is kept once"


def test_a_failure_after_acceptance_is_final_unless_the_guest_has_the_message(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.send()
    scene.deliver()
    failed = error(131026, ErrorFamily.RECIPIENT, "Message undeliverable")
    first, second = scene.sender.sent
    with scene.system() as tx:
        statuses.hear(tx, [scene.status(first, DeliveryStatus.FAILED, told=failed)])
        statuses.hear(tx, [scene.status(first, DeliveryStatus.SENT)])
        statuses.hear(tx, [scene.status(second, DeliveryStatus.FAILED, told=failed, wamid="wamid.fake.2")])
        statuses.hear(tx, [scene.status(second, DeliveryStatus.DELIVERED, wamid="wamid.fake.2")])
    assert scene.states() == [("failed", "recipient"), ("delivered", "")]
    assert scene.value("SELECT error_code FROM invite_dispatch WHERE state = 'failed'") == 131026
    assert scene.value("SELECT error_code FROM invite_dispatch WHERE state = 'delivered'") is None


def test_a_status_of_a_message_that_is_not_ours_is_told_apart(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    scene.deliver()
    with scene.system() as tx:
        update = scene.status(scene.sender.sent[0], DeliveryStatus.READ, wamid="wamid.strange", token=False)
        assert statuses.hear(tx, [update])
    assert scene.states() == [("accepted", "")]


def test_messages_of_two_weddings_leave_together_and_stay_apart(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    first, scene.wedding = scene.wedding, scene.another("other-wedding")
    scene.ready("Ravi")
    scene.send()
    scene.deliver()
    assert scene.sender.calls == [2]
    for wedding in (first, scene.wedding):
        with scene.begin(wedding=wedding) as tx:
            assert batches.status(tx, "B1", SETUP).counts == {"accepted": 1}


def test_every_step_of_a_message_is_audited_and_the_chain_holds(scene: Scene) -> None:
    from parinaya_cli.services import audit

    scene.ready("Asha", "Ravi")
    scene.send()
    scene.deliver()
    with scene.begin(Role.AUDITOR) as tx:
        verdict = audit.verify(tx)
        listed, total = audit.list_entries(tx, audit.AuditQuery(action="dispatch.send"))
    assert verdict.ok
    assert total == 1
    assert listed[0]["after"] == {"attempts": 2, "states": {"accepted": 2}}
