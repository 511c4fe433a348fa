"""What comes back over a connection to the Graph API: the bytes, and what is read into them."""

from __future__ import annotations

import asyncio
import json
import math

import httpx
from hypothesis import strategies as st

from parinaya_cli.adapters.whatsapp.errors import response_outcome
from parinaya_cli.adapters.whatsapp.lines import Line
from parinaya_cli.domain.messages import Accepted, NoAnswer, Refused
from tests.fuzz.pieces import Target, encoded, spliced, words

LARGEST = 1024
ACCEPTED = {"messages": [{"id": "wamid.X"}], "contacts": [{"wa_id": "919820010001"}]}
REFUSED = {"error": {"message": "x", "type": "OAuthException", "code": 190, "error_data": {"details": "y"}}}
_BODY = json.dumps(ACCEPTED).encode()
_WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n%b" % (
    len(_BODY),
    _BODY,
)


def check_outcome(told: tuple[int, str, str, bytes]) -> None:
    """Any answer is taken, refused or unclear; taken only with a message id, and the wait is a number of seconds."""
    status, wait, date, body = told
    outcome = response_outcome(status, {"retry-after": wait, "date": date}, body)
    if isinstance(outcome, Accepted):
        assert 200 <= status < 300
        assert outcome.message_id.encode()
    elif isinstance(outcome, Refused):
        outcome.error.title.encode()
        assert outcome.retry_after is None or 0 <= outcome.retry_after < math.inf
    else:
        assert isinstance(outcome, NoAnswer)


def check_answer(answer: bytes) -> None:
    """Any bytes on the line are an answer or an error of httpx's, and no more is kept than was asked for."""
    response = asyncio.run(_ask(answer))
    if response is not None:
        assert 200 <= response.status_code < 1000
        assert len(response.content) <= LARGEST + len(answer)


async def _ask(answer: bytes) -> httpx.Response | None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    root = httpx.URL(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        async with httpx.AsyncClient(transport=Line(root, None, LARGEST), timeout=60) as client:
            return await client.post(root)
    except (httpx.TransportError, httpx.DecodingError):
        return None
    finally:
        server.close()
        await server.wait_closed()


_BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([ACCEPTED, REFUSED]).map(json.dumps).flatmap(lambda text: spliced(text.encode())),
    words('{"error":', '{"code":', "190", '"message":', '"x"', "}", ",", '{"messages":[{"id":', "]").map(
        encoded
    ),
)
_HEADS = (
    *("HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.0 500 x\r\n", "Content-Length: 3\r\n"),
    *(
        "Transfer-Encoding: chunked\r\n",
        "Content-Encoding: gzip\r\n",
        "Connection: close\r\n",
        "\r\n",
        "3\r\nabc\r\n",
    ),
    *("0\r\n\r\n", "Upgrade: h2c\r\n", "HTTP/1.1 204 No\r\n\r\n", "Content-Length: 99999999999999999999\r\n"),
)

TARGETS: dict[str, Target] = {
    "outcome": Target(
        st.tuples(
            st.integers(100, 999),
            words(
                "1", "0", ".", "-", "e9", "inf", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 0001 00:00:00"
            ),
            words("Fri, 31 Dec 1999 23:59:59 GMT", "Tue, 24 Nov 2026 10:00:00 +2359", "x"),
            _BODIES,
        ),
        check_outcome,
    ),
    "answer": Target(st.one_of(words(*_HEADS).map(encoded), spliced(_WHOLE)), check_answer),
}
