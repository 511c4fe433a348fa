"""Forgetting a person: everything that tells who they were is overwritten or taken out, table by table.

What the columns hold instead is empty, a word (``domain.erasures.ERASED``) or a keyed hash (``erasures.marked``).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parinaya_cli.domain.database_users import ERASER
from parinaya_cli.domain.erasures import ERASED
from parinaya_cli.store import erasures
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Subject:
    """Whom to forget. ``points``: the contact points that are nobody else's, with their ``values``.

    ``names``: every full name that is known of them, ``unique`` when nobody else bears one. ``message_ids``: of
    messages from and to them, which hold their number.
    """

    people: tuple[uuid.UUID, ...]
    points: tuple[uuid.UUID, ...]
    values: tuple[str, ...]
    raws: tuple[str, ...]
    names: tuple[str, ...]
    unique: bool
    message_ids: tuple[str, ...]
    unit_id: uuid.UUID | None


_OWN_POINTS = """
    SELECT c.id, c.value, c.wa_id, c.wa_user FROM contact_points c
     WHERE c.wedding_id = :wedding
       AND NOT EXISTS (SELECT 1 FROM person_contacts o WHERE o.wedding_id = :wedding
                        AND o.contact_point_id = c.id AND NOT o.person_id = ANY(:people))
       AND (EXISTS (SELECT 1 FROM person_contacts m WHERE m.wedding_id = :wedding AND m.contact_point_id = c.id
                     AND m.person_id = ANY(:people))
            OR c.id IN (SELECT other.contact_point_id FROM person_contacts m
                  JOIN consent_ledger mine ON mine.wedding_id = m.wedding_id
                   AND mine.contact_point_id = m.contact_point_id AND mine.source_key LIKE 'message:%'
                  JOIN consent_ledger other ON other.wedding_id = m.wedding_id
                   AND other.source_key = mine.source_key
                 WHERE m.wedding_id = :wedding AND m.person_id = ANY(:people))
            OR (c.kind = 'user_id' AND c.value IN (SELECT p.wa_user FROM person_contacts m
                  JOIN contact_points p ON p.wedding_id = m.wedding_id AND p.id = m.contact_point_id
                 WHERE m.wedding_id = :wedding AND m.person_id = ANY(:people))))
     ORDER BY c.id
