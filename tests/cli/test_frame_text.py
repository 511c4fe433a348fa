"""Cleaning text, values for people, and the JSON document."""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.cli import text


class Side(Enum):
    BRIDE = "bride"


@dataclass(frozen=True)
class Guest:
    ref: str
    at: datetime
    sides: frozenset[Side]


IST = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("Asha\x1b[31m Rao\x1b[0m", "Asha Rao"),
        ("\x1b]0;title\x07Ravi", "Ravi"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2JRavi", "Ravi"),
        ("a\x1bPq#0\x1b\\b", "ab"),
        ("a\x08\x00\x7fb", "ab"),
        ("\u202egnol\u202c ok", "gnol ok"),
        ("ends in \x1b", "ends in "),
        ("ends in \x1b[12", "ends in "),
        ("शर्मा & Söhne 👰🏽\u200d♀️", "शर्मा & Söhne 👰🏽\u200d♀️"),
    ],
)
def test_a_terminal_is_not_steered_by_what_guests_wrote(dirty: str, clean: str) -> None:
    assert text.clean(dirty) == clean


def test_lines_stay_in_a_text_and_go_from_a_cell() -> None:
    assert text.clean("one\r\ntwo\tthree") == "one\ntwo\tthree"
    assert text.one_line(" one\r\n\r\ntwo\tthree\u2028four ") == "one two three four"


@given(st.text())
def test_nothing_that_steers_is_left_in_a_cell(anything: str) -> None:
    cell = text.one_line(anything)
    assert not [char for char in cell if ord(char) < 32 or 127 <= ord(char) < 160]
    assert text.one_line(cell) == cell
    assert len(cell.splitlines()) <= 1


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"])))
def test_what_does_not_steer_is_kept(harmless: str) -> None:
    assert text.one_line(harmless) == harmless


def test_values_become_what_json_knows() -> None:
    at = datetime(2026, 11, 28, 18, 30, tzinfo=IST)
    key = uuid.UUID(int=7)
    document = {
        "guest": Guest("P1", at, frozenset({Side.BRIDE})),
        "day": date(2026, 11, 28),
        "wait": timedelta(minutes=2),
        "id": key,
        "path": Path("a") / "b",
        "amount": Decimal("12.5"),
        "count": Decimal(3),
        Side.BRIDE: (1, None, True),
    }
    assert json.loads(text.as_json(document)) == {
        "guest": {"ref": "P1", "at": "2026-11-28T18:30:00+05:30", "sides": ["bride"]},
        "day": "2026-11-28",
        "wait": 120.0,
        "id": str(key),
        "path": "a/b",
        "amount": 12.5,
        "count": 3,
        "bride": [1, None, True],
    }


@pytest.mark.parametrize(
    "value",
    [datetime(2026, 1, 1), float("nan"), Decimal("Infinity")],  # noqa: DTZ001 (the mistake on test)
)
def test_what_would_mislead_a_program_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="about to be printed"):
        text.as_json({"value": value})


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        text.as_json({"value": b"raw"})


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_VALUES)
def test_a_document_is_read_back_as_it_was(value: object) -> None:
    document = text.as_json({"value": value})
    assert json.loads(document) == {"value": value}
    assert document.encode()  # no lone surrogate
    assert len(document.splitlines()) == 1
    assert not [char for char in document if ord(char) < 32 or 127 <= ord(char) < 160]


def test_letters_are_not_escaped() -> None:
    assert text.as_json({"name": "अनुष्का"}) == '{"name": "अनुष्का"}'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (0.5, "0.5"),
        (["vip", "bride"], "vip, bride"),
        ({"veg": 2, "jain": 1}, "veg=2, jain=1"),
        ([{"a": 1, "b": 2}, {"a": 3}], "a=1, b=2; a=3"),
        (Side.BRIDE, "bride"),
        (datetime(2026, 11, 28, 18, 30, 5, tzinfo=UTC), "2026-11-28 18:30+00:00"),
        ("two\nlines", "two lines"),
        ([], ""),
    ],
)
def test_values_for_people(value: object, shown: str) -> None:
    assert text.shown(value) == shown


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_when_to_colour(env: dict[str, str], terminal: bool, pipe: bool) -> None:
    assert text.may_colour(Screen(), env) is terminal
    assert text.may_colour(io.StringIO(), env) is pipe


def test_a_closed_stream_is_no_terminal() -> None:
    stream = Screen()
    stream.close()
    closed = io.StringIO()
    closed.close()
    assert text.is_terminal(closed) is False


def test_a_long_line_is_folded_between_words_and_under_its_own_beginning() -> None:
    assert text.folded("  The guest may not be on WhatsApp; call them.\nShort.", 24) == (
        "  The guest may not be\n  on WhatsApp; call\n  them.\nShort."
    )


def test_a_command_stays_on_one_line_where_it_fits() -> None:
    assert text.folded("Mend it with `parinaya people edit P12`, then go on.", 30) == (
        "Mend it with\n`parinaya people edit P12`,\nthen go on."
    )
    assert text.folded("Mend it: parinaya people edit P12", 30) == "Mend it:\nparinaya people edit P12"
    assert text.folded("Look: parinaya people edit P12", 12) == "Look:\nparinaya\npeople edit\nP12"


@given(st.text(alphabet="ab`\t\n ", max_size=60) | st.text(max_size=60), st.integers(1, 30))
def test_folding_loses_no_word_and_exceeds_the_width_for_none_but_one(told: str, width: int) -> None:
    folded = text.folded(told, width)
    assert [word for word in folded.replace("\n", " ").split(" ") if word] == [
        word for word in told.replace("\n", " ").split(" ") if word
    ]
    assert all(len(line) <= width or " " not in line.strip(" ") for line in folded.split("\n"))
