"""What is thrown at everything that reads foreign bytes, and what must hold whatever comes.

A target is a strategy and a check. Whatever is not a house error is a finding; so is a row that vanishes.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from parinaya_cli.adapters.exports.workbooks import Workbook
from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.adapters.files.lists import open_list
from parinaya_cli.adapters.whatsapp import envelope, parsing, signature
from parinaya_cli.domain import phones, site, site_links, taps
from parinaya_cli.domain.conversation import questions, understand
from parinaya_cli.domain.errors import Failed, ParinayaError, UsedWrongly
from parinaya_cli.domain.exports import Column
from parinaya_cli.domain.imports import UnreadableRow
from parinaya_cli.domain.site_links import LinkKind
from parinaya_cli.ports import ReadingOptions
from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.faults import parse_fault
from parinaya_cli.sandbox.guests import read_script
from parinaya_cli.sandbox.media import read_upload
from parinaya_cli.settings import file as settings_file

SECRET = b"fuzz-secret"
WEDDING = uuid.UUID(int=7)
EVENTS = {"sangeet": "Sangeet", "reception": "Reception", "haldi": "Haldi"}


@dataclass(frozen=True)
class Target:
    """``cases``: what comes in; ``check``: raises when something does not hold."""

    cases: st.SearchStrategy[Any]
    check: Callable[[Any], None]


def words(*known: str) -> st.SearchStrategy[str]:
    """Texts put together from known pieces and from anything."""
    piece = st.one_of(st.sampled_from(known), st.text(max_size=6))
    return st.lists(piece, max_size=14).map("".join)


def spliced(whole: bytes) -> st.SearchStrategy[bytes]:
    """A right file with some bytes cut out and others put in."""
    place = st.integers(0, len(whole))
    return st.lists(st.tuples(place, st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=4).map(
        lambda cuts: _splice(whole, cuts)
    )


def _splice(whole: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, more in cuts:
        whole = whole[:place] + more + whole[place + length :]
    return whole


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# ── WhatsApp's deliveries ──────────────────────────────────────────────────────────────────────────────

_KEYS = re.findall(
    r"\w+",
    """
    object entry changes value field id metadata phone_number_id display_phone_number contacts wa_id
    profile name messages statuses errors from from_user_id user_id timestamp type text body button
    payload interactive button_reply list_reply title status recipient_id biz_opaque_callback_data code
    error_data details image caption system user_preferences category event message_template_name
    message_template_language time
    """,
)
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**21), 10**21),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["919820010001", "1763800000", "sent", "failed", "text", "button", "messages", "stop", "en", "\x00"]
    ),
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=20,
)
_VALUES = st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=8).map(
    lambda told: {"metadata": {"phone_number_id": "106540352242922"}, **told}
)


def _delivery(changes: list[tuple[str, dict[str, Any]]]) -> bytes:
    told = [{"field": name, "value": value} for name, value in changes]
    body = {"object": envelope.OBJECT, "entry": [{"id": "1022", "time": 1763800000, "changes": told}]}
    return json.dumps(body).encode("ascii")


_FIELDS = st.sampled_from(
    [
        "messages",
        "user_preferences",
        "account_update",
        "message_template_status_update",
        "account_alerts",
        "x",
    ]
)
_DELIVERIES = st.one_of(
    st.binary(max_size=200),
    _JSON.map(lambda told: json.dumps(told).encode("ascii")),
    st.lists(st.tuples(_FIELDS, _VALUES), min_size=1, max_size=4).map(_delivery),
)


def check_delivery(body: bytes) -> None:
    """Every item becomes an update with a key that Postgres takes; the receiver and the worker agree."""
    kind = parsing.look(body).kind
    try:
        updates = parsing.parse(body)
    except UsedWrongly:
        assert kind == "other"
        return
    except Failed:
        assert kind == "beyond"
        return
    assert kind == "object"
    assert len(updates) == len(envelope.items(body)) >= 1
    assert updates == parsing.parse(body) or "nan" in repr(updates)
    for one in updates:
        assert "\x00" not in one.key
        one.key.encode("utf-8")


def check_signature(told: tuple[str, bytes, str]) -> None:
    """Only the right header opens the door, and it always does."""
    secret, body, header = told
    right = signature.sign(secret, body)
    assert signature.check([secret], body, header) == (bool(secret) and header == right)
    assert signature.check(["other", secret], body, right) == bool(secret)
    assert not signature.check([secret], body + b"x", right)


# ── lists ──────────────────────────────────────────────────────────────────────────────────────────────


def read(content: bytes, name: str) -> list[list[str] | UnreadableRow]:
    """All rows of a list."""
    opened = open_list(io.BytesIO(content), name, ReadingOptions(), Limits())
    return [row for sheet in opened.sheets for _, row in sheet.rows]


def check_list(content: bytes) -> None:
    """Any bytes as a list: rows, or a house error."""
    try:
        rows = read(content, "list")
    except ParinayaError:
        return
    assert all(isinstance(row, list | UnreadableRow) for row in rows)


_CELLS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
_ROWS = st.lists(
    st.tuples(_CELLS, st.integers(6_000_000_000, 9_999_999_999), _CELLS), min_size=1, max_size=12
)
_TITLES = ("Name", "Mobile", "City")


def check_csv(rows: list[tuple[str, int, str]]) -> None:
    """What was written comes back, row by row."""
    text = io.StringIO()
    csv.writer(text).writerows([_TITLES, *rows])
    found = read(text.getvalue().encode(), "list.csv")
    assert found == [[name, str(phone), city] for name, phone, city in rows]


def workbook(rows: list[tuple[str, int, str]]) -> bytes:
    """A workbook as parinaya writes one."""
    file = io.BytesIO()
    book = Workbook(file, [Column(title) for title in _TITLES], ZoneInfo("Asia/Kolkata"))
    book.begin_sheet("Guests")
    book.write([(name, str(phone), city) for name, phone, city in rows])
    book.finish()
    return file.getvalue()


def check_workbook(rows: list[tuple[str, int, str]]) -> None:
    """What was exported comes back."""
    found = read(workbook(rows), "list.xlsx")
    assert found == [[name, str(phone), city] for name, phone, city in rows]


_CARD_LINES = st.lists(
    words(
        *(
            "FN",
            "N",
            "TEL",
            "EMAIL",
            "NOTE",
            "ORG",
            ";",
            ":",
            "TYPE=CELL",
            "CHARSET=UTF-16",
            "=",
            "=41",
            "\\n",
            ",",
        ),
        *(
            "ENCODING=QUOTED-PRINTABLE",
            "ENCODING=BASE64",
            "+919820010001",
            "item1.",
            "X-ABLABEL",
            "BDAY",
            "UID",
        ),
    ).map(lambda text: "".join(c for c in text if c.isprintable())),
    max_size=6,
)


def check_cards(cards: list[list[str]]) -> None:
    """As many people as cards, each a row or told to be unreadable; a card that is a group is no person."""
    text = ""
    for number, lines in enumerate(cards):
        notes = "".join(f"NOTE:{one}\r\n" for one in lines)
        text += f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Guest {number}\r\n{notes}END:VCARD\r\n"
    assert len(read(text.encode(), "people.vcf")) == len(cards)


def check_loose_cards(cards: list[list[str]]) -> None:
    """Cards whose lines are anything: rows, or a house error."""
    check_list("".join(f"BEGIN:VCARD\n{chr(10).join(lines)}\nEND:VCARD\n" for lines in cards).encode())


# ── people's words ─────────────────────────────────────────────────────────────────────────────────────


def check_phones(told: tuple[str, str]) -> None:
    """A cell gives numbers in E.164 or says why not; a number that is shown is read again as the same."""
    text, region = told
    for phone in phones.read_cell(text, region):
        if phone.e164 is None:
            assert phone.note
            continue
        assert phone.e164[0] == "+"
        assert phone.e164[1:].isascii()
        assert phone.e164[1:].isdigit()
        assert [one.e164 for one in phones.read_cell(phones.show(phone.e164), region)] == [phone.e164]
        phones.mask(phone.e164)
    try:
        phones.parse_one(text, region)
    except UsedWrongly:
        return


def check_words(text: str) -> None:
    """A guest's message has a meaning or none; counts are counts."""
    meaning = understand.understand(text, EVENTS)
    questions.find(text, EVENTS)
    assert meaning.heads is None or meaning.heads >= 0
    assert not (meaning.sure and meaning.intent is understand.Intent.UNCLEAR)
    assert {*meaning.only, *meaning.except_} <= set(EVENTS)


