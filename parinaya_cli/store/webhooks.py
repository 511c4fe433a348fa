"""Stored deliveries and the effects of their updates."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate

from sqlalchemy import RowMapping

from parinaya_cli.store import erasures
from parinaya_cli.store.transaction import Transaction

MAX_TRIES = 5
"""After so many failures a delivery is ``dead`` until a person replays it."""


@dataclass(frozen=True)
class Incoming:
    """A body that was signed rightly; ``dead`` is why it can't be processed, or empty.

    ``lanes``: who speaks in it, as small numbers: deliveries that share one are processed in their order.
    """

    body: bytes
    dead: str = ""
    lanes: tuple[int, ...] = ()


def insert_once(tx: Transaction, bodies: Sequence[Incoming]) -> int:
    """Store bodies, each once; returns how many are new. Never waits for whoever processes one of them.

    ``times`` counts how often each came, but for what came again while it was being processed.
    """
    times = Counter(one.body for one in bodies)
    first = {one.body: one for one in reversed(bodies)}
    distinct = [first[body] for body in times]
    # All bodies go over as one value and the rest as another: lists of values take the driver twice as long.
    # Numbered as they came, and written in the order of their digests: two receivers that are handed the same bodies
    # don't wait for each other in a ring.
    known = tx.rows(
        "WITH told AS MATERIALIZED (SELECT nextval(pg_get_serial_sequence('webhook_events', 'number')) AS number, n.*, "
        "substring(CAST(:bodies AS bytea) FROM n.start FOR n.size) AS body FROM json_to_recordset(CAST(:told AS json)) "
        "AS n(start int, size int, state text, error text, times int, lanes int[])), "
        "new AS (INSERT INTO webhook_events (number, body, body_sha256, state, error, times, lanes) "
        "OVERRIDING SYSTEM VALUE SELECT number, body, sha256(body) AS digest, state, error, times, lanes "
        "FROM told ORDER BY digest ON CONFLICT (body_sha256) DO NOTHING RETURNING number) "
        "SELECT sha256(body) AS digest FROM told WHERE number NOT IN (SELECT number FROM new)",
        bodies=b"".join(times),
        told=json.dumps(_told(distinct, times)),
    )
    if known:
        again = {bytes(row["digest"]) for row in known}
        digests = {hashlib.sha256(body).digest(): count for body, count in times.items()}
        _count_again(tx, {digest: count for digest, count in digests.items() if digest in again})
    return len(distinct) - len(known)


def _told(distinct: Sequence[Incoming], times: Mapping[bytes, int]) -> list[dict[str, object]]:
    """What goes with each body; ``start``: where it begins in the row of all, counted from 1 as Postgres does."""
    starts = accumulate((len(one.body) for one in distinct), initial=1)
    return [
        {
            "start": start,
            "size": len(one.body),
            "state": "dead" if one.dead else "pending",
            "error": one.dead,
            "times": times[one.body],
            "lanes": one.lanes,
        }
        for start, one in zip(starts, distinct, strict=False)
    ]


def _count_again(tx: Transaction, again: Mapping[bytes, int]) -> None:
    """Bodies of these digests, which were stored before, came so many times more."""
    # A row that is being processed is passed over: its count is worth less than the answers that would wait.
    tx.run(
        "UPDATE webhook_events e SET times = e.times + a.times FROM (SELECT w.number, t.times "
        "FROM webhook_events w JOIN unnest(CAST(:again AS bytea[]), CAST(:times AS int[])) AS t(digest, times) "
        "ON t.digest = w.body_sha256 "
        "ORDER BY w.number FOR UPDATE OF w SKIP LOCKED) a WHERE e.number = a.number",
        again=list(again),
        times=list(again.values()),
    )


@dataclass(frozen=True)
class Delivery:
    """One stored delivery. ``kept``, ``parked``: how many of its updates are not understood, or can't be placed."""

    number: int
    body: bytes
    state: str
    tries: int
    times: int
    error: str
    received_at: datetime
    processed_at: datetime | None
    kept: int = 0
    parked: int = 0


_COLUMNS = "number, body, state, tries, times, error, received_at, processed_at"
_COUNTS = ", ".join(
    "(SELECT count(*)::int FROM webhook_updates u WHERE u.webhook_number = number "
    f"AND u.state = '{state}') AS {state}"
    for state in ("kept", "parked")
)


MOST_BYTES = 4 * 1024 * 1024
"""How much a slice may hold in memory, beyond its first delivery."""


_WAITING = "state IN ('pending', 'failed') AND not_before <= :now"


