"""``parinaya gifts``: what the page says about gifts, who gave what, who has been thanked."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.cli.text import readable_times

app = group("gifts", "Gifts and thanks.")


@verb(
    app,
    "mode",
    changes=True,
    examples=[
        "parinaya gifts mode registry --url https://wishes.example.in/ananya-kabir",
        "parinaya gifts mode shagun --upi-id ananya@okbank",
        "parinaya gifts mode charity --url https://school.example.org --text 'For the village school'",
    ],
)
def mode(
    call: Call,
    mode: Annotated[
        Literal["none", "registry", "shagun", "charity"],
        typer.Argument(help="What the page says about gifts."),
    ],
    text: Annotated[str, typer.Option(help="What the page says, in your own words.")] = "",
    url: Annotated[
        list[str] | None, typer.Option(help="An address that the page links to; may be repeated.")
    ] = None,
    upi_id: Annotated[str, typer.Option(metavar="ID", help="The UPI id to which a shagun may go.")] = "",
) -> Result:
    """Say what the wedding's page tells about gifts.

    shagun: the page shows the UPI id and its QR code. parinaya never moves money and never learns whether any came.
    """
    from parinaya_cli.domain.gifts import GiftsMode, GiftsNote
    from parinaya_cli.services import gifts

    wanted = GiftsNote(GiftsMode(mode), text.strip(), tuple(dict.fromkeys(url or ())), upi_id.strip())
    with call.app().begin(reason=call.reason) as tx:
        document = gifts.note_document(gifts.set_note(tx, wanted))
    told = "The page says nothing about gifts." if mode == "none" and not text else f"The page says: {mode}."
    return Result(document, told)


@verb(
    app,
    "add",
    changes=True,
    examples=[
        "parinaya gifts add --unit U5 --what 'Silver bowl'",
        "parinaya gifts add --unit U7 --what 'Shagun envelope' --amount 5,100",
    ],
)
def add(
    call: Call,
    unit: Annotated[str, typer.Option(help="The ref of the household that gave it, such as U5.")],
    what: Annotated[str, typer.Option(help="What it is.")],
    amount: Annotated[
        str | None, typer.Option(metavar="RUPEES", help="How much, where it was money.")
    ] = None,
) -> Result:
    """Write down a gift."""
    from parinaya_cli.domain.gifts import read_amount
    from parinaya_cli.services import gifts

    rupees = read_amount(amount) if amount is not None else None
    with call.app().begin(reason=call.reason) as tx:
        made = gifts.add(tx, unit, what, rupees)
        document = gifts.document(tx, made)
    return Result(document, f"{made.ref}: {made.label} ({made.unit}) gave {made.what}.")


@verb(app, "list", examples=["parinaya gifts list", "parinaya gifts list --side bride --to-thank --json"])
def list_gifts(
    call: Call,
    side: Annotated[
        Literal["bride", "groom", "both"] | None,
        typer.Option(help="Gifts of one side's households, and of both."),
    ] = None,
    to_thank: Annotated[
        bool, typer.Option("--to-thank", help="Those for which nobody was thanked yet.")
    ] = False,
) -> Result:
    """List who gave what, and what each side's households gave together.

    A family sees the gifts of its own side's households.
    """
    from parinaya_cli.domain.gifts import show_amount
    from parinaya_cli.services import gifts

    with call.app().begin() as tx:
        found = gifts.list_gifts(tx, side, unthanked=to_thank)
        documents = [gifts.document(tx, one) for one in found]
    sums = gifts.sums(found)
    for one in sums:
        told = f"{one.side or 'no side'}: {one.gifts} gifts, {show_amount(one.amount)}, {one.thanked} thanked"
        call.out.note(told)
    columns = [
        ("ref", "Ref"), ("unit", "Unit"), ("label", "Household"), ("side", "Side"), ("what", "What"),
        ("amount", "Rupees"), ("thanked_at", "Thanked"),
    ]  # fmt: skip
    empty = (
        "No gift is like that." if side or to_thank else
        "No gift was written down yet. Add one: parinaya gifts add --unit U5 --what 'Silver bowl'"
    )  # fmt: skip
    readable = readable_times if call.out.terminal else None
    extra = {"sums": [gifts.sum_document(one) for one in sums]}
    return items(documents, columns, empty=empty, extra=extra, readable=readable)


@verb(
    app,
    "thank",
    changes=True,
    examples=["parinaya gifts thank G3", "parinaya gifts thank G3 --reason 'a card was sent' --json"],
)
def thank(
    call: Call, gift: Annotated[str, typer.Argument(metavar="GIFT", help="The ref, such as G3.")]
) -> Result:
    """Write down that a household has been thanked for a gift."""
    from parinaya_cli.services import gifts

    with call.app().begin(reason=call.reason) as tx:
        found = gifts.thank(tx, gift)
        document = gifts.document(tx, found)
    return Result(document, f"{found.ref}: {found.label} has been thanked for {found.what}.")
