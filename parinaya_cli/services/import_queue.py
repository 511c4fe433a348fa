"""Imports in the background: a list is put by, and a worker imports it for whoever asked; and all imports, shown."""

from __future__ import annotations

import logging
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol

from parinaya_cli.domain import access, jobs, refs
from parinaya_cli.domain.access import Channel, Permission, Role
from parinaya_cli.domain.errors import Locked, NotFound, NotPermitted, ParinayaError, Unreachable, UsedWrongly
from parinaya_cli.domain.imports import Rejection
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.ports import OpenedList, ReadingOptions
from parinaya_cli.services import imports, roles
from parinaya_cli.services.imports import Hooks, ImportRequest
from parinaya_cli.store import engine, weddings
from parinaya_cli.store import import_queue as store
from parinaya_cli.store.import_queue import Claimed, ImportView
from parinaya_cli.store.transaction import Begin, Transaction

__all__ = ["Desk", "ImportView", "Queued", "find", "list_imports", "queue", "read_rejects", "run_next"]

MOST_BYTES = 1024 * 1024 * 1024
"""The largest file that is read at all; what may be read of each kind is less, and is found out when it is read."""

MOST_TRIES = 5
"""How often an import is begun that never comes to an end: it would keep the lists behind it waiting for ever."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Queued:
    """A list that waits. ``size``: its bytes."""

    ref: str
    source: str
    size: int


def queue(
    begin: Begin, stream: BinaryIO, request: ImportRequest, options: ReadingOptions, *, reason: str = ""
) -> Queued:
    """Put a list by for a worker, and ring. It is imported under the name of who asks now, whose role is asked again.

    Raises:
        UsedWrongly: the file is empty, or larger than any list that is read.
    """
    with begin() as tx:
        access.require(tx.actor, Permission.PEOPLE)
        told = {
            "request": asdict(request),
            "options": asdict(options),
            "actor": roles.ordered_by(tx.actor),
            "reason": reason,
        }
        import_id, number = store.add(tx, request.source, request.opt_in, told)
        size = _keep(tx, import_id, stream, 0, 1)
        if size == 0:
            raise UsedWrongly(f"{request.source} is empty.", "Give a list with at least one person.")
        ref = refs.make(refs.Kind.IMPORT, number)
        tx.audit(
            "people.queue_import", "import", ref=ref, entity_id=import_id,
            after={"source": request.source, "bytes": size},
        )  # fmt: skip
        tx.ring(jobs.IMPORT)
    return Queued(ref, request.source, size)


def _keep(tx: Transaction, import_id: uuid.UUID, stream: BinaryIO, part: int, step: int) -> int:
    size = 0
    while content := stream.read(store.PART):
        size += len(content)
        if size > MOST_BYTES:
            raise UsedWrongly(
                f"The list is larger than {MOST_BYTES // 1024**3} GiB.", "Split it into smaller lists."
            )
        store.add_part(tx, import_id, part, content)
        part += step
    return size


# ── the worker ─────────────────────────────────────────────────────────────────────────────────────────


class RejectsFile(Protocol):
    """The file of the rejected rows in the making."""

    def add(self, titles: Sequence[str], rejection: Rejection, sheet: str = "") -> None:
        """Put a row aside."""
        ...

    def finish(self) -> bool:
        """Write the file; whether there is one."""
        ...

    def abort(self) -> None:
        """Forget the rows."""
        ...


@dataclass(frozen=True)
class Desk:
    """What a worker needs. ``begin``: a transaction of parinaya itself, on a connection of its own each time.

    ``is_stopping``: the worker is to end. ``every``: seconds between two words about progress.
    """

    begin: Begin
    open_list: Callable[[Path, ReadingOptions], OpenedList]
    open_rejects: Callable[[Path], RejectsFile]
    is_stopping: Callable[[], bool] = lambda: False
    every: float = 1.0


class _Stopped(Exception):
    """The worker is to end: the import goes back, and waits."""


def run_next(desk: Desk) -> bool:
    """Import the list that has waited longest; False when none waits, or the worker is to end.

    Everything is one transaction: a worker that is killed, or asked to stop, leaves the list waiting as it was. A
    list that can't be understood has failed, and its error is kept.

    Raises:
        Unreachable, Locked: it goes on another time.
    """
    try:
        with desk.begin() as tx:
            claimed = store.claim(tx)
            if claimed is None:
                return False
            wedding = weddings.find_wedding(tx, claimed.wedding_id)
            assert wedding is not None
            tx.bind(wedding)
            tx.actor = roles.orderer(_part(claimed, "actor"), claimed.wedding_id, Channel.IMPORT)
            tx.reason = str(claimed.request.get("reason", ""))
            with _Heart(desk, wedding, claimed) as heart:
                _import(tx, desk, claimed, heart)
            store.drop_list(tx, claimed.id)
        return True
    except _Stopped:
        return False


def _part(claimed: Claimed, name: str) -> Mapping[str, Any]:
    """A part of what was asked for."""
    told = claimed.request[name]
    assert isinstance(told, Mapping)
    return told


@dataclass
class _Heart:
    """Says every second how far an import has come: beside its transaction, so that others see it."""

    desk: Desk
    wedding: Wedding
    claimed: Claimed
    rows: int = 0
    share: Callable[[], float | None] = lambda: None
    tries: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> _Heart:
        self.tries = self._count(1)
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if isinstance(error, _Stopped | Unreachable | Locked):
            try:
                self._count(-1)
            except ParinayaError as away:
                _LOG.warning("the progress of an import is not told: %s", away.message)

    def advance(self, count: int) -> None:
        """So many rows more have been read; the moment to leave off when the worker is to end."""
        self.rows += count
        self.check()

    def check(self) -> None:
        """Leave off when the worker is to end."""
        if self.desk.is_stopping():
            raise _Stopped

    def _count(self, by: int) -> int:
        with self.desk.begin() as tx, tx.within(self.wedding):
            return store.count_try(tx, self.claimed.id, by)

    def _beat(self) -> None:
        while not self._ended.wait(self.desk.every):
            try:
                with self.desk.begin() as tx, tx.within(self.wedding):
                    store.write_progress(tx, self.claimed.id, self.rows, self.share())
            except ParinayaError as error:
                _LOG.warning("the progress of an import is not told: %s", error.message)


def _import(tx: Transaction, desk: Desk, claimed: Claimed, heart: _Heart) -> None:
    """Import what was claimed, or keep why it can't be."""
    if heart.tries > MOST_TRIES:
        message = f"It was begun {MOST_TRIES} times and never came to its end. Split the list, and import the parts."
        return _fail(tx, claimed, "never_ended", message)
    try:
        with tx.savepoint(), engine.translated():
            roles.require_still(tx, Permission.PEOPLE)
            _read_and_merge(tx, desk, claimed, heart)
            roles.require_still(tx, Permission.PEOPLE)  # reading took its time
    except (Unreachable, Locked):
        raise
    except ParinayaError as error:
        if isinstance(error, NotPermitted):
            roles.tell_refusal(tx, error, jobs.IMPORT)
        _fail(tx, claimed, error.code, " ".join(filter(None, (error.message, error.hint))))


