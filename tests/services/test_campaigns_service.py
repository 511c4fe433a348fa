"""A campaign from its media to its reminders: what is asked twice, what is uploaded, what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import Failed, NotPermitted, UsedWrongly
from parinaya_cli.domain.media import REFRESH_AFTER, MediaFile
from parinaya_cli.services import answers, batches, media, planning
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.media import HeaderRequest
from parinaya_cli.store.transaction import Transaction
from tests.fakes.media_host import FakeMediaHost
from tests.services.wedding_kit import NUMBER, SETUP, Scene, template

CARD = MediaFile("image", "image/jpeg", "card.jpg", b"\xff\xd8\xff a card")
OTHER = MediaFile("image", "image/jpeg", "card2.jpg", b"\xff\xd8\xff another card")


def say(scene: Scene, unit: str, event: str) -> None:
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest(unit, event, "yes"))


# ── reminders ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_that_lands_before_a_reminder_leaves_stops_it(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.send(events=["sangeet"], kind="remind")
    say(scene, "U1", "sangeet")
    scene.deliver()
    assert scene.states() == [("skipped", "already_answered"), ("accepted", "")]
    assert len(scene.sender.sent) == 1


def test_a_reminder_names_open_events_and_does_not_leave_when_one_of_them_is_answered(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    for slug in ("pheras", "reception"):
        scene.event(slug)
        scene.invite(slug)
    say(scene, "U1", "pheras")
    report = scene.send(events=["sangeet", "pheras", "reception"], kind="remind")
    first, second = report.plan.dispatches
    assert "Sangeet and Reception" in first.body
    assert "Sangeet, Pheras and Reception" in second.body
    say(scene, "U2", "sangeet")
    scene.deliver()
    assert scene.states() == [("accepted", ""), ("skipped", "already_answered")]


# ── numbers whose country is a guess ───────────────────────────────────────────────────────────────────


def test_a_guessed_number_is_written_to_when_the_operator_said_so_and_the_gate_asks_again(
    scene: Scene,
) -> None:
    scene.ready("Asha", "Ravi")
    scene.run("UPDATE contact_points SET state = 'guessed_region'")
    assert scene.send().plan.reasons == {"invalid_phone": 2}
    assert len(scene.send(include_guessed=True, limit=1).plan.dispatches) == 1
    scene.deliver()
    assert [message.to for message in scene.sender.sent] == ["+919876500001"]
    scene.run("UPDATE contact_points SET state = 'valid'")
    scene.send()
    scene.run("UPDATE contact_points SET state = 'guessed_region'")
    scene.deliver()
    assert scene.states()[-1] == ("skipped", "invalid_phone")
    assert len(scene.sender.sent) == 1


# ── limits of the wedding ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["accepted", "unknown"])
def test_what_may_have_arrived_counts_against_the_frequency_cap(scene: Scene, state: str) -> None:
    scene.ready("Asha")
    scene.run("UPDATE weddings SET frequency_cap = 1")
    scene.wedding = replace(scene.wedding, frequency_cap=1)
    scene.template(template("second"))
    scene.send()
    scene.deliver()
    scene.run("UPDATE invite_dispatch SET state = :state", state=state)
    if state == "unknown":
        scene.run("UPDATE invite_dispatch SET accepted_at = NULL")
    assert scene.send("second").plan.reasons == {"frequency_cap": 1}


def test_a_test_to_the_team_heeds_neither_quiet_hours_nor_the_cap(scene: Scene) -> None:
    scene.ready("Asha")
    scene.wedding = replace(scene.wedding, quiet_from=0, quiet_until=23, frequency_cap=0)
    scene.run("UPDATE weddings SET quiet_from = 0, quiet_until = 23, frequency_cap = 0")
    with scene.begin() as tx:
        report = batches.make_test(tx, "sangeet_invite", "9812345678", "U1", SETUP)
    assert [one.waits_for for one in report.plan.dispatches] == [""]


# ── media ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def host() -> FakeMediaHost:
    return FakeMediaHost()


def picture(scene: Scene) -> None:
    scene.template(replace(template(), header_format="image"))


def attach(scene: Scene, host: FakeMediaHost, request: HeaderRequest) -> None:
    media.attach(scene.begin, lambda: host, lambda tx: planning.number_of(tx, SETUP), request)


def refresh(scene: Scene, host: FakeMediaHost, after: timedelta = timedelta(0)) -> int:
    def number(tx: Transaction) -> str:
        return planning.number_of(tx, SETUP)

    return media.refresh(lambda: scene.begin(after=after), lambda: host, number, None)


def test_a_file_is_uploaded_when_it_is_named_and_again_before_it_runs_out(
    scene: Scene, host: FakeMediaHost
) -> None:
    scene.ready("Asha", "Ravi")
    picture(scene)
    attach(scene, host, HeaderRequest("sangeet_invite", file=CARD))
    assert host.uploads == [(NUMBER, CARD)]
    scene.send(limit=1)
    scene.deliver()
    scene.send()
    assert refresh(scene, host, REFRESH_AFTER - timedelta(hours=1)) == 0
    assert refresh(scene, host, REFRESH_AFTER + timedelta(hours=1)) == 1
    shown = scene.rows("SELECT state, content -> 'header' ->> 'id' AS id FROM invite_dispatch ORDER BY id")
    assert {(one["state"], one["id"]) for one in shown} == {
        ("accepted", "media-1"), ("queued", "media-2"), ("skipped", None),
    }  # fmt: skip


def test_a_message_that_waits_keeps_the_picture_that_was_seen(scene: Scene, host: FakeMediaHost) -> None:
    scene.ready("Asha")
    picture(scene)
    attach(scene, host, HeaderRequest("sangeet_invite", file=CARD))
    scene.send()
    attach(scene, host, HeaderRequest("sangeet_invite", file=OTHER))
    assert refresh(scene, host, REFRESH_AFTER + timedelta(days=1)) == 2
    shown = scene.value("SELECT content -> 'header' ->> 'id' FROM invite_dispatch")
    [(_, again)] = [one for one in host.uploads[2:] if one[1] == CARD]
    assert host.uploads[int(shown.removeprefix("media-")) - 1][1] == again == CARD


def test_another_number_needs_an_upload_of_its_own(scene: Scene, host: FakeMediaHost) -> None:
    scene.ready("Asha")
    picture(scene)
    attach(scene, host, HeaderRequest("sangeet_invite", file=CARD))
    scene.run("UPDATE weddings SET phone_number_id = '200'")
    scene.wedding = replace(scene.wedding, phone_number_id="200")
    with pytest.raises(Failed, match="not uploaded"):
        scene.send()
    assert scene.send(dry_run=True).plan.reasons == {}
    assert refresh(scene, host) == 1
    assert host.uploads[-1] == ("200", CARD)
    assert len(scene.send().plan.dispatches) == 1


def test_a_file_that_is_refused_is_not_kept(scene: Scene) -> None:
    scene.ready("Asha")
    picture(scene)
    with pytest.raises(Failed):
        attach(scene, FakeMediaHost(Failed("No.")), HeaderRequest("sangeet_invite", file=CARD))
    assert scene.value("SELECT count(*) FROM media_files") == 0
    assert scene.send(dry_run=True).plan.reasons == {"template_params_missing": 1}


def test_a_file_of_another_kind_and_a_role_that_may_not_send(scene: Scene, host: FakeMediaHost) -> None:
    scene.ready("Asha")
    with pytest.raises(UsedWrongly, match="no picture"):
        attach(scene, host, HeaderRequest("sangeet_invite", file=CARD))
    scene.template(replace(template(), header_format="video"))
    with pytest.raises(UsedWrongly, match=r"shows a video, and card\.jpg is a image"):
        attach(scene, host, HeaderRequest("sangeet_invite", file=CARD))
    with pytest.raises(NotPermitted):
        media.refresh(lambda: scene.begin(Role.FAMILY, side="bride"), lambda: host, lambda _: NUMBER, None)
    assert host.uploads == []


# ── the sums ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_sums_are_held_against_who_was_selected(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.household("No phone", None, side="bride")
    scene.send()
    with scene.begin() as tx:
        whole = batches.status(tx, None, SETUP)
    assert (whole.batch.selected, sum(whole.counts.values()), whole.adds_up) == (3, 3, True)
    scene.run("DELETE FROM invite_dispatch WHERE state = 'skipped'")
    with scene.begin() as tx:
        assert not batches.status(tx, None, SETUP).adds_up
    with scene.begin(Role.FAMILY, side="bride") as tx:
        part = batches.status(tx, None, SETUP)
    assert (part.whole, part.adds_up) == (False, True), "one side does not see the sums of the other"
