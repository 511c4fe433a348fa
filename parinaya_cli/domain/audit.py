"""The audit chain: what an entry holds, how it is chained to the one before, and how a chain is checked.

The chain holds no personal data: ``before``, ``after`` and the reason that somebody typed are kept apart, and the
hashed payload holds only a commitment to them, so that a guest can be forgotten while the chain still verifies.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from hashlib import sha256
from json.encoder import encode_basestring as _quote
from pathlib import Path
from typing import NamedTuple, TypeAlias

_DOMAIN = b"parinaya.audit.v1"


@dataclass(frozen=True)
class ChainKey:
    """The key of the chain; it is not kept in the database. ``id`` names it in each entry."""

    secret: bytes

    @property
    def id(self) -> str:
        """A short name of the key that gives nothing of it away."""
        return sha256(b"parinaya.audit.key" + self.secret).hexdigest()[:12]


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


class StoredEntry(NamedTuple):
    """One chained entry as it is stored, in the order of its columns: hundreds of thousands are read at once.

    ``reason``: only of entries that were written before reasons were kept apart. ``entity_id``: as text, where many
    are read.
    """

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
    entity_id: uuid.UUID | str | None = None


Row: TypeAlias = tuple[StoredEntry, str | None, bytes | None]
"""An entry with its values and their nonce, as far as they are kept."""


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
    if entry.before is not None or entry.after is not None or entry.reason:
        told: dict[str, object] = {"before": entry.before, "after": entry.after}
        if entry.reason:
            told["reason"], facts["reason"] = entry.reason, True
        value = canonical(told).decode("utf-8", "surrogatepass")
        facts["values"] = _commitment(value, nonce)
    unsigned = StoredEntry(
        entry.chain_id,
        head.seq + 1,
        entry.at.astimezone(UTC),
        entry.actor,
        entry.role,
        entry.channel,
        entry.action,
        entry.entity,
        entry.ref,
        "",
        canonical(facts),
        head.hash,
        b"",
        key.id,
        entry.entity_id,
    )
    return unsigned._replace(hash=_Signer(key, entry.chain_id).hash(unsigned, unsigned.seq)), value


def _commitment(value: str, nonce: bytes) -> str:
    return sha256(nonce + value.encode("utf-8", "surrogatepass")).hexdigest()


class _Signer:
    """Makes the hashes of one chain's entries. What is the same for all of them is hashed once: a long log is checked
    entry by entry."""

    def __init__(self, key: ChainKey, chain_id: uuid.UUID) -> None:
        padded = (key.secret if len(key.secret) <= 64 else sha256(key.secret).digest()).ljust(64, b"\0")
        # HMAC by its two halves (RFC 2104, section 4): hmac's own objects take twice as long to copy.
        self._inner = sha256(bytes(one ^ 0x36 for one in padded) + _DOMAIN + chain_id.bytes)
        self._outer = sha256(bytes(one ^ 0x5C for one in padded))
        self.chain_id = chain_id

    def hash(self, entry: StoredEntry, seq: int) -> bytes:
        """What the entry's hash is, were ``seq`` its number. The header is canonical JSON, put together by hand."""
        at = entry.at if entry.at.tzinfo is UTC else entry.at.astimezone(UTC)
        header = (
            f'{{"action":{_quote(entry.action)},"actor":{_quote(entry.actor)},'
            f'"at":"{at.isoformat(timespec="microseconds")[:26]}Z","channel":{_quote(entry.channel)},'
            f'"entity":{_quote(entry.entity)},"key_id":{_quote(entry.key_id)},"reason":{_quote(entry.reason)},'
            f'"ref":{_quote(entry.ref)},"role":{_quote(entry.role)}}}'
        )
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(
            seq.to_bytes(8, "big")
            + entry.prev_hash.ljust(32, b"\0")
            + sha256(entry.payload).digest()
            + sha256(header.encode("utf-8", "surrogatepass")).digest()
        )
        outer.update(inner.digest())
        return outer.digest()

    def is_ours(self, entry: StoredEntry, seq: int) -> bool:
        """Was the entry written by whoever holds the key, as number ``seq`` of this chain?"""
        same = entry.chain_id is self.chain_id or entry.chain_id == self.chain_id
        return same and entry.hash == self.hash(entry, seq)


def check(entries: Iterable[Row], head: Link, key: ChainKey) -> Verdict:
    """Check a chain from its first entry to its head.

    The reasons: ``edited`` (an entry or its values, or one that we never wrote), ``missing``, ``reordered``,
    ``duplicated``, ``fork`` (two entries of ours after one), ``unknown_key``, ``tail_cut`` and ``head_mismatch``.
    Values that were forgotten on purpose do not break the chain; values that were changed do.
    """
    at = Link(0, b"")
    count = 0
    key_id = key.id
    signer: _Signer | None = None
    rest = iter(entries)
    for row in rest:
        entry, value, nonce = row
        count += 1
        signer = signer or _Signer(key, entry.chain_id)
        follows = entry.seq == at.seq + 1 and entry.prev_hash == at.hash and entry.key_id == key_id
        if not (follows and signer.is_ours(entry, entry.seq) and _tells(entry, value, nonce)):
            reason = _reason(row, at, _Rest(key, signer, rest, head.seq))
            return Verdict(False, count, min(entry.seq, at.seq + 1), reason)
        at = Link(entry.seq, entry.hash)
    if head.seq > at.seq:
        return Verdict(False, count, at.seq + 1, "tail_cut")
    if head != at:
        return Verdict(False, count, head.seq, "head_mismatch")
    return Verdict(True, count)


def _tells(entry: StoredEntry, value: str | None, nonce: bytes | None) -> bool:
    """Does the payload, which the hash covers, tell of this thing and these values?"""
    thing = "null" if entry.entity_id is None else f'"{entry.entity_id}"'
    start = f'{{"entity_id":{thing}'.encode()
    if not entry.payload.startswith((start + b",", start + b"}")):
        return False
    if value is None or nonce is None:
        return True
    return entry.payload.endswith(f',"values":"{_commitment(value, nonce)}"}}'.encode())


@dataclass(frozen=True)
class _Rest:
    """What finding out what is wrong needs: the entries that were not looked at yet, and how long the chain was."""

    key: ChainKey
    signer: _Signer
    rows: Iterator[Row]
    length: int


def _reason(row: Row, at: Link, rest: _Rest) -> str:
    """What is wrong with the first entry that does not follow ``at``, in a word."""
    entry = row[0]
    if entry.seq > at.seq + 1:
        return "reordered" if _follows(at, rest.rows, rest.signer) else "missing"
    if entry.key_id != rest.key.id:
        return "unknown_key"
    if rest.signer.is_ours(entry, entry.seq):
        if entry.hash == at.hash:
            return "duplicated"
        return "edited" if entry.prev_hash == at.hash else "fork"
    place = _place(entry, rest.signer, max(rest.length, at.seq) + 1)
    if place is None:
        return "edited"
    if place <= at.seq:
        return "duplicated"
    return "reordered" if _follows(at, rest.rows, rest.signer) else "missing"


def _place(entry: StoredEntry, signer: _Signer, most: int) -> int | None:
    """The number under which the entry was written, when it is ours and bears another one now."""
    return next((seq for seq in range(1, most + 1) if signer.is_ours(entry, seq)), None)


def _follows(at: Link, rows: Iterator[Row], signer: _Signer) -> bool:
    """Is the entry that was written after ``at`` there, under another number?"""
    return any(one.prev_hash == at.hash and signer.is_ours(one, at.seq + 1) for one, _, _ in rows)
