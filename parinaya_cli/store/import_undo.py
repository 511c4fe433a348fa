"""Taking an import back: who came with it, what has been built on each since, and deleting those of whom nothing is.

Set by set, in temporary tables of the transaction: ``undoing`` (everybody whom the import made or changed, with why
they stay), ``loose`` (contact points that lose somebody), ``homes`` (households that lose somebody).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.import_undo import Why
from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import consent, imports, refs
from parinaya_cli.store.transaction import Transaction

_TABLES = (
    "CREATE TEMP TABLE undoing (person_id uuid PRIMARY KEY, number int, full_name text, made boolean, "
    "visible boolean, version int, why text, blocker uuid) ON COMMIT DROP",
    "CREATE TEMP TABLE loose (contact_point_id uuid) ON COMMIT DROP",
    "CREATE TEMP TABLE homes (unit_id uuid) ON COMMIT DROP",
)

ONLY_GONE = """'{"gone_at": null}'::jsonb"""
"""``source_before`` of a row that the import merely did not name any more."""

CHANGED = f"c.source_before NOT IN ({ONLY_GONE}, '{{}}')"
"""A change (``c``) of a row. What was there before somebody was erased is nowhere any more, and can't be undone."""


@dataclass(frozen=True)
class Undoable:
    """An import as far as taking it back needs to know it. ``since``: when it had ended."""

    id: uuid.UUID
    number: int
    source: str
    kind: str
    state: str
    created: int
    updated: int
    created_at: datetime
    since: datetime

    @property
    def ref(self) -> str:
        """The short name, such as I2."""
        return make_ref(Kind.IMPORT, self.number)


_UNDOABLE = (
    "SELECT id, number, source, kind, state, created, updated, created_at, coalesce(finished_at, created_at) AS since "
    "FROM imports WHERE wedding_id = :wedding AND "
)


def find(tx: Transaction, handle: Handle) -> Undoable | None:
    """The import that a handle names."""
    condition, values = refs.named(handle)
    row = tx.row(f"{_UNDOABLE}{condition}", **values)
    return Undoable(**dict(row)) if row else None


def begin(tx: Transaction, one: Undoable) -> Undoable:
    """Lock an import, its list, and everybody and everything that it made or changed; returns how it stands now.

    The order is that of an import, of removals and of the worker: the list, the wedding (nobody builds households),
    contact points, people, households, each by id.
    """
    for told in ("statement_timeout = 0", "work_mem = '128MB'", "jit = off"):
        tx.run(f"SET LOCAL {told}")
    imports.lock_list(tx, one.source)
    row = tx.row(f"{_UNDOABLE} id = :id FOR NO KEY UPDATE", id=one.id)
    assert row is not None
    tx.row("SELECT 1 FROM weddings WHERE id = :wedding FOR NO KEY UPDATE")
    for table in _TABLES:
        tx.run(table)
    _gather(tx, one)
    people = "SELECT person_id FROM undoing"
    points = f"SELECT contact_point_id FROM person_contacts WHERE wedding_id = :wedding AND person_id IN ({people})"
    units = f"SELECT unit_id FROM guest_unit_members WHERE wedding_id = :wedding AND person_id IN ({people})"
    for table, ids in (("contact_points", points), ("people", people), ("guest_units", units)):
        tx.value(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE wedding_id = :wedding AND id IN ({ids}) "
            "ORDER BY id FOR UPDATE) locked"
        )
    return Undoable(**dict(row))


