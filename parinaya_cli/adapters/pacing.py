"""The send rate of a phone number, shared by all workers through Redis or Valkey."""

from __future__ import annotations

import time

from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

SLOW_SECONDS = 10
"""How long a complaint of the provider halves the rate."""


class SharedPacer:
    """``ports.Pacer``: at most ``per_second`` messages a second for each phone number, over all workers.

    Without Redis it keeps the rate of this process alone; a worker without Redis gets no bells anyway.
    """

    def __init__(self, url: str, per_second: int) -> None:
        self._storage = RedisStorage(_scheme(url), wrap_exceptions=False)
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._per_second = per_second
        self._free_at = 0.0

    def wait(self, phone_number_id: str, count: int) -> None:
        """Return when ``count`` messages may leave."""
        left = count
        while left > 0:
            rate = self._rate(phone_number_id)
            portion = min(left, rate)
            if self._take(phone_number_id, rate, portion):
                left -= portion
            else:
                time.sleep(max(0.01, portion / rate / 2))

    def _take(self, phone_number_id: str, rate: int, portion: int) -> bool:
        try:
            return bool(
                self._limiter.hit(RateLimitItemPerSecond(rate), "sends", phone_number_id, cost=portion)
            )
        except RedisError:
            now = time.monotonic()
            if now < self._free_at:
                return False
            self._free_at = now + portion / rate
            return True

    def _rate(self, phone_number_id: str) -> int:
        try:
            slow = int(self._storage.get(f"parinaya:slow:{phone_number_id}") or 0)
        except RedisError:
            slow = 0
        return max(1, self._per_second >> min(slow, 5))

    def slow_down(self, phone_number_id: str) -> None:
        """Halve the rate for a while; each further complaint halves it again."""
        try:
            self._storage.incr(f"parinaya:slow:{phone_number_id}", SLOW_SECONDS)
        except RedisError:
            self._free_at = time.monotonic() + 1


def _scheme(url: str) -> str:
    """``limits`` names Unix sockets ``redis+unix``."""
    return url.replace("unix://", "redis+unix://", 1) if url.startswith("unix://") else url
