"""What a message costs, by category and country of the guest, with the date of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from parinaya_cli.domain.errors import UsedWrongly

ANYWHERE = "*"
"""In place of a country: the price for every country that the table does not name."""


@dataclass(frozen=True)
class PriceTable:
    """Prices for each delivered message, before tax, by ``(category, country)``."""

    as_of: date
    currency: str
    tax: str
    prices: Mapping[tuple[str, str], Decimal]

    def price(self, category: str, country: str) -> Decimal | None:
        """The price of one message, or None when the table does not name it."""
        of = category.lower()
        return self.prices.get((of, country), self.prices.get((of, ANYWHERE)))


# Meta's rate card for India in rupees, as several vendors quote it (October 2026); the card itself has no API.
META_INR = PriceTable(
    as_of=date(2026, 10, 1),
    currency="INR",
    tax="18 % GST is not included",
    prices=MappingProxyType(
        {
            ("marketing", "IN"): Decimal("0.8631"),
            ("utility", "IN"): Decimal("0.115"),
            ("authentication", "IN"): Decimal("0.115"),
            ("service", "IN"): Decimal("0.115"),
        }
    ),
)

_HINT = "It names as_of, currency, tax and prices by category and country; see docs/campaigns.md."


def read_prices(told: object, where: str) -> PriceTable:
    """A table of prices from a document (``as_of``, ``currency``, ``tax``, ``prices: {category: {country: price}}``).

    ``where``: what the document is called in messages. A country is two letters, or ``*`` for all others.

    Raises:
        UsedWrongly: something is missing or can't be a price.
    """
    if not isinstance(told, Mapping) or not isinstance(told.get("prices"), Mapping):
        raise UsedWrongly(f"{where} holds no table of prices.", _HINT)
    as_of, currency = told.get("as_of"), told.get("currency")
    try:
        day = as_of if isinstance(as_of, date) else date.fromisoformat(str(as_of))
    except ValueError:
        raise UsedWrongly(f"{where} does not say of which day its prices are.", _HINT) from None
    if not isinstance(currency, str) or len(currency) != 3:
        raise UsedWrongly(f"{where} names no currency of three letters.", _HINT)
    prices = {
        (str(category).lower(), str(country).upper()): _price(price, f"{category}/{country}", where)
        for category, countries in told["prices"].items()
        for country, price in (countries.items() if isinstance(countries, Mapping) else [("", None)])
    }
    tax = str(told.get("tax") or "tax is not included")
    return PriceTable(day, currency.upper(), tax, MappingProxyType(prices))


def _price(told: object, what: str, where: str) -> Decimal:
    try:
        price = Decimal(str(told))
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0 or isinstance(told, bool):
        raise UsedWrongly(f"{where} has no price for {what}: {told!r}.", _HINT)
    return price
