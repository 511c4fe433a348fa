"""Messages of ours as Meta's JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.adapters.whatsapp.payloads import clean_parameter, clean_text, message_payload
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.messages import (
    ButtonValue,
    FreeContent,
    MediaValue,
    OutboundMessage,
    ReplyButton,
    TemplateContent,
    TextValue,
)
from tests.fakes.sender import GO

TOKEN = "pn1.ABCDEFGHIJKLMNOPQRSTUVWXYZ.1"
ENVELOPE = {
    "messaging_product": "whatsapp",
    "recipient_type": "individual",
    "to": "+919812300001",
    "biz_opaque_callback_data": TOKEN,
}


def outbound(content: TemplateContent | FreeContent) -> OutboundMessage:
    return OutboundMessage("700000000000001", "+919812300001", None, content, TOKEN, GO)


def template(**parts: Any) -> TemplateContent:
    return TemplateContent("shaadi_invite_v1", "hi", **parts)


def template_payload(*components: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": "shaadi_invite_v1",
        "language": {"policy": "deterministic", "code": "hi"},
    }
    if components:
        told["components"] = list(components)
    return ENVELOPE | {"type": "template", "template": told}


def button(sub_type: str, index: str, **parameter: str) -> dict[str, Any]:
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": [parameter]}


TEMPLATES: dict[str, tuple[TemplateContent, dict[str, Any]]] = {
    "nothing to fill": (template(), template_payload()),
    "numbered": (
        template(body=(TextValue("Asha ji"), TextValue("14 Feb"))),
        template_payload(
            {
                "type": "body",
                "parameters": [{"type": "text", "text": "Asha ji"}, {"type": "text", "text": "14 Feb"}],
            }
        ),
    ),
    "named": (
        template(body=(TextValue("आशा", "guest_name"),)),
        template_payload(
            {"type": "body", "parameters": [{"type": "text", "parameter_name": "guest_name", "text": "आशा"}]}
        ),
    ),
    "header text": (
        template(header=TextValue("Meera & Kabir", "couple")),
        template_payload(
            {
                "type": "header",
                "parameters": [{"type": "text", "parameter_name": "couple", "text": "Meera & Kabir"}],
            }
        ),
    ),
    "header image by id": (
        template(header=MediaValue("image", id="1037543291543636")),
        template_payload(
            {"type": "header", "parameters": [{"type": "image", "image": {"id": "1037543291543636"}}]}
        ),
    ),
    "header video by link": (
        template(header=MediaValue("video", link="https://example.org/v.mp4")),
        template_payload(
            {
                "type": "header",
                "parameters": [{"type": "video", "video": {"link": "https://example.org/v.mp4"}}],
            }
        ),
    ),
    "header document": (
        template(header=MediaValue("document", id="7", filename="Invite.pdf")),
        template_payload(
            {
                "type": "header",
                "parameters": [{"type": "document", "document": {"id": "7", "filename": "Invite.pdf"}}],
            }
        ),
    ),
    "buttons": (
        template(buttons=(ButtonValue(0, "quick_reply", "rsvp:yes:x"), ButtonValue(2, "url", "i/abc?x=1"))),
        template_payload(
            button("quick_reply", "0", type="payload", payload="rsvp:yes:x"),
            button("url", "2", type="text", text="i/abc?x=1"),
        ),
    ),
}
FREE: dict[str, tuple[FreeContent, dict[str, Any]]] = {
    "text": (
        FreeContent("How many?\r\nTell us."),
        ENVELOPE | {"type": "text", "text": {"preview_url": False, "body": "How many?\nTell us."}},
    ),
    "reply": (
        FreeContent("Thank you.", reply_to="wamid.IN1"),
        ENVELOPE
        | {
            "type": "text",
            "text": {"preview_url": False, "body": "Thank you."},
            "context": {"message_id": "wamid.IN1"},
        },
    ),
    "buttons": (
        FreeContent("How many?", (ReplyButton("heads:1", "1"), ReplyButton("heads:2", "2"))),
        ENVELOPE
        | {
            "type": "interactive",
            "interactive": {
                "type": "button",
                "body": {"text": "How many?"},
                "action": {
                    "buttons": [
                        {"type": "reply", "reply": {"id": "heads:1", "title": "1"}},
                        {"type": "reply", "reply": {"id": "heads:2", "title": "2"}},
                    ]
                },
            },
        },
    ),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates(name: str) -> None:
    content, expected = TEMPLATES[name]
    assert message_payload(outbound(content)) == expected


@pytest.mark.parametrize("name", FREE)
def test_free_form(name: str) -> None:
    content, expected = FREE[name]
    assert message_payload(outbound(content)) == expected


def test_a_guest_without_a_number_is_the_recipient_by_user_id() -> None:
    message = replace(outbound(FreeContent("Hello")), to=None, user_id="IN.1349")
    payload = message_payload(message)
    assert payload["recipient"] == "IN.1349"
    assert "to" not in payload


def test_the_number_wins_over_the_user_id() -> None:
    payload = message_payload(replace(outbound(FreeContent("Hello")), user_id="IN.1349"))
    assert payload["to"] == "+919812300001"
    assert "recipient" not in payload


ILL_CONTENT: dict[str, TemplateContent | FreeContent] = {
    "no name": TemplateContent("", "hi"),
    "no language": TemplateContent("a", ""),
    "empty value": template(body=(TextValue(" \n\t "),)),
    "value of nothing visible": template(body=(TextValue("\u202e\ufeff"),)),
    "value too long": template(body=(TextValue("x" * 1025),)),
    "named and numbered": template(body=(TextValue("a"), TextValue("b", "guest_name"))),
    "unknown medium": template(header=MediaValue("audio", id="7")),
    "medium from nowhere": template(header=MediaValue("image")),
    "medium from two places": template(header=MediaValue("image", id="7", link="https://example.org/a.jpg")),
    "unknown button": template(buttons=(ButtonValue(0, "flow", "x"),)),
    "empty payload": template(buttons=(ButtonValue(0, "quick_reply", ""),)),
    "payload too long": template(buttons=(ButtonValue(0, "quick_reply", "x" * 257),)),
    "link with a blank": template(buttons=(ButtonValue(0, "url", "a b"),)),
    "two buttons in one place": template(buttons=(ButtonValue(1, "url", "a"), ButtonValue(1, "url", "b"))),
    "button in no place": template(buttons=(ButtonValue(-1, "url", "a"),)),
    "eleventh button": template(buttons=(ButtonValue(10, "url", "a"),)),
    "no text": FreeContent(" "),
    "text too long": FreeContent("x" * 4097),
    "text above buttons too long": FreeContent("x" * 1025, (ReplyButton("a", "A"),)),
    "four buttons": FreeContent("x", tuple(ReplyButton(n, n) for n in "abcd")),
    "title too long": FreeContent("x", (ReplyButton("a", "A" * 21),)),
    "no title": FreeContent("x", (ReplyButton("a", ""),)),
    "no id": FreeContent("x", (ReplyButton("", "A"),)),
    "id with a blank at its end": FreeContent("x", (ReplyButton("a ", "A"),)),
    "same id twice": FreeContent("x", (ReplyButton("a", "A"), ReplyButton("a", "B"))),
    "same title twice": FreeContent("x", (ReplyButton("a", "A"), ReplyButton("b", "A "))),
}


@pytest.mark.parametrize("name", ILL_CONTENT)
def test_what_meta_would_refuse_is_refused_here(name: str) -> None:
    with pytest.raises(UsedWrongly):
        message_payload(outbound(ILL_CONTENT[name]))


@pytest.mark.parametrize(
    "changes",
    [
        {"to": None},
        {"to": ""},
        {"to": "919812300001"},
        {"to": "+91 98123 00001"},
        {"to": "+0123456789"},
        {"to": "+1234567890123456"},
        {"to": "+\u0967\u0968\u0969\u0967\u0968\u0969\u0967\u0968"},
        {"to": "+919812300001\n"},
        {"to": None, "user_id": ""},
        {"to": None, "user_id": "IN 1"},
        {"token": ""},
        {"token": "x" * 513},
    ],
)
def test_a_message_without_a_proper_recipient_or_token(changes: dict[str, Any]) -> None:
    with pytest.raises(UsedWrongly):
        message_payload(replace(outbound(FreeContent("Hello")), **changes))


def test_a_refusal_names_no_personal_data() -> None:
    with pytest.raises(UsedWrongly) as caught:
        message_payload(replace(outbound(FreeContent("Hello")), to="9812300001"))
    assert "98123" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Asha  ji", "Asha ji"),
        ("Meera\nand\tKabir", "Meera and Kabir"),
        ("a     b", "a b"),
        ("a\u00a0\u2003\u2028b", "a b"),
        ("\u202eevil\u202c", "evil"),
        ("a\u2066b\u2069", "ab"),
        ("a\x00b\x07c", "a b c"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("क्‍ष न्‌", "क्‍ष न्‌"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("  ", ""),
    ],
)
def test_clean_parameter(text: str, cleaned: str) -> None:
    assert clean_parameter(text) == cleaned


@settings(deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_a_clean_parameter_is_one_line_that_stays_clean(text: str) -> None:
    cleaned = clean_parameter(text)
    assert clean_parameter(cleaned) == cleaned
    assert not re.search(r"[\n\r\t]|\s{2}|^\s|\s$", cleaned)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in cleaned)
    assert not any(unicodedata.bidirectional(char) in ("LRO", "RLO", "LRE", "RLE", "PDF") for char in cleaned)
    letters = [char for char in text if char.isalnum()]
    assert [char for char in cleaned if char.isalnum()] == letters


@settings(deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_clean_text_keeps_lines(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in cleaned if char != "\n")
    json.dumps(cleaned, ensure_ascii=False).encode("utf-8")
