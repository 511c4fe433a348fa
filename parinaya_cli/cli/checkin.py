"""``parinaya checkin``: who has come, at the door."""

from __future__ import annotations

from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.domain.errors import UsedWrongly

app = single()


@verb(
    app,
    "checkin",
    changes=True,
    examples=[
        "parinaya checkin U5 --event sangeet",
        "parinaya checkin U5 --event sangeet --heads 4",
        "parinaya checkin --event sangeet --json",
    ],
)
def checkin(
    call: Call,
    event: Annotated[str, typer.Option(help="The event, by its slug or ref.")],
    unit: Annotated[
        str | None,
        typer.Argument(metavar="[UNIT]", help="The ref of a household; without one, who has come so far."),
    ] = None,
    heads: Annotated[
        int | None,
        typer.Option(min=0, help="How many of it have come by now; as many as promised if left out."),
    ] = None,
    more: Annotated[int | None, typer.Option(min=1, help="How many have come besides those before.")] = None,
) -> Result:
    """Write down who of a household has come, against what it promised.

    The number is that of all who have come by now: saying it twice changes nothing.
    """
    from parinaya_cli.services import checkins

    if unit is None:
        if heads is not None or more is not None:
            raise UsedWrongly("Nobody is named who has come.", "Name the household, such as U5.")
        return _arrivals(call, event)
    with call.app().begin(reason=call.reason) as tx:
        found = checkins.check_in(tx, unit, event, heads, more)
        document = checkins.document(tx, found)
    told = f"{found.unit} {found.label}, {found.event}: {found.arrived} came, {found.expected} promised"
    return Result(document, f"{told}, {found.over} too many." if found.over else f"{told}.")


def _arrivals(call: Call, event: str) -> Result:
    from parinaya_cli.services import checkins

    with call.app().begin() as tx:
        found = checkins.list_arrivals(tx, event)
        documents = [checkins.document(tx, one) for one in found]
    totals = {
        "expected": sum(one.expected for one in found),
        "arrived": sum(one.arrived or 0 for one in found),
        "over": sum(one.over for one in found),
    }
    call.out.note(f"{totals['arrived']} came, {totals['expected']} promised, {totals['over']} not promised.")
    columns = [
        ("unit", "Unit"), ("label", "Household"), ("answer", "Answer"), ("expected", "Promised"),
        ("arrived", "Came"), ("over", "Too many"),
    ]  # fmt: skip
    return items(documents, columns, empty=f"Nobody is invited to {event}.", extra=totals)
