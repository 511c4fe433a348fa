"""Merges of people: the events themselves, what stands on top of them, and what came since they were made."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from parinaya_cli.domain.database_users import MERGER
from parinaya_cli.domain.merge_rows import Change
from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Merge:
    """One merge. ``names``: the refs of those who were absorbed."""

    id: uuid.UUID
    number: int
    survivor_id: uuid.UUID
    survivor_number: int
    absorbed: tuple[uuid.UUID, ...]
    absorbed_numbers: tuple[int, ...]
    sides: tuple[str, ...]
    made_at: datetime
    undone_at: datetime | None
    forgotten_at: datetime | None

    @property
    def survivor(self) -> str:
        """The ref of the survivor."""
        return make_ref(Kind.PERSON, self.survivor_number)

    @property
    def names(self) -> list[str]:
        """The refs of those who were absorbed."""
        return [make_ref(Kind.PERSON, number) for number in self.absorbed_numbers]


_MERGE = """
    SELECT m.id, m.number, m.survivor_id, s.number AS survivor_number, m.made_at, m.undone_at, m.forgotten_at,
           ARRAY(SELECT p.id FROM people p WHERE p.wedding_id = :wedding AND p.id = ANY(m.absorbed)
                  ORDER BY p.number) AS absorbed,
           ARRAY(SELECT p.number FROM people p WHERE p.wedding_id = :wedding AND p.id = ANY(m.absorbed)
                  ORDER BY p.number) AS absorbed_numbers,
           ARRAY(SELECT coalesce(p.side, '') FROM people p WHERE p.wedding_id = :wedding
                    AND (p.id = ANY(m.absorbed) OR p.id = s.id)) AS sides
      FROM merges m JOIN people s ON s.wedding_id = m.wedding_id AND s.id = m.survivor_id
     WHERE m.wedding_id = :wedding
