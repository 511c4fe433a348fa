"""Slows down whoever tries addresses: wrong ones are counted by where they come from."""

from __future__ import annotations

import ipaddress
import time

TRIES = 20
"""Wrong addresses that one place may ask for in ``WINDOW``."""

WINDOW = 60.0
"""Seconds."""

MOST = 10_000
"""Places that are remembered at once."""


class Guard:
    """Counts wrong tries. A right link is never slowed down, wherever it comes from.

    A guess is turned away by its signature before anything is looked up; 128 bits can't be guessed anyhow. What
    this keeps small is the work that guessing makes, and it makes guessing seen.
    """

    def __init__(self, tries: int = TRIES) -> None:
        self._tries = tries
        self._seen: dict[str, tuple[float, int]] = {}

    def is_too_much(self, host: str) -> bool:
        """One more wrong try came from there; are they too many by now?"""
        now, place = time.monotonic(), _place(host)
        began, count = self._seen.pop(place, (now, 0))
        if now - began > WINDOW:
            began, count = now, 0
        # Put back at the end, so that the first is always the one that was quiet for longest.
        self._seen[place] = (began, count + 1)
        if len(self._seen) > MOST:
            del self._seen[next(iter(self._seen))]
        return count + 1 > self._tries


def _place(host: str) -> str:
    """An IPv4 address, or the network that a household gets for IPv6."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
