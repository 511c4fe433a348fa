"""Deliveries in parallel, again and again, in any order: what guests say is heard in its order, and once."""

from __future__ import annotations

import json
import multiprocessing
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from parinaya_cli import settings
from parinaya_cli.adapters.whatsapp.parsing import look
from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.messages import DeliveryStatus, Sender, TemplateUpdate, Text, Unreadable
from parinaya_cli.services import webhooks
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.store import webhooks as store
from parinaya_cli.wiring import open_app
from tests.fakes.parser import FakeParser
from tests.services.wedding_kit import EARS, Scene, open_scene, tap
from tests.web.receiver_kit import envelope, eventually

MINUTE = timedelta(minutes=1)


def keep(scene: Scene, *deliveries: Incoming) -> None:
    with scene.system() as tx:
        webhooks.keep(tx, deliveries)


def process(scene: Scene, parser: FakeParser) -> int:
    return webhooks.process_slice(lambda: scene.system(), parser, EARS)


def states(scene: Scene) -> list[str]:
    return [row["state"] for row in scene.rows("SELECT state FROM webhook_events ORDER BY number")]


def test_a_guest_waits_for_nobody_but_themselves(scene: Scene) -> None:
    asha, ravi = scene.ready("Asha", "Ravi")
    parser = FakeParser(
        {
            b"1": [scene.say(asha, Text("yes we are coming"))],
            b"2": [scene.say(asha, Text("2"), at=MINUTE)],
            b"3": [scene.say(ravi, Text("sorry, we cannot come"))],
        }
    )
    keep(scene, Incoming(b"1", lanes=(7,)), Incoming(b"2", lanes=(7,)), Incoming(b"3", lanes=(8,)))
    with scene.system() as other:
        assert [one.body for one in store.take_for_processing(other, 1)] == [b"1"]
        assert process(scene, parser) == 1
        assert states(scene) == ["pending", "pending", "done"]
        assert process(scene, parser) == 0, "the second message must not overtake the first"
    assert process(scene, parser) == 2
    assert sorted(scene.answers()) == [("sangeet", "no", None, None), ("sangeet", "yes", 2, None)]
    assert scene.inbox() == []


def test_a_delivery_that_failed_holds_nobody_up(scene: Scene) -> None:
    (asha,) = scene.ready("Asha", seats=1)
    parser = FakeParser({b"1": RuntimeError("a bug"), b"2": [scene.say(asha, Text("yes"))]})
    keep(scene, Incoming(b"1", lanes=(7,)), Incoming(b"2", lanes=(7,)))
    while process(scene, parser):
        pass
    assert states(scene) == ["failed", "done"]


def test_messages_that_come_in_the_wrong_order_are_heard_in_the_right_one(scene: Scene) -> None:
    (asha,) = scene.ready("Asha")
    scene.send()
    scene.deliver()
    parser = FakeParser(
        {
            b"1": [scene.say(asha, Text("2"), at=MINUTE)],
            b"2": [scene.say(asha, tap(scene.sender.sent[0], "yes"))],
        }
    )
    keep(scene, Incoming(b"1"), Incoming(b"2"))
    assert process(scene, parser) == 2
    assert scene.answers() == [("sangeet", "yes", 2, None)]
    assert scene.inbox() == []


def test_what_is_understood_since_has_its_effect_by_a_replay(scene: Scene) -> None:
    scene.ready("Asha")
    at = datetime.now(UTC) + MINUTE
    parser = FakeParser({b"1": [Unreadable("o:1", "template_news", "not known")]})
    keep(scene, Incoming(b"1"))
    process(scene, parser)
    with scene.begin() as tx:
        (delivery,), _ = webhooks.list_deliveries(tx, None, 10)
        assert (delivery.kept, delivery.parked) == (1, 0), "what is not understood is seen in the list"
    parser.script[b"1"] = [TemplateUpdate("o:1", "102", "sangeet_invite", "en", status="paused", at=at)]
    for _ in range(2):
        with scene.begin() as tx:
            webhooks.replay(tx, [1], None, None)
        process(scene, parser)
    assert scene.value("SELECT status FROM templates") == "paused"
    assert scene.rows("SELECT kind, state FROM webhook_updates") == [
        {"kind": "TemplateUpdate", "state": "done"}
    ]
    assert scene.value("SELECT count(*) FROM audit_logs WHERE action = 'template.news'") == 1


