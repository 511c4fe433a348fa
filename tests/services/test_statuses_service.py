"""What statuses do, many at once: states, the history, and what they tell of the people whom messages were for."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.errors import Locked
from parinaya_cli.domain.messages import (
    DeliveryStatus,
    ErrorFamily,
    FreeContent,
    OutboundMessage,
    StatusUpdate,
)
from parinaya_cli.domain.policy import Go
from parinaya_cli.services import statuses
from tests.services.exports_kit import wait_for_a_lock
from tests.services.wedding_kit import Scene, error

NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE = timedelta(minutes=1)
CODES = {
    131026: ErrorFamily.RECIPIENT,
    131049: ErrorFamily.WITHHELD,
    131050: ErrorFamily.OPTED_OUT,
    131053: ErrorFamily.TEMPLATE,
}


def told(
    message: OutboundMessage, status: DeliveryStatus, at: int = 0, *, code: int = 0, wamid: str = ""
) -> StatusUpdate:
    """A status so many minutes after now, known by message, word and code as Meta's are."""
    wamid = wamid or f"wamid.{message.to}"
    return StatusUpdate(
        key=f"s:{wamid}:{status.value}:{code}",
        phone_number_id="1",
        message_id=wamid,
        status=status,
        at=NOW + at * MINUTE,
        token=message.token,
        error=error(code, CODES[code]) if code else None,
    )


def failed(message: OutboundMessage, code: int, at: int = 0) -> StatusUpdate:
    return told(message, DeliveryStatus.FAILED, at, code=code)


def sent(scene: Scene, *names: str) -> list[OutboundMessage]:
    scene.ready(*names)
    scene.send()
    scene.deliver()
    return scene.sender.sent


def hear(scene: Scene, *updates: StatusUpdate) -> list[StatusUpdate]:
    with scene.system() as tx:
        return statuses.hear(tx, updates)


def points(scene: Scene) -> list[dict[str, Any]]:
    return scene.rows(
        "SELECT not_on_whatsapp_at IS NOT NULL AS lost, cooling_until, consent FROM contact_points ORDER BY value"
    )


def test_many_statuses_of_many_messages_have_their_effect_at_once(scene: Scene) -> None:
    first, second, third = sent(scene, "Asha", "Ravi", "Mina")
    strange = replace(told(first, DeliveryStatus.READ, wamid="wamid.strange"), token=None)
    updates = [
        told(first, DeliveryStatus.READ, 3),
        told(first, DeliveryStatus.SENT, 1),
        failed(second, 131053),
        told(third, DeliveryStatus.DELIVERED),
    ]
    assert hear(scene, *updates, strange, *updates) == [strange]
    assert scene.states() == [("read", ""), ("failed", "template"), ("delivered", "")]
    assert scene.rows("SELECT status, moved FROM delivery_events ORDER BY status, moved") == [
        {"status": "delivered", "moved": True},
        {"status": "failed", "moved": True},
        {"status": "read", "moved": True},
        {"status": "sent", "moved": False},
    ]
    before = scene.table_sizes()
    assert hear(scene, *reversed(updates)) == []
    assert scene.table_sizes() == before, "each is kept once"


def test_a_message_id_is_enough_without_a_token(scene: Scene) -> None:
    (message,) = sent(scene, "Asha")
    (wamid,) = [row["wamid"] for row in scene.rows("SELECT wamid FROM invite_dispatch")]
    hear(scene, replace(told(message, DeliveryStatus.READ, wamid=wamid), token=None))
    assert scene.states() == [("read", "")]


def test_what_failed_statuses_tell_of_a_guest(scene: Scene) -> None:
    lost, stopped, cooling = sent(scene, "Asha", "Ravi", "Mina")
    hear(scene, failed(lost, 131026), failed(stopped, 131050), failed(cooling, 131049, 2))
    assert points(scene) == [
        {"lost": True, "cooling_until": None, "consent": "none"},
        {"lost": False, "cooling_until": None, "consent": "opted_out"},
        {"lost": False, "cooling_until": NOW + 2 * MINUTE + timedelta(hours=24), "consent": "none"},
    ]
    assert scene.rows("SELECT source, effective_at FROM consent_ledger") == [
        {"source": "provider: marketing switched off", "effective_at": NOW}
    ]
    assert scene.send(repeats=True, dry_run=True).plan.reasons == {"not_on_whatsapp": 1, "opted_out": 1}


def test_a_number_that_got_a_message_is_on_whatsapp(scene: Scene) -> None:
    (message,) = sent(scene, "Asha")
    hear(scene, failed(message, 131026))
    assert points(scene)[0]["lost"]
    scene.send(repeats=True)
    hear(scene, told(message, DeliveryStatus.DELIVERED, -1))
    assert not points(scene)[0]["lost"], "the failure was wrong: this very message has arrived"


@pytest.mark.parametrize("arrival_first", [True, False], ids=["arrival-first", "failure-first"])
def test_a_failure_and_a_later_arrival_at_the_same_instant(scene: Scene, arrival_first: bool) -> None:
    first, *_ = sent(scene, "Asha")
    scene.send(repeats=True)
    scene.deliver(after=MINUTE)  # nobody gets two messages within seconds
    lost = failed(first, 131026, 1)
    there = told(scene.sender.sent[1], DeliveryStatus.DELIVERED, 2, wamid="wamid.second")
    one, other = (there, lost) if arrival_first else (lost, there)
    with ThreadPoolExecutor(1) as pool:
        with scene.system() as tx:
            statuses.hear(tx, [one])
            coming = pool.submit(hear, scene, other)
            wait_for_a_lock(scene)
        assert coming.result(60) == []
    assert not points(scene)[0]["lost"], "the newer of the two is an arrival"


