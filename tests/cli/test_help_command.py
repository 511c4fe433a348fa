"""``parinaya help``: what the topics name is there, and every command has its page."""

from __future__ import annotations

import re

import pytest

from parinaya_cli.cli.errors import ExitCode
from parinaya_cli.cli.topics import TOPICS
from parinaya_cli.domain.refs import Kind
from parinaya_cli.settings import SETTINGS
from tests.cli.commands_kit import done
from tests.cli.frame_terminal import PARINAYA, in_pipe
from tests.conftest import Cli
from tests.docs.reference import commands
from tests.house.test_commands import parse, typed

VARIABLES = {one.variable for one in SETTINGS} | {"PARINAYA_CONFIG_DIR", "NO_COLOR"}


@pytest.mark.parametrize("topic", TOPICS)
def test_what_a_topic_names_is_there(topic: str) -> None:
    about, text = TOPICS[topic]
    assert re.fullmatch(r"[A-Z].+\.", about)
    assert max(map(len, text.splitlines())) <= 80
    shown = [line.strip() for line in text.splitlines() if line.startswith("  parinaya ")]
    shown += list(re.findall(r"`(parinaya [^`]+)`", text))
    for line in shown:
        assert parse(typed(line)).startswith("parinaya "), line
    assert set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", text)) <= VARIABLES
    assert shown or topic == "names"


def test_the_exit_codes_and_refs_are_all_told() -> None:
    codes = re.findall(r"^ +(\d+)  ", TOPICS["exit-codes"][1], re.MULTILINE)
    assert [int(one) for one in codes] == [one.value for one in ExitCode]
    assert set(re.findall(r"\b([A-Z])\d+  ", TOPICS["names"][1])) == {one.value for one in Kind} - {"S"}


def test_topics_and_pages_are_shown(cli: Cli) -> None:
    assert [one["topic"] for one in done(cli, "help")["items"]] == list(TOPICS)
    assert cli("help", "lists").out == TOPICS["lists"][1] + "\n"
    assert cli("help", "people", "import").out.startswith("Usage: parinaya people import [OPTIONS]")
    for words in (["queens"], ["people", "fly"], ["demo", "keep"], ["lists", "more"]):
        ran = cli("help", *words)
        assert (ran.code, ran.out) == (4, ""), words
        assert "campaigns" in ran.err


def test_every_command_has_its_page(cli: Cli) -> None:
    for words, _ in commands():
        assert f"Usage: parinaya {words} [OPTIONS]" in cli("help", *words.split()).out


def test_it_is_the_page_of_help() -> None:
    page = in_pipe([*PARINAYA, "people", "import", "--help"], env={"COLUMNS": "80"}).stdout
    assert in_pipe([*PARINAYA, "help", "people", "import"], env={"COLUMNS": "80"}).stdout == page
