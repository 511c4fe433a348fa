"""Moving all weddings into another database: copied, compared, and never worked on in two places."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import parinaya_cli
from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.audit import Verdict
from parinaya_cli.domain.backups import Contents
from parinaya_cli.domain.errors import Failed, Locked
from parinaya_cli.ports import BackupFiles, CheckpointPlace
from parinaya_cli.services import audit, backups, checkpoints
from parinaya_cli.store import backups as database
from parinaya_cli.store import moves as store
from parinaya_cli.store import schema
from parinaya_cli.store.engine import Database
from parinaya_cli.store.transaction import Transaction

Begin = Callable[[], AbstractContextManager[Transaction]]


@dataclass(frozen=True)
class Place:
    """A database: as its administrator sees it, how it is copied, transactions on it, and its name for people."""

    db: Database
    files: BackupFiles
    begin: Begin
    name: str


@dataclass(frozen=True)
class Moved:
    """What was moved, and how the audit log stands in the new place."""

    contents: Contents
    audit: Verdict


def look(here: Place, there: Place) -> Contents:
    """What would be moved, once the new place was found empty.

    Raises:
        NotPermitted: only owners of all weddings may.
        Failed: the new place is not empty, or one of the two is no administrator's.
    """
    with here.begin() as tx:
        _require(tx)
    found = database.in_the_way(there.db)
    now = schema.status(there.db).current
    if found or now not in (None, schema.HEAD):
        raise Failed(
            f"The database {there.name} is not empty: it holds {found or f'a schema at {now}'}.",
            "Name one in which nothing is.",
            code="not_empty",
        )
    return database.found_contents(here.db)


def move(
    here: Place, there: Place, let_go: Callable[[], None], places: Sequence[CheckpointPlace] = ()
) -> Moved:
    """Copy everything into the new place, compare it, and let nobody work in the old one.

    The old place is marked first: whoever begins to work there is refused, and who works there already makes the
    move end. ``let_go``: close the connections of this process. When anything fails the mark is taken away again;
    after a kill `db move --undo` does.

    Raises:
        NotPermitted, Failed: as ``look`` says, and then nothing has changed.
        Locked: other processes of parinaya work on the old place.
        Failed: what arrived is not what was there.
    """
    look(here, there)
    with here.begin() as tx:
        _require(tx)
        tx.audit("db.move", "database", after={"to": there.name})
    with here.begin() as tx:
        checkpoints.keep(tx, places, always=True)
    let_go()
    store.mark(here.db, there.name)
    try:
        contents = _copy(here, there)
    except BaseException:
        store.lift(here.db)
        raise
    store.arrive(there.db, contents.schema)
    schema.upgrade(there.db)
    with there.begin() as tx:
        return Moved(contents, audit.verify(tx))


def _copy(here: Place, there: Place) -> Contents:
    others = store.count_others(here.db)
    if others:
        raise Locked(
            f"Other parinaya processes work on this database ({others} connections).",
            "End the worker, the receiver and the site, then move; start them again afterwards.",
        )
    with tempfile.TemporaryDirectory(prefix="parinaya-move-") as folder:
        path = Path(folder) / "all"
        with database.held_snapshot(here.db) as held:
            here.files.write(path, held.name, held.at, parinaya_cli.__version__, held.contents)
        with there.files.open(path) as opened:
            opened.restore()
    backups.see_that_all_is_there(held.contents, database.found_contents(there.db))
    return held.contents


def undo(here: Place) -> str:
    """Work on this database again although its weddings have moved; returns where they had moved to.

    Raises:
        NotPermitted: only owners of all weddings may.
        Failed: they have not moved.
    """
    was = store.where(here.db)
    if not was:
        with here.begin() as tx:
            _require(tx)
        with here.begin() as tx:
            _require(tx)
        raise Failed("The weddings of this database have not moved.", "There is nothing to take back.")
    store.lift(here.db)
    try:
        with here.begin() as tx:
            _require(tx)
            tx.audit("db.move.undo", "database", after={"from": was})
    except BaseException:
        store.mark(here.db, was)
        raise
    return was


def _require(tx: Transaction) -> None:
    access.require(tx.actor, Permission.ADMIN)
    access.require_everywhere(tx.actor, "the database")
