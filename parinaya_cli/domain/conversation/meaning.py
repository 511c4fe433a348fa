"""What a message of a guest means, before anybody asks for which events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from parinaya_cli.domain.conversation import lists


class Intent(StrEnum):
    """What a message is for."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    NUMBER = "number"
    STOP = "stop"
    START = "start"
    THANKS = "thanks"
    HUMAN = "human"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Meaning:
    """What a message means. Act on it only when ``sure``; otherwise it is the likely direction, no more.

    ``only`` holds the slugs of the events that the intent is about (empty: no event was named), ``except_``
    those of which the opposite was said. ``exclusive``: the opposite holds for every other event as well
    ("only sangeet"). ``bare``: a yes or a no without a sentence, which answers whatever was asked last.
    NUMBER may come with diets and without heads ("2 veg 1 jain"). ``likely``: not sure, and near enough to be
    read back to the guest. ``each``: an answer for each event on its own ("sangeet 2, reception 5").
    ``more``: so many more (or fewer) than stand. ``diet_of_all``: what everybody eats, without a number.
    ``everyone``: all of the household, without a number. ``greets``: a greeting and nothing else.
    ``wish``: a room or a lift is asked for besides, for a person to see to. ``besides``: what is said beside a STOP.
    """

    intent: Intent
    heads: int | None = None
    adults: int | None = None
    children: int | None = None
    diets: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    only: tuple[str, ...] = ()
    except_: tuple[str, ...] = ()
    sure: bool = True
    exclusive: bool = False
    bare: bool = False
    likely: bool = False
    each: tuple[lists.Line, ...] = ()
    wish: bool = False
    more: int = 0
    diet_of_all: str = ""
    everyone: bool = False
    greets: bool = False
    besides: Meaning | None = None


UNCLEAR = Meaning(Intent.UNCLEAR, sure=False)
