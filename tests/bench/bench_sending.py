"""How many messages leave in a second, compared with a bare loop of httpx, and how evenly at the usual rate.

python -m tests.bench.bench_sending [messages]

A server on loopback takes each message and answers after 200 ms, as Meta does. ``PARINAYA_BENCH_MESSAGES`` says how
many leave as fast as they can, ``PARINAYA_BENCH_SECONDS`` how long the usual rate is held by two workers.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import psycopg

from parinaya_cli.adapters.embedded import Embedded
from parinaya_cli.adapters.whatsapp.client import Account, CloudApi
from parinaya_cli.domain.access import Channel, system
from parinaya_cli.domain.audit import ChainKey
from parinaya_cli.services import dispatches
from parinaya_cli.services.dispatches import Flow
from parinaya_cli.store import engine
from parinaya_cli.store.transaction import open_transaction
from tests.bench.bench_imports import run
from tests.bench.bench_planning import NUMBER, fill
from tests.bench.report import Row, show

MESSAGES = int(os.environ.get("PARINAYA_BENCH_MESSAGES", "6000"))
SECONDS = int(os.environ.get("PARINAYA_BENCH_SECONDS", "60"))
IN_FLIGHT, RATE = 256, 80
LATENCY = 0.2
BAR_RATIO, BAR_RATE, BAR_EVEN = 0.6, 500.0, 0.95


class _Answers(asyncio.Protocol):
    """Enough of HTTP/1.1 to take a message and say later that it was accepted."""

    numbers = itertools.count(1)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.read = transport, b""

    def data_received(self, data: bytes) -> None:
        self.read += data
        head, found, body = self.read.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self.read = body[length:]
            asyncio.get_running_loop().call_later(LATENCY, self._answer)

    def _answer(self) -> None:
        body = b'{"messaging_product":"whatsapp","contacts":[{"wa_id":"91"}],"messages":[{"id":"wamid.%d"}]}'
        body %= next(self.numbers)
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            + body
        )


def _serve(port: Connection) -> None:
    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(_Answers, "127.0.0.1", 0, backlog=1024)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


@contextmanager
def _provider() -> Iterator[str]:
    mine, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{mine.recv()}"
    finally:
        process.kill()
        process.join()


def bare(address: str, messages: int) -> tuple[float, float]:
    """Seconds and CPU seconds that httpx takes for so many messages, a client for each connection."""
    body = b'{"messaging_product":"whatsapp","to":"+919800000001","type":"text","text":{"body":"%s"}}' % (
        b"x" * 400
    )

    async def one(left: Iterator[int]) -> None:
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            for _ in left:
                answer = await client.post(f"{address}/v25.0/{NUMBER}/messages", content=body)
                assert answer.json()["messages"]

    async def every() -> None:
        left = iter(range(messages))
        await asyncio.gather(*(one(left) for _ in range(IN_FLIGHT)))

    begun, cpu = time.perf_counter(), time.process_time()
    asyncio.run(every())
    return time.perf_counter() - begun, time.process_time() - cpu


def ours(address: str, url: str, messages: int) -> tuple[float, float]:
    """The same for one worker: pace, gate, journal and all."""
    db = engine.open_engine(url, pool=2)
    sender = CloudApi(Account(address, "v25.0", "token", "102290129340398"), in_flight=IN_FLIGHT)
    begin = lambda: open_transaction(db, system(Channel.WORKER), ChainKey(b"bench"))  # noqa: E731
    begun, cpu = time.perf_counter(), time.process_time()
    sent = dispatches.deliver_slice(begin, sender, Flow(1e6, IN_FLIGHT)).sent
    took = time.perf_counter() - begun, time.process_time() - cpu
    assert sent == messages, sent
    sender.close()
    db.dispose()
    return took


def held(env: dict[str, str], url: str) -> float:
    """Messages a second that two workers let leave at the usual rate, between a tenth and the end of the time."""
    argv = [sys.executable, "-m", "parinaya_cli", "worker", "--queues", "invites.send"]
    workers = [subprocess.Popen(argv, env=env, stderr=subprocess.DEVNULL) for _ in range(2)]
    with psycopg.connect(url, autocommit=True) as conn:
        ends = time.monotonic() + SECONDS + 60
        while (
            time.monotonic() < ends
            and conn.execute(
                "SELECT 1 FROM invite_dispatch WHERE state IN ('queued', 'sending') LIMIT 1"
            ).fetchone()
        ):
            time.sleep(0.5)
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(60)
        row = conn.execute(
            "WITH a AS (SELECT started_at - min(started_at) OVER () AS at FROM dispatch_attempts) SELECT count(*) "
            "FROM a WHERE at >= make_interval(secs => %(s)s * 0.1) AND at < make_interval(secs => %(s)s)",
            {"s": SECONDS},
        ).fetchone()
    assert row is not None
    return float(row[0]) / (SECONDS * 0.9)


@contextmanager
def _wedding(address: str, households: int, rate: int) -> Iterator[tuple[dict[str, str], str]]:
    """An installation of its own with a batch to so many phones, and nothing sent yet."""
    with tempfile.TemporaryDirectory(prefix="parinaya-bench-") as name:
        told = ("PARINAYA_", "DATABASE_", "REDIS_", "WHATSAPP_")
        keep = {key: value for key, value in os.environ.items() if not key.startswith(told)}
        env = {**keep, "PARINAYA_HOME": f"{name}/home", "PARINAYA_CONFIG_DIR": f"{name}/config"}
        env |= {"WHATSAPP_PHONE_NUMBER_ID": NUMBER, "WHATSAPP_ACCESS_TOKEN": "token"}
        env |= {"WHATSAPP_BUSINESS_ACCOUNT_ID": "102290129340398", "WHATSAPP_BASE_URL": address}
        env["WHATSAPP_MESSAGES_PER_SECOND"] = str(rate)
        run(env, "init")
        servers = Embedded(Path(name) / "home")
        url = servers.start().admin_url
        try:
            run(env, "weddings", "add", "Bench", "--slug", "bench")
            day = f"20{time.gmtime().tm_year % 100 + 1}-02-10"
            run(
                env,
                "events",
                "add",
                "Sangeet",
                "--slug",
                "sangeet",
                "--starts",
                f"{day}T19:00",
                "--rsvp-by",
                day,
            )
            fill(url, households)
            run(env, "invite", "send", "--template", "shaadi_invite", "--yes")
            yield env, url
        finally:
            servers.release()


def _queued(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT count(*) FROM invite_dispatch WHERE state = 'queued'").fetchone()
    assert row is not None
    return int(row[0])


def main(messages: int = MESSAGES) -> None:
    """Measure and print."""
    with _provider() as address:
        with _wedding(address, messages, 1000) as (_, url):
            count = _queued(url)
            floor, floor_cpu = bare(address, count)
            took, cpu = ours(address, url, count)
        with _wedding(address, int(RATE * (SECONDS + 10) * 1.03), RATE) as (env, url):
            even = held(env, url)
    show(
        f"sending, the provider takes {LATENCY * 1000:g} ms, {IN_FLIGHT} in flight",
        [
            Row("bare httpx", count / floor),
            Row("one worker", count / took, floor / took, BAR_RATIO, at_least=True),
            Row("one worker, to the bar", count / took, count / took / BAR_RATE, 1.0, at_least=True),
            Row(
                f"two workers at {RATE} a second",
                even,
                min(even / RATE, RATE / even),
                BAR_EVEN,
                at_least=True,
            ),
        ],
        unit="a second",
        note=f"CPU seconds for 1,000 messages: bare {floor_cpu / count * 1000:.2f}, "
        f"one worker {cpu / count * 1000:.2f}",
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
