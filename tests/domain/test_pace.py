"""The pace of a number: slots that keep the rate over all who take them, slower after a complaint, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.pace import (
    BREAKER,
    CATCH_UP,
    PAIR,
    SMALLEST_SHARE,
    Pace,
    reserve,
    rests_until,
    share,
    slowed,
)

NOON = datetime(2027, 2, 14, 12, tzinfo=UTC)
FRESH = Pace(NOON, 1.0, NOON - timedelta(days=1))


@given(
    st.integers(1, 1000),
    st.lists(st.tuples(st.integers(1, 300), st.floats(0, 0.5)), min_size=1, max_size=60),
)
def test_no_second_holds_more_than_the_rate(rate: int, wanted: list[tuple[int, float]]) -> None:
    """Whoever takes slots, whenever: what leaves before a moment is what the rate allows, and one portion."""
    pace, now, left = FRESH, NOON, 0
    for count, later in wanted:
        now += timedelta(seconds=later)
        pace, slot = reserve(pace, now, rate, count)
        assert 1 <= slot.count <= max(1, min(count, int(rate * CATCH_UP.total_seconds())))
        since = (slot.at - NOON + CATCH_UP).total_seconds()
        assert left <= rate * since + 1e-3
        left += slot.count


@given(st.integers(20, 1000))
def test_the_rate_is_reached(rate: int) -> None:
    pace, left = FRESH, 0
    while pace.free_at < NOON + timedelta(seconds=60):
        pace, slot = reserve(pace, NOON, rate, 1000)
        left += slot.count
    assert abs(left - 60 * rate) <= 0.05 * 60 * rate


def test_late_workers_catch_up_and_rested_ones_do_not() -> None:
    late, slot = reserve(FRESH, NOON + timedelta(seconds=0.9), 80, 50)
    assert (slot.count, late.free_at) == (20, NOON + timedelta(seconds=0.9))
    rested, slot = reserve(FRESH, NOON + timedelta(seconds=2), 80, 50)
    assert (slot.count, rested.free_at) == (8, NOON + timedelta(seconds=2.1))


def test_what_was_not_used_is_given_back() -> None:
    pace, slot = reserve(FRESH, NOON, 80, 50)
    assert slot.count == 8
    assert slot.unused(8) == timedelta(0)
    assert pace.free_at - slot.unused(0) == slot.at


def test_a_complaint_halves_the_rate_and_it_grows_back() -> None:
    pace = slowed(FRESH, NOON)
    assert share(pace, NOON) == 0.5
    assert slowed(pace, NOON + timedelta(seconds=0.5)) == pace, "the same second complains once"
    again = slowed(pace, NOON + timedelta(seconds=2))
    assert 0.25 <= share(again, NOON + timedelta(seconds=2)) < 0.26
    assert abs(share(pace, NOON + timedelta(seconds=20)) - 0.6) < 1e-9
    assert share(pace, NOON + timedelta(seconds=100)) == 1.0
    for second in range(2, 40, 2):
        again = slowed(again, NOON + timedelta(seconds=second))
    assert share(again, again.slowed_at) >= SMALLEST_SHARE


def test_a_provider_out_of_reach_is_tried_one_by_one_and_more_and_more_rarely() -> None:
    spans = []
    for missed in (BREAKER - 1, BREAKER, BREAKER + 1, BREAKER + 50):
        pace = Pace(NOON, 1.0, FRESH.slowed_at, missed)
        _, slot = reserve(pace, NOON, 80, 50)
        spans.append((slot.count, slot.span.total_seconds()))
    assert spans == [(8, 0.1), (1, 1.0), (1, 2.0), (1, 60.0)]


def test_a_person_is_left_alone_for_a_moment_but_for_answers() -> None:
    just_now = NOON - timedelta(seconds=2)
    assert rests_until(just_now, NOON, answers=False) == just_now + PAIR
    assert rests_until(just_now, NOON, answers=True) is None
    assert rests_until(NOON - PAIR, NOON, answers=False) is None
    assert rests_until(None, NOON, answers=False) is None