def test_contact_points_are_locked_in_the_order_of_merges(scene: Scene) -> None:
    units = scene.ready("Asha", "Ravi", seats=1)
    first, second = scene.rows("SELECT id, value FROM contact_points ORDER BY id")
    parser = FakeParser(
        {
            b"1": [scene.say(units[1], Text("yes"), sender=Sender(second["value"]))],
            b"2": [scene.say(units[0], Text("yes"), sender=Sender(first["value"]))],
        }
    )
    keep(scene, Incoming(b"1"), Incoming(b"2"))
    lock = "SELECT 1 FROM contact_points WHERE id = :id FOR UPDATE"
    with ThreadPoolExecutor(1) as pool:
        with scene.system() as merge:
            merge.across.row(lock, id=first["id"])
            done = pool.submit(process, scene, parser)
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
            waiting += "wait_event_type = 'Lock'"
            eventually(lambda: scene.value(waiting) == 1, "the slice did not want the first contact point")
            merge.across.row(f"{lock} NOWAIT", id=second["id"])
        assert done.result(60) == 2
    assert scene.counts()["sangeet"]["yes"] == 2


# ── several processes ──────────────────────────────────────────────────────────────────────────────────

GUESTS = 12


def work(env: dict[str, str], folder: str, begin: Any) -> None:
    """What runs in each of the processes: process until nothing waits."""
    with open_app(settings.load(env=env, path=Path(folder) / "config" / "config.toml")) as app:
        begin.wait(60)
        while webhooks.process_slice(lambda: app.begin_as_system(Channel.WEBHOOK), app.parser, app.ears):
            pass


def bodies(scene: Scene) -> list[bytes]:
    """What every guest causes: three statuses of the invitation, a yes, the number of heads."""
    start = int(datetime.now(UTC).timestamp())
    found: list[bytes] = []
    for place, message in enumerate(scene.sender.sent):
        assert message.to is not None
        number = message.to.removeprefix("+")
        common = {
            "id": f"wamid.out.{place}",
            "recipient_id": number,
            "biz_opaque_callback_data": message.token,
        }
        for status in (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ):
            found.append(
                envelope({"statuses": [{**common, "status": status.value, "timestamp": str(start)}]})
            )
        for step, words in enumerate(("yes we are coming", "2")):
            said = {
                "from": number,
                "id": f"wamid.in.{place}.{step}",
                "timestamp": str(start + step),
                "type": "text",
                "text": {"body": words},
            }
            found.append(envelope({"messages": [said]}))
    return found


def test_five_times_each_and_shuffled_two_processes_end_as_one(env: dict[str, str], tmp_path: Path) -> None:
    with open_scene(env["DATABASE_URL"]) as scene:
        scene.ready(*(f"Guest {n}" for n in range(GUESTS)))
        scene.send()
        scene.deliver()
        told = bodies(scene)
        chance = random.Random(6)
        again = [body + b" " * times for times in range(1, 5) for body in told]
        chance.shuffle(again)
        keep(scene, *(Incoming(body, lanes=look(body).lanes) for body in [*told, *again]))
        context = multiprocessing.get_context("spawn")
        begin = context.Event()
        workers = [context.Process(target=work, args=(env, str(tmp_path), begin)) for _ in range(2)]
        for one in workers:
            one.start()
        begin.set()
        for one in workers:
            one.join(120)
        assert [one.exitcode for one in workers] == [0, 0]
        assert set(states(scene)) == {"done"}
        assert scene.states() == [("read", "")] * GUESTS
        counts = scene.counts()["sangeet"]
        assert (counts["yes"], counts["heads"]) == (GUESTS, 2 * GUESTS)
        assert scene.inbox() == []
        sizes = scene.table_sizes()
        assert (sizes["delivery_events"], sizes["inbound_messages"]) == (3 * GUESTS, 2 * GUESTS)
        assert scene.value("SELECT count(*) FROM invite_dispatch WHERE kind = 'reply'") == 2 * GUESTS
        body = json.loads(told[0])
        assert body["object"] == "whatsapp_business_account"
