"""Short questions over HTTP while somebody waits: one request, an answer of bounded size, within a bounded time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

import httpx

from parinaya_cli import __version__
from parinaya_cli.domain.errors import Unreachable

LARGEST_ANSWER = 256 * 1024
"""Bytes of an answer that are read."""

LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Answer:
    """The status and the body of an answer."""

    status: int
    body: bytes


def ask(url: str, query: Mapping[str, str], headers: Mapping[str, str], seconds: float) -> Answer:
    """``GET`` an address. No retries, no redirects; proxies of the environment hold, except towards this machine.

    It waits in a thread of its own: looking up a name knows no time-out, and a command must end in time.

    Raises:
        Unreachable: there was no whole answer within so many seconds.
    """
    answers: list[Answer] = []
    failures: list[Exception] = []

    def work() -> None:
        try:
            answers.append(_get(url, query, headers, seconds))
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as failure:
            failures.append(failure)

    thread = Thread(target=work, name="whatsapp question", daemon=True)
    thread.start()
    thread.join(seconds)
    host = urlsplit(url).hostname
    if answers:
        return answers[0]
    if failures:
        raise Unreachable(f"{host} can't be reached: {_told(failures[0])}.", "Check the network.")
    raise Unreachable(f"{host} does not answer within {seconds:.0f} seconds.", "Check the network.")


def _get(url: str, query: Mapping[str, str], headers: Mapping[str, str], seconds: float) -> Answer:
    told = {"User-Agent": f"parinaya/{__version__}", "Accept-Encoding": "identity", **headers}
    trust_env = urlsplit(url).hostname not in LOCAL
    with (
        httpx.Client(timeout=seconds, trust_env=trust_env, headers=told) as client,
        client.stream("GET", url, params=query) as answer,
    ):
        body = bytearray()
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                break
        return Answer(answer.status_code, bytes(body))


def _told(failure: Exception) -> str:
    """The kind of a failure: its text may quote the address, and the address the token."""
    if "CERTIFICATE_VERIFY_FAILED" in str(failure):
        return "its certificate is not valid"
    return type(failure).__name__
