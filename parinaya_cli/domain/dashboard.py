"""What a family looks at: each event in numbers, answers by day, messages, whom to call first, how fresh it all is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

DAYS = 14
"""How many days of answers are shown, today the last."""


@dataclass(frozen=True)
class EventLine:
    """One event in numbers. Units are households; heads are people of those who said yes.

    ``uncounted_units`` said yes and not yet how many come. ``adults`` and ``children`` count those whose household
    told them apart. ``diets``: heads by name, the most first. ``over``: it has ended or was cancelled.
    """

    event: str
    title: str
    starts_at: datetime
    venue: str
    capacity: int | None
    over: bool
    invited_units: int
    invited_seats: int
    answered_units: int
    yes_units: int
    yes_heads: int
    no_units: int
    maybe_units: int
    pending_units: int
    adults: int
    children: int
    uncounted_units: int
    diets: Mapping[str, int]
    as_of: datetime


@dataclass(frozen=True)
class DayLine:
    """The answers that guests gave on one day, in the wedding's zone."""

    day: date
    yes: int
    no: int
    maybe: int


@dataclass(frozen=True)
class Call:
    """A household to call for one event. ``phone`` is None for who may not see it."""

    unit: str
    label: str
    primary: str | None
    phone: str | None
    language: str
    event: str
    seats: int
    side: str | None
    why: str


@dataclass(frozen=True)
class Projection:
    """How fresh a kept table is. ``lag_seconds``: how far behind the rows it rests on; ``stale``: behind at all."""

    name: str
    refreshed_at: datetime
    lag_seconds: float
    stale: bool


@dataclass(frozen=True)
class Overview:
    """All of it. ``deliveries``: messages by state. ``pending_calls``: open invitations to events that still come."""

    title: str
    as_of: datetime
    events: tuple[EventLine, ...]
    days: tuple[DayLine, ...]
    deliveries: Mapping[str, int]
    pending_calls: int
    calls: tuple[Call, ...]
    projections: tuple[Projection, ...]
