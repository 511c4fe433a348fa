"""Statuses of messages: the dispatches that they are about, their history, what they tell of contact points.

Everything works on many at once: a status that costs a statement of its own caps a worker at a few hundred a second.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.dispatches import Failure, State
from parinaya_cli.domain.messages import StatusUpdate
from parinaya_cli.store.dispatches import COLUMNS, Dispatch
from parinaya_cli.store.transaction import Transaction

NOT_ON_WHATSAPP = 131026
"""Meta's code for a message that can't be delivered, mostly as the number is not on WhatsApp
(WhatsApp, support/error-codes)."""


@dataclass(frozen=True)
class Told:
    """A dispatch that statuses are about, locked."""

    id: uuid.UUID
    wedding_id: uuid.UUID
    contact_point_id: uuid.UUID | None
    state: State
    wamid: str | None


def find(tx: Transaction, ids: Sequence[uuid.UUID], message_ids: Sequence[str]) -> list[Told]:
    """The dispatches of these ids or message ids, in any wedding, locked in one order."""
    rows = tx.across.rows(
        "SELECT id, wedding_id, contact_point_id, state, wamid FROM invite_dispatch WHERE id IN ("
        "SELECT id FROM invite_dispatch WHERE id = ANY(:ids) UNION "
        "SELECT id FROM invite_dispatch WHERE wamid = ANY(:message_ids)) ORDER BY id FOR UPDATE",
        ids=sorted(set(ids)),
        message_ids=sorted(set(message_ids)),
    )
    return [Told(**{**dict(row), "state": State(row["state"])}) for row in rows]


def find_sent(tx: Transaction, message_id: str) -> Dispatch | None:
    """The message of this id, in any wedding: the one that a guest answers."""
    row = tx.across.row(f"SELECT {COLUMNS} FROM invite_dispatch WHERE wamid = :wamid", wamid=message_id)
    return Dispatch.of(row) if row else None


@dataclass(frozen=True)
class Heard:
    """One status of a dispatch; ``moved``: it changed the state."""

    told: Told
    update: StatusUpdate
    moved: bool


def known_keys(tx: Transaction, keys: Sequence[str]) -> set[str]:
    """Those among these natural keys of statuses that are in the history already."""
    rows = tx.across.rows(
        "SELECT event_key FROM delivery_events WHERE event_key = ANY(:keys)", keys=sorted(keys)
    )
    return {row["event_key"] for row in rows}


def add(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Add statuses to the history of their dispatches, which are locked."""
    tx.across.run(
        "INSERT INTO delivery_events (wedding_id, dispatch_id, event_key, status, at, moved, error_code, details) "
        "SELECT * FROM unnest(CAST(:bonds AS uuid[]), CAST(:dispatches AS uuid[]), CAST(:keys AS text[]), "
        "CAST(:statuses AS text[]), CAST(:times AS timestamptz[]), CAST(:moved AS boolean[]), CAST(:codes AS int[]), "
        "CAST(:details AS text[]))",
        bonds=[one.told.wedding_id for one in heard],
        dispatches=[one.told.id for one in heard],
        keys=[one.update.key for one in heard],
        statuses=[one.update.status.value for one in heard],
        times=[one.update.at for one in heard],
        moved=[one.moved for one in heard],
        codes=[one.update.error.code if one.update.error else None for one in heard],
        details=[one.update.error.details if one.update.error else "" for one in heard],
    )


def standing_failures(tx: Transaction, dispatch_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Failure]:
    """The failure by which each of these locked, failed messages is known: a status, or the answer to an attempt."""
    if not dispatch_ids:
        return {}
    rows = tx.across.rows(
        "SELECT DISTINCT ON (id) id, at, code, key FROM ("
        "SELECT dispatch_id AS id, at, coalesce(error_code, 0) AS code, event_key AS key FROM delivery_events "
        "WHERE dispatch_id = ANY(:ids) AND status = 'failed' UNION ALL "
        "SELECT dispatch_id, finished_at, error_code, token FROM dispatch_attempts "
        "WHERE dispatch_id = ANY(:ids) AND outcome = 'refused' AND finished_at IS NOT NULL "
        'AND error_code IS NOT NULL) failures ORDER BY id, at DESC, code DESC, key COLLATE "C" DESC',
        ids=sorted(set(dispatch_ids)),
    )
    return {row["id"]: Failure(row["at"], row["code"], row["key"]) for row in rows}


