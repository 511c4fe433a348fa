"""Help pages: plain text that reads the same on a terminal of 60 columns, of 80, and in a file.

Typer's own pages are boxes drawn by rich: they cost a quarter of a second and break when they are piped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from parinaya_cli.cli.completing import values_for
from parinaya_cli.cli.text import BOLD, styled

if TYPE_CHECKING:
    from typer._click import Command as AnyCommand
    from typer._click import Context, HelpFormatter, Parameter

SHARED = frozenset(
    {"call_wedding", "call_json", "call_quiet", "call_reason", "call_yes", "call_dry_run", "help"}
)
CONTEXT_SETTINGS = {"help_option_names": ["--help", "-h"]}

# What stands for a value in help, by typer's name of its type.
_METAVARS = {
    "str": "TEXT",
    "int": "N",
    "int range": "N",
    "float": "X",
    "float range": "X",
    "path": "PATH",
    "uuid": "ID",
    "datetime": "TIME",
}
_HEADINGS = re.compile(r"^(?:Usage:|[A-Z][^:\n]*:$)", re.MULTILINE)
_WORDS = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""")


class Command(TyperCommand):
    """A verb. Its page has its own arguments and options first, then those that verbs share, then examples.

    ``epilog`` holds the examples, one to a line.
    """

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings)
        for param in self.params:
            _complete(param)
            _name_value(param)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Read the words after the verb; what is wrong with them is told with the verb's own help."""
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            if getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined]
            raise

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """``[OPTIONS] EVENT [UNIT]...``: what must be given stands bare, the rest in brackets."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Arguments, options, shared options."""
        _write_parameters(self, ctx, formatter)

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 (typer calls it so)
        """The examples, one to a line."""
        _write_examples(self, formatter)

    def get_help(self, ctx: Context) -> str:
        """The whole page, with bold headings where colours are on."""
        return _with_headings(super().get_help(ctx), ctx)


class Group(TyperGroup):
    """A noun, or the program itself."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Each command with the first sentence of its help, however long."""
        rows = [(name, _first_line(self.get_command(ctx, name))) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Commands, then options."""
        self.format_commands(ctx, formatter)
        _write_parameters(self, ctx, formatter)

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 (typer calls it so)
        """The examples, one to a line."""
        _write_examples(self, formatter)

    def get_help(self, ctx: Context) -> str:
        """The whole page, with bold headings where colours are on."""
        return _with_headings(super().get_help(ctx), ctx)


def _complete(param: Parameter) -> None:
    """Let a shell complete slugs and refs."""
    if isinstance(param, (TyperArgument, TyperOption)) and param._custom_shell_complete is None:
        param._custom_shell_complete = values_for(param)


def _name_value(param: Parameter) -> None:
    """Say what stands for a value: ``TEXT``, ``N``, ``(yes|no|maybe)``; an argument has its own name."""
    if not isinstance(param, (TyperArgument, TyperOption)) or param.metavar is not None:
        return
    is_argument = isinstance(param, TyperArgument)
    name = (param.name or "").upper() if is_argument else _METAVARS.get(param.type.name)
    choices = "|".join(getattr(param.type, "choices", ()))
    if choices and len(choices) <= 32:
        name = f"({choices})"
    elif choices:
        name = (param.name or "").upper()
        param.help = f"{param.help or ''} One of {choices.replace('|', ', ')}.".strip()
    param.metavar = f"{name}..." if is_argument and param.nargs != 1 else name


def _write_parameters(command: AnyCommand, ctx: Context, formatter: HelpFormatter) -> None:
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], "Shared options": []}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        if param.param_type_name == "argument":
            sections["Arguments"].append((record[0], record[1].removesuffix("  [required]")))
        elif param.name in SHARED and isinstance(command, Command):
            sections["Shared options"].append(record)
        else:
            sections["Options"].append(record)
    for title, records in sections.items():
        if records:
            with formatter.section(title):
                formatter.write_dl(records, col_max=28)


def _first_line(command: AnyCommand | None) -> str:
    text = command.help if command is not None else None
    return " ".join((text or "").partition("\n\n")[0].split())


def _write_examples(command: AnyCommand, formatter: HelpFormatter) -> None:
    if command.epilog:
        formatter.write_paragraph()
        formatter.write(examples(command.epilog.splitlines(), formatter.width) + "\n")


def examples(lines: Iterable[str], width: int) -> str:
    """The section of examples. A line that is too long goes on after a backslash, as in a shell.

    ``width``: columns that may be filled. Words and quoted texts are never parted.
    """
    return "\n".join(
        ["Examples:", *(part for line in lines if line.strip() for part in _folded(line, width))]
    )


def _folded(example: str, width: int) -> list[str]:
    words = _WORDS.findall(example)
    lines, line = [], "  " + words[0]
    for index, word in enumerate(words[1:], 1):
        needed = 1 + len(word) + _value_length(words, index)
        last = index == len(words) - 1
        if len(line) + needed > width - (0 if last else 2):
            lines.append(line + " \\")
            line = "      " + word
        else:
            line += " " + word
    return [*lines, line]


def _value_length(words: list[str], index: int) -> int:
    """Columns that the value of an option takes, so that it is not parted from its option."""
    if words[index].startswith("-") and index + 1 < len(words) and not words[index + 1].startswith("-"):
        return 1 + len(words[index + 1])
    return 0


def _with_headings(page: str, ctx: Context) -> str:
    return _HEADINGS.sub(lambda match: styled(match[0], BOLD, bool(ctx.color)), page)
