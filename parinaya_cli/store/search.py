"""Finding people: distinct names first, then the people who bear them; phones, emails, tags, ids by their indexes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parinaya_cli.domain.search import BEGINS, EXACT, HAS_PART, SAME_SOUND, key
from parinaya_cli.store.transaction import Transaction

MOST_LIKE = 200
"""Distinct names that are merely like what was typed, at most; the likest."""

MOST_WORDS = 6
"""Words of a name that are looked for; who bears more is found by these."""

_LIKE = 0.5
"""How much of what was typed a name must hold to be like it (``word_similarity`` of pg_trgm)."""


@dataclass(frozen=True)
class Hit:
    """A person who was found, and how well: 1 is what was typed."""

    person_id: uuid.UUID
    number: int
    score: float


def keep_name(tx: Transaction, folded: str) -> None:
    """Let a name be found; a second time changes nothing."""
    keep_names(tx, [folded])


def keep_names(tx: Transaction, folded: Iterable[str]) -> None:
    """Let names be found (``people.folded``); those that are known stay as they are."""
    names = sorted({name for name in folded if name})
    if names:
        tx.run(
            "INSERT INTO folded_names (wedding_id, folded, key) SELECT :wedding, * FROM "
            "unnest(CAST(:names AS text[]), CAST(:keys AS text[])) ON CONFLICT (wedding_id, folded) DO NOTHING",
            names=names,
            keys=[key(name) for name in names],
        )


_BEARERS = """
    CROSS JOIN LATERAL (SELECT p.id, p.number FROM people q
          JOIN people p ON p.wedding_id = :wedding
           AND p.id = CASE WHEN q.merged_into IS NULL THEN q.id ELSE q.merged_into END
         WHERE q.wedding_id = :wedding AND q.folded = n.folded AND p.removed_at IS NULL
           AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides))
         ORDER BY p.number LIMIT :limit) b
"""


def by_name(
    tx: Transaction, folded: str, sought: str, *, sides: Sequence[str] | None, limit: int
) -> list[Hit]:
    """Those whose name holds every word that was typed, the whole name first; ``sought``: its key."""
    words = sought.split()[:MOST_WORDS]
    if not words:
        return []
    # Each in a condition of its own: only then are all of them looked up in the index. A word of one or two letters
    # has no trigram, so it must begin a word of the name.
    told = " AND ".join(
        f"key LIKE :p{place}" if len(word) > 2 else f"(key LIKE :p{place} OR key LIKE :q{place})"
        for place, word in enumerate(words)
    )
    patterns = {f"p{place}": f"%{word}%" if len(word) > 2 else f"{word}%" for place, word in enumerate(words)}
    patterns |= {f"q{place}": f"% {word}%" for place, word in enumerate(words) if len(word) <= 2}
    rows = tx.rows(
        f"""
        SELECT * FROM (
            SELECT b.id, b.number, n.score FROM (
                SELECT folded, CASE WHEN folded = :folded THEN {EXACT} WHEN key = :key THEN {SAME_SOUND}
                            WHEN key LIKE :begins THEN {BEGINS} ELSE {HAS_PART} END AS score,
                       length(key) AS length
                  FROM folded_names
                 WHERE wedding_id = :wedding AND ({told})
                 ORDER BY score DESC, length, folded) n
            {_BEARERS} LIMIT :limit) found
        ORDER BY score DESC, number
        """,
        folded=folded,
        key=sought,
        begins=f"{sought}%",
        **patterns,
        sides=list(sides) if sides is not None else None,
        limit=limit,
    )
    return [Hit(row["id"], row["number"], float(row["score"])) for row in rows]


def by_likeness(tx: Transaction, sought: str, *, sides: Sequence[str] | None, limit: int) -> list[Hit]:
    """Those whose name is like what was typed (``sought``: its key), the likest first; scores from 0 to 1."""
    if not sought:
        return []
    tx.row("SELECT set_config('pg_trgm.word_similarity_threshold', :least, true)", least=str(_LIKE))
    rows = tx.rows(
        f"""
        SELECT * FROM (
            SELECT b.id, b.number, n.score FROM (
                SELECT folded, (word_similarity(:key, key) + similarity(:key, key)) / 2 AS score
                  FROM folded_names WHERE wedding_id = :wedding AND :key <% key
                 ORDER BY score DESC, folded LIMIT :most) n
            {_BEARERS} LIMIT :limit) found
        ORDER BY score DESC, number
        """,
        key=sought,
        most=MOST_LIKE,
        sides=list(sides) if sides is not None else None,
        limit=limit,
    )
    return [Hit(row["id"], row["number"], float(row["score"])) for row in rows]


# ── what stands in an index of its own ─────────────────────────────────────────────────────────────────

_SEEN = """
      JOIN people p ON p.wedding_id = found.wedding_id AND p.id = found.person_id
     WHERE p.removed_at IS NULL AND p.merged_into IS NULL
       AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides))
     GROUP BY p.id, p.number ORDER BY score DESC, p.number LIMIT :limit
"""
_OF_POINTS = """
      FROM points c
      JOIN person_contacts found ON found.wedding_id = :wedding AND found.contact_point_id = c.id
