"""The audit chain: what an entry holds, how it is chained to the one before, and how a chain is checked.

The chain holds no personal data: ``before`` and ``after`` are kept apart, and the hashed payload holds only a
commitment to them, so that a guest can be forgotten while the chain still verifies.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path

_DOMAIN = b"parinaya.audit.v1"


@dataclass(frozen=True)
class ChainKey:
    """The key of the chain; it is not kept in the database. ``id`` names it in each entry."""

    secret: bytes

    @property
    def id(self) -> str:
        """A short name of the key that gives nothing of it away."""
        return hashlib.sha256(b"parinaya.audit.key" + self.secret).hexdigest()[:12]


@dataclass(frozen=True)
class Entry:
    """One change, before it is chained."""

    chain_id: uuid.UUID
    at: datetime
    actor: str
    role: str
    channel: str
    action: str
    entity: str
    entity_id: uuid.UUID | None = None
    ref: str = ""
    reason: str = ""
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Link:
    """Where a chain ends: the last number and its hash."""

    seq: int
    hash: bytes


@dataclass(frozen=True)
class StoredEntry:
    """One chained entry as it is stored."""

    chain_id: uuid.UUID
    seq: int
    at: datetime
    actor: str
    role: str
    channel: str
    action: str
    entity: str
    ref: str
    reason: str
    payload: bytes
    prev_hash: bytes
    hash: bytes
    key_id: str
    entity_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Verdict:
    """What a check of a chain found. ``first_bad`` is the number of the first entry that is wrong."""

    ok: bool
    entries: int
    first_bad: int | None = None
    reason: str = ""


def plain(value: object) -> object:
    """``value`` with what JSON does not know turned into text: times in RFC 3339, ids, enums, paths."""
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | uuid.UUID | Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return value


def canonical(value: object) -> bytes:
    """Canonical JSON: UTF-8, sorted keys, no blanks."""
    text = json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def link(entry: Entry, head: Link, key: ChainKey, nonce: bytes) -> tuple[StoredEntry, str]:
    """Chain an entry to ``head``. Returns it with the text of its values ("" when it has none)."""
    value = ""
    facts: dict[str, object] = {"entity_id": entry.entity_id}
    if entry.before is not None or entry.after is not None:
        value = canonical({"before": entry.before, "after": entry.after}).decode("utf-8", "surrogatepass")
        facts["values"] = _commitment(value, nonce)
    payload = canonical(facts)
    seq = head.seq + 1
    unsigned = StoredEntry(
        entry.chain_id,
        seq,
        entry.at.astimezone(UTC),
        entry.actor,
        entry.role,
        entry.channel,
        entry.action,
        entry.entity,
        entry.ref,
        entry.reason,
        payload,
        head.hash,
        b"",
        key.id,
        entry.entity_id,
    )
    signed = StoredEntry(**{**unsigned.__dict__, "hash": _hash(unsigned, key)})
    return signed, value


def _commitment(value: str, nonce: bytes) -> str:
    return hashlib.sha256(nonce + value.encode("utf-8", "surrogatepass")).hexdigest()


def _hash(entry: StoredEntry, key: ChainKey) -> bytes:
    header = canonical(
        {
            "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "actor": entry.actor,
            "role": entry.role,
            "channel": entry.channel,
            "action": entry.action,
            "entity": entry.entity,
            "ref": entry.ref,
            "reason": entry.reason,
            "key_id": entry.key_id,
        }
    )
    message = b"".join(
        (
            _DOMAIN,
            entry.chain_id.bytes,
            entry.seq.to_bytes(8, "big"),
            entry.prev_hash.ljust(32, b"\0"),
            hashlib.sha256(entry.payload).digest(),
            hashlib.sha256(header).digest(),
        )
    )
    return hmac.digest(key.secret, message, "sha256")


def check(
    entries: Iterable[tuple[StoredEntry, str | None, bytes | None]], head: Link, key: ChainKey
) -> Verdict:
    """Check a chain from its first entry to its head.

    The reasons: ``edited`` (an entry or its values), ``missing``, ``reordered``, ``unknown_key``, ``tail_cut``
    and ``head_mismatch``. Values that were forgotten on purpose do not break the chain; values that were
    changed do.
    """
    at = Link(0, b"")
    count = 0
    for entry, value, nonce in entries:
        count += 1
        wrong = _wrong(entry, value, nonce, at, key)
        if wrong:
            return Verdict(False, count, entry.seq if wrong != "missing" else at.seq + 1, wrong)
        at = Link(entry.seq, entry.hash)
    if head.seq > at.seq:
        return Verdict(False, count, at.seq + 1, "tail_cut")
    if head.seq < at.seq or not hmac.compare_digest(head.hash, at.hash):
        return Verdict(False, count, head.seq, "head_mismatch")
    return Verdict(True, count)


def _wrong(entry: StoredEntry, value: str | None, nonce: bytes | None, at: Link, key: ChainKey) -> str:
    if entry.seq > at.seq + 1:
        return "missing"
    if entry.seq <= at.seq:
        return "reordered"
    if entry.key_id != key.id:
        return "unknown_key"
    if not hmac.compare_digest(entry.prev_hash, at.hash) or not hmac.compare_digest(
        entry.hash, _hash(entry, key)
    ):
        return "edited"
    told = json.loads(entry.payload)
    if told["entity_id"] != plain(entry.entity_id):
        return "edited"
    if value is not None and nonce is not None and told.get("values") != _commitment(value, nonce):
        return "edited"
    return ""
