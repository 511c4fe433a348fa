"""Guest lists and answers when households are put together and taken apart: nothing is lost, nothing is made."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.answers import Answer, AnswerStatus, check
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.units_moves import Said, Stand, apart, together

NAMES = ("U1", "U2")
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def said(
    status: str, heads: int | None = None, *, minute: int = 0, diets: dict[str, int] | None = None
) -> Said:
    return Said(
        AnswerStatus(status), BEGIN + timedelta(minutes=minute), heads, diets=diets or {}, source="web"
    )


def stand(seats: int | None, answer: Said | None = None, event: str = "sangeet") -> Stand:
    return Stand(uuid.uuid5(uuid.NAMESPACE_DNS, event), event, seats, answer)


def test_both_come_and_are_counted_together() -> None:
    [move] = together(
        [stand(4, said("yes", 4, diets={"jain": 2}))],
        [stand(2, said("yes", 1, minute=5, diets={"jain": 1, "vegan": 1}))],
        NAMES,
    )
    assert move.said is not None
    assert (move.seats, move.said.status, move.said.heads) == (6, AnswerStatus.YES, 5)
    assert move.said.diets == {"jain": 3, "vegan": 1}
    assert move.said.given_at == BEGIN + timedelta(minutes=5)
    assert "U1 said yes (4) and U2 said yes (1)" in move.said.source


@pytest.mark.parametrize(
    ("ours", "theirs", "status", "heads"),
    [
        (said("yes", 3), said("no"), "yes", 3),
        (said("maybe"), said("no"), "maybe", None),
        (said("no"), said("no"), "no", None),
        (said("maybe"), said("yes", 2), "yes", 2),
        (said("yes"), said("yes", 2), "yes", 2),
    ],
)
def test_of_two_answers_the_one_that_brings_somebody_holds(
    ours: Said, theirs: Said, status: str, heads: int | None
) -> None:
    [move] = together([stand(3, ours)], [stand(2, theirs)], NAMES)
    assert move.said is not None
    assert (move.said.status, move.said.heads) == (status, heads)


def test_what_was_not_answered_is_told() -> None:
    [move] = together([stand(3, said("yes", 3))], [stand(2)], NAMES)
    assert move.said is None
    assert any("U2 had not answered" in note for note in move.notes)
    [move] = together([stand(None)], [stand(2, said("no"))], NAMES)
    assert move.said is not None
    assert (move.seats, move.said.status) == (2, "no")


def test_only_guest_lists_of_the_other_change_anything() -> None:
    assert together([stand(3)], [stand(None, said("no"))], NAMES) == []
    with pytest.raises(UsedWrongly, match="500"):
        together([stand(300)], [stand(201)], NAMES)


@pytest.mark.parametrize(
    ("seats", "answer", "here", "there"),
    [
        (5, said("yes", 5), 3, 2),
        (5, said("yes", 3), 3, None),
        (5, said("yes", 4), 3, 1),
        (5, said("no"), None, None),
        (2, said("yes", 2), 2, None),
    ],
)
def test_who_stays_has_the_first_claim(seats: int, answer: Said, here: int | None, there: int | None) -> None:
    [part] = apart([stand(seats, answer)], 5, 2, "U1")
    assert (part.seats_here, part.seats_there) == ((3, 2) if seats == 5 else (2, 0))
    counted = (part.said_here or answer).heads, part.said_there.heads if part.said_there else None
    assert counted == (here, there)
    if answer.status == "no":
        assert part.said_there is not None
        assert part.said_there.status == "no"


# ── what always holds ──────────────────────────────────────────────────────────────────────────────────


@st.composite
def stands(draw: st.DrawFn) -> Stand:
    """A household at one event, with an answer that does not contradict itself."""
    seats = draw(st.integers(1, 9))
    status = draw(st.sampled_from([None, *AnswerStatus]))
    if status is not AnswerStatus.YES:
        answer = said(status.value, minute=draw(st.integers(0, 9))) if status else None
        return stand(seats, answer)
    heads = draw(st.none() | st.integers(0, seats))
    adults = draw(st.none() | st.integers(0, heads)) if heads is not None else None
    children = (
        draw(st.sampled_from([None, heads - adults])) if heads is not None and adults is not None else None
    )
    jain = draw(st.integers(0, heads if heads is not None else seats))
    moment = BEGIN + timedelta(minutes=draw(st.integers(0, 9)))
    diets = {"jain": jain} if jain else {}
    return stand(seats, Said(AnswerStatus.YES, moment, heads, adults, children, diets, source="web"))


def totals(answers: Iterable[Said | None]) -> Counter[str]:
    """All that a caterer counts."""
    found: Counter[str] = Counter()
    for one in answers:
        if one is not None and one.status is AnswerStatus.YES:
            found.update({"heads": one.heads or 0})
            found.update(one.diets)
    return +found


def fits(answer: Said | None, seats: int) -> None:
    if answer is not None:
        check(
            Answer(
                uuid.uuid4(), uuid.uuid4(), answer.status, answer.given_at, Channel.CLI, "test", answer.heads,
                answer.adults, answer.children, answer.diets,
            ),
            seats,
        )  # fmt: skip


@given(stands(), stands())
def test_together_no_seat_and_no_head_is_lost(ours: Stand, theirs: Stand) -> None:
    [move] = together([ours], [theirs], NAMES)
    after = move.said or ours.said
    assert move.seats == (ours.seats or 0) + (theirs.seats or 0)
    both = [one for one in (ours.said, theirs.said) if one is not None]
    if any(one.heads is not None for one in both):  # whoever gave no number brings as many as their meals
        both = [replace(one, heads=sum(one.diets.values())) if one.heads is None else one for one in both]
    assert totals([after]) == totals(both if ours.said and theirs.said else [ours.said, theirs.said])
    fits(after, move.seats)
    if ours.said and move.said:
        assert move.said.given_at >= ours.said.given_at


@given(stands(), st.integers(2, 9), st.data())
def test_apart_no_seat_and_no_head_is_lost(before: Stand, size: int, data: st.DataObject) -> None:
    leaving = data.draw(st.integers(1, size - 1))
    [part] = apart([before], size, leaving, "U1")
    here = part.said_here or before.said
    assert part.seats_here + part.seats_there == before.seats
    assert part.seats_here >= 1
    assert totals([here, part.said_there]) == totals([before.said])
    fits(here, part.seats_here)
    fits(part.said_there, part.seats_there)
    if part.said_there is not None:
        assert before.said is not None
        assert part.said_there.status == before.said.status
