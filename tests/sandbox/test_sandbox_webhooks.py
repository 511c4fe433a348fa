"""What arrives at the receiver: signatures over the raw bytes, shapes, batches, copies, order, and again."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.sandbox.webhooks import MESSAGE, STATUS, Sender, Update, encode, envelope
from tests.sandbox.sandbox_kit import (
    GUEST,
    NUMBER,
    SECRET,
    VERIFY,
    WABA,
    Arrival,
    free_text,
    invite,
    receiving,
    script,
    standing_in,
)


def people(count: int) -> list[str]:
    return [f"+9198123{n:05d}" for n in range(count)]


def signed_by(arrival: Arrival, secret: str) -> bool:
    digest = hmac.new(secret.encode(), arrival.body, hashlib.sha256).hexdigest()
    return arrival.headers["x-hub-signature-256"] == f"sha256={digest}"


def test_a_message_is_sent_delivered_and_read() -> None:
    with receiving() as receiver, standing_in(receiver) as desk:
        wamid = desk.post(invite(token="w1:d9:a2")).json()["messages"][0]["id"]
        desk.idle()
        statuses = receiver.statuses()
    assert [s["status"] for s in statuses] == ["sent", "delivered", "read"]
    for status in statuses:
        assert status["id"] == wamid
        assert status["recipient_id"] == "919812345678"
        assert re.fullmatch(r"IN\.\d+", status["recipient_user_id"])
        assert status["biz_opaque_callback_data"] == "w1:d9:a2"
        assert re.fullmatch(r"\d{10}", status["timestamp"])
    pricing = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}
    assert [s.get("pricing") for s in statuses] == [pricing, pricing, None]


def test_the_envelope_names_account_and_number() -> None:
    with receiving() as receiver, standing_in(receiver) as desk:
        desk.say(phone=GUEST, text="नमस्ते / hi")
        desk.idle()
        (arrival,) = receiver.arrivals
        (body,) = receiver.confirmed()
    assert body["object"] == "whatsapp_business_account"
    assert body["entry"][0]["id"] == WABA
    change = body["entry"][0]["changes"][0]
    assert change["field"] == "messages"
    assert change["value"]["messaging_product"] == "whatsapp"
    assert change["value"]["metadata"] == {"display_phone_number": "919800000000", "phone_number_id": NUMBER}
    contact = change["value"]["contacts"][0]
    assert contact["wa_id"] == change["value"]["messages"][0]["from"] == "919812345678"
    assert contact["user_id"] == change["value"]["messages"][0]["from_user_id"]
    assert b"\\u0928\\u092e\\u0938" in arrival.body
    assert b"hi" in arrival.body
    assert b" \\/ hi" in arrival.body
    assert arrival.headers["content-type"] == "application/json"


def test_the_signature_is_over_the_raw_bytes() -> None:
    with receiving() as receiver, standing_in(receiver) as desk:
        desk.say(phone=GUEST, text="शादी में आएंगे 🙏 50% / @home")
        desk.idle()
        (arrival,) = receiver.arrivals
    assert signed_by(arrival, SECRET)
    assert not signed_by(arrival, SECRET + "x")
    dumped = json.dumps(json.loads(arrival.body)).encode()
    assert not signed_by(Arrival(dumped, arrival.headers, 200), SECRET)


@settings(deadline=None)
@given(
    st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
)
def test_the_bytes_are_ascii_with_escapes_and_read_back_the_same(value: Any) -> None:
    body = encode({"value": value})
    assert json.loads(body) == {"value": value}
    assert body.isascii()
    assert not re.search(rb"(?<!\\)/", body)
    escapes = re.findall(rb"(?<!\\)(?:\\\\)*\\u(.{4})", body)
    assert all(re.fullmatch(rb"[0-9a-f]{4}", digits) for digits in escapes)


def test_many_due_updates_share_posts_and_none_is_lost_or_doubled() -> None:
    with receiving() as receiver, standing_in(receiver, messages_per_second=1000, delay=(0.3, 0.4)) as desk:
        for phone in people(60):
            assert desk.post(invite(phone)).status_code == 200
        told = desk.idle()
        arrivals = len(receiver.arrivals)
        counts = Counter((s["id"], s["status"]) for s in receiver.statuses())
    assert set(counts.values()) == {1}
    assert Counter(status for _, status in counts) == {"sent": 60, "delivered": 60, "read": 60}
    assert told["webhooks"]["confirmed"] == 180
    assert arrivals < 180


def test_a_batch_is_laid_out_in_each_of_the_ways_a_receiver_must_walk() -> None:
    updates = [
        Update(STATUS, "a", "a", {"id": "1"}, {"wa_id": "91"}),
        Update(MESSAGE, "b", "b", {"id": "2"}, {"wa_id": "92"}),
        Update(STATUS, "c", "c", {"id": "3"}, {"wa_id": "91"}),
    ]
    rng = random.Random(1)
    seen = set()
    for _ in range(30):
        body = envelope(updates, Sender("1", "2", "3"), rng)
        values = [c["value"] for e in body["entry"] for c in e["changes"]]
        assert sorted(x["id"] for v in values for k in (STATUS, MESSAGE) for x in v.get(k, [])) == [
            "1",
            "2",
            "3",
        ]
        assert all({c["wa_id"] for c in v["contacts"]} for v in values)
        seen.add((len(body["entry"]), len(values)))
    assert seen == {(1, 3), (1, 2), (3, 3)}


def test_each_update_can_come_twice() -> None:
    with receiving() as receiver, standing_in(receiver, duplicate=1.0) as desk:
        desk.post(invite())
        desk.say(phone=GUEST, text="hi")
        told = desk.idle()
        statuses = Counter(s["status"] for s in receiver.statuses())
        messages = Counter(m["id"] for m in receiver.messages())
    assert statuses == {"sent": 2, "delivered": 2, "read": 2}
    assert list(messages.values()) == [2]
    assert told["webhooks"]["duplicates"] == 4


def test_the_share_of_copies_is_that_of_the_seed_whatever_the_timing() -> None:
    def doubled(seed: int) -> set[tuple[str, str]]:
        with receiving() as receiver, standing_in(receiver, duplicate=0.3, seed=seed) as desk:
            for phone in people(20):
                desk.post(invite(phone))
            desk.idle()
            counts = Counter((s["recipient_id"], s["status"]) for s in receiver.statuses())
        return {key for key, times in counts.items() if times == 2}

    first = doubled(3)
    assert first == doubled(3)
    assert first != doubled(4)
    assert 5 <= len(first) <= 31


def test_without_shuffle_one_guests_updates_keep_their_order_and_with_it_they_do_not() -> None:
    def orders(shuffle: bool) -> set[tuple[str, ...]]:
        with receiving() as receiver, standing_in(receiver, shuffle=shuffle, delay=(0.0, 0.05)) as desk:
            for phone in people(40):
                desk.post(invite(phone))
            desk.idle()
            told: dict[str, list[str]] = {}
            for status in receiver.statuses():
                told.setdefault(status["recipient_id"], []).append(status["status"])
        return {tuple(order) for order in told.values()}

    assert orders(False) == {("sent", "delivered", "read")}
    mixed = orders(True)
    assert any(order.index("sent") > order.index("read") for order in mixed)
    assert {frozenset(order) for order in mixed} <= {
        frozenset({"sent", "delivered", "read"}),
        frozenset({"sent", "read"}),
    }


@pytest.mark.parametrize("status", [503, 500, 401, 201, 302])
def test_anything_but_200_brings_the_same_bytes_again(status: int) -> None:
    with receiving(lambda n: 200 if n > 3 else status) as receiver, standing_in(receiver) as desk:
        desk.say(phone=GUEST, text="hi")
        told = desk.idle()
        bodies = [a.body for a in receiver.arrivals]
    assert len(bodies) == 4
    assert len(set(bodies)) == 1
    assert told["webhooks"]["refused_posts"] == 3
    assert told["webhooks"]["last_failure"] == str(status)


def test_a_receiver_that_comes_up_late_gets_everything() -> None:
    with receiving() as gone:
        address = gone.address
    with standing_in(webhook=address) as desk:
        for phone in people(20):
            desk.post(invite(phone))
        told = desk.until(lambda t: t["webhooks"]["refused_posts"] >= 20)
        assert not told["idle"]
        assert told["webhooks"]["confirmed"] == 0
        with receiving() as receiver:
            path = f"/v25.0/{WABA}/subscribed_apps"
            new = {"override_callback_uri": receiver.address, "verify_token": VERIFY}
            assert desk.client.post(path, json=new).json() == {"success": True}
            desk.idle()
            assert len(receiver.statuses()) == 60


def test_a_refused_post_holds_up_only_its_own_guest() -> None:
    with (
        receiving(lambda n: 503 if n == 1 else 200) as receiver,
        standing_in(receiver, retry=(1.0, 1.0)) as desk,
    ):
        desk.say(phone=GUEST, text="first")
        desk.until(lambda t: t["webhooks"]["refused_posts"] == 1)
        desk.say(phone=GUEST, text="second")
        desk.say(phone=people(1)[0], text="other")
        desk.idle()
        assert [m["text"]["body"] for m in receiver.messages()] == ["other", "first", "second"]


def test_the_handshake_comes_first_and_a_wrong_token_holds_everything_back() -> None:
    with receiving() as receiver:
        with standing_in(receiver, verify_token=VERIFY) as desk:
            desk.say(phone=GUEST, text="hi")
            assert desk.idle()["webhooks"]["handshake"] == "done"
            assert len(receiver.messages()) == 1
        with standing_in(receiver, verify_token="another") as desk:
            desk.say(phone=GUEST, text="hi")
            told = desk.until(lambda t: t["webhooks"]["last_failure"] == "handshake: 403")
            assert (told["webhooks"]["handshake"], told["webhooks"]["pending"]) == ("waiting", 1)
        assert len(receiver.messages()) == 1


def test_free_form_messages_are_priced_as_service() -> None:
    with receiving() as receiver, standing_in(receiver) as desk:
        desk.say(phone=GUEST, text="hi")
        desk.post(free_text("hello"))
        desk.idle()
        assert [s["pricing"]["category"] for s in receiver.statuses() if "pricing" in s] == [
            "service",
            "service",
        ]


def test_a_reaction_is_only_sent() -> None:
    with receiving() as receiver, standing_in(receiver) as desk:
        wamid = desk.say(phone=GUEST, text="hi")["wamid"]
        reaction = {"message_id": wamid, "emoji": "🙏"}
        desk.post({**free_text("x"), "type": "reaction", "reaction": reaction})
        desk.idle()
        assert [s["status"] for s in receiver.statuses()] == ["sent"]


def test_us_numbers_get_no_marketing_but_canada_and_utility_do(tmp_path: Path) -> None:
    us, canada = "+14155550133", "+14165550164"
    update = invite(us)
    update["template"] = {
        "name": "venue_update",
        "language": {"code": "en"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "parameter_name": name, "text": "x"}
                    for name in ("event_name", "venue", "event_time")
                ],
            }
        ],
    }
    guests = script(
        tmp_path / "guests.yaml", f'  - {{household: "US", phone: "{us}", does: [{{say: "never"}}]}}\n'
    )
    with receiving() as receiver, standing_in(receiver, guests=guests) as desk:
        refused = desk.post(invite(us)).json()["messages"][0]["id"]
        taken = {desk.post(b).json()["messages"][0]["id"] for b in (invite(canada),)}
        desk.idle()
        assert not receiver.messages()
        taken.add(desk.post(update).json()["messages"][0]["id"])
        desk.idle()
        told = {(s["id"], s["status"]) for s in receiver.statuses()}
        (failed,) = [s for s in receiver.statuses() if s["status"] == "failed"]
    assert {i for i, status in told if status == "read"} == taken
    assert {status for i, status in told if i == refused} == {"failed"}
    error = failed["errors"][0]
    assert error["code"] == 131049
    assert error["error_data"]["details"]
    assert error["title"]
    assert "pricing" not in failed


def test_the_share_of_failures_is_that_of_the_seed() -> None:
    def failing() -> set[str]:
        with receiving() as receiver, standing_in(receiver, fail_rate=0.3, messages_per_second=500) as desk:
            for phone in people(60):
                desk.post(invite(phone))
            desk.idle()
            statuses = receiver.statuses()
        failed = {s["recipient_id"] for s in statuses if s["status"] == "failed"}
        assert all(s["errors"][0]["code"] == 131026 for s in statuses if s["status"] == "failed")
        assert not failed & {s["recipient_id"] for s in statuses if s["status"] in ("delivered", "read")}
        return failed

    first = failing()
    assert 6 <= len(first) <= 32
    assert first == failing()
