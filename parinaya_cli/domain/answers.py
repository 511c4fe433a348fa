"""Answers: what one guest unit said for one event, and which numbers contradict each other."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.errors import UsedWrongly


class AnswerStatus(StrEnum):
    """What was said."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


@dataclass(frozen=True)
class Answer:
    """One answer. Answers are only ever added; ``given_at`` is when the guest gave it, not when it arrived.

    ``source`` names the message, page, call note or person that it came from. ``requested_heads`` is set when
    the guest asked for more than the seats: the family decides, nothing is counted above the seats until then.
    """

    unit_id: uuid.UUID
    event_id: uuid.UUID
    status: AnswerStatus
    given_at: datetime
    channel: Channel
    source: str
    heads: int | None = None
    adults: int | None = None
    children: int | None = None
    diets: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""
    requested_heads: int | None = None


def check(answer: Answer, seats: int) -> None:
    """Refuse an answer that contradicts itself.

    Raises:
        UsedWrongly: negative or impossible numbers, or heads given with a ``no``.
    """
    numbers = [answer.heads, answer.adults, answer.children, *answer.diets.values()]
    if any(number is not None and not 0 <= number <= 500 for number in numbers):
        raise UsedWrongly("Numbers of people lie between 0 and 500.", "Give the number of people who come.")
    if answer.status is AnswerStatus.NO and (answer.heads or answer.adults or answer.children):
        raise UsedWrongly("A no brings nobody.", "Leave out the number of people, or answer yes.")
    parts = (answer.adults or 0) + (answer.children or 0)
    if answer.heads is not None and (answer.adults is not None or answer.children is not None):
        if answer.adults is not None and answer.children is not None and parts != answer.heads:
            raise UsedWrongly(
                f"{answer.adults} adults and {answer.children} children are not {answer.heads} people.",
                "Give heads alone, or adults and children that add up to it.",
            )
        if parts > answer.heads:
            raise UsedWrongly("There are more adults and children than people.", "Mend the numbers.")
    people = answer.heads if answer.heads is not None else seats
    if sum(answer.diets.values()) > people:
        raise UsedWrongly(
            f"{sum(answer.diets.values())} meals are named for {people} people.",
            "Mend the numbers of the diets.",
        )
    if answer.heads is not None and answer.heads > seats:
        raise UsedWrongly(
            f"{answer.heads} people are more than the {seats} seats of this invitation.",
            f"Give the household more seats (`parinaya invite add --event EVENT --unit UNIT --seats {answer.heads}`) "
            "first, or record fewer heads.",
            code="over_seats",
        )
