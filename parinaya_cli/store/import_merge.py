"""Merging a staged list: new people with their contact points, and where each of them came from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from parinaya_cli.domain import search
from parinaya_cli.domain.refs import Kind
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction

# What a row says of a person, in columns of ``people``.
_COLUMNS = (
    "full_name, honorific, given_name, family_name, folded, city, side, language, notes, household, party_size, "
    "extra_seats, tags, events, extra"
)
# The list that a household's text belongs to: the whole list, or this row of it alone.
HOUSEHOLD_SOURCE = (
    "CASE WHEN s.household = '' THEN '' WHEN s.home = '' THEN w.source ELSE w.source || '#' || s.home END"
)
# What the list said, kept to be compared with what it says the next time; what it leaves empty is left out.
CONTENT = (
    "jsonb_strip_nulls(jsonb_build_object('full_name', s.full_name, 'honorific', nullif(s.honorific, ''), "
    "'given_name', nullif(s.given_name, ''), 'family_name', nullif(s.family_name, ''), 'folded', s.folded, "
    "'city', nullif(s.city, ''), 'side', s.side, 'language', s.language, 'notes', nullif(s.notes, ''), "
    "'household', nullif(s.household, ''), 'household_source', nullif(" + HOUSEHOLD_SOURCE + ", ''), "
    "'party_size', s.party_size, 'extra_seats', nullif(s.extra_seats, 0), 'contacts', nullif(s.contacts, ''), "
    "'tags', nullif(s.tags, '{}'), 'given', nullif(h.given, '{}'), 'events', nullif(s.events, '{}'), "
    "'extra', nullif(s.extra, '{}')))"
)


_AT_ONCE = 20_000


@dataclass(frozen=True)
class Merged:
    """What became of the staged rows; counted by row of the list, not by person."""

    created: int
    updated: int
    unchanged: int
    people: int


def create_people(tx: Transaction, import_id: uuid.UUID) -> int:
    """Make the people whom parinaya does not know yet; returns how many."""
    fresh: int = tx.value("SELECT count(*) FROM walk WHERE verdict = 'created'")
    if not fresh:
        return 0
    tx.run(
        f"INSERT INTO people (id, wedding_id, number, import_id, household_source, {_COLUMNS}) "
        f"SELECT w.person_id, :wedding, :first - 1 + row_number() OVER (ORDER BY w.id), :import, "
        f"{HOUSEHOLD_SOURCE}, {_COLUMNS} FROM walk w JOIN staging s ON s.id = w.id "
        "WHERE w.verdict = 'created' ORDER BY w.id",
        first=refs.next_numbers(tx, Kind.PERSON, fresh),
        **{"import": import_id},
    )
    return fresh


def split_contacts(tx: Transaction) -> int:
    """Take the contact points of new and edited rows apart; returns how many they are."""
    return tx.run(
        """
        INSERT INTO points (id, person_id, place, kind, value, state, country, raw)
        SELECT w.id, w.person_id, c.place, split_part(c.point, E'\\x1f', 1), split_part(c.point, E'\\x1f', 2),
               split_part(c.point, E'\\x1f', 3), split_part(c.point, E'\\x1f', 4), split_part(c.point, E'\\x1f', 5)
          FROM walk w JOIN staging s ON s.id = w.id
          CROSS JOIN LATERAL string_to_table(s.contacts, E'\\x1e') WITH ORDINALITY AS c(point, place)
         WHERE w.verdict IN ('created', 'updated') AND s.contacts <> ''
        """
    )


def create_contact_points(tx: Transaction) -> None:
    """Make the contact points that parinaya does not know yet.

    In the order of their key: two lists with the same people wait for each other and do not lock each other out.
    """
    tx.run(
        "INSERT INTO contact_points (wedding_id, kind, value, state, country) "
        "SELECT DISTINCT ON (kind, value) :wedding, kind, value, state, country FROM points "
        "ORDER BY kind, value, id, place ON CONFLICT (wedding_id, kind, value) DO NOTHING"
    )


def give_contacts(tx: Transaction) -> None:
    """Give new people their contact points, the first of the row first."""
    tx.run(
        "INSERT INTO person_contacts (wedding_id, person_id, contact_point_id, position, raw) "
        "SELECT :wedding, t.person_id, c.id, t.place - 1, t.raw FROM walk w JOIN points t ON t.id = w.id "
        "JOIN contact_points c ON c.wedding_id = :wedding AND c.kind = t.kind AND c.value = t.value "
        "WHERE w.verdict = 'created' ORDER BY t.id, t.place ON CONFLICT (person_id, contact_point_id) DO NOTHING"
    )


def create_sources(tx: Transaction, import_id: uuid.UUID) -> None:
    """Keep which row of the list each new person is."""
    tx.run(
        "INSERT INTO person_sources (wedding_id, source, row_key, person_id, import_id, external_id, line, digest, "
        f"content) SELECT :wedding, w.source, w.row_key, w.person_id, :import, s.external_id, s.line, s.digest, "
        f"{CONTENT} FROM walk w JOIN staging s ON s.id = w.id JOIN sheets h ON h.sheet = s.sheet "
        "WHERE w.verdict = 'created' ORDER BY w.source, w.row_key",
        **{"import": import_id},
    )


def know_names(tx: Transaction) -> None:
    """Keep each folded name once, with the key by which it is searched; so many at a time, in their order."""
    fresh = tx.run(
        "INSERT INTO fresh_names (place, folded) SELECT row_number() OVER (ORDER BY folded), folded FROM ("
        "SELECT DISTINCT s.folded FROM walk w JOIN staging s ON s.id = w.id WHERE w.verdict <> 'returned' "
        "AND s.folded <> '') n WHERE NOT EXISTS (SELECT 1 FROM folded_names f WHERE f.wedding_id = :wedding "
        "AND f.folded = n.folded)"
    )
    for first in range(1, fresh + 1, _AT_ONCE):
        rows = tx.rows(
            "SELECT folded FROM fresh_names WHERE place BETWEEN :first AND :last ORDER BY place",
            first=first,
            last=first + _AT_ONCE - 1,
        )
        found = [row["folded"] for row in rows]
        tx.run(
            "INSERT INTO folded_names (wedding_id, folded, key) SELECT :wedding, t.folded, t.key "
            "FROM unnest(CAST(:folded AS text[]), CAST(:keys AS text[])) AS t(folded, key) "
            "ON CONFLICT (wedding_id, folded) DO NOTHING",
            folded=found,
            keys=[search.key(one) for one in found],
        )


def count(tx: Transaction, rows: int, people: int) -> Merged:
    """How the ``rows`` of the list ended that were staged.

    A row is updated when anything of it or of the further people whom it names was changed or made; one that only
    disagrees with what the team has changed is unchanged.
    """
    created: int = tx.value("SELECT count(*) FROM walk WHERE verdict = 'created' AND place = 0")
    updated: int = tx.value(
        "SELECT count(DISTINCT w.id - w.place) FROM walk w LEFT JOIN walk f ON f.id = w.id - w.place AND w.place > 0 "
        "WHERE f.verdict IS DISTINCT FROM 'created' AND (w.verdict = 'created' AND w.place > 0 "
        "OR w.id IN (SELECT id FROM differences WHERE kind <> 'conflict'))"
    ) if created < rows else 0  # fmt: skip
    return Merged(created, updated, rows - created - updated, people)
