"""Events: one function of a wedding each."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from parinaya_cli.domain import refs
from parinaya_cli.domain.errors import UsedWrongly


class Visibility(StrEnum):
    """Who may see an event on the website."""

    PUBLIC = "public"
    INVITE_ONLY = "invite-only"


SIDES = ("bride", "groom", "both")


@dataclass(frozen=True)
class Event:
    """One event. Times bear a zone; ``number`` is that of the ref."""

    id: uuid.UUID
    number: int
    slug: str
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    venue: str = ""
    address: str = ""
    map_url: str = ""
    dress_code: str = ""
    capacity: int | None = None
    rsvp_by: date | None = None
    side: str | None = None
    visibility: str = Visibility.PUBLIC.value
    cancelled_at: datetime | None = None
    version: int = 1

    @property
    def ref(self) -> str:
        """The short name, such as E3."""
        return refs.make(refs.Kind.EVENT, self.number)

    def is_over(self, now: datetime) -> bool:
        """Nobody can be invited any more: it has ended, or was cancelled."""
        return self.cancelled_at is not None or (self.ends_at or self.starts_at) <= now


def read_time(text: str, zone: ZoneInfo) -> datetime:
    """A local time as operators write it: ``2027-02-12T16:00``, ``2027-02-12 16:00`` or ``12.02.2027 16:00``.

    Raises:
        UsedWrongly: it can't be read, or it does not exist in the zone.
    """
    text = text.strip()
    found: datetime | None = None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        match = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})[ T]+(\d{1,2}):(\d{2})", text)
        if match:
            day, month, year, hour, minute = (int(part) for part in match.groups())
            try:
                found = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - the zone is put in below
            except ValueError:
                found = None
    if found is None or ("T" not in text and " " not in text) or not 1900 <= found.year <= 2200:
        raise UsedWrongly(f"{text!r} is no time.", "Write day and hour such as 2027-02-12T16:00.")
    if found.tzinfo:
        return found
    there = found.replace(tzinfo=zone)
    if there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != found:
        raise UsedWrongly(
            f"There is no {text!r} in {zone.key}.", "The clocks are put forward then: give another hour."
        )
    return there


def read_date(text: str) -> date:
    """A day such as ``2027-01-20``; a time of day behind it is left out.

    Raises:
        UsedWrongly: it can't be read.
    """
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        raise UsedWrongly(f"{text!r} is no day.", "Write it as 2027-01-20.") from None


def check_visibility(value: str) -> str:
    """``public`` or ``invite-only``.

    Raises:
        UsedWrongly: it is neither.
    """
    try:
        return Visibility(value.strip().lower().replace("_", "-").replace(" ", "-")).value
    except ValueError:
        raise UsedWrongly(f"{value!r} is no visibility.", "Use public or invite-only.") from None


def check_side(value: str | None, *, both: bool = True) -> str | None:
    """``bride``, ``groom`` or ``both``; None stays None.

    Raises:
        UsedWrongly: it is none of them.
    """
    if value is None or value == "":
        return None
    side = value.strip().lower()
    if side not in SIDES or (side == "both" and not both):
        raise UsedWrongly(f"{value!r} is no side.", "Use bride, groom or both.")
    return side


def check_capacity(value: int | None) -> int | None:
    """A number of seats.

    Raises:
        UsedWrongly: it is negative.
    """
    if value is not None and value < 0:
        raise UsedWrongly("A capacity can't be negative.", "Give the number of seats, or leave it out.")
    return value


def check_times(starts_at: datetime, ends_at: datetime | None) -> None:
    """Refuse an event that ends before it starts.

    Raises:
        UsedWrongly: it does.
    """
    if ends_at is not None and ends_at < starts_at:
        raise UsedWrongly("The event ends before it starts.", "Check --starts and --ends.")
