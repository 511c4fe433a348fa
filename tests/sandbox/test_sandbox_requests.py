"""The stand-in refuses what Meta refuses, with Meta's codes, and takes what Meta takes."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.sandbox.checks import MarkRead, Send, read_request
from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.options import shipped_templates
from parinaya_cli.sandbox.templates import load_templates
from tests.sandbox.sandbox_kit import (
    GUEST,
    INVITE,
    MESSAGES,
    NUMBER,
    REMINDER,
    StandIn,
    changed,
    free_buttons,
    free_list,
    free_text,
    standing_in,
)

PARAMS = "template.components.0.parameters"
EXTRA: dict[str, Any] = {
    "name": "card_invite",
    "language": "en",
    "category": "MARKETING",
    "components": [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW"]}},
        {
            "type": "BODY",
            "text": "You are invited, {{1}}, to our wedding.",
            "example": {"body_text": [["A"]]},
        },
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "URL", "text": "Open", "url": "https://example.org/i/{{1}}", "example": ["x"]}
            ],
        },
    ],
}
CARD: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "to": GUEST,
    "type": "template",
    "template": {
        "name": "card_invite",
        "language": {"code": "en"},
        "components": [
            {
                "type": "header",
                "parameters": [{"type": "image", "image": {"link": "https://example.org/card.jpg"}}],
            },
            {"type": "body", "parameters": [{"type": "text", "text": "Asha"}]},
            {
                "type": "button",
                "sub_type": "url",
                "index": "0",
                "parameters": [{"type": "text", "text": "token"}],
            },
        ],
    },
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A stand-in whose guest has just written, so that free-form messages may go there."""
    templates = tmp_path_factory.mktemp("sandbox") / "templates.json"
    shipped = json.loads(shipped_templates().read_text("utf-8"))
    disabled = {**shipped["data"][4], "name": "dead_invite", "status": "DISABLED", "id": "1"}
    rejected = {**shipped["data"][4], "name": "bad_invite", "status": "REJECTED", "id": "2"}
    templates.write_text(json.dumps({"data": [*shipped["data"], disabled, rejected, EXTRA]}), "utf-8")
    with standing_in(templates=templates, messages_per_second=100_000) as running:
        running.say(phone=GUEST, text="hello")
        yield running


def refusal(desk: StandIn, body: dict[str, Any], path: str = MESSAGES) -> dict[str, Any]:
    answer = desk.client.post(path, json=body)
    assert answer.status_code >= 400, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["fbtrace_id"]
    assert error["type"] in ("OAuthException", "GraphMethodException")
    return error


TEXT = free_text("How many of you will come?")
BUTTONS = free_buttons("Will you come?", ["Yes", "No", "Maybe"])
LIST = free_list("How many?", [str(n) for n in range(10)])
LINK = "https://example.org/a"
BUTTON = "interactive.action.buttons"
ROWS = "interactive.action.sections.0.rows"

