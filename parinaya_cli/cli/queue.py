"""``parinaya queue``: what waits to be done, and what failed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated

import typer

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, Rows, items
from parinaya_cli.domain.dead_letters import Kind
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


KindOption = Annotated[Kind | None, typer.Option("--kind", help="Only this kind.")]
Refs = Annotated[
    list[str],
    typer.Argument(help="What `queue failed` lists; of an id its beginning is enough.", metavar="JOB…"),
]
_COLUMNS = [
    ("kind", "Kind"), ("ref", "Job"), ("of", "Of"), ("class", "Class"), ("tries", "Tries"),
    ("first_at", "First"), ("last_at", "Last"), ("reason", "Reason"),
]  # fmt: skip


@verb(app, "failed", examples=["parinaya queue failed", "parinaya queue failed --kind delivery --json"])
def failed(call: Call, kind: KindOption = None) -> Result:
    """What failed and waits for a person.

    job: it raised; the work behind it is in Postgres and comes again. delivery: what WhatsApp reported could not be
    processed. dispatch: a message of a batch failed for a reason that passes. Nothing of these blocks the rest.
    """
    from parinaya_cli.services import queue

    opened = call.app()
    found = queue.find_failed(lambda: opened.begin(bound=False), opened.queue, [], kind)
    return _listed([one.document() for one in found], {})


def _listed(rows: list[dict[str, object]], extra: dict[str, object]) -> Result:
    def readable(row: Mapping[str, object]) -> dict[str, object]:
        times = {name: str(row[name])[:16].replace("T", " ") for name in ("first_at", "last_at")}
        return {**row, **times, "ref": str(row["ref"])[:8]}

    return items(rows, _COLUMNS, empty="Nothing has failed.", extra=extra, readable=readable)


@verb(
    app,
    "retry",
    hard=True,
    examples=[
        "parinaya queue retry --all --kind delivery",
        "parinaya queue retry 8d1c2f41 --dry-run",
        "parinaya queue retry --all --yes --reason 'the network is back'",
    ],
)
def retry(
    call: Call,
    jobs: Annotated[
        list[str] | None,
        typer.Argument(help="What `queue failed` lists; of an id its beginning is enough.", metavar="JOB…"),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that failed.")] = False,
    kind: KindOption = None,
) -> Result:
    """Try again what failed, the usual way: a message asks the policy gate, and nothing is done twice.

    It asks before messages are sent to guests; jobs and deliveries are tried again without a question.
    """
    from parinaya_cli.services import queue

    if everything == bool(jobs):
        raise UsedWrongly("Say what: the ids of jobs, or --all.", "See `parinaya queue failed`.")
    opened = call.app()
    begin = partial(opened.begin, reason=call.reason, bound=False)
    found = queue.find_failed(begin, opened.queue, jobs or [], kind)
    if call.dry_run:
        return _listed([one.document() for one in found], {"dry_run": True})
    messages = sum(one.kind is Kind.DISPATCH for one in found)
    if messages:
        confirm(call, f"Send {messages} messages again that failed?")
    done = queue.retry(begin, opened.queue, found)
    if opened.queue_away:
        call.out.warn("The queue is away: `parinaya reconcile` will ring when it is back.")
    return Result({"retried": sum(done.values()), "kinds": done}, f"{_counted(done)} tried again.")


@verb(
    app,
    "drop",
    needs_reason=True,
    dry_run=True,
    examples=[
        "parinaya queue drop 8d1c2f41 --reason 'the file was removed'",
        "parinaya queue drop 12 13 --reason 'deliveries of a test' --dry-run",
    ],
)
def drop(call: Call, jobs: Refs) -> Result:
    """Let rest what failed. A job is forgotten; deliveries and messages stay as they are and are not tried again."""
    from parinaya_cli.services import queue

    opened = call.app()
    begin = partial(opened.begin, reason=call.reason, bound=False)
    found = queue.find_failed(begin, opened.queue, jobs, None)
    if call.dry_run:
        return _listed([one.document() for one in found], {"dry_run": True})
    done = queue.drop(begin, opened.queue, found)
    return Result({"dropped": sum(done.values()), "kinds": done}, f"{_counted(done)} dropped.")


def _counted(done: Mapping[str, int]) -> str:
    words = {Kind.JOB: "job", Kind.DELIVERY: "delivery", Kind.DISPATCH: "message"}
    many = {Kind.DELIVERY: "deliveries"}
    told = [
        f"{count} {words[Kind(kind)] if count == 1 else many.get(Kind(kind), words[Kind(kind)] + 's')}"
        for kind, count in done.items()
    ]
    return ", ".join(told) or "Nothing was"
