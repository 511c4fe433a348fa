"""A server for what we answer over HTTP: listening, deadlines for the heads of requests, a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from parinaya_cli.domain.errors import Failed, UsedWrongly
from parinaya_cli.web.bodies import Limits, answer

TURNING_AWAY = 0.05
"""Seconds between two looks for connections that came while the server was already ending."""

GRACE = 12
"""Seconds that open requests get when the server ends: a body may take 10 to arrive, a commit 6."""

ROOM = 64 * 1024
"""Bytes that are read at once."""

LARGEST_HEAD = 64 * 1024
"""Bytes of a request's head, and of all else that is no body: blank lines, the framing of chunks, trailers."""

_NO_LINGER = struct.pack("ii", 1, 0)
_FRAMING = (b"content-length", b"transfer-encoding")


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


class Refusal:
    """An ASGI application that answers everything with the same words, and ends the connection."""

    def __init__(self, status: int, text: str) -> None:
        self._status, self._text = status, text

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        await answer(send, self._status, self._text, linger=receive)


_TOO_MANY = Refusal(503, "Too many connections are open. Try again.\n")
_NO_UPGRADE = Refusal(400, "No other protocol is spoken here.\n")


class Protocol(HttpToolsProtocol, asyncio.BufferedProtocol):
    """HTTP as uvicorn speaks it, with limits to what a client can hold.

    Left alone, uvicorn keeps half a head for ever, of any size; it forgets that a connection is idle when a byte comes
    that begins no request; it takes trailers for headers, and what follows a request to upgrade for a new request; it
    turns away connections that are open already when others fill the server.

    Bytes are read into one room for all connections: asyncio's own 256 KiB for each read are mapped and unmapped every
    time, which costs ten times the read itself.
    """

    deadline = 10.0
    room = memoryview(bytearray(ROOM))
    most: int = Limits.connections
    is_one_too_many = False
    _head_timer: asyncio.TimerHandle | None = None
    _head_is_open = False
    _unframed = 0  # bytes since the last head ended, or the last byte of a body
    _is_deaf = False
    _answered = 0.0
    _watch: asyncio.TimerHandle | None = None
    _unread = 0  # bytes of answers that nobody took

    def get_buffer(self, _: int) -> memoryview:
        """Where the next bytes go; they are taken out before any other connection is read."""
        return self.room

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes have come."""
        self.data_received(bytes(self.room[:nbytes]))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection was opened: its first head is due."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse(_TOO_MANY)
            self.is_one_too_many = True
        self._expect_head()
        self._watch = self.loop.call_later(self.timeout_keep_alive, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """It was closed."""
        self._stop_timer()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._is_deaf:
            return
        self._unframed += len(data)
        try:
            super().data_received(data)
        except UnicodeDecodeError:  # uvicorn takes ASCII for granted in the path
            self.send_400_response("The address is not ASCII.\n")
            return
        if self._head_is_open:  # a head that came as a whole, as most do, needs no timer
            self._expect_head()
        if self._unframed > LARGEST_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        """The first byte of a request has come."""
        super().on_message_begin()
        self._head_is_open = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, without the blanks around its value (RFC 9110, section 5.5). Trailers are dropped."""
        if self._head_is_open:
            name, value = name.lower(), value.strip(b" \t")
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is there."""
        self.head_arrived()
        if self.is_one_too_many:
            self.turned_away()
        if self.parser.should_upgrade():
            self._ignore_upgrade()
        super().on_headers_complete()
        if self._is_deaf:
            self.cycle.keep_alive = False

    def head_arrived(self) -> None:
        """The head came in time."""
        self._head_is_open = False
        self._unframed = 0
        self._stop_timer()

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._unframed = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        """A request was answered: the next has its turn. Unlike uvicorn's own, sets no timer for each request."""
        self.server_state.total_requests += 1
        self._answered = self.loop.time()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def turned_away(self) -> None:
        """A request is refused since its connection was one too many when it was opened."""

    def _refuse(self, refusal: Refusal) -> None:
        self.app = cast("uvicorn._types.ASGI3Application", refusal)

    def _ignore_upgrade(self) -> None:
        # A server may ignore a request to upgrade (RFC 9110, section 7.8), but this parser ends the request with its
        # head, and takes the body for the next one: so nothing more is read, and a body is refused.
        self._is_deaf = True
        framed = [(name, value) for name, value in self.headers if name in _FRAMING]
        if any(told != (b"content-length", b"0") for told in framed):
            self._refuse(_NO_UPGRADE)

    def _look(self) -> None:
        """Once in the time that a connection may be idle; one timer, however many requests there are."""
        self._watch = None
        wait = float(self.timeout_keep_alive)
        unread = self.transport.get_write_buffer_size()
        if unread and (self.flow.write_paused or self.transport.is_closing()):
            if unread >= self._unread > 0:  # not a byte was taken since the last look
                self._abort()
                return
            self._unread = unread
        else:
            self._unread = 0
            if self._is_idle():
                wait += self._answered - self.loop.time()
        if wait <= 0:
            wait = float(self.timeout_keep_alive)
            self.timeout_keep_alive_handler()
        self._watch = self.loop.call_later(wait, self._look)

    def _is_idle(self) -> bool:
        """Is all that was asked answered, and no head begun? Blank lines and bodies that nobody wants are nothing."""
        return bool(self.cycle) and self.cycle.response_complete and not self._head_is_open

    def _abort(self) -> None:
        # Reset, since the kernel would go on offering what it has to a client that never reads.
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    def _expect_head(self) -> None:
        if self._head_timer is None:
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
    app: ASGIApp,
    limits: Limits,
    ready: Callable[[], None],
    *,
    protocol: type[Protocol] = Protocol,
    life: int | None = None,
    debug: bool = False,
) -> Server:
    """A server for ``app``, to be run with ``server.run(sockets=[listener])``. It writes no access log.

    ``protocol``: what speaks HTTP on its connections.
    """
    if not debug:
        for name in ("uvicorn.error", "asyncio"):
            logging.getLogger(name).addFilter(_NO_TRACEBACK)
    own = {
        "deadline": limits.head,
        "most": limits.connections,
        "room": memoryview(bytearray(ROOM)),
    }
    config = uvicorn.Config(
        cast("uvicorn._types.ASGIApplication", app),
        http=type("Protocol", (protocol,), own),
        ws="none",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=limits.idle,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(config, ready, life)
