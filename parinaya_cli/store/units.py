"""Guest units: the households, who is in them, and what `units build` needs to know."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.domain.units import Candidate, PlannedUnit
from parinaya_cli.domain.units_primary import is_child
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Member:
    """A person in a household; ``takes_seat`` is false for a second entry of somebody who is in it already."""

    id: uuid.UUID
    number: int
    full_name: str
    external_ids: tuple[str, ...]
    takes_seat: bool

    @property
    def ref(self) -> str:
        """The short name, such as P12."""
        return make_ref(Kind.PERSON, self.number)


@dataclass(frozen=True)
class Unit:
    """A guest unit as lists show one; ``events`` are the slugs it is invited to."""

    id: uuid.UUID
    number: int
    label: str
    members: tuple[Member, ...]
    extra_seats: int
    primary_id: uuid.UUID | None
    side: str | None
    tags: tuple[str, ...]
    events: tuple[str, ...]
    made_by: str
    primary_by: str
    why: tuple[str, ...]
    version: int

    @property
    def ref(self) -> str:
        """The short name, such as U5."""
        return make_ref(Kind.UNIT, self.number)

    @property
    def seats(self) -> int:
        """How many people the household is: its members and the unnamed seats."""
        return sum(member.takes_seat for member in self.members) + self.extra_seats

    @property
    def primary(self) -> str | None:
        """The ref of the primary contact."""
        return next((member.ref for member in self.members if member.id == self.primary_id), None)


_UNIT = """
    SELECT u.id, u.number, u.label, u.extra_seats, u.primary_person_id AS primary_id, u.side, u.tags, u.made_by,
           u.primary_by, u.why, u.version,
           (SELECT json_agg(json_build_array(p.id, p.number, p.full_name,
                       (SELECT coalesce(json_agg(DISTINCT s.external_id), '[]') FROM person_sources s
                         WHERE s.wedding_id = p.wedding_id AND s.person_id = p.id AND s.external_id <> ''),
                       m.takes_seat) ORDER BY m.position, p.number)
              FROM guest_unit_members m JOIN people p ON p.wedding_id = m.wedding_id AND p.id = m.person_id
             WHERE m.wedding_id = u.wedding_id AND m.unit_id = u.id) AS members,
           (SELECT array_agg(e.slug ORDER BY e.starts_at, e.number) FROM invitations i
              JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
             WHERE i.wedding_id = u.wedding_id AND i.unit_id = u.id) AS events
      FROM guest_units u
     WHERE u.wedding_id = :wedding AND u.removed_at IS NULL
"""


def _unit(row: RowMapping) -> Unit:
    members = tuple(Member(uuid.UUID(m[0]), m[1], m[2], tuple(m[3]), m[4]) for m in row["members"] or ())
    facts = dict(row)
    facts.update(
        members=members, tags=tuple(row["tags"]), events=tuple(row["events"] or ()), why=tuple(row["why"])
    )
    return Unit(**facts)


def list_units(
    tx: Transaction, *, event_id: uuid.UUID | None = None, sides: Sequence[str] | None = None
) -> list[Unit]:
    """The households, by number; narrowed to an event's guest list or to sides."""
    rows = tx.rows(
        f"""{_UNIT} AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
            AND (CAST(:event AS uuid) IS NULL OR EXISTS (SELECT 1 FROM invitations i
                 WHERE i.wedding_id = u.wedding_id AND i.unit_id = u.id AND i.event_id = :event))
            ORDER BY u.number""",
        event=event_id,
        sides=list(sides) if sides is not None else None,
    )
    return [_unit(row) for row in rows]


def find_unit(tx: Transaction, handle: Handle, sides: Sequence[str] | None = None) -> Unit | None:
    """The household that a handle names, following merges."""
    condition, values = refs.named(handle)
    row = tx.row(
        f"{_UNIT} AND u.id = (SELECT coalesce(merged_into, id) FROM guest_units WHERE wedding_id = :wedding "
        f"AND {condition}) AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))"
        if condition != "false"
        else f"{_UNIT} AND CAST(:sides AS text[]) IS NULL AND false",
        sides=list(sides) if sides is not None else None,
        **values,
    )
    return _unit(row) if row else None


# What families call the columns that an import keeps beside the known ones.
_AGE = "lower(x.key) IN ('age', 'umar', 'उम्र')"
_ADDRESS = "x.key ~* '^(full |home |postal )?addr(ess)?\\M|^(pata|पता|સરનામું)$'"


