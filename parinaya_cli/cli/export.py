"""``parinaya export``: sheets for people and files for programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.services.exports import ExportJob, ExportReport

app = single()

_ENDINGS = {"csv": "csv", "xlsx": "xlsx", "json": "jsonl"}


@verb(
    app,
    "export",
    changes=True,
    examples=[
        "parinaya export headcount --format xlsx --to headcount.xlsx",
        "parinaya export call-list --format xlsx --event sangeet --to calls.xlsx",
        "parinaya export people --format csv --to s3://sharma-wedding/people.csv --background",
    ],
)
def export(
    call: Call,
    kind: Annotated[
        Literal["people", "units", "rsvp", "headcount", "call-list", "messages", "gifts", "consent", "audit"],
        typer.Argument(help="What is to be handed on."),
    ],
    format: Annotated[  # noqa: A002 (the word of the contract)
        Literal["csv", "xlsx", "json"] | None,
        typer.Option(
            help="CSV for programs, XLSX for people, json for lines of JSON; else by the name, or CSV."
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="PLACE", help="A file, - for stdout, or s3://BUCKET/KEY; else a file is named."),
    ] = None,
    event: Annotated[str | None, typer.Option(help="Only this event, by its slug or ref.")] = None,
    background: Annotated[bool, typer.Option("--background", help="Let a worker make it.")] = False,
) -> Result | None:
    """Write a list or a count into a file: whole or not at all, and noted in the audit log.

    Phones are only in it for roles that may see them; who acts for one side gets that side.
    """
    from parinaya_cli.services import exports
    from parinaya_cli.services.exports import Desk, ExportRequest

    if to == "-" and (background or call.out.json):
        other = "--background" if background else "--json"
        raise UsedWrongly(
            f"{other} and --to - go ill together: the file itself is on stdout.", "Name a file."
        )
    opened = call.app()
    chosen = format or _by_name(to)
    with opened.begin(reason=call.reason) as tx:
        slug, at = tx.wedding.slug, tx.now.astimezone(tx.wedding.zone)
    name = f"{slug}-{kind}-{at:%Y%m%d-%H%M%S}.{_ENDINGS[chosen]}"
    request = ExportRequest(kind, chosen, _place(to, call.settings.home / "exports" / name), event)
    if background:
        with opened.begin(reason=call.reason) as tx:
            return _queued(call, exports.ask(tx, request, background=True))
    with call.out.progress(None, "Rows") as bar:
        desk = Desk(lambda: opened.begin(reason=call.reason), opened.open_export, bar.advance)
        report = exports.export(desk, request)
    if to == "-":
        call.out.note(f"{report.export}: {report.rows} rows, SHA-256 {report.sha256}")
        return None
    return _done(report)


def _by_name(to: str | None) -> str:
    ending = (to or "").rpartition(".")[2].lower()
    return {"xlsx": "xlsx", "json": "json", "jsonl": "json"}.get(ending, "csv")


def _place(to: str | None, standard: Path) -> str:
    if to is None:
        return str(standard)
    return to if to == "-" or to.startswith("s3://") else str(Path(to).expanduser().absolute())


def _done(report: ExportReport) -> Result:
    rows = f"{report.rows:,} row{'s' if report.rows != 1 else ''}"
    return Result(
        vars(report), f"{report.export}: {rows} of {report.kind} in {report.to}\nSHA-256 {report.sha256}"
    )


def _queued(call: Call, job: ExportJob) -> Result:
    if call.app().queue_away:
        call.out.warn("The queue is away: the export waits until `parinaya reconcile` rings.")
    document = {
        "export": job.ref, "kind": job.kind, "state": job.state, "rows": None, "to": job.target, "bytes": None,
        "sha256": None, "as_of": None,
    }  # fmt: skip
    return Result(document, f"{job.ref} waits for a worker; see `parinaya exports show {job.ref}`.")