BAD: list[tuple[str, int, dict[str, Any]]] = [
    ("no product", 100, changed(TEXT, "messaging_product", ...)),
    ("another product", 100, changed(TEXT, "messaging_product", "sms")),
    ("unknown type", 100, changed(TEXT, "type", "poem")),
    ("a type that is not played", 131051, changed(TEXT, "type", "contacts")),
    ("no recipient", 100, changed(INVITE, "to", ...)),
    ("recipient is a number", 100, changed(INVITE, "to", 919812345678)),
    ("recipient without plus", 100, changed(INVITE, "to", "919812345678")),
    ("recipient too short", 131009, changed(INVITE, "to", "+9198")),
    ("recipient with letters", 131009, changed(INVITE, "to", "+91981234567x")),
    ("recipient is the sender", 131021, changed(INVITE, "to", "+919800000000")),
    ("user id unknown", 131009, {**changed(INVITE, "to", ...), "recipient": "IN.1"}),
    ("groups", 100, changed(INVITE, "recipient_type", "group")),
    ("token too long", 100, changed(INVITE, "biz_opaque_callback_data", "x" * 513)),
    ("token no text", 100, changed(INVITE, "biz_opaque_callback_data", 5)),
    ("context without id", 131008, {**TEXT, "context": {}}),
    ("template missing", 131008, changed(INVITE, "template", ...)),
    ("template unknown", 132001, changed(INVITE, "template.name", "sagai_invite")),
    ("language unknown", 132001, changed(INVITE, "template.language.code", "en_US")),
    ("language no object", 100, changed(INVITE, "template.language", "en")),
    ("language missing", 100, changed(INVITE, "template.language", ...)),
    ("paused", 132015, changed(REMINDER, "template.name", "old_invite")),
    ("disabled", 132016, changed(REMINDER, "template.name", "dead_invite")),
    ("rejected", 132001, changed(REMINDER, "template.name", "bad_invite")),
    ("too few values", 132000, changed(INVITE, f"{PARAMS}.3", ...)),
    ("too few numbered values", 132000, changed(REMINDER, f"{PARAMS}.1", ...)),
    ("no values", 132000, changed(REMINDER, "template.components", [])),
    ("no components", 132000, changed(REMINDER, "template.components", ...)),
    ("wrong name", 100, changed(INVITE, f"{PARAMS}.0.parameter_name", "guest")),
    ("no name", 100, changed(INVITE, f"{PARAMS}.0.parameter_name", ...)),
    ("name twice", 100, changed(INVITE, f"{PARAMS}.0.parameter_name", "couple")),
    ("name in a numbered template", 100, changed(REMINDER, f"{PARAMS}.0.parameter_name", "guest_name")),
    ("value without text", 131008, changed(INVITE, f"{PARAMS}.0.text", ...)),
    ("empty value", 131008, changed(INVITE, f"{PARAMS}.0.text", "")),
    ("blank value", 131008, changed(INVITE, f"{PARAMS}.0.text", "   ")),
    ("newline", 132018, changed(INVITE, f"{PARAMS}.0.text", "Ramesh\nSharma")),
    ("tab", 132018, changed(REMINDER, f"{PARAMS}.0.text", "Ramesh\tSharma")),
    ("five blanks", 132018, changed(INVITE, f"{PARAMS}.2.text", "Sangeet     Pheras")),
    ("filled text too long", 132005, changed(INVITE, f"{PARAMS}.2.text", "x" * 900)),
    ("value of another type", 132012, changed(INVITE, f"{PARAMS}.0.type", "image")),
    ("header that the template has not", 132000, {
        **REMINDER,
        "template": {
            **REMINDER["template"],
            "components": [
                *REMINDER["template"]["components"],
                {"type": "header", "parameters": [{"type": "text", "text": "x"}]},
            ],
        },
    }),
    ("body twice", 100, changed(INVITE, "template.components.1", INVITE["template"]["components"][0])),
    ("component of no kind", 100, changed(INVITE, "template.components.0.type", "footer")),
    ("payload as text", 132018, changed(INVITE, "template.components.1.parameters.0.type", "text")),
    ("payload missing", 131008, changed(INVITE, "template.components.1.parameters.0.payload", ...)),
    ("payload too long", 131009, changed(INVITE, "template.components.1.parameters.0.payload", "x" * 257)),
    ("two payloads", 132018, changed(INVITE, "template.components.1.parameters", [{"type": "payload"}] * 2)),
    ("index no text", 100, changed(INVITE, "template.components.1.index", 0)),
    ("index too high", 131009, changed(INVITE, "template.components.1.index", "3")),
    ("index twice", 100, changed(INVITE, "template.components.1.index", "1")),
    ("sub type unknown", 100, changed(INVITE, "template.components.1.sub_type", "phone_number")),
    ("sub type of another button", 132018, changed(INVITE, "template.components.1.sub_type", "url")),
    ("header missing", 132012, changed(CARD, "template.components.0", ...)),
    ("header of another format", 132012, changed(CARD, "template.components.0.parameters.0.type", "video")),
    ("header with unknown id", 100, changed(CARD, "template.components.0.parameters.0.image", {"id": "77"})),
    ("header with id and link", 100, changed(CARD, "template.components.0.parameters.0.image.id", "77")),
    ("url button not filled", 131008, changed(CARD, "template.components.2", ...)),
    ("url button with payload", 132018, changed(CARD, "template.components.2.parameters.0.type", "payload")),
    ("window closed", 131047, changed(TEXT, "to", "+919812345670")),
    ("window closed for buttons", 131047, changed(BUTTONS, "to", "+919812345670")),
    ("text missing", 131008, changed(TEXT, "text", ...)),
    ("text empty", 100, changed(TEXT, "text.body", "")),
    ("text too long", 100, changed(TEXT, "text.body", "x" * 4097)),
    ("text no text", 100, changed(TEXT, "text.body", {"a": 1})),
    ("four buttons", 131009, free_buttons("?", ["1", "2", "3", "4"])),
    ("no button", 131009, free_buttons("?", [])),
    ("button title too long", 131009, changed(BUTTONS, f"{BUTTON}.0.reply.title", "x" * 21)),
    ("button id too long", 131009, changed(BUTTONS, f"{BUTTON}.0.reply.id", "x" * 257)),
    ("button without id", 131008, changed(BUTTONS, f"{BUTTON}.0.reply.id", ...)),
    ("button id twice", 131009, changed(BUTTONS, f"{BUTTON}.0.reply.id", "b1")),
    ("button of another type", 100, changed(BUTTONS, f"{BUTTON}.0.type", "url")),
    ("buttons without body", 131008, changed(BUTTONS, "interactive.body", ...)),
    ("body too long for buttons", 131009, changed(BUTTONS, "interactive.body.text", "x" * 1025)),
    ("footer too long", 131009, changed(BUTTONS, "interactive.footer", {"text": "x" * 61})),
    ("interactive of no kind", 100, changed(BUTTONS, "interactive.type", "quiz")),
    ("interactive that is not played", 131051, changed(BUTTONS, "interactive.type", "flow")),
    ("eleven rows", 131009, free_list("?", [str(n) for n in range(11)])),
    ("no row", 131009, free_list("?", [])),
    ("row title too long", 131009, changed(LIST, f"{ROWS}.0.title", "x" * 25)),
    ("row description too long", 131009, changed(LIST, f"{ROWS}.0.description", "x" * 73)),
    ("row id too long", 131009, changed(LIST, f"{ROWS}.0.id", "x" * 201)),
    ("list label too long", 131009, changed(LIST, "interactive.action.button", "x" * 21)),
    ("image with unknown id", 100, {**TEXT, "type": "image", "image": {"id": "77"}}),
    ("image without all", 100, {**TEXT, "type": "image", "image": {"caption": "x"}}),
    ("caption too long", 100, {**TEXT, "type": "image", "image": {"link": LINK, "caption": "x" * 1025}}),
    ("document with a broken link", 100, {**TEXT, "type": "document", "document": {"link": "card.pdf"}}),
    ("audio with a caption", 100, {**TEXT, "type": "audio", "audio": {"link": LINK, "caption": "x"}}),
    ("reaction to nothing", 131008, {**TEXT, "type": "reaction", "reaction": {"emoji": "🙏"}}),
    ("location without place", 131008, {**TEXT, "type": "location", "location": {"latitude": 1}}),
    ("read receipt for an unknown message", 131009, {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.x",
    }),
    ("another status", 100, {"messaging_product": "whatsapp", "status": "seen", "message_id": "wamid.x"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "body"), [(c, b) for _, c, b in BAD], ids=[name for name, _, _ in BAD])
def test_bad_requests_are_refused_with_the_code_of_meta(
    desk: StandIn, code: int, body: dict[str, Any]
) -> None:
    before = desk.figures()["accepted"]
    error = refusal(desk, body)
    assert error["code"] == code
    assert error["message"].startswith(f"(#{code})")
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert error["error_data"]["details"]
    assert desk.figures()["accepted"] == before


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("named values", INVITE),
    (
        "named values in another order",
        changed(INVITE, PARAMS, INVITE["template"]["components"][0]["parameters"][::-1]),
    ),
    ("hindi", changed(INVITE, "template.language.code", "hi")),
    ("numbered values", REMINDER),
    ("four blanks", changed(INVITE, f"{PARAMS}.2.text", "Sangeet    Pheras")),
    ("image header and url button", CARD),
    ("number with signs", changed(INVITE, "to", "+91 (98123) 456-78")),
    ("token of 512", changed(INVITE, "biz_opaque_callback_data", "x" * 512)),
    ("text of 4096", changed(TEXT, "text.body", "x" * 4096)),
    ("a reply", {**TEXT, "context": {"message_id": "wamid.x"}}),
    ("three buttons", BUTTONS),
    ("ten rows", LIST),
    (
        "image by link",
        {**TEXT, "type": "image", "image": {"link": "https://example.org/a.jpg", "caption": "x"}},
    ),
    ("reaction", {**TEXT, "type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": ""}}),
    ("location", {**TEXT, "type": "location", "location": {"latitude": "26.9", "longitude": 75.8}}),
]


