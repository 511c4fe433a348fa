"""The states of a dispatch: a lattice for statuses, a table for outcomes, tokens that come back."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.dispatches import (
    MAX_TRIES,
    Line,
    Settlement,
    State,
    after_failure,
    after_send,
    after_status,
    make_token,
    read_token,
)
from parinaya_cli.domain.messages import (
    Accepted,
    DeliveryStatus,
    ErrorFamily,
    NoAnswer,
    NotSent,
    ProviderError,
    Refused,
)

S, F = State, ErrorFamily


def refused(family: ErrorFamily, code: int = 1, retry_after: float | None = None) -> Refused:
    return Refused(ProviderError(code, family, "title"), retry_after)


def run(state: State, statuses: list[DeliveryStatus]) -> State:
    for status in statuses:
        state = after_status(state, status) or state
    return state


STARTS = st.sampled_from([S.SENDING, S.UNKNOWN, S.ACCEPTED, S.SENT, S.QUEUED])


@given(STARTS, st.lists(st.sampled_from(list(DeliveryStatus)), min_size=1), st.randoms(use_true_random=False))
def test_any_order_with_repetitions_ends_in_the_same_state(
    start: State, statuses: list[DeliveryStatus], chance: object
) -> None:
    shuffled = [*statuses, *statuses[:2]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert run(start, statuses) == run(start, shuffled)


@given(STARTS, st.lists(st.sampled_from(list(DeliveryStatus))))
def test_states_only_move_forward_and_what_the_guest_has_wins(
    start: State, statuses: list[DeliveryStatus]
) -> None:
    ended = run(start, statuses)
    if DeliveryStatus.READ in statuses:
        assert ended is S.READ
    elif DeliveryStatus.DELIVERED in statuses:
        assert ended is S.DELIVERED
    elif DeliveryStatus.FAILED in statuses:
        assert ended is S.FAILED
    for status in statuses:
        assert after_status(ended, status) is None, "a repetition changes nothing"


EXPECTED: dict[ErrorFamily, tuple[State, Line, bool]] = {
    F.SAYS_FAILED: (S.QUEUED, Line.GO_ON, True),
    F.NUMBER_THROTTLE: (S.QUEUED, Line.SLOW_DOWN, False),
    F.PAIR_THROTTLE: (S.QUEUED, Line.GO_ON, False),
    F.WITHHELD: (S.QUEUED, Line.GO_ON, True),
    F.RECIPIENT: (S.FAILED, Line.GO_ON, True),
    F.OPTED_OUT: (S.FAILED, Line.GO_ON, True),
    F.TEMPLATE: (S.QUEUED, Line.PAUSE_BATCH, False),
    F.PARAMETERS: (S.FAILED, Line.DOUBT_BATCH, True),
    F.ACCOUNT: (S.QUEUED, Line.STOP_NUMBER, False),
    F.MAINTENANCE: (S.QUEUED, Line.REST_NUMBER, False),
    F.WINDOW: (S.FAILED, Line.GO_ON, True),
    F.OTHER: (S.FAILED, Line.GO_ON, True),
}


def test_every_family_is_decided_on() -> None:
    assert set(EXPECTED) == set(ErrorFamily)


@pytest.mark.parametrize("family", list(ErrorFamily))
def test_every_family_of_errors_has_its_consequence(family: ErrorFamily) -> None:
    found = after_send(refused(family), 1)
    assert (found.state, found.line, found.burned) == EXPECTED[family]
    assert found.reason
    assert found.error is not None
    assert found.opted_out is (family is F.OPTED_OUT)
    assert found.cooling == (timedelta(hours=24) if family is F.WITHHELD else None)


def test_the_other_outcomes() -> None:
    assert after_send(Accepted("w", "91"), 1) == Settlement(
        S.ACCEPTED, message_id="w", wa_id="91", burned=True
    )
    assert after_send(Accepted("w", held=True), 1).reason == "held"
    unknown = after_send(NoAnswer("x" * 500), 1)
    assert (unknown.state, unknown.burned, len(unknown.reason)) == (S.UNKNOWN, True, 200)
    not_sent = after_send(NotSent("refused"), 1)
    assert (not_sent.state, not_sent.burned) == (S.QUEUED, False)


@pytest.mark.parametrize("family", [F.SAYS_FAILED, F.WITHHELD])
def test_what_fails_for_now_fails_after_the_last_try_and_may_pass(family: ErrorFamily) -> None:
    for tries in range(1, MAX_TRIES):
        assert after_send(refused(family), tries).state is S.QUEUED
    last = after_send(refused(family), MAX_TRIES)
    assert (last.state, last.passing) == (S.FAILED, True)


@given(st.integers(1, 40), st.sampled_from([F.NUMBER_THROTTLE, F.PAIR_THROTTLE]))
def test_waits_grow_and_have_an_end(attempt: int, family: ErrorFamily) -> None:
    wait = after_send(refused(family), 1, attempt).after
    assert timedelta(0) < wait <= timedelta(hours=1)
    if family is F.PAIR_THROTTLE:
        assert wait >= after_send(refused(family), 1, max(1, attempt - 1)).after
    assert after_send(NotSent("x"), 1, attempt).after <= timedelta(seconds=60)


def test_the_providers_own_wait_is_kept() -> None:
    for family in (F.NUMBER_THROTTLE, F.SAYS_FAILED):
        assert after_send(refused(family, retry_after=77), 1).after == timedelta(seconds=77)


def test_what_a_failure_tells_of_the_contact_point() -> None:
    assert after_failure(ProviderError(131026, F.RECIPIENT, "")).not_on_whatsapp
    assert not after_failure(ProviderError(131021, F.RECIPIENT, "")).not_on_whatsapp
    assert after_send(refused(F.RECIPIENT, 131026), 1).not_on_whatsapp
    assert after_failure(ProviderError(131050, F.OPTED_OUT, "")).opted_out
    assert after_failure(ProviderError(131049, F.WITHHELD, "")).cooling == timedelta(hours=24)
    assert after_failure(ProviderError(1, F.OTHER, "")) == after_failure(ProviderError(2, F.WINDOW, ""))


@given(st.uuids(), st.integers(1, 999_999))
def test_a_token_comes_back(dispatch: uuid.UUID, attempt: int) -> None:
    token = make_token(dispatch, attempt)
    assert token.isascii()
    assert len(token) <= 512
    assert read_token(token) == (dispatch, attempt)


@given(st.one_of(st.none(), st.text(), st.from_regex(r"pn1\.[a-z2-7]{0,30}\.[0-9²]{0,9}", fullmatch=True)))
def test_a_strange_token_is_none_of_ours(token: str | None) -> None:
    found = read_token(token)
    assert found is None or (token is not None and token.startswith("pn1."))


@pytest.mark.parametrize(
    "token",
    ["", "pn1", "pn1..1", "pn2.aaaa.1", "pn1.aaaa.1", "pn1.!!!!.1", "pn1.é.1", "pn1.aaaa.x", "a.b.c.d"],
)
def test_garbage_is_no_token(token: str) -> None:
    assert read_token(token) is None
    assert read_token(make_token(uuid.uuid4(), 1).replace("pn1", "pn9")) is None
