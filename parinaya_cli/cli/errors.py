"""The one door of the command line: whatever goes wrong becomes two lines and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO

import typer

from parinaya_cli.cli.text import RED, as_json, folded, is_terminal, may_colour, one_line, styled, width_of
from parinaya_cli.domain.errors import (
    Failed,
    Locked,
    NotFound,
    NotPermitted,
    ParinayaError,
    Unreachable,
    UsedWrongly,
)
from parinaya_cli.domain.redaction import masked

if TYPE_CHECKING:
    from typer._click import Command as AnyCommand


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USED_WRONGLY = 2
    NOT_PERMITTED = 3
    NOT_FOUND = 4
    SOME_REJECTED = 5
    UNREACHABLE = 6
    LOCKED = 7
    INTERRUPTED = 130
    PIPE_CLOSED = 141  # 128 + SIGPIPE, as with other programs whose reader goes away


EXIT_CODES: dict[type[ParinayaError], ExitCode] = {
    UsedWrongly: ExitCode.USED_WRONGLY,
    NotPermitted: ExitCode.NOT_PERMITTED,
    NotFound: ExitCode.NOT_FOUND,
    Unreachable: ExitCode.UNREACHABLE,
    Locked: ExitCode.LOCKED,
    Failed: ExitCode.FAILED,
}


_BETTER_WORDS = {  # typer's words for what operators know by another name
    "is not a valid int range": "is not a whole number",
    "is not a valid int": "is not a whole number",
    "is not a valid float range": "is not a number",
    "is not a valid float": "is not a number",
    "Got unexpected extra argument(s)": "This is too much",
}


@dataclass(frozen=True)
class Report:
    """What is told of an error."""

    code: str
    message: str
    hint: str
    exit_code: int


def exit_code(error: ParinayaError) -> ExitCode:
    """The exit code of a kind of error; a kind that is refined elsewhere has that of what it refines."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), ExitCode.FAILED)


def run(argv: Sequence[str], root: Callable[[], AnyCommand] | None = None) -> int:
    """Run a command line (without the program's name) and return its exit code. Never raises.

    ``root``: builds the program, when it is not parinaya's own.
    """
    _prepare_streams()
    _forbid_core_dumps()
    as_document = "--json" in _options(argv)
    try:
        code = _invoke(argv, root)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_stdout()
        return ExitCode.PIPE_CLOSED
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 (the last net: what is not foreseen becomes a line, see below)
        report = explain(error)
        if isinstance(error, OSError):
            _abandon_stdout()
        if type(error).__name__ == "NoArgsIsHelpError" and not as_document:
            print(error, file=sys.stderr)  # noqa: T201 (the help page)
            return report.exit_code
        _tell(report, as_document)
        _tell_where(error)
        return report.exit_code
    if code == ExitCode.INTERRUPTED:
        hint = "Run the same command again to go on."
        _tell(Report("interrupted", "Interrupted.", hint, code), as_document, fresh_line=True)
    return code


def _options(argv: Sequence[str]) -> Sequence[str]:
    return argv[: argv.index("--")] if "--" in argv else argv


def _invoke(argv: Sequence[str], root: Callable[[], AnyCommand] | None) -> int:
    try:
        code = (root or _parinaya)().main(
            list(argv), prog_name="parinaya", standalone_mode=False, color=may_colour(sys.stdout)
        )
    except SystemExit as leaving:
        # Typer ends the process itself after printing completion scripts, and when a pipe is closed.
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        code = leaving.code
    return code if isinstance(code, int) else ExitCode.DONE


def _parinaya() -> AnyCommand:
    from parinaya_cli.cli.main import root

    return root()


def explain(error: Exception) -> Report:
    """What to tell of an error. Foreign ones are not quoted: they may hold what guests wrote, or secrets."""
    if isinstance(error, ParinayaError):
        return Report(error.code, error.message, error.hint, exit_code(error))
    if isinstance(error, typer.Abort):
        return Report("declined", "Nothing was done.", "Answer the question to go on.", ExitCode.FAILED)
    if isinstance(error, typer.TyperException):
        return _usage(error)
    if isinstance(error, ConnectionError):
        hint = "See `parinaya doctor`."
        return Report("unreachable", "A connection was refused or broke off.", hint, ExitCode.UNREACHABLE)
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename is not None else ""
        hint = "Check that the place exists, has room, and may be written by you."
        return Report("failed", f"{error.strerror}{where}.", hint, ExitCode.FAILED)
    name = f" ({type(error).__name__})" if type(error).__module__ == "builtins" else ""
    hint = "Run it again with PARINAYA_DEBUG=1 to see where, and report it."
    return Report("internal", f"parinaya met an error that it did not expect{name}.", hint, ExitCode.FAILED)


def _usage(error: typer.TyperException) -> Report:
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "parinaya")
    hint = f"See `{path} --help`."
    if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help page
        return Report("used_wrongly", "A command is missing.", hint, ExitCode.USED_WRONGLY)
    code = "used_wrongly" if error.exit_code == ExitCode.USED_WRONGLY else "failed"
    message = error.format_message()
    for words, better in _BETTER_WORDS.items():
        message = message.replace(words, better)
    return Report(code, message if message.endswith(("?", ".")) else f"{message}.", hint, error.exit_code)


def _tell(report: Report, as_document: bool, *, fresh_line: bool = False) -> None:
    message, hint = one_line(report.message), one_line(report.hint)
    try:
        if as_document:
            told = {"error": {"code": report.code, "message": message, "hint": hint}}
            print(as_json(told), file=sys.stderr)  # noqa: T201
            return
        if fresh_line and is_terminal(sys.stderr):
            print(file=sys.stderr)  # noqa: T201
        label = styled("error:", RED, may_colour(sys.stderr))
        print(f"{label} {_folded(message)}", file=sys.stderr)  # noqa: T201
        print(f" hint: {_folded(hint)}", file=sys.stderr)  # noqa: T201
    except OSError:
        return  # nobody listens; the exit code still tells


def _folded(words: str) -> str:
    """Words behind ``error:`` or ``hint:``, folded under themselves where a terminal is too narrow."""
    if not is_terminal(sys.stderr):
        return words
    begin = " " * len("error: ")
    return folded(begin + words, width_of(sys.stderr)).removeprefix(begin)


def _tell_where(error: Exception) -> None:
    """The traceback, for whoever asked for it, without secrets and phones."""
    from parinaya_cli import settings

    try:
        told = settings.load()
        debug, secrets = told.debug, told.secrets
    except ParinayaError:  # perhaps the very error that is being told
        debug, secrets = os.environ.get("PARINAYA_DEBUG", "0") not in ("", "0"), []
    if debug:
        lines = "".join(traceback.format_exception(error))
        print(masked(lines, secrets), file=sys.stderr, end="")  # noqa: T201


def _prepare_streams() -> None:
    """A pipe gets UTF-8; a terminal its own encoding, with a mark for what it can't show."""
    # Python has None for a stream that was closed by whoever started it (``>&-``).
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 (open until the process ends)
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        _reconfigure(stream)


def _reconfigure(stream: TextIO) -> None:
    change = getattr(stream, "reconfigure", None)
    if change is None:
        return
    if is_terminal(stream):
        change(errors="replace")
    else:
        change(encoding="utf-8", errors="backslashreplace")


def _forbid_core_dumps() -> None:
    """A core file would hold tokens and guests."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def _abandon_stdout() -> None:
    """Drop what can't be written, so that Python's own last flush does not fail and change the exit code."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
