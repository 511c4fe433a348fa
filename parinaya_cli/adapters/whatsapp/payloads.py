"""A message of ours as the JSON of Meta's Messages API (``POST /{phone number id}/messages``).

Sources: Meta, WhatsApp, messages/send-messages, messages/template-messages, templates/components,
messages/interactive-reply-buttons-messages, business-scoped-user-ids; Meta's OpenAPI file, ``sendMessage``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.messages import (
    ButtonValue,
    FreeContent,
    MediaValue,
    OutboundMessage,
    TemplateContent,
    TextValue,
)

Json = dict[str, object]

LONGEST_TOKEN = 512
LONGEST_PARAMETER = 1024
LONGEST_TEXT = 4096
LONGEST_BUTTON_TEXT = 1024
LONGEST_PAYLOAD = 256
LONGEST_URL_SUFFIX = 2000
LONGEST_TITLE = 20
MOST_REPLY_BUTTONS = 3
MOST_TEMPLATE_BUTTONS = 10
"""Meta's limits, in characters or pieces; the length of a quick reply's payload is that of reply buttons."""

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_USER_ID = re.compile(r"[!-~]{1,200}")
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_CONTROLS_BUT_NEWLINE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_MEDIA = ("image", "video", "document")


def message_payload(message: OutboundMessage) -> Json:
    """The body of the request for one message.

    Raises:
        UsedWrongly: no request can be made of it (no recipient, an empty value, more than Meta takes). The
            sentence names the field and never its value.
    """
    if not 1 <= len(message.token) <= LONGEST_TOKEN:
        raise UsedWrongly(f"The correlation token is empty or longer than {LONGEST_TOKEN} characters.")
    payload: Json = {"messaging_product": "whatsapp", "recipient_type": "individual", **_recipient(message)}
    if isinstance(message.content, TemplateContent):
        payload |= {"type": "template", "template": _template(message.content)}
    else:
        payload |= _free(message.content)
    payload["biz_opaque_callback_data"] = message.token
    return payload


def clean_parameter(text: str) -> str:
    """A value as a template parameter takes it: one line, single blanks, nothing unseen that turns the text.

    Meta refuses newlines, tabs and five blanks in a row (error 132018). Joiners stay: Indic scripts need
    them.
    """
    text = _CONTROLS.sub(" ", _SURROGATES.sub("\ufffd", _UNSEEN.sub("", text)))
    return " ".join(text.split())


def clean_text(text: str) -> str:
    """Free-form text: line breaks stay, other controls and marks that turn the text go."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS_BUT_NEWLINE.sub(" ", _SURROGATES.sub("\ufffd", _UNSEEN.sub("", text))).strip()


def _recipient(message: OutboundMessage) -> Json:
    """``to`` with its ``+``: without one Meta puts the sender's own country code in front."""
    if message.to is not None:
        if not _PHONE.fullmatch(message.to):
            raise UsedWrongly("The recipient's number is not in E.164 form with +.")
        return {"to": message.to}
    if message.user_id is None or not _USER_ID.fullmatch(message.user_id):
        raise UsedWrongly(
            "The message has no recipient: neither a phone number nor a business-scoped user id."
        )
    return {"recipient": message.user_id}


# ── templates ──────────────────────────────────────────────────────────────────────────────────────────


def _template(content: TemplateContent) -> Json:
    if not content.name or not content.language:
        raise UsedWrongly("The template's name or language is empty.")
    components: list[Json] = []
    if content.header is not None:
        components.append({"type": "header", "parameters": [_header(content.header)]})
    if content.body:
        if len({value.name is None for value in content.body}) > 1:
            raise UsedWrongly("The body mixes named and numbered parameters.")
        components.append({"type": "body", "parameters": [_text(value, "body") for value in content.body]})
    components.extend(_buttons(content.buttons))
    template: Json = {
        "name": content.name,
        "language": {"policy": "deterministic", "code": content.language},
    }
    if components:
        template["components"] = components
    return template


