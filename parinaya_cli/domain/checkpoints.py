"""Checkpoints of the audit log: where each chain stood, signed, and kept where the database can't reach.

A chain shows what was changed within it, but not that its end was cut off together with the note of where it ends, and
not that it was taken away altogether. A line kept elsewhere shows both.
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from parinaya_cli.domain.audit import ChainKey, Link, canonical

ENTRIES = 1000
AGE = timedelta(hours=1)
"""A chain that has grown gets a checkpoint after so many entries or so much time, whichever comes first."""

_DOMAIN = b"parinaya.checkpoint.v1"


@dataclass(frozen=True)
class Checkpoint:
    """A chain ended with entry ``seq``, whose hash was ``hash``, at this time.

    ``origin``: which database it is; ``epoch``: which life of it, as a restored backup begins a new one.
    """

    origin: str
    epoch: int
    chain_id: uuid.UUID
    seq: int
    hash: bytes
    at: datetime

    @property
    def link(self) -> Link:
        """The end of the chain as it was then."""
        return Link(self.seq, self.hash)


def write(one: Checkpoint, key: ChainKey) -> str:
    """A line of JSON with its signature (HMAC-SHA256 under the audit key)."""
    told: dict[str, object] = {
        "origin": one.origin,
        "epoch": one.epoch,
        "chain": str(one.chain_id),
        "seq": one.seq,
        "hash": one.hash.hex(),
        "at": one.at.astimezone(UTC).isoformat(),
        "key": key.id,
    }
    return json.dumps({**told, "mac": _mac(told, key)})


@dataclass(frozen=True)
class Kept:
    """What a place holds: checkpoints, how many lines are ``forged`` (they name this key, which has not signed them),
    and how many are ``foreign``: of another key, or none at all, such as one that was being written when somebody
    died."""

    checkpoints: list[Checkpoint]
    forged: int
    foreign: int


def read(lines: Iterable[str], key: ChainKey) -> Kept:
    """The checkpoints of a file. A last line without an end is one that is being written: it counts for nothing."""
    found: list[Checkpoint] = []
    forged = foreign = 0
    for line in lines:
        told = _told(line)
        if not line.endswith("\n"):
            continue
        if told is None or told.get("key") != key.id:
            foreign += 1
        elif (one := _read(told, key)) is None:
            forged += 1
        else:
            found.append(one)
    return Kept(found, forged, foreign)


def _told(line: str) -> dict[str, object] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _read(told: dict[str, Any], key: ChainKey) -> Checkpoint | None:
    try:
        mac = str(told.pop("mac"))
        if not hmac.compare_digest(mac, _mac(told, key)):
            return None
        return Checkpoint(
            str(told["origin"]),
            int(told["epoch"]),
            uuid.UUID(told["chain"]),
            int(told["seq"]),
            bytes.fromhex(told["hash"]),
            datetime.fromisoformat(told["at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _mac(told: Mapping[str, object], key: ChainKey) -> str:
    return hmac.digest(key.secret, _DOMAIN + canonical(told), "sha256").hex()


def current(kept: Sequence[Checkpoint], heads: Mapping[uuid.UUID, Link], origin: str) -> list[Checkpoint]:
    """Those of this database in its present life: other databases may keep theirs in the same place.

    They are of this one also when it says that it is another, as long as any wedding's chain that they know is there.
    """
    here = {one.origin for one in kept if one.chain_id in heads and one.chain_id.int} | {origin}
    ours = [one for one in kept if one.origin in here]
    epoch = max((one.epoch for one in ours), default=0)
    return [one for one in ours if one.epoch == epoch]


def due(
    heads: Mapping[uuid.UUID, Link],
    present: Sequence[Checkpoint],
    origin: str,
    now: datetime,
    *,
    always: bool,
) -> Iterator[Checkpoint]:
    """The checkpoints that are to be written. ``always``: of every chain that has grown at all."""
    epoch = present[0].epoch if present else 0
    newest = {one.chain_id: one for one in sorted(present, key=lambda one: one.seq)}
    for chain_id, head in heads.items():
        last = newest.get(chain_id)
        grown = head.seq - (last.seq if last else 0)
        if grown > 0 and (always or last is None or grown >= ENTRIES or now - last.at >= AGE):
            yield Checkpoint(origin, epoch, chain_id, head.seq, head.hash, now)
