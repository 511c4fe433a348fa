"""Which rows are taken for one person and which are not, whatever the names: spellings, orders, initials, families."""

from __future__ import annotations

import pytest

from parinaya_cli.domain.dedupe.cluster import Decisions
from parinaya_cli.domain.dedupe.explain import Explanation, explain
from parinaya_cli.domain.dedupe.normalise import Record
from parinaya_cli.domain.dedupe.scan import Scan, scan
from parinaya_cli.domain.dedupe.score import LIKELY, SURE, doubt

A, B = "+919812345678", "+919900011122"

# Other families of the same lists, so that there is something to learn what is rare from.
NEIGHBOURS = [
    Record(f"n{place}", name, (f"+9198765{place:05}",), source="papa.xlsx")
    for place, name in enumerate(
        f"{given} {family}"
        for family in ("Gupta", "Sharma", "Mehta", "Iyer", "Khan", "Bose", "Patil", "Gill")
        for given in ("Ramesh", "Anita", "Suresh", "Kavita", "Nitin", "Farah", "Gopal", "Leena")
    )
]


def scanned(*records: Record) -> Scan:
    return scan([*records, *NEIGHBOURS])


def told(left: Record, right: Record) -> Explanation:
    found = scanned(left, right)
    return explain(found.entries[0], found.entries[1], found.signals(0, 1))


def row(name: str, *phones: str, source: str = "papa.xlsx", city: str = "") -> Record:
    return Record(name + source, name, phones, city=city, source=source)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Sunil Chaudhary", "Sunil Choudhury"),
        ("Mohd. Rafiq Ansari", "Mohammed Rafique Ansari"),
        ("S. Ramanathan", "Subramaniam Ramanathan"),
        ("लक्ष्मी नायर", "Laxmi Nair"),
        ("Lakshmi Nair", "Laxmi Nair"),
        ("Deepak Oberoi", "Dipak Oberoi"),
        ("Rukmini Kelkar", "Kelkar Rukmini"),
        ("Kelkar, Rukmini", "Smt. Rukmini Kelkar"),
        ("Dr Vaidehi Kelkar", "Vaidehi Kelkar ji"),
        ("Venky Rajagopalan", "Venkatesh Rajagopalan"),
        ("Nilesh Zaveri", "Nileshbhai Jhaveri"),
        ("Bimal Dasgupta", "Vimal Dasgupta"),
        ("Parmindr Sodhi", "Parminder Sodhi"),
        ("Rajkumar Bothra", "Raj Kumar Bothra"),
        ("Yusuf chacha", "Yusuf Lakdawala"),
        ("V. Deshpande", "Vidyadhar Deshpande"),
    ],
)
def test_one_person_under_one_number(left: str, right: str) -> None:
    assert told(row(left, A), row(right, A, source="mummy.vcf")).score >= LIKELY


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Harish Kelkar", "Rukmini Kelkar"),
        ("Mr Kelkar", "Mrs Kelkar"),
        ("Harish Kelkar", "Sudhir Harish Kelkar"),
        ("Ram Solanki", "Shyam Solanki"),
        ("Seema Chheda", "Reema Chheda"),
        ("Lalit Wadhwa", "Lalita Wadhwa"),
        ("Mandeep Singh Virk", "Mandeep Kaur Virk"),
        ("Vijay Rane", "Vinay Rane"),
        ("Karan Rane", "Kiran Rane"),
        ("Harish Kelkar", "Harish Kelkar & family"),
        ("Malathi Rajan", "Rajan S"),
    ],
)
def test_one_number_is_no_one_person(left: str, right: str) -> None:
    assert told(row(left, A), row(right, A, source="mummy.vcf")).score < LIKELY


