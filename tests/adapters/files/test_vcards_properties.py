"""Whatever values a contact has, they come back; whatever bytes a file has, it is read or refused."""

from __future__ import annotations

import io
from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from parinaya_cli.adapters.files.vcards import open_vcards
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.imports import UnreadableRow

# Line ends other than \n become that, and blanks around a value say nothing.
values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=60).map(
    str.strip
)
words = st.text(st.characters(categories=["L"]), min_size=1, max_size=12)
numbers = st.from_regex(r"\+?[0-9][0-9 ()-]{5,14}[0-9]", fullmatch=True)


@dataclass(frozen=True)
class Contact:
    """What is written, and read again."""

    name: tuple[str, str]
    phones: tuple[str, ...]
    note: str
    town: str
    organisation: str
    nickname: str
    own: str


contacts = st.builds(
    Contact,
    name=st.tuples(words, words),
    phones=st.lists(numbers, min_size=1, max_size=3, unique=True).map(tuple),
    note=values,
    town=values.map(lambda text: " ".join(text.split())),
    organisation=values,
    nickname=values,
    own=values,
)


def _escaped(text: str) -> str:
    for char in "\\;,":
        text = text.replace(char, f"\\{char}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """At 75 bytes, as RFC 6350 and RFC 2425 say, here also in the middle of a character."""
    data = line.encode()
    pieces = [data[:75], *(data[place : place + 74] for place in range(75, len(data), 74))]
    return b"\r\n ".join(pieces)


def _quoted(line: str) -> bytes:
    """As vCard 2.1 does: a value in quoted-printable with soft line breaks."""
    head, _, value = line.partition(":")
    text = "".join(f"={byte:02X}" for byte in value.replace("\\n", "\n").encode())
    pieces = [text[place : place + 60] for place in range(0, len(text), 60)] or [""]
    return f"{head};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:".encode() + "=\r\n".join(pieces).encode()


def write(contact: Contact, version: str) -> bytes:
    given, family = contact.name
    as_uri = version == "4.0"
    lines = [
        f"FN:{_escaped(f'{given} {family}')}",
        f"N:{_escaped(family)};{_escaped(given)};;;",
        *(f"TEL;VALUE=uri:tel:{number}" if as_uri else f"TEL:{number}" for number in contact.phones),
        f"item1.NOTE:{_escaped(contact.note)}",
        f"ADR;TYPE=HOME:;;;{_escaped(contact.town)};;;",
        f"ORG:{_escaped(contact.organisation)}",
        f"NICKNAME:{_escaped(contact.nickname)}",
        f"X-OWN:{_escaped(contact.own)}",
    ]
    write_line = _quoted if version == "2.1" else _folded
    body = b"\r\n".join(map(write_line, lines))
    return b"BEGIN:VCARD\r\nVERSION:" + version.encode() + b"\r\n" + body + b"\r\nEND:VCARD\r\n"


@given(st.lists(contacts, min_size=1, max_size=4), st.sampled_from(["2.1", "3.0", "4.0"]))
def test_what_was_written_comes_back(written: list[Contact], version: str) -> None:
    found = open_vcards(io.BytesIO(b"".join(write(contact, version) for contact in written)))
    rows = [row for _, row in found.rows]
    assert len(rows) == len(written)
    for row, contact in zip(rows, written, strict=True):
        assert not isinstance(row, UnreadableRow)
        cells = dict(zip(found.header, row, strict=True))
        assert cells["full_name"] == " ".join(contact.name)
        assert (cells["given_name"], cells["family_name"]) == contact.name
        phones = [cells["phone"], *cells["phone_2"].split(" ; ")]
        assert tuple(filter(None, phones)) == contact.phones
        assert cells["notes"] == contact.note
        assert cells["city"] == contact.town
        assert cells["Organisation"] == contact.organisation
        assert cells["Nickname"] == contact.nickname
        assert cells["X-OWN"] == contact.own


PIECES = [
    *(
        b"BEGIN:VCARD\r\n",
        b"END:VCARD\n",
        b"BEGIN:VCARD\r",
        b"FN:Asha\n",
        b"N:;;a;;\n",
        b"\n",
        b" ",
        b"=",
        b":",
    ),
    *(b"TEL;waid=;PREF=\xd9\xa3:tel:1;ext=\n", b"AGENT:\n", b"PHOTO;ENCODING=b:AAAA\n", b"NOTE;BASE64:A\n"),
    *(b"NOTE;CHARSET=utf-16;ENCODING=QUOTED-PRINTABLE:=FF=\n", b"TEL;X-CUSTOM(A,=ZZ):1\n", b"KIND:group\n"),
    *(
        b"X-ANDROID-CUSTOM:a/relation;x;999\n",
        b'ADR;LABEL=":a;b\n',
        b"MEMBER:\n",
        b"UID:\n",
        b"item1.X-ABLabel:F\n",
    ),
    *(
        b"item1.TEL;HOME:fax\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"B\0E\0",
        b"\0",
        b"\x1a",
        b"LANG:\n",
        b"\\",
        b";",
    ),
    *(b"item1.X-ABLabel:Fax\n", b"NOTE;ENCODING=B:w6k=\n", b"TEL;TYPE=x=========\n", b"_.=:x\n", b"-:x\n"),
]
wild = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))


@given(wild)
@example(b"BEGIN:VCARD\nTEL;TYPE=" + b"=" * 60 + b"\nEND:VCARD\n")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = open_vcards(io.BytesIO(data))
        rows = list(found.rows)
    except UsedWrongly:
        return
    cells = [row.cells if isinstance(row, UnreadableRow) else row for _, row in rows]
    assert all(len(row) == len(found.header) for row in cells)
    lines = [line for line, _ in rows]
    assert lines == sorted(set(lines))


HEADS = [
    *(
        "FN",
        "FN;PREF=1",
        "N",
        "NICKNAME",
        "ORG",
        "TITLE",
        "ROLE",
        "NOTE",
        "CATEGORIES",
        "URL",
        "LABEL",
        "LANG",
    ),
    *(
        "TEL;HOME",
        "TEL;FAX",
        "item1.TEL",
        "item2.TEL",
        "TEL;X-CUSTOM(A,Shop)",
        "TEL;waid=919820012345",
        "EMAIL",
    ),
    *("item1.X-ABLabel", "item1.EMAIL", "item2.URL", "X-ABRELATEDNAMES", "RELATED;TYPE=spouse", "X-ABDATE"),
    *("ANNIVERSARY", "X-OWN", "x_own_2", "IMPP", "TEL;PAGER", "KIND", "NOTE;not a parameter", "GENDER"),
]


@given(
    st.lists(st.sampled_from(HEADS), max_size=20, unique=True), st.sampled_from(["Fax", "Driver", "pager"])
)
def test_every_value_of_a_card_has_a_column(heads: list[str], label: str) -> None:
    lines = [f"{head}:value{number}x" for number, head in enumerate(heads)]
    data = "\n".join(["BEGIN:VCARD", "item2.X-ABLabel:" + label, *lines, "END:VCARD", ""])
    found = open_vcards(io.BytesIO(data.encode()))
    [(_, row)] = found.rows
    assert not isinstance(row, UnreadableRow)
    said = " ".join(row).casefold()
    used = {head.partition(".")[0] for head in heads if head.startswith("item") and "X-AB" not in head}
    for number, head in enumerate(heads):
        if not head.endswith("X-ABLabel") or "item1" in used:
            assert f"value{number}x" in said, head