@pytest.mark.parametrize("body", [b for _, b in GOOD], ids=[name for name, _ in GOOD])
def test_right_requests_are_accepted_with_the_shape_of_meta(desk: StandIn, body: dict[str, Any]) -> None:
    answer = desk.post(body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["messaging_product"] == "whatsapp"
    assert told["contacts"] == [{"input": body["to"], "wa_id": "919812345678"}]
    (message,) = told["messages"]
    assert message.get("message_status") == ("accepted" if body["type"] == "template" else None)
    assert message["id"].startswith("wamid.")
    assert b"919812345678" in base64.b64decode(message["id"].removeprefix("wamid."))


def test_before_v23_a_newline_is_an_invalid_parameter(desk: StandIn) -> None:
    body = changed(INVITE, f"{PARAMS}.0.text", "Ramesh\nSharma")
    assert refusal(desk, body, f"/v22.0/{NUMBER}/messages")["code"] == 100


def test_a_guest_is_reachable_by_user_id_once_known(desk: StandIn) -> None:
    person = desk.say(phone=GUEST, text="hi")["user_id"]
    body = {**changed(TEXT, "to", ...), "recipient": person}
    told = desk.post(body).json()
    assert told["contacts"] == [{"input": person, "user_id": person}]


def test_a_message_of_the_guest_can_be_marked_read_with_typing(desk: StandIn) -> None:
    wamid = desk.say(phone=GUEST, text="hi")["wamid"]
    receipt = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    assert desk.post(receipt).json() == {"success": True}
    assert desk.post({**receipt, "typing_indicator": {"type": "text"}}).json() == {"success": True}
    assert refusal(desk, {**receipt, "typing_indicator": {"type": "voice"}})["code"] == 100


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic right"])
def test_a_wrong_token_is_190(header: str) -> None:
    with standing_in(access_token="right") as desk:
        answer = desk.client.post(MESSAGES, json=INVITE, headers={"Authorization": header})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)
        assert (
            desk.client.post(MESSAGES, json=INVITE, headers={"Authorization": "Bearer right"}).status_code
            == 200
        )
        assert desk.figures()["refused"] == {"190": 1}


