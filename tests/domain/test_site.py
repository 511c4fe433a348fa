"""Links and forms of the pages, as values."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parinaya_cli.domain import site_links
from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.answers import Answer, AnswerStatus, check
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.events import Event
from parinaya_cli.domain.gifts import GiftsMode, GiftsNote, check_note, read_amount, show_amount
from parinaya_cli.domain.site import DIETS, OwnEvent, Said, read_form, to_record, trouble
from parinaya_cli.domain.site_links import LinkKind

KEYS = st.binary(min_size=16, max_size=16)
KINDS = st.sampled_from(list(LinkKind))
NOW = datetime(2027, 1, 1, tzinfo=UTC)


@given(KEYS, KINDS, st.binary(min_size=1, max_size=40))
def test_a_token_is_read_back_by_its_own_secret_and_kind_alone(
    key: bytes, kind: LinkKind, secret: bytes
) -> None:
    token = site_links.write(secret, kind, key)
    assert len(token) == 43
    assert site_links.read(secret, kind, token) == key
    other = next(one for one in LinkKind if one is not kind)
    assert site_links.read(secret, other, token) is None
    assert site_links.read(secret + b"x", kind, token) is None
    assert site_links.read(b"", kind, token) is None


@given(KEYS, st.integers(0, 42), st.characters(codec="ascii"))
def test_a_token_with_another_character_opens_nothing(key: bytes, place: int, letter: str) -> None:
    token = site_links.write(b"secret", LinkKind.UNIT, key)
    changed = token[:place] + letter + token[place + 1 :]
    assert (site_links.read(b"secret", LinkKind.UNIT, changed) is not None) == (changed == token)


@given(st.text(max_size=60))
def test_any_text_may_be_tried(text: str) -> None:
    assert site_links.read(b"secret", LinkKind.UNIT, text) is None


def test_a_household_has_a_key_for_each_seed() -> None:
    ids = [uuid.UUID(int=number) for number in range(4)]
    one = site_links.unit_key(b"s", ids[0], ids[1], ids[2])
    assert one == site_links.unit_key(b"s", ids[0], ids[1], ids[2])
    others = {
        site_links.unit_key(b"s", ids[0], ids[1], ids[3]),
        site_links.unit_key(b"s", ids[0], ids[3], ids[2]),
        site_links.unit_key(b"s", ids[3], ids[1], ids[2]),
        site_links.unit_key(b"t", ids[0], ids[1], ids[2]),
    }
    assert len(others | {one}) == 5


# ── forms ──────────────────────────────────────────────────────────────────────────────────────────────

NUMBERS = st.sampled_from(["", "0", "1", "2", "3", "4", "7", "500", "501", "-1", "x", "٣", "1e3", "9" * 30])
SAYS = st.builds(
    Said,
    st.sampled_from([None, "yes", "no", "maybe"]),
    st.none() | st.integers(0, 4),
    st.none(),
    st.none() | st.integers(0, 3),
    st.none() | st.integers(5, 9),
    st.dictionaries(st.sampled_from([*DIETS, "swaminarayan"]), st.integers(1, 2), max_size=2),
    st.sampled_from(["", "late"]),
    st.just(NOW),
)


def own(seats: int, said: Said) -> OwnEvent:
    event = Event(uuid.UUID(int=1), 1, "sangeet", "Sangeet", NOW + timedelta(days=9))
    return OwnEvent(event, seats, said, open=True)


@given(
    st.integers(1, 4), SAYS, st.sampled_from(["", "yes", "no", "maybe", "perhaps"]), NUMBERS, NUMBERS, NUMBERS
)
def test_what_is_recorded_never_contradicts_itself(
    seats: int, before: Said, status: str, heads: str, children: str, jain: str
) -> None:
    event = own(seats, before)
    fields = [
        ("status", status),
        ("heads", heads),
        ("children", children),
        ("diet.jain", jain),
        ("mark", before.mark),
    ]
    entered = read_form([(f"sangeet.{name}", value) for name, value in fields], ["sangeet"])["sangeet"]
    wanted = to_record(event, entered)
    if wanted is None or trouble(event, entered, wanted):
        return
    assert wanted.requested_heads is None or wanted.requested_heads > seats
    if wanted.requested_heads is None:
        answer = Answer(
            uuid.UUID(int=1), uuid.UUID(int=2), AnswerStatus(wanted.status or ""), NOW, Channel.SITE, "page",
            wanted.heads, wanted.adults, wanted.children, wanted.diets, wanted.note,
        )  # fmt: skip
        check(answer, seats)
    stands = own(seats, Said(**{**vars(wanted), "answered_at": NOW}))
    again = read_form([(f"sangeet.{name}", value) for name, value in fields], ["sangeet"])["sangeet"]
    assert to_record(stands, again) is None, "the same form a second time records nothing"


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=600)), max_size=20))
@example([("sangeet.note", "\u202eabc\x00\x07\r\nd"), ("sangeet.status", "yes")])
def test_any_form_can_be_read(pairs: list[tuple[str, str]]) -> None:
    for entered in read_form(pairs, ["sangeet", "haldi"]).values():
        assert len(entered.note) <= 500
        assert not set(entered.note) & set("\x00\x07\r\u202e\u2066")
        quote_plus(entered.note)


# ── gifts ──────────────────────────────────────────────────────────────────────────────────────────────


@given(st.decimals(0, 10**10, places=2))
def test_amounts_are_shown_as_they_are_read(amount: Decimal) -> None:
    assert read_amount(show_amount(amount)) == amount


def test_amounts_are_grouped_as_in_india() -> None:
    shown = [show_amount(Decimal(number)) for number in ("501", "5100", "151000", "12345678.5")]
    assert shown == ["₹501", "₹5,100", "₹1,51,000", "₹1,23,45,678.50"]
    for text in ("", "five", "-5", "1e3", "5.123", "NaN", "9" * 12):
        with pytest.raises(UsedWrongly):
            read_amount(text)


@pytest.mark.parametrize(
    "note",
    [
        GiftsNote(GiftsMode.REGISTRY),
        GiftsNote(GiftsMode.SHAGUN),
        GiftsNote(GiftsMode.CHARITY),
        GiftsNote(GiftsMode.SHAGUN, upi_id="no id"),
        GiftsNote(GiftsMode.SHAGUN, upi_id="a@b&am=1"),
        GiftsNote(GiftsMode.REGISTRY, urls=("javascript:alert(1)",)),
        GiftsNote(GiftsMode.REGISTRY, urls=('https://a.in/"onclick=x',)),
        GiftsNote(GiftsMode.REGISTRY, urls=("https://user:pw@a.in",)),
        GiftsNote(GiftsMode.NONE, text="x" * 601),
    ],
    ids=["no url", "no id", "no charity", "blank", "amount", "script", "quote", "password", "long"],
)
def test_what_a_page_could_not_say_is_refused(note: GiftsNote) -> None:
    with pytest.raises(UsedWrongly):
        check_note(note)
