"""Webhooks on their way: when each is due, what shares a POST, and trying again until the receiver says 200.

As Meta does it (developers.facebook.com, documentation/business-messaging/whatsapp/webhooks/overview):
several POSTs at once, several updates in one POST when many are due, only HTTP 200 counts as taken, what was
not taken comes again in the same bytes with falling frequency. Nothing is given up while the stand-in lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
import math
import random
import secrets
import time
from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import Any

import httpx

from parinaya_cli.sandbox.options import SandboxOptions
from parinaya_cli.sandbox.webhooks import STATUS, Sender, Update, encode, envelope, signature_headers

log = logging.getLogger(__name__)

AT_ONCE = 20
BATCH = 200
TIMEOUT = 10.0
SHUFFLE = 1.0
"""Seconds by which, at least, ``shuffle`` may hold back a status."""


@dataclass
class _Post:
    """One body, tried until it is taken. ``lanes`` wait for it; ``pause``: seconds before the next try."""

    updates: int
    lanes: tuple[str, ...]
    body: bytes
    pause: float


class Deliveries:
    """The way from the stand-in to the receiver; started and stopped with the server."""

    def __init__(self, options: SandboxOptions) -> None:
        self.target = options.webhook
        self.subscribed = True
        self.pending = 0
        self.counts: Counter[str] = Counter()
        self.last_failure = ""
        self._options = options
        self._sender = Sender(options.waba_id, options.phone_number_id, options.display_phone_number)
        self._rng = random.Random(f"{options.seed}|layouts")
        self._greeted = not options.verify_token
        self._number = 0
        self._due: list[tuple[float, int, Update]] = []
        self._lane_due: dict[str, float] = {}
        self._lanes: dict[str, deque[Update]] = {}
        self._runnable: deque[str] = deque()
        self._busy: set[str] = set()
        self._ripe = 0
        self._again: list[tuple[float, int, _Post]] = []
        self._tries: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._client: httpx.AsyncClient | None = None
        self._main: asyncio.Task[None] | None = None

    # ── in ─────────────────────────────────────────────────────────────────────────────────────────────

    def put(self, update: Update) -> None:
        """Take an update; it becomes due after the delay, and perhaps a second time after another."""
        if self.target is None or not self.subscribed:
            self.counts["nowhere_to_go"] += 1
            return
        options = self._options
        rng = random.Random(f"{options.seed}|{update.key}")
        wait = rng.uniform(*options.delay)
        lane = update.lane
        if options.shuffle and update.kind == STATUS:
            wait += rng.uniform(0, max(SHUFFLE, 3 * options.delay[1]))
            lane = update.key
        self.counts["updates"] += 1
        self._schedule(replace(update, lane=lane), wait)
        if rng.random() < options.duplicate:
            self.counts["duplicates"] += 1
            self._schedule(
                replace(update, lane=update.key + "|again"), wait + rng.uniform(*options.delay) + 0.01
            )

    def _schedule(self, update: Update, wait: float) -> None:
        due = max(time.monotonic() + wait, self._lane_due.get(update.lane, 0.0))
        self._lane_due[update.lane] = due
        self._number += 1
        self.pending += 1
        heapq.heappush(self._due, (due, self._number, update))
        self._wake.set()

    # ── the loop ───────────────────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Begin to deliver."""
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        self._client = httpx.AsyncClient(timeout=TIMEOUT, limits=limits, trust_env=False)
        self._main = asyncio.create_task(self._run())
        self._main.add_done_callback(_report)

    async def stop(self) -> None:
        """Stop at once; what is pending then is lost, as the stand-in keeps nothing on disk."""
        for task in (self._main, *self._tries):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._client is not None:
            await self._client.aclose()
        if self.pending:
            log.warning("%d updates were not delivered when the stand-in ended", self.pending)

    async def _run(self) -> None:
        pause = self._options.retry[0]
        while not self._greeted:
            if self.target is not None:
                self._greeted = await self.greet(self.target, self._options.verify_token)
            if not self._greeted:
                await asyncio.sleep(max(pause, 0.05))
                pause = min(pause * 2, self._options.retry[1])
        while True:
            self._wake.clear()
            self._ripen(time.monotonic())
            self._launch_all()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._until_next())

    def _ripen(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            update = heapq.heappop(self._due)[2]
            lane = self._lanes.setdefault(update.lane, deque())
            lane.append(update)
            self._ripe += 1
            if len(lane) == 1 and update.lane not in self._busy:
                self._runnable.append(update.lane)

    def _until_next(self) -> float | None:
        """Seconds until something becomes due; None when only a new update or an answer can bring work."""
        if len(self._tries) >= AT_ONCE:
            return None
        times = [heap[0][0] for heap in (self._due, self._again) if heap]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _launch_all(self) -> None:
        now = time.monotonic()
        while len(self._tries) < AT_ONCE:
            if self._again and self._again[0][0] <= now:
                self._launch(heapq.heappop(self._again)[2])
            elif self._runnable:
                self._launch(self._next_post())
            else:
                return

    def _next_post(self) -> _Post:
        size = min(BATCH, math.ceil(self._ripe / (AT_ONCE - len(self._tries))))
        updates: list[Update] = []
        lanes: list[str] = []
        while self._runnable and len(updates) < size:
            name = self._runnable.popleft()
            lane = self._lanes[name]
            while lane and len(updates) < size:
                updates.append(lane.popleft())
            lanes.append(name)
            self._busy.add(name)
        self._ripe -= len(updates)
        if self._options.shuffle and all(u.kind == STATUS for u in updates):
            self._rng.shuffle(updates)
        body = encode(envelope(updates, self._sender, self._rng))
        return _Post(len(updates), tuple(lanes), body, self._options.retry[0])

    def _launch(self, post: _Post) -> None:
        task = asyncio.create_task(self._try(post))
        self._tries.add(task)
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._tries.discard(task)
        self._wake.set()
        _report(task)

    # ── one try ────────────────────────────────────────────────────────────────────────────────────────

    async def _try(self, post: _Post) -> None:
        assert self._client is not None
        assert self.target is not None
        headers = signature_headers(post.body, self._options.app_secret)
        self.counts["posts"] += 1
        try:
            answer = await self._client.post(self.target, content=post.body, headers=headers)
            failure = "" if answer.status_code == 200 else str(answer.status_code)
        except httpx.HTTPError as error:
            failure = type(error).__name__
        if not failure:
            self._confirm(post)
            return
        self.counts["refused_posts"] += 1
        self.last_failure = failure
        self._number += 1
        wait = post.pause * self._rng.uniform(0.8, 1.2)
        heapq.heappush(self._again, (time.monotonic() + wait, self._number, post))
        post.pause = min(post.pause * 2, self._options.retry[1])

    def _confirm(self, post: _Post) -> None:
        self.counts["confirmed"] += post.updates
        self.pending -= post.updates
        for name in post.lanes:
            self._busy.discard(name)
            if self._lanes[name]:
                self._runnable.append(name)
            else:
                del self._lanes[name]
                if self._lane_due.get(name, 0.0) <= time.monotonic():
                    self._lane_due.pop(name, None)

    async def greet(self, target: str, verify_token: str) -> bool:
        """Meta's handshake: ask the address for the challenge; True when it comes back with 200."""
        assert self._client is not None
        challenge = str(secrets.randbelow(10**9))
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        try:
            answer = await self._client.get(target, params=query)
        except httpx.HTTPError as error:
            self.last_failure = f"handshake: {type(error).__name__}"
            return False
        if answer.status_code == 200 and answer.text == challenge:
            return True
        self.last_failure = f"handshake: {answer.status_code}"
        log.warning(
            "%s does not answer the handshake (%s): is the verify token the same?", target, answer.status_code
        )
        return False

    def redirect(self, target: str) -> None:
        """Deliver to another address from now on; it must have answered :meth:`greet`."""
        self.target = target
        self._greeted = True

    def figures(self) -> dict[str, Any]:
        """Counts so far: updates (without second copies), POSTs, updates confirmed and pending, …."""
        names = ("updates", "duplicates", "posts", "refused_posts", "confirmed", "nowhere_to_go")
        return {
            **{name: self.counts[name] for name in names},
            "pending": self.pending,
            "handshake": "done" if self._greeted else "waiting",
            "last_failure": self.last_failure,
        }


def _report(task: asyncio.Task[None]) -> None:
    """Say it loudly when a task ended with an error: that is a bug, and updates would be lost in silence."""
    if not task.cancelled() and task.exception() is not None:
        log.error("the deliveries failed", exc_info=task.exception())
