"""``parinaya site``: the website, and the links of households."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result

app = group("site", "The wedding's pages.")


@verb(app, "serve", examples=["parinaya site serve", "parinaya site serve --host 0.0.0.0 --port 80"])
def serve(
    call: Call,
    host: Annotated[str, typer.Option(help="The address to listen on.", metavar="ADDRESS")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)] = 8080,
) -> None:
    """Show the pages until it is stopped: those of weddings, of households and of parents.

    Put a proxy with TLS before it, and tell its address: parinaya config set PARINAYA_SITE_URL https://…
    """
    from parinaya_cli.cli import logs
    from parinaya_cli.web.site_serve import serve as show
    from parinaya_cli.wiring import App

    logs.set_up(call.settings)

    def ready(address: str) -> None:
        call.out.stderr.write(f"ready: {address}\n")
        call.out.stderr.flush()

    show(App(call.settings, pool=8), host, port, ready)


@verb(
    app,
    "build",
    examples=["parinaya site build --to public", "parinaya site build --to /srv/www/ananya-kabir --json"],
)
def build(
    call: Call,
    to: Annotated[Path, typer.Option(metavar="DIR", help="The folder; it is made, or its page replaced.")],
) -> Result:
    """Write the public page as files that any web server can show.

    They hold public events only, and what the gifts mode says. A page that is there stays whole until the new one is.
    """
    from parinaya_cli.services import site
    from parinaya_cli.web import site_files

    with call.app().begin() as tx:
        page = site.public_page_here(tx)
    written = site_files.write(page, to)
    document = {
        "to": str(to),
        "files": list(written.files),
        "bytes": written.bytes,
        "events": len(page.events),
    }
    return Result(
        document, f"{to}/index.html shows {len(page.events)} public events ({len(written.files)} files)."
    )


@verb(
    app,
    "link",
    changes=True,
    examples=["parinaya site link U5", "parinaya site link U5 --renew --reason 'it was posted in a group'"],
)
def link(
    call: Call,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="The ref of a household, such as U5.")],
    renew: Annotated[
        bool, typer.Option("--renew", help="End the link that was given out; make another.")
    ] = False,
) -> Result:
    """Show the link to a household's own page.

    It is the same each time, and goes on until a week after the household's last event.
    """
    from parinaya_cli.services import site_links

    setup = call.app().site_setup
    with call.app().begin(reason=call.reason) as tx:
        found = site_links.link(tx, setup, unit, renew=renew)
    call.out.note(f"{found.unit} {found.label}")
    return Result(vars(found), found.url, essential=True)
