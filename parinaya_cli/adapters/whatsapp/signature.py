"""The signature of a webhook: HMAC-SHA256 of the raw body under the app secret.

Source: Meta, WhatsApp, webhooks/create-webhook-endpoint (header ``X-Hub-Signature-256``). The bytes are those
that came over the wire: parsing and dumping the JSON again gives other bytes.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

_HEADER = re.compile(r"sha256=[0-9a-f]{64}")


def sign(secret: str, body: bytes) -> str:
    """The value of ``X-Hub-Signature-256`` for a body: ``sha256=`` and 64 lower-case hexadecimal digits."""
    return "sha256=" + hmac.digest(secret.encode("utf-8", "surrogatepass"), body, "sha256").hex()


def check(secrets: Sequence[str], body: bytes, header: str | None) -> bool:
    """Whether ``header`` signs ``body`` under one of ``secrets``, of which several hold during a rotation.

    No secret (or only empty ones) means no: a missing setting never opens the door. A header that holds
    anything besides exactly one signature means no. The comparison takes the same time wherever it differs.
    """
    if header is None or not _HEADER.fullmatch(header):
        return False
    right = False
    for secret in secrets:
        if secret:
            right |= hmac.compare_digest(sign(secret, body), header)
    return right