"""


def _merge(row: RowMapping) -> Merge:
    told = {name: tuple(row[name]) for name in ("absorbed", "absorbed_numbers", "sides")}
    return Merge(**{**dict(row), **told})


@dataclass(frozen=True)
class Made:
    """A merge that is to be written down."""

    id: uuid.UUID
    survivor: str
    absorbed: Sequence[str]
    changes: Sequence[Change]


def new_ids(tx: Transaction, count: int) -> list[uuid.UUID]:
    """Ids for so many merges."""
    rows = tx.rows("SELECT new_id() AS id FROM generate_series(1, :count)", count=count)
    return [row["id"] for row in rows]


def insert(tx: Transaction, made: Sequence[Made], together: uuid.UUID | None) -> None:
    """Write merges down in their order, with what they changed. The wedding is locked, so that numbers are free."""
    first: int = tx.value("SELECT coalesce(max(number), 0) + 1 FROM merges WHERE wedding_id = :wedding")
    tx.run_many(
        "INSERT INTO merges (id, wedding_id, number, survivor_id, absorbed, together, actor, reason, made_at) "
        "VALUES (:id, :wedding, :number, :survivor, CAST(:absorbed AS uuid[]), :together, :actor, :reason, :now)",
        [
            {
                "id": one.id,
                "number": first + place,
                "survivor": one.survivor,
                "absorbed": list(one.absorbed),
                "together": together,
                "actor": tx.actor.name,
                "reason": tx.reason,
            }
            for place, one in enumerate(made)
        ],
    )
    told = [
        [str(one.id), place, change.table, change.key, change.before, change.after]
        for one in made
        for place, change in enumerate(one.changes)
    ]
    for start in range(0, len(told), 20_000):
        tx.run(
            "INSERT INTO merge_changes (wedding_id, merge_id, place, relation, key, before, after) "
            "SELECT :wedding, (d->>0)::uuid, (d->>1)::int, d->>2, d->>3, nullif(d->4, 'null'), nullif(d->5, 'null') "
            "FROM jsonb_array_elements(CAST(:told AS jsonb)) AS d",
            told=json.dumps(told[start : start + 20_000], ensure_ascii=False),
        )


def find(tx: Transaction, handle: Handle) -> Merge | None:
    """The merge that absorbed the person of this name, else the last into them; one that stands, if there is any."""
    condition, values = refs.named(handle)
    row = tx.row(
        f"""{_MERGE} AND (m.absorbed @> ARRAY(SELECT id FROM people WHERE wedding_id = :wedding AND {condition})
                OR m.survivor_id = (SELECT id FROM people WHERE wedding_id = :wedding AND {condition}))
            AND EXISTS (SELECT 1 FROM people WHERE wedding_id = :wedding AND {condition})
            ORDER BY m.undone_at IS NOT NULL, NOT m.absorbed @> ARRAY(
                SELECT id FROM people WHERE wedding_id = :wedding AND {condition}), m.number DESC LIMIT 1""",
        **values,
    )
    return _merge(row) if row else None


def list_together(tx: Transaction, together: uuid.UUID) -> list[Merge]:
    """The merges that were made at once and stand, the last first."""
    rows = tx.rows(
        f"{_MERGE} AND m.together = :together AND m.undone_at IS NULL ORDER BY m.number DESC",
        together=together,
    )
    return [_merge(row) for row in rows]


def are_standing(tx: Transaction, merge_ids: Sequence[uuid.UUID]) -> bool:
    """Has none of these merges been taken back?"""
    found: int = tx.value(
        "SELECT count(*) FROM merges WHERE wedding_id = :wedding AND id = ANY(:ids) AND undone_at IS NULL",
        ids=list(merge_ids),
    )
    return found == len(merge_ids)


def changes_of(tx: Transaction, merge_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Change]]:
    """What these merges changed, each in the order in which it did."""
    rows = tx.rows(
        "SELECT merge_id, relation, key, before, after FROM merge_changes WHERE wedding_id = :wedding "
        "AND merge_id = ANY(:ids) ORDER BY merge_id, place",
        ids=list(merge_ids),
    )
    found: dict[uuid.UUID, list[Change]] = {one: [] for one in merge_ids}
    for row in rows:
        found[row["merge_id"]].append(Change(row["relation"], row["key"], row["before"], row["after"]))
    return found


def later(tx: Transaction, merge_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Merge]:
    """For each of these merges, the last one that stands on top of it: of the same people, or that changed a row that
    it had changed. Merges among ``merge_ids`` do not count."""
    rows = tx.rows(
        """
        WITH below AS (SELECT id, number, survivor_id FROM merges WHERE wedding_id = :wedding AND id = ANY(:ids)),
        touching AS (
            SELECT b.id AS below, b.number AS than, m.id FROM below b
              JOIN merges m ON m.wedding_id = :wedding AND m.survivor_id = b.survivor_id
            UNION ALL
            SELECT b.id, b.number, m.id FROM below b
              JOIN merges m ON m.wedding_id = :wedding AND m.absorbed @> ARRAY[b.survivor_id]
            UNION ALL
            SELECT b.id, b.number, o.merge_id FROM below b
              JOIN merge_changes c ON c.wedding_id = :wedding AND c.merge_id = b.id
              JOIN merge_changes o ON o.wedding_id = :wedding AND o.relation = c.relation AND o.key = c.key)
        SELECT t.below, max(m.number) AS number FROM touching t
          JOIN merges m ON m.wedding_id = :wedding AND m.id = t.id
         WHERE m.number > t.than AND m.undone_at IS NULL AND NOT m.id = ANY(:ids)
         GROUP BY t.below
        """,
        ids=list(merge_ids),
    )
    numbers = {row["number"]: row["below"] for row in rows}
    found = tx.rows(f"{_MERGE} AND m.number = ANY(:numbers)", numbers=list(numbers))
    by_number = {row["number"]: _merge(row) for row in found}
    return {row["below"]: by_number[row["number"]] for row in rows}


def imports_since(tx: Transaction, merge_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """For each of these merges, the imports that have changed the survivor since by a row of somebody absorbed."""
    rows = tx.rows(
        """
        SELECT DISTINCT m.id, i.number FROM merges m
          JOIN import_changes c ON c.wedding_id = :wedding AND c.person_id = m.survivor_id
          JOIN imports i ON i.wedding_id = :wedding AND i.id = c.import_id
          JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = c.source AND ps.row_key = c.row_key
           AND ps.person_id = m.survivor_id
          JOIN people o ON o.wedding_id = :wedding AND o.id = ps.origin_id
         WHERE m.wedding_id = :wedding AND m.id = ANY(:ids)
           AND (o.id = ANY(m.absorbed) OR EXISTS (SELECT 1 FROM merge_changes k WHERE k.wedding_id = :wedding
                    AND k.merge_id = m.id AND k.relation = 'people' AND k.key = o.id::text))
           AND (c.before <> '{}' OR c.contacts_after <> '[]')
         ORDER BY i.number
        """,
        ids=list(merge_ids),
    )
    found: dict[uuid.UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(make_ref(Kind.IMPORT, row["number"]))
    return found


def running_batches(tx: Transaction) -> frozenset[str]:
    """The batches whose messages may leave, now or when they are resumed."""
    rows = tx.rows("SELECT id FROM batches WHERE wedding_id = :wedding AND state IN ('running', 'paused')")
    return frozenset(str(row["id"]) for row in rows)


def mark_undone(tx: Transaction, merge_ids: Sequence[uuid.UUID]) -> None:
    """These merges do not stand any more; what they changed need not be remembered."""
    tx.run(
        "DELETE FROM merge_changes WHERE wedding_id = :wedding AND merge_id = ANY(:ids)", ids=list(merge_ids)
    )
    tx.run(
        "UPDATE merges SET undone_at = :now WHERE wedding_id = :wedding AND id = ANY(:ids)",
        ids=list(merge_ids),
    )


def forget(tx: Transaction, person_ids: Sequence[uuid.UUID]) -> int:
    """Destroy what is remembered of the merges of these people, who are erased: they can't be taken back any more."""
    rows = tx.rows(
        "UPDATE merges SET forgotten_at = :now, reason = '' WHERE wedding_id = :wedding "
        "AND (survivor_id = ANY(:people) OR absorbed && CAST(:people AS uuid[])) RETURNING id",
        people=list(person_ids),
    )
    return tx.run(
        "DELETE FROM merge_changes WHERE wedding_id = :wedding AND merge_id = ANY(:ids)",
        ids=[row["id"] for row in rows],
    )


