"""A receiver that keeps what arrives, a stand-in with a client, and requests that are right."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from parinaya_cli.sandbox.server import SandboxOptions, running

SECRET = "the app's secret"
VERIFY = "the verify token"
NUMBER = "106540352242922"
WABA = "102290129340398"
MESSAGES = f"/v25.0/{NUMBER}/messages"
GUEST = "+919812345678"


@dataclass(frozen=True)
class Arrival:
    """One POST as it came in, and what it was answered with."""

    body: bytes
    headers: dict[str, str]
    status: int


@dataclass
class Receiver:
    """What a receiver has got so far. ``answer`` decides the status of the nth POST, counted from 1."""

    address: str = ""
    answer: Callable[[int], int] = lambda _: 200
    arrivals: list[Arrival] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        with self.lock:
            status = self.answer(len(self.arrivals) + 1)
            self.arrivals.append(Arrival(body, headers, status))
            return status

    def confirmed(self) -> list[dict[str, Any]]:
        """The bodies that were answered with 200."""
        with self.lock:
            return [json.loads(a.body) for a in self.arrivals if a.status == 200]

    def changes(self) -> list[dict[str, Any]]:
        return [change for body in self.confirmed() for entry in body["entry"] for change in entry["changes"]]

    def statuses(self) -> list[dict[str, Any]]:
        return [s for change in self.changes() for s in change["value"].get("statuses", [])]

    def messages(self) -> list[dict[str, Any]]:
        return [m for change in self.changes() for m in change["value"].get("messages", [])]


@contextlib.contextmanager
def receiving(answer: Callable[[int], int] = lambda _: 200) -> Iterator[Receiver]:
    """A receiver on a free port; its handshake takes :data:`VERIFY`."""
    kept = Receiver(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.reply(kept.take(body, {k.lower(): v for k, v in self.headers.items()}), b"")

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            right = query.get("hub.verify_token") == [VERIFY] and query.get("hub.mode") == ["subscribe"]
            self.reply(200 if right else 403, query["hub.challenge"][0].encode() if right else b"")

        def reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        kept.address = f"http://127.0.0.1:{server.server_port}/webhooks/whatsapp"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class StandIn:
    """A running stand-in and a client that bears a token."""

    address: str
    client: httpx.Client

    def post(self, body: dict[str, Any]) -> httpx.Response:
        return self.client.post(MESSAGES, json=body)

    def say(self, **what: Any) -> dict[str, Any]:
        answer = self.client.post("/_sandbox/say", json=what)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def figures(self) -> dict[str, Any]:
        told: dict[str, Any] = self.client.get("/_sandbox/figures").json()
        return told

    def until(self, right: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The figures, once they are as wanted."""
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            told = self.figures()
            if right(told):
                return told
            time.sleep(0.02)
        raise AssertionError(f"not within 60 seconds: {self.figures()}")

    def idle(self) -> dict[str, Any]:
        """The figures, once everything has been played and confirmed."""
        return self.until(lambda told: bool(told["idle"]))


@contextlib.contextmanager
def standing_in(receiver: Receiver | None = None, **options: Any) -> Iterator[StandIn]:
    """A stand-in whose guests hurry, on a free port, delivering to the receiver."""
    given: dict[str, Any] = {"port": 0, "app_secret": SECRET, "delay": (0.0, 0.01), "retry": (0.03, 0.2)}
    given["webhook"] = receiver.address if receiver else None
    with contextlib.ExitStack() as stack:
        if "guests" not in options:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            given["guests"] = script(folder / "guests.yaml", "  []\n")
        address = stack.enter_context(running(SandboxOptions(**{**given, **options})))
        headers = {"Authorization": "Bearer a-token"}
        client = httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=20, verify=False)
        yield StandIn(address, stack.enter_context(client))


def script(path: Path, guests: str, *, pace: str = "{read_after: [0, 0], answer_after: [0, 0]}") -> Path:
    """A guests' script in a file; ``guests`` is the YAML of the list's entries."""
    path.write_text(f"version: 1\nseed: 7\npace: {pace}\nguests:\n{guests}", "utf-8")
    return path


INVITE: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "recipient_type": "individual",
    "to": GUEST,
    "type": "template",
    "biz_opaque_callback_data": "w1:d1:a1",
    "template": {
        "name": "shaadi_invite",
        "language": {"code": "en"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "parameter_name": "guest_name", "text": "Ramesh Sharma"},
                    {"type": "text", "parameter_name": "couple", "text": "Ananya & Kabir"},
                    {"type": "text", "parameter_name": "events", "text": "Sangeet / Pheras"},
                    {"type": "text", "parameter_name": "rsvp_by", "text": "20 January"},
                ],
            },
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": "0",
                "parameters": [{"type": "payload", "payload": "rsvp:yes"}],
            },
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": "1",
                "parameters": [{"type": "payload", "payload": "rsvp:no"}],
            },
        ],
    },
}

REMINDER: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "to": GUEST,
    "type": "template",
    "template": {
        "name": "sangeet_reminder",
        "language": {"code": "en"},
        "components": [
            {
                "type": "body",
                "parameters": [{"type": "text", "text": "Ramesh"}, {"type": "text", "text": "20 January"}],
            }
        ],
    },
}


def invite(to: str = GUEST, *, token: str = "w1:d1:a1", name: str = "Ramesh Sharma") -> dict[str, Any]:
    """An invitation to somebody."""
    body = copy.deepcopy(INVITE)
    body["to"], body["biz_opaque_callback_data"] = to, token
    body["template"]["components"][0]["parameters"][0]["text"] = name
    return body


def free_text(text: str, to: str = GUEST) -> dict[str, Any]:
    """A free-form text to somebody."""
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}}


def free_buttons(text: str, titles: list[str], to: str = GUEST) -> dict[str, Any]:
    """A free-form message with reply buttons; the ids are ``b0``, ``b1``, …."""
    buttons = [{"type": "reply", "reply": {"id": f"b{n}", "title": t}} for n, t in enumerate(titles)]
    interactive = {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}}
    return {"messaging_product": "whatsapp", "to": to, "type": "interactive", "interactive": interactive}


def free_list(text: str, titles: list[str], to: str = GUEST) -> dict[str, Any]:
    """A free-form list with one section; the ids are ``r0``, ``r1``, …."""
    rows = [{"id": f"r{n}", "title": t, "description": "d"} for n, t in enumerate(titles)]
    action = {"button": "Choose", "sections": [{"title": "Section", "rows": rows}]}
    interactive = {"type": "list", "body": {"text": text}, "action": action}
    return {"messaging_product": "whatsapp", "to": to, "type": "interactive", "interactive": interactive}


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The request with one thing replaced (``...`` takes it out); ``path`` has dots, digits are places."""
    body = copy.deepcopy(body)
    at: Any = body
    *way, last = path.split(".")
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    key: Any = int(last) if last.isdigit() else last
    if value is ...:
        del at[key]
    else:
        at[key] = value
    return body
