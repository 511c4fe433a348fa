"""The plan of households: who is invited together. Pure: the same people in any order give the same plan."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from parinaya_cli.domain import phones
from parinaya_cli.domain.units_homes import Tie
from parinaya_cli.domain.units_primary import Chosen, Contact, choose


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person as the plan sees them.

    ``number``: of the person's ref; people are ordered by it. ``phones``: usable ones, E.164.
    ``household``: the text of the household column or of a couple's own entry, empty when there is none;
    texts are compared within one ``source`` only (for a couple's own entry, the row is the source).
    ``party_size``: the whole household's size by this row; ``extra_seats``: people that the row counts
    without naming them. ``unit_id``: the household that the person is already in; ``closed``: it was changed by
    hand, so nobody joins it but by hand. ``stopped``: said stop, or has no WhatsApp; ``writes``: has a WhatsApp id.
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
    closed: bool = False
    stopped: bool = False
    writes: bool = False
    child: bool = False


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A household to make, or people to put into an existing one.

    ``members``: the people who are placed now, by number. ``joins``: the existing household that they
    join; then ``primary``, ``side`` and ``extra_seats`` are those of the whole household as the plan
    sees it, members of old included. ``why``: what brought them together, in plain words. ``beside``: a household
    that they seem to belong to, and that was changed by hand.
    """

    label: str
    members: tuple[uuid.UUID, ...]
    primary: uuid.UUID
    extra_seats: int
    side: str | None
    why: tuple[str, ...]
    joins: uuid.UUID | None = None
    duplicates: frozenset[uuid.UUID] = frozenset()
    beside: uuid.UUID | None = None


def plan(candidates: Sequence[Candidate], ties: Sequence[Tie] = ()) -> list[PlannedUnit]:
    """Put everybody who has no household into one, new or existing.

    One household are people with the same household text in one list, the very same name with the same phone (one
    person on two lists, who then counts as one seat), and whom ``ties`` connect, the surest first, unless one list
    gives them two household texts. All others are households of one: sharing a phone is not enough. Nobody who is
    placed is moved, and nobody joins a household that was changed by hand.
    """
    people = sorted(candidates, key=lambda c: (c.number, c.person_id))
    tied = _by_person(ties)
    units: list[PlannedUnit] = []
    for group in _groups(people, ties):
        newcomers = [person for person in group if person.unit_id is None]
        if not newcomers:
            continue
        if len(newcomers) == len(group):
            units.append(_planned(group, newcomers, None, tied))
            continue
        units += _joining(group, newcomers, tied)
    number = {person.person_id: person.number for person in people}
    return sorted(units, key=lambda unit: (number[unit.members[0]], unit.members[0]))


_Tied = Mapping[uuid.UUID, Mapping[uuid.UUID, str]]


def _by_person(ties: Sequence[Tie]) -> _Tied:
    found: defaultdict[uuid.UUID, dict[uuid.UUID, str]] = defaultdict(dict)
    for tie in ties:
        found[tie.left].setdefault(tie.right, tie.why)
        found[tie.right].setdefault(tie.left, tie.why)
    return found


def _joining(
    group: Sequence[Candidate], newcomers: Sequence[Candidate], tied: _Tied
) -> Iterator[PlannedUnit]:
    """Newcomers of a group in which others have households already, by the household that they belong to."""
    joining: dict[uuid.UUID, list[Candidate]] = defaultdict(list)
    for person in newcomers:
        joining[_unit_to_join(person, group, tied)].append(person)
    closed = {person.unit_id for person in group if person.closed}
    for unit_id, joiners in joining.items():
        if unit_id in closed:
            yield replace(_planned(joiners, joiners, None, tied), beside=unit_id)
        else:
            present = [person for person in group if person.unit_id == unit_id or person in joiners]
            yield _planned(present, joiners, unit_id, tied)


def describe(members: Sequence[Candidate]) -> PlannedUnit:
    """What `plan` says of a household of these people, whatever household they are in now. There is one at least."""
    group = sorted(members, key=lambda c: (c.number, c.person_id))
    return _planned(group, group, None, {})


def primary(members: Sequence[Candidate]) -> Chosen | None:
    """Who of these people gets the messages, by the rule; None when there is nobody."""
    return choose([_contact(one) for one in sorted(members, key=lambda c: (c.number, c.person_id))])


def label_apart(members: Sequence[Candidate], taken: str) -> str:
    """What these people's household is called beside the one that they leave, which is called ``taken``."""
    alone = [replace(one, household="") for one in members]
    label = describe(alone).label
    if label.casefold() != taken.casefold():
        return label
    first = min(members, key=lambda one: (one.number, one.person_id))
    return f"{first.full_name} & family" if len(members) > 1 else f"{first.full_name} (alone)"


