"""Which entries are worth comparing: those that share a number, an address, or enough of a name.

An entry has some fourteen keys, from broad (a given name) to narrow (the same words in one list). A key that more than
``LARGEST`` entries share tells nothing and is not used: the narrower ones beside it take its place. Whoever shares a
number or an address is compared, in runs where one given name stands under it very often; of those who share names
alone each entry chooses the few with whom it shares the most and the rarest. So the pairs of a person are bounded
however long the list is.

What this can miss: rows without any number, address or household in common whose given and family names both differ
beyond their consonants (``Rosy masi`` and ``Pooja Engineer``), a lone ``Gupta ji`` without list or city in common,
and, where very many bear one name, rows of one person that are written differently and share neither city nor list.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import TypeVar

from parinaya_cli.domain.dedupe.lists import list_of
from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.dedupe.spelling import skeleton

LARGEST = 16
"""A key that more entries share is not used."""

CHOSEN, CHOSEN_GROUPS = 3, 5
"""With how many others an entry is compared for its name alone, and an entry that names several people."""

CONTACT, PLAIN, RARE, CUT, CUT_APART = range(5)
"""What kind a key is: a contact point, half a name, a whole name, a contact point with a name. Where too many share
one of the last two, they are cut into runs, of ``CUT_APART`` at other places than of ``CUT``."""

CUTS = frozenset((CUT, CUT_APART))
_BY_NAME = frozenset((PLAIN, RARE))

_AT_ONCE = 2_000_000
_NONE = -1

Key = tuple[str, object]

One = TypeVar("One", int, str)
"""An entry, by its place or by its id."""


def _contact_keys(entry: Entry) -> Iterator[Key]:
    """Parts of a number are joined with a letter of the name: many numbers begin alike."""
    letter = (skeleton(entry.name.given) or skeleton(entry.name.family))[:1]
    for number in entry.mobiles:
        yield "m", number
        if 91 * 10**10 <= number < 92 * 10**10:
            yield "<", ((number // 10**4) % 10**6, letter)
            yield ">", (number % 10**6, letter)
    for number in entry.landlines:
        yield "l", number
    for digits in entry.broken:
        local = digits[-10:] if len(digits) > 10 else digits
        yield "<", (int(local[:6]), letter)
        yield ">", (int(digits[-6:]), letter)
    for email in entry.emails:
        yield "e", email
        yield "@", email.partition("@")[0]
    for outer in entry.external_ids:
        yield "x", outer


def _rare_keys(entry: Entry) -> Iterator[Key]:
    """Keys of a whole name; its words' order doesn't matter, and each may be missing or misspelt."""
    words = tuple(sorted(entry.name.words))
    yield from _narrowed("w", words, entry, list_of(entry.source)[1])
    bones = sorted({skeleton(word) for word in words if len(word) > 1})
    for place, left in enumerate(bones):
        for right in bones[place + 1 :]:
            yield from _narrowed("n", (left, right), entry, entry.source)


def _narrowed(kind: str, value: object, entry: Entry, source: str) -> Iterator[Key]:
    """A key, and with the list and the city: narrower, for names that very many bear."""
    yield kind, value
    yield kind + "s", (value, source)
    if entry.city:
        yield kind + "c", (value, entry.city)


def _plain_keys(entry: Entry) -> Iterator[Key]:
    """Keys of half a name."""
    name = entry.name
    given = skeleton(name.given) if len(name.given) > 1 else ""
    if given:
        yield from _narrowed("g", given, entry, entry.source)
        if entry.side:
            yield "gd", (given, entry.side, entry.city)
        if name.family or name.middle:
            yield "i", (given, (name.family or name.middle[0])[0])
    if name.family:
        bone = skeleton(name.family)
        yield from _narrowed("f", (bone, name.given[:1]), entry, entry.source)
        yield "s", (bone, entry.source)
        if entry.city:
            yield "t", (bone, entry.city)
    if entry.label:
        yield "h", (entry.label, name.given[:1])


def _group_keys(entry: Entry) -> Iterator[tuple[int, Key]]:
    name = entry.name
    words = (name.family, *name.heads)
    yield RARE, ("Gw", (words, entry.city))
    yield RARE, ("Gv", (words, list_of(entry.source)[1]))
    for bone in sorted({skeleton(word) for word in words if word}):
        yield PLAIN, ("Gc", (bone, entry.city))
        yield PLAIN, ("Gs", (bone, entry.source))
        yield PLAIN, ("Gb", (bone, entry.city, entry.source))
        for head in name.heads:
            for key in _narrowed("Gh", (bone, skeleton(head)), entry, entry.source):
                yield RARE, key
    if entry.label:
        yield PLAIN, ("H", entry.label)


def keys(entry: Entry) -> Iterator[tuple[int, Key]]:
    """All keys of an entry with their kind. Groups have keys of their own: a group is compared with groups only."""
    group = entry.name.group
    for kind, value in _contact_keys(entry):
        yield CONTACT, ("G" + kind if group else kind, value)
    given = skeleton(entry.name.given)
    for point in (*entry.mobiles, *entry.landlines, *entry.emails):
        yield CUT, ("p", (point, given, group))
        yield CUT_APART, ("P", (point, given, group))
    if group:
        yield from _group_keys(entry)
        return
    for key in _rare_keys(entry):
        yield RARE, key
    for key in _plain_keys(entry):
        yield PLAIN, key


def hashed(entry: Entry) -> dict[int, int]:
    """The keys of an entry as whole numbers of 64 bits, the same in every process, each with its kind."""
    return {number_of(key): kind for kind, key in keys(entry)}


def number_of(key: object) -> int:
    """A whole number of 64 bits that stands for a key in every process."""
    told = repr(key).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(told, digest_size=8).digest(), "big", signed=True)


@dataclass(frozen=True, slots=True)
class Keyed:
    """The keys of all entries in a few long arrays: a million entries have fourteen million keys.

    The slots of the entry at a place are those from ``first[place]`` to the next one's first.
    """

    values: array[int]
    kinds: bytearray
    first: array[int]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Keyed:
        """The keys of these entries."""
        keyed = cls(array("q"), bytearray(), array("q", [0]))
        for entry in entries:
            found = hashed(entry)
            keyed.values.extend(found)
            keyed.kinds.extend(found.values())
            keyed.first.append(len(keyed.values))
        return keyed

    def at(self, place: int) -> array[int]:
        """The keys of one entry."""
        return self.values[self.first[place] : self.first[place + 1]]


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Who shares a key. ``block`` of a slot: the number of its block or -1; the members of a block are those from
    ``begins[number]`` on, ``LARGEST`` at most."""

    keyed: Keyed
    block: array[int]
    begins: array[int]
    members: array[int]

    def of(self, place: int) -> Iterator[tuple[int, Sequence[int]]]:
        """The blocks of an entry: of what kind the key is, and who shares it."""
        for slot in range(self.keyed.first[place], self.keyed.first[place + 1]):
            number = self.block[slot]
            if number != _NONE:
                yield self.keyed.kinds[slot], self.members[self.begins[number] : self.begins[number + 1]]


