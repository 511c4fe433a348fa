"""Pairs become people: those that belong together are joined, best first, and each join looks at the whole.

Two groups are joined by how well what is known of one fits what is known of the other, together with the mean of
all their pairs: so two good pairs through a bad link don't chain, and a row with half a name finds its person.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from parinaya_cli.domain.dedupe.compare import compare
from parinaya_cli.domain.dedupe.lists import Lists
from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.dedupe.profile import together
from parinaya_cli.domain.dedupe.score import log_odds, odds_of

WHOLE = 0.6
"""How much the two groups as wholes weigh in a join; the rest is the mean of their pairs."""

FRIENDLY = 0.3
"""What speaks for a join when some pairs are already joined: the rows lie together in one neighbourhood."""

VETO = -9.0
"""No group holds two rows whose own signals are as far apart as this."""

MOST = 6.0
"""Beyond this a single pair counts no more, neither for nor against."""

MOST_NUMBERS = 3
"""Rows that have no number in common are not joined to somebody with more numbers than this."""

_NEAR = -3.0
_LARGEST_PAIRED = 400


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries by their places, the smaller first, and the log-odds that they are one person."""

    left: int
    right: int
    odds: float


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people have decided: pairs of places that are one person, and pairs that are two.

    ``doubtful``: pairs that no score joins, but what people decided may.
    """

    same: Collection[tuple[int, int]] = ()
    different: Collection[tuple[int, int]] = ()
    doubtful: Collection[tuple[int, int]] = ()


@dataclass
class _Groups:
    """The groups while they grow. ``of``: entry → group; ``version`` tells joins that have been overtaken."""

    entries: Sequence[Entry]
    lists: Lists
    odds: dict[tuple[int, int], float]
    apart: Mapping[int, set[int]]
    doubted: Mapping[int, set[int]]
    members: dict[int, list[int]] = field(default_factory=dict)
    of: dict[int, int] = field(default_factory=dict)
    whole: dict[int, Entry] = field(default_factory=dict)
    version: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def held(self, place: int) -> int:
        """The group of an entry."""
        return self.of.get(place, place)

    def all_of(self, group: int) -> list[int]:
        """The entries of a group."""
        return self.members.get(group) or [group]

    def pair(self, left: int, right: int) -> float:
        """The log-odds of two entries, compared now if they never met."""
        key = (left, right) if left < right else (right, left)
        found = self.odds.get(key)
        if found is None:
            found = self.odds[key] = log_odds(compare(self.entries[key[0]], self.entries[key[1]], self.lists))
        return found

    def forbidden(self, one: int, other: int) -> bool:
        """Whether people have decided that somebody of one is not somebody of the other."""
        return self._meet(self.apart, one, other)

    def doubtful(self, one: int, other: int) -> bool:
        """Whether people have to decide first."""
        return self._meet(self.doubted, one, other) or self.forbidden(one, other)

    def _meet(self, pairs: Mapping[int, set[int]], one: int, other: int) -> bool:
        theirs = set(self.all_of(other))
        return any(not theirs.isdisjoint(pairs[place]) for place in self.all_of(one) if place in pairs)

    def link(self, one: int, other: int) -> float:
        """How well two groups go together, in log-odds."""
        ours, theirs = self.all_of(one), self.all_of(other)
        if len(ours) * len(theirs) > _LARGEST_PAIRED:
            ours, theirs = ours[:20], theirs[:20]
        single = [(self.pair(left, right), left, right) for left in ours for right in theirs]
        if len(single) == 1:
            return single[0][0]
        if min(single)[0] < VETO:
            return VETO
        mean = sum(max(-MOST, min(MOST, odds)) for odds, _, _ in single) / len(single)
        _, left, right = max(single)
        return WHOLE * self._whole_odds(one, other, left, right) + (1 - WHOLE) * mean + FRIENDLY

    def _whole_odds(self, one: int, other: int, left: int, right: int) -> float:
        """The two groups as one entry each, standing where their best pair stands."""
        if self._too_many_numbers(one, other):
            return VETO
        sides = []
        for group, place in ((one, left), (other, right)):
            at = self.entries[place]
            sides.append(replace(self.whole.get(group, at), source=at.source, line=at.line, text=at.text))
        return max(-MOST, min(MOST, log_odds(compare(sides[0], sides[1], self.lists))))

    def _too_many_numbers(self, one: int, other: int) -> bool:
        """Whether they share no number and would have more than anybody has."""
        ours, theirs = (set(self.whole.get(group, self.entries[group]).mobiles) for group in (one, other))
        return len(ours | theirs) > MOST_NUMBERS and not ours & theirs

    def join(self, one: int, other: int) -> None:
        """The second group becomes part of the first."""
        joined = self.all_of(one) + self.all_of(other)
        self.members[one] = joined
        self.members.pop(other, None)
        self.whole.pop(other, None)
        for place in joined:
            self.of[place] = one
        self.whole[one] = together([self.entries[place] for place in joined])
        self.version[one] += 1
        self.version[other] += 1


def cluster(
    entries: Sequence[Entry],
    lists: Lists,
    pairs: Iterable[Pair],
    at: float,
    decisions: Decisions | None = None,
) -> list[tuple[int, ...]]:
    """The people that more than one entry names, as sorted places, at a score ``at`` between 0 and 1.

    What people decided holds: ``different`` before ``same`` before any score. Where the three agree, those who are
    said to be one come together with all that the scores have joined to each.
    """
    decisions = decisions or Decisions()
    apart, doubted = _both_ways(decisions.different), _both_ways(decisions.doubtful)
    known = {(pair.left, pair.right): pair.odds for pair in pairs if pair.odds > _NEAR}
    groups = _Groups(entries, lists, dict(known), apart, doubted)
    _grow(groups, known, odds_of(at))
    if decisions.same and not _join(groups, decisions.same):
        groups = _Groups(entries, lists, dict(known), apart, doubted)
        _join(groups, decisions.same)
    if decisions.same:
        _grow(groups, known, odds_of(at))
    return sorted(tuple(sorted(members)) for members in groups.members.values() if len(members) > 1)


def _both_ways(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    met: defaultdict[int, set[int]] = defaultdict(set)
    for left, right in pairs:
        met[left].add(right)
        met[right].add(left)
    return dict(met)


def _join(groups: _Groups, same: Collection[tuple[int, int]]) -> bool:
    """Join those who are said to be one; False when some must not be, as the groups stand."""
    joined = True
    for left, right in sorted(same):
        one, other = groups.held(left), groups.held(right)
        if one != other and groups.forbidden(one, other):
            joined = False
        elif one != other:
            groups.join(one, other)
    return joined


def _grow(groups: _Groups, known: dict[tuple[int, int], float], least: float) -> None:
    """Join the two groups that go together best, until none go together well enough."""
    near: defaultdict[int, set[int]] = defaultdict(set)
    for left, right in known:
        near[left].add(right)
        near[right].add(left)
    waiting: list[tuple[float, int, int, int, int]] = []

    def offer(one: int, other: int) -> None:
        odds = groups.link(one, other)
        if odds > least:
            heapq.heappush(waiting, (-odds, one, other, groups.version[one], groups.version[other]))

    started = set(groups.members)
    for (left, right), odds in list(known.items()):
        one, other = groups.held(left), groups.held(right)
        if one != other and (odds > least or one in started or other in started):
            offer(one, other)
    while waiting:
        _, one, other, ours, theirs = heapq.heappop(waiting)
        if groups.version[one] != ours or groups.version[other] != theirs or groups.doubtful(one, other):
            continue
        groups.join(one, other)
        neighbours = {groups.held(place) for member in groups.all_of(one) for place in near.get(member, ())}
        for group in sorted(neighbours - {one}):
            offer(one, group)
