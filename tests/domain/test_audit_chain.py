"""The audit chain: whatever is changed is found, what is clean is never accused, a guest can be forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.audit import ChainKey, Entry, Link, StoredEntry, canonical, check, link, plain

KEY = ChainKey(b"key")
CHAIN = uuid.UUID(int=5)
Row: TypeAlias = tuple[StoredEntry, str | None, bytes | None]

VALUES = st.one_of(
    st.none(), st.dictionaries(st.text(max_size=8), st.one_of(st.text(max_size=8), st.integers()), max_size=3)
)
ENTRIES = st.builds(
    Entry,
    chain_id=st.just(CHAIN),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    actor=st.text(max_size=8),
    role=st.sampled_from(["owner", "desk"]),
    channel=st.sampled_from(["cli", "worker"]),
    action=st.sampled_from(["person.add", "invite.send"]),
    entity=st.just("person"),
    entity_id=st.one_of(st.none(), st.uuids()),
    ref=st.text(max_size=4),
    reason=st.text(max_size=8),
    before=VALUES,
    after=VALUES,
)


def chained(entries: list[Entry], key: ChainKey = KEY) -> tuple[list[Row], Link]:
    """The rows of a chain and its head."""
    rows: list[Row] = []
    head = Link(0, b"")
    for number, entry in enumerate(entries):
        nonce = number.to_bytes(16, "big")
        stored, value = link(entry, head, key, nonce)
        rows.append((stored, value or None, nonce if value else None))
        head = Link(stored.seq, stored.hash)
    return rows, head


@given(st.lists(ENTRIES, max_size=8))
def test_a_clean_chain_is_never_accused(entries: list[Entry]) -> None:
    rows, head = chained(entries)
    verdict = check(rows, head, KEY)
    assert (verdict.ok, verdict.entries, verdict.first_bad, verdict.reason) == (True, len(rows), None, "")


@given(st.lists(ENTRIES, min_size=1, max_size=6), st.data())
def test_values_may_be_forgotten(entries: list[Entry], data: st.DataObject) -> None:
    rows, head = chained(entries)
    forgotten = data.draw(st.sets(st.integers(0, len(rows) - 1)))
    left = [(row[0], None, None) if place in forgotten else row for place, row in enumerate(rows)]
    assert check(left, head, KEY).ok


def moment(entry: StoredEntry) -> datetime:
    """When it was written, of an entry that was chained here."""
    assert isinstance(entry.at, datetime)
    return entry.at


EDITS: dict[str, Callable[[StoredEntry], Any]] = {
    "chain_id": lambda one: uuid.UUID(int=6),
    "at": lambda one: moment(one) + timedelta(microseconds=1),
    "actor": lambda one: one.actor + "x",
    "role": lambda one: "auditor",
    "channel": lambda one: "site",
    "action": lambda one: one.action + "s",
    "entity": lambda one: "event",
    "entity_id": lambda one: uuid.UUID(int=9),
    "ref": lambda one: one.ref + "1",
    "reason": lambda one: one.reason + ".",
    "payload": lambda one: one.payload + b" ",
    "prev_hash": lambda one: b"\1" * 32,
    "hash": lambda one: bytes(32),
    "key_id": lambda one: "another",
}


@given(st.lists(ENTRIES, min_size=1, max_size=6), st.data())
def test_every_edit_is_found_where_it_is(entries: list[Entry], data: st.DataObject) -> None:
    rows, head = chained(entries)
    place = data.draw(st.integers(0, len(rows) - 1))
    what = data.draw(st.sampled_from(sorted(EDITS)))
    stored, value, nonce = rows[place]
    rows[place] = (stored._replace(**{what: EDITS[what](stored)}), value, nonce)
    verdict = check(rows, head, KEY)
    assert not verdict.ok
    assert verdict.first_bad == place + 1
    assert verdict.reason == ("unknown_key" if what == "key_id" else "edited")


@given(st.lists(ENTRIES, min_size=1, max_size=6), st.data())
def test_changed_values_are_found(entries: list[Entry], data: st.DataObject) -> None:
    rows, head = chained(entries)
    place = data.draw(st.integers(0, len(rows) - 1))
    stored, value, nonce = rows[place]
    rows[place] = (stored, (value or "{}") + " ", nonce or bytes(16))
    verdict = check(rows, head, KEY)
    assert (verdict.ok, verdict.first_bad, verdict.reason) == (False, place + 1, "edited")


@given(st.lists(ENTRIES, min_size=2, max_size=6), st.data())
def test_removing_swapping_repeating_and_inserting_are_found(
    entries: list[Entry], data: st.DataObject
) -> None:
    rows, head = chained(entries)
    place = data.draw(st.integers(0, len(rows) - 2))
    without = rows[:place] + rows[place + 1 :]
    assert (check(without, head, KEY).first_bad, check(without, head, KEY).reason) == (place + 1, "missing")
    swapped = [*rows]
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    assert not check(swapped, head, KEY).ok
    repeated = [*rows[: place + 1], *rows[place:]]
    assert check(repeated, head, KEY).reason == "duplicated"
    foreign, _ = chained(entries[: place + 1], ChainKey(b"other"))
    forged = foreign[place][0]._replace(key_id=KEY.id)
    inserted = [*rows[:place], (forged, None, None), *rows[place + 1 :]]
    assert (check(inserted, head, KEY).first_bad, check(inserted, head, KEY).ok) == (place + 1, False)


@given(st.lists(ENTRIES, min_size=1, max_size=6), st.data())
def test_a_cut_tail_and_a_changed_head_are_found(entries: list[Entry], data: st.DataObject) -> None:
    rows, head = chained(entries)
    kept = data.draw(st.integers(0, len(rows) - 1))
    verdict = check(rows[:kept], head, KEY)
    assert (verdict.ok, verdict.first_bad, verdict.reason) == (False, kept + 1, "tail_cut")
    assert check(rows, Link(head.seq, bytes(32)), KEY).reason == "head_mismatch"
    assert check(rows, Link(head.seq - 1, head.hash), KEY).reason == "head_mismatch"


def test_another_key_proves_nothing() -> None:
    entry = Entry(CHAIN, datetime(2027, 1, 1, tzinfo=UTC), "a", "owner", "cli", "x", "y")
    rows, head = chained([entry])
    assert check(rows, head, ChainKey(b"other")).reason == "unknown_key"
    assert KEY.secret.hex() not in KEY.id


def test_the_time_is_the_moment_and_not_its_zone() -> None:
    entry = Entry(CHAIN, datetime(2027, 1, 1, tzinfo=UTC), "a", "owner", "cli", "x", "y")
    (stored, value, nonce), *_ = chained([entry])[0]
    india = stored._replace(at=moment(stored).astimezone(timezone(timedelta(hours=5, minutes=30))))
    assert check([(india, value, nonce)], Link(1, stored.hash), KEY).ok


def test_the_chain_holds_no_values() -> None:
    entry = Entry(
        CHAIN, datetime(2027, 1, 1, tzinfo=UTC), "a", "owner", "cli", "x", "y", after={"phone": "+9198"}
    )
    (stored, value, _), *_ = chained([entry])[0]
    assert b"9198" not in stored.payload
    assert value is not None
    assert "9198" in value


class Side(Enum):
    BRIDE = "bride"


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=5))
def test_canonical_json_does_not_depend_on_the_order(told: dict[str, int]) -> None:
    assert canonical(told) == canonical(dict(reversed(told.items())))


def test_what_json_does_not_know_becomes_text() -> None:
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    told = {"a": Side.BRIDE, "b": moment, "c": CHAIN, "d": Path("x/y"), "e": (1, {2}), 3: moment.date()}
    assert plain(told) == {
        "a": "bride",
        "b": "2027-01-01T00:00:00+00:00",
        "c": str(CHAIN),
        "d": "x/y",
        "e": [1, [2]],
        "3": "2027-01-01",
    }
    assert canonical({"ä": "हाँ"}) == '{"ä":"हाँ"}'.encode()
