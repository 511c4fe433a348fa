"""Exports that were asked for, and what became of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class ExportJob:
    """An export. ``rows``, ``bytes`` and ``sha256`` are there when it is done; ``request``: who asked for what."""

    id: uuid.UUID
    wedding_id: uuid.UUID
    number: int
    kind: str
    format: str
    target: str
    state: str
    rows: int | None
    bytes: int | None
    sha256: str
    error: str
    request: Mapping[str, Any]
    tries: int
    actor: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def ref(self) -> str:
        """The short name, such as X3."""
        return make_ref(Kind.EXPORT, self.number)


_COLUMNS = (
    "id, wedding_id, number, kind, format, target, state, rows, bytes, sha256, error, request, tries, actor, "
    "created_at, finished_at"
)


def _job(row: RowMapping) -> ExportJob:
    return ExportJob(**dict(row))


def add(tx: Transaction, job: Mapping[str, object], request: Mapping[str, object]) -> ExportJob:
    """Write down an export. ``job``: kind, format, target and state."""
    row = tx.row(
        "INSERT INTO export_jobs (wedding_id, number, kind, format, target, state, request, actor, created_at) "
        "VALUES (:wedding, :number, :kind, :format, :target, :state, CAST(:request AS jsonb), :actor, :now) "
        f"RETURNING {_COLUMNS}",
        number=refs.next_numbers(tx, Kind.EXPORT),
        request=json.dumps(request),
        actor=tx.actor.name,
        **job,
    )
    assert row is not None
    return _job(row)


def count_try(tx: Transaction) -> ExportJob | None:
    """The export that has waited longest and nobody makes, with one try more; None when none waits."""
    row = tx.across.row(
        "UPDATE export_jobs SET tries = tries + 1 WHERE id = (SELECT id FROM export_jobs WHERE state = 'queued' "
        "AND coalesce(lease_until, :now) <= :now "
        f"ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING {_COLUMNS}"
    )
    return _job(row) if row else None


def claim(tx: Transaction, job: ExportJob) -> bool:
    """Lock an export until the transaction ends; False when somebody else makes it, or it is made."""
    found = tx.row(
        "SELECT 1 FROM export_jobs WHERE wedding_id = :wedding AND id = :id AND state IN ('queued', 'running') "
        "AND coalesce(lease_until, :now) <= :now FOR UPDATE SKIP LOCKED",
        id=job.id,
    )
    return found is not None


def lease(tx: Transaction, job_id: uuid.UUID, rows: int, size: int, sha256: str, lasts: timedelta) -> None:
    """The file is whole and on its way to its place: nobody else makes it for so long."""
    tx.run(
        "UPDATE export_jobs SET rows = :rows, bytes = :bytes, sha256 = :sha256, "
        "lease_until = clock_timestamp() + :lasts WHERE wedding_id = :wedding AND id = :id",
        id=job_id,
        rows=rows,
        bytes=size,
        sha256=sha256,
        lasts=lasts,
    )


def release(tx: Transaction, job_id: uuid.UUID) -> None:
    """The file did not get to its place: whoever comes next may make it."""
    tx.run(
        "UPDATE export_jobs SET lease_until = NULL, rows = NULL, bytes = NULL, sha256 = '' "
        "WHERE wedding_id = :wedding AND id = :id",
        id=job_id,
    )


def finish(tx: Transaction, job_id: uuid.UUID) -> None:
    """The file is there."""
    tx.run(
        "UPDATE export_jobs SET state = 'done', error = '', lease_until = NULL, finished_at = clock_timestamp() "
        "WHERE wedding_id = :wedding AND id = :id",
        id=job_id,
    )


def fail(tx: Transaction, job_id: uuid.UUID, error: str) -> bool:
    """There will be no file; False when somebody makes it, or it is made."""
    return (
        tx.run(
            "UPDATE export_jobs SET state = 'failed', error = :error, lease_until = NULL, rows = NULL, bytes = NULL, "
            "sha256 = '', finished_at = clock_timestamp() "
            "WHERE id = (SELECT id FROM export_jobs WHERE wedding_id = :wedding AND id = :id "
            "AND state IN ('queued', 'running') FOR UPDATE SKIP LOCKED) AND wedding_id = :wedding",
            id=job_id,
            error=error,
        )
        == 1
    )


def list_jobs(tx: Transaction, actor: str | None = None) -> list[ExportJob]:
    """Every export, newest first; ``actor``: only those that somebody asked for."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM export_jobs WHERE wedding_id = :wedding "
        "AND (CAST(:actor AS text) IS NULL OR actor = :actor) ORDER BY number DESC",
        actor=actor,
    )
    return [_job(row) for row in rows]


def find(tx: Transaction, handle: Handle, actor: str | None = None) -> ExportJob | None:
    """The export that a handle names."""
    condition, values = refs.named(handle)
    row = tx.row(
        f"SELECT {_COLUMNS} FROM export_jobs WHERE wedding_id = :wedding AND {condition} "
        "AND (CAST(:actor AS text) IS NULL OR actor = :actor)",
        actor=actor,
        **values,
    )
    return _job(row) if row else None


def count_queued(tx: Transaction) -> int:
    """How many exports wait for a worker, in all weddings."""
    found: int = tx.across.value("SELECT count(*)::int FROM export_jobs WHERE state = 'queued'")
    return found


def list_abandoned(tx: Transaction, age: timedelta) -> list[ExportJob]:
    """Exports of commands that were begun so long ago and that nobody makes any more, in all weddings."""
    rows = tx.across.rows(
        f"SELECT {_COLUMNS} FROM export_jobs WHERE state = 'running' AND created_at < :before "
        "AND coalesce(lease_until, :now) <= :now "
        "ORDER BY created_at FOR UPDATE SKIP LOCKED",
        before=tx.now - age,
    )
    return [_job(row) for row in rows]
