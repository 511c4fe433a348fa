"""One timer for all that wait equally long: a timer of its own for each request is a tenth of what it costs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """Somebody who waits: a future, or what stands for one."""

    def done(self) -> bool:
        """Is it over?"""


W = TypeVar("W", bound=Waiting)


class Deadlines(Generic[W]):
    """Calls whoever is not done after so many ``seconds``. What was begun first is late first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._watched: deque[tuple[float, W, Callable[[W], None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, done: W, late: Callable[[W], None]) -> None:
        """Call ``late`` with the one who waits when it is not done in time."""
        loop = asyncio.get_running_loop()
        while self._watched and self._watched[0][1].done():
            self._watched.popleft()
        self._watched.append((loop.time() + self._seconds, done, late))
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        while self._watched and (self._watched[0][0] <= now or self._watched[0][1].done()):
            _, done, late = self._watched.popleft()
            if not done.done():
                late(done)
        if self._watched:
            self._timer = loop.call_at(self._watched[0][0], self._look, loop)
