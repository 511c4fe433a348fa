"""``parinaya invite add``, ``remove`` and ``list``: guest lists. The noun's other verbs stand in ``invite.py``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items

app = group("invite", "Guest lists and messages to guests.")

Events = Annotated[list[str] | None, typer.Option("--event", help="An event; once for each.", metavar="SLUG")]
Units = Annotated[list[str] | None, typer.Option("--unit", help="A guest unit; once for each.", metavar="U")]
Side = Annotated[
    Literal["bride", "groom", "both"] | None,
    typer.Option(help="Households of one side, and those of both."),
]
Tag = Annotated[str | None, typer.Option(help="Households with this tag.")]


@verb(
    app,
    "add",
    changes=True,
    examples=[
        "parinaya invite add --event sangeet --event reception --all",
        "parinaya invite add --event mehendi --side bride",
        "parinaya invite add --event haldi --unit U5 --seats 4",
    ],
)
def add(
    call: Call,
    event: Events = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every household.")] = False,
    side: Side = None,
    tag: Tag = None,
    unit: Units = None,
    seats: Annotated[int | None, typer.Option(help="Seats for each, instead of the household's own.")] = None,
) -> Result:
    """Put guest units on guest lists."""
    from parinaya_cli.services import invitations

    request = invitations.InviteRequest(event or [], everyone, side, tag, unit or [], seats)
    with call.app().begin(reason=call.reason) as tx:
        report = invitations.add(tx, request)
    over = [{"event": o.event, "seats": o.seats, "capacity": o.capacity} for o in report.over_capacity]
    for one in report.over_capacity:
        call.out.warn(f"{one.event} has {one.seats} seats given and room for {one.capacity}.")
    text = f"{report.added} invitations added, {report.already} were there already."
    return Result({"added": report.added, "already": report.already, "over_capacity": over}, text)


@verb(
    app,
    "remove",
    hard=True,
    examples=[
        "parinaya invite remove --event mehendi --unit U5",
        "parinaya invite remove --event haldi --unit U7 -y",
    ],
)
def remove(
    call: Call,
    event: Annotated[str, typer.Option(help="The event.", metavar="SLUG")],
    unit: Annotated[str, typer.Option(help="The guest unit.", metavar="U")],
) -> Result:
    """Take a guest unit off a guest list; its answers stay in its history."""
    from parinaya_cli.services import events, invitations, units

    with call.app().begin() as tx:
        who, what = units.find(tx, unit).ref, events.find(tx, event).slug
        listed = [one for one in invitations.list_invited(tx, what) if one.unit == who]
    document: dict[str, object] = {"unit": who, "event": what}
    if call.dry_run:
        text = f"{len(listed)} invitations would be removed."
        return Result({**document, "removed": len(listed), "dry_run": True}, text)
    confirm(call, f"Take {who} off the guest list of {what}?")
    with call.app().begin(reason=call.reason) as tx:
        invitations.remove(tx, what, who)
    return Result({**document, "removed": 1}, f"{who} is off the guest list of {what}.")


@verb(
    app,
    "list",
    examples=[
        "parinaya invite list",
        "parinaya invite list --event sangeet",
        "parinaya invite list --side bride --json",
    ],
)
def list_(
    call: Call,
    event: Annotated[str | None, typer.Option(help="Only this event.", metavar="SLUG")] = None,
    side: Side = None,
) -> Result:
    """Who is on the guest lists, with where each guest unit stands."""
    from parinaya_cli.services import invitations

    with call.app().begin() as tx:
        found = invitations.list_invited(tx, event, side)
    rows = [
        {"unit": one.unit, "label": one.label, "event": one.event, "seats": one.seats, "state": one.state}
        for one in found
    ]
    columns = [
        ("unit", "Unit"),
        ("label", "Household"),
        ("event", "Event"),
        ("seats", "Seats"),
        ("state", "State"),
    ]
    return items(rows, columns, empty="Nobody is invited yet: parinaya invite add --event SLUG --all.")
