"""Messages with labels: what is recorded from them is right, and few of them need a person who is not needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.domain.conversation import labelled
from tests.domain.conversation.labelled import Outcome

LEARNED = (labelled.UNSEEN, labelled.FRESH, labelled.FOURTH)
FILES = (*LEARNED, labelled.THIRD_LEARNED, labelled.THIRD)


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def outcomes(request: pytest.FixtureRequest) -> list[Outcome]:
    return [labelled.judge(row) for row in labelled.read(request.param)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_there_are_enough_of_them_with_sound_labels(path: Path) -> None:
    rows = labelled.read(path)
    assert len(rows) >= 150
    assert len({(row.text, row.said) for row in rows}) == len(rows)
    assert {row.said for row in rows} <= {"invited", "counting", "answered", "one"}
    assert {label.split("=")[0].split("~")[0] for row in rows for label in row.events.split()} <= {
        *labelled.SLUGS,
        "*",
    }


def test_of_the_answers_recorded_at_least_ninety_nine_in_a_hundred_are_right(outcomes: list[Outcome]) -> None:
    recorded = [one for one in outcomes if one.recorded or one.step.consent is not None]
    wrong = [(one.row.text, one.wrong) for one in recorded if one.wrong]
    assert len(recorded) >= 0.2 * len(outcomes)
    assert len(wrong) <= 0.01 * len(recorded), wrong


def test_what_a_person_must_see_is_seen(outcomes: list[Outcome]) -> None:
    missed = [one.row.text for one in outcomes if one.row.wants_human and not (one.to_human or one.read_back)]
    assert len(missed) <= 0.02 * len(outcomes), missed


@pytest.mark.parametrize("path", LEARNED, ids=lambda path: path.stem)
def test_few_are_handed_to_a_person_who_need_none(path: Path) -> None:
    outcomes = [labelled.judge(row) for row in labelled.read(path)]
    assert sum(one.recorded for one in outcomes) >= 0.35 * len(outcomes)
    needless = [one.row.text for one in outcomes if one.to_human and not one.row.wants_human]
    assert len(needless) <= 0.08 * len(outcomes), needless
