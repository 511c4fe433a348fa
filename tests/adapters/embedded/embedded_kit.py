"""What the tests of the embedded servers share: homes, processes that use them, and the look from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import redis

from parinaya_cli.adapters.embedded import Addresses, remove, shut_down, status
from parinaya_cli.adapters.embedded.places import find_places
from parinaya_cli.adapters.embedded.processes import processes_of

ACTOR = Path(__file__).with_name("embedded_actor.py")
ROOT = Path(__file__).parents[3]
QUICK = 0.3  # seconds of lingering in tests that wait for the end


@contextmanager
def cleared(home: Path) -> Iterator[Path]:
    """A home whose servers and data are gone afterwards, whatever the test did to them."""
    try:
        yield home
    finally:
        shut_down(home, force=True)
        remove(home)


class Actor:
    """A process that uses the servers of a home; see ``embedded_actor.py``."""

    def __init__(
        self,
        home: Path,
        *,
        linger: float = QUICK,
        env: Mapping[str, str] | None = None,
        python: Sequence[str] = (sys.executable,),
    ) -> None:
        paths = [(env or {}).get("PYTHONPATH"), str(ROOT), os.environ.get("PYTHONPATH")]
        self.process = subprocess.Popen(
            [*python, str(ACTOR), str(home), str(linger)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, **(env or {}), "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )

    def answer(self) -> dict[str, str]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the actor ended without a word"
        facts: dict[str, str] = json.loads(line)
        return facts

    def addresses(self) -> Addresses:
        return Addresses(**self.answer())

    def told(self, word: str) -> dict[str, str]:
        assert self.process.stdin is not None
        print(word, file=self.process.stdin, flush=True)
        return self.answer()

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait(60)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()


def put(addresses: Addresses, word: str) -> None:
    """Leave a word in both servers."""
    with psycopg.connect(addresses.admin_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])
    with redis.Redis.from_url(addresses.redis_url) as client:
        client.rpush("words", word)


def has(addresses: Addresses, word: str) -> bool:
    """Whether both servers hold the word, once."""
    with psycopg.connect(addresses.admin_url) as connection:
        rows = connection.execute("SELECT word FROM words WHERE word = %s", [word]).fetchall()
    with redis.Redis.from_url(addresses.redis_url, decode_responses=True) as client:
        found = client.lrange("words", 0, -1)
    return len(rows) == 1 and list(found).count(word) == 1


def running(home: Path) -> list[bool]:
    """Whether Postgres and Valkey run."""
    return [server.running for server in status(home)]


def pids(home: Path) -> list[int]:
    """The main processes of Postgres and Valkey, which must both run."""
    found = [server.pid for server in status(home) if server.pid is not None]
    assert len(found) == 2
    return found


def all_processes(home: Path) -> list[int]:
    """Every process of both servers."""
    places = find_places(home)
    return [pid for name in ("postgres", "valkey") for pid in processes_of(name, places.data(name))]


def kill_all(numbers: Sequence[int]) -> None:
    """Kill processes without a chance to tidy up."""
    for pid in numbers:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def janitor(home: Path) -> int | None:
    """The process number of the janitor of a home."""
    import psutil

    lock = str(find_places(home).janitor_lock)
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if "embedded.janitor" in " ".join(process.cmdline()) and any(
                file.path == lock for file in process.open_files()
            ):
                return process.pid
    return None


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.05)
