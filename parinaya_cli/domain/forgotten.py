"""Who was forgotten, written down outside of the database: a restored backup forgets them again.

A line holds random ids of rows and nothing else that tells who it was, signed with the key of the audit log.
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from parinaya_cli.domain.audit import ChainKey, canonical

_DOMAIN = b"parinaya.forgotten.v1"


@dataclass(frozen=True, order=True)
class Forgotten:
    """One who was forgotten: the ids of the wedding and of the person."""

    wedding_id: uuid.UUID
    person_id: uuid.UUID


def write(one: Forgotten, key: ChainKey) -> str:
    """A line of JSON with its signature (HMAC-SHA256 under the audit key)."""
    told = {"wedding": str(one.wedding_id), "person": str(one.person_id), "key": key.id}
    return json.dumps({**told, "mac": _mac(told, key)})


def read(lines: Iterable[str], key: ChainKey) -> set[Forgotten]:
    """Those whom the lines name. A line that is torn, or that this key has not signed, names nobody."""
    return {one for line in lines if (one := _read(line, key)) is not None}


def _read(line: str, key: ChainKey) -> Forgotten | None:
    try:
        told: dict[str, Any] = json.loads(line)
        mac = str(told.pop("mac"))
        if not hmac.compare_digest(mac.encode(), _mac(told, key).encode()):
            return None
        return Forgotten(uuid.UUID(told["wedding"]), uuid.UUID(told["person"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _mac(told: Mapping[str, object], key: ChainKey) -> str:
    return hmac.digest(key.secret, _DOMAIN + canonical(told), "sha256").hex()
