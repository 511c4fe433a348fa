"""Scans for duplicates: what they look at, and what they leave behind."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence

from sqlalchemy import RowMapping

from parinaya_cli.domain.dedupe.normalise import Record
from parinaya_cli.domain.duplicates import Decided, Found, Ground, Key, Known, Outcome, Verdict
from parinaya_cli.domain.people import Side
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction

_AT_ONCE = 20_000

_RECORDS = """
    SELECT p.id, p.number, p.version, p.full_name, p.city, p.side, p.tags, p.household,
           (SELECT array_agg(CASE WHEN c.state = 'impossible' AND pc.raw <> '' THEN pc.raw ELSE c.value END
                             ORDER BY pc.position, c.value)
              FROM person_contacts pc
              JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
             WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id AND c.kind = 'phone') AS phones,
           (SELECT array_agg(c.value ORDER BY pc.position, c.value)
              FROM person_contacts pc
              JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
             WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id AND c.kind = 'email') AS emails,
           (SELECT array_agg(s.source || ':' || s.external_id ORDER BY s.source, s.external_id) FROM person_sources s
             WHERE s.wedding_id = p.wedding_id AND s.person_id = p.id AND s.external_id <> '') AS external_ids,
           first.source, first.line
      FROM people p
      LEFT JOIN LATERAL (SELECT s.source, s.line FROM person_sources s
             WHERE s.wedding_id = p.wedding_id AND s.person_id = p.id
             ORDER BY s.import_id, s.line LIMIT 1) first ON true
     WHERE p.wedding_id = :wedding AND p.removed_at IS NULL AND p.merged_into IS NULL
"""


def _record(row: RowMapping) -> Record:
    return Record(
        id=str(row["id"]),
        full_name=row["full_name"],
        phones=tuple(row["phones"] or ()),
        emails=tuple(row["emails"] or ()),
        city=row["city"],
        side=Side(row["side"]) if row["side"] else None,
        tags=tuple(row["tags"]),
        source=row["source"] or "",
        line=row["line"] or 0,
        household=row["household"],
        external_ids=tuple(row["external_ids"] or ()),
    )


def list_records(tx: Transaction, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, Record]:
    """What the lists say of these people; whoever is removed or merged is left out."""
    rows = tx.rows(f"{_RECORDS} AND p.id = ANY(:people)", people=list(people))
    return {row["id"]: _record(row) for row in rows}


def read_ground(tx: Transaction) -> Ground:
    """All people of the wedding by number, and what is known of their pairs."""
    think_long(tx)
    records: list[Record] = []
    versions: dict[uuid.UUID, int] = {}
    after = 0
    while rows := tx.rows(
        f"{_RECORDS} AND p.number > :after ORDER BY p.number LIMIT {_AT_ONCE}", after=after
    ):
        after = rows[-1]["number"]
        records += map(_record, rows)
        versions.update((row["id"], row["version"]) for row in rows)
    return Ground(tx.wedding.region, records, versions, list_known(tx), list_decided(tx), list_parted(tx))


def think_long(tx: Transaction) -> None:
    """What follows may take minutes."""
    for told in ("statement_timeout = 0", "jit = off"):
        tx.run(f"SET LOCAL {told}")


def list_fresh(tx: Transaction) -> frozenset[uuid.UUID]:
    """Whoever came in or changed since the last scan."""
    rows = tx.rows(
        "SELECT p.id FROM people p LEFT JOIN scanned_people s ON s.wedding_id = p.wedding_id AND s.person_id = p.id "
        "WHERE p.wedding_id = :wedding AND p.removed_at IS NULL AND p.merged_into IS NULL "
        "AND s.version IS DISTINCT FROM p.version"
    )
    return frozenset(row["id"] for row in rows)


LIVE = """
      FROM duplicates d
      JOIN people l ON l.wedding_id = d.wedding_id AND l.id = d.left_id
      JOIN people r ON r.wedding_id = d.wedding_id AND r.id = d.right_id
     WHERE d.wedding_id = :wedding AND l.removed_at IS NULL AND l.merged_into IS NULL
       AND r.removed_at IS NULL AND r.merged_into IS NULL
