"""The short way of the usual delivery: a POST of a small body whose length is told, alone on its connection.

It is read, judged, handed to the keeper and answered on the connection itself: no task, no scope, no messages between
server and application, which cost more than all that a delivery needs. Whatever is not usual (other addresses and
methods, large and chunked bodies, ``Expect``, HTTP/1.0, requests that are sent before the last one was answered) goes
to the application, by the same connection and in its turn. Limits, answers and counts are the same on both ways.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.web.bodies import told_headers
from parinaya_cli.web.server import Protocol
from parinaya_cli.web.webhook_desk import INLINE, PATH, SIGNATURE, Desk, Outcome, settled

_URL = PATH.encode("ascii")
_MOST_DIGITS = len(str(INLINE))
_Headers = list[tuple[bytes, bytes]]


class Answers:
    """Whole answers as bytes, made once for as long as the headers that all of them bear are the same."""

    def __init__(self) -> None:
        self._common: _Headers = []
        self._made: dict[tuple[Outcome, bool], bytes] = {}

    def of(self, outcome: Outcome, *, keep_alive: bool, common: _Headers) -> bytes:
        """The answer with the server's own headers, the date among them, which it renews every second."""
        if common is not self._common:
            self._common, self._made = common, {}
        made = self._made.get((outcome, keep_alive))
        if made is None:
            told = [*common, *told_headers(outcome.text, close=not keep_alive)]
            head = b"".join([b"%s: %s\r\n" % header for header in told])
            made = STATUS_LINE[outcome.status] + head + b"\r\n" + outcome.text.encode("ascii")
            self._made[(outcome, keep_alive)] = made
        return made


class _Nobody:
    """The event of whoever waits for more of a request: here nobody does."""

    def set(self) -> None:
        """Nothing to be woken."""


class Delivery:
    """One delivery on its connection, from its head to its answer.

    It stands where uvicorn has the cycle of a request, and bears what uvicorn asks of one: is it answered, may the
    connection be kept, has the sender hung up?
    """

    message_event = _Nobody()

    def __init__(self, line: Direct, size: int, signatures: Sequence[bytes]) -> None:
        self._line, self.size, self.signatures = line, size, signatures
        self.began = time.perf_counter()
        self.parts: list[bytes] = []
        self.read: asyncio.Future[None] | None = None
        self.incoming: Incoming | None = None
        self.keep_alive = True
        self.response_complete = self.disconnected = False

    def done(self) -> bool:
        """Is it answered?"""
        return self.response_complete

    def set_result(self, stored: bool) -> None:
        """Its commit has ended, or will not end in time."""
        assert self.incoming is not None, "what is handed to the keeper has been judged"
        self._line.answer(self, settled(self.incoming, stored))


class Direct(Protocol):
    """HTTP as the server speaks it, with the short way. ``desk`` and ``answers`` are those of the process."""

    desk: Desk
    answers: Answers
    _read: Delivery | None = None  # what is being read
    _due: Delivery | None = None  # what has been read and is to be judged

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        super().data_received(data)
        if self._due is not None:
            delivery, self._due = self._due, None
            self._hand(delivery)
        elif self._read is not None and self._read.read is None:  # the rest is on its way, or never comes
            self._read.read = self.loop.create_future()
            self.desk.reader.deadlines.watch(self._read.read, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """It was closed: what has not been read whole is lost, and its sender knows."""
        if self._read is not None:
            self._end(self._stop_reading(), Outcome.GONE)
        super().connection_lost(exc)

    def turned_away(self) -> None:
        """Refused as one connection too many."""
        self.desk.counts.request(Outcome.CROWDED.word)

    # ── from the parser ────────────────────────────────────────────────────────────────────────────────

    def on_headers_complete(self) -> None:
        """The head is there: which way does it go?"""
        size = self._usual_size()
        if size is None or not self.desk.reader.take(size):
            super().on_headers_complete()
            return
        self.head_arrived()
        self._read = Delivery(self, size, [value for name, value in self.headers if name == SIGNATURE])
        self.cycle = cast("RequestResponseCycle", self._read)

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        if self._read is not None:
            self._unframed = 0
            self._read.parts.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A body is whole."""
        if self._read is not None:
            self._due = self._stop_reading()
        else:
            super().on_message_complete()

    def _usual_size(self) -> int | None:
        """The length of the body, when the request may go the short way."""
        if self.url != _URL or self.parser.get_method() != b"POST" or self.expect_100_continue:
            return None
        if self.parser.get_http_version() != "1.1" or not self.parser.should_keep_alive():
            return None
        lengths = [value for name, value in self.headers if name == b"content-length"]
        if len(lengths) != 1 or not lengths[0].isdigit() or len(lengths[0]) > _MOST_DIGITS or self._is_busy():
            return None
        size = int(lengths[0])
        return size if size <= INLINE else None

    def _is_busy(self) -> bool:
        """Must it wait for another request, or be turned away as one connection too many?"""
        is_answering = bool(self.cycle) and not self.cycle.response_complete
        is_other = self.parser.should_upgrade() or self.transport.is_closing()
        return is_answering or self.is_one_too_many or is_other or self.flow.write_paused

    # ── a delivery ─────────────────────────────────────────────────────────────────────────────────────

    def _stop_reading(self) -> Delivery:
        assert self._read is not None
        delivery, self._read = self._read, None
        if delivery.read is not None:
            delivery.read.cancel()
        return delivery

    def _give_up(self, _: asyncio.Future[None]) -> None:
        delivery = self._stop_reading()
        delivery.keep_alive = False
        self.answer(delivery, Outcome.TOO_SLOW)

    def _hand(self, delivery: Delivery) -> None:
        parts, delivery.parts = delivery.parts, []
        try:
            found = self.desk.judge(parts[0] if len(parts) == 1 else b"".join(parts), delivery.signatures)
        except BaseException:
            self.desk.reader.free(delivery.size)
            raise
        if isinstance(found, Outcome):
            self.answer(delivery, self.desk.refuse(found))
        else:
            delivery.incoming = found
            self.desk.keeper.hand(found, delivery)

    def answer(self, delivery: Delivery, outcome: Outcome) -> None:
        """Answer a delivery of this connection; what is waiting behind it has its turn."""
        self._end(delivery, outcome)
        if self.transport.is_closing():
            return
        common = self.server_state.default_headers
        self.transport.write(self.answers.of(outcome, keep_alive=delivery.keep_alive, common=common))
        if not delivery.keep_alive:
            self.transport.close()
        elif self.pipeline:
            self.on_response_complete()
        else:  # the same, in short
            self.server_state.total_requests += 1
            self._answered = self.loop.time()

    def _end(self, delivery: Delivery, outcome: Outcome) -> None:
        delivery.response_complete = True
        delivery.incoming = (
            None  # the delivery stays with its connection until the next request, its body does not
        )
        self.desk.reader.free(delivery.size)
        self.desk.counts.request(outcome.word, time.perf_counter() - delivery.began)
