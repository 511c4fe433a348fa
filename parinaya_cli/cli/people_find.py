"""``parinaya people list``, ``search``, ``show`` and ``timeline``: finding people, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import typer

from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Fields, Result, Rows, items
from parinaya_cli.cli.people_lists import app
from parinaya_cli.cli.text import local_times, readable_times
from parinaya_cli.domain.errors import UsedWrongly

FIRST = 50
"""People shown on a terminal when no limit is named."""

Side = Literal["bride", "groom", "both"]
Who = Annotated[str, typer.Argument(metavar="PERSON", help="The ref of a person, such as P12.")]

_COLUMNS = (
    ("ref", "Ref"), ("full_name", "Name"), ("phones", "Phone"), ("city", "City"), ("side", "Side"),
    ("unit", "Unit"), ("tags", "Tags"),
)  # fmt: skip
_MOMENTS = (
    ("at", "When"), ("what", "What"), ("detail", "Details"), ("by", "By"), ("channel", "Through"), ("ref", "Ref"),
)  # fmt: skip


def readable(call: Call, document: Mapping[str, object]) -> dict[str, object]:
    """A person as people read one: on a terminal the phones are grouped as they are dialled."""
    told = dict(document)
    phones = told.get("phones")
    if call.out.terminal and isinstance(phones, list):
        from parinaya_cli.domain.phones import show

        told["phones"] = [show(phone) for phone in phones]
    return told


@verb(
    app,
    "list",
    examples=[
        "parinaya people list --side bride --tag vip",
        "parinaya people list --event sangeet --no-phone",
        "parinaya people list --gone --json",
    ],
)
def list_people(
    call: Call,
    side: Annotated[Side | None, typer.Option(help="Those of one side, and those of both.")] = None,
    tag: Annotated[str | None, typer.Option(help="Those who have this tag.")] = None,
    event: Annotated[str | None, typer.Option(help="Those who are invited to this event.")] = None,
    no_phone: Annotated[bool, typer.Option("--no-phone", help="Those without a usable phone.")] = False,
    gone: Annotated[bool, typer.Option("--gone", help="Those whom no list names any more.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help=f"How many at most; {FIRST} on a terminal.")
    ] = None,
    everyone: Annotated[bool, typer.Option("--all", help="All of them, however many.")] = False,
) -> Result:
    """List people."""
    from parinaya_cli.services import people
    from parinaya_cli.services.people import PeopleRequest

    if everyone and limit is not None:
        raise UsedWrongly("--all and --limit contradict each other.", "Give one of them.")
    if limit is None and not everyone and call.out.terminal:
        limit = FIRST
    with call.app().begin() as tx:
        found, total = people.list_people(tx, PeopleRequest(side, tag, event, no_phone, limit, gone))
        documents = [people.document(tx, person) for person in found]
    columns = [column for column in _COLUMNS if not documents or column[0] in documents[0]]
    empty = "Nobody is like that." if side or tag or event or no_phone or gone else (
        "There is nobody yet. Begin with: parinaya people import FILE --side bride"
    )  # fmt: skip
    return items(
        documents, columns, total=total, empty=empty, readable=_in_table if call.out.terminal else None
    )


def _in_table(row: Mapping[str, object]) -> dict[str, object]:
    """On a terminal the first phone is shown, and how many more there are."""
    from parinaya_cli.domain.phones import show

    phones = row.get("phones")
    if not isinstance(phones, list) or not phones:
        return dict(row)
    more = f" (+{len(phones) - 1})" if len(phones) > 1 else ""
    return {**row, "phones": f"{show(phones[0])}{more}"}


@verb(
    app,
    "search",
    examples=[
        "parinaya people search suneeta",
        "parinaya people search '98200 12'",
        "parinaya people search 'Mohd Shaikh' --limit 5 --json",
    ],
)
def search(
    call: Call,
    text: Annotated[
        str, typer.Argument(help="A name or a part of it, a phone or its digits, an email, a tag, an id.")
    ],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
) -> Result:
    """Find people, the likeliest first.

    Names are found however they are spelt, in Latin letters or Devanagari; phones by four digits or more.
    """
    from parinaya_cli.services import search as service

    with call.app().begin() as tx:
        documents = [service.document(tx, one) for one in service.find_people(tx, text, limit=limit)]
    columns = [
        column for column in (*_COLUMNS, ("score", "Score")) if not documents or column[0] in documents[0]
    ]
    empty = "Nobody was found. Fewer letters find more; all people are shown by: parinaya people list --all"
    return items(documents, columns, empty=empty, readable=_in_table if call.out.terminal else None)


@verb(app, "show", examples=["parinaya people show P12", "parinaya people show P12 --json"])
def show(call: Call, person: Who) -> Result:
    """Show one person, with the state of each phone and the lists that name them."""
    from parinaya_cli.services import people

    with call.app().begin() as tx:
        document = people.whole(tx, people.find(tx, person))
    title = f"{document['ref']} {document['full_name']}"
    if not call.out.terminal:
        return Result(document, Fields(document, title, {"contact_points": "", "sources": ""}))
    told = {key: value for key, value in document.items() if key not in ("phones", "emails")}
    told |= dict(_points(document)) | dict(_sources(document))
    extra = document.get("extra")
    if isinstance(extra, Mapping):
        told |= {f"{key} (from the list)": value for key, value in extra.items()}
    return Result(document, Fields(told, title, {"id": "", "contact_points": "", "extra": "", "sources": ""}))


def _points(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Each contact point with its state, as the family wrote it, and the consent."""
    from parinaya_cli.domain.phones import show as grouped

    points = document.get("contact_points")
    for number, point in enumerate(points if isinstance(points, list) else [], 1):
        is_phone = point["kind"] == "phone"
        value = grouped(point["value"]) if is_phone else point["value"]
        facts = [point["state"].replace("_", " ")] if is_phone else []
        if point["raw"] and point["raw"] not in (value, point["value"]):
            facts.append(f"written {point['raw']}")
        if point["consent"] != "none":
            facts.append(point["consent"].replace("_", " "))
        yield (
            f"{point['kind'].replace('_', ' ')} {number}",
            f"{value} ({', '.join(facts)})" if facts else value,
        )


def _sources(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    rows = document.get("sources")
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        bears = f", id {row['external_id']}" if row["external_id"] else ""
        gone = f"; named there no more since {row['gone_at']:%d %b %Y}" if row["gone_at"] else ""
        yield f"list {number}", f"{row['source']}, row {row['row']} ({row['import']}{bears}){gone}"


@verb(
    app,
    "timeline",
    examples=["parinaya people timeline P12", "parinaya people timeline U5 --json"],
)
def timeline(
    call: Call,
    whom: Annotated[str, typer.Argument(metavar="(PERSON|UNIT)", help="The ref of a person or a household.")],
) -> Result:
    """Show all that happened with a person or a household, in order.

    Lists, changes, households, invitations, messages with their states, replies, answers, consent.
    """
    from parinaya_cli.services import timeline as service

    with call.app().begin() as tx:
        name, moments = service.read(tx, whom)
        rows = [local_times(vars(one), tx.wedding.zone) for one in moments]
    document = {"whom": whom, "name": name, "items": rows, "total": len(rows)}
    empty = f"Nothing has happened with {name} yet."
    told = [readable_times(row) for row in rows] if call.out.terminal else rows
    return Result(document, Rows(told, _MOMENTS, len(rows), empty))
