"""Lists in: a family's list becomes people, in one transaction or not at all."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic

from parinaya_cli.domain import access, rows_again
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.imports import Draft, Rejection, RowDefaults
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.ports import OpenedList
from parinaya_cli.services.import_reading import MOST_KEPT, Reading, ReadSheet, Rejected
from parinaya_cli.services.import_report import Conflict, ImportReport, conflict, kept, preview, report_of
from parinaya_cli.store import consent as consents
from parinaya_cli.store import erasures, import_changes, import_matching, import_merge, import_staging
from parinaya_cli.store import events as event_store
from parinaya_cli.store import imports as store
from parinaya_cli.store import units as unit_store
from parinaya_cli.store.import_merge import Merged
from parinaya_cli.store.import_staging import StagedSheet
from parinaya_cli.store.imports import ImportFigures
from parinaya_cli.store.transaction import Begin, Transaction

__all__ = [
    "Conflict",
    "Hooks",
    "ImportReport",
    "ImportRequest",
    "import_into",
    "import_people",
    "rejects_path",
]

_TOLD = 20  # people whom the list names no more, and households that need a look, told by name
_AT_ONCE = 20_000  # phones whose consent is written down in one statement
_ANOTHER = (
    "Names or phones of so many rows are other ones than before that nobody was known again by them: such rows are new "
    "people. If it is another list, give it a name of its own with --source."
)
_TWIN_ROWS = 3  # rows that must stand in another list before that is said
_BATCH = 2000  # rows looked up at once among those who were forgotten


@dataclass(frozen=True)
class ImportRequest:
    """What was asked. ``source`` names the list; the same list comes again under the same name.

    ``columns``: their header to field; ``preset``: the same, remembered from an earlier list, where it fits.
    ``sheet``: the only table of a workbook that was asked for. ``rejects_file``: where rejected rows are written.
    """

    source: str
    columns: Mapping[str, str] = field(default_factory=dict)
    side: str | None = None
    tags: tuple[str, ...] = ()
    region: str | None = None
    opt_in: str = ""
    dry_run: bool = False
    preset: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    rejects_file: str = ""


@dataclass(frozen=True)
class Hooks:
    """Who wants to know what while a list is imported. ``phase``: what is being done when all rows are read."""

    phase: Callable[[str], None] = lambda _: None
    rejected: Rejected = lambda _titles, _row, _sheet: None


class _Rehearsed(Exception):
    """Rolls a rehearsal back and carries its report out."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report


_QUIET = Hooks()


def import_people(
    begin: Begin,
    opened: OpenedList,
    request: ImportRequest,
    progress: Callable[[int], None] = lambda _: None,
    hooks: Hooks = _QUIET,
) -> ImportReport:
    """Import a list. ``progress`` is told of every thousand rows.

    A rehearsal (``dry_run``) takes the same path and is rolled back.

    Raises:
        UsedWrongly: the list can't be understood at all; nothing is written.
    """
    try:
        with begin() as tx:
            report = import_into(tx, opened, request, progress, hooks=hooks)
            if request.dry_run:
                raise _Rehearsed(report)
            return report
    except _Rehearsed as rehearsal:
        return rehearsal.report


def import_into(
    tx: Transaction,
    opened: OpenedList,
    request: ImportRequest,
    progress: Callable[[int], None] = lambda _: None,
    *,
    begun: tuple[uuid.UUID, int] | None = None,
    hooks: Hooks = _QUIET,
) -> ImportReport:
    """Import a list within a transaction. ``begun``: id and number of its row in ``imports``, if it has one.

    Raises:
        UsedWrongly: the list can't be understood at all, or is another one than came under this name before.
    """
    access.require(tx.actor, Permission.PEOPLE)
    work = _Work(opened, request, monotonic(), begun)
    import_staging.prepare(tx)
    defaults = RowDefaults(request.region or tx.wedding.region, request.side, request.tags)
    events = [(event.slug, event.title) for event in event_store.list_events(tx)]
    read = Reading(
        opened, request.columns, defaults, events, request.preset, request.dry_run, progress, hooks.rejected
    )
    work.staged = _stage(tx, read)
    if read.rows == 0 and not opened.partial:
        raise UsedWrongly(
            f"{request.source} has a header and no rows.", "Give a list with at least one person."
        )
    hooks.phase("Writing")
    # What others may wait for is locked from here on; where two imports meet so that one must yield, it tries again.
    return tx.retried(lambda: _write(tx, work, read))


@dataclass
class _Work:
    """One import on its way. ``staged``: how many people its rows name; ``notes``: what was found on the way."""

    opened: OpenedList
    request: ImportRequest
    started: float
    begun: tuple[uuid.UUID, int] | None
    staged: int = 0
    notes: list[str] = field(default_factory=list)
    forgotten: set[tuple[int, int]] = field(default_factory=set)