def check_form(pairs: list[tuple[str, str]]) -> None:
    """The form of a household's page: what can't be read has its trouble named."""
    for entered in site.read_form(pairs, list(EVENTS)).values():
        assert len(entered.note) <= site.LONGEST_NOTE
        assert all(0 <= (one or 0) <= site.MOST_PEOPLE for one in (entered.heads, entered.children))


# ── tokens, settings, the stand-in ─────────────────────────────────────────────────────────────────────


def check_tokens(told: tuple[str, bytes]) -> None:
    """Nothing made up opens a page or taps a button; what was written does."""
    text, key = told
    assert taps.read(SECRET, WEDDING, text) is None
    assert site_links.read(SECRET, LinkKind.UNIT, text) is None
    token = site_links.write(SECRET, LinkKind.UNIT, key)
    assert site_links.read(SECRET, LinkKind.UNIT, token) == key
    assert site_links.read(SECRET, LinkKind.DASHBOARD, token) is None
    meaning = taps.TapMeaning("yes", int.from_bytes(key[:3], "big") + 1, (1, 2))
    assert taps.read(SECRET, WEDDING, taps.write(SECRET, WEDDING, meaning)) == meaning


def check_settings(content: bytes) -> None:
    """Any ``config.toml`` is read or refused with a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_bytes(content)
        path.chmod(0o600)
        try:
            settings_file.read_texts(path)
        except UsedWrongly:
            return


def check_upload(told: tuple[bytes, str]) -> None:
    """A multipart upload to the stand-in is taken, or refused as the Graph API refuses."""
    try:
        _, data = read_upload(*told)
    except GraphError:
        return
    assert data


def check_script(text: str) -> None:
    """Guests' scripts and faults are read or refused."""
    for reader in (parse_fault, read_script):
        try:
            reader(text)
        except (UsedWrongly, ValueError):
            continue


