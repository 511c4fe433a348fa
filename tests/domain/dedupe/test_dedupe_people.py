"""Pairs become people and households: decisions hold, nothing chains, and the work grows with the list alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.dedupe import block
from parinaya_cli.domain.dedupe.cluster import Decisions
from parinaya_cli.domain.dedupe.learned import Learned
from parinaya_cli.domain.dedupe.lists import list_of, source_of
from parinaya_cli.domain.dedupe.normalise import Record, city_of, email_of, normalise
from parinaya_cli.domain.dedupe.scan import Scan, scan
from parinaya_cli.domain.dedupe.score import LIKELY, SURE, odds_of, probability
from parinaya_cli.domain.dedupe.spelling import Likeness, likeness
from parinaya_cli.domain.dedupe.weights import WEIGHTS
from parinaya_cli.domain.names import words
from tests.bench.bench_dedupe import figures, labels
from tests.domain.dedupe.families import Mix
from tests.domain.dedupe.lists import Truth, invent

WORDS = st.text("abdehijklmnoprstuvy", min_size=1, max_size=9)
PLACES = st.tuples(st.integers(0, 39), st.integers(0, 39)).filter(lambda pair: pair[0] != pair[1])


@pytest.fixture(scope="module")
def truth() -> Truth:
    """Lists of a seed and mixture that nothing was learned from."""
    return invent(9001, Mix(regions=("gujarat", "hindi", "punjab"), households=150, weddings=1))


@pytest.fixture(scope="module")
def scanned(truth: Truth) -> Scan:
    return scan(truth.records)


def test_invented_lists_are_found_as_the_truth_says(truth: Truth, scanned: Scan) -> None:
    count = len(truth.records)
    likely = scanned.people()
    assert figures(truth.people, labels(count, likely))[2] > 0.75
    assert figures(truth.people, labels(count, scanned.sure_people()))[0] > 0.97
    assert figures(truth.households, labels(count, scanned.homes(likely)))[2] > 0.65


def test_scores_are_as_often_right_as_they_say(truth: Truth, scanned: Scan) -> None:
    for low, high in ((0.1, 0.5), (0.5, 0.9), (0.9, 1.0)):
        found = [pair for pair in scanned.pairs if low <= probability(pair.odds) < high]
        right = sum(truth.people[pair.left] == truth.people[pair.right] for pair in found)
        said = sum(probability(pair.odds) for pair in found)
        assert abs(right - said) < 0.15 * len(found) + 3


def test_the_same_lists_in_another_order_give_the_same_people(truth: Truth, scanned: Scan) -> None:
    order = list(range(len(truth.records)))
    Random(3).shuffle(order)
    other = scan([truth.records[place] for place in order])
    names = {frozenset(scanned.entries[place].id for place in person) for person in scanned.sure_people()}
    again = {frozenset(other.entries[place].id for place in person) for person in other.sure_people()}
    assert len(names ^ again) <= len(names) // 20
    assert scanned.people() == scan(truth.records).people()


def test_those_who_come_in_find_theirs_without_everybody(truth: Truth, scanned: Scan) -> None:
    keys = {entry.id: block.hashed(entry) for entry in scanned.entries}
    new = {one: keys[one] for one in sorted(keys)[::7]}
    sharing: dict[int, list[str]] = {}
    for one in sorted(keys.keys() - new.keys()):
        for key in keys[one]:
            if len(held := sharing.setdefault(key, [])) <= block.LARGEST:
                held.append(one)
    found = block.near_pairs(new, sharing)
    entries = scanned.entries
    likely = {
        tuple(sorted((entries[pair.left].id, entries[pair.right].id)))
        for pair in scanned.pairs
        if pair.odds > 0 and (entries[pair.left].id in new or entries[pair.right].id in new)
    }
    assert len(likely - {*found}) <= len(likely) // 50
    assert len(found) < 10 * len(new)
    assert scanned.learned is not None
    learned = Learned.read(scanned.learned.kept())
    assert learned == scanned.learned
    assert learned.lists(entries).names_on == scanned.lists.names_on
    assert learned.lists(entries[:50]).given.items() <= scanned.lists.given.items()


def test_what_came_in_is_compared_with_all(truth: Truth, scanned: Scan) -> None:
    new = {record.id for record in truth.records[::7]}
    fresh = scan(truth.records, new=new)
    expected = [
        pair
        for pair in scanned.pairs
        if scanned.entries[pair.left].id in new or scanned.entries[pair.right].id in new
    ]
    assert fresh.pairs == expected
    assert 0 < fresh.compared < scanned.compared


@settings(max_examples=40, deadline=None)
@given(same=st.sets(PLACES, max_size=6), different=st.sets(PLACES, max_size=8))
def test_decisions_hold(scanned: Scan, same: set[tuple[int, int]], different: set[tuple[int, int]]) -> None:
    people = scanned.people(LIKELY, Decisions(same, different))
    person = {place: number for number, places in enumerate(people) for place in places}
    for left, right in different:
        assert person.get(left, -1) != person.get(right, -2)
    if not different:
        assert all(person.get(left, -1) == person.get(right, -2) for left, right in same)
    assert len(person) == sum(len(places) for places in people)


@settings(max_examples=20, deadline=None)
@given(chosen=st.sets(st.integers(0, 199), min_size=1, max_size=12))
def test_who_was_said_to_be_two_people_stays_two(scanned: Scan, chosen: set[int]) -> None:
    different = [(scanned.pairs[number].left, scanned.pairs[number].right) for number in chosen]
    for person in scanned.people(LIKELY, Decisions(different=different)):
        assert not any(left in person and right in person for left, right in different)


def test_no_person_is_also_a_household(scanned: Scan) -> None:
    for person in scanned.people(0.3):
        assert len({scanned.entries[place].name.group for place in person}) == 1


def test_a_higher_score_asks_more(truth: Truth, scanned: Scan) -> None:
    count = len(truth.records)
    precise = [figures(truth.people, labels(count, scanned.people(at))) for at in (0.3, 0.5, 0.8, SURE)]
    assert [found[1] for found in precise] == sorted((found[1] for found in precise), reverse=True)


def test_two_good_pairs_do_not_chain_through_a_bad_one() -> None:
    rows = [
        Record("a", "Harish Kelkar", ("9812345678",), source="papa.xlsx"),
        Record("b", "H. Kelkar", ("9812345678",), source="mummy.vcf"),
        Record("c", "Hemant Kelkar", ("9812345678",), source="rsvp.csv"),
    ]
    for person in scan(rows).people():
        assert not {0, 2} <= set(person)


def test_many_rows_of_one_number_or_name_stay_near_linear() -> None:
    def compared(count: int) -> float:
        names = ["Ramesh Gupta", "Suresh Gupta", "Anita Gupta", "Gupta ji", "Ramesh"]
        records = [
            Record(
                str(place), names[place % 5], ("9812345678",), city="Delhi", source="all.csv", line=place + 1
            )
            for place in range(count)
        ]
        return len(list(block.pairs(normalise(records)))) / count

    assert compared(3000) < 60
    assert compared(3000) < 1.5 * compared(600)


def test_a_planners_number_joins_nobody() -> None:
    given = words("Ramesh Anita Suresh Kavita Nitin Farah Gopal Leena Zubin Tarsem Hetal Bimal")
    families = words("Gupta Menon Virk Bose Patil Khan Iyer Daruwala Gill Shah Roy Kelkar")
    rows = [
        Record(name, f"{name} {family}", ("9812345678",))
        for name, family in zip(sorted(given), sorted(families), strict=True)
    ]
    found = scan(rows)
    assert found.people() == []
    assert found.homes() == []


def test_households_are_told_by_numbers_and_by_the_lists_own_words() -> None:
    rows = [
        Record("a", "Harish Kelkar", ("9812345678",), source="papa.xlsx", line=1),
        Record("b", "Rukmini Kelkar", ("9812345678",), source="mummy.vcf", line=9),
        Record("c", "Mr & Mrs Kelkar", ("9812345678",), source="old.xlsx", line=3),
        Record("d", "Tarsem Gill", tags=("Gill family (Model Town)",), source="papa.xlsx", line=40),
        Record("e", "Jaspal Gill", tags=("gill family (model town)",), source="papa.xlsx", line=80),
        Record("f", "Zubin Daruwala", ("9900011122",), source="papa.xlsx", line=120),
    ]
    assert scan(rows).homes() == [(0, 1, 2), (3, 4)]


@given(WORDS, WORDS)
def test_likeness_knows_no_order(left: str, right: str) -> None:
    assert likeness(left, right) == likeness(right, left)
    assert likeness(left, left) == Likeness.SAME


@given(st.floats(0.001, 0.999))
def test_probability_and_odds_are_one_thing(chance: float) -> None:
    assert probability(odds_of(chance)) == pytest.approx(chance)


@given(st.text(max_size=30), st.text(max_size=20), st.text(max_size=20), st.text(max_size=12))
def test_any_cell_can_be_compared(name: str, phone: str, mail: str, city: str) -> None:
    row = Record("a", name, (phone,), (mail,), city, tags=(city,), source=phone, household="")
    found = scan([row, replace(row, id="b"), Record("c", "Mr & Mrs Gupta")])
    found.homes(found.people())
    for left, right in combinations(range(3), 2):
        found.signals(left, right)


def test_rarer_agreement_never_weighs_much_less() -> None:
    for reach in ("differ", "silent"):
        full = [weight for _, weight in sorted(WEIGHTS[f"full@{reach}"].items())]
        assert full[0] == max(full)
        assert full[0] - full[-1] > 1


def test_lists_cities_and_addresses_have_keys() -> None:
    assert list_of("W01/papa-list-v2.xlsx") == list_of("W01/papa-list.xlsx")
    assert source_of("W01/papa.xlsx", "W02/papa.xlsx") == "list:apart"
    assert source_of("papa final.xlsx", "papa (2).xlsx") == "list:version"
    assert city_of("Bombay") == city_of("Mumbai, MH") == city_of("MUMBAI 400058")
    assert city_of("Gurgaon") != city_of("Delhi")
    assert email_of("A.Kelkar+w@Gmail.com") == email_of("akelkar@gmail.com")
    assert email_of("no address") == ""