def _stage(tx: Transaction, read: Reading) -> int:
    """Stage the rows as they are read; without those of people who asked to be forgotten."""
    if not erasures.has_any(tx):
        return import_staging.stage(tx, ((sheet.number, draft) for sheet, draft in read.drafts()))
    staged, drafts = 0, read.drafts()
    while batch := list(islice(drafts, _BATCH)):
        staged = import_staging.stage(tx, _remembered(tx, read, batch), staged)
    return staged


def _remembered(
    tx: Transaction, read: Reading, batch: Sequence[tuple[ReadSheet, Draft]]
) -> Iterator[tuple[int, Draft]]:
    """The rows of a batch that may be imported; what the others say is not kept anywhere."""
    points = {phone.e164 for _, draft in batch for phone in draft.phones if phone.e164}
    erased = erasures.erased(tx, points.union(*(draft.emails for _, draft in batch)))
    allowed = []
    for sheet, draft in batch:
        if erased.isdisjoint(p.e164 or "" for p in draft.phones) and erased.isdisjoint(draft.emails):
            allowed.append((sheet.number, draft))
        else:
            message = "Somebody with this phone or email asked to be forgotten: the row is not kept."
            read.forget(sheet, draft.line)
            read.reject(sheet, Rejection(draft.line, "erased", message, ()))
    return iter(allowed)


def _write(tx: Transaction, work: _Work, read: Reading) -> ImportReport:
    """Merge what is staged, and close the import."""
    request = work.request
    store.lock_list(tx, request.source)
    import_staging.add_sheets(tx, _sources(tx, request, read))
    import_id, number = work.begun or store.begin(tx, request.source, work.opened.kind, request.opt_in)
    merged, missing = _merge(tx, work, import_id, read)
    units = import_changes.changed_units(tx)
    if units:
        unit_store.refresh_from_members(tx, units)
    if request.opt_in:
        _attest(tx, request, import_id)
    report = report_of(make_ref(Kind.IMPORT, number), request.source, work.opened, read, merged)
    report.notes += (*work.notes, *_seats_that_stay(tx), *_under_another_name(tx, request, report))
    report.missing, report.missing_names = missing, import_matching.names_of_gone(tx, _TOLD)
    report.conflict_codes = import_changes.count_conflicts(tx)
    found = import_changes.list_differences(tx, conflicts=True, limit=MOST_KEPT)
    report.conflicts = [conflict(one, read) for one in found]
    if request.dry_run:
        report.items = preview(tx, read)
    report.seconds = round(monotonic() - work.started, 3)
    _finish(tx, import_id, request, report, merged)
    return report


def _seats_that_stay(tx: Transaction) -> Iterator[str]:
    """What is said of households that were made with other numbers of people than the list has now."""
    units = [make_ref(Kind.UNIT, number) for number in import_changes.units_told_otherwise(tx)]
    if units:
        more = f" and {len(units) - _TOLD} more" if len(units) > _TOLD else ""
        yield (
            f"Another number of people than before for {', '.join(units[:_TOLD])}{more}: the seats of a household "
            f"stay as they are, until you say `parinaya units edit {units[0]} --extra-seats N`."
        )


def _under_another_name(tx: Transaction, request: ImportRequest, report: ImportReport) -> Iterator[str]:
    """What is said where most new rows stand in another list: "guests (1).csv" makes everybody anew."""
    twin = import_matching.find_twin(tx)
    if twin and twin[1] >= _TWIN_ROWS and twin[1] * 2 >= twin[2]:
        source, same, looked_at = twin
        back = (
            ""
            if request.dry_run
            else f"take this import back (`parinaya people undo-import {report.ref}`) and "
        )
        yield (
            f"{same} of the first {looked_at} new rows stand in “{source}” already. If this is that list again, {back}"
            f"give it the list's name: --source {shlex.quote(source)}."
        )


def _attest(tx: Transaction, request: ImportRequest, import_id: uuid.UUID) -> None:
    """Write down for every phone of the list how its owner agreed; in the order of the phones, so many at a time."""
    points = iter(store.phones_of(tx))
    while some := list(islice(points, _AT_ONCE)):
        consents.attest(tx, some, f"import {request.source}", request.opt_in, tx.now, import_id)


def _finish(
    tx: Transaction, import_id: uuid.UUID, request: ImportRequest, report: ImportReport, merged: Merged
) -> None:
    file = request.rejects_file if report.rejected else ""
    store.finish(
        tx,
        import_id,
        ImportFigures(
            report.rows, merged, report.rejected, report.conflict_count, file, report.seconds, kept(report)
        ),
    )
    counted = ("source", "rows", "created", "updated", "unchanged", "rejected")
    after = {name: getattr(report, name) for name in counted} | {"conflicts": report.conflict_count}
    tx.audit(
        "people.import",
        "import",
        ref=report.ref,
        entity_id=import_id,
        after={**after, "opt_in": request.opt_in},
    )


