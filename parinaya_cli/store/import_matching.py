"""Which rows of a list parinaya knows already: by their key, and where the key has changed, by what they say."""

from __future__ import annotations

from collections.abc import Sequence

from parinaya_cli.domain.rows_again import Candidate
from parinaya_cli.store.transaction import Transaction

MANY_CANDIDATES = 100_000
"""Pairs of a row that is gone and a new one that are looked at; above, a list is another one altogether."""

_LOOKED_AT = 500  # new rows that are looked for in other lists


def match(tx: Transaction, staged: int) -> bool:
    """Put every staged row that says something new into ``walk``: created, updated or returned.

    ``returned``: it says what it said before, but was missing meanwhile. Rows that say the same are left out.
    Returns whether the list has come before.
    """
    if not _is_known(tx):
        tx.run(
            "INSERT INTO walk (id, place, source, row_key, person_id, verdict) "
            "SELECT s.id, s.place, h.source, s.row_key, new_id(), 'created' "
            "FROM staging s JOIN sheets h ON h.sheet = s.sheet ORDER BY s.id"
        )
        return False
    tx.renew_statistics(staged, "staging")
    tx.run(
        """
        INSERT INTO walk (id, place, source, row_key, known_key, person_id, verdict)
        SELECT s.id, s.place, h.source, s.row_key, ps.row_key, coalesce(ps.person_id, new_id()),
               CASE WHEN ps.row_key IS NULL THEN 'created' WHEN ps.digest = s.digest THEN 'returned'
                    ELSE 'updated' END
          FROM staging s JOIN sheets h ON h.sheet = s.sheet
          LEFT JOIN person_sources ps
            ON ps.wedding_id = :wedding AND ps.source = h.source AND ps.row_key = s.row_key
         WHERE ps.digest IS DISTINCT FROM s.digest OR ps.gone_at IS NOT NULL
         ORDER BY s.id
        """
    )
    tx.renew_statistics(staged, "walk")
    return True


def _is_known(tx: Transaction) -> bool:
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM person_sources WHERE wedding_id = :wedding "
            "AND source IN (SELECT source FROM sheets))"
        )
    )


def drop_erased(tx: Transaction) -> tuple[int, list[tuple[int, int]]]:
    """Take out what would bring people back who were forgotten: they are known by the key of their row alone.

    Returns how many people are taken out, and the table and line of each row that was theirs. Of a row that names
    them besides somebody else only they are taken out.
    """
    found = tx.rows(
        "SELECT w.id, w.place, s.sheet, s.line FROM walk w JOIN staging s ON s.id = w.id "
        "JOIN people p ON p.wedding_id = :wedding AND p.id = w.person_id "
        "WHERE w.verdict = 'updated' AND p.erased_at IS NOT NULL ORDER BY w.id"
    )
    if not found:
        return 0, []
    values = {"heads": [row["id"] for row in found if not row["place"]], "ids": [row["id"] for row in found]}
    dropped = tx.run("DELETE FROM staging WHERE id = ANY(:ids) OR id - place = ANY(:heads)", **values)
    tx.run("DELETE FROM walk WHERE id = ANY(:ids) OR id - place = ANY(:heads)", **values)
    return dropped, [(row["sheet"], row["line"]) for row in found if not row["place"]]


