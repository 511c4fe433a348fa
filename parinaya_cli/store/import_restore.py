"""Giving people back what they were before an import changed them; works on ``undoing`` of ``import_undo``.

Somebody who stands in several rows of one import was changed several times: what came last is taken back first,
turn by turn. The row of a turn is in ``turn``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.store.import_undo import CHANGED, ONLY_GONE, POINTS_NOW
from parinaya_cli.store.transaction import Transaction

_COLUMNS = (
    "full_name, honorific, given_name, family_name, folded, city, side, language, notes, household, "
    "household_source, party_size, extra_seats, tags, events, extra"
)

_MINE = (
    "SELECT DISTINCT ON (c.person_id) c.* FROM import_changes c JOIN undoing u ON u.person_id = c.person_id "
    "AND NOT u.made AND u.why IS NULL WHERE c.wedding_id = :wedding AND c.import_id = :import "
    f"AND {CHANGED} ORDER BY c.person_id, c.version DESC, c.source DESC, c.row_key DESC"
)


def next_turn(tx: Transaction, import_id: uuid.UUID) -> int:
    """Take the change that came last of everybody who still has one; returns of how many people."""
    tx.run("DROP TABLE IF EXISTS turn")
    tx.run(
        f"CREATE TEMP TABLE turn ON COMMIT DROP AS SELECT m.*, p.version AS known, false AS fast FROM ({_MINE}) m "
        "JOIN people p ON p.wedding_id = :wedding AND p.id = m.person_id",
        **{"import": import_id},
    )
    count: int = tx.value("SELECT count(*) FROM turn")
    tx.run("ANALYZE turn")
    return count


def restore_untouched(tx: Transaction) -> int:
    """Whoever nobody has changed since is as before. An earlier import of the same row takes that for its own work."""
    restored = tx.run(
        f"""
        UPDATE people p SET ({_COLUMNS}) = (SELECT {_COLUMNS} FROM jsonb_populate_record(p, t.before)),
               updated_at = :now, version = p.version + 1
          FROM turn t WHERE p.wedding_id = :wedding AND p.id = t.person_id AND p.version = t.version
           AND t.before <> '{{}}'
        """
    )
    tx.run(
        "UPDATE import_changes c SET version = t.version + 1 FROM turn t WHERE c.wedding_id = :wedding "
        "AND c.person_id = t.person_id AND c.version = t.version - 1 AND t.known = t.version AND t.before <> '{}'"
    )
    return restored


@dataclass(frozen=True)
class Touched:
    """Somebody who was changed since: the fields as they were before the import, what the list said before and in
    it, and the person as it is now."""

    person_id: uuid.UUID
    ref_number: int
    before: Mapping[str, object]
    had: Mapping[str, object]
    says: Mapping[str, object]
    now: Mapping[str, object]


def list_touched(tx: Transaction) -> list[Touched]:
    """The people of this turn who were changed since."""
    rows = tx.rows(
        """
        SELECT t.person_id, p.number AS ref_number, t.before, coalesce(t.source_before->'content', '{}') AS had,
               coalesce(ps.content, '{}') AS says, to_jsonb(p) AS now
          FROM turn t JOIN people p ON p.wedding_id = :wedding AND p.id = t.person_id
          LEFT JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = t.source
           AND ps.row_key = t.row_key
         WHERE t.known <> t.version AND t.before <> '{}' ORDER BY p.number
        """
    )
    return [Touched(**dict(row)) for row in rows]


def give_back(tx: Transaction, given: Sequence[tuple[uuid.UUID, Mapping[str, object]]]) -> None:
    """Set these fields of these people."""
    told = [{"id": str(person_id), "fields": fields} for person_id, fields in given if fields]
    tx.run(
        f"""
        UPDATE people p SET ({_COLUMNS}) = (SELECT {_COLUMNS} FROM jsonb_populate_record(p, t.fields)),
               updated_at = :now, version = p.version + 1
          FROM (SELECT (one->>'id')::uuid AS id, one->'fields' AS fields
                  FROM jsonb_array_elements(CAST(:told AS jsonb)) AS one) t
         WHERE p.wedding_id = :wedding AND p.id = t.id
        """,
        told=json.dumps(told, ensure_ascii=False),
    )


# A contact point (``c``) of somebody (``t``) that has been used since the import: it stays.
_USED = """
    EXISTS (SELECT 1 FROM invite_dispatch d WHERE d.wedding_id = :wedding AND d.contact_point_id = c.id
               AND d.person_id = t.person_id)
    OR EXISTS (SELECT 1 FROM inbound_messages i WHERE i.wedding_id = :wedding AND i.contact_point_id = c.id
                  AND i.received_at > :since)
    OR EXISTS (SELECT 1 FROM consent_ledger l WHERE l.wedding_id = :wedding AND l.contact_point_id = c.id
                  AND l.recorded_at > :since AND l.kind <> 'retraction' AND l.source_key NOT LIKE 'import:%')