def take_for_processing(tx: Transaction, limit: int) -> list[Delivery]:
    """Lock the next deliveries that wait, oldest first; those that others hold are passed over.

    Passed over as well, until they are through, is whatever comes after such a one from the same person: what a guest
    says is heard in its order.
    """
    numbers: list[int] = []
    for ahead in (limit, limit + _LOOK_AHEAD):
        waiting = tx.rows(
            f"SELECT number, octet_length(body) AS size, lanes FROM webhook_events WHERE {_WAITING} "
            "ORDER BY number LIMIT :ahead FOR UPDATE SKIP LOCKED",
            ahead=ahead,
        )
        numbers = _fit(waiting, _busy(tx, waiting), limit)
        if numbers or len(waiting) < ahead:
            break
    if not numbers:
        return []
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM webhook_events WHERE number = ANY(:numbers) ORDER BY number", numbers=numbers
    )
    return [Delivery(**dict(row)) for row in rows]


_LOOK_AHEAD = 50
"""How much further to look when everybody who is next is being heard already."""


def _fit(waiting: Sequence[RowMapping], busy: dict[int, int], limit: int) -> list[int]:
    """The deliveries that may be processed now, as many as fit into one piece of work."""
    numbers: list[int] = []
    size = 0
    for row in waiting:
        if any(busy.get(lane, row["number"]) < row["number"] for lane in row["lanes"]):
            busy |= {lane: min(busy.get(lane, row["number"]), row["number"]) for lane in row["lanes"]}
            continue
        size += row["size"]
        if len(numbers) == limit or (numbers and size > MOST_BYTES):
            break
        numbers.append(row["number"])
    return numbers


def _busy(tx: Transaction, waiting: Sequence[RowMapping]) -> dict[int, int]:
    """The first delivery of each lane that somebody else is processing."""
    if not any(row["lanes"] for row in waiting):
        return {}
    rows = tx.rows(
        "SELECT lane, min(number) AS number FROM webhook_events, unnest(lanes) AS lane WHERE state = 'pending' "
        "AND not_before <= :now AND number < :last AND number <> ALL(:mine) GROUP BY lane",
        last=waiting[-1]["number"],
        mine=[row["number"] for row in waiting],
    )
    return {row["lane"]: row["number"] for row in rows}


def mark_done(tx: Transaction, numbers: Sequence[int]) -> None:
    """Everything in these deliveries has its effect."""
    if numbers:
        tx.run(
            "UPDATE webhook_events SET state = 'done', error = '', tries = tries + 1, "
            "processed_at = clock_timestamp() WHERE number = ANY(:numbers)",
            numbers=list(numbers),
        )


def empty_bodies(tx: Transaction, numbers: Sequence[int]) -> None:
    """These deliveries name somebody who was forgotten: they are known by their hash from now on."""
    if numbers:
        tx.run("UPDATE webhook_events SET body = '' WHERE number = ANY(:numbers)", numbers=list(numbers))


def mark_failed(tx: Transaction, number: int, error: str, *, dead: bool = False) -> None:
    """It could not be processed: again later, or dead after ``MAX_TRIES``."""
    tx.run(
        "UPDATE webhook_events SET tries = tries + 1, error = :error, failed_at = :now, not_before = :now + "
        "make_interval(secs => least(3600, 2 ^ least(tries + 2, 12))), "
        "state = CASE WHEN :dead OR tries + 1 >= :most THEN 'dead' ELSE 'failed' END WHERE number = :number",
        number=number,
        error=error[:500],
        dead=dead,
        most=MAX_TRIES,
    )


@dataclass(frozen=True)
class Claim:
    """The natural key of an update, taken once. ``state``: ``done``, or ``kept`` with the reason in ``why``."""

    number: int
    key: str
    kind: str
    state: str = "done"
    why: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def claim(tx: Transaction, claims: Sequence[Claim]) -> set[str]:
    """Take natural keys of effects; returns those that were free. The others have their effect already.

    A parked update may be taken again: it is what ``reconcile`` does; so may a kept one that is understood since. One
    of somebody who was forgotten since is known by the hash of its key.
    """
    told = {one.key: one for one in reversed(claims)}
    if not told:
        return set()
    rows = tx.rows(
        "INSERT INTO webhook_updates (webhook_number, event_key, kind, state, why, facts) "
        "SELECT number, key, kind, state, why, CAST(facts AS jsonb) FROM unnest(CAST(:numbers AS bigint[]), "
        "CAST(:keys AS text[]), CAST(:kinds AS text[]), CAST(:states AS text[]), CAST(:whys AS text[]), "
        "CAST(:facts AS text[]), CAST(:forgotten AS text[])) AS n(number, key, kind, state, why, facts, forgotten) "
        "WHERE NOT EXISTS (SELECT 1 FROM webhook_updates u WHERE u.event_key = n.forgotten) ORDER BY key "
        "ON CONFLICT (event_key) DO UPDATE SET kind = excluded.kind, state = excluded.state, why = excluded.why, "
        "facts = excluded.facts WHERE webhook_updates.state = 'parked' "
        "OR (webhook_updates.state = 'kept' AND excluded.state = 'done') RETURNING event_key",
        numbers=[one.number for one in told.values()],
        keys=list(told),
        kinds=[one.kind for one in told.values()],
        states=[one.state for one in told.values()],
        whys=[one.why for one in told.values()],
        facts=[json.dumps(dict(one.facts), ensure_ascii=True) for one in told.values()],
        forgotten=[erasures.marked(tx, key) for key in told],
    )
    return {row["event_key"] for row in rows}


