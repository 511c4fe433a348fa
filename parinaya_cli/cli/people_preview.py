"""What people read of an import: how the list was understood, what becomes of its rows, what needs a look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from parinaya_cli.cli.tables import print_rows
from parinaya_cli.cli.text import clean, folded, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from parinaya_cli.services.import_report import ImportReport, Item

_SHOWN = 5  # rows shown for each kind of warning, and rejected rows
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_KINDS = {"vcard": "Read as a file of contacts (vCard).", "google": "Read from Google Contacts."}
_HOW = {"header": "by its header", "content": "by what it holds", "map": "as told", "preset": "as remembered"}
_HEADINGS = {
    "new": "New",
    "changed": "Changed",
    "conflict": "Changed by the team since",
    "unchanged": "Unchanged",
}


@dataclass(frozen=True)
class Shown:
    """How a report is shown. ``rows``: of each kind in a rehearsal; ``width``: where sentences are folded."""

    dry_run: bool
    rows: int
    width: int


def show(out: Console, report: ImportReport, rejects: Path | None, how: Shown) -> None:
    """Print a report."""
    _say(out, _counts(report, how.dry_run))
    if report.columns:
        _say(out, ["", "Columns"])
        _show_columns(out, report)
    _say(out, (folded(f"  {note}", how.width) for note in report.notes))
    if how.dry_run:
        _show_items(out, report, how.rows)
    _say(out, _findings(report, how.width))
    if rejects:
        _say(out, ["", f"The rejected rows are in {rejects}:", "mend them there, then import that file."])


def _say(out: Console, lines: Iterable[str]) -> None:
    out.file.writelines(f"{clean(line)}\n" for line in lines)


def _counts(report: ImportReport, dry_run: bool) -> Iterator[str]:
    what = f"{report.source}, {_many(report.rows, 'row')}"
    yield f"Rehearsed: {what}. Nothing was kept." if dry_run else f"{report.ref}: {what}."
    yield (
        f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.rejected} rejected."
    )
    if report.people > report.created:
        people = "1 new person" if report.people == 1 else f"{report.people} new people"
        yield f"{people}, as some rows name several."
    if report.conflict_count:
        stay = "value stays" if report.conflict_count == 1 else "values stay"
        yield f"{report.conflict_count} {stay} as the team has changed them."
    if report.kind in _KINDS:
        yield _KINDS[report.kind]
    elif report.sheets:
        yield f"Read from the {'sheet' if len(report.sheets) == 1 else 'sheets'} {', '.join(report.sheets)}."
    elif report.delimiter:
        yield f"Read as {report.encoding}, with {_DELIMITERS.get(report.delimiter, 'commas')} between cells."


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _show_columns(out: Console, report: ImportReport) -> None:
    several = len(report.sheets) > 1
    rows = [
        {
            "sheet": one.sheet,
            "header": one_line(one.header),
            "field": one.field or "kept as extra",
            "how": _HOW.get(one.how, ""),
            "samples": " · ".join(one_line(sample)[:30] for sample in one.samples),
        }
        for one in report.columns
    ]
    columns = [("header", "Header"), ("field", "Means"), ("how", "How")]
    columns += [("samples", "Such as")]
    print_rows(out, rows, [("sheet", "Sheet"), *columns] if several else columns)


# ── a rehearsal, row by row ────────────────────────────────────────────────────────────────────────────


def _show_items(out: Console, report: ImportReport, rows: int) -> None:
    by_verdict: dict[str, list[Item]] = defaultdict(list)
    for one in report.items:
        by_verdict[one.verdict].append(one)
    for verdict, heading in _HEADINGS.items():
        found = by_verdict[verdict]
        if not found or not rows:
            continue
        _say(out, ["", f"{heading} ({len(found)})"])
        shown = [_row(one) for one in found[:rows]]
        columns = [("row", "Row"), ("person", "Ref"), ("name", "Name"), ("phones", "Phone"), ("what", "What")]
        print_rows(out, shown, [column for column in columns if any(row[column[0]] for row in shown)])
        if len(found) > rows:
            _say(out, [f"and {len(found) - rows} more; --show N shows more, --json has all of them."])


def _row(one: Item) -> Mapping[str, object]:
    said = [
        f"{field}: {_value(was, field)} → {_value(now, field)}" for field, (was, now) in one.changes.items()
    ]
    said += [_stays(field, kept, told) for field, (kept, told) in one.conflicts.items()]
    return {
        "row": f"{one.sheet} {one.line}" if one.sheet else one.line,
        "person": one.person,
        "name": one_line(one.full_name),
        "phones": ", ".join(_phone(*phone) for phone in one.phones),
        "what": "; ".join([*said, *([one.proposal] if one.proposal else [])]),
    }


def _phone(raw: str, value: str | None, state: str) -> str:
    from parinaya_cli.domain.phones import show

    told = show(value) if value else one_line(raw)[:40]
    return told if state == "valid" else f"{told} ({state.replace('_', ' ')})"


def _stays(field: str, kept: object, told: object) -> str:
    name, _, whose = field.partition(" of ")
    if name == "removed":
        return f"{whose} was removed here".lstrip()
    return f"{field} stays {_value(kept, field)}, the list says {_value(told, field)}"


def _value(value: object, field: str = "") -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(one)}" for key, one in value.items()) or "nothing"
    if isinstance(value, list):
        return ", ".join(_number(str(one), field) for one in value) or "nothing"
    return f"“{one_line(_number(str(value), field))[:60]}”" if value not in (None, "") else "nothing"


def _number(text: str, field: str) -> str:
    """A phone as it is dialled; anything else as it is."""
    from parinaya_cli.domain.phones import show

    return show(text) if field.startswith("phone") else text


# ── what needs a look ──────────────────────────────────────────────────────────────────────────────────


def _findings(report: ImportReport, width: int) -> Iterator[str]:
    by_code: dict[str, list[str]] = defaultdict(list)
    for warning in report.warnings:
        by_code[warning.code].append(f"{_place(warning.sheet, warning.line)}: {warning.message}")
    many = {code: report.codes.get(code, len(told)) for code, told in by_code.items()}
    if by_code:
        yield from ("", f"To look at ({sum(many.values())})")
    for code, told in sorted(by_code.items()):
        yield f"  {code}: {many[code]}"
        yield from _first(told, many[code], "    ", width)
    if report.conflicts:
        yield from ("", f"Changed by the team since, so kept ({report.conflict_count})")
        told = [
            f"{_place(one.sheet, one.line)}, {one.person} {one.full_name}: "
            + ("was removed here." if one.field == "removed" else
               f"{one.field} is {_value(one.kept, one.field)} here, {_value(one.told, one.field)} in the list.")
            for one in report.conflicts
        ]  # fmt: skip
        yield from _first(told, report.conflict_count, "  ", width)
    if report.missing:
        who = ", ".join(report.missing_names[:_SHOWN])
        more = report.missing - min(len(report.missing_names), _SHOWN)
        yield from ("", f"Not in this version any more ({report.missing}); nobody was removed")
        yield fill(f"{who}{f' and {more} more' if more else ''}.", width, initial_indent="  ",
                   subsequent_indent="  ")  # fmt: skip
    if report.rejections:
        yield from ("", f"Rejected ({report.rejected})")
        told = [f"{_place(one.sheet, one.line)}: {one.message}" for one in report.rejections]
        yield from _first(told, report.rejected, "  ", width)


def _place(sheet: str, line: int) -> str:
    return f"{sheet}, row {line}" if sheet else f"row {line}"


def _first(sentences: Sequence[str], many: int, indent: str, width: int) -> Iterator[str]:
    for sentence in sentences[:_SHOWN]:
        yield fill(sentence, width, initial_indent=indent, subsequent_indent=f"{indent}  ")
    if many > _SHOWN:
        yield f"{indent}and {many - _SHOWN} more; --json has all of them."
