"""Messages that the rules were never made from: what is recorded from them is right."""

from __future__ import annotations

import pytest

from tests.domain.conversation import labelled
from tests.domain.conversation.labelled import Outcome


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [labelled.judge(row) for row in labelled.read()]


def test_there_are_enough_of_them_with_sound_labels() -> None:
    rows = labelled.read()
    assert len(rows) >= 320
    assert len({(row.text, row.said) for row in rows}) == len(rows)
    assert {row.said for row in rows} == {"invited", "counting", "answered", "one"}
    assert {label.split("=")[0].split("~")[0] for row in rows for label in row.events.split()} <= {
        *labelled.SLUGS,
        "*",
    }


def test_of_the_answers_recorded_at_least_ninety_nine_in_a_hundred_are_right(outcomes: list[Outcome]) -> None:
    recorded = [one for one in outcomes if one.recorded or one.step.consent is not None]
    wrong = [(one.row.text, one.wrong) for one in recorded if one.wrong]
    assert len(recorded) >= 0.35 * len(outcomes)
    assert len(wrong) <= 0.01 * len(recorded), wrong


def test_what_a_person_must_see_is_seen(outcomes: list[Outcome]) -> None:
    missed = [one.row.text for one in outcomes if one.row.wants_human and not (one.to_human or one.read_back)]
    assert len(missed) <= 0.02 * len(outcomes), missed
