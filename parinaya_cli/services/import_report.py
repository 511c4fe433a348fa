"""What an import did, and what a rehearsal shows row by row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.ports import OpenedList
from parinaya_cli.services.import_reading import MOST_ITEMS, Finding, Reading, ReadRow, RejectedRow
from parinaya_cli.store import import_changes, import_preview
from parinaya_cli.store.import_changes import Difference
from parinaya_cli.store.import_merge import Merged
from parinaya_cli.store.import_preview import Verdict
from parinaya_cli.store.transaction import Transaction

_STORED = 200  # findings of each kind that are kept with the import


@dataclass(frozen=True)
class ShownColumn:
    """How a column was understood. ``field``: empty where it is kept as extra; ``how``: why it was recognised."""

    sheet: str
    header: str
    field: str
    how: str = ""
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """A field that the list and the team have both changed. ``kept``: the team's value, ``told``: the list's."""

    sheet: str
    line: int
    person: str
    full_name: str
    field: str
    kept: object
    told: object


@dataclass(frozen=True)
class Item:
    """What becomes of one row. ``verdict``: new, changed, unchanged, rejected or conflict.

    ``person``: the ref of the one that is known. ``changes``: field to value before and after; ``conflicts``: field
    to the team's value, which stays, and the list's; what is about a further person of the row bears that name.
    ``phones``: text, number and state of each.
    """

    sheet: str
    line: int
    verdict: str
    person: str | None
    full_name: str
    changes: Mapping[str, tuple[object, object]]
    conflicts: Mapping[str, tuple[object, object]]
    proposal: str
    reason: str
    phones: tuple[tuple[str, str | None, str], ...]


@dataclass
class ImportReport:
    """What an import did.

    Counts are of rows of the list, ``people`` of new people; ``warnings``, ``rejections`` and ``conflicts`` hold the
    first of each, ``codes`` how many warnings and rejections there are of each code, ``conflict_codes`` how many
    conflicts of each field. ``missing``: people whom the last version of the list named and this one does not; nobody
    of them was removed. ``sheets``: tables with people; what was left out stands in ``notes``. ``proposals``: entries
    that were taken for several people or seats. ``items``: of a rehearsal, row by row.
    """

    ref: str
    source: str
    kind: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    people: int
    proposals: int
    encoding: str
    delimiter: str
    sheets: tuple[str, ...]
    columns: tuple[ShownColumn, ...]
    notes: tuple[str, ...]
    warnings: tuple[Finding, ...]
    rejections: tuple[RejectedRow, ...]
    codes: Mapping[str, int]
    conflicts: list[Conflict] = field(default_factory=list)
    conflict_codes: Mapping[str, int] = field(default_factory=dict)
    missing: int = 0
    missing_names: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def conflict_count(self) -> int:
        """How many conflicts there are."""
        return sum(self.conflict_codes.values())


def report_of(ref: str, source: str, opened: OpenedList, read: Reading, merged: Merged) -> ImportReport:
    """The report of an import, as far as it is known when its rows are merged."""
    return ImportReport(
        ref=ref,
        source=source,
        kind=opened.kind,
        rows=read.rows,
        created=merged.created,
        updated=merged.updated,
        unchanged=merged.unchanged,
        rejected=read.rejected_rows,
        people=merged.people,
        proposals=read.proposals,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        sheets=tuple(one.name for one in read.sheets if one.name),
        columns=tuple(_columns(read)),
        notes=tuple(_notes(opened, read)),
        warnings=tuple(read.warnings),
        rejections=tuple(read.rejections),
        codes=dict(read.codes),
    )


def _columns(read: Reading) -> list[ShownColumn]:
    return [
        ShownColumn(sheet.name, guess.header, guess.field, guess.how, guess.samples)
        for sheet in read.sheets
        for guess in sheet.columns.guesses
    ]


def _notes(opened: OpenedList, read: Reading) -> list[str]:
    several = len(read.sheets) > 1 or bool(read.left_out)
    told = list(opened.notes)
    for sheet in read.sheets:
        notes = (*sheet.notes, *sheet.columns.warnings)
        told += [f"{sheet.name}: {note}" if several and sheet.name else note for note in notes]
    told += [f"The sheet “{name}” was left out: {error.message}" for name, error in read.left_out]
    return told


def conflict(one: Difference, read: Reading) -> Conflict:
    """A conflict as it is told."""
    sheet = read.sheets[one.sheet - 1].name
    ref = make_ref(Kind.PERSON, one.person)
    return Conflict(sheet, one.line, ref, one.full_name, one.field, one.was, one.told)


def kept(report: ImportReport) -> dict[str, object]:
    """What is kept of a report with its import: enough to see later how the list was understood."""
    return {
        "encoding": report.encoding,
        "delimiter": report.delimiter,
        "sheets": list(report.sheets),
        "notes": list(report.notes[:_STORED]),
        "columns": [[one.sheet, one.header, one.field, one.how] for one in report.columns],
        "codes": dict(report.codes),
        "conflict_codes": dict(report.conflict_codes),
        "missing": report.missing,
        "people": report.people,
        "warnings": [
            [one.sheet, one.line, one.field, one.code, one.message] for one in report.warnings[:_STORED]
        ],
        "conflicts": [[one.sheet, one.line, one.person, one.field] for one in report.conflicts[:_STORED]],
    }


# ── previews ───────────────────────────────────────────────────────────────────────────────────────────


def preview(tx: Transaction, read: Reading) -> list[Item]:
    """What becomes of each row, in the order of the list; of the first 20,000."""
    access.require(tx.actor, Permission.PEOPLE)
    changed: dict[int, list[Difference]] = defaultdict(list)
    for conflicts in (False, True):
        for one in import_changes.list_differences(tx, conflicts=conflicts, limit=MOST_ITEMS):
            changed[one.id].append(one)
    verdicts = {(one.sheet, one.line): one for one in import_preview.list_verdicts(tx, limit=MOST_ITEMS)}
    return [_item(row, verdicts.get(place), changed) for place, row in read.read.items()]


def _item(row: ReadRow, verdict: Verdict | None, changed: Mapping[int, list[Difference]]) -> Item:
    found = changed.get(verdict.id, []) if verdict else []
    changes = _told([one for one in found if one.kind != "conflict"])
    conflicts = _told([one for one in found if one.kind == "conflict"])
    if verdict is None:
        said = "rejected"
    elif verdict.verdict == "created":
        said = "new"
    elif changes or verdict.grown:
        said = "changed"
    else:
        said = "conflict" if conflicts else "unchanged"
    return Item(
        sheet=row.sheet_name,
        line=row.line,
        verdict=said,
        person=make_ref(Kind.PERSON, verdict.person) if verdict and verdict.person else None,
        full_name=row.full_name,
        changes=changes,
        conflicts=conflicts,
        proposal=row.proposal,
        reason=row.reason,
        phones=row.phones,
    )


def _told(found: Sequence[Difference]) -> dict[str, tuple[object, object]]:
    """Field to its two values; of further people whom the row names what differs from the first one's, by name."""
    told = {one.field: (one.was, one.told) for one in found if not one.place}
    for one in found:
        if one.place and told.get(one.field) != (one.was, one.told):
            told[f"{one.field} of {one.full_name}"] = (one.was, one.told)
    return told
