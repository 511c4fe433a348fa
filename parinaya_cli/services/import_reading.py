"""Reading a list for an import: its tables one after the other, row by row, and what was found on the way.

However long the list, this takes little memory: findings are counted, and the first of them are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.headers import Columns, key, recognise
from parinaya_cli.domain.imports import Draft, Rejection, RowDefaults, RowWarning, read_row
from parinaya_cli.ports import OpenedList, Sheet

MOST_KEPT = 10_000
"""Warnings, rejections and conflicts of one import that are kept to be told; all of them are counted."""

MOST_ITEMS = 20_000
"""Rows of which a preview tells everything."""


_OF_PEOPLE = {"full_name", "given_name", "family_name", "phone", "phone_2", "household"}


@dataclass(frozen=True)
class Finding:
    """Something in a row that was kept, but needs a look. ``row``: its line in the file."""

    sheet: str
    line: int
    field: str
    code: str
    message: str


@dataclass(frozen=True)
class RejectedRow:
    """A row that is not imported, and why. Its cells go to the rejects file."""

    sheet: str
    line: int
    code: str
    message: str


@dataclass(frozen=True)
class ReadRow:
    """What a preview tells of a row as it was read: ``phones`` with text, number and state of each."""

    sheet: int
    sheet_name: str
    line: int
    full_name: str = ""
    phones: tuple[tuple[str, str | None, str], ...] = ()
    proposal: str = ""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ReadSheet:
    """A table in which people were found. ``number``: from 1 on."""

    number: int
    name: str
    columns: Columns
    notes: tuple[str, ...]

    @property
    def absent(self) -> tuple[str, ...]:
        """What its rows can't say, because there is no column for it."""
        there = {*self.columns.fields.values(), *(["events"] if self.columns.event_columns else [])}
        gone = [name for name in ("city", "side", "language", "notes", "tags", "events") if name not in there]
        gone += ["household", "household_source"] if "household" not in there else []
        gone += ["party_size", "extra_seats"] if "party_size" not in there else []
        gone += ["contacts"] if there.isdisjoint({"phone", "phone_2", "email"}) else []
        return tuple(gone)


Rejected = Callable[[Sequence[str], Rejection, str], None]
"""Takes a rejected row as it comes, between the titles and the name of its table."""


