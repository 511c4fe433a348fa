"""The policy gate: each reason alone, their order, what postpones, quiet hours."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.policy import (
    CHECKS,
    WINDOW,
    Contact,
    Facts,
    Go,
    Later,
    Reason,
    Refused,
    gate,
    quiet_ends,
    window_open_until,
)

NOW = datetime(2027, 1, 10, 8, 30, tzinfo=UTC)  # 14:00 in India
INDIA = ZoneInfo("Asia/Kolkata")
CONTACT = Contact("phone", "+919812345678", "valid", "IN", "none")
CLEAR = Facts(NOW, INDIA, CONTACT)

ORDER = (  # noqa: SIM905 - as the contract writes it
    "not_invited event_over no_phone invalid_phone do_not_message opted_out no_opt_in not_on_whatsapp "
    "country_not_served already_answered already_sent template_missing template_not_approved "
    "template_params_missing window_closed cooling_down quiet_hours frequency_cap tier_limit number_paused"
).split()
POSTPONING = {"cooling_down", "quiet_hours", "tier_limit", "number_paused"}

# What makes each reason apply: changes of the facts and of the contact point.
CAUSES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "not_invited": ({"invited": False}, {}),
    "event_over": ({"events_over": True}, {}),
    "no_phone": ({"contact": None}, {}),
    "invalid_phone": ({}, {"state": "impossible"}),
    "do_not_message": ({"do_not_message": True}, {}),
    "opted_out": ({}, {"consent": "opted_out"}),
    "no_opt_in": ({"require_opt_in": True}, {}),
    "not_on_whatsapp": ({}, {"not_on_whatsapp": True}),
    "country_not_served": ({}, {"country": "US"}),
    "already_answered": ({"reminder": True, "answered": True}, {}),
    "already_sent": ({"sent_before": True}, {}),
    "template_missing": ({"template_found": False}, {}),
    "template_not_approved": ({"template_status": "paused"}, {}),
    "template_params_missing": ({"missing": ("venue",)}, {}),
    "window_closed": ({"free": True}, {}),
    "cooling_down": ({}, {"cooling_until": NOW + timedelta(hours=3)}),
    "quiet_hours": ({"quiet_from": 13, "quiet_until": 16}, {}),
    "frequency_cap": ({"frequency_cap": 2, "sent_in_period": 2}, {}),
    "tier_limit": ({"tier_full": True}, {}),
    "number_paused": ({"number_paused": True}, {}),
}


def facts(*causes: str, base: Facts = CLEAR) -> Facts:
    """Clear facts with these causes."""
    found = base
    for cause in causes:
        of_facts, of_contact = CAUSES[cause]
        if of_contact and found.contact is not None:
            found = replace(found, contact=replace(found.contact, **of_contact))
        found = replace(found, **of_facts)
    return found


def told(what: Facts) -> str | None:
    verdict = gate(what)
    return None if isinstance(verdict, Go) else verdict.reason.value


def test_the_reasons_stand_in_the_order_of_the_contract() -> None:
    assert [reason.value for reason in Reason] == ORDER
    assert [reason.value for reason, _ in CHECKS] == ORDER
    assert list(CAUSES) == ORDER


def test_without_a_reason_it_goes() -> None:
    assert gate(CLEAR) == Go(NOW)
    assert gate(replace(CLEAR, contact=replace(CONTACT, consent="opted_in"), require_opt_in=True)) == Go(NOW)


@pytest.mark.parametrize("cause", ORDER)
def test_each_reason_alone(cause: str) -> None:
    verdict = gate(facts(cause))
    assert isinstance(verdict, Later if cause in POSTPONING else Refused)
    assert verdict.reason == cause


def test_of_two_reasons_the_first_is_told_but_one_that_refuses_hides_behind_none_that_postpones() -> None:
    for first, second in itertools.combinations(ORDER, 2):
        both = facts(first, second)
        if "no_phone" in {first, second}:
            ahead = first if first in {"not_invited", "event_over"} else "no_phone"
            assert told(replace(both, contact=None)) == ahead, (first, second)
            continue
        # Free text (window_closed) has nothing to do with some of the others.
        applying = [one for one in (first, second) if CHECKS[ORDER.index(one)][1](both)]
        refusing = [one for one in applying if one not in POSTPONING]
        assert told(both) == (refusing or applying)[0], (first, second)


@given(st.sets(st.sampled_from([one for one in ORDER if one != "no_phone"])))
def test_whatever_applies_the_verdict_is_the_first_that_refuses_else_the_first_that_postpones(
    causes: set[str],
) -> None:
    what = facts(*sorted(causes))
    applying = [reason.value for reason, applies in CHECKS if applies(what)]
    refusing = [one for one in applying if one not in POSTPONING]
    assert told(what) == next(iter(refusing or applying), None)
    verdict = gate(what)
    if isinstance(verdict, Later):
        assert verdict.until > NOW


def test_a_repetition_that_was_asked_for_is_no_repetition() -> None:
    assert gate(replace(facts("already_sent"), repeats=True)) == Go(NOW)


def test_an_answer_matters_to_reminders_only() -> None:
    assert gate(replace(CLEAR, answered=True)) == Go(NOW)


def test_the_one_line_that_confirms_a_stop_passes_the_stop() -> None:
    heard = replace(CONTACT, consent="opted_out", last_inbound_at=NOW)
    reply = replace(CLEAR, free=True, contact=heard)
    assert told(reply) == "opted_out"
    assert gate(replace(reply, confirms_stop=True)) == Go(NOW)
    assert told(replace(reply, confirms_stop=True, do_not_message=True)) == "do_not_message"


@pytest.mark.parametrize(
    "cause", ["not_invited", "event_over", "no_opt_in", "not_on_whatsapp", "country_not_served", "template_missing",
              "template_not_approved", "cooling_down", "quiet_hours", "frequency_cap", "tier_limit"],
)  # fmt: skip
def test_an_answer_to_a_guest_does_not_wait_for_what_concerns_invitations(cause: str) -> None:
    heard = replace(CLEAR, free=True, contact=replace(CONTACT, last_inbound_at=NOW))
    assert gate(facts(cause, base=heard)) == Go(NOW)


def test_a_utility_template_is_not_marketing() -> None:
    for cause in ("country_not_served", "cooling_down"):
        assert gate(replace(facts(cause), marketing=False)) == Go(NOW)


@given(st.timedeltas(timedelta(0), timedelta(days=2)))
def test_free_text_needs_the_open_window(ago: timedelta) -> None:
    what = replace(CLEAR, free=True, contact=replace(CONTACT, last_inbound_at=NOW - ago))
    assert isinstance(gate(what), Go) is (ago < WINDOW)
    until = window_open_until(NOW - ago)
    assert until is not None
    assert until <= NOW - ago + timedelta(hours=24)


def test_nobody_who_never_wrote_has_a_window() -> None:
    assert window_open_until(None) is None
    assert told(replace(CLEAR, free=True)) == "window_closed"


# ── quiet hours ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("hour", "start", "end", "waits"),
    [
        (22, 21, 9, 11), (3, 21, 9, 6), (9, 21, 9, None), (20, 21, 9, None), (21, 21, 9, 12), (0, 21, 0, None),
        (23, 21, 0, 1), (14, 13, 15, 1), (12, 13, 15, None), (5, 0, 6, 1), (14, 9, 9, None), (14, None, 9, None),
    ],
)  # fmt: skip
def test_quiet_hours_also_over_midnight(
    hour: int, start: int | None, end: int | None, waits: int | None
) -> None:
    now = datetime(2027, 1, 10, hour, 0, tzinfo=INDIA)
    found = quiet_ends(now, INDIA, start, end)
    assert (found - now if found else None) == (timedelta(hours=waits) if waits else None)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - the zone is put in below
    st.sampled_from(["Asia/Kolkata", "Europe/London", "America/New_York", "Asia/Kathmandu"]),
    st.integers(0, 23),
    st.integers(0, 23),
)
def test_quiet_hours_end_within_a_day_and_not_within_quiet_hours(
    moment: datetime, zone: str, start: int, end: int
) -> None:
    there = ZoneInfo(zone)
    now = moment.replace(tzinfo=UTC)
    found = quiet_ends(now, there, start, end)
    if found is None:
        return
    assert now < found <= now + timedelta(hours=25)
    local = found.astimezone(there)
    skipped = local.hour != end  # an hour that the clocks leave out
    assert skipped or quiet_ends(found, there, start, end) is None
