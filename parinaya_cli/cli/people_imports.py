"""``parinaya people imports`` and ``undo-import``, and lists that are imported in the background."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from parinaya_cli.cli import people_import
from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Fields, Result, items
from parinaya_cli.cli.people_import import app
from parinaya_cli.cli.text import local_times, readable_times
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.services.import_queue import ImportView
    from parinaya_cli.services.import_undo import Left, UndoReport
    from parinaya_cli.services.imports import ImportRequest

_SHOWN = 20  # people of each list, in the text

Which = Annotated[str, typer.Argument(metavar="IMPORT", help="The ref of an import, such as I3.")]


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────


@verb(
    app,
    "imports",
    examples=[
        "parinaya people imports",
        "parinaya people imports I3 --json",
        "parinaya people imports I3 --rejects mend.csv",
    ],
)
def list_imports(
    call: Call,
    ref: Annotated[
        str | None, typer.Argument(metavar="IMPORT", help="Show this one whole, such as I3.")
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the rows there that an import in the background rejected."),
    ] = None,
) -> Result:
    """List what was imported and what waits to be, the newest first; or show one import whole."""
    from parinaya_cli.services import import_queue

    if rejects is not None:
        if ref is None:
            raise UsedWrongly(
                "--rejects writes the rows of one import.", "Name it: see `parinaya people imports`."
            )
        return _write_rejects(call, ref, rejects)
    with call.app().begin() as tx:
        zone = tx.wedding.zone
        found = list(import_queue.list_imports(tx)) if ref is None else [import_queue.find(tx, ref)]
    rows = [local_times(document(one), zone) for one in found]
    if ref is not None:
        return _whole(call, found[0], rows[0])
    columns = [
        ("ref", "Ref"), ("source", "List"), ("at", "When"), ("state", "State"), ("rows", "Rows"),
        ("created", "New"), ("updated", "Changed"), ("rejected", "Rejected"), ("conflicts", "Conflicts"),
    ]  # fmt: skip
    if not any(row["conflicts"] for row in rows):
        columns.pop()  # seldom any, and without it the table fits a narrow terminal
    return items(
        rows,
        columns,
        empty="Nothing was imported yet. Begin with: parinaya people import FILE --side bride",
        readable=_in_table if call.out.terminal else None,
    )


def document(one: ImportView) -> dict[str, object]:
    """An import as ``--json`` lists one. ``progress``: of one that waits or runs, else null."""
    waits = one.state in ("queued", "running")
    running = {"rows": one.progress_rows or 0, "share": one.share}
    return {
        "ref": one.ref, "source": one.source, "kind": one.kind or None, "state": one.state, "at": one.created_at,
        "by": one.actor, "rows": one.rows, "created": one.created, "updated": one.updated,
        "unchanged": one.unchanged, "rejected": one.rejected, "conflicts": one.conflicts,
        "undone": one.state == "undone", "progress": running if waits else None,
    }  # fmt: skip


def _in_table(row: Mapping[str, object]) -> Mapping[str, object]:
    told = dict(readable_times(row))
    progress = row["progress"]
    if row["state"] == "running" and isinstance(progress, Mapping):
        share = progress["share"]
        told["state"] = f"running, {share:.0%}" if isinstance(share, float) else "running"
        told["rows"] = progress["rows"]
    return told


def _whole(call: Call, one: ImportView, row: Mapping[str, object]) -> Result:
    """One import with what was found in it, as far as that is kept."""
    report = one.report
    told = {
        **row,
        "finished_at": one.finished_at,
        "undone_at": one.undone_at,
        "seconds": one.seconds,
        "opt_in": one.opt_in or None,
        "error": one.error or None,
        "rejects_file": one.rejects_file or None,
        "rejects_kept": one.rejects,
        "columns": _records(report.get("columns"), ("sheet", "header", "field", "how")),
        "warnings": _records(report.get("warnings"), ("sheet", "row", "field", "code", "message")),
        "conflicts_of": _records(report.get("conflicts"), ("sheet", "row", "person", "field")),
        "codes": report.get("codes", {}),
        "missing": report.get("missing", 0),
        "notes": report.get("notes", []),
        "encoding": report.get("encoding", ""),
        "delimiter": report.get("delimiter", ""),
        "sheets": report.get("sheets", []),
    }
    shown = dict(readable_times(told) if call.out.terminal else told)
    for name in ("columns", "warnings", "conflicts_of", "notes", "codes"):
        value = shown[name]
        assert isinstance(value, Mapping | Sequence)
        shown[name] = "\n".join(_sentences(name, value)) if call.out.terminal else len(value)
    return Result(told, Fields(shown, f"{one.ref} {one.source}", {"ref": "", "source": "", "delimiter": ""}))


def _records(rows: object, names: Sequence[str]) -> list[dict[str, object]]:
    """Rows as they are kept, with the names of their cells; an empty text is nothing."""
    return [dict(zip(names, (cell or None for cell in row), strict=False)) for row in rows or ()]  # type: ignore[attr-defined]


def _sentences(name: str, value: Mapping[str, object] | Sequence[object]) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield ", ".join(f"{key} {count}" for key, count in value.items())
        return
    for one in value[:_SHOWN]:
        if not isinstance(one, Mapping):
            yield str(one)
        elif name == "columns":
            yield f"{one['header']}: {one['field'] or 'kept as extra'}"
        elif name == "warnings":
            yield f"row {one['row']}: {one['message']}"
        else:
            yield f"row {one['row']}: {one['person']} {one['field']}"
    if len(value) > _SHOWN:
        yield f"and {len(value) - _SHOWN} more; --json has them."


def _write_rejects(call: Call, ref: str, path: Path) -> Result:
    """Write the file whole, or not at all; what is there is not overwritten."""
    from parinaya_cli.services import import_queue

    size = 0
    with call.app().begin() as tx:
        parts = import_queue.read_rejects(tx, ref)
        try:
            with path.open("xb") as file:
                path.chmod(0o600)
                for content in parts:
                    size += file.write(content)
        except FileExistsError:
            raise UsedWrongly(f"{path} is there already.", "Name a file that is not there yet.") from None
        except OSError as error:
            path.unlink(missing_ok=True)
            raise UsedWrongly(f"{path} can't be written: {error.strerror}.", "Name another file.") from None
    told = f"The rejected rows of {ref} are in {path}: mend them there, then import that file."
    return Result({"import": ref, "rejects_file": path, "bytes": size}, told)


# ── in the background ──────────────────────────────────────────────────────────────────────────────────


def in_background(
    call: Call, source: str, request: ImportRequest, encoding: str | None, save_preset: str | None
) -> Result:
    """Put a list by for a worker. It is opened first, so that what is no list is refused at once.

    Raises:
        UsedWrongly: it can't be read, or something is asked that only an import at once can do.
    """
    from parinaya_cli.ports import ReadingOptions
    from parinaya_cli.services import import_queue

    for asked, what in (
        (source == "google", "Google Contacts are read"),
        (call.dry_run, "A rehearsal is shown"),
        (save_preset is not None, "A preset is saved from an import"),
    ):
        if asked:
            raise UsedWrongly(f"{what} at once.", "Leave out --background.")
    options = ReadingOptions(encoding, request.sheet)
    with tempfile.TemporaryDirectory(prefix="parinaya-import-") as folder:
        path = _spool(sys.stdin.buffer, Path(folder, "stdin")) if source == "-" else Path(source)
        with people_import.open_list(call, str(path), encoding, request.sheet):
            pass
        with path.open("rb") as stream:
            done = import_queue.queue(
                lambda: call.app().begin(reason=call.reason), stream, request, options, reason=call.reason
            )
    if call.app().queue_away:
        call.out.warn("The queue is away: `parinaya reconcile` rings for the worker when it is back.")
    told = (
        f"{done.ref}: {done.source} waits for a worker. See how far it is: parinaya people imports {done.ref}"
    )
    document = {"import": done.ref, "source": done.source, "state": "queued", "bytes": done.size}
    return Result(document, told)


def _spool(stream: BinaryIO, path: Path) -> Path:
    with path.open("wb") as file:
        shutil.copyfileobj(stream, file)
    return path


# ── taking back ────────────────────────────────────────────────────────────────────────────────────────


@verb(
    app,
    "undo-import",
    hard=True,
    examples=[
        "parinaya people undo-import I3 --dry-run",
        "parinaya people undo-import I3 --reason 'it was the list of another wedding'",
        "parinaya people undo-import I3 --yes --json",
    ],
)
def undo_import(call: Call, ref: Which) -> Result:
    """Take an import back: its people go, and what it changed is as before.

    Whoever something has been built on since is kept, and told with the reason: edited, tagged, invited, written to,
    answered. A row that a later import has changed is refused: undo that one first. The command can be given again
    when what stood in the way is gone. Exit code 5: somebody was kept or refused.
    """
    from parinaya_cli.services import import_undo

    def run(dry_run: bool) -> UndoReport:
        return import_undo.undo(lambda: call.app().begin(reason=call.reason), ref, dry_run=dry_run)

    if not call.yes and not call.dry_run:
        plan = run(dry_run=True)
        if not plan.already:
            confirm(call, f"Take back {plan.of.ref} ({plan.of.source}): {_counts(plan)}?")
    report = run(call.dry_run)
    with call.app().begin() as tx:
        row = local_times(_document(report, call.dry_run), tx.wedding.zone)
    return Result(
        row, "\n".join(_lines(report, call.dry_run)), exit_code=5 if report.kept or report.refused else 0
    )


def _document(report: UndoReport, dry_run: bool) -> dict[str, object]:
    def left(people: Sequence[Left]) -> list[dict[str, object]]:
        return [
            {"person": one.person, "full_name": one.full_name, "reason": one.reason, "message": one.message}
            for one in people
        ]

    taken = [{"person": one.person, "full_name": one.full_name, "what": one.what} for one in report.taken]
    return {
        "ref": report.of.ref,
        "source": report.of.source,
        "at": report.of.created_at,
        "created": report.of.created,
        "updated": report.of.updated,
        "undone": report.undone,
        "already_undone": report.already,
        "dry_run": dry_run,
        "counts": {
            "undone": len(report.taken), "kept": len(report.kept), "refused": len(report.refused),
            "opt_ins_retracted": report.retracted,
        },
        "lists": {"undone": taken, "kept": left(report.kept), "refused": left(report.refused)},
    }  # fmt: skip


def _counts(report: UndoReport) -> str:
    removed = sum(one.what == "removed" for one in report.taken)
    told = [f"{removed} people removed", f"{len(report.taken) - removed} as they were before"]
    told += [f"{len(report.kept)} kept"] if report.kept else []
    told += [f"{len(report.refused)} refused"] if report.refused else []
    return ", ".join(told)


def _lines(report: UndoReport, dry_run: bool) -> Iterator[str]:
    name = f"{report.of.ref} ({report.of.source})"
    if report.already:
        yield f"{name} was undone before. There is nothing to do."
        return
    yield f"{name} would be taken back: {_counts(report)}." if dry_run else f"{name}: {_counts(report)}."
    if report.retracted:
        yield f"Its opt-in does not count any more for {report.retracted} phones."
    for title, people in (("Kept", report.kept), ("Refused", report.refused)):
        if people:
            yield from ("", f"{title} ({len(people)})")
            yield from (f"  {one.person} {one.full_name}: {one.message}" for one in people[:_SHOWN])
        if len(people) > _SHOWN:
            yield f"  and {len(people) - _SHOWN} more; --json has all of them."
    if not report.undone:
        yield from (
            "",
            f"{report.of.ref} is not wholly undone: the same command goes on when that has changed.",
        )
