"""How many deliveries a second are stored before their 200, how quickly, and how many statuses a worker processes.

python -m tests.bench.bench_receiving [seconds]

Beside it runs pywa's own server, by the interpreter that PARINAYA_PEERS_PYTHON names, if it has it.
The floor is what 32 clients of pgbench commit, one row each, into the same Postgres in the same run. Servers, receiver,
worker and the clients that post share the processors of this machine.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
from tests.bench.peers_dedupe import INTERPRETER
from tests.bench.report import Row, show
from tests.databases import named

SECRET, NUMBER, ACCOUNT = "bench-app-secret", "106540352242922", "102290129340398"
PARINAYA = (sys.executable, "-m", "parinaya_cli")
CLIENTS, CONNECTIONS, RATE = 32, 64, 3_000
LEAST_SHARE, MOST_P50, MOST_P99, LEAST_STATUSES = 0.5, 10.0, 100.0, 1_000.0
LEAST_TIMES = 4.0
HOW = (
    "pywa is not installed here and was not measured. In another environment: pip install 'pywa[server]' "
    f"'psycopg[binary]'; then name its interpreter in {INTERPRETER}."
)
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


class Crowd:
    """Connections that post requests and read their answers, each one at a time: as quickly as can be, or paced.

    Bare sockets and one ``select.poll``, since clients share the processors with what is measured.
    """

    def __init__(self, port: int) -> None:
        self.took: list[float] = []
        self._poll = select.poll()
        self._due: dict[int, float] = {}
        self._sockets: dict[int, socket.socket] = {}
        for _ in range(CONNECTIONS):
            one = socket.create_connection(("127.0.0.1", port))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[one.fileno()] = one
            self._poll.register(one, select.POLLIN)
        self._free = list(self._sockets)

    def post(self, requests: Sequence[bytes], rate: int) -> float:
        """Post all; ``rate`` 0: as quickly as can be. Returns the seconds that it took."""
        begun = time.perf_counter()
        sent = 0
        while len(self.took) < len(requests):
            now = time.perf_counter()
            while self._free and sent < len(requests) and (not rate or begun + sent / rate <= now):
                number = self._free.pop()
                self._due[number] = begun + sent / rate if rate else now
                self._sockets[number].sendall(requests[sent])
                sent += 1
            for number, _ in self._poll.poll(1):
                self._read(number)
        return time.perf_counter() - begun

    def _read(self, number: int) -> None:
        """An answer; what comes in pieces is waited for."""
        answer = self._sockets[number].recv(4096)
        while not _is_whole(answer):
            more = self._sockets[number].recv(4096)
            assert more, answer
            answer += more
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        self.took.append(time.perf_counter() - self._due[number])
        self._free.append(number)

    def close(self) -> None:
        """Close all."""
        for one in self._sockets.values():
            one.close()


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return len(body) >= int(length)


def clients(port: int, count: int, rate: int, run: str) -> None:
    """What runs in the process of the clients: prints a second's requests, and the times of the answers."""
    requests = [request(number, run) for number in range(count)]
    crowd = Crowd(port)
    spent = time.process_time()
    seconds = crowd.post(requests, rate)
    spent = time.process_time() - spent
    crowd.close()
    marks = statistics.quantiles(crowd.took, n=100)
    told = {"rate": count / seconds, "p50": marks[49] * 1000, "p99": marks[98] * 1000, "spent": spent / count}
    print(json.dumps(told))


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
    options = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds)]
    told = subprocess.run(
        [str(program), *options, "-f", str(script), "-h", where, "-U", user, urlsplit(url).path.lstrip("/")],
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


def peer(interpreter: str, url: str, count: int) -> float | None:
    """What pywa's own server stores in a second, though it answers before; None: the interpreter has no pywa."""
    asked = [interpreter, "-c", "import pywa, psycopg, starlette, uvicorn"]
    if not interpreter or subprocess.run(asked, check=False, capture_output=True).returncode:
        return None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    argv = [interpreter, str(Path(__file__).with_name("pywa_peer.py")), str(port), url, SECRET]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(argv, stdout=quiet, stderr=quiet) as process:
        try:
            await_listening(port, process)
            before = rows(url)
            seconds = count / posted(f"http://127.0.0.1:{port}", count, 0)["rate"]
            begun = time.perf_counter()
            while rows(url) < before + count:
                assert time.perf_counter() - begun < 60, "the peer has lost deliveries"
                time.sleep(0.05)
            return count / (seconds + time.perf_counter() - begun)
        finally:
            process.kill()


def rows(url: str) -> int:
    """How many statuses the peer has stored."""
    with psycopg.connect(url) as conn:
        found = conn.execute("SELECT count(*) FROM peer").fetchone()
    assert found is not None
    count: int = found[0]
    return count


def await_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when somebody listens."""
    while process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError("the peer has ended")


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
    floors, stored, peers = [], [], []
    interpreter = os.environ.get(INTERPRETER, "")
    with running(env, "webhook", "serve", "--port", "0") as address:
        for _ in range(3):
            floors.append(commits(named(url, "floor"), folder, seconds))
            stored.append(posted(address, 4_000 * seconds, 0)["rate"])
            peers.append(peer(interpreter, named(url, "floor"), 1_000 * seconds))
        with running(env, "worker", "--queues", "webhooks.process"):
            paced = posted(address, RATE * seconds * 2, RATE)
            begun = time.perf_counter()
            backlog = left(url)[0]
            while left(url)[0]:
                time.sleep(0.1)
            behind = time.perf_counter() - begun
    floor, answered = statistics.median(floors), [one for one in peers if one is not None]
    show(
        "Deliveries in, each stored before its 200",
        [Row(f"commits of {CLIENTS} clients", floor, 1.0), *_stored(floors, stored, answered)],
        unit="a second",
        note="" if answered else HOW,
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


def _stored(floors: Sequence[float], stored: Sequence[float], peers: Sequence[float]) -> list[Row]:
    rate = statistics.median(stored)
    share = statistics.median(one / base for one, base in zip(stored, floors, strict=True))
    rows = [Row("parinaya webhook serve, one process", rate, share, LEAST_SHARE, at_least=True)]
    if peers:
        times = statistics.median(one / other for one, other in zip(stored, peers, strict=True))
        rows.append(Row("peer: pywa's own server, until all is stored", statistics.median(peers)))
        rows.append(Row("parinaya (ratio: to that peer)", rate, times, LEAST_TIMES, at_least=True))
    return rows


def main(argv: Sequence[str]) -> None:
    """Measure, or be the clients."""
    if argv[:1] == ["clients"]:
        clients(int(argv[1]), int(argv[2]), int(argv[3]), argv[4])
    else:
        measure(int(argv[0]) if argv else 5)


if __name__ == "__main__":
    main(sys.argv[1:])
