"""Warnings that strangers can cause are told now and then, with a count, so that they don't fill the log."""

from __future__ import annotations

import logging
import time

EVERY = 60.0
"""Seconds between two warnings of one kind."""

_LOG = logging.getLogger("parinaya.webhook")


class Seldom:
    """One kind of warning, told at once and then at most every minute."""

    def __init__(self) -> None:
        self._next = 0.0
        self._count = 0
        self._told = False

    def tell(self, text: str) -> None:
        """It has happened."""
        self._count += 1
        if time.monotonic() >= self._next:
            _LOG.warning("%s%s", text, f" ({self._count} times)" if self._count > 1 else "")
            self._next = time.monotonic() + EVERY
            self._count = 0
            self._told = True

    def over(self, text: str) -> None:
        """It has ended; told when the warning was."""
        if self._told:
            _LOG.warning("%s", text)
            self._told = False