@dataclass(frozen=True)
class Move:
    """The state that a dispatch is in after its statuses; ``update`` is the one that decided."""

    told: Told
    state: State
    update: StatusUpdate


def move(tx: Transaction, moves: Sequence[Move]) -> None:
    """Write the states of locked dispatches; each is accepted at the latest now, under the id of its message."""
    if not moves:
        return
    errors = [one.update.error if one.state is State.FAILED else None for one in moves]
    tx.across.run(
        "UPDATE invite_dispatch d SET state = m.state, reason = m.reason, passing = false, lease_until = NULL, "
        "wamid = coalesce(d.wamid, m.wamid), accepted_at = coalesce(d.accepted_at, m.at), "
        "left_at = coalesce(d.left_at, m.at), error_code = m.code, "
        "error_title = m.title, updated_at = :now FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), "
        "CAST(:reasons AS text[]), CAST(:wamids AS text[]), CAST(:times AS timestamptz[]), CAST(:codes AS int[]), "
        "CAST(:titles AS text[])) AS m(id, state, reason, wamid, at, code, title) WHERE d.id = m.id",
        ids=[one.told.id for one in moves],
        states=[one.state.value for one in moves],
        reasons=[error.family.value if error else "" for error in errors],
        wamids=[one.update.message_id for one in moves],
        times=[one.update.at for one in moves],
        codes=[error.code if error else None for error in errors],
        titles=[error.title if error else "" for error in errors],
    )


# ── what they tell of contact points ───────────────────────────────────────────────────────────────────


def lock_points(tx: Transaction, contact_point_ids: Collection[uuid.UUID]) -> None:
    """Lock contact points of any wedding, in the order in which everybody locks them."""
    if contact_point_ids:
        tx.across.run(
            "SELECT count(*) FROM (SELECT 1 FROM contact_points WHERE id = ANY(:ids) ORDER BY id FOR UPDATE) locked",
            ids=sorted(set(contact_point_ids)),
        )


def lost_among(tx: Transaction, contact_point_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Those among these contact points that are taken not to be on WhatsApp.

    All are locked, so that nobody weighs one of them meanwhile: who weighs it sees what was told here, or is seen.
    """
    rows = tx.across.rows(
        "SELECT id, not_on_whatsapp_at IS NOT NULL AS lost FROM contact_points WHERE id = ANY(:ids) "
        "ORDER BY id FOR KEY SHARE",
        ids=sorted(set(contact_point_ids)),
    )
    return [row["id"] for row in rows if row["lost"]]


def weigh(tx: Transaction, contact_point_ids: Sequence[uuid.UUID]) -> None:
    """Are these contact points, which are locked, on WhatsApp? The newest evidence by the provider's time counts.

    Weighed anew from the whole history, so that it makes no difference in which order statuses come. A message that
    was delivered after all is no evidence against its number: Meta reports both now and then.
    """
    tx.across.run(
        """
        UPDATE contact_points c SET not_on_whatsapp_at = CASE WHEN e.lost > e.there OR e.there IS NULL THEN e.lost END
          FROM (SELECT p.id,
                (SELECT max(one.at) FROM invite_dispatch d CROSS JOIN LATERAL (
                    SELECT s.at FROM delivery_events s WHERE s.dispatch_id = d.id AND s.error_code = :code
                     UNION ALL
                    SELECT a.finished_at FROM dispatch_attempts a WHERE a.dispatch_id = d.id AND a.error_code = :code
                  ) one WHERE d.contact_point_id = p.id AND d.state NOT IN ('delivered', 'read')) AS lost,
                greatest(p.last_inbound_at, (SELECT max(s.at) FROM delivery_events s
                   JOIN invite_dispatch d ON d.id = s.dispatch_id
                  WHERE d.contact_point_id = p.id AND s.status IN ('delivered', 'read'))) AS there
                  FROM contact_points p WHERE p.id = ANY(:ids)) e
         WHERE c.id = e.id
        """,
        ids=sorted(set(contact_point_ids)),
        code=NOT_ON_WHATSAPP,
    )


def cool_down(tx: Transaction, until: Mapping[uuid.UUID, datetime]) -> None:
    """Leave these contact points, which are locked, alone until then at least."""
    points = sorted(until)
    if points:
        tx.across.run(
            "UPDATE contact_points c SET cooling_until = greatest(c.cooling_until, u.until) "
            "FROM unnest(CAST(:ids AS uuid[]), CAST(:times AS timestamptz[])) AS u(id, until) WHERE c.id = u.id",
            ids=points,
            times=[until[point] for point in points],
        )
