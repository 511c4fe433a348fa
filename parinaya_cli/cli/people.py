"""``parinaya people``: changing people one by one.

What brings lists in stands in ``people_lists``, what finds people in ``people_find``, what takes them out in
``people_leaving``, what makes one of two in ``people_merge``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli import people_leaving, people_merge, presets
from parinaya_cli.cli.help import Command
from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Result
from parinaya_cli.cli.people_find import Who, readable
from parinaya_cli.cli.people_import import read_tags
from parinaya_cli.cli.people_lists import app
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from typer._click import Context

__all__ = ["app", "people_leaving", "people_merge", "presets"]

Side = Literal["bride", "groom", "both"]
Phones = Annotated[list[str] | None, typer.Option("--phone", help="A phone; may be repeated.")]
Emails = Annotated[list[str] | None, typer.Option("--email", help="An email address; may be repeated.")]
City = Annotated[str | None, typer.Option(help="Where they live.")]
Whose = Annotated[Side | None, typer.Option(help="Whose guest it is.")]
Language = Annotated[str | None, typer.Option(help="The language of messages to them, such as hi.")]
Notes = Annotated[str | None, typer.Option(help="Whatever should be remembered.")]
Family = Annotated[str | None, typer.Option("--household", help="What `units build` groups them by.")]


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
        document = people.whole(tx, made)
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
    drop_email: Annotated[
        list[str] | None, typer.Option(help="An email that is theirs no more; may be repeated.")
    ] = None,
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
        name,
        phone,
        email,
        city,
        side,
        language,
        notes,
        household,
        drop_phones=drop_phone or (),
        drop_emails=drop_email or (),
    )
    if fields == PersonFields():
        raise UsedWrongly("Nothing to change was named.", "Name it, such as --phone '98200 12345'.")
    with call.app().begin(reason=call.reason) as tx:
        after = people.edit(tx, person, fields)
        document = people.whole(tx, after)
    return Result(document, f"{after.ref} is now: {after.full_name}, {_reached(call, document)}.")


def _reached(call: Call, document: Mapping[str, object]) -> str:
    phones = readable(call, document).get("phones")
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
