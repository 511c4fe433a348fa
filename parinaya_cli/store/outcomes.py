"""Outcomes: what became of attempts, written to their dispatches, their batches and their contact points."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

from parinaya_cli.domain.dispatches import REACHED, Settlement, State
from parinaya_cli.store.sending import Permitted
from parinaya_cli.store.transaction import Transaction

Done = tuple[Permitted, Settlement, str]
"""What was permitted, what follows, and the outcome in a word."""


def settle(tx: Transaction, done: Sequence[Done]) -> None:
    """Write what became of attempts to their dispatches.

    Only a row that still bears the claim of its worker is written to. One that a status webhook has moved on
    meanwhile keeps what the webhook said and only learns its wamid. What would wait for another try is cancelled
    where its batch was cancelled meanwhile.
    """
    told = json.dumps([_row(tx, one, what, outcome) for one, what, outcome in done], default=str)
    again = [one.dispatch.id for one, what, _ in done if what.state is State.QUEUED]
    tx.rows(
        "SELECT 1 FROM invite_dispatch WHERE wedding_id = :wedding AND id = ANY(:ids) ORDER BY id "
        "FOR NO KEY UPDATE",
        ids=[one.dispatch.id for one, _, _ in done],
    )
    tx.run(
        "UPDATE invite_dispatch d SET state = t.state, reason = t.reason, not_before = t.not_before, "
        "passing = t.passing, tries = greatest(0, d.tries - t.unburned), lease_until = NULL, "
        "left_at = CASE WHEN t.reached THEN d.left_at END, wamid = coalesce(t.wamid, d.wamid), "
        "error_code = t.code, error_title = t.title, accepted_at = coalesce(t.accepted, d.accepted_at), "
        f"updated_at = :now FROM {_TOLD} WHERE d.wedding_id = :wedding AND d.id = t.id "
        "AND d.lease_token = t.claim "
        "AND (d.state = 'sending' OR (d.state = 'unknown' AND t.wamid IS NOT NULL))",
        told=told,
    )
    tx.run(
        "UPDATE invite_dispatch d SET wamid = t.wamid, accepted_at = coalesce(d.accepted_at, :now) "
        f"FROM {_TOLD} WHERE d.wedding_id = :wedding AND d.id = t.id AND d.wamid IS NULL "
        "AND t.wamid IS NOT NULL",
        told=told,
    )
    if again:
        tx.run(
            "UPDATE invite_dispatch d SET state = 'cancelled', reason = 'cancelled' FROM batches b "
            "WHERE d.wedding_id = :wedding AND d.id = ANY(:ids) AND d.state = 'queued' "
            "AND b.wedding_id = d.wedding_id AND b.id = d.batch_id AND b.state = 'cancelled'",
            ids=again,
        )
    tx.run(
        "UPDATE dispatch_attempts a SET finished_at = clock_timestamp(), outcome = t.outcome, "
        f"error_code = t.code, trace_id = t.trace, wamid = t.wamid FROM {_TOLD} "
        "JOIN invite_dispatch d ON d.wedding_id = :wedding AND d.id = t.id AND d.lease_token = t.claim "
        "WHERE a.wedding_id = :wedding AND a.token = t.token AND a.dispatch_id = d.id",
        told=told,
    )


_TOLD = (
    "jsonb_to_recordset(CAST(:told AS jsonb)) AS t(id uuid, claim uuid, token text, state text, reason text, "
    "not_before timestamptz, passing boolean, unburned int, reached boolean, wamid text, code int, title text, "
    "accepted timestamptz, outcome text, trace text)"
)
"""Rows of ``_row``, all in one statement: one for each message costs more than the messages themselves."""


def _row(tx: Transaction, one: Permitted, what: Settlement, outcome: str) -> dict[str, object]:
    error = what.error
    return {
        "id": one.dispatch.id,
        "claim": one.claim,
        "token": one.token,
        "state": what.state.value,
        "reason": what.reason,
        "not_before": tx.now + what.after,
        "passing": what.passing,
        "unburned": 0 if what.burned else 1,
        "reached": what.state in REACHED,
        "wamid": what.message_id,
        "code": error.code if error else None,
        "title": error.title if error else "",
        "accepted": tx.now if what.state is State.ACCEPTED else None,
        "outcome": outcome,
        "trace": error.trace_id if error else "",
    }


def tell_contacts(tx: Transaction, done: Sequence[Done]) -> None:
    """Write what outcomes tell of contact points: the id on WhatsApp, a day of rest, that there is nobody, and that
    nothing reached them after all."""
    told: dict[str, dict[str, object]] = {}
    for one, what, _ in done:
        missed = what.state not in REACHED
        if one.dispatch.contact_point_id is None or not (what.wa_id or missed):
            continue
        point = str(one.dispatch.contact_point_id)
        before = told.get(point, {})
        told[point] = {
            "contact": point,
            "cooling": tx.now + what.cooling if what.cooling else before.get("cooling"),
            "wa_id": what.wa_id or before.get("wa_id"),
            "lost": what.not_on_whatsapp or before.get("lost", False),
            "missed": missed or before.get("missed", False),
        }
    if not told:
        return
    values = json.dumps(list(told.values()), default=str)
    tx.rows(f"SELECT 1 FROM contact_points c, {_HEARD} ORDER BY c.id FOR NO KEY UPDATE OF c", told=values)
    tx.run(
        "UPDATE contact_points c SET cooling_until = coalesce(t.cooling, c.cooling_until), "
        "wa_id = coalesce(t.wa_id, c.wa_id), "
        "last_sent_at = CASE WHEN t.missed THEN NULL ELSE c.last_sent_at END, "
        f"not_on_whatsapp_at = CASE WHEN t.lost THEN :now ELSE c.not_on_whatsapp_at END FROM {_HEARD}",
        told=values,
    )


_HEARD = (
    "jsonb_to_recordset(CAST(:told AS jsonb)) AS t(contact uuid, cooling timestamptz, wa_id text, lost boolean, "
    "missed boolean) WHERE c.wedding_id = :wedding AND c.id = t.contact "
    "AND (t.missed OR c.wa_id IS DISTINCT FROM t.wa_id)"
)


def share_misfilled(tx: Transaction, batch_id: uuid.UUID) -> float:
    """Which share of a batch's messages the provider refused for their values, 0 to 1."""
    found = tx.value(
        "SELECT (count(*) FILTER (WHERE state = 'failed' AND reason = 'parameters'))::float / greatest(1, count(*)) "
        "FROM invite_dispatch WHERE wedding_id = :wedding AND batch_id = :batch AND state <> 'skipped'",
        batch=batch_id,
    )
    return float(found)
