"""Deliveries for trying things out: made and signed as Meta does, posted to a receiver.

Shapes: Meta, WhatsApp, webhooks/reference/messages.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from parinaya_cli.adapters.whatsapp import signature
from parinaya_cli.domain.errors import Failed, Unreachable, UsedWrongly
from parinaya_cli.domain.trials import TrialKind

PATIENCE = 15.0
"""Seconds for an answer."""
STATUSES = frozenset({TrialKind.SENT, TrialKind.DELIVERED, TrialKind.READ, TrialKind.FAILED})
PREFERENCES = frozenset({TrialKind.STOP, TrialKind.RESUME})


@dataclass(frozen=True)
class Trial:
    """One update. ``phone``: who got the message or wrote (E.164); ``wamid``: the message that it is about.

    ``text``: what was typed, or the label of the button; of a template or a number, Meta's word for what happened.
    ``code``: Meta's error code of a failure. ``user_id``: who wrote, where WhatsApp names no number. ``new_phone``: the
    number that somebody has now. ``template``: its name and language.
    """

    kind: TrialKind
    phone: str
    wamid: str = ""
    text: str = ""
    payload: str = ""
    code: int = 131026
    user_id: str = ""
    new_phone: str = ""
    template: tuple[str, str] = ("", "en")


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
    change = _change(trial, account, wamid, int(time.time()))
    entry = {"id": account.business_account_id, "time": int(time.time()), "changes": [change]}
    body = {"object": "whatsapp_business_account", "entry": [entry]}
    return json.dumps(body, separators=(",", ":")).encode("ascii"), wamid


def _change(trial: Trial, account: Account, wamid: str, now: int) -> dict[str, object]:
    """One change of the field that tells of such a kind."""
    if trial.kind is TrialKind.TEMPLATE:
        name, language = trial.template
        told = {
            "event": trial.text.upper(),
            "message_template_name": name,
            "message_template_language": language,
        }
        return {"field": "message_template_status_update", "value": told}
    if trial.kind is TrialKind.NUMBER:
        told = {"event": trial.text.upper(), "display_phone_number": trial.phone.removeprefix("+")}
        return {"field": "phone_number_quality_update", "value": told}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": account.phone_number_id},
    }
    if trial.kind in PREFERENCES:
        switch = {**_who(trial, "wa_id", "user_id"), "value": trial.kind.value, "timestamp": now}
        told_switch = {**switch, "category": "marketing_messages", "detail": "Made for a trial."}
        return {"field": "user_preferences", "value": {**value, "user_preferences": [told_switch]}}
    if trial.kind in STATUSES:
        recipient = {"recipient_id": trial.phone.removeprefix("+"), **_error(trial)}
        status = {"id": wamid, "status": trial.kind.value, "timestamp": str(now), **recipient}
        return {"field": "messages", "value": {**value, "statuses": [status]}}
    contact = {**_who(trial, "wa_id", "user_id"), "profile": {"name": "Trial"}}
    message = {"id": wamid, "timestamp": str(now), **_who(trial, "from", "from_user_id"), **_content(trial)}
    return {"field": "messages", "value": {**value, "contacts": [contact], "messages": [message]}}


def _who(trial: Trial, number: str, user_id: str) -> dict[str, str]:
    """Whom it is about, by the number, the user id, or both."""
    told = {number: trial.phone.removeprefix("+"), user_id: trial.user_id}
    return {key: value for key, value in told.items() if value}


def _check(trial: Trial) -> None:
    spoken = trial.kind in {TrialKind.TEXT, TrialKind.TAP, TrialKind.VOICE, *PREFERENCES}
    needs: list[tuple[bool, object, str, str]] = [
        (
            trial.kind in STATUSES,
            trial.wamid,
            f"A status ({trial.kind}) is about a message.",
            "Name the message with --wamid; `parinaya invite messages --json` has the ids.",
        ),
        (spoken, trial.phone or trial.user_id, "Somebody has to be named.", "Give --from or --user-id."),
        (
            trial.kind in {*STATUSES, TrialKind.MOVED, TrialKind.NUMBER},
            trial.phone,
            "A number is needed.",
            "Give it with --to or --from.",
        ),
        (trial.kind is TrialKind.TEXT, trial.text, "A text needs words.", "Give them with --text."),
        (
            trial.kind is TrialKind.TAP,
            trial.payload,
            "A tap needs the payload of a button.",
            "Give it with --payload.",
        ),
        (trial.kind is TrialKind.MOVED, trial.new_phone, "A new number is needed.", "Give it with --new."),
        (
            trial.kind is TrialKind.TEMPLATE,
            trial.template[0] and trial.text,
            "A template's news names it, and says what happened.",
            "Give --template NAME and --text PAUSED (or APPROVED, REJECTED, DISABLED).",
        ),
        (
            trial.kind is TrialKind.NUMBER,
            trial.text,
            "A number's news says what happened.",
            "Give --text FLAGGED or UNFLAGGED.",
        ),
    ]
    for asked, given, wrong, hint in needs:
        if asked and not given:
            raise UsedWrongly(wrong, hint)


def _error(trial: Trial) -> dict[str, object]:
    if trial.kind is not TrialKind.FAILED:
        return {}
    return {
        "errors": [{"code": trial.code, "title": "Trial", "error_data": {"details": "Made for a trial."}}]
    }


def _content(trial: Trial) -> dict[str, object]:
    if trial.kind is TrialKind.TEXT:
        return {"type": "text", "text": {"body": trial.text}}
    if trial.kind is TrialKind.VOICE:
        sound = {"id": "1", "mime_type": "audio/ogg; codecs=opus", "sha256": "0" * 64, "voice": True}
        return {"type": "audio", "audio": sound}
    if trial.kind is TrialKind.MOVED:
        moved = {"type": "user_changed_number", "wa_id": trial.new_phone.removeprefix("+"), "body": "moved"}
        return {"type": "system", "system": moved}
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
