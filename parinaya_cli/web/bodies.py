"""Reading the body of a request within limits of size, time and memory, and answering it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from parinaya_cli.web.deadlines import Deadlines

LINGER = 1.0
"""Seconds for which the rest of a body that is too large is thrown away, so that its sender reads the answer: a
connection that is closed on unread data is reset (RFC 9112, section 9.6)."""


class TooLarge(Exception):
    """The body is over the limit."""


class TooSlow(Exception):
    """The body did not come in time."""


class Crowded(Exception):
    """All bodies that are being handled together take more memory than there is for them."""


class Gone(Exception):
    """The sender has hung up; nobody can be answered."""


@dataclass(frozen=True)
class Limits:
    """What one process takes.

    ``body``: bytes of a delivery (Meta's are up to 3 MB). ``bodies``: bytes of all deliveries that are being
    read or wait for their commit. ``read``, ``head``, ``answer``: seconds for the body, for the head of a
    request, and for the commit. ``idle``: seconds between two requests of a connection. ``connections``: open at once.
    """

    body: int = 4 * 1024 * 1024
    bodies: int = 256 * 1024 * 1024
    read: float = 10.0
    head: float = 10.0
    answer: float = 6.0
    idle: int = 15
    connections: int = 512


def headers(scope: Scope, name: bytes) -> list[bytes]:
    """Every value that a header has."""
    return [value for key, value in scope["headers"] if key == name]


class Reader:
    """Reads bodies and knows how much memory they take together."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._in_hand = 0
        self.deadlines: Deadlines[asyncio.Future[None]] = Deadlines(limits.read)

    async def read(self, scope: Scope, receive: Receive) -> bytes:
        """The body of a request, whose memory counts until it is given back.

        Raises:
            TooLarge, TooSlow, Crowded, Gone: it can't be had, and nothing is to be given back. Not one byte over
                the limit is kept.
        """
        for declared in headers(scope, b"content-length"):
            if not declared.isdigit() or len(declared) > 18 or int(declared) > self._limits.body:
                raise TooLarge
        chunks: list[bytes] = []
        held = 0
        try:
            with self._in_time():
                async for chunk in _chunks(receive):
                    held += len(chunk)
                    self._in_hand += len(chunk)
                    if held > self._limits.body:
                        raise TooLarge
                    if self._in_hand > self._limits.bodies:
                        raise Crowded
                    chunks.append(chunk)
        except BaseException as error:
            self._in_hand -= held
            if isinstance(error, TimeoutError):
                raise TooSlow from None
            raise
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """``asyncio.timeout`` for what every request does: one timer for all that are being read.

        Whoever is late waits inside, so that the cancellation arrives there.
        """
        task = asyncio.current_task()
        assert task is not None, "requests are read in tasks"
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def give_up(_: asyncio.Future[None]) -> None:
            done.set_exception(TimeoutError())
            task.cancel()

        self.deadlines.watch(done, give_up)
        try:
            yield
        except asyncio.CancelledError:
            if done.done() and done.exception() is not None:
                task.uncancel()
                raise TimeoutError from None
            raise
        finally:
            done.cancel()

    def give_back(self, body: bytes) -> None:
        """The body is not needed any more."""
        self.free(len(body))

    def take(self, size: int) -> bool:
        """Is there room for a body of so many bytes? If so they count until they are freed."""
        if size > self._limits.body or self._in_hand + size > self._limits.bodies:
            return False
        self._in_hand += size
        return True

    def free(self, size: int) -> None:
        """So many bytes are not needed any more."""
        self._in_hand -= size


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def told_headers(text: str, *, close: bool) -> list[tuple[bytes, bytes]]:
    """The headers of an answer in plain text; ``close``: the connection ends with it."""
    told = [(b"content-length", str(len(text)).encode("ascii"))]
    if text:
        told += [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
    return [*told, (b"connection", b"close")] if close else told


async def answer(
    send: Send,
    status: int,
    text: str = "",
    *,
    linger: Receive | None = None,
    close: bool = False,
    extra: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Answer in plain text.

    ``close``: the connection ends with this answer. ``linger``: it does after the rest of the body was thrown away.
    """
    body = text.encode("ascii")
    told = [*told_headers(text, close=close or linger is not None), *extra]
    await send({"type": "http.response.start", "status": status, "headers": told})
    if linger is not None:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        with suppress(TimeoutError, Gone):
            async with asyncio.timeout(LINGER):
                async for _ in _chunks(linger):
                    pass
        body = b""
    await send({"type": "http.response.body", "body": body})
