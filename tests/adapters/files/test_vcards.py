"""Contacts as the programs of phones and computers write them, value by value; and broken ones."""

from __future__ import annotations

import codecs
import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from parinaya_cli.adapters.files.vcard_lines import MAX_LINE
from parinaya_cli.adapters.files.vcard_reading import FIELDS, TITLES, UNREAD
from parinaya_cli.adapters.files.vcards import MAX_OWN_COLUMNS, REST, VCards, open_vcards
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.headers import recognise
from parinaya_cli.domain.imports import UnreadableRow

CARDS = Path(__file__).parent / "cards"


def opened(data: str | bytes, encoding: str | None = None) -> VCards:
    return open_vcards(io.BytesIO(data.encode() if isinstance(data, str) else data), encoding)


def card(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VCARD", *lines, "END:VCARD", ""))


def told(data: str | bytes) -> list[tuple[int, dict[str, str], str]]:
    """Each row: its line, the cells that say something under their titles, and why it can't be read."""
    found = opened(data)
    rows = []
    for line, row in found.rows:
        broken = isinstance(row, UnreadableRow)
        cells = row.cells if isinstance(row, UnreadableRow) else row
        assert len(cells) == len(found.header)
        says = {title: cell for title, cell in zip(found.header, cells, strict=True) if cell}
        rows.append((line, says, str(row) if broken else ""))
    return rows


def people(data: str | bytes) -> list[dict[str, str]]:
    assert all(not why for _, _, why in told(data))
    return [says for _, says, _ in told(data)]


def one(*lines: str) -> dict[str, str]:
    [person] = people(card(*lines))
    return person


GOOD = card("FN:Asha", "TEL:98200 12345")


# ── files as the real programs write them ──────────────────────────────────────────────────────────────

ANDROID: list[tuple[int, Mapping[str, str]]] = [
    (
        1,
        {
            "full_name": "श्रीमती सुनीता शर्मा",
            "honorific": "श्रीमती",
            "given_name": "सुनीता",
            "family_name": "शर्मा",
            "phone": "098200-12345",
            "phone_2": "022-24461234",
            "email": "sunita.sharma@example.com",
            "city": "मुंबई",
            "notes": "मामी की तरफ से\nशाकाहारी, बिना प्याज",
            "Nickname": "Chinki",
            "Address": "फ्लैट ४, सागर दर्शन, कार्टर रोड, मुंबई, महाराष्ट्र, 400050, भारत",
            "Related": "Ramesh Sharma (spouse)",
        },
    ),
    (
        37,
        {
            "full_name": "જીગ્નેશભાઈ પટેલ",
            "given_name": "જીગ્નેશભાઈ",
            "family_name": "પટેલ",
            "phone": "+919898012345",
            "phone_2": "079-26401234",
            "Labelled": "દુકાન: 079-26401234",
        },
    ),
    (
        48,
        {
            "full_name": "Papa office Ramesh",
            "phone": "02222041111 ext 204",
            "Organisation": "Sharma Textiles, Mumbai",
            "Job title": "Owner; Director",
            "Fax": "02222041112",
        },
    ),
    (57, {"phone": "+91 98290 44112"}),
]
IPHONE: list[tuple[int, Mapping[str, str]]] = [
    (
        1,
        {
            "full_name": "Jignesh Mehta",
            "given_name": "Jignesh",
            "family_name": "Mehta",
            "phone": "+91 98250 12345",
            "phone_2": "+91 99250 54321 ; +91 281 246 1234",
            "email": "jignesh@example.in",
            "city": "Rajkot",
            "notes": "રાજકોટવાળા કાકા; જૈન ભોજન, રાત્રે નહીં. સ્ટેશનથી ગાડી મોકલવી.",
            "Nickname": "Jigu",
            "Organisation": "Mehta & Sons, Rajkot, Accounts",
            "Address": "12, Race Course Road Near Jubilee Garden, Rajkot, Gujarat, 360001, India",
            "Website": "http://mehta.example.in",
            "Related": "Hetal Mehta (spouse)",
            "Dates": "1998-02-11 (anniversary)",
            "Fax": "+91 281 246 1235",
            "Labelled": "Assistant: jignesh@example.in; Driver: +91 99250 54321",
            "X-SOCIALPROFILE": "http://twitter.example/jigu (twitter)",
        },
    ),
    (
        42,
        {
            "full_name": "Shree Caterers",
            "phone": "079 2640 1234",
            "Organisation": "Shree Caterers",
            "X-ABSHOWAS": "COMPANY",
        },
    ),
]
GOOGLE: list[tuple[int, Mapping[str, str]]] = [
    (
        1,
        {
            "full_name": "Asha Rao",
            "honorific": "Dr.",
            "given_name": "Asha",
            "family_name": "Rao",
            "phone": "+44 7911 123456",
            "phone_2": "+91 80 2345 6789",
            "email": "asha.rao@example.org ; a.rao@hospital.example",
            "city": "Bengaluru",
            "tags": "Bride family;starred",
            "notes": "Bride's maasi; flies in on the 9th",
            "Address": "1 Hill Street, London, W1, United Kingdom, 1 Hill Street London; "
            "14 4th Cross, Malleswaram, Bengaluru, Karnataka, 560003, India",
            "Website": "https://asha.example.org (PROFILE)",
        },
    ),
    (
        18,
        {
            "full_name": "Mr & Mrs Ramesh & Sunita Gupta",
            "honorific": "Mr & Mrs",
            "given_name": "Ramesh & Sunita",
            "family_name": "Gupta",
            "phone": "9811122233",
            "phone_2": "9811122234",
            "Labelled": "Sunita: 9811122234",
        },
    ),
]
OUTLOOK: list[tuple[int, Mapping[str, str]]] = [
    (
        1,
        {
            "full_name": "Andre Fernandes",
            "honorific": "Adv.",
            "given_name": "Andre",
            "family_name": "Fernandes",
            "phone": "+91 (98221) 23456",
            "phone_2": "+91 (832) 222-3344",
            "email": "andre@example.in",
            "city": "Panjim",
            "Organisation": "Fernandes & Assóciados, Panjim",
            "Job title": "Advocate, Notary",
            "Address": "18th June Road, Panjim, Goa, 403001, India",
            "Fax": "+91 (832) 222-3345",
        },
    )
]
WHATSAPP: list[tuple[int, Mapping[str, str]]] = [
    (
        1,
        {
            "full_name": "Vikram Seth",
            "given_name": "Vikram",
            "family_name": "Seth",
            "phone": "+91 98111 22333",
            "WhatsApp status": "account +919811122333",
        },
    ),
    (
        8,
        {
            "full_name": "नानी जी",
            "phone": "+919829044113",
            "phone_2": "0141 236 1234",
            "WhatsApp status": "account +919829044113",
        },
    ),
    (
        15,
        {
            "full_name": "Kabir new UAE",
            "phone": "+971501234567",
            "phone_2": "050 765 4321",
            "WhatsApp status": "account +971501234567",
            "X-WA-BIZ-NAME": "Kabir Events",
            "X-WA-BIZ-DESCRIPTION": "Lights, sound and flowers",
        },
    ),
]
MACOS: list[tuple[int, Mapping[str, str]]] = [
    (
        1,
        {
            "full_name": "Prof. Madhavi Anant Deshpande",
            "honorific": "Prof.",
            "given_name": "Madhavi Anant",
            "family_name": "Deshpande",
            "phone": "+91 98220 54321",
            "phone_2": "+91 20 2553 1234",
            "email": "madhavi@college.example",
            "tags": "Groom’s college",
            "external_id": "8F2A5B1C-0001",
        },
    ),
    (
        30,
        {
            "full_name": "Leela Kaul",
            "given_name": "Leela",
            "family_name": "Kaul",
            "phone": "+91 94190 12345",
            "external_id": "8F2A5B1C-0002",
        },
    ),
]
MODERN: list[tuple[int, Mapping[str, str]]] = [
    (
        1,
        {
            "full_name": "सुनीता अग्रवाल",
            "phone": "+91-98110-12345",
            "phone_2": "+91-11 2612-3456 ; +91-11-2345-6789 ext 12",
            "email": "sunita@example.com ; sunita.two@example.com",
            "city": "New Delhi",
            "tags": "Close;Delhi side;Garba night",
            "language": "hi",
            "notes": "Line one\nline two, with a comma; and more",
            "external_id": "4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
            "Other name": "Sunita Agarwal",
            "Organisation": "Green Park Dance Class",
            "Address": "C-12 Green Park, New Delhi, 110016, India",
            "Related": "Mohan Agarwal (spouse); urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf7 (child)",
            "Dates": "20010211 (anniversary)",
            "Also speaks": "en",
            "GENDER": "F",
        },
    ),
    (34, {"full_name": "Hotel Lake Palace", "phone": "+91-294-242-8800", "Kind": "org"}),
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("android_21", ANDROID),
        ("iphone_30", IPHONE),
        ("google_30", GOOGLE),
        ("outlook_21", OUTLOOK),
        ("whatsapp", WHATSAPP),
        ("macos_30", MACOS),
        ("modern_40", MODERN),
    ],
)
def test_every_value_of_a_real_program(name: str, expected: list[tuple[int, Mapping[str, str]]]) -> None:
    data = (CARDS / f"{name}.vcf").read_bytes()
    expected_rows = [(line, dict(cells), "") for line, cells in expected]
    assert [(line, cells, why) for line, cells, why in told(data)] == expected_rows


