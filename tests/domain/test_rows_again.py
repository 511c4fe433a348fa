"""A row that comes again under another key is known again only where nobody else could be meant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.rows_again import Candidate, is_correction, known_again


def pair(
    new: int, gone: str, names: tuple[str, str], *, same_phone: bool = True, apart: int = 0
) -> Candidate:
    return Candidate(new, "list.csv", gone, *names, same_phone, apart)


@pytest.mark.parametrize(
    ("was", "told"),
    [
        ("asa sharma", "asha sharma"),
        ("sunita shrma", "sunita sharma"),
        ("vikram", "vikram set"),
        ("asha sharma", "sharma asha"),
        ("asha k sharma", "asha sharma"),
        ("krishnamurthi", "krisnamurti"),
    ],
)
def test_slips_are_mended(was: str, told: str) -> None:
    assert is_correction(was, told)
    assert is_correction(told, was)


@pytest.mark.parametrize(
    ("was", "told"),
    [
        ("asha sharma", "vikram sharma"),
        ("kavita rao", "savita rao"),
        ("sunil", "sunita rao"),
        ("asha", ""),
        ("asha", "asha rao kulkarni"),
        ("ravi rao", "rani rao seth mehta"),
    ],
)
def test_another_person_is_no_slip(was: str, told: str) -> None:
    assert not is_correction(was, told)


def test_the_rules_for_names_and_numbers() -> None:
    number = pair(2, "b", ("ravi rao", "ravi rao"), same_phone=False, apart=90)
    name = pair(3, "c", ("sunita shrma", "sunita sharma"), apart=3)
    assert known_again([number, name], 0) == [number, name]


def test_what_is_less_is_a_new_person() -> None:
    one_word = pair(1, "a", ("asha", "asha"), same_phone=False)
    far_away = pair(2, "b", ("sunita shrma", "sunita sharma"), apart=9)
    somebody_else = pair(3, "c", ("asha sharma", "vikram sharma"))
    assert known_again([one_word, far_away, somebody_else], 5) == []
    assert known_again([far_away], 6) == [far_away]


def test_a_stronger_reason_goes_first() -> None:
    same = pair(1, "a", ("asha rao", "asha rao"), same_phone=False)
    like = pair(1, "b", ("asa rao", "asha rao"))
    assert known_again([same, like], 0) == [same]


def test_who_is_gone_since_now_goes_before_who_was_gone_earlier() -> None:
    now = pair(1, "a", ("asha rao", "asha rao"), same_phone=False)
    before = replace(now, gone="b", earlier=True)
    assert known_again([now, before], 0) == [now]
    assert known_again([before], 0) == [before]


ROWS = st.integers(1, 3)
NAMES = st.sampled_from(["asha rao", "asa rao", "ravi", "ravi rao"])
PAIRS = st.lists(
    st.builds(
        Candidate,
        ROWS,
        st.just("l"),
        ROWS.map(str),
        NAMES,
        NAMES,
        st.booleans(),
        st.integers(0, 9),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: (one.new, one.gone),
)


@given(PAIRS, st.integers(0, 5))
def test_nobody_is_two_people_and_no_two_are_one(pairs: list[Candidate], moved: int) -> None:
    found = known_again(pairs, moved)
    assert len({one.new for one in found}) == len({one.gone for one in found}) == len(found)
    assert {(one.new, one.gone) for one in known_again(list(reversed(pairs)), moved)} == {
        (one.new, one.gone) for one in found
    }
