"""Figures for Prometheus: what this process counts, and what Postgres and the queue say when they are asked.

Several processes on one port count together: ``PROMETHEUS_MULTIPROC_DIR`` is then set before this module is
loaded (https://prometheus.github.io/client_python/multiprocess/).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from parinaya_cli.adapters.whatsapp.errors import NO_REASON, family_of
from parinaya_cli.domain import dispatches as rules
from parinaya_cli.domain.access import Channel
from parinaya_cli.ports import QueueFigures
from parinaya_cli.services import figures
from parinaya_cli.services.figures import Figures
from parinaya_cli.web.lanes import Lane
from parinaya_cli.wiring import App

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

PATIENCE = 4.0
"""Seconds that Postgres and the queue have to answer a scrape; Prometheus itself gives up after 10."""

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

T = TypeVar("T")


class Counts:
    """What this process counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "parinaya_webhook_requests_total", "Requests, by outcome.", ["outcome"], registry=self._registry
        )
        self._by_outcome: dict[str, Counter] = {}
        self._seconds = Histogram(
            "parinaya_webhook_request_seconds",
            "From the head of a delivery to its answer.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._commits = Counter(
            "parinaya_webhook_commits_total", "Commits, by result.", ["result"], registry=self._registry
        )
        # Told before the first time: a rule on how fast a count grows would miss the step from nothing to one.
        self._requests.labels("unsigned")
        for result in ("done", "failed"):
            self._commits.labels(result)
        self._together = Histogram(
            "parinaya_webhook_deliveries_per_commit",
            "Deliveries that shared a commit.",
            buckets=_SIZES,
            registry=self._registry,
        )
        self._new = Counter(
            "parinaya_webhook_new_deliveries_total",
            "Deliveries that had not been stored before.",
            registry=self._registry,
        )

    def request(self, outcome: str, seconds: float | None = None) -> None:
        """One request was answered; the time is that of a delivery."""
        counter = self._by_outcome.get(outcome)
        if counter is None:
            counter = self._by_outcome[outcome] = self._requests.labels(outcome)
        counter.inc()
        if seconds is not None:
            self._seconds.observe(seconds)

    def commit(self, together: int, new: int | None) -> None:
        """One commit ended with so many deliveries, of which so many are new; None: it failed."""
        self._commits.labels("failed" if new is None else "done").inc()
        if new is not None:
            self._together.observe(together)
            self._new.inc(new)

    def text(self) -> bytes:
        """The counts of all processes that share the port, as Prometheus reads them."""
        if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            shared = CollectorRegistry()
            MultiProcessCollector(shared, path=folder)  # type: ignore[no-untyped-call]
            return generate_latest(shared)
        return generate_latest(self._registry)


class State(Collector):
    """What was found in Postgres and in the queue; None: it did not answer."""

    def __init__(self, stored: Figures | None, queues: tuple[list[QueueFigures], int] | None) -> None:
        self._stored, self._queues = stored, queues

    def collect(self) -> Iterable[Metric]:
        """The families; those of a server that is away are missing, and its ``up`` is 0."""
        yield GaugeMetricFamily(
            "parinaya_postgres_up", "Does Postgres answer?", value=self._stored is not None
        )
        yield GaugeMetricFamily("parinaya_queue_up", "Does the queue answer?", value=self._queues is not None)
        if self._stored is not None:
            yield from _of_postgres(self._stored)
        if self._queues is not None:
            yield from _of_queue(*self._queues)


def _of_postgres(found: Figures) -> Iterable[Metric]:
    yield GaugeMetricFamily(
        "parinaya_webhook_lag_seconds",
        "Age of the oldest delivery that waits for processing.",
        value=found.lag_seconds,
    )
    yield GaugeMetricFamily(
        "parinaya_webhook_updates_parked", "Updates that can't be placed yet.", value=found.parked
    )
    yield GaugeMetricFamily(
        "parinaya_webhook_updates_kept", "Updates that are kept and not acted on.", value=found.kept
    )
    yield GaugeMetricFamily(
        "parinaya_webhook_silent_seconds",
        "For how long nothing has come back although messages went out; 0 while all is well.",
        value=found.silent_seconds,
    )
    deliveries = GaugeMetricFamily("parinaya_webhook_deliveries", "Stored deliveries.", labels=["state"])
    for state, count in sorted(found.deliveries.items()):
        deliveries.add_metric([state], count)
    yield deliveries
    dispatches = GaugeMetricFamily("parinaya_dispatches", "Messages to guests.", labels=["state"])
    for state, count in sorted((dict.fromkeys(rules.State, 0) | dict(found.dispatches)).items()):
        dispatches.add_metric([state], count)
    yield dispatches
    yield from _of_sending(found)