def find_gone(tx: Transaction, staged: int) -> int:
    """Put the rows that the list has no more into ``gone``; returns how many they are.

    Those that it had no more before are among them where somebody is new: a list of which half was lost comes back.
    The tables of one list that have not been read now are left alone.
    """
    before = tx.rows(
        "SELECT count(*) FILTER (WHERE gone_at IS NULL) AS known, count(*) FILTER (WHERE gone_at IS NOT NULL) AS gone "
        "FROM person_sources WHERE wedding_id = :wedding AND source IN (SELECT source FROM sheets)"
    )[0]
    now = tx.rows(
        "SELECT count(*) FILTER (WHERE ps.row_key IS NULL) AS new, count(*) FILTER (WHERE ps.gone_at IS NOT NULL) "
        "AS back FROM walk w LEFT JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = w.source "
        "AND ps.row_key = w.known_key"
    )[0]
    if before["known"] == staged - now["new"] - now["back"] and not (
        before["gone"] > now["back"] and now["new"]
    ):
        return 0
    found = tx.run(
        """
        INSERT INTO gone (source, row_key, person_id, line, external_id, folded, phones, earlier)
        SELECT ps.source, ps.row_key, ps.person_id, ps.line, ps.external_id, coalesce(ps.content->>'folded', ''),
               ARRAY(SELECT split_part(point, E'\\x1f', 2)
                       FROM string_to_table(ps.content->>'contacts', E'\\x1e') AS point
                      WHERE point LIKE E'phone\\x1f+%'), ps.gone_at IS NOT NULL
          FROM person_sources ps
         WHERE ps.wedding_id = :wedding AND ps.source IN (SELECT source FROM sheets)
           AND (ps.gone_at IS NULL OR :new)
           AND NOT EXISTS (SELECT 1 FROM staging s JOIN sheets h ON h.sheet = s.sheet
                            WHERE h.source = ps.source AND s.row_key = ps.row_key)
        """,
        new=now["new"] > 0,
    )
    tx.renew_statistics(found, "gone")
    return found


# New rows, and what they say of a name and of phones.
_FRESH = (
    "SELECT w.id, w.source, s.line, s.external_id, s.folded, "
    "ARRAY(SELECT split_part(point, E'\\x1f', 2) FROM string_to_table(s.contacts, E'\\x1e') AS point "
    "WHERE point LIKE E'phone\\x1f+%') AS phones "
    "FROM walk w JOIN staging s ON s.id = w.id WHERE w.verdict = 'created' AND w.place = 0"
)


def know_same(tx: Transaction) -> None:
    """New rows with the same name as one that is gone, and a phone in common, are that row: its household's text, or
    another phone, was changed. This may be all of a long list, when a column of it was.

    Only where nobody else could be meant on either side; those that are gone since this version go first. Rows of
    which both bear an id of the list's own are two.
    """
    _compare_whole(tx)
    for earlier in (False, True):
        _take(
            tx,
            f"""
            WITH fresh AS MATERIALIZED ({_FRESH}),
            pairs AS (
                SELECT DISTINCT f.id, g.source, g.row_key
                  FROM (SELECT *, unnest(phones) AS phone FROM fresh) f
                  JOIN (SELECT *, unnest(phones) AS phone FROM gone WHERE earlier = :earlier) g
                    ON g.source = f.source AND g.folded = f.folded AND g.phone = f.phone
                 WHERE f.external_id = '' OR g.external_id = '')
            SELECT id, source, row_key AS key FROM (
                SELECT *, count(*) OVER (PARTITION BY id) AS meant,
                       count(*) OVER (PARTITION BY source, row_key) AS claimed FROM pairs) one
             WHERE meant = 1 AND claimed = 1
            """,
            earlier=earlier,
        )
    tx.run("SET LOCAL enable_nestloop TO DEFAULT")


def list_candidates(tx: Transaction) -> list[Candidate]:
    """Pairs of rows gone and rows new in one list that share a phone or, alone on either side, the folded name; in the
    list's order.

    Rows of which both bear an id of the list's own are never a pair: the ids say that they are two.
    """
    _compare_whole(tx)
    rows = tx.rows(
        f"""
        WITH fresh AS MATERIALIZED ({_FRESH}),
        by_phone AS (
            SELECT f.id, g.row_key FROM (SELECT id, source, unnest(phones) AS phone FROM fresh) f
              JOIN (SELECT source, row_key, unnest(phones) AS phone FROM gone) g
                ON g.source = f.source AND g.phone = f.phone),
        by_name AS (
            SELECT f.id, g.row_key
              FROM (SELECT source, folded, min(id) AS id FROM fresh WHERE folded <> ''
                     GROUP BY source, folded, external_id = '' HAVING count(*) = 1) f
              JOIN (SELECT source, folded, min(row_key) AS row_key FROM gone
                     GROUP BY source, folded, earlier, external_id = '' HAVING count(*) = 1) g
                ON g.source = f.source AND g.folded = f.folded),
        pairs AS (SELECT * FROM by_phone UNION SELECT * FROM by_name)
        SELECT f.id AS new, f.source, g.row_key AS gone, g.folded AS was, f.folded AS told,
               f.phones && g.phones AS same_phone, abs(f.line - g.line) AS lines_apart, g.earlier
          FROM pairs JOIN fresh f ON f.id = pairs.id JOIN gone g ON g.source = f.source AND g.row_key = pairs.row_key
         WHERE f.external_id = '' OR g.external_id = ''
         ORDER BY f.id, g.row_key LIMIT :most
        """,
        most=MANY_CANDIDATES + 1,
    )
    tx.run("SET LOCAL enable_nestloop TO DEFAULT")
    return [Candidate(**dict(row)) for row in rows]