def test_what_was_left_out_is_told() -> None:
    assert opened((CARDS / "macos_30.vcf").read_bytes()).notes == (
        "Pictures, sounds and keys were left out unread: 1.",
        "The group “Groom’s college” became a tag of its members: 1 here, and 1 who are not in the file.",
    )
    android = opened((CARDS / "android_21.vcf").read_bytes())
    assert android.notes[1] == "Birthdays are not kept, and were left out: 1."
    assert "1968" not in str(list(android.rows))


def test_no_title_of_ours_is_taken_for_another_field() -> None:
    shown = dict(recognise([*FIELDS, *TITLES, REST, UNREAD], {}).shown)
    assert {title: field for title, field in shown.items() if field} == {name: name for name in FIELDS}


# ── one thing at a time ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("N:Sharma;Ramesh;Kumar;Shri;ji",), "Shri Ramesh Kumar Sharma ji"),
        (("FN:", "ORG:Shree Tent House;Jaipur"), "Shree Tent House, Jaipur"),
        (("NICKNAME:Bittu",), "Bittu"),
        (("FN:Papa office", "N:Sharma;Ramesh;;;"), "Papa office"),
    ],
)
def test_a_card_without_a_full_name(lines: tuple[str, ...], name: str) -> None:
    assert one(*lines)["full_name"] == name


