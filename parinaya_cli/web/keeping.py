"""Deliveries that wait share one insert and one commit; each is answered when that commit is there.

What comes in while a commit runs is taken together when it ends; nobody waits for more to come. On disks where
a flush takes milliseconds, this is what makes thousands of deliveries a second possible.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol

from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.web.deadlines import Deadlines
from parinaya_cli.web.lanes import Lane
from parinaya_cli.web.seldom import Seldom

MOST_TOGETHER = 512
"""Deliveries of one commit."""

MOST_BYTES = 16 * 1024 * 1024
"""Bytes of one commit, unless a single delivery is larger."""

_LOG = logging.getLogger("parinaya.webhook")

Store = Callable[[Sequence[Incoming]], int]
"""Stores deliveries and commits; returns how many were new. Raises when nothing was stored."""


class Waiting(Protocol):
    """Whoever wants to know whether a delivery is committed: a future, or what stands for one."""

    def done(self) -> bool:
        """Does nobody wait any more?"""

    def set_result(self, stored: bool, /) -> None:
        """It is committed; False: its commit failed, or did not come in time."""


_Batch = list[tuple[Incoming, Waiting]]


class Keeper:
    """The one writer of a process. ``patience``: seconds after which a caller is told no.

    ``counted`` is called after each commit with the number of deliveries in it and how many were new, or with
    ``None`` when it failed.
    """

    def __init__(self, store: Store, counted: Callable[[int, int | None], None], *, patience: float) -> None:
        self._store, self._counted = store, counted
        self._lane = Lane("deliveries")
        self._waiting: deque[tuple[Incoming, Waiting]] = deque()
        self._deadlines: Deadlines[Waiting] = Deadlines(patience)
        self._bell = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._failing = Seldom()

    def start(self) -> None:
        """Begin to write; to be called where the event loop runs."""
        self._writer = asyncio.get_running_loop().create_task(self._write())

    async def close(self) -> None:
        """Stop writing. Nobody may be waiting any more."""
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        self._lane.close()

    async def keep(self, delivery: Incoming) -> bool:
        """Is the delivery committed? False: its commit failed, or did not come in time."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.hand(delivery, done)
        return await done

    def hand(self, delivery: Incoming, waiting: Waiting) -> None:
        """Tell ``waiting``, once, whether the delivery is committed."""
        self._waiting.append((delivery, waiting))
        self._bell.set()
        self._deadlines.watch(waiting, self._give_up)

    def _give_up(self, waiting: Waiting) -> None:
        if not waiting.done():
            self._failing.tell("a commit is late: deliveries are answered with 503")
            waiting.set_result(False)
        while self._waiting and self._waiting[0][1].done():  # in the order in which they came
            self._waiting.popleft()

    async def _write(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            batch = self._take()
            storing = self._begin(batch)
            while storing is not None:
                stored = await self._outcome(storing, len(batch))
                answered, batch = batch, self._take()
                storing = self._begin(batch)  # it is under way while the last one is answered
                _answer(answered, stored)

    def _take(self) -> _Batch:
        batch: _Batch = []
        size = 0
        while self._waiting and len(batch) < MOST_TOGETHER:
            delivery, done = self._waiting[0]
            if batch and size + len(delivery.body) > MOST_BYTES:
                break
            self._waiting.popleft()
            if not done.done():
                batch.append((delivery, done))
                size += len(delivery.body)
        return batch

    def _begin(self, batch: _Batch) -> asyncio.Future[int] | None:
        if not batch:
            return None
        return self._lane.begin(partial(self._store, [delivery for delivery, _ in batch]))

    async def _outcome(self, storing: asyncio.Future[int], together: int) -> bool:
        try:
            new = await storing
        except Exception as error:  # noqa: BLE001 (whatever it was: nothing is stored, and Meta sends it again)
            what = error.message if isinstance(error, ParinayaError) else type(error).__name__
            self._failing.tell(f"deliveries are answered with 503: {what}")
            self._counted(together, None)
            return False
        self._counted(together, new)
        self._failing.over("deliveries are stored again")
        return True


def _answer(batch: _Batch, stored: bool) -> None:
    for _, waiting in batch:
        try:
            if not waiting.done():
                waiting.set_result(stored)
        except Exception as error:  # noqa: BLE001 (the others are answered, and the writer goes on)
            _LOG.error("an answer could not be given: %s", type(error).__name__)
