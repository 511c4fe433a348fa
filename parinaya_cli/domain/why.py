"""What a household adds to a number: the same rules as the counts, one household at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.errors import UsedWrongly

DIET = "diet:"
"""What stands before the name of a diet: ``diet:jain``."""


@dataclass(frozen=True)
class Stand:
    """Where a household stood for an event at some time. ``status`` is None while it had not answered.

    ``source``, ``channel``, ``actor``, ``given_at`` and ``recorded_at`` are those of the answer.
    """

    unit: str
    label: str
    side: str | None
    seats: int
    status: str | None
    heads: int | None
    adults: int | None
    children: int | None
    diets: Mapping[str, int]
    note: str
    source: str | None
    channel: str | None
    actor: str | None
    given_at: datetime | None
    recorded_at: datetime | None


def _if_yes(of: Callable[[Stand], int | None]) -> Callable[[Stand], int]:
    return lambda one: (of(one) or 0) if one.status == "yes" else 0


COUNTS: Mapping[str, Callable[[Stand], int]] = {
    "invited_units": lambda _: 1,
    "invited_seats": lambda one: one.seats,
    "answered_units": lambda one: int(one.status is not None),
    "yes_units": lambda one: int(one.status == "yes"),
    "yes_heads": _if_yes(lambda one: one.heads),
    "no_units": lambda one: int(one.status == "no"),
    "maybe_units": lambda one: int(one.status == "maybe"),
    "pending_units": lambda one: int(one.status is None),
    "adults": _if_yes(lambda one: one.adults),
    "children": _if_yes(lambda one: one.children),
    "uncounted_units": lambda one: int(one.status == "yes" and one.heads is None),
}
"""What each count adds for one household; a diet adds its heads of those who said yes."""


def rule(count: str) -> Callable[[Stand], int]:
    """The rule of a count: a name of ``COUNTS``, or ``diet:`` and the name of a diet.

    Raises:
        UsedWrongly: there is no such count.
    """
    if count in COUNTS:
        return COUNTS[count]
    name = count.removeprefix(DIET).strip().lower()
    if count.startswith(DIET) and name:
        return _if_yes(lambda one: one.diets.get(name))
    raise UsedWrongly(f"There is no count {count!r}.", f"Use one of: {', '.join(COUNTS)}, or diet:NAME.")
