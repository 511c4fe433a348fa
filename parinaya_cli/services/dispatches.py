"""Sending: due messages leave in a steady stream, each with the gate's word, and what becomes of them is kept.

``deliver_slice`` is the walk of an invitation after the batch was written. It keeps ``in_flight`` requests going:

    transaction 1    a slot in the pace of the number, shared by all workers
    transaction 2    lock due rows and what the gate rests on, ask the gate, ``queued`` → ``sending``; commit
    no transaction   they leave, while others are under way
    transaction 3    what has ended becomes a state; commit

A worker that dies in between leaves rows ``sending``; ``reconcile`` turns them to ``unknown``, and a status that
bears our token settles them. Nobody sends twice by guessing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from parinaya_cli.domain import pace as pacing
from parinaya_cli.domain.dispatches import Line
from parinaya_cli.domain.errors import Locked, ParinayaError, Unreachable
from parinaya_cli.domain.messages import NotSent, OutboundMessage, unpack
from parinaya_cli.domain.pace import Slot
from parinaya_cli.ports import MessageSender
from parinaya_cli.services import outcomes, permission
from parinaya_cli.store import pace as pace_store
from parinaya_cli.store import sending as store
from parinaya_cli.store.sending import Permitted
from parinaya_cli.store.transaction import Begin

STALE_SECONDS = 20.0
"""A permission older than that is not used any more: it must end well within its lease."""

LISTEN_SECONDS = 0.5
"""How long to wait for answers before looking around again."""

PATIENCE = 30.0
"""Seconds that requests get to end once nothing new is begun because the worker was asked to stop."""


@dataclass(frozen=True)
class Flow:
    """How messages leave: so many a second for each phone number over all workers, so many in flight here.

    ``enough`` is asked all the time: begin nothing new? ``hurry``: cut short what takes long?
    """

    per_second: float
    in_flight: int
    enough: Callable[[], bool] = lambda: False
    hurry: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class SliceReport:
    """What was done. ``idle``: nothing was due; ``next_in``: seconds until something is, None when nothing."""

    sent: int = 0
    refused: int = 0
    idle: bool = False
    next_in: float | None = None


def deliver_slice(begin: Begin, sender: MessageSender, flow: Flow) -> SliceReport:
    """Send due messages, of any wedding, until nothing is due or it is enough; all have ended then."""
    return _Stream(begin, sender, flow).run()


@dataclass
class _Stream:
    """Messages under way, and the slot that was taken for the next."""

    begin: Begin
    sender: MessageSender
    flow: Flow
    flying: dict[str, Permitted] = field(default_factory=dict)
    sent: int = 0
    refused: int = 0
    next_in: float | None = None

    def run(self) -> SliceReport:
        try:
            while not self.flow.enough() and self._go_on():
                pass
        except ParinayaError:
            self._land()
            raise
        self._land()
        idle = not self.sent and not self.refused
        return SliceReport(self.sent, self.refused, idle, self.next_in if idle else None)

    def _go_on(self) -> bool:
        """One turn: take a slot, wait for it, let as many leave, settle what has ended. False: nothing is due."""
        room = self.flow.in_flight - len(self.flying)
        if not room:
            self._listen(LISTEN_SECONDS)
            return True
        found = self._take_slot(room)
        if found is None:
            if self.flying:
                self._listen(LISTEN_SECONDS)
            return bool(self.flying)
        number, slot, leaves = found
        while (left := leaves - time.monotonic()) > 0:
            if self.flow.enough():
                self._give_back(number, slot, 0)
                return True
            self._listen(left)
        permitted = self._permit(number, slot)
        if permitted:
            self._leave(permitted)
        self._listen(0)
        return True

    # ── the pace ───────────────────────────────────────────────────────────────────────────────────────

    def _take_slot(self, room: int) -> tuple[str, Slot, float] | None:
        """A slot for the number whose message is due first, and when it begins by this process's clock."""
        with self.begin() as tx:
            due = store.next_due(tx, room)
            if due is None:
                self.next_in = store.next_due_in(tx)
                return None
            number, count = due
            pace, now = pace_store.lock(tx, number)
            pace, slot = pacing.reserve(pace, now, self.flow.per_second, count)
            pace_store.write(tx, number, pace)
        return number, slot, time.monotonic() + (slot.at - now).total_seconds()

    def _give_back(self, number: str, slot: Slot, used: int) -> None:
        with self.begin() as tx:
            pace_store.give_back(tx, number, slot.unused(used))

    def _slow_down(self, numbers: set[str]) -> None:
        with self.begin() as tx:
            for number in sorted(numbers):
                pace, now = pace_store.lock(tx, number)
                pace_store.write(tx, number, pacing.slowed(pace, now))

    # ── leaving ────────────────────────────────────────────────────────────────────────────────────────

    def _permit(self, number: str, slot: Slot) -> list[Permitted]:
        permitted: list[Permitted] = []
        try:
            with self.begin() as tx:
                permitted, refused = permission.give(tx, number, slot.count)
        except (Locked, Unreachable):
            # Was it committed or not? What bears our claim has not left and is given back.
            if permitted:
                never = NotSent("the database broke off")
                outcomes.settle(self.begin, [(one, never) for one in permitted])
            raise
        self.refused += refused
        if len(permitted) < slot.count:
            self._give_back(number, slot, len(permitted))
        return permitted

    def _leave(self, permitted: list[Permitted]) -> None:
        self.sent += len(permitted)
        self.flying |= {one.token: one for one in permitted}
        self.sender.submit([_message(one) for one in permitted], STALE_SECONDS)

    def _listen(self, seconds: float) -> None:
        """Settle what has ended; when nothing has, wait for it, at most so long."""
        if not self.flying:
            time.sleep(min(seconds, LISTEN_SECONDS))
            return
        ended = [
            (self.flying[token], outcome) for token, outcome in self.sender.take(min(seconds, LISTEN_SECONDS))
        ]
        if not ended:
            return
        lines = outcomes.settle(self.begin, ended)
        for one, _ in ended:
            del self.flying[one.token]
        if Line.SLOW_DOWN in lines:
            self._slow_down({one.dispatch.phone_number_id for one, _ in ended})

    def _land(self) -> None:
        """Wait for what is under way."""
        hurried = False
        since: float | None = None
        while self.flying:
            if since is None and self.flow.hurry():
                since = time.monotonic()
            if since is not None and not hurried and time.monotonic() - since > PATIENCE:
                hurried = True
                self.sender.abandon()
            self._listen(LISTEN_SECONDS)


def _message(permitted: Permitted) -> OutboundMessage:
    return OutboundMessage(
        phone_number_id=permitted.dispatch.phone_number_id,
        to=permitted.to,
        user_id=permitted.user_id,
        content=unpack(permitted.dispatch.content),
        token=permitted.token,
        permission=permitted.go,
    )
