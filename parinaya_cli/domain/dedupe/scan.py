"""All rooms in their order: records become entries, pairs with a score, people and households."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from parinaya_cli.domain.dedupe import block, households
from parinaya_cli.domain.dedupe.block import Keyed
from parinaya_cli.domain.dedupe.cluster import Decisions, Pair, cluster
from parinaya_cli.domain.dedupe.compare import Signals, compare
from parinaya_cli.domain.dedupe.learned import Learned
from parinaya_cli.domain.dedupe.lists import Lists
from parinaya_cli.domain.dedupe.normalise import Entry, Record, normalise, roles_of
from parinaya_cli.domain.dedupe.score import LIKELY, SURE, doubt, log_odds, odds_of

SHOWN = 0.05
"""Pairs with a lower score are not kept."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan has found: the pairs worth showing, best first, and the ground on which they were scored.

    ``compared``: how many pairs were compared; places are those of the records that were given. ``keyed``: the keys
    of all of them; ``learned``: what the next scan may rest on, where everybody was looked at.
    """

    entries: list[Entry]
    lists: Lists
    pairs: list[Pair]
    compared: int
    keyed: Keyed | None = None
    learned: Learned | None = None

    def people(self, at: float = LIKELY, decisions: Decisions | None = None) -> list[tuple[int, ...]]:
        """The entries that are one person, at a score; only people whom more than one entry names."""
        return cluster(self.entries, self.lists, self.pairs, at, decisions)

    def sure_people(self, decisions: Decisions | None = None) -> list[tuple[int, ...]]:
        """The entries that are one person beyond doubt: what is merged without asking.

        Nobody is joined to somebody of whom it is doubtful, unless people decided so.
        """
        decided = decisions or Decisions()
        doubtful = [
            (pair.left, pair.right)
            for pair in self.pairs
            if pair.odds > 0 and doubt(self.signals(pair.left, pair.right))
        ]
        return self.people(SURE, Decisions(decided.same, decided.different, [*decided.doubtful, *doubtful]))

    def homes(self, people: Sequence[Sequence[int]] = (), at: float = LIKELY) -> list[tuple[int, ...]]:
        """The entries that live together; ``people``: entries that are one person and so live in one home."""
        return households.group(self.entries, self.lists, people, at)

    def signals(self, left: int, right: int) -> Signals:
        """What two entries say about being one person, also when they were never compared."""
        low, high = sorted((left, right))
        return compare(self.entries[low], self.entries[high], self.lists)


@dataclass(frozen=True)
class Near:
    """Only a part of the people is given: the new ones, and who shares something with them.

    ``learned``: by the last scan of everybody; ``pairs``: the ids of those who are worth comparing.
    """

    learned: Learned
    pairs: Sequence[tuple[str, str]]


def _places(pairs: Sequence[tuple[str, str]], entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Pairs of ids as places, the smaller first."""
    places = {entry.id: entry.place for entry in entries}
    found = [(places[one], places[other]) for one, other in pairs if one in places and other in places]
    return sorted((min(two), max(two)) for two in found)


def scan(
    records: Sequence[Record],
    new: Collection[str] | None = None,
    region: str = "IN",
    progress: Callable[[int], None] | None = None,
    near: Near | None = None,
) -> Scan:
    """Find who may be one person among all records, or among ``new`` ones (ids) and all.

    ``region``: ISO code of the country in which a number without country code is read. ``progress`` is told
    the number of records that are done, twice: once read, once compared. ``near``: not all records are given.
    """
    roles = near.learned.roles(roles_of(records)) if near else roles_of(records)
    entries = normalise(records, region, progress, roles)
    lists = near.learned.lists(entries) if near else Lists.learn(entries)
    keyed = Keyed.of(entries)
    wanted = frozenset(new or ())
    fresh = None if new is None else frozenset(entry.place for entry in entries if entry.id in wanted)
    least = odds_of(SHOWN)
    pairs: list[Pair] = []
    compared = 0
    worth = _places(near.pairs, entries) if near else block.pairs(entries, fresh, progress, keyed)
    for left, right in worth:
        compared += 1
        odds = log_odds(compare(entries[left], entries[right], lists))
        if odds >= least:
            pairs.append(Pair(left, right, odds))
    pairs.sort(key=lambda pair: (-pair.odds, pair.left, pair.right))
    learned = near.learned if near else Learned.of(roles, lists)
    return Scan(entries, lists, pairs, compared, keyed, learned)