def test_a_number_alone_is_never_enough() -> None:
    for stranger in ("Ophelia Quartermain", "Zubin", "Baby", "Mrs Wadhwa", "जगदीश"):
        assert told(row("Harish Kelkar", A), row(stranger, A, source="mummy.vcf")).score < SURE


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Harish Kelkar", "Harish Sawant"),
        ("Kumaresan Pillai", "Kumaresan Rajagopal"),
        ("Mr Ameet Kelkar", "Mrs Ameet Kelkar"),
        ("Ashok Govind Kelkar", "Ashok Hemant Kelkar"),
    ],
)
def test_what_people_have_to_decide_is_never_sure(left: str, right: str) -> None:
    found = scanned(row(left, A, city="Pune"), row(right, A, source="mummy.vcf", city="Pune"))
    assert doubt(found.signals(0, 1))
    assert not any({0, 1} <= set(person) for person in found.sure_people())
    assert (0, 1) in found.sure_people(Decisions(same=[(0, 1)]))


def test_an_initial_that_several_fit_is_never_sure() -> None:
    rows = [
        row("Harish Kelkar", A),
        row("Hemant Kelkar", A, source="office.xlsx"),
        row("H. Kelkar", A, source="mummy.vcf"),
    ]
    assert not any(2 in person for person in scanned(*rows).sure_people())
    assert any(1 in person for person in scanned(rows[0], rows[2]).sure_people())


def test_numbers_of_one_series_are_two_numbers() -> None:
    near = told(row("Tarsem Lakhanpal", "9812345671"), row("Tarsem Gill", "9812345672", source="mummy.vcf"))
    assert "phones differ in one digit" not in near.why
    assert near.score < LIKELY


def test_two_people_of_one_common_name_stay_apart() -> None:
    many = [row("Amit Sharma", f"+9198111{place:05}", source=f"list {place}.csv") for place in range(6)]
    found = scanned(*many)
    assert found.sure_people() == []
    assert explain(found.entries[0], found.entries[1], found.signals(0, 1)).score < SURE


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    rare = told(row("Tarsem Lakhanpal", A), row("Tarsem Lakhanpal", source="mummy.vcf"))
    common = told(row("Ramesh Gupta", A), row("Ramesh Gupta", source="mummy.vcf"))
    assert rare.odds > common.odds


def test_a_new_number_is_found_through_the_row_that_has_both() -> None:
    rows = [
        row("Tarsem Lakhanpal", A, source="old.xlsx"),
        row("Tarsem Lakhanpal", A, B),
        row("T. Lakhanpal", B, source="mummy.vcf"),
    ]
    assert scanned(*rows).people() == [(0, 1, 2)]


def test_entries_of_one_household_are_one_entry_and_no_person() -> None:
    rows = [
        row("Mr & Mrs Kelkar", A),
        row("Harish Kelkar & family", A, source="mummy.vcf"),
        row("Harish Kelkar", A),
    ]
    assert scanned(*rows).people() == [(0, 1)]


@pytest.mark.parametrize(
    "spoilt", ["9.81E+09", "9.2E+11", "981234567", "98123 45687", "98123-45678 / 022-25551234"]
)
def test_numbers_that_a_list_has_spoilt_still_speak(spoilt: str) -> None:
    whole = row("Tarsem Lakhanpal", A)
    other = told(whole, row("Tarsem Lakhanpal", B, source="mummy.vcf"))
    assert told(whole, row("Tarsem Lakhanpal", spoilt, source="mummy.vcf")).odds > other.odds


def test_the_same_id_of_another_system_is_one_person() -> None:
    left = Record("a", "Tinku", external_ids=("google:people/c1",), source="google")
    right = Record("b", "Tarsem Lakhanpal", (A,), external_ids=("google:people/c1",), source="google")
    assert told(left, right).score > SURE


def test_reasons_add_up_and_are_told_in_words() -> None:
    alike = told(row("Deepak Oberoi", A), row("Dipak Uberoi", A, source="mummy.vcf"))
    assert sum(reason.weight for reason in alike.reasons) == pytest.approx(alike.odds)
    assert "same phone" in alike.why
    couple = told(row("Mr Kelkar", A), row("Mrs Kelkar", A, source="mummy.vcf"))
    assert "different honorific gender" in couple.against
    son = told(row("Harish Kelkar", A), row("Sudhir Harish Kelkar", A, source="mummy.vcf"))
    assert any("father and son" in words for words in son.against)
    spelt = told(row("Sheela Oberoi", A), row("Shila Oberoi", A, source="mummy.vcf"))
    assert spelt.score > SURE
