"""``parinaya events``: the functions of a wedding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli import events_file
from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Fields, Result, items
from parinaya_cli.cli.text import local_times, readable_times
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from parinaya_cli.services.events import EventReport

app = group("events", "Haldi, mehendi, sangeet, pheras, reception.")

Which = Annotated[str, typer.Argument(metavar="EVENT", help="The slug of an event, or its ref.")]
Ends = Annotated[str | None, typer.Option(metavar="TIME", help="When it ends, as --starts.")]
Venue = Annotated[str | None, typer.Option(help="Where it is.")]
Address = Annotated[str | None, typer.Option(help="The postal address.")]
MapUrl = Annotated[str | None, typer.Option(metavar="URL", help="A link to a map.")]
DressCode = Annotated[str | None, typer.Option(help="What to wear.")]
Capacity = Annotated[int | None, typer.Option(min=1, help="How many people the place holds.")]
RsvpBy = Annotated[str | None, typer.Option(metavar="DATE", help="The last day for answers: 2027-01-20.")]
Side = Annotated[Literal["bride", "groom", "both"] | None, typer.Option(help="Who gives it.")]
Visibility = Annotated[
    Literal["public", "invite-only"] | None, typer.Option(help="Who sees it on the website.")
]


def _document(report: EventReport, zone: ZoneInfo) -> dict[str, object]:
    event = report.event
    told: dict[str, object] = {
        "ref": event.ref,
        "id": event.id,
        "slug": event.slug,
        "title": event.title,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "venue": event.venue,
        "address": event.address,
        "map_url": event.map_url,
        "dress_code": event.dress_code,
        "capacity": event.capacity,
        "rsvp_by": event.rsvp_by,
        "side": event.side,
        "visibility": event.visibility,
        "cancelled": event.cancelled_at is not None,
        "cancelled_at": event.cancelled_at,
        "invited_units": report.counts.invited_units,
        "seats": report.counts.invited_seats,
    }
    return local_times(told, zone)


@verb(
    app,
    "add",
    changes=True,
    examples=[
        "parinaya events add Sangeet --starts 2027-02-12T19:00 --venue 'Chandra Mahal Lawns' --capacity 1000",
        "parinaya events add 'The pheras' --slug pheras --starts '2027-02-13 20:15' --rsvp-by 2027-01-20",
    ],
)
def add(
    call: Call,
    title: Annotated[str, typer.Argument(help="What it is called.")],
    starts: Annotated[
        str, typer.Option(metavar="TIME", help="When it starts, in the wedding's zone: 2027-02-12T19:00.")
    ],
    slug: Annotated[
        str | None, typer.Option(help="Its short name in commands; made of the title if left out.")
    ] = None,
    ends: Ends = None,
    venue: Venue = None,
    address: Address = None,
    map_url: MapUrl = None,
    dress_code: DressCode = None,
    capacity: Capacity = None,
    rsvp_by: RsvpBy = None,
    side: Side = None,
    visibility: Visibility = None,
) -> Result:
    """Add an event."""
    from parinaya_cli.services import events

    told: dict[str, object] = {
        "title": title, "slug": slug, "starts": starts, "ends": ends, "venue": venue, "address": address,
        "map_url": map_url, "dress_code": dress_code, "capacity": capacity, "rsvp_by": rsvp_by, "side": side,
        "visibility": visibility,
    }  # fmt: skip
    with call.app().begin(reason=call.reason) as tx:
        made = events.add(tx, told)
        document = _document(events.show(tx, made.slug), tx.wedding.zone)
    return Result(document, f"{made.ref} was added: {made.title}, {_when(document)}, as {made.slug}.")


def _when(document: dict[str, object]) -> str:
    return f"{document['starts_at']:%a %d %b %Y, %H:%M}"


@verb(app, "list", examples=["parinaya events list", "parinaya events list --json"])
def list_events(call: Call) -> Result:
    """List the events in order of time."""
    from parinaya_cli.services import events

    with call.app().begin() as tx:
        documents = [_document(one, tx.wedding.zone) for one in events.list_events(tx)]
    columns = [
        ("ref", "Ref"), ("slug", "Slug"), ("starts_at", "Starts"), ("venue", "Venue"), ("invited_units", "Units"),
        ("seats", "Seats"), ("capacity", "Capacity"), ("cancelled", "Cancelled"),
    ]  # fmt: skip
    if not any(one["cancelled"] for one in documents):
        columns.pop()
    empty = "There are no events yet. Add one: parinaya events add Sangeet --starts 2027-02-12T19:00"
    return items(documents, columns, empty=empty, readable=readable_times if call.out.terminal else None)


@verb(app, "show", examples=["parinaya events show sangeet", "parinaya events show E3 --json"])
def show(call: Call, event: Which) -> Result:
    """Show one event."""
    from parinaya_cli.services import events

    with call.app().begin() as tx:
        document = _document(events.show(tx, event), tx.wedding.zone)
    hidden = {"id": "", "invited_units": "invited households", "seats": "seats given"}
    if not document["cancelled"]:
        hidden |= {"cancelled": "", "cancelled_at": ""}
    return Result(document, Fields(document, str(document["title"]), hidden))


@verb(
    app,
    "edit",
    changes=True,
    examples=[
        "parinaya events edit sangeet --starts 2027-02-12T19:30 --ends 2027-02-13T00:30",
        "parinaya events edit reception --venue 'Hotel Clarks Amer' --capacity 850 --reason 'the lawn is wet'",
        "parinaya events edit haldi --ends '' --dress-code ''",
    ],
)
def edit(
    call: Call,
    event: Which,
    title: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    starts: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it starts, in the wedding's zone.")
    ] = None,
    ends: Ends = None,
    venue: Venue = None,
    address: Address = None,
    map_url: MapUrl = None,
    dress_code: DressCode = None,
    capacity: Capacity = None,
    rsvp_by: RsvpBy = None,
    side: Side = None,
    visibility: Visibility = None,
) -> Result:
    """Change an event; what is not named stays as it is, and an empty text takes a value away.

    Guests are not told: send them a message of a template that says so.
    """
    from parinaya_cli.services import events

    told: dict[str, object] = {
        "title": title, "starts": starts, "ends": ends, "venue": venue, "address": address, "map_url": map_url,
        "dress_code": dress_code, "capacity": capacity, "rsvp_by": rsvp_by, "side": side, "visibility": visibility,
    }  # fmt: skip
    if all(value is None for value in told.values()):
        raise UsedWrongly("Nothing to change was named.", "Name it, such as --venue 'Chandra Mahal Lawns'.")
    with call.app().begin(reason=call.reason) as tx:
        before = events.find(tx, event)
        after = events.edit(tx, event, told)
        document = _document(events.show(tx, after.slug), tx.wedding.zone)
    what = "was changed" if after != before else "is as it was"
    return Result(document, f"{after.ref} {what}: {after.title}, {_when(document)}.")


@verb(
    app,
    "cancel",
    hard=True,
    examples=[
        "parinaya events cancel haldi --dry-run",
        "parinaya events cancel haldi --yes --reason 'the grandfather is ill'",
    ],
)
def cancel(call: Call, event: Which) -> Result:
    """Cancel an event: no invitation to it goes out any more, and it is counted no more.

    Guests are not told: send them a message of a template that says so.
    """
    from parinaya_cli.services import events

    with call.app().begin() as tx:
        report = events.show(tx, event)
        document = _document(report, tx.wedding.zone)
    invited = f"{report.counts.invited_units} households are invited"
    name = f"{report.event.title} ({_when(document)})"
    if call.dry_run:
        return Result({**document, "dry_run": True}, f"{name} would be cancelled; {invited}.")
    confirm(call, f"Cancel {name}? {invited}.")
    with call.app().begin(reason=call.reason) as tx:
        after = events.cancel(tx, str(report.event.id))
        document = _document(events.show(tx, after.slug), tx.wedding.zone)
    return Result(document, f"{after.ref} is cancelled: {after.title}. {invited[0].upper()}{invited[1:]}.")


@verb(
    app,
    "import",
    changes=True,
    examples=["parinaya events import events.yaml", "parinaya events import events.csv --json"],
)
def import_events(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A YAML or CSV file.")],
) -> Result:
    """Add or change the events of a file, by their slugs: all of them or none.

    The file has, for each event: title, starts, and if wanted slug, ends, venue, address, map_url, dress_code,
    capacity, rsvp_by, side, visibility. In YAML they stand in a list under `events:`. Events that the file
    does not name stay.
    """
    from parinaya_cli.ports import ReadingOptions
    from parinaya_cli.services import events

    if file.suffix.lower() in {".csv", ".tsv"}:
        options = ReadingOptions(header_first=True)
        rows = events_file.rows_of_list(call.app().open_list(file, options))
    else:
        rows = events_file.rows_of_yaml(file)
    with call.app().begin(reason=call.reason) as tx:
        report = events.import_all(tx, rows)
    counts = (len(report.added), len(report.updated), len(report.unchanged))
    return Result(
        {"added": report.added, "updated": report.updated, "unchanged": report.unchanged},
        f"{counts[0]} events were added, {counts[1]} changed, {counts[2]} are as they were.",
    )