"""
"""Pairs of people who are both there."""


def list_known(tx: Transaction, among: Sequence[uuid.UUID] | None = None) -> list[Known]:
    """The pairs that are known: all, or those ``among`` some people."""
    rows = tx.rows(
        "SELECT d.id, d.number, d.left_id, d.right_id, d.odds, d.left_version, d.right_version, d.sure, d.verdict, "
        f"d.decided_odds, d.decided_on {LIVE} "
        "AND (CAST(:among AS uuid[]) IS NULL OR d.left_id = ANY(:among) AND d.right_id = ANY(:among)) "
        "ORDER BY d.number",
        among=among,
    )
    return [
        Known(
            row["id"],
            row["number"],
            row["left_id"],
            row["right_id"],
            row["odds"],
            (row["left_version"], row["right_version"]),
            row["sure"],
            Verdict(row["verdict"]) if row["verdict"] else None,
            row["decided_odds"],
            row["decided_on"],
        )
        for row in rows
    ]


DECIDED = """
    SELECT DISTINCT CASE WHEN l.number < r.number THEN l.id ELSE r.id END AS left_id,
           CASE WHEN l.number < r.number THEN r.id ELSE l.id END AS right_id, d.verdict
      FROM duplicates d
      JOIN people a ON a.wedding_id = d.wedding_id AND a.id = d.left_id
      JOIN people b ON b.wedding_id = d.wedding_id AND b.id = d.right_id
      JOIN people l ON l.wedding_id = d.wedding_id
           AND l.id = CASE WHEN a.merged_into IS NULL THEN a.id ELSE a.merged_into END
      JOIN people r ON r.wedding_id = d.wedding_id
           AND r.id = CASE WHEN b.merged_into IS NULL THEN b.id ELSE b.merged_into END
     WHERE d.wedding_id = :wedding AND d.verdict IS NOT NULL AND l.id <> r.id
       AND l.removed_at IS NULL AND r.removed_at IS NULL
"""
"""What was decided, under the names that people have today: what holds for somebody holds for whom they became."""


def list_decided(tx: Transaction) -> list[Decided]:
    """What was decided on people, under whom they are known today."""
    rows = tx.rows(f"{DECIDED} ORDER BY left_id, right_id, verdict")
    return [Decided(row["left_id"], row["right_id"], Verdict(row["verdict"])) for row in rows]


def list_parted(tx: Transaction) -> frozenset[Key]:
    """Those who were merged and taken apart by hand, not with all that were merged at once."""
    # MATERIALIZED: behind a policy no index is used with what is put together on the way (`||`), which could leak.
    rows = tx.rows(
        """
        WITH parted AS MATERIALIZED (
            SELECT m.id, m.survivor_id || m.absorbed AS people FROM merges m
              LEFT JOIN applies a ON a.wedding_id = m.wedding_id AND a.id = m.together
             WHERE m.wedding_id = :wedding AND m.undone_at IS NOT NULL AND a.undone_at IS DISTINCT FROM m.undone_at)
        SELECT DISTINCT l.id AS left_id, r.id AS right_id FROM parted t
          JOIN people l ON l.wedding_id = :wedding AND l.id = ANY(t.people)
          JOIN people r ON r.wedding_id = :wedding AND r.id = ANY(t.people) AND r.number > l.number
         WHERE l.removed_at IS NULL AND l.merged_into IS NULL AND r.removed_at IS NULL AND r.merged_into IS NULL
        """
    )
    return frozenset((row["left_id"], row["right_id"]) for row in rows)


# ── a scan is written down ─────────────────────────────────────────────────────────────────────────────


def lock(tx: Transaction) -> None:
    """One after the other: whoever writes pairs or decides on them waits for whoever merges, and for each other."""
    tx.row("SELECT 1 FROM weddings WHERE id = :wedding FOR NO KEY UPDATE")


def write_scan(tx: Transaction, ground: Ground, outcome: Outcome, people: int) -> str:
    """Write down what a scan of so many people has found; its ref. Pairs that are there keep their refs."""
    tx.run("SET LOCAL statement_timeout = 0")
    number = refs.next_numbers(tx, Kind.SCAN)
    scan: uuid.UUID = tx.value(
        "INSERT INTO scans (wedding_id, number, people, actor, made_at, learned) "
        "VALUES (:wedding, :number, :people, :actor, :now, :learned) RETURNING id",
        number=number,
        people=people,
        actor=tx.actor.name,
        learned=outcome.learned.kept() if outcome.learned and not ground.near else None,
    )
    known = {one.key for one in ground.known}
    fresh = [one for one in outcome.found if (one.left, one.right) not in known]
    numbers = iter(range(first := refs.next_numbers(tx, Kind.DUPLICATE, len(fresh)), first + len(fresh)))
    for part in _parts([one for one in outcome.found if (one.left, one.right) in known]):
        _update(tx, part, scan)
    for part in _parts(sorted(fresh, key=lambda one: -one.odds)):
        _insert(tx, part, scan, [next(numbers) for _ in part])
    _mark_sure(tx, outcome.sure, ground.settled)
    _remember(tx, ground, outcome)
    tx.renew_statistics(len(fresh), "duplicates", "scanned_people")
    return make_ref(Kind.SCAN, number)


def _parts(found: Sequence[Found]) -> Iterator[Sequence[Found]]:
    for start in range(0, len(found), _AT_ONCE):
        yield found[start : start + _AT_ONCE]


_TOLD = """
    SELECT (t->>0)::uuid AS left_id, (t->>1)::uuid AS right_id, (t->>2)::double precision AS odds,
           ARRAY(SELECT jsonb_array_elements_text(t->3)) AS signals, (t->4->>0)::int AS left_version,
           (t->4->>1)::int AS right_version, (t->>5)::int AS number
      FROM jsonb_array_elements(CAST(:told AS jsonb)) AS t