# ── what came since ────────────────────────────────────────────────────────────────────────────────────


def stops_since(tx: Transaction, merge_ids: Sequence[uuid.UUID]) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Merges with the contact points of their survivors that were stopped since they were made."""
    rows = tx.rows(
        """
        SELECT DISTINCT m.id, c.id AS point FROM merges m
          JOIN person_contacts pc ON pc.wedding_id = :wedding AND pc.person_id = m.survivor_id
          JOIN contact_points c ON c.wedding_id = :wedding AND c.id = pc.contact_point_id AND c.consent = 'opted_out'
          JOIN consent_ledger l ON l.wedding_id = :wedding AND l.contact_point_id = c.id AND l.kind = 'opt-out'
           AND l.recorded_at > m.made_at
         WHERE m.wedding_id = :wedding AND m.id = ANY(:ids) ORDER BY m.id, c.id
        """,
        ids=list(merge_ids),
    )
    return [(row["id"], row["point"]) for row in rows]


def points_of(tx: Transaction, person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, str]]:
    """The phones and user ids of these people, with their consent."""
    rows = tx.rows(
        "SELECT pc.person_id, c.id, c.consent FROM person_contacts pc JOIN contact_points c "
        "ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id WHERE pc.wedding_id = :wedding "
        "AND pc.person_id = ANY(:people) AND c.kind <> 'email' ORDER BY c.id",
        people=list(person_ids),
    )
    found: dict[uuid.UUID, dict[uuid.UUID, str]] = {}
    for row in rows:
        found.setdefault(row["person_id"], {})[row["id"]] = row["consent"]
    return found


_BACK = """
    FROM merges m
    JOIN person_contacts theirs ON theirs.wedding_id = :wedding AND theirs.person_id = ANY(m.absorbed)
   WHERE m.wedding_id = :wedding AND m.id = ANY(:ids)
     AND NOT EXISTS (SELECT 1 FROM person_contacts ours WHERE ours.wedding_id = :wedding
                        AND ours.person_id = m.survivor_id AND ours.contact_point_id = theirs.contact_point_id)
"""


def return_messages(tx: Transaction, merge_ids: Sequence[uuid.UUID]) -> None:
    """Messages since these merges go where their contact point belongs: those to a phone that went back are its
    owner's, and so are answers from it for events that the owner's household is invited to."""
    tx.run(
        "UPDATE invite_dispatch d SET person_id = b.person_id FROM (SELECT m.survivor_id, m.made_at, theirs.person_id, "
        f"theirs.contact_point_id {_BACK}) b WHERE d.wedding_id = :wedding AND d.person_id = b.survivor_id "
        "AND d.contact_point_id = b.contact_point_id AND d.created_at > b.made_at",
        ids=list(merge_ids),
    )
    tx.row("SELECT set_config('parinaya.merging', 'on', true)")
    tx.assume(MERGER)
    rows = tx.rows(
        f"""
        UPDATE rsvp_responses r SET unit_id = b.theirs FROM (
            SELECT i.message_id, o.unit_id AS ours, t.unit_id AS theirs, m.made_at {
            _BACK.replace(
                "WHERE m.wedding_id",
                '''JOIN guest_unit_members o ON o.wedding_id = :wedding AND o.person_id = m.survivor_id
                JOIN guest_unit_members t ON t.wedding_id = :wedding AND t.person_id = theirs.person_id
                JOIN inbound_messages i ON i.wedding_id = :wedding AND i.contact_point_id = theirs.contact_point_id
                 AND i.received_at > m.made_at WHERE m.wedding_id''',
                1,
            )
        }) b
         WHERE r.wedding_id = :wedding AND r.unit_id = b.ours AND r.source_key = 'message:' || b.message_id
           AND b.ours <> b.theirs AND EXISTS (SELECT 1 FROM invitations v WHERE v.wedding_id = :wedding
                AND v.unit_id = b.theirs AND v.event_id = r.event_id)
        RETURNING r.event_id
        """,
        ids=list(merge_ids),
    )
    tx.row("SELECT set_config('parinaya.merging', 'off', true)")
    tx.assume("")
    tx.touch_counts({row["event_id"] for row in rows})
