"""Which entries are worth comparing: those that share a number, an address, or enough of a name.

An entry has some ten keys. Of a small block all pairs are compared, of a large one each entry with its
neighbours only, so that the pairs of a person are bounded however long the list is. What this can miss: rows
without any number, address or household in common whose given and family names both differ beyond their
consonants (``Rosy masi`` and ``Pooja Engineer``), a lone ``Gupta ji`` without list or city in common, and, where
hundreds bear one name, rows of one person that differ in city and list as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.dedupe.spelling import skeleton

LARGEST = 8
"""Entries under one key that are all compared with each other; of more, each with its neighbours only."""

NEIGHBOURS = 2

Key = tuple[str, object]


def _contact_keys(entry: Entry) -> Iterator[Key]:
    for number in entry.mobiles:
        yield "m", number
        if 91 * 10**10 <= number < 92 * 10**10:
            yield "<", (number // 10**4) % 10**6
            yield ">", number % 10**6
    for number in entry.landlines:
        yield "l", number
    for digits in entry.broken:
        local = digits[-10:] if len(digits) > 10 else digits
        yield "<", int(local[:6])
        yield ">", int(digits[-6:])
    for email in entry.emails:
        yield "e", email
        yield "@", email.partition("@")[0]
    for outer in entry.external_ids:
        yield "x", outer


def _name_keys(entry: Entry) -> Iterator[Key]:
    """Keys of a person's name; its words' order doesn't matter, and each may be missing or misspelt."""
    name = entry.name
    full = [word for word in name.words if len(word) > 1]
    bones = sorted({skeleton(word) for word in full})
    given = skeleton(name.given) if len(name.given) > 1 else ""
    for place, left in enumerate(bones):
        for right in bones[place + 1 :]:
            yield "n", (left, right)
    if given:
        yield "g", given
        yield "l", (given, entry.source)
        if entry.city:
            yield "c", (given, entry.city)
        if name.family:
            yield "i", (given, name.family[0])
    if name.family:
        bone = skeleton(name.family)
        yield "f", (bone, name.given[:1])
        yield "s", (bone, entry.source)
        if entry.city:
            yield "t", (bone, entry.city)
    if entry.label:
        yield "h", (entry.label, name.given[:1])


def _group_keys(entry: Entry) -> Iterator[Key]:
    name = entry.name
    families = {skeleton(word) for word in (name.family, *name.heads) if word}
    for bone in families:
        yield "G", (bone, entry.city)
        yield "G", (bone, entry.source)
        for head in name.heads:
            yield "G", (bone, skeleton(head))
    if entry.label:
        yield "H", entry.label


def keys(entry: Entry) -> Iterator[Key]:
    """All keys of an entry. Groups have keys of their own: a group is compared with groups only."""
    if entry.name.group:
        for kind, value in _contact_keys(entry):
            yield "G" + kind, value
        yield from _group_keys(entry)
    else:
        yield from _contact_keys(entry)
        yield from _name_keys(entry)


def _order(entry: Entry) -> tuple[str, str, str, str]:
    """Like beside like: within a large block only neighbours are compared."""
    return (skeleton(entry.name.given), skeleton(entry.name.family), entry.city, entry.source)


def pairs(
    entries: Sequence[Entry],
    new: frozenset[int] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[tuple[int, int]]:
    """The pairs of places worth comparing, each once, smaller place first, in order.

    ``new``: places of the entries that came in since the last scan; then only pairs with one of them.
    """
    blocks: defaultdict[Key, list[int]] = defaultdict(list)
    for entry in entries:
        for key in dict.fromkeys(keys(entry)):
            blocks[key].append(entry.place)
    partners = _partners(entries, blocks.values())
    for place, found in enumerate(partners):
        if progress is not None:
            progress(place + 1)
        if found:
            for other in sorted(found):
                if new is None or place in new or other in new:
                    yield place, other


def _partners(entries: Sequence[Entry], blocks: Iterable[list[int]]) -> list[set[int] | None]:
    """For each place, the larger places that share a block with it."""
    partners: list[set[int] | None] = [None] * len(entries)
    for block in blocks:
        if len(block) < 2:
            continue
        reach = len(block)
        if reach > LARGEST:
            block.sort(key=lambda place: _order(entries[place]))
            reach = NEIGHBOURS
        for position, place in enumerate(block):
            for other in block[position + 1 : position + 1 + reach]:
                low, high = (place, other) if place < other else (other, place)
                held = partners[low]
                if held is None:
                    partners[low] = {high}
                else:
                    held.add(high)
    return partners
