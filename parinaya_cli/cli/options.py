"""How a noun's file declares its commands, and what every command is handed.

app = group("people", "Guests: import, find, mend.")

@verb(app, "add", changes=True, examples=["parinaya people add 'Asha Rao' --phone '98200 12345'"])
def add(call: Call, name: Annotated[str, typer.Argument(help="The full name.")]) -> Result:
    \"\"\"Add one person.\"\"\"
    from parinaya_cli.services import people
    ...
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, TypeVar

import typer

from parinaya_cli.cli.help import CONTEXT_SETTINGS, Command, Group
from parinaya_cli.cli.output import Output, Result

if TYPE_CHECKING:
    from parinaya_cli.settings import Settings
    from parinaya_cli.wiring import App

_WHY = "Why; kept in the audit log."

Verb = TypeVar("Verb", bound=Callable[Concatenate["Call", ...], Result | None])


@dataclass
class Call:
    """One run of one command: what was asked by the shared options, and what it needs to answer.

    ``wedding``: the option alone; ``settings.wedding``: option, environment or chosen with ``weddings use``.
    ``command``: the words typed, ``people import``.
    """

    command: str
    out: Output = field(default_factory=Output)
    wedding: str | None = None
    reason: str = ""
    yes: bool = False
    dry_run: bool = False
    _stack: ExitStack = field(default_factory=ExitStack, repr=False)

    @cached_property
    def settings(self) -> Settings:
        """The settings, read when first asked for.

        Raises:
            UsedWrongly: a value is bad, or the file can't be used.
        """
        from parinaya_cli import settings

        return settings.load({"PARINAYA_WEDDING": self.wedding} if self.wedding else {})

    def app(self) -> App:
        """The parts, joined (database, queue, WhatsApp): opened when first asked for, closed at the end.

        Raises:
            Unreachable: a server is away.
        """
        return self._app

    @cached_property
    def _app(self) -> App:
        from parinaya_cli import wiring

        opened = self._stack.enter_context(wiring.open_app(self.settings))
        opened.doing = self.command
        return opened

    def _words(self) -> dict[str, object]:
        """What a shell may complete."""
        from parinaya_cli.services import completion

        with self._app.begin() as tx:
            return completion.words(tx)

    def __enter__(self) -> Call:
        return self

    def __exit__(self, *why: Any) -> None:
        try:
            if why[0] is None and "_app" in self.__dict__ and self._app.bound:
                from parinaya_cli.cli import completing

                told = self.settings.config_file
                completing.refresh(told, self._words, changed=self.out.changes)
        finally:
            self._stack.__exit__(*why)


def group(name: str, help: str) -> typer.Typer:  # noqa: A002 (the word of typer)
    """The commands of a noun. Every ``cli/<noun>.py`` has one, called ``app``."""
    return typer.Typer(
        cls=Group,
        name=name,
        help=help,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings=CONTEXT_SETTINGS,
    )


def single() -> typer.Typer:
    """What holds a command without a noun (``parinaya demo``); it takes one ``verb`` of the same name."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=CONTEXT_SETTINGS)


def verb(
    app: typer.Typer,
    name: str,
    *,
    examples: Sequence[str],
    changes: bool = False,
    hard: bool = False,
    dry_run: bool = False,
    needs_reason: bool = False,
    cls: type[Command] = Command,
) -> Callable[[Verb], Verb]:
    """Register a function as a command, with the options that commands share.

    ``changes``: takes ``--reason``; ``needs_reason``: can't do without it. ``hard``: hard to take back, so it
    takes ``--yes`` and ``--dry-run`` as well. ``dry_run``: takes ``--dry-run`` alone. ``examples``: two or
    three lines that can be typed as they stand. ``cls``: a command that reads its words in its own way. The
    docstring is the help. The function is handed a ``Call`` and its own parameters, and comes back unchanged,
    so that it can be called from elsewhere.
    """
    changes = changes or hard or needs_reason
    shared = _shared(changes=changes, yes=hard, dry_run=hard or dry_run, needs_reason=needs_reason)

    def register(function: Verb) -> Verb:
        run = _runner(function, changes=changes)
        first = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (first, *own, *shared)]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        epilog = "\n".join(examples)
        app.command(name, cls=cls, epilog=epilog, context_settings=CONTEXT_SETTINGS)(run)
        return function

    return register


def _runner(function: Callable[..., Result | None], *, changes: bool) -> Callable[..., int]:
    """What typer calls: makes the ``Call``, runs the command, prints its result, returns its exit code."""

    @functools.wraps(function)
    def run(ctx: typer.Context, **values: Any) -> int:
        rehearsal = values.pop("call_dry_run", False)
        out = Output(json=values.pop("call_json"), quiet=values.pop("call_quiet"))
        out.changes = changes and not rehearsal
        with Call(
            command=" ".join(ctx.command_path.split()[1:]),
            out=out,
            wedding=values.pop("call_wedding"),
            reason=values.pop("call_reason", None) or "",
            yes=values.pop("call_yes", False),
            dry_run=rehearsal,
        ) as call:
            result = function(call, **values)
            if result is None:
                return 0
            out.result(result)
        return result.exit_code

    return run


def _shared(*, changes: bool, yes: bool, dry_run: bool, needs_reason: bool) -> list[inspect.Parameter]:
    """The shared options, in the order in which help shows them."""
    found = [
        _option(
            "call_wedding", str | None, None, ("--wedding", "-w"), "The wedding to work on.", metavar="SLUG"
        ),
        _option("call_json", bool, False, ("--json",), "Print one JSON document."),
        _option("call_quiet", bool, False, ("--quiet", "-q"), "Say nothing that was not asked for."),
    ]
    if needs_reason:
        found.append(_option("call_reason", str, ..., ("--reason",), _WHY))
    elif changes:
        found.append(_option("call_reason", str | None, None, ("--reason",), _WHY))
    if yes:
        found.append(_option("call_yes", bool, False, ("--yes", "-y"), "Do not ask."))
    if dry_run:
        found.append(
            _option("call_dry_run", bool, False, ("--dry-run",), "Show what would happen; change nothing.")
        )
    return found


def _option(
    name: str, kind: Any, default: Any, words: Sequence[str], text: str, *, metavar: str | None = None
) -> inspect.Parameter:
    option = typer.Option(*words, help=text, metavar=metavar, show_default=False)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if default is ... else default,
        annotation=Annotated[kind, option],
    )
