"""Who lives together: what of two entries' numbers, family names, households and places in the lists agrees."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from parinaya_cli.domain.dedupe.block import Key
from parinaya_cli.domain.dedupe.lists import Lists, list_of, source_of
from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.dedupe.score import odds_of
from parinaya_cli.domain.dedupe.spelling import Likeness, likeness, skeleton, sound
from parinaya_cli.domain.dedupe.weights import HOUSEHOLD_WEIGHTS

_SLIP = Likeness.SLIP
CLOSEST = 0.35
"""How much the closest pair of two groups weighs when they are joined; the rest is the mean of all."""

LARGEST = 14
"""Entries under one key that are all compared with each other; of more, each with its neighbours only."""

NEIGHBOURS = 4

_MOST = 6.0
_LARGEST_PAIRED = 300


def _keys(entry: Entry, lists: Lists) -> Iterator[Key]:
    for number in entry.mobiles:
        yield "m", number
    for number in entry.landlines:
        yield "l", number
    if entry.label:
        yield "h", entry.label
    name = entry.name
    if name.family:
        bone = skeleton(name.family)
        if entry.city:
            yield "c", (bone, entry.city)
        yield "s", (bone, entry.source)
        for word in (name.given, *name.middle, *name.heads):
            if len(word) > 1:
                yield "f", (bone, skeleton(word))
    if entry.source in lists.mixed and entry.line:
        yield "b", (entry.source, entry.line // 3)
        yield "B", (entry.source, (entry.line + 2) // 3)


def pairs(entries: Sequence[Entry], lists: Lists) -> Iterator[tuple[int, int]]:
    """The pairs of places worth asking, each once."""
    blocks: defaultdict[Key, list[int]] = defaultdict(list)
    for entry in entries:
        for key in dict.fromkeys(_keys(entry, lists)):
            blocks[key].append(entry.place)
    seen: set[tuple[int, int]] = set()
    for block in blocks.values():
        reach = len(block) if len(block) <= LARGEST else NEIGHBOURS
        for position, place in enumerate(block):
            for other in block[position + 1 : position + 1 + reach]:
                pair = (place, other) if place < other else (other, place)
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def signals(left: Entry, right: Entry, lists: Lists) -> tuple[str, ...]:
    """What two entries say about living together."""
    number = _number(left, right, lists)
    tie = "tied" if number in ("number:shared", "number:line") else "loose"
    told = [
        f"base:{tie}",
        number,
        f"{_family(left, right, lists)}@{tie}",
        _named(left, right),
        _beside(left, right, lists),
    ]
    if left.label and right.label:
        told.append("label:same" if left.label == right.label else "label:differ")
    if left.city and right.city:
        told.append("city:same" if left.city == right.city else "city:differ")
    if left.side and right.side and left.side != right.side:
        told.append("side:differ")
    told.append(source_of(left.source, right.source))
    if left.name.group or right.name.group:
        told.append("group:both" if left.name.group and right.name.group else "group:one")
    return tuple(filter(None, told))


def _number(left: Entry, right: Entry, lists: Lists) -> str:
    shared = set(left.mobiles) & set(right.mobiles)
    if shared:
        return "number:shared" if lists.crowd(shared) < 8 else "number:many"
    if set(left.landlines) & set(right.landlines):
        return "number:line"
    return "number:differ" if left.mobiles and right.mobiles else ""


def _family(left: Entry, right: Entry, lists: Lists) -> str:
    ours, theirs = left.name.family, right.name.family
    if len(ours) < 2 or len(theirs) < 2:
        return "family:absent"
    found = likeness(ours, theirs)
    if found < _SLIP:
        return "family:other"
    rows = max(lists.rows[list_of(left.source)[0]], 200)
    bearers = max(lists.family[list_of(entry.source)[0], sound(entry.name.family)] for entry in (left, right))
    share = sum(bearers / rows > step for step in (0.006, 0.015, 0.04))
    return f"family:{'same' if found >= Likeness.VARIANT else 'near'}{share}"


def _named(left: Entry, right: Entry) -> str:
    """Whether one names the other: a couple's entry, or the father's or husband's name in the middle."""
    for one, other in ((left.name, right.name), (right.name, left.name)):
        if not one.given or len(one.given) == 1:
            continue
        if other.group and any(likeness(one.given, head) >= _SLIP for head in other.heads):
            return "named:couple"
        if any(len(word) > 1 and likeness(one.given, word) >= _SLIP for word in other.middle):
            return "named:middle"
    return ""