def test_a_structured_name_that_says_something_else_is_another_name() -> None:
    person = one("FN:Papa office", "N:Sharma;Ramesh;;Shri;")
    assert (person["Other name"], "family_name" in person) == ("Shri Ramesh Sharma", False)


@pytest.mark.parametrize(
    ("lines", "phone", "others"),
    [
        (("TEL;HOME:1111111", "TEL;CELL:2222222"), "2222222", "1111111"),
        (("TEL;WORK:1111111", "TEL;HOME:2222222", "TEL:3333333"), "3333333", "2222222 ; 1111111"),
        (("TEL;CELL:1111111", "TEL;HOME;PREF:2222222"), "2222222", "1111111"),
        (("TEL;PREF=3:1111111", "TEL;PREF=1:2222222"), "2222222", "1111111"),
        (("TEL;type=pref:1111111", "TEL;waid=919820012345:98200 12345"), "+919820012345", "1111111"),
        (("TEL;waid=919820012345:my number",), "+919820012345", "my number"),
        (("TEL;TYPE=FAX,PREF:1111111", "TEL;TYPE=PAGER:3333333", "TEL:2222222"), "2222222", ""),
        (("TEL;CELL:1111111", "TEL;VOICE:1111111"), "1111111", ""),
    ],
)
def test_the_phone_that_goes_first(lines: tuple[str, ...], phone: str, others: str) -> None:
    person = one("FN:Ramesh", *lines)
    assert (person["phone"], person.get("phone_2", "")) == (phone, others)


