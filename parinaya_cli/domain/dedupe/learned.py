"""What a scan of everybody has learned of the lists, kept for the next one: as numbers, no names.

Whoever comes in later is compared in this light, so that only those have to be read who share something with them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from parinaya_cli.domain.dedupe.block import number_of
from parinaya_cli.domain.dedupe.lists import Lists, list_of
from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.dedupe.roles import Roles
from parinaya_cli.domain.dedupe.spelling import sound


@dataclass(frozen=True, slots=True)
class Learned:
    """How often what stands in the lists, and what leans to a family name, by a number that stands for the words."""

    values: dict[int, float]

    @classmethod
    def of(cls, roles: Roles, lists: Lists) -> Learned:
        """What is to be remembered of a scan."""
        return cls({number_of(key): value for key, value in _told(roles, lists)})

    @classmethod
    def read(cls, kept: bytes) -> Learned:
        """What ``kept`` wrote."""
        half = len(kept) // 2
        keys, values = array("q", kept[:half]), array("d", kept[half:])
        return cls(dict(zip(keys, values, strict=True)))

    def kept(self) -> bytes:
        """As bytes: all keys, then all values, eight bytes each."""
        return array("q", self.values).tobytes() + array("d", self.values.values()).tobytes()

    def roles(self, near: Roles) -> Roles:
        """What is known of the words of a few records; ``near``: what these say of them themselves."""
        return Roles({word: self._of(("word", word), value) for word, value in near.leaning.items()})

    def lists(self, entries: Sequence[Entry]) -> Lists:
        """What all lists say of the names and numbers of a few entries."""
        near = Lists.learn(entries)
        folders = {entry.source: list_of(entry.source)[0] for entry in entries}
        names = {
            (folders[e.source], sound(e.name.given), sound(e.name.family), e.name.given[:1]) for e in entries
        }
        tables: dict[str, Counter[Any]] = {
            "rows": near.rows,
            "given": near.given,
            "family": near.family,
            "written": near.written,
        }
        for table, counted in tables.items():
            for key, count in counted.items():
                counted[key] = self._most((table, key), count)
        for folder, first, last, letter in names:
            self._raise(near.bearers, "bearers", (folder, first))
            self._raise(near.numbers, "numbers", (folder, first, last))
            self._raise(near.letters, "letters", (folder, letter, last))
        for number in {number for entry in entries for number in (*entry.mobiles, *entry.landlines)}:
            self._raise(near.names_on, "names_on", number)
        mixed = {source for source in folders if self._of(("mixed", source), source in near.mixed)}
        return replace(near, mixed=frozenset(mixed))

    def _of(self, key: object, otherwise: float) -> float:
        return self.values.get(number_of(key), otherwise)

    def _most(self, key: object, near: int) -> int:
        return max(int(self._of(key, 0)), near)

    def _raise(self, table: dict[Any, int], name: str, key: object) -> None:
        most = self._most((name, key), table.get(key, 0))
        if most:
            table[key] = most


def _told(roles: Roles, lists: Lists) -> Iterator[tuple[object, float]]:
    """What stands more than once; what stands once is learned from the record itself."""
    for word, leaning in roles.leaning.items():
        if lists.written[word] > 1:
            yield ("word", word), leaning
    tables: dict[str, Mapping[Any, int]] = {
        "rows": lists.rows,
        "given": lists.given,
        "family": lists.family,
        "written": lists.written,
        "bearers": lists.bearers,
        "numbers": lists.numbers,
        "letters": lists.letters,
        "names_on": lists.names_on,
    }
    for table, counted in tables.items():
        for key, count in counted.items():
            if count > 1:
                yield (table, key), count
    for source in lists.sources:
        yield ("mixed", source), source in lists.mixed
