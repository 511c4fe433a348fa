"""A real receiver for tests: uvicorn in a thread, signed deliveries, raw requests, what Postgres holds."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg

from parinaya_cli import settings
from parinaya_cli.web import server, webhook, webhook_desk
from parinaya_cli.web.bells import ReceiverApp
from parinaya_cli.web.bodies import Limits

SECRET = "test-app-secret"
TOKEN = "test-verify-token"


def receiver_app(env: Mapping[str, str], folder: Path) -> ReceiverApp:
    """The parts of a receiver in that environment."""
    return ReceiverApp(settings.load(env=env, path=folder / "config" / "config.toml"))


@contextmanager
def receiving(app: ReceiverApp, limits: Limits | None = None) -> Iterator[str]:
    """A receiver in a thread; gives its root address. ``app`` is closed at the end."""
    ready = threading.Event()
    limits = limits or Limits()
    with server.listen("127.0.0.1", 0) as listener:
        running = webhook.make(app, limits, ready.set)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            assert ready.wait(20)
            yield server.address(listener, "127.0.0.1")
        finally:
            running.stop()
            thread.join(20)
            app.close()
            assert not thread.is_alive()


def status_body(number: int, status: str = "delivered") -> bytes:
    """A delivery with one status, unlike all others."""
    element = {
        "id": f"wamid.{number}",
        "status": status,
        "timestamp": "1763800000",
        "recipient_id": "919820012345",
    }
    return envelope({"statuses": [element]})


def envelope(value: Mapping[str, object]) -> bytes:
    """A delivery in Meta's shape."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        **value,
    }
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode("ascii")


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(root: str, body: bytes, **headers: str) -> httpx.Response:
    """Post a delivery, signed unless a signature is given."""
    told = {"X-Hub-Signature-256": signature(body), "Content-Type": "application/json"}
    told.update({name.replace("_", "-"): value for name, value in headers.items()})
    return httpx.post(root + webhook_desk.PATH, content=body, headers=told, timeout=60, trust_env=False)


def get(root: str, path: str) -> httpx.Response:
    return httpx.get(root + path, timeout=60, trust_env=False)


def raw(root: str, data: bytes, *, wait: float = 20.0) -> bytes:
    """Send bytes on a connection of their own, and read until the other side closes it or nothing comes."""
    parts = urlsplit(root)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=wait) as connection:
        connection.sendall(data)
        found = b""
        try:
            while chunk := connection.recv(65536):
                found += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return found


def stored(database_url: str) -> list[tuple[bytes, str, int]]:
    """Body, state and times of every stored delivery, in their order."""
    with psycopg.connect(database_url) as conn:
        return conn.execute("SELECT body, state, times FROM webhook_events ORDER BY number").fetchall()


def commits(database_url: str) -> int:
    """How many transactions stored the deliveries that are there."""
    with psycopg.connect(database_url) as conn:
        row = conn.execute("SELECT count(DISTINCT xmin::text) FROM webhook_events").fetchone()
    assert row is not None
    count: int = row[0]
    return count


def eventually(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@contextmanager
def table_locked(database_url: str) -> Iterator[None]:
    """Nobody else can write deliveries."""
    with psycopg.connect(database_url) as conn:
        conn.execute("LOCK TABLE webhook_events IN SHARE MODE")
        yield


def waits_for_a_lock(database_url: str) -> bool:
    with psycopg.connect(database_url) as conn:
        row = conn.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'webhook_events'::regclass"
        ).fetchone()
    assert row is not None
    return bool(row[0])
