"""Checkpoints of the audit log: written where the database can't reach, and held against it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain import checkpoints
from parinaya_cli.domain.audit import Link, Verdict
from parinaya_cli.domain.checkpoints import Checkpoint, Kept
from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.ports import CheckpointPlace
from parinaya_cli.store import chain
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class PlaceReport:
    """One place. ``kept``: checkpoints of this database in its present life; ``newest_at``: of the last of them;
    ``foreign``: lines of other keys, or that can't be read; ``forged``: lines that name this installation's key, which
    has not signed them; ``error``: why the place could not be read."""

    place: str
    kept: int
    newest_at: datetime | None
    foreign: int
    forged: int = 0
    error: str | None = None


def keep(tx: Transaction, places: Sequence[CheckpointPlace], *, always: bool = False) -> int:
    """Write the checkpoints that are due to every place; returns how many. ``always``: of all that has grown.

    Only what is committed is read: a checkpoint never runs ahead of its chain. A place that can't be used keeps the
    others from nothing.

    Raises:
        Failed, Unreachable: a place can't be used.
    """
    found = [(place, _read(tx, place)) for place in places]
    heads, origin = _heads(tx)
    written = 0
    failed: ParinayaError | None = None
    for place, kept in found:
        try:
            present = _present(kept, heads, origin)
            due = checkpoints.due(heads, present, origin, tx.now, always=always)
            lines = [checkpoints.write(one, tx.audit_key) for one in due]
            if lines:
                place.add(lines)
            written += len(lines)
        except ParinayaError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return written


def compare(tx: Transaction, places: Sequence[CheckpointPlace]) -> tuple[Verdict | None, list[PlaceReport]]:
    """Hold the chains against every checkpoint: the first that does not fit, if any, and what lies where.

    The reasons: ``tail_cut`` (a chain ends before a checkpoint), ``fork`` (another entry stands in its place),
    ``missing`` (the whole chain is gone), ``bad_checkpoint`` (somebody has forged one). A place that can't be read is
    told, and the others are held against.
    """
    # The places are read first: what is kept meanwhile by others would be ahead of the heads.
    found = [(place, _read(tx, place)) for place in places]
    heads, origin = _heads(tx)
    reports: list[PlaceReport] = []
    verdict: Verdict | None = None
    forged = 0
    for place, kept in found:
        if isinstance(kept, ParinayaError):
            reports.append(PlaceReport(place.place, 0, None, 0, error=kept.message))
            continue
        present = _present(kept, heads, origin)
        newest = max((one.at for one in present), default=None)
        reports.append(PlaceReport(place.place, len(present), newest, kept.foreign, kept.forged))
        forged += kept.forged
        for one in sorted(present, key=lambda one: (one.chain_id, one.seq)):
            verdict = verdict or _wrong(tx, one, heads.get(one.chain_id))
    if verdict is None and forged:
        verdict = Verdict(False, 0, None, "bad_checkpoint")
    return verdict, reports


def begin_anew(tx: Transaction, places: Sequence[CheckpointPlace]) -> dict[uuid.UUID, tuple[int, int]]:
    """Begin a new life after a backup was restored: what was kept before no longer holds.

    Returns the chains of which entries were lost, with the last number before and now: to be written into the log.

    Raises:
        Failed, Unreachable: a place can't be used.
    """
    heads, origin = _heads(tx)
    lost: dict[uuid.UUID, tuple[int, int]] = {}
    for place in places:
        present = _present(_read(tx, place), heads, origin)
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


def _read(tx: Transaction, place: CheckpointPlace) -> Kept | ParinayaError:
    try:
        return checkpoints.read(place.read(), tx.audit_key)
    except ParinayaError as error:
        return error


def _present(kept: Kept | ParinayaError, heads: Mapping[uuid.UUID, Link], origin: str) -> list[Checkpoint]:
    if isinstance(kept, ParinayaError):
        raise kept
    return checkpoints.current(kept.checkpoints, heads, origin)


def _wrong(tx: Transaction, one: Checkpoint, head: Link | None) -> Verdict | None:
    if head is None:
        return Verdict(False, 0, 1, "missing")
    if head.seq < one.seq:
        return Verdict(False, head.seq, head.seq + 1, "tail_cut")
    if chain.hash_of(tx.conn, one.chain_id, one.seq) != one.hash:
        return Verdict(False, one.seq, one.seq, "fork")
    return None
