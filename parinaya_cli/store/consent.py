"""The consent ledger: only ever added, folded into the state of the contact point."""

from __future__ import annotations

import uuid
from datetime import datetime

from parinaya_cli.domain.consent import ConsentEntry, ConsentState, fold
from parinaya_cli.store.transaction import Transaction


def add(
    tx: Transaction, contact_point_id: uuid.UUID, entry: ConsentEntry, source_key: str
) -> ConsentState | None:
    """Add an entry and fold the ledger again; None when this source said it already.

    The contact point is locked first: a send that was given permission before this commits is the last one.
    """
    tx.row(
        "SELECT 1 FROM contact_points WHERE wedding_id = :wedding AND id = :id FOR UPDATE",
        id=contact_point_id,
    )
    added = tx.run(
        "INSERT INTO consent_ledger (wedding_id, contact_point_id, kind, effective_at, source, source_key, "
        "evidence, actor) VALUES (:wedding, :point, :kind, :at, :source, :key, :evidence, :actor) "
        "ON CONFLICT (wedding_id, contact_point_id, source_key) DO NOTHING",
        point=contact_point_id,
        kind=entry.kind,
        at=entry.at,
        source=entry.source,
        key=source_key,
        evidence=entry.evidence,
        actor=tx.actor.name,
    )
    if not added:
        return None
    state = fold(history(tx, contact_point_id))
    tx.run(
        "UPDATE contact_points SET consent = :state WHERE wedding_id = :wedding AND id = :id",
        id=contact_point_id,
        state=state.value,
    )
    return state


def history(tx: Transaction, contact_point_id: uuid.UUID) -> list[ConsentEntry]:
    """The ledger of a contact point, by the time at which each entry took effect."""
    rows = tx.rows(
        "SELECT kind, effective_at AS at, recorded_at, source, evidence FROM consent_ledger "
        "WHERE wedding_id = :wedding AND contact_point_id = :point ORDER BY effective_at, recorded_at, id",
        point=contact_point_id,
    )
    return [ConsentEntry(**dict(row)) for row in rows]


def find_point(tx: Transaction, kind: str, value: str) -> uuid.UUID | None:
    """The contact point of this value."""
    found: uuid.UUID | None = tx.value(
        "SELECT id FROM contact_points WHERE wedding_id = :wedding AND kind = :kind AND value = :value",
        kind=kind,
        value=value,
    )
    return found


def attest(
    tx: Transaction, contact_point_ids: list[uuid.UUID], source: str, evidence: str, at: datetime
) -> int:
    """An import's attestation of opt-in for many contact points at once; returns how many were new.

    It never lifts an opt-out: the fold keeps the guest's own word.
    """
    added = tx.rows(
        "INSERT INTO consent_ledger (wedding_id, contact_point_id, kind, effective_at, source, source_key, "
        "evidence, actor) SELECT :wedding, point, 'opt-in', :at, :source, :source, :evidence, :actor "
        "FROM unnest(CAST(:points AS uuid[])) AS point "
        "ON CONFLICT (wedding_id, contact_point_id, source_key) DO NOTHING RETURNING contact_point_id",
        points=sorted(contact_point_ids),
        at=at,
        source=source,
        evidence=evidence,
        actor=tx.actor.name,
    )
    tx.run(
        "UPDATE contact_points SET consent = 'opted_in' WHERE wedding_id = :wedding AND consent = 'none' "
        "AND id = ANY(:points)",
        points=[row["contact_point_id"] for row in added],
    )
    return len(added)
