"""A request to ``POST /{phone number id}/messages``, checked as Meta checks it before it takes a message.

The envelope: developers.facebook.com, documentation/business-messaging/whatsapp/messages/send-messages. What
depends on the state of the world (the window, the rates) is checked where a message is admitted, in
``state``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.fields import object_at, optional_text, text_at
from parinaya_cli.sandbox.free_checks import KINDS, FreeForm, read_free_form
from parinaya_cli.sandbox.numbers import normal_phone
from parinaya_cli.sandbox.template_checks import Filling, fill_template
from parinaya_cli.sandbox.templates import Catalog

_OTHER_KINDS = ("contacts", "order", "system", "unknown")
_TOKEN_LIMIT = 512


@dataclass(frozen=True)
class MarkRead:
    """The guest's message was read here; with ``typing``, "typing…" is shown for up to 25 seconds."""

    message_id: str
    typing: bool


@dataclass(frozen=True)
class Send:
    """A message that is right in itself.

    ``given``: the recipient as it stood in the request; ``phone``: E.164, None when only ``user_id`` was
    given.
    """

    given: str
    phone: str | None
    user_id: str | None
    content: Filling | FreeForm
    token: str | None


def read_request(payload: dict[str, Any], catalog: Catalog, version: float) -> Send | MarkRead:
    """Check the request; what is right in itself comes back as a value.

    Raises:
        GraphError: with Meta's code for what is wrong.
    """
    if payload.get("messaging_product") is None:
        raise GraphError(100, "The parameter messaging_product is required.")
    if payload["messaging_product"] != "whatsapp":
        raise GraphError(100, "Param messaging_product must be one of {WHATSAPP}.")
    if "status" in payload:
        return _read_receipt(payload)
    if payload.get("recipient_type", "individual") != "individual":
        raise GraphError(
            100, "Param recipient_type must be one of {INDIVIDUAL}; the stand-in plays no groups."
        )
    given, phone, user_id = _recipient(payload)
    token = optional_text(
        payload, "biz_opaque_callback_data", "biz_opaque_callback_data", most=_TOKEN_LIMIT, long=100
    )
    if payload.get("context") is not None:
        context = object_at(payload, "context", "context")
        text_at(context, "message_id", "context['message_id']", most=512)
    kind = payload.get("type", "text")
    if not isinstance(kind, str) or kind not in KINDS:
        if kind in _OTHER_KINDS:
            raise GraphError(131051, f"Message type {kind} is not played by the stand-in.")
        words = ", ".join(sorted(k.upper() for k in KINDS))
        raise GraphError(100, f'Param type must be one of {{{words}}} - got "{kind}".')
    content: Filling | FreeForm
    if kind == "template":
        content = fill_template(object_at(payload, "template", "template"), catalog, version)
    else:
        content = read_free_form(kind, payload)
    return Send(given, phone, user_id, content, token or None)


def _read_receipt(payload: dict[str, Any]) -> MarkRead:
    if payload["status"] != "read":
        raise GraphError(100, "Param status must be one of {READ}.")
    message_id = text_at(payload, "message_id", "message_id", most=512, missing=100, long=100)
    typing = payload.get("typing_indicator")
    if typing is not None and typing != {"type": "text"}:
        raise GraphError(100, "Param typing_indicator['type'] must be one of {TEXT}.")
    return MarkRead(message_id, typing is not None)


def _recipient(payload: dict[str, Any]) -> tuple[str, str | None, str | None]:
    """The recipient as given, as E.164, as user id. With both, ``to`` wins (…/business-scoped-user-ids)."""
    to = payload.get("to")
    if to is None or to == "":
        if payload.get("recipient"):
            user_id = text_at(payload, "recipient", "recipient", most=150, missing=100)
            return user_id, None, user_id
        raise GraphError(100, "The parameter to is required.")
    if not isinstance(to, str):
        raise GraphError(100, "Param to must be a string.")
    if not to.strip().startswith("+"):
        raise GraphError(
            100,
            "Param to has no plus sign: the sender's own country code would be put in front.",
        )
    phone = normal_phone(to)
    if phone is None:
        raise GraphError(131009, "Param to is not a valid WhatsApp phone number.")
    return to, phone, None
