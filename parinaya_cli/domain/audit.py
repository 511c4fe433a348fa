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

    ``reason``: only of entries that were written before reasons were kept apart. ``at`` (in UTC, to the microsecond:
    ``2026-11-24T09:30:00.000000``) and ``entity_id``: as text, where many are read.
    """

    chain_id: uuid.UUID
    seq: int
    at: datetime | str
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


_MOST_FRAMES = 4096
"""So many headers are remembered; old logs have reasons of their own in theirs."""


class _Signer:
    """Makes the hashes of one chain's entries. What is the same for all of them is hashed once, and what many headers
    have in common is written once: a long log is checked entry by entry."""

    def __init__(self, key: ChainKey, chain_id: uuid.UUID) -> None:
        padded = (key.secret if len(key.secret) <= 64 else sha256(key.secret).digest()).ljust(64, b"\0")
        # HMAC by its two halves (RFC 2104, section 4): hmac's own objects take twice as long to copy.
        self._inner = sha256(bytes(one ^ 0x36 for one in padded) + _DOMAIN + chain_id.bytes)
        self._outer = sha256(bytes(one ^ 0x5C for one in padded))
        self._frames: dict[tuple[str, ...], tuple[str, str, str]] = {}
        self.chain_id = chain_id

    def hash(self, entry: StoredEntry, seq: int) -> bytes:
        """What the entry's hash is, were ``seq`` its number. The header is canonical JSON, put together by hand."""
        _, _, at, actor, role, channel, action, entity, ref, reason, payload, prev_hash, _, key_id, _ = entry
        words = (action, actor, channel, entity, key_id, reason, role)
        before, between, behind = self._frames.get(words) or self._frame(words)
        header = f"{before}{_moment(at)}{between}{_quote(ref)}{behind}"
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(
            seq.to_bytes(8, "big")
            + prev_hash.ljust(32, b"\0")
            + sha256(payload).digest()
            + sha256(header.encode("utf-8", "surrogatepass")).digest()
        )
        outer.update(inner.digest())
        return outer.digest()

    def _frame(self, words: tuple[str, ...]) -> tuple[str, str, str]:
        """The header of all entries with these words: what stands before the time, before the ref, and behind it."""
        action, actor, channel, entity, key_id, reason, role = map(_quote, words)
        if len(self._frames) >= _MOST_FRAMES:
            self._frames.clear()
        made = (
            f'{{"action":{action},"actor":{actor},"at":"',
            f'Z","channel":{channel},"entity":{entity},"key_id":{key_id},"reason":{reason},"ref":',
            f',"role":{role}}}',
        )
        return self._frames.setdefault(words, made)

    def is_ours(self, entry: StoredEntry, seq: int) -> bool:
        """Was the entry written by whoever holds the key, as number ``seq`` of this chain?"""
        same = entry.chain_id is self.chain_id or entry.chain_id == self.chain_id
        return same and entry.hash == self.hash(entry, seq)


def _moment(at: datetime | str) -> str:
    """A time as the chain writes it, without its Z."""
    if isinstance(at, str):
        return at
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def check(entries: Iterable[Row], head: Link, key: ChainKey) -> Verdict:
    """Check a chain from its first entry to its head.

    The reasons: ``edited`` (an entry or its values, or one that we never wrote), ``missing``, ``reordered``,
    ``duplicated``, ``fork`` (two entries of ours after one), ``unknown_key``, ``tail_cut`` and ``head_mismatch``.
    Values that were forgotten on purpose do not break the chain; values that were changed do.
    """
    last, behind = 0, b""  # number and hash of the entry before
    count = 0
    key_id = key.id
    signer: _Signer | None = None
    rest = iter(entries)
    for row in rest:
        entry, value, nonce = row
        count += 1
        signer = signer or _Signer(key, entry.chain_id)
        seq = entry.seq
        follows = seq == last + 1 and entry.prev_hash == behind and entry.key_id == key_id
        if not (follows and signer.is_ours(entry, seq) and _tells(entry, value, nonce)):
            reason = _reason(row, Link(last, behind), _Rest(key, signer, rest, head.seq))
            return Verdict(False, count, min(seq, last + 1), reason)
        last, behind = seq, entry.hash
    if head.seq > last:
        return Verdict(False, count, last + 1, "tail_cut")
    if head != Link(last, behind):
        return Verdict(False, count, head.seq, "head_mismatch")
    return Verdict(True, count)


def _tells(entry: StoredEntry, value: str | None, nonce: bytes | None) -> bool:
    """Does the payload, which the hash covers, tell of this thing and these values?"""
    thing = "null" if entry.entity_id is None else f'"{entry.entity_id}"'
    start = f'{{"entity_id":{thing}'.encode()
    if not entry.payload.startswith(start) or entry.payload[len(start) : len(start) + 1] not in (b",", b"}"):
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
