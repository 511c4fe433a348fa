"""Check-in at the door: how many of a household have come, against what it promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain import refs
from parinaya_cli.domain.errors import UsedWrongly

MOST_HEADS = 500


@dataclass(frozen=True)
class Arrival:
    """One household at one event. ``heads``: as answered; ``arrived`` None: nobody has come yet."""

    unit_number: int
    label: str
    side: str | None
    event: str
    seats: int
    status: str
    heads: int | None
    arrived: int | None
    arrived_at: datetime | None

    @property
    def unit(self) -> str:
        """The ref of the household."""
        return refs.make(refs.Kind.UNIT, self.unit_number)

    @property
    def expected(self) -> int:
        """How many it promised: the heads of its yes, all its seats when the yes named no number, else none."""
        if self.status != "yes":
            return 0
        return self.seats if self.heads is None else self.heads

    @property
    def over(self) -> int:
        """How many have come whom nobody promised."""
        return max(0, (self.arrived or 0) - self.expected)


def heads_now(before: Arrival, heads: int | None, more: int | None) -> int:
    """How many of a household have come by now.

    Args:
        before: what the door knows.
        heads: all who have come by now; None: as many as were promised, or all its seats.
        more: those who come in addition to the ones before.

    Raises:
        UsedWrongly: both are given, or the number is impossible.
    """
    if heads is not None and more is not None:
        raise UsedWrongly("Either all who have come, or how many more.", "Give --heads or --more, not both.")
    if more is not None:
        heads = (before.arrived or 0) + more
    if heads is None:
        heads = before.arrived or before.expected or before.seats
    if not 0 <= heads <= MOST_HEADS:
        raise UsedWrongly(f"Numbers of people lie between 0 and {MOST_HEADS}.", "Give how many have come.")
    return heads
