"""``parinaya dashboard``: the wedding on one screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli import dashboard_links
from parinaya_cli.cli.help import CONTEXT_SETTINGS, Group
from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Result
from parinaya_cli.domain.errors import Locked, Unreachable, UsedWrongly

if TYPE_CHECKING:
    from rich.console import Console
    from typer._click import Context

    from parinaya_cli.domain.dashboard import Overview

EVERY = 2.0
"""Seconds between two looks of ``--watch``."""


class Dashboard(Group):
    """The noun that is a command too: without a verb it shows the dashboard."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """``dashboard --watch`` is ``dashboard show --watch``."""
        if not args or (args[0].startswith("-") and args[0] not in CONTEXT_SETTINGS["help_option_names"]):
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Dashboard,
    name="dashboard",
    help="The wedding on one screen, and pages of it for parents. Without a verb: show.",
    add_completion=False,
    rich_markup_mode=None,
    context_settings=CONTEXT_SETTINGS,
)
dashboard_links.add_to(app)


@verb(
    app,
    "show",
    examples=["parinaya dashboard show", "parinaya dashboard show --watch", "parinaya dashboard show --json"],
)
def show(
    call: Call,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again every two seconds, until Ctrl-C.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it to a page of its own, to be sent to somebody."),
    ] = None,
) -> Result | None:
    """Show where every event stands, what came in, and whom to call first.

    Heads are people of households that said yes.
    """
    if watch:
        _watch(call)
        return None
    from parinaya_cli.cli import dashboard_picture
    from parinaya_cli.services import dashboard

    told = _look(call)
    if html is not None:
        size = dashboard_links.write_html(told, html)
        return Result({**dashboard.document(told), "html": str(html)}, f"{html} shows it ({size} bytes).")
    return Result(dashboard.document(told), lambda console: dashboard_picture.show(console, told))


def _look(call: Call) -> Overview:
    from parinaya_cli.services import dashboard

    with call.app().begin() as tx:
        return dashboard.overview(tx)


def _watch(call: Call) -> None:
    """Draw the dashboard on a screen of its own, anew when it changes or the terminal does."""
    console = call.out.console(call.out.stdout) if call.out.terminal else None
    if console is None or console.is_dumb_terminal:
        raise UsedWrongly("--watch needs a terminal to draw on.", "Leave it out, or take --json in a loop.")
    told, note = _look(call), ""
    console.set_alt_screen(True)
    console.show_cursor(False)
    try:
        while True:
            _draw(console, told, note)
            _wait(lambda: console.size)
            try:
                told, note = _look(call), ""
            except (Unreachable, Locked) as error:
                note = f"{error.message} Trying again."
    finally:
        console.show_cursor(True)
        console.set_alt_screen(False)


def _draw(console: Console, told: Overview, note: str) -> None:
    """Draw over what stands there. No line is padded: terminals disagree on the width of Devanagari."""
    from rich.text import Text

    from parinaya_cli.cli import dashboard_picture

    height = max(1, console.height - (2 if note else 1))
    shown = [*dashboard_picture.lines(told, console.width)][:height]
    with console.capture() as picture:
        for line in [*shown, *([Text(note, style="bold red")] if note else [])]:
            console.print(line, no_wrap=True, overflow="ellipsis")
    console.file.write("\x1b[H" + picture.get().replace("\n", "\x1b[K\n") + "\x1b[J")
    console.file.flush()


def _wait(size: Callable[[], object]) -> None:
    """Until the next look is due, or the terminal has another size."""
    until, before = time.monotonic() + EVERY, size()
    while time.monotonic() < until and size() == before:
        time.sleep(0.1)