"""


def _hits(tx: Transaction, sql: str, sides: Sequence[str] | None, limit: int, **values: object) -> list[Hit]:
    told = list(sides) if sides is not None else None
    rows = tx.rows(sql, sides=told, limit=limit, **values)
    return [Hit(row["id"], row["number"], float(row["score"])) for row in rows]


# Under a policy no index is used for LIKE, ``@>`` or what a function (coalesce, too) makes of a column: they could leak
# rows that are not to be seen (PostgreSQL's manual, 39.5). Comparing can't, so a beginning is looked for as a range.


def _after(begins: str) -> str:
    """The first text after all that begin so."""
    last = ord(begins[-1])
    if last == 0x10FFFF:
        return begins + chr(last)
    return begins[:-1] + chr(0xE000 if last == 0xD7FF else last + 1)


def _ending(tx: Transaction, ends: str, most: int) -> list[uuid.UUID]:
    """Phones that end with these digits: by the index of phones read backwards, so through the door."""
    rows = tx.across.rows(
        "SELECT id FROM contact_points WHERE wedding_id = :wedding AND kind = 'phone' AND reverse(value) LIKE :ends "
        "LIMIT :most",
        ends=f"{ends[::-1]}%",
        most=most,
    )
    return [row["id"] for row in rows]


def by_phone(
    tx: Transaction, begins: Sequence[str], ends: str, *, sides: Sequence[str] | None, limit: int
) -> list[Hit]:
    """Those who have a phone that is one of ``begins`` (E.164) or begins so, or that ends with these digits."""
    first, second = (*begins, *begins, "-")[:2]
    ending = _ending(tx, ends, limit * 5) if ends else []
    return _hits(
        tx,
        f"""
        WITH points AS (
            (SELECT id, CASE WHEN value IN (:first, :second) THEN {EXACT} ELSE {BEGINS} END AS score
               FROM contact_points WHERE wedding_id = :wedding AND kind = 'phone'
                AND (value ~>=~ :first AND value ~<~ :after_first
                  OR value ~>=~ :second AND value ~<~ :after_second) ORDER BY score DESC LIMIT :most)
            UNION ALL
            SELECT unnest(CAST(:ending AS uuid[])), {BEGINS})
        SELECT p.id, p.number, max(c.score) AS score {_OF_POINTS} {_SEEN}
        """,
        sides,
        limit,
        first=first,
        second=second,
        after_first=_after(first),
        after_second=_after(second),
        ending=ending,
        most=limit * 5,
    )


def by_address(tx: Transaction, word: str, *, sides: Sequence[str] | None, limit: int) -> list[Hit]:
    """Those who have an email that begins so, or a contact point that is written exactly so."""
    return _hits(
        tx,
        f"""
        WITH points AS (
            SELECT id, CASE WHEN value = :word THEN {EXACT} ELSE {BEGINS} END AS score
              FROM contact_points WHERE wedding_id = :wedding
               AND (value ~>=~ :word AND value ~<~ :after AND kind = 'email' OR value = :word) LIMIT :most)
        SELECT p.id, p.number, max(c.score) AS score {_OF_POINTS} {_SEEN}
        """,
        sides,
        limit,
        word=word,
        after=_after(word),
        most=limit * 5,
    )


def by_tag(tx: Transaction, tag: str, *, sides: Sequence[str] | None, limit: int) -> list[Hit]:
    """Those who have this tag."""
    rows = tx.across.rows(
        f"SELECT p.id, p.number, {BEGINS} AS score FROM people p WHERE p.wedding_id = :wedding "
        "AND p.tags @> ARRAY[CAST(:tag AS text)] AND p.removed_at IS NULL AND p.merged_into IS NULL "
        "AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides)) LIMIT :limit",
        sides=list(sides) if sides is not None else None,
        limit=limit,
        tag=tag,
    )
    return [Hit(row["id"], row["number"], float(row["score"])) for row in rows]


def by_external_id(tx: Transaction, said: str, *, sides: Sequence[str] | None, limit: int) -> list[Hit]:
    """Those who bear this id in a list: it is the key of their row there."""
    return _hits(
        tx,
        f"""
        SELECT p.id, p.number, max({EXACT}) AS score
          FROM (SELECT DISTINCT source FROM imports WHERE wedding_id = :wedding) known
          JOIN person_sources found ON found.wedding_id = :wedding AND found.external_id = :said
           AND found.row_key = :key AND (found.source = known.source OR found.source LIKE known.source || '/%')
          {_SEEN}
        """,
        sides,
        limit,
        said=said,
        key=said,
    )


def by_number(
    tx: Transaction, person: int | None, unit: int | None, *, sides: Sequence[str] | None, limit: int
) -> list[Hit]:
    """The person of this number, merges followed, or the members of the household of this number."""
    return _hits(
        tx,
        f"""
        SELECT p.id, p.number, max({EXACT}) AS score FROM (
            SELECT wedding_id, coalesce(merged_into, id) AS person_id FROM people
             WHERE wedding_id = :wedding AND number = :person
            UNION ALL
            SELECT m.wedding_id, m.person_id FROM guest_units u JOIN guest_unit_members m
                ON m.wedding_id = u.wedding_id AND m.unit_id = u.id
             WHERE u.wedding_id = :wedding AND u.number = :unit AND u.removed_at IS NULL) found
          {_SEEN}
        """,
        sides,
        limit,
        person=person,
        unit=unit,
    )
