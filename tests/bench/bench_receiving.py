"""How many deliveries a second are stored before their 200, how quickly, and how many statuses a worker processes.

python -m tests.bench.bench_receiving [seconds]

The floor is what 32 clients of pgbench commit, one row each, into the same Postgres in the same run. Servers, receiver,
worker and the clients that post share the processors of this machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

from parinaya_cli import settings
from parinaya_cli.adapters.embedded import Embedded
from parinaya_cli.adapters.embedded.places import find_places
from parinaya_cli.adapters.embedded.programs import find_programs
from parinaya_cli.domain.access import Channel
from parinaya_cli.services import webhooks
from parinaya_cli.wiring import open_app
from tests.bench.report import Row, show
from tests.conftest import named

SECRET, NUMBER, ACCOUNT = "bench-app-secret", "106540352242922", "102290129340398"
PARINAYA = (sys.executable, "-m", "parinaya_cli")
CLIENTS, CONNECTIONS, RATE = 32, 64, 3_000
LEAST_SHARE, MOST_P50, MOST_P99, LEAST_STATUSES = 0.5, 10.0, 100.0, 1_000.0
STATUSES = ("sent", "delivered", "read")
DISPATCHES = 10_000

# ── the clients ────────────────────────────────────────────────────────────────────────────────────────


def wamid(number: int) -> str:
    """The message id of one dispatch, as long as Meta's."""
    return f"wamid.HBgMOTE5ODIwMDEyMzQ1FQIAERgS{number:024X}AA=="


