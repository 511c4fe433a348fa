"""Imports: rows are staged by COPY and merged in SQL, never row by row."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain import names, phones
from parinaya_cli.domain.imports import Draft
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction

_STAGED = (
    "line",
    "place",
    "row_key",
    "external_id",
    "digest",
    "full_name",
    "honorific",
    "given_name",
    "family_name",
    "folded",
    "city",
    "side",
    "language",
    "tags",
    "events",
    "notes",
    "extra",
    "household",
    "household_source",
    "party_size",
    "extra_seats",
    "contacts",
)

_STAGING = """
    CREATE TEMP TABLE staging (
        line int, place int, row_key text, external_id text, digest text, full_name text, honorific text,
        given_name text, family_name text, folded text, city text, side text, language text, tags text[],
        events text[], notes text, extra jsonb, household text, household_source text, party_size int, extra_seats int,
        contacts jsonb, person_id uuid, number int, verdict text
    ) ON COMMIT DROP
"""


def begin(tx: Transaction, source: str, opt_in: str) -> tuple[uuid.UUID, int]:
    """Open an import and its staging table; returns its id and number."""
    tx.run("SET LOCAL statement_timeout = 0")  # a million rows take their time
    tx.run(_STAGING)
    # One import of a list at a time: the second finds what the first has made.
    tx.row(
        "SELECT pg_advisory_xact_lock(hashtextextended(CAST(:wedding AS text) || :source, 1))", source=source
    )
    number = refs.next_numbers(tx, Kind.IMPORT)
    made: uuid.UUID = tx.value(
        "INSERT INTO imports (wedding_id, number, source, opt_in, actor) "
        "VALUES (:wedding, :number, :source, :opt_in, :actor) RETURNING id",
        number=number,
        source=source,
        opt_in=opt_in,
        actor=tx.actor.name,
    )
    return made, number


def stage(tx: Transaction, source: str, drafts: Iterable[Draft]) -> None:
    """Stage rows by COPY: one staged person for each draft and each of its companions."""
    connection = tx.conn.connection.driver_connection
    assert connection is not None
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY staging ({', '.join(_STAGED)}) FROM STDIN") as copy,
    ):
        for draft in drafts:
            for row in _staged(source, draft):
                copy.write_row(row)


def _staged(source: str, draft: Draft) -> Iterable[tuple[object, ...]]:
    contacts = [
        ["phone", phone.e164 or phone.raw, phone.state.value, phones.country(phone.e164 or ""), phone.raw]
        for phone in draft.phones
        if phone.e164 or phone.raw
    ]
    contacts += [["email", email, "valid", "", email] for email in draft.emails]
    own_source = f"{source}#{draft.row_key}"
    home = own_source if draft.household_of_row else source
    shared = (draft.city, draft.side, draft.language, list(draft.tags), list(draft.events))
    home_of_all = (draft.household, home if draft.household else "", draft.party_size)
    digest = _digest(draft)
    yield (
        draft.line, 0, draft.row_key, draft.external_id, digest, draft.full_name, draft.honorific,
        draft.given_name, draft.family_name, draft.folded, *shared, draft.notes,
        json.dumps(dict(draft.extra), ensure_ascii=False), *home_of_all, draft.extra_seats,
        json.dumps(contacts, ensure_ascii=False),
    )  # fmt: skip
    for place, companion in enumerate(draft.companions, start=1):
        parts = names.split(companion)
        yield (
            draft.line, place, f"{draft.row_key}/{place}", "", digest, parts.full_name, parts.honorific,
            parts.given_name, parts.family_name, names.fold_name(parts), *shared, "", "{}", *home_of_all, 0, "[]",
        )  # fmt: skip


def _digest(draft: Draft) -> str:
    said = [
        draft.full_name, draft.honorific, draft.given_name, draft.family_name, draft.city, draft.side,
        draft.language, draft.tags, draft.notes, dict(draft.extra), draft.household, draft.party_size,
        draft.extra_seats, draft.companions, draft.emails, draft.events, [(p.e164, p.raw) for p in draft.phones],
    ]  # fmt: skip
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Merged:
    """What became of the staged rows; counted by row of the list, not by person."""

    created: int
    updated: int
    unchanged: int
    people: int


# What an import may overwrite: a value that is still what the list said the last time.
_FROM_LIST = (
    "full_name", "honorific", "given_name", "family_name", "folded", "city", "side", "language", "notes",
    "household", "household_source", "party_size", "extra_seats",
)  # fmt: skip


def merge(tx: Transaction, import_id: uuid.UUID, source: str) -> Merged:
    """Merge what is staged into people, contact points and sources."""
    tx.run(
        "UPDATE staging s SET person_id = coalesce(p.merged_into, p.id), "
        "verdict = CASE WHEN ps.digest = s.digest THEN 'unchanged' ELSE 'updated' END "
        "FROM person_sources ps JOIN people p ON p.wedding_id = ps.wedding_id AND p.id = ps.person_id "
        "WHERE ps.wedding_id = :wedding AND ps.source = :source AND ps.row_key = s.row_key",
        source=source,
    )
    fresh = tx.value("SELECT count(*) FROM staging WHERE verdict IS NULL")
    if fresh:
        first = refs.next_numbers(tx, Kind.PERSON, fresh)
        tx.run(
            "UPDATE staging s SET verdict = 'created', person_id = n.id, number = :first + n.place - 1 "
            "FROM (SELECT row_key, new_id() AS id, row_number() OVER (ORDER BY line, place) AS place "
            "FROM staging WHERE verdict IS NULL) n WHERE n.row_key = s.row_key AND s.verdict IS NULL",
            first=first,
        )
    _insert_people(tx, import_id)
    _update_people(tx, source)
    _write_contacts(tx)
    _order_contacts(tx, source)
    _write_sources(tx, import_id, source)
    tx.renew_statistics(fresh, "people", "contact_points", "person_contacts", "person_sources")
    counts = {
        row["verdict"]: row["rows"]
        for row in tx.rows(
            "SELECT verdict, count(*)::int AS rows FROM staging WHERE place = 0 GROUP BY verdict"
        )
    }
    return Merged(counts.get("created", 0), counts.get("updated", 0), counts.get("unchanged", 0), fresh)


def _insert_people(tx: Transaction, import_id: uuid.UUID) -> None:
    columns = ", ".join((*_FROM_LIST, "tags", "events", "extra"))
    tx.run(
        f"INSERT INTO people (id, wedding_id, number, import_id, {columns}) "
        f"SELECT person_id, :wedding, number, :import, {columns} FROM staging WHERE verdict = 'created' "
        "ORDER BY number",
        **{"import": import_id},
    )


def _update_people(tx: Transaction, source: str) -> None:
    def kept(column: str) -> str:
        said = f"(ps.content->>'{column}')"
        if column in {"party_size", "extra_seats"}:
            said += "::int"
        return (
            f"{column} = CASE WHEN NOT ps.content ? '{column}' OR p.{column} IS NOT DISTINCT FROM {said} "
            f"THEN s.{column} ELSE p.{column} END"
        )

    tx.run(
        f"UPDATE people p SET {', '.join(kept(column) for column in _FROM_LIST)}, "
        "tags = ARRAY(SELECT DISTINCT t FROM unnest(p.tags || s.tags) AS t ORDER BY t), "
        "events = s.events, extra = p.extra || s.extra, updated_at = :now, version = p.version + 1 "
        "FROM staging s JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = :source "
        "AND ps.row_key = s.row_key WHERE p.wedding_id = :wedding AND p.id = s.person_id "
        "AND s.verdict = 'updated'",
        source=source,
    )


def _write_contacts(tx: Transaction) -> None:
    told = (
        "(SELECT s.person_id, c.item->>0 AS kind, c.item->>1 AS value, c.item->>2 AS state, "
        "c.item->>3 AS country, c.item->>4 AS raw, c.place FROM staging s "
        "CROSS JOIN LATERAL jsonb_array_elements(s.contacts) WITH ORDINALITY AS c(item, place) "
        "WHERE s.verdict <> 'unchanged')"
    )
    tx.run(
        "INSERT INTO contact_points (wedding_id, kind, value, state, country) "
        f"SELECT DISTINCT ON (kind, value) :wedding, kind, value, state, country FROM {told} t "
        "ORDER BY kind, value, place ON CONFLICT (wedding_id, kind, value) DO NOTHING"
    )
    tx.run(
        "INSERT INTO person_contacts (wedding_id, person_id, contact_point_id, position, raw) "
        "SELECT DISTINCT ON (t.person_id, cp.id) :wedding, t.person_id, cp.id, "
        "t.place - 1 + coalesce((SELECT max(pc.position) + 1 FROM person_contacts pc "
        "WHERE pc.wedding_id = :wedding AND pc.person_id = t.person_id), 0), t.raw "
        f"FROM {told} t JOIN contact_points cp ON cp.wedding_id = :wedding AND cp.kind = t.kind "
        "AND cp.value = t.value ORDER BY t.person_id, cp.id, t.place "
        "ON CONFLICT (person_id, contact_point_id) DO NOTHING"
    )


def _order_contacts(tx: Transaction, source: str) -> None:
    """Where a list says other phones than the last time, they come first: it corrects a number that was wrong.

    A primary phone that was not the list's own (chosen by hand, say) stays the primary one.
    """
    tx.run(
        """
        UPDATE person_contacts pc SET position = coalesce(
               (SELECT min(c.place) - 1 FROM jsonb_array_elements(s.contacts) WITH ORDINALITY AS c(item, place)
                 WHERE c.item->>0 = cp.kind AND c.item->>1 = cp.value),
               pc.position + jsonb_array_length(s.contacts))
          FROM staging s
          JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = :source AND ps.row_key = s.row_key,
               contact_points cp
         WHERE pc.wedding_id = :wedding AND pc.person_id = s.person_id AND s.verdict = 'updated'
           AND cp.wedding_id = pc.wedding_id AND cp.id = pc.contact_point_id
           AND ps.content->'contacts' <> s.contacts AND s.contacts <> '[]'
           AND EXISTS (SELECT 1 FROM jsonb_array_elements(ps.content->'contacts') AS was(item)
                WHERE was.item->>1 = (SELECT f.value FROM person_contacts fc JOIN contact_points f
                       ON f.wedding_id = fc.wedding_id AND f.id = fc.contact_point_id
                     WHERE fc.wedding_id = :wedding AND fc.person_id = s.person_id
                     ORDER BY fc.position, f.value LIMIT 1))
        """,
        source=source,
    )


def strangers(tx: Transaction, source: str) -> list[tuple[int, str, str, str]]:
    """Staged rows that bear an id which was somebody else's when this list came last: the line, the id, who the
    id belongs to, and who bears it now.

    It is somebody else when neither the name nor any phone or email is the same; where one of the two has none,
    when no word of the names is.
    """
    rows = tx.rows(
        """
        SELECT s.line, s.external_id, p.full_name AS known, s.full_name AS told
          FROM staging s
          JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = :source AND ps.row_key = s.row_key
          JOIN people q ON q.wedding_id = ps.wedding_id AND q.id = ps.person_id
          JOIN people p ON p.wedding_id = q.wedding_id AND p.id = coalesce(q.merged_into, q.id)
          CROSS JOIN LATERAL (SELECT coalesce(array_agg(c.value), '{}') AS points FROM person_contacts pc
                JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
               WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id) had
          CROSS JOIN LATERAL (SELECT coalesce(array_agg(c->>1), '{}') AS points
                FROM jsonb_array_elements(s.contacts) AS c) has
         WHERE s.place = 0 AND s.external_id <> '' AND ps.digest <> s.digest
           AND s.folded <> p.folded AND s.folded <> coalesce(ps.content->>'folded', '')
           AND NOT had.points && has.points
           AND (cardinality(had.points) > 0 AND cardinality(has.points) > 0
                OR NOT string_to_array(s.folded, ' ') && string_to_array(p.folded, ' '))
         ORDER BY s.line
        """,
        source=source,
    )
    return [(row["line"], row["external_id"], row["known"], row["told"]) for row in rows]


def _write_sources(tx: Transaction, import_id: uuid.UUID, source: str) -> None:
    content = ", ".join(f"'{column}', {column}" for column in (*_FROM_LIST, "contacts"))
    tx.run(
        "INSERT INTO person_sources (wedding_id, source, row_key, person_id, import_id, external_id, line, digest, "
        f"content) SELECT :wedding, :source, row_key, person_id, :import, external_id, line, digest, "
        f"jsonb_build_object({content}) FROM staging WHERE verdict <> 'unchanged' "
        "ON CONFLICT (wedding_id, source, row_key) DO UPDATE SET import_id = excluded.import_id, "
        "external_id = excluded.external_id, line = excluded.line, digest = excluded.digest, "
        "content = excluded.content",
        source=source,
        **{"import": import_id},
    )


def updated_people(tx: Transaction) -> list[uuid.UUID]:
    """Everybody whose row says something else than the last time."""
    return [row["person_id"] for row in tx.rows("SELECT person_id FROM staging WHERE verdict = 'updated'")]


def phones_of(tx: Transaction) -> list[uuid.UUID]:
    """The usable phones of everybody who is staged."""
    rows = tx.rows(
        "SELECT DISTINCT cp.id FROM staging s JOIN person_contacts pc ON pc.wedding_id = :wedding "
        "AND pc.person_id = s.person_id JOIN contact_points cp ON cp.wedding_id = :wedding "
        "AND cp.id = pc.contact_point_id WHERE cp.kind = 'phone' AND cp.state <> 'impossible'"
    )
    return [row["id"] for row in rows]


def finish(
    tx: Transaction, import_id: uuid.UUID, merged: Merged, rows: int, rejected: int, rejects_file: str
) -> None:
    """Close an import with its figures."""
    tx.run(
        "UPDATE imports SET state = 'done', rows = :rows, created = :created, updated = :updated, "
        "unchanged = :unchanged, rejected = :rejected, rejects_file = :file "
        "WHERE wedding_id = :wedding AND id = :id",
        id=import_id,
        rows=rows,
        created=merged.created,
        updated=merged.updated,
        unchanged=merged.unchanged,
        rejected=rejected,
        file=rejects_file,
    )


@dataclass(frozen=True)
class Import:
    """One import with its figures."""

    id: uuid.UUID
    number: int
    source: str
    state: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    rejects_file: str
    actor: str
    created_at: datetime
    undone_at: datetime | None

    @property
    def ref(self) -> str:
        """The short name, such as I2."""
        return make_ref(Kind.IMPORT, self.number)


_COLUMNS = (
    "id, number, source, state, rows, created, updated, unchanged, rejected, rejects_file, actor, created_at, "
    "undone_at"
)


def list_imports(tx: Transaction) -> list[Import]:
    """Every import, newest first."""
    rows = tx.rows(f"SELECT {_COLUMNS} FROM imports WHERE wedding_id = :wedding ORDER BY number DESC")
    return [Import(**dict(row)) for row in rows]
