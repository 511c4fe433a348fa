"""Completion in real shells: commands, slugs and refs, out of a file that holds nobody's name."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.cli.completing import MOST, _refs
from tests.cli.commands_kit import done, wedding
from tests.cli.frame_terminal import PARINAYA, in_pipe
from tests.cli.roles_world import CANARY, PRIVATE, World
from tests.conftest import Cli

PROGRAM = Path(sys.executable).with_name("parinaya")


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    """Settings and a path on which the program lies; the servers are not told: completing asks none."""
    told = {name: env[name] for name in ("PARINAYA_HOME", "PARINAYA_CONFIG_DIR")}
    return {
        **told,
        "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": told["PARINAYA_HOME"],
    }


def _in_bash(env: Mapping[str, str], *lines: str) -> list[list[str]]:
    """What bash offers at the end of each line."""
    script = ["source <(parinaya completion bash)"]
    for line in lines:
        words = " ".join(shlex.quote(word) for word in line.split(" "))
        script += [f"COMP_WORDS=({words})", f"COMP_CWORD={line.count(' ')}", "COMPREPLY=()"]
        script += ["_parinaya_completion parinaya", 'echo "${COMPREPLY[*]}"']
    ran = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(script)],
        env=_environment(env),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ran.stderr == ""
    return [line.split() for line in ran.stdout.splitlines()]


@pytest.mark.processes
def test_bash_completes_what_the_wedding_has(world: World) -> None:
    assert world.run("people add 'Uma Devi'", "owner").code == 0
    del world.env["PARINAYA_WEDDING"]
    offered = _in_bash(
        world.env,
        "parinaya roles re",
        "parinaya rsvp status --event s",
        "parinaya invite send --template shaadi",
        "parinaya people show P3",
        "parinaya units show u2",
        "parinaya export call",
        "parinaya people list --wedding a",
    )
    assert offered == [
        ["revoke"],
        ["sangeet"],
        ["shaadi_invite"],
        ["P3", "P30", "P31", "P32", "P33"],
        ["U2", *(f"U2{digit}" for digit in range(9))],
        ["call-list"],
        ["ananya-kabir"],
    ]
    assert not (world.folder / "home" / "servers").exists()


@pytest.mark.processes
def test_zsh_and_fish_get_the_same(world: World) -> None:
    assert world.run("people list", "owner").code == 0
    for shell, more in (("zsh", {}), ("fish", {"_TYPER_COMPLETE_FISH_ACTION": "get-args"})):
        told = {
            "_PARINAYA_COMPLETE": f"complete_{shell}",
            "_TYPER_COMPLETE_ARGS": "parinaya events show h",
            **more,
        }
        ran = subprocess.run(
            [PROGRAM],
            env={**_environment(world.env), **told},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert "haldi" in ran.stdout
        assert "sangeet" not in ran.stdout


def _kept(world: World) -> Path:
    return Path(world.env["PARINAYA_CONFIG_DIR"]) / "completion.json"


def test_the_file_holds_nobodys_name_and_is_private(world: World) -> None:
    assert world.run("people list --all", "owner").code == 0
    text = _kept(world).read_text("utf-8")
    assert stat.S_IMODE(_kept(world).stat().st_mode) == 0o600
    assert not CANARY.search(text)
    assert not PRIVATE.search(text)
    assert not any(name in text for name in ("Asha", "Meena", "Sharma"))
    assert set(json.loads(text)["by_wedding"]["ananya-kabir"]) == {"events", "templates", "last"}


def test_who_sees_one_side_gets_no_refs(world: World) -> None:
    assert world.run("people list", "family").code == 0
    words = json.loads(_kept(world).read_text("utf-8"))["by_wedding"]["ananya-kabir"]
    assert words["last"] == {}
    assert words["events"] == ["sangeet", "haldi", "reception"]


def test_a_broken_file_is_no_trouble(cli: Cli, env: Mapping[str, str]) -> None:
    wedding(cli)
    kept = Path(env["PARINAYA_CONFIG_DIR"]) / "completion.json"
    kept.write_text("{", "utf-8")
    os.utime(kept, (0, 0))
    done(cli, "events", "list")
    assert json.loads(kept.read_text("utf-8"))["weddings"] == ["ananya-kabir"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, cli: Cli) -> None:
    ran = cli("completion", shell)
    assert ran.code == 0
    assert "_PARINAYA_COMPLETE" in ran.out
    assert done(cli, "completion", shell)["script"] == ran.out.removesuffix("\n")


def test_another_shell_is_refused() -> None:
    assert in_pipe([*PARINAYA, "completion", "cmd"]).returncode == 2


def _expected(last: int, typed: str) -> Sequence[str]:
    return [f"P{number}" for number in range(1, last + 1) if f"P{number}".startswith(typed)]


@given(st.integers(0, 5000), st.from_regex(r"(P[0-9]{0,4})?", fullmatch=True))
def test_refs_are_those_that_begin_so(last: int, typed: str) -> None:
    offered = list(_refs("P", last, typed))
    expected = _expected(last, typed)
    assert set(offered) <= set(expected)
    assert len(offered) >= min(len(expected), MOST)
