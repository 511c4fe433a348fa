"""Pairs of people who may be one person: scored, gathered into clusters, and what people decided on them. Pure."""

from __future__ import annotations

import hashlib
import sys
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from parinaya_cli.domain.dedupe import block
from parinaya_cli.domain.dedupe.block import Keyed
from parinaya_cli.domain.dedupe.cluster import Decisions, Pair
from parinaya_cli.domain.dedupe.compare import Signals
from parinaya_cli.domain.dedupe.explain import Explanation, explain
from parinaya_cli.domain.dedupe.learned import Learned
from parinaya_cli.domain.dedupe.lists import Lists
from parinaya_cli.domain.dedupe.normalise import Record, normalise, roles_of
from parinaya_cli.domain.dedupe.scan import SHOWN, Near, Scan, scan
from parinaya_cli.domain.dedupe.score import SURE, doubt, log_odds, odds_of
from parinaya_cli.domain.names import fold

LEAST_ODDS = odds_of(SHOWN)
"""Pairs of lower log-odds are not shown."""

TURN = 2.0
"""By how much the log-odds must have moved against a decision, some seven times, before it is asked again."""

Key = tuple[uuid.UUID, uuid.UUID]
"""Two people, the one with the lower number first."""


class Verdict(StrEnum):
    """What somebody decided on a pair."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Known:
    """A pair that a scan has found. ``versions``: of both people, when they were compared.

    ``decided_odds`` and ``decided_on``: the log-odds and the evidence that the verdict was given on.
    """

    id: uuid.UUID
    number: int
    left: uuid.UUID
    right: uuid.UUID
    odds: float
    versions: tuple[int, int]
    sure: bool
    verdict: Verdict | None = None
    decided_odds: float = 0.0
    decided_on: str = ""

    @property
    def key(self) -> Key:
        """Whom it is about."""
        return self.left, self.right


@dataclass(frozen=True, slots=True)
class Decided:
    """A verdict on two people, under whom they are known today."""

    left: uuid.UUID
    right: uuid.UUID
    verdict: Verdict


@dataclass(frozen=True)
class Ground:
    """What duplicates are found in: all people in the order of their numbers, their versions, and what is known.

    ``parted``: people who were merged and taken apart again by hand: nobody merges them without a decision. ``near``:
    these are not all people, but the new ones and whoever has to do with them; of pairs of the ``settled`` it can be
    said who is surely one.
    """

    region: str
    records: Sequence[Record]
    versions: Mapping[uuid.UUID, int]
    known: Sequence[Known]
    decided: Sequence[Decided]
    parted: Collection[Key]
    near: Near | None = None
    settled: frozenset[uuid.UUID] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A pair as a scan leaves it."""

    left: uuid.UUID
    right: uuid.UUID
    odds: float
    signals: tuple[str, ...]
    versions: tuple[int, int]


@dataclass(frozen=True)
class Outcome:
    """What a scan leaves: the pairs that it compared, those that ``apply`` would merge (``sure``), the decisions that
    new evidence speaks against (``reopened``), and how many people ``clusters`` would become one each.

    ``keyed``: the keys of all people who were looked at, in their order; ``learned``: what the next scan may rest on.
    """

    found: Sequence[Found]
    sure: frozenset[Key]
    reopened: Sequence[Known]
    clusters: int
    keyed: Keyed | None = None
    learned: Learned | None = None


@dataclass(frozen=True)
class Clusters:
    """People who are one person each, and pairs that would have been merged but whose people changed since they were
    compared (``changed``)."""

    people: Sequence[tuple[uuid.UUID, ...]]
    changed: Sequence[Key]


@dataclass(frozen=True, slots=True)
class Question:
    """A pair to be decided on, by its ref; ``left`` and ``right`` stand for all who are surely one with its people."""

    ref: str
    left: uuid.UUID
    right: uuid.UUID


class Joined:
    """Who stands for whom, when people are joined two by two."""

    def __init__(self, pairs: Iterable[Key] = ()) -> None:
        self._of: dict[uuid.UUID, uuid.UUID] = {}
        for left, right in pairs:
            self.join(left, right)

    def of(self, one: uuid.UUID) -> uuid.UUID:
        """Who stands for somebody."""
        while (other := self._of.get(one, one)) != one:
            self._of[one] = self._of.get(other, other)
            one = other
        return one

    def join(self, left: uuid.UUID, right: uuid.UUID) -> None:
        """The two are one from now on."""
        self._of[self.of(left)] = self.of(right)


