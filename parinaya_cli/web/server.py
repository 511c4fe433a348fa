"""A server for what we answer over HTTP: listening, deadlines for the heads of requests, a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from parinaya_cli.domain.errors import Failed, UsedWrongly
from parinaya_cli.web.bodies import Limits

TURNING_AWAY = 0.05
"""Seconds between two looks for connections that came while the server was already ending."""

GRACE = 12
"""Seconds that open requests get when the server ends: a body may take 10 to arrive, a commit 6."""

KEEP_ALIVE = 15
"""Seconds that a connection may be idle between two requests."""

LARGEST_HEAD = 64 * 1024
"""Bytes of a request's head."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        UsedWrongly: the host is none of this machine's.
        Failed: the port is taken, or needs more rights.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise UsedWrongly(
            f"There is no address {host!r} to listen on.",
            "Give --host 127.0.0.1, or an address of this machine.",
        ) from None
    # With the protocol named, asyncio turns off Nagle's delay; without, each answer waits some 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise Failed(
            f"Nothing can listen on {host}:{port}: {error.strerror}.",
            "Give another --port, or end the program that uses it.",
            code="port_in_use",
        ) from error
    return listener


def address(listener: socket.socket, host: str) -> str:
    """The address of a listening socket, ``http://127.0.0.1:8000``."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


class Protocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with a limit to the time and the size of a request's head.

    Left alone, uvicorn keeps half a head for ever, of any size.
    """

    deadline = 10.0
    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _head_is_open = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection was opened: its first head is due."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """It was closed."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._head_timer is not None:
            self._head_bytes += len(data)
        try:
            super().data_received(data)
        except UnicodeDecodeError:  # uvicorn takes ASCII for granted in the path
            self.send_400_response("The address is not ASCII.\n")
            return
        if self._head_is_open:  # a head that came as a whole, as most do, needs no timer
            self._expect_head()
        if self._head_timer is not None and self._head_bytes > LARGEST_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        """The first byte of a request has come."""
        super().on_message_begin()
        self._head_is_open = True

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._head_is_open = False
        self._stop_timer()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        if self._head_timer is None:
            self._head_bytes = 0
            self._head_timer = self.loop.call_later(self.deadline, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class Server(uvicorn.Server):
    """Says when it accepts connections, and ends cleanly on SIGTERM, SIGINT and ``stop``.

    ``life``: a file descriptor at whose end (the other side was closed) the server ends too.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], life: int | None = None) -> None:
        super().__init__(config)
        self._ready, self._life = ready, life

    def stop(self) -> None:
        """End: answer what is being answered, take nothing new."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell so."""
        await super().startup(sockets)
        if self._life is not None:
            asyncio.get_running_loop().add_reader(self._life, self._orphaned, self._life)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing new, and give what is open ``GRACE`` seconds to be answered."""
        turning_away = asyncio.create_task(self._turn_away())
        try:
            await super().shutdown(sockets)
        finally:
            turning_away.cancel()

    async def _turn_away(self) -> None:
        # uvicorn tells only those connections that it knows when it begins to end. One that was accepted
        # in that same moment would be served for as long as its client keeps asking.
        while True:
            await asyncio.sleep(TURNING_AWAY)
            for connection in list(self.server_state.connections):
                connection.shutdown()

    def _orphaned(self, life: int) -> None:
        asyncio.get_running_loop().remove_reader(life)
        self.stop()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Unlike uvicorn's own, does not raise the signal again at the end: the process ends with 0."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()


class _NoTraceback(logging.Filter):
    """Keeps tracebacks out of the log: errors of the database quote rows, phone numbers included."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg, record.args = f"{str(record.msg).strip()}: {type(error).__name__}", ()
            record.exc_info = record.exc_text = None
        return True


_NO_TRACEBACK = _NoTraceback()


def make(
    app: ASGIApp, limits: Limits, ready: Callable[[], None], *, life: int | None = None, debug: bool = False
) -> Server:
    """A server for ``app``, to be run with ``server.run(sockets=[listener])``. It writes no access log."""
    if not debug:
        logging.getLogger("uvicorn.error").addFilter(_NO_TRACEBACK)
    config = uvicorn.Config(
        cast("uvicorn._types.ASGIApplication", app),
        http=type("Protocol", (Protocol,), {"deadline": limits.head}),
        ws="none",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(config, ready, life)
