"""What a client can't do to a server: hold a connection, fill its memory, have a body taken for a request."""

from __future__ import annotations

import gc
import select
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Scope, Send

from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.web import server
from parinaya_cli.web.bodies import Limits
from parinaya_cli.web.webhook_desk import PATH
from tests.services.wedding_kit import open_scene
from tests.web.receiver_kit import (
    eventually,
    raw,
    receiver_app,
    receiving,
    signature,
    status_body,
    stored,
    table_locked,
    waits_for_a_lock,
)
from tests.web.site_kit import website

BODY = status_body(1)
HASTY = Limits(idle=1, head=60, read=60)
PATIENT = Limits(idle=60, head=60, read=60)
MEGABYTE = 1024 * 1024

Start = Callable[[Limits], str]


@pytest.fixture(params=["receiver", "site"])
def start(
    request: pytest.FixtureRequest, env: dict[str, str], tmp_path: Path, database_url: str
) -> Iterator[Start]:
    """Either server, with limits; gives its root address."""
    with ExitStack() as stack:

        def receiver(limits: Limits) -> str:
            return stack.enter_context(receiving(receiver_app(env, tmp_path), limits))

        def site(limits: Limits) -> str:
            scene = stack.enter_context(open_scene(database_url))
            return stack.enter_context(website(env, tmp_path, scene, limits)).root

        yield receiver if request.param == "receiver" else site


def connected(root: str, *, room: int = 0) -> socket.socket:
    """A connection; ``room``: bytes that its kernel takes before anybody reads them."""
    parts = urlsplit(root)
    connection = socket.socket()
    connection.settimeout(60)
    if room:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    connection.connect((parts.hostname or "", parts.port or 0))
    return connection


def is_closed_on(root: str, request: bytes, more: bytes, *, again: bool = False) -> bool:
    """Does the server end the connection when ``more`` comes after the answer, once or again and again?"""
    with connected(root) as connection:
        connection.sendall(request)
        assert connection.recv(65536).startswith(b"HTTP/1.1 ")
        connection.settimeout(0.3 if again else 60)
        with suppress(ConnectionError):
            for _ in range(200 if again else 1):
                connection.sendall(more)
                with suppress(TimeoutError):
                    while connection.recv(65536):
                        pass
                    return True
            return False
        return True


def test_what_begins_no_request_keeps_no_connection_open(start: Start) -> None:
    root = start(HASTY)
    get = b"GET /none HTTP/1.1\r\nHost: x\r\n"
    unread = get + b"Content-Length: 1000\r\n\r\n"
    cases = [
        (get + b"\r\n", b"\r\n", False),
        (get + b"\r\n", b"\r\n", True),
        (unread, b"x", False),
        (unread, b"x", True),
        (get + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", True),
        (b"PUT %b HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n" % PATH.encode(), b"x", False),
        (b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}" % PATH.encode(), b"\r\n", False),
    ]
    with ThreadPoolExecutor(len(cases)) as pool:
        closed = [pool.submit(is_closed_on, root, *case[:2], again=case[2]) for case in cases]
        assert [one.result(120) for one in closed] == [True] * len(cases)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("cut", [False, True])
def test_the_body_of_a_request_to_upgrade_is_no_request(start: Start, method: str, cut: bool) -> None:
    inner = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    asked = f"{method} {PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
    head = f"{asked}Content-Length: {len(inner)}\r\n\r\n".encode()
    with connected(start(PATIENT)) as connection:
        found = b""
        with suppress(ConnectionError):
            connection.sendall(head if cut else head + inner)
            if cut:
                found = connection.recv(65536)
                connection.sendall(inner)
            while chunk := connection.recv(65536):
                found += chunk
    assert found.startswith(b"HTTP/1.1 400 ")
    assert found.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in found


def test_a_request_to_upgrade_without_a_body_is_answered_as_any_other_in_its_turn(start: Start) -> None:
    plain = b"GET /none HTTP/1.1\r\nHost: x\r\n"
    answers = raw(start(PATIENT), plain + b"\r\n" + plain + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    assert answers.count(b"HTTP/1.1 404 ") == 2
    assert answers.count(b"connection: close") == 1


@pytest.mark.parametrize(
    "flood",
    [(b"X: " + b"y" * 60 + b"\r\n") * 1000, b"y" * 65536],
    ids=["lines", "one line"],
)
def test_trailers_have_a_limit(start: Start, flood: bytes) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\nX: "
    with connected(start(PATIENT)) as connection:
        connection.sendall(head.encode())
        with pytest.raises(ConnectionError):
            connection.sendall(flood * (64 * MEGABYTE // len(flood)))


def test_a_signature_behind_the_body_is_none(env: dict[str, str], tmp_path: Path, database_url: str) -> None:
    def posted(head: str, trailer: str) -> bytes:
        start = (
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n{head}"
        )
        return start.encode() + b"\r\n%x\r\n%b\r\n0\r\n%b\r\n" % (len(BODY), BODY, trailer.encode())

    signed = f"X-Hub-Signature-256: {signature(BODY)}\r\n"
    with receiving(receiver_app(env, tmp_path)) as root:
        assert raw(root, posted("", signed)).startswith(b"HTTP/1.1 401 ")
        assert stored(database_url) == []
        assert raw(root, posted(signed, "X-Hub-Signature-256: x\r\n")).startswith(b"HTTP/1.1 200 ")


def test_bodies_that_were_given_up_are_not_kept(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    def held() -> set[bytes]:
        return {one.body for one in gc.get_objects() if isinstance(one, Incoming)}

    def request(body: bytes, framing: str) -> bytes:
        signed = f"X-Hub-Signature-256: {signature(body)}"
        return f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{signed}\r\n{framing}\r\n\r\n".encode()

    direct, long = status_body(2), status_body(3)
    with receiving(receiver_app(env, tmp_path), Limits(answer=0.2)) as root, ExitStack() as stack:
        first, second, third = (stack.enter_context(connected(root)) for _ in range(3))
        with table_locked(database_url):
            first.sendall(request(BODY, f"Content-Length: {len(BODY)}") + BODY)
            eventually(lambda: waits_for_a_lock(database_url), "nobody wanted to write")
            second.sendall(request(direct, f"Content-Length: {len(direct)}") + direct)
            third.sendall(request(long, "Transfer-Encoding: chunked"))
            third.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(long), long))
            for one in (first, second, third):
                assert one.recv(65536).startswith(b"HTTP/1.1 503 ")
            eventually(lambda: held() <= {BODY}, "a body is kept that nobody waits for", 20)


# ── a client that never reads ──────────────────────────────────────────────────────────────────────────


async def generous(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with more than any kernel takes."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(32):
            await send({"type": "http.response.body", "body": bytes(MEGABYTE), "more_body": True})
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def serving() -> Iterator[str]:
    ready = threading.Event()
    with server.listen("127.0.0.1", 0) as listener:
        running = server.make(generous, HASTY, ready.set)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            assert ready.wait(60)
            yield server.address(listener, "127.0.0.1")
        finally:
            running.stop()
            thread.join(60)
            assert not thread.is_alive()


def test_a_client_that_never_reads_its_answer_is_hung_up_on() -> None:
    with serving() as root, connected(root, room=4096) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        poll = select.poll()
        poll.register(connection, 0)  # what goes wrong is always told
        assert poll.poll(60_000), "the connection is still open"
