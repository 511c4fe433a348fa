"""Exports: what leaves the house is written down before, made in one piece, and told in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any, Protocol

from parinaya_cli.domain import access, jobs, refs
from parinaya_cli.domain.access import Channel, Permission
from parinaya_cli.domain.errors import (
    Failed,
    Locked,
    NotFound,
    NotPermitted,
    ParinayaError,
    Unreachable,
    UsedWrongly,
)
from parinaya_cli.domain.exports import FORMATS, Column, Kind, kind_of
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.services import events, export_rows, roles
from parinaya_cli.services.export_rows import Rows
from parinaya_cli.store import exports as store
from parinaya_cli.store import weddings
from parinaya_cli.store.export_rows import Selection
from parinaya_cli.store.exports import ExportJob as ExportJob
from parinaya_cli.store.transaction import Begin, Transaction

MOST_TRIES = 5
"""How often an export in the background is begun that never comes to an end."""

LEASE = timedelta(minutes=10)
SLOWEST = 1 << 20
"""How long a file may take to its place: so long, and a second for each so many bytes. Then it is made anew."""

ABANDONED = timedelta(minutes=2)
"""Age from which an export that nobody makes is one whose command was killed."""


class ExportFile(Protocol):
    """A file in the making, see ``adapters/exports/files.py``."""

    def begin_sheet(self, name: str) -> None:
        """The rows that follow belong together."""
        ...

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows."""
        ...

    def finish(self) -> tuple[int, str]:
        """Bytes and SHA-256 of the whole file."""
        ...

    def publish(self) -> None:
        """Let it appear."""
        ...

    def close(self) -> None:
        """Forget what has not appeared."""
        ...


@dataclass(frozen=True)
class FileWanted:
    """A file to be made: where, and what its rows look like."""

    to: str
    format: str
    columns: tuple[Column, ...]
    zone: tzinfo


@dataclass(frozen=True)
class Desk:
    """What making a file needs. ``begin``: a transaction; a worker's is bound to no wedding yet."""

    begin: Begin
    open_file: Callable[[FileWanted], ExportFile]
    advance: Callable[[int], None] = lambda _: None


@dataclass(frozen=True)
class ExportRequest:
    """What is asked for. ``to``: a path, ``-`` or ``s3://BUCKET/KEY``. ``event``: only this one, by slug or ref."""

    kind: str
    format: str
    to: str
    event: str | None = None


@dataclass(frozen=True)
class ExportReport:
    """An export as ``--json`` shows it."""

    export: str
    kind: str
    rows: int
    to: str
    bytes: int
    sha256: str
    as_of: datetime


# ── asking ─────────────────────────────────────────────────────────────────────────────────────────────


def ask(tx: Transaction, request: ExportRequest, *, background: bool = False) -> ExportJob:
    """Write an export down; in the background it waits for a worker, and the role is asked again when it is made.

    Raises:
        UsedWrongly: there is no such kind or format, or the kind is of no event.
        NotFound: there is no such event.
        NotPermitted: the role may not have it.
    """
    access.require(tx.actor, Permission.EXPORT)
    kind = kind_of(request.kind)
    access.require(tx.actor, kind.permission)
    if kind.both_sides and tx.actor.sides is not None:
        raise NotPermitted(
            f"{tx.actor.name} sees one side, and an export of {request.kind} tells of both.",
            "Ask somebody who works for both families.",
        )
    if request.format not in FORMATS:
        raise UsedWrongly(f"There is no format {request.format!r}.", f"Use one of: {', '.join(FORMATS)}.")
    if request.event is not None and not kind.by_event:
        raise UsedWrongly(f"An export of {request.kind} is of no single event.", "Leave --event out.")
    event = events.find(tx, request.event).slug if request.event else None
    told = {
        "event": event,
        "background": background,
        "actor": roles.ordered_by(tx.actor),
        "reason": tx.reason,
    }
    job = {"kind": request.kind, "format": request.format, "target": request.to}
    made = store.add(tx, {**job, "state": "queued" if background else "running"}, told)
    tx.audit(
        "export.ask", "export", ref=made.ref, entity_id=made.id,
        after={"kind": request.kind, "format": request.format, "to": request.to, "event": event},
    )  # fmt: skip
    if background:
        tx.ring(jobs.EXPORT)
    return made


