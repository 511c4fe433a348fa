"""The rows that merges change: locked, read for many people at once, and written at once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence

from parinaya_cli.domain.database_users import MERGER
from parinaya_cli.domain.merge_homes import OPEN
from parinaya_cli.domain.merge_rows import KEYS, Change, Doc, World
from parinaya_cli.domain.merges import Ground
from parinaya_cli.store import imports
from parinaya_cli.store.transaction import Transaction

_AT_ONCE = 20_000

# What is read of each table; what a merge may change stands behind the bar.
_COLUMNS: Mapping[str, tuple[str, str]] = {
    "people": (
        "id, number, version, removed_at",
        "full_name, honorific, given_name, family_name, folded, city, side, language, tags, events, notes, extra, "
        "household, household_source, party_size, extra_seats, do_not_message_at, do_not_message_reason, merged_into",
    ),
    "person_contacts": ("", "person_id, contact_point_id, position, raw"),
    "guest_units": ("id, number, label", "primary_person_id, extra_seats, merged_into, removed_at"),
    "guest_unit_members": ("person_id", "unit_id, position, takes_seat"),
    "invitations": ("id, event_id, created_at", "unit_id, seats"),
    "rsvp_responses": ("id, event_id, status, heads, given_at", "unit_id"),
    "invite_dispatch": ("id, unit_id, batch_id, kind", "person_id, state, reason"),
    "conversations": ("contact_point_id", "unit_id"),
}
_ALSO = {
    "people": ", updated_at = :now",
    "invite_dispatch": ", updated_at = :now",
}
# Contact points that belong to nobody may be gone when their owner comes back.
_STILL = {
    "person_contacts": "WHERE EXISTS (SELECT 1 FROM contact_points c WHERE c.wedding_id = :wedding "
    "AND c.id = n.contact_point_id)"
}

_UNITS = "SELECT unit_id FROM guest_unit_members WHERE wedding_id = :wedding AND person_id = ANY(:people)"
_POINTS = (
    "SELECT contact_point_id FROM person_contacts WHERE wedding_id = :wedding AND person_id = ANY(:people)"
)


def lock(tx: Transaction, people: Sequence[uuid.UUID], units: Sequence[uuid.UUID] = ()) -> None:
    """Let nothing else happen to these people and their households until this transaction ends.

    The order is that of all others: the lists that name them (no import of one is under way), the wedding (nobody plans
    a batch or builds households), messages, contact points, conversations, people, guest lists, households.
    """
    for told in ("statement_timeout = 0", "jit = off"):
        tx.run(f"SET LOCAL {told}")
    rows = tx.rows(
        "SELECT DISTINCT i.source FROM person_sources ps JOIN imports i ON i.wedding_id = :wedding "
        "AND i.id = ps.import_id WHERE ps.wedding_id = :wedding AND ps.person_id = ANY(:people) ORDER BY i.source",
        people=list(people),
    )
    for row in rows:
        imports.lock_list(tx, row["source"])
    tx.row("SELECT 1 FROM weddings WHERE id = :wedding FOR NO KEY UPDATE")
    values = {"people": list(people), "units": list(units)}
    homes = f"(unit_id = ANY(:units) OR unit_id IN ({_UNITS}))"
    for table, which, order in (
        ("invite_dispatch", f"(person_id = ANY(:people) OR {homes})", "id"),
        ("contact_points", f"id IN ({_POINTS})", "id"),
        ("conversations", homes, "contact_point_id"),
        ("people", "id = ANY(:people)", "id"),
        ("invitations", homes, "id"),
        ("guest_units", f"(id = ANY(:units) OR id IN ({_UNITS}))", "id"),
    ):
        tx.value(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE wedding_id = :wedding AND {which} "
            f"ORDER BY {order} FOR UPDATE) locked",
            **{name: ids for name, ids in values.items() if f":{name}" in which},
        )


def _docs(tx: Transaction, table: str, which: str, **values: object) -> list[Doc]:
    columns = ", ".join(filter(None, _COLUMNS[table]))
    rows = tx.rows(
        f"SELECT to_jsonb(t) AS doc FROM (SELECT {columns} FROM {table} WHERE wedding_id = :wedding AND {which}) t",
        **values,
    )
    return [row["doc"] for row in rows]


def load(tx: Transaction, people: Sequence[uuid.UUID]) -> tuple[World, Ground]:
    """These people with whoever was merged into them, their households and all that hangs on those."""
    ids = [str(one) for one in people]
    units = [str(row["unit_id"]) for row in tx.rows(f"{_UNITS} ORDER BY unit_id", people=list(people))]
    members = _docs(tx, "guest_unit_members", "unit_id = ANY(:units)", units=units)
    everybody = sorted({*ids, *(row["person_id"] for row in members)})
    rows = {
        "people": _docs(tx, "people", "(id = ANY(:ids) OR merged_into = ANY(:ids))", ids=ids),
        "person_contacts": _docs(tx, "person_contacts", "person_id = ANY(:ids)", ids=everybody),
        "guest_units": _docs(
            tx, "guest_units", "(id = ANY(:units) OR merged_into = ANY(:units))", units=units
        ),
        "guest_unit_members": members,
        "invitations": _docs(tx, "invitations", "unit_id = ANY(:units)", units=units),
        "rsvp_responses": _docs(tx, "rsvp_responses", "unit_id = ANY(:units)", units=units),
        "invite_dispatch": _docs(
            tx,
            "invite_dispatch",
            "(person_id = ANY(:ids) OR unit_id = ANY(:units)) AND state = ANY(:open)",
            ids=ids,
            units=units,
            open=list(OPEN),
        ),
        "conversations": _docs(tx, "conversations", "unit_id = ANY(:units)", units=units),
    }
    return World(rows), _ground(tx, ids, rows)


def _ground(tx: Transaction, ids: Sequence[str], rows: Mapping[str, Sequence[Doc]]) -> Ground:
    points = tx.rows(
        "SELECT id, kind, value, kind <> 'email' AND state = 'valid' AS reached FROM contact_points "
        "WHERE wedding_id = :wedding AND id = ANY(:points)",
        points=sorted({row["contact_point_id"] for row in rows["person_contacts"]}),
    )
    events = tx.rows("SELECT id, slug FROM events WHERE wedding_id = :wedding")
    messaged = tx.rows(
        "SELECT DISTINCT person_id FROM invite_dispatch WHERE wedding_id = :wedding AND person_id = ANY(:ids) "
        "AND state NOT IN ('skipped', 'cancelled')",
        ids=list(ids),
    )
    home = {row["person_id"]: row["unit_id"] for row in rows["guest_unit_members"]}
    answered = {row["unit_id"] for row in rows["rsvp_responses"]}
    invited = {row["unit_id"] for row in rows["invitations"]}
    return Ground(
        now=tx.value("SELECT to_jsonb(CAST(:now AS timestamptz)) #>> '{}'"),  # as rows tell it
        points={str(row["id"]): (row["kind"], row["value"], row["reached"]) for row in points},
        answered=frozenset(one for one, unit in home.items() if unit in answered),
        messaged=frozenset(str(row["person_id"]) for row in messaged),
        invited=frozenset(one for one, unit in home.items() if unit in invited),
        events={str(row["id"]): row["slug"] for row in events},
    )


def load_changed(tx: Transaction, people: Sequence[str], changes: Iterable[Change]) -> World:
    """The rows of these changes as they are now, with all of the contact points and places of the people."""
    keys: dict[str, set[str]] = {table: set() for table in KEYS}
    for one in changes:
        keys[one.table].add(one.key)
    homes = {
        told["unit_id"]
        for one in changes
        for told in (one.before, one.after)
        if one.table == "guest_unit_members" and told is not None and "unit_id" in told
    }
    units = sorted(keys["guest_units"] | homes)
    ids = "id = ANY(:ids)"
    found = {
        "people": _docs(tx, "people", ids, ids=sorted({*keys["people"], *people})),
        "person_contacts": _docs(tx, "person_contacts", "person_id = ANY(:ids)", ids=sorted(people)),
        "guest_units": _docs(tx, "guest_units", ids, ids=units),
        "guest_unit_members": _docs(
            tx,
            "guest_unit_members",
            "(unit_id = ANY(:units) OR person_id = ANY(:ids))",
            units=units,
            ids=sorted(keys["guest_unit_members"]),
        ),
        "conversations": _docs(
            tx, "conversations", "contact_point_id = ANY(:ids)", ids=sorted(keys["conversations"])
        ),
    }
    for table in ("invitations", "rsvp_responses", "invite_dispatch"):
        found[table] = _docs(tx, table, ids, ids=sorted(keys[table]))
    return World(found)


def write(tx: Transaction, world: World) -> None:
    """Bring the tables in line with a world: what is gone first, then what is new, then what differs."""
    tx.row("SELECT set_config('parinaya.merging', 'on', true)")
    tx.assume(MERGER)
    for table, columns in KEYS.items():
        found = " AND ".join(f"t.{column} = d.{column}" for column in columns)
        keys = ", ".join(f"(doc->>'{column}')::uuid AS {column}" for column in columns)
        # Keys are read out first (OFFSET 0): otherwise the policies let no index find their rows.
        docs = f"(SELECT doc, {keys} FROM jsonb_array_elements(CAST(:docs AS jsonb)) AS e(doc) OFFSET 0) d"
        for some in _in_parts(world.deleted(table)):
            tx.run(
                f"DELETE FROM {table} t USING {docs} WHERE t.wedding_id = :wedding AND {found}",
                docs=some,
            )
        told = ", ".join(filter(None, _COLUMNS[table]))
        for some in _in_parts(world.inserted(table)):
            tx.run(
                f"INSERT INTO {table} (wedding_id, {told}) SELECT :wedding, {told} "
                f"FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:docs AS jsonb)) n "
                f"{_STILL.get(table, '')} ON CONFLICT DO NOTHING",
                docs=some,
            )
        for some in _in_parts(world.updated(table)):
            told = _COLUMNS[table][1]
            tx.run(
                f"UPDATE {table} t SET ({told}) = (SELECT {told} FROM jsonb_populate_record(t, d.doc))"
                f"{_ALSO.get(table, '')} FROM {docs} WHERE t.wedding_id = :wedding AND {found}",
                docs=some,
            )
    tx.row("SELECT set_config('parinaya.merging', 'off', true)")
    tx.assume("")


def _in_parts(docs: Sequence[Doc]) -> Iterable[str]:
    for start in range(0, len(docs), _AT_ONCE):
        yield json.dumps(docs[start : start + _AT_ONCE], ensure_ascii=False)


def bump(tx: Transaction, people: Sequence[str]) -> None:
    """Whoever has read these people before, and changes them now, is told."""
    tx.run(
        "UPDATE people SET version = version + 1, updated_at = :now WHERE wedding_id = :wedding AND id = ANY(:ids)",
        ids=list(people),
    )


def bump_units(tx: Transaction, units: Sequence[uuid.UUID]) -> None:
    """The same of households: somebody has left them, or come back."""
    tx.run(
        "UPDATE guest_units SET version = version + 1 WHERE wedding_id = :wedding AND id = ANY(:ids)",
        ids=list(units),
    )


def give_sources(tx: Transaction, absorbed: Sequence[str], survivors: Sequence[str]) -> None:
    """The rows of lists that name the absorbed name their survivors now."""
    tx.run(
        "UPDATE person_sources ps SET origin_id = coalesce(ps.origin_id, ps.person_id), person_id = t.survivor "
        "FROM unnest(CAST(:absorbed AS uuid[]), CAST(:survivors AS uuid[])) AS t(absorbed, survivor) "
        "WHERE ps.wedding_id = :wedding AND ps.person_id = t.absorbed",
        absorbed=list(absorbed),
        survivors=list(survivors),
    )


def return_sources(tx: Transaction, owners: Sequence[tuple[str, str, str]]) -> None:
    """Rows of lists go back to whom they named. ``owners``: survivor, whom a row named at first, who gets it back."""
    tx.run(
        "UPDATE person_sources ps SET person_id = t.owner, origin_id = nullif(ps.origin_id, t.owner) "
        "FROM unnest(CAST(:survivors AS uuid[]), CAST(:origins AS uuid[]), CAST(:owners AS uuid[])) "
        "AS t(survivor, origin, owner) WHERE ps.wedding_id = :wedding AND ps.person_id = t.survivor "
        "AND ps.origin_id = t.origin",
        survivors=[one[0] for one in owners],
        origins=[one[1] for one in owners],
        owners=[one[2] for one in owners],
    )
