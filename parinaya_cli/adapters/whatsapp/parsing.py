"""A webhook's body into updates: statuses, messages, preferences, templates; the rest is kept as it is.

Source of the shapes: Meta, WhatsApp, webhooks/reference. Every update bears a natural key, so that a delivery
that comes twice, or in another mixture, does its work once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from parinaya_cli.adapters.whatsapp import errors, news
from parinaya_cli.adapters.whatsapp.content import content_of
from parinaya_cli.adapters.whatsapp.envelope import (
    Item,
    Json,
    as_json_object,
    identifier,
    instant,
    integer,
    items,
    look,
    mapping,
    phone,
    text,
)
from parinaya_cli.adapters.whatsapp.kept import LONGEST_FACT, lacking, other, some, unreadable
from parinaya_cli.domain.messages import (
    DeliveryStatus,
    InboundMessage,
    MovedUpdate,
    PreferenceUpdate,
    ProviderError,
    Sender,
    StatusUpdate,
    Unreadable,
    Update,
)

__all__ = ["Parser", "as_json_object", "look", "parse"]

_STATUSES: Mapping[str, DeliveryStatus] = {
    **{status.value: status for status in DeliveryStatus},
    "played": DeliveryStatus.READ,  # a voice message that was listened to has been seen
}


def parse(body: bytes) -> list[Update]:
    """Every update of a delivery, in its order; at least one, and what is not understood as ``Unreadable``.

    Raises:
        UsedWrongly: the body is no JSON object.
        Failed: it is more than the parser takes; ``code`` is ``too_deep`` or ``too_large``.
    """
    return [_READERS.get(item.kind, other)(item) for item in items(body)]


class Parser:
    """The port ``InboundParser`` for Meta's webhooks."""

    def parse(self, body: bytes) -> list[Update]:
        """See ``parse``."""
        return parse(body)


# ── statuses ───────────────────────────────────────────────────────────────────────────────────────────


def _status(item: Item) -> Update:
    told = mapping(item.content)
    message_id, at = identifier(told.get("id")), instant(told.get("timestamp"))
    status = _STATUSES.get(text(told.get("status")) or "")
    if not (item.phone_number_id and message_id and status and at):
        reason = lacking(
            "status", number=item.phone_number_id, message=message_id, known_word=status, time=at
        )
        return unreadable(item, "status", reason, some(told, "id", "status", "timestamp"))
    error = _error(told)
    if error is None and status is DeliveryStatus.FAILED:
        error = errors.own_error(errors.NO_REASON, "WhatsApp gave no reason.")
    code = error.code if error and error.code != errors.NO_REASON else 0
    return StatusUpdate(
        key=f"s:{message_id}:{status.value}:{code}",
        phone_number_id=item.phone_number_id,
        message_id=message_id,
        status=status,
        at=at,
        token=identifier(told.get("biz_opaque_callback_data")),
        recipient=phone(told.get("recipient_id")) or identifier(told.get("recipient_user_id")),
        error=error,
        recipient_user_id=identifier(told.get("recipient_user_id")),
        account_id=item.account_id,
        our_number=item.our_number,
    )


def _error(told: Json) -> ProviderError | None:
    """The first error of a status, by Meta's code; None when there is none with a code."""
    listed = told.get("errors")
    first = mapping(listed[0]) if isinstance(listed, list) and listed else {}
    code = integer(first.get("code"))
    if code is None or abs(code) > errors.LARGEST_CODE:
        return None
    details = text(mapping(first.get("error_data")).get("details"))
    title = text(first.get("title")) or text(first.get("message")) or ""
    return ProviderError(code, errors.family_of(code), title[:1000], (details or "")[:1000])


# ── messages ───────────────────────────────────────────────────────────────────────────────────────────