def _gather(tx: Transaction, one: Undoable) -> None:
    tx.run(
        "INSERT INTO undoing (person_id, number, full_name, made, visible, version) "
        "SELECT id, number, full_name, true, true, 0 FROM people WHERE wedding_id = :wedding AND import_id = :import",
        **{"import": one.id},
    )
    tx.run(
        f"""
        INSERT INTO undoing (person_id, number, full_name, made, visible, version)
        SELECT p.id, p.number, p.full_name, false, bool_or(c.before <> '{{}}' OR c.contacts_after <> '[]'),
               max(c.version)
          FROM import_changes c JOIN people p ON p.wedding_id = :wedding AND p.id = c.person_id
         WHERE c.wedding_id = :wedding AND c.import_id = :import AND {CHANGED}
         GROUP BY p.id ON CONFLICT (person_id) DO NOTHING
        """,
        **{"import": one.id},
    )
    tx.run("ANALYZE undoing")


# ── why somebody stays ─────────────────────────────────────────────────────────────────────────────────

_POINTS_SAID = (
    "ARRAY(SELECT point FROM (SELECT split_part(x, E'\\x1f', 1) || E'\\x1f' || split_part(x, E'\\x1f', 2) AS point, "
    "min(place) AS place FROM string_to_table(ps.content->>'contacts', E'\\x1e') WITH ORDINALITY AS c(x, place) "
    "WHERE x <> '' GROUP BY 1) once ORDER BY place)"
)
POINTS_NOW = (
    "ARRAY(SELECT c.kind || E'\\x1f' || c.value FROM person_contacts pc JOIN contact_points c "
    "ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id WHERE pc.wedding_id = :wedding "
    "AND pc.person_id = p.id ORDER BY pc.position, c.value)"
)
_TEXTS = (
    "full_name", "honorific", "given_name", "family_name", "city", "side", "language", "notes", "household",
    "party_size",
)  # fmt: skip
_OTHERWISE = " OR ".join(
    f"coalesce(p.{one}::text, '') <> coalesce(ps.content->>'{one}', '')" for one in _TEXTS
)

_OF_ROW = (
    "SELECT p.id FROM people p JOIN undoing u ON u.person_id = p.id AND u.made "
    "JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.person_id = p.id AND ps.import_id = :import "
    "WHERE p.wedding_id = :wedding AND "
)
_OF_UNIT = "SELECT m.person_id FROM guest_unit_members m WHERE m.wedding_id = :wedding AND m.unit_id IN ({})"
_OF_POINT = "SELECT pc.person_id FROM person_contacts pc WHERE pc.wedding_id = :wedding AND pc.contact_point_id IN ({})"


def _list_of(name: str) -> str:
    return f"ARRAY(SELECT jsonb_array_elements_text(ps.content->'{name}'))"


# Whom the import made and on whom something has been built: the ids of each reason.
_BUILT_ON: Mapping[Why, str] = {
    Why.MERGED: "SELECT id FROM people WHERE wedding_id = :wedding AND merged_into IS NOT NULL UNION ALL "
    "SELECT merged_into FROM people WHERE wedding_id = :wedding AND merged_into IS NOT NULL",
    Why.REMOVED: "SELECT id FROM people WHERE wedding_id = :wedding AND removed_at IS NOT NULL",
    Why.TAGGED: f"{_OF_ROW} p.version > 1 AND NOT (p.tags @> {_list_of('tags')} AND {_list_of('tags')} @> p.tags)",
    Why.EDITED: f"{_OF_ROW} (p.version > 1 AND ({_OTHERWISE} "
    f"OR p.extra <> coalesce(ps.content->'extra', '{{}}') "
    f"OR NOT (p.events @> {_list_of('events')} AND {_list_of('events')} @> p.events)) "
    f"OR {POINTS_NOW} <> {_POINTS_SAID})",
    Why.DO_NOT_MESSAGE: "SELECT id FROM people WHERE wedding_id = :wedding AND do_not_message_at IS NOT NULL",
    Why.OTHER_LIST: "SELECT person_id FROM person_sources WHERE wedding_id = :wedding AND import_id <> :import",
    Why.HOUSEHOLD: _OF_UNIT.format(
        "SELECT id FROM guest_units WHERE wedding_id = :wedding AND made_by <> 'build' UNION ALL "
        "SELECT unit_id FROM removals WHERE wedding_id = :wedding"
    ),
    Why.INVITED: _OF_UNIT.format("SELECT unit_id FROM invitations WHERE wedding_id = :wedding"),
    Why.ANSWERED: _OF_UNIT.format("SELECT unit_id FROM rsvp_responses WHERE wedding_id = :wedding"),
    Why.MESSAGED: "SELECT person_id FROM invite_dispatch WHERE wedding_id = :wedding UNION ALL "
    + _OF_UNIT.format("SELECT unit_id FROM invite_dispatch WHERE wedding_id = :wedding"),
    Why.WROTE: _OF_UNIT.format(
        "SELECT unit_id FROM inbound_messages WHERE wedding_id = :wedding UNION ALL "
        "SELECT unit_id FROM conversations WHERE wedding_id = :wedding"
    )
    + " UNION ALL "
    + _OF_POINT.format(
        "SELECT contact_point_id FROM inbound_messages WHERE wedding_id = :wedding AND received_at > :since"
    ),
    Why.CONSENT: _OF_POINT.format(
        "SELECT contact_point_id FROM consent_ledger WHERE wedding_id = :wedding AND recorded_at > :since "
        "AND kind <> 'retraction' AND source_key NOT LIKE 'import:%'"
    ),
}


