"""What guests say, from the message to the answers, the reply, the consent and the inbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from parinaya_cli.domain import taps
from parinaya_cli.domain.messages import OtherContent, OutboundMessage, Sender, Tap, Text
from parinaya_cli.domain.taps import TapMeaning
from parinaya_cli.services import conversation, inbox, units
from parinaya_cli.store.units import Unit
from tests.services.wedding_kit import EARS, SECRET, SETUP, Scene, tap

MINUTE = timedelta(minutes=1)


def invited(scene: Scene, *names: str, seats: int = 4) -> tuple[list[Unit], list[OutboundMessage]]:
    """Households that were sent an invitation to the sangeet."""
    found = scene.ready(*names, seats=seats)
    scene.send()
    scene.deliver()
    return found, scene.sender.sent


def test_a_tap_is_an_answer_and_the_head_count_is_asked_for(scene: Scene) -> None:
    (unit,), (message,) = invited(scene, "Asha")
    assert scene.hear(scene.say(unit, tap(message, "yes"))) == ""
    assert scene.answers() == [("sangeet", "yes", None, None)]
    assert scene.counts()["sangeet"]["yes"] == 1
    assert len(scene.replies()) == 1
    scene.hear(scene.say(unit, Text("3"), at=MINUTE))
    assert scene.answers() == [("sangeet", "yes", 3, None)]
    assert scene.counts()["sangeet"]["heads"] == 3
    assert len(scene.replies()) == 2
    scene.deliver()
    assert len(scene.sender.sent) == 3, "the replies left"


def test_words_are_an_answer(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    scene.hear(scene.say(unit, Text("yes, 2 of us will come")))
    assert scene.answers() == [("sangeet", "yes", 2, None)]


def test_a_guest_may_think_again(scene: Scene) -> None:
    (unit,), (message,) = invited(scene, "Asha")
    for minutes, answer in enumerate(("yes", "no", "maybe", "no", "yes")):
        scene.hear(scene.say(unit, tap(message, answer), at=minutes * MINUTE))
        assert scene.answers()[0][1] == answer
    assert scene.value("SELECT count(*) FROM rsvp_responses") == 5, "nothing is overwritten"


def test_more_heads_than_seats_go_to_the_family(scene: Scene) -> None:
    (unit,), (message,) = invited(scene, "Asha", seats=2)
    scene.hear(scene.say(unit, tap(message, "yes")))
    scene.hear(scene.say(unit, Text("5"), at=MINUTE))
    assert scene.answers() == [("sangeet", "yes", None, 5)]
    assert scene.counts()["sangeet"]["heads"] == 0
    assert len(scene.inbox()) == 1


def test_the_same_message_twice_counts_once(scene: Scene) -> None:
    (unit,), (message,) = invited(scene, "Asha")
    said = scene.say(unit, tap(message, "yes"))
    for _ in range(3):
        scene.hear(said)
    assert scene.value("SELECT count(*) FROM rsvp_responses") == 1
    assert len(scene.replies()) == 1


def test_an_older_answer_that_comes_late_never_wins(scene: Scene) -> None:
    (unit,), (message,) = invited(scene, "Asha")
    scene.hear(scene.say(unit, tap(message, "no"), at=5 * MINUTE))
    scene.hear(scene.say(unit, tap(message, "yes"), at=MINUTE))
    assert scene.answers()[0][1] == "no"
    assert len(scene.replies()) == 1, "what comes late is not replied to"


def test_an_older_no_does_not_undo_a_yes_that_was_said_again(scene: Scene) -> None:
    (unit,), (message,) = invited(scene, "Asha")
    for minutes, answer in ((1, "yes"), (9, "yes"), (5, "no")):
        scene.hear(scene.say(unit, tap(message, answer), at=minutes * MINUTE))
    assert scene.answers()[0][1] == "yes"


def test_an_older_message_does_not_take_back_the_open_question(scene: Scene) -> None:
    (unit,), (message,) = invited(scene, "Asha")
    scene.hear(scene.say(unit, tap(message, "yes"), at=5 * MINUTE))
    scene.hear(scene.say(unit, tap(message, "maybe"), at=MINUTE))
    scene.hear(scene.say(unit, Text("3"), at=6 * MINUTE))
    assert scene.answers() == [("sangeet", "yes", 3, None)]


def test_stop_and_start(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    scene.hear(scene.say(unit, Text("STOP")))
    assert scene.value("SELECT consent FROM contact_points") == "opted_out"
    assert len(scene.replies()) == 1
    scene.hear(scene.say(unit, Text("stop"), at=MINUTE))
    assert len(scene.replies()) == 1, "it is confirmed once"
    scene.deliver()
    assert len(scene.sender.sent) == 2, "the confirmation leaves all the same"
    assert scene.send(repeats=True).plan.reasons == {"opted_out": 1}
    scene.hear(scene.say(unit, Text("START"), at=2 * MINUTE))
    assert scene.value("SELECT consent FROM contact_points") == "opted_in"
    assert len(scene.send(repeats=True).plan.dispatches) == 1


def test_an_older_start_that_comes_late_lifts_no_stop(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    scene.hear(scene.say(unit, Text("STOP"), at=5 * MINUTE))
    scene.hear(scene.say(unit, Text("START"), at=MINUTE))
    assert scene.value("SELECT consent FROM contact_points") == "opted_out"


def test_a_queued_reply_does_not_leave_after_a_stop(scene: Scene) -> None:
    (unit,), (message,) = invited(scene, "Asha")
    scene.hear(scene.say(unit, tap(message, "yes")))
    scene.hear(scene.say(unit, Text("STOP"), at=MINUTE))
    scene.deliver()
    states = scene.rows("SELECT state, reason FROM invite_dispatch WHERE kind = 'reply' ORDER BY created_at")
    assert states == [{"state": "skipped", "reason": "opted_out"}, {"state": "accepted", "reason": ""}]


def test_a_stranger_is_never_answered(scene: Scene) -> None:
    invited(scene, "Asha")
    for words in ("Hello, who is this?", "yes", "3", "please stop at the hotel first"):
        scene.hear(scene.say(None, Text(words), sender=Sender("+14155550100")))
    assert len(scene.inbox()) == 4
    assert scene.replies() == []
    assert scene.answers() == []


def test_a_stranger_may_say_stop(scene: Scene) -> None:
    invited(scene, "Asha")
    scene.hear(scene.say(None, Text("STOP"), sender=Sender("+14155550100")))
    assert scene.value("SELECT consent FROM contact_points WHERE value = '+14155550100'") == "opted_out"


def shared(scene: Scene) -> tuple[list[Unit], list[OutboundMessage]]:
    """Two households that share one phone, each with its own invitation."""
    scene.event()
    found = [scene.household(name, "+919812345678", seats=2) for name in ("Asha", "Ravi")]
    scene.invite("sangeet")
    scene.template()
    scene.send()
    scene.deliver()
    scene.deliver(after=MINUTE)  # a phone gets its messages one after the other
    return found, scene.sender.sent


def test_a_phone_of_two_households_is_not_guessed(scene: Scene) -> None:
    (first, _), _ = shared(scene)
    scene.hear(scene.say(first, Text("yes, both of us")))
    assert scene.answers() == []
    assert scene.inbox() == ["wrote from a number that belongs to several guest units"]
    assert scene.replies() == []


def test_a_button_or_an_answered_message_tells_the_household(scene: Scene) -> None:
    (first, second), messages = shared(scene)
    scene.hear(scene.say(first, tap(messages[0], "no")))
    scene.hear(scene.say(second, Text("yes we will come"), at=MINUTE, context="wamid.fake.2"))
    answered = scene.rows(
        "SELECT u.number, r.status FROM rsvp_responses r JOIN guest_units u ON u.id = r.unit_id ORDER BY u.number"
    )
    assert answered == [{"number": 1, "status": "no"}, {"number": 2, "status": "yes"}]


def test_a_button_without_context_answers_for_its_own_events(scene: Scene) -> None:
    scene.event("sangeet")
    scene.event("pheras", days=61)
    unit = scene.household("Asha", seats=1)
    scene.invite("sangeet", "pheras")
    scene.template()
    scene.send(events=["pheras"])
    scene.deliver()
    scene.hear(scene.say(unit, tap(scene.sender.sent[0], "yes"), context=None))
    assert scene.answers() == [("pheras", "yes", 1, None)]


def test_a_forged_button_counts_no_more_than_its_words(scene: Scene) -> None:
    (unit, other), _ = invited(scene, "Asha", "Ravi")
    forged = taps.write(b"another secret", scene.wedding.id, TapMeaning("yes", other.number, (1,)))
    scene.hear(scene.say(unit, Tap(forged, "Sorry, cannot come")))
    answered = scene.rows(
        "SELECT u.number, r.status FROM rsvp_responses r JOIN guest_units u ON u.id = r.unit_id"
    )
    assert answered == [{"number": unit.number, "status": "no"}]


def test_a_forwarded_button_answers_for_nobody(scene: Scene) -> None:
    (unit, _), (_, theirs) = invited(scene, "Asha", "Ravi")
    scene.hear(scene.say(unit, tap(theirs, "yes")))
    assert scene.answers() == []
    assert scene.inbox() == ["taps a button of another household's invitation"]


def test_a_forwarded_stop_button_stops_for_who_taps_it(scene: Scene) -> None:
    (unit, other), _ = invited(scene, "Asha", "Ravi")
    payload = taps.write(SECRET, scene.wedding.id, TapMeaning("stop", other.number, (1,)))
    scene.hear(scene.say(unit, Tap(payload, "Stop")))
    consents = scene.rows("SELECT consent FROM contact_points ORDER BY value")
    assert consents == [{"consent": "opted_out"}, {"consent": "none"}]


def test_somebody_who_shows_only_a_user_id(scene: Scene) -> None:
    (_,), (message,) = invited(scene, "Asha")
    hidden = Sender(None, "IN.1234567890", "Asha")
    scene.hear(scene.say(None, tap(message, "yes"), sender=hidden))
    assert scene.answers() == [], "nobody knows yet that the id is Asha's"
    assert len(scene.inbox()) == 1
    assert scene.value("SELECT count(*) FROM contact_points WHERE kind = 'user_id'") == 1


def test_a_stop_counts_for_number_and_user_id_alike(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    scene.run(
        "INSERT INTO contact_points (id, wedding_id, kind, value) "
        "VALUES ('00000000-0000-7000-8000-000000000001', :wedding, 'user_id', 'IN.42')",
        wedding=scene.wedding.id,
    )
    said = scene.say(unit, Text("STOP"))
    scene.hear(replace(said, sender=Sender(said.sender.phone, "IN.42")))
    assert scene.rows("SELECT DISTINCT consent FROM contact_points") == [{"consent": "opted_out"}]


def test_pictures_and_voice_go_to_a_human_with_one_courtesy(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    for minutes in range(3):
        scene.hear(scene.say(unit, OtherContent("audio"), at=minutes * MINUTE))
    assert len(scene.inbox()) == 3
    assert len(scene.replies()) == 1


def test_the_courtesy_comes_again_once_the_family_has_written(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    scene.hear(scene.say(unit, OtherContent("audio")))
    with scene.begin() as tx:
        inbox.reply(tx, "N1", "Namaste Asha ji, what did you ask?", SETUP)
    scene.hear(scene.say(unit, OtherContent("audio"), at=MINUTE))
    assert len(scene.replies()) == 3


def test_a_reply_by_hand_goes_through_the_gate_once(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    scene.hear(scene.say(unit, OtherContent("audio")))
    with scene.begin() as tx:
        assert inbox.reply(tx, "N1", "Yes, children are welcome.", SETUP).state == "closed"
    with scene.begin() as tx:
        inbox.reply(tx, "N1", "Yes, children are welcome.", SETUP)
    assert scene.replies().count("Yes, children are welcome.") == 1


def test_a_guest_of_two_weddings_answers_the_one_that_wrote(scene: Scene) -> None:
    first = scene.wedding
    scene.ready()
    unit = scene.household("Asha", "+919812345678", seats=1)
    scene.invite("sangeet")
    scene.send()
    scene.wedding = scene.another("second-wedding")
    scene.ready()
    scene.household("Asha", "+919812345678", seats=1)
    scene.deliver()
    scene.hear(scene.say(unit, Text("yes")))
    answered = scene.rows("SELECT wedding_id, status FROM rsvp_responses")
    assert answered == [{"wedding_id": first.id, "status": "yes"}]


def test_an_unknown_number_of_several_weddings_can_not_be_placed(scene: Scene) -> None:
    scene.another("second-wedding")
    assert "several weddings" in scene.hear(scene.say(None, Text("hello"), sender=Sender("+14155550100")))
    assert scene.value("SELECT count(*) FROM inbound_messages") == 0


def test_another_phone_number_is_another_installation(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    said = replace(scene.say(unit, Text("yes")), phone_number_id="999")
    with scene.system() as tx:
        assert conversation.hear(tx, said, EARS) != ""


def test_the_reply_is_in_the_language_of_the_guest(scene: Scene) -> None:
    scene.ready()
    unit = scene.household("Asha", seats=1, language="hi")
    scene.invite("sangeet")
    scene.hear(scene.say(unit, Text("हाँ")))
    assert scene.answers() == [("sangeet", "yes", 1, None)]
    assert any("ऀ" <= letter <= "ॿ" for letter in scene.replies()[0])


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_event_that_is_over_is_not_answered(scene: Scene, answer: str) -> None:
    (unit,), (message,) = invited(scene, "Asha")
    scene.run("UPDATE events SET starts_at = now() - interval '1 day'")
    scene.hear(scene.say(unit, tap(message, answer)))
    assert scene.answers() == []
    assert len(scene.inbox()) == 1


def test_who_left_the_household_speaks_for_it_no_more(scene: Scene) -> None:
    (unit,), (message,) = invited(scene, "Asha")
    scene.person("Ravi", "+919812345678")
    said = scene.say(unit, tap(message, "yes"))
    with scene.begin() as tx:
        units.edit(tx, unit.ref, units.UnitChanges(add=["P2"], remove=["P1"]))
    scene.hear(said)
    assert scene.answers() == []


def test_what_is_read_back_counts_once_it_is_confirmed(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    scene.hear(scene.say(unit, Text("yes, 3 people")))
    scene.hear(scene.say(unit, Text("no"), at=MINUTE))
    assert scene.answers() == [("sangeet", "yes", 3, None)]
    content = scene.rows("SELECT content FROM invite_dispatch WHERE kind = 'reply' ORDER BY created_at")[1]
    right = Tap(content["content"]["buttons"][0]["id"], "Yes, that's right")
    confirmed = scene.say(unit, right, at=2 * MINUTE)
    for _ in range(2):
        scene.hear(confirmed)
    assert scene.answers() == [("sangeet", "no", None, None)]
    scene.hear(scene.say(unit, right, at=3 * MINUTE))
    assert scene.inbox() == ["taps a button of an older question"]


def test_nothing_is_written_back_once_the_window_has_closed(scene: Scene) -> None:
    (unit,), _ = invited(scene, "Asha")
    scene.hear(scene.say(unit, Text("yes, 3 people"), at=timedelta(hours=-25)))
    assert scene.answers() == [("sangeet", "yes", 3, None)]
    assert scene.replies() == []
    scene.hear(scene.say(unit, Text("2 people")))
    assert len(scene.replies()) == 1


def test_a_question_is_answered_from_the_event(scene: Scene) -> None:
    scene.event(venue="Rambagh Lawns")
    unit = scene.household("Asha")
    scene.invite("sangeet")
    scene.hear(scene.say(unit, Text("venue kahan hai?")))
    assert scene.replies() == ["Sangeet: Rambagh Lawns"]
    assert scene.inbox() == []


def test_the_inbox_names_the_households_that_share_a_phone(scene: Scene) -> None:
    found, _ = shared(scene)
    scene.hear(scene.say(found[0], Text("yes")))
    with scene.begin() as tx:
        item, said = inbox.show(tx, "N1")
    assert (item.unit_number, list(item.households)) == (None, ["U1 Asha family", "U2 Ravi family"])
    assert "yes" in [one.text for one in said]
