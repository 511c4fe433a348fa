"""The plan of households: who is put together, who is not, and that order and repetition change nothing."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.names import fold
from parinaya_cli.domain.units import Candidate, PlannedUnit, plan, primary
from parinaya_cli.domain.units_homes import Tie

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


def tied(left: int, right: int, why: str = "one home") -> Tie:
    return Tie(uuid.UUID(int=left), uuid.UUID(int=right), why)


def test_ties_bring_people_together_and_are_the_reason() -> None:
    people = [someone(1, "Ramesh Gupta"), someone(2, "Sunita Gupta"), someone(3, "Asha Mehta")]
    units = plan(people, [tied(1, 2, "Ramesh Gupta and Sunita Gupta: the same phone")])
    assert numbers(units) == [[1, 2], [3]]
    assert units[0].why == ("Ramesh Gupta and Sunita Gupta: the same phone",)
    assert units[0].label == "Gupta family"


def test_what_one_list_says_of_households_goes_before_ties() -> None:
    people = [
        someone(1, "Ramesh Gupta", household="A"),
        someone(2, "Sunita Gupta", household="B"),
        someone(3, "Rahul Gupta"),
    ]
    assert numbers(plan(people, [tied(1, 2)])) == [[1], [2], [3]]
    assert numbers(plan(people, [tied(2, 3), tied(1, 3)])) == [[1], [2, 3]]
    other_list = [people[0], replace(people[1], source="b.csv")]
    assert numbers(plan(other_list, [tied(1, 2)])) == [[1, 2]]


def test_who_is_tied_to_a_household_joins_that_one() -> None:
    home, away = uuid.UUID(int=900), uuid.UUID(int=901)
    people = [
        replace(someone(1, "Ramesh Gupta"), unit_id=away),
        replace(someone(2, "Sunita Gupta"), unit_id=home),
        someone(3, "Rahul Gupta"),
    ]
    [unit] = plan(people, [tied(1, 2), tied(2, 3)])
    assert (unit.joins, numbers([unit])) == (home, [[3]])


def test_nobody_joins_a_household_that_was_changed_by_hand() -> None:
    home = uuid.UUID(int=900)
    people = [
        replace(someone(1, "Ramesh Gupta", household="G"), unit_id=home, closed=True),
        someone(2, "Sunita Gupta", household="G"),
        someone(3, "Rahul Gupta", household="G"),
    ]
    [unit] = plan(people)
    assert (unit.joins, unit.beside, numbers([unit])) == (None, home, [[2, 3]])


def test_messages_go_to_who_has_not_said_stop() -> None:
    people = [
        replace(someone(1, "Ramesh Gupta", MOBILE), stopped=True),
        replace(someone(2, "Master Aarav", MOBILE), child=True),
        replace(someone(3, "Sunita Gupta"), writes=True),
    ]
    chosen = primary(people)
    assert chosen is not None
    assert chosen.person_id.int == 3


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
            unit_id=(unit := draw(st.sampled_from([None, None, *UNITS]))),
            closed=unit == UNITS[0],
        )
        for number in range(1, count + 1)
    ]


TIES = st.lists(st.tuples(st.integers(1, 13), st.integers(1, 13)), max_size=6).map(
    lambda pairs: [tied(left, right) for left, right in pairs if left != right]
)


@given(guest_lists(), TIES)
def test_everybody_is_in_exactly_one_household(people: list[Candidate], ties: list[Tie]) -> None:
    units = plan(people, ties)
    placed = Counter(member for unit in units for member in unit.members)
    assert placed == Counter(person.person_id for person in people if person.unit_id is None)
    everybody = {person.person_id for person in people}
    existing = {person.unit_id for person in people}
    closed = {person.unit_id for person in people if person.closed}
    for unit in units:
        assert unit.members
        assert unit.joins is None or unit.joins not in closed
        assert unit.label
        assert unit.extra_seats >= 0
        assert unit.primary in (everybody if unit.joins else unit.members)
        assert unit.joins is None or unit.joins in existing


@given(guest_lists(), TIES, st.randoms(use_true_random=False))
def test_the_order_of_the_people_does_not_matter(
    people: list[Candidate], ties: list[Tie], random: object
) -> None:
    shuffled = people[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan(shuffled, ties) == plan(people, ties)


@given(guest_lists(), TIES)
def test_one_list_never_has_two_households_in_one_by_ties(people: list[Candidate], ties: list[Tie]) -> None:
    alone = [replace(one, unit_id=None, phones=()) for one in people]
    by_id = {one.person_id: one for one in alone}
    for unit in plan(alone, ties):
        members = [by_id[one] for one in unit.members if by_id[one].household]
        told = {(one.source, one.household.casefold()) for one in members}
        assert len(told) == len({source for source, _ in told})


@given(guest_lists(), TIES)
def test_planning_again_changes_nothing(people: list[Candidate], ties: list[Tie]) -> None:
    made: dict[uuid.UUID, uuid.UUID] = {}
    for number, unit in enumerate(plan(people, ties)):
        made |= dict.fromkeys(unit.members, unit.joins or uuid.UUID(int=5000 + number))
    placed = [replace(one, unit_id=one.unit_id or made[one.person_id]) for one in people]
    assert plan(placed, ties) == []
