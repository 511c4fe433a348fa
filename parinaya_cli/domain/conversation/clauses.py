"""Clauses: what each part of a message says about coming, and for which events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from parinaya_cli.domain.conversation.items import Item, neighbour
from parinaya_cli.domain.conversation.phrases import Tag


class Says(Enum):
    """What a clause says about coming."""

    NOTHING = auto()
    YES = auto()
    NO = auto()
    MAYBE = auto()
    CONFLICT = auto()


@dataclass(frozen=True)
class Clause:
    """One clause. ``stated``: it says so in a sentence of its own, not only with a yes or a no.

    ``events``: slugs that it speaks of; ``except_``: slugs that it takes out; ``only``: those and no others;
    ``who``: it names people of the household and says nothing of them.
    """

    says: Says
    stated: bool
    events: tuple[str, ...]
    except_: tuple[str, ...]
    only: bool
    all_events: bool
    everything: bool
    rest: bool
    who: bool


_LETTERS = {
    Tag.YES: "Y",
    Tag.NO: "N",
    Tag.NEG: "G",
    Tag.NOT: "g",
    Tag.NAHI: "H",
    Tag.COME: "C",
    Tag.STAY_AWAY: "X",
    Tag.VERB: "V",
    Tag.MAYBE: "M",
}
POLAR = frozenset(_LETTERS)
"""What says something about coming."""

_THEREFORE = frozenset({"so", "isliye", "hence", "therefore"})
_ENDS = frozenset({Tag.BREAK, Tag.BUT, Tag.COMMA})
_PERSONS = frozenset({Tag.RELATION, Tag.HEADS, Tag.ADULT, Tag.CHILD})
SOME_OF_US = frozenset(
    {
        Tag.RELATION,
        Tag.ALL,
        Tag.ALL_EVENTS,
        Tag.ONLY,
        Tag.NUM,
        Tag.HEADS,
        Tag.ADULT,
        Tag.CHILD,
        Tag.SOLO,
        Tag.DUO,
        Tag.BOTH,
    }
)
"""What makes a no one for some of the people or the events."""


def split(items: list[Item]) -> list[list[Item]]:
    """Cut into clauses: at stops and buts, and at an "and" between two parts that each say yes or no."""
    parts: list[list[Item]] = [[]]
    for place, item in enumerate(items):
        if (
            item.tag is Tag.COMMA
            and _within_a_list(items, place)
            and not _begins_anew(items, place, parts[-1])
        ):
            continue
        if item.tag in _ENDS:
            parts.append([item] if item.tag is Tag.BUT else [])
        else:
            parts[-1].append(item)
    clauses: list[list[Item]] = []
    for part in parts:
        clauses.extend(_split_at_and(part))
    return [clause for clause in clauses if clause]


def _within_a_list(items: list[Item], place: int) -> bool:
    before, after = neighbour(items, place, -1), neighbour(items, place, 1)
    return before is not None and after is not None and before.tag is after.tag is Tag.EVENT


def _begins_anew(items: list[Item], place: int, before: list[Item]) -> bool:
    """Coming for sangeet, haldi not sure: each side of the comma says something of its own."""
    end = next((at for at in range(place + 1, len(items)) if items[at].tag in _ENDS), len(items))
    return bool(_letters(before) and _letters(items[place + 1 : end]))


def _split_at_and(part: list[Item]) -> list[list[Item]]:
    for place, item in enumerate(part):
        if (
            item.tag is Tag.AND
            and not _within_a_list(part, place)
            and _letters(part[:place])
            and _letters(part[place + 1 :])
        ):
            return [part[:place], *_split_at_and(part[place + 1 :])]
    return [part]


def split_at_rest(part: list[Item]) -> list[list[Item]]:
    """A clause cut where another begins without a mark.

    Haldi mein nahi aayenge baaki sab mein aayenge; papa can't so 4 of us will: said without a comma.
    """
    for place, item in enumerate(part):
        told = _letters(part[:place]) or (item.text in _THEREFORE and place)
        begins = item.tag is Tag.REST or item.text in _THEREFORE
        if begins and told and _letters(part[place + 1 :]):
            return [part[:place], *split_at_rest(part[place:])]
    return [part]


def _letters(clause: list[Item]) -> str:
    return "".join(_LETTERS.get(item.tag, "") for item in clause)


def read(clause: list[Item]) -> Clause:
    """What one clause says. CONFLICT when it says two things, or can be read in two ways."""
    has = {item.tag for item in clause}
    except_ = _excepted(clause)
    events = tuple(dict.fromkeys(i.name for i in clause if i.tag is Tag.EVENT and i.name not in except_))
    says, stated = _direction(clause, bool(events))
    only = Tag.ONLY in has and _only_events(clause)
    some = SOME_OF_US - {Tag.BOTH} if len(events) == 2 else SOME_OF_US
    if (says is Says.NO and has & some) or (says is Says.MAYBE and has & _PERSONS):
        says = Says.CONFLICT
    if says is Says.YES and Tag.SAD in has and Tag.NOW not in has:
        says = Says.CONFLICT
    if _counts_some(clause, has) or (says is Says.YES and _speaks_of_others(has)):
        says = Says.CONFLICT
    if Tag.ONLY in has and not only and not _only_people(clause):
        says = Says.CONFLICT
    if (Tag.EXCEPT in has or Tag.EXCEPT_AFTER in has) and (not except_ or events):
        says = Says.CONFLICT
    if Tag.BUT in has and says is Says.NOTHING and events and not only:
        says = Says.CONFLICT  # "all but haldi", "coming but haldi"
    if Tag.BOTH in has and len(events) != 2:
        says = Says.CONFLICT
    return Clause(
        says,
        stated,
        events,
        tuple(sorted(except_)),
        only,
        Tag.ALL_EVENTS in has,
        bool(has & {Tag.ALL, Tag.ALL_EVENTS}) or bool(except_ and _names_the_rest(clause)),
        Tag.REST in has and not except_,
        says is Says.NOTHING and bool(has & _PERSONS) and not has & {Tag.SAD, Tag.THANKS, Tag.NUM},
    )


def _names_the_rest(clause: list[Item]) -> bool:
    """Everything but haldi, haldi chhodkar baaki sab: what is left is named beside what is taken out."""
    return any(
        item.tag is Tag.REST or (item.tag is Tag.EXCEPT and item.text.startswith(("all", "everything")))
        for item in clause
    )


def _speaks_of_others(has: set[Tag]) -> bool:
    """Guests are coming, ladies will come: people that nobody counted, and not all of them."""
    return not has & {Tag.NUM, Tag.SOLO, Tag.DUO} and bool(has & {Tag.HEADS, Tag.ADULT})


def _counts_some(clause: list[Item], has: set[Tag]) -> bool:
    """Hum dono aur bachche, 2 people and my mother: is the number everybody, or not?"""
    if not has & {Tag.NUM, Tag.SOLO, Tag.DUO}:
        return False
    if has & {Tag.SOLO, Tag.DUO} and has & {Tag.RELATION, Tag.CHILD}:
        return True
    for place, item in enumerate(clause):
        if item.tag is Tag.RELATION:
            around = (neighbour(clause, place, -1), neighbour(clause, place, 1))
            joined = any(near is not None and near.tag is Tag.AND for near in around)
            if joined or "parivar" not in item.text:
                return True
        if item.tag is Tag.CHILD and not any(
            near is not None and near.tag in {Tag.NUM, Tag.INCLUDING}
            for near in (neighbour(clause, place, -1), neighbour(clause, place, 1))
        ):
            return True
    return False


def _direction(clause: list[Item], events: bool) -> tuple[Says, bool]:
    letters = _letters(clause)
    kinds = set(letters)
    if not kinds:
        return Says.NOTHING, False
    if "M" in kinds:
        return (Says.MAYBE, True) if kinds <= set("MVC") or kinds <= set("MX") else (Says.CONFLICT, False)
    if kinds <= set("YC"):
        return Says.YES, "C" in kinds or events
    if kinds <= set("NX") or letters == "HX":
        return Says.NO, "X" in kinds or events
    if kinds in ({"G"}, {"N", "G"}, {"H"}, {"N", "H"}):
        return Says.NO, events
    if kinds == {"g"} and events:
        return Says.NO, True
    return Says.CONFLICT, False


def _excepted(clause: list[Item]) -> set[str]:
    """The events behind "except" (and those joined to them), or before "chhodkar"."""
    found: set[str] = set()
    for place, item in enumerate(clause):
        if item.tag is Tag.EXCEPT:
            found |= _run_of_events(clause[place + 1 :])
        elif item.tag is Tag.EXCEPT_AFTER:
            found |= _run_of_events(clause[:place][::-1])
    return found


def _run_of_events(items: list[Item]) -> set[str]:
    found: set[str] = set()
    for item in items:
        if item.tag is Tag.EVENT:
            found.add(item.name)
        elif item.tag not in {Tag.FILL, Tag.NOW, Tag.AND, Tag.FUNCTION}:
            break
    return found


def _only_events(clause: list[Item]) -> bool:
    """Does "only" speak of the events? Not when it can as well speak of people."""
    if any(item.tag in {Tag.NUM, Tag.HEADS, Tag.DIET, Tag.SOLO, Tag.DUO} for item in clause):
        return False
    for place, item in enumerate(clause):
        if item.tag is Tag.ONLY:
            around = (neighbour(clause, place, -1), neighbour(clause, place, 1))
            tags = {near.tag for near in around if near is not None}
            if not tags & {Tag.EVENT, Tag.COME, Tag.WILL, Tag.VERB, Tag.FUNCTION}:
                return False
    return any(item.tag is Tag.EVENT for item in clause)


def _only_people(clause: list[Item]) -> bool:
    """Only 2 people, only veg: a number or a diet beside it, and no event that it could speak of."""
    if any(item.tag is Tag.EVENT for item in clause):
        return False
    for place, item in enumerate(clause):
        if item.tag is Tag.ONLY:
            around = (neighbour(clause, place, -1), neighbour(clause, place, 1))
            tags = {near.tag for near in around if near is not None}
            if not tags & {Tag.NUM, Tag.HEADS, Tag.DIET, Tag.DUO, Tag.SOLO, Tag.ADULT}:
                return False
    return True