def test_a_value_may_have_commas_without_a_backslash() -> None:
    person = one("FN:Asha", "NOTE:Ring, then knock; twice", r"ORG:Rao, Rao & Sons;Sales", "TITLE:CA, CS")
    assert (person["notes"], person["Organisation"]) == ("Ring, then knock; twice", "Rao, Rao & Sons, Sales")


def test_lines_that_are_no_property_are_kept_with_the_person() -> None:
    person = one("FN:Asha", "this line has nothing to say", "TEL;;CELL:98200 12345", ":odd")
    assert person[UNREAD] == "this line has nothing to say\n:odd"
    assert person["phone"] == "98200 12345"


def test_values_in_base64_and_with_line_breaks_of_windows() -> None:
    person = one("FN:Asha", "NOTE;ENCODING=b:w6k=", "NOTE;QUOTED-PRINTABLE:one=0D=0Atwo", "TITLE;BASE64:A")
    assert person == {"full_name": "Asha", "notes": "é\none\ntwo", UNREAD: "TITLE;BASE64:A"}


@pytest.mark.parametrize("charset", ["windows-1251", "ISO-8859-15", "latin1", "US-ASCII", "Shift_JIS", "GBK"])
def test_charsets_have_the_names_that_programs_give_them(charset: str) -> None:
    assert one(f"FN;CHARSET={charset}:Asha") == {"full_name": "Asha"}


def test_more_kinds_of_properties_than_columns() -> None:
    cards = [card(f"FN:Guest {n}", f"X-OWN-{n}:value {n}") for n in range(MAX_OWN_COLUMNS + 5)]
    found = people("".join(cards))
    assert found[3]["X-OWN-3"] == "value 3"
    assert found[-1][REST] == f"X-OWN-{MAX_OWN_COLUMNS + 4}: value {MAX_OWN_COLUMNS + 4}"


def test_pictures_are_dropped_whatever_they_look_like() -> None:
    wide = "A" * (2 * MAX_LINE)
    nested = ("AGENT:", "BEGIN:VCARD", "FN:Secretary", "TEL:12345678", "END:VCARD")
    loose = ("LOGO;ENCODING=BASE64:", "AAAA", "BBBB/+==", "", "NOTE:after it")
    person = one("FN:Asha", f"PHOTO;ENCODING=b:{wide}", *nested, *loose, "SOUND;BASE64:AAAA", "\tBBBB")
    assert person == {"full_name": "Asha", "notes": "after it"}


# ── encodings ──────────────────────────────────────────────────────────────────────────────────────────

NAMED = card("FN:José शर्मा")


@pytest.mark.parametrize(
    ("data", "shown", "name"),
    [
        (NAMED.encode(), "utf-8", "José शर्मा"),
        (NAMED.encode("utf-8-sig"), "utf-8 (byte-order mark)", "José शर्मा"),
        (NAMED.encode("utf-16"), "utf-16 (byte-order mark)", "José शर्मा"),
        (codecs.BOM_UTF32_BE + NAMED.encode("utf-32-be"), "utf-32 (byte-order mark)", "José शर्मा"),
        (NAMED.encode("utf-16-le"), "utf-16-le (guessed)", "José शर्मा"),
        (card("FN:José").encode("cp1252"), "cp1252 (guessed)", "José"),
        (card("FN;CHARSET=ISO-8859-5:Иван").encode("iso8859-5"), "utf-8", "Иван"),
        (card("FN;ENCODING=quoted-printable;CHARSET=windows-1252:Jos=E9").encode(), "utf-8", "José"),
        (NAMED.encode().replace(b"\r\n", b"\r"), "utf-8", "José शर्मा"),
    ],
)
def test_encodings(data: bytes, shown: str, name: str) -> None:
    assert opened(data).encoding == shown
    assert people(data) == [{"full_name": name}]