def list_candidates(tx: Transaction, unit_ids: Sequence[uuid.UUID] | None = None) -> list[Candidate]:
    """Everybody (or the members of these households), with what `units build` looks at, in the order of refs."""
    rows = tx.rows(
        f"""
        SELECT p.id AS person_id, p.number, p.full_name, p.folded, p.family_name, p.side, p.household,
               p.party_size, p.extra_seats, m.unit_id, coalesce(u.made_by = 'hand', false) AS closed,
               p.household_source AS source, p.tags, points.phones, coalesce(points.writes, false) AS writes,
               p.do_not_message_at IS NOT NULL OR coalesce(points.opted_out OR points.away, false) AS stopped,
               (SELECT x.value FROM jsonb_each_text(p.extra) x WHERE {_AGE} LIMIT 1) AS age
          FROM people p
          LEFT JOIN guest_unit_members m ON m.wedding_id = p.wedding_id AND m.person_id = p.id
          LEFT JOIN guest_units u ON u.wedding_id = m.wedding_id AND u.id = m.unit_id
          LEFT JOIN LATERAL (
               SELECT array_agg(c.value ORDER BY pc.position) FILTER (WHERE c.kind = 'phone' AND c.state = 'valid')
                      AS phones, bool_or(c.kind = 'user_id') AS writes, bool_or(c.consent = 'opted_out') AS opted_out,
                      (array_agg(c.not_on_whatsapp_at IS NOT NULL ORDER BY (c.state = 'valid') DESC, pc.position)
                        FILTER (WHERE c.kind <> 'email'))[1] AS away
                 FROM person_contacts pc
                 JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
                WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id) points ON true
         WHERE p.wedding_id = :wedding AND p.removed_at IS NULL AND p.merged_into IS NULL
           AND (CAST(:units AS uuid[]) IS NULL OR m.unit_id = ANY(:units))
         ORDER BY p.number
        """,
        units=list(unit_ids) if unit_ids is not None else None,
    )
    return [_candidate(row) for row in rows]


def _candidate(row: RowMapping) -> Candidate:
    facts = {name: value for name, value in row.items() if name not in ("tags", "age")}
    child = is_child(row["full_name"], row["tags"], row["age"] or "")
    return Candidate(**{**facts, "phones": tuple(row["phones"] or ()), "child": child})


def list_addresses(tx: Transaction) -> dict[uuid.UUID, str]:
    """The addresses of people whose list has a column for it, as written."""
    rows = tx.rows(
        f"SELECT DISTINCT ON (p.id) p.id, x.value FROM people p CROSS JOIN LATERAL jsonb_each_text(p.extra) x "
        f"WHERE p.wedding_id = :wedding AND p.removed_at IS NULL AND p.merged_into IS NULL AND {_ADDRESS} "
        "AND x.value <> '' ORDER BY p.id, x.key"
    )
    return {row["id"]: row["value"] for row in rows}


def think_long(tx: Transaction) -> None:
    """Let this transaction read and think for as long as a large wedding takes; it has locked nothing yet."""
    for told in ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0"):
        tx.run(f"SET LOCAL {told}")


def write_plan(tx: Transaction, planned: Sequence[PlannedUnit]) -> tuple[int, int]:
    """Write planned households; returns how many were made and how many people were placed."""
    fresh = [unit for unit in planned if unit.joins is None]
    first = refs.next_numbers(tx, Kind.UNIT, len(fresh)) if fresh else 0
    ids = [
        row["id"]
        for row in tx.rows("SELECT new_id() AS id FROM generate_series(1, :count)", count=len(fresh))
    ]
    tx.run_many(
        "INSERT INTO guest_units (id, wedding_id, number, label, primary_person_id, extra_seats, side, made_by, "
        "why) VALUES (:id, :wedding, :number, :label, :primary, :extra_seats, :side, 'build', :why)",
        [
            {
                "id": ids[place],
                "number": first + place,
                "label": unit.label,
                "primary": unit.primary,
                "extra_seats": unit.extra_seats,
                "side": unit.side,
                "why": list(unit.why),
            }
            for place, unit in enumerate(fresh)
        ],
    )
    members: list[dict[str, object]] = []
    for place, unit in enumerate(fresh):
        members += _members(ids[place], unit)
    for unit in planned:
        if unit.joins is not None:
            members += _members(unit.joins, unit)
    placed = len(members)
    tx.run_many(
        "INSERT INTO guest_unit_members (wedding_id, person_id, unit_id, position, takes_seat) "
        "VALUES (:wedding, :person, :unit, :position, :takes_seat) ON CONFLICT (person_id) DO NOTHING",
        members,
    )
    tx.run_many(
        "UPDATE guest_units SET extra_seats = :extra_seats, version = version + 1 "
        "WHERE wedding_id = :wedding AND id = :unit AND made_by = 'build'",
        [{"unit": unit.joins, "extra_seats": unit.extra_seats} for unit in planned if unit.joins is not None],
    )
    # Before they are read back: for a wedding that it does not know, Postgres plans as for a household or two.
    tx.renew_statistics(placed, "guest_units", "guest_unit_members")
    refresh_from_members(tx, [*ids, *(unit.joins for unit in planned if unit.joins is not None)])
    return len(fresh), placed


