"""Pages that are kept for a moment, so that a link that was sent to a whole family costs one look at Postgres."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

FRESH = 0.9
"""Seconds for which a page is shown again: a change, or the end of a link, is seen within a second."""

MOST = 1_000
"""Pages that are kept at once."""


class Kept:
    """Pages by their address."""

    def __init__(self, fresh: float = FRESH) -> None:
        self._fresh = fresh
        self._pages: dict[str, tuple[float, str]] = {}
        self._forgotten = 0

    async def get(self, address: str, make: Callable[[], Awaitable[str]]) -> str:
        """The page of an address, made when none is fresh. What ``make`` raises is kept by nobody."""
        found = self._pages.get(address)
        if found is not None and found[0] > time.monotonic():
            return found[1]
        began, forgotten = time.monotonic(), self._forgotten
        page = await make()
        if forgotten != self._forgotten:  # it may show what was so before the change
            return page
        self._pages.pop(address, None)
        self._pages[address] = (began + self._fresh, page)
        while len(self._pages) > MOST:
            del self._pages[next(iter(self._pages))]
        return page

    def forget(self, address: str) -> None:
        """Something has changed on that page."""
        self._forgotten += 1
        self._pages.pop(address, None)