_OUTCOMES = {"accepted": "", "refused": "", "not_sent": "A", "no_answer": "B", "lost": "B"}
"""Outcomes of attempts, and the class of those of which the provider told no error."""

_KINDS = [
    ("A", "not_sent"),
    ("B", "no_answer"),
    *sorted((letter, family.value) for family, letter in rules.CLASSES.items()),
]
"""Every class with its families: each is told, so that a rule finds it before the first time."""


def _of_sending(found: Figures) -> Iterable[Metric]:
    sends = GaugeMetricFamily(
        "parinaya_sends", "Attempts to send, of 15 minutes, by outcome.", labels=["outcome"]
    )
    ended = dict.fromkeys(_OUTCOMES, 0)
    refused, failed = dict.fromkeys(_KINDS, 0), dict.fromkeys(_KINDS, 0)
    for (outcome, code), count in found.attempts.items():
        ended[outcome] = ended.get(outcome, 0) + count
        if outcome == "refused":
            refused[_kind(code)] += count
        elif letter := _OUTCOMES.get(outcome):
            refused[letter, dict(_KINDS)[letter]] += count
    for code, count in found.failures.items():
        failed[_kind(code)] += count
    for outcome, count in ended.items():
        sends.add_metric([outcome], count)
    yield sends
    for name, told, kinds in (
        ("parinaya_sends_refused", "Attempts of 15 minutes that were not accepted, by class.", refused),
        ("parinaya_sends_failed", "Messages told within 15 minutes to have failed, by class.", failed),
    ):
        family = GaugeMetricFamily(name, told, labels=["class", "family"])
        for kind, count in kinds.items():
            family.add_metric(list(kind), count)
        yield family


def _kind(code: int | None) -> tuple[str, str]:
    family = family_of(NO_REASON if code is None else code)
    return rules.CLASSES[family], family.value


def _of_queue(queues: list[QueueFigures], workers: int) -> Iterable[Metric]:
    yield GaugeMetricFamily("parinaya_workers", "Worker processes.", value=workers)
    jobs = GaugeMetricFamily("parinaya_queue_jobs", "Jobs (bells) of a queue.", labels=["queue", "state"])
    oldest = GaugeMetricFamily(
        "parinaya_queue_oldest_seconds", "Age of the oldest waiting job.", labels=["queue"]
    )
    for one in queues:
        for state, count in (("waiting", one.waiting), ("running", one.running), ("failed", one.failed)):
            jobs.add_metric([one.name, state], count)
        oldest.add_metric([one.name], one.oldest_seconds)
    yield jobs
    yield oldest


class Scraper:
    """Answers a scrape. ``postgres`` is the lane of whatever reads Postgres beside the writer."""

    def __init__(self, app: App, counts: Counts, postgres: Lane) -> None:
        self._app, self._counts, self._postgres = app, counts, postgres
        self._queue = Lane("queue figures")

    async def text(self) -> bytes:
        """All figures that can be had within ``PATIENCE``."""
        stored, queues = await asyncio.gather(
            _patiently(self._postgres, self._read_postgres), _patiently(self._queue, self._read_queue)
        )
        registry = CollectorRegistry()
        registry.register(State(stored, queues))
        return self._counts.text() + generate_latest(registry)

    def close(self) -> None:
        """Let the thread end."""
        self._queue.close()

    def _read_postgres(self) -> Figures:
        with self._app.begin_as_system(Channel.WEBHOOK) as tx:
            return figures.read(tx)

    def _read_queue(self) -> tuple[list[QueueFigures], int]:
        return self._app.queue.figures()


async def _patiently(lane: Lane, read: Callable[[], T]) -> T | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await lane.run(read)
    except Exception:  # noqa: BLE001 (a figure that can't be had is told as such)
        return None
