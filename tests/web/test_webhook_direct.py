"""The short way of a delivery, byte by byte: it answers, counts and limits as the long one does."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.web.bodies import Limits
from parinaya_cli.web.keeping import Keeper
from parinaya_cli.web.webhook_desk import INLINE, PATH
from tests.web.receiver_kit import (
    eventually,
    get,
    post,
    raw,
    receiver_app,
    receiving,
    signature,
    status_body,
    stored,
    table_locked,
    waits_for_a_lock,
)

BODY = status_body(1)


def request(body: bytes, *lines: str, signed: str | None = None, version: str = "1.1") -> bytes:
    """A delivery with its length, signed unless a signature is given; ``lines`` are more headers."""
    told = signature(body) if signed is None else signed
    head = [f"POST {PATH} HTTP/{version}", "Host: x", f"X-Hub-Signature-256: {told}", *lines]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body


def chunked(body: bytes) -> bytes:
    """The same delivery in two chunks, which goes the long way."""
    head = [f"POST {PATH} HTTP/1.1", "Host: x", f"X-Hub-Signature-256: {signature(body)}"]
    parts = (body[:7], body[7:])
    framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    return "\r\n".join([*head, "Transfer-Encoding: chunked", "", ""]).encode("latin-1") + framed


STREAM: Sequence[tuple[bytes, int]] = [
    (request(BODY), 200),
    (request(BODY, signed="sha256=" + "0" * 64), 401),
    (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    (request(status_body(2)), 200),
    (chunked(status_body(3)), 200),
    (request(b"[]"), 400),
    (request(status_body(4), "Expect: 100-continue"), 200),
    (b"PUT /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405),
    (request(status_body(5), "Connection: close"), 200),
]


@pytest.fixture
def root(env: dict[str, str], tmp_path: Path) -> Iterator[str]:
    with receiving(receiver_app(env, tmp_path)) as address:
        yield address


def connected(root: str) -> socket.socket:
    parts = urlsplit(root)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60)


def told(root: str, pieces: Sequence[bytes]) -> bytes:
    """All that is answered to these pieces, each of which is sent by itself, until the connection is closed."""
    with connected(root) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
    return found


def is_refused(root: str) -> bool:
    with suppress(ConnectionRefusedError), connected(root):
        return False
    return True


def one_answer(connection: socket.socket) -> bytes:
    """The next answer, whole."""
    found = b""
    while True:
        head, end, body = found.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if end and length and len(body) >= int(length[1]):
            return found
        chunk = connection.recv(65536)
        assert chunk, found
        found += chunk


def statuses(answers: bytes) -> list[int]:
    found = [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]
    return [one for one in found if one != 100]


def test_requests_of_both_ways_are_answered_in_their_order_however_they_are_cut(
    root: str, database_url: str
) -> None:
    whole = b"".join(data for data, _ in STREAM)

    @given(st.lists(st.integers(1, len(whole) - 1), max_size=12, unique=True))
    def check(cuts: list[int]) -> None:
        marks = [0, *sorted(cuts), len(whole)]
        answers = told(root, [whole[start:end] for start, end in pairwise(marks)])
        assert statuses(answers) == [status for _, status in STREAM]

    check()
    assert {body for body, _, _ in stored(database_url)} == {status_body(number) for number in range(1, 6)}


JUDGED = {
    "signed": (BODY, None),
    "unsigned": (BODY, "sha256=" + "0" * 64),
    "no JSON": (b"no", None),
    "beyond the parser": (b'{"a": ' + b"9" * 50 + b"}", None),
}


def test_both_ways_answer_and_count_alike(root: str) -> None:
    def asked(version: str) -> dict[str, bytes]:
        answers = {}
        for kind, (body, signed) in JUDGED.items():
            with connected(root) as connection:
                connection.sendall(request(body, signed=signed, version=version))
                answers[kind] = one_answer(connection)
        return answers

    def counted() -> dict[str, float]:
        found = re.findall(r'requests_total\{outcome="(\w+)"\} (\S+)', get(root, "/metrics").text)
        return {word: float(count) for word, count in found}

    def bare(answer: bytes) -> bytes:
        return re.sub(rb"(?m)^(date|connection): .*\r\n", b"", answer)

    direct = asked("1.1")
    after_direct = counted()
    long = asked("1.0")
    assert {kind: bare(one) for kind, one in direct.items()} == {
        kind: bare(one) for kind, one in long.items()
    }
    assert all(b"\r\ndate: " in one for one in direct.values())
    assert after_direct == {"stored": 1, "unsigned": 1, "not_json": 1, "dead": 1}
    assert counted() == {word: 2 * count for word, count in after_direct.items()}


def test_a_body_may_be_as_large_as_the_short_way_takes_and_larger(root: str, database_url: str) -> None:
    bodies = [status_body(number).ljust(size) for number, size in enumerate((INLINE, INLINE + 1))]
    assert [post(root, body).status_code for body in bodies] == [200, 200]
    assert [body for body, _, _ in stored(database_url)] == bodies


def test_a_sender_who_hangs_up_gives_back_the_room_that_the_body_had(
    env: dict[str, str], tmp_path: Path
) -> None:
    body = BODY.ljust(1900)
    with receiving(receiver_app(env, tmp_path), Limits(bodies=2000, read=60)) as root:
        with connected(root) as connection:
            connection.sendall(request(body)[:-100])
            eventually(lambda: post(root, body).status_code == 503, "the first body was never begun")
        eventually(lambda: post(root, body).status_code == 200, "the room was never given back")
        assert 'requests_total{outcome="gone"} 1.0' in get(root, "/metrics").text


def test_a_connection_too_many_is_turned_away_and_those_that_are_open_go_on(
    env: dict[str, str], tmp_path: Path
) -> None:
    def asked(connection: socket.socket) -> int:
        connection.sendall(request(BODY))
        return statuses(one_answer(connection))[0]

    with receiving(receiver_app(env, tmp_path), Limits(connections=2)) as root:
        with connected(root) as first, connected(root) as second:
            assert [asked(first), asked(second)] == [200, 200]
            assert post(root, BODY).status_code == 503
            assert get(root, "/healthz").status_code == 503
            assert [asked(first), asked(second)] == [200, 200]
        eventually(lambda: post(root, BODY).status_code == 200, "the place was never free again")
        figures = get(root, "/metrics").text
    crowded = re.search(r'requests_total\{outcome="crowded"\} (\S+)', figures)
    assert crowded
    assert float(crowded[1]) >= 2


def test_blanks_around_a_header_are_not_of_its_value(root: str) -> None:
    def padded(version: str) -> bytes:
        whole = request(BODY, "Connection: close", signed=f" {signature(BODY)} \t ", version=version)
        length = str(len(BODY)).encode()
        return whole.replace(b"Content-Length: " + length, b"Content-Length:\t" + length + b" \t")

    assert [statuses(raw(root, padded(version))) for version in ("1.1", "1.0")] == [[200], [200]]


def test_an_idle_connection_is_closed_after_either_way(env: dict[str, str], tmp_path: Path) -> None:
    with receiving(receiver_app(env, tmp_path), Limits(idle=1)) as root, ThreadPoolExecutor(2) as pool:
        found = [pool.submit(raw, root, data, wait=60.0) for data in (request(BODY), chunked(BODY))]
        assert [statuses(one.result(60)) for one in found] == [[200], [200]]


def test_what_waits_for_its_commit_is_answered_when_the_receiver_ends(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    with ThreadPoolExecutor(2) as pool, ExitStack() as stack:
        address = stack.enter_context(receiving(receiver_app(env, tmp_path)))
        with table_locked(database_url):
            answer = pool.submit(raw, address, request(BODY), wait=60.0)
            eventually(lambda: waits_for_a_lock(database_url), "nobody wanted to write")
            ended = pool.submit(stack.close)
            eventually(lambda: is_refused(address), "the receiver never began to end")
        assert statuses(answer.result(60)) == [200]
        assert b"connection: close" in answer.result()
        ended.result(60)
    assert stored(database_url) == [(BODY, "pending", 1)]


class _Waiting:
    """Somebody whose connection breaks when told, or not."""

    def __init__(self, breaks: bool) -> None:
        self.breaks, self.answer = breaks, asyncio.Event()

    def done(self) -> bool:
        return self.answer.is_set()

    def set_result(self, stored: bool) -> None:
        if self.breaks:
            raise ConnectionError
        assert stored
        self.answer.set()


def test_an_answer_that_breaks_keeps_no_other_from_its_own() -> None:
    async def keep() -> list[int]:
        together: list[int] = []
        keeper = Keeper(len, lambda count, _: together.append(count), patience=60)
        everybody = [_Waiting(breaks) for breaks in (False, True, False)]
        for number, one in enumerate(everybody):
            keeper.hand(Incoming(status_body(number)), one)
        keeper.start()
        await everybody[2].answer.wait()
        assert await keeper.keep(Incoming(BODY))
        await keeper.close()
        return together

    assert asyncio.run(asyncio.wait_for(keep(), 60)) == [3, 1]