def test_an_unknown_number_id_is_100_with_subcode_33(desk: StandIn) -> None:
    error = refusal(desk, INVITE, "/v25.0/999/messages")
    assert (error["code"], error["error_subcode"]) == (100, 33)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff\xfe", b'"text"'])
def test_a_body_that_is_no_json_object_is_100(desk: StandIn, raw: bytes) -> None:
    answer = desk.client.post(MESSAGES, content=raw)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_unknown_addresses_are_refused_as_the_graph_does(desk: StandIn) -> None:
    for path in ("/", f"/{NUMBER}/messages", f"/latest/{NUMBER}/messages", f"/v25.0/{NUMBER}/poems"):
        assert refusal(desk, INVITE, path)["code"] in (100, 2500)


CATALOG = load_templates(shipped_templates())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(body: Any, at: str = "") -> list[str]:
    """The paths of all values in a JSON document."""
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    found = [] if not at else [at[1:]]
    for key, value in steps:
        found.extend(places(value, f"{at}.{key}"))
    return found


WHOLE = [INVITE, REMINDER, TEXT, BUTTONS, LIST, *(b for _, b in GOOD[-4:])]


@settings(deadline=None)
@given(st.sampled_from(WHOLE).flatmap(lambda b: st.tuples(st.just(b), st.sampled_from(places(b)), JSON)))
def test_whatever_stands_in_a_request_the_answer_is_a_value_or_a_graph_error(
    case: tuple[dict[str, Any], str, Any],
) -> None:
    body, path, value = case
    with contextlib.suppress(GraphError):
        wanted = read_request(changed(body, path, value), CATALOG, 25.0)
        assert isinstance(wanted, Send | MarkRead)


def test_the_shipped_templates_are_those_that_the_documents_name() -> None:
    found = {(t.name, t.language): t.status for t in CATALOG.templates}
    assert found == {
        ("shaadi_invite", "en"): "APPROVED",
        ("shaadi_invite", "hi"): "APPROVED",
        ("sangeet_reminder", "en"): "APPROVED",
        ("venue_update", "en"): "APPROVED",
        ("old_invite", "en"): "PAUSED",
    }
    assert Path(shipped_templates()).name == "templates.json"
