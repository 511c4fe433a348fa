"""Help pages, the options that commands share, loading a noun when it is typed, and completion."""

from __future__ import annotations

import re
import sys

import pytest
from typer.main import get_group

from parinaya_cli.cli.help import examples
from parinaya_cli.cli.options import Call, group, single, verb
from parinaya_cli.cli.output import Output, Result
from tests.cli.frame_sample import add
from tests.cli.frame_terminal import PARINAYA, SAMPLE, in_pipe, on_terminal

ADD_PAGE = """\
Usage: parinaya add [OPTIONS] NAME

  Add a guest.

  The name is kept as the family writes it.

Arguments:
  NAME  The full name.

Options:
  --side (bride|groom)  Whose side.
  --tag TEXT            A tag; may be repeated.
  --seats N             [default: 1; x>=1]

Shared options:
  -w, --wedding SLUG  The wedding to work on.
  --json              Print one JSON document.
  -q, --quiet         Say nothing that was not asked for.
  --reason TEXT       Why; kept in the audit log.
  -h, --help          Show this message and exit.

Examples:
  parinaya guests add 'Asha Rao' --side bride
  parinaya guests add 'Asha Rao' --tag vip --tag 'from next door' \\
      --reason 'the bride told us'
"""


def test_the_page_of_a_command() -> None:
    assert in_pipe([*SAMPLE, "add", "--help"]).stdout == ADD_PAGE
    assert in_pipe([*SAMPLE, "add", "-h"]).stdout == ADD_PAGE


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    seen = on_terminal([*SAMPLE, "add", "--help"], columns=columns, env={"NO_COLOR": "1"})
    assert max(map(len, seen.screen.split("\n"))) <= columns
    assert on_terminal([*PARINAYA, "--help"], columns=columns).exit_code == 0


def test_headings_are_bold_on_a_terminal_and_where_forced() -> None:
    assert "\x1b[1mExamples:\x1b[0m" in on_terminal([*SAMPLE, "add", "--help"]).screen
    assert "\x1b" not in on_terminal([*SAMPLE, "add", "--help"], env={"NO_COLOR": "1"}).screen
    assert "\x1b[1mUsage:\x1b[0m" in in_pipe([*SAMPLE, "add", "--help"], env={"FORCE_COLOR": "1"}).stdout


@pytest.mark.parametrize("width", [20, 40, 58, 78])
def test_a_folded_example_is_still_the_same_command(width: int) -> None:
    line = (
        "cat a.csv | parinaya people import - --map \"Guest Name=full_name\" --tag 'a b' --reason 'it is so'"
    )
    section = examples([line], width).removeprefix("Examples:\n")
    assert re.sub(r" \\\n +", " ", section.strip()) == line
    assert len(section.split("\n")) > 1


def test_each_verb_is_listed_with_its_first_sentence() -> None:
    page = in_pipe([*SAMPLE, "--help"]).stdout
    assert "  drop    Remove guests for good.\n" in page
    assert "The name is kept" not in page


def test_a_noun_alone_shows_its_page_and_is_used_wrongly() -> None:
    done = in_pipe([*PARINAYA, "config"])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: parinaya config [OPTIONS] COMMAND")


def test_shared_options_follow_what_a_command_does() -> None:
    def options(verb_name: str) -> set[str]:
        return set(
            re.findall(r"--[a-z-]+", in_pipe([*SAMPLE, verb_name, "--help"]).stdout.split("Shared")[1])
        )

    base = {"--wedding", "--json", "--quiet", "--help"}
    assert options("list") - {"--none"} == base
    assert options("token") == base | {"--reason"}
    assert options("drop") == base | {"--reason", "--yes", "--dry-run"}


def test_a_reason_that_is_needed() -> None:
    done = in_pipe([*SAMPLE, "close"])
    assert (done.returncode, done.stderr.split("\n")[0]) == (2, "error: Missing option '--reason'.")
    assert in_pipe([*SAMPLE, "close", "--reason", "all came"]).stdout == "closed because all came\n"


def test_a_command_is_handed_what_was_asked() -> None:
    handed: list[Call] = []
    app = group("units", "Units.")

    @verb(app, "merge", hard=True, examples=["parinaya units merge U1 U2"])
    def merge(call: Call, unit: list[str], wedding: str = "own") -> Result | None:
        """Merge units."""
        handed.append(call)
        return Result({"unit": unit, "wedding": wedding})

    code = get_group(app).main(
        ["merge", "U1", "U2", "-w", "asha-ravi", "-q", "-y", "--dry-run", "--reason", "one family"],
        prog_name="parinaya units",
        standalone_mode=False,
    )
    assert code == 0
    [call] = handed
    assert (call.wedding, call.reason, call.yes, call.dry_run) == ("asha-ravi", "one family", True, True)
    assert (call.out.quiet, call.out.json, call.out.changes) == (True, False, False)
    assert call.command == "units merge"
    assert call.settings.wedding == "asha-ravi"


def test_a_registered_function_can_still_be_called() -> None:
    result = add(Call("guests add", Output()), "Asha", "bride")
    assert result.data["full_name"] == "Asha"


def test_a_command_without_a_noun() -> None:
    app = single()

    @verb(app, "demo", examples=["parinaya demo"])
    def demo(call: Call) -> None:
        """Try it."""
        call.out.line(call.command)

    from typer.main import get_command

    assert get_command(app).main([], prog_name="parinaya demo", standalone_mode=False) == 0


def test_only_the_noun_that_is_typed_is_loaded() -> None:
    program = (
        "import sys; from parinaya_cli.cli.errors import run; code = run(sys.argv[1:]); "
        "print([name for name in sys.modules if name.startswith('parinaya_cli.cli.')], file=sys.stderr)"
    )
    listing = in_pipe([sys.executable, "-c", program, "--help"]).stderr
    assert "parinaya_cli.cli.main" in listing
    assert "parinaya_cli.cli.config" not in listing
    assert "parinaya_cli.cli.config" in in_pipe([sys.executable, "-c", program, "config", "--help"]).stderr


def test_a_typo_is_answered_with_the_nearest_noun() -> None:
    done = in_pipe([*PARINAYA, "confg", "show"])
    assert done.returncode == 2
    assert done.stderr == (
        "error: No such command 'confg'. Did you mean 'config'?\n hint: See `parinaya --help`.\n"
    )


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("parinaya peo", "people"),
        ("parinaya config un", "unset"),
        ("parinaya config set WHATSAPP_BASE", "WHATSAPP_BASE_URL"),
        ("parinaya config set --qui", "--quiet"),
    ],
)
def test_completion_in_a_shell(words: str, completed: str) -> None:
    env = {
        "_PARINAYA_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    assert in_pipe(PARINAYA, env=env).stdout.split() == [completed]
