"""Call sheets that come back, even days later: what was said is recorded, what guests said meanwhile stands.

What came first is decided by when it was said, not by when it came in: a guest's message may be processed after the
sheet although it was written before.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.answers import Answer, AnswerStatus, check
from parinaya_cli.domain.call_sheets import NEEDED, CallRow, cells_of, columns_of, is_open, read, said_at
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.domain.exports import unguard
from parinaya_cli.domain.imports import Rejection, UnreadableRow
from parinaya_cli.ports import OpenedList
from parinaya_cli.services import events, units
from parinaya_cli.store import answers as store
from parinaya_cli.store import calls
from parinaya_cli.store.answers import Standing
from parinaya_cli.store.transaction import Transaction

Rejected = Callable[[Sequence[str], Rejection, str], None]
"""Takes a row that was not understood, between the titles and the name of its table."""


@dataclass(frozen=True)
class Conflict:
    """A household that answered while the sheet was out. ``guest`` and ``sheet``: what each says, as a few words."""

    row: int
    unit: str
    label: str
    event: str
    guest: str
    source: str | None
    answered_at: datetime | None
    sheet: str


@dataclass
class CallReport:
    """What became of a sheet. ``open_rows``: nothing was filled in; ``notes``: of them, those with a note alone.

    ``unchanged``: the household had said the same already.
    """

    rows: int = 0
    recorded: int = 0
    unchanged: int = 0
    open_rows: int = 0
    notes: int = 0
    rejected: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    reasons: list[tuple[int, str]] = field(default_factory=list)


def import_calls(tx: Transaction, opened: OpenedList, rejected: Rejected) -> CallReport:
    """Record what a call sheet says; who has answered meanwhile is told as a conflict and not overwritten.

    Raises:
        UsedWrongly: it is no call sheet.
    """
    access.require(tx.actor, Permission.ANSWER)
    report = CallReport()
    sheets = 0
    for sheet in opened.sheets:
        columns = columns_of(sheet.header)
        if columns is None:
            continue
        sheets += 1
        for line, cells in sheet.rows:
            report.rows += 1
            plain = _cells(cells, opened.kind)
            try:
                if isinstance(cells, UnreadableRow):
                    raise UsedWrongly(str(cells), "Mend that row.")
                _take(tx, opened.source, line, cells_of(plain, columns), report)
            except (UsedWrongly, NotFound) as error:
                message = f"{error.message} {error.hint}"
                report.rejected += 1
                report.reasons.append((line, message))
                rejected(sheet.header, Rejection(line, error.code, message, tuple(plain)), sheet.name)
    if not sheets:
        raise UsedWrongly(
            f"{opened.source} is no call sheet: it has no columns {', '.join(NEEDED)}.",
            "Make one with `parinaya export call-list`, and leave its header as it is.",
        )
    return report


def _cells(cells: list[str] | UnreadableRow, kind: str) -> list[str]:
    if isinstance(cells, UnreadableRow):
        return list(cells.cells)
    return [unguard(cell) for cell in cells] if kind == "csv" else cells


def _take(tx: Transaction, source: str, line: int, told: dict[str, str], report: CallReport) -> None:
    if is_open(told):
        report.open_rows += 1
        report.notes += bool(told.get("note"))
        return
    row = read(told)
    unit, event = units.find(tx, row.unit), events.find(tx, row.event)
    calls.lock_unit(tx, unit.id)
    before = _standing(tx, unit.id, event.id)
    if before is None:
        raise NotFound(
            f"{unit.ref} is not invited to {event.slug}.", "Put it on the list first, or leave it out."
        )
    answer = _answer(tx, source, row, unit.id, event.id, before.seats)
    check(answer, before.seats)
    at = before.answered_at
    if (before.status, before.heads) == (answer.status.value, answer.heads):
        report.unchanged += 1
    elif at is not None and (row.made_at is None or at >= answer.given_at):
        report.conflicts.append(_conflict(tx, line, before, answer))
    else:
        store.add(tx, answer, f"calls:{uuid.uuid4()}")
        tx.audit(
            "answer.call", "answer", ref=unit.ref, entity_id=unit.id,
            before={"event": event.slug, "status": before.status},
            after={"event": event.slug, "status": answer.status.value, "heads": answer.heads, "sheet": source},
        )  # fmt: skip
        report.recorded += 1


def _standing(tx: Transaction, unit_id: uuid.UUID, event_id: uuid.UUID) -> Standing | None:
    return next(iter(store.list_standings(tx, event_id=event_id, unit_id=unit_id)), None)


def _answer(
    tx: Transaction, source: str, row: CallRow, unit_id: uuid.UUID, event_id: uuid.UUID, seats: int
) -> Answer:
    heads = row.heads
    if heads is None and row.adults is not None:
        heads = row.adults + (row.children or 0)
    if heads is None and row.status is AnswerStatus.YES and seats == 1:
        heads = 1
    return Answer(
        unit_id=unit_id,
        event_id=event_id,
        status=row.status,
        given_at=said_at(row, tx.wedding.zone, tx.now),
        channel=tx.actor.channel,
        source=f"call by {row.called_by or tx.actor.name} ({source})",
        heads=heads,
        adults=row.adults,
        children=row.children,
        diets=row.diets,
        note=row.note,
    )


def _conflict(tx: Transaction, line: int, before: Standing, answer: Answer) -> Conflict:
    at = before.answered_at
    return Conflict(
        line, before.unit, before.label, before.event, _words(before.status, before.heads), before.source,
        at.astimezone(tx.wedding.zone) if at else None, _words(answer.status.value, answer.heads),
    )  # fmt: skip


def _words(status: str, heads: int | None) -> str:
    return status if heads is None else f"{status}, {heads} heads"


def lines(report: CallReport) -> Iterator[str]:
    """What became of a sheet, in sentences."""
    answers = "1 answer" if report.recorded == 1 else f"{report.recorded} answers"
    yield f"{report.rows} rows: {answers} recorded, {report.open_rows} not filled in."
    if report.notes:
        yield f"{report.notes} rows have a note and no answer: nothing is recorded of them."
    if report.unchanged:
        yield f"{report.unchanged} had said the same already."
    for one in report.conflicts:
        when = f" on {one.answered_at:%d %b, %H:%M}" if one.answered_at else ""
        yield (
            f"Conflict in row {one.row}: {one.unit} {one.label} answered {one.event} with {one.guest}{when}; "
            f"the sheet says {one.sheet}. The household's answer stands."
        )
    for line, message in report.reasons:
        yield f"Row {line} was rejected: {message}"
