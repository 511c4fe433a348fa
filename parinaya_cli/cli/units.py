"""``parinaya units``: the households that are invited and answer together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Fields, Result, Rows
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.services.units import BuildReport

app = group("units", "Households that are invited and answer together.")

Which = Annotated[str, typer.Argument(metavar="UNIT", help="The ref of a household, such as U5.")]

_SHOWN = 12  # households of a rehearsed build that a terminal shows


@verb(
    app,
    "build",
    changes=True,
    dry_run=True,
    examples=["parinaya units build --dry-run", "parinaya units build"],
)
def build(call: Call) -> Result:
    """Put everybody who has no household into one.

    People whom their list puts into one household, and couples' entries, come together. Households that are
    there stay as they are. Lists that name events put the households on those guest lists.
    """
    from parinaya_cli.services import units

    with call.app().begin(reason=call.reason) as tx:
        report = units.build(tx, dry_run=call.dry_run)
    document: dict[str, object] = {
        "created": report.created,
        "people_placed": report.people_placed,
        "left_alone": report.left_alone,
        "dry_run": call.dry_run,
    }
    if call.dry_run:
        document["planned"] = [
            {"label": one.label, "people": len(one.members), "extra_seats": one.extra_seats, "side": one.side,
             "why": list(one.why)}
            for one in report.planned
        ]  # fmt: skip
    return Result(document, "\n".join(_build_text(report, call.dry_run)))


def _build_text(report: BuildReport, dry_run: bool) -> Iterable[str]:
    done = "would be made" if dry_run else "were made"
    yield (
        f"{report.created} households {done}, {report.people_placed} people placed; "
        f"{report.left_alone} had a household already."
    )
    if not dry_run:
        return
    for one in report.planned[:_SHOWN]:
        extra = f" and {one.extra_seats} not named" if one.extra_seats else ""
        yield f"  {one.label}: {len(one.members)} named{extra}"
    if len(report.planned) > _SHOWN:
        yield f"  and {len(report.planned) - _SHOWN} more; --json has all of them."


@verb(
    app,
    "list",
    examples=["parinaya units list --event sangeet", "parinaya units list --side groom --json"],
)
def list_units(
    call: Call,
    event: Annotated[str | None, typer.Option(help="Those on the guest list of this event.")] = None,
    side: Annotated[
        Literal["bride", "groom", "both"] | None, typer.Option(help="Those of one side, and those of both.")
    ] = None,
) -> Result:
    """List households."""
    from parinaya_cli.services import units

    with call.app().begin() as tx:
        documents = [units.document(tx, unit) for unit in units.list_units(tx, event=event, side=side)]
    columns = [
        ("ref", "Ref"), ("label", "Household"), ("people", "People"), ("seats", "Seats"), ("primary", "Primary"),
        ("side", "Side"), ("events", "Events"),
    ]  # fmt: skip
    empty = (
        "No household is like that." if event or side else
        "There are no households yet. Make them of the people: parinaya units build"
    )  # fmt: skip
    rows = [{**one, "people": _count(one["members"])} for one in documents]
    return Result({"items": documents, "total": len(documents)}, Rows(rows, columns, len(rows), empty))


def _count(members: object) -> int:
    return len(members) if isinstance(members, list) else 0


@verb(app, "show", examples=["parinaya units show U5", "parinaya units show U5 --json"])
def show(call: Call, unit: Which) -> Result:
    """Show one household."""
    from parinaya_cli.services import units

    with call.app().begin() as tx:
        document = units.document(tx, units.find(tx, unit))
    return _one(document)


def _one(document: Mapping[str, object]) -> Result:
    members = document["members"]
    told = dict(document)
    told["members"] = (
        [f"{one['ref']} {one['full_name']}" for one in members] if isinstance(members, list) else []
    )
    return Result(document, Fields(told, f"{document['ref']} {document['label']}", {"id": ""}))


@verb(
    app,
    "add",
    changes=True,
    examples=[
        "parinaya units add 'Sharma family' --member P3 --member P4",
        "parinaya units add 'Neighbours, second floor' --member P17 --extra-seats 2",
    ],
)
def add(
    call: Call,
    label: Annotated[str, typer.Argument(help="What the household is called.")],
    member: Annotated[
        list[str] | None, typer.Option(help="The ref of a person who is in it; may be repeated.")
    ] = None,
    extra_seats: Annotated[int, typer.Option(min=0, help="Seats for people who are not named.")] = 0,
) -> Result:
    """Make a household by hand; its first member gets the messages."""
    from parinaya_cli.services import units

    with call.app().begin(reason=call.reason) as tx:
        made = units.add(tx, label, member or [], extra_seats=extra_seats)
        document = units.document(tx, made)
    return Result(document, f"{made.ref} was made: {made.label}, {made.seats} seats.")


@verb(
    app,
    "edit",
    changes=True,
    examples=[
        "parinaya units edit U5 --primary P9",
        "parinaya units edit U5 --add P12 --remove P4 --label 'Sharma family, Pune'",
        "parinaya units edit U5 --extra-seats 3 --reason 'the cousins come along'",
    ],
)
def edit(
    call: Call,
    unit: Which,
    label: Annotated[str | None, typer.Option(help="What the household is called.")] = None,
    primary: Annotated[
        str | None, typer.Option(metavar="PERSON", help="The member who gets the messages.")
    ] = None,
    extra_seats: Annotated[
        int | None, typer.Option(min=0, help="Seats for people who are not named.")
    ] = None,
    add_members: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="PERSON", help="Somebody who joins; may be repeated."),
    ] = None,
    remove_members: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="PERSON", help="Somebody who leaves; may be repeated."),
    ] = None,
) -> Result:
    """Change a household; what is not named stays as it is.

    The seats of invitations that were given already stay as they are: see `invite add --seats`.
    """
    from parinaya_cli.services import units
    from parinaya_cli.services.units import UnitChanges

    wanted = UnitChanges(label, primary, extra_seats, tuple(add_members or ()), tuple(remove_members or ()))
    if wanted == UnitChanges():
        raise UsedWrongly("Nothing to change was named.", "Name it, such as --primary P9.")
    with call.app().begin(reason=call.reason) as tx:
        after = units.edit(tx, unit, wanted)
        document = units.document(tx, after)
    names = ", ".join(member.full_name for member in after.members)
    return Result(document, f"{after.ref} is now: {after.label}, {after.seats} seats ({names}).")
