"""Payloads of a template's quick replies: they name the household and the events, and can't be forged.

A tap's ``context`` can be missing and a button stays tappable for ever, so the payload itself must tell what
the tap is about (Meta, WhatsApp Cloud API, webhooks of the type ``button``).
"""

from __future__ import annotations

import base64
import hmac
import re
import uuid
from dataclasses import dataclass

from parinaya_cli.domain.errors import UsedWrongly

MAX_LENGTH = 127
"""Longest payload that ``write`` makes, in characters."""

_LETTERS = {"yes": "y", "no": "n", "maybe": "m", "stop": "s"}
_ANSWERS = {letter: answer for answer, letter in _LETTERS.items()}
_MAC_BYTES = 16
_PURPOSE = b"parinaya tap 1\x00"
_SHAPE = re.compile(
    r"(pn1\.([ynms])\.U([1-9][0-9]{0,8})\.((?:E[1-9][0-9]{0,8}(?:-E[1-9][0-9]{0,8})*)?))\.([A-Za-z0-9_-]{22})",
    re.ASCII,
)


@dataclass(frozen=True)
class TapMeaning:
    """What a button says: ``answer`` (yes, no, maybe, stop) of guest unit ``U{unit}`` for events ``E{n}``."""

    answer: str
    unit: int
    events: tuple[int, ...]


def write(secret: bytes, wedding_id: uuid.UUID, meaning: TapMeaning) -> str:
    """The payload of one button: ASCII, at most ``MAX_LENGTH`` characters, with 128 bits of HMAC-SHA256.

    Raises:
        UsedWrongly: no secret, an unknown answer, a number that no ref has, or more events than fit.
    """
    if not secret:
        raise UsedWrongly("There is no secret to sign buttons with.", "Set the secret of this installation.")
    letter = _LETTERS.get(meaning.answer)
    if letter is None:
        raise UsedWrongly(f"{meaning.answer!r} is no answer of a button.", "Use yes, no, maybe or stop.")
    events = "-".join(f"E{number}" for number in meaning.events)
    text = f"pn1.{letter}.U{meaning.unit}.{events}"
    payload = f"{text}.{_mac(secret, wedding_id, text)}"
    if len(payload) > MAX_LENGTH:
        raise UsedWrongly(
            f"{len(meaning.events)} events do not fit on one button.",
            "Send several messages, each for fewer events.",
        )
    if not _SHAPE.fullmatch(payload):
        raise UsedWrongly("A button names a guest unit or an event that can't exist.", "Numbers begin at 1.")
    return payload


def read(secret: bytes, wedding_id: uuid.UUID, payload: str) -> TapMeaning | None:
    """What a payload means, or None when it is forged, damaged, of another wedding or not ours."""
    shape = _SHAPE.fullmatch(payload)
    if not secret or shape is None:
        return None
    text, letter, unit, events, mac = shape.groups()
    if not hmac.compare_digest(_mac(secret, wedding_id, text), mac):
        return None
    numbers = tuple(int(event[1:]) for event in events.split("-")) if events else ()
    return TapMeaning(_ANSWERS[letter], int(unit), numbers)


def _mac(secret: bytes, wedding_id: uuid.UUID, text: str) -> str:
    digest = hmac.digest(secret, _PURPOSE + wedding_id.bytes + text.encode("ascii"), "sha256")
    return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).decode("ascii").rstrip("=")