def _compare_whole(tx: Transaction) -> None:
    """Lists are compared whole, and nobody can say how much will match."""
    tx.run("SET LOCAL enable_nestloop = off")


def count_moved(tx: Transaction) -> int:
    """How many rows are new or gone: so far other rows may have moved."""
    moved: int = tx.value(
        "SELECT (SELECT count(*) FROM walk WHERE verdict = 'created' AND place = 0) "
        "+ (SELECT count(*) FROM gone WHERE NOT earlier)"
    )
    return moved


def know_again(tx: Transaction, pairs: Sequence[Candidate]) -> None:
    """These new rows are the ones that are gone, changed; so are the further people whom the two rows name."""
    if pairs:
        _take(
            tx,
            "SELECT * FROM unnest(CAST(:ids AS int[]), CAST(:sources AS text[]), CAST(:keys AS text[])) "
            "AS k(id, source, key)",
            ids=[one.new for one in pairs],
            sources=[one.source for one in pairs],
            keys=[one.gone for one in pairs],
        )


def _take(tx: Transaction, pairs: str, **values: object) -> None:
    """Take the new rows for those that are gone. ``pairs``: a query for ``id``, ``source`` and ``key`` of each."""
    tx.run(
        f"""
        UPDATE walk w SET verdict = 'updated', known_key = g.row_key, person_id = g.person_id
          FROM ({pairs}) k JOIN gone g ON g.source = k.source
         WHERE w.source = k.source AND w.id - w.place = k.id AND w.verdict = 'created'
           AND g.row_key = k.key || CASE WHEN w.place = 0 THEN '' ELSE '/' || w.place END
        """,
        **values,
    )
    tx.run(
        "DELETE FROM gone g USING walk w WHERE w.source = g.source AND w.known_key = g.row_key "
        "AND w.verdict = 'updated'"
    )


def count_gone(tx: Transaction) -> int:
    """How many people of the last version the list names no more."""
    many: int = tx.value("SELECT count(*) FROM gone WHERE NOT earlier")
    return many


def settle_people(tx: Transaction) -> None:
    """Follow merges, mark those who were removed by hand, lock the others, and let each person's rows take turns."""
    tx.run(
        """
        UPDATE walk w SET person_id = p.id, verdict = CASE WHEN p.removed_at IS NULL THEN 'updated' ELSE 'removed' END
          FROM people q JOIN people p ON p.wedding_id = :wedding
               AND p.id = CASE WHEN q.merged_into IS NULL THEN q.id ELSE q.merged_into END
         WHERE w.verdict = 'updated' AND q.wedding_id = :wedding AND q.id = w.person_id
        """
    )
    tx.run(
        "SELECT 1 FROM people WHERE wedding_id = :wedding AND id IN (SELECT person_id FROM walk "
        "WHERE verdict = 'updated') ORDER BY id FOR NO KEY UPDATE"
    )
    tx.run(
        "UPDATE walk w SET turn = n.turn FROM (SELECT id, row_number() OVER (PARTITION BY person_id ORDER BY id) "
        "AS turn FROM walk WHERE verdict = 'updated') n WHERE n.id = w.id"
    )


