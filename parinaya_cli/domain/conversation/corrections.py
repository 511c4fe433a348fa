"""A number that takes the place of another: "not 4, 3", "4 nahi 3 log", "instead of 4 we will be 3"."""

from __future__ import annotations

from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.phrases import Tag
from parinaya_cli.domain.conversation.words import canonical

_ALWAYS = frozenset({"not", "instead of"})
_BEFORE = _ALWAYS | {"no", "nahi", "said", "bola", "bole", "kaha", "told", "earlier", "pehle"}
_BEHIND = frozenset({"nahi", "ka jagah", "bola", "kaha", "bole", "likha", "bataya"})
_AROUND = frozenset({"i", "we", "maine", "humne", "the", "of", "it", "be", "tha"})
_BESIDE = _AROUND | {"thi", "had", "keh", "will", "instead", "ka", "jagah"}
_MORE_WORDS = "more|extra|add one more|aur badha do|aur badha dijiye|badha do|badha dijiye|badha dena"
_FEWER_WORDS = "kam|less|kam ho gaye|kam kar do|kam kar dijiye|ghata do"
_CHANGED = frozenset(
    {Tag.NUM, Tag.HEADS, Tag.FILL, Tag.AND, Tag.COME, Tag.BREAK, Tag.THANKS, Tag.NOW, Tag.COMMA}
)
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


def _listed(phrases: str) -> frozenset[str]:
    return frozenset(" ".join(map(canonical, phrase.split())) for phrase in phrases.split("|"))


_MORE, _FEWER = _listed(_MORE_WORDS), _listed(_FEWER_WORDS)


def change(items: list[Item]) -> int:
    """How many more come, or fewer (below zero), in a message that says that and nothing else; 0 in any other.

    1 aur badha do, one more person, 2 log kam ho gaye.
    """
    numbers = [place for place, item in enumerate(items) if item.number and item.tag in {Tag.NUM, Tag.DANGER}]
    told = " ".join(item.text for item in items)
    plain = all(item.tag in _CHANGED or item.number or item.text in _MORE | _FEWER for item in items)
    if len(numbers) != 1 or not plain:
        return 0
    number = items[numbers[0]].number
    if any(item.text in _FEWER for item in items):
        return -number
    behind = items[numbers[0] + 1 :]
    joined = bool(behind) and behind[0].text in {"aur", "more", "extra"}
    added = any(item.text in _MORE for item in items)
    return number if (joined and not _counts_on(behind)) or (added and "kul" not in told) else 0


def _counts_on(behind: list[Item]) -> bool:
    """2 aur bachche: what is joined is counted on its own."""
    return len(behind) > 1 and behind[1].tag in {Tag.CHILD, Tag.ADULT, Tag.RELATION, Tag.DIET}


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
