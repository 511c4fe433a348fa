"""Meta's two sending rates: for the number, and for one sender to one person.

80 messages a second for a registered number, sent and received together
(developers.facebook.com, documentation/business-messaging/whatsapp/throughput). One message per 6 seconds to
one person, with a burst of 45 lent against the allowance that follows (…/whatsapp/about-the-platform).
"""

from __future__ import annotations

from dataclasses import dataclass

PAIR_BURST = 45
PAIR_SECONDS = 6.0


@dataclass
class Bucket:
    """An allowance of ``size`` messages that grows back at ``rate`` a second. Times: seconds of any clock."""

    size: float
    rate: float
    left: float
    at: float

    def take(self, now: float) -> bool:
        """Take one message from the allowance; False, and nothing taken, when there is none left."""
        self._grow(now)
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def give_back(self) -> None:
        """Undo one :meth:`take`."""
        self.left = min(self.size, self.left + 1)

    def use(self, now: float) -> None:
        """Count a message that can't be refused (one that comes in)."""
        self._grow(now)
        self.left = max(0.0, self.left - 1)

    def _grow(self, now: float) -> None:
        self.left = min(self.size, self.left + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)


def number_bucket(messages_per_second: int, now: float) -> Bucket:
    """The allowance of a business number."""
    return Bucket(messages_per_second, messages_per_second, messages_per_second, now)


def pair_bucket(now: float) -> Bucket:
    """The allowance of one business number towards one person."""
    return Bucket(PAIR_BURST, 1 / PAIR_SECONDS, PAIR_BURST, now)
