"""What the stand-in tells the receiver: single updates, their bodies in Meta's bytes, their signatures.

Shapes: developers.facebook.com, documentation/business-messaging/whatsapp/webhooks/reference/messages
(webhook version v24.0: no ``conversation``), …/reference/user_preferences. The signature is an HMAC-SHA256
of the raw body with the app secret (…/webhooks/create-webhook-endpoint).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parinaya_cli.sandbox.numbers import user_id, wa_id

STATUS = "statuses"
MESSAGE = "messages"
PREFERENCE = "user_preferences"


@dataclass(frozen=True)
class Sender:
    """The business number that a webhook belongs to."""

    waba_id: str
    phone_number_id: str
    display_phone_number: str


@dataclass(frozen=True)
class Update:
    """One status, message or preference on its way to the receiver.

    ``key`` names it in a way that does not depend on timing, so that chance can be drawn from it and the
    seed. Updates of one ``lane`` arrive in their order.
    """

    kind: str
    key: str
    lane: str
    element: dict[str, Any]
    contact: dict[str, Any] | None


def status_element(
    wamid: str, status: str, at: float, *, phone: str, hide_phone: bool, token: str | None
) -> dict[str, Any]:
    """A status; a person who was written to by user id may show no number (``hide_phone``)."""
    element: dict[str, Any] = {"id": wamid, "status": status, "timestamp": str(int(at))}
    if not hide_phone:
        element["recipient_id"] = wa_id(phone)
    if status != "failed" or hide_phone:
        element["recipient_user_id"] = user_id(phone)
    if token is not None:
        element["biz_opaque_callback_data"] = token
    return element


def pricing(category: str) -> dict[str, Any]:
    """What stands under ``pricing`` in ``sent`` and one of ``delivered`` and ``read``."""
    return {"billable": True, "pricing_model": "PMP", "type": "regular", "category": category}


def contact(phone: str, name: str, *, hide_phone: bool = False) -> dict[str, Any]:
    """The contact beside a message; a guest with a username may show no number."""
    entry: dict[str, Any] = {"profile": {"name": name}}
    if not hide_phone:
        entry["wa_id"] = wa_id(phone)
    return {**entry, "user_id": user_id(phone)}


def message_element(
    wamid: str,
    phone: str,
    at: float,
    content: tuple[str, Any],
    *,
    context: dict[str, Any] | None = None,
    hide_phone: bool = False,
) -> dict[str, Any]:
    """A message of a guest; ``content`` is its type and what stands under that name."""
    element: dict[str, Any] = {} if context is None else {"context": context}
    if not hide_phone:
        element["from"] = wa_id(phone)
    kind, value = content
    return {
        **element,
        "from_user_id": user_id(phone),
        "id": wamid,
        "timestamp": str(int(at)),
        "type": kind,
        kind: value,
    }


def preference_element(phone: str, value: str, at: float) -> dict[str, Any]:
    """WhatsApp's own switch for marketing messages; its timestamp is a number, unlike the others."""
    verb = "stop" if value == "stop" else "resume"
    return {
        "wa_id": wa_id(phone),
        "user_id": user_id(phone),
        "detail": f"User requested to {verb} marketing messages",
        "category": "marketing_messages",
        "value": value,
        "timestamp": int(at),
    }


def envelope(updates: Sequence[Update], sender: Sender, rng: random.Random) -> dict[str, Any]:
    """The body for several updates, laid out in one of the ways a receiver must be able to walk.

    One change for each update; or one for all statuses and one for all messages; or one entry for each
    update.
    """
    layout = rng.choice(("apart", "together", "entries")) if len(updates) > 1 else "apart"
    groups: list[list[Update]] = [[u] for u in updates]
    if layout == "together":
        kinds = list(dict.fromkeys(u.kind for u in updates))
        groups = [[u for u in updates if u.kind == kind] for kind in kinds]
    changes = [_change(group, sender) for group in groups]
    if layout == "entries":
        entries = [{"id": sender.waba_id, "changes": [change]} for change in changes]
    else:
        entries = [{"id": sender.waba_id, "changes": changes}]
    return {"object": "whatsapp_business_account", "entry": entries}


def _change(updates: Sequence[Update], sender: Sender) -> dict[str, Any]:
    kind = updates[0].kind
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": sender.display_phone_number,
            "phone_number_id": sender.phone_number_id,
        },
    }
    contacts = {json.dumps(u.contact): u.contact for u in updates if u.contact is not None}
    if contacts:
        value["contacts"] = list(contacts.values())
    value[kind] = [u.element for u in updates]
    return {"value": value, "field": "user_preferences" if kind == PREFERENCE else "messages"}


def encode(body: dict[str, Any]) -> bytes:
    r"""JSON as Meta writes it: non-ASCII as lower-case ``\uXXXX``, slashes as ``\/``."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def signature_headers(body: bytes, app_secret: str) -> dict[str, str]:
    """The headers that Meta sends with a body: SHA-256, and the older SHA-1 beside it."""
    key = app_secret.encode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }
