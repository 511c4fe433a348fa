"""``parinaya people``: lists in, people one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli import people_import
from parinaya_cli.cli.help import Command
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Fields, Result, items
from parinaya_cli.cli.people_import import read_tags
from parinaya_cli.cli.text import local_times, readable_times
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from typer._click import Context

app = group("people", "Guests: import, find, mend.")

FIRST = 50
"""People shown on a terminal when no limit is named."""

Side = Literal["bride", "groom", "both"]
Who = Annotated[str, typer.Argument(metavar="PERSON", help="The ref of a person, such as P12.")]
Phones = Annotated[list[str] | None, typer.Option("--phone", help="A phone; may be repeated.")]
Emails = Annotated[list[str] | None, typer.Option("--email", help="An email address; may be repeated.")]
City = Annotated[str | None, typer.Option(help="Where they live.")]
Whose = Annotated[Side | None, typer.Option(help="Whose guest it is.")]
Language = Annotated[str | None, typer.Option(help="The language of messages to them, such as hi.")]
Notes = Annotated[str | None, typer.Option(help="Whatever should be remembered.")]
Family = Annotated[str | None, typer.Option("--household", help="What `units build` groups them by.")]


# ── importing ──────────────────────────────────────────────────────────────────────────────────────────


@verb(
    app,
    "import",
    changes=True,
    dry_run=True,
    examples=[
        "parinaya people import bride_family.csv --side bride --dry-run",
        "parinaya people import groom_family.csv --side groom --tag 'from the old list'",
        "pbpaste | parinaya people import - --map 'Guest=full_name' --source 'the aunts'",
    ],
)
def import_list(
    call: Call,
    source: Annotated[str, typer.Argument(help="A CSV file; - reads CSV from stdin.")],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="HEADER=FIELD", help="What a column means; may be repeated."),
    ] = None,
    side: Annotated[
        Side | None, typer.Option(help="Whose guests these are, where a row does not say.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag for all of them; may be repeated.")] = None,
    region: Annotated[
        str | None, typer.Option(help="The country of phones without a country code, such as IN.")
    ] = None,
    opt_in: Annotated[
        str | None, typer.Option(help="How and when they agreed to get messages, if they did.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="What the file is written in, when it is not found out.")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--source", help="What the list is called; the same list comes again under the same name."
        ),
    ] = None,
) -> Result:
    """Import a family's list.

    Importing the same list again changes nothing; changed rows update their people. Rejected rows are written
    to a file that can be mended and imported. Exit code 5: rows were rejected.
    """
    from parinaya_cli.services import imports

    sheet = people_import.open_list(call, source, encoding)
    request = imports.ImportRequest(
        source=people_import.source_name(source, name),
        columns=people_import.read_map(columns or []),
        side=side,
        tags=read_tags(tag or []),
        region=people_import.read_region(region),
        opt_in=people_import.given_text(opt_in, "--opt-in"),
        dry_run=call.dry_run,
    )
    with call.out.progress(None, "Rows read") as bar:
        report = imports.import_people(
            lambda: call.app().begin(reason=call.reason), sheet, request, bar.advance
        )
    rejects = None if call.dry_run else people_import.write_rejects(call, sheet.header, report)
    width = get_terminal_size().columns if call.out.terminal else 1000
    return Result(
        people_import.document(report, rejects, call.dry_run),
        "\n".join(people_import.lines(report, rejects, call.dry_run, width)),
        exit_code=5 if report.rejections else 0,
    )


@verb(app, "imports", examples=["parinaya people imports", "parinaya people imports --json"])
def list_imports(call: Call) -> Result:
    """List what was imported, the newest first."""
    from parinaya_cli.services import imports

    with call.app().begin() as tx:
        zone = tx.wedding.zone
        rows = [
            {
                "ref": one.ref, "source": one.source, "at": one.created_at, "by": one.actor, "rows": one.rows,
                "created": one.created, "updated": one.updated, "unchanged": one.unchanged,
                "rejected": one.rejected, "undone": one.undone_at is not None,
            }
            for one in imports.list_imports(tx)
        ]  # fmt: skip
    columns = [
        ("ref", "Ref"), ("source", "List"), ("at", "When"), ("rows", "Rows"), ("created", "New"),
        ("updated", "Changed"), ("rejected", "Rejected"),
    ]  # fmt: skip
    return items(
        [local_times(row, zone) for row in rows],
        columns,
        empty="Nothing was imported yet. Begin with: parinaya people import FILE --side bride",
        readable=readable_times if call.out.terminal else None,
    )


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────

_COLUMNS = (
    ("ref", "Ref"), ("full_name", "Name"), ("phones", "Phone"), ("city", "City"), ("side", "Side"),
    ("unit", "Unit"), ("tags", "Tags"),
)  # fmt: skip


def _readable(call: Call, document: Mapping[str, object]) -> dict[str, object]:
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
        "parinaya people list --all --json",
    ],
)
def list_people(
    call: Call,
    side: Annotated[Side | None, typer.Option(help="Those of one side, and those of both.")] = None,
    tag: Annotated[str | None, typer.Option(help="Those who have this tag.")] = None,
    event: Annotated[str | None, typer.Option(help="Those who are invited to this event.")] = None,
    no_phone: Annotated[bool, typer.Option("--no-phone", help="Those without a usable phone.")] = False,
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
        found, total = people.list_people(tx, PeopleRequest(side, tag, event, no_phone, limit))
        documents = [people.document(tx, person) for person in found]
    columns = [column for column in _COLUMNS if not documents or column[0] in documents[0]]
    empty = "Nobody is like that." if side or tag or event or no_phone else (
        "There is nobody yet. Begin with: parinaya people import FILE --side bride"
    )  # fmt: skip
    readable = _in_table if call.out.terminal else None
    return items(documents, columns, total=total, empty=empty, readable=readable)


def _in_table(row: Mapping[str, object]) -> dict[str, object]:
    """On a terminal the first phone is shown, and how many more there are."""
    from parinaya_cli.domain.phones import show

    phones = row.get("phones")
    if not isinstance(phones, list) or not phones:
        return dict(row)
    more = f" (+{len(phones) - 1})" if len(phones) > 1 else ""
    return {**row, "phones": f"{show(phones[0])}{more}"}


@verb(app, "show", examples=["parinaya people show P12", "parinaya people show P12 --json"])
def show(call: Call, person: Who) -> Result:
    """Show one person."""
    from parinaya_cli.services import people

    with call.app().begin() as tx:
        document = people.document(tx, people.find(tx, person))
    told = _readable(call, document)
    hidden = {"id": "", "contact_points": "", "extra": ""} if call.out.terminal else {"contact_points": ""}
    extra = document.get("extra")
    if call.out.terminal and isinstance(extra, Mapping):
        told |= {f"{key} (from the list)": value for key, value in extra.items()}
    return Result(document, Fields(told, f"{document['ref']} {document['full_name']}", hidden))


# ── changing ───────────────────────────────────────────────────────────────────────────────────────────


@verb(
    app,
    "add",
    changes=True,
    examples=[
        "parinaya people add 'Asha Rao' --phone '98200 12345' --side bride",
        "parinaya people add 'Dr. Vikram Seth' --phone +447911123456 --city London --tag vip --tag abroad",
    ],
)
def add(
    call: Call,
    name: Annotated[str, typer.Argument(help="The full name, as the family writes it.")],
    phone: Phones = None,
    email: Emails = None,
    city: City = None,
    side: Whose = None,
    language: Language = None,
    notes: Notes = None,
    household: Family = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be repeated.")] = None,
) -> Result:
    """Add one person.

    The first phone is the one that gets messages.
    """
    from parinaya_cli.services import people
    from parinaya_cli.services.people import PersonFields

    fields = PersonFields(
        name, phone or (), email or (), city, side, language, notes, household, read_tags(tag or [])
    )
    with call.app().begin(reason=call.reason) as tx:
        made = people.add(tx, fields)
        document = people.document(tx, made)
    return Result(document, f"{made.ref} was added: {made.full_name}.")


@verb(
    app,
    "edit",
    changes=True,
    examples=[
        "parinaya people edit P12 --phone '98200 12345'",
        "parinaya people edit P12 --name 'Asha Rao Kulkarni' --city Pune --reason 'she married'",
        "parinaya people edit P12 --drop-phone +919820012345",
    ],
)
def edit(
    call: Call,
    person: Who,
    name: Annotated[str | None, typer.Option(help="The full name, as the family writes it.")] = None,
    phone: Phones = None,
    drop_phone: Annotated[
        list[str] | None, typer.Option(help="A phone that is theirs no more; may be repeated.")
    ] = None,
    email: Emails = None,
    city: City = None,
    side: Whose = None,
    language: Language = None,
    notes: Notes = None,
    household: Family = None,
) -> Result:
    """Change a person; what is not named stays as it is.

    A phone that is given becomes the one that gets messages; the others stay behind it.
    """
    from parinaya_cli.services import people
    from parinaya_cli.services.people import PersonFields

    fields = PersonFields(
        name, phone, email, city, side, language, notes, household, drop_phones=drop_phone or ()
    )
    if fields == PersonFields():
        raise UsedWrongly("Nothing to change was named.", "Name it, such as --phone '98200 12345'.")
    with call.app().begin(reason=call.reason) as tx:
        after = people.edit(tx, person, fields)
        document = people.document(tx, after)
    return Result(document, f"{after.ref} is now: {after.full_name}, {_reached(call, document)}.")


def _reached(call: Call, document: Mapping[str, object]) -> str:
    phones = _readable(call, document).get("phones")
    return ", ".join(phones) if isinstance(phones, list) and phones else "no phone"


class _Signed(Command):
    """A command whose words may begin with a minus: ``-old`` takes a tag away and is no option."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Move such words behind ``--``, where they are no options."""
        end = args.index("--") if "--" in args else len(args)
        own = [word for word in args[:end] if re.fullmatch(r"-[^-].+", word)]
        rest = [word for word in args[:end] if word not in own]
        return super().parse_args(ctx, [*rest, "--", *own, *args[end + 1 :]])


@verb(
    app,
    "tag",
    changes=True,
    cls=_Signed,
    examples=["parinaya people tag P12 P13 +vip", "parinaya people tag P12 +close -neighbours"],
)
def tag_people(
    call: Call,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="PERSON... TAG", help="Refs of people, then +tag to add and -tag to take away."
        ),
    ],
) -> Result:
    """Add tags to people, and take tags away."""
    from parinaya_cli.services import people
    from parinaya_cli.services.people import PersonFields

    added = read_tags([word[1:] for word in words if word.startswith("+")])
    dropped = read_tags([word[1:] for word in words if word.startswith("-")])
    named = [word for word in words if word[0:1] not in {"+", "-"}]
    if not named or not (added or dropped) or any(tag[0] in "+-" for tag in (*added, *dropped)):
        raise UsedWrongly("People and tags are needed.", "Write it as: parinaya people tag P12 P13 +vip -old")
    fields = PersonFields(add_tags=added, drop_tags=dropped)
    with call.app().begin(reason=call.reason) as tx:
        found = [people.edit(tx, one, fields) for one in named]
        documents = [people.document(tx, person) for person in found]
    one_person = documents[0] if len(documents) == 1 else {}
    told = [f"{person.ref} {person.full_name}: {', '.join(person.tags) or 'no tags'}." for person in found]
    return Result({**one_person, "items": documents, "total": len(documents)}, "\n".join(told))


@verb(
    app,
    "dnm",
    needs_reason=True,
    examples=[
        "parinaya people dnm P12 --reason 'a death in the family'",
        "parinaya people dnm P12 --lift --reason 'they asked for the details themselves'",
    ],
)
def do_not_message(
    call: Call,
    person: Who,
    lift: Annotated[bool, typer.Option("--lift", help="Let messages out to them again.")] = False,
) -> Result:
    """Stop all messages to a person; it beats every consent."""
    from parinaya_cli.services import consent

    with call.app().begin(reason=call.reason) as tx:
        after = consent.do_not_message(tx, person, lift=lift, reason=call.reason)
    stopped = after.do_not_message_at is not None
    told = "gets no message from now on" if stopped else "may get messages again"
    return Result(
        {"ref": after.ref, "full_name": after.full_name, "do_not_message": stopped},
        f"{after.ref} {after.full_name} {told}.",
    )
