"""Who lives together by what all lists say, and why."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from parinaya_cli.domain.dedupe.normalise import Record
from parinaya_cli.domain.duplicates import Decided, Ground, Known, Verdict, assess
from parinaya_cli.domain.units_homes import Tie, find_ties
from tests.bench.bench_dedupe import figures
from tests.domain.dedupe.families import Mix
from tests.domain.dedupe.lists import invent

ONE, TWO, THREE = (uuid.UUID(int=number) for number in (1, 2, 3))


def row(number: int, name: str, phone: str = "", *, city: str = "", source: str = "list.csv") -> Record:
    phones = (phone,) if phone else ()
    return Record(str(uuid.UUID(int=number)), name, phones, city=city, source=source, line=number * 10)


def ground(*records: Record, known: Sequence[Known] = (), decided: Sequence[Decided] = ()) -> Ground:
    return Ground("IN", records, {uuid.UUID(one.id): 1 for one in records}, known, decided, ())


def ties(*records: Record, addresses: Mapping[uuid.UUID, str] | None = None) -> list[Tie]:
    return find_ties(ground(*records), addresses or {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ramesh Gupta", "Ramesh's wife"),
        ("Ramesh Gupta", "Ramesh Gupta ki patni"),
        ("Ramesh Gupta", "Sunita w/o Ramesh Gupta"),
        ("Ramesh Gupta", "Mrs Ramesh Gupta"),
        ("रमेश गुप्ता", "रमेश गुप्ता की पत्नी"),
        ("Chacha ji Pune", "Chachi ji Pune"),
        ("Papa", "Mummy"),
    ],
)
def test_words_of_relation_tie(one: str, other: str) -> None:
    [tie] = ties(row(1, one), row(2, other), row(3, "Farhan Qureshi"))
    assert (tie.left, tie.right) == (ONE, TWO)
    assert one in tie.why
    assert other in tie.why


@pytest.mark.parametrize(
    "records",
    [
        pytest.param(
            (row(1, "Ramesh Gupta"), row(2, "Ramesh Jain"), row(3, "Ramesh's wife")), id="which Ramesh"
        ),
        pytest.param(
            (row(1, "Ramesh Gupta", city="Pune"), row(2, "Ramesh's wife", city="Agra")), id="two cities"
        ),
        pytest.param((row(1, "Ramesh Gupta", source="a.csv"), row(2, "Ramesh's wife")), id="two lists"),
        pytest.param(
            (row(1, "Ramesh Gupta"), row(2, "Ramesh's brother")), id="a brother has a home of his own"
        ),
        pytest.param((row(1, "Bhavini Parikh"), row(2, "Farhan Qureshi")), id="strangers"),
        pytest.param((row(1, "Chacha ji Pune"), row(2, "Chachi ji Agra")), id="another aunt"),
    ],
)
def test_words_that_leave_it_open_tie_nobody(records: tuple[Record, ...]) -> None:
    assert ties(*records) == []


def test_a_place_tells_which_one_is_meant() -> None:
    here = [
        row(1, "Ramesh Gupta", city="Pune"),
        row(2, "Ramesh Jain", city="Agra"),
        row(3, "Ramesh's wife", city="Agra"),
    ]
    [tie] = ties(*here)
    assert (tie.left, tie.right) == (TWO, THREE)


def test_one_address_and_family_name_are_a_household() -> None:
    names = (
        row(1, "Ramesh Gupta", source="a.csv"),
        row(2, "Sunita Gupta", source="b.csv"),
        row(3, "Asha Mehta"),
    )
    flat = dict.fromkeys((ONE, TWO, THREE), "Flat 12, Lotus Court")
    [tie] = ties(*names, addresses=flat)
    assert (tie.left, tie.right) == (ONE, TWO)
    assert "the same address and family name" in tie.why


def test_a_phone_and_a_family_name_are_a_household_and_a_phone_alone_is_none() -> None:
    [tie] = ties(
        row(1, "Ramesh Gupta", "+919812345678"),
        row(2, "Sunita Gupta", "+919812345678"),
        row(3, "Farhan Qureshi", "+919820012345"),
    )
    assert "the same phone, the same family name" in tie.why


def test_who_may_be_one_person_lives_in_one_household_until_somebody_says_otherwise() -> None:
    pair = Known(uuid.UUID(int=9), 1, ONE, TWO, 2.0, (1, 1), False)
    rows = (row(1, "Lakshmi Iyer"), row(2, "R. Subramaniam", source="b.csv"))
    assert find_ties(ground(*rows), {}) == []
    [tie] = find_ties(ground(*rows, known=[pair]), {})
    assert "may be one person" in tie.why
    apart = [Decided(ONE, TWO, Verdict.DIFFERENT)]
    verdict = replace(pair, verdict=Verdict.DIFFERENT)
    assert find_ties(ground(*rows, known=[verdict], decided=apart), {}) == []


def test_who_is_left_out_of_a_household_by_their_list_is_in_it_by_a_phone_alone() -> None:
    home, phone = replace(row(1, "Ramesh Gupta", "+919812345678"), household="Gupta (Pune)"), "+919820012345"
    pair = Known(uuid.UUID(int=9), 1, ONE, TWO, 2.0, (1, 1), False)
    assert find_ties(ground(home, row(2, "Ramesh P Gupta", phone), known=[pair]), {}) == []
    assert len(find_ties(ground(home, row(2, "Sunita Gupta", "+919812345678")), {})) == 1
    other_list = row(2, "Ramesh P Gupta", phone, source="b.csv")
    assert len(find_ties(ground(home, other_list, known=[pair]), {})) == 1


def test_invented_families_are_put_together_and_strangers_seldom() -> None:
    truth = invent(9001, Mix(regions=("gujarat", "hindi", "punjab"), households=150, weddings=1))
    ids = [uuid.UUID(int=place + 1) for place in range(len(truth.records))]
    bare = ground(*(replace(one, id=str(named)) for one, named in zip(truth.records, ids, strict=True)))
    found = assess(bare, None).found
    known = [
        Known(uuid.UUID(int=n), n, one.left, one.right, one.odds, one.versions, False)
        for n, one in enumerate(found)
    ]
    label = {one: one for one in ids}
    plain = {"the same family name", "the same city", "the same family name, the same city"}
    for tie in find_ties(replace(bare, known=known), {}):
        assert tie.why.rpartition(": ")[2] not in plain
        gone, kept = label[tie.right], label[tie.left]
        label = {one: kept if home == gone else home for one, home in label.items()}
    homes = [ids.index(label[one]) for one in ids]
    precision, _, f1 = figures(truth.households, homes)
    assert precision > 0.85
    assert f1 > 0.65