def _text(value: TextValue, where: str) -> Json:
    parameter: Json = {"type": "text"}
    if value.name is not None:
        parameter["parameter_name"] = value.name
    label = f"A parameter of the {where}"
    parameter["text"] = _bounded(clean_parameter(value.text), LONGEST_PARAMETER, label)
    return parameter


def _header(header: TextValue | MediaValue) -> Json:
    if isinstance(header, TextValue):
        return _text(header, "header")
    if header.kind not in _MEDIA:
        raise UsedWrongly("The header's medium is neither an image, a video nor a document.")
    if (not header.id) == (not header.link):
        raise UsedWrongly("The header's medium needs either an uploaded id or a link, and not both.")
    medium: Json = {"id": header.id} if header.id else {"link": header.link}
    if header.kind == "document" and header.filename:
        medium["filename"] = clean_parameter(header.filename)
    return {"type": header.kind, header.kind: medium}


def _buttons(buttons: Sequence[ButtonValue]) -> list[Json]:
    places = [button.index for button in buttons]
    if len(set(places)) != len(places) or not all(0 <= place < MOST_TEMPLATE_BUTTONS for place in places):
        raise UsedWrongly(
            f"The template's buttons need places of their own from 0 to {MOST_TEMPLATE_BUTTONS - 1}."
        )
    return [_button(button) for button in buttons]


def _button(button: ButtonValue) -> Json:
    if button.kind == "quick_reply":
        value = _bounded(button.value, LONGEST_PAYLOAD, "A quick reply's payload")
        parameter: Json = {"type": "payload", "payload": value}
    elif button.kind == "url":
        value = _bounded(button.value, LONGEST_URL_SUFFIX, "A link button's ending")
        if re.search(r"[\s\x00-\x1f\x7f]", value):
            raise UsedWrongly("A link button's ending holds blanks or control characters.")
        parameter = {"type": "text", "text": value}
    else:
        raise UsedWrongly("A button's kind is neither quick_reply nor url.")
    return {
        "type": "button",
        "sub_type": button.kind,
        "index": str(button.index),
        "parameters": [parameter],
    }


# ── free-form text ─────────────────────────────────────────────────────────────────────────────────────


def _free(content: FreeContent) -> Json:
    body = clean_text(content.text)
    payload: Json
    if content.buttons:
        body = _bounded(body, LONGEST_BUTTON_TEXT, "A text above buttons")
        interactive: Json = {"type": "button", "body": {"text": body}, "action": _reply_buttons(content)}
        payload = {"type": "interactive", "interactive": interactive}
    else:
        body = _bounded(body, LONGEST_TEXT, "The text")
        payload = {"type": "text", "text": {"preview_url": False, "body": body}}
    if content.reply_to:
        payload["context"] = {"message_id": content.reply_to}
    return payload


def _reply_buttons(content: FreeContent) -> Json:
    if len(content.buttons) > MOST_REPLY_BUTTONS:
        raise UsedWrongly(f"A message takes at most {MOST_REPLY_BUTTONS} reply buttons.")
    buttons: list[Json] = []
    for button in content.buttons:
        title = _bounded(clean_parameter(button.title), LONGEST_TITLE, "A reply button's title")
        button_id = _bounded(button.id, LONGEST_PAYLOAD, "A reply button's id")
        if button_id != button_id.strip():
            raise UsedWrongly("A reply button's id begins or ends with a blank.")
        buttons.append({"type": "reply", "reply": {"id": button_id, "title": title}})
    ids = {button.id for button in content.buttons}
    titles = {clean_parameter(button.title) for button in content.buttons}
    if min(len(ids), len(titles)) < len(buttons):
        raise UsedWrongly("Two reply buttons bear the same id or the same title.")
    return {"buttons": buttons}


def _bounded(text: str, longest: int, label: str) -> str:
    if not text:
        raise UsedWrongly(f"{label} is empty.", "Give it a value: WhatsApp refuses empty ones.")
    if len(text) > longest:
        raise UsedWrongly(f"{label} is longer than {longest} characters.", "Shorten it.")
    return text
