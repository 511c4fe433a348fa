"""Numbers that WhatsApp writes otherwise than they are dialled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.wa_ids import forms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5511987654321", "+551187654321"),
        ("+5215512345678", "+525512345678"),
        ("+5491123456789", "+541123456789"),
    ],
)
def test_each_form_leads_to_the_other(one: str, other: str) -> None:
    assert forms(one) == (one, other)
    assert forms(other) == (other, one)


@pytest.mark.parametrize("number", ["+919820012345", "+551133334444", "+5255123", "+14155550100", "+5491"])
def test_other_numbers_have_one_form(number: str) -> None:
    assert forms(number) == (number,)


@given(st.from_regex(r"\+(55|52|54)[0-9]{8,12}", fullmatch=True))
def test_the_forms_of_a_number_are_one_family(number: str) -> None:
    assert all(set(forms(other)) == set(forms(number)) for other in forms(number))
