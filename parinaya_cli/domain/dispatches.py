"""The states of a dispatch, and what each outcome or status does to them."""

from __future__ import annotations

import base64
import binascii
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from parinaya_cli.domain.messages import (
    Accepted,
    DeliveryStatus,
    ErrorFamily,
    NoAnswer,
    NotSent,
    ProviderError,
    Refused,
    SendOutcome,
)


class State(StrEnum):
    """The contract's states of a dispatch."""

    PLANNED = "planned"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


OPEN = frozenset({State.PLANNED, State.QUEUED, State.SENDING})
"""Not settled yet: something will still happen by itself."""

MAY_HAVE_ARRIVED = frozenset(
    {State.QUEUED, State.SENDING, State.UNKNOWN, State.ACCEPTED, State.SENT, State.DELIVERED, State.READ}
)
"""What ``already_sent`` counts: the guest has the message, will get it, or may have it."""

REACHED = frozenset({State.SENDING, State.UNKNOWN, State.ACCEPTED, State.SENT, State.DELIVERED, State.READ})
"""Counts towards how many people were written to: the provider has the message, or may have it."""

LEASE = timedelta(seconds=120)
"""How long a row may stay ``sending``: longer than the 45 s that a request may take."""

REAPER_GRACE = timedelta(seconds=30)
"""How long after the lease a row that is still ``sending`` becomes ``unknown``."""

MOST_MISFILLED = 0.01
"""When the provider refuses a larger share of a batch for its values, the batch is paused: it is no single guest."""

TEMPLATE_RESTS = timedelta(minutes=10)
"""How long a batch waits for a template that the provider is still preparing (Meta's 134101)."""

PREPARING = 134101

MAX_TRIES = 3
"""How often a message that the provider says failed for now is tried."""


class Line(StrEnum):
    """What an outcome means for the messages behind this one."""

    GO_ON = "go_on"
    SLOW_DOWN = "slow_down"
    PAUSE_BATCH = "pause_batch"
    STOP_NUMBER = "stop_number"
    REST_NUMBER = "rest_number"
    REST_BATCH = "rest_batch"
    DOUBT_BATCH = "doubt_batch"


CLASSES: Mapping[ErrorFamily, str] = {
    ErrorFamily.SAYS_FAILED: "B1",
    ErrorFamily.NUMBER_THROTTLE: "C",
    ErrorFamily.PAIR_THROTTLE: "D",
    ErrorFamily.WITHHELD: "E",
    ErrorFamily.RECIPIENT: "F",
    ErrorFamily.OPTED_OUT: "F",
    ErrorFamily.TEMPLATE: "G",
    ErrorFamily.PARAMETERS: "G1",
    ErrorFamily.ACCOUNT: "H",
    ErrorFamily.MAINTENANCE: "H1",
    ErrorFamily.WINDOW: "I",
    ErrorFamily.OTHER: "J",
}
"""The families of errors by the classes that whoever watches an installation is told (docs/operations.md). ``A`` is
what was not sent, ``B`` what nobody knows of."""


@dataclass(frozen=True)
class Settlement:
    """What becomes of a dispatch after one attempt, and of the line behind it.

    ``after``: when to try again (only for QUEUED). ``passing``: failed for a reason that may pass.
    ``burned``: the attempt counts as one of the few tries.
    """

    state: State
    reason: str = ""
    after: timedelta = timedelta(0)
    error: ProviderError | None = None
    message_id: str | None = None
    wa_id: str | None = None
    passing: bool = False
    burned: bool = False
    line: Line = Line.GO_ON
    not_on_whatsapp: bool = False
    opted_out: bool = False
    cooling: timedelta | None = None


def after_send(outcome: SendOutcome, tries: int, attempt: int | None = None) -> Settlement:
    """What becomes of a dispatch after an attempt with this outcome.

    ``tries`` counts the attempts that burned one of the few tries, this one included; ``attempt`` counts all of
    them, and waits grow with it.
    """
    attempt = attempt or tries
    match outcome:
        case Accepted(message_id, wa_id, held):
            return Settlement(
                State.ACCEPTED, "held" if held else "", message_id=message_id, wa_id=wa_id, burned=True
            )
        case NotSent():
            return Settlement(State.QUEUED, "not_sent", after=_jitter(min(60, 2 ** min(attempt - 1, 6))))
        case NoAnswer(detail):
            return Settlement(State.UNKNOWN, f"no_answer: {detail}"[:200], burned=True)
        case Refused(error, retry_after):
            return _after_refusal(error, retry_after, tries, attempt)


