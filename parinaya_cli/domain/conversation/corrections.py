"""A number that takes the place of another: "not 4, 3", "4 nahi 3 log", "instead of 4 we will be 3"."""

from __future__ import annotations

from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.phrases import Tag

_ALWAYS = frozenset({"not", "instead of"})
_BEFORE = _ALWAYS | {"no", "nahi", "said", "bola", "bole", "kaha", "told", "earlier", "pehle"}
_BEHIND = frozenset({"nahi", "ka jagah", "bola", "kaha", "bole", "likha", "bataya"})
_AROUND = frozenset({"i", "we", "maine", "humne", "the", "of", "it", "be", "tha"})
_BESIDE = _AROUND | {"thi", "had", "keh", "will", "instead", "ka", "jagah"}
_LEFT = frozenset(
    {Tag.NUM, Tag.HEADS, Tag.FILL, Tag.NOW, Tag.COMMA, Tag.BREAK, Tag.DASH, Tag.BUT, Tag.SAD, Tag.ONLY}
    | {Tag.COME, Tag.WILL, Tag.VERB, Tag.THANKS}
)


def mend(items: list[Item]) -> list[Item] | None:
    """The message with the number that holds alone, or None when it corrects none.

    Two numbers, one of them denied and the other not, and nothing else that could be meant.
    """
    numbers = [place for place, item in enumerate(items) if item.tag is Tag.NUM]
    if len(numbers) != 2 or items[numbers[0]].number == items[numbers[1]].number:
        return None
    denied = [place for place in numbers if _is_denied(items, place)]
    if len(denied) != 1:
        return None
    kept = next(place for place in numbers if place not in denied)
    told = [item for item in items if not _denies(item)]
    if not all(item.tag in _LEFT for item in told):
        return None
    return [
        item
        for item in told
        if item is items[kept] or (item.tag is not Tag.NUM and item.tag is not Tag.HEADS)
    ]


def _denies(item: Item) -> bool:
    """A word that only says which number no longer holds."""
    known = _BEFORE | _BEHIND | _BESIDE
    return item.tag not in {Tag.NUM, Tag.COME, Tag.STAY_AWAY} and (
        item.text in known or set(item.text.split()) <= known
    )


def _is_denied(items: list[Item], place: int) -> bool:
    """Is there a word beside the number that takes it back?"""
    return _is_denied_before(items, place) or _is_denied_behind(items, place)


def _is_denied_before(items: list[Item], place: int) -> bool:
    """Not 4, instead of 4, earlier I said 4; but "4 nahi 3" denies the number before."""
    at = place - 1
    while at >= 0 and items[at].text in _AROUND:
        at -= 1
    if at < 0 or items[at].text not in _BEFORE:
        return False
    return items[at].text in _ALWAYS or at == 0 or items[at - 1].tag is not Tag.NUM


def _is_denied_behind(items: list[Item], place: int) -> bool:
    """4 log nahi, 4 ki jagah."""
    at = place + 1
    while at < len(items) and items[at].tag is Tag.HEADS:
        at += 1
    return at < len(items) and items[at].text in _BEHIND