def questions(pairs: Iterable[Question], one_person: Iterable[Key], two: Iterable[Key]) -> list[Question]:
    """Each question once: of the pairs between the same two people the first, and none that is answered already.

    ``pairs``: the best first; ``one_person``, ``two``: who is one person surely or by decision, and who is not.
    """
    joined = Joined(one_person)
    asked = {frozenset((joined.of(left), joined.of(right))) for left, right in two}
    found: list[Question] = []
    for pair in pairs:
        left, right = joined.of(pair.left), joined.of(pair.right)
        if left != right and (both := frozenset((left, right))) not in asked:
            asked.add(both)
            found.append(Question(pair.ref, left, right))
    return found


def evidence(*records: Record) -> str:
    """What tells people apart, as one short text: another name or contact point, another text."""
    told = repr([(one.full_name, sorted(one.phones), sorted(one.emails)) for one in records])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def speaks_against(verdict: Verdict, before: float, now: float) -> bool:
    """Do log-odds of ``now`` speak against a verdict that was given at ``before``, and by more than a little?"""
    if verdict is Verdict.DIFFERENT:
        return now > 0 and now - before > TURN
    return now < 0 and before - now > TURN


def keys_of(records: Sequence[Record], region: str, learned: Learned) -> dict[str, dict[int, int]]:
    """By which keys others are found who may be one of these people, with the kind of each; by id."""
    entries = normalise(records, region, roles=learned.roles(roles_of(records)))
    return {entry.id: block.hashed(entry) for entry in entries}


def assess(
    ground: Ground, fresh: frozenset[uuid.UUID] | None, progress: Callable[[int], None] | None = None
) -> Outcome:
    """Compare the ``fresh`` people, or all, with everybody, and say what is to be remembered of it."""
    named = None if fresh is None else {str(one) for one in fresh}
    result = scan(ground.records, named, ground.region, progress, ground.near)
    ids = [uuid.UUID(one.id) for one in ground.records]
    places = {one: place for place, one in enumerate(ids)}
    compared = {(ids[pair.left], ids[pair.right]): pair.odds for pair in result.pairs}
    for one in ground.known:
        if (fresh is None or one.left in fresh or one.right in fresh) and one.key not in compared:
            compared[one.key] = log_odds(result.signals(places[one.left], places[one.right]))
    reopened = list(_reopened(ground, places, compared))
    odds = {one.key: one.odds for one in ground.known} | compared
    decisions = _decisions(ground, places, {one.key for one in reopened}, _mixed(ground, places, odds))
    groups = _whole(result, places, odds).sure_people(decisions)
    group_of = {place: group for group in groups for place in group}
    sure = {key for key in odds if places[key[1]] in group_of.get(places[key[0]], ())}
    found = [
        Found(
            *key,
            value,
            tuple(map(sys.intern, result.signals(places[key[0]], places[key[1]]).told)),
            (ground.versions[key[0]], ground.versions[key[1]]),
        )
        for key, value in compared.items()
    ]
    return Outcome(found, frozenset(sure), reopened, len(groups), result.keyed, result.learned)


def looked_at(ground: Ground, fresh: frozenset[uuid.UUID]) -> Ground:
    """The ground as a scan of the ``fresh`` people would leave it, with nothing written down."""
    outcome = assess(ground, None if len(fresh) == len(ground.records) else fresh)
    found = [
        Known(uuid.UUID(int=0), 0, one.left, one.right, one.odds, one.versions, False)
        for one in outcome.found
    ]
    known = {one.key: one for one in (*found, *ground.known)}
    compared = {one.key: one for one in found}
    return replace(
        ground,
        known=[
            replace(one, odds=compared[key].odds, versions=compared[key].versions) if key in compared else one
            for key, one in known.items()
        ],
    )


def _reopened(ground: Ground, places: Mapping[uuid.UUID, int], odds: Mapping[Key, float]) -> Iterator[Known]:
    for one in ground.known:
        if one.verdict is None or one.key not in odds:
            continue
        told = evidence(ground.records[places[one.left]], ground.records[places[one.right]])
        if told != one.decided_on and speaks_against(one.verdict, one.decided_odds, odds[one.key]):
            yield one


