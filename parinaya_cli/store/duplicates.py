"""Pairs of people who may be one, as lists show them; what was decided on them, and merged."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from parinaya_cli.domain.duplicates import LEAST_ODDS, Known, Verdict
from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import refs
from parinaya_cli.store.duplicate_scans import DECIDED, LIVE
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Duplicate:
    """A pair as lists show one. ``changed``: somebody of it changed since it was compared.

    ``gone``: they are one already, or one of them was removed.
    """

    id: uuid.UUID
    number: int
    left_id: uuid.UUID
    right_id: uuid.UUID
    left_number: int
    right_number: int
    left_name: str
    right_name: str
    left_side: str | None
    right_side: str | None
    odds: float
    signals: tuple[str, ...]
    sure: bool
    verdict: str | None
    decided_by: str
    decided_why: str
    decided_at: datetime | None
    decided_odds: float
    decided_on: str
    changed: bool
    gone: bool

    @property
    def ref(self) -> str:
        """The short name, such as D12."""
        return make_ref(Kind.DUPLICATE, self.number)


_INVITED = (
    "EXISTS (SELECT 1 FROM guest_unit_members m JOIN invitations i ON i.wedding_id = m.wedding_id "
    "AND i.unit_id = m.unit_id WHERE m.wedding_id = d.wedding_id AND m.person_id = {0}.id)"
)
_SHOWN = """
    SELECT d.id, d.number, d.left_id, d.right_id, l.number AS left_number, r.number AS right_number,
           l.full_name AS left_name, r.full_name AS right_name, l.side AS left_side, r.side AS right_side,
           d.odds, d.signals, d.sure, d.verdict, d.decided_by, d.decided_why, d.decided_at, d.decided_odds,
           d.decided_on,
           (d.left_version, d.right_version) <> (l.version, r.version) AS changed,
           coalesce(l.removed_at, r.removed_at) IS NOT NULL OR l.merged_into IS NOT NULL
             OR r.merged_into IS NOT NULL AS gone
"""


@dataclass(frozen=True)
class PairFilter:
    """Which pairs are meant. ``sure``: None, no matter; ``decided``: those with a verdict, else those without.

    ``sides``: those of which one person at least is on one of these sides.
    """

    sure: bool | None = None
    decided: bool = False
    sides: Sequence[str] | None = None


_FILTERED = f"""
       AND d.odds >= CASE WHEN :decided THEN '-infinity' ELSE CAST(:least AS double precision) END
       AND (CAST(:sure AS boolean) IS NULL OR d.sure = :sure)
       AND (CAST(:sides AS text[]) IS NULL OR (l.side = ANY(:sides) AND (r.side = ANY(:sides)
                OR {_INVITED.format("r")})) OR (r.side = ANY(:sides) AND {_INVITED.format("l")}))
       AND :decided = ((d.left_id, d.right_id) IN (SELECT left_id, right_id FROM decided))
