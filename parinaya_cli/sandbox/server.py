"""The WhatsApp stand-in as a server: building it, and running it until a signal comes.

``run`` blocks and is what ``parinaya sandbox serve`` calls; ``running`` is for tests and keeps it in a
thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from parinaya_cli.domain.errors import Failed
from parinaya_cli.sandbox.actors import Cast
from parinaya_cli.sandbox.console import Console
from parinaya_cli.sandbox.deliveries import Deliveries
from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.faults import UNSUBSCRIBED, Fault, FaultPlan, parse_fault
from parinaya_cli.sandbox.graph import TRANSPORT, Graph
from parinaya_cli.sandbox.guests import Script, load_script
from parinaya_cli.sandbox.options import SandboxOptions, check_options, shipped_templates
from parinaya_cli.sandbox.state import World
from parinaya_cli.sandbox.templates import load_templates

__all__ = ["Fault", "SandboxOptions", "build_app", "parse_fault", "run", "running"]

GRACE = 2
"""Seconds that open requests get when the stand-in ends."""


def build_app(options: SandboxOptions) -> Starlette:
    """The whole stand-in as an ASGI application; deliveries run between its start and its shutdown.

    Raises:
        UsedWrongly: an option, the templates or the guests' script can't be used.
    """
    check_options(options)
    catalog = load_templates(options.templates or shipped_templates())
    script = load_script(options.guests) if options.guests is not None else Script(seed=options.seed)
    world = World(options, catalog, FaultPlan(options.faults))
    deliveries = Deliveries(options)
    deliveries.subscribed = world.faults.of_account(UNSUBSCRIBED) is None
    cast = Cast(world, deliveries, script)
    closing = asyncio.Event()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        world.open_journal()
        await deliveries.start()
        yield
        cast.close()
        await deliveries.stop()
        world.close_journal()

    app = Starlette(
        routes=[
            *Console(world, deliveries, cast).routes(),
            *Graph(world, deliveries, cast, closing).routes(),
        ],
        exception_handlers={GraphError: _graph_error, HTTPException: _unknown_path, ClientDisconnect: _gone},
        lifespan=lifespan,
    )
    app.state.closing = closing
    return app


async def _graph_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, GraphError)
    return JSONResponse(error.body(), status_code=error.status)


async def _gone(_request: Request, _error: Exception) -> Response:
    """The sender died in the middle of its request: nobody reads this."""
    return Response(status_code=400)


async def _unknown_path(request: Request, error: Exception) -> Response:
    """No such address, or not with that verb: said as the Graph API says it."""
    assert isinstance(error, HTTPException)
    told = GraphError(2500, message=f"Unknown path components: {request.url.path}")
    if error.status_code == 405:
        told = GraphError(100, message=f"(#100) Unsupported {request.method.lower()} request.")
    return JSONResponse(told.body(), status_code=told.status)


class _Protocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it; the application can reach the connection, to cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]


class _Server(uvicorn.Server):
    """A server that says when it accepts connections, and ends cleanly on SIGTERM and SIGINT.

    ``closing`` is set before open requests are waited for, so that answers which are late on purpose end.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], closing: asyncio.Event) -> None:
        super().__init__(config)
        self._ready = ready
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
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
        self.should_exit = True


def _open(options: SandboxOptions, ready: Callable[[str], None]) -> tuple[_Server, socket.socket]:
    app = build_app(options)
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # With the protocol named, asyncio turns off Nagle's delay; without, each answer waits some 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((options.host, options.port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        hint = "Choose another port, or end the program that uses it."
        raise Failed(
            f"The stand-in can't listen on {options.host}:{options.port}: {error.strerror}.", hint
        ) from error
    host = f"[{options.host}]" if family == socket.AF_INET6 else options.host
    address = f"http://{host}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="asyncio",
        log_config=None,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE,
    )
    return _Server(config, lambda: ready(address), app.state.closing), listener


def _say_ready(address: str) -> None:
    sys.stderr.write(f"ready: the WhatsApp stand-in listens on {address}\n")
    sys.stderr.flush()


def run(options: SandboxOptions, *, ready: Callable[[str], None] = _say_ready) -> None:
    """Run the stand-in until SIGTERM or SIGINT; both end it cleanly and this returns.

    ``ready`` is called once, with the address, when connections are accepted; it writes one line to stderr
    unless another is given. Port 0 takes a free port.

    Raises:
        UsedWrongly: an option, the templates, the script or the journal can't be used.
        Failed: the port is taken.
    """
    server, listener = _open(options, ready)
    with listener:
        server.run(sockets=[listener])


@contextlib.contextmanager
def running(options: SandboxOptions) -> Iterator[str]:
    """The stand-in in a thread of this process, for as long as the block lasts; gives its address.

    Raises:
        UsedWrongly, Failed: as :func:`run`.
    """
    is_ready = threading.Event()
    addresses: list[str] = []

    def ready(address: str) -> None:
        addresses.append(address)
        is_ready.set()

    server, listener = _open(options, ready)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    with listener:
        thread.start()
        try:
            if not is_ready.wait(20):
                raise Failed("The stand-in did not start within 20 seconds.", "Look at what was logged.")
            yield addresses[0]
        finally:
            server.should_exit = True
            thread.join(20)
