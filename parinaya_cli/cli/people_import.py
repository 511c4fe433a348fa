"""What ``people import`` is told, and the document in which it tells what became of a list."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from parinaya_cli.cli.options import Call, group
from parinaya_cli.cli.output import Result
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from rich.console import Console

    from parinaya_cli.domain.imports import Rejection
    from parinaya_cli.ports import OpenedList
    from parinaya_cli.services.google import GoogleReport
    from parinaya_cli.services.import_queue import RejectsFile
    from parinaya_cli.services.import_report import ImportReport, Item
    from parinaya_cli.services.imports import ImportRequest

app = group("people", "Guests: import, find, mend.")


@contextmanager
def open_list(call: Call, source: str, encoding: str | None, sheet: str | None) -> Iterator[OpenedList]:
    """Open the list that is meant: a file, or what comes on stdin; closed at the end.

    Raises:
        UsedWrongly: it can't be read.
    """
    from parinaya_cli.ports import ReadingOptions

    options = ReadingOptions(encoding, sheet)
    path = None if source == "-" else Path(source)
    opened = call.app().open_list(path, options, stdin=sys.stdin.buffer if path is None else None)
    try:
        yield opened
    finally:
        opened.close()


def check_options(source: str, group: str | None, of_files: Sequence[str | None]) -> None:
    """Check that the options fit what is read. ``of_files``: those that hold for files only.

    Raises:
        UsedWrongly: one says something of another kind of list.
    """
    if source != "google" and group is not None:
        raise UsedWrongly("--group is for Google Contacts.", "Leave it out, or import google.")
    if source == "google" and any(of_files):
        raise UsedWrongly("--sheet and --encoding are for files.", "Leave them out for Google Contacts.")


@dataclass(frozen=True)
class Done:
    """An import that is done. ``rejects``: the file of its rejected rows; ``google``: what else Google said."""

    report: ImportReport
    rejects: Path | None
    google: GoogleReport | None = None


def run(call: Call, source: str, request: ImportRequest, group: str | None, encoding: str | None) -> Done:
    """Read a list and import it, with a bar on a terminal."""
    from parinaya_cli.services.imports import Hooks, import_people

    rejects = Rejects(call, request.source)
    request = replace(request, rejects_file=str(rejects.path))
    try:
        if source == "google":
            from parinaya_cli.cli import google

            with call.out.progress(None, "Contacts read") as bar:
                hooks = Hooks(bar.describe, rejects.add)
                told = google.import_contacts(call, request, group, bar.advance, hooks)
            return Done(told.report, rejects.finish(), told)
        with (
            open_list(call, source, encoding, request.sheet) as opened,
            call.out.reading("Reading", opened.share) as bar,
        ):
            hooks = Hooks(bar.describe, rejects.add)
            report = import_people(
                lambda: call.app().begin(reason=call.reason), opened, request, bar.advance, hooks
            )
        return Done(report, rejects.finish())
    finally:
        rejects.close()


def result(call: Call, done: Done, rows: int) -> Result:
    """What the command says at its end. ``rows``: how many rows of each kind a rehearsal shows."""
    told = document(done.report, done.rejects, call.dry_run)

    def show(out: Console) -> None:
        from parinaya_cli.cli import google, people_preview

        width = out.width if call.out.terminal else 10_000
        people_preview.show(out, done.report, done.rejects, people_preview.Shown(call.dry_run, rows, width))
        if done.google is not None:
            out.file.writelines(f"{line}\n" for line in google.lines(done.google))

    if done.google is not None:
        from parinaya_cli.cli import google

        told |= google.document(done.google)
    if done.report.rejected and call.out.quiet and not call.out.json:
        where = f": they are in {done.rejects}" if done.rejects else ""
        call.out.warn(f"{done.report.rejected} of {done.report.rows} rows were rejected{where}.")
    return Result(told, show, exit_code=5 if done.report.rejected else 0)


def source_name(source: str, name: str | None) -> str:
    """What the list is called: as told, else the name of its file.

    Raises:
        UsedWrongly: the name is empty or too long.
    """
    told = given_text(name, "--source") or ("stdin" if source == "-" else Path(source).name)
    if len(told) > 200:
        raise UsedWrongly("The name of the list is longer than 200 characters.", "Give a shorter --source.")
    return told


def given_text(text: str | None, option: str) -> str:
    """The text of an option that may be left out, but not be empty.

    Raises:
        UsedWrongly: it is empty.
    """
    if text is not None and not text.strip():
        raise UsedWrongly(f"{option} is empty.", f"Say something with {option}, or leave it out.")
    return (text or "").strip()


def read_map(texts: Sequence[str]) -> dict[str, str]:
    """The fields of the headers that ``--map`` names.

    Raises:
        UsedWrongly: one is not written as ``HEADER=field``, or a header is named twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        header, sign, field = (part.strip() for part in text.rpartition("="))
        if not sign or not header or not field:
            raise UsedWrongly(
                f"{text!r} does not say what a column means.", "Write --map 'THEIR HEADER=full_name'."
            )
        if header in found:
            raise UsedWrongly(f"{header!r} is mapped twice.", "Give one --map for each header.")
        found[header] = field
    return found


