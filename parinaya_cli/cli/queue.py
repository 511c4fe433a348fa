"""``parinaya queue``: what waits to be done, and what failed."""

from __future__ import annotations

from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, Rows, items
from parinaya_cli.domain.errors import UsedWrongly

app = group("queue", "What waits to be done, and what failed.")


@verb(app, "status", examples=["parinaya queue status", "parinaya queue status --json"])
def status(call: Call) -> Result:
    """How each queue stands, and how many workers there are. Jobs are bells: the work is in Postgres."""
    figures, workers = call.app().queue.figures()
    rows = [dict(one.__dict__) for one in figures]
    columns = [
        ("name", "Queue"),
        ("waiting", "Waiting"),
        ("running", "Running"),
        ("failed", "Failed"),
        ("oldest_seconds", "Oldest (s)"),
    ]
    if not workers:
        call.out.note("No worker is running: start one with `parinaya worker`.")
    return Result({"queues": rows, "workers": workers}, Rows(rows, columns, len(rows), ""))


@verb(app, "failed", examples=["parinaya queue failed", "parinaya queue failed --json"])
def failed(call: Call) -> Result:
    """Jobs that raised."""
    rows = [dict(one.__dict__) for one in call.app().queue.failed()]
    columns = [("id", "Job"), ("queue", "Queue"), ("error", "Error"), ("failed_at", "Failed at")]
    return items(rows, columns, empty="No job has failed.")


@verb(app, "retry", changes=True, examples=["parinaya queue retry --all", "parinaya queue retry 8d1c2f"])
def retry(
    call: Call,
    jobs: Annotated[list[str] | None, typer.Argument(help="The jobs.", metavar="JOB…")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every failed job.")] = False,
) -> Result:
    """Put failed jobs back."""
    from parinaya_cli.services import queue

    ids = list(jobs or [])
    if everything == bool(ids):
        raise UsedWrongly("Say which jobs: their ids or --all.", "See `parinaya queue failed`.")
    if everything:
        ids = [one.id for one in call.app().queue.failed()]
    with call.app().begin(reason=call.reason, bound=False) as tx:
        queue.retry(tx, call.app().queue, ids)
    return Result({"retried": len(ids)}, f"{len(ids)} jobs retried.")


@verb(app, "drop", changes=True, examples=["parinaya queue drop 8d1c2f", "parinaya queue drop 8d1c2f --json"])
def drop(call: Call, jobs: Annotated[list[str], typer.Argument(help="The jobs.", metavar="JOB…")]) -> Result:
    """Forget failed jobs; the rows that they rang for stay as they are."""
    from parinaya_cli.services import queue

    with call.app().begin(reason=call.reason, bound=False) as tx:
        queue.drop(tx, call.app().queue, jobs)
    return Result({"dropped": len(jobs)}, f"{len(jobs)} jobs dropped.")
