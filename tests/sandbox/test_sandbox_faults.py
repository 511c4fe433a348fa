"""Faults on demand, the rates, and the journal that is written before anybody is answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.sandbox.faults import Fault, FaultPlan, parse_fault
from parinaya_cli.sandbox.limits import PAIR_BURST, number_bucket, pair_bucket
from tests.sandbox.sandbox_kit import GUEST, StandIn, free_text, invite, receiving, standing_in

OTHER = "+919812345670"


def journal(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def outcome(desk: StandIn, token: str) -> int | str:
    """The HTTP status of an invitation, or how its connection ended."""
    try:
        return desk.post(invite(token=token)).status_code
    except httpx.HTTPError as error:
        return type(error).__name__


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("error:130429@100x50", Fault("error", 100, 50, 130429)),
        ("error:190", Fault("error", 0, 1, 190)),
        ("http500@3", Fault("http500", 3, 1)),
        ("http502-acceptedx2", Fault("http502-accepted", 0, 2)),
        ("cut-before@1x*", Fault("cut-before", 1, None)),
        ("cut-after", Fault("cut-after")),
        ("http429@2x10s", Fault("http429", 2, None, 0, 10.0)),
        (" slow:1.5x3 ", Fault("slow", 0, 3, 1.5)),
        ("fails:131026/+919812345678@2x*", Fault("fails", 2, None, 131026, None, "+919812345678")),
        ("cut-after/+919812345678", Fault("cut-after", phone="+919812345678")),
    ],
)
def test_a_fault_is_read(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


def test_a_fault_for_some_time_ends() -> None:
    lasting, over = (FaultPlan((Fault("http429", 0, None, 0, seconds),)) for seconds in (600.0, 0.0))
    assert [lasting.next() is not None for _ in range(3)] == [True] * 3
    assert over.next() is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "error",
        "error:x",
        "error:1.5",
        "http500:3",
        "slow",
        "boom",
        "http500@",
        "http500x",
        "slow:-1",
        "cut-afterx1@2",
        "error 190",
        "fails",
        "fails:1.5",
        "error:190/919812345678",
        "error:190@1/+919812345678",
        "error:190@१",
    ],
)
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(UsedWrongly) as caught:
        parse_fault(text)
    assert "error:CODE" in caught.value.hint


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(1, 50), st.integers(1, 150))
def test_a_fault_hits_exactly_those_after_and_within_its_count(after: int, count: int, sends: int) -> None:
    plan = FaultPlan((Fault("http500", after, count),))
    hit = [number for number in range(1, sends + 1) if plan.next() is not None]
    assert hit == [n for n in range(after + 1, after + count + 1) if n <= sends]
    assert plan.happened["http500"] == len(hit)


def test_a_fault_for_one_person_counts_and_hits_that_person_alone() -> None:
    plan = FaultPlan((Fault("http500", 1, 1, phone=GUEST), Fault("error", 3, 1, 190)))
    sends = [(OTHER, None), (GUEST, None), (GUEST, "http500"), (OTHER, "error"), (GUEST, None)]
    for phone, expected in sends:
        fault = plan.next(phone)
        assert (fault and fault.kind) == expected


def test_what_fails_afterwards_was_accepted_and_has_its_code(tmp_path: Path) -> None:
    """For one guest, for ever; others get theirs. Meta says ``sent`` first unless it holds the message back."""
    path = tmp_path / "journal.jsonl"
    faults = (parse_fault(f"fails:131026/{GUEST}x*"), parse_fault("fails:131049@2"))
    with receiving() as receiver, standing_in(receiver, faults=faults, journal=path) as desk:
        sent = [(GUEST, "a"), (OTHER, "b"), (OTHER, "c"), (GUEST, "d")]
        assert [desk.post(invite(to, token=token)).status_code for to, token in sent] == [200] * 4
        desk.idle()
        told = {
            token: [
                (one["status"], one["errors"][0]["code"]) if "errors" in one else one["status"]
                for one in receiver.statuses()
                if one["biz_opaque_callback_data"] == token
            ]
            for _, token in sent
        }
    assert told["a"] == told["d"] == ["sent", ("failed", 131026)]
    assert told["b"] == ["sent", "delivered", "read"]
    assert told["c"] == [("failed", 131049)]
    assert [line["token"] for line in journal(path)] == ["a", "b", "c", "d"]


FAULTS: list[tuple[str, int | str, bool]] = [
    ("error:131016", 500, False),
    ("error:130429", 400, False),
    ("error:190", 401, False),
    ("http500", 500, False),
    ("cut-before", "RemoteProtocolError", False),
    ("http502-accepted", 502, True),
    ("cut-after", "RemoteProtocolError", True),
    ("slow:0.3", 200, True),
]


@pytest.mark.parametrize(("spec", "ends", "accepted"), FAULTS, ids=[spec for spec, _, _ in FAULTS])
def test_each_fault_on_the_wire(tmp_path: Path, spec: str, ends: int | str, accepted: bool) -> None:
    path = tmp_path / "journal.jsonl"
    faults = (parse_fault(f"{spec}@1x1"),)
    with receiving() as receiver, standing_in(receiver, faults=faults, journal=path) as desk:
        assert [outcome(desk, t) for t in ("first", "second", "third")] == [200, ends, 200]
        told = desk.idle()
        tokens = {s["biz_opaque_callback_data"] for s in receiver.statuses()}
    wanted = ["first", "second", "third"] if accepted else ["first", "third"]
    assert [line["token"] for line in journal(path)] == wanted
    assert tokens == set(wanted)
    assert told["accepted"] == len(wanted)
    assert sum(told["faults"].values()) == 1
    code = spec.removeprefix("error:")
    assert told["refused"] == ({code: 1} if spec.startswith("error") else {})


def test_a_500_has_no_graph_error_and_a_cut_has_nothing() -> None:
    with standing_in(faults=(parse_fault("http500"), parse_fault("cut-after@1"))) as desk:
        answer = desk.post(invite())
        assert answer.status_code == 500
        assert "error" not in answer.text.lower().replace("internal server error", "")
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            desk.post(invite())


def test_a_bad_request_does_not_use_up_a_fault() -> None:
    with standing_in(faults=(parse_fault("http500"),)) as desk:
        assert desk.post({"messaging_product": "whatsapp"}).status_code == 400
        assert desk.post(invite()).status_code == 500


def test_the_journal_tells_what_was_accepted(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"token": "of an earlier run"}\n')
    with standing_in(journal=path) as desk:
        first = desk.post(invite(token="t1")).json()["messages"][0]["id"]
        lines = journal(path)
        assert lines[0] == {"token": "of an earlier run"}
        (line,) = lines[1:]
        assert (line["wamid"], line["to"], line["token"]) == (first, GUEST, "t1")
        assert (line["type"], line["template"], line["language"]) == ("template", "shaadi_invite", "en")
        assert "Namaste Ramesh Sharma" in line["text"]
        assert line["at"].endswith("+00:00")
        desk.say(phone=GUEST, text="hi")
        desk.post(free_text("नमस्ते"))
        line = journal(path)[-1]
        assert (line["type"], line["template"], line["text"], line["token"]) == ("text", None, "नमस्ते", None)


def test_the_journal_is_written_before_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with standing_in(journal=path, faults=(parse_fault("slow:30"),)) as desk:
        with pytest.raises(httpx.ReadTimeout):
            desk.client.post("/v25.0/106540352242922/messages", json=invite(token="slow"), timeout=0.5)
        desk.until(lambda _: path.exists() and [line["token"] for line in journal(path)] == ["slow"])


def test_beyond_the_numbers_rate_comes_130429() -> None:
    with standing_in(messages_per_second=5) as desk:
        answers = [desk.post(invite(f"+9198123{n:05d}")) for n in range(60)]
    refused = [a.json()["error"] for a in answers if a.status_code != 200]
    assert {e["code"] for e in refused} == {130429}
    assert all(e["is_transient"] for e in refused)
    assert [a.status_code for a in answers[:5]] == [200] * 5
    assert len(refused) > 30


def test_beyond_the_rate_to_one_person_comes_131056_and_others_go_on() -> None:
    with standing_in(messages_per_second=1000) as desk:
        answers = [desk.post(invite()) for _ in range(PAIR_BURST + 3)]
        assert [a.status_code for a in answers[:PAIR_BURST]] == [200] * PAIR_BURST
        assert answers[-1].json()["error"]["code"] == 131056
        assert desk.post(invite(OTHER)).status_code == 200


@settings(deadline=None)
@given(st.lists(st.floats(0, 5), max_size=300), st.integers(1, 20))
def test_no_second_lets_more_through_than_the_rate_and_one_allowance(pauses: list[float], rate: int) -> None:
    bucket, now, taken = number_bucket(rate, 0.0), 0.0, []
    for pause in pauses:
        now += pause / rate
        if bucket.take(now):
            taken.append(now)
    for start in taken:
        assert sum(1 for at in taken if start <= at < start + 1) <= 2 * rate + 1


def test_one_message_every_six_seconds_always_passes_and_the_burst_is_lent() -> None:
    bucket = pair_bucket(0.0)
    assert all(bucket.take(6.0 * n) for n in range(500))
    now = 6.0 * 499
    assert sum(bucket.take(now) for _ in range(100)) == PAIR_BURST - 1
    assert not bucket.take(now + 5.9)
    assert bucket.take(now + 6.1)
