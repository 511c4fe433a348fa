"""How a server ends: what is open is answered, and nobody who keeps asking can hold it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from parinaya_cli.web import server
from parinaya_cli.web.bodies import Limits

REQUEST = b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n"


def app(held: asyncio.Event) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Answers at once, but ``/held`` only when it is let go."""

    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/held":
            await held.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    return answer


async def accepted_late(running: server.Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that the kernel had already given to a server which then began to end."""
    ours, theirs = socket.socketpair()
    config, state = running.config, running.server_state
    await asyncio.get_running_loop().connect_accepted_socket(
        lambda: config.http_protocol_class(config=config, server_state=state, app_state={}),  # type: ignore[call-arg]
        theirs,
    )
    return await asyncio.open_connection(sock=ours)


async def answers_until_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    """How many requests are answered on a connection whose client asks again and again."""
    count = 0
    while True:
        try:
            writer.write(REQUEST % b"")
            if not await reader.read(65536):
                return count
        except ConnectionError:
            return count
        count += 1
        await asyncio.sleep(0.01)


async def ending() -> tuple[int, bytes]:
    held, ready = asyncio.Event(), asyncio.Event()
    with server.listen("127.0.0.1", 0) as listener:
        running = server.make(app(held), Limits(head=60), ready.set)
        port = listener.getsockname()[1]
        serving = asyncio.create_task(running.serve(sockets=[listener]))
        await ready.wait()
        slow, ask = await asyncio.open_connection("127.0.0.1", port)
        ask.write(REQUEST % b"held")
        while not running.server_state.tasks:
            await asyncio.sleep(0.01)
        running.stop()
        while any(one.is_serving() for one in running.servers):
            await asyncio.sleep(0.01)
        count = await asyncio.wait_for(answers_until_closed(*await accepted_late(running)), 8)
        held.set()
        answer = await slow.read()
        await serving
        ask.close()
    return count, answer


def test_a_connection_accepted_while_it_ends_is_closed_and_an_open_request_is_answered() -> None:
    count, answer = asyncio.run(ending())
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"ok")
    assert count < 100