def judge(tx: Transaction, one: Undoable) -> None:
    """Say of everybody why they stay; who is left without a reason is taken back."""
    _find_later_imports(tx, one)
    tx.run(
        "UPDATE undoing u SET why = 'merged' FROM people p WHERE u.why IS NULL AND NOT u.made "
        "AND p.wedding_id = :wedding AND p.id = u.person_id AND p.merged_into IS NOT NULL"
    )
    for why in Why:
        if why in _BUILT_ON:
            values = {"import": one.id, "since": one.since}
            ids = _BUILT_ON[why]
            tx.run(
                f"UPDATE undoing u SET why = :why FROM ({ids}) found(id) "
                "WHERE u.made AND u.why IS NULL AND u.person_id = found.id",
                why=why.value,
                **{name: value for name, value in values.items() if f":{name}" in ids},
            )


def _find_later_imports(tx: Transaction, one: Undoable) -> None:
    """Rows that a later import has changed again, whose old key a later import uses, or whose phones it attests."""
    # OFFSET 0: keys are put together before they are looked up, or the policies would let no index be used.
    later = (
        f"""
        SELECT u.person_id, j.id AS blocker, j.number FROM undoing u
          JOIN import_changes c ON c.wedding_id = :wedding AND c.person_id = u.person_id
           AND c.import_id <> :import AND {CHANGED}
          JOIN imports j ON j.wedding_id = :wedding AND j.id = c.import_id
         WHERE (c.version, j.number) > (u.version, :number)
        """,
        """
        SELECT c.person_id, j.id AS blocker, j.number FROM (SELECT person_id, source, source_before->>'row_key' AS was
                 FROM import_changes WHERE wedding_id = :wedding AND import_id = :import OFFSET 0) c
          JOIN person_sources ps ON ps.wedding_id = :wedding AND ps.source = c.source
           AND ps.row_key = c.was AND ps.person_id <> c.person_id AND ps.import_id <> :import
          JOIN imports j ON j.wedding_id = :wedding AND j.id = ps.import_id
        """,
        """
        SELECT pc.person_id, j.id AS blocker, j.number FROM (SELECT id, number, 'import:' || id AS source_key
                 FROM imports WHERE wedding_id = :wedding AND source = :source AND number > :number
                  AND state = 'done' OFFSET 0) j
          JOIN consent_ledger l ON l.wedding_id = :wedding AND l.source_key = j.source_key AND l.kind = 'opt-in'
          JOIN person_contacts pc ON pc.wedding_id = :wedding AND pc.contact_point_id = l.contact_point_id
          JOIN undoing u ON u.person_id = pc.person_id AND u.made
        """,
    )
    for found in later:
        values = {"import": one.id, "number": one.number, "source": one.source}
        tx.run(
            f"UPDATE undoing u SET why = 'later_import', blocker = f.blocker FROM (SELECT DISTINCT ON (person_id) "
            f"person_id, blocker FROM ({found}) l ORDER BY person_id, number DESC) f "
            "WHERE u.person_id = f.person_id",
            **{name: value for name, value in values.items() if f":{name}" in found},
        )