# ── who belongs together ───────────────────────────────────────────────────────────────────────────────


def _household_key(person: Candidate) -> tuple[str, str] | None:
    # As written, but for capitals and blanks: "Gupta (Hardoi)" and "गुप्ता (हरदोई)" may be two families of one town.
    text = " ".join(person.household.casefold().split())
    return (person.source, text) if text else None


def _same_person_keys(person: Candidate) -> list[tuple[str, str]]:
    return [(person.folded, phone) for phone in person.phones] if person.folded else []


class _Groups:
    """Groups of people while they are joined: each has its first person's place as its root."""

    def __init__(self, people: Sequence[Candidate]) -> None:
        self.parent = list(range(len(people)))
        self.texts = [{key} if (key := _household_key(person)) else set() for person in people]

    def root(self, place: int) -> int:
        while self.parent[place] != place:
            self.parent[place] = self.parent[self.parent[place]]
            place = self.parent[place]
        return place

    def join(self, one: int, other: int) -> None:
        keeps, goes = sorted((self.root(one), self.root(other)))
        if keeps != goes:
            self.parent[goes] = keeps
            self.texts[keeps] |= self.texts[goes]

    def told_apart(self, one: int, other: int) -> bool:
        """Does one list put them into two households?"""
        ours, theirs = self.texts[self.root(one)], self.texts[self.root(other)]
        return bool({source for source, _ in ours ^ theirs} & {s for s, _ in ours} & {s for s, _ in theirs})


def _groups(people: Sequence[Candidate], ties: Sequence[Tie] = ()) -> list[list[Candidate]]:
    """Connected people, each group and the groups in the order of numbers."""
    found = _Groups(people)
    first: dict[tuple[str, tuple[str, str]], int] = {}
    for place, person in enumerate(people):
        household = _household_key(person)
        keys = [("same person", key) for key in _same_person_keys(person)]
        keys += [("household", household)] if household else []
        for key in keys:
            found.join(first.setdefault(key, place), place)
    places = {person.person_id: place for place, person in enumerate(people)}
    for tie in ties:
        if tie.left in places and tie.right in places:
            left, right = places[tie.left], places[tie.right]
            if not found.told_apart(left, right):
                found.join(left, right)
    groups: dict[int, list[Candidate]] = defaultdict(list)
    for place, person in enumerate(people):
        groups[found.root(place)].append(person)
    return list(groups.values())


def _unit_to_join(person: Candidate, group: Iterable[Candidate], tied: _Tied) -> uuid.UUID:
    """The household of the group whose members are closest: same text, then same person, then tied, then first."""
    household = _household_key(person)
    same = set(_same_person_keys(person))

    def distance(other: Candidate) -> int:
        if household and _household_key(other) == household:
            return 0
        if not same.isdisjoint(_same_person_keys(other)):
            return 1
        return 2 if other.person_id in tied.get(person.person_id, ()) else 3

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
    group: Sequence[Candidate], members: Sequence[Candidate], joins: uuid.UUID | None, tied: _Tied
) -> PlannedUnit:
    individuals = _individuals(group)
    chosen = primary(group)
    assert chosen is not None, "a household has a member"
    return PlannedUnit(
        label=_label(group, individuals),
        members=tuple(person.person_id for person in members),
        primary=chosen.person_id,
        extra_seats=_extra_seats(individuals),
        side=_side(group),
        why=_why(group, individuals, tied),
        joins=joins,
        duplicates=frozenset(row.person_id for rows in individuals for row in rows[1:]),
    )


def _contact(person: Candidate) -> Contact:
    reached = not person.stopped and (person.writes or any(map(phones.is_mobile, person.phones)))
    return Contact(person.person_id, reached, person.child)


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


def _why(
    group: Sequence[Candidate], individuals: Sequence[Sequence[Candidate]], tied: _Tied
) -> tuple[str, ...]:
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
    reasons |= dict.fromkeys(_tied_by(group, individuals, tied))
    return tuple(reasons)


def _tied_by(
    group: Sequence[Candidate], individuals: Sequence[Sequence[Candidate]], tied: _Tied
) -> Iterator[str]:
    """Why people of a household are in it whom neither its text nor their own name and phone bring there."""
    texts = {person.person_id: _household_key(person) for person in group}
    row_of = {row.person_id: rows[0].person_id for rows in individuals for row in rows}
    for one in texts:
        for other, why in tied.get(one, {}).items():
            if (
                other in texts
                and row_of[one] != row_of[other]
                and (not texts[one] or texts[one] != texts[other])
            ):
                yield why
