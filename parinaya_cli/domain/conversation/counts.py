"""How many, and what they eat: numbers with their nouns."""

from __future__ import annotations

from dataclasses import dataclass, field

from parinaya_cli.domain.conversation.items import Item, neighbour
from parinaya_cli.domain.conversation.phrases import Tag

_NOUNS = frozenset({Tag.HEADS, Tag.ADULT, Tag.CHILD, Tag.DIET})
_NEARBY = frozenset({Tag.FILL, Tag.NOW, Tag.DASH, Tag.ONLY, Tag.INCLUDING})


@dataclass(frozen=True)
class Counts:
    """Heads, adults, children and diets that were said; all empty when no number was."""

    heads: int | None = None
    adults: int | None = None
    children: int | None = None
    diets: dict[str, int] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Was anything counted?"""
        return self.heads is not None or self.children is not None or bool(self.diets)


@dataclass
class _Heard:
    bare: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    adults: dict[str, int] = field(default_factory=dict)
    children: dict[str, int] = field(default_factory=dict)
    diets: dict[str, int] = field(default_factory=dict)
    uncounted: list[Item] = field(default_factory=list)
    doubled: bool = False

    def put(self, noun: Item, number: int) -> None:
        if noun.tag is Tag.HEADS:
            self.heads.append(number)
            return
        kinds = {Tag.ADULT: self.adults, Tag.CHILD: self.children, Tag.DIET: self.diets}
        into = kinds[noun.tag]
        self.doubled = self.doubled or noun.name in into
        into[noun.name] = number


def count(items: list[Item]) -> Counts | None:
    """What was counted, or None when the numbers contradict each other or can be read in two ways."""
    heard = _listen(items)
    if heard.doubled or len(heard.bare) + len(heard.heads) > 1:
        return None
    heads, adults, children = _people(heard, any(item.tag is Tag.INCLUDING for item in items))
    if heads is None and (heard.bare or heard.heads or heard.adults):
        return None
    diets = _diets(heard, items, heads)
    if diets is None or (heads is not None and sum(diets.values()) > heads):
        return None
    return Counts(heads, adults, children, diets)


def _listen(items: list[Item]) -> _Heard:
    """Pair each number with the noun beside it: "2 veg 1 jain" forwards, "veg 2 jain 1" backwards."""
    heard = _Heard()
    carriers = [item for item in items if item.tag in _NOUNS or item.tag is Tag.NUM]
    forward = not carriers or carriers[0].tag is Tag.NUM
    taken: set[int] = set()
    for place, item in enumerate(items):
        if item.tag in {Tag.SOLO, Tag.DUO}:
            heard.heads.append(1 if item.tag is Tag.SOLO else 2)
        if item.tag is not Tag.NUM:
            continue
        noun = _noun_beside(items, place, 1 if forward else -1, taken)
        if noun is None:
            before = neighbour(items, place, -1)
            heard.doubled = heard.doubled or (before is not None and before.tag is Tag.DIET)
            heard.bare.append(item.number)
        else:
            taken.add(noun)
            heard.put(items[noun], item.number)
    loose = {Tag.HEADS, Tag.ADULT}
    if taken and any(item.tag in loose and place not in taken for place, item in enumerate(items)):
        heard.doubled = True
    heard.uncounted = [
        item for place, item in enumerate(items) if item.tag is Tag.DIET and place not in taken
    ]
    return heard


def _noun_beside(items: list[Item], place: int, step: int, taken: set[int]) -> int | None:
    at = place + step
    while 0 <= at < len(items) and items[at].tag in _NEARBY:
        at += step
    if 0 <= at < len(items) and items[at].tag in _NOUNS and at not in taken:
        return at
    return None


def _people(heard: _Heard, including: bool) -> tuple[int | None, int | None, int | None]:
    """Heads, adults and children; no heads when they can't be told for certain."""
    adults = sum(heard.adults.values()) if heard.adults else None
    children = sum(heard.children.values()) if heard.children else None
    if heard.heads or heard.bare:
        heads = (heard.heads + heard.bare)[0]
        if adults is None and children is None:
            return heads, None, None
        if adults is not None and children is not None:
            return (heads, adults, children) if adults + children == heads else (None, None, None)
        if children is not None and including and children < heads:
            return heads, heads - children, children
        return (heads, heads, None) if adults == heads else (None, None, None)
    if adults is not None:
        return adults + (children or 0), adults, children
    return None, None, children


def _diets(heard: _Heard, items: list[Item], heads: int | None) -> dict[str, int] | None:
    """Counted diets; "all veg" counts everybody; a diet without a number can't be told."""
    if not heard.uncounted:
        return heard.diets
    rest = [item for item in heard.uncounted if item.text.startswith("rest ")]
    if rest and rest == heard.uncounted and len(rest) == 1 and heads is not None:
        left = heads - sum(heard.diets.values())
        return {**heard.diets, rest[0].name: left} if left > 0 and rest[0].name not in heard.diets else None
    if len(heard.uncounted) > 1 or heard.diets or heads is None:
        return None
    diet = heard.uncounted[0]
    place = items.index(diet)
    around = (neighbour(items, place, -1), neighbour(items, place, 1))
    if diet.text.startswith(("pure", "shuddh")) or any(
        item is not None and item.tag in {Tag.ALL, Tag.ONLY} for item in around
    ):
        return {diet.name: heads}
    return None
