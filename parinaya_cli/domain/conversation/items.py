"""A word or phrase of a message with what it does."""

from __future__ import annotations

from dataclasses import dataclass

from parinaya_cli.domain.conversation.phrases import Tag


@dataclass(frozen=True)
class Item:
    """A word or phrase with what it does. ``number`` of a NUM, ``name``: an event's slug, a diet, a noun.

    ``hint``: it can be meant in another way, so that nothing beside it is certain.
    """

    tag: Tag
    text: str
    number: int = 0
    name: str = ""
    hint: bool = False


def neighbour(items: list[Item], place: int, step: int) -> Item | None:
    """The next item before (-1) or behind (+1) that carries something."""
    place += step
    while 0 <= place < len(items):
        if items[place].tag not in {Tag.FILL, Tag.NOW}:
            return items[place]
        place += step
    return None
