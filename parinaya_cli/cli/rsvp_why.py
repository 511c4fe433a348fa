"""``parinaya rsvp why``: the households behind a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli.options import Call
from parinaya_cli.cli.output import Result, Rows
from parinaya_cli.cli.text import readable_times

if TYPE_CHECKING:
    from parinaya_cli.services.why import Why

EXAMPLES = (
    "parinaya rsvp why --event sangeet",
    "parinaya rsvp why --event sangeet --count diet:jain --as-of 2027-02-01T09:00",
    "parinaya rsvp why --event sangeet --since 2027-01-25T09:00 --json",
)

_COLUMNS = (
    ("unit", "Unit"), ("label", "Household"), ("adds", "Adds"), ("status", "Answer"), ("seats", "Seats"),
    ("channel", "Through"), ("source", "Source"), ("given_at", "Given"),
)  # fmt: skip


def why(
    call: Call,
    event: Annotated[str, typer.Option(help="The event, by its slug or ref.")],
    count: Annotated[
        str, typer.Option(metavar="COUNT", help="Which number: as in `rsvp status`, or diet:NAME.")
    ] = "yes_heads",
    as_of: Annotated[str | None, typer.Option(metavar="TIME", help="As it was known then.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="What changed since then.")] = None,
    side: Annotated[
        Literal["bride", "groom", "both"] | None,
        typer.Option(help="Households of one side, and those of both."),
    ] = None,
) -> Result:
    """Open a number into the households behind it, each with where its answer came from.

    Invitations that were taken back since stand there as they were; labels and sides are those of today.
    """
    from parinaya_cli.services import why as verbs
    from parinaya_cli.services.why import WhyRequest

    with call.app().begin() as tx:
        told = verbs.explain(tx, WhyRequest(event, count, as_of, since, side))
        document = verbs.document(tx, told)
    call.out.note(_sentence(told))
    changed = told.since is not None
    rows = [readable_times(one) for one in (document.changes if changed else document.items)]
    columns = [*_COLUMNS[:2], ("before", "Added then"), *_COLUMNS[2:]] if changed else list(_COLUMNS)
    empty = "Nothing changed." if changed else "No household adds to it."
    return Result(document.told, Rows(rows, columns, len(rows), empty))


def _sentence(told: Why) -> str:
    units = f"{len(told.parts)} household{'s' if len(told.parts) != 1 else ''}"
    text = f"{told.count} of {told.event} is {told.value}, from {units}, as of {told.as_of:%d %b %Y, %H:%M}."
    if told.since is None:
        return text
    return f"{text} At {told.since:%d %b %Y, %H:%M} it was {told.value_then}: here is what changed."
