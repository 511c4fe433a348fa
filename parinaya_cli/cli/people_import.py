"""What ``people import`` is told, and how it tells what became of a list."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from parinaya_cli.cli.options import Call
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.ports import Sheet
    from parinaya_cli.services.imports import ImportReport

_SHOWN = 5  # rows shown for each kind of warning, and rejected rows
_MAX_STDIN = 50 * 1024 * 1024
_LATER = {
    ".xlsx": "workbooks of Excel",
    ".xls": "workbooks of Excel",
    ".ods": "workbooks of LibreOffice",
    ".numbers": "workbooks of Numbers",
    ".vcf": "files of contacts",
}


def open_list(call: Call, source: str, encoding: str | None) -> Sheet:
    """Open the list that is meant.

    Raises:
        UsedWrongly: it can't be read, or is of a kind that this version does not read.
    """
    if source == "google" or Path(source).suffix.lower() in _LATER:
        what = "Google Contacts" if source == "google" else _LATER[Path(source).suffix.lower()]
        raise UsedWrongly(
            f"This version does not read {what}: it reads CSV.",
            "Save or export the list as “CSV UTF-8” and import that file.",
            code="not_csv",
        )
    if source != "-":
        return call.app().read_list(Path(source), encoding=encoding)
    data = sys.stdin.buffer.read(_MAX_STDIN + 1)
    return call.app().read_list(None, data=data, encoding=encoding)


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


def write_rejects(call: Call, header: Sequence[str], report: ImportReport) -> Path | None:
    """Write the rejected rows to their file; returns where it is, None when there is none."""
    from parinaya_cli.services import imports

    with call.app().begin() as tx:
        path = imports.rejects_path(call.settings.home, report.source, tx.wedding.slug)
    try:
        call.app().write_rejects(path, header, report.rejections)
    except (UsedWrongly, OSError) as error:  # the import itself is done
        call.out.warn(f"The rejected rows are not on disk: {error}")
        return None
    return path if report.rejections else None


def document(report: ImportReport, rejects: Path | None, dry_run: bool) -> dict[str, object]:
    """What ``--json`` shows of an import; a rehearsal has no ref."""
    return {
        "import": None if dry_run else report.ref,
        "source": report.source,
        "dry_run": dry_run,
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "people": report.people,
        "rejects_file": rejects,
        "warnings": [
            {"row": one.line, "field": one.field, "code": one.code, "message": one.message}
            for one in report.warnings
        ],
        "rejections": [
            {"row": one.line, "code": one.code, "message": one.message} for one in report.rejections
        ],
        "columns": [{"header": header, "field": field or None} for header, field in report.columns],
        "notes": list(report.notes),
        "encoding": report.encoding,
        "delimiter": report.delimiter,
        "seconds": report.seconds,
    }


_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def lines(report: ImportReport, rejects: Path | None, dry_run: bool, width: int) -> Iterator[str]:
    """What people read of an import, line by line; sentences about rows are folded at ``width`` columns."""
    what = f"{report.source}, {report.rows} rows"
    yield f"Rehearsed: {what}. Nothing was kept." if dry_run else f"{report.ref}: {what}."
    yield (
        f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.rejected} rejected."
    )
    if report.people > report.created:
        yield f"{report.people} new people, as some rows name several."
    yield f"Read as {report.encoding}, with {_DELIMITERS.get(report.delimiter, 'commas')} between cells."
    yield from ("", "Columns")
    longest = max((len(header) for header, _ in report.columns), default=0)
    for header, field in report.columns:
        yield f"  {header.ljust(longest)}  {field or 'not recognised: kept as extra'}"
    for note in report.notes:
        yield f"  {note}"
    by_code: dict[str, list[str]] = defaultdict(list)
    for warning in report.warnings:
        by_code[warning.code].append(f"row {warning.line}: {warning.message}")
    if by_code:
        yield from ("", f"To look at ({len(report.warnings)})")
    for code, told in sorted(by_code.items()):
        yield f"  {code}: {len(told)}"
        yield from _first(told, "    ", width)
    if report.rejections:
        yield from ("", f"Rejected ({report.rejected})")
        yield from _first([f"row {one.line}: {one.message}" for one in report.rejections], "  ", width)
    if rejects:
        yield from ("", f"The rejected rows are in {rejects}:", "mend them there, then import that file.")


def _first(sentences: Sequence[str], indent: str, width: int) -> Iterator[str]:
    for sentence in sentences[:_SHOWN]:
        yield fill(sentence, width, initial_indent=indent, subsequent_indent=f"{indent}  ")
    if len(sentences) > _SHOWN:
        yield f"{indent}and {len(sentences) - _SHOWN} more; --json has all of them."
