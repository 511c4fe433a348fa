"""News of templates, numbers and the account: what the policy gate asks about.

Source of the shapes: Meta, WhatsApp, webhooks/reference/<field>. Each is one change as a whole, with the time of its
entry; what names nothing that can be acted on is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from parinaya_cli.adapters.whatsapp.envelope import (
    Item,
    Json,
    identifier,
    instant,
    integer,
    mapping,
    phone,
    text,
)
from parinaya_cli.adapters.whatsapp.kept import other, unreadable, value_of
from parinaya_cli.domain.messages import UNLIMITED, AccountUpdate, TemplateUpdate, Update

_TIER = re.compile(r"TIER_(?:([0-9]{1,6})(K?)|(UNLIMITED))")


def _at(item: Item) -> datetime | None:
    return instant(mapping(item.content).get("time"))


# ── templates ──────────────────────────────────────────────────────────────────────────────────────────


def _template_status(item: Item) -> Update:
    value = value_of(item)
    given = text(value.get("reason"))
    reasons = (
        None if given == "NONE" else given,
        text(mapping(value.get("rejection_info")).get("reason")),
        text(mapping(value.get("other_info")).get("title")),
    )
    reason = next((found for found in reasons if found), "")
    return _template(item, status=text(value.get("event")), reason=reason)


def _template_quality(item: Item) -> Update:
    return _template(item, quality=text(value_of(item).get("new_quality_score")))


def _template_category(item: Item) -> Update:
    """A notice 24 hours ahead tells the category of now in ``new_category``, like the news that it has changed."""
    return _template(item, category=text(value_of(item).get("new_category")))


def _template(
    item: Item,
    *,
    status: str | None = None,
    quality: str | None = None,
    category: str | None = None,
    reason: str = "",
) -> Update:
    """A template's news. Meta writes its language as ``en-US`` in some deliveries, as ``en_US`` in others."""
    value = value_of(item)
    name = identifier(value.get("message_template_name"))
    language = identifier(value.get("message_template_language"))
    if name is None or language is None or not item.account_id or not (status or quality or category):
        why = "The template's news lacks a name, a language or the news."
        return unreadable(item, item.kind.removeprefix("field:"), why, value)
    return TemplateUpdate(
        key=item.key(),
        account_id=item.account_id,
        name=name,
        language=language.replace("-", "_"),
        status=status.lower() if status else None,
        quality=quality.lower() if quality else None,
        reason=reason,
        category=category.lower() if category else None,
        at=_at(item),
    )


# ── numbers and the account ────────────────────────────────────────────────────────────────────────────


def _tier(value: Json) -> int | None:
    """The daily limit: ``TIER_2K``, ``TIER_UNLIMITED``, or the number itself; None when none is told."""
    for name in ("max_daily_conversations_per_business", "current_limit", "max_daily_conversation_per_phone"):
        told = value.get(name)
        match = _TIER.fullmatch(told) if isinstance(told, str) else None
        if match is not None:
            return UNLIMITED if match[3] else int(match[1]) * (1000 if match[2] else 1)
        limit = integer(told)
        if limit is not None:
            return limit if 0 < limit < 2**31 else UNLIMITED
    return None


def _capability(item: Item) -> Update:
    """The messaging limit of the portfolio, which all its numbers share."""
    value = value_of(item)
    tier = _tier(value)
    return other(item) if tier is None else _news(item, "BUSINESS_CAPABILITY", tier=tier)


_QUALITIES = {"FLAGGED": "red", "UNFLAGGED": "green"}


def _number(item: Item) -> Update:
    value = value_of(item)
    event, number = text(value.get("event")) or "", phone(_digits(value.get("display_phone_number")))
    tier, quality = _tier(value), _QUALITIES.get(event)
    if number is None or (tier is None and quality is None):
        return other(item)
    return _news(item, event, tier=tier, quality=quality, number=number)


def _digits(value: object) -> str:
    return re.sub(r"[^0-9]", "", value) if isinstance(value, str) else ""


def _account(item: Item) -> Update:
    """A violation, a restriction of messaging, a ban: nothing more is sent until a person has looked."""
    value = value_of(item)
    event = text(value.get("event")) or ""
    why = _STOPS[event](value) if event in _STOPS else ""
    return _news(item, event, stop=why) if why else other(item)


def _violation(value: Json) -> str:
    kind = text(mapping(value.get("violation_info")).get("violation_type"))
    return f"WhatsApp reports a violation of its policy ({kind or 'no kind told'})"


def _restriction(value: Json) -> str:
    listed = value.get("restriction_info")
    kinds = [
        text(mapping(one).get("restriction_type")) or ""
        for one in (listed if isinstance(listed, list) else [])
    ]
    barred = [kind for kind in kinds if kind.endswith("_MESSAGING")]
    return f"WhatsApp has restricted the account ({', '.join(barred)})" if barred else ""


def _ban(value: Json) -> str:
    state = text(mapping(value.get("ban_info")).get("waba_ban_state"))
    return "" if state in (None, "REINSTATE") else f"WhatsApp bans the account ({state})"


_STOPS: Mapping[str, Callable[[Json], str]] = {
    "ACCOUNT_VIOLATION": _violation,
    "ACCOUNT_RESTRICTION": _restriction,
    "DISABLED_UPDATE": _ban,
    "ACCOUNT_DELETED": lambda _: "the WhatsApp account was deleted",
}


def _alert(item: Item) -> Update:
    """Alerts say what an account may not become; only a critical one that still stands stops it."""
    value = value_of(item)
    alert = {**mapping(value.get("alert_info")), **value}
    if text(alert.get("alert_severity")) != "CRITICAL" or text(alert.get("alert_status")) != "ACTIVE":
        return other(item)
    return _news(
        item, "ACCOUNT_ALERT", stop=f"WhatsApp alerts: {text(alert.get('alert_type')) or 'no kind told'}"
    )


def _news(
    item: Item,
    event: str,
    *,
    tier: int | None = None,
    quality: str | None = None,
    stop: str = "",
    number: str | None = None,
) -> Update:
    if not item.account_id:
        return other(item)
    return AccountUpdate(
        key=item.key(),
        account_id=item.account_id,
        event=event[:200],
        at=_at(item),
        number=number,
        tier=tier,
        quality=quality,
        stop=stop[:200],
    )


READERS: Mapping[str, Callable[[Item], Update]] = {
    "field:message_template_status_update": _template_status,
    "field:message_template_quality_update": _template_quality,
    "field:template_category_update": _template_category,
    "field:business_capability_update": _capability,
    "field:phone_number_quality_update": _number,
    "field:account_update": _account,
    "field:account_alerts": _alert,
}
"""How each of these changes is read."""
