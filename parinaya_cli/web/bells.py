"""Bells are rung beside the answers: a queue that is away or slow delays nobody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.wiring import App

Bell = tuple[str, str]
"""Queue and subject."""

PAUSE = 5.0
"""Seconds until a queue that was away is tried again."""

BREATH = 0.02
"""Seconds between two rounds: thousands of deliveries a second ring no more often than a worker can come."""

LAST = 2.0
"""Seconds that the last bells get when the process ends; what is left, ``reconcile`` rings."""

_LOG = logging.getLogger("parinaya.webhook")


class Ringer:
    """Rings in a thread of its own. Bells that wait are rung once for each subject, and kept until they could be."""

    def __init__(self, ring: Callable[[str, str], object], *, pause: float = PAUSE) -> None:
        self._ring, self._pause = ring, pause
        self._waiting: dict[Bell, None] = {}
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._away = False
        self._thread: threading.Thread | None = None

    def hand(self, bells: Sequence[Bell]) -> None:
        """Ring these as soon as can be; returns at once."""
        with self._changed:
            self._waiting.update(dict.fromkeys(bells))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bells", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Ring what waits, once, and end; what can't be rung in ``LAST`` seconds is left to ``reconcile``."""
        with self._changed:
            self._closing.set()
            thread = self._thread
            self._changed.notify()
        if thread is not None:
            thread.join(LAST)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing.is_set())
                bells = list(self._waiting)
                self._waiting.clear()
            if not bells:
                return
            rung = self._all_rung(bells)
            is_closing = self._closing.wait(BREATH if rung else self._pause)
            if rung:
                continue
            if is_closing:
                return
            with self._changed:
                self._waiting.update(dict.fromkeys(bells))

    def _all_rung(self, bells: Sequence[Bell]) -> bool:
        try:
            for queue, subject in bells:
                self._ring(queue, subject)
        except Exception as error:  # noqa: BLE001 (the bell is tried again, whatever the queue has answered)
            if not self._away:
                what = error.message if isinstance(error, ParinayaError) else type(error).__name__
                _LOG.warning("bells wait, deliveries are received all the same: %s", what)
            self._away = True
            return False
        if self._away:
            _LOG.warning("the queue is back, the bells were rung")
        self._away = False
        return True


@dataclass
class ReceiverApp(App):
    """The parts of a process that answers HTTP: bells are handed to a ``Ringer`` after the commit."""

    ringer: Ringer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.ringer = Ringer(lambda queue, subject: self.queue.ring(queue, subject))

    def ring(self, bells: Sequence[Bell]) -> None:
        """Hand the bells on; never raises, never waits."""
        self.ringer.hand(bells)

    def close(self) -> None:
        """Ring what still waits, then let everything go that was opened."""
        self.ringer.close()
        super().close()
