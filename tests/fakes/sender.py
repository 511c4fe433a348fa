"""A message sender without a network: scripted outcomes, and a journal of what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from parinaya_cli.domain.messages import (
    Accepted,
    ErrorFamily,
    OutboundMessage,
    ProviderError,
    Refused,
    SendOutcome,
)
from parinaya_cli.domain.policy import Go

GO = Go(datetime(2027, 1, 10, 8, 30, tzinfo=UTC))
"""The word of the gate, for tests of what comes behind it."""


class FakeSender:
    """``MessageSender``: what ``script`` says for a message's token, else the next of ``outcomes``, else yes.

    ``sent`` holds every message that would have gone out, in order; ``calls`` the size of each call.
    """

    def __init__(
        self, script: Mapping[str, SendOutcome] | None = None, outcomes: Iterable[SendOutcome] = ()
    ) -> None:
        self.script = dict(script or {})
        self.outcomes = list(outcomes)
        self.sent: list[OutboundMessage] = []
        self.calls: list[int] = []
        self.closed = False
        self._ended: list[tuple[str, SendOutcome]] = []

    def send(self, messages: Sequence[OutboundMessage]) -> list[SendOutcome]:
        self.calls.append(len(messages))
        return [self._send_one(message) for message in messages]

    def submit(self, messages: Sequence[OutboundMessage], within: float) -> None:
        outcomes = self.send(messages)
        self._ended += zip((message.token for message in messages), outcomes, strict=True)

    def take(self, seconds: float) -> list[tuple[str, SendOutcome]]:
        ended, self._ended = self._ended, []
        return ended

    def abandon(self) -> None:
        """Nothing is ever under way."""

    def close(self) -> None:
        self.closed = True

    def _send_one(self, message: OutboundMessage) -> SendOutcome:
        if message.to is None and message.user_id is None:
            error = ProviderError(-2, ErrorFamily.PARAMETERS, "The message has no recipient.")
            return Refused(error)
        self.sent.append(message)
        if message.token in self.script:
            return self.script[message.token]
        if self.outcomes:
            return self.outcomes.pop(0)
        wa_id = message.to.removeprefix("+") if message.to else None
        return Accepted(f"wamid.fake.{len(self.sent)}", wa_id)
