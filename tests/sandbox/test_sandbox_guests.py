"""The simulated guests do what their script says; a script that can't be meant is refused with its entry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.sandbox.guests import load_script, read_script
from tests.sandbox.sandbox_kit import (
    GUEST,
    Receiver,
    StandIn,
    changed,
    free_buttons,
    free_list,
    free_text,
    invite,
    receiving,
    script,
    standing_in,
)

OTHER = "+919812345670"


@contextmanager
def playing(path: Path, guests: str, **options: Any) -> Iterator[tuple[StandIn, Receiver]]:
    """A stand-in with such guests, and the receiver it delivers to."""
    pace = options.pop("pace", "{read_after: [0, 0], answer_after: [0, 0]}")
    written = script(path / "guests.yaml", guests, pace=pace)
    with receiving() as receiver, standing_in(receiver, guests=written, **options) as desk:
        yield desk, receiver


def one(does: str, more: str = "") -> str:
    return f'  - {{household: "Sharma परिवार", phone: "{GUEST}", does: {does}{more}}}\n'


@pytest.mark.parametrize(
    ("word", "language", "payload", "label"),
    [
        ("yes", "en", "rsvp:yes", "Yes, we will come"),
        ("no", "en", "rsvp:no", "Sorry, cannot come"),
        ("maybe", "en", "Not sure yet", "Not sure yet"),
        ("yes", "hi", "rsvp:yes", "हाँ, हम आएँगे"),
        ("Sorry, cannot come", "en", "rsvp:no", "Sorry, cannot come"),
    ],
)
def test_a_tap_brings_the_payload_of_the_invitation(
    tmp_path: Path, word: str, language: str, payload: str, label: str
) -> None:
    with playing(tmp_path, one(f'[{{tap: "{word}"}}]')) as (desk, receiver):
        body = changed(invite(), "template.language.code", language)
        wamid = desk.post(body).json()["messages"][0]["id"]
        told = desk.idle()
        (message,) = receiver.messages()
        contacts = [c["value"]["contacts"] for c in receiver.changes() if "messages" in c["value"]]
    assert message["type"] == "button"
    assert message["button"] == {"payload": payload, "text": label}
    assert message["context"] == {"from": "919800000000", "id": wamid}
    assert message["from"] == "919812345678"
    assert contacts[0][0]["profile"]["name"] == "Sharma परिवार"
    assert told["guests"]["said"] == {"button": 1}
    assert told["guests"]["begun"] == 1


def test_a_tap_on_a_button_that_is_not_there_is_told_and_not_played(tmp_path: Path) -> None:
    with playing(tmp_path, one('[{tap: "stop"}, {say: "STOP"}]')) as (desk, receiver):
        desk.post(invite())
        told = desk.idle()
        assert [m["type"] for m in receiver.messages()] == ["text"]
        assert told["guests"]["impossible"] == ["Sharma परिवार: nothing to tap that means 'stop'"]


def test_actions_come_in_their_order_with_later_timestamps(tmp_path: Path) -> None:
    does = '[{tap: "no"}, {wait: 0.05}, {say: "sorry, 2 log"}, {voice: true}, {image: "us"}, {react: "🙏"}]'
    with playing(tmp_path, one(does), duplicate=0.3) as (desk, receiver):
        desk.post(invite())
        desk.idle()
        messages = {m["id"]: m for m in receiver.messages()}
    kinds = [m["type"] for m in messages.values()]
    assert kinds == ["button", "text", "audio", "image", "reaction"]
    times = [int(m["timestamp"]) for m in messages.values()]
    assert times == sorted(set(times))
    _, text, audio, image, reaction = messages.values()
    assert text["text"] == {"body": "sorry, 2 log"}
    assert "context" not in text
    assert audio["audio"]["voice"] is True
    assert image["image"]["caption"] == "us"
    assert reaction["reaction"]["emoji"] == "🙏"


def test_the_order_of_one_guest_holds_under_shuffle(tmp_path: Path) -> None:
    does = "[" + ", ".join(f'{{say: "{n}"}}' for n in range(12)) + "]"
    with playing(tmp_path, one(does), shuffle=True, delay=(0.0, 0.1)) as (desk, receiver):
        desk.post(invite())
        desk.idle()
        assert [m["text"]["body"] for m in receiver.messages()] == [str(n) for n in range(12)]


def test_a_guests_medium_can_be_fetched(tmp_path: Path) -> None:
    with playing(tmp_path, one("[{voice: true}]")) as (desk, receiver):
        desk.post(invite())
        desk.idle()
        (message,) = receiver.messages()
        told = desk.client.get(f"/v25.0/{message['audio']['id']}").json()
        data = desk.client.get(told["url"]).content
        assert data.startswith(b"OggS")
        assert told["sha256"] == message["audio"]["sha256"]


def test_the_extras_of_an_action(tmp_path: Path) -> None:
    does = f'[{{tap: "yes", without_context: true, repeat: 3}}, {{say: "2", from: "{OTHER}"}}]'
    with playing(tmp_path, one(does)) as (desk, receiver):
        desk.post(invite())
        desk.idle()
        messages = receiver.messages()
    taps = [m for m in messages if m["type"] == "button"]
    assert len(taps) == 3
    assert len({m["id"] for m in taps}) == 1
    assert "context" not in taps[0]
    (text,) = [m for m in messages if m["type"] == "text"]
    assert text["from"] == OTHER[1:]


def test_only_questions_are_answered_each_with_the_next_reply(tmp_path: Path) -> None:
    more = ', replies: ["4", {tap: "yes"}, {tap: "3"}]'
    with playing(tmp_path, one("[]", more)) as (desk, receiver):
        desk.say(phone=GUEST, text="hi")
        rows = free_list("Which?", ["1", "2", "3"])
        messages = [
            free_text("Thank you."),
            free_text("How many?"),
            free_buttons("Sure?", ["Yes", "No"]),
            rows,
        ]
        for body in [*messages, free_text("And?")]:
            assert desk.post(body).status_code == 200
            desk.idle()
        said = [m.get("interactive") or m["text"] for m in receiver.messages()[1:]]
        left = desk.figures()["guests"]["replies_left"]
    assert said == [
        {"body": "4"},
        {"type": "button_reply", "button_reply": {"id": "b0", "title": "Yes"}},
        {"type": "list_reply", "list_reply": {"id": "r2", "title": "3", "description": "d"}},
    ]
    assert left == 0


def test_the_script_is_played_once_on_the_first_template(tmp_path: Path) -> None:
    with playing(tmp_path, one('[{say: "yes"}]')) as (desk, receiver):
        for _ in range(3):
            desk.post(invite())
            desk.idle()
        assert len(receiver.messages()) == 1


def test_a_guest_who_does_not_read_still_answers(tmp_path: Path) -> None:
    with playing(tmp_path, one('[{say: "yes"}]', ", reads: false")) as (desk, receiver):
        desk.post(invite())
        desk.idle()
        assert {s["status"] for s in receiver.statuses()} == {"sent", "delivered"}
        assert len(receiver.messages()) == 1


@pytest.mark.parametrize(("code", "statuses"), [(131026, ["sent", "failed"]), (130472, ["failed"])])
def test_a_guest_who_fails(tmp_path: Path, code: int, statuses: list[str]) -> None:
    guest = f'  - {{household: "Old phone", phone: "{GUEST}", fails: {code}}}\n'
    with playing(tmp_path, guest) as (desk, receiver):
        desk.post(invite())
        desk.idle()
        told = receiver.statuses()
    assert [s["status"] for s in told] == statuses
    assert told[-1]["errors"][0]["code"] == code


def test_whatsapps_own_switch_stops_marketing(tmp_path: Path) -> None:
    with playing(tmp_path, one("[{preference: stop}]")) as (desk, receiver):
        desk.post(invite())
        desk.idle()
        (change,) = [c for c in receiver.changes() if c["field"] == "user_preferences"]
        (told,) = change["value"]["user_preferences"]
        assert (told["value"], told["category"]) == ("stop", "marketing_messages")
        assert isinstance(told["timestamp"], int)
        desk.post(invite())
        desk.idle()
        assert receiver.statuses()[-1]["errors"][0]["code"] == 131050
        desk.say(phone=GUEST, preference="resume")
        desk.post(invite())
        desk.idle()
        assert receiver.statuses()[-1]["status"] == "read"


def test_on_a_shared_phone_only_the_own_invitation_sets_the_guest_going(tmp_path: Path) -> None:
    guests = (
        f'  - {{household: "Dubey (son)", phone: "{GUEST}", names: ["Shri Vivek Dubey"],'
        ' does: [{tap: "yes"}]}\n'
        f'  - {{household: "Dubey (father)", phone: "{GUEST}", names: ["Shri Ram Dubey"],'
        ' shares_phone_with: "Dubey (son)"}\n'
    )
    with playing(tmp_path, guests) as (desk, receiver):
        desk.post(invite(name="Ram Dubey ji"))
        desk.idle()
        assert not receiver.messages()
        own = desk.post(invite(name="Vivek Dubey ji")).json()["messages"][0]["id"]
        desk.idle()
        (tap,) = receiver.messages()
        assert tap["context"]["id"] == own


def test_an_operator_can_make_a_guest_act_now(tmp_path: Path) -> None:
    with playing(tmp_path, "  []\n") as (desk, receiver):
        wamid = desk.post(invite()).json()["messages"][0]["id"]
        desk.idle()
        desk.say(phone=GUEST, payload="rsvp:yes", label="Yes")
        told = desk.say(phone=OTHER, text="hello", hide_phone=True)
        desk.idle()
        messages = {m["type"]: m for m in receiver.messages()}
        contacts = [c for v in receiver.changes() for c in v["value"]["contacts"] if "messages" in v["value"]]
    assert messages["button"]["context"]["id"] == wamid
    assert messages["button"]["button"] == {"payload": "rsvp:yes", "text": "Yes"}
    assert "from" not in messages["text"]
    assert messages["text"]["from_user_id"] == told["user_id"]
    assert [c["user_id"] for c in contacts if "wa_id" not in c] == [told["user_id"]]


def test_what_an_operator_can_not_have_meant_is_refused() -> None:
    bodies: list[Any] = [
        [],
        {},
        {"phone": GUEST},
        {"phone": "98", "text": "x"},
        {"phone": GUEST, "txt": "x"},
        {"phone": GUEST, "text": "x", "payload": "y"},
        {"phone": GUEST, "preference": "off"},
    ]
    with standing_in() as desk:
        for body in bodies:
            answer = desk.client.post("/_sandbox/say", json=body)
            assert answer.status_code == 400, body
            assert answer.json()["error"]["message"]
        assert desk.client.post("/_sandbox/say", content=b"{").status_code == 400
        assert desk.figures()["guests"]["said"] == {}


def test_the_shipped_script_can_be_played() -> None:
    path = Path(__file__).parents[2] / "examples" / "guests.yaml"
    played = load_script(path)
    assert len(played.guests) > 300
    assert {a.what for g in played.guests.values() for a in g.does} >= {"tap", "say", "wait", "voice"}


HEAD = "version: 1\nguests:\n"
ENTRY = f'  - household: "Sharma"\n    phone: "{GUEST}"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("guests: [\n", "can't be read"),
        ("[]", "the script must be a mapping"),
        ("guests: []\n", "version must be 1"),
        ("version: 1\nversion: 1\nguests: []\n", "'version' stands there twice"),
        ("version: 1\nguest: []\n", "there is no 'guest'"),
        ("version: 1\nguests: {}\n", "guests must be a list"),
        ("version: 1\nseed: x\nguests: []\n", "seed: 'x'"),
        ("version: 1\npace: {read_after: [2, 1]}\nguests: []\n", "pace: read_after"),
        ("version: 1\npace: {read_after: 2}\nguests: []\n", "two times"),
        (HEAD + "  - 5\n", "guest 1 must be a mapping"),
        (HEAD + f'  - {{phone: "{GUEST}"}}\n', "guest 1: household is missing"),
        (HEAD + '  - {household: "Sharma"}\n', "guest 1 (Sharma): phone is missing"),
        (HEAD + '  - {household: "Sharma", phone: "98123"}\n', "guest 1 (Sharma): phone: '98123'"),
        (HEAD + ENTRY + ENTRY, "guest 2 (Sharma): +919812345678 is already the phone of Sharma"),
        (HEAD + ENTRY + '    shares_phone_with: "Verma"\n', "names no earlier household"),
        (HEAD + ENTRY + "    reads: perhaps\n", "reads: 'perhaps'"),
        (HEAD + ENTRY + "    reply: []\n", "there is no 'reply'"),
        (HEAD + ENTRY + "    does: {tap: yes}\n", "does must be a list"),
        (HEAD + ENTRY + "    does: [{tap: yes, say: no}]\n", "does 1 must name one of"),
        (HEAD + ENTRY + "    does: [{tapp: yes}]\n", "does 1: there is no 'tapp'"),
        (HEAD + ENTRY + "    does: [{say: ''}]\n", "does 1: say needs a text"),
        (HEAD + ENTRY + "    does: [{say: a}, {wait: soon}]\n", "does 2: wait: 'soon' is no number"),
        (HEAD + ENTRY + "    does: [{wait: nan}]\n", "is no time"),
        (HEAD + ENTRY + "    does: [{wait: 1, repeat: 2}]\n", "wait takes no repeat"),
        (HEAD + ENTRY + "    does: [{say: a, repeat: 0}]\n", "repeat: '0'"),
        (HEAD + ENTRY + "    does: [{say: a, from: 98}]\n", "from: '98'"),
        (HEAD + ENTRY + "    does: [{say: a, without_context: true}]\n", "only a tap has a context"),
        (HEAD + ENTRY + "    does: [{voice: no}]\n", "voice is true"),
        (HEAD + ENTRY + "    does: [{preference: off}]\n", "stop or resume"),
        (HEAD + ENTRY + "    fails: often\n", "fails: 'often'"),
        (HEAD + ENTRY + "    fails: 131026\n    replies: [a]\n", "nothing arrives when it fails"),
        (HEAD + ENTRY + "    replies: [{tap: yes}, 5, [a]]\n", "replies 3 must be a mapping"),
        (HEAD + ENTRY + "    expect: {sangeet: yes}\n", "expect must be a mapping"),
        (HEAD + '  - {household: "Sharma", phone: null, does: [{say: a}]}\n', "without a phone"),
    ],
)  # fmt: skip
def test_a_script_that_can_not_be_meant_is_refused_with_its_entry(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "guests.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(UsedWrongly) as caught:
        load_script(path)
    assert told in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_yaml_words_and_numbers_mean_what_they_look_like(tmp_path: Path) -> None:
    path = tmp_path / "guests.yaml"
    path.write_text(
        f"{HEAD}  - {{household: A, phone: {GUEST}, reads: no, does: [{{tap: yes}}], replies: [4]}}\n"
    )
    guest = load_script(path).guests[GUEST]
    assert (guest.does[0].value, guest.replies[0].value, guest.reads) == ("yes", "4", False)


TREE = st.recursive(
    st.text(max_size=8) | st.sampled_from(["1", "true", GUEST, "yes"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["version", "guests", "household", "phone", "does", "tap", "wait", "pace", "expect", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(TREE, TREE)
def test_any_tree_is_a_script_or_a_value_error(guests: object, pace: object) -> None:
    try:
        played = read_script({"version": "1", "guests": [guests], "pace": pace})
    except ValueError as error:
        message = str(error)
    else:
        message = " ".join(g.household for g in played.guests.values())
        assert all(phone.startswith("+") for phone in played.guests)
    assert isinstance(message, str)