@dataclass
class Reading:
    """One pass over a list.

    ``columns``: their header to field, as told; ``preset``: the same, remembered. ``watched``: rows are kept for a
    preview.
    """

    opened: OpenedList
    columns: Mapping[str, str]
    defaults: RowDefaults
    events: Sequence[tuple[str, str]] = ()
    preset: Mapping[str, str] = field(default_factory=dict)
    watched: bool = False
    progress: Callable[[int], None] = lambda _: None
    rejected: Rejected = lambda _titles, _row, _sheet: None
    rows: int = 0
    sheets: list[ReadSheet] = field(default_factory=list)
    left_out: list[tuple[str, UsedWrongly]] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    warnings: list[Finding] = field(default_factory=list)
    rejections: list[RejectedRow] = field(default_factory=list)
    read: dict[tuple[int, int], ReadRow] = field(default_factory=dict)
    rejected_rows: int = 0
    proposals: int = 0
    _unused: dict[str, str] = field(default_factory=dict)

    def drafts(self) -> Iterator[tuple[ReadSheet, Draft]]:
        """The rows that can be imported, one by one; what else is found out is kept here."""
        self._unused = dict(self.columns)
        for sheet in self.opened.sheets:
            here = self._understand(sheet)
            if here is not None:
                self.sheets.append(here)
                yield from self._drafts_of(sheet, here)
        self._require_all_understood()

    def _understand(self, sheet: Sheet) -> ReadSheet | None:
        """How a table is understood; None of one in which no people are recognised."""
        keys = {key(title) for title in sheet.header}
        told = dict(self.columns)
        if sheet.name:  # a header may stand in one table of a workbook and not in another
            told = {header: name for header, name in told.items() if key(header) in keys}
        try:
            columns = recognise(sheet.header, told, sheet.sample, self.events, self.preset)
        except UsedWrongly as refusal:
            self.left_out.append((sheet.name, refusal))
            return None
        if not _names_people(columns):
            self.left_out.append((sheet.name, _nobody_in(sheet)))
            return None
        for header in told:
            self._unused.pop(header, None)
        return ReadSheet(len(self.sheets) + 1, sheet.name, columns, sheet.notes)

    def _require_all_understood(self) -> None:
        if not self.sheets and self.left_out:
            raise self.left_out[0][1]
        if self._unused:
            header = next(iter(self._unused))
            raise UsedWrongly(
                f"No table of {self.opened.source} has a column “{header}”.",
                "Write the header in --map as it stands in the list.",
            )

    def _drafts_of(self, sheet: Sheet, here: ReadSheet) -> Iterator[tuple[ReadSheet, Draft]]:
        columns, defaults = here.columns, self.defaults
        for line, cells in _all_rows(sheet, columns.header_is_data):
            self.rows += 1
            if self.rows % 1000 == 0:
                self.progress(1000)
            # A row that can't be read comes as its sentence; read_row makes a rejection of it.
            what, warnings = read_row(line, cells, columns, defaults)
            if warnings:
                self._warn(here, warnings)
            if isinstance(what, Rejection):
                self.reject(here, what)
                continue
            if what.proposal:
                self.proposals += 1
            if self.watched and len(self.read) < MOST_ITEMS:
                self.read[here.number, line] = _read_row(here, what)
            yield here, what

    def _warn(self, here: ReadSheet, warnings: Sequence[RowWarning]) -> None:
        for one in warnings:
            self.codes[one.code] += 1
            if len(self.warnings) < MOST_KEPT:
                self.warnings.append(Finding(here.name, one.line, one.field, one.code, one.message))

    def forget(self, here: ReadSheet, line: int) -> None:
        """Leave no trace of what was found in a row."""
        found = [one for one in self.warnings if (one.sheet, one.line) == (here.name, line)]
        if found:
            self.codes -= Counter(one.code for one in found)
            self.warnings = [one for one in self.warnings if one not in found]

    def reject(self, here: ReadSheet, row: Rejection) -> None:
        """Note a row that is not imported."""
        self.rejected_rows += 1
        self.codes[row.code] += 1
        self.rejected(here.columns.titles, row, here.name)
        if len(self.rejections) < MOST_KEPT:
            self.rejections.append(RejectedRow(here.name, row.line, row.code, row.message))
        if self.watched and (len(self.read) < MOST_ITEMS or (here.number, row.line) in self.read):
            told = ReadRow(here.number, here.name, row.line, code=row.code, reason=row.message)
            self.read[here.number, row.line] = told


def _names_people(columns: Columns) -> bool:
    """Whether a table is a list of people: something says so beside words that may be anything, also a price list."""
    told = {guess.field for guess in columns.guesses if guess.how != "content"}
    return bool(told & _OF_PEOPLE or {"phone", "phone_2"} & set(columns.fields.values()))


def _nobody_in(sheet: Sheet) -> UsedWrongly:
    titles = ", ".join(f"“{title[:40]}”" for title in sheet.header[:12] if title)
    return UsedWrongly(
        f"No column with names or phone numbers was recognised; the first row reads: {titles}.",
        'Say which column is which, such as --map "THEIR HEADER=full_name" --map "THEIR HEADER=phone".',
    )


def _all_rows(sheet: Sheet, header_is_data: bool) -> Iterator[tuple[int, Sequence[str]]]:
    if header_is_data:
        yield sheet.header_line, list(sheet.header)
    yield from sheet.rows


def _read_row(here: ReadSheet, draft: Draft) -> ReadRow:
    phones = tuple((phone.raw, phone.e164, phone.state.value) for phone in draft.phones)
    return ReadRow(here.number, here.name, draft.line, draft.full_name, phones, draft.proposal)
