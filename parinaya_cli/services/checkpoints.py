"""Checkpoints of the audit log: written where the database can't reach, and held against it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain import checkpoints
from parinaya_cli.domain.audit import Link, Verdict
from parinaya_cli.domain.checkpoints import Checkpoint
from parinaya_cli.ports import CheckpointPlace
from parinaya_cli.store import chain
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class PlaceReport:
    """One place. ``kept``: checkpoints of this database in its present life; ``newest_at``: of the last of them;
    ``foreign``: lines that this installation's key has not signed."""

    place: str
    kept: int
    newest_at: datetime | None
    foreign: int


def keep(tx: Transaction, places: Sequence[CheckpointPlace], *, always: bool = False) -> int:
    """Write the checkpoints that are due to every place; returns how many. ``always``: of all that has grown.

    Only what is committed is read: a checkpoint never runs ahead of its chain.

    Raises:
        Failed, Unreachable: a place can't be used.
    """
    heads, origin = _heads(tx)
    written = 0
    for place in places:
        present, _ = _present(tx, place, heads, origin)
        due = checkpoints.due(heads, present, origin, tx.now, always=always)
        lines = [checkpoints.write(one, tx.audit_key) for one in due]
        if lines:
            place.add(lines)
        written += len(lines)
    return written


def compare(tx: Transaction, places: Sequence[CheckpointPlace]) -> tuple[Verdict | None, list[PlaceReport]]:
    """Hold the chains against every checkpoint: the first that does not fit, if any, and what lies where.

    The reasons: ``tail_cut`` (a chain ends before a checkpoint), ``rewritten`` (another entry stands in its place),
    ``missing`` (the whole chain is gone).
    """
    heads, origin = _heads(tx)
    reports: list[PlaceReport] = []
    verdict: Verdict | None = None
    for place in places:
        present, foreign = _present(tx, place, heads, origin)
        newest = max((one.at for one in present), default=None)
        reports.append(PlaceReport(place.place, len(present), newest, foreign))
        for one in sorted(present, key=lambda one: (one.chain_id, one.seq)):
            verdict = verdict or _wrong(tx, one, heads.get(one.chain_id))
    return verdict, reports


def begin_anew(tx: Transaction, places: Sequence[CheckpointPlace]) -> dict[uuid.UUID, tuple[int, int]]:
    """Begin a new life after a backup was restored: what was kept before no longer holds.

    Returns the chains of which entries were lost, with the last number before and now: to be written into the log.
    """
    heads, origin = _heads(tx)
    lost: dict[uuid.UUID, tuple[int, int]] = {}
    for place in places:
        present, _ = _present(tx, place, heads, origin)
        if not present:
            continue
        for one in present:
            now = heads[one.chain_id].seq if one.chain_id in heads else 0
            if one.seq > max(now, lost.get(one.chain_id, (0, 0))[0]):
                lost[one.chain_id] = (one.seq, now)
        epoch = present[0].epoch + 1
        fresh = (Checkpoint(origin, epoch, each, head.seq, head.hash, tx.now) for each, head in heads.items())
        place.add([checkpoints.write(one, tx.audit_key) for one in fresh])
    return lost


def _heads(tx: Transaction) -> tuple[dict[uuid.UUID, Link], str]:
    """The end of each chain, and which database this is."""
    return dict(chain.chains(tx.conn)), chain.installation(tx.conn)


def _present(
    tx: Transaction, place: CheckpointPlace, heads: Mapping[uuid.UUID, Link], origin: str
) -> tuple[list[Checkpoint], int]:
    known, foreign = checkpoints.read(place.read(), tx.audit_key)
    return checkpoints.current(known, heads, origin), foreign


def _wrong(tx: Transaction, one: Checkpoint, head: Link | None) -> Verdict | None:
    if head is None:
        return Verdict(False, 0, 1, "missing")
    if head.seq < one.seq:
        return Verdict(False, head.seq, head.seq + 1, "tail_cut")
    if chain.hash_of(tx.conn, one.chain_id, one.seq) != one.hash:
        return Verdict(False, one.seq, one.seq, "rewritten")
    return None
