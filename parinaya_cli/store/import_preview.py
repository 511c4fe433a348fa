"""What became of each staged row, for those who want to see it before it counts."""

from __future__ import annotations

from dataclasses import dataclass

from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Verdict:
    """What becomes of a row. ``verdict``: created, updated, returned, removed or unchanged; whether an updated row
    changes anything is told by its differences. ``person``: the number of the person that parinaya knows, None of
    one that is new; ``grown``: whether a known row names somebody new besides."""

    id: int
    sheet: int
    line: int
    verdict: str
    person: int | None
    grown: bool


def list_verdicts(tx: Transaction, limit: int) -> list[Verdict]:
    """The verdicts of the first rows of the list, in its order."""
    rows = tx.rows(
        """
        SELECT s.id, s.sheet, s.line, coalesce(w.verdict, 'unchanged') AS verdict,
               CASE WHEN w.verdict = 'created' THEN NULL ELSE p.number END AS person,
               w.verdict IS DISTINCT FROM 'created' AND s.id IN (
                   SELECT id - place FROM walk WHERE verdict = 'created' AND place > 0) AS grown
          FROM (SELECT * FROM staging WHERE place = 0 ORDER BY id LIMIT :limit) s
          JOIN sheets h ON h.sheet = s.sheet
          LEFT JOIN walk w ON w.id = s.id
          LEFT JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = h.source
               AND ps.row_key = s.row_key
          LEFT JOIN people q ON q.wedding_id = :wedding
               AND q.id = CASE WHEN w.person_id IS NULL THEN ps.person_id ELSE w.person_id END
          LEFT JOIN people p ON p.wedding_id = :wedding
               AND p.id = CASE WHEN q.merged_into IS NULL THEN q.id ELSE q.merged_into END
         ORDER BY s.id
        """,
        limit=limit,
    )
    return [Verdict(**dict(row)) for row in rows]