"""


def _told(found: Sequence[Found], numbers: Sequence[int] = ()) -> str:
    return json.dumps(
        [
            [
                str(one.left),
                str(one.right),
                one.odds,
                one.signals,
                one.versions,
                numbers[at] if numbers else 0,
            ]
            for at, one in enumerate(found)
        ]
    )


def _update(tx: Transaction, found: Sequence[Found], scan: uuid.UUID) -> None:
    tx.run(
        "UPDATE duplicates d SET odds = n.odds, signals = n.signals, left_version = n.left_version, "
        f"right_version = n.right_version, scan_id = :scan FROM ({_TOLD}) n WHERE d.wedding_id = :wedding "
        "AND d.left_id = n.left_id AND d.right_id = n.right_id "
        "AND d.left_version <= n.left_version AND d.right_version <= n.right_version",
        told=_told(found),
        scan=scan,
    )


def _insert(tx: Transaction, found: Sequence[Found], scan: uuid.UUID, numbers: Sequence[int]) -> None:
    """New pairs; one that another scan has found meanwhile stays as it is. Nobody who is gone since is taken in."""
    tx.run(
        "INSERT INTO duplicates (wedding_id, number, left_id, right_id, odds, signals, left_version, right_version, "
        "scan_id) SELECT :wedding, n.number, n.left_id, n.right_id, n.odds, n.signals, n.left_version, "
        f"n.right_version, :scan FROM ({_TOLD}) n WHERE NOT EXISTS (SELECT 1 FROM people p "
        "WHERE p.wedding_id = :wedding AND p.id IN (n.left_id, n.right_id) AND p.erased_at IS NOT NULL) "
        "ON CONFLICT (wedding_id, left_id, right_id) DO NOTHING",
        told=_told(found, numbers),
        scan=scan,
    )


def _mark_sure(tx: Transaction, sure: frozenset[Key], among: frozenset[uuid.UUID] | None) -> None:
    """Mark what ``apply`` would merge, and nothing else: of all pairs, or of those ``among`` some people."""
    keys = sorted(sure if among is None else (key for key in sure if among.issuperset(key)))
    tx.run(
        "UPDATE duplicates d SET sure = NOT d.sure WHERE d.wedding_id = :wedding AND d.sure <> "
        "((d.left_id, d.right_id) IN (SELECT * FROM unnest(CAST(:lefts AS uuid[]), CAST(:rights AS uuid[])))) "
        "AND (CAST(:among AS uuid[]) IS NULL OR d.left_id = ANY(:among) AND d.right_id = ANY(:among))",
        lefts=[left for left, _ in keys],
        rights=[right for _, right in keys],
        among=None if among is None else sorted(among),
    )


def _remember(tx: Transaction, ground: Ground, outcome: Outcome) -> None:
    """Which version of everybody was looked at, and by which keys they are found."""
    ids = list(ground.versions)
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        tx.run(
            "INSERT INTO scanned_people (wedding_id, person_id, version, keys) "
            "SELECT :wedding, n.id, n.version, CAST(n.keys AS bigint[]) "
            "FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS int[]), CAST(:keys AS text[])) "
            "AS n(id, version, keys) "
            "ORDER BY n.id ON CONFLICT (person_id) DO UPDATE SET version = excluded.version, keys = excluded.keys "
            "WHERE scanned_people.version < excluded.version "
            "OR scanned_people.version = excluded.version AND scanned_people.keys <> excluded.keys",
            ids=part,
            versions=[ground.versions[one] for one in part],
            keys=[_keys(outcome, place) for place in range(start, start + len(part))],
        )


def _keys(outcome: Outcome, place: int) -> str:
    found = outcome.keyed.at(place) if outcome.keyed else ()
    return f"{{{','.join(map(str, found))}}}"
