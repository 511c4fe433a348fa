"""Prices: our table names its date; another one is read or refused in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.prices import META_INR, read_prices

GOOD: dict[str, Any] = {
    "as_of": "2027-01-01",
    "currency": "inr",
    "tax": "GST 18 % is not included",
    "prices": {"Marketing": {"in": Decimal("0.90"), "AE": "3.10", "*": 9}, "utility": {"IN": 0.12}},
}


def test_our_own_table_says_of_when_it_is_and_what_it_leaves_out() -> None:
    assert META_INR.as_of.year >= 2026
    assert "GST" in META_INR.tax
    assert META_INR.price("MARKETING", "IN") == Decimal("0.8631")
    assert META_INR.price("marketing", "GB") is None


def test_a_table_of_ones_own() -> None:
    table = read_prices(GOOD, "prices.toml")
    assert (str(table.as_of), table.currency, table.tax) == ("2027-01-01", "INR", "GST 18 % is not included")
    told = [table.price(*of) for of in (("marketing", "IN"), ("marketing", "AE"), ("marketing", "GB"))]
    assert told == [Decimal("0.90"), Decimal("3.10"), Decimal(9)]
    assert table.price("utility", "GB") is None


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": None},
        {"as_of": "soon"},
        {"currency": "rupees"},
        {"prices": None},
        {"prices": {"marketing": 3}},
        {"prices": {"marketing": {"IN": "cheap"}}},
        {"prices": {"marketing": {"IN": -1}}},
        {"prices": {"marketing": {"IN": "NaN"}}},
        {"prices": {"marketing": {"IN": True}}},
    ],
    ids=repr,
)
def test_what_is_no_table_is_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(UsedWrongly, match=r"prices\.toml"):
        read_prices({**GOOD, **change}, "prices.toml")
