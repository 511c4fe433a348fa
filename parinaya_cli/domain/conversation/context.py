"""What a conversation knows before it decides, and what it decides: values only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.messages import ReplyButton


@dataclass(frozen=True)
class InvitedEvent:
    """One event on the household's invitation that can still be answered, with what was answered so far.

    The numbers are those of the answer that counts. They are carried over into a newer answer that does not
    mention them, because the newest answer replaces the older one whole. ``starts_at`` (in the wedding's zone),
    ``venue``, ``address``, ``map_url`` and ``dress_code`` are what guests ask about.
    """

    event_id: uuid.UUID
    slug: str
    title: str
    day: date
    seats: int
    answered: AnswerStatus | None = None
    heads: int | None = None
    adults: int | None = None
    children: int | None = None
    diets: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    requested_heads: int | None = None
    starts_at: datetime | None = None
    venue: str = ""
    address: str = ""
    map_url: str = ""
    dress_code: str = ""


class QuestionKind(StrEnum):
    """What parinaya has asked and not yet heard."""

    HEADS = "heads"
    CHECK = "check"


@dataclass(frozen=True)
class NewAnswer:
    """An answer to add."""

    event_id: uuid.UUID
    status: AnswerStatus
    heads: int | None = None
    adults: int | None = None
    children: int | None = None
    diets: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    requested_heads: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Question:
    """An open question, for these events. ``proposed``: what a CHECK reads back to the guest.

    ``again``: it has been asked a second time; there is no third.
    """

    kind: QuestionKind
    events: tuple[uuid.UUID, ...]
    proposed: tuple[NewAnswer, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Context:
    """The household that wrote, its events in order of time, and what the message was about.

    ``about``: the events of the message that is being answered (a tap's payload, or the message replied to);
    empty when nothing tells. ``stopped``: this contact point has opted out. ``courtesy_sent``: the line that
    someone of the family will answer went out already, and nobody of the family has written since. ``couple``:
    whose wedding it is. ``ask_children``, ``ask_diets``: whether the wedding wants to know them.
    """

    unit_id: uuid.UUID
    language: str
    events: tuple[InvitedEvent, ...]
    question: Question | None = None
    about: tuple[uuid.UUID, ...] = ()
    stopped: bool = False
    courtesy_sent: bool = False
    couple: str = ""
    ask_children: bool = False
    ask_diets: bool = False


class ConsentChange(StrEnum):
    """What the guest decided about getting messages."""

    OPT_OUT = "opt-out"
    OPT_IN = "opt-in"


@dataclass(frozen=True)
class Reply:
    """One message back. ``kind`` names the step, so that a step is never replied to twice."""

    kind: str
    text: str
    buttons: tuple[ReplyButton, ...] = ()


@dataclass(frozen=True)
class Step:
    """What follows from one message of a guest.

    ``inbox`` is the reason for a human to look, or None. ``question`` is the question that is open
    afterwards. ``repeats`` are answers that change nothing now; they are kept all the same, because an older
    message that comes later must not win over what was said again.
    """

    answers: tuple[NewAnswer, ...] = ()
    reply: Reply | None = None
    inbox: str | None = None
    consent: ConsentChange | None = None
    question: Question | None = None
    repeats: tuple[NewAnswer, ...] = ()