def overlaps(tx: Transaction, source: str) -> dict[int, int]:
    """How many rows of each staged table the list of this name had before."""
    rows = tx.rows(
        "SELECT s.sheet, count(*) AS many FROM staging s JOIN person_sources ps ON ps.wedding_id = :wedding "
        "AND ps.source = :source AND ps.row_key = s.row_key GROUP BY s.sheet",
        source=source,
    )
    return {row["sheet"]: row["many"] for row in rows}


def strangers(tx: Transaction) -> list[tuple[int, str, str, str]]:
    """Staged rows that bear an id which was somebody else's when this list came last: the line, the id, who the
    id belongs to, and who bears it now.

    It is somebody else when neither the name nor any phone or email is the same; where one of the two has none,
    when no word of the names is.
    """
    rows = tx.rows(
        """
        SELECT s.line, s.external_id, p.full_name AS known, s.full_name AS told
          FROM walk w
          JOIN staging s ON s.id = w.id
          JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = w.source AND ps.row_key = w.known_key
          JOIN people p ON p.wedding_id = ps.wedding_id AND p.id = w.person_id
          CROSS JOIN LATERAL (SELECT coalesce(array_agg(c.value), '{}') AS points FROM person_contacts pc
                JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
               WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id) had
          CROSS JOIN LATERAL (SELECT coalesce(array_agg(split_part(point, E'\\x1f', 2)), '{}') AS points
                FROM string_to_table(s.contacts, E'\\x1e') AS point WHERE point <> '') has
         WHERE s.place = 0 AND s.external_id <> '' AND w.known_key = w.row_key AND w.verdict IN ('updated', 'removed')
           AND s.folded <> p.folded AND s.folded <> coalesce(ps.content->>'folded', '')
           AND NOT had.points && has.points
           AND (cardinality(had.points) > 0 AND cardinality(has.points) > 0
                OR NOT string_to_array(s.folded, ' ') && string_to_array(p.folded, ' '))
         ORDER BY s.id
        """
    )
    return [(row["line"], row["external_id"], row["known"], row["told"]) for row in rows]


def find_twin(tx: Transaction) -> tuple[str, int, int] | None:
    """The other list that has most of the new rows already: its name, how many of those looked at, and how many were.

    The first few hundred are looked at; a row is the same with the same key and name. None where no list has any.
    """
    rows = tx.rows(
        """
        WITH RECURSIVE new AS (
            SELECT w.row_key, s.folded FROM walk w JOIN staging s ON s.id = w.id
             WHERE w.verdict = 'created' AND w.place = 0 ORDER BY w.id LIMIT :most
        ), lists AS (
            (SELECT source FROM person_sources WHERE wedding_id = :wedding ORDER BY source LIMIT 1)
            UNION ALL
            SELECT (SELECT ps.source FROM person_sources ps WHERE ps.wedding_id = :wedding AND ps.source > l.source
                     ORDER BY ps.source LIMIT 1) FROM lists l WHERE l.source IS NOT NULL
        )
        SELECT l.source, count(*) AS many, (SELECT count(*) FROM new) AS of
          FROM lists l CROSS JOIN new n
          JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = l.source AND ps.row_key = n.row_key
           AND ps.content->>'folded' = n.folded
         WHERE l.source NOT IN (SELECT source FROM sheets)
         GROUP BY l.source ORDER BY many DESC, l.source LIMIT 1
        """,
        most=_LOOKED_AT,
    )
    return (rows[0]["source"], rows[0]["many"], rows[0]["of"]) if rows else None


def note_gone(tx: Transaction) -> None:
    """Keep since when the list has these people no more; that removes nobody."""
    tx.run(
        "UPDATE person_sources ps SET gone_at = :now FROM gone g WHERE NOT g.earlier AND ps.wedding_id = :wedding "
        "AND ps.source = g.source AND ps.row_key = g.row_key"
    )


def names_of_gone(tx: Transaction, limit: int) -> list[str]:
    """The first people whom the list names no more, in its order."""
    rows = tx.rows(
        "SELECT p.full_name FROM gone g JOIN people p ON p.wedding_id = :wedding AND p.id = g.person_id "
        "WHERE NOT g.earlier ORDER BY g.source, g.line, g.row_key LIMIT :limit",
        limit=limit,
    )
    return [row["full_name"] for row in rows]
