"""Deliveries: kept once, processed as often as need be with one effect, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import Locked, NotFound, NotPermitted, UsedWrongly
from parinaya_cli.domain.messages import (
    DeliveryStatus,
    InboundMessage,
    PreferenceUpdate,
    Sender,
    StatusUpdate,
    TemplateUpdate,
    Text,
    Unreadable,
    Update,
)
from parinaya_cli.services import reconcile, webhooks
from parinaya_cli.services.webhooks import Incoming, Processed
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.webhooks import MAX_TRIES
from tests.fakes.parser import FakeParser
from tests.services.wedding_kit import EARS, NUMBER, Scene, tap

HOURS = timedelta(hours=1)


def keep(scene: Scene, *bodies: bytes) -> int:
    with scene.system() as tx:
        return webhooks.keep(tx, [Incoming(body) for body in bodies])


def process(scene: Scene, parser: FakeParser, after: timedelta = timedelta(0)) -> list[Processed]:
    """Process what waits, one after the other."""
    done: list[Processed] = []
    while True:
        one = webhooks.process_next(lambda: scene.system(after), parser, EARS)
        if one.number is None:
            return done
        done.append(one)
        assert len(done) < 200, "processing does not come to an end"


def states(scene: Scene) -> list[str]:
    return [row["state"] for row in scene.rows("SELECT state FROM webhook_events ORDER BY number")]


def poison(scene: Scene) -> StatusUpdate:
    """An update that breaks a rule of the schema in the middle of its effect."""
    message = scene.sender.sent[0]
    broken = scene.status(message, DeliveryStatus.READ, wamid="wamid.poison", token=True)
    return replace(broken, at=None)  # type: ignore[arg-type]


def test_a_body_is_kept_once_and_counted(scene: Scene) -> None:
    assert keep(scene, b"a", b"b") == 2
    assert scene.bells == [("webhooks.process", "")]
    assert keep(scene, b"a") == 0
    assert keep(scene, b"b", b"c") == 1
    assert keep(scene, b"a", b"a") == 0
    assert scene.rows("SELECT body, times FROM webhook_events ORDER BY body") == [
        {"body": b"a", "times": 4},
        {"body": b"b", "times": 2},
        {"body": b"c", "times": 1},
    ]
    assert len(scene.bells) == 2, "what is known already rings for nothing"


def test_many_receivers_keep_a_body_once(scene: Scene) -> None:
    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(lambda n: keep(scene, b"same", b"own %d" % n), range(4)))
    assert sum(new) == 5
    assert keep(scene, b"same") == 0
    times = scene.value("SELECT times FROM webhook_events WHERE body = 'same'")
    assert 2 <= times <= 5, "what came while another held the row may be left out of the count"


def test_a_body_beyond_the_parser_is_kept_dead(scene: Scene) -> None:
    with scene.system() as tx:
        webhooks.keep(tx, [Incoming(b"deep", "nested too deeply")])
    assert states(scene) == ["dead"]
    assert process(scene, FakeParser()) == []


def test_processing_gives_each_update_its_effect_once(scene: Scene) -> None:
    (unit,) = scene.ready("Asha", seats=1)
    scene.send()
    scene.deliver()
    message = scene.sender.sent[0]
    parser = FakeParser(
        {
            b"1": [
                scene.status(message, DeliveryStatus.DELIVERED),
                scene.say(unit, tap(message, "yes")),
                TemplateUpdate("t", "102", "sangeet_invite", "en", status="paused"),
                PreferenceUpdate("p", NUMBER, Sender(message.to), True, datetime.now(UTC)),
                Unreadable("u", "flows", "unknown field", {"field": "flows"}),
            ]
        }
    )
    keep(scene, b"1")
    assert process(scene, parser) == [Processed(1, 5)]
    assert states(scene) == ["done"]
    after = scene.table_sizes()
    assert scene.states() == [("delivered", "")]
    assert scene.answers() == [("sangeet", "yes", 1, None)]
    assert scene.value("SELECT status FROM templates") == "paused"
    assert scene.value("SELECT consent FROM contact_points") == "opted_out"
    effects = scene.rows("SELECT kind, state FROM webhook_updates ORDER BY id")
    assert [one["state"] for one in effects] == ["done"] * 4 + ["kept"]
    with scene.begin() as tx:
        assert webhooks.replay(tx, [1], None, None) == 1
    process(scene, parser)
    sizes = scene.table_sizes()
    assert {name: count for name, count in sizes.items() if count != after[name]} == {
        "audit_logs": after["audit_logs"] + 1,
        "audit_values": after["audit_values"] + 1,
    }, "a replay changes nothing but the audit log, which names the replay"


def test_a_poison_update_does_not_take_its_neighbours(scene: Scene) -> None:
    (unit,) = scene.ready("Asha", seats=1)
    scene.send()
    scene.deliver()
    message = scene.sender.sent[0]
    said = scene.say(unit, tap(message, "yes"))
    good = scene.status(message, DeliveryStatus.READ)
    parser = FakeParser({b"1": [good, poison(scene), said]})
    keep(scene, b"1")
    done = process(scene, parser)
    assert [one.error for one in done] == ["StatusUpdate: IntegrityError"]
    assert states(scene) == ["failed"]
    assert scene.states() == [("read", "")]
    assert scene.answers() == [("sangeet", "yes", 1, None)]
    for hours in range(1, MAX_TRIES + 3):
        process(scene, parser, hours * 3 * HOURS)
    assert states(scene) == ["dead"]
    assert scene.value("SELECT tries FROM webhook_events") == MAX_TRIES
    assert scene.value("SELECT count(*) FROM rsvp_responses") == 1
    parser.script[b"1"] = [good, said]
    with scene.begin() as tx:
        assert webhooks.replay(tx, (), "dead", None) == 1
    process(scene, parser)
    assert states(scene) == ["done"]


@pytest.mark.parametrize(
    "error", [RuntimeError("a bug of the parser"), RecursionError(), ValueError("digits")]
)
def test_a_delivery_that_breaks_the_parser_does_not_block_the_others(scene: Scene, error: Exception) -> None:
    (unit,) = scene.ready("Asha", seats=1)
    parser = FakeParser({b"1": error, b"2": [scene.say(unit, Text("yes"))]})
    keep(scene, b"1")
    keep(scene, b"2")
    process(scene, parser)
    assert states(scene) == ["failed", "done"]
    for hours in range(1, MAX_TRIES + 3):
        process(scene, parser, hours * 3 * HOURS)
    assert states(scene) == ["dead", "done"]


def test_what_the_parser_refuses_is_dead_at_once(scene: Scene) -> None:
    keep(scene, b"1")
    process(scene, FakeParser({b"1": UsedWrongly("The body is no JSON object.")}))
    assert scene.rows("SELECT state, error FROM webhook_events") == [
        {"state": "dead", "error": "The body is no JSON object."}
    ]


def test_a_text_that_no_column_can_hold_is_put_aside(scene: Scene) -> None:
    units = scene.ready("Asha", "Ravi", seats=1)
    parser = FakeParser({b"1": [scene.say(units[0], Text("yes\0")), scene.say(units[1], Text("yes"))]})
    keep(scene, b"1")
    process(scene, parser)
    assert states(scene) == ["failed"]
    assert [status for _, status, _, _ in scene.answers()] == ["yes"]


def test_a_lock_that_can_not_be_had_is_no_fault_of_the_delivery(scene: Scene) -> None:
    (unit,) = scene.ready("Asha", seats=1)
    said = scene.say(unit, Text("yes"))
    scene.hear(scene.say(unit, Text("hello")))
    keep(scene, b"1")
    with scene.begin() as other:
        other.row("SELECT 1 FROM conversations FOR UPDATE")

        with pytest.raises(Locked):
            webhooks.process_next(lambda: impatient(scene), FakeParser({b"1": [said]}), EARS)
    assert states(scene) == ["pending"]
    process(scene, FakeParser({b"1": [said]}))
    assert states(scene) == ["done"]


@contextmanager
def impatient(scene: Scene) -> Iterator[Transaction]:
    """A transaction that does not wait long for a lock."""
    with scene.system() as tx:
        tx.run("SET LOCAL lock_timeout = '200ms'")
        yield tx


def test_a_status_that_comes_first_is_parked_and_placed_later(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    early = StatusUpdate("k", NUMBER, "wamid.fake.1", DeliveryStatus.READ, datetime.now(UTC))
    parser = FakeParser({b"1": [early]})
    keep(scene, b"1")
    process(scene, parser)
    assert scene.rows("SELECT state FROM webhook_updates") == [{"state": "parked"}]
    scene.deliver()
    assert scene.states() == [("accepted", "")]
    reconcile.reconcile(lambda: scene.system(), only=["webhooks"])
    process(scene, parser)
    assert scene.states() == [("read", "")]
    assert scene.rows("SELECT state FROM webhook_updates") == [{"state": "done"}]


def test_two_workers_share_the_deliveries(scene: Scene) -> None:
    units = scene.ready(*(f"Guest {n}" for n in range(6)), seats=1)
    script: dict[bytes, Sequence[Update]] = {
        b"%d" % n: [scene.say(unit, Text("yes"))] for n, unit in enumerate(units)
    }
    keep(scene, *script)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: process(scene, FakeParser(script)), range(2)))
    assert sorted(one.number or 0 for some in done for one in some) == [1, 2, 3, 4, 5, 6]
    assert scene.counts()["sangeet"]["heads"] == 6


def test_who_may_look_and_who_may_replay(scene: Scene) -> None:
    keep(scene, b"1")
    with scene.begin(Role.AUDITOR) as tx:
        listed, states_ = webhooks.list_deliveries(tx, None, 10)
        assert (len(listed), states_["pending"]) == (1, 1)
        with pytest.raises(NotFound):
            webhooks.show(tx, 99)
        with pytest.raises(NotPermitted):
            webhooks.replay(tx, [1], None, None)
    with scene.begin(Role.OPERATOR) as tx, pytest.raises(NotPermitted):
        webhooks.list_deliveries(tx, None, 10)


# ── whatever the order ─────────────────────────────────────────────────────────────────────────────────


class Shuffled:
    """A database in which each example has a wedding of its own."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.weddings = 0

    def ends(self, statuses: Sequence[tuple[int, DeliveryStatus]], answers: Sequence[str], order: Any) -> Any:
        """Where one wedding stands after these deliveries in this order."""
        scene = self.scene
        self.weddings += 1
        number = f"77{self.weddings}"
        scene.wedding = scene.another(f"w{self.weddings}", phone_number_id=number)
        units = scene.ready("Asha", "Ravi", seats=1)
        scene.send()
        scene.deliver()
        sent = scene.sender.sent[-2:]
        start = datetime.now(UTC)
        updates: list[Update] = [
            StatusUpdate(
                f"{number}:{who}:{status}", number, f"w.{number}.{who}", status, start, sent[who].token
            )
            for who, status in statuses
        ]
        for minute, answer in enumerate(answers):
            said = scene.say(units[0], tap(sent[0], answer))
            moment = start + minute * timedelta(minutes=1)
            updates.append(
                replace(said, phone_number_id=number, at=moment, key=f"{number}:{minute}:{answer}")
            )
        updates = [
            replace(one, message_id=one.key) if isinstance(one, InboundMessage) else one for one in updates
        ]
        script: dict[bytes, Sequence[Update]] = {}
        for place, which in enumerate(order(len(updates))):
            body = b"%d %d" % (self.weddings, place)
            script[body] = [updates[which]]
            keep(scene, body)
        process(scene, FakeParser(script))
        wedding = {"wedding": scene.wedding.id}
        answered = scene.rows(
            "SELECT DISTINCT ON (unit_id) status, heads FROM rsvp_responses WHERE wedding_id = :wedding "
            "ORDER BY unit_id, given_at DESC, id DESC",
            **wedding,
        )
        counts = scene.rows(
            "SELECT invited_units, answered_units, yes_units, yes_heads, no_units, maybe_units "
            "FROM projection_event_counts WHERE wedding_id = :wedding",
            **wedding,
        )
        states_ = scene.rows(
            "SELECT d.state FROM invite_dispatch d JOIN guest_units u ON u.id = d.unit_id "
            "WHERE d.wedding_id = :wedding AND d.kind = 'template' ORDER BY u.number",
            **wedding,
        )
        return answered, counts, states_


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from(list(DeliveryStatus)[:3])), max_size=4, unique=True
    ),
    st.lists(st.sampled_from(["yes", "no", "maybe"]), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_any_order_with_repetitions_ends_alike(
    scene: Scene, statuses: list[tuple[int, DeliveryStatus]], answers: list[str], chance: Any
) -> None:
    base = Shuffled(scene)
    base.weddings = scene.value("SELECT count(*) FROM weddings")

    def shuffled(count: int) -> list[int]:
        order = [*range(count), *(chance.randrange(count) for _ in range(2))]
        chance.shuffle(order)
        return order

    in_order = base.ends(statuses, answers, range)
    assert base.ends(statuses, answers, shuffled) == in_order
    assert in_order[0][0]["status"] == answers[-1]
