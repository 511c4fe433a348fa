"""A stop holds however it reached us: from another phone, for another row of the list, in another wedding."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parinaya_cli.domain.errors import Failed
from parinaya_cli.domain.messages import Sender, Text
from parinaya_cli.services import batches, consent, inbox, people
from parinaya_cli.services.people import PersonFields
from tests.services.wedding_kit import NUMBER, SETUP, Scene, tap

FIRST, SECOND, THIRD = "+919876500001", "+919876500002", "+919876500003"


def _deliver_one(scene: Scene) -> list[tuple[str, str]]:
    scene.send()
    scene.deliver()
    return scene.states()


def test_a_do_not_message_holds_for_everybody_who_shares_the_phone(scene: Scene) -> None:
    scene.ready("Asha Sharma")
    other = scene.person("A. Sharma", scene.value("SELECT value FROM contact_points"))
    with scene.begin() as tx:
        consent.do_not_message(tx, other.ref, lift=False, reason="asked by phone")
    assert _deliver_one(scene) == [("skipped", "do_not_message")]
    assert not scene.sender.sent


def test_a_do_not_message_after_the_plan_holds_for_everybody_who_shares_the_phone(scene: Scene) -> None:
    scene.ready("Asha Sharma")
    other = scene.person("A. Sharma", scene.value("SELECT value FROM contact_points"))
    scene.send()
    with scene.begin() as tx:
        consent.do_not_message(tx, other.ref, lift=False, reason="asked by phone")
    scene.deliver()
    assert scene.states() == [("skipped", "do_not_message")]


def test_a_stop_from_the_second_phone_holds_for_the_first(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma")
    with scene.begin() as tx:
        people.edit(tx, str(unit.primary), PersonFields(phones=[FIRST, SECOND]))
    scene.send()
    scene.hear(scene.say(unit, Text("STOP"), sender=Sender(SECOND)))
    scene.deliver()
    assert scene.states()[0] == ("skipped", "opted_out")


def test_a_new_phone_does_not_lift_the_stop_of_the_old_one(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma")
    scene.hear(scene.say(unit, Text("STOP")))
    with scene.begin() as tx:
        people.edit(tx, str(unit.primary), PersonFields(phones=[THIRD]))
    assert _deliver_one(scene)[0] == ("skipped", "opted_out")


def test_an_opt_out_taken_by_hand_holds_for_every_phone_of_the_person(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma")
    with scene.begin() as tx:
        people.edit(tx, str(unit.primary), PersonFields(phones=[FIRST, SECOND]))
        consent.record(tx, str(unit.primary), "opt-out", source="on the phone")
    with scene.begin() as tx:
        people.edit(tx, str(unit.primary), PersonFields(drop_phones=[FIRST]))
    assert _deliver_one(scene) == [("skipped", "opted_out")]


def test_an_opt_in_taken_by_hand_lifts_the_stop_of_every_phone(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma")
    with scene.begin() as tx:
        people.edit(tx, str(unit.primary), PersonFields(phones=[FIRST, SECOND]))
    scene.hear(scene.say(unit, Text("STOP"), sender=Sender(SECOND)))
    with scene.begin() as tx:
        consent.record(
            tx, str(unit.primary), "opt-in", source="on the phone", evidence="call of 3 May, noted by Meera"
        )
    scene.send()
    scene.deliver()
    assert scene.states()[-1][0] == "accepted"


def test_a_stop_holds_in_every_wedding_that_sends_from_the_number(scene: Scene) -> None:
    first = scene.wedding
    (unit,) = scene.ready("Asha Sharma")
    phone = scene.value("SELECT value FROM contact_points")
    other = scene.another("riya-dev", phone_number_id=NUMBER)
    scene.wedding = other
    scene.event()
    scene.household("Asha S.", phone)
    scene.invite("sangeet")
    scene.template()
    scene.wedding = first
    scene.send()
    scene.deliver()
    scene.hear(scene.say(unit, Text("STOP"), sender=Sender(phone)))
    scene.wedding = other
    scene.send()
    scene.deliver()
    found = scene.rows(
        "SELECT state, reason FROM invite_dispatch WHERE wedding_id = :id AND kind = 'template'", id=other.id
    )
    assert [(row["state"], row["reason"]) for row in found] == [("skipped", "opted_out")]


def test_a_stop_before_any_message_holds_in_every_wedding(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma")
    phone = scene.value("SELECT value FROM contact_points")
    first, scene.wedding = scene.wedding, scene.another("riya-dev", phone_number_id=NUMBER)
    scene.household("Asha S.", phone)
    scene.hear(scene.say(unit, Text("STOP"), sender=Sender(phone)))
    assert scene.rows("SELECT DISTINCT consent FROM contact_points") == [{"consent": "opted_out"}]
    scene.wedding = first
    scene.hear(scene.say(unit, Text("START"), sender=Sender(phone)))
    assert scene.rows("SELECT DISTINCT consent FROM contact_points") == [{"consent": "opted_in"}]


def test_a_plain_yes_is_not_placed_in_one_of_two_weddings_by_guessing(scene: Scene) -> None:
    first = scene.wedding
    (unit,) = scene.ready("Asha Sharma")
    phone = scene.value("SELECT value FROM contact_points")
    other = scene.another("riya-dev", phone_number_id=NUMBER)
    scene.wedding = other
    scene.event()
    scene.household("Asha S.", phone)
    scene.invite("sangeet")
    scene.template()
    for place, one in enumerate((other, first)):
        scene.wedding = one
        scene.send()
        scene.deliver(after=timedelta(seconds=10 * place))
    scene.hear(scene.say(unit, Text("yes, 2 of us"), sender=Sender(phone)))
    assert scene.answers() == []
    assert scene.inbox() == ["wrote from a number that belongs to several guest units"]


def test_a_test_message_does_not_go_to_a_guest_who_said_stop(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma")
    phone = scene.value("SELECT value FROM contact_points")
    with scene.begin() as tx:
        consent.do_not_message(tx, str(unit.primary), lift=False, reason="asked by phone")
    with pytest.raises(Failed) as refused, scene.begin() as tx:
        batches.make_test(tx, "sangeet_invite", phone, None, SETUP)
    assert refused.value.code == "do_not_message"


def test_a_stop_is_kept_when_the_phone_it_came_from_is_taken_away(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma")
    with scene.begin() as tx:
        people.edit(tx, str(unit.primary), PersonFields(phones=[FIRST]))
    scene.hear(scene.say(unit, Text("STOP"), sender=Sender(FIRST)))
    with scene.begin() as tx:
        people.edit(tx, str(unit.primary), PersonFields(phones=[THIRD], drop_phones=[FIRST]))
    assert _deliver_one(scene)[-1] == ("skipped", "opted_out")


def test_a_plain_yes_is_placed_in_the_only_wedding_that_told_the_guest_of_something(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma")
    phone = scene.value("SELECT value FROM contact_points")
    first, scene.wedding = scene.wedding, scene.another("riya-dev", phone_number_id=NUMBER)
    scene.event()
    scene.household("Asha S.", phone)
    scene.invite("sangeet")
    scene.wedding = first
    scene.send()
    scene.deliver()
    scene.hear(scene.say(unit, Text("yes, 2 of us"), sender=Sender(phone)))
    assert scene.answers() == [("sangeet", "yes", 2, None)]


def test_the_answer_to_a_question_belongs_to_the_wedding_that_asked(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma")
    phone = scene.value("SELECT value FROM contact_points")
    first, scene.wedding = scene.wedding, scene.another("riya-dev", phone_number_id=NUMBER)
    other = scene.wedding
    scene.event()
    scene.household("Asha S.", phone)
    scene.invite("sangeet")
    scene.template()
    for one in (other, first):
        scene.wedding = one
        scene.send()
        scene.deliver()
    scene.hear(scene.say(unit, tap(scene.sender.sent[-1], "yes"), sender=Sender(phone)))
    scene.deliver()
    scene.hear(scene.say(unit, Text("2"), sender=Sender(phone)))
    assert scene.answers() == [("sangeet", "yes", 2, None)]


def test_a_message_from_the_future_does_not_win_over_what_is_said_later(scene: Scene) -> None:
    (unit,) = scene.ready("Asha Sharma", seats=1)
    scene.hear(scene.say(unit, Text("yes"), at=timedelta(days=365 * 7000)))
    scene.hear(scene.say(unit, Text("Sorry, we cannot come"), at=timedelta(hours=2)))
    assert scene.answers() == [("sangeet", "no", None, None)]
    with scene.begin() as tx:
        inbox.list_inbox(tx, everything=True)
