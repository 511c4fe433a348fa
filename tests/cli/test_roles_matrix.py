"""Every command as every role: what may not is refused and written down, what may is not refused."""

from __future__ import annotations

from collections import Counter

import pytest

from parinaya_cli.domain.access import Permission, Role
from tests.cli.roles_samples import NOT_RUN, SAMPLES, SILENT, Sample, takes_reason
from tests.cli.roles_world import CANARY, NAMES, PRIVATE, ROLES, World
from tests.docs.reference import commands


def test_every_command_has_its_sample() -> None:
    there = {words for words, _ in commands()}
    sampled = {one.command for one in SAMPLES}
    assert sampled | set(NOT_RUN) == there, "tests/cli/roles_samples.py holds every command, once"
    assert not sampled & set(NOT_RUN)
    changing = {words for words, command in commands() if takes_reason(command)}
    asking = {one.command for one in SAMPLES if isinstance(one.may, Permission)}
    telling = {one.command for one in SAMPLES if one.action}
    assert changing & asking - telling == set(SILENT), (
        "who changes something leaves an entry in the audit log"
    )


HIDDEN = {Role.FAMILY: CANARY, Role.DESK: PRIVATE}


@pytest.mark.parametrize("role", [role for role in ROLES if role is not Role.OWNER])
def test_each_role_may_what_the_matrix_says(world: World, role: Role) -> None:
    wrong, refused = [], []
    for sample in (one for one in SAMPLES if one.is_run_by(role)):
        ran, wanted = world.run(sample.line, role.value), sample.wanted(role)
        refused += [sample.command] * (wanted == 3)
        leaked = HIDDEN[role].search(ran.out + ran.err) if role in HIDDEN else None
        if leaked:
            wrong.append(f"{sample.line}: tells {leaked[0]!r}")
        if ran.code != wanted:
            wrong.append(f"{sample.line}: {ran.code}, not {wanted}: {ran.err.strip()}")
    assert not wrong, "\n".join(wrong)
    entries = [one for some in world.entries().values() for one in some if one.action == "access.refused"]
    assert {one.who for one in entries} == {(NAMES[role], role.value, "cli")}
    told = [one.after or {} for one in entries]
    assert Counter(one["command"] for one in told if one["command"] != "doctor") == Counter(refused)
    assert all(role.value in one["message"] for one in told)


def test_who_has_no_token_reads_nothing(world: World) -> None:
    """What every role may read is not for everybody; the rest is refused to some role above."""
    wrong = []
    for sample in SAMPLES:
        if sample.may is Permission.READ:
            ran = world.run(sample.line, None)
            if ran.code != 3 or "PARINAYA_TOKEN" not in ran.err:
                wrong.append(f"{sample.line}: {ran.code}: {ran.err.strip()}")
    assert not wrong, "\n".join(wrong)
    refused = [one for some in world.entries().values() for one in some if one.action == "access.refused"]
    assert {one.who[0] for one in refused} == {"nobody known"}


def test_every_change_leaves_its_entry(world: World) -> None:
    """As owner, who may all: every sample ends as it says, and what changes something says so in the audit log."""
    wrong = []
    reasons: dict[Sample, str] = {}
    for number, sample in enumerate(SAMPLES):
        reasons[sample] = sample.reason or f"reason {number}"
        asked = sample.takes_reason and not sample.reason
        ran = world.run(sample.line + f" --reason 'reason {number}'" * asked, "owner")
        if ran.code != sample.code:
            wrong.append(f"{sample.line}: {ran.code}, not {sample.code}: {ran.err.strip()}")
    told = world.entries()
    for sample, reason in reasons.items():
        found = told.get(reason, [])
        if sample.action and sample.action not in {one.action for one in found}:
            wrong.append(f"{sample.line}: no entry {sample.action}, but {[one.action for one in found]}")
        for one in found:
            if one.who != (NAMES[Role.OWNER], "owner", "cli") or not (one.before or one.after):
                wrong.append(f"{sample.line}: {one}")
    assert not wrong, "\n".join(wrong)
    assert world.run("audit verify", "owner").code == 0
