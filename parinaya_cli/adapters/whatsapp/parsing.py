"""A webhook's body into updates: statuses, messages, preferences, templates; the rest is kept as it is.

Source of the shapes: Meta, WhatsApp, webhooks/reference. Every update bears a natural key, so that a delivery
that comes twice, or in another mixture, does its work once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from parinaya_cli.adapters.whatsapp import errors
from parinaya_cli.adapters.whatsapp.content import content_of
from parinaya_cli.adapters.whatsapp.envelope import (
    Item,
    Json,
    as_json_object,
    identifier,
    instant,
    integer,
    items,
    mapping,
    phone,
    text,
)
from parinaya_cli.domain.messages import (
    DeliveryStatus,
    InboundMessage,
    PreferenceUpdate,
    ProviderError,
    Sender,
    StatusUpdate,
    TemplateUpdate,
    Unreadable,
    Update,
)

__all__ = ["Parser", "as_json_object", "parse"]

_STATUSES: Mapping[str, DeliveryStatus] = {
    **{status.value: status for status in DeliveryStatus},
    "played": DeliveryStatus.READ,  # a voice message that was listened to has been seen
}
_MOST_FACTS = 20
_LONGEST_FACT = 200


def parse(body: bytes) -> list[Update]:
    """Every update of a delivery, in its order; at least one, and what is not understood as ``Unreadable``.

    Raises:
        UsedWrongly: the body is no JSON object.
        Failed: it is more than the parser takes; ``code`` is ``too_deep`` or ``too_large``.
    """
    return [_READERS.get(item.kind, _other)(item) for item in items(body)]


class Parser:
    """The port ``InboundParser`` for Meta's webhooks."""

    def parse(self, body: bytes) -> list[Update]:
        """See ``parse``."""
        return parse(body)


def _unreadable(item: Item, kind: str, reason: str, facts: Mapping[str, object]) -> Unreadable:
    told = {"account": item.account_id, "phone_number_id": item.phone_number_id, **facts}
    return Unreadable(key=item.key(), kind=kind, reason=reason, facts=_facts(told))


def _facts(told: Mapping[str, object]) -> dict[str, str]:
    """The scalars among what was told, and those one step inside it, as bounded text."""
    facts: dict[str, str] = {}
    for name, value in told.items():
        inner = (
            {f"{name}.{key}": part for key, part in value.items()}
            if isinstance(value, dict)
            else {name: value}
        )
        for key, part in inner.items():
            if isinstance(part, str | int | float) and part != "" and len(facts) < _MOST_FACTS:
                facts[(text(key) or "")[:_LONGEST_FACT]] = (text(str(part)) or "")[:_LONGEST_FACT]
    return facts


def _some(told: Json, *names: str) -> dict[str, object]:
    return {name: told.get(name) for name in names}


def _lacking(what: str, **parts: object) -> str:
    """A sentence that names the first part which is not there; empty when all are."""
    missing = next((name for name, part in parts.items() if not part), None)
    return f"The {what} has no {missing.replace('_', ' ')}." if missing else ""


# ── statuses ───────────────────────────────────────────────────────────────────────────────────────────


def _status(item: Item) -> Update:
    told = mapping(item.content)
    message_id, at = identifier(told.get("id")), instant(told.get("timestamp"))
    status = _STATUSES.get(text(told.get("status")) or "")
    if not (item.phone_number_id and message_id and status and at):
        reason = _lacking(
            "status", number=item.phone_number_id, message=message_id, known_word=status, time=at
        )
        return _unreadable(item, "status", reason, _some(told, "id", "status", "timestamp"))
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
        reason = _lacking("message", number=item.phone_number_id, id=message_id, time=at, sender=sender)
        facts = _some(told, "id", "type", "timestamp", "from", "from_user_id")
        return _unreadable(item, "message", reason or str(content), facts)
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


def _system(item: Item, told: Json) -> Unreadable:
    """A change of number or of user id. A person must look: nothing here says that it is the same guest."""
    facts = {"message": _some(told, "id", "from", "from_user_id", "timestamp")}
    kind = text(mapping(told.get("system")).get("type")) or "system"
    reason = "The guest's number, id or identity has changed; see the facts."
    return _unreadable(
        item, f"system.{kind}"[:_LONGEST_FACT], reason, {**facts, "system": told.get("system")}
    )


def _value_error(item: Item) -> Unreadable:
    told = mapping(item.content)
    code = integer(told.get("code"))
    facts = {**told, "what_to_do": errors.what_to_do(errors.NO_REASON if code is None else code)}
    return _unreadable(item, "error", "WhatsApp reports an error that belongs to no message of ours.", facts)


# ── preferences and templates ──────────────────────────────────────────────────────────────────────────


def _preference(item: Item) -> Update:
    """WhatsApp's own switch for marketing messages (Meta, webhooks/reference/user_preferences)."""
    told = mapping(item.content)
    sender = _sender(item, phone(told.get("wa_id")), identifier(told.get("user_id")))
    at, value = instant(told.get("timestamp")), text(told.get("value"))
    known = value in ("stop", "resume", "signup") and told.get("category") in (None, "marketing_messages")
    if not item.phone_number_id or sender is None or at is None or not known:
        reason = "The preference is of an unknown kind, or lacks its number, person or time."
        return _unreadable(item, "user_preferences", reason, told)
    return PreferenceUpdate(
        key=item.key(),
        phone_number_id=item.phone_number_id,
        sender=sender,
        stop=value == "stop",
        at=at,
    )


def _template_status(item: Item) -> Update:
    value = _value(item)
    status = text(value.get("event"))
    given = text(value.get("reason"))
    reasons = (
        None if given == "NONE" else given,
        text(mapping(value.get("rejection_info")).get("reason")),
        text(mapping(value.get("other_info")).get("title")),
    )
    reason = next((found for found in reasons if found), "")
    return _template(item, status=status, quality=None, reason=reason)


def _template_quality(item: Item) -> Update:
    return _template(item, status=None, quality=text(_value(item).get("new_quality_score")), reason="")


def _template(item: Item, *, status: str | None, quality: str | None, reason: str) -> Update:
    """A template's news. Meta writes its language as ``en-US`` in some deliveries, as ``en_US`` in others."""
    value = _value(item)
    name = identifier(value.get("message_template_name"))
    language = identifier(value.get("message_template_language"))
    if name is None or language is None or not item.account_id or not (status or quality):
        return _unreadable(
            item,
            item.kind.removeprefix("field:"),
            "The template's news lacks a name, a language or the news.",
            value,
        )
    return TemplateUpdate(
        key=item.key(),
        account_id=item.account_id,
        name=name,
        language=language.replace("-", "_"),
        status=status.lower() if status else None,
        quality=quality.lower() if quality else None,
        reason=reason,
    )


def _other(item: Item) -> Unreadable:
    """A field, or a shape, that parinaya does not act on; kept so that a person sees it."""
    kind = item.kind.removeprefix("field:")[:_LONGEST_FACT]
    return _unreadable(item, kind, "parinaya does not act on this kind of news.", _value(item))


def _value(item: Item) -> Json:
    """What a change that is one update as a whole holds."""
    content = mapping(item.content)
    return mapping(content.get("value")) if item.kind.startswith("field:") else content


_READERS: Mapping[str, Callable[[Item], Update]] = {
    "statuses": _status,
    "messages": _message,
    "errors": _value_error,
    "user_preferences": _preference,
    "field:message_template_status_update": _template_status,
    "field:message_template_quality_update": _template_quality,
}
