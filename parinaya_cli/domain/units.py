"""The plan of households: who is invited together. Pure: the same people in any order give the same plan."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import phones


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person as the plan sees them.

    ``number``: of the person's ref; people are ordered by it. ``phones``: usable ones, E.164.
    ``household``: the text of the household column or of a couple's own entry, empty when there is none;
    texts are compared within one ``source`` only (for a couple's own entry, the row is the source).
    ``party_size``: the whole household's size by this row; ``extra_seats``: people that the row counts
    without naming them. ``unit_id``: the household that the person is already in.
    """

    person_id: uuid.UUID
    number: int
    full_name: str
    folded: str
    family_name: str
    phones: tuple[str, ...] = ()
    side: str | None = None
    household: str = ""
    source: str = ""
    party_size: int | None = None
    extra_seats: int = 0
    unit_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A household to make, or people to put into an existing one.

    ``members``: the people who are placed now, by number. ``joins``: the existing household that they
    join; then ``primary``, ``side`` and ``extra_seats`` are those of the whole household as the plan
    sees it, members of old included. ``why``: what brought them together, in plain words.
    """

    label: str
    members: tuple[uuid.UUID, ...]
    primary: uuid.UUID
    extra_seats: int
    side: str | None
    why: tuple[str, ...]
    joins: uuid.UUID | None = None
    duplicates: frozenset[uuid.UUID] = frozenset()


def plan(candidates: Sequence[Candidate]) -> list[PlannedUnit]:
    """Put everybody who has no household into one, new or existing.

    One household are people with the same household text in one list, and the very same name with the
    same phone (one person on two lists, who then counts as one seat). All others are households of one:
    sharing a phone is not enough. Nobody who is placed is moved.
    """
    people = sorted(candidates, key=lambda c: (c.number, c.person_id))
    units: list[PlannedUnit] = []
    for group in _groups(people):
        newcomers = [person for person in group if person.unit_id is None]
        if not newcomers:
            continue
        if len(newcomers) == len(group):
            units.append(_planned(group, newcomers, None))
            continue
        joining: dict[uuid.UUID, list[Candidate]] = defaultdict(list)
        for person in newcomers:
            joining[_unit_to_join(person, group)].append(person)
        for unit_id, joiners in joining.items():
            present = [person for person in group if person.unit_id == unit_id or person in joiners]
            units.append(_planned(present, joiners, unit_id))
    number = {person.person_id: person.number for person in people}
    return sorted(units, key=lambda unit: (number[unit.members[0]], unit.members[0]))


def describe(members: Sequence[Candidate]) -> PlannedUnit:
    """What `plan` says of a household of these people, whatever household they are in now. There is one at least."""
    group = sorted(members, key=lambda c: (c.number, c.person_id))
    return _planned(group, group, None)


# ── who belongs together ───────────────────────────────────────────────────────────────────────────────


def _household_key(person: Candidate) -> tuple[str, str] | None:
    # As written, but for capitals and blanks: "Gupta (Hardoi)" and "गुप्ता (हरदोई)" may be two families of one town.
    text = " ".join(person.household.casefold().split())
    return (person.source, text) if text else None


def _same_person_keys(person: Candidate) -> list[tuple[str, str]]:
    return [(person.folded, phone) for phone in person.phones] if person.folded else []


def _groups(people: Sequence[Candidate]) -> list[list[Candidate]]:
    """Connected people, each group and the groups in the order of numbers."""
    parent = list(range(len(people)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    first: dict[tuple[str, tuple[str, str]], int] = {}
    for place, person in enumerate(people):
        household = _household_key(person)
        keys = [("same person", key) for key in _same_person_keys(person)]
        keys += [("household", household)] if household else []
        for key in keys:
            other = root(first.setdefault(key, place))
            mine = root(place)
            parent[max(other, mine)] = min(other, mine)
    groups: dict[int, list[Candidate]] = defaultdict(list)
    for place, person in enumerate(people):
        groups[root(place)].append(person)
    return list(groups.values())


def _unit_to_join(person: Candidate, group: Iterable[Candidate]) -> uuid.UUID:
    """The household of the group whose members are closest: same text first, then same person, then first."""
    household = _household_key(person)
    same = set(_same_person_keys(person))

    def distance(other: Candidate) -> int:
        if household and _household_key(other) == household:
            return 0
        return 1 if not same.isdisjoint(_same_person_keys(other)) else 2

    placed = [other for other in group if other.unit_id is not None]
    nearest = min(placed, key=lambda other: (distance(other), other.number, other.person_id))
    assert nearest.unit_id is not None
    return nearest.unit_id


def _individuals(group: Sequence[Candidate]) -> list[list[Candidate]]:
    """The group's rows by person: same name and a shared phone are one."""
    alone = [_without_household(person) for person in group]
    rows = {person.person_id: person for person in group}
    return [[rows[person.person_id] for person in same] for same in _groups(alone)]


def _without_household(person: Candidate) -> Candidate:
    return Candidate(
        person.person_id, person.number, person.full_name, person.folded, person.family_name, person.phones
    )


# ── what the household is like ─────────────────────────────────────────────────────────────────────────


def _planned(
    group: Sequence[Candidate], members: Sequence[Candidate], joins: uuid.UUID | None
) -> PlannedUnit:
    individuals = _individuals(group)
    return PlannedUnit(
        label=_label(group, individuals),
        members=tuple(person.person_id for person in members),
        primary=_primary(group).person_id,
        extra_seats=_extra_seats(individuals),
        side=_side(group),
        why=_why(group, individuals),
        joins=joins,
        duplicates=frozenset(row.person_id for rows in individuals for row in rows[1:]),
    )


def _primary(group: Sequence[Candidate]) -> Candidate:
    """Who gets the messages: the first with a mobile phone, else the first."""
    return next((person for person in group if any(phones.is_mobile(p) for p in person.phones)), group[0])


def _extra_seats(individuals: Sequence[Sequence[Candidate]]) -> int:
    """Seats beyond the people known by name.

    A party size is the whole household's; the largest counts. Extra seats of rows without a party size
    are each person's own and add up, but a person on two lists brings them once.
    """
    sizes = [row.party_size for rows in individuals for row in rows if row.party_size]
    own = sum(max((r.extra_seats for r in rows if not r.party_size), default=0) for rows in individuals)
    return max(max(sizes, default=0) - len(individuals), own, 0)


def _side(group: Sequence[Candidate]) -> str | None:
    sides = {person.side for person in group if person.side}
    if not sides:
        return None
    return sides.pop() if len(sides) == 1 else "both"


def _label(group: Sequence[Candidate], individuals: Sequence[Sequence[Candidate]]) -> str:
    """The list's own text, else the family's name for several, else the person's."""
    for person in group:
        if any(c.isalpha() for c in person.household):
            return person.household
    if len(individuals) == 1:
        return group[0].full_name
    families = Counter(person.family_name for person in group if person.family_name)
    if families:
        return f"{families.most_common(1)[0][0]} family"
    return f"{group[0].full_name} & family"


def _why(group: Sequence[Candidate], individuals: Sequence[Sequence[Candidate]]) -> tuple[str, ...]:
    reasons: dict[str, None] = {}
    texts = Counter(key for person in group if (key := _household_key(person)))
    for person in group:
        key = _household_key(person)
        if key and texts[key] > 1:
            reasons.setdefault(f"the same household in one list: {person.household}")
            texts[key] = 0
    for rows in individuals:
        if len(rows) > 1:
            reasons.setdefault(f"the same name and phone: {rows[0].full_name}")
    return tuple(reasons)
