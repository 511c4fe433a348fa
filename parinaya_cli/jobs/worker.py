"""Starting and stopping workers: a parent that keeps one process for each group of queues running.

SIGTERM: what is in flight is finished, nothing new is taken. A child that dies is started again.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import Any

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from parinaya_cli.adapters import queue as adapter
from parinaya_cli.domain import jobs
from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.errors import Locked, ParinayaError, UsedWrongly
from parinaya_cli.jobs import ground
from parinaya_cli.services import reconcile
from parinaya_cli.wiring import App, open_app

PATIENCE = 40.0
"""Seconds that a child has to finish what is in flight."""

ROUND_SECONDS = 10.0
"""How often the parent rings for what is due."""

_LOG = logging.getLogger("parinaya.worker")


@dataclass(frozen=True)
class WorkerPlan:
    """Which queues, how many processes for each group, and whether to end when they are empty."""

    groups: tuple[tuple[str, ...], ...]
    processes: int = 1
    burst: bool = False


def plan(queues: Sequence[str], processes: int, burst: bool) -> WorkerPlan:
    """Sending and processing get processes of their own, so that neither waits for the other.

    Raises:
        UsedWrongly: there is no such queue, or no process.
    """
    wanted = tuple(queues) or jobs.QUEUES
    for name in wanted:
        if name not in jobs.QUEUES:
            raise UsedWrongly(f"There is no queue {name!r}.", f"There are: {', '.join(jobs.QUEUES)}.")
    if not 1 <= processes <= 64:
        raise UsedWrongly("Between 1 and 64 processes can work.", "Give --processes N.")
    alone = [(name,) for name in (jobs.SEND, jobs.PROCESS) if name in wanted]
    rest = tuple(name for name in wanted if name not in {jobs.SEND, jobs.PROCESS})
    return WorkerPlan((*alone, *([rest] if rest else [])), processes, burst)


class DoorbellWorker(SimpleWorker):
    """Runs jobs in its own process: the rows are the work, and connections stay open from bell to bell."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: finish what is in flight, take nothing new. A second one ends at once."""
        ground.ask_to_stop()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def subscribe(self) -> None:
        """Nobody commands a worker through Redis; the thread that would listen ends with a traceback when the network
        goes away."""

    def handle_exception(self, job: Job, *raised: Any) -> None:
        """One line in place of RQ's traceback: the text of an error may hold what guests wrote."""
        _LOG.error("a job of %s failed (%s): see `parinaya queue failed`", job.origin, raised[0].__name__)

    def handle_job_failure(self, job: Job, queue: Queue, *more: Any, **named: Any) -> None:
        """Redis keeps the kind of the error, and its text as little as the log does."""
        kind = sys.exc_info()[0]
        if kind is not None:
            named["exc_string"] = kind.__name__
        super().handle_job_failure(job, queue, *more, **named)


