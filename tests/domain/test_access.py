"""The matrix of roles is the contract's table, row for row."""

from __future__ import annotations

import pytest

from parinaya_cli.domain.access import MATRIX, Actor, Channel, Permission, Role, allows, require, system
from parinaya_cli.domain.errors import NotPermitted
from parinaya_cli.services import roles

COLUMNS = (Role.OWNER, Role.PLANNER, Role.OPERATOR, Role.FAMILY, Role.DESK, Role.AUDITOR)
TABLE = {
    Permission.READ: "xxxxxx",
    Permission.PLAN: "xx....",
    Permission.PEOPLE: "xxx...",
    Permission.SEND: "xxx...",
    Permission.ANSWER: "xxxxx.",
    Permission.EXPORT: "xxxx.x",
    Permission.GIFTS: "xxxx..",
    Permission.CONSENT_RECORD: "xxx...",
    Permission.CONSENT_LIFT: "xx....",
    Permission.ADMIN: "x.....",
    Permission.AUDIT: "xx...x",
}


def test_the_matrix_is_the_contracts() -> None:
    assert set(TABLE) == set(Permission) == set(MATRIX)
    for permission, row in TABLE.items():
        assert {role: sign == "x" for role, sign in zip(COLUMNS, row, strict=True)} == {
            role: allows(role, permission) for role in COLUMNS
        }, permission


@pytest.mark.parametrize("permission", list(Permission))
def test_who_is_refused_is_told_who_may(permission: Permission) -> None:
    for role in Role:
        actor = Actor("Farah", role, Channel.CLI)
        if allows(role, permission):
            require(actor, permission)
            continue
        with pytest.raises(NotPermitted) as caught:
            require(actor, permission)
        assert "Farah" in caught.value.message
        assert all(holder.value in caught.value.hint for holder in MATRIX[permission])


def test_parinaya_itself_may_everything() -> None:
    assert all(allows(system(Channel.WORKER).role, permission) for permission in Permission)


def test_the_shown_matrix_is_the_one_that_holds() -> None:
    shown = roles.matrix()
    assert [row["permission"] for row in shown] == [permission.value for permission in Permission]
    assert all(
        row[role.value] is allows(role, Permission(str(row["permission"])))
        for row in shown
        for role in COLUMNS
    )


def test_what_a_role_sees() -> None:
    seeing = {role for role in Role if Actor("x", role, Channel.CLI).sees_phones}
    assert seeing == set(Role) - {Role.DESK}
    assert Actor("x", Role.FAMILY, Channel.CLI, "bride").sides == ("bride", "both")
    assert Actor("x", Role.OWNER, Channel.CLI).sides is None
