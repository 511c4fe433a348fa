"""Webhook bodies: a corpus in Meta's shapes with what each means, and whatever else may come."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.adapters.whatsapp.parsing import Parser, as_json_object, look, parse
from parinaya_cli.domain.errors import Failed, UsedWrongly
from parinaya_cli.domain.messages import (
    InboundMessage,
    Text,
    Unreadable,
    Update,
)
from parinaya_cli.ports import InboundParser

DATA = Path(__file__).parents[2] / "data" / "whatsapp"
CASES: dict[str, dict[str, Any]] = {
    f"{path.stem}:{name}": case
    for path in sorted(DATA.glob("webhook_*.json"))
    for name, case in json.loads(path.read_text("utf-8"))["cases"].items()
}
BODIES = [case["body"] for case in CASES.values()]


def dump(body: object) -> bytes:
    return json.dumps(body).encode("ascii")


def plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"is": type(value).__name__, **fields}
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def strings(value: object) -> Iterator[str]:
    """Every string in a plain value, the names of a mapping too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from strings(name)
            yield from strings(part)


def assert_holds(expected: object, actual: object) -> None:
    """Everything that the corpus says holds; what it leaves out is free."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict)
        for name, part in expected.items():
            assert name in actual
            assert_holds(part, actual[name])
    else:
        assert expected == actual


@pytest.mark.parametrize("name", sorted(CASES))
def test_corpus(name: str) -> None:
    updates = parse(dump(CASES[name]["body"]))
    assert [plain(update) for update in updates] != []
    assert len(updates) == len(CASES[name]["expect"])
    for expected, update in zip(CASES[name]["expect"], updates, strict=True):
        assert_holds(expected, plain(update))
    assert as_json_object(dump(CASES[name]["body"])) == "object"


def test_the_corpus_has_every_kind_of_update() -> None:
    kinds = {type(update) for body in BODIES for update in parse(dump(body))}
    assert kinds == set(get_args(Update))


def test_the_parser_is_the_port() -> None:
    parser: InboundParser = Parser()
    assert parser.parse(dump(BODIES[0])) == parse(dump(BODIES[0]))


# ── keys ───────────────────────────────────────────────────────────────────────────────────────────────


def paused(time: int) -> bytes:
    value = {"event": "PAUSED", "message_template_name": "a", "message_template_language": "hi"}
    change = {"field": "message_template_status_update", "value": value}
    return dump(
        {"object": "whatsapp_business_account", "entry": [{"id": "5", "time": time, "changes": [change]}]}
    )


def test_the_same_news_at_another_time_is_other_news() -> None:
    assert parse(paused(1))[0].key == parse(paused(1))[0].key
    assert parse(paused(1))[0].key != parse(paused(2))[0].key


def test_a_key_does_not_depend_on_the_order_of_keys_or_on_blanks() -> None:
    body = CASES["webhook_others:a_field_of_tomorrow"]["body"]
    turned = json.dumps({name: body[name] for name in reversed(body)}, indent=3).encode()
    assert parse(turned)[0].key == parse(dump(body))[0].key


def test_a_key_does_not_depend_on_the_delivery_around_it() -> None:
    alone = CASES["webhook_statuses:unknown_word"]["body"]
    crowded = copy.deepcopy(alone)
    crowded["entry"].insert(0, {"id": "1", "changes": []})
    crowded["entry"][1]["changes"][0]["value"]["statuses"].insert(0, {"id": "other"})
    assert parse(dump(crowded))[-1].key == parse(dump(alone))[0].key


def test_a_played_message_is_a_read_message() -> None:
    read, played = (
        CASES[f"webhook_statuses:{name}"] for name in ("read_without_delivered", "played_counts_as_read")
    )
    assert parse(dump(read["body"])) == parse(dump(played["body"]))


def test_lanes_tell_who_speaks_and_not_whose_number_it_is() -> None:
    said = {"from": "919812300001", "from_user_id": "IN.1349", "id": "wamid.1"}
    value = {"messages": [said, {**said, "id": "wamid.2"}], "statuses": [{"recipient_id": "919812300001"}]}
    found = look(dump({"entry": [{"id": "5", "changes": [{"field": "messages", "value": value}]}]}))
    assert found.kind == "object"
    assert len(found.lanes) == 2
    assert max(found.lanes) < 2**16
    only = {"entry": [{"id": "5", "changes": [{"field": "messages", "value": {"messages": [said]}}]}]}
    assert look(dump(only)).lanes == found.lanes, "each once"
    assert look(dump(CASES["webhook_statuses:sent_with_pricing"]["body"])).lanes == ()


# ── limits ─────────────────────────────────────────────────────────────────────────────────────────────


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def statuses(count: int) -> bytes:
    change = {"field": "messages", "value": {"statuses": [{}] * count}}
    return dump({"entry": [{"id": "5", "changes": [change]}]})


BEYOND = {
    "65 deep": (nested(65), "too_deep"),
    "3,000 deep": (nested(3_000), "too_deep"),
    "100,000 deep": (nested(100_000), "too_deep"),
    "65 deep in lists": (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "too_deep"),
    "20 digits": (b'{"a":12345678901234567890}', "too_large"),
    "5,000 digits": (b'{"a":-' + b"9" * 5_000 + b"}", "too_large"),
    "5,001 updates": (statuses(5_001), "too_large"),
}


@pytest.mark.parametrize("name", BEYOND)
def test_beyond_the_limits(name: str) -> None:
    body, code = BEYOND[name]
    assert as_json_object(body) == "beyond"
    with pytest.raises(Failed) as caught:
        parse(body)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "body",
    [nested(64), b'{"a":' + b"[" * 63 + b"]" * 63 + b"}", b'{"a":-1234567890123456789}', statuses(5_000)],
    ids=["64 objects", "64 lists", "19 digits", "5,000 updates"],
)
def test_just_within_the_limits(body: bytes) -> None:
    assert as_json_object(body) == "object"
    assert parse(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"12345678901234567890",
        b"[" * 100_000,
        b"{",
        b'{"a":1',
        b'{"a":1}x',
        b"{'a':1}",
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b'{"a":"\x01"}',
        b"object=whatsapp&entry=1",
    ],
    ids=lambda body: str(body)[:40],
)
def test_no_json_object(body: bytes) -> None:
    assert as_json_object(body) == "other"
    with pytest.raises(UsedWrongly):
        parse(body)


def test_values_that_json_does_not_know_are_kept() -> None:
    body = b'{"entry":[{"id":"5","changes":[{"field":"x","value":{"a":NaN,"b":-Infinity,"c":1e999}}]}]}'
    (update,) = parse(body)
    assert isinstance(update, Unreadable)
    assert update.facts == {"account": "5", "a": "nan", "b": "-inf", "c": "inf"}


def test_of_doubled_keys_the_last_counts() -> None:
    (update,) = parse(b'{"entry":[{"id":"4","id":"5","changes":[{"field":"x","value":{"a":1,"a":2}}]}]}')
    assert isinstance(update, Unreadable)
    assert update.facts == {"account": "5", "a": "2"}


# ── whatever may come ──────────────────────────────────────────────────────────────────────────────────

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**22), 10**22)
    | st.floats()
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(
        ["wamid.X", "", "919812300001", "1771040000", "text", "button", "failed", "stop", "\x00\ud800"]
    )
)
WORDS = """object entry id changes field value metadata phone_number_id contacts messages statuses errors code
type text body button payload interactive timestamp status from from_user_id user_preferences time event"""
NAMES = st.sampled_from(WORDS.split()) | st.text(max_size=4)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5)
)
CHANGES = st.fixed_dictionaries(
    {
        "field": st.sampled_from(["messages", "user_preferences", "message_template_status_update", "other"])
        | VALUES,
        "value": st.dictionaries(NAMES, VALUES, max_size=6) | VALUES,
    }
)
DELIVERIES = st.dictionaries(NAMES, VALUES, max_size=6) | st.builds(
    lambda changes: {"object": "whatsapp_business_account", "entry": [{"id": "5", "changes": changes}]},
    st.lists(CHANGES, max_size=4),
)


def assert_storable(update: Update) -> None:
    """Nothing in it that Postgres refuses, and a key that an index takes."""
    for words in strings(plain(update)):
        words.encode("utf-8")
        assert "\x00" not in words
    assert 0 < len(update.key) < 1_100


def assert_reads_or_refuses(body: bytes) -> None:
    verdict = as_json_object(body)
    try:
        updates = parse(body)
    except UsedWrongly:
        assert verdict == "other"
    except Failed:
        assert verdict == "beyond"
    else:
        assert verdict == "object"
        assert updates
        for update in updates:
            assert_storable(update)


@settings(deadline=None)
@given(DELIVERIES)
def test_any_object_is_read_or_refused_in_two_ways(delivery: dict[str, object]) -> None:
    assert_reads_or_refuses(dump(delivery))


@settings(deadline=None)
@given(st.sampled_from(BODIES), st.data())
def test_a_mutated_delivery_is_read_or_refused(body: dict[str, Any], data: st.DataObject) -> None:
    mutated = copy.deepcopy(body)
    for _ in range(data.draw(st.integers(1, 3))):
        mutate(mutated, data.draw)
    assert_reads_or_refuses(dump(mutated))


@settings(deadline=None)
@given(st.sampled_from(BODIES), st.data())
def test_a_delivery_with_broken_bytes_is_read_or_refused(body: dict[str, Any], data: st.DataObject) -> None:
    raw = bytearray(dump(body))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    assert_reads_or_refuses(bytes(raw))


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    assert_reads_or_refuses(body)


def mutate(node: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
    """Walk down at random and, somewhere, take out, exchange or add a thing."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        if isinstance(node[key], dict | list) and node[key] and draw(st.integers(0, 4)):
            node = node[key]
            continue
        action = draw(st.sampled_from(["remove", "exchange", "double"]))
        if action == "remove":
            del node[key]
        elif action == "exchange" or isinstance(node, dict):
            node[key] = draw(VALUES)
        else:
            node.insert(key, copy.deepcopy(node[key]))
        return


@settings(deadline=None)
@given(st.lists(st.text(st.characters(), max_size=30), min_size=1, max_size=30))
def test_every_message_of_a_delivery_comes_in_order(texts: list[str]) -> None:
    messages = [
        {
            "from": "919812300001",
            "id": f"wamid.{n}",
            "timestamp": "1771040000",
            "type": "text",
            "text": {"body": t},
        }
        for n, t in enumerate(texts)
    ]
    value = {"metadata": {"phone_number_id": "7"}, "messages": messages}
    updates = parse(dump({"entry": [{"id": "5", "changes": [{"field": "messages", "value": value}]}]}))
    assert [update.key for update in updates] == [f"m:wamid.{n}" for n in range(len(texts))]
    for update, text in zip(updates, texts, strict=True):
        assert isinstance(update, InboundMessage)
        assert isinstance(update.content, Text)
        kept = [a for a, b in zip(update.content.body, text, strict=True) if a == b]
        assert len(update.content.body) - len(kept) == sum(
            c == "\x00" or "\ud800" <= c <= "\udfff" for c in text
        )
