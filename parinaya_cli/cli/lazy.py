"""The root of the commands: it knows every noun by name and help line, and loads one when it is typed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import typer
from typer.main import get_command, get_group

from parinaya_cli.cli.help import CONTEXT_SETTINGS, Command, Group

if TYPE_CHECKING:
    from typer._click import Command as AnyCommand
    from typer._click import Context, HelpFormatter


@dataclass(frozen=True)
class Entry:
    """One line of ``parinaya --help``.

    ``module``: its file in ``parinaya_cli/cli``, holding ``app``. ``section``: the heading it stands under.
    ``single``: a command of its own (``parinaya demo``) rather than a noun with verbs.
    """

    name: str
    help: str
    section: str
    module: str = ""
    single: bool = False

    @cache  # noqa: B019 (entries live as long as the process)
    def load(self) -> AnyCommand:
        """Import the module and build its command, once."""
        module = importlib.import_module(f"parinaya_cli.cli.{self.module or self.name}")
        app: typer.Typer = module.app
        command = get_command(app) if self.single else get_group(app)
        command.name = self.name
        return command


class LazyGroup(Group):
    """Stands for every noun by its name and help line alone until one of them is typed.

    Listing, completing names and suggesting after a typo work on the table; only going on into a noun
    (running it, its help, completing its verbs) imports it.
    """

    table: Mapping[str, Entry] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for entry in self.table.values():
            self.add_command(Command(entry.name, help=entry.help, context_settings=CONTEXT_SETTINGS))

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, AnyCommand | None, list[str]]:
        """The command that the first word names, loaded."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in self.table:
            command = self.table[name].load()
        return name, command, rest

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 (typer calls it so)
        """The commands under their headings."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for entry in self.table.values():
            sections.setdefault(entry.section, []).append((entry.name, entry.help))
        width = max((len(name) for name in self.table), default=0)
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows])
