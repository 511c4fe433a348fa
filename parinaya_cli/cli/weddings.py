"""``parinaya weddings``: the workspaces, and which of them is worked on."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items, record
from parinaya_cli.domain.errors import NotFound, UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.domain.weddings import Wedding

app = group("weddings", "The weddings you work on.")

Couple = Annotated[str | None, typer.Option(help="The names as messages give them; the title if left out.")]
Number = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Its own WhatsApp phone number id, in place of the one in the settings."),
]
OptIn = Annotated[
    bool | None,
    typer.Option(
        "--require-opt-in/--no-require-opt-in", help="Write only to guests whose opt-in is recorded."
    ),
]
Quiet = Annotated[
    str | None, typer.Option(metavar="HOURS", help="No messages between these hours: 21-9, or off.")
]
Cap = Annotated[
    int | None,
    typer.Option(min=0, help="Messages that one guest gets at most within a week; 0 lifts the cap."),
]
Asked = Annotated[
    str | None,
    typer.Option(
        metavar="WHAT",
        help="What guests who come are asked besides their number: children, diets, children,diets or nothing.",
    ),
]

ForgetAfter = Annotated[
    int | None,
    typer.Option(
        help="Days after the last event when all guests are forgotten for good; 0: never by itself.",
        metavar="DAYS",
        min=0,
        max=3650,
    ),
]
KeepTexts = Annotated[
    int | None,
    typer.Option(
        help="Days that the text of a settled message is kept; 0: as the settings say.",
        metavar="DAYS",
        min=0,
        max=3650,
    ),
]
KeepFiles = Annotated[
    int | None,
    typer.Option(
        help="Days that exported and rejected files are kept in PARINAYA_HOME; 0: as the settings say.",
        metavar="DAYS",
        min=0,
        max=3650,
    ),
]
LegalHold = Annotated[
    bool | None,
    typer.Option("--legal-hold/--no-legal-hold", help="Let go of nothing of this wedding by itself."),
]


def _asked(ask: str) -> dict[str, bool]:
    """What --ask names.

    Raises:
        UsedWrongly: anything but children, diets and nothing.
    """
    wanted = {part.strip().lower() for part in ask.split(",")} - {"", "nothing"}
    if unknown := sorted(wanted - {"children", "diets"}):
        raise UsedWrongly(
            f"Guests can't be asked for {', '.join(unknown)}.",
            "Use children, diets, children,diets or nothing.",
        )
    return {"ask_children": "children" in wanted, "ask_diets": "diets" in wanted}


def _document(wedding: Wedding, chosen: str | None) -> dict[str, object]:
    hours = (wedding.quiet_from, wedding.quiet_until)
    return {
        "slug": wedding.slug,
        "id": wedding.id,
        "title": wedding.title,
        "couple": wedding.couple,
        "timezone": wedding.timezone,
        "region": wedding.region,
        "language": wedding.language,
        "phone_number_id": wedding.phone_number_id,
        "require_opt_in": wedding.require_opt_in,
        "quiet_hours": None if None in hours else f"{hours[0]}-{hours[1]}",
        "frequency_cap": wedding.frequency_cap,
        "forget_after": wedding.forget_after,
        "legal_hold": wedding.legal_hold,
        "keep_texts": wedding.keep_texts,
        "keep_files": wedding.keep_files,
        "ask": [what for what in ("children", "diets") if getattr(wedding, f"ask_{what}")],
        "chosen": chosen in {wedding.slug, str(wedding.id)},
    }


@verb(
    app,
    "add",
    changes=True,
    examples=[
        "parinaya weddings add 'Ananya & Kabir'",
        "parinaya weddings add 'Meera weds Arjun' --slug meera-arjun --couple 'Meera & Arjun' --language hi",
        "parinaya weddings add 'Zoya & Imran' --timezone Asia/Dubai --region AE --require-opt-in",
    ],
)
def add(
    call: Call,
    title: Annotated[str, typer.Argument(help="What it is called.")],
    slug: Annotated[
        str | None, typer.Option(help="Its short name in commands; made of the title if left out.")
    ] = None,
    couple: Couple = None,
    timezone: Annotated[
        str, typer.Option(metavar="TZ", help="The zone of its times, such as Asia/Kolkata.")
    ] = "Asia/Kolkata",
    region: Annotated[str, typer.Option(help="The country of phones without a country code.")] = "IN",
    language: Annotated[str, typer.Option(help="The language of messages to guests who named none.")] = "en",
    phone_number_id: Number = None,
    require_opt_in: OptIn = None,
    quiet_hours: Quiet = None,
    frequency_cap: Cap = None,
    ask: Asked = None,
) -> Result:
    """Add a wedding.

    Quiet hours are hours of the guest's own day.
    """
    from parinaya_cli.domain.weddings import Wedding, check_hours, make_slug
    from parinaya_cli.services import weddings

    quiet_from, quiet_until = check_hours(quiet_hours or "off")
    wanted = Wedding(
        uuid.UUID(int=0),
        slug or make_slug(title),
        title,
        couple or title,
        timezone,
        region.upper(),
        language,
        phone_number_id or None,
        bool(require_opt_in),
        quiet_from,
        quiet_until,
        frequency_cap or None,
        **_asked(ask or "nothing"),
    )
    with call.app().begin(reason=call.reason, bound=False) as tx:
        made = weddings.add(tx, wanted)
    return Result(
        _document(made, call.settings.wedding),
        f"{made.slug} was added: {made.title}.\n"
        f"To work on it: parinaya weddings use {made.slug} (the only wedding is used without that).",
    )


@verb(
    app,
    "list",
    examples=["parinaya weddings list", "parinaya weddings list --json"],
)
def list_weddings(call: Call) -> Result:
    """List the weddings that you may work on."""
    from parinaya_cli.services import weddings

    with call.app().begin(bound=False) as tx:
        found = weddings.list_weddings(tx)
    columns = [
        ("slug", "Slug"), ("title", "Title"), ("timezone", "Time zone"), ("language", "Language"),
        ("chosen", "Chosen"),
    ]  # fmt: skip
    return items(
        [_document(one, call.settings.wedding) for one in found],
        columns,
        empty="There is no wedding yet. Make one: parinaya weddings add 'Ananya & Kabir'",
    )


@verb(app, "show", examples=["parinaya weddings show", "parinaya weddings show --wedding meera-arjun --json"])
def show(call: Call) -> Result:
    """Show the wedding that is worked on."""
    with call.app().begin() as tx:
        wedding = tx.wedding
    return record(_document(wedding, call.settings.wedding), wedding.title, labels={"id": ""})


@verb(
    app,
    "edit",
    changes=True,
    examples=[
        "parinaya weddings edit --quiet-hours 21-9 --frequency-cap 3",
        "parinaya weddings edit --forget-after 90 --keep-texts 30 --keep-files 7",
        "parinaya weddings edit --wedding meera-arjun --require-opt-in --reason 'the family asked for it'",
    ],
)
def edit(
    call: Call,
    title: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    couple: Couple = None,
    timezone: Annotated[str | None, typer.Option(metavar="TZ", help="The zone of its times.")] = None,
    region: Annotated[str | None, typer.Option(help="The country of phones without a country code.")] = None,
    language: Annotated[
        str | None, typer.Option(help="The language of messages to guests who named none.")
    ] = None,
    phone_number_id: Number = None,
    require_opt_in: OptIn = None,
    quiet_hours: Quiet = None,
    frequency_cap: Cap = None,
    ask: Asked = None,
    forget_after: ForgetAfter = None,
    keep_texts: KeepTexts = None,
    keep_files: KeepFiles = None,
    legal_hold: LegalHold = None,
) -> Result:
    """Change the wedding that is worked on; what is not named stays as it is.

    An empty --phone-number-id goes back to the one in the settings.
    """
    from parinaya_cli.domain.weddings import check_hours
    from parinaya_cli.services import weddings

    told = {
        "title": title,
        "couple": couple,
        "timezone": timezone,
        "region": region.upper() if region else region,
        "language": language,
        "require_opt_in": require_opt_in,
        "legal_hold": legal_hold,
    }
    changes: dict[str, object] = {key: value for key, value in told.items() if value is not None}
    lifted_by_nothing: dict[str, str | int | None] = {
        "phone_number_id": phone_number_id,
        "frequency_cap": frequency_cap,
        "forget_after": forget_after,
        "keep_texts": keep_texts,
        "keep_files": keep_files,
    }
    changes |= {key: value or None for key, value in lifted_by_nothing.items() if value is not None}
    if quiet_hours is not None:
        changes["quiet_from"], changes["quiet_until"] = check_hours(quiet_hours)
    changes |= _asked(ask) if ask is not None else {}
    if not changes:
        raise UsedWrongly("Nothing to change was named.", "Name it, such as --quiet-hours 21-9.")
    with call.app().begin(reason=call.reason) as tx:
        before = tx.wedding
        after = weddings.edit(tx, changes)
    what = f"{after.slug} was changed." if after != before else f"{after.slug} is as it was."
    return Result(_document(after, call.settings.wedding), what)


@verb(
    app,
    "use",
    changes=True,
    examples=["parinaya weddings use ananya-kabir", "parinaya weddings use meera-arjun --json"],
)
def use(call: Call, slug: Annotated[str, typer.Argument(help="The slug of the wedding.")]) -> Result:
    """Choose the wedding that commands work on when none is named."""
    from parinaya_cli import settings
    from parinaya_cli.services import weddings

    with call.app().begin(bound=False) as tx:
        found = {one.slug: one for one in weddings.list_weddings(tx)}
    if slug not in found:
        there = f"There are: {', '.join(found)}." if found else "Make one with `parinaya weddings add TITLE`."
        raise NotFound(f"There is no wedding {slug!r}.", there, code="no_such_wedding")
    path = settings.write("PARINAYA_WEDDING", slug)
    if os.environ.get("PARINAYA_WEDDING", slug) != slug:
        call.out.warn("PARINAYA_WEDDING is also set in the environment, and that one holds.")
    return Result(
        {**_document(found[slug], slug), "config_file": path}, f"Commands now work on {slug}, as {path} says."
    )
