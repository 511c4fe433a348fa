"""Asking before what is hard to take back."""

from __future__ import annotations

import json

import pytest

from tests.cli.frame_terminal import SAMPLE, in_pipe, on_terminal

DROP = [*SAMPLE, "drop", "P1", "P2"]


@pytest.mark.parametrize("option", ["--yes", "-y", "--dry-run"])
def test_nobody_is_asked_when_it_is_said_beforehand(option: str) -> None:
    assert in_pipe([*DROP, option]).returncode == 0


@pytest.mark.parametrize("typed", ["", "y\n"])
def test_without_a_terminal_it_refuses_and_names_the_option(typed: str) -> None:
    done = in_pipe(DROP, typed=typed)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: `drop` asks first: Remove 2 guests?\n"
        " hint: Add --yes to go on without being asked; --dry-run shows what would happen.\n"
    )


def test_with_json_it_refuses_even_on_a_terminal() -> None:
    seen = on_terminal([*DROP, "--json"])
    assert seen.exit_code == 2
    assert json.loads(seen.screen)["error"]["code"] == "not_confirmed"


@pytest.mark.parametrize("answer", ["y\n", "YES\n", " yes \n"])
def test_agreeing(answer: str) -> None:
    seen = on_terminal(DROP, answers={"Remove 2 guests? [y/N]": answer})
    assert seen.exit_code == 0
    assert "2 guests were removed." in seen.screen


@pytest.mark.parametrize("answer", ["n\n", "\n", "yep\n", "\x04"])
def test_declining_does_nothing(answer: str) -> None:
    seen = on_terminal(DROP, answers={"[y/N]": answer})
    assert seen.exit_code == 1
    assert "Nothing was done." in seen.screen
    assert "were removed" not in seen.screen


@pytest.mark.parametrize(("answer", "code"), [("2\n", 0), ("y\n", 1), ("3\n", 1), ("\n", 1)])
def test_the_number_must_be_typed(answer: str, code: int) -> None:
    assert on_terminal([*DROP, "--number"], answers={"Type 2 to go on:": answer}).exit_code == code


def test_the_question_is_not_part_of_the_result() -> None:
    seen = on_terminal(DROP, answers={"[y/N]": "y\n"}, pipe_stdout=True)
    assert seen.piped == "2 guests were removed.\n"
