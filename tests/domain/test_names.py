"""Names cleaned, taken apart and folded; entries that name a household; words for sides and numbers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.names import clean, fold, fold_name, graphemes, split
from parinaya_cli.domain.people import (
    Household,
    propose,
    read_count,
    read_household,
    read_language,
    read_side,
)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Ramesh \t Gupta \n", "Ramesh Gupta"),
        ("Ramesh\u00a0Gupta", "Ramesh Gupta"),
        ("Ra\u202emesh\u200b", "Ramesh"),
        ("Jose\u0301", "Jos\u00e9"),
        ("क्\u200dष", "क्\u200dष"),
        ("O'Brien-D'Souza", "O'Brien-D'Souza"),
        ("RAMESH gupta", "RAMESH gupta"),
        ("\x1b[31mRed", "[31mRed"),
    ],
)
def test_cleaning_keeps_what_the_family_wrote(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(NAMES)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(unicodedata.category(c) == "Cc" for c in once)
    assert unicodedata.is_normalized("NFC", once)


def test_characters_as_readers_count_them() -> None:
    assert graphemes("Ramesh") == 6
    assert graphemes("शर्मा") == 3
    assert graphemes("👨\u200d👩\u200d👧") == 1
    assert graphemes("👍🏽") == 1


@pytest.mark.parametrize(
    ("name", "honorific", "given", "family"),
    [
        ("Ramesh Gupta", "", "Ramesh", "Gupta"),
        ("Mr. Ramesh Kumar Gupta", "Mr.", "Ramesh Kumar", "Gupta"),
        ("Shri Ramesh Sharma ji", "Shri ji", "Ramesh", "Sharma"),
        ("श्री रमेश दुबे", "श्री", "रमेश", "दुबे"),
        ("स्व. श्री आकाश सेहगल", "स्व. श्री", "आकाश", "सेहगल"),
        ("Dr Mrs Anita Rao", "Dr Mrs", "Anita", "Rao"),
        ("CA ANIL MEHR", "CA", "ANIL", "MEHR"),
        ("Gupta, Ramesh", "", "Ramesh", "Gupta"),
        ("Mr. Karpe, Tanmay", "Mr.", "Tanmay", "Karpe"),
        ("Mr Handoo", "Mr", "", "Handoo"),
        ("Sharma", "", "", "Sharma"),
        ("Sharma ji", "ji", "", "Sharma"),
        ("Ramesh", "", "Ramesh", ""),
        ("K. Ramachandran", "", "K. Ramachandran", ""),
        ("A. Sharma", "", "A.", "Sharma"),
        ("Bhave S.K.", "", "Bhave S.K.", ""),
        ("Sunita Devi", "", "Sunita Devi", ""),
        ("Leela (Chinki) Kaul", "", "Leela", "Kaul"),
        ("late night", "", "late", "night"),
        ("Papa office Ramesh", "Papa office", "Ramesh", ""),
        ("Papa ke dost Ramesh", "Papa ke dost", "Ramesh", ""),
        ("Ramesh uncle", "uncle", "Ramesh", ""),
        ("Ramesh Gupta uncle", "uncle", "Ramesh", "Gupta"),
        ("Mama Ramesh Gupta", "Mama", "Ramesh", "Gupta"),
        ("Nana Patekar", "", "Nana", "Patekar"),
        ("Chachi ji", "ji", "Chachi", ""),
        ("Bade Mama ji", "ji", "Bade Mama", ""),
        ("Didi Pune", "", "Didi", ""),
        ("Mami ji Kota", "ji", "Mami", ""),
        ("Master ji (Tonk)", "ji", "Master", ""),
        ("रमेश चाचा", "चाचा", "रमेश", ""),
        ("Smt. Sunita w/o Shri Ramesh Gupta", "Smt.", "Sunita", "Gupta"),
        ("Ramesh s/o Suresh", "", "Ramesh", ""),
        ("The Kapoors", "", "", "Kapoor"),
        ("Mr", "Mr", "", ""),
        ("", "", "", ""),
    ],
)
def test_parts_of_names(name: str, honorific: str, given: str, family: str) -> None:
    parts = split(name)
    assert (parts.full_name, parts.honorific, parts.given_name, parts.family_name) == (
        name,
        honorific,
        given,
        family,
    )


@pytest.mark.parametrize(
    "spellings",
    [
        ("शर्मा", "Sharma", "SHARMA", "Sharmaa", "શર્મા"),
        ("रमेश", "Ramesh", "ramesh"),
        ("अग्रवाल", "Agrawal", "Agraval"),
        ("गुप्ता", "Gupta", "Guptaa"),
        ("प्रियंका", "Priyanka"),
        ("लक्ष्मी", "Lakshmi", "Laxmi"),
        ("चन्द्र", "Chandra"),
        ("मनमोहन", "Manmohan"),
        ("संपत", "Sampat"),
        ("पूजा", "Pooja", "Puja"),
        ("Jhaveri", "Zaveri", "झवेरी"),
        ("Phalguni", "Falguni", "फाल्गुनी"),
        ("José", "Jose"),
        ("D'Souza", "DSouza", "D’Souza"),
        ("ਸਿੰਘ", "Singh", "सिंह".replace("ह", "घ")),
    ],
)
def test_spellings_that_are_one_name_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [("Asha", "Usha"), ("Ramesh", "Rakesh"), ("Sharma", "Verma"), ("Nisha", "Nita"), ("Ram Lal", "Lal Ram")],
)
def test_different_names_have_different_keys(left: str, right: str) -> None:
    assert fold(left) != fold(right)


def test_keys_as_they_are_stored() -> None:
    assert fold("शर्मा") == "sharma"
    assert fold("  Dr.  Ramesh-Kumar AGARWAL ") == "dr ramesh kumar agarval"
    assert fold("रमेश शर्मा") == "ramesh sharma"
    assert fold("--") == ""


@given(NAMES)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == " ".join(once.split())


@given(st.text("abcdefghijklmnopqrstuvwxyzABC '.-", max_size=30))
def test_latin_names_fold_without_regard_to_case(text: str) -> None:
    assert fold(text) == fold(text.upper())
    assert fold(text).isascii()


def test_key_of_a_person() -> None:
    assert fold_name(split("Dr. Anil Rao")) == fold_name(split("Anil Rao")) == fold_name(split("Rao, Anil"))
    assert fold_name(split("Leela (Chinki) Kaul")) == "lila kaul"
    assert fold_name(split("Mr Gupta")) != fold_name(split("Mrs Gupta"))
    assert fold_name(split("Smt. Sunita Devi")) == fold_name(split("Sunita Devi"))


# ── households ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("entry", "people", "extra", "family"),
    [
        ("Ramesh Gupta", ("Ramesh Gupta",), 0, False),
        ("Mr & Mrs Gupta", ("Mr Gupta", "Mrs Gupta"), 0, False),
        ("Mr. and Mrs. Ramesh Gupta", ("Mr. Ramesh Gupta", "Mrs. Gupta"), 0, False),
        ("Mr/Mrs Bhavesh Barot", ("Mr Bhavesh Barot", "Mrs Barot"), 0, False),
        ("Smt & Shri Ketan Patel", ("Smt Patel", "Shri Ketan Patel"), 0, False),
        ("श्री व श्रीमती अनिल राम", ("श्री अनिल राम", "श्रीमती राम"), 0, False),
        ("Mr & Mrs Ramesh and Sunita Gupta", ("Mr Ramesh Gupta", "Mrs Sunita Gupta"), 0, False),
        ("Ramesh & Sunita Gupta", ("Ramesh Gupta", "Sunita Gupta"), 0, False),
        ("Ramesh & Sunita Gupta + 2", ("Ramesh Gupta", "Sunita Gupta"), 2, False),
        ("Ramesh, Sunita & Rahul Gupta", ("Ramesh Gupta", "Sunita Gupta", "Rahul Gupta"), 0, False),
        ("Ramesh Gupta & Sunita", ("Ramesh Gupta", "Sunita Gupta"), 0, False),
        ("Ramesh Gupta & Sunil Shah", ("Ramesh Gupta", "Sunil Shah"), 0, False),
        ("विनोद व साक्षी कलिता", ("विनोद कलिता", "साक्षी कलिता"), 0, False),
        ("Ramesh & Sunita", ("Ramesh", "Sunita"), 0, False),
        ("Gupta & family", ("Gupta",), 0, True),
        ("GOYAL FAMILY", ("GOYAL",), 0, True),
        ("Dr Surendra Kapoor n family", ("Dr Surendra Kapoor",), 0, True),
        ("Sharma ji sparivar", ("Sharma ji",), 0, True),
        ("Sharma saparivar", ("Sharma",), 0, True),
        ("Bhavesh Mehta with family", ("Bhavesh Mehta",), 0, True),
        ("योगेन्द्र दिन व परिवार", ("योगेन्द्र दिन",), 0, True),
        ("Ramesh & Sunita Gupta & family", ("Ramesh Gupta", "Sunita Gupta"), 0, True),
        ("Ramesh Gupta & wife", ("Ramesh Gupta",), 1, False),
        ("Ramesh Gupta +1", ("Ramesh Gupta",), 1, False),
        ("Ramesh Gupta (4 pax)", ("Ramesh Gupta",), 3, False),
        ("Ramesh Gupta 4 log", ("Ramesh Gupta",), 3, False),
        ("Ramesh Gupta 2", ("Ramesh Gupta 2",), 0, False),
        ("Dr. & Mrs. Rao + 3 kids", ("Dr. Rao", "Mrs. Rao"), 3, False),
        ("Gupta, Ramesh", ("Gupta, Ramesh",), 0, False),
        ("Goyal, Mohammed Mohan", ("Goyal, Mohammed Mohan",), 0, False),
        ("Ramesh Gupta, MD", ("Ramesh Gupta, MD",), 0, False),
        ("Ramesh s/o Suresh Gupta", ("Ramesh s/o Suresh Gupta",), 0, False),
        ("Suresh N Gupta", ("Suresh N Gupta",), 0, False),
        ("N Ramesh", ("N Ramesh",), 0, False),
        ("Amit/Neha Shah", ("Amit Shah", "Neha Shah"), 0, False),
        ("The Kapoors", ("The Kapoors",), 0, True),
        ("Ramesh Gupta (4)", ("Ramesh Gupta",), 3, False),
        ("रमेश गुप्ता (४)", ("रमेश गुप्ता",), 3, False),
        ("रमेश गुप्ता + २", ("रमेश गुप्ता",), 2, False),
        ("रमेश सपत्नीक", ("रमेश",), 1, False),
        ("Ramesh ji sah parivar", ("Ramesh ji",), 0, True),
        ("रजनीश वर्मा परिवार सहित", ("रजनीश वर्मा",), 0, True),
        ("Gupta parivar ke saath", ("Gupta",), 0, True),
        ("Ramesh Gupta (& family)", ("Ramesh Gupta",), 0, True),
        ("Ramesh Gupta with wife & kids", ("Ramesh Gupta",), 0, True),
        ("Ramesh bhaiya & bhabhi", ("Ramesh bhaiya",), 1, False),
        ("Mr. Gupta w/o kids", ("Mr. Gupta",), 0, False),
        ("Rakesh & Co", ("Rakesh",), 0, True),
        ("M/s Gupta Traders", ("M/s Gupta Traders",), 0, False),
        ("Ramesh Gupta, Delhi", ("Ramesh Gupta, Delhi",), 0, False),
        ("Ramesh Gupta, Malviya Nagar, Jaipur", ("Ramesh Gupta, Malviya Nagar, Jaipur",), 0, False),
        ("Ramesh Gupta, Sunita Gupta, Pune", ("Ramesh Gupta, Sunita Gupta, Pune",), 0, False),
        ("Ramesh Gupta, Sunita", ("Ramesh Gupta, Sunita",), 0, False),
        ("Ramesh Gupta, Sunita Gupta", ("Ramesh Gupta", "Sunita Gupta"), 0, False),
        ("Ramesh (Sunita's husband, Pune)", ("Ramesh (Sunita's husband, Pune)",), 0, False),
        ("", (), 0, False),
    ],
)
def test_whom_an_entry_names(entry: str, people: tuple[str, ...], extra: int, family: bool) -> None:
    found = read_household(entry)
    assert (found.people, found.extra_seats, found.family) == (people, extra, family)


def test_labels_leave_out_the_number_only() -> None:
    assert read_household("Ramesh & Sunita Gupta + 2").label == "Ramesh & Sunita Gupta"
    assert read_household("Gupta & family").label == "Gupta & family"
    assert read_household("Gupta") == Household(("Gupta",), 0, "Gupta")


def test_somebody_who_has_died_is_none_of_the_people() -> None:
    found = read_household("Late Shri Ramesh & Smt Sunita Gupta")
    assert (found.people, found.late) == (("Smt Sunita Gupta",), ("Late Shri Ramesh Gupta",))
    assert read_household("Late Shri Ramesh Gupta").people == ("Late Shri Ramesh Gupta",)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            "Ramesh & Sunita Gupta + 2",
            "is 2 people of one household, Ramesh Gupta and Sunita Gupta, and 2 seats more.",
        ),
        ("Gupta & family", "is Gupta, and a family whose size is not said."),
        ("Ramesh Gupta +1", "is Ramesh Gupta, and 1 seat more."),
    ],
)
def test_what_is_proposed_is_a_sentence(entry: str, told: str) -> None:
    found = read_household(entry)
    assert propose(entry, found, found.extra_seats) == f"“{entry}” {told}"


@given(NAMES)
def test_every_entry_with_a_letter_names_somebody(text: str) -> None:
    found = read_household(text)
    assert found.extra_seats >= 0
    assert all(person.strip() == person and person for person in found.people)


@given(NAMES, st.sampled_from(["", " uncle", " ji", " (4)", " w/o Shri", "Papa office ", "Didi "]))
def test_parts_of_a_name_are_words_of_it(name: str, word: str) -> None:
    full = clean(f"{word}{name}{word}")
    parts = split(full)
    assert parts.full_name == full
    for part in (parts.honorific, parts.given_name, parts.family_name):
        assert all(one in full for one in part.split())


# ── words ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Bride", "bride"),
        ("ladki wale", "bride"),
        ("Girl side", "bride"),
        ("Bride's side", "bride"),
        ("वधू पक्ष", "bride"),
        ("B", "bride"),
        ("GROOM", "groom"),
        ("Ladke wale", "groom"),
        ("ladke ki taraf se", "groom"),
        ("वर पक्ष", "groom"),
        ("both", "both"),
        ("Bride/Groom", "both"),
        ("दोनों", "both"),
        ("left", None),
        ("", None),
        ("side", None),
    ],
)
def test_sides(text: str, side: str | None) -> None:
    assert read_side(text) == side


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hindi", "hi"),
        ("हिन्दी", "hi"),
        ("EN", "en"),
        ("en-IN", "en"),
        ("ગુજરાતી", "gu"),
        ("Klingon", None),
        ("", None),
    ],
)
def test_languages(text: str, code: str | None) -> None:
    assert read_language(text) == code


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("4", 4),
        ("4.0", 4),
        ("4 pax", 4),
        ("4 log", 4),
        ("2+2", 4),
        ("2 adults 1 child", 3),
        ("2A+1C", 3),
        ("2 adults + 1 kid", 3),
        ("चार", 4),
        ("४", 4),
        ("two", 2),
        ("do log", 2),
        ("family", None),
        ("4-5", None),
        ("", None),
    ],
)
def test_numbers_of_people(text: str, count: int | None) -> None:
    assert read_count(text) == count
