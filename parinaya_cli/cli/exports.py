"""``parinaya exports``: what was asked for, and what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items, record
from parinaya_cli.cli.text import readable_times
from parinaya_cli.domain.errors import UsedWrongly

app = group("exports", "Files that were asked for, and what became of them.")

Which = Annotated[str, typer.Argument(metavar="EXPORT", help="The ref of an export, such as X3.")]


@verb(app, "list", examples=["parinaya exports list", "parinaya exports list --json"])
def list_exports(call: Call) -> Result:
    """List exports, the newest first."""
    from parinaya_cli.services import exports

    with call.app().begin() as tx:
        rows = [exports.document(tx, one) for one in exports.list_exports(tx)]
    columns = [
        ("ref", "Export"), ("kind", "Kind"), ("state", "State"), ("rows", "Rows"), ("to", "Place"), ("by", "Asked by"),
        ("asked_at", "Asked"),
    ]  # fmt: skip
    empty = "Nothing was exported yet. Hand a sheet on: parinaya export headcount --format xlsx"
    return items(rows, columns, empty=empty, readable=readable_times if call.out.terminal else None)


@verb(app, "show", examples=["parinaya exports show X3", "parinaya exports show X3 --json"])
def show(call: Call, export: Which) -> Result:
    """Show one export: its state, and the rows, bytes and SHA-256 of the file."""
    from parinaya_cli.services import exports

    with call.app().begin() as tx:
        document = exports.document(tx, exports.find(tx, export))
    return record(document, str(document["ref"]))


@verb(app, "link", examples=["parinaya exports link X3", "parinaya exports link X3 --days 2 --json"])
def link(
    call: Call,
    export: Which,
    days: Annotated[int, typer.Option(min=1, max=7, help="How long it holds.")] = 1,
) -> Result:
    """Make a link to a file in an object storage, for whoever has it, until it expires."""
    from parinaya_cli.services import exports

    opened = call.app()
    with opened.begin() as tx:
        job = exports.find(tx, export)
        expires = (tx.now + timedelta(days=days)).astimezone(tx.wedding.zone)
    if job.state != "done" or not job.target.startswith("s3://"):
        raise UsedWrongly(
            f"{job.ref} is {job.state} and goes to {job.target}: there is nothing to link to.",
            "Links lead to finished exports in an object storage: export … --to s3://BUCKET/KEY.",
        )
    url = opened.object_place(job.target).sign(timedelta(days=days))
    return Result({"export": job.ref, "url": url, "expires_at": expires}, url)
