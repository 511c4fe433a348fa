from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.names import fold
from parinaya_cli.domain.search import beginnings, key, read


@pytest.mark.parametrize(
    "spellings",
    [
        "Sunita Suneeta Sunitha सुनीता",
        "Mohd Md Mohammed Muhammad Mohamad Mohammad मोहम्मद",
        "Laxmi Lakshmi Lakshmy लक्ष्मी",
        "Chaudhary Choudhary Choudhari",
        "Chowdhury Choudhury",
        "Shah Sah शाह",
        "Gaurav Gourav गौरव",
        "Priya Pria प्रिया",
        "Vijay Vijai विजय",
        "Wikram Vikram विक्रम",
        "Sharma Sarma शर्मा SHARMAA",
        "Gyaneshwar Dnyaneshwar ज्ञानेश्वर",
        "Kumar Coomar Kr",
    ],
)
def test_spellings_of_one_name_have_one_key(spellings: str) -> None:
    assert len({key(fold(one)) for one in spellings.split()}) == 1


@pytest.mark.parametrize(
    "names", ["Vijay Bijoy", "Mahmud Mohammed", "Ahmed Hamid", "Sunita Sumita", "Rao Roy"]
)
def test_other_names_have_other_keys(names: str) -> None:
    one, other = names.split()
    assert key(fold(one)) != key(fold(other))


@given(st.text(max_size=40))
def test_a_key_is_a_key_of_itself_and_nothing_is_too_odd_to_be_read(text: str) -> None:
    once = key(fold(text))
    assert key(once) == once
    assert read(text).key == key(read(text).folded)


@pytest.mark.parametrize(
    ("text", "digits", "first"),
    [
        ("98200 12345", "9820012345", "+919820012345"),
        ("09820012345", "09820012345", "+919820012345"),
        ("+91 98200-12345", "919820012345", "+919820012345"),
        ("0091 98200 12345", "00919820012345", "+919820012345"),
        ("(982) 00", "98200", "+9198200"),
        ("९८२०० १२३४५", "9820012345", "+919820012345"),
        ("+447911", "447911", "+447911"),
    ],
)
def test_phones_are_read_in_any_writing(text: str, digits: str, first: str) -> None:
    wanted = read(text)
    assert (wanted.digits, wanted.folded) == (digits, "")
    assert first in beginnings(wanted, "91")


@pytest.mark.parametrize("text", ["123", "P12", "Asha 2", "vip", "", "+"])
def test_what_is_no_phone(text: str) -> None:
    assert read(text).digits == ""