def _whole(result: Scan, places: Mapping[uuid.UUID, int], odds: Mapping[Key, float]) -> Scan:
    """The scan with all pairs that are known, not only those that it compared itself."""
    pairs = [
        Pair(places[left], places[right], value)
        for (left, right), value in odds.items()
        if value >= LEAST_ODDS
    ]
    pairs.sort(key=lambda pair: (-pair.odds, pair.left, pair.right))
    return Scan(result.entries, result.lists, pairs, result.compared)


def _decisions(
    ground: Ground, places: Mapping[uuid.UUID, int], without: Collection[Key], mixed: Collection[Key]
) -> Decisions:
    def of(keys: Iterable[Key]) -> list[tuple[int, int]]:
        found = [(places[left], places[right]) for left, right in keys if left in places and right in places]
        return [(min(two), max(two)) for two in found]

    decided = [one for one in ground.decided if (one.left, one.right) not in without]
    same = {(one.left, one.right) for one in decided if one.verdict is Verdict.SAME}
    different = {(one.left, one.right) for one in decided if one.verdict is Verdict.DIFFERENT}
    return Decisions(of(same - different), of(different), of({*ground.parted, *mixed}))


def _mixed(ground: Ground, places: Mapping[uuid.UUID, int], keys: Iterable[Key]) -> list[Key]:
    """Pairs of somebody who was written down for a whole family with somebody who was not.

    ``Anil Rao & family`` says less of Anil than ``Anil Rao``: it may be the brother's row. A person decides.
    """
    families = {one for one, place in places.items() if _is_of_a_family(ground.records[place])}
    return [key for key in keys if (key[0] in families) != (key[1] in families)]


def why_not_sure(left: Record, right: Record, told: Explanation) -> str:
    """Why people have to decide on two whose score would do, in words; nothing where it is the score alone."""
    if told.score < SURE:
        return ""
    if _is_of_a_family(left) != _is_of_a_family(right):
        return "one of them was written down for a whole family"
    doubted = doubt(Signals("", tuple(reason.signal for reason in told.reasons)))
    return next((reason.words for reason in told.reasons if reason.signal == doubted), "")


def _is_of_a_family(record: Record) -> bool:
    """Did the list name the person within a household's entry, such as ``Anil Rao & family``?"""
    if not record.household:
        return False
    name, entry = (set(fold(text).split()) for text in (record.full_name, record.household))
    return name < entry


def clusters(
    ground: Ground, at: float | None = None, progress: Callable[[int], None] | None = None
) -> Clusters:
    """Who is surely one person, or at a score, by the pairs that are known; what was decided holds.

    Pairs of people who changed since they were compared are left out.
    """
    at = None if at is None else min(max(at, SHOWN), 1 - 1e-9)
    entries = normalise(list(ground.records), ground.region, progress)
    ids = [uuid.UUID(one.id) for one in ground.records]
    places = {one: place for place, one in enumerate(ids)}
    stale = {
        one.key
        for one in ground.known
        if one.versions != (ground.versions[one.left], ground.versions[one.right])
    }
    odds = {one.key: one.odds for one in ground.known if one.key not in stale}
    mixed = _mixed(ground, places, odds) if at is None else ()
    decisions = _decisions(ground, places, stale, mixed)
    whole = _whole(Scan(entries, Lists.learn(entries), [], 0), places, odds)
    groups = whole.sure_people(decisions) if at is None else whole.people(at, decisions)
    people = [tuple(ids[place] for place in group) for group in groups]
    barred = {*decisions.different, *decisions.doubtful} - {*decisions.same}
    wanted = [
        one.key
        for one in ground.known
        if one.key in stale
        and (places[one.left], places[one.right]) not in barred
        and one.verdict is not Verdict.DIFFERENT
        and (one.verdict is Verdict.SAME or (one.sure if at is None else one.odds > odds_of(at)))
    ]
    return Clusters(people, wanted)


def explain_two(ground: Ground, left: uuid.UUID, right: uuid.UUID) -> Explanation:
    """What speaks for and against two people being one, in the light of all lists."""
    entries = normalise(list(ground.records), ground.region)
    result = Scan(entries, Lists.learn(entries), [], 0)
    low, high = sorted(
        place for place, one in enumerate(ground.records) if uuid.UUID(one.id) in (left, right)
    )
    return explain(entries[low], entries[high], result.signals(low, high))