def work(app: App, names: Sequence[str], *, burst: bool) -> None:
    """Work on these queues in this process until it is asked to stop (or they are empty).

    Raises:
        Unreachable: Redis is away in the middle of something that RQ does not try again.
    """
    connection = adapter.connect(app.addresses[1], patient=True)
    ground.open_ground(app)
    logging.getLogger("rq.worker").addFilter(_in_one_line)
    queues = [Queue(name, connection=connection, serializer=JSONSerializer) for name in names]
    with adapter.reached():
        worker = DoorbellWorker(
            queues,
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=60,
            maintenance_interval=30,
            log_job_description=False,
        )
        worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Of what ends a worker RQ tells a whole traceback: for a line its kind is enough."""
    if record.exc_info and record.exc_info[0]:
        record.msg, record.args = f"{record.getMessage()} ({record.exc_info[0].__name__})", ()
        record.exc_info = None
    return True


# ── the parent ─────────────────────────────────────────────────────────────────────────────────────────


def run(app: App, wanted: WorkerPlan, ready: Callable[[int], None]) -> int:
    """Keep the processes of a plan running until SIGTERM or SIGINT; ``ready`` is told how many there are.

    Returns the exit code: 0, or 1 when a child had to be killed.
    """
    _warm_up(app)
    groups = [group for group in wanted.groups for _ in range(wanted.processes)]
    if len(groups) == 1 and wanted.burst:
        ready(1)
        work(app, groups[0], burst=True)
        return 0
    parent = _Parent(app, groups, wanted.burst)
    ready(len(groups))
    try:
        while not parent.asked_to_stop and parent.mind():
            parent.make_round()
            time.sleep(0.2)
    finally:
        code = parent.end()
    return code


class _Parent:
    """The children of this process, one for each group of queues."""

    def __init__(self, app: App, groups: Sequence[Sequence[str]], burst: bool) -> None:
        self.asked_to_stop = False
        self._next_round = time.monotonic() + ROUND_SECONDS
        self._app, self._groups, self._burst, self._pid = app, groups, burst, os.getpid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask)
        self._children = [self._start(names) for names in groups]

    def _ask(self, *_: object) -> None:
        self.asked_to_stop = True

    def _start(self, names: Sequence[str]) -> ForkProcess:
        context = multiprocessing.get_context("fork")
        child = context.Process(target=self._child, args=(tuple(names),), name="+".join(names))
        child.start()
        return child

    def _child(self, names: tuple[str, ...]) -> None:
        """What runs in a child. A signal that comes before the worker listens must not be lost."""
        os.setpgid(0, 0)  # Ctrl-C goes to the parent, which asks the children in its own time
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if self.asked_to_stop:  # it came between the fork and the lines above
            return
        threading.Thread(target=self._follow, daemon=True).start()
        try:
            with open_app(self._app.settings) as mine:
                work(mine, names, burst=self._burst)
        except ParinayaError as error:  # the parent starts another
            _LOG.warning("the worker of %s ends early: %s", "+".join(names), error.message)
            sys.exit(1)

    def _follow(self) -> None:
        """In a child: end in order when the parent was killed. Nobody else would ever ask an orphan to."""
        while os.getppid() == self._pid:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    def mind(self) -> bool:
        """Start again what died; a burst that ended well stays ended. False when all have ended."""
        for place, (child, names) in enumerate(zip(self._children, self._groups, strict=True)):
            if child.is_alive() or (self._burst and child.exitcode == 0):
                continue
            _LOG.warning("the worker of %s ended with %s: starting another", child.name, child.exitcode)
            time.sleep(0.5)
            if self.asked_to_stop:
                return False
            self._children[place] = self._start(names)
        return not self._burst or any(child.is_alive() for child in self._children)

    def make_round(self) -> None:
        """From time to time: ring for what is due, and find the rows whose worker died.

        So throttled messages, lost bells and crashes heal without a command. Nothing stays open in the parent,
        which must be able to fork at any time.
        """
        if self._burst or time.monotonic() < self._next_round:
            return
        self._next_round = time.monotonic() + ROUND_SECONDS
        try:
            with open_app(self._app.settings) as mine, mine.one_run("reconcile"):
                reconcile.reconcile(lambda: mine.begin_as_system(Channel.WORKER), only=["queue"])
        except Locked:
            return  # somebody is at it
        except ParinayaError as error:
            _LOG.warning("the round was left out: %s", error.message)

    def end(self) -> int:
        """Ask every child to finish what is in flight; returns 1 when one had to be killed."""
        for child in self._children:
            if child.is_alive() and child.pid:
                os.kill(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        code = 0
        for child in self._children:
            child.join(max(0.1, deadline - time.monotonic()))
            if child.is_alive():
                child.kill()
                child.join()
                code = 1
        return code


def _warm_up(app: App) -> None:
    """Check what every child needs before any is started, and load what they share; nothing stays open."""
    app.addresses, app.ears, app.audit_key  # noqa: B018 - each raises when it is missing
    with app.begin_as_system(Channel.WORKER):
        pass
    app.db.dispose()
