"""Small words that change what the words beside them count or mean."""

from __future__ import annotations

from dataclasses import replace

from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.phrases import Tag

_BESIDE_A_WHY_NOT = frozenset({Tag.BREAK, Tag.COMMA, Tag.YES, Tag.COME, Tag.FILL})
_WHY_NOT = frozenset({"why not", "kyun nahi"})
_ROUGHLY = frozenset({"around", "about"})
_IN = frozenset({"we are in", "i am in", "im in"})
_CALLED = frozenset({"beta", "bhaiya", "bhaiyya", "didi", "uncle", "aunty", "auntie", "bhai", "bhabhi"})


def shape(items: list[Item]) -> list[Item]:
    """The items of a message with such words worked in."""
    for rule in (
        _one_child,
        _diets,
        _parts,
        _sums,
        _rough_numbers,
        _at_an_event,
        _somewhere,
        _both_come,
        _their_wedding,
        _why_not,
        _called,
    ):
        items = rule(items)
    return items


def _one_child(items: list[Item]) -> list[Item]:
    """Two adults and a kid."""
    return [
        Item(Tag.NUM, "1", 1)
        if item.text in {"a", "an"}
        and _has(items, place + 1, Tag.CHILD)
        and not _has(items, place - 1, Tag.NUM)
        else item
        for place, item in enumerate(items)
    ]


def _at(items: list[Item], place: int) -> Item | None:
    return items[place] if 0 <= place < len(items) else None


def _has(items: list[Item], place: int, *tags: Tag) -> bool:
    item = _at(items, place)
    return item is not None and item.tag in tags


def _diets(items: list[Item]) -> list[Item]:
    """Rest veg, both jain, 3 people jain food: diets without a number of their own."""
    done: list[Item] = []
    for place, item in enumerate(items):
        if item.tag is Tag.REST and _has(items, place + 1, Tag.DIET):
            continue
        if item.tag is Tag.BOTH and _has(items, place + 1, Tag.DIET):
            item = replace(item, tag=Tag.ALL)
        elif item.tag is Tag.DIET and _has(items, place - 1, Tag.REST):
            item = replace(item, text=f"rest {item.text}")
        elif item.tag is Tag.DIET and _has(items, place - 1, Tag.HEADS):
            food = _at(items, place + 1)
            if food is not None and food.text.startswith("khana"):
                done.append(Item(Tag.ALL, "all", hint=True))
        done.append(item)
    return done


def _parts(items: list[Item]) -> list[Item]:
    """5 of us, 2 are kids: an are between a number and its noun tells a part of the whole."""
    return [
        replace(item, tag=Tag.INCLUDING, hint=True)
        if item.text in {"are", "hain", "is"}
        and _has(items, place - 1, Tag.NUM)
        and _child_follows(items, place)
        else item
        for place, item in enumerate(items)
    ]


def _child_follows(items: list[Item], place: int) -> bool:
    at = place + 1
    while _has(items, at, Tag.FILL):
        at += 1
    return _has(items, at, Tag.CHILD)


def _sums(items: list[Item]) -> list[Item]:
    """Hum do aur ek bachcha: a bare number joined to children counts the grown-ups."""
    done = list(items)
    for place, item in enumerate(items):
        joined = _has(items, place + 1, Tag.AND) and _has(items, place + 2, Tag.NUM)
        if item.tag is Tag.NUM and joined and _has(items, place + 3, Tag.CHILD):
            at = done.index(item)
            done.insert(at + 1, Item(Tag.ADULT, "adults", name="adults", hint=True))
    return done


def _rough_numbers(items: list[Item]) -> list[Item]:
    """Around 6 of us: people, and not for certain how many."""
    done: list[Item] = []
    for place, item in enumerate(items):
        rough = item.tag is Tag.NUM and _has(items, place + 1, Tag.HEADS) and _has(items, place - 1, Tag.AT)
        if rough and items[place - 1].text in _ROUGHLY:
            done[-1] = replace(done[-1], tag=Tag.FILL)
            item = replace(item, hint=True)
        done.append(item)
    return done


