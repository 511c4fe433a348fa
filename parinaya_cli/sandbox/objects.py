"""The fields of the business number and of the account, and choosing among them with ``fields``.

Fields: developers.facebook.com, documentation/business-messaging/whatsapp/business-phone-numbers and
…/support/health-status; Meta's OpenAPI file v23.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.options import SandboxOptions


def business_number(options: SandboxOptions) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The fields that come unasked, and all fields, of the business number."""
    fields = {
        "id": options.phone_number_id,
        "display_phone_number": f"+{options.display_phone_number}",
        "verified_name": options.verified_name,
        "quality_rating": "GREEN",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "status": "CONNECTED",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD" if options.messages_per_second <= 80 else "HIGH"},
        "messaging_limit_tier": "TIER_UNLIMITED",
        "whatsapp_business_manager_messaging_limit": "TIER_UNLIMITED",
        "health_status": _health("PHONE_NUMBER", options.phone_number_id),
    }
    return ("id", "display_phone_number", "verified_name", "quality_rating"), fields


def account(options: SandboxOptions) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The fields that come unasked, and all fields, of the WhatsApp Business Account."""
    fields = {
        "id": options.waba_id,
        "name": options.verified_name,
        "timezone_id": "71",
        "message_template_namespace": "5f3f2f2e_0000_4b1e_9c1d_2f6d1c0a7b55",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "country": "IN",
        "currency": "INR",
        "ownership_type": "SELF",
        "marketing_messages_lite_api_status": "INELIGIBLE",
        "health_status": _health("WABA", options.waba_id),
    }
    return ("id", "name", "timezone_id", "message_template_namespace"), fields


def app_entry(options: SandboxOptions) -> dict[str, Any]:
    """One line of ``GET /{WABA_ID}/subscribed_apps``."""
    link = f"https://www.facebook.com/games/?app_id={options.app_id}"
    return {"whatsapp_business_api_data": {"id": options.app_id, "name": options.verified_name, "link": link}}


def pick(known: tuple[tuple[str, ...], Mapping[str, Any]], wanted: str, node: str) -> dict[str, Any]:
    """The fields named in ``wanted`` (commas between), or those that come unasked; ``id`` always.

    Raises:
        GraphError: 100 for a field that the node does not have.
    """
    unasked, fields = known
    names = [name.strip() for name in wanted.split(",") if name.strip()] or list(unasked)
    for name in names:
        if name not in fields:
            raise GraphError(
                100, message=f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})"
            )
    return {name: fields[name] for name in dict.fromkeys([*names, "id"])}


def _health(kind: str, object_id: str) -> dict[str, Any]:
    entity = {"entity_type": kind, "id": object_id, "can_send_message": "AVAILABLE"}
    return {"can_send_message": "AVAILABLE", "entities": [entity]}