def body(number: int, run: str) -> bytes:
    """A delivery of one status, some 700 bytes, unlike all others of this run."""
    status = {
        "id": wamid(number % DISPATCHES),
        "status": STATUSES[number // DISPATCHES % len(STATUSES)],
        "timestamp": str(1_763_800_000 + number),
        "recipient_id": "919820012345",
        "recipient_user_id": "IN.1349",
        "biz_opaque_callback_data": f"bench.{run}.{number}",
        "pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        "contacts": [{"wa_id": "919820012345", "user_id": "IN.1349"}],
        "statuses": [status],
    }
    entry = {"id": ACCOUNT, "changes": [{"value": value, "field": "messages"}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode("ascii")


def request(number: int, run: str) -> bytes:
    """The bytes of one signed request."""
    told = body(number, run)
    signature = hmac.new(SECRET.encode(), told, hashlib.sha256).hexdigest()
    head = (
        "POST /webhooks/whatsapp HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(told)}\r\n\r\n"
    )
    return head.encode("ascii") + told


class Client(asyncio.Protocol):
    """One connection: sends a request, waits for its answer, then tells so."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._due = 0.0
        self._answer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._crowd.free.append(self)

    def ask(self, data: bytes, due: float) -> None:
        """Send a request that should have left then."""
        self._due = due
        self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        """The answer has no body."""
        self._answer += data
        if self._answer.endswith(b"\r\n\r\n"):
            assert self._answer.startswith(b"HTTP/1.1 200 "), self._answer
            self._answer = b""
            self._crowd.answered(self, time.perf_counter() - self._due)


@dataclass
class Crowd:
    """Clients and the requests that they post: as quickly as can be, or so many a second."""

    requests: deque[bytes]
    took: list[float] = field(default_factory=list)
    free: list[Client] = field(default_factory=list)
    hurried: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)
    _all: int = 0

    def answered(self, client: Client, seconds: float) -> None:
        """One request was answered."""
        self.took.append(seconds)
        if len(self.took) == self._all:
            self.done.set()
        if self.hurried and self.requests:
            client.ask(self.requests.popleft(), time.perf_counter())
        else:
            self.free.append(client)

    async def post(self, port: int, rate: int) -> float:
        """Post all; ``rate`` 0: as quickly as can be. Returns the seconds that it took."""
        self._all, self.hurried = len(self.requests), not rate
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            await loop.create_connection(lambda: Client(self), "127.0.0.1", port)
        begun = time.perf_counter()
        if rate:
            await self._pace(begun, rate)
        else:
            for client in [self.free.pop() for _ in range(len(self.free))]:
                client.ask(self.requests.popleft(), time.perf_counter())
        await self.done.wait()
        return time.perf_counter() - begun

    async def _pace(self, begun: float, rate: int) -> None:
        sent = 0
        while self.requests:
            while self.requests and self.free and begun + sent / rate <= time.perf_counter():
                self.free.pop().ask(self.requests.popleft(), begun + sent / rate)
                sent += 1
            await asyncio.sleep(0.001)


def clients(port: int, count: int, rate: int, run: str) -> None:
    """What runs in the process of the clients: prints a second's requests, and the times of the answers."""
    crowd = Crowd(deque(request(number, run) for number in range(count)))
    seconds = asyncio.run(crowd.post(port, rate))
    marks = statistics.quantiles(crowd.took, n=100)
    print(json.dumps({"rate": count / seconds, "p50": marks[49] * 1000, "p99": marks[98] * 1000}))


def posted(address: str, count: int, rate: int) -> dict[str, float]:
    """Post so many deliveries from a process of their own."""
    argv = [str(urlsplit(address).port), str(count), str(rate), uuid.uuid4().hex[:8]]
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_receiving", "clients", *argv],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(told.stdout)
    return found


# ── floor, receiver, worker ────────────────────────────────────────────────────────────────────────────


def commits(url: str, folder: Path, seconds: int) -> float:
    """What 32 clients of pgbench commit a second, one row of 700 bytes and its digest each."""
    where = parse_qs(urlsplit(url).query)["host"][0]
    user = urlsplit(url).username or ""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "CREATE TABLE IF NOT EXISTS floor (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
            "body bytea NOT NULL, digest bytea NOT NULL UNIQUE, at timestamptz NOT NULL DEFAULT now())"
        )
    script = folder / "floor.sql"
    script.write_text(
        "INSERT INTO floor (body, digest) VALUES (convert_to(repeat('x', 700), 'UTF8'), "
        "uuid_send(gen_random_uuid()));\n"
    )
    program = find_programs(find_places(folder / "nowhere").owner).postgres / "pgbench"
    argv = [
        str(program),
        "-n",
        "-M",
        "prepared",
        "-c",
        str(CLIENTS),
        "-j",
        "2",
        "-T",
        str(seconds),
        "-f",
        str(script),
    ]
    told = subprocess.run(
        [*argv, "-h", where, "-U", user, urlsplit(url).path.lstrip("/")],
        check=True,
        capture_output=True,
        text=True,
    )
    line = next(one for one in told.stdout.splitlines() if one.startswith("tps = "))
    return float(line.split()[2])


@contextmanager
def running(env: Mapping[str, str], *argv: str) -> Iterator[str]:
    """A long-running command; gives what it says when it is ready."""
    with subprocess.Popen([*PARINAYA, *argv], env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            ready = next((line for line in process.stderr if line.startswith("ready: ")), "")
            assert ready, f"{argv} did not start"
            yield ready.removeprefix("ready: ").strip()
        finally:
            process.terminate()
            process.communicate()


def fill(url: str) -> None:
    """A wedding with so many messages that were accepted."""
    with psycopg.connect(url) as conn:
        conn.execute("INSERT INTO weddings (slug, title) VALUES ('bench', 'Bench')")
        conn.execute(
            "INSERT INTO contact_points (wedding_id, kind, value, country) SELECT w.id, 'phone', "
            "'+9198' || lpad(n::text, 8, '0'), 'IN' FROM weddings w, generate_series(0, %s) n",
            [DISPATCHES - 1],
        )
        conn.execute(
            "INSERT INTO invite_dispatch (wedding_id, contact_point_id, phone_number_id, state, wamid, accepted_at) "
            "SELECT wedding_id, id, %s, 'accepted', 'wamid.HBgMOTE5ODIwMDEyMzQ1FQIAERgS' || "
            "lpad(upper(to_hex(row_number() OVER (ORDER BY value) - 1)), 24, '0') || 'AA==', now() FROM contact_points",
            [NUMBER],
        )
        conn.execute("ANALYZE")


def processed(env: Mapping[str, str], statuses: int) -> float:
    """How many stored statuses one process gives their effect in a second."""
    told = settings.load(env=env, path=Path(env["PARINAYA_CONFIG_DIR"]) / "config.toml")
    run = uuid.uuid4().hex[:8]
    with open_app(told) as app:
        for start in range(0, statuses, 500):
            with app.begin_as_system(Channel.WEBHOOK) as tx:
                webhooks.keep(tx, [webhooks.Incoming(body(n, run)) for n in range(start, start + 500)])
        begun = time.perf_counter()
        while webhooks.process_slice(lambda: app.begin_as_system(Channel.WEBHOOK), app.parser, app.ears):
            pass
        return statuses / (time.perf_counter() - begun)


def left(url: str) -> tuple[int, int]:
    """How many deliveries wait, and how many are there."""
    with psycopg.connect(url) as conn:
        row = conn.execute(
            "SELECT count(*) FILTER (WHERE state <> 'done'), count(*) FROM webhook_events"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def measure(seconds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="parinaya-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        keep = {
            k: v for k, v in os.environ.items() if not k.startswith(("PARINAYA_", "WHATSAPP_", "DATABASE_"))
        }
        keep.pop("REDIS_URL", None)
        env = {
            **keep,
            "PARINAYA_HOME": f"{name}/home",
            "PARINAYA_CONFIG_DIR": f"{name}/config",
            "WHATSAPP_APP_SECRET": SECRET,
            "WHATSAPP_PHONE_NUMBER_ID": NUMBER,
            "WHATSAPP_BUSINESS_ACCOUNT_ID": ACCOUNT,
        }
        subprocess.run([*PARINAYA, "init"], env=env, check=True, capture_output=True)
        servers = Embedded(folder / "home")
        url = servers.start().admin_url
        try:
            with psycopg.connect(url, autocommit=True) as conn:
                conn.execute("CREATE DATABASE floor")
            _measure(env, url, folder, seconds)
        finally:
            servers.release()
            subprocess.run([*PARINAYA, "services", "stop"], env=env, check=False, capture_output=True)


def _measure(env: Mapping[str, str], url: str, folder: Path, seconds: int) -> None:
    fill(url)
    statuses = processed(env, DISPATCHES)
    floors, stored = [], []
    with running(env, "webhook", "serve", "--port", "0") as address:
        for _ in range(3):
            floors.append(commits(named(url, "floor"), folder, seconds))
            stored.append(posted(address, 4_000 * seconds, 0)["rate"])
        with running(env, "worker", "--queues", "webhooks.process"):
            paced = posted(address, RATE * seconds * 2, RATE)
            begun = time.perf_counter()
            backlog = left(url)[0]
            while left(url)[0]:
                time.sleep(0.1)
            behind = time.perf_counter() - begun
    floor = statistics.median(floors)
    share = statistics.median(one / base for one, base in zip(stored, floors, strict=True))
    show(
        "Deliveries in, each stored before its 200",
        [
            Row(f"commits of {CLIENTS} clients", floor, 1.0),
            Row(
                "parinaya webhook serve, one process",
                statistics.median(stored),
                share,
                LEAST_SHARE,
                at_least=True,
            ),
        ],
        unit="a second",
    )
    show(
        f"At {RATE:,} a second, while a worker processes behind it ({paced['rate']:,.0f} a second were posted)",
        [
            Row("p50 (ratio: to its bar)", paced["p50"], paced["p50"] / MOST_P50, 1.0),
            Row("p99 (ratio: to its bar)", paced["p99"], paced["p99"] / MOST_P99, 1.0),
        ],
        note=f"{backlog:,} deliveries waited at the end; {behind:.1f} s later they were through.",
    )
    show(
        "Statuses processed by one process",
        [Row("statuses (ratio: to the bar)", statuses, statuses / LEAST_STATUSES, 1.0, at_least=True)],
        unit="a second",
    )


def main(argv: Sequence[str]) -> None:
    """Measure, or be the clients."""
    if argv[:1] == ["clients"]:
        clients(int(argv[1]), int(argv[2]), int(argv[3]), argv[4])
    else:
        measure(int(argv[0]) if argv else 5)


if __name__ == "__main__":
    main(sys.argv[1:])
