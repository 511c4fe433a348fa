"""Deliveries for trying things out: made and signed as Meta does, posted to a receiver.

Shapes: Meta, WhatsApp, webhooks/reference/messages.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from parinaya_cli.adapters.whatsapp import signature
from parinaya_cli.domain.errors import Failed, Unreachable, UsedWrongly

PATIENCE = 15.0
"""Seconds for an answer."""


class TrialKind(StrEnum):
    """What a trial delivery tells."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    TEXT = "text"
    TAP = "tap"


STATUSES = frozenset({TrialKind.SENT, TrialKind.DELIVERED, TrialKind.READ, TrialKind.FAILED})


@dataclass(frozen=True)
class Trial:
    """One update. ``phone``: who got the message or wrote (E.164); ``wamid``: the message that it is about.

    ``text``: what was typed, or the label of the button. ``code``: Meta's error code of a failure.
    """

    kind: TrialKind
    phone: str
    wamid: str = ""
    text: str = ""
    payload: str = ""
    code: int = 131026


@dataclass(frozen=True)
class Account:
    """The account that the delivery comes from."""

    business_account_id: str
    phone_number_id: str
    app_secret: str


def make(trial: Trial, account: Account) -> tuple[bytes, str]:
    """The body of a delivery with this update, and the id of its message.

    Raises:
        UsedWrongly: something that its kind needs is missing.
    """
    _check(trial)
    wamid = trial.wamid or f"wamid.TRIAL{secrets.token_hex(12).upper()}"
    value: dict[str, object] = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": account.phone_number_id},
    }
    now = str(int(time.time()))
    number = trial.phone.removeprefix("+")
    if trial.kind in STATUSES:
        value["statuses"] = [
            {
                "id": wamid,
                "status": trial.kind.value,
                "timestamp": now,
                "recipient_id": number,
                **_error(trial),
            }
        ]
    else:
        value["contacts"] = [{"wa_id": number, "profile": {"name": "Trial"}}]
        value["messages"] = [{"id": wamid, "from": number, "timestamp": now, **_content(trial)}]
    change = {"field": "messages", "value": value}
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"id": account.business_account_id, "changes": [change]}],
    }
    return json.dumps(body, separators=(",", ":")).encode("ascii"), wamid


def _check(trial: Trial) -> None:
    if trial.kind in STATUSES and not trial.wamid:
        raise UsedWrongly(
            f"A status ({trial.kind}) is about a message.",
            "Name the message with --wamid; `parinaya invite messages --json` has the ids.",
        )
    if trial.kind is TrialKind.TEXT and not trial.text:
        raise UsedWrongly("A text needs words.", "Give them with --text.")
    if trial.kind is TrialKind.TAP and not trial.payload:
        raise UsedWrongly("A tap needs the payload of a button.", "Give it with --payload.")


def _error(trial: Trial) -> dict[str, object]:
    if trial.kind is not TrialKind.FAILED:
        return {}
    return {
        "errors": [{"code": trial.code, "title": "Trial", "error_data": {"details": "Made for a trial."}}]
    }


def _content(trial: Trial) -> dict[str, object]:
    if trial.kind is TrialKind.TEXT:
        return {"type": "text", "text": {"body": trial.text}}
    return {"type": "button", "button": {"payload": trial.payload, "text": trial.text or "Yes"}}


def post(url: str, body: bytes, app_secret: str) -> None:
    """Sign a delivery and post it; returns when the receiver has stored it.

    Raises:
        Unreachable: nobody listens there, or the receiver can't store anything now.
        Failed: the receiver refused it.
        UsedWrongly: the address can't be read.
    """
    import httpx

    headers: Mapping[str, str] = {
        "Content-Type": "application/json",
        "X-Hub-Signature-256": signature.sign(app_secret, body),
    }
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=PATIENCE, trust_env=False)
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise UsedWrongly(
            f"{url!r} is no address.", "It looks like http://127.0.0.1:8000/webhooks/whatsapp."
        ) from None
    except httpx.HTTPError as error:
        raise Unreachable(
            f"No receiver answers at {url} ({type(error).__name__}).",
            "Start it with `parinaya webhook serve`.",
        ) from error
    if answer.status_code == 503:
        raise Unreachable("The receiver can't store anything now.", "Ask its /readyz why.")
    if answer.status_code == 401:
        raise Failed(
            "The receiver refused the signature.", "Give both the same WHATSAPP_APP_SECRET.", code="unsigned"
        )
    if answer.status_code != 200:
        raise Failed(f"The receiver answered {answer.status_code}.", "Check --url.", code="refused")