"""


def list_pairs(tx: Transaction, wanted: PairFilter, *, limit: int | None) -> tuple[list[Duplicate], int]:
    """The pairs that match and can be merged, the likeliest first, and how many there are in all."""
    values: dict[str, object] = {
        "sure": wanted.sure,
        "decided": wanted.decided,
        "sides": list(wanted.sides) if wanted.sides is not None else None,
        "least": LEAST_ODDS,
    }
    total: int = tx.value(f"WITH decided AS ({DECIDED}) SELECT count(*) {LIVE} {_FILTERED}", **values)
    rows = tx.rows(
        f"WITH decided AS ({DECIDED}) {_SHOWN} {LIVE} {_FILTERED} ORDER BY d.odds DESC, d.number LIMIT :limit",
        limit=limit,
        **values,
    )
    return [_duplicate(row) for row in rows], total


def find(tx: Transaction, handle: Handle) -> Duplicate | None:
    """The pair of this name, also when its people are gone."""
    condition, values = refs.named(handle)
    row = tx.row(
        f"""{_SHOWN} FROM duplicates d
          JOIN people l ON l.wedding_id = d.wedding_id AND l.id = d.left_id
          JOIN people r ON r.wedding_id = d.wedding_id AND r.id = d.right_id
         WHERE d.wedding_id = :wedding
           AND d.id = (SELECT id FROM duplicates WHERE wedding_id = :wedding AND {condition})""",
        **values,
    )
    return _duplicate(row) if row else None


def _duplicate(row: RowMapping) -> Duplicate:
    return Duplicate(**{**dict(row), "signals": tuple(row["signals"])})


def decide(tx: Transaction, pair: Duplicate, verdict: Verdict | None, told: str) -> None:
    """Write down a verdict, with the log-odds and the evidence (``told``) that it rests on; None takes it back."""
    tx.run(
        "UPDATE duplicates SET verdict = :verdict, decided_by = :by, decided_why = :why, "
        "decided_at = CASE WHEN CAST(:verdict AS text) IS NULL THEN NULL ELSE CAST(:now AS timestamptz) END, "
        "decided_odds = odds, decided_on = :told WHERE wedding_id = :wedding AND id = :id",
        verdict=verdict.value if verdict else None,
        by=tx.actor.name if verdict else "",
        why=tx.reason if verdict else "",
        told=told,
        id=pair.id,
    )


def list_verdicts(tx: Transaction) -> dict[uuid.UUID, str]:
    """What was decided, by pair."""
    rows = tx.rows("SELECT id, verdict FROM duplicates WHERE wedding_id = :wedding AND verdict IS NOT NULL")
    return {row["id"]: row["verdict"] for row in rows}


def reopen(tx: Transaction, known: Sequence[Known]) -> None:
    """These pairs are asked again."""
    tx.run(
        "UPDATE duplicates SET verdict = NULL, decided_by = '', decided_why = '', decided_at = NULL "
        "WHERE wedding_id = :wedding AND id = ANY(:ids)",
        ids=[one.id for one in known],
    )


def count_open(tx: Transaction) -> tuple[int, int]:
    """How many pairs nobody has decided on, and how many of them are sure."""
    row = tx.row(
        f"WITH decided AS ({DECIDED}) SELECT count(*) AS every, count(*) FILTER (WHERE d.sure) AS sure {LIVE} "
        "AND d.odds >= :least AND (d.left_id, d.right_id) NOT IN (SELECT left_id, right_id FROM decided)",
        least=LEAST_ODDS,
    )
    assert row is not None
    return row["every"], row["sure"]


def forget(tx: Transaction, people: Sequence[uuid.UUID]) -> int:
    """Destroy what was found and decided on these people, who are erased."""
    tx.run(
        "DELETE FROM scanned_people WHERE wedding_id = :wedding AND person_id = ANY(:people)",
        people=list(people),
    )
    return tx.run(
        "DELETE FROM duplicates WHERE wedding_id = :wedding AND (left_id = ANY(:people) OR right_id = ANY(:people))",
        people=list(people),
    )


# ── merges made of pairs ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Apply:
    """Merges that were made of pairs at once; ``id`` is what they have in common."""

    id: uuid.UUID
    number: int
    people: int
    undone_at: datetime | None

    @property
    def ref(self) -> str:
        """The short name, such as A1."""
        return make_ref(Kind.APPLY, self.number)


def insert_apply(tx: Transaction, together: uuid.UUID, people: int) -> Apply:
    """Write down that so many people were merged at once."""
    number = refs.next_numbers(tx, Kind.APPLY)
    tx.run(
        "INSERT INTO applies (id, wedding_id, number, people, actor, made_at) "
        "VALUES (:id, :wedding, :number, :people, :actor, :now)",
        id=together,
        number=number,
        people=people,
        actor=tx.actor.name,
    )
    return Apply(together, number, people, None)


def find_apply(tx: Transaction, handle: Handle) -> Apply | None:
    """The merges of this name."""
    condition, values = refs.named(handle)
    row = tx.row(
        f"SELECT id, number, people, undone_at FROM applies WHERE wedding_id = :wedding AND {condition}",
        **values,
    )
    return Apply(**row) if row else None


def mark_undone(tx: Transaction, apply: Apply) -> None:
    """These merges were taken back."""
    tx.run("UPDATE applies SET undone_at = :now WHERE wedding_id = :wedding AND id = :id", id=apply.id)


def refs_of(tx: Transaction, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The refs of these people."""
    rows = tx.rows(
        "SELECT id, number FROM people WHERE wedding_id = :wedding AND id = ANY(:people)", people=list(people)
    )
    return {row["id"]: make_ref(Kind.PERSON, row["number"]) for row in rows}
