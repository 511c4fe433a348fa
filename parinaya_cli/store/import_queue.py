"""Imports in the background: the list waits in pieces until a worker has it, and tells how far it has come.

The row in ``imports`` stays ``queued`` until the import's own transaction commits: a worker that is killed leaves
nothing but a list that still waits.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction

PART = 1024 * 1024
"""Bytes of a piece."""

QUIET = timedelta(seconds=15)
"""After so long without a word nobody is at an import any more."""


def add(tx: Transaction, source: str, opt_in: str, request: Mapping[str, object]) -> tuple[uuid.UUID, int]:
    """Make an import that waits for a worker; returns its id and number."""
    number = refs.next_numbers(tx, Kind.IMPORT)
    made: uuid.UUID = tx.value(
        "INSERT INTO imports (wedding_id, number, source, kind, state, opt_in, actor, request) "
        "VALUES (:wedding, :number, :source, '', 'queued', :opt_in, :actor, CAST(:request AS jsonb)) RETURNING id",
        number=number,
        source=source,
        opt_in=opt_in,
        actor=tx.actor.name,
        request=json.dumps(request, ensure_ascii=False),
    )
    return made, number


def add_part(tx: Transaction, import_id: uuid.UUID, part: int, content: bytes) -> None:
    """Keep a piece of the list, or (``part`` below 0) of the file of its rejected rows."""
    tx.run(
        "INSERT INTO import_parts (wedding_id, import_id, part, content) "
        "VALUES (:wedding, :import, :part, :content)",
        part=part,
        content=content,
        **{"import": import_id},
    )


def read_parts(tx: Transaction, import_id: uuid.UUID, *, rejects: bool = False) -> Iterator[bytes]:
    """The pieces of the list, or of the file of its rejected rows, one after the other."""
    step = -1 if rejects else 1
    part = -1 if rejects else 0
    while True:
        content: bytes | None = tx.value(
            "SELECT content FROM import_parts WHERE wedding_id = :wedding AND import_id = :import AND part = :part",
            part=part,
            **{"import": import_id},
        )
        if content is None:
            return
        yield bytes(content)
        part += step


def drop_list(tx: Transaction, import_id: uuid.UUID) -> None:
    """Forget the list itself and its progress: the import has ended."""
    for condition in ("import_parts WHERE part >= 0 AND", "import_progress WHERE"):
        tx.run(
            f"DELETE FROM {condition} wedding_id = :wedding AND import_id = :import", **{"import": import_id}
        )


@dataclass(frozen=True)
class Claimed:
    """An import that this transaction works on. ``request``: what was asked, and who asked."""

    id: uuid.UUID
    wedding_id: uuid.UUID
    number: int
    source: str
    request: Mapping[str, object]

    @property
    def ref(self) -> str:
        """The short name, such as I2."""
        return make_ref(Kind.IMPORT, self.number)


def claim(tx: Transaction) -> Claimed | None:
    """Lock the import that has waited longest, of any wedding; those that others are at are passed over.

    The lock is one that lets progress be written beside it, and ends with the transaction, however that ends.
    """
    tx.run("SET LOCAL idle_in_transaction_session_timeout = '10min'")  # a child process reads the file
    row = tx.across.row(
        "SELECT id, wedding_id, number, source, request FROM imports WHERE state = 'queued' "
        "ORDER BY created_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
    )
    return Claimed(**dict(row)) if row else None


def count_queued(tx: Transaction) -> int:
    """How many imports wait or are being worked on, in all weddings."""
    found: int = tx.across.value("SELECT count(*) FROM imports WHERE state = 'queued'")
    return found


def set_kind(tx: Transaction, import_id: uuid.UUID, kind: str) -> None:
    """Keep what kind of list it is, now that it is opened."""
    tx.run(
        "UPDATE imports SET kind = :kind WHERE wedding_id = :wedding AND id = :id", kind=kind, id=import_id
    )


def fail(tx: Transaction, import_id: uuid.UUID, error: str) -> None:
    """The list can't be imported, and would not be another time: keep why."""
    tx.run(
        "UPDATE imports SET state = 'failed', error = :error, finished_at = clock_timestamp() "
        "WHERE wedding_id = :wedding AND id = :id",
        error=error,
        id=import_id,
    )


# ── how far it has come ────────────────────────────────────────────────────────────────────────────────


def count_try(tx: Transaction, import_id: uuid.UUID, by: int) -> int:
    """A worker begins with an import (1), or leaves off for a reason that is not the list's (-1); returns the tries."""
    tries: int = tx.value(
        "INSERT INTO import_progress (wedding_id, import_id, tries) VALUES (:wedding, :import, 1) "
        "ON CONFLICT (import_id) DO UPDATE SET tries = import_progress.tries + :by, rows = 0, share = NULL, at = :now "
        "RETURNING tries",
        by=by,
        **{"import": import_id},
    )
    return tries


def write_progress(tx: Transaction, import_id: uuid.UUID, rows: int, share: float | None) -> None:
    """Say how far an import has come; nothing when it has ended meanwhile."""
    tx.run(
        "UPDATE import_progress SET rows = :rows, share = :share, at = :now "
        "WHERE wedding_id = :wedding AND import_id = :import",
        rows=rows,
        share=share,
        **{"import": import_id},
    )


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ImportView:
    """One import as it is shown.

    ``state``: queued, running, done, failed or undone. ``progress_rows`` and ``share`` (0 to 1, None when nobody
    knows): how far it has come, while it runs. ``rejects``: the rows that were rejected are kept here.
    """

    id: uuid.UUID
    number: int
    source: str
    kind: str
    state: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    conflicts: int
    rejects_file: str
    opt_in: str
    actor: str
    error: str
    seconds: float
    report: Mapping[str, object]
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    progress_rows: int | None
    share: float | None
    rejects: bool

    @property
    def ref(self) -> str:
        """The short name, such as I2."""
        return make_ref(Kind.IMPORT, self.number)


_VIEW = """
    SELECT i.id, i.number, i.source, i.kind,
           CASE WHEN i.state = 'queued' AND p.at > now() - CAST(:quiet AS interval) THEN 'running' ELSE i.state END
               AS state,
           i.rows, i.created, i.updated, i.unchanged, i.rejected, i.conflicts, i.rejects_file, i.opt_in, i.actor,
           i.error, i.seconds, i.created_at, i.finished_at, i.undone_at, p.rows AS progress_rows, p.share, {report},
           EXISTS (SELECT 1 FROM import_parts a WHERE a.wedding_id = i.wedding_id AND a.import_id = i.id
                      AND a.part = -1) AS rejects
      FROM imports i LEFT JOIN import_progress p ON p.wedding_id = i.wedding_id AND p.import_id = i.id
           AND i.state = 'queued'
     WHERE i.wedding_id = :wedding
"""


def list_imports(tx: Transaction) -> Sequence[ImportView]:
    """Every import, newest first, without its report."""
    sql = _VIEW.format(report="CAST('{}' AS jsonb) AS report")
    return [ImportView(**dict(row)) for row in tx.rows(f"{sql} ORDER BY i.number DESC", quiet=QUIET)]


def find(tx: Transaction, handle: Handle) -> ImportView | None:
    """The import that a handle names, with its report."""
    condition, values = refs.named(handle)
    row = (
        tx.row(f"{_VIEW.format(report='i.report')} AND i.{condition}", quiet=QUIET, **values)
        if values
        else None
    )
    return ImportView(**dict(row)) if row else None
