"""Scans for duplicates of who came in since the last one: what they share with whom, without reading everybody."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

from parinaya_cli.domain.dedupe.block import LARGEST, near_pairs
from parinaya_cli.domain.dedupe.learned import Learned
from parinaya_cli.domain.dedupe.scan import Near
from parinaya_cli.domain.dedupe.score import SURE, odds_of
from parinaya_cli.domain.duplicates import LEAST_ODDS, Ground, Joined, keys_of
from parinaya_cli.store import duplicate_scans as scans
from parinaya_cli.store.transaction import Transaction


def count_people(tx: Transaction) -> int:
    """How many people there are."""
    found: int = tx.value(
        "SELECT count(*) FROM people WHERE wedding_id = :wedding AND removed_at IS NULL AND merged_into IS NULL"
    )
    return found


def read_learned(tx: Transaction) -> tuple[Learned, int] | None:
    """What the last scan of everybody has learned, and how many they were."""
    row = tx.row(
        "SELECT learned, people FROM scans WHERE wedding_id = :wedding AND learned IS NOT NULL "
        "ORDER BY number DESC LIMIT 1"
    )
    return (Learned.read(row["learned"]), row["people"]) if row else None


def read_near(tx: Transaction, fresh: Collection[uuid.UUID], learned: Learned) -> Ground:
    """The ``fresh`` people, those who are worth comparing with them, and whom these are or may be one with."""
    scans.think_long(tx)
    records = scans.list_records(tx, sorted(fresh))
    keys = keys_of(list(records.values()), tx.wedding.region, learned)
    pairs = near_pairs(keys, _list_sharing(tx, {key for found in keys.values() for key in found}))
    met = {uuid.UUID(one) for pair in pairs for one in pair}.union(fresh)
    settled = _list_joined(tx, _list_paired(tx, fresh) | _list_paired(tx, _list_decided_since(tx)) | met)
    every = sorted(settled | _list_paired(tx, settled))
    rows = tx.rows(
        "SELECT id, version FROM people WHERE wedding_id = :wedding AND id = ANY(:every) ORDER BY number",
        every=every,
    )
    records = scans.list_records(tx, every)
    versions = {row["id"]: row["version"] for row in rows if row["id"] in records}
    return Ground(
        tx.wedding.region,
        [records[one] for one in versions],
        versions,
        scans.list_known(tx, every),
        scans.list_decided(tx),
        scans.list_parted(tx),
        Near(learned, pairs),
        frozenset(settled),
    )


def _list_sharing(tx: Transaction, keys: Collection[int]) -> Mapping[int, Sequence[str]]:
    """Who has each of these keys, one more than is of use at most. No policy lets an index of arrays be used."""
    tx.run("SET LOCAL enable_seqscan = off")
    rows = tx.across.rows(
        "SELECT k.key, array_agg(s.person_id::text) AS people FROM unnest(CAST(:keys AS bigint[])) AS k(key) "
        "CROSS JOIN LATERAL (SELECT f.person_id FROM scanned_people f WHERE f.wedding_id = :wedding "
        "AND f.keys @> ARRAY[k.key] LIMIT :most) s GROUP BY k.key",
        keys=sorted(keys),
        most=LARGEST + 1,
    )
    tx.run("SET LOCAL enable_seqscan = on")
    return {row["key"]: row["people"] for row in rows}


def _list_paired(tx: Transaction, people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Whom these people may be one with, by the pairs that are known."""
    rows = tx.rows(
        "SELECT right_id AS id FROM duplicates WHERE wedding_id = :wedding AND left_id = ANY(:people) "
        "AND (odds >= :least OR verdict IS NOT NULL) UNION SELECT left_id FROM duplicates "
        "WHERE wedding_id = :wedding AND right_id = ANY(:people) AND (odds >= :least OR verdict IS NOT NULL)",
        people=sorted(people),
        least=LEAST_ODDS,
    )
    return {row["id"] for row in rows}


def _list_joined(tx: Transaction, people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """These people, and all whom sure pairs connect with them."""
    rows = tx.rows(
        """
        WITH RECURSIVE held(id) AS (
            SELECT unnest(CAST(:people AS uuid[]))
            UNION
            SELECT n.id FROM held h CROSS JOIN LATERAL (
                SELECT d.right_id AS id FROM duplicates d
                 WHERE d.wedding_id = :wedding AND d.left_id = h.id AND d.odds >= :sure
                UNION ALL
                SELECT d.left_id FROM duplicates d
                 WHERE d.wedding_id = :wedding AND d.right_id = h.id AND d.odds >= :sure) n)
        SELECT id FROM held
        """,
        people=sorted(people),
        sure=odds_of(SURE),
    )
    return {row["id"] for row in rows}


def _list_decided_since(tx: Transaction) -> set[uuid.UUID]:
    """Of whom something was decided since the last scan."""
    rows = tx.rows(
        "SELECT d.left_id, d.right_id FROM duplicates d WHERE d.wedding_id = :wedding AND d.decided_at >= "
        "(SELECT max(s.made_at) FROM scans s WHERE s.wedding_id = :wedding)"
    )
    return {one for row in rows for one in (row["left_id"], row["right_id"])}


def count_clusters(tx: Transaction) -> int:
    """How many people ``apply`` would make of those who are surely one."""
    rows = tx.rows(f"SELECT d.left_id, d.right_id {scans.LIVE} AND d.sure")
    joined = Joined((row["left_id"], row["right_id"]) for row in rows)
    return len({joined.of(row["left_id"]) for row in rows})