_PARTS = (
    "--b\r\n",
    "\r\n",
    'Content-Disposition: form-data; name="file"',
    "Content-Type: image/png",
    "whatsapp",
)
_SETTING_PIECES = (
    *(
        "parinaya_debug",
        "whatsapp_phone_number_id",
        "home",
        " = ",
        '"',
        "'''",
        "\n",
        "[",
        "]",
        "{",
        "true",
        "1",
    ),
    *("9" * 5000, "1979-05-27", "\\u0000", "#", "=", "inf"),
)
_SENTENCES = (
    *(
        "yes ",
        "no ",
        "haan ",
        "nahi ",
        "4 ",
        "log ",
        "sangeet ",
        "reception ",
        "only ",
        "but ",
        "not ",
        "maybe ",
        "१२ ",
    ),
    *("stop ", "2 adults 1 child ", "jain ", "veg ", "?", ",", "99999999999999999999 ", "हाँ ", "👍🏽", "\n"),
)
_PIECES = (
    "kind: ",
    "guests:\n",
    "  - ",
    "phone: ",
    "+919812345678",
    "household: x\n",
    "does: ",
    "error:1",
    "x*",
    "@",
)

TARGETS: dict[str, Target] = {
    "signature": Target(
        st.tuples(st.text(max_size=8), st.binary(max_size=40), words("sha256=", "ab" * 32)), check_signature
    ),
    "webhook": Target(_DELIVERIES, check_delivery),
    "phones": Target(
        st.tuples(
            words("+91", "98200", "10001", " ", "/", ",", "(0)", "ext", "9.82E+09", "'", "-", "०९८"),
            st.sampled_from(["IN", "US", "AE"]),
        ),
        check_phones,
    ),
    "list": Target(
        st.one_of(st.binary(max_size=300), words("Name", "Mobile", ",", ";", "\n", '"', "\t").map(_encoded)),
        check_list,
    ),
    "csv": Target(_ROWS, check_csv),
    "workbook": Target(_ROWS, check_workbook),
    "broken workbook": Target(spliced(workbook([("Asha", 9820010001, "Pune")] * 3)), check_list),
    "vcard": Target(st.lists(_CARD_LINES, min_size=1, max_size=4), check_cards),
    "loose vcard": Target(st.lists(_CARD_LINES, min_size=1, max_size=4), check_loose_cards),
    "conversation": Target(words(*_SENTENCES), check_words),
    "form": Target(
        st.lists(
            st.tuples(
                words("sangeet.", "haldi.", "status", "heads", "children", "diet.jain", "note"),
                words("yes", "4", "४", "99999", "\u202e", "\x00"),
            ),
            max_size=8,
        ),
        check_form,
    ),
    "tokens": Target(
        st.tuples(words("pn1.", "y.", "U1.", "E1-E2.", "A" * 43), st.binary(min_size=16, max_size=16)),
        check_tokens,
    ),
    "settings": Target(
        st.one_of(st.binary(max_size=60), words(*_SETTING_PIECES).map(_encoded)), check_settings
    ),
    "upload": Target(
        st.tuples(words(*_PARTS).map(_encoded), words("multipart/form-data; ", "boundary=", "b", '"')),
        check_upload,
    ),
    "script": Target(words(*_PIECES), check_script),
}
"""What is fuzzed, by name."""
