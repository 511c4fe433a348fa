"""What a guest's message says: the ``type`` of an element of ``messages[]`` and the object it names.

Source: Meta, WhatsApp, webhooks/reference/messages. A tap on a template's quick reply has the type
``button``; a tap on a reply button or a list's row has the type ``interactive``.
"""

from __future__ import annotations

from collections.abc import Callable

from parinaya_cli.adapters.whatsapp.envelope import Json, mapping, text
from parinaya_cli.domain.messages import OtherContent, Tap, Text

Content = Tap | Text | OtherContent


def content_of(message: Json) -> Content | str:
    """What the message says, or a sentence why it can't be read. System messages are not a guest's words."""
    kind = text(message.get("type"))
    if kind is None:
        return "The message has no type."
    read = _READERS.get(kind)
    if read is None:
        return "parinaya does not know this type of message."
    return read(kind, message.get(kind))


def _text(_kind: str, value: object) -> Content | str:
    body = text(mapping(value).get("body"))
    return "The text has no body." if body is None else Text(body)


def _button(_kind: str, value: object) -> Content | str:
    return _tap(text(mapping(value).get("payload")), text(mapping(value).get("text")))


def _interactive(kind: str, value: object) -> Content | str:
    """Reply buttons, rows and answers to Flows. Meta sometimes leaves out the inner object."""
    inner_kind = text(mapping(value).get("type")) or kind
    inner = mapping(mapping(value).get(inner_kind))
    if inner_kind in ("button_reply", "list_reply"):
        return _tap(text(inner.get("id")), text(inner.get("title")))
    return OtherContent(inner_kind, text(inner.get("body")) or "")


def _tap(payload: str | None, label: str | None) -> Content | str:
    if payload is None and label is None:
        return "The tap names neither a payload nor a label."
    return Tap(payload or "", label or "")


def _captioned(kind: str, value: object) -> Content | str:
    inner = mapping(value)
    return OtherContent(kind, text(inner.get("caption")) or text(inner.get("filename")) or "")


def _reaction(kind: str, value: object) -> Content | str:
    return OtherContent(kind, text(mapping(value).get("emoji")) or "")


def _location(kind: str, value: object) -> Content | str:
    parts = (text(mapping(value).get(key)) for key in ("name", "address"))
    return OtherContent(kind, ", ".join(part for part in parts if part))


def _contacts(kind: str, value: object) -> Content | str:
    cards = value if isinstance(value, list) else []
    names = (text(mapping(mapping(card).get("name")).get("formatted_name")) for card in cards)
    return OtherContent(kind, ", ".join(name for name in names if name))


def _edit(kind: str, value: object) -> Content | str:
    edited = mapping(mapping(value).get("message"))
    return OtherContent(kind, text(mapping(edited.get("text")).get("body")) or "")


def _bare(kind: str, _value: object) -> Content | str:
    return OtherContent(kind)


_READERS: dict[str, Callable[[str, object], Content | str]] = {
    "text": _text,
    "button": _button,
    "interactive": _interactive,
    "image": _captioned,
    "video": _captioned,
    "document": _captioned,
    "audio": _bare,
    "sticker": _bare,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "order": _bare,
    "edit": _edit,
    "revoke": _bare,
    "unsupported": _bare,
}
