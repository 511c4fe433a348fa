"""What the jobs of one worker process share: the opened parts, the stop flag, how long a slice may take."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.jobs.errors import comes_again
from parinaya_cli.wiring import App

SLICE_SECONDS = 20.0
"""How long a job drains before it rings again and ends."""

_LOG = logging.getLogger("parinaya.worker")
_stop = threading.Event()
_app: App | None = None


def open_ground(app: App) -> None:
    """Give the jobs of this process their parts."""
    global _app
    _app = app


def ask_to_stop() -> None:
    """Jobs end after what is in flight."""
    _stop.set()


def is_stopping() -> bool:
    """Was this process asked to stop?"""
    return _stop.is_set()


def pause(seconds: float) -> bool:
    """Wait, unless the process is asked to stop; True when the wait was not cut short."""
    return not _stop.wait(seconds)


def drain(queue: str, subject: str, step: Callable[[App], bool]) -> None:
    """Answer the bell, then call ``step`` until it has nothing to do, time is up or the process is to stop.

    When time is up the bell is rung again, so that others have their turn. An error that passes ends the job
    quietly: the rows wait, and the next bell goes on.
    """
    app = _app
    assert app is not None, "the worker opens the ground before it works"
    ends = time.monotonic() + SLICE_SECONDS
    try:
        app.queue.answer(queue, subject)
        while not is_stopping():
            if not step(app):
                return
            if time.monotonic() > ends:
                break
        app.queue.ring(queue, subject)
    except ParinayaError as error:
        if not comes_again(error):
            raise
        _LOG.warning("%s ends early: %s", queue, error.message)