def read_tags(texts: Sequence[str]) -> tuple[str, ...]:
    """Tags, each once.

    Raises:
        UsedWrongly: one is empty.
    """
    tags = tuple(dict.fromkeys(text.strip() for text in texts))
    if "" in tags:
        raise UsedWrongly("A tag is empty.", "Give --tag TEXT, or leave it out.")
    return tags


def read_region(text: str | None) -> str | None:
    """The country of phones, checked.

    Raises:
        UsedWrongly: there is no such country.
    """
    if text is None:
        return None
    from parinaya_cli.domain.phones import check_region

    return check_region(text)


class Rejects:
    """The file of the rejected rows of one import. A disk that does not take it costs no import: it is warned of."""

    def __init__(self, call: Call, source: str) -> None:
        from parinaya_cli.services import imports

        self._call = call
        with call.app().begin() as tx:
            self.path = imports.rejects_path(call.settings.home, source, tx.wedding.slug)
        self._writer: RejectsFile | None = None if call.dry_run else call.app().open_rejects(self.path)

    def add(self, titles: Sequence[str], row: Rejection, sheet: str) -> None:
        """Put a row aside."""
        if self._writer is None:
            return
        try:
            self._writer.add(titles, row, sheet)
        except (UsedWrongly, OSError) as error:
            self._give_up(error)

    def finish(self) -> Path | None:
        """Write the file; where it is, None when there is none."""
        if self._writer is None:
            return None
        try:
            return self.path if self._writer.finish() else None
        except (UsedWrongly, OSError) as error:  # the import itself is done
            self._give_up(error)
            return None

    def _give_up(self, error: Exception) -> None:
        self._call.out.warn(f"The rejected rows are not on disk: {error}")
        self.close()

    def close(self) -> None:
        """Forget the rows, if they were not written."""
        if self._writer is not None:
            self._writer.abort()
            self._writer = None


def document(report: ImportReport, rejects: Path | None, dry_run: bool) -> dict[str, object]:
    """What ``--json`` shows of an import; a rehearsal has no ref, and tells every row."""
    told: dict[str, object] = {
        "import": None if dry_run else report.ref,
        "source": report.source,
        "kind": report.kind,
        "dry_run": dry_run,
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "people": report.people,
        "proposals": report.proposals,
        "rejects_file": rejects,
        "warnings": [
            {"row": one.line, "sheet": one.sheet or None, "field": one.field, "code": one.code,
             "message": one.message}
            for one in report.warnings
        ],
        "rejections": [
            {"row": one.line, "sheet": one.sheet or None, "code": one.code, "message": one.message}
            for one in report.rejections
        ],
        "codes": dict(report.codes),
        "conflicts": [
            {"row": one.line, "sheet": one.sheet or None, "person": one.person, "full_name": one.full_name,
             "field": one.field, "kept": one.kept, "list": one.told}
            for one in report.conflicts
        ],
        "conflicts_total": report.conflict_count,
        "missing": report.missing,
        "missing_names": report.missing_names,
        "columns": [
            {"header": one.header, "field": one.field or None, "sheet": one.sheet or None, "how": one.how,
             "samples": list(one.samples)}
            for one in report.columns
        ],
        "sheets": list(report.sheets),
        "notes": list(report.notes),
        "encoding": report.encoding,
        "delimiter": report.delimiter,
        "seconds": report.seconds,
    }  # fmt: skip
    if dry_run:
        told |= {"items": [_item(one) for one in report.items], "items_total": report.rows}
    return told


def _item(one: Item) -> dict[str, object]:
    return {
        "row": one.line,
        "sheet": one.sheet or None,
        "verdict": one.verdict,
        "person": one.person,
        "full_name": one.full_name,
        "changes": {field: list(values) for field, values in one.changes.items()},
        "conflicts": {field: list(values) for field, values in one.conflicts.items()},
        "proposal": one.proposal or None,
        "reason": one.reason or None,
        "phones": [{"raw": raw, "value": value, "state": state} for raw, value, state in one.phones],
    }
