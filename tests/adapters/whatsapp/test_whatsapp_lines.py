"""A line to the Graph API against a server that answers byte by byte as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from parinaya_cli.adapters.whatsapp.lines import Line

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
WAIT = 20.0


class Server:
    """Answers each request on each connection with the next bytes; ``None`` closes without any."""

    def __init__(self, answers: Sequence[bytes | None], *, closes: bool = False) -> None:
        self.answers, self.closes = list(answers), closes
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = httpx.URL(f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1/messages")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            while self.answers:
                await reader.readuntil(b"\r\n\r\n")
                answer = self.answers.pop(0)
                if answer is None:
                    break
                for at in range(0, len(answer), 7):  # in pieces, as networks do
                    writer.write(answer[at : at + 7])
                    await writer.drain()
                if self.closes:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def ask(line: Line, url: httpx.URL, *, read: float = WAIT) -> tuple[int, bytes]:
    patience = {"connect": WAIT, "write": WAIT, "read": read, "pool": WAIT}
    request = httpx.Request("POST", url, content=b"", extensions={"timeout": patience})
    response = await line.handle_async_request(request)
    return response.status_code, await response.aread()


def play(
    answers: Sequence[bytes | None], *, closes: bool = False, largest: int = 1000
) -> tuple[list[object], int]:
    """What comes of one request for each answer over one line, and how many connections it took."""

    async def run() -> tuple[list[object], int]:
        async with Server(answers, closes=closes) as server:
            line = Line(server.url, None, largest)
            found: list[object] = []
            for _ in answers:
                try:
                    found.append(await ask(line, server.url))
                except httpx.TransportError as error:
                    found.append(type(error))
            await line.aclose()
            return found, server.connections

    return asyncio.run(run())


def test_one_connection_serves_many_requests() -> None:
    assert play([OK, OK, OK]) == ([(200, b"{}")] * 3, 1)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n3\r\nabc\r\n0\r\n\r\n",
            (200, b"{}abc"),
        ),
        (b"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n" + OK, (200, b"{}")),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", (503, b"")),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" + OK, (503, b"")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", (200, b"{}")),
        (b"SSH-2.0-x\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 80_000 + b"\r\n\r\n", httpx.RemoteProtocolError),
        (None, httpx.RemoteProtocolError),
    ],
    ids=[
        "chunked",
        "interim",
        "busy",
        "busy and more",
        "cut",
        "cut chunk",
        "ended by closing",
        "no http",
        "long head",
        "nothing",
    ],
)
def test_an_answer_is_whole_or_nobody_can_tell(answer: bytes | None, told: object) -> None:
    assert play([answer], closes=True)[0] == [told]


def test_a_body_that_is_too_long_is_not_read_on() -> None:
    [found], _ = play([b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + b"x" * 90_000], largest=100)
    assert isinstance(found, tuple)
    assert found[0] == 200
    assert 100 < len(found[1]) < 90_000


def test_a_connection_that_said_too_much_or_was_closed_is_not_used_again() -> None:
    two = OK + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"
    assert play([two, OK]) == ([(200, b"{}")] * 2, 2)
    assert play([OK, OK], closes=True) == ([(200, b"{}")] * 2, 2)
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert play([closing, OK]) == ([(200, b"{}")] * 2, 2)


def test_an_answer_that_does_not_come_ends_the_connection() -> None:
    async def run() -> tuple[object, int]:
        async with Server([b"HTTP/1.1 200 OK\r\nContent-Le", OK]) as server:
            line = Line(server.url, None, 1000)
            with pytest.raises(httpx.ReadTimeout):
                await ask(line, server.url, read=0.2)
            found = await ask(line, server.url)
            await line.aclose()
            return found, server.connections

    assert asyncio.run(run()) == ((200, b"{}"), 2)


def test_nothing_has_left_when_no_connection_stands() -> None:
    async def run() -> None:
        async with Server([]) as server:
            url = server.url
        line = Line(url, None, 1000)
        with pytest.raises(httpx.ConnectError):
            await ask(line, url)
        await line.aclose()

    asyncio.run(run())
