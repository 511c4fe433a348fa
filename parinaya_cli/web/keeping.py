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


class Keeper:
    """The one writer of a process. ``patience``: seconds after which a caller is told no.

    ``counted`` is called after each commit with the number of deliveries in it and how many were new, or with
    ``None`` when it failed.
    """

    def __init__(self, store: Store, counted: Callable[[int, int | None], None], *, patience: float) -> None:
        self._store, self._counted = store, counted
        self._lane = Lane("deliveries")
        self._waiting: deque[tuple[Incoming, asyncio.Future[bool]]] = deque()
        self._deadlines = Deadlines(patience)
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
        loop = asyncio.get_running_loop()
        done: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((delivery, done))
        self._bell.set()
        self._deadlines.watch(done, self._give_up)
        return await done

    def _give_up(self, done: asyncio.Future[bool]) -> None:
        if not done.done():
            self._failing.tell("a commit is late: deliveries are answered with 503")
            done.set_result(False)

    async def _write(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            while batch := self._take():
                stored = await self._store_all([delivery for delivery, _ in batch])
                for _, done in batch:
                    if not done.done():
                        done.set_result(stored)

    def _take(self) -> list[tuple[Incoming, asyncio.Future[bool]]]:
        batch: list[tuple[Incoming, asyncio.Future[bool]]] = []
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

    async def _store_all(self, bodies: Sequence[Incoming]) -> bool:
        try:
            new = await self._lane.run(lambda: self._store(bodies))
        except Exception as error:  # noqa: BLE001 (whatever it was: nothing is stored, and Meta sends it again)
            what = error.message if isinstance(error, ParinayaError) else type(error).__name__
            self._failing.tell(f"deliveries are answered with 503: {what}")
            self._counted(len(bodies), None)
            return False
        self._counted(len(bodies), new)
        self._failing.over("deliveries are stored again")
        return True