def export(desk: Desk, request: ExportRequest) -> ExportReport:
    """Make an export now.

    Raises:
        UsedWrongly, NotFound, NotPermitted: as ``ask`` says, or the file can't be written there.
        Unreachable, Failed: where it goes can't be reached, or refused.
    """
    with desk.begin() as tx:
        access.require(tx.actor, Permission.EXPORT)
        job = ask(tx, request)
    try:
        report = _carry_out(desk, job, lambda _: None)
        if report is None:
            raise Failed("The export was given up meanwhile.", "Start it again.")
        return report
    except BaseException as error:
        _give_up(desk, job, error)
        raise


def _give_up(desk: Desk, job: ExportJob, error: BaseException) -> None:
    told = error.message if isinstance(error, ParinayaError) else "It was ended before the file was whole."
    try:
        with desk.begin() as tx:
            _fail(tx, job, told)
    except ParinayaError:
        return  # reconcile does it later


def _fail(tx: Transaction, job: ExportJob, message: str) -> None:
    if store.fail(tx, job.id, message):
        tx.audit("export.fail", "export", ref=job.ref, entity_id=job.id, after={"error": message})


# ── the worker ─────────────────────────────────────────────────────────────────────────────────────────


def run_next(desk: Desk) -> bool:
    """Make the export that has waited longest; False when none waits.

    The lock on its row is the claim while its rows are read, and a lease while the file goes to its place: of a worker
    that is killed the next one takes over.

    Raises:
        Unreachable, Locked: it goes on another time.
    """
    with desk.begin() as tx:
        job = store.count_try(tx)
    if job is None:
        return False
    try:
        if job.tries > MOST_TRIES:
            raise Failed(f"It was begun {MOST_TRIES} times and never came to its end.", "Ask for it again.")
        _carry_out(desk, job, lambda tx: _bind(tx, job))
    except (Unreachable, Locked):
        raise
    except ParinayaError as error:
        with desk.begin() as tx:
            _bind(tx, job)
            if isinstance(error, NotPermitted):
                roles.tell_refusal(tx, error, jobs.EXPORT)
            _fail(tx, job, f"{error.message} {error.hint}")
    return True


def _bind(tx: Transaction, job: ExportJob) -> Wedding:
    """Act for whoever asked."""
    wedding = weddings.find_wedding(tx, job.wedding_id)
    assert wedding is not None
    tx.bind(wedding)
    tx.actor = roles.orderer(job.request["actor"], job.wedding_id, Channel.WORKER)
    tx.reason = str(job.request.get("reason", ""))
    return wedding


# ── making ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Made:
    """A file that is whole and has not appeared."""

    file: ExportFile
    report: ExportReport


def _carry_out(desk: Desk, job: ExportJob, bind: Callable[[Transaction], object]) -> ExportReport | None:
    """Make an export, commit that it is made, let it appear; None when somebody else makes it.

    While the file goes to a storage nothing is open in Postgres: its lease keeps others away.
    """
    with ExitStack() as stack:
        with desk.begin() as tx:
            bind(tx)
            if not store.claim(tx, job):
                return None
            made = _make(tx, desk, job, stack)
        try:
            made.file.publish()
        except (Unreachable, Locked):
            with desk.begin() as tx:
                bind(tx)
                store.release(tx, job.id)
            raise
        with desk.begin() as tx:
            bind(tx)
            store.finish(tx, job.id)
        return made.report


