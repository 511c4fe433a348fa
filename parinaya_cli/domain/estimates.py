"""What a batch costs and how long it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from parinaya_cli.domain.prices import META_INR, PriceTable


@dataclass(frozen=True)
class Terms:
    """On which terms a phone number sends: the rate, the people it may reach in a day, what a message costs.

    ``reached``: how many people it has reached in the last 24 hours. ``tier_limit`` None: no limit is known.
    """

    per_second: float = 80.0
    tier_limit: int | None = None
    reached: int = 0
    prices: PriceTable = META_INR


@dataclass(frozen=True)
class Cost:
    """Messages of one category to one country; ``amount`` is None where the table has no price."""

    category: str
    country: str
    messages: int
    amount: Decimal | None


@dataclass(frozen=True)
class Estimate:
    """What a batch costs: money before tax, seconds at the send rate, days at the tier limit.

    ``unpriced``: messages without a known price. ``without_opt_in``: people among them of whom no opt-in is known.
    """

    messages: int
    currency: str
    amount: Decimal
    seconds: float
    days: int
    unpriced: int
    prices_as_of: date
    tax: str
    costs: tuple[Cost, ...] = ()
    tier_limit: int | None = None
    without_opt_in: int = 0


def estimate(messages: Iterable[tuple[str, str, str]], terms: Terms, without_opt_in: int = 0) -> Estimate:
    """The estimate for messages, each told as ``(category, country, contact)``."""
    counts: dict[tuple[str, str], int] = {}
    people: set[str] = set()
    for category, country, contact in messages:
        key = (category.lower(), country)
        counts[key] = counts.get(key, 0) + 1
        people.add(contact)
    costs = tuple(
        Cost(category, country, count, None if price is None else price * count)
        for (category, country), count in sorted(counts.items())
        for price in [terms.prices.price(category, country)]
    )
    total = sum(counts.values())
    return Estimate(
        total,
        terms.prices.currency,
        sum((one.amount for one in costs if one.amount is not None), Decimal(0)),
        round(total / terms.per_second, 1),
        _days(len(people), terms),
        sum(one.messages for one in costs if one.amount is None),
        terms.prices.as_of,
        terms.prices.tax,
        costs,
        terms.tier_limit,
        without_opt_in,
    )


def _days(people: int, terms: Terms) -> int:
    """The days on which messages leave: what the last 24 hours have used up is gone for the first."""
    if not people:
        return 0
    if not terms.tier_limit:
        return 1
    today = max(0, terms.tier_limit - terms.reached)
    return 1 + -(-max(0, people - today) // terms.tier_limit)
