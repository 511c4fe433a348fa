"""``parinaya db``: the schema, backups, and bringing one back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result

if TYPE_CHECKING:
    from parinaya_cli.domain.backups import Manifest
    from parinaya_cli.wiring import App

app = group("db", "The schema of the database, and backups.")


@verb(app, "status", examples=["parinaya db status", "parinaya db status --json"])
def status(call: Call) -> Result:
    """The revision of the database, the one that this version needs, and what lies between."""
    return _shown(call.app(), "")


@verb(app, "upgrade", changes=True, examples=["parinaya db upgrade", "parinaya db upgrade --json"])
def upgrade(call: Call) -> Result:
    """Bring the schema up. Two at once: one does it, the other waits."""
    call.app().upgrade()
    return _shown(call.app(), "The schema is up to date.")


def _shown(opened: App, done: str) -> Result:
    found = opened.schema_status()
    document = {"current": found.current, "head": found.head, "pending": list(found.pending)}
    if found.pending:
        at = found.current or "nothing yet"
        text = f"The database is at {at}, this version needs {found.head}: parinaya db upgrade."
    else:
        text = done or f"The database is at {found.current}, as this version needs."
    return Result(document, text)


@verb(
    app,
    "backup",
    changes=True,
    examples=[
        "parinaya db backup --to parinaya.backup",
        "parinaya db backup --to /srv/backups/monday.backup --quiet",
    ],
)
def backup(
    call: Call,
    to: Annotated[
        Path, typer.Option("--to", metavar="FILE", help="Where the backup goes; it must not be there yet.")
    ],
) -> Result:
    """Back everything up while work goes on, and read the backup back.

    It holds all weddings as they are at one moment, for your eyes only (0600). The settings with their secrets are
    not in it: keep config.toml in another place, since without PARINAYA_AUDIT_KEY the audit log can't be verified.
    """
    from parinaya_cli.domain.errors import UsedWrongly
    from parinaya_cli.services import backups

    if to.exists():
        raise UsedWrongly(f"{to} is there already.", "Name another file: a backup is never written over.")
    opened = call.app()
    made = backups.make(
        lambda: opened.begin(reason=call.reason, bound=False),
        opened.db,
        opened.backup_files,
        to,
        opened.checkpoint_places,
    )
    rows = sum(made.contents.rows.values())
    text = f"{to}: {rows:,} rows of {len(made.contents.rows)} tables, {_size(made.bytes)}, read back."
    return Result(_document(made) | {"file": to}, text)


@verb(
    app,
    "restore",
    hard=True,
    examples=[
        "parinaya db restore parinaya.backup --dry-run",
        "PARINAYA_HOME=~/restored parinaya db restore parinaya.backup --yes",
    ],
)
def restore(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `parinaya db backup` has made.")],
) -> Result:
    """Bring a backup into an empty database, and hold it against what was backed up.

    Nothing is sent afterwards before a person says so: batches are paused, and messages that had not left are
    `unknown`, since they may have left after the backup. Whoever asked to be forgotten since then is there
    again: see `parinaya audit list --action people.erase` of the old database, and erase them here.
    """
    from parinaya_cli.domain.access import Channel
    from parinaya_cli.services import backups

    opened = call.app()
    found = backups.look(opened.db, opened.backup_files, file)
    rows = sum(found.contents.rows.values())
    what = f"{rows:,} rows as they were at {found.made_at:%d %b %Y %H:%M} UTC"
    if call.dry_run:
        return Result(_document(found), f"The backup is whole and fits: {what}. Nothing was restored.")
    confirm(call, f"Bring {what} into this database?")
    done = backups.restore(
        lambda: opened.begin_as_system(Channel.CLI, call.reason),
        opened.db,
        opened.backup_files,
        file,
        opened.checkpoint_places,
    )
    lines = [f"Restored: {what}.", f"Schema: {done.schema}."]
    if done.paused or done.unknown:
        lines.append(
            f"{done.paused} batches are paused and {done.unknown} messages unknown: see `parinaya invite status`, "
            "then `parinaya invite resume B` and `parinaya invite retry B --unknown`."
        )
    if done.lost:
        lines.append(
            f"{done.lost} entries of the audit log were written after the backup and are lost; that is noted in it."
        )
    lines.append(
        "The audit log verifies."
        if done.audit.ok
        else f"The audit log does not verify ({done.audit.reason}): are these the settings of the old installation?"
    )
    document = _document(found) | {
        "schema": done.schema,
        "paused": done.paused,
        "unknown": done.unknown,
        "audit_ok": done.audit.ok,
        "lost_entries": done.lost,
    }
    return Result(document, "\n".join(lines))


def _document(manifest: Manifest) -> dict[str, object]:
    return {
        "made_at": manifest.made_at,
        "version": manifest.version,
        "schema": manifest.contents.schema,
        "tables": len(manifest.contents.rows),
        "rows": sum(manifest.contents.rows.values()),
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
    }


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:,.1f} MiB" if count >= 1024 * 1024 else f"{count / 1024:,.0f} KiB"
