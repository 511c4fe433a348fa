"""A server process that speaks S3, for the tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

KEY_ID, SECRET = "AKIATEST", "a secret of the tests"


@contextmanager
def storage(folder: Path, bucket: str = "sharma-wedding") -> Iterator[str]:
    """The address of the server, with one bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "storage.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
    try:
        _await(url, process)
        httpx.put(f"{url}/{bucket}", timeout=60).raise_for_status()
        yield url
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the storage server has ended"
        with suppress(httpx.TransportError):
            httpx.get(url, timeout=10)
            return
        time.sleep(0.1)
    raise AssertionError("the storage server does not answer")