def _message(item: Item) -> Update:
    told = mapping(item.content)
    message_id, at = identifier(told.get("id")), instant(told.get("timestamp"))
    if told.get("type") == "system":
        return _system(item, told)
    sender = _sender(item, phone(told.get("from")), identifier(told.get("from_user_id")))
    content = content_of(told)
    if not (item.phone_number_id and message_id and at and sender) or isinstance(content, str):
        reason = lacking("message", number=item.phone_number_id, id=message_id, time=at, sender=sender)
        facts = some(told, "id", "type", "timestamp", "from", "from_user_id")
        return unreadable(item, "message", reason or str(content), facts)
    return InboundMessage(
        key=f"m:{message_id}",
        phone_number_id=item.phone_number_id,
        message_id=message_id,
        at=at,
        sender=sender,
        content=content,
        context_id=identifier(mapping(told.get("context")).get("id")),
    )


def _sender(item: Item, number: str | None, user_id: str | None) -> Sender | None:
    """Who wrote, with what the ``contacts`` beside the message know of the same number or user id.

    A guest with a username may show no number: ``from`` is then missing or empty, and only the
    business-scoped user id is there.
    """
    contact = item.contacts.get(number or "") or item.contacts.get(user_id or "") or {}
    number = number or phone(contact.get("wa_id"))
    user_id = user_id or identifier(contact.get("user_id"))
    name = text(mapping(contact.get("profile")).get("name")) or ""
    return Sender(number, user_id, name) if number or user_id else None


def _system(item: Item, told: Json) -> Update:
    """A change of number or of user id; an identity that has changed is kept for a person to look at.

    Meta has told ids without ``contacts`` beside them since 2026 (business-scoped-user-ids).
    """
    system = mapping(told.get("system"))
    kind, at = text(system.get("type")) or "system", instant(told.get("timestamp"))
    message_id = identifier(told.get("id"))
    before, after = phone(told.get("from")), phone(system.get("wa_id"))
    user_after = identifier(system.get("user_id"))
    user_before = identifier(system.get("previous_user_id")) or identifier(told.get("from_user_id"))
    number_told = kind == "user_changed_number" and bool(before and after)
    user_told = bool(user_before and user_after and user_before != user_after)
    if not (item.phone_number_id and message_id and at and (number_told or user_told)):
        facts = {"message": some(told, "id", "from", "from_user_id", "timestamp")}
        reason = "The guest's number, id or identity has changed; see the facts."
        return unreadable(item, f"system.{kind}"[:LONGEST_FACT], reason, {**facts, "system": system})
    return MovedUpdate(
        key=f"m:{message_id}",
        phone_number_id=item.phone_number_id,
        at=at,
        phone_before=before if number_told else None,
        phone=after if number_told else None,
        user_id_before=user_before if user_told else None,
        user_id=user_after if user_told else None,
    )


def _value_error(item: Item) -> Unreadable:
    told = mapping(item.content)
    code = integer(told.get("code"))
    facts = {**told, "what_to_do": errors.what_to_do(errors.NO_REASON if code is None else code)}
    return unreadable(item, "error", "WhatsApp reports an error that belongs to no message of ours.", facts)


# ── preferences ────────────────────────────────────────────────────────────────────────────────────────


def _preference(item: Item) -> Update:
    """WhatsApp's own switch for marketing messages (Meta, webhooks/reference/user_preferences)."""
    told = mapping(item.content)
    sender = _sender(item, phone(told.get("wa_id")), identifier(told.get("user_id")))
    at, value = instant(told.get("timestamp")), text(told.get("value"))
    known = value in ("stop", "resume", "signup") and told.get("category") in (None, "marketing_messages")
    if not item.phone_number_id or sender is None or at is None or not known:
        reason = "The preference is of an unknown kind, or lacks its number, person or time."
        return unreadable(item, "user_preferences", reason, told)
    return PreferenceUpdate(
        key=item.key(),
        phone_number_id=item.phone_number_id,
        sender=sender,
        stop=value == "stop",
        at=at,
    )


_READERS: Mapping[str, Callable[[Item], Update]] = {
    "statuses": _status,
    "messages": _message,
    "errors": _value_error,
    "user_preferences": _preference,
    **news.READERS,
}