def _gathered(keyed: Keyed) -> _Blocks:
    """The blocks of entries, found in several rounds so that only a part of the keys is looked up at once."""
    owners = array("i")
    for place in range(len(keyed.first) - 1):
        owners.extend([place] * (keyed.first[place + 1] - keyed.first[place]))
    blocks = _Blocks(keyed, array("i", [_NONE]) * len(owners), array("q", [0]), array("i"))
    rounds = 1 + len(owners) // _AT_ONCE
    for part in range(rounds):
        sharing: defaultdict[int, list[int]] = defaultdict(list)
        for slot, value in enumerate(keyed.values):
            if value % rounds == part:
                sharing[value].append(slot)
        for slots in sharing.values():
            for run in _runs(slots, keyed.kinds[slots[0]]):
                for slot in run:
                    blocks.block[slot] = len(blocks.begins) - 1
                    blocks.members.append(owners[slot])
                blocks.begins.append(len(blocks.members))
    return blocks


def _runs(slots: list[int], kind: int) -> Iterator[list[int]]:
    """All who share a key, if they are few; else nobody, or the runs that they are cut into."""
    if len(slots) <= LARGEST:
        if len(slots) > 1:
            yield slots
    elif kind in CUTS:
        start = -(LARGEST // 2) if kind == CUT_APART else 0
        for at in range(start, len(slots), LARGEST):
            yield slots[max(at, 0) : at + LARGEST]


def _partners(one: One, blocks: Iterable[tuple[int, Sequence[One]]], most: int) -> Iterator[One]:
    """With whom an entry is compared on its own account: ``most`` others for its name alone."""
    reached: set[One] = set()
    weights: defaultdict[One, float] = defaultdict(float)
    for kind, members in blocks:
        if kind not in _BY_NAME:
            reached.update(members)
        weight = (2.0 if kind == RARE else 1.0) / len(members) ** 0.5
        for other in members:
            weights[other] += weight
    reached.discard(one)
    yield from reached
    ranked = sorted((-weight, other) for other, weight in weights.items() if other not in reached)
    yield from [other for _, other in ranked if other != one][:most]


def pairs(
    entries: Sequence[Entry],
    new: frozenset[int] | None = None,
    progress: Callable[[int], None] | None = None,
    keyed: Keyed | None = None,
) -> Iterator[tuple[int, int]]:
    """The pairs of places worth comparing, each once, smaller place first, in order.

    ``new``: places of the entries that came in since the last scan; then only pairs with one of them. ``keyed``: the
    keys of the entries, if they are known.
    """
    blocks = _gathered(keyed or Keyed.of(entries))
    found = array("q")
    for place, entry in enumerate(entries):
        most = CHOSEN_GROUPS if entry.name.group else CHOSEN
        for other in _partners(place, blocks.of(place), most):
            low, high = (place, other) if place < other else (other, place)
            if new is None or place in new or other in new:
                found.append(low << 32 | high)
    del blocks
    told = 0
    for both, _ in groupby(sorted(found)):
        low, high = both >> 32, both & 0xFFFFFFFF
        if progress is not None and low > told:
            told = low
            progress(told)
        yield low, high
    if progress is not None:
        progress(len(entries))


def near_pairs(
    new: Mapping[str, Mapping[int, int]], sharing: Mapping[int, Sequence[str]]
) -> list[tuple[str, str]]:
    """The pairs of ids worth comparing when a few come in beside many who are not at hand.

    ``new``: the keys of those who came in, with their kinds; ``sharing``: who else has a key, ``LARGEST`` and one more
    at most. The others can't choose here, so each new one chooses twice as many.
    """
    blocks = {key: [one for one in others if one not in new] for key, others in sharing.items()}
    kinds: dict[int, int] = {}
    for one, found in new.items():
        for key, kind in found.items():
            blocks.setdefault(key, []).append(one)
            kinds[key] = kind
    used = {key: run for key, members in blocks.items() for run in _used(members, kinds.get(key, PLAIN))}
    pairs_ = set()
    for one, found in new.items():
        of_one = ((kind, used[key]) for key, kind in found.items() if key in used)
        for other in _partners(one, of_one, 2 * CHOSEN):
            pairs_.add((one, other) if one < other else (other, one))
    return sorted(pairs_)


def _used(members: list[str], kind: int) -> Iterator[list[str]]:
    """Who shares a key, if they are few; of too many the last ones, where a key is cut."""
    if len(members) <= LARGEST:
        yield members
    elif kind in CUTS:
        yield members[-LARGEST:]
