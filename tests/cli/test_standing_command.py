"""``parinaya`` alone: where the wedding stands, and what is to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parinaya_cli.domain.access import MATRIX, Permission, Role
from parinaya_cli.domain.standing import Coming, Standing, lines, next_step
from tests.cli.commands_kit import wedding
from tests.cli.frame_terminal import PARINAYA, in_pipe
from tests.cli.roles_world import CANARY, PRIVATE, ROLES, World
from tests.conftest import Cli
from tests.house.test_commands import parse, typed

SANGEET = Coming("sangeet", "Sangeet", datetime(2099, 2, 12, 19, tzinfo=UTC), 20, 0, 31)
NEW = Standing("a-k", "Ananya & Kabir", datetime(2099, 1, 1, tzinfo=UTC), 0, ())
FULL = replace(
    NEW, events=1, coming=(SANGEET,), people=40, households=20, invitations=20, templates=2, sent=20
)


@pytest.mark.parametrize(
    ("at", "command"),
    [
        (NEW, "events add"),
        (replace(FULL, people=0), "people import"),
        (replace(FULL, inbox=1, new=3), "inbox list"),
        (replace(FULL, new=3, alone=2), "dedupe scan"),
        (replace(FULL, alone=2), "units build"),
        (replace(FULL, invitations=0), "invite add"),
        (replace(FULL, templates=0), "templates sync"),
        (replace(FULL, sent=0), "invite send"),
        (replace(FULL, waiting=4), "worker"),
        (replace(FULL, pairs=4), "dedupe review"),
        (replace(FULL, coming=(replace(SANGEET, pending=4),)), "export call-list"),
        (FULL, "export headcount"),
        (replace(FULL, coming=(), unthanked=2), "gifts list"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_one_step_after_the_other(at: Standing, command: str) -> None:
    step = next_step(at, lambda needed: Role.OWNER in MATRIX[needed])
    assert step is not None
    assert step.command.startswith(f"parinaya {command}")
    assert parse(typed(step.command)).startswith("parinaya ")
    for role in ROLES:
        own = next_step(at, lambda needed, role=role: role in MATRIX[needed])  # type: ignore[misc]
        assert own is None or role in MATRIX[own.needs]


def test_what_may_be_one_person_is_said_in_a_sentence() -> None:
    told = [next_step(replace(FULL, pairs=count), lambda _needed: True) for count in (1, 4)]
    assert [step.why for step in told if step] == [
        "1 pair may be one person.",
        "4 pairs may be one person each.",
    ]


def test_nothing_is_left_when_all_is_over() -> None:
    assert next_step(replace(FULL, coming=()), lambda _needed: True) is None
    assert next_step(FULL, lambda needed: needed is Permission.READ) is not None
    assert list(lines(NEW)) == []


def test_each_role_is_told_what_it_may_see(world: World) -> None:
    told = {role: world.run("", role.value) for role in ROLES}
    assert all(ran.code == 0 and "Ananya & Kabir" in ran.out for ran in told.values())
    assert "parinaya inbox list" in told[Role.OPERATOR].out
    assert "Guests     22 people in 21 households" in told[Role.FAMILY].out
    assert not CANARY.search(told[Role.FAMILY].out)
    assert not PRIVATE.search(told[Role.DESK].out)
    assert world.run("", None).code == 3


def test_which_wedding_is_asked_when_there_are_several(cli: Cli) -> None:
    assert "parinaya weddings add" in cli().out
    wedding(cli)
    assert "parinaya people import" in cli().out
    assert cli("weddings", "add", "Zoya & Imran").code == 0
    assert cli().out.splitlines() == [
        "There are 2 weddings: ananya-kabir, zoya-imran.",
        "  Choose one  parinaya weddings use ananya-kabir",
    ]
    assert cli("weddings", "use", "zoya-imran").code == 0
    assert cli().out.startswith("Zoya & Imran (zoya-imran)\n")


@pytest.mark.processes
def test_how_to_begin_is_told_and_no_server_is_started(tmp_path: Path) -> None:
    env = {"PARINAYA_HOME": str(tmp_path / "home"), "PARINAYA_CONFIG_DIR": str(tmp_path / "config")}
    first = in_pipe(PARINAYA, env=env)
    assert (first.returncode, first.stderr) == (0, "")
    assert "parinaya demo" in first.stdout
    (tmp_path / "home").mkdir()
    asleep = in_pipe(PARINAYA, env={**env, "PARINAYA_AUDIT_KEY": "key", "PARINAYA_WEDDING": "zoya-imran"})
    assert asleep.stdout.startswith("The wedding in use is zoya-imran. The servers are asleep.")
    assert list((tmp_path / "home").iterdir()) == []