def _sources(tx: Transaction, request: ImportRequest, read: Reading) -> list[StagedSheet]:
    """The name under which the rows of each table are known.

    A list of one table goes under its own name; where a workbook has several tables with people, or one was asked
    for, each adds its name. A table that came before under either of the two keeps it.
    """
    source = request.source
    composed = {one.number: f"{source}/{one.name}" for one in read.sheets if one.name}
    names = {one.number: source for one in read.sheets}
    if composed:
        known = store.known_sources(tx, [source, *composed.values()])
        names |= {number: name for number, name in composed.items() if name in known}
        rest = [number for number in composed if names[number] == source]
        if len(read.sheets) > 1 or request.sheet:
            common = import_matching.overlaps(tx, source) if source in known and rest else {}
            keeps = max(rest, key=lambda number: common.get(number, 0), default=0)
            names |= {n: composed[n] for n in rest if n != keeps or not common.get(n)}
    return [
        StagedSheet(
            one.number, names[one.number], one.absent, tuple(one.columns.unknown.values()), request.tags
        )
        for one in read.sheets
    ]


def _merge(tx: Transaction, work: _Work, import_id: uuid.UUID, read: Reading) -> tuple[Merged, int]:
    """New people, then edited ones; what became of the rows, and how many the list names no more."""
    missing = 0
    known = import_matching.match(tx, work.staged)
    if known:
        missing = _know_again(tx, work, work.staged - _leave_out(tx, work, read))
        import_matching.settle_people(tx)
        if work.opened.kind != "google":  # its ids are never given to somebody else
            _same_list(tx, work.request.source)
    fresh = import_merge.create_people(tx, import_id)
    import_merge.split_contacts(tx)
    import_merge.create_contact_points(tx)
    tx.renew_statistics(fresh, "points", "contact_points")
    import_merge.give_contacts(tx)
    if known:
        for turn in range(1, import_changes.turns(tx) + 1):
            import_changes.compare(tx, turn)
            import_changes.apply(tx, import_id, turn)
        import_changes.note_the_rest(tx, import_id)
        import_changes.update_sources(tx, import_id)
        import_matching.note_gone(tx)
    import_merge.create_sources(tx, import_id)
    import_merge.know_names(tx)
    tx.renew_statistics(fresh, "people", "contact_points", "person_contacts", "person_sources")
    merged = import_merge.count(tx, read.rows - read.rejected_rows, fresh)
    return merged, missing


def _leave_out(tx: Transaction, work: _Work, read: Reading) -> int:
    """Reject the rows that were those of people who asked to be forgotten; returns how many people they name."""
    dropped, rows = import_matching.drop_erased(tx)
    for number, line in rows:
        if (number, line) not in work.forgotten:  # not when it is tried again
            work.forgotten.add((number, line))
            sheet = read.sheets[number - 1]
            message = "The person whom this row named asked to be forgotten: the row is not kept."
            read.forget(sheet, line)
            read.reject(sheet, Rejection(line, "erased", message, ()))
    return dropped


def _know_again(tx: Transaction, work: _Work, staged: int) -> int:
    """Find rows again whose key has changed; returns how many of the last version the list names no more."""
    if work.opened.partial or not import_matching.find_gone(tx, staged):
        return 0
    import_matching.know_same(tx)
    candidates = import_matching.list_candidates(tx)
    if len(candidates) > import_matching.MANY_CANDIDATES:
        work.notes.append(_ANOTHER)
    else:
        import_matching.know_again(tx, rows_again.known_again(candidates, import_matching.count_moved(tx)))
    return import_matching.count_gone(tx)


def _same_list(tx: Transaction, source: str) -> None:
    """Refuse another list that comes under the name of this one: its ids are those of other people."""
    strangers = import_matching.strangers(tx)
    if strangers:
        line, external_id, known, told = strangers[0]
        many = "1 row bears" if len(strangers) == 1 else f"{len(strangers)} rows bear"
        raise UsedWrongly(
            f"{many} the id of somebody else of an earlier {source}: in row {line}, id {external_id} was {known} and "
            f"is {told}.",
            "If it is another list, give it a name of its own with --source; if the list has changed, change these "
            "people with `parinaya people edit` first.",
            code="other_list",
        )


def rejects_path(folder: Path, source: str, wedding: str = "") -> Path:
    """Where the rejected rows of a list are written; ``wedding``: its slug, as each has lists of its own."""
    stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(source).stem)[:80] or "list"
    return folder / "rejects" / wedding / f"{stem}.rejects.csv"
