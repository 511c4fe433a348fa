"""One connection to the Graph API as a transport of httpx: one request at a time, its answer read by httptools.

It does what httpx's own transport does for one connection (HTTP/1.1, kept open, no retries, the same errors) in a fifth
of the processor time; proxies are left to httpx's own. Source of the rules: RFC 9112, HTTP/1.1.
"""

from __future__ import annotations

import asyncio
import select
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httptools
import httpx

KEPT = 15.0
"""Seconds for which an idle connection is used again."""

LARGEST_HEAD = 64 * 1024
"""Bytes of an answer that are no body."""

_SECOND_ADDRESS = 0.25
"""Seconds after which the next address of a host is tried beside the first (RFC 8305, section 8)."""


@dataclass(frozen=True)
class _Limits:
    """Seconds, as httpx names them; ``largest``: bytes of a body."""

    write: float
    read: float
    largest: int


class _Body(httpx.AsyncByteStream):
    """A body that is there."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data


class Line(httpx.AsyncBaseTransport):
    """A transport to one address over one connection, which is opened when it is needed.

    ``tls``: None for plain HTTP. An answer is read whole; of a body that is longer than ``largest`` bytes, more than
    ``largest`` is given and the rest left unread. Only one request may be under way.
    """

    def __init__(self, address: httpx.URL, tls: ssl.SSLContext | None, largest: int) -> None:
        self._host = address.raw_host.decode("ascii").strip("[]")
        self._port = address.port or (443 if tls else 80)
        self._tls, self._largest = tls, largest
        self._wire: _Wire | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its whole answer; the time-outs are those of the request's extensions.

        Raises:
            ConnectError, ConnectTimeout: no connection could be opened, not one byte has left.
            WriteTimeout, ReadTimeout, ReadError, RemoteProtocolError: nobody can tell whether it arrived.
        """
        patience = request.extensions["timeout"]
        data = _written(request, await request.aread())
        wire = self._wire
        if wire is None or not wire.is_fit():
            self._hang_up()
            wire = self._wire = await self._connect(patience)
        try:
            answer = await wire.ask(data, _Limits(patience["write"], patience["read"], self._largest))
        except BaseException:
            # An answer that comes later must never be taken for that of the next request.
            self._hang_up()
            raise
        if not wire.is_kept:
            self._hang_up()
        return answer

    async def aclose(self) -> None:
        """Close the connection."""
        wire = self._wire
        self._hang_up()
        if wire is not None:
            await wire.lost

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.transport.abort()
            self._wire = None

    async def _connect(self, patience: Mapping[str, float]) -> _Wire:
        if self._tls is not None:
            self._tls.set_alpn_protocols(["http/1.1"])
        try:
            async with asyncio.timeout(patience["connect"]):
                _, wire = await asyncio.get_running_loop().create_connection(
                    _Wire, self._host, self._port, ssl=self._tls, happy_eyeballs_delay=_SECOND_ADDRESS
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("The connection was not opened in time.") from error
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(str(error)) from error
        return wire


def _written(request: httpx.Request, body: bytes) -> bytes:
    """A request as it goes over the wire. Whoever makes it sees to it that no header holds a line's end."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%s: %s" % header for header in request.headers.raw]
    return b"\r\n".join([*lines, b"", body])


class _Wire(asyncio.Protocol):
    """An open connection, and the answer that it waits for."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_kept = True
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[httpx.Response] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._used = 0.0
        self._begin(_Limits(0, 0, 0))

    def _begin(self, limits: _Limits) -> None:
        self._limits = limits
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._length = self._size = self._status = 0
        self._has_head = self._is_whole = self._is_written = False

    # ── asking ─────────────────────────────────────────────────────────────────────────────────────────

    def is_fit(self) -> bool:
        """Can another request be sent? Not when the other side has closed, or said something unasked."""
        if not self.is_kept or self.lost.done() or self.transport.is_closing():
            return False
        return self._loop.time() - self._used < KEPT and not _is_readable(
            self.transport.get_extra_info("socket")
        )

    async def ask(self, data: bytes, limits: _Limits) -> httpx.Response:
        """Send a request; its whole answer."""
        self._begin(limits)
        self._waiting = self._loop.create_future()
        self._used = self._loop.time()
        self.transport.write(data)
        self._is_written = self.transport.get_write_buffer_size() == 0
        patience = limits.read if self._is_written else limits.write
        self._timer = self._loop.call_later(patience, self._look)
        try:
            return await self._waiting
        finally:
            self._timer.cancel()
            self._waiting = None

    def _look(self) -> None:
        """The time is over, unless something was heard meanwhile."""
        if not self._is_written and self.transport.get_write_buffer_size():
            self._fail(httpx.WriteTimeout("The request could not be written in time."))
            return
        if not self._is_written:
            self._is_written, self._used = True, self._loop.time()
        late = self._used + self._limits.read
        if self._loop.time() >= late:
            self._fail(httpx.ReadTimeout("The answer did not come in time."))
        else:
            self._timer = self._loop.call_at(late, self._look)

    def _fail(self, failure: httpx.TransportError) -> None:
        self.is_kept = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(failure)

    def _finish(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            body = _Body(b"".join(self._body))
            self._waiting.set_result(httpx.Response(self._status, headers=self._headers, stream=body))

    # ── asyncio ────────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._used = self._loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """It was closed: the end of an answer without a length, or of one that is not whole."""
        self.is_kept = False
        if self._has_head and not self._is_whole and not self._names_its_end():
            self._finish()
        elif exc is not None:
            self._fail(httpx.ReadError(str(exc)))
        else:
            self._fail(httpx.RemoteProtocolError("The other side hung up before its answer was whole."))
        if not self.lost.done():
            self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._waiting is None or self._waiting.done():
            self.is_kept = False  # nobody has asked
            return
        self._used = self._loop.time()
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self._is_whole:
                self._fail(httpx.RemoteProtocolError(f"The answer is no HTTP: {error}"))
            self.is_kept = False
        if self._is_whole:
            self._finish()
        elif self._length > self._limits.largest:
            self.is_kept = False
            self._finish()
        elif self._size > self._limits.largest + LARGEST_HEAD:
            self._fail(httpx.RemoteProtocolError("The answer's head is too long."))

    # ── httptools ──────────────────────────────────────────────────────────────────────────────────────

    def on_message_begin(self) -> None:
        """An answer begins; a second one was not asked for."""
        if self._is_whole:
            self.is_kept = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        if not self._is_whole:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is there; that of an interim answer (100 to 199) says nothing."""
        if self._is_whole:
            return
        self._status = self._parser.get_status_code()  # the parser's own is that of whatever follows
        if self._status < 200:
            self._headers.clear()
        else:
            self._has_head = True

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        if not self._is_whole:
            self._body.append(data)
            self._length += len(data)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if self._has_head and not self._is_whole:
            self._is_whole = True
            self.is_kept = self.is_kept and self._parser.should_keep_alive()

    def _names_its_end(self) -> bool:
        names = {name.lower() for name, _ in self._headers}
        return bool(names & {b"content-length", b"transfer-encoding"})


def _is_readable(sock: Any) -> bool:
    """Has the other side sent something, its end at least?"""
    if sys.platform == "win32":
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
