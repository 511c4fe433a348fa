"""Guests without a number, numbers that change, numbers that WhatsApp writes otherwise: each finds their person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parinaya_cli.domain.messages import (
    DeliveryStatus,
    MovedUpdate,
    OutboundMessage,
    PreferenceUpdate,
    Sender,
    Text,
    Update,
)
from parinaya_cli.services import webhooks
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.store.units import Unit
from tests.fakes.parser import FakeParser
from tests.services.wedding_kit import EARS, NUMBER, Scene, tap

MINUTE = timedelta(minutes=1)
USER = "IN.1349"


def receive(scene: Scene, *updates: Update) -> None:
    """One delivery with these updates, stored and processed as a worker does."""
    body = repr([update.key for update in updates]).encode()
    with scene.system() as tx:
        webhooks.keep(tx, [Incoming(body)])
    parser = FakeParser({body: updates})
    assert webhooks.process_slice(lambda: scene.system(), parser, EARS) == 1
    assert scene.value("SELECT count(*) FROM webhook_events WHERE state <> 'done'") == 0


def invited(scene: Scene) -> tuple[Unit, OutboundMessage]:
    (unit,) = scene.ready("Asha", seats=1)
    scene.send()
    scene.deliver()
    return unit, scene.sender.sent[0]


def phone_of(scene: Scene) -> str:
    found: str = scene.value("SELECT value FROM contact_points WHERE kind = 'phone'")
    return found


def test_a_guest_without_a_number_is_known_by_the_status_of_the_invitation(scene: Scene) -> None:
    unit, message = invited(scene)
    status = scene.status(message, DeliveryStatus.DELIVERED)
    receive(scene, replace(status, recipient_user_id=USER))
    receive(scene, scene.say(None, Text("yes"), sender=Sender(None, USER)))
    assert scene.answers() == [("sangeet", "yes", 1, None)]
    assert scene.value("SELECT count(*) FROM contact_points") == 1, "no second contact point of one guest"
    assert unit.ref == "U1"


def test_a_guest_without_a_number_is_known_by_the_message_that_they_answer(scene: Scene) -> None:
    _, message = invited(scene)
    hidden = Sender(None, USER)
    receive(scene, scene.say(None, tap(message, "yes"), sender=hidden, context="wamid.fake.1"))
    assert scene.answers() == [("sangeet", "yes", 1, None)]
    receive(scene, scene.say(None, Text("sorry, we cannot come"), sender=hidden, at=MINUTE))
    assert scene.answers() == [("sangeet", "no", None, None)]


def test_replies_go_to_a_guest_who_shows_no_number(scene: Scene) -> None:
    scene.ready("Asha")
    receive(scene, scene.say(None, Text("STOP"), sender=Sender(None, USER)))
    scene.deliver()
    (reply,) = scene.sender.sent
    assert (reply.to, reply.user_id) == (None, USER)


def test_a_number_that_is_seen_later_joins_the_user_id(scene: Scene) -> None:
    unit, _ = invited(scene)
    receive(scene, scene.say(None, Text("STOP"), sender=Sender(None, USER)))
    assert scene.send(repeats=True, dry_run=True).plan.reasons == {}, "nobody knows yet that it is Asha"
    said = scene.say(unit, Text("who is this?"), at=MINUTE)
    receive(scene, replace(said, sender=Sender(said.sender.phone, USER)))
    assert scene.send(repeats=True, dry_run=True).plan.reasons == {"opted_out": 1}
    owners = scene.rows(
        "SELECT DISTINCT c.kind FROM inbound_messages m JOIN contact_points c ON c.id = m.contact_point_id"
    )
    assert owners == [{"kind": "phone"}], "what was said before is said by the same guest"


def test_an_open_question_goes_on_under_the_number(scene: Scene) -> None:
    scene.ready("Asha")
    scene.run(
        "INSERT INTO contact_points (wedding_id, kind, value) VALUES (:wedding, 'user_id', :user)",
        wedding=scene.wedding.id,
        user=USER,
    )
    scene.run(
        "INSERT INTO person_contacts (wedding_id, person_id, contact_point_id, position) "
        "SELECT c.wedding_id, p.id, c.id, 1 FROM contact_points c, people p WHERE c.kind = 'user_id'"
    )
    receive(scene, scene.say(None, Text("yes we are coming"), sender=Sender(None, USER)))
    assert scene.answers() == [("sangeet", "yes", None, None)]
    receive(scene, scene.say(None, Text("2"), sender=Sender("+14155550100", USER), at=MINUTE))
    assert scene.answers() == [("sangeet", "yes", 2, None)]
    mine = scene.rows(
        "SELECT c.value FROM person_contacts p JOIN contact_points c ON c.id = p.contact_point_id"
    )
    assert "+14155550100" in {row["value"] for row in mine}, "it is a phone of the guest from now on"


def test_a_preference_by_user_id_holds_for_the_number(scene: Scene) -> None:
    _, message = invited(scene)
    receive(scene, replace(scene.status(message, DeliveryStatus.READ), recipient_user_id=USER))
    receive(scene, PreferenceUpdate("p1", NUMBER, Sender(None, USER), True, datetime.now(UTC)))
    assert scene.value("SELECT consent FROM contact_points") == "opted_out"


# ── changes ────────────────────────────────────────────────────────────────────────────────────────────


def moved(scene: Scene, **more: Any) -> MovedUpdate:
    known = {"phone_before": phone_of(scene), "phone": "+919812399999", **more}
    return MovedUpdate("m:wamid.moved", NUMBER, datetime.now(UTC), **known)


def test_a_guest_who_changes_their_number_is_written_to_there(scene: Scene) -> None:
    unit, _ = invited(scene)
    receive(scene, moved(scene))
    scene.send(repeats=True)
    scene.deliver()
    assert scene.sender.sent[-1].to == "+919812399999"
    receive(scene, scene.say(None, Text("yes"), sender=Sender("+919812399999")))
    assert scene.answers() == [("sangeet", "yes", 1, None)]
    before = scene.table_sizes()
    receive(scene, replace(moved(scene), key="m:wamid.again", phone_before="+919812399999"))
    assert scene.table_sizes()["person_contacts"] == before["person_contacts"], (
        "following twice changes nothing"
    )
    assert unit.primary_id is not None


def test_a_stop_goes_along_to_the_new_number(scene: Scene) -> None:
    unit, _ = invited(scene)
    receive(scene, scene.say(unit, Text("STOP")))
    receive(scene, moved(scene))
    assert scene.send(repeats=True, dry_run=True).plan.reasons == {"opted_out": 1}
    assert scene.rows("SELECT DISTINCT consent FROM contact_points") == [{"consent": "opted_out"}]


def test_a_user_id_that_is_made_anew_is_followed(scene: Scene) -> None:
    _, message = invited(scene)
    receive(scene, replace(scene.status(message, DeliveryStatus.READ), recipient_user_id=USER))
    now = datetime.now(UTC)
    receive(scene, MovedUpdate("m:1", NUMBER, now, user_id_before=USER, user_id="IN.2000"))
    receive(scene, scene.say(None, Text("yes"), sender=Sender(None, "IN.2000")))
    assert scene.answers() == [("sangeet", "yes", 1, None)]


def test_a_change_of_somebody_unknown_waits(scene: Scene) -> None:
    scene.ready("Asha")
    receive(scene, moved(scene, phone_before="+14155550100"))
    assert scene.rows("SELECT state, why FROM webhook_updates") == [
        {"state": "parked", "why": "nobody in any wedding has this number or user id"}
    ]


# ── numbers that WhatsApp writes otherwise ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("listed", "shown"),
    [
        ("+5511987654321", "+551187654321"),
        ("+525512345678", "+5215512345678"),
        ("+541123456789", "+5491123456789"),
    ],
)
def test_the_other_form_of_a_number_finds_its_person(scene: Scene, listed: str, shown: str) -> None:
    scene.event()
    scene.household("Asha", listed, seats=1)
    scene.invite("sangeet")
    receive(scene, scene.say(None, Text("yes"), sender=Sender(shown)))
    assert scene.answers() == [("sangeet", "yes", 1, None)]
    assert scene.value("SELECT count(*) FROM contact_points") == 1


def test_a_number_that_is_listed_itself_is_not_taken_for_the_other_form(scene: Scene) -> None:
    scene.event()
    scene.household("Asha", "+5491123456789", seats=1)
    other = scene.household("Ravi", "+541123456789", seats=1)
    scene.invite("sangeet")
    receive(scene, scene.say(other, Text("yes")))
    answered = scene.rows("SELECT u.number FROM rsvp_responses r JOIN guest_units u ON u.id = r.unit_id")
    assert answered == [{"number": other.number}]
