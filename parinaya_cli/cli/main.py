"""The table of commands. A noun's module is loaded when the noun is typed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated

import typer
from typer.main import get_command

import parinaya_cli
from parinaya_cli.cli.help import CONTEXT_SETTINGS
from parinaya_cli.cli.lazy import Entry, LazyGroup

if TYPE_CHECKING:
    from typer._click import Command as AnyCommand

_START, _LISTS, _MESSAGES, _RUNNING = (
    "Getting started",
    "The wedding",
    "Invitations and answers",
    "Running it",
)

TABLE = {
    entry.name: entry
    for entry in (
        Entry(
            "init",
            "Make the settings and secrets, start the servers, bring the schema up.",
            _START,
            single=True,
        ),
        Entry("demo", "Try the whole loop on an invented wedding.", _START, single=True),
        Entry("doctor", "Check that everything is in place.", _START, single=True),
        Entry("help", "Read about a topic, or a command.", _START, "topics", single=True),
        Entry("weddings", "The weddings you work on.", _LISTS),
        Entry("events", "Haldi, mehendi, sangeet, pheras, reception.", _LISTS),
        Entry("people", "Guests: import, find, mend.", _LISTS),
        Entry("dedupe", "People who stand in the lists twice.", _LISTS),
        Entry("units", "Households that are invited and answer together.", _LISTS),
        Entry("roles", "Who may do what.", _LISTS),
        Entry("consent", "Who wants messages, and who does not.", _LISTS),
        Entry("invite", "Guest lists and messages to guests.", _MESSAGES),
        Entry("templates", "Message templates approved by Meta.", _MESSAGES),
        Entry("inbox", "Replies that need a human.", _MESSAGES),
        Entry("rsvp", "Answers.", _MESSAGES),
        Entry("dashboard", "The wedding on one screen.", _MESSAGES),
        Entry("export", "Sheets for people and files for programs.", _MESSAGES, single=True),
        Entry("exports", "Files that were asked for, and what became of them.", _MESSAGES),
        Entry("site", "The wedding's pages.", _MESSAGES),
        Entry("gifts", "Gifts and thanks.", _MESSAGES),
        Entry("checkin", "Who has come, at the door.", _MESSAGES, single=True),
        Entry("completion", "What a shell needs to complete commands.", _RUNNING, single=True),
        Entry("config", "Settings and where they come from.", _RUNNING),
        Entry("google", "Sign in to Google Contacts.", _RUNNING),
        Entry("services", "The embedded Postgres and Valkey.", _RUNNING),
        Entry("db", "The schema of the database.", _RUNNING),
        Entry("worker", "Send what is due and process what came in.", _RUNNING, single=True),
        Entry("queue", "What waits to be done, and what failed.", _RUNNING),
        Entry("webhook", "Receive what WhatsApp reports.", _RUNNING),
        Entry("reconcile", "Compare what is with what should be, and mend it.", _RUNNING, single=True),
        Entry("audit", "Every change, who made it and why.", _RUNNING),
        Entry("sandbox", "A stand-in for WhatsApp, for rehearsals.", _RUNNING),
    )
}


class Root(LazyGroup):
    """The program."""

    table = TABLE


EXAMPLES = (
    "parinaya demo",
    "parinaya people import guests.csv --side bride",
    "parinaya rsvp status --event sangeet",
)

app = typer.Typer(
    cls=Root,
    name="parinaya",
    context_settings=CONTEXT_SETTINGS,
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog="\n".join(EXAMPLES),
)


@app.callback()
def parinaya(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Guest lists, invitations over WhatsApp and answers for Indian weddings. Alone: where yours stands."""
    if version:
        typer.echo(f"parinaya {parinaya_cli.__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        from parinaya_cli.cli.options import Call
        from parinaya_cli.cli.standing import tell

        with Call("") as call:
            tell(call)


@cache
def root() -> AnyCommand:
    """The program as a command that can be run, with no noun loaded."""
    return get_command(app)
