"""``parinaya units``: the households that are invited and answer together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Fields, Result, Rows
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.services.units import BuildReport
    from parinaya_cli.services.units_moves import MoveReport

app = group("units", "Households that are invited and answer together.")

Which = Annotated[str, typer.Argument(metavar="UNIT", help="The ref of a household, such as U5.")]

_SHOWN = 12  # households of a rehearsed build that a terminal shows
_REASONS = 3  # of each


@verb(
    app,
    "build",
    changes=True,
    dry_run=True,
    examples=["parinaya units build --dry-run", "parinaya units build"],
)
def build(call: Call) -> Result:
    """Put everybody who has no household into one, and say why.

    Together come people whom their list puts into one household, couples' and "& family" entries, and those whom
    phones, family names, places and words of relation ("Ramesh's wife") show to live together: rather one household
    too many than strangers in one. Who may be one person lives in one household; `dedupe scan` and `dedupe apply`
    first make one of them, with one seat. Households that are there stay as they are, and nobody joins one that was
    changed by hand. Lists that name events put the households on those guest lists.
    """
    from parinaya_cli.services import units

    with call.app().begin(reason=call.reason) as tx:
        report = units.build(tx, dry_run=call.dry_run)
    document: dict[str, object] = {
        "created": report.created,
        "people_placed": report.people_placed,
        "left_alone": report.left_alone,
        "dry_run": call.dry_run,
        "beside": [{"members": list(members), "unit": unit} for members, unit in report.beside],
        "not_scanned_for_duplicates": report.unscanned,
    }
    if call.dry_run:
        document["planned"] = [
            {"label": one.label, "people": len(one.members), "extra_seats": one.extra_seats, "side": one.side,
             "why": list(one.why)}
            for one in report.planned
        ]  # fmt: skip
    if report.people_placed and report.unscanned:
        call.out.note(
            f"{report.unscanned} people were not looked at for duplicates yet: whoever stands in the lists twice may "
            "have two seats. See `parinaya dedupe scan`."
        )
    return Result(document, "\n".join(_build_text(report, call.dry_run)))


def _build_text(report: BuildReport, dry_run: bool) -> Iterable[str]:
    made = "household" if report.created == 1 else "households"
    done = "would be made" if dry_run else "was made" if report.created == 1 else "were made"
    yield (
        f"{report.created} {made} {done}, {report.people_placed} people placed; "
        f"{report.left_alone} had a household already."
    )
    for members, unit in report.beside:
        yield (
            f"  {', '.join(members)} may belong to {unit}, which was changed by hand. To put them in: "
            f"parinaya units edit {unit} {' '.join(f'--add {one}' for one in members)}"
        )
    if not dry_run:
        return
    together = [one for one in report.planned if one.why]
    for one in together[:_SHOWN]:
        extra = f" and {one.extra_seats} not named" if one.extra_seats else ""
        yield f"  {one.label}: {len(one.members)} named{extra}"
        yield from (f"    {why}" for why in one.why[:_REASONS])
        if len(one.why) > _REASONS:
            yield f"    and {len(one.why) - _REASONS} more reasons"
    alone = len(report.planned) - len(together)
    if len(together) > _SHOWN:
        yield f"  and {len(together) - _SHOWN} more of several people; --json has all of them."
    if alone:
        yield f"  {alone} of one person, or of one entry."


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
    """Show one household: who is in it, why, and why its primary contact is who they are."""
    from parinaya_cli.services import units

    with call.app().begin() as tx:
        document = units.document(tx, units.find(tx, unit), whole=True)
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
    """Make a household by hand.

    The messages go to whoever of it can be reached on WhatsApp, is grown up and was named first; `units edit
    --primary` says otherwise.
    """
    from parinaya_cli.services import units

    with call.app().begin(reason=call.reason) as tx:
        made = units.add(tx, label, member or [], extra_seats=extra_seats)
        document = units.document(tx, made, whole=True)
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
        typer.Option(
            "--add",
            metavar="PERSON",
            help="Somebody who joins, on an unnamed seat while there is one; may repeat.",
        ),
    ] = None,
    on_top: Annotated[
        bool, typer.Option("--on-top", help="Who is added takes no unnamed seat, but a new one.")
    ] = False,
    remove_members: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="PERSON", help="Somebody who leaves; may be repeated."),
    ] = None,
) -> Result:
    """Change a household; what is not named stays as it is.

    Who is added gets one of its unnamed seats ("+2") a name, so that the household has as many seats as before; with
    --on-top it has one more. Who is removed takes their seat along, and is in no household then. The seats of
    invitations that were given already stay as they are: see `invite add --seats`.
    """
    from parinaya_cli.services import units
    from parinaya_cli.services.units import UnitChanges

    wanted = UnitChanges(
        label, primary, extra_seats, tuple(add_members or ()), tuple(remove_members or ()), on_top
    )
    if wanted in (UnitChanges(), UnitChanges(on_top=True)):
        raise UsedWrongly("Nothing to change was named.", "Name it, such as --primary P9.")
    with call.app().begin(reason=call.reason) as tx:
        edited = units.edit_and_tell(tx, unit, wanted)
        document = {**units.document(tx, edited.unit, whole=True), "notes": list(edited.notes)}
    for note in edited.notes:
        call.out.note(note)
    after = edited.unit
    names = ", ".join(member.full_name for member in after.members)
    more = f" and {after.extra_seats} not named" if after.extra_seats else ""
    return Result(document, f"{after.ref} is now: {after.label}, {after.seats} seats ({names}{more}).")


@verb(
    app,
    "merge",
    changes=True,
    dry_run=True,
    examples=[
        "parinaya units merge U5 U9 --dry-run",
        "parinaya units merge U5 U9 --reason 'the brothers come together'",
    ],
)
def merge(
    call: Call,
    units: Annotated[
        list[str],
        typer.Argument(metavar="UNIT...", help="Refs of households; the first takes the others over."),
    ],
) -> Result:
    """Put households together.

    Everybody keeps their seat: members and unnamed seats of all are in the first one, which keeps its label and primary
    contact. Where both are invited their seats add up, and so do the heads of two who said yes. Every answer stays in
    the history. Messages that are queued to the others are cancelled; what was sent to any of them counts as sent, so
    that nobody is invited twice. --dry-run shows all of it; `units split` takes households apart.
    """
    from parinaya_cli.services import units_moves

    with call.app().begin(reason=call.reason) as tx:
        report = units_moves.merge(tx, units, dry_run=call.dry_run)
    document = {
        **report.unit,
        "merged": list(report.others),
        "notes": list(report.notes),
        "dry_run": call.dry_run,
    }
    be = "would be" if call.dry_run else "is now" if len(report.others) == 1 else "are now"
    first = f"{', '.join(report.others)} {be} part of {report.unit['ref']}"
    return Result(document, "\n".join(_text(report, first)))


@verb(
    app,
    "split",
    changes=True,
    dry_run=True,
    examples=[
        "parinaya units split U5 --member P12 --dry-run",
        "parinaya units split U5 --member P12 --member P13 --extra-seats 1 --label 'Rahul and Neha'",
    ],
)
def split(
    call: Call,
    unit: Which,
    member: Annotated[
        list[str] | None, typer.Option(help="The ref of a member who leaves; may be repeated.")
    ] = None,
    extra_seats: Annotated[int, typer.Option(min=0, help="Unnamed seats that go along.")] = 0,
    label: Annotated[
        str | None, typer.Option(help="What the new household is called; else as their names say.")
    ] = None,
) -> Result:
    """Take a household apart: some of its members get one of their own.

    It is invited to the same events. Seats and heads are divided, never more nor fewer than before: who stays has the
    first claim, and a no or maybe holds for both. Where those who leave have no answer then, it is told. What was sent
    to them goes along; messages that are queued to them are cancelled. The result is the new household.
    """
    from parinaya_cli.services import units_moves
    from parinaya_cli.services.units_moves import SplitRequest

    with call.app().begin(reason=call.reason) as tx:
        request = SplitRequest(unit, member or [], extra_seats, label)
        report = units_moves.split(tx, request, dry_run=call.dry_run)
    document = {
        **report.unit,
        "taken_from": report.others[0],
        "notes": list(report.notes),
        "dry_run": call.dry_run,
    }
    did = "would be taken apart" if call.dry_run else "was taken apart"
    return Result(document, "\n".join(_text(report, f"{report.others[0]} {did}")))


def _text(report: MoveReport, first: str) -> Iterator[str]:
    yield f"{first}:"
    unit = report.unit
    seats = "1 seat" if unit["seats"] == 1 else f"{unit['seats']} seats"
    yield f"  {unit['ref']} {unit['label']}, {seats}, primary {unit['primary']}"
    yield from (f"  {note}" for note in report.notes)