def _after_refusal(error: ProviderError, retry_after: float | None, tries: int, attempt: int) -> Settlement:
    wait = timedelta(seconds=retry_after) if retry_after else None
    match error.family:
        case ErrorFamily.SAYS_FAILED:
            if tries >= MAX_TRIES:
                return Settlement(State.FAILED, "provider", error=error, passing=True, burned=True)
            return Settlement(
                State.QUEUED, "provider", wait or _at_least((5, 30, 120)[tries - 1]), error, burned=True
            )
        case ErrorFamily.NUMBER_THROTTLE:
            after = wait or _jitter(min(60, 2 ** min(attempt, 6)))
            return Settlement(State.QUEUED, "throttled", after, error, line=Line.SLOW_DOWN)
        case ErrorFamily.PAIR_THROTTLE:
            return Settlement(
                State.QUEUED, "throttled", timedelta(seconds=min(3600, 4 ** min(attempt - 1, 6))), error
            )
        case ErrorFamily.WITHHELD:
            if tries >= MAX_TRIES:
                return Settlement(State.FAILED, "withheld", error=error, passing=True, burned=True)
            day = timedelta(hours=24)
            return Settlement(State.QUEUED, "withheld", day, error, burned=True, cooling=day)
        case ErrorFamily.RECIPIENT:
            lost = error.code == 131026
            return Settlement(State.FAILED, "recipient", error=error, burned=True, not_on_whatsapp=lost)
        case ErrorFamily.OPTED_OUT:
            return Settlement(State.FAILED, "opted_out", error=error, burned=True, opted_out=True)
        case ErrorFamily.TEMPLATE:
            if error.code == PREPARING:
                return Settlement(State.QUEUED, "template", TEMPLATE_RESTS, error, line=Line.REST_BATCH)
            return Settlement(State.QUEUED, "template", timedelta(0), error, line=Line.PAUSE_BATCH)
        case ErrorFamily.ACCOUNT:
            return Settlement(State.QUEUED, "account", timedelta(0), error, line=Line.STOP_NUMBER)
        case ErrorFamily.MAINTENANCE:
            return Settlement(State.QUEUED, "maintenance", timedelta(minutes=2), error, line=Line.REST_NUMBER)
        case ErrorFamily.PARAMETERS:
            return Settlement(State.FAILED, "parameters", error=error, burned=True, line=Line.DOUBT_BATCH)
        case ErrorFamily.WINDOW | ErrorFamily.OTHER:
            return Settlement(State.FAILED, error.family.value, error=error, burned=True)


def _jitter(seconds: float) -> timedelta:
    return timedelta(seconds=seconds * random.uniform(0.5, 1.0))


def _at_least(seconds: float) -> timedelta:
    return timedelta(seconds=seconds * random.uniform(1.0, 1.5))


_RANK = {
    State.ACCEPTED: 1,
    State.SENT: 2,
    State.FAILED: 3,
    State.DELIVERED: 4,
    State.READ: 5,
}


def after_status(state: State, status: DeliveryStatus) -> State | None:
    """The state after a status webhook, or None when it changes nothing.

    A maximum over ``accepted < sent < failed < delivered < read``, so that order and repetition cannot matter.
    A status also settles ``unknown`` and ``sending``, and wins over a ``queued`` that waits for another try:
    the provider has the message.
    """
    told = State(status.value)
    return told if _RANK[told] > _RANK.get(state, 0) else None


@dataclass(frozen=True, order=True)
class Failure:
    """When a message failed, by the provider's time, its code (0: none), and the natural key of who said so.

    They have one order, so that of several failures of a message the same one counts whichever is heard first: the
    newest; of one second, the one with the larger code.
    """

    at: datetime
    code: int
    key: str


def counts_more(failure: Failure, standing: Failure | None) -> bool:
    """Whether a failure takes the place of the one that a failed message is known by."""
    return standing is None or failure > standing


_PREFIX = "pn1"


def make_token(dispatch_id: uuid.UUID, attempt: int) -> str:
    """The correlation token of one attempt: it resolves to the dispatch even after a restore."""
    body = base64.b32encode(dispatch_id.bytes).decode().rstrip("=").lower()
    return f"{_PREFIX}.{body}.{attempt}"


def read_token(token: str | None) -> tuple[uuid.UUID, int] | None:
    """The dispatch and the attempt that a token names, or None when it is none of ours."""
    parts = (token or "").split(".")
    if len(parts) != 3 or parts[0] != _PREFIX or not parts[2].isdigit() or len(parts[2]) > 6:
        return None
    try:
        raw = base64.b32decode(parts[1].upper() + "=" * (-len(parts[1]) % 8))
        return uuid.UUID(bytes=raw), int(parts[2])
    except (binascii.Error, ValueError):
        return None


@dataclass(frozen=True)
class FailureTells:
    """What a failed message tells of the contact point it went to."""

    not_on_whatsapp: bool = False
    opted_out: bool = False
    cooling: timedelta | None = None


def after_failure(error: ProviderError) -> FailureTells:
    """What a ``failed`` status tells beyond its own message.

    131026 means "maybe not on WhatsApp" (Meta does not tell which), 131050 is the guest's own stop, 131049 the
    per-user limit, which asks for a day of rest (developers.facebook.com, WhatsApp, support/error-codes).
    """
    return FailureTells(
        not_on_whatsapp=error.code == 131026,
        opted_out=error.family is ErrorFamily.OPTED_OUT,
        cooling=timedelta(hours=24) if error.family is ErrorFamily.WITHHELD else None,
    )
