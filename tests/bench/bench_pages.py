"""How many pages a second the website shows, compared with an empty page of Starlette behind the same server.

python -m tests.bench.bench_pages [households]

Both are processes of their own; the client speaks bare HTTP over eight connections that stay open. A page is kept for
a moment once it was made: ``again`` asks for the same one, ``each for the first time`` never asks twice.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from parinaya_cli import settings, wiring
from parinaya_cli.services import site_links
from parinaya_cli.store import engine, schema
from parinaya_cli.web import server
from parinaya_cli.web.bodies import Limits
from tests.bench.report import Row, show
from tests.conftest import ROOT
from tests.databases import named
from tests.servers import start_servers
from tests.services.wedding_kit import Scene, open_scene

HOUSEHOLDS = 400
CONNECTIONS = 8
SECONDS = 4.0
ROUNDS = 3
BAR = 0.3
STEADY = 200.0
"""Requests a second at which the slowest hundredth is looked at."""
BAR_MS = 50.0


def main(households: int) -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory(prefix="parinaya-bench-") as folder,
        _wedding(Path(folder), households) as (env, paths),
        _process("tests.bench.bench_pages", "empty") as empty,
        _process("parinaya_cli", "site", "serve", "--port", "0", env=env) as site,
    ):
        again = {
            "a page of Starlette": (empty, ["/"]),
            "the public page": (site, ["/w/bench"]),
            "a household's page, again": (site, paths[:1]),
        }
        rates = _rates(again)
        first = asyncio.run(_first(site, paths))
        slowest = {name: asyncio.run(_steady(*what)) for name, what in again.items()}
    floor = rates["a page of Starlette"]
    rows = [
        Row(name, rate, rate / floor, None if rate == floor else BAR, True) for name, rate in rates.items()
    ]
    rows.append(Row("households' pages, each for the first time", first, first / floor))
    show("Pages a second", rows, unit="pages/s", note="ratio: to the empty page of Starlette")
    quick = [Row(name, took, took / BAR_MS, 1.0) for name, took in slowest.items()]
    show(f"The slowest hundredth at {STEADY:.0f} a second", quick, note=f"ratio: to {BAR_MS:.0f} ms")


@contextmanager
def _wedding(folder: Path, households: int) -> Iterator[tuple[Mapping[str, str], list[str]]]:
    """The environment of a wedding, and the paths of its households' pages."""
    (folder / "config").mkdir()
    addresses = start_servers(folder)
    with psycopg.connect(addresses.database_url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE bench")
    env = {
        "PARINAYA_HOME": str(folder / "home"),
        "PARINAYA_CONFIG_DIR": str(folder / "config"),
        "DATABASE_URL": named(addresses.database_url, "bench"),
        "REDIS_URL": addresses.redis_url,
        "PARINAYA_AUDIT_KEY": "bench",
        "PARINAYA_TAP_SECRET": "bench",
        "PARINAYA_SITE_SECRET": "bench",
    }
    db = engine.open_engine(env["DATABASE_URL"], pool=1)
    schema.upgrade(db)
    db.dispose()
    told = settings.load(env=env, path=folder / "config" / "config.toml")
    with open_scene(env["DATABASE_URL"]) as scene, wiring.open_app(told) as app:
        yield env, _links(scene, app.site_setup, households)


def _links(scene: Scene, setup: site_links.SiteSetup, households: int) -> list[str]:
    scene.run("UPDATE weddings SET slug = 'bench'")
    for slug in ("haldi", "sangeet", "reception"):
        scene.event(slug, venue="Taj Lake Palace", address="Pichola Lake, Udaipur")
    units = [scene.household(f"Guest {number}", seats=4).id for number in range(households)]
    scene.invite("haldi", "sangeet", "reception")
    with scene.begin() as tx:
        return [urlsplit(url).path for url in site_links.unit_links(tx, setup, units).values()]


@contextmanager
def _process(module: str, *argv: str, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *argv],
        env={**os.environ, **(env or {})},
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        try:
            assert process.stderr is not None
            yield process.stderr.readline().removeprefix("ready: ").strip()
        finally:
            process.send_signal(signal.SIGTERM)


def empty() -> None:
    """Serve an empty page until SIGTERM."""

    async def page(_: Request) -> Response:
        return HTMLResponse("")

    with server.listen("127.0.0.1", 0) as listener:
        address = server.address(listener, "127.0.0.1")
        app = Starlette(routes=[Route("/", page)])
        server.make(app, Limits(), lambda: print(f"ready: {address}", file=sys.stderr, flush=True)).run(
            sockets=[listener]
        )


# ── the client ─────────────────────────────────────────────────────────────────────────────────────────


class Connection:
    """A connection that stays open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, root: str) -> Connection:
        """To the server at this address."""
        parts = urlsplit(root)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def get(self, path: str) -> None:
        """Ask for a page and read all of it."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await self._reader.readexactly(length)

    def close(self) -> None:
        """End it."""
        self._writer.close()


def _rates(what: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, float]:
    """The median of some rounds, in which all take turns."""
    found: dict[str, list[float]] = {name: [] for name in what}
    for turn in range(ROUNDS + 1):
        for name, (root, paths) in what.items():
            rate = asyncio.run(_rate(root, paths))
            if turn:
                found[name].append(rate)
    return {name: statistics.median(rates) for name, rates in found.items()}


async def _rate(root: str, paths: Sequence[str]) -> float:
    end = time.perf_counter() + SECONDS / 2
    count = 0

    async def ask(connection: Connection) -> None:
        nonlocal count
        while time.perf_counter() < end:
            await connection.get(paths[0])
            count += 1
        connection.close()

    began = time.perf_counter()
    connections = [await Connection.open(root) for _ in range(CONNECTIONS)]
    await asyncio.gather(*map(ask, connections))
    return count / (time.perf_counter() - began)


async def _first(root: str, paths: Sequence[str]) -> float:
    left = list(paths[1:])

    async def ask(connection: Connection) -> None:
        while left:
            await connection.get(left.pop())
        connection.close()

    connections = [await Connection.open(root) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    await asyncio.gather(*map(ask, connections))
    return (len(paths) - 1) / (time.perf_counter() - began)


async def _steady(root: str, paths: Sequence[str]) -> float:
    """The 99th of a hundred times in milliseconds, when requests come evenly; waiting for a connection counts."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(4 * CONNECTIONS):
        free.put_nowait(await Connection.open(root))
    times: list[float] = []

    async def ask(due: float) -> None:
        connection = await free.get()
        await connection.get(paths[0])
        times.append((time.perf_counter() - due) * 1000)
        free.put_nowait(connection)

    began, tasks = time.perf_counter(), []
    for number in range(int(STEADY * SECONDS)):
        due = began + number / STEADY
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(due)))
    await asyncio.gather(*tasks)
    while not free.empty():
        free.get_nowait().close()
    return statistics.quantiles(times, n=100)[98]


if __name__ == "__main__":
    if sys.argv[1:] == ["empty"]:
        empty()
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else HOUSEHOLDS)