def _fail(tx: Transaction, claimed: Claimed, code: str, message: str) -> None:
    store.fail(tx, claimed.id, message)
    told = {"source": claimed.source, "state": "failed", "code": code}
    tx.audit("people.import", "import", ref=claimed.ref, entity_id=claimed.id, after=told)


def _read_and_merge(tx: Transaction, desk: Desk, claimed: Claimed, heart: _Heart) -> None:
    with tempfile.TemporaryDirectory(prefix="parinaya-import-") as folder:
        path = Path(folder, "list", Path(claimed.source).name[:100] or "list")
        path.parent.mkdir(mode=0o700)
        _spool(path, store.read_parts(tx, claimed.id))
        opened = desk.open_list(path, ReadingOptions(**_told(claimed, "options", ReadingOptions)))
        rejects = desk.open_rejects(Path(folder, "rejects.csv"))
        try:
            heart.share = opened.share
            heart.check()
            store.set_kind(tx, claimed.id, opened.kind)
            told = _told(claimed, "request", ImportRequest)
            request = ImportRequest(**{**told, "tags": tuple(told.get("tags", ())), "dry_run": False})
            hooks = Hooks(lambda _: heart.check(), rejects.add)
            begun = (claimed.id, claimed.number)
            imports.import_into(tx, opened, request, heart.advance, begun=begun, hooks=hooks)
            if rejects.finish():
                with Path(folder, "rejects.csv").open("rb") as file:
                    _keep(tx, claimed.id, file, -1, -1)
        finally:
            rejects.abort()
            opened.close()


def _spool(path: Path, parts: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        for content in parts:
            file.write(content)


def _told(claimed: Claimed, name: str, kind: type[ImportRequest] | type[ReadingOptions]) -> dict[str, Any]:
    """What was asked for, as far as this version knows it."""
    told = _part(claimed, name)
    known = {one.name for one in fields(kind)}
    return {key: value for key, value in told.items() if key in known}


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────


def list_imports(tx: Transaction) -> Sequence[ImportView]:
    """Every import, newest first.

    Raises:
        NotPermitted: the actor sees one side only, or names and answers only; lists belong to no side.
    """
    access.require(tx.actor, Permission.READ)
    _require_both_sides(tx)
    return store.list_imports(tx)


def find(tx: Transaction, name: str) -> ImportView:
    """One import with what was found in it.

    Raises:
        NotFound: there is none of this ref or id.
        NotPermitted: as for ``list_imports``.
    """
    access.require(tx.actor, Permission.READ)
    _require_both_sides(tx)
    found = store.find(tx, refs.read(name, refs.Kind.IMPORT))
    if found is None:
        raise NotFound(f"There is no import {name!r}.", "See `parinaya people imports`.")
    return found


def _require_both_sides(tx: Transaction) -> None:
    if tx.actor.sides is not None or tx.actor.role is Role.DESK:
        raise NotPermitted(
            f"{tx.actor.name} acts as {tx.actor.role.value}, which may not see the lists of both families.",
            "Ask somebody who works on the guest list, or see `parinaya roles matrix`.",
        )


def read_rejects(tx: Transaction, name: str) -> Iterator[bytes]:
    """The file of the rows that an import in the background rejected, piece by piece.

    Raises:
        NotFound: there is no such import, or it keeps no rejected rows here.
    """
    access.require(tx.actor, Permission.PEOPLE)
    found = find(tx, name)
    if not found.rejects:
        where = f": they are in {found.rejects_file}" if found.rejects_file else ""
        raise NotFound(
            f"{found.ref} keeps no rejected rows here{where}.",
            "Imports in the background keep them; others write them to a file at once.",
        )
    return store.read_parts(tx, found.id, rejects=True)