WORDS = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)
Event = tuple[int, DeliveryStatus, int, int]
"""Which of two messages to one guest, the status, its code (0: none), and when, in minutes."""


def ends(scene: Scene, events: Sequence[Event], order: Sequence[int], slices: int, lanes: int) -> Any:
    """What is there after a guest's two messages were told of in this order, in slices, in so many lanes at once."""
    stem = f"{scene.value('SELECT count(*) FROM invite_dispatch'):04}"
    scene.run(
        "WITH c AS (INSERT INTO contact_points (wedding_id, kind, value) VALUES (:wedding, 'phone', :stem) "
        "RETURNING id) INSERT INTO invite_dispatch (wedding_id, contact_point_id, state, wamid, accepted_at) "
        "SELECT :wedding, id, 'accepted', 'wamid.' || :stem || n, now() FROM c, generate_series(0, 1) AS n",
        wedding=scene.wedding.id,
        stem=stem,
    )
    message = OutboundMessage("1", None, None, FreeContent(""), "", Go(NOW))
    updates = [
        told(message, status, at, code=code, wamid=f"wamid.{stem}{which}")
        for which, status, code, at in events
    ]
    parts = [[updates[place] for place in order[n : n + slices]] for n in range(0, len(order), slices)]

    def play(part: list[StatusUpdate]) -> None:
        for _ in range(20):
            with suppress(Locked):  # Postgres gave up one of two that waited for each other: it begins anew
                hear(scene, *part)
                return
        raise AssertionError("a slice of statuses finds no end")

    with ThreadPoolExecutor(lanes) as pool:
        list(pool.map(play, parts))
    return scene.rows(
        "SELECT d.state, d.reason, d.error_code, d.error_title, c.not_on_whatsapp_at, c.cooling_until, c.consent, "
        "(SELECT array_agg(l.effective_at ORDER BY l.effective_at) FROM consent_ledger l "
        "WHERE l.contact_point_id = c.id) AS stops FROM invite_dispatch d "
        "JOIN contact_points c ON c.id = d.contact_point_id WHERE c.value = :stem ORDER BY d.wamid",
        stem=stem,
    )


_MINUTE = st.integers(0, 3)
_ARRIVED = st.tuples(st.integers(0, 1), st.sampled_from(WORDS), st.just(0), _MINUTE)
_FAILED = st.tuples(
    st.integers(0, 1), st.just(DeliveryStatus.FAILED), st.sampled_from([0, *sorted(CODES)]), _MINUTE
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@example(  # two reasons, of which the older is heard last
    [(0, DeliveryStatus.FAILED, 131050, 2), (0, DeliveryStatus.FAILED, 131026, 1)], [0, 1], (1, 1)
)
@example(  # and one that was wrong
    [(0, DeliveryStatus.FAILED, 131049, 1), (0, DeliveryStatus.FAILED, 131026, 1), (0, WORDS[1], 0, 0)],
    [2, 0, 1],
    (1, 2),
)
@given(
    st.lists(st.one_of(_ARRIVED, _FAILED), min_size=2, max_size=7, unique_by=lambda one: one[:3]),
    st.lists(st.integers(0, 6), max_size=8),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
)
def test_statuses_end_alike_in_any_order_in_any_slices_and_in_parallel(
    scene: Scene, events: Sequence[Event], again: Sequence[int], how: tuple[int, int]
) -> None:
    straight = list(range(len(events)))
    first = [place % len(events) for place in again]
    backwards = [*first, *reversed(straight)] * 5
    assert ends(scene, events, backwards, *how) == ends(scene, events, straight, 9, 1)


def test_of_several_failures_the_newest_is_shown_whichever_is_heard_first(scene: Scene) -> None:
    (message,) = sent(scene, "Asha")
    older, newer = failed(message, 131049, 1), failed(message, 131053, 2)
    alike = failed(message, 131026, 2)
    for told_now, shown in ((older, 131049), (newer, 131053), (alike, 131053)):
        hear(scene, told_now)
        assert scene.value("SELECT error_code FROM invite_dispatch") == shown
    hear(scene, failed(message, 131050, 3))
    assert scene.states() == [("failed", "opted_out")]
    assert points(scene)[0] | {"cooling_until": None} == {
        "lost": True, "cooling_until": None, "consent": "opted_out"
    }, "what each of them tells of the guest stands"  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_a_user_id_is_learnt_from_statuses_by_the_newest(scene: Scene, order: tuple[int, ...]) -> None:
    (message,) = sent(scene, "Asha")
    updates = [
        replace(told(message, status, at), recipient_user_id=user)
        for status, at, user in (
            (DeliveryStatus.SENT, 1, "IN.1"),
            (DeliveryStatus.DELIVERED, 2, "IN.1"),
            (DeliveryStatus.READ, 3, "IN.2"),
        )
    ]
    for place in order:
        hear(scene, updates[place])
    assert scene.value("SELECT wa_user FROM contact_points") == "IN.2"
