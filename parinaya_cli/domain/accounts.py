"""The account at the provider: what may be asked of its access token, its webhooks, its own count of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

NEEDED = ("whatsapp_business_messaging", "whatsapp_business_management")
"""The permissions without which a token sends nothing and lists no templates (Meta, WhatsApp, access-tokens)."""

SOON = timedelta(days=14)
"""How long before a token expires that is told."""

LONGEST = timedelta(seconds=5)
"""How long one question to the provider, or to our own address, may take when somebody waits for the answer."""

ASKED_BACK = timedelta(days=4)
"""How far back the provider's own count of messages is asked for."""

SETTLES = timedelta(hours=6)
"""How long after the end of a day its count is not looked at yet: statuses come late, and so does the count."""

NEAR = 0.01
"""Which share of the larger number two counts may differ by: at midnight nobody says to which day a message belongs."""


@dataclass(frozen=True)
class Token:
    """What the provider tells of an access token.

    ``why``: why it is not valid. ``expires_at``: None: never. ``permissions``: None: that is not told.
    """

    valid: bool
    why: str = ""
    expires_at: datetime | None = None
    permissions: frozenset[str] | None = None

    @property
    def lacks(self) -> list[str]:
        """The needed permissions that it is known not to have."""
        return [one for one in NEEDED if self.permissions is not None and one not in self.permissions]


@dataclass(frozen=True)
class Subscription:
    """An app that gets the account's webhooks; ``address``: one of its own for this account, if it has any."""

    app: str
    address: str = ""


@dataclass(frozen=True)
class Counted:
    """How many messages left and arrived within a time."""

    sent: int = 0
    delivered: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.sent + other.sent, self.delivered + other.delivered)

    def is_near(self, other: Counted) -> bool:
        """Is the difference no larger than days may blur?"""
        pairs = ((self.sent, other.sent), (self.delivered, other.delivered))
        return all(abs(one - another) <= NEAR * max(one, another) for one, another in pairs)


@dataclass(frozen=True)
class CountedDay:
    """The provider's own count of one of its days; when these begin depends on the account's time zone."""

    since: datetime
    until: datetime
    counted: Counted


Span = tuple[datetime, datetime]
"""From a time up to another, which does not belong to it."""


def finished(days: Sequence[CountedDay], now: datetime) -> list[CountedDay]:
    """The days that the provider has counted to the end."""
    return [one for one in days if one.until <= now - SETTLES]


def untold(days: Sequence[CountedDay], now: datetime) -> list[Span]:
    """Times of finished days that the provider says nothing of: as it sees it, nothing left then.

    The first day asked for, and the last one, may be only part of the provider's day.
    """
    begin, end = now - ASKED_BACK + timedelta(days=1), now - SETTLES - timedelta(days=1)
    gaps: list[Span] = []
    for day in sorted(days, key=lambda one: one.since):
        if begin < min(day.since, end):
            gaps.append((begin, min(day.since, end)))
        begin = max(begin, day.until)
    return [*gaps, (begin, end)] if begin < end else gaps
