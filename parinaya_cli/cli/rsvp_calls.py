"""``parinaya rsvp import-calls``: call sheets that come back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from parinaya_cli.cli.options import Call
from parinaya_cli.cli.output import Result

EXAMPLES = (
    "parinaya rsvp import-calls calls.xlsx",
    "parinaya rsvp import-calls calls.csv --reason 'called by the cousins on Sunday' --json",
)


def import_calls(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sheet, as CSV or XLSX.")],
) -> Result:
    """Record the answers of a call sheet that was filled in; make one with `export call-list`.

    A household that answered meanwhile is a conflict: its own answer stands. Rows that are not understood go to a
    file that can be mended and imported again.
    """
    from parinaya_cli.ports import ReadingOptions
    from parinaya_cli.services import call_sheets
    from parinaya_cli.services.imports import rejects_path

    opened = call.app()
    with opened.begin() as tx:
        where = rejects_path(call.settings.home, str(file), tx.wedding.slug)
    with (
        closing(opened.open_list(file, ReadingOptions(header_first=True))) as sheet,
        opened.open_rejects(where) as rejects,
    ):
        with opened.begin(reason=call.reason) as tx:
            report = call_sheets.import_calls(tx, sheet, rejects.add)
        rejects_file = where if rejects.finish() else None
    document = {
        "rows": report.rows,
        "recorded": report.recorded,
        "unchanged": report.unchanged,
        "open": report.open_rows,
        "conflicts": len(report.conflicts),
        "conflict_items": [vars(one) for one in report.conflicts],
        "rejected": report.rejected,
        "rejects_file": rejects_file,
    }
    told = [*call_sheets.lines(report), *([f"Rejected rows: {rejects_file}"] if rejects_file else [])]
    return Result(document, "\n".join(told), 5 if report.conflicts or report.rejected else 0)