@dataclass(frozen=True)
class Judged:
    """Somebody whom the import made or changed, and why they stay. ``blocker``: the later import's number."""

    number: int
    full_name: str
    made: bool
    why: str | None
    blocker: int | None

    @property
    def ref(self) -> str:
        """The short name, such as P12."""
        return make_ref(Kind.PERSON, self.number)


def list_judged(tx: Transaction) -> list[Judged]:
    """Everybody whom the import made, or in whom it changed something that can be seen, by ref."""
    rows = tx.rows(
        "SELECT u.number, u.full_name, u.made, u.why, j.number AS blocker FROM undoing u "
        "LEFT JOIN imports j ON j.wedding_id = :wedding AND j.id = u.blocker "
        "WHERE u.visible OR u.why IS NOT NULL ORDER BY u.number"
    )
    return [Judged(**dict(row)) for row in rows]


# ── taking away ────────────────────────────────────────────────────────────────────────────────────────


def retract(tx: Transaction, import_id: uuid.UUID) -> int:
    """Take the import's attestation of opt-in back; it stands for the phones of those who stay."""
    staying = tx.rows(
        "SELECT DISTINCT pc.contact_point_id FROM undoing u JOIN person_contacts pc ON pc.wedding_id = :wedding "
        "AND pc.person_id = u.person_id WHERE u.why IS NOT NULL"
    )
    held = {row["contact_point_id"] for row in staying}
    return consent.retract(
        tx, [one for one in consent.attested_by(tx, import_id) if one not in held], import_id
    )


@dataclass(frozen=True)
class Home:
    """A household that loses somebody and keeps somebody."""

    id: uuid.UUID
    label: str
    extra_seats: int
    primary_id: uuid.UUID | None


def list_homes(tx: Transaction) -> list[Home]:
    """The households that lose somebody and keep somebody."""
    tx.run(
        "INSERT INTO homes (unit_id) SELECT DISTINCT m.unit_id FROM guest_unit_members m "
        "JOIN undoing u ON u.person_id = m.person_id AND u.made AND u.why IS NULL WHERE m.wedding_id = :wedding"
    )
    rows = tx.rows(
        """
        SELECT g.id, g.label, g.extra_seats, g.primary_person_id AS primary_id FROM guest_units g
         WHERE g.wedding_id = :wedding AND g.id IN (SELECT unit_id FROM homes) AND EXISTS (
               SELECT 1 FROM guest_unit_members m LEFT JOIN undoing u ON u.person_id = m.person_id
                WHERE m.wedding_id = :wedding AND m.unit_id = g.id AND (u.made AND u.why IS NULL) IS NOT true)
         ORDER BY g.id
        """
    )
    return [Home(**dict(row)) for row in rows]


def describe_home(tx: Transaction, home: Home, doubles: Sequence[uuid.UUID]) -> None:
    """Set what a household is like now. ``doubles``: members who are there a second time and take no seat."""
    tx.run(
        "UPDATE guest_units SET label = :label, extra_seats = :seats, primary_person_id = :primary, "
        "version = version + 1 WHERE wedding_id = :wedding AND id = :id",
        id=home.id,
        label=home.label,
        seats=home.extra_seats,
        primary=home.primary_id,
    )
    tx.run(
        "UPDATE guest_unit_members SET takes_seat = NOT person_id = ANY(:doubles) "
        "WHERE wedding_id = :wedding AND unit_id = :id AND takes_seat = (person_id = ANY(:doubles))",
        id=home.id,
        doubles=list(doubles),
    )


