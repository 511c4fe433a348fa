"""Who gets the messages of a household, and why."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.units_primary import Contact, choose, is_child


def contact(number: int, *, reached: bool = True, child: bool = False) -> Contact:
    return Contact(uuid.UUID(int=number), reached, child)


@pytest.mark.parametrize(
    ("members", "first", "why"),
    [
        ([contact(1), contact(2)], 1, "named first of the grown-ups who can be reached on WhatsApp"),
        ([contact(1, reached=False), contact(2)], 2, "the only one who can be reached on WhatsApp"),
        ([contact(1, child=True), contact(2), contact(3)], 2, "named first of the grown-ups"),
        ([contact(1, child=True), contact(2, reached=False)], 1, "the only one who can be reached"),
        ([contact(1, child=True), contact(2, child=True)], 1, "only children can be reached"),
        (
            [contact(1, reached=False), contact(2, reached=False)],
            1,
            "nobody can be reached on WhatsApp: named",
        ),
        ([contact(1, reached=False, child=True), contact(2, reached=False)], 2, "the first grown-up"),
        ([contact(1)], 1, "the only member"),
    ],
)
def test_reachable_then_grown_up_then_named_first(members: list[Contact], first: int, why: str) -> None:
    chosen = choose(members)
    assert chosen is not None
    assert chosen.person_id.int == first
    assert why in chosen.why


def test_nobody_leads_an_empty_household() -> None:
    assert choose([]) is None


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_nobody_better_is_passed_over(facts: list[tuple[bool, bool]]) -> None:
    members = [contact(at, reached=reached, child=child) for at, (reached, child) in enumerate(facts, 1)]
    chosen = choose(members)
    assert chosen is not None
    best = next(one for one in members if one.person_id == chosen.person_id)
    for one in members:
        assert (one.reached, not one.child) <= (best.reached, not best.child)
        if (one.reached, one.child) == (best.reached, best.child):
            assert one.person_id.int >= best.person_id.int


@pytest.mark.parametrize(
    ("name", "tags", "age", "child"),
    [
        ("Master Aarav Gupta", (), "", True),
        ("Baby Anaya", (), "", True),
        ("Ramesh Gupta", ("child", "close"), "", True),
        ("Ramesh Gupta", ("kids",), "", False),
        ("Ramesh Gupta", (), "12", True),
        ("Master Ramesh Gupta", (), "41", False),
        ("Baby", (), "", False),
    ],
)
def test_who_is_a_child_by_the_lists(name: str, tags: tuple[str, ...], age: str, child: bool) -> None:
    assert is_child(name, tags, age) is child