"""
"""Contact points that only these people have, and user ids that wrote the same messages as their phones."""


def find(tx: Transaction, person_id: uuid.UUID) -> Subject:
    """Whom to forget with a person: those who were merged into them, and their own contact points."""
    rows = tx.rows(
        "SELECT id, full_name, folded FROM people WHERE wedding_id = :wedding AND (id = :id OR merged_into = :id) "
        "ORDER BY id",
        id=person_id,
    )
    people = [row["id"] for row in rows]
    points = tx.rows(_OWN_POINTS, people=people)
    ids = [row["id"] for row in points]
    values = {value for row in points for value in (row["value"], row["wa_id"], row["wa_user"]) if value}
    called = {row["full_name"] for row in rows} | set(_earlier_names(tx, people))
    shared = tx.value(
        "SELECT EXISTS (SELECT 1 FROM people WHERE wedding_id = :wedding AND NOT id = ANY(:people) "
        "AND (folded = ANY(:folded) OR lower(full_name) = ANY(:names)))",
        people=people,
        folded=[row["folded"] for row in rows if row["folded"]],
        names=[name.lower() for name in called],
    )
    raws = tx.rows(
        "SELECT DISTINCT raw FROM person_contacts WHERE wedding_id = :wedding AND person_id = ANY(:people) "
        "AND contact_point_id = ANY(:points)",
        people=people,
        points=ids,
    )
    unit = tx.value(
        "SELECT unit_id FROM guest_unit_members WHERE wedding_id = :wedding AND person_id = ANY(:people) LIMIT 1",
        people=people,
    )
    return Subject(
        tuple(people),
        tuple(ids),
        tuple(sorted(values)),
        tuple(sorted(row["raw"] for row in raws)),
        tuple(sorted(called - {"", ERASED})),
        not shared,
        tuple(_message_ids(tx, people, ids)),
        unit,
    )


def _earlier_names(tx: Transaction, people: Sequence[uuid.UUID]) -> Iterable[str]:
    """Names that lists said, and that edits and imports have changed since."""
    rows = tx.rows(
        """
        SELECT content->>'full_name' AS name FROM person_sources
         WHERE wedding_id = :wedding AND person_id = ANY(:people)
        UNION SELECT source_before#>>'{content,full_name}' FROM import_changes
         WHERE wedding_id = :wedding AND person_id = ANY(:people)
        UNION SELECT before->>'full_name' FROM import_changes
         WHERE wedding_id = :wedding AND person_id = ANY(:people)
        UNION SELECT CAST(v.value AS jsonb)->side->>'full_name' FROM audit_logs l
          JOIN audit_values v ON v.chain_id = l.chain_id AND v.seq = l.seq
          CROSS JOIN unnest(ARRAY['before', 'after']) AS side
         WHERE l.chain_id = :wedding AND l.entity_id = ANY(:people)
        """,
        people=list(people),
    )
    return [row["name"] for row in rows if row["name"]]


def _message_ids(tx: Transaction, people: Sequence[uuid.UUID], points: Sequence[uuid.UUID]) -> list[str]:
    rows = tx.rows(
        """
        SELECT d.wamid AS id FROM invite_dispatch d WHERE d.wedding_id = :wedding AND d.wamid IS NOT NULL
           AND (d.person_id = ANY(:people) OR d.contact_point_id = ANY(:points))
        UNION SELECT a.wamid FROM dispatch_attempts a
          JOIN invite_dispatch d ON d.wedding_id = a.wedding_id AND d.id = a.dispatch_id
         WHERE a.wedding_id = :wedding AND a.wamid IS NOT NULL
           AND (d.person_id = ANY(:people) OR d.contact_point_id = ANY(:points))
        UNION SELECT m.message_id FROM inbound_messages m
         WHERE m.wedding_id = :wedding AND m.contact_point_id = ANY(:points)
        """,
        people=list(people),
        points=list(points),
    )
    return sorted(row["id"] for row in rows)


def begin(tx: Transaction) -> None:
    """Let this transaction empty what people wrote in the tables that are only ever added to."""
    tx.row("SELECT set_config('parinaya.erasing', 'on', true)")
    tx.assume(ERASER)


def is_sending(tx: Transaction, subject: Subject) -> bool:
    """Is a message to them on its way this moment?"""
    found: bool = tx.value(
        "SELECT EXISTS (SELECT 1 FROM invite_dispatch WHERE wedding_id = :wedding AND state = 'sending' "
        "AND (person_id = ANY(:people) OR contact_point_id = ANY(:points)))",
        people=list(subject.people),
        points=list(subject.points),
    )
    return found


def is_importing(tx: Transaction) -> bool:
    """Does a list wait to be read, or is one being read?"""
    found: bool = tx.value(
        "SELECT EXISTS (SELECT 1 FROM imports WHERE wedding_id = :wedding AND state IN ('queued', 'running'))"
    )
    return found


# ── what is theirs ─────────────────────────────────────────────────────────────────────────────────────


def overwrite_person(tx: Transaction, subject: Subject) -> dict[str, int]:
    """The person, what lists said of them, and their contact points; returns how many rows of each table."""
    values = {"people": list(subject.people)}
    counts = {"folded_names": _forget_names(tx, subject)}
    counts["person_contacts"] = tx.run(
        "DELETE FROM person_contacts WHERE wedding_id = :wedding AND person_id = ANY(:people)", **values
    )
    counts["removals"] = tx.run(
        "DELETE FROM removals WHERE wedding_id = :wedding AND person_id = ANY(:people)", **values
    )
    counts["import_changes"] = tx.run(
        "UPDATE import_changes SET before = '{}', contacts_added = '[]', positions = '{}', "
        "contacts_after = '[]', source_before = '{}' WHERE wedding_id = :wedding AND person_id = ANY(:people)",
        **values,
    )
    # Files of rejected rows may name anybody, and can't be looked into piece by piece: they go as a whole.
    counts["import_parts"] = tx.run("DELETE FROM import_parts WHERE wedding_id = :wedding AND part < 0")
    counts["person_sources"] = _forget_sources(tx, subject)
    counts["people"] = tx.run(
        "UPDATE people SET full_name = :erased, honorific = '', given_name = '', family_name = '', folded = '', "
        "city = '', language = NULL, tags = '{}', events = '{}', notes = '', extra = '{}', household = '', "
        "household_source = '', party_size = NULL, do_not_message_at = coalesce(do_not_message_at, :now), "
        "do_not_message_reason = '', removed_at = coalesce(removed_at, :now), erased_at = :now, updated_at = :now, "
        "version = version + 1 WHERE wedding_id = :wedding AND id = ANY(:people)",
        erased=ERASED,
        **values,
    )
    counts["contact_points"] = len(subject.points)
    rows = tx.rows(
        "SELECT id, value FROM contact_points WHERE wedding_id = :wedding AND id = ANY(:points)",
        points=list(subject.points),
    )
    tx.run_many(
        "UPDATE contact_points SET value = :value, country = '', wa_id = NULL, wa_user = NULL, state = 'impossible' "
        "WHERE wedding_id = :wedding AND id = :id",
        [
            {"id": row["id"], "value": f"{erasures.marked(tx, row['value'])}:{row['id'].hex[-8:]}"}
            for row in rows
        ],
    )
    return counts


def _forget_names(tx: Transaction, subject: Subject) -> int:
    """Every name that nobody else bears: an import that was undone, and an edit, leave names that nothing tells of."""
    return tx.run(
        "DELETE FROM folded_names n WHERE n.wedding_id = :wedding AND NOT EXISTS (SELECT 1 FROM people o "
        "WHERE o.wedding_id = :wedding AND o.folded = n.folded AND NOT o.id = ANY(:people))",
        people=list(subject.people),
    )


def _forget_sources(tx: Transaction, subject: Subject) -> int:
    """Empty what lists said. The key of a row says who it is, or is the list's own id of them: it becomes a hash.

    Who has no contact point is known again by nothing else, so that their keys stay.
    """
    if subject.points:
        for table in ("person_sources", "import_changes"):
            rows = tx.rows(
                f"SELECT DISTINCT row_key FROM {table} WHERE wedding_id = :wedding AND person_id = ANY(:people)",
                people=list(subject.people),
            )
            tx.run_many(
                f"UPDATE {table} SET row_key = :new WHERE wedding_id = :wedding AND row_key = :row_key "
                "AND person_id = ANY(:people)",
                [
                    {**row, "new": erasures.marked(tx, row["row_key"]), "people": list(subject.people)}
                    for row in rows
                ],
            )
    return tx.run(
        "UPDATE person_sources SET content = '{}', digest = '', external_id = '', gone_at = coalesce(gone_at, :now) "
        "WHERE wedding_id = :wedding AND person_id = ANY(:people)",
        people=list(subject.people),
    )


_TO_THEM = (
    "wedding_id = :wedding AND (person_id = ANY(:people) OR contact_point_id = ANY(CAST(:points AS uuid[])))"
)


def empty_messages(tx: Transaction, subject: Subject) -> dict[str, int]:
    """Messages to and from them: their texts, and the ids that hold the number."""
    whom = {"people": list(subject.people), "points": list(subject.points)}
    counts = {
        "invite_dispatch": tx.run(
            "UPDATE invite_dispatch SET content = '{}', content_sha256 = '', error_title = '', passing = false, "
            "reason = CASE WHEN state IN ('planned', 'queued', 'unknown') THEN 'erased' ELSE reason END, "
            "state = CASE WHEN state IN ('planned', 'queued') THEN 'cancelled' WHEN state = 'unknown' THEN 'failed' "
            f"ELSE state END WHERE {_TO_THEM}",
            **whom,
        )
    }
    _mark(tx, "invite_dispatch", "wamid", _TO_THEM, **whom)
    _mark(tx, "invite_dispatch", "answers_key", _TO_THEM, **whom)
    of_theirs = f"wedding_id = :wedding AND dispatch_id IN (SELECT id FROM invite_dispatch WHERE {_TO_THEM})"
    counts["dispatch_attempts"] = tx.run(
        f"UPDATE dispatch_attempts SET trace_id = '' WHERE {of_theirs}", **whom
    )
    _mark(tx, "dispatch_attempts", "wamid", of_theirs, **whom)
    counts["delivery_events"] = tx.run(f"UPDATE delivery_events SET details = '' WHERE {of_theirs}", **whom)
    _mark(tx, "delivery_events", "event_key", of_theirs, **whom)
    from_them = "wedding_id = :wedding AND contact_point_id = ANY(:points)"
    counts["inbox_items"] = tx.run(
        "UPDATE inbox_items SET state = 'closed', closed_at = coalesce(closed_at, :now) WHERE wedding_id = :wedding "
        "AND inbound_id IN (SELECT id FROM inbound_messages WHERE wedding_id = :wedding "
        "AND contact_point_id = ANY(:points))",
        points=whom["points"],
    )
    counts["inbound_messages"] = tx.run(
        f"UPDATE inbound_messages SET body = '', payload = '', profile_name = '' WHERE {from_them}",
        points=whom["points"],
    )
    _mark(tx, "inbound_messages", "message_id", from_them, points=whom["points"])
    _mark(tx, "inbound_messages", "context_id", from_them, points=whom["points"])
    counts["conversations"] = tx.run(f"DELETE FROM conversations WHERE {from_them}", points=whom["points"])
    return counts


def _mark(tx: Transaction, table: str, column: str, which: str, **values: object) -> None:
    """Replace the texts of a column by keyed hashes, in the rows that ``which`` chooses."""
    rows = tx.rows(
        f"SELECT id, {column} AS told FROM {table} WHERE {which} AND wedding_id = :wedding AND {column} IS NOT NULL",
        **values,
    )
    tx.run_many(
        f"UPDATE {table} SET {column} = :told WHERE wedding_id = :wedding AND id = :id",
        [
            {"id": row["id"], "told": erasures.marked(tx, row["told"])}
            for row in rows
            if not row["told"].startswith(erasures.MARK)
        ],
    )


KNOWN_SOURCES = ("guest message", "guest page", "provider: marketing preference")
"""Sources of consent that name nobody; what an operator has typed may."""


def empty_ledgers(tx: Transaction, subject: Subject, alone: bool) -> dict[str, int]:
    """What was only ever added: notes of answers and evidence of consent. ``alone``: nobody else answers there."""
    keys = [f"message:{one}" for one in subject.message_ids]
    theirs = (
        "wedding_id = :wedding AND (source_key = ANY(:keys) OR (:alone AND unit_id = CAST(:unit AS uuid)))"
    )
    values: dict[str, object] = {"keys": keys, "alone": alone, "unit": subject.unit_id}
    counts = {
        "rsvp_responses": tx.run(
            "UPDATE rsvp_responses SET note = '', source = CASE WHEN source LIKE 'message %' THEN 'message' "
            f"ELSE source END WHERE {theirs}",
            **values,
        )
    }
    _mark(tx, "rsvp_responses", "source_key", theirs, **values)
    ours = "wedding_id = :wedding AND contact_point_id = ANY(:points)"
    counts["consent_ledger"] = tx.run(
        "UPDATE consent_ledger SET evidence = '', source = CASE WHEN source = ANY(:known) THEN source "
        f"WHEN source LIKE 'import%' THEN 'import' ELSE :erased END WHERE {ours}",
        known=list(KNOWN_SOURCES),
        erased=ERASED,
        points=list(subject.points),
    )
    _mark(tx, "consent_ledger", "source_key", ours, points=list(subject.points))
    return counts