def _members(unit_id: uuid.UUID, unit: PlannedUnit) -> list[dict[str, object]]:
    return [
        {
            "person": person,
            "unit": unit_id,
            "position": place,
            "takes_seat": person not in unit.duplicates,
        }
        for place, person in enumerate(unit.members)
    ]


def refresh_from_members(tx: Transaction, unit_ids: Sequence[uuid.UUID]) -> None:
    """Bring side and tags of households in line with their members: the union of tags, ``both`` of sides.

    Touches the counts of the events that a changed household is invited to.
    """
    changed = tx.rows(
        """
        UPDATE guest_units u SET
               tags = coalesce(told.tags, '{}'),
               side = CASE WHEN cardinality(told.sides) = 1 THEN told.sides[1]
                           WHEN cardinality(told.sides) > 1 THEN 'both' END
          FROM (SELECT m.unit_id,
                       array_agg(DISTINCT t.tag) FILTER (WHERE t.tag IS NOT NULL) AS tags,
                       coalesce(array_agg(DISTINCT p.side) FILTER (WHERE p.side IS NOT NULL), '{}') AS sides
                  FROM guest_unit_members m
                  JOIN people p ON p.wedding_id = m.wedding_id AND p.id = m.person_id
                  LEFT JOIN LATERAL unnest(p.tags) AS t(tag) ON true
                 WHERE m.wedding_id = :wedding AND m.unit_id = ANY(:units)
                 GROUP BY m.unit_id) told
         WHERE u.wedding_id = :wedding AND u.id = told.unit_id
        RETURNING u.id
        """,
        units=list(unit_ids),
    )
    invited = tx.rows(
        "SELECT DISTINCT event_id FROM invitations WHERE wedding_id = :wedding AND unit_id = ANY(:units)",
        units=[row["id"] for row in changed],
    )
    tx.touch_counts(row["event_id"] for row in invited)


def refresh_of_people(tx: Transaction, person_ids: Sequence[uuid.UUID]) -> None:
    """Bring the households of these people in line with them."""
    rows = tx.rows(
        "SELECT DISTINCT unit_id FROM guest_unit_members WHERE wedding_id = :wedding AND person_id = ANY(:people)",
        people=list(person_ids),
    )
    if rows:
        refresh_from_members(tx, [row["unit_id"] for row in rows])


def lock_building(tx: Transaction) -> None:
    """Households are built one run at a time in a wedding: the second finds everybody placed."""
    tx.row("SELECT 1 FROM weddings WHERE id = :wedding FOR NO KEY UPDATE")


def insert(tx: Transaction, label: str, members: Sequence[uuid.UUID], extra_seats: int) -> uuid.UUID:
    """Make a household by hand of people who have none; returns its id."""
    made: uuid.UUID = tx.value(
        "INSERT INTO guest_units (wedding_id, number, label, primary_person_id, extra_seats, made_by) "
        "VALUES (:wedding, :number, :label, :primary, :extra_seats, 'hand') RETURNING id",
        number=refs.next_numbers(tx, Kind.UNIT),
        label=label,
        primary=members[0] if members else None,
        extra_seats=extra_seats,
    )
    add_members(tx, made, members)
    return made


def add_members(tx: Transaction, unit_id: uuid.UUID, members: Sequence[uuid.UUID]) -> None:
    """Put people into a household."""
    tx.run_many(
        "INSERT INTO guest_unit_members (wedding_id, person_id, unit_id, position) SELECT :wedding, p.id, "
        ":unit, (SELECT coalesce(max(position) + 1, 0) FROM guest_unit_members "
        "WHERE wedding_id = :wedding AND unit_id = :unit) FROM people p "
        "WHERE p.wedding_id = :wedding AND p.id = :person AND p.merged_into IS NULL FOR KEY SHARE",
        [{"person": person, "unit": unit_id} for person in members],
    )
    refresh_from_members(tx, [unit_id])


def remove_members(tx: Transaction, unit_id: uuid.UUID, members: Sequence[uuid.UUID]) -> int:
    """Take people out of a household; they are in none then."""
    gone = tx.run(
        "DELETE FROM guest_unit_members WHERE wedding_id = :wedding AND unit_id = :unit AND person_id = ANY(:people)",
        unit=unit_id,
        people=list(members),
    )
    refresh_from_members(tx, [unit_id])
    return gone


def update(tx: Transaction, unit_id: uuid.UUID, version: int, changes: Mapping[str, object]) -> bool:
    """Change some of a household's columns; False when somebody else changed it since it was read."""
    known = ("label", "extra_seats", "primary_person_id", "primary_by", "why")
    columns = [name for name in known if name in changes]
    assignments = "".join(f"{name} = :{name}, " for name in columns)
    return (
        tx.run(
            f"UPDATE guest_units SET {assignments} made_by = 'hand', version = version + 1 "
            "WHERE wedding_id = :wedding AND id = :id AND version = :version AND removed_at IS NULL",
            id=unit_id,
            version=version,
            **{name: changes[name] for name in columns},
        )
        == 1
    )
