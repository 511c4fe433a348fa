"""``parinaya webhook serve`` as a process of its own: starting, ending under load, several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import httpx
import psutil
import pytest

from parinaya_cli.web.webhook_desk import PATH
from tests.conftest import ROOT
from tests.web.receiver_kit import eventually, get, post, signature, status_body, stored

pytestmark = pytest.mark.processes


class Served:
    """A running receiver: its root address and its process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stderr is not None
        lines: list[str] = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("ready: "):
                break
        else:
            pytest.fail("".join(lines))
        self.before = lines[:-1]
        address = lines[-1].removeprefix("ready: ").strip()
        assert address.endswith(PATH)
        self.root = address.removesuffix(PATH)

    @property
    def children(self) -> list[int]:
        return sorted(one.pid for one in psutil.Process(self.process.pid).children())

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code, and what was said since it was ready."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@contextmanager
def served(env: Mapping[str, str], *argv: str) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "-m", "parinaya_cli", "webhook", "serve", "--port", "0", *argv],
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield Served(process)
    finally:
        with suppress(psutil.NoSuchProcess):
            for one in psutil.Process(process.pid).children():
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        process.kill()
        process.communicate()


class Load:
    """Clients that post deliveries, each on a connection of its own, until they are told to stop.

    ``first``: the number of the first client; those of one number post the same deliveries.
    """

    def __init__(self, root: str, clients: int, first: int = 0) -> None:
        self.acknowledged: list[bytes] = []
        self._root = root
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._post, args=(first + number,)) for number in range(clients)
        ]
        for thread in self._threads:
            thread.start()

    def _post(self, client: int) -> None:
        count = 0
        with httpx.Client(timeout=10, trust_env=False) as http:
            while not self._stop.is_set():
                count += 1
                body = status_body(client * 1_000_000 + count)
                try:
                    told = {"X-Hub-Signature-256": signature(body)}
                    answer = http.post(self._root + PATH, content=body, headers=told)
                except httpx.HTTPError:
                    time.sleep(0.01)
                    continue
                if answer.status_code == 200:
                    self.acknowledged.append(body)

    def stop(self) -> list[bytes]:
        """Every delivery that was answered with 200."""
        self._stop.set()
        for thread in self._threads:
            thread.join(20)
        return self.acknowledged


@pytest.mark.parametrize("processes", ["1", "2"])
def test_every_200_before_and_while_it_ends_is_stored(
    env: dict[str, str], database_url: str, processes: str
) -> None:
    with served(env, "--processes", processes) as receiver:
        assert receiver.before == []
        load = Load(receiver.root, 4)
        eventually(lambda: len(load.acknowledged) > 60, "too little was taken")
        code, said = receiver.end()
        acknowledged = load.stop()
    assert (code, said) == (0, "")
    kept = {body for body, _, _ in stored(database_url)}
    assert len(set(acknowledged)) == len(acknowledged) > 60
    assert set(acknowledged) <= kept


def test_a_process_that_is_killed_under_load_loses_nothing_and_is_replaced(
    env: dict[str, str], database_url: str
) -> None:
    with served(env, "--processes", "2") as receiver:
        before = receiver.children
        assert len(before) == 2
        load = Load(receiver.root, 4)
        eventually(lambda: len(load.acknowledged) > 30, "too little was taken")
        os.kill(before[0], signal.SIGKILL)
        eventually(lambda: len(receiver.children) == 2 and receiver.children != before, "none took its place")
        so_far = len(load.acknowledged)
        eventually(lambda: len(load.acknowledged) > so_far + 30, "nothing was taken after that")
        acknowledged = load.stop()
        counted = get(receiver.root, "/metrics").text
        code, said = receiver.end(signal.SIGINT)
    assert code == 0
    assert said.count("\n") == 1
    assert "started again" in said
    kept = {body for body, _, _ in stored(database_url)}
    assert set(acknowledged) <= kept
    # All processes count together, the dead one included.
    [line] = [
        one
        for one in counted.splitlines()
        if one.startswith('parinaya_webhook_requests_total{outcome="stored"}')
    ]
    assert len(acknowledged) <= float(line.split()[1]) <= len(kept)


def test_processes_end_when_their_parent_is_killed(env: dict[str, str]) -> None:
    with served(env, "--processes", "2") as receiver:
        children = [psutil.Process(pid) for pid in receiver.children]
        receiver.process.kill()
        _, alive = psutil.wait_procs(children, timeout=60)
        assert alive == []


def test_it_starts_without_postgres_and_says_so(env: dict[str, str]) -> None:
    away = {"DATABASE_URL": "postgresql://x:canary-password@127.0.0.1:9/x", "WHATSAPP_VERIFY_TOKEN": ""}
    with served({**env, **away}) as receiver:
        assert post(receiver.root, status_body(1)).status_code == 503
        assert get(receiver.root, "/readyz").status_code == 503
        code, said = receiver.end()
    said = "".join(receiver.before) + said
    assert code == 0
    assert "Postgres can't be reached." in said
    assert "WHATSAPP_VERIFY_TOKEN is not set" in said
    assert "Traceback" not in said
    assert "canary" not in said