def _make(tx: Transaction, desk: Desk, job: ExportJob, stack: ExitStack) -> _Made:
    kind = kind_of(job.kind)
    _may_still(tx, kind)
    event = job.request.get("event")
    selection = Selection(events.find(tx, event).id if event else None, tx.actor.sides)
    columns, rows = export_rows.table(tx, job.kind, selection, event)
    file = desk.open_file(FileWanted(job.target, job.format, columns, tx.wedding.zone))
    stack.callback(file.close)
    count = _write(file, kind, columns, rows, desk.advance, job.kind)
    size, sha256 = file.finish()
    _may_still(tx, kind)
    store.lease(tx, job.id, count, size, sha256, LEASE + timedelta(seconds=size / SLOWEST))
    tx.audit(
        "export.make", "export", ref=job.ref, entity_id=job.id,
        after={"kind": job.kind, "event": event, "to": job.target, "rows": count, "sha256": sha256},
    )  # fmt: skip
    as_of = tx.now.astimezone(tx.wedding.zone)
    return _Made(file, ExportReport(job.ref, job.kind, count, job.target, size, sha256, as_of))


def _may_still(tx: Transaction, kind: Kind) -> None:
    """Ask again, as the rows are read and before the file appears: work that waited may be another's by now."""
    for permission in (Permission.EXPORT, kind.permission):
        roles.require_still(tx, permission)


def _write(
    file: ExportFile,
    kind: Kind,
    columns: Sequence[Column],
    rows: Rows,
    advance: Callable[[int], None],
    name: str,
) -> int:
    """Write all rows, a sheet for each value of the kind's column; how many there are."""
    count, sheet = 0, None
    place = [one.name for one in columns].index(kind.sheet_by) if kind.sheet_by else None
    for some in rows:
        for value, group in groupby(some, lambda row: name if place is None else row[place] or "other"):
            if value != sheet:
                file.begin_sheet(str(value))
                sheet = value
            part = list(group)
            file.write(part)
            count += len(part)
        advance(len(some))
    if sheet is None:
        file.begin_sheet(name)
    return count


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────


def list_exports(tx: Transaction) -> list[ExportJob]:
    """Every export, newest first; who sees one side sees their own."""
    access.require(tx.actor, Permission.EXPORT)
    return store.list_jobs(tx, _own(tx))


def find(tx: Transaction, name: str) -> ExportJob:
    """The export of this ref or id.

    Raises:
        NotFound: there is none that the actor may see.
    """
    access.require(tx.actor, Permission.EXPORT)
    found = store.find(tx, refs.read(name, refs.Kind.EXPORT), _own(tx))
    if found is None:
        raise NotFound(f"There is no export {name!r}.", "See `parinaya exports list`.")
    return found


def _own(tx: Transaction) -> str | None:
    return tx.actor.name if tx.actor.sides is not None else None


def document(tx: Transaction, job: ExportJob) -> Mapping[str, object]:
    """An export as ``--json`` shows it; times in the wedding's zone."""
    zone = tx.wedding.zone
    return {
        "ref": job.ref,
        "kind": job.kind,
        "format": job.format,
        "to": job.target,
        "event": job.request.get("event"),
        "state": job.state,
        "rows": job.rows,
        "bytes": job.bytes,
        "sha256": job.sha256 or None,
        "error": job.error or None,
        "by": job.actor,
        "asked_at": job.created_at.astimezone(zone),
        "finished_at": job.finished_at.astimezone(zone) if job.finished_at else None,
    }


# ── reconcile ──────────────────────────────────────────────────────────────────────────────────────────


def count_queued(tx: Transaction) -> int:
    """How many exports wait for a worker."""
    access.require(tx.actor, Permission.SEND)
    return store.count_queued(tx)


def settle(tx: Transaction, *, mend: bool) -> list[str]:
    """Exports whose command was killed have failed; a sentence for each."""
    access.require(tx.actor, Permission.SEND)
    told = []
    for job in store.list_abandoned(tx, ABANDONED):
        wedding = weddings.find_wedding(tx, job.wedding_id)
        assert wedding is not None
        told.append(f"{wedding.slug}: {job.ref} of {job.kind} was never finished: ask for it again")
        if mend:
            with tx.within(wedding):
                _fail(tx, job, "The command that made it was ended.")
    return told
