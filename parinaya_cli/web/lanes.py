"""Blocking work beside the event loop: one thread, one piece of work after the other."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class Lane:
    """A thread that runs what it is handed, in order.

    It is a daemon, unlike the threads of an executor: work that hangs in a connection that went dead does not
    keep the process from ending. Work whose caller has given up before it began is not done.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None]
        self._work = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns or raises, when its turn has come."""
        return await self.begin(work)

    def begin(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Hand in ``work``; the future of what it returns or raises."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._work.put((work, done))
        return done

    def close(self) -> None:
        """Let the thread end after what it is doing."""
        self._work.put(None)

    def _run(self) -> None:
        while (order := self._work.get()) is not None:
            work, done = order
            if done.cancelled():
                continue
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 (raised again where it is awaited)
                _tell(done, _fail, error)
            else:
                _tell(done, _finish, result)


def _tell(done: asyncio.Future[Any], how: Callable[..., None], what: object) -> None:
    with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
        done.get_loop().call_soon_threadsafe(how, done, what)


def _finish(done: asyncio.Future[Any], result: object) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
