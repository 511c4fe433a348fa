"""``parinaya dashboard link``, ``links``, ``revoke``: pages for parents, without a login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.cli.text import readable_times

if TYPE_CHECKING:
    from pathlib import Path

    from parinaya_cli.domain.dashboard import Overview


def add_to(app: typer.Typer) -> None:
    """Add the commands to those of the noun."""
    verb(
        app,
        "link",
        changes=True,
        examples=[
            "parinaya dashboard link --name 'Sunita aunty' --side bride",
            "parinaya dashboard link --name Rajesh --days 30 --with-phones",
        ],
    )(link)
    verb(app, "links", examples=["parinaya dashboard links", "parinaya dashboard links --json"])(links)
    verb(
        app,
        "revoke",
        changes=True,
        examples=[
            "parinaya dashboard revoke 'Sunita aunty'",
            "parinaya dashboard revoke Rajesh --reason 'the link was forwarded'",
        ],
    )(revoke)


def link(
    call: Call,
    name: Annotated[str, typer.Option(help="For whom it is.")],
    side: Annotated[
        Literal["bride", "groom"] | None, typer.Option(help="Only the numbers of one side's households.")
    ] = None,
    days: Annotated[int, typer.Option(help="For how many days it holds.")] = 90,
    with_phones: Annotated[
        bool, typer.Option("--with-phones", help="Show the numbers of whom to call.")
    ] = False,
) -> Result:
    """Make a page for a parent, opened by its link alone; the link is shown this once.

    The page tells the numbers, who is open and whom to call. Whoever has the link sees it: end it with `revoke`.
    """
    from parinaya_cli.services import site_links
    from parinaya_cli.services.site_links import DashboardRequest

    setup = call.app().site_setup
    with call.app().begin(reason=call.reason) as tx:
        made, url = site_links.make_dashboard(tx, setup, DashboardRequest(name, side, days, with_phones))
        document = {**site_links.document(tx, made), "url": url}
        until = made.expires_at.astimezone(tx.wedding.zone)
    call.out.note(f"For {made.name}, until {until:%d %b %Y}. It is not shown again.")
    return Result(document, url, essential=True)


def links(call: Call) -> Result:
    """List the parents' links that hold."""
    from parinaya_cli.services import site_links

    with call.app().begin() as tx:
        documents = [site_links.document(tx, one) for one in site_links.list_dashboards(tx)]
    columns = [
        ("name", "For"), ("side", "Side"), ("phones", "Phones"), ("ends_with", "Ends with"), ("expires_at", "Until"),
    ]  # fmt: skip
    empty = "There is no link yet. Make one: parinaya dashboard link --name 'Sunita aunty'"
    return items(documents, columns, empty=empty, readable=readable_times if call.out.terminal else None)


def revoke(call: Call, name: Annotated[str, typer.Argument(help="For whom it was made.")]) -> Result:
    """End a parent's link: the page is gone at once."""
    from parinaya_cli.services import site_links

    with call.app().begin(reason=call.reason) as tx:
        gone = site_links.revoke_dashboard(tx, name)
        document = site_links.document(tx, gone)
    return Result(document, f"The link for {gone.name} opens nothing any more.")


def write_html(told: Overview, path: Path) -> int:
    """Write the parents' page to a file of its own, whole or not at all; returns its bytes.

    Raises:
        Failed: it can't be written.
    """
    from parinaya_cli.web import site_dashboard, site_files

    return site_files.put_page(path, site_dashboard.page(told, inline=True))
