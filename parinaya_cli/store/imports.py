"""Imports: the batches themselves. How their rows are staged and merged stands in the files beside this one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.domain.refs import Kind
from parinaya_cli.store import refs
from parinaya_cli.store.import_merge import Merged
from parinaya_cli.store.transaction import Transaction


def lock_list(tx: Transaction, source: str) -> None:
    """One import of a list at a time: the second finds what the first has made."""
    tx.row(
        "SELECT pg_advisory_xact_lock(hashtextextended(CAST(:wedding AS text) || :source, 1))", source=source
    )


def begin(tx: Transaction, source: str, kind: str, opt_in: str) -> tuple[uuid.UUID, int]:
    """Open an import; returns its id and number."""
    number = refs.next_numbers(tx, Kind.IMPORT)
    made: uuid.UUID = tx.value(
        "INSERT INTO imports (wedding_id, number, source, kind, opt_in, actor) "
        "VALUES (:wedding, :number, :source, :kind, :opt_in, :actor) RETURNING id",
        number=number,
        source=source,
        kind=kind,
        opt_in=opt_in,
        actor=tx.actor.name,
    )
    return made, number


def known_sources(tx: Transaction, sources: Sequence[str]) -> set[str]:
    """Those among the names under which a list has come before."""
    rows = tx.rows(
        "SELECT name FROM unnest(CAST(:sources AS text[])) AS name WHERE EXISTS ("
        "SELECT 1 FROM person_sources WHERE wedding_id = :wedding AND source = name)",
        sources=list(sources),
    )
    return {row["name"] for row in rows}


def phones_of(tx: Transaction) -> list[uuid.UUID]:
    """The usable phones of everybody whom the staged list names, in the order of their ids."""
    found: list[uuid.UUID] | None = tx.value(
        """
        SELECT array_agg(DISTINCT cp.id ORDER BY cp.id)
          FROM (SELECT w.person_id FROM walk w WHERE w.verdict <> 'removed'
                 UNION
                SELECT ps.person_id FROM staging s JOIN sheets h ON h.sheet = s.sheet
                  JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = h.source
                   AND ps.row_key = s.row_key) q
          JOIN people p ON p.wedding_id = :wedding AND p.id = q.person_id
          JOIN person_contacts pc ON pc.wedding_id = :wedding
               AND pc.person_id = CASE WHEN p.merged_into IS NULL THEN p.id ELSE p.merged_into END
          JOIN contact_points cp ON cp.wedding_id = :wedding AND cp.id = pc.contact_point_id
         WHERE cp.kind = 'phone' AND cp.state <> 'impossible'
        """
    )
    return found or []


@dataclass(frozen=True)
class ImportFigures:
    """How an import ended, as it is kept. ``report``: what was found, as far as it is worth keeping."""

    rows: int
    merged: Merged
    rejected: int
    conflicts: int
    rejects_file: str
    seconds: float
    report: Mapping[str, object]


def finish(tx: Transaction, import_id: uuid.UUID, figures: ImportFigures) -> None:
    """Close an import with its figures."""
    tx.run(
        "UPDATE imports SET state = 'done', rows = :rows, created = :created, updated = :updated, "
        "unchanged = :unchanged, rejected = :rejected, conflicts = :conflicts, rejects_file = :file, "
        "seconds = :seconds, report = CAST(:report AS jsonb), finished_at = clock_timestamp() "
        "WHERE wedding_id = :wedding AND id = :id",
        id=import_id,
        rows=figures.rows,
        created=figures.merged.created,
        updated=figures.merged.updated,
        unchanged=figures.merged.unchanged,
        rejected=figures.rejected,
        conflicts=figures.conflicts,
        file=figures.rejects_file,
        seconds=figures.seconds,
        report=json.dumps(figures.report, ensure_ascii=False),
    )
