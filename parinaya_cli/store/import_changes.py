"""Edited rows: what they change in parinaya, and where the team has changed the same thing since.

Three values are compared for each field: what the list said the last time (``person_sources.content``), what it
says now, and what parinaya has. Where parinaya still has what the list said, the list's new value is taken. Where
both have changed, the team's value stays and the difference is a conflict. A field for which the list has no column
any more, and that the row leaves empty, says nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from parinaya_cli.store.import_merge import CONTENT, HOUSEHOLD_SOURCE
from parinaya_cli.store.transaction import Transaction

_NAME = ("full_name", "honorific", "given_name", "family_name", "folded")
_TEXTS = (*_NAME, "city", "notes", "household", "side", "language")
_CHANGED = ", ".join((*_TEXTS, "household_source", "party_size", "extra_seats", "tags", "events", "extra"))

_EDITED = (
    "FROM walk w JOIN staging s ON s.id = w.id JOIN sheets h ON h.sheet = s.sheet "
    "JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = w.source AND ps.row_key = w.known_key "
    "JOIN people p ON p.wedding_id = :wedding AND p.id = w.person_id "
)


def compare(tx: Transaction, turn: int) -> None:
    """Put what the rows of this turn change, and what they contradict, into ``differences``."""
    _compare_texts(tx, turn)
    _compare_sets(tx, turn)
    _compare_extra(tx, turn)
    _compare_contacts(tx, turn)
    found: int = tx.value("SELECT count(*) FROM differences")
    tx.renew_statistics(found, "differences", "reached", "points")


def _compare_texts(tx: Transaction, turn: int) -> None:
    told = [f"('{one}', coalesce(p.{one}, ''), coalesce(ps.content->>'{one}', ''), coalesce(s.{one}, ''))"
            for one in _TEXTS]  # fmt: skip
    told += [
        f"('household_source', p.household_source, coalesce(ps.content->>'household_source', ''), "
        f"{HOUSEHOLD_SOURCE})",
        "('party_size', coalesce(p.party_size::text, ''), coalesce(ps.content->>'party_size', ''), "
        "coalesce(s.party_size::text, ''))",
        "('extra_seats', p.extra_seats::text, coalesce(ps.content->>'extra_seats', '0'), s.extra_seats::text)",
    ]
    tx.run(
        f"""
        INSERT INTO differences (id, person_id, field, kind, was, told)
        SELECT w.id, w.person_id, d.field, CASE WHEN d.was = d.base THEN 'change' ELSE 'conflict' END,
               {_typed("d.was")}, {_typed("d.told")}
          {_EDITED} CROSS JOIN LATERAL (VALUES {", ".join(told)}) AS d(field, was, base, told)
         WHERE w.verdict = 'updated' AND w.turn = :turn AND d.told <> d.base AND d.told <> d.was
           AND NOT (d.field = ANY(h.absent) AND d.told IN ('', '0') AND CASE
                    WHEN d.field IN ('household', 'household_source')
                    THEN coalesce(ps.content->>'household_source', '') = w.source
                    WHEN d.field = 'extra_seats' THEN ps.content->>'party_size' IS NOT NULL
                    ELSE true END)
        """,
        turn=turn,
    )
    # A name that the team has changed stays whole, and what nobody sees is no conflict of its own.
    tx.run(
        """
        DELETE FROM differences d WHERE d.field = ANY(:parts) AND EXISTS (
               SELECT 1 FROM differences n WHERE n.id = d.id AND n.field = 'full_name' AND n.kind = 'conflict')
            OR d.field = 'household_source' AND EXISTS (
               SELECT 1 FROM differences n WHERE n.id = d.id AND n.field = 'household' AND n.kind = 'conflict')
            OR d.kind = 'conflict' AND d.field IN ('folded', 'household_source')
        """,
        parts=list(_NAME[1:]),
    )
    tx.run(
        "UPDATE differences SET kind = 'silent' WHERE kind = 'change' AND field IN ('folded', 'household_source')"
    )


def _typed(value: str) -> str:
    return (
        f"CASE WHEN d.field IN ('side', 'language', 'party_size') AND {value} = '' THEN 'null'::jsonb "
        f"WHEN d.field IN ('party_size', 'extra_seats') THEN to_jsonb({value}::int) ELSE to_jsonb({value}) END"
    )


def _compare_sets(tx: Transaction, turn: int) -> None:
    """Tags and events: what is new in the list is added, what is gone from it is taken away if it came from there.

    What the operator gave to all rows of an import stays, and so does what another row or list says as well. What
    was taken away by hand does not come back.
    """
    for field in ("tags", "events"):
        tx.run(
            f"""
            INSERT INTO differences (id, person_id, field, kind, was, told)
            SELECT w.id, w.person_id, '{field}', 'change', to_jsonb(p.{field}), to_jsonb(new.said)
              {_EDITED}
              CROSS JOIN LATERAL (SELECT ARRAY(SELECT jsonb_array_elements_text(ps.content->'{field}')) AS said) base
              CROSS JOIN LATERAL (SELECT
                  ARRAY(SELECT t FROM unnest(p.{field}) AS t
                         WHERE t = ANY(s.{field}) OR NOT t = ANY(base.said) OR '{field}' = ANY(h.absent)
                            OR ps.content->'given' ? t
                            OR EXISTS (SELECT 1 FROM person_sources o WHERE o.wedding_id = :wedding
                                   AND o.person_id = p.id AND (o.source, o.row_key) <> (ps.source, ps.row_key)
                                   AND o.content->'{field}' ? t))
                  || ARRAY(SELECT t FROM unnest(s.{field}) AS t
                            WHERE NOT t = ANY(base.said) AND NOT t = ANY(p.{field})) AS said) new
             WHERE w.verdict = 'updated' AND w.turn = :turn AND s.{field} <> base.said AND new.said <> p.{field}
            """,
            turn=turn,
        )


def _compare_extra(tx: Transaction, turn: int) -> None:
    """Columns without a field, each for itself."""
    tx.run(
        f"""
        INSERT INTO differences (id, person_id, field, kind, was, told)
        SELECT w.id, w.person_id, 'extra', 'change', p.extra, new.said
          {_EDITED}
          CROSS JOIN LATERAL (SELECT coalesce(ps.content->'extra', '{{}}') AS said) base
          CROSS JOIN LATERAL (SELECT p.extra
              - ARRAY(SELECT k FROM jsonb_object_keys(base.said) AS k WHERE NOT s.extra ? k
                         AND p.extra->k = base.said->k AND (k = ANY(h.titles) OR k LIKE '% (as written)'))
              || coalesce((SELECT jsonb_object_agg(k, v) FROM jsonb_each(s.extra) AS e(k, v)
                            WHERE v IS DISTINCT FROM base.said->k
                              AND p.extra->k IS NOT DISTINCT FROM base.said->k), '{{}}') AS said) new
         WHERE w.verdict = 'updated' AND w.turn = :turn AND s.extra <> base.said AND new.said <> p.extra
        """,
        turn=turn,
    )


_POINTS = (
    "ARRAY(SELECT point FROM (SELECT split_part(x, E'\\x1f', 1) || E'\\x1f' || split_part(x, E'\\x1f', 2) AS point, "
    "min(place) AS place FROM string_to_table({0}, E'\\x1e') WITH ORDINALITY AS c(x, place) WHERE x <> '' "
    "GROUP BY 1) once ORDER BY place)"
)


# The first phone is none of the list's, not of its last version nor of this one: it was chosen by hand.
_BY_HAND = (
    "NOT coalesce((SELECT x = ANY(r.base || r.told) FROM unnest(r.was) WITH ORDINALITY AS t(x, place) "
    "WHERE x LIKE 'phone%' ORDER BY place LIMIT 1), true)"
)


def _first_phone(points: str) -> str:
    return (
        f"(SELECT split_part(x, E'\\x1f', 2) FROM unnest({points}) WITH ORDINALITY AS t(x, place) "
        "WHERE x LIKE 'phone%' ORDER BY place LIMIT 1)"
    )


def _values_of(points: str) -> str:
    return (
        f"ARRAY(SELECT split_part(x, E'\\x1f', 2) FROM unnest({points}) WITH ORDINALITY AS t(x, place) "
        "WHERE x LIKE f.kind || '%' ORDER BY place)"
    )


def _compare_contacts(tx: Transaction, turn: int) -> None:
    """Phones and emails, where a row says others than the last time: its own come first, as it corrects them.

    One that was dropped by hand does not come back, one that the list says no more stays behind the others. A
    primary phone that is not the list's own was chosen by hand: it stays, and the list's new one is a conflict.
    """
    tx.run("DELETE FROM reached")
    tx.run(
        f"""
        INSERT INTO reached (id, person_id, was, told, base, positions)
        SELECT w.id, w.person_id, coalesce(had.was, '{{}}'), new.told, base.told, coalesce(had.positions, '{{}}')
          {_EDITED}
          CROSS JOIN LATERAL (SELECT {_POINTS.format("s.contacts")} AS told) new
          CROSS JOIN LATERAL (SELECT {_POINTS.format("ps.content->>'contacts'")} AS told) base
          CROSS JOIN LATERAL (
              SELECT array_agg(c.kind || E'\\x1f' || c.value ORDER BY pc.position, c.value) AS was,
                     jsonb_object_agg(c.id, pc.position) AS positions
                FROM person_contacts pc JOIN contact_points c ON c.wedding_id = :wedding AND c.id = pc.contact_point_id
               WHERE pc.wedding_id = :wedding AND pc.person_id = p.id) had
         WHERE w.verdict = 'updated' AND w.turn = :turn AND s.contacts <> ''
           AND s.contacts <> coalesce(ps.content->>'contacts', '') AND new.told <> base.told
        """,
        turn=turn,
    )
    tx.run(
        f"""
        UPDATE reached r SET now = CASE WHEN {_BY_HAND}
            THEN r.was || ARRAY(SELECT x FROM unnest(r.told) WITH ORDINALITY AS t(x, place)
                                 WHERE NOT x = ANY(r.base || r.was) ORDER BY place)
            ELSE ARRAY(SELECT x FROM unnest(r.told) WITH ORDINALITY AS t(x, place)
                        WHERE x = ANY(r.was) OR NOT x = ANY(r.base) ORDER BY place)
              || ARRAY(SELECT x FROM unnest(r.was) WITH ORDINALITY AS t(x, place)
                        WHERE NOT x = ANY(r.told) ORDER BY place) END
        """
    )
    _note_contacts(tx)


def _note_contacts(tx: Transaction) -> None:
    was, told, base = map(_first_phone, ("r.was", "r.told", "r.base"))
    tx.run(
        f"INSERT INTO differences (id, person_id, field, kind, was, told) SELECT r.id, r.person_id, 'phone', "
        f"'conflict', to_jsonb({was}), to_jsonb({told}) FROM reached r "
        f"WHERE {_BY_HAND} AND {told} IS DISTINCT FROM {base} AND {told} IS NOT NULL"
    )
    tx.run("DELETE FROM reached WHERE now = was")
    tx.run(
        f"""
        INSERT INTO differences (id, person_id, field, kind, was, told)
        SELECT r.id, r.person_id, f.field, 'contact', to_jsonb(k.was), to_jsonb(k.now)
          FROM reached r CROSS JOIN (VALUES ('phones', 'phone'), ('emails', 'email')) AS f(field, kind)
          CROSS JOIN LATERAL (SELECT {_values_of("r.was")} AS was, {_values_of("r.now")} AS now) k
         WHERE k.was <> k.now
        """
    )


def apply(tx: Transaction, import_id: uuid.UUID, turn: int) -> None:
    """Carry out what the rows of this turn change, and keep what was there before, to be undone with."""
    tx.run(
        f"""
        UPDATE people p SET ({_CHANGED}) = (SELECT {_CHANGED} FROM jsonb_populate_record(p, d.told)),
               updated_at = :now, version = p.version + 1
          FROM (SELECT f.person_id, coalesce(jsonb_object_agg(f.field, f.told) FILTER (WHERE f.kind <> 'contact'),
                       '{{}}') AS told
                  FROM differences f JOIN walk w ON w.id = f.id AND w.turn = :turn
                 WHERE f.kind <> 'conflict' GROUP BY f.person_id) d
         WHERE p.wedding_id = :wedding AND p.id = d.person_id
        """,
        turn=turn,
    )
    tx.run(
        """
        INSERT INTO import_changes (wedding_id, import_id, source, row_key, person_id, version, before,
                                    contacts_added, positions, contacts_after, source_before)
        SELECT :wedding, :import, w.source, w.row_key, w.person_id, p.version, coalesce(d.before, '{}'),
               coalesce(a.added, '[]'), coalesce(r.positions, '{}'), coalesce(to_jsonb(r.now), '[]'),
               to_jsonb(ps) - ARRAY['wedding_id', 'source', 'person_id']
          FROM walk w
          JOIN people p ON p.wedding_id = :wedding AND p.id = w.person_id
          JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = w.source AND ps.row_key = w.known_key
          LEFT JOIN reached r ON r.id = w.id
          LEFT JOIN (SELECT f.id, jsonb_object_agg(f.field, f.was) AS before FROM differences f
                      WHERE f.kind IN ('change', 'silent') GROUP BY f.id) d ON d.id = w.id
          LEFT JOIN LATERAL (SELECT jsonb_agg(c.id) AS added FROM contact_points c
                WHERE c.wedding_id = :wedding AND (c.kind, c.value) IN (
                      SELECT split_part(x, E'\\x1f', 1), split_part(x, E'\\x1f', 2) FROM unnest(r.now) AS x
                       WHERE NOT x = ANY(r.was))) a ON r.id IS NOT NULL
         WHERE w.verdict = 'updated' AND w.turn = :turn
        """,
        turn=turn,
        **{"import": import_id},
    )
    tx.run(
        """
        INSERT INTO person_contacts (wedding_id, person_id, contact_point_id, position, raw)
        SELECT :wedding, r.person_id, c.id, n.place - 1, coalesce(t.raw, '')
          FROM reached r CROSS JOIN LATERAL unnest(r.now) WITH ORDINALITY AS n(point, place)
          JOIN contact_points c ON c.wedding_id = :wedding AND c.kind = split_part(n.point, E'\\x1f', 1)
           AND c.value = split_part(n.point, E'\\x1f', 2)
          LEFT JOIN (SELECT DISTINCT ON (id, kind, value) id, kind, value, raw FROM points
                      WHERE id IN (SELECT id FROM reached) ORDER BY id, kind, value, place) t
            ON t.id = r.id AND t.kind = c.kind AND t.value = c.value
         ORDER BY r.person_id, c.id
        ON CONFLICT (person_id, contact_point_id) DO UPDATE SET position = excluded.position
         WHERE person_contacts.position <> excluded.position
        """
    )


def note_the_rest(tx: Transaction, import_id: uuid.UUID) -> None:
    """Keep what else is changed in ``person_sources``: rows that are gone, that came back, and whose people were
    removed by hand; the last are conflicts."""
    tx.run(
        "INSERT INTO differences (id, person_id, field, kind, was, told) SELECT w.id, w.person_id, 'removed', "
        "'conflict', to_jsonb(true), to_jsonb(false) FROM walk w WHERE w.verdict = 'removed'"
    )
    tx.run(
        """
        INSERT INTO import_changes (wedding_id, import_id, source, row_key, person_id, version, source_before)
        SELECT :wedding, :import, ps.source, t.row_key, ps.person_id, p.version,
               CASE WHEN t.gone THEN '{"gone_at": null}'
                    ELSE to_jsonb(ps) - ARRAY['wedding_id', 'source', 'person_id'] END
          FROM (SELECT source, row_key, known_key, false AS gone FROM walk WHERE verdict IN ('returned', 'removed')
                 UNION ALL SELECT source, row_key, row_key, true FROM gone WHERE NOT earlier) t
          JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = t.source AND ps.row_key = t.known_key
          JOIN people p ON p.wedding_id = :wedding AND p.id = ps.person_id
        """,
        **{"import": import_id},
    )


def update_sources(tx: Transaction, import_id: uuid.UUID) -> None:
    """Keep what the list says now; of fields for which it has no column any more, what it said the last time."""
    tx.run(
        f"""
        UPDATE person_sources ps SET row_key = w.row_key, import_id = :import, external_id = s.external_id,
               line = s.line, digest = s.digest, gone_at = NULL, content = coalesce((
                   SELECT jsonb_object_agg(k, v) FROM jsonb_each(ps.content) AS e(k, v) WHERE k = ANY(h.absent)),
                   '{{}}') || {CONTENT}
          FROM walk w JOIN staging s ON s.id = w.id JOIN sheets h ON h.sheet = s.sheet
         WHERE ps.wedding_id = :wedding AND ps.source = w.source AND ps.row_key = w.known_key
           AND w.verdict <> 'created'
        """,
        **{"import": import_id},
    )


@dataclass(frozen=True)
class Difference:
    """One field in which an edited row and parinaya disagree. ``person``: the number of the person; ``place``: 0 for
    the first whom the row names, else which of the others it is.

    ``kind``: change, contact, or conflict. ``was``: parinaya's value before, ``told``: what became of it or, in a
    conflict, what the list says.
    """

    id: int
    sheet: int
    line: int
    place: int
    person: int
    full_name: str
    field: str
    kind: str
    was: object
    told: object


def list_differences(tx: Transaction, *, conflicts: bool, limit: int) -> list[Difference]:
    """The conflicts, or the changes, in the order of the list."""
    rows = tx.rows(
        "SELECT d.id - s.place AS id, s.sheet, s.line, s.place, p.number AS person, p.full_name, d.field, d.kind, "
        "d.was, d.told FROM differences d JOIN staging s ON s.id = d.id "
        "JOIN people p ON p.wedding_id = :wedding AND p.id = d.person_id "
        "WHERE d.kind <> 'silent' AND (d.kind = 'conflict') = :conflicts ORDER BY d.id, d.field LIMIT :limit",
        conflicts=conflicts,
        limit=limit,
    )
    return [Difference(**dict(row)) for row in rows]


def count_conflicts(tx: Transaction) -> dict[str, int]:
    """How many conflicts there are of each field."""
    rows = tx.rows("SELECT field, count(*) AS many FROM differences WHERE kind = 'conflict' GROUP BY field")
    return {row["field"]: row["many"] for row in rows}


def turns(tx: Transaction) -> int:
    """How often rows take turns: 1, unless several edited rows are one person by now."""
    most: int = tx.value("SELECT coalesce(max(turn), 0) FROM walk WHERE verdict = 'updated'")
    return most


def changed_units(tx: Transaction) -> list[uuid.UUID]:
    """The households of everybody in whom something was changed."""
    rows = tx.rows(
        "SELECT DISTINCT m.unit_id FROM differences d JOIN guest_unit_members m ON m.wedding_id = :wedding "
        "AND m.person_id = d.person_id WHERE d.kind <> 'conflict' ORDER BY m.unit_id"
    )
    return [row["unit_id"] for row in rows]


def units_told_otherwise(tx: Transaction) -> list[int]:
    """The numbers of households of whose members the list says another number of people than before."""
    rows = tx.rows(
        "SELECT DISTINCT u.number FROM differences d JOIN guest_unit_members m ON m.wedding_id = :wedding "
        "AND m.person_id = d.person_id JOIN guest_units u ON u.wedding_id = :wedding AND u.id = m.unit_id "
        "WHERE d.kind = 'change' AND d.field IN ('party_size', 'extra_seats') ORDER BY u.number"
    )
    return [row["number"] for row in rows]