def _beside(left: Entry, right: Entry, lists: Lists) -> str:
    if left.source != right.source or left.source not in lists.mixed or not left.line or not right.line:
        return ""
    gap = abs(left.line - right.line)
    return f"beside:{gap}" if gap <= 3 else ""


def log_odds(told: tuple[str, ...]) -> float:
    """The sum of the weights, in log-odds."""
    return sum(HOUSEHOLD_WEIGHTS.get(signal, 0.0) for signal in told)


# ── groups ─────────────────────────────────────────────────────────────────────────────────────────────


class _Homes:
    """Households while they grow: groups of entries, and how well two go together."""

    def __init__(self, entries: Sequence[Entry], lists: Lists, people: Iterable[Sequence[int]]) -> None:
        self.entries = entries
        self.lists = lists
        self.of = list(range(len(entries)))
        self.members = {place: [place] for place in range(len(entries))}
        self.version = [0] * len(entries)
        self.odds: dict[tuple[int, int], float] = {}
        for person in people:
            for place in person[1:]:
                self.join(person[0], place)

    def pair(self, left: int, right: int) -> float:
        key = (left, right) if left < right else (right, left)
        found = self.odds.get(key)
        if found is None:
            told = signals(self.entries[key[0]], self.entries[key[1]], self.lists)
            found = self.odds[key] = max(-_MOST, min(_MOST, log_odds(told)))
        return found

    def link(self, one: int, other: int) -> float:
        """How well two groups go together, in log-odds: their closest pair and the mean of all."""
        ours, theirs = self.members[one], self.members[other]
        if len(ours) * len(theirs) > _LARGEST_PAIRED:
            ours, theirs = ours[:17], theirs[:17]
        found = [self.pair(left, right) for left in ours for right in theirs]
        return CLOSEST * max(found) + (1 - CLOSEST) * sum(found) / len(found)

    def join(self, one: int, other: int) -> None:
        """The second's group becomes part of the first's."""
        one, other = self.of[one], self.of[other]
        if one == other:
            return
        for place in self.members[other]:
            self.of[place] = one
        self.members[one] += self.members.pop(other)
        self.version[one] += 1
        self.version[other] += 1


def group(
    entries: Sequence[Entry], lists: Lists, people: Iterable[Sequence[int]], at: float = 0.5
) -> list[tuple[int, ...]]:
    """The households of more than one entry, as sorted places; the entries of one person live in one.

    ``people``: the entries that are one person (``cluster``); ``at``: the score from which two live together.
    """
    homes = _Homes(entries, lists, people)
    least = odds_of(at)
    near: defaultdict[int, set[int]] = defaultdict(set)
    waiting: list[tuple[float, int, int, int, int]] = []

    def offer(one: int, other: int) -> None:
        odds = homes.link(one, other)
        if odds > least:
            heapq.heappush(waiting, (-odds, one, other, homes.version[one], homes.version[other]))

    for left, right in pairs(entries, lists):
        if homes.pair(left, right) > least:
            near[left].add(right)
            near[right].add(left)
    for one, other in {
        tuple(sorted((homes.of[left], homes.of[right]))) for left in near for right in near[left]
    }:
        if one != other:
            offer(one, other)
    while waiting:
        _, one, other, ours, theirs = heapq.heappop(waiting)
        if homes.version[one] != ours or homes.version[other] != theirs:
            continue
        homes.join(one, other)
        for neighbour in sorted(
            {homes.of[place] for member in homes.members[one] for place in near[member]} - {one}
        ):
            offer(one, neighbour)
    return sorted(tuple(sorted(members)) for members in homes.members.values() if len(members) > 1)
