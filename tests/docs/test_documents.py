"""The documents say what the program does: commands exist, links lead somewhere, the tutorial's outputs are real."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.core import TyperGroup

from parinaya_cli.cli.errors import ExitCode
from parinaya_cli.cli.main import root
from parinaya_cli.settings.values import SETTINGS
from tests.docs import generate, reference
from tests.docs.story import ROOT, Block, blocks, is_same, open_stage

if TYPE_CHECKING:
    from typer._click import Command, Context

DOCUMENTS = sorted([ROOT / "README.md", ROOT / "examples" / "README.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_DEFINED = re.compile(r"([\w/]+\.py): (\w+)")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def command_lines(text: str) -> Iterator[list[str]]:
    """Every command line of parinaya in the console and sh blocks of a document, as words after ``parinaya``."""
    for block in blocks(text):
        if block.kind == "console":
            lines = [command for command, _ in block.steps]
        elif block.kind == "sh":
            lines = block.body.replace("\\\n", " ").splitlines()
        else:
            continue
        for line in lines:
            words = shlex.split(line, comments=True)
            if "parinaya" in words:
                words = words[words.index("parinaya") + 1 :]
                end = next((at for at, word in enumerate(words) if word in ("|", ">", "<")), len(words))
                yield words[:end]


def spans(text: str) -> Iterator[list[str]]:
    """Every ``parinaya …`` within a sentence; it may leave out what the command needs."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for span in _INLINE.findall(prose):
        words = " ".join(span.split()).split(" ")
        if words[0] == "parinaya" and len(words) > 1 and words[1].islower():
            yield words[1:]


def find(words: list[str], *, whole: bool) -> str:
    """Read a command line as the program would, without running it; returns the name of the command.

    ``whole``: everything that the command needs must be there.
    """
    command: Command = root()
    context: Context = command.make_context("parinaya", words)
    while isinstance(command, TyperGroup):
        left = [*context._protected_args, *context.args]
        if not left:
            break
        _, found, rest = command.resolve_command(context, left)
        assert found is not None
        if not whole and not isinstance(found, TyperGroup):
            known = {option for param in found.params for option in (*param.opts, *param.secondary_opts)}
            used = {word.partition("=")[0] for word in rest if word.startswith("-") and word != "-"}
            assert used <= known, f"{' '.join(words)}: there is no {', '.join(used - known)}"
        context = found.make_context(left[0], rest, parent=context, resilient_parsing=not whole)
        command = found
    return context.command_path


def test_the_reference_is_what_the_program_says() -> None:
    assert not generate.is_stale(generate.REFERENCE), "run `make docs`"


def test_every_command_stands_in_the_reference() -> None:
    headings = re.findall(r"^#{3,4} parinaya (.+)$", read("docs/reference/cli.md"), re.MULTILINE)
    commands = [words for words, _ in reference.commands()]
    assert [words for words in headings if words in set(commands)] == commands


def test_the_reference_tells_every_exit_code_and_setting() -> None:
    page = read("docs/reference/cli.md")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == {
        code.value for code in ExitCode
    }
    assert all(f"| `{setting.variable}`" in page for setting in SETTINGS)


def test_the_check_tells_a_stale_reference(tmp_path: Path) -> None:
    stale = tmp_path / "cli.md"
    stale.write_text(reference.render() + "more\n", encoding="utf-8")
    assert generate.main(["--check"], stale) == 1
    assert generate.main(["reference"], stale) == 0
    assert generate.main(["--check"], stale) == 0


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_can_be_typed(name: str) -> None:
    for words in command_lines(read(name)):
        try:
            assert find(words, whole=True).startswith("parinaya")
        except typer.TyperException as error:
            pytest.fail(f"parinaya {' '.join(words)}: {error.format_message()}")


