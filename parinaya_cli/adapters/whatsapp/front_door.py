"""Our own webhook as Meta reaches it: through the proxy, at its public address."""

from __future__ import annotations

from urllib.parse import urlsplit

from parinaya_cli.adapters.whatsapp.patience import LOCAL, ask
from parinaya_cli.domain.accounts import LONGEST
from parinaya_cli.domain.errors import Unreachable


def greet(address: str, verify_token: str, challenge: str, seconds: float = LONGEST.total_seconds()) -> str:
    """Shake hands with our own webhook as Meta does; what is wrong with its answer, or nothing.

    Source: Meta, WhatsApp, webhooks/create-webhook-endpoint. The word goes to https alone, except on this machine.
    """
    if not address.startswith("https://") and urlsplit(address).hostname not in LOCAL:
        return "Meta delivers to https only"
    query = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": challenge}
    try:
        answer = ask(address, query, {}, seconds)
    except Unreachable as away:
        return away.message.rstrip(".")
    if answer.status == 403:
        return "it refuses our verify token"
    if answer.status != 200:
        return f"it answers HTTP {answer.status}"
    return "" if answer.body == challenge.encode() else "something else than parinaya answers there"
