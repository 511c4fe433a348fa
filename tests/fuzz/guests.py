"""What guests write and tap: numbers, messages, forms, links and buttons."""

from __future__ import annotations

import uuid

from hypothesis import strategies as st

from parinaya_cli.domain import phones, site, site_links, taps
from parinaya_cli.domain.conversation import questions, understand
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.site_links import LinkKind
from tests.fuzz.pieces import Target, words

SECRET = b"fuzz-secret"
WEDDING = uuid.UUID(int=7)
EVENTS = {"sangeet": "Sangeet", "reception": "Reception", "haldi": "Haldi"}


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

TARGETS: dict[str, Target] = {
    "phones": Target(
        st.tuples(
            words("+91", "98200", "10001", " ", "/", ",", "(0)", "ext", "9.82E+09", "'", "-", "०९८"),
            st.sampled_from(["IN", "US", "AE"]),
        ),
        check_phones,
    ),
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
}
