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
        "SELECT kind, effective_at AS at, recorded_at, source, evidence, source_key AS key FROM consent_ledger "
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
    tx: Transaction,
    contact_point_ids: list[uuid.UUID],
    source: str,
    evidence: str,
    at: datetime,
    import_id: uuid.UUID | None = None,
) -> int:
    """An import's attestation of opt-in for many contact points at once; returns how many were new.

    What the same list has attested with the same words stands, and is not written again. An attestation never lifts
    an opt-out: the fold keeps the guest's own word.
    """
    added = tx.rows(
        f"""
        INSERT INTO consent_ledger (wedding_id, contact_point_id, kind, effective_at, source, source_key, evidence,
                                    actor)
        SELECT :wedding, point, 'opt-in', :at, :source, :key, :evidence, :actor
          FROM unnest(CAST(:points AS uuid[])) AS point
         WHERE NOT EXISTS (SELECT 1 FROM consent_ledger l WHERE l.wedding_id = :wedding
                              AND l.contact_point_id = point AND l.source = :source AND l.evidence = :evidence
                              AND {_STANDS})
        ON CONFLICT (wedding_id, contact_point_id, source_key) DO NOTHING RETURNING contact_point_id
        """,
        points=sorted(contact_point_ids),
        at=at,
        source=source,
        key=_key(import_id) if import_id else source,
        evidence=evidence,
        actor=tx.actor.name,
    )
    tx.run(
        "UPDATE contact_points SET consent = 'opted_in' WHERE wedding_id = :wedding AND consent = 'none' "
        "AND id = ANY(:points)",
        points=[row["contact_point_id"] for row in added],
    )
    return len(added)


# An opt-in (``l``) that no retraction has taken back.
_STANDS = """
    l.kind = 'opt-in' AND NOT EXISTS (SELECT 1 FROM consent_ledger r WHERE r.wedding_id = l.wedding_id
        AND r.contact_point_id = l.contact_point_id AND r.kind = 'retraction' AND r.evidence = l.source_key)
"""


def _key(import_id: uuid.UUID) -> str:
    return f"import:{import_id}"


def attested_by(tx: Transaction, import_id: uuid.UUID) -> list[uuid.UUID]:
    """The contact points for which an import's attestation stands."""
    rows = tx.rows(
        "SELECT l.contact_point_id FROM consent_ledger l WHERE l.wedding_id = :wedding AND l.source_key = :key "
        f"AND {_STANDS} ORDER BY l.contact_point_id",
        key=_key(import_id),
    )
    return [row["contact_point_id"] for row in rows]


def retract(tx: Transaction, contact_point_ids: list[uuid.UUID], import_id: uuid.UUID) -> int:
    """Take an import's attestation back for these contact points; returns for how many there was one.

    The ledger is only added to: the retraction names the entry, and the fold ignores that. Nothing else changes: an
    opt-out stands, and so does an opt-in that anybody else has recorded.
    """
    taken = tx.rows(
        "INSERT INTO consent_ledger (wedding_id, contact_point_id, kind, effective_at, source, source_key, "
        "evidence, actor) SELECT :wedding, l.contact_point_id, 'retraction', :now, l.source, :retraction, :key, :actor "
        "FROM consent_ledger l WHERE l.wedding_id = :wedding AND l.source_key = :key AND l.kind = 'opt-in' "
        "AND l.contact_point_id = ANY(:points) ORDER BY l.contact_point_id "
        "ON CONFLICT (wedding_id, contact_point_id, source_key) DO NOTHING RETURNING contact_point_id",
        points=contact_point_ids,
        key=_key(import_id),
        retraction=f"retraction:{import_id}",
        actor=tx.actor.name,
    )
    tx.run(
        "UPDATE contact_points c SET consent = 'none' WHERE c.wedding_id = :wedding AND c.consent = 'opted_in' "
        "AND c.id = ANY(:points) AND NOT EXISTS (SELECT 1 FROM consent_ledger l WHERE l.wedding_id = :wedding "
        f"AND l.contact_point_id = c.id AND {_STANDS})",
        points=[row["contact_point_id"] for row in taken],
    )
    return len(taken)
