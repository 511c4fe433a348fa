from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain import taps
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.taps import TapMeaning

SECRET = b"a secret of some length"
WEDDING = uuid.UUID("01890000-0000-7000-8000-000000000001")
OTHER_WEDDING = uuid.UUID("01890000-0000-7000-8000-000000000002")

meanings = st.builds(
    TapMeaning,
    answer=st.sampled_from(["yes", "no", "maybe", "stop"]),
    unit=st.integers(1, 999_999_999),
    events=st.lists(st.integers(1, 9999), max_size=14).map(tuple),
)


def test_a_payload_looks_as_documented() -> None:
    payload = taps.write(SECRET, WEDDING, TapMeaning("yes", 12, (1, 3, 4)))
    assert payload.startswith("pn1.y.U12.E1-E3-E4.")
    assert len(payload.rsplit(".", 1)[1]) == 22  # 128 bits in base64


@given(meanings, st.binary(min_size=1))
def test_what_was_written_is_read_back(meaning: TapMeaning, secret: bytes) -> None:
    payload = taps.write(secret, WEDDING, meaning)
    assert payload.isascii()
    assert len(payload) < 128
    assert taps.read(secret, WEDDING, payload) == meaning


@given(meanings, st.data())
def test_any_changed_character_fails(meaning: TapMeaning, data: st.DataObject) -> None:
    payload = taps.write(SECRET, WEDDING, meaning)
    place = data.draw(st.integers(0, len(payload) - 1))
    other = data.draw(st.characters().filter(lambda character: character != payload[place]))
    assert taps.read(SECRET, WEDDING, payload[:place] + other + payload[place + 1 :]) is None


@given(meanings, st.data())
def test_a_missing_or_added_character_fails(meaning: TapMeaning, data: st.DataObject) -> None:
    payload = taps.write(SECRET, WEDDING, meaning)
    place = data.draw(st.integers(0, len(payload) - 1))
    assert taps.read(SECRET, WEDDING, payload[:place] + payload[place + 1 :]) is None
    assert taps.read(SECRET, WEDDING, payload[:place] + data.draw(st.characters()) + payload[place:]) is None


@given(meanings)
def test_another_wedding_or_secret_reads_nothing(meaning: TapMeaning) -> None:
    payload = taps.write(SECRET, WEDDING, meaning)
    assert taps.read(SECRET, OTHER_WEDDING, payload) is None
    assert taps.read(SECRET + b"x", WEDDING, payload) is None
    assert taps.read(b"", WEDDING, payload) is None


@given(st.text())
def test_texts_of_others_are_not_ours(text: str) -> None:
    assert taps.read(SECRET, WEDDING, text) is None


@pytest.mark.parametrize(
    "meaning",
    [
        TapMeaning("perhaps", 1, (1,)),
        TapMeaning("yes", 0, (1,)),
        TapMeaning("yes", 1, (0,)),
        TapMeaning("yes", -4, ()),
        TapMeaning("yes", 1, tuple(range(1, 60))),
    ],
)
def test_what_no_button_can_say_is_refused(meaning: TapMeaning) -> None:
    with pytest.raises(UsedWrongly):
        taps.write(SECRET, WEDDING, meaning)


def test_no_secret_no_button() -> None:
    with pytest.raises(UsedWrongly, match="secret"):
        taps.write(b"", WEDDING, TapMeaning("yes", 1, (1,)))
