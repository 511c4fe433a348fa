"""Who comes to what: different people of a household for different events are for a person to sort out."""

from __future__ import annotations

from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.phrases import Tag

_NAMED = frozenset({Tag.RELATION, Tag.SOLO, Tag.DUO, Tag.ADULT, Tag.CHILD})
_MYSELF = frozenset({"i", "me", "myself", "im", "i am"})
_ENDS = frozenset({Tag.COMMA, Tag.BREAK, Tag.AND, Tag.BUT})


def differ(items: list[Item]) -> bool:
    """Mummy for haldi, I for the wedding: do the parts that name events name different people?"""
    if len({item.name for item in items if item.tag is Tag.EVENT}) < 2:
        return False
    told = [
        _people(part) for part in _parts(items) if any(item.tag in {Tag.EVENT, Tag.REST} for item in part)
    ]
    named = [people for people in told if people]
    if not any(people != {"?"} for people in named):
        return False
    return any(people != named[0] for people in named)


def _parts(items: list[Item]) -> list[list[Item]]:
    """Cut behind each event that is not one of a list of events."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if item.tag in _ENDS and any(one.tag in {Tag.EVENT, Tag.REST} for one in parts[-1]):
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def _people(part: list[Item]) -> set[str]:
    """Who is named; ``?`` for a word that may be a name."""
    found = {item.text for item in part if item.tag in _NAMED or item.text in _MYSELF}
    if found:
        return found
    if part and part[0].text == "main":
        return {"i"}
    return {"?"} if any(item.tag is Tag.UNKNOWN for item in part) else set()
