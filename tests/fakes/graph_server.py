"""A small HTTP server on loopback that answers as a test tells it: well, ill, half or never.

It knows nothing of WhatsApp; what it answers is Meta's shape only where a test writes it so.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal


@dataclass(frozen=True)
class Request:
    """A request as it came. ``path`` bears the query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        data = json.loads(self.body)
        assert isinstance(data, dict)
        return data


@dataclass(frozen=True)
class Reply:
    """What the server does with a request.

    ``then``: ``answer`` sends all; ``cut`` closes without a byte; ``half`` promises a longer body than it
    sends, then closes; ``hang`` answers only when the server is released.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    then: Literal["answer", "cut", "half", "hang"] = "answer"


def reply_json(data: object, status: int = 200, **headers: str) -> Reply:
    """A reply with a JSON body; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(data).encode(), named)


class GraphServer:
    """Serves while it is entered; ``requests`` holds all that came, ``connections`` how many were opened."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.connections = 0
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> GraphServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: GraphServer) -> None:
        super().__init__(address, _Handler)
        self.owner = owner

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is a part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets: the second would wait for an ACK, 40 ms
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.owner.connections += 1

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def _serve(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        request = Request(self.command, self.path, dict(self.headers.items()), body)
        owner.requests.append(request)
        reply = owner.answer(request)
        self.close_connection = reply.then != "answer"
        if reply.then == "hang":
            owner.released.wait(30)
        if reply.then == "cut":
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + (100 if reply.then == "half" else 0)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()
