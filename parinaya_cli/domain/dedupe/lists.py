"""What the lists themselves tell: which names are rare, which numbers stand for many, which lists belong together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Generic, TypeVar

from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.dedupe.spelling import sound

_Of = TypeVar("_Of")
_Told = TypeVar("_Told")
_VERSION = re.compile(
    r"(?:[\s_\-.(]+(?:v?[0-9]+|final|new|latest|copy|old|updated|revised|corrected)\)?)+$", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def list_of(source: str) -> tuple[str, str]:
    """The folder of a list and its name without its version: ``papa-list-v2.xlsx`` is a ``papa-list``."""
    folder, _, file = source.rpartition("/")
    stem = file.rpartition(".")[0] or file
    return folder, (_VERSION.sub("", stem) or stem).casefold()


def source_of(left: str, right: str) -> str:
    """Whether two rows stand in one list, in two versions of one, or in lists that were gathered apart."""
    if left == right:
        return "list:same"
    ours, theirs = list_of(left), list_of(right)
    if ours[0] != theirs[0]:
        return "list:apart"
    return "list:version" if ours == theirs else "list:other"


class _Sets(Generic[_Of, _Told]):
    """How many different things are told of each: most of them are told one, which takes no set."""

    def __init__(self) -> None:
        self._one: dict[_Of, _Told] = {}
        self._more: dict[_Of, set[_Told]] = {}

    def add(self, of: _Of, told: _Told) -> None:
        """This is told of it."""
        first = self._one.setdefault(of, told)
        if first != told:
            self._more.setdefault(of, {first}).add(told)

    def sizes(self) -> dict[_Of, int]:
        """Of those that more than one is told of, how many."""
        return {of: len(told) for of, told in self._more.items()}


@dataclass(frozen=True, slots=True)
class Lists:
    """What the lists themselves tell about rarity: how many rows bear a name, how many names a number has.

    ``letters``: how many given names an initial before a family name may stand for, where there is more than one.
    """

    rows: Counter[str]
    given: Counter[tuple[str, str]]
    family: Counter[tuple[str, str]]
    bearers: dict[tuple[str, str], int]
    numbers: dict[tuple[str, str, str], int]
    letters: dict[tuple[str, str, str], int]
    written: Counter[str]
    names_on: dict[int, int]
    mixed: frozenset[str]
    sources: frozenset[str]

    @classmethod
    def learn(cls, entries: Sequence[Entry]) -> Lists:
        """Count over all entries; a group's family name counts too, its heads do not."""
        rows: Counter[str] = Counter()
        given: Counter[tuple[str, str]] = Counter()
        family: Counter[tuple[str, str]] = Counter()
        bearers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        numbers: _Sets[tuple[str, str, str], int] = _Sets()
        letters: _Sets[tuple[str, str, str], str] = _Sets()
        written: Counter[str] = Counter()
        on: _Sets[int, str] = _Sets()
        for entry in entries:
            name = entry.name
            folder, first, last = list_of(entry.source)[0], sound(name.given), sound(name.family)
            rows[folder] += 1
            family[folder, last] += 1
            written[name.given] += 1
            written[name.family] += 1
            if not name.group:
                given[folder, first] += 1
                if len(last) > 1:
                    bearers[folder, first].add(last)
                    if len(first) > 1:
                        for number in entry.mobiles:
                            numbers.add((folder, first, last), number)
                        letters.add((folder, name.given[0], last), first)
                for number in (*entry.mobiles, *entry.landlines):
                    on.add(number, first[:4])
        borne = {key: len(families) for key, families in bearers.items()}
        sources = frozenset(entry.source for entry in entries)
        return cls(
            rows,
            given,
            family,
            borne,
            numbers.sizes(),
            letters.sizes(),
            written,
            on.sizes(),
            _unsorted(entries),
            sources,
        )

    def crowd(self, numbers: set[int]) -> int:
        """How many given names stand under the number that has the fewest of them."""
        return min(self.names_on.get(number, 1) for number in numbers)


def _unsorted(entries: Sequence[Entry]) -> frozenset[str]:
    """The lists whose rows do not stand in the order of their names."""
    rising: Counter[str] = Counter()
    steps: Counter[str] = Counter()
    placed = sorted((entry.source, entry.line, entry.text.casefold()) for entry in entries if entry.line)
    for (source, _, text), (after, _, next_text) in pairwise(placed):
        if source == after:
            steps[source] += 1
            rising[source] += text <= next_text
    return frozenset(source for source, count in steps.items() if rising[source] < 0.8 * count)