_OF_PERSON = ("guest_unit_members", "person_contacts", "person_sources", "import_changes", "scanned_people")


def delete_people(tx: Transaction) -> int:
    """Delete whoever the import made and nothing was built on, with their rows, places and empty households."""
    mine = "(SELECT person_id FROM undoing WHERE made AND why IS NULL)"
    tx.run(
        "INSERT INTO loose (contact_point_id) SELECT DISTINCT contact_point_id FROM person_contacts "
        f"WHERE wedding_id = :wedding AND person_id IN {mine}"
    )
    tx.run(
        "UPDATE guest_units SET primary_person_id = NULL WHERE wedding_id = :wedding "
        f"AND id IN (SELECT unit_id FROM homes) AND primary_person_id IN {mine}"
    )
    tx.run(
        f"DELETE FROM merges WHERE wedding_id = :wedding AND undone_at IS NOT NULL AND (survivor_id IN {mine} "
        f"OR absorbed && ARRAY(SELECT person_id FROM undoing WHERE made AND why IS NULL))"
    )
    tx.run(
        f"DELETE FROM duplicates WHERE wedding_id = :wedding AND (left_id IN {mine} OR right_id IN {mine})"
    )
    for table in _OF_PERSON:
        tx.run(f"DELETE FROM {table} WHERE wedding_id = :wedding AND person_id IN {mine}")
    tx.run(
        "DELETE FROM guest_units u USING homes h WHERE u.wedding_id = :wedding AND u.id = h.unit_id AND NOT EXISTS "
        "(SELECT 1 FROM guest_unit_members m WHERE m.wedding_id = :wedding AND m.unit_id = u.id)"
    )
    return tx.run(f"DELETE FROM people WHERE wedding_id = :wedding AND id IN {mine}")


def delete_loose_points(tx: Transaction) -> int:
    """Delete contact points that belong to nobody any more and of which nothing is remembered."""
    nowhere = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} t WHERE t.wedding_id = :wedding AND t.contact_point_id = c.id)"
        for table in (
            "person_contacts",
            "consent_ledger",
            "invite_dispatch",
            "inbound_messages",
            "conversations",
        )
    )
    nothing = ("wa_id", "wa_user", "not_on_whatsapp_at", "cooling_until", "last_sent_at", "last_inbound_at")
    return tx.run(
        "DELETE FROM contact_points c WHERE c.wedding_id = :wedding "
        "AND c.id IN (SELECT contact_point_id FROM loose) "
        f"AND {' AND '.join(f'c.{one} IS NULL' for one in nothing)} AND {nowhere}"
    )


def finish(tx: Transaction, one: Undoable, *, whole: bool) -> None:
    """Rows that the import did not name are there again; when nothing is left of it, it is marked as undone.

    Google Contacts are read anew then: a run that asked for changes only would not bring back what was taken away.
    """
    tx.run(
        "UPDATE person_sources ps SET gone_at = NULL FROM import_changes c WHERE c.wedding_id = :wedding "
        f"AND c.import_id = :import AND c.source_before = {ONLY_GONE} AND ps.wedding_id = :wedding "
        "AND ps.source = c.source AND ps.row_key = c.row_key",
        **{"import": one.id},
    )
    tx.run(
        "DELETE FROM import_changes WHERE wedding_id = :wedding AND import_id = :import "
        f"AND source_before = {ONLY_GONE}",
        **{"import": one.id},
    )
    if one.kind == "google":
        tx.run("DELETE FROM google_syncs WHERE wedding_id = :wedding AND source = :source", source=one.source)
    if whole:
        tx.run(
            "DELETE FROM import_parts WHERE wedding_id = :wedding AND import_id = :import",
            **{"import": one.id},
        )
        tx.run(
            "UPDATE imports SET state = 'undone', undone_at = :now WHERE wedding_id = :wedding AND id = :import",
            **{"import": one.id},
        )
