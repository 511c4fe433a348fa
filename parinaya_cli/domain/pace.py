"""Pace: when the next messages of a phone number may leave. Pure; the clock is the database's.

The default rate of a number is 80 messages a second (developers.facebook.com, WhatsApp, throughput). An answer
that says "too fast" halves it, and it grows back by a twentieth each ten seconds. When the provider is not
reached ten times in a row, one message at a time goes out to see, with longer and longer waits in between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

PORTION_SECONDS = 0.1
"""How much of the rate one worker takes at once, so that several take turns evenly."""

CATCH_UP = timedelta(seconds=0.25)
"""How much of the rate workers that came late may catch up at once; nothing after a rest."""

REST = timedelta(seconds=1)

SMALLEST_SHARE = 1 / 16
REGROWTH = 0.05
"""How much of the full rate comes back each ten seconds."""

TOO_OFTEN = timedelta(seconds=1)
"""Complaints within that time are about the same second, and halve the rate once."""

BREAKER = 10
"""After so many attempts in a row that did not reach the provider it is tried with one message at a time."""

PAIR = timedelta(seconds=6)
"""At most one message to one person in that time (developers.facebook.com, WhatsApp, about-the-platform)."""


@dataclass(frozen=True)
class Pace:
    """How fast a number may send. ``free_at``: when the next message may leave, if nothing is taken before."""

    free_at: datetime
    share: float
    slowed_at: datetime
    not_sent: int = 0


@dataclass(frozen=True)
class Slot:
    """So many messages may leave from ``at`` on; ``span`` is the time that they take of the rate."""

    count: int
    at: datetime
    span: timedelta

    def unused(self, sent: int) -> timedelta:
        """What can be given back when only so many have left."""
        return self.span * (max(0, self.count - sent) / self.count)


def share(pace: Pace, now: datetime) -> float:
    """Which share of the rate holds now, from ``SMALLEST_SHARE`` to 1."""
    grown = max(0.0, (now - pace.slowed_at).total_seconds()) / 10 * REGROWTH
    return min(1.0, pace.share + grown)


def reserve(pace: Pace, now: datetime, per_second: float, count: int) -> tuple[Pace, Slot]:
    """Take a slot for up to ``count`` messages, one at least.

    Workers that came a little late may catch up, so that the rate is kept over a minute on a busy machine too.
    """
    if pace.not_sent >= BREAKER:
        at = max(pace.free_at, now)
        slot = Slot(1, at, timedelta(seconds=min(60, 2 ** min(pace.not_sent - BREAKER, 6))))
    else:
        rate = per_second * share(pace, now)
        at = max(pace.free_at, now if now - pace.free_at > REST else now - CATCH_UP)
        seconds = max(PORTION_SECONDS, (now - at).total_seconds())
        some = max(1, min(count, int(rate * seconds)))
        slot = Slot(some, at, timedelta(seconds=some / rate))
    return replace(pace, free_at=slot.at + slot.span), slot


def slowed(pace: Pace, now: datetime) -> Pace:
    """The provider said "too fast": half the rate from now on."""
    held = share(pace, now)
    if held < 1 and now - pace.slowed_at < TOO_OFTEN:
        return pace
    return replace(pace, share=max(SMALLEST_SHARE, held / 2), slowed_at=now)


def rests_until(last_sent_at: datetime | None, now: datetime, *, answers: bool) -> datetime | None:
    """Until when a person is left alone, or None.

    A reply answers what the guest has just written and does not wait: there is at most one for each of their
    messages, and WhatsApp lends a burst of 45.
    """
    if answers or last_sent_at is None or last_sent_at + PAIR <= now:
        return None
    return last_sent_at + PAIR
