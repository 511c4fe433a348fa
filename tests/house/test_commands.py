"""Every command of the table: help, examples that can be typed, the shared options, a light module."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.core import TyperGroup

from parinaya_cli.cli.main import EXAMPLES, TABLE, root
from tests.house.test_start_up import HEAVY, ROOT

if TYPE_CHECKING:
    from typer._click import Command, Context

FRAME = frozenset(
    {
        *(
            "completing",
            "confirm",
            "errors",
            "help",
            "lazy",
            "logs",
            "main",
            "options",
            "output",
            "tables",
            "text",
            "__init__",
        ),
        *(
            "dedupe_review",
            "people_import",
            "people_imports",
            "people_lists",
            "people_find",
            "people_leaving",
            "people_merge",
            "people_preview",
            "presets",
            "events_file",
            "rehearsal",
            "standing",
            "picture",
            "invitations",
            "batches",
            "dashboard_picture",
            "dashboard_links",
            "rsvp_calls",
            "rsvp_why",
        ),
    }
)


def verbs(noun: str) -> Iterator[tuple[str, Command]]:
    """The commands of a noun with the words that are typed for them; one that has no noun is alone."""
    command = TABLE[noun].load()
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield f"{noun} {name}", each
    else:
        yield noun, command


def typed(example: str) -> list[str]:
    """The words of an example after ``parinaya``, up to where the shell goes on with something else."""
    words = shlex.split(example)
    words = words[words.index("parinaya") + 1 :]
    for sign in ("|", ">", "&&", ";"):
        words = words[: words.index(sign)] if sign in words else words
    return words


def parse(words: list[str]) -> str:
    """Read a command line as the program would, without running it; what was typed to name the command."""
    command: Command = root()
    context: Context = command.make_context("parinaya", words)
    while isinstance(command, TyperGroup):
        name, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        context = found.make_context(name, rest, parent=context)
        command = found
    return context.command_path


@pytest.mark.parametrize("noun", TABLE)
def test_a_noun_can_be_loaded_and_has_help(noun: str) -> None:
    entry = TABLE[noun]
    assert re.fullmatch(r"[A-Z].{4,75}\.", entry.help)
    command = entry.load()
    assert isinstance(command, TyperGroup) is not entry.single
    assert command.help
    assert list(verbs(noun))


@pytest.mark.parametrize("noun", TABLE)
def test_every_command_has_help_and_examples(noun: str) -> None:
    for words, command in verbs(noun):
        first = " ".join((command.help or "").partition("\n\n")[0].split())
        assert re.fullmatch(r"[A-Z].+\.", first), f"{words}: the help begins with a sentence"
        examples = (command.epilog or "").splitlines()
        assert 2 <= len(examples) <= 3, f"{words}: two or three examples"
        for example in examples:
            assert f"parinaya {words}" in example, f"{words}: {example}"


@pytest.mark.parametrize("noun", TABLE)
def test_every_example_can_be_typed(noun: str) -> None:
    for words, command in verbs(noun):
        for example in (command.epilog or "").splitlines():
            try:
                assert parse(typed(example)) == f"parinaya {words}"
            except typer.TyperException as error:
                pytest.fail(f"{example}: {error.format_message()}")


@pytest.mark.parametrize("noun", TABLE)
def test_every_command_takes_the_shared_options(noun: str) -> None:
    for words, command in verbs(noun):
        options = [option for param in command.params for option in (*param.opts, *param.secondary_opts)]
        options = [option for option in options if option.startswith("-")]
        assert len(options) == len(set(options)), f"{words}: an option is there twice"
        assert {"--wedding", "-w", "--json", "--quiet", "-q"} <= set(options), words
        if "--yes" in options:
            assert {"-y", "--dry-run", "--reason"} <= set(options), words
        for param in command.params:
            assert getattr(param, "help", None), f"{words}: {param.name} has no help"


@pytest.mark.parametrize("noun", TABLE)
def test_a_noun_loads_nothing_heavy(noun: str) -> None:
    program = (
        "import sys; from parinaya_cli.cli.main import TABLE; TABLE[sys.argv[1]].load(); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    argv = [sys.executable, "-c", program, noun]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.split()) & HEAVY


def test_every_file_of_commands_is_in_the_table() -> None:
    import parinaya_cli.cli

    folder = Path(parinaya_cli.cli.__path__[0])
    files = {path.stem for path in folder.glob("*.py")} - FRAME
    assert files == {entry.module or entry.name for entry in TABLE.values()}


def test_the_examples_of_the_program_can_be_typed() -> None:
    for example in EXAMPLES:
        assert parse(typed(example)).startswith("parinaya ")
