"""Several processes on one listening socket: a parent that answers nothing and keeps the others running."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.web.server import GRACE

TICK = 0.1
"""Seconds between two looks at the children."""

PATIENCE = GRACE + 5.0
"""Seconds that the children get to end before they are killed."""

SHORT_LIFE = 10.0
"""Seconds; a child that lives shorter is started again after a pause that grows up to ``LONGEST_PAUSE``."""

LONGEST_PAUSE = 30.0

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOG = logging.getLogger("parinaya.webhook")

Work = Callable[[Callable[[], None], int], None]
"""What a child does: it calls the first when it is ready, and ends when the descriptor says that the parent has."""


@dataclass
class _Child:
    """One place among the processes. ``pid`` None: to be started at ``due``."""

    pid: int | None = None
    born: float = 0.0
    due: float = 0.0
    pause: float = 0.0


class _Pipes:
    """``ready``: children write their number there. ``life``: at its end the parent is gone."""

    def __init__(self) -> None:
        self.ready_read, self.ready_write = os.pipe()
        self.life_read, self.life_write = os.pipe()
        os.set_blocking(self.ready_read, False)

    def keep_for_child(self) -> None:
        """Close the parent's ends."""
        os.close(self.ready_read)
        os.close(self.life_write)

    def close(self) -> None:
        """Close all ends."""
        for end in (self.ready_read, self.ready_write, self.life_read, self.life_write):
            os.close(end)


def supervise(count: int, work: Work, ready: Callable[[], None]) -> None:
    """Run ``count`` processes until SIGTERM or SIGINT, which are passed on; one that dies is started again.

    ``ready`` is called once, when all of them are ready.

    Raises:
        UsedWrongly: this system can't share a socket between processes.
    """
    if not hasattr(os, "fork"):
        raise UsedWrongly("This system runs the receiver in one process.", "Leave out --processes.")
    children = [_Child() for _ in range(count)]
    with ExitStack() as stack:
        # Where the processes count together, see metrics.py.
        folder = stack.enter_context(TemporaryDirectory(prefix="parinaya-metrics-"))
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        stack.callback(os.environ.pop, "PROMETHEUS_MULTIPROC_DIR", None)
        pipes = _Pipes()
        stack.callback(pipes.close)
        is_ending = stack.enter_context(_signals())
        stack.callback(_end, children)
        told, is_ready = b"", False
        while not is_ending():
            for child in children:
                _look_after(child, work, pipes)
            told = (told + _read(pipes.ready_read))[-4096:]
            if not is_ready and {str(child.pid).encode() for child in children} <= set(told.split(b"\n")):
                is_ready = True
                ready()
            time.sleep(TICK)


@contextmanager
def _signals() -> Iterator[Callable[[], bool]]:
    came: list[int] = []
    before = {number: signal.signal(number, lambda one, _: came.append(one)) for number in _SIGNALS}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read(end: int) -> bytes:
    try:
        return os.read(end, 4096)
    except BlockingIOError:
        return b""


def _look_after(child: _Child, work: Work, pipes: _Pipes) -> None:
    now = time.monotonic()
    if child.pid is not None and _has_ended(child.pid):
        lived = now - child.born
        child.pause = 0.0 if lived > SHORT_LIFE else min(LONGEST_PAUSE, max(0.5, child.pause * 2))
        child.pid, child.due = None, now + child.pause
        _LOG.warning("a process of the receiver has died and is started again")
    if child.pid is None and now >= child.due:
        child.pid, child.born = _fork(work, pipes), now


def _fork(work: Work, pipes: _Pipes) -> int:
    # Blocked, so that no signal is taken by the parent's handler inside the child.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        return pid
    code = 1
    try:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        pipes.keep_for_child()
        work(lambda: _report(pipes.ready_write), pipes.life_read)
        code = 0
    except BaseException as error:  # noqa: BLE001 (nothing of the parent may run on in the child)
        _LOG.error("a process of the receiver ends: %s", type(error).__name__)
    finally:
        os._exit(code)


def _report(end: int) -> None:
    os.write(end, f"{os.getpid()}\n".encode())


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _end(children: Sequence[_Child]) -> None:
    alive = [child.pid for child in children if child.pid is not None]
    _send(alive, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and (alive := [pid for pid in alive if not _has_ended(pid)]):
        time.sleep(TICK / 2)
    _send(alive, signal.SIGKILL)
    for pid in alive:
        os.waitpid(pid, 0)


def _send(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
