"""Lists in: a family's list becomes people, in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission, Role
from parinaya_cli.domain.errors import NotPermitted, UsedWrongly
from parinaya_cli.domain.imports import (
    Columns,
    Draft,
    Rejection,
    RowDefaults,
    RowWarning,
    read_row,
    recognise,
)
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.ports import Sheet
from parinaya_cli.store import consent as consents
from parinaya_cli.store import imports as store
from parinaya_cli.store import units as unit_store
from parinaya_cli.store.imports import Import
from parinaya_cli.store.transaction import Begin, Transaction


@dataclass(frozen=True)
class ImportRequest:
    """What was asked. ``source`` names the list; the same list comes again under the same name."""

    source: str
    columns: Mapping[str, str] = field(default_factory=dict)
    side: str | None = None
    tags: tuple[str, ...] = ()
    region: str | None = None
    opt_in: str = ""
    dry_run: bool = False


@dataclass(frozen=True)
class ImportReport:
    """What an import did. ``columns``: each header with the field it was recognised as, empty where none was."""

    ref: str
    source: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    people: int
    warnings: tuple[RowWarning, ...]
    rejections: tuple[Rejection, ...]
    columns: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    encoding: str
    delimiter: str
    seconds: float


class _Rehearsed(Exception):
    """Rolls a rehearsal back and carries its report out."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report


def import_people(
    begin: Begin, sheet: Sheet, request: ImportRequest, progress: Callable[[int], None] = lambda _: None
) -> ImportReport:
    """Import a list. ``progress`` is told of every thousand rows.

    A rehearsal (``dry_run``) takes the same path and is rolled back.

    Raises:
        UsedWrongly: the list can't be understood at all; nothing is written.
    """
    try:
        with begin() as tx:
            report = _import(tx, sheet, request, progress)
            if request.dry_run:
                raise _Rehearsed(report)
            return report
    except _Rehearsed as rehearsal:
        return rehearsal.report


@dataclass
class _Reading:
    """Counts and findings while the rows of a list pass by."""

    columns: Columns
    defaults: RowDefaults
    progress: Callable[[int], None]
    rows: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    warnings: list[RowWarning] = field(default_factory=list)

    def drafts(self, sheet: Sheet) -> Iterator[Draft]:
        """The rows that can be imported, one by one; what else is found out is kept here."""
        for line, cells in _all_rows(sheet, self.columns.header_is_data):
            self.rows += 1
            if self.rows % 1000 == 0:
                self.progress(1000)
            what, warnings = read_row(line, cells, self.columns, self.defaults)
            self.warnings += warnings
            if isinstance(what, Rejection):
                self.rejections.append(what)
            else:
                yield what


def _import(
    tx: Transaction, sheet: Sheet, request: ImportRequest, progress: Callable[[int], None]
) -> ImportReport:
    access.require(tx.actor, Permission.PEOPLE)
    started = monotonic()
    columns = recognise(sheet.header, request.columns)
    defaults = RowDefaults(request.region or tx.wedding.region, request.side, request.tags)
    found = _Reading(columns, defaults, progress)
    import_id, number = store.begin(tx, request.source, request.opt_in)
    store.stage(tx, request.source, found.drafts(sheet))
    if found.rows == 0:
        raise UsedWrongly(
            f"{request.source} has a header and no rows.", "Give a list with at least one person."
        )
    _same_list(tx, request.source)
    merged = store.merge(tx, import_id, request.source)
    unit_store.refresh_of_people(tx, store.updated_people(tx))
    if request.opt_in:
        consents.attest(tx, store.phones_of(tx), f"import {request.source}", request.opt_in, tx.now)
    store.finish(tx, import_id, merged, found.rows, len(found.rejections), "")
    report = ImportReport(
        make_ref(Kind.IMPORT, number),
        request.source,
        found.rows,
        merged.created,
        merged.updated,
        merged.unchanged,
        len(found.rejections),
        merged.people,
        tuple(found.warnings),
        tuple(found.rejections),
        tuple((title, name) for title, name in columns.shown),
        columns.warnings,
        sheet.encoding,
        sheet.delimiter,
        round(monotonic() - started, 3),
    )
    counted = ("source", "rows", "created", "updated", "unchanged", "rejected")
    tx.audit(
        "people.import",
        "import",
        ref=report.ref,
        entity_id=import_id,
        after={**{name: getattr(report, name) for name in counted}, "opt_in": request.opt_in},
    )
    return report


def _same_list(tx: Transaction, source: str) -> None:
    """Refuse another list that comes under the name of this one: its ids are those of other people."""
    strangers = store.strangers(tx, source)
    if strangers:
        line, external_id, known, told = strangers[0]
        raise UsedWrongly(
            f"{len(strangers)} rows bear the id of somebody else of an earlier {source}: in row {line}, id "
            f"{external_id} was {known} and is {told}.",
            "If it is another list, give it a name of its own with --source; if the list has changed, change these "
            "people with `parinaya people edit` first.",
            code="other_list",
        )


def _all_rows(sheet: Sheet, header_is_data: bool) -> Iterator[tuple[int, list[str]]]:
    if header_is_data:
        yield 1, list(sheet.header)
    # A row that can't be read comes as its sentence; read_row makes a rejection of it.
    yield from sheet.rows  # type: ignore[misc]


def list_imports(tx: Transaction) -> list[Import]:
    """Every import, newest first.

    Raises:
        NotPermitted: the actor sees one side only, or names and answers only; lists belong to no side.
    """
    access.require(tx.actor, Permission.READ)
    if tx.actor.sides is not None or tx.actor.role is Role.DESK:
        raise NotPermitted(
            f"{tx.actor.name} acts as {tx.actor.role.value}, which may not see the lists of both families.",
            "Ask somebody who works on the guest list, or see `parinaya roles matrix`.",
        )
    return store.list_imports(tx)


def rejects_path(folder: Path, source: str, wedding: str = "") -> Path:
    """Where the rejected rows of a list are written; ``wedding``: its slug, as each has lists of its own."""
    stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(source).stem)[:80] or "list"
    return folder / "rejects" / wedding / f"{stem}.rejects.csv"