@pytest.mark.parametrize("name", NAMES)
def test_every_command_named_in_a_sentence_exists(name: str) -> None:
    for words in spans(read(name)):
        try:
            assert find(words, whole=False).startswith("parinaya ")
        except typer.TyperException as error:
            pytest.fail(f"parinaya {' '.join(words)}: {error.format_message()}")


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    for link in _LINK.findall(read(name)):
        if re.match(r"https?://", link):
            continue
        target, _, anchor = link.partition("#")
        path = (ROOT / name).parent / target if target else ROOT / name
        assert path.exists(), f"{name}: {link}"
        assert not anchor or anchor in anchors(path.read_text(encoding="utf-8")), f"{name}: {link}"


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_named_exists(name: str) -> None:
    around = [ROOT, ROOT / "parinaya_cli", (ROOT / name).parent, ROOT / "examples"]
    around += [path for path in (ROOT / "parinaya_cli").rglob("*") if path.is_dir()]
    for span in _INLINE.findall(read(name)):
        path = span.partition(":")[0]
        if _PATH.fullmatch(path) and path.endswith((".py", ".csv", ".yaml", ".json", ".md", "/")):
            assert any((folder / path).exists() for folder in around), f"{name}: {path}"


def test_every_function_that_the_design_names_exists() -> None:
    found = _DEFINED.findall(read("docs/design.md"))
    assert len(found) > 30
    for path, word in found:
        code = (ROOT / "parinaya_cli" / path).read_text(encoding="utf-8")
        assert re.search(rf"^\s*(?:def|class) {word}\b", code, re.MULTILINE), f"{path}: {word}"


@pytest.mark.parametrize("name", [*NAMES, "docs/images/demo.svg"])
def test_nothing_of_a_machine_stands_in_a_document(name: str) -> None:
    text = read(name)
    assert not re.search(r"(?<![\w~.])/(?:home|root|Users|tmp|work|private)/", text)
    assert not re.search(r"pypi|pythonhosted|artifactory|nexus|devpi", text, re.IGNORECASE)


def test_the_picture_asks_nobody_for_anything() -> None:
    assert not re.search(r"@font-face|(?:href|src)=|url\(\s*[\"']?http", read("docs/images/demo.svg"))


def test_the_outputs_are_compared_in_substance() -> None:
    block = Block("console", "", 0, 0, frozenset())
    assert is_same(block, "B1  done  23 Nov 2026\n          21:44", "B1  done  1 Dec 2026 09:05")
    assert not is_same(block, "B1  done  30 households", "B1  done  31 households")
    sample = Block("console", "", 0, 0, frozenset({"sample"}))
    assert is_same(sample, "Ref  Why\nN1   a", "Ref  Why\nN2   b")
    assert not is_same(sample, "Ref  Why\nN1   a", "Nothing waits.\nN1   a")
    first = Block("console", "", 0, 0, frozenset({"first=1"}))
    assert is_same(first, "one\n…", "one\ntwo\nthree")
    assert not is_same(first, "one", "one\ntwo")


def test_a_block_is_read_with_its_commands() -> None:
    text = (
        "<!-- run exit=5 -->\n```console\n$ parinaya a \\\n    --b\nout\n$ parinaya c\n```\n```sh\nls\n```\n"
    )
    first, second = blocks(text)
    assert first.steps == [("parinaya a --b", "out"), ("parinaya c", "")]
    assert (first.option("exit"), first.option("first")) == (5, 0)
    assert text[first.start : first.end] == first.body
    assert second.words is None


@pytest.mark.processes
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "at_least"), [("tutorial", 40), ("lists", 12), ("households", 8), ("vendors", 18), ("team", 30)]
)
def test_the_stories_are_what_happens(name: str, at_least: int) -> None:
    played = 0
    with open_stage() as stage:
        for block in blocks(read(f"docs/{name}.md")):
            for command, shown, real in stage.play(block) if block.words is not None else ():
                assert is_same(block, shown, real), f"`{command}` says:\n{real}\nand not:\n{shown}"
                played += 1
    assert played >= at_least
