"""Where a wedding stands, in numbers that are counted when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Figures:
    """What ``domain/standing.py`` tells of a wedding, but for its events."""

    people: int
    alone: int
    new: int
    households: int
    invitations: int
    templates: int
    sent: int
    waiting: int
    inbox: int
    unthanked: int


def read_figures(tx: Transaction, sides: Sequence[str] | None = None) -> Figures:
    """The figures of the whole wedding, or of households and people on these sides."""
    row = tx.row(
        """
        WITH guests AS (
             SELECT p.id, m.unit_id, s.person_id AS scanned FROM people p
               LEFT JOIN guest_unit_members m ON m.wedding_id = p.wedding_id AND m.person_id = p.id
               LEFT JOIN scanned_people s ON s.wedding_id = p.wedding_id AND s.person_id = p.id
              WHERE p.wedding_id = :wedding AND p.removed_at IS NULL AND p.merged_into IS NULL
                AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides))),
        homes AS (
             SELECT u.id FROM guest_units u
              WHERE u.wedding_id = :wedding AND u.removed_at IS NULL AND u.merged_into IS NULL
                AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))),
        messages AS (
             SELECT d.state FROM invite_dispatch d
              WHERE d.wedding_id = :wedding AND d.kind = 'template' AND d.state NOT IN ('skipped', 'cancelled')
                AND (CAST(:sides AS text[]) IS NULL OR d.unit_id IN (SELECT id FROM homes)))
        SELECT (SELECT count(*) FROM guests)::int AS people,
               (SELECT count(*) FROM guests WHERE unit_id IS NULL)::int AS alone,
               (SELECT count(*) FROM guests WHERE scanned IS NULL)::int AS new,
               (SELECT count(*) FROM homes)::int AS households,
               (SELECT count(*) FROM invitations i WHERE i.wedding_id = :wedding
                   AND i.unit_id IN (SELECT id FROM homes))::int AS invitations,
               (SELECT count(*) FROM templates t WHERE t.wedding_id = :wedding)::int AS templates,
               (SELECT count(*) FROM messages)::int AS sent,
               (SELECT count(*) FROM messages WHERE state IN ('planned', 'queued'))::int AS waiting,
               (SELECT count(*) FROM inbox_items n WHERE n.wedding_id = :wedding AND n.state = 'open'
                   AND (CAST(:sides AS text[]) IS NULL OR n.unit_id IN (SELECT id FROM homes)))::int AS inbox,
               (SELECT count(*) FROM gifts g WHERE g.wedding_id = :wedding AND g.thanked_at IS NULL
                   AND g.unit_id IN (SELECT id FROM homes))::int AS unthanked
        """,
        sides=list(sides) if sides is not None else None,
    )
    assert row is not None
    return Figures(**dict(row))
