"""Who is to be called, and why, in words for whoever picks up the phone."""

from __future__ import annotations

_NEVER = "no message has gone out yet"
_WHY = {
    "": _NEVER,
    "planned": _NEVER,
    "queued": "the message waits to be sent",
    "sending": "the message is just being sent",
    "accepted": "WhatsApp has the message, the phone not yet",
    "sent": "WhatsApp has the message, the phone not yet",
    "delivered": "the message arrived, no answer",
    "read": "the message was read, no answer",
    "failed": "the message failed",
    "unknown": "nobody knows whether the message arrived",
    "skipped": "no message was sent",
    "cancelled": "the message was cancelled",
}

_REASONS = {
    "not_invited": "not invited then",
    "event_over": "the event was over",
    "no_phone": "no phone number",
    "invalid_phone": "WhatsApp can't reach this number",
    "do_not_message": "wants no messages",
    "opted_out": "has opted out of messages",
    "no_opt_in": "has not opted in",
    "not_on_whatsapp": "not on WhatsApp",
    "country_not_served": "WhatsApp does not deliver to this country",
    "already_answered": "had answered",
    "already_sent": "had the message already",
    "template_missing": "there was no template",
    "template_not_approved": "the template was not approved",
    "template_params_missing": "the template lacked values",
    "window_closed": "the 24 hours after their last message were over",
    "cooling_down": "WhatsApp holds back marketing to this number",
    "quiet_hours": "quiet hours",
    "frequency_cap": "had enough messages lately",
    "tier_limit": "the daily limit was reached",
    "number_paused": "sending was paused",
}


def say_reason(reason: str) -> str:
    """A reason of the policy gate in words; another code comes back with spaces in it."""
    return _REASONS.get(reason, reason.replace("_", " "))


def say_state(state: str, reason: str = "", error: str = "") -> str:
    """Why a household that has not answered is to be called: what became of its last message.

    ``state``: of that message, empty where there is none. ``reason``: of the policy gate. ``error``: the provider's
    title of it.
    """
    more = error if state == "failed" and error else say_reason(reason) if reason else ""
    told = _WHY.get(state, state)
    return f"{told}: {more}" if more else told