def park(tx: Transaction, why: Mapping[str, str]) -> None:
    """These updates, by their keys, can't be placed yet, and why: ``reconcile`` looks at them again."""
    tx.run_many(
        "UPDATE webhook_updates SET state = 'parked', why = :why WHERE event_key = :key",
        [{"key": key, "why": why[key]} for key in sorted(why)],
    )


def list_deliveries(tx: Transaction, state: str | None, limit: int) -> list[Delivery]:
    """The newest deliveries."""
    rows = tx.rows(
        f"SELECT {_COLUMNS}, {_COUNTS} FROM webhook_events WHERE (CAST(:state AS text) IS NULL OR state = :state) "
        "ORDER BY number DESC LIMIT :limit",
        state=state,
        limit=limit,
    )
    return [Delivery(**dict(row)) for row in rows]


def find_delivery(tx: Transaction, number: int) -> Delivery | None:
    """One delivery."""
    row = tx.row(f"SELECT {_COLUMNS}, {_COUNTS} FROM webhook_events WHERE number = :number", number=number)
    return Delivery(**dict(row)) if row else None


def count_states(tx: Transaction) -> dict[str, int]:
    """How many deliveries are in each state."""
    rows = tx.rows("SELECT state, count(*)::int AS count FROM webhook_events GROUP BY state")
    return {"pending": 0, "done": 0, "failed": 0, "dead": 0, **{row["state"]: row["count"] for row in rows}}


@dataclass(frozen=True)
class Effect:
    """What one update of a delivery did, or why it waits."""

    kind: str
    state: str
    why: str
    wedding_id: uuid.UUID | None
    facts: Mapping[str, object]


SPENT = (
    "state = 'done' AND body <> '' AND NOT EXISTS (SELECT 1 FROM webhook_updates u "
    "WHERE u.webhook_number = webhook_events.number AND u.state = 'parked')"
)
"""Of a stored delivery: nobody needs its body any more. What is parked is read again when its message is known."""


def list_effects(tx: Transaction, number: int) -> list[Effect]:
    """The effects of a delivery."""
    rows = tx.rows(
        "SELECT kind, state, why, wedding_id, facts FROM webhook_updates WHERE webhook_number = :number ORDER BY id",
        number=number,
    )
    return [Effect(**dict(row)) for row in rows]


def reopen(tx: Transaction, numbers: Sequence[int] | None, state: str | None, since: datetime | None) -> int:
    """Let deliveries be processed again: these numbers, those in a state, or those since then."""
    return tx.run(
        "UPDATE webhook_events SET state = 'pending', tries = 0, not_before = :now, error = '' "
        "WHERE body <> '' AND ("  # the body of somebody who was forgotten is empty
        "(CAST(:numbers AS bigint[]) IS NOT NULL AND number = ANY(:numbers)) "
        "OR (CAST(:state AS text) IS NOT NULL AND state = :state) "
        "OR (CAST(:since AS timestamptz) IS NOT NULL AND received_at >= :since))",
        numbers=list(numbers) if numbers is not None else None,
        state=state,
        since=since,
    )


def reopen_parked(tx: Transaction) -> int:
    """Deliveries that hold a parked update are looked at again; returns how many."""
    return tx.run(
        "UPDATE webhook_events SET state = 'pending', not_before = :now WHERE state = 'done' AND number IN ("
        "SELECT webhook_number FROM webhook_updates WHERE state = 'parked' AND at > :now - interval '8 days')"
    )


def count_waiting(tx: Transaction, older_than: timedelta = timedelta(0)) -> int:
    """How many deliveries wait for processing since longer than that."""
    found: int = tx.value(
        "SELECT count(*) FROM webhook_events WHERE state IN ('pending', 'failed') "
        "AND not_before <= :now AND received_at <= :before",
        before=tx.now - older_than,
    )
    return found


def count_updates(tx: Transaction, state: str) -> int:
    """How many updates of all weddings are in a state: ``parked`` or ``kept``."""
    found: int = tx.value("SELECT count(*)::int FROM webhook_updates WHERE state = :state", state=state)
    return found
