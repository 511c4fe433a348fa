"""``parinaya db``: the schema, backups, and bringing one back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.domain.backups import Manifest
    from parinaya_cli.services.moves import Place
    from parinaya_cli.wiring import App

app = group("db", "The schema of the database, and backups.")


@verb(app, "status", examples=["parinaya db status", "parinaya db status --json"])
def status(call: Call) -> Result:
    """The revision of the database, the one that this version needs, and what lies between."""
    return _shown(call.app(), "")


@verb(app, "upgrade", changes=True, examples=["parinaya db upgrade", "parinaya db upgrade --json"])
def upgrade(call: Call) -> Result:
    """Bring the schema up, and say so in the audit log. Two at once: one does it, the other waits."""
    call.app().upgrade(call.reason)
    return _shown(call.app(), "The schema is up to date.")


@verb(
    app,
    "grants",
    changes=True,
    examples=[
        "parinaya db grants | psql postgresql://postgres@db.example/parinaya",
        "parinaya db grants --apply",
    ],
)
def grants(
    call: Call,
    apply: Annotated[
        bool, typer.Option("--apply", help="Run it, with the address of an administrator in DATABASE_URL.")
    ] = False,
) -> Result:
    """Print the SQL that gives each of the database's users what it may do, and no more.

    An administrator runs it once, gives parinaya_app a password, and puts that user into DATABASE_URL: parinaya then
    sees one wedding at a time, changes no table, and can't change what is only ever added. `parinaya db upgrade`
    renews it, and sees to it on embedded servers; `parinaya doctor` tells whether it holds.
    """
    from parinaya_cli.domain.access import Channel
    from parinaya_cli.services import grants as verbs

    sql = verbs.script()
    if not apply:
        return Result({"sql": sql, "applied": False, "changed": False}, sql.rstrip())
    opened = call.app()
    changed = verbs.apply(opened.admin_db, lambda: opened.begin_as_system(Channel.CLI, call.reason))
    text = "Each user of the database has what it may do." if changed else "All of it holds already."
    return Result({"sql": sql, "applied": True, "changed": changed}, text)


def _shown(opened: App, done: str) -> Result:
    found = opened.schema_status()
    document = {"current": found.current, "head": found.head, "pending": list(found.pending)}
    if found.pending:
        at = found.current or "nothing yet"
        text = f"The database is at {at}, this version needs {found.head}: parinaya db upgrade."
    elif found.current != found.head:
        text = (
            f"The database is at {found.current}, newer than this version ({found.head}): upgrade parinaya."
        )
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
    from parinaya_cli.services import backups

    if to.exists():
        raise UsedWrongly(f"{to} is there already.", "Name another file: a backup is never written over.")
    opened = call.app()
    made = backups.make(
        lambda: opened.begin(reason=call.reason, bound=False),
        opened.admin_db,
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
    `unknown`, since they may have left after the backup. Whoever was forgotten since then is forgotten again, by
    the list that is kept in PARINAYA_HOME/checkpoints and where PARINAYA_CHECKPOINTS says.
    """
    from parinaya_cli.domain.access import Channel
    from parinaya_cli.services import backups

    opened = call.app()
    found = backups.look(opened.admin_db, opened.backup_files, file)
    rows = sum(found.contents.rows.values())
    what = f"{rows:,} rows as they were at {found.made_at:%d %b %Y %H:%M} UTC"
    if call.dry_run:
        return Result(_document(found), f"The backup is whole and fits: {what}. Nothing was restored.")
    confirm(call, f"Bring {what} into this database?")
    done = backups.restore(
        lambda: opened.begin_as_system(Channel.CLI, call.reason),
        opened.admin_db,
        opened.backup_files,
        file,
        opened.checkpoint_places,
        opened.erasure_places,
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
    if done.forgotten:
        lines.append(f"{done.forgotten} people who were forgotten after the backup are forgotten again.")
    lines += [f"{one}. Erase them: parinaya people erase" for one in done.remembered]
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
        "forgotten": done.forgotten,
        "remembered": list(done.remembered),
    }
    return Result(document, "\n".join(lines))


@verb(
    app,
    "move",
    hard=True,
    examples=[
        "parinaya db move --to - --yes",
        "parinaya db move --to postgresql://postgres@db.example/parinaya --dry-run",
        "parinaya db move --undo --yes --reason 'the new server is not ready'",
    ],
)
def move(
    call: Call,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DATABASE_URL", help="The new database, empty; - reads its address from stdin."
        ),
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Work on this database again; what was moved is left.")
    ] = False,
) -> Result:
    """Move all weddings into another database, such as from the embedded server to one of your own.

    Rows, sequences and the audit log are compared before anybody works in the new place. The old one keeps its data and
    is marked: every command on it is refused from then on, so that nobody works in two places. End the worker, the
    receiver and the site before. An address given with - is in no history.
    """
    from parinaya_cli.services import moves

    if undo == (to is not None):
        raise UsedWrongly("Say where to, or --undo.", "Give --to DATABASE_URL, or --undo.")
    opened = call.app()
    here = _place(opened, call.reason)
    if undo:
        confirm(call, "Work on this database again, and leave the other as it is?")
        if call.dry_run:
            return Result({"dry_run": True}, "Nothing was changed.")
        return Result({"was": (was := moves.undo(here))}, f"This database is worked on again, not {was}.")
    with _other(call, to or "") as there:
        if call.dry_run:
            rows = sum(moves.look(here, there).rows.values())
            return Result({"rows": rows, "to": there.name, "dry_run": True}, f"{rows:,} rows would be moved.")
        confirm(call, f"Move all weddings to {there.name}?")
        done = moves.move(here, there, lambda: opened.db.dispose(), opened.checkpoint_places)
        told = (
            "The audit log verifies."
            if done.audit.ok
            else f"The audit log does not verify: {done.audit.reason}."
        )
        rows = sum(done.contents.rows.values())
        tables = len(done.contents.rows)
    document = {"rows": rows, "tables": tables, "to": there.name, "audit_ok": done.audit.ok}
    text = [
        f"Moved {rows:,} rows of {tables} tables to {there.name}. {told}",
        "This database is closed now. Put the new address in place of it, then look:",
        "  parinaya config set DATABASE_URL -",
        "  parinaya init",
        "  parinaya doctor",
    ]
    return Result(document, "\n".join(text))


def _place(opened: App, reason: str) -> Place:
    from parinaya_cli.services.moves import Place

    return Place(
        opened.admin_db,
        opened.backup_files,
        lambda: opened.begin(reason=reason, bound=False),
        "this database",
    )


@contextmanager
def _other(call: Call, told: str) -> Iterator[Place]:
    """The database of another address, with the settings of this one."""
    from parinaya_cli import settings, wiring
    from parinaya_cli.domain.access import Channel
    from parinaya_cli.services.moves import Place

    setting = settings.find("DATABASE_URL")
    url = sys.stdin.readline().strip() if told == "-" else told
    setting.parse(url, where="The new address")
    with wiring.open_app(replace(call.settings, database_url=url)) as target:
        yield Place(
            target.admin_db,
            target.backup_files,
            lambda: target.begin_as_system(Channel.CLI, call.reason),
            str(setting.masked(url)),
        )


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
