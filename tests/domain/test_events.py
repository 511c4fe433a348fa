"""Events: days and hours as operators write them, and the values an event may have."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.events import (
    Event,
    check_capacity,
    check_side,
    check_times,
    check_visibility,
    read_date,
    read_time,
)

INDIA, LONDON = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/London")
START = datetime(2027, 2, 12, 16, 0, tzinfo=INDIA)


@pytest.mark.parametrize(
    "text",
    ["2027-02-12T16:00", " 2027-02-12 16:00 ", "12.02.2027 16:00", "12/02/2027 16:00", "12-2-2027  16:00",
     "2027-02-12T16:00+05:30", "2027-02-12T10:30Z"],
)  # fmt: skip
def test_an_hour_may_be_written_in_several_ways(text: str) -> None:
    assert read_time(text, INDIA) == START


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2027-02-12", "2027-02-30T10:00", "31.02.2027 10:00", "12.13.2027 10:00", "16:00"],
)
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(UsedWrongly):
        read_time(text, INDIA)


def test_an_hour_that_the_clocks_leave_out_is_refused() -> None:
    with pytest.raises(UsedWrongly):
        read_time("2027-03-28T01:30", LONDON)
    assert read_time("2027-03-28T02:30", LONDON).utcoffset() == timedelta(hours=1)
    assert read_time("2027-10-31T01:30", LONDON).utcoffset() == timedelta(hours=1), "the first of two"


def test_days() -> None:
    assert read_date("2027-01-20") == read_date(" 2027-01-20T18:00 ") == date(2027, 1, 20)
    for text in ("", "20.1.", "2027-01-32", "soon"):
        with pytest.raises(UsedWrongly):
            read_date(text)


def test_values() -> None:
    assert [check_visibility(text) for text in ("Public", "invite_only", " Invite Only ")] == [
        "public",
        "invite-only",
        "invite-only",
    ]
    assert [check_side(text) for text in (None, "", " Bride ", "both")] == [None, None, "bride", "both"]
    assert [check_capacity(n) for n in (None, 0, 300)] == [None, 0, 300]
    check_times(START, None)
    check_times(START, START)
    for wrong in (
        lambda: check_visibility("secret"),
        lambda: check_side("middle"),
        lambda: check_side("both", both=False),
        lambda: check_capacity(-1),
        lambda: check_times(START, START - timedelta(minutes=1)),
    ):
        with pytest.raises(UsedWrongly):
            wrong()


def test_when_an_event_is_over() -> None:
    event = Event(uuid.UUID(int=1), 3, "sangeet", "Sangeet", START)
    assert event.ref == "E3"
    assert not event.is_over(START - timedelta(seconds=1))
    assert event.is_over(START)
    longer = Event(uuid.UUID(int=1), 3, "s", "S", START, START + timedelta(hours=3))
    assert not longer.is_over(START + timedelta(hours=2))
    assert longer.is_over(START + timedelta(hours=3))
    cancelled = Event(uuid.UUID(int=1), 3, "s", "S", START, cancelled_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert cancelled.is_over(START - timedelta(days=9))
