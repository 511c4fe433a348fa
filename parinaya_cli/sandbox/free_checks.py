"""Free-form messages as Meta checks them: text, reply buttons, lists, media and the small kinds.

Limits: developers.facebook.com, documentation/business-messaging/whatsapp/messages/ (text-messages,
interactive-reply-buttons-messages, interactive-list-messages, interactive-cta-url-messages, image-messages,
…).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.fields import object_at, objects_at, one_of, optional_text, text_at, unique
from parinaya_cli.sandbox.template_checks import media_id


@dataclass(frozen=True)
class Choice:
    """A reply button or a row of a list: what comes back when the guest taps it."""

    id: str
    title: str
    description: str = ""
    row: bool = False


@dataclass(frozen=True)
class FreeForm:
    """A free-form message: its kind, the text that is read, what can be tapped, uploaded media."""

    kind: str
    text: str
    choices: tuple[Choice, ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    quotes: str = field(default="")


def read_free_form(kind: str, payload: dict[str, Any]) -> FreeForm:
    """Check the content of a free-form message of that ``type``.

    Raises:
        GraphError: 100 for a text that is too long or a field of the wrong type, 131008 for what is missing,
            131009 for buttons and rows outside their limits, 131051 for a type that the stand-in does not
            play.
    """
    reader = _READERS.get(kind)
    if reader is None:
        raise GraphError(131051, f"Message type {kind} is not played by the stand-in.")
    return reader(object_at(payload, kind, kind))


def _text(content: dict[str, Any]) -> FreeForm:
    body = text_at(content, "body", "text['body']", most=4096, missing=100, long=100)
    if not body.strip():
        raise GraphError(100, "The parameter text['body'] is required.")
    if not isinstance(content.get("preview_url", False), bool):
        raise GraphError(100, "Param text['preview_url'] must be a boolean.")
    return FreeForm("text", body)


def _medium(kind: str, *, caption: bool) -> Callable[[dict[str, Any]], FreeForm]:
    def read(content: dict[str, Any]) -> FreeForm:
        found = media_id(content, kind)
        if not caption and "caption" in content:
            raise GraphError(100, f"{kind} takes no caption.")
        text = optional_text(content, "caption", f"{kind}['caption']", most=1024, long=100)
        if kind == "document":
            optional_text(content, "filename", "document['filename']", most=240, long=100)
        return FreeForm(kind, text, media=((kind, found),) if found else ())

    return read


def _location(content: dict[str, Any]) -> FreeForm:
    for name, most in (("latitude", 90.0), ("longitude", 180.0)):
        try:
            value = float(content[name])
        except (KeyError, TypeError, ValueError):
            raise GraphError(131008, f"The parameter location['{name}'] is required.") from None
        if not -most <= value <= most:
            raise GraphError(131009, f"Param location['{name}'] is out of range.")
    return FreeForm("location", str(content.get("name") or ""))


def _reaction(content: dict[str, Any]) -> FreeForm:
    quoted = text_at(content, "message_id", "reaction['message_id']", most=512)
    if not isinstance(content.get("emoji"), str):
        raise GraphError(131008, "The parameter reaction['emoji'] is required; an empty one takes it back.")
    return FreeForm("reaction", content["emoji"], quotes=quoted)


def _interactive(content: dict[str, Any]) -> FreeForm:
    kind = content.get("type")
    readers = {"button": (_buttons, 1024), "list": (_list, 4096), "cta_url": (_link, 1024)}
    if not isinstance(kind, str) or kind not in readers:
        one_of(
            kind,
            (*readers, "flow", "location_request_message", "request_contact_info"),
            "interactive['type']",
        )
        raise GraphError(131051, f"interactive of type {kind} is not played by the stand-in.")
    read, most = readers[kind]
    body = object_at(content, "body", "interactive['body']")
    text = text_at(body, "text", "interactive['body']['text']", most=most)
    if content.get("footer") is not None:
        footer = object_at(content, "footer", "interactive['footer']")
        text_at(footer, "text", "interactive['footer']['text']", most=60)
    media = _interactive_header(content, lists=kind == "list")
    return FreeForm("interactive", text, read(object_at(content, "action", "interactive['action']")), media)


def _interactive_header(content: dict[str, Any], *, lists: bool) -> tuple[tuple[str, str], ...]:
    if content.get("header") is None:
        return ()
    header = object_at(content, "header", "interactive['header']")
    allowed = ("text",) if lists else ("text", "image", "video", "document")
    kind = one_of(header.get("type"), allowed, "interactive['header']['type']")
    if kind == "text":
        text_at(header, "text", "interactive['header']['text']", most=60)
        return ()
    found = media_id(object_at(header, kind, f"interactive['header']['{kind}']"), f"header['{kind}']")
    return ((kind, found),) if found else ()


def _buttons(action: dict[str, Any]) -> tuple[Choice, ...]:
    path = "interactive['action']['buttons']"
    buttons = objects_at(action, "buttons", path)
    if not 1 <= len(buttons) <= 3:
        raise GraphError(131009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
    choices = []
    for button in buttons:
        one_of(button.get("type"), ("reply",), f"{path}['type']")
        reply = object_at(button, "reply", f"{path}['reply']")
        choices.append(
            Choice(
                id=text_at(reply, "id", f"{path}['reply']['id']", most=256),
                title=text_at(reply, "title", f"{path}['reply']['title']", most=20),
            )
        )
    unique([c.id for c in choices], f"{path}['reply']['id']")
    unique([c.title for c in choices], f"{path}['reply']['title']")
    return tuple(choices)


def _list(action: dict[str, Any]) -> tuple[Choice, ...]:
    path = "interactive['action']['sections']"
    text_at(action, "button", "interactive['action']['button']", most=20)
    sections = objects_at(action, "sections", path)
    if not 1 <= len(sections) <= 10:
        raise GraphError(131009, "Invalid sections count. Min allowed sections: 1, Max allowed sections: 10")
    rows: list[Choice] = []
    for section in sections:
        if len(sections) > 1:
            text_at(section, "title", f"{path}['title']", most=24)
        else:
            optional_text(section, "title", f"{path}['title']", most=24)
        rows.extend(_row(row, f"{path}['rows']") for row in objects_at(section, "rows", f"{path}['rows']"))
    if not 1 <= len(rows) <= 10:
        raise GraphError(
            131009, "Total row count exceed max allowed count: 10" if rows else "A list needs a row."
        )
    unique([row.id for row in rows], f"{path}['rows']['id']")
    return tuple(rows)


def _row(row: Mapping[str, Any], path: str) -> Choice:
    fields = dict(row)
    return Choice(
        id=text_at(fields, "id", f"{path}['id']", most=200),
        title=text_at(fields, "title", f"{path}['title']", most=24),
        description=optional_text(fields, "description", f"{path}['description']", most=72),
        row=True,
    )


def _link(action: dict[str, Any]) -> tuple[Choice, ...]:
    one_of(action.get("name"), ("cta_url",), "interactive['action']['name']")
    parameters = object_at(action, "parameters", "interactive['action']['parameters']")
    text_at(parameters, "display_text", "interactive['action']['parameters']['display_text']", most=20)
    text_at(parameters, "url", "interactive['action']['parameters']['url']", most=2000)
    return ()


_READERS: dict[str, Callable[[dict[str, Any]], FreeForm]] = {
    "text": _text,
    "interactive": _interactive,
    "location": _location,
    "reaction": _reaction,
    "image": _medium("image", caption=True),
    "video": _medium("video", caption=True),
    "document": _medium("document", caption=True),
    "audio": _medium("audio", caption=False),
    "sticker": _medium("sticker", caption=False),
}

KINDS = frozenset(_READERS) | {"template"}
