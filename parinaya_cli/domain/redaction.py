"""The last net before a log line or a traceback is written: secrets, phones and keys are taken out of its text.

The first fence is that nobody writes them. This one catches what others quote: drivers, libraries, an unforeseen error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "••••"

SHORTEST = 6
"""A shorter secret is not looked for: it would be found in plain words."""

_KEYS = re.compile(
    r"(?P<url>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+(?=@)"  # a password in an address
    r"|(?P<bearer>\bBearer\s+)\S+"
    r"|\bEAA[A-Za-z0-9]{16,}"  # access tokens of Meta
    r"|\bwamid\.[A-Za-z0-9+/=_-]+"  # ids of messages hold the phone in base64
    r"|(?P<link>/[id]/)[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"
)
_PHONE = re.compile(r"(?<![\w.-])\+?[0-9]{10,15}(?![\w-])|\+[0-9][0-9 -]{8,17}[0-9]")


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` without these secrets, and without what looks like a key, a link of a guest or a phone (E.164, or 10 to
    15 digits in a row, of which the last three stay)."""
    for secret in sorted({one for one in secrets if len(one) >= SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    text = _KEYS.sub(lambda found: (found["url"] or found["bearer"] or found["link"] or "") + MASK, text)
    return _PHONE.sub(lambda found: MASK + found[0][-3:], text)
