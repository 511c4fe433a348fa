"""The plan of households: who is put together, who is not, and that order and repetition change nothing."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.names import fold
from parinaya_cli.domain.units import Candidate, PlannedUnit, plan

MOBILE, OTHER, LANDLINE = "+919812345678", "+919820012345", "+912226001234"


def someone(number: int, name: str, *phones: str, household: str = "", source: str = "a.csv") -> Candidate:
    return Candidate(
        uuid.UUID(int=number), number, name, fold(name), name.split()[-1], phones, None, household, source
    )


def numbers(units: list[PlannedUnit]) -> list[list[int]]:
    return [[member.int for member in unit.members] for unit in units]


def test_one_household_text_in_one_list_is_one_household() -> None:
    units = plan(
        [
            someone(1, "Ramesh Gupta", household="Gupta Family"),
            someone(2, "Sunita Gupta", MOBILE, household="gupta  family"),
            someone(3, "Asha Gupta", household="Gupta Family", source="b.csv"),
        ]
    )
    assert numbers(units) == [[1, 2], [3]]
    assert (units[0].label, units[0].primary.int, units[0].joins) == ("Gupta Family", 2, None)
    assert units[0].why == ("the same household in one list: Gupta Family",)
    assert units[1].why == ()


def test_one_person_on_two_lists_is_one_seat() -> None:
    units = plan(
        [
            replace(someone(1, "Ramesh Gupta", MOBILE), party_size=4, extra_seats=3),
            replace(someone(2, "RAMESH GUPTA", MOBILE, source="b.csv"), party_size=3, extra_seats=2),
        ]
    )
    assert numbers(units) == [[1, 2]]
    assert (units[0].label, units[0].extra_seats) == ("Ramesh Gupta", 3)
    assert units[0].why == ("the same name and phone: Ramesh Gupta",)


def test_a_person_on_two_lists_brings_two_households_together() -> None:
    units = plan(
        [
            someone(1, "Ramesh Gupta", MOBILE, household="Gupta A"),
            someone(2, "Sunita Gupta", household="Gupta A"),
            someone(3, "Ramesh Gupta", MOBILE, household="12", source="b.csv"),
            someone(4, "Rahul Gupta", OTHER, household="12", source="b.csv"),
        ]
    )
    assert numbers(units) == [[1, 2, 3, 4]]
    assert (units[0].label, units[0].extra_seats) == ("Gupta A", 0)


def test_sharing_a_phone_or_a_name_is_not_enough() -> None:
    people = [
        someone(1, "Ramesh Gupta", MOBILE),
        someone(2, "Sunita Gupta", MOBILE),
        someone(3, "Ramesh Gupta"),
    ]
    assert numbers(plan(people)) == [[1], [2], [3]]


def test_seats_are_reckoned_for_the_whole_household() -> None:
    couple = [
        replace(someone(1, "Ramesh Gupta", household="Gupta"), party_size=5, extra_seats=4),
        replace(someone(2, "Sunita Gupta", household="Gupta"), party_size=5, extra_seats=4),
    ]
    assert plan(couple)[0].extra_seats == 3
    plus = [replace(one, party_size=None, extra_seats=1) for one in couple]
    assert plan(plus)[0].extra_seats == 2
    fewer = [replace(one, party_size=1, extra_seats=0) for one in couple]
    assert plan(fewer)[0].extra_seats == 0


def test_who_gets_the_messages() -> None:
    people = [
        someone(1, "Ramesh Gupta", LANDLINE, household="G"),
        someone(2, "Sunita Gupta", MOBILE, household="G"),
        someone(3, "Rahul Gupta", OTHER, household="G"),
    ]
    assert plan(people)[0].primary.int == 2
    assert plan([replace(one, phones=()) for one in people])[0].primary.int == 1


def test_sides() -> None:
    people = [someone(1, "Ramesh Gupta", household="G"), someone(2, "Sunita Gupta", household="G")]
    assert plan(people)[0].side is None
    assert plan([replace(people[0], side="bride"), people[1]])[0].side == "bride"
    assert plan([replace(people[0], side="bride"), replace(people[1], side="groom")])[0].side == "both"


def test_labels_where_the_list_has_only_numbers() -> None:
    people = [
        someone(1, "Ramesh Gupta", household="17"),
        someone(2, "Asha Mehta", household="17"),
        someone(3, "Rahul Gupta", household="17"),
    ]
    assert plan(people)[0].label == "Gupta family"
    nameless = [replace(one, family_name="") for one in people]
    assert plan(nameless)[0].label == "Ramesh Gupta & family"


def test_newcomers_join_and_nobody_is_moved() -> None:
    home, away = uuid.UUID(int=900), uuid.UUID(int=901)
    people = [
        replace(someone(1, "Ramesh Gupta", MOBILE, household="G"), unit_id=home, party_size=4),
        someone(2, "Sunita Gupta", household="G"),
        replace(someone(3, "Ramesh Gupta", MOBILE, source="b.csv", household="X"), unit_id=away),
        someone(4, "Rahul Gupta", source="b.csv", household="X"),
    ]
    units = plan(people)
    assert [(unit.joins, [member.int for member in unit.members]) for unit in units] == [
        (home, [2]),
        (away, [4]),
    ]
    assert units[0].extra_seats == 2
    assert units[0].primary.int == 1


def test_couples_entries_of_one_wording_stay_apart_by_their_row() -> None:
    people = [
        someone(1, "Mr Gupta", MOBILE, household="Mr & Mrs Gupta", source="a.csv/row-1"),
        someone(2, "Mrs Gupta", household="Mr & Mrs Gupta", source="a.csv/row-1"),
        someone(3, "Mr Gupta", OTHER, household="Mr & Mrs Gupta", source="a.csv/row-2"),
        someone(4, "Mrs Gupta", household="Mr & Mrs Gupta", source="a.csv/row-2"),
    ]
    assert numbers(plan(people)) == [[1, 2], [3, 4]]


# ── what always holds ──────────────────────────────────────────────────────────────────────────────────

UNITS = [uuid.UUID(int=1000 + n) for n in range(3)]


@st.composite
def guest_lists(draw: st.DrawFn) -> list[Candidate]:
    count = draw(st.integers(0, 12))
    return [
        Candidate(
            person_id=uuid.UUID(int=number),
            number=number,
            full_name=(
                name := draw(st.sampled_from(["Ramesh Gupta", "Sunita Gupta", "Asha Mehta", "Mr Rao"]))
            ),
            folded=fold(name),
            family_name=name.split()[-1],
            phones=tuple(draw(st.lists(st.sampled_from([MOBILE, OTHER, LANDLINE]), max_size=2, unique=True))),
            side=draw(st.sampled_from([None, "bride", "groom"])),
            household=draw(st.sampled_from(["", "", "Gupta", "gupta", "Rao family", "12"])),
            source=draw(st.sampled_from(["a.csv", "b.csv"])),
            party_size=draw(st.sampled_from([None, None, 1, 4])),
            extra_seats=draw(st.integers(0, 3)),
            unit_id=draw(st.sampled_from([None, None, *UNITS])),
        )
        for number in range(1, count + 1)
    ]


@given(guest_lists())
def test_everybody_is_in_exactly_one_household(people: list[Candidate]) -> None:
    units = plan(people)
    placed = Counter(member for unit in units for member in unit.members)
    assert placed == Counter(person.person_id for person in people if person.unit_id is None)
    everybody = {person.person_id for person in people}
    existing = {person.unit_id for person in people}
    for unit in units:
        assert unit.members
        assert unit.label
        assert unit.extra_seats >= 0
        assert unit.primary in (everybody if unit.joins else unit.members)
        assert unit.joins is None or unit.joins in existing


@given(guest_lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_people_does_not_matter(people: list[Candidate], random: object) -> None:
    shuffled = people[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan(shuffled) == plan(people)


@given(guest_lists())
def test_planning_again_changes_nothing(people: list[Candidate]) -> None:
    made: dict[uuid.UUID, uuid.UUID] = {}
    for number, unit in enumerate(plan(people)):
        made |= dict.fromkeys(unit.members, unit.joins or uuid.UUID(int=5000 + number))
    placed = [replace(one, unit_id=one.unit_id or made[one.person_id]) for one in people]
    assert plan(placed) == []
