"""Links to pages: a token opens one page, can't be guessed, and is not stored.

A token is the key of its link, 128 bits, and 128 bits of an HMAC of it, so that a guess is turned away before
anything is looked up. Of the key the database holds a hash.

A household's key is not drawn by lot: it is an HMAC, under the secret of the installation, of the household and
of a random seed that its row holds. So whoever sends messages can name the link again, a rehearsal names the same
one without writing anything, and somebody who reads the database alone can name none. Another seed makes another link.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_BYTES = 16
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

AFTER_THE_LAST_EVENT = timedelta(days=7)
"""For how long a household's link goes on after its last event."""

WITHOUT_EVENTS = timedelta(days=365)
"""For how long a household's link goes on that is invited to nothing (yet)."""

LONGEST_DAYS = 730
"""Days that a parents' link may be made for."""


class LinkKind(StrEnum):
    """What a link opens. A token of one kind opens nothing of the other."""

    UNIT = "unit"
    DASHBOARD = "dashboard"


@dataclass(frozen=True)
class SiteLink:
    """A parents' link as lists show one. ``tail``: the last four characters of its token."""

    id: uuid.UUID
    name: str
    side: str | None
    phones: bool
    tail: str
    actor: str
    created_at: datetime
    expires_at: datetime


def unit_key(secret: bytes, wedding_id: uuid.UUID, unit_id: uuid.UUID, seed: uuid.UUID) -> bytes:
    """The key of a household's link: 16 bytes, the same for the same seed."""
    return _mac(secret, b"key", wedding_id.bytes + unit_id.bytes + seed.bytes)


def new_key() -> bytes:
    """A key drawn by lot: 16 bytes."""
    return secrets.token_bytes(_BYTES)


def write(secret: bytes, kind: LinkKind, key: bytes) -> str:
    """The token of a key: 43 characters of base64url."""
    told = key + _mac(secret, kind.value.encode(), key)
    return base64.urlsafe_b64encode(told).decode("ascii").rstrip("=")


def read(secret: bytes, kind: LinkKind, token: str) -> bytes | None:
    """The key of a token, or None when it is made up, damaged or of the other kind."""
    if not secret or not _SHAPE.fullmatch(token):
        return None
    try:
        told = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    key, mac = told[:_BYTES], told[_BYTES:]
    right = hmac.compare_digest(mac, _mac(secret, kind.value.encode(), key))
    return key if right and write(secret, kind, key) == token else None


def read_by_any(secrets: Iterable[bytes], kind: LinkKind, token: str) -> bytes | None:
    """The key of a token that one of the secrets has signed: two hold while one takes over from the other."""
    return next((key for secret in secrets if (key := read(secret, kind, token)) is not None), None)


def name_of(secret: bytes) -> str:
    """Which secret it was that signed, in 8 hex digits from which nobody can tell it."""
    return _mac(secret, b"name", b"")[:4].hex()


def digest(key: bytes) -> str:
    """What is kept of a key: SHA-256 in hex."""
    return hashlib.sha256(key).hexdigest()


def _mac(secret: bytes, purpose: bytes, content: bytes) -> bytes:
    return hmac.new(secret, b"parinaya link 1\x00" + purpose + b"\x00" + content, hashlib.sha256).digest()[
        :_BYTES
    ]
