"""What a message costs, by category and country of the guest, with the date of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType


@dataclass(frozen=True)
class PriceTable:
    """Prices for each delivered message, before tax, by ``(category, country)``."""

    as_of: date
    currency: str
    tax: str
    prices: Mapping[tuple[str, str], Decimal]

    def price(self, category: str, country: str) -> Decimal | None:
        """The price of one message, or None when the table does not name it."""
        return self.prices.get((category.lower(), country))


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
