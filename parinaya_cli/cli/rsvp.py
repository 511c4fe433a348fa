"""``parinaya rsvp``: where answers stand, and answers taken by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import typer

from parinaya_cli.cli import rsvp_calls, rsvp_why
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.cli.text import local_times, readable_times
from parinaya_cli.domain.errors import UsedWrongly

app = group("rsvp", "Answers.")

Side = Annotated[
    Literal["bride", "groom", "both"] | None,
    typer.Option(help="Households of one side, and those of both."),
]
Event = Annotated[str | None, typer.Option(help="One event, by its slug or ref.")]
Unit = Annotated[str, typer.Argument(metavar="UNIT", help="The ref of a household, such as U5.")]


@verb(
    app,
    "status",
    examples=["parinaya rsvp status", "parinaya rsvp status --event sangeet --side bride --json"],
)
def status(call: Call, event: Event = None, side: Side = None) -> Result:
    """Show where each event stands.

    Units are households. Open: invited, and no answer yet.
    """
    from parinaya_cli.services import answers

    with call.app().begin() as tx:
        found = [dict(vars(one)) for one in answers.status(tx, event, side)]
        zone, now = tx.wedding.zone, tx.now
    rows = [local_times(one, zone) for one in found]
    as_of = min((one["as_of"] for one in found), default=now).astimezone(zone)
    columns = [
        ("event", "Event"), ("starts_at", "Starts"), ("invited_units", "Units"), ("invited_seats", "Seats"),
        ("yes_units", "Yes"), ("yes_heads", "Heads"), ("no_units", "No"), ("maybe_units", "Maybe"),
        ("pending_units", "Open"),
    ]  # fmt: skip
    empty = "There are no events yet. Add one: parinaya events add Sangeet --starts 2027-02-12T19:00"
    if rows:
        call.out.note(f"As of {as_of:%d %b %Y, %H:%M}.")
    readable = _short if call.out.terminal else None
    return items(rows, columns, empty=empty, extra={"as_of": as_of}, readable=readable)


def _short(row: Mapping[str, object]) -> dict[str, object]:
    return {**row, "starts_at": f"{row['starts_at']:%d %b %H:%M}"}


@verb(
    app,
    "list",
    examples=[
        "parinaya rsvp list --event sangeet --status pending",
        "parinaya rsvp list --status maybe --side groom --json",
    ],
)
def list_answers(
    call: Call,
    event: Event = None,
    status: Annotated[
        Literal["pending", "yes", "no", "maybe"] | None, typer.Option(help="Those who stand like this.")
    ] = None,
    side: Side = None,
) -> Result:
    """List invitations with the answer that counts."""
    from parinaya_cli.services import answers

    with call.app().begin() as tx:
        documents = [answers.document(tx, one) for one in answers.list_standings(tx, event, status, side)]
    columns = [
        ("unit", "Unit"), ("label", "Household"), ("phone", "Phone"), ("event", "Event"), ("status", "Answer"),
        ("heads", "Heads"), ("seats", "Seats"), ("note", "Note"),
    ]  # fmt: skip
    empty = (
        "No invitation is like that." if event or status or side else
        "Nobody is invited yet. Put households on a list: parinaya invite add --event sangeet --all"
    )  # fmt: skip
    return items(documents, columns, empty=empty, readable=_dialled if call.out.terminal else None)


def _dialled(row: Mapping[str, object]) -> dict[str, object]:
    from parinaya_cli.domain.phones import show

    return {**row, "phone": show(str(row["phone"] or ""))}


@verb(
    app,
    "set",
    changes=True,
    examples=[
        "parinaya rsvp set U5 --event sangeet yes --heads 4",
        "parinaya rsvp set U5 --event pheras yes --adults 2 --children 1 --diet jain=2 --note 'late by an hour'",
        "parinaya rsvp set U7 --event sangeet no --reason 'they told the aunt'",
    ],
)
def set_answer(
    call: Call,
    unit: Unit,
    answer: Annotated[Literal["yes", "no", "maybe"], typer.Argument(help="What they said.")],
    event: Annotated[str, typer.Option(help="The event, by its slug or ref.")],
    heads: Annotated[int | None, typer.Option(min=0, help="How many come.")] = None,
    adults: Annotated[int | None, typer.Option(min=0, help="How many of them are grown up.")] = None,
    children: Annotated[int | None, typer.Option(min=0, help="How many of them are children.")] = None,
    diet: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=N", help="How many eat in a way of their own; may be repeated."),
    ] = None,
    note: Annotated[str, typer.Option(help="What else they said.")] = "",
) -> Result:
    """Record an answer that was given by phone or at the door.

    It is added to the answers before; the newest counts.
    """
    from parinaya_cli.services import answers
    from parinaya_cli.services.answers import AnswerRequest

    wanted = AnswerRequest(unit, event, answer, heads, adults, children, _diets(diet or []), note)
    with call.app().begin(reason=call.reason) as tx:
        document = answers.document(tx, answers.set_answer(tx, wanted))
    told = "" if document["heads"] is None else f", {document['heads']} of {document['seats']} seats"
    return Result(
        document, f"{document['unit']} {document['label']}, {document['event']}: {document['status']}{told}."
    )


def _diets(texts: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        name, _, count = (part.strip() for part in text.rpartition("="))
        if not name or not count.isascii() or not count.isdigit():
            raise UsedWrongly(f"{text!r} does not say how many eat what.", "Write --diet jain=2.")
        if name.lower() in found:
            raise UsedWrongly(f"The diet {name!r} is named twice.", "Give one --diet for each.")
        found[name.lower()] = int(count)
    return found


@verb(app, "history", examples=["parinaya rsvp history U5", "parinaya rsvp history U5 --json"])
def history(call: Call, unit: Unit) -> Result:
    """Show every answer that a household ever gave, each with its source."""
    from parinaya_cli.services import answers

    with call.app().begin() as tx:
        rows = [local_times(vars(one), tx.wedding.zone) for one in answers.history(tx, unit)]
    columns = [
        ("given_at", "Given"), ("event", "Event"), ("status", "Answer"), ("heads", "Heads"), ("channel", "Through"),
        ("source", "Source"), ("note", "Note"),
    ]  # fmt: skip
    readable = readable_times if call.out.terminal else None
    return items(rows, columns, empty=f"{unit} has not answered yet.", readable=readable)


verb(app, "why", examples=rsvp_why.EXAMPLES)(rsvp_why.why)
verb(app, "import-calls", changes=True, examples=rsvp_calls.EXAMPLES)(rsvp_calls.import_calls)