def test_a_character_may_be_folded_in_its_middle() -> None:
    data = card("FN:सुनीता").encode()
    middle = data.index("नी".encode()) + 1
    assert people(data[:middle] + b"\r\n " + data[middle:]) == [{"full_name": "सुनीता"}]


def test_the_end_of_a_card_is_never_part_of_a_line() -> None:
    assert people(GOOD.replace("END:", "  END:") + GOOD) == people(GOOD + GOOD)


def test_an_encoding_that_was_given() -> None:
    found = opened(card("FN:José").encode("cp850"), "cp850")
    assert (found.encoding, next(found.rows)[1][0]) == ("cp850", "José")
    with pytest.raises(UsedWrongly, match="no encoding “punycode”"):
        opened(NAMED, "punycode")


# ── broken ones ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("broken", "rows", "why"),
    [
        ("BEGIN:VCARD\r\nFN:Ravi\r\nTEL:98111 22333\r\n", 1, "is not closed"),
        ("FN:Ravi\r\nTEL:98111 22333\r\nEND:VCARD\r\n", 1, "outside of a card"),
        (card("FN:Ravi", "TEL:98111 22333", f"NOTE:{'x' * MAX_LINE}"), 1, "Line 8 is longer than 1 MiB"),
        (card("FN:Ravi", "TEL:98111 22333", "NOTE;CHARSET=klingon:x"), 1, "not known here: klingon"),
        (card("FN:Ravi", "TEL:98111 22333", "NOTE;QUOTED-PRINTABLE:=E0=A4"), 1, "Line 8 is not in utf-8"),
        (card("FN:Ravi", "TEL:98111 22333", *["BEGIN:X"] * 3, *["END:X"] * 3), 1, "more than 3 deep"),
        ("BEGIN:VCARD\r\nFN:Ravi\r\nTEL:98111 22333\r\nNOTE;QUOTED-PRINTABLE:a=\r\n", 1, "is not closed"),
        (card("FN:Ravi", "TEL:98111 22333", "AGENT:", "BEGIN:VCARD", "END:X", "FN:X"), 1, "is not closed"),
        (card("FN:Ravi", "TEL:98111 22333", *["X-A:1"] * 5000), 1, "more than 5,000 lines"),
    ],
)
def test_a_broken_card_costs_no_other(broken: str, rows: int, why: str) -> None:
    found = told(GOOD + broken + GOOD)
    bad = [row for row in found if row[2]]
    assert len(bad) == rows
    assert why in bad[0][2]
    assert bad[0][0] == 5
    assert (bad[0][1]["full_name"], bad[0][1]["phone"]) == ("Ravi", "98111 22333")
    good = {"full_name": "Asha", "phone": "98200 12345"}
    assert [row[1] for row in found if not row[2]] == [good, good]


def test_one_card_with_other_bytes_among_many() -> None:
    data = (card("FN:शर्मा") * 2).encode() + card("FN:Jos\xe9").encode("cp1252") + card("FN:गुप्ता").encode()
    assert [(line, why) for line, _, why in told(data)] == [
        (1, ""),
        (4, ""),
        (7, "Line 8 is not in utf-8, as it should be."),
        (10, ""),
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "holds no contact"),
        (
            card("FN:Friends", "KIND:group", "MEMBER:urn:uuid:1").encode(),
            "groups of contacts, but no contact",
        ),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "holds no contact"),
        ((card("FN:A") * 20_001).encode(), "more than 20,000 contacts"),
        ("BEGIN:VCARD\r\nFN:A".encode("utf-16") + b"\x00", "is not utf-16"),
    ],
)
def test_a_file_that_is_refused_as_a_whole(data: bytes, why: str) -> None:
    with pytest.raises(UsedWrongly, match=why):
        opened(data)
