"""Outcomes: what became of attempts, written to their dispatches, their batches and their contact points."""

from __future__ import annotations

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
    rows = [_row(tx, one, what, outcome) for one, what, outcome in done]
    tx.run_many(
        "UPDATE invite_dispatch SET state = :state, reason = :reason, not_before = :not_before, "
        "passing = :passing, tries = greatest(0, tries - :unburned), lease_until = NULL, "
        "left_at = CASE WHEN :reached THEN left_at END, "
        "wamid = coalesce(CAST(:wamid AS text), wamid), error_code = :code, error_title = :title, "
        "accepted_at = coalesce(:accepted, accepted_at), updated_at = :now "
        "WHERE wedding_id = :wedding AND id = :id AND lease_token = :claim "
        "AND (state = 'sending' OR (state = 'unknown' AND CAST(:wamid AS text) IS NOT NULL))",
        rows,
    )
    tx.run_many(
        "UPDATE invite_dispatch SET wamid = coalesce(wamid, :wamid), accepted_at = coalesce(accepted_at, :now) "
        "WHERE wedding_id = :wedding AND id = :id AND wamid IS NULL AND CAST(:wamid AS text) IS NOT NULL",
        [{"id": row["id"], "wamid": row["wamid"], "now": tx.now} for row in rows if row["wamid"]],
    )
    again = [one.dispatch.id for one, what, _ in done if what.state is State.QUEUED]
    if again:
        tx.run(
            "UPDATE invite_dispatch d SET state = 'cancelled', reason = 'cancelled' FROM batches b "
            "WHERE d.wedding_id = :wedding AND d.id = ANY(:ids) AND d.state = 'queued' "
            "AND b.wedding_id = d.wedding_id AND b.id = d.batch_id AND b.state = 'cancelled'",
            ids=again,
        )
    tx.run_many(
        "UPDATE dispatch_attempts SET finished_at = clock_timestamp(), outcome = :outcome, error_code = :code, "
        "trace_id = :trace, wamid = :wamid WHERE wedding_id = :wedding AND token = :token AND dispatch_id IN "
        "(SELECT id FROM invite_dispatch WHERE wedding_id = :wedding AND id = :id AND lease_token = :claim)",
        [{k: row[k] for k in ("id", "claim", "token", "outcome", "code", "trace", "wamid")} for row in rows],
    )


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
        "now": tx.now,
    }


def tell_contacts(tx: Transaction, done: Sequence[Done]) -> None:
    """Write what outcomes tell of contact points: the id on WhatsApp, a day of rest, that there is nobody, and that
    nothing reached them after all."""
    told = [
        {
            "contact": one.dispatch.contact_point_id,
            "cooling": tx.now + what.cooling if what.cooling else None,
            "wa_id": what.wa_id,
            "lost": what.not_on_whatsapp,
            "missed": what.state not in REACHED,
            "now": tx.now,
        }
        for one, what, _ in done
        if one.dispatch.contact_point_id and (what.wa_id or what.state not in REACHED)
    ]
    tx.run_many(
        "UPDATE contact_points SET cooling_until = coalesce(:cooling, cooling_until), "
        "wa_id = coalesce(:wa_id, wa_id), last_sent_at = CASE WHEN :missed THEN NULL ELSE last_sent_at END, "
        "not_on_whatsapp_at = CASE WHEN :lost THEN :now ELSE not_on_whatsapp_at END "
        "WHERE wedding_id = :wedding AND id = :contact "
        "AND (:missed OR wa_id IS DISTINCT FROM :wa_id)",
        sorted(told, key=lambda values: str(values["contact"])),
    )


def share_misfilled(tx: Transaction, batch_id: uuid.UUID) -> float:
    """Which share of a batch's messages the provider refused for their values, 0 to 1."""
    found = tx.value(
        "SELECT (count(*) FILTER (WHERE state = 'failed' AND reason = 'parameters'))::float / greatest(1, count(*)) "
        "FROM invite_dispatch WHERE wedding_id = :wedding AND batch_id = :batch AND state <> 'skipped'",
        batch=batch_id,
    )
    return float(found)
