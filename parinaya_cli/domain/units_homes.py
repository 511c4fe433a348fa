"""Who lives together by what all lists say: phones, family names, places, words of relation. Pure.

The scores are those of ``domain/dedupe/households``. What the lists leave open stays open: strangers on one invitation
are worse than one household on two.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import names
from parinaya_cli.domain.dedupe import households
from parinaya_cli.domain.dedupe.lists import Lists
from parinaya_cli.domain.dedupe.normalise import Entry, Record, normalise
from parinaya_cli.domain.dedupe.score import LIKELY
from parinaya_cli.domain.duplicates import Ground, clusters
from parinaya_cli.domain.units_relations import Related, related

_LARGEST = 40
_FEW_ROWS = 20
_CERTAIN = 20.0


@dataclass(frozen=True, slots=True)
class Tie:
    """Two people who live together, and why in words."""

    left: uuid.UUID
    right: uuid.UUID
    why: str


def find_ties(ground: Ground, addresses: Mapping[uuid.UUID, str]) -> list[Tie]:
    """Why people live together, the surest ties first; whom ties connect is one household.

    ``addresses``: of people who have one, as written. Who may be one person by the last scan for duplicates, and was
    not decided to be two, lives in one household. People of one household text in one list are not told again.
    """
    entries = normalise(list(ground.records), ground.region)
    lists = Lists.learn(entries)
    ids = [uuid.UUID(record.id) for record in ground.records]
    told = [*_same_people(ground, ids, entries), *_addressed(entries, ids, addresses)]
    told += related(entries, [names.fold(addresses.get(one, "")) for one in ids])
    known = [*_by_text(ground.records), *((one.left, one.right) for one in told)]
    homes = households.group(entries, lists, known, LIKELY)
    home_of = {place: number for number, home in enumerate(homes) for place in home}
    sure: defaultdict[int, list[Related]] = defaultdict(list)
    for one in told:
        sure[home_of[one.left]].append(one)
    rows = Counter(entry.source for entry in entries)
    found = [
        tie for number, home in enumerate(homes) for tie in _tree(home, entries, rows, lists, sure[number])
    ]
    found.sort(key=lambda tie: (-tie[0], tie[1].left, tie[1].right))
    return [Tie(ids[one.left], ids[one.right], one.why) for _, one in found]


def _by_text(records: Sequence[Record]) -> Iterator[Sequence[int]]:
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        text = " ".join(record.household.casefold().split())
        if text:
            groups[record.source, text].append(place)
    return (places for places in groups.values() if len(places) > 1)


def _same_people(ground: Ground, ids: Sequence[uuid.UUID], entries: Sequence[Entry]) -> Iterator[Related]:
    if not ground.known:
        return
    places = {one: place for place, one in enumerate(ids)}
    for people in clusters(ground, LIKELY).people:
        first = places[people[0]]
        for one in people[1:]:
            left, right = entries[first], entries[places[one]]
            if set(left.mobiles) & set(right.mobiles) or not _is_left_out(left, right, {}):
                two = f"{left.text} and {right.text}"
                yield Related(first, right.place, f"{two} may be one person (see `parinaya dedupe pairs`)")


def _addressed(
    entries: Sequence[Entry], ids: Sequence[uuid.UUID], addresses: Mapping[uuid.UUID, str]
) -> Iterator[Related]:
    """The same family name at the same address; a house of many families tells nothing without its number."""
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for entry in entries:
        address = names.fold(addresses.get(ids[entry.place], ""))
        if entry.name.family and len(address.split()) > 1 and any(char.isdigit() for char in address):
            groups[address, entry.name.family].append(entry.place)
    for places in groups.values():
        for place in places[1:]:
            two = f"{entries[places[0]].text} and {entries[place].text}"
            yield Related(places[0], place, f"{two}: the same address and family name")


# ── why, in words ──────────────────────────────────────────────────────────────────────────────────────


def _tree(
    home: Sequence[int], entries: Sequence[Entry], rows: Counter[str], lists: Lists, sure: Sequence[Related]
) -> list[tuple[float, Related]]:
    """As few ties as it takes to connect what can be connected of a household, the strongest that there are."""
    edges = [(_CERTAIN, one) for one in sure]
    reach = len(home) if len(home) <= _LARGEST else 2
    for at, place in enumerate(home):
        for other in home[at + 1 : at + reach]:
            left, right = entries[place], entries[other]
            told = households.signals(left, right, lists)
            reasons = _reasons(told, rows[left.source])
            if _is_enough(reasons) and not _is_left_out(left, right, reasons):
                why = f"{left.text} and {right.text}: {', '.join(reasons)}"
                edges.append((households.log_odds(told), Related(place, other, why)))
    edges.sort(key=lambda edge: (-edge[0], edge[1].left, edge[1].right))
    of = {place: place for place in home}
    kept = []
    for odds, one in edges:
        if of[one.left] != of[one.right]:
            gone = of[one.right]
            of = {place: of[one.left] if root == gone else root for place, root in of.items()}
            kept.append((odds, one))
    return kept


_PHONE, _LINE, _FAMILY, _NEARLY, _CITY, _BESIDE = (
    "the same phone",
    "the same landline",
    "the same family name",
    "nearly the same family name",
    "the same city",
    "beside each other in the list",
)
_SAID = {
    "number:shared": _PHONE,
    "number:line": _LINE,
    "named:couple": "one names the other",
    "named:middle": "one bears the other's name",
    "label:same": "the same household by a tag or column",
    "city:same": _CITY,
    "family:same": _FAMILY,
    "family:near": _NEARLY,
    "beside:": _BESIDE,
}
_FAMILIES = frozenset({_FAMILY, _NEARLY})
_PLAIN = _FAMILIES | {_CITY, _BESIDE}


def _is_enough(reasons: Mapping[str, None]) -> bool:
    """Is there more than a family name and a city? Of those whom only these put together, four in ten were strangers.

    A place in the list counts with a family name: families are written down together.
    """
    return not _PLAIN.issuperset(reasons) or (_BESIDE in reasons and not _FAMILIES.isdisjoint(reasons))


def _reasons(told: Sequence[str], rows: int) -> dict[str, None]:
    """Signals in words. In a list of so few rows, all stand beside each other."""
    found = dict.fromkeys(
        said for signal in told if (said := _SAID.get(signal.partition("@")[0].rstrip("0123456789")))
    )
    if rows < _FEW_ROWS:
        found.pop(_BESIDE, None)
    return found


def _is_left_out(left: Entry, right: Entry, reasons: Mapping[str, None]) -> bool:
    """Does one list name a household for one of the two alone? Then nothing less than a phone ties them."""
    one_alone = bool(left.label) != bool(right.label) and left.source == right.source
    return one_alone and _PHONE not in reasons and _LINE not in reasons
