"""Refs: short names that come back, and are not mistaken for one another."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.refs import Handle, Kind, make, read


@given(st.sampled_from(list(Kind)), st.integers(1, 999_999_999))
def test_a_ref_comes_back_in_any_case(kind: Kind, number: int) -> None:
    ref = make(kind, number)
    for text in (ref, ref.lower(), f" {ref}\n"):
        assert read(text, kind).number == number


@given(st.sampled_from(list(Kind)), st.sampled_from(list(Kind)), st.integers(1, 99))
def test_a_ref_of_another_kind_is_refused(kind: Kind, other: Kind, number: int) -> None:
    if kind is other:
        return
    with pytest.raises(UsedWrongly, match=other.name.lower()):
        read(make(kind, number), other)


def test_ids_and_slugs() -> None:
    one = uuid.uuid4()
    assert read(str(one), Kind.EVENT) == Handle(str(one), id=one)
    for text in ("sangeet", "P0", "P01", "Z9", "P1234567890", "12"):
        assert read(text, Kind.EVENT) == Handle(text)
    for text in ("", "  "):
        with pytest.raises(UsedWrongly):
            read(text, Kind.EVENT)


def test_each_kind_has_its_letter() -> None:
    assert sorted(kind.value for kind in Kind) == ["A", "B", "D", "E", "G", "I", "N", "P", "S", "U", "X"]