def _at_an_event(items: list[Item]) -> list[Item]:
    """I'll be at the sangeet: to be at an event is to come."""
    done = list(items)
    for place, item in enumerate(items):
        if item.text in {"be", "definitely be"} and item.tag in {Tag.FILL, Tag.WILL}:
            at = place + 1
            while _has(items, at, Tag.AT, Tag.FILL):
                at += 1
            if at > place + 1 and _has(items, at, Tag.EVENT):
                done[place] = replace(item, tag=Tag.VERB)
    return done


def _somewhere(items: list[Item]) -> list[Item]:
    """We are in Dubai: a place behind it tells where they are, not that they come."""
    return [
        replace(item, tag=Tag.FILL)
        if item.text in _IN and (_has(items, place + 1, Tag.UNKNOWN) or _the_follows(items, place))
        else item
        for place, item in enumerate(items)
    ]


def _the_follows(items: list[Item], place: int) -> bool:
    after = _at(items, place + 1)
    return after is not None and after.text in {"the", "a", "our", "us"}


def _both_come(items: list[Item]) -> list[Item]:
    """Dono aayenge, with no event named: most likely two people."""
    if any(item.tag is Tag.EVENT for item in items):
        return items
    return [
        replace(item, tag=Tag.DUO, hint=True)
        if item.text in {"dono", "both"} and _has(items, place + 1, Tag.COME)
        else item
        for place, item in enumerate(items)
    ]


def _their_wedding(items: list[Item]) -> list[Item]:
    """It's Riya's wedding: the whole of it, not the one event."""
    return [
        replace(item, tag=Tag.FUNCTION)
        if item.tag is Tag.EVENT
        and place
        and (items[place - 1].text.endswith("'s") or _is_told_of(items, place))
        else item
        for place, item in enumerate(items)
    ]


def _is_told_of(items: list[Item], place: int) -> bool:
    """Apni shaadi hai: that there is a wedding, and nothing of coming to it."""
    of = items[place - 1].text in {"apne", "mera", "hamare", "ka", "ghar ka", "beti", "aapke"}
    behind = _at(items, place + 1)
    ends = place + 2 >= len(items) or _has(items, place + 2, Tag.COMMA, Tag.BREAK)
    return of and ends and behind is not None and behind.text == "hain"


def _why_not(items: list[Item]) -> list[Item]:
    """Why not, we will come: a yes where nothing else stands before it; else it asks."""
    return [
        replace(item, tag=Tag.DANGER)
        if item.text in _WHY_NOT and not {one.tag for one in items[:place]} <= _BESIDE_A_WHY_NOT
        else item
        for place, item in enumerate(items)
    ]


def _called(items: list[Item]) -> list[Item]:
    """Sorry beta is baar nahi: who is spoken to behind a sorry or a no does not stay away."""
    ends = {Tag.FILL, Tag.STAY_AWAY, Tag.NAHI, Tag.NEG, Tag.BREAK, Tag.COMMA, Tag.THANKS}
    return [
        replace(item, tag=Tag.FILL)
        if item.text in _CALLED
        and (place == 0 or _has(items, place - 1, Tag.SAD, Tag.THANKS, Tag.YES) or _greets(items[place - 1]))
        and _has(items, place + 1, *ends)
        and not _has(items, place + 1, Tag.AND)
        and (place or _speaks_of_us(items))
        else item
        for place, item in enumerate(items)
    ]


def _greets(item: Item) -> bool:
    return item.text in {"hello", "hi", "namaste", "dear", "ji", "hey", "respected"}


def _speaks_of_us(items: list[Item]) -> bool:
    after = _at(items, 1)
    return after is not None and after.text in {"hum", "hum log", "we", "i", "is baar"}
