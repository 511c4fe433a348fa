"""What statuses do, many at once: states, the history, and what they tell of the people whom messages were for."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.messages import (
    DeliveryStatus,
    ErrorFamily,
    FreeContent,
    OutboundMessage,
    StatusUpdate,
)
from parinaya_cli.domain.policy import Go
from parinaya_cli.services import statuses
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


WORDS = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.sampled_from(WORDS), st.integers(0, 5)), max_size=4, unique_by=lambda one: one[0]),
    st.sampled_from([0, *sorted(CODES)]),
    st.integers(0, 5),
    st.randoms(use_true_random=False),
)
def test_statuses_end_alike_in_any_order_and_in_any_slices(
    scene: Scene, words: Sequence[tuple[DeliveryStatus, int]], code: int, failed_at: int, chance: Any
) -> None:
    events = [(word, 0, at) for word, at in words] + [(DeliveryStatus.FAILED, code, failed_at)] * bool(code)

    def ends(order: Sequence[int], slices: int) -> Any:
        wamid = f"wamid.{scene.value('SELECT count(*) FROM invite_dispatch')}"
        scene.run(
            "WITH c AS (INSERT INTO contact_points (wedding_id, kind, value) VALUES (:wedding, 'phone', :wamid) "
            "RETURNING id) INSERT INTO invite_dispatch (wedding_id, contact_point_id, state, wamid, accepted_at) "
            "SELECT :wedding, id, 'accepted', :wamid, now() FROM c",
            wedding=scene.wedding.id,
            wamid=wamid,
        )
        message = OutboundMessage("1", wamid, None, FreeContent(""), "", Go(NOW))
        updates = [told(message, status, at, code=code, wamid=wamid) for status, code, at in events]
        for start in range(0, len(order), slices):
            hear(scene, *(updates[place] for place in order[start : start + slices]))
        return scene.rows(
            "SELECT d.state, d.reason, d.error_code, c.not_on_whatsapp_at, c.cooling_until, c.consent "
            "FROM invite_dispatch d JOIN contact_points c ON c.id = d.contact_point_id WHERE d.wamid = :wamid",
            wamid=wamid,
        )

    straight = list(range(len(events)))
    shuffled = [*straight, *straight]
    chance.shuffle(shuffled)
    assert ends(shuffled, chance.randint(1, 3)) == ends(straight, 9)


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
