"""The doctor at the provider's door: the access token, who gets the webhooks, our own address, the templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.accounts import SOON
from parinaya_cli.domain.errors import Failed, ParinayaError, Unreachable
from parinaya_cli.domain.findings import Finding
from parinaya_cli.ports import ProviderAccount, TemplateSource

_RENEW = "Put a valid system user token in: `parinaya config set WHATSAPP_ACCESS_TOKEN -`."
_SUBSCRIBE = (
    "Subscribe the app to the account: docs/operations.md, “WhatsApp, step by step”, has the request."
)


@dataclass(frozen=True)
class Front:
    """What is asked. ``greet``: what is wrong with our own address, '' for nothing, None where none is set."""

    account: Callable[[], ProviderAccount]
    source: Callable[[], TemplateSource]
    greet: Callable[[], str | None]
    address: str
    now: datetime


def examine(front: Front) -> list[Finding]:
    """Every check at the provider's. When it can't be reached, the first to find that out waits, and nobody else."""
    found: list[Finding] = []
    away: Unreachable | None = None
    for name, check in _CHECKS.items():
        if away is None:
            try:
                found.append(check(front))
                continue
            except Unreachable as error:
                away = error
            except ParinayaError as error:
                found.append(Finding(name, False, error.message, error.hint))
                continue
        if name == "templates":
            found.append(Finding(name, False, away.message, away.hint))
        else:
            found.append(Finding(name, True, "not asked: WhatsApp can't be reached"))
    return found


def _token(front: Front) -> Finding:
    try:
        token = front.account().token()
    except Failed as error:
        return Finding("token", True, f"how long it lasts can't be told: {error.message}")
    expires = token.expires_at
    if not token.valid or (expires is not None and expires <= front.now):
        why = token.why or (f"it expired on {expires:%d %b %Y}" if expires else "it was taken back")
        return Finding("token", False, f"the access token is not valid: {why}", _RENEW)
    if token.lacks:
        hint = (
            "Give the system user's token these permissions in Meta's Business settings, and put it in again."
        )
        return Finding("token", False, f"the access token lacks {', '.join(token.lacks)}", hint)
    told = "" if token.permissions is not None else "; what it may do is not told"
    if expires is None:
        return Finding("token", True, f"valid, and does not expire{told}")
    days = (expires - front.now).days
    soon = expires - front.now <= SOON
    return Finding(
        "token", True, f"valid until {expires:%d %b %Y}, {days} days{told}", _RENEW if soon else ""
    )


def _subscription(front: Front) -> Finding:
    try:
        found = front.account().subscriptions()
    except Failed as error:
        return Finding("subscribed", True, f"can't be told: {error.message}")
    if not found:
        return Finding("subscribed", False, "no app gets the account's webhooks", _SUBSCRIBE)
    elsewhere = [one.address for one in found if one.address]
    if front.address and len(elsewhere) == len(found) and front.address not in elsewhere:
        told = f"the webhooks go to {elsewhere[0]}, not to {front.address}"
        return Finding("subscribed", False, told, f"Mend PARINAYA_WEBHOOK_URL, or: {_SUBSCRIBE}")
    return Finding("subscribed", True, f"the webhooks go to {', '.join(one.app for one in found)}")


def _address(front: Front) -> Finding:
    wrong = front.greet()
    if wrong is None:
        return Finding("address", True, "not asked: PARINAYA_WEBHOOK_URL is not set")
    if not wrong:
        return Finding("address", True, f"{front.address} knows the verify token")
    hint = (
        "Look at the proxy, at `parinaya webhook serve`, and whether it was started anew since WHATSAPP_VERIFY_TOKEN "
        "changed. Where only this machine can't reach it, unset PARINAYA_WEBHOOK_URL here."
    )
    return Finding("address", False, f"{front.address}: {wrong}", hint)


def _templates(front: Front) -> Finding:
    approved = [one for one in front.source().list_templates() if one.status == "approved"]
    if not approved:
        return Finding("templates", False, "none is approved", "Have one approved in WhatsApp Manager.")
    return Finding("templates", True, f"the token works; {len(approved)} approved")


_CHECKS: dict[str, Callable[[Front], Finding]] = {
    "token": _token,
    "subscribed": _subscription,
    "address": _address,
    "templates": _templates,
}