"""


def restore_contacts(tx: Transaction, since: object) -> list[int]:
    """Take away the contact points that came with the import, and put the others in their order of before.

    One that has been used since stays, and so does the order when anybody has changed it. Returns the numbers of the
    people whose phones or emails are not as before.
    """
    tx.run("DROP TABLE IF EXISTS ordered")
    tx.run(
        f"""
        CREATE TEMP TABLE ordered ON COMMIT DROP AS
        SELECT t.person_id, p.number, t.positions,
               to_jsonb({POINTS_NOW}) = t.contacts_after AS intact,
               {POINTS_NOW} AS points, t.contacts_after->>0 AS first,
               ARRAY(SELECT c.id FROM contact_points c WHERE c.wedding_id = :wedding
                        AND c.id IN (SELECT jsonb_array_elements_text(t.contacts_added)::uuid)
                        AND ({_USED})) AS used,
               ARRAY(SELECT jsonb_array_elements_text(t.contacts_added)::uuid) AS added
          FROM turn t JOIN people p ON p.wedding_id = :wedding AND p.id = t.person_id
         WHERE t.contacts_after <> '[]'
        """,
        since=since,
    )
    # Somebody chose a phone of the list as the one that gets messages: that is their work now.
    tx.run(
        """
        UPDATE ordered o SET used = o.used || c.id FROM contact_points c
         WHERE NOT o.intact AND c.wedding_id = :wedding AND c.id = ANY(o.added)
           AND o.points[1] = c.kind || E'\\x1f' || c.value AND o.points[1] <> o.first
        """
    )
    tx.run(
        "INSERT INTO loose (contact_point_id) SELECT DISTINCT one FROM ordered o, unnest(o.added) AS one "
        "WHERE NOT one = ANY(o.used)"
    )
    tx.run(
        "DELETE FROM person_contacts pc USING ordered o WHERE pc.wedding_id = :wedding AND pc.person_id = o.person_id "
        "AND pc.contact_point_id = ANY(o.added) AND NOT pc.contact_point_id = ANY(o.used)"
    )
    tx.run(
        "UPDATE person_contacts pc SET position = (o.positions->>(pc.contact_point_id::text))::int FROM ordered o "
        "WHERE pc.wedding_id = :wedding AND pc.person_id = o.person_id AND o.intact AND o.used = '{}' "
        "AND o.positions ? (pc.contact_point_id::text)"
    )
    rows = tx.rows("SELECT number FROM ordered WHERE NOT intact OR used <> '{}' ORDER BY number")
    return [row["number"] for row in rows]


def restore_sources(tx: Transaction) -> None:
    """The list has said again what it said before, under the key of then; the changes of this turn are done with."""
    # Keys may have been handed round among the rows of a list: nobody has one of those while they go back.
    moved = "t.source_before->>'row_key' <> t.row_key"
    tx.run(
        "UPDATE person_sources ps SET row_key = E'\\x1f' || t.row_key FROM turn t "
        f"WHERE ps.wedding_id = :wedding AND ps.source = t.source AND ps.row_key = t.row_key AND {moved}"
    )
    tx.run(
        f"""
        UPDATE person_sources ps SET row_key = b.row_key, import_id = b.import_id, external_id = b.external_id,
               line = b.line, digest = b.digest, content = b.content, gone_at = coalesce(b.gone_at, ps.gone_at)
          FROM turn t CROSS JOIN LATERAL jsonb_to_record(t.source_before) AS b(row_key text, import_id uuid,
               external_id text, line int, digest text, content jsonb, gone_at timestamptz)
         WHERE ps.wedding_id = :wedding AND ps.source = t.source
           AND ps.row_key = CASE WHEN {moved} THEN E'\\x1f' || t.row_key ELSE t.row_key END
        """
    )
    tx.run(
        "DELETE FROM import_changes c USING turn t WHERE c.wedding_id = :wedding AND c.import_id = t.import_id "
        "AND c.source = t.source AND c.row_key = t.row_key"
    )
    tx.run(
        "UPDATE import_changes c SET row_key = t.source_before->>'row_key' FROM turn t WHERE c.wedding_id = :wedding "
        f"AND c.source = t.source AND c.row_key = t.row_key AND c.source_before = {ONLY_GONE} "
        "AND t.source_before->>'row_key' <> t.row_key"
    )


def restored_people(tx: Transaction) -> list[uuid.UUID]:
    """Everybody who was given back something in this turn."""
    return [row["person_id"] for row in tx.rows("SELECT person_id FROM turn WHERE before <> '{}'")]
