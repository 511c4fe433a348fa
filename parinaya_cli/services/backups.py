"""Backups: made while work goes on and read back, and brought into an empty place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import parinaya_cli
from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.audit import Verdict
from parinaya_cli.domain.backups import Contents, Manifest
from parinaya_cli.domain.errors import Failed
from parinaya_cli.ports import BackupFiles, CheckpointPlace
from parinaya_cli.services import audit, checkpoints, retention
from parinaya_cli.store import backups as store
from parinaya_cli.store import schema
from parinaya_cli.store.engine import Database
from parinaya_cli.store.transaction import Transaction

Begin = Callable[[], AbstractContextManager[Transaction]]
Places = Sequence[CheckpointPlace]


@dataclass(frozen=True)
class Restored:
    """What was brought back. ``schema``: where it is now; ``paused``: batches that wait for a person; ``unknown``:
    messages that were on their way; ``audit``: how the audit log stands; ``lost``: entries of it that checkpoints know
    of and the backup does not have; ``forgotten``: people who were forgotten again, since they had been after the
    backup; ``remembered``: those of whom that could not be, and why."""

    manifest: Manifest
    schema: str
    paused: int
    unknown: int
    audit: Verdict
    lost: int
    forgotten: int = 0
    remembered: tuple[str, ...] = ()


def make(begin: Begin, db: Database, files: BackupFiles, path: Path, places: Places = ()) -> Manifest:
    """Back everything up, as it is at one moment; others go on working meanwhile. Checkpoints of the audit log are
    kept before, so that whatever is lost after a restore can be told.

    Raises:
        NotPermitted: only owners of all weddings may.
        UsedWrongly, Failed: as ``BackupFiles.write`` says; then no file is there.
    """
    with begin() as tx:
        _require(tx)
        checkpoints.keep(tx, places, always=True)
    with store.held_snapshot(db) as held:
        made = files.write(path, held.name, held.at, parinaya_cli.__version__, held.contents)
    with begin() as tx:
        tx.audit("db.backup", "database", after=_figures(made) | {"sha256": made.sha256})
    return made


def look(db: Database, files: BackupFiles, path: Path) -> Manifest:
    """What a backup says of itself, once it was found whole and the database fit for it.

    Raises:
        NotFound, UsedWrongly: there is no such file, or it is no backup.
        Failed: it is damaged, of a newer version, or the database is not empty.
    """
    with files.open(path) as opened:
        _see_that_it_fits(db, opened.manifest)
        return opened.manifest


def restore(
    begin: Begin,
    db: Database,
    files: BackupFiles,
    path: Path,
    places: Places = (),
    erasure_places: Places = (),
) -> Restored:
    """Bring a backup into an empty database; nothing is sent before a person says so, and who was forgotten after the
    backup is forgotten again.

    ``begin``: transactions of parinaya itself, since whoever restores is known to no role of an empty database.

    Raises:
        NotFound, UsedWrongly, Failed: as ``look`` says, and then nothing has changed.
        Failed: what was restored is not what was backed up.
    """
    with files.open(path) as opened:
        manifest = opened.manifest
        _see_that_it_fits(db, manifest)
        opened.restore()
    see_that_all_is_there(manifest.contents, store.found_contents(db))
    why = f"restored from a backup of {manifest.made_at:%d %b %Y %H:%M} UTC"
    paused, unknown = store.release(db, manifest.contents.schema, why)
    schema.upgrade(db)
    with begin() as tx:
        lost = checkpoints.begin_anew(tx, places)
        told = {str(chain_id): f"{now + 1} to {before}" for chain_id, (before, now) in lost.items()}
        after = _figures(manifest) | {"paused": paused, "unknown": unknown, "lost_entries": told}
        tx.audit("db.restore", "database", after=after)
        if manifest.contents.schema != schema.HEAD:
            told = {"schema": manifest.contents.schema}
            tx.audit("db.upgrade", "database", before=told, after={"schema": schema.HEAD})
    again = retention.forget_again(begin, erasure_places)
    with begin() as tx:
        return Restored(
            manifest,
            schema.HEAD,
            paused,
            unknown,
            audit.verify(tx),
            sum(before - now for before, now in lost.values()),
            again.gone,
            again.left,
        )


def _require(tx: Transaction) -> None:
    access.require(tx.actor, Permission.ADMIN)
    access.require_everywhere(tx.actor, "backups")


def _figures(manifest: Manifest) -> dict[str, object]:
    return {
        "made_at": manifest.made_at.isoformat(),
        "schema": manifest.contents.schema,
        "rows": sum(manifest.contents.rows.values()),
        "bytes": manifest.bytes,
    }


def _see_that_it_fits(db: Database, manifest: Manifest) -> None:
    found = store.in_the_way(db)
    if found:
        raise Failed(
            f"The database is not empty: it holds {found}.",
            "Restore into an empty one: another DATABASE_URL, or another PARINAYA_HOME for embedded servers.",
            code="not_empty",
        )
    at, known = manifest.contents.schema, schema.revisions()
    if at not in known:
        raise Failed(
            f"The backup is of the schema {at}, which this version does not know.",
            f"Upgrade parinaya: the backup was made by version {manifest.version}.",
            code="schema",
        )
    now = schema.status(db).current
    if now not in (None, at):
        raise Failed(
            f"The schema of the database is at {now}, and the backup at {at}.",
            "Restore into a database in which nothing is, not even a schema.",
            code="not_empty",
        )


def see_that_all_is_there(wanted: Contents, found: Contents) -> None:
    """Hold what a database holds against what it should, but for the revision of its schema, which is held back.

    Raises:
        Failed: it is not the same.
    """
    # The revision is held back until nothing can be sent by itself (store.release).
    held_back = {"alembic_version": wanted.rows["alembic_version"]}
    found = replace(found, schema=wanted.schema, rows={**found.rows, **held_back})
    differences = list(wanted.differences(found))
    if differences:
        raise Failed(
            f"What was restored is not what was backed up: {'; '.join(differences[:5])}.",
            "Do not use this database. Restore into another one, or from another backup.",
        )
