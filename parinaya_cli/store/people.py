"""People with their contact points, as lists and pages show them, and the changes made by hand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class ContactPoint:
    """One way to reach somebody, with the state of its number and of the consent."""

    id: uuid.UUID
    kind: str
    value: str
    state: str
    country: str
    consent: str
    raw: str = ""
    not_on_whatsapp_at: datetime | None = None


@dataclass(frozen=True)
class Person:
    """A person as lists show one; ``unit`` is the ref of the household."""

    id: uuid.UUID
    number: int
    full_name: str
    honorific: str
    given_name: str
    family_name: str
    city: str
    side: str | None
    language: str | None
    tags: tuple[str, ...]
    notes: str
    extra: Mapping[str, str]
    household: str
    do_not_message_at: datetime | None
    do_not_message_reason: str
    version: int
    contacts: tuple[ContactPoint, ...]
    external_ids: tuple[str, ...]
    unit_number: int | None

    @property
    def ref(self) -> str:
        """The short name, such as P12."""
        return make_ref(Kind.PERSON, self.number)

    @property
    def unit(self) -> str | None:
        """The ref of the household."""
        return make_ref(Kind.UNIT, self.unit_number) if self.unit_number else None

    @property
    def phones(self) -> list[str]:
        """The phones, the primary one first: E.164, or as written where it could not be read."""
        return [point.value for point in self.contacts if point.kind == "phone"]

    @property
    def emails(self) -> list[str]:
        """The emails."""
        return [point.value for point in self.contacts if point.kind == "email"]

    @property
    def consent(self) -> str:
        """The strictest state of consent among the phones."""
        states = {point.consent for point in self.contacts if point.kind != "email"}
        for state in ("opted_out", "opted_in"):
            if state in states:
                return state
        return "none"


_PERSON = """
    SELECT p.id, p.number, p.full_name, p.honorific, p.given_name, p.family_name, p.city, p.side, p.language,
           p.tags, p.notes, p.extra, p.household, p.do_not_message_at, p.do_not_message_reason, p.version,
           (SELECT json_agg(json_build_object('id', c.id, 'kind', c.kind, 'value', c.value, 'state', c.state,
                       'country', c.country, 'consent', c.consent, 'raw', pc.raw, 'lost', c.not_on_whatsapp_at)
                            ORDER BY pc.position, c.value)
              FROM person_contacts pc
              JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
             WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id) AS contacts,
           (SELECT array_agg(s.external_id ORDER BY s.source, s.external_id) FROM person_sources s
             WHERE s.wedding_id = p.wedding_id AND s.person_id = p.id AND s.external_id <> '') AS external_ids,
           (SELECT u.number FROM guest_unit_members m
              JOIN guest_units u ON u.wedding_id = m.wedding_id AND u.id = m.unit_id
             WHERE m.wedding_id = p.wedding_id AND m.person_id = p.id) AS unit_number
      FROM people p
     WHERE p.wedding_id = :wedding AND p.removed_at IS NULL AND p.merged_into IS NULL
"""


def _person(row: RowMapping) -> Person:
    contacts = tuple(
        ContactPoint(
            id=uuid.UUID(one["id"]),
            kind=one["kind"],
            value=one["value"],
            state=one["state"],
            country=one["country"],
            consent=one["consent"],
            raw=one["raw"],
            not_on_whatsapp_at=datetime.fromisoformat(one["lost"]) if one["lost"] else None,
        )
        for one in row["contacts"] or ()
    )
    facts = dict(row)
    facts.update(
        tags=tuple(row["tags"]),
        contacts=contacts,
        external_ids=tuple(dict.fromkeys(row["external_ids"] or ())),
    )
    return Person(**facts)


@dataclass(frozen=True)
class PeopleFilter:
    """Which people are meant; None: no matter.

    ``sides``: those who are on one of these sides. ``gone``: whom every list that named them names no more.
    """

    sides: Sequence[str] | None = None
    tag: str | None = None
    event_id: uuid.UUID | None = None
    no_phone: bool = False
    gone: bool = False


_FILTERED = """
       AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides))
       AND (CAST(:tag AS text) IS NULL OR :tag = ANY(p.tags))
       AND (CAST(:event AS uuid) IS NULL OR EXISTS (
            SELECT 1 FROM guest_unit_members m JOIN invitations i
                ON i.wedding_id = m.wedding_id AND i.unit_id = m.unit_id
             WHERE m.wedding_id = p.wedding_id AND m.person_id = p.id AND i.event_id = :event))
       AND (NOT :no_phone OR NOT EXISTS (
            SELECT 1 FROM person_contacts pc JOIN contact_points c
                ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
             WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id
               AND c.kind = 'phone' AND c.state <> 'impossible'))
       AND (NOT :gone OR (SELECT bool_and(s.gone_at IS NOT NULL) FROM person_sources s
             WHERE s.wedding_id = p.wedding_id AND s.person_id = p.id))
"""


def list_people(tx: Transaction, wanted: PeopleFilter, *, limit: int | None) -> tuple[list[Person], int]:
    """The people that match, by number, and how many there are in all."""
    values: dict[str, object] = {
        "sides": list(wanted.sides) if wanted.sides is not None else None,
        "tag": wanted.tag,
        "event": wanted.event_id,
        "no_phone": wanted.no_phone,
        "gone": wanted.gone,
    }
    total: int = tx.value(
        "SELECT count(*) FROM people p WHERE p.wedding_id = :wedding AND p.removed_at IS NULL "
        f"AND p.merged_into IS NULL {_FILTERED}",
        **values,
    )
    rows = tx.rows(f"{_PERSON} {_FILTERED} ORDER BY p.number LIMIT :limit", limit=limit, **values)
    return [_person(row) for row in rows], total


def find_person(tx: Transaction, handle: Handle, sides: Sequence[str] | None = None) -> Person | None:
    """The person that a handle names, following merges."""
    condition, values = refs.named(handle)
    row = tx.row(
        f"SELECT coalesce(merged_into, id) AS id FROM people WHERE wedding_id = :wedding AND {condition}",
        **values,
    )
    if row is None:
        return None
    found = tx.row(
        f"{_PERSON} AND p.id = :id AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides))",
        id=row["id"],
        sides=list(sides) if sides is not None else None,
    )
    return _person(found) if found else None


@dataclass(frozen=True)
class Source:
    """A row of a list that names a person. ``gone_at``: since when the list does so no more."""

    source: str
    row: int
    external_id: str
    import_number: int
    imported_at: datetime
    gone_at: datetime | None


def list_sources(tx: Transaction, person_id: uuid.UUID) -> list[Source]:
    """The rows of lists that name a person, or somebody who was merged into them."""
    rows = tx.rows(
        "SELECT s.source, s.line AS row, s.external_id, i.number AS import_number, i.created_at AS imported_at, "
        "s.gone_at FROM person_sources s JOIN people p ON p.wedding_id = s.wedding_id AND p.id = s.person_id "
        "JOIN imports i ON i.wedding_id = s.wedding_id AND i.id = s.import_id "
        "WHERE s.wedding_id = :wedding AND (p.id = :id OR p.merged_into = :id) ORDER BY s.source, s.line",
        id=person_id,
    )
    return [Source(**dict(row)) for row in rows]


def list_by_ids(tx: Transaction, ids: Sequence[uuid.UUID]) -> list[Person]:
    """These people, those who are gone left out."""
    return [_person(row) for row in tx.rows(f"{_PERSON} AND p.id = ANY(:ids)", ids=list(ids))]


def list_by_phone(tx: Transaction, e164: str) -> list[Person]:
    """Everybody who has this phone."""
    rows = tx.rows(
        f"""{_PERSON} AND p.id IN (
            SELECT pc.person_id FROM person_contacts pc JOIN contact_points c
                ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
             WHERE pc.wedding_id = :wedding AND c.kind = 'phone' AND c.value = :phone)
            ORDER BY p.number""",
        phone=e164,
    )
    return [_person(row) for row in rows]


EDITABLE = (
    "full_name",
    "honorific",
    "given_name",
    "family_name",
    "folded",
    "city",
    "side",
    "language",
    "tags",
    "notes",
    "household",
)


def insert(tx: Transaction, fields: Mapping[str, object]) -> uuid.UUID:
    """Add a person; ``fields`` are columns of ``EDITABLE``. Returns the id."""
    columns = [name for name in EDITABLE if name in fields]
    made: uuid.UUID = tx.value(
        f"INSERT INTO people (wedding_id, number, {', '.join(columns)}) "
        f"VALUES (:wedding, :number, {', '.join(':' + name for name in columns)}) RETURNING id",
        number=refs.next_numbers(tx, Kind.PERSON),
        **{name: fields[name] for name in columns},
    )
    return made


def update(tx: Transaction, person_id: uuid.UUID, version: int, fields: Mapping[str, object]) -> bool:
    """Change columns of ``EDITABLE``; False when somebody else changed the person since it was read."""
    columns = [name for name in EDITABLE if name in fields]
    changes = "".join(f"{name} = :{name}, " for name in columns)
    return (
        tx.run(
            f"UPDATE people SET {changes} updated_at = :now, version = version + 1 "
            "WHERE wedding_id = :wedding AND id = :id AND version = :version",
            id=person_id,
            version=version,
            **{name: fields[name] for name in columns},
        )
        == 1
    )


def contact_point_once(
    tx: Transaction, kind: str, value: str, *, state: str = "valid", country: str = ""
) -> uuid.UUID:
    """The contact point of this value; made if it is not there."""
    made: uuid.UUID = tx.value(
        "INSERT INTO contact_points (wedding_id, kind, value, state, country) "
        "VALUES (:wedding, :kind, :value, :state, :country) "
        "ON CONFLICT (wedding_id, kind, value) DO UPDATE SET value = excluded.value RETURNING id",
        kind=kind,
        value=value,
        state=state,
        country=country,
    )
    return made


def add_contact(tx: Transaction, person_id: uuid.UUID, contact_point_id: uuid.UUID, raw: str) -> None:
    """Give a person one more contact point; a second time changes nothing."""
    tx.run(
        "INSERT INTO person_contacts (wedding_id, person_id, contact_point_id, position, raw) "
        "SELECT :wedding, :person, :point, coalesce(max(position) + 1, 0), :raw FROM person_contacts "
        "WHERE wedding_id = :wedding AND person_id = :person "
        "ON CONFLICT (person_id, contact_point_id) DO NOTHING",
        person=person_id,
        point=contact_point_id,
        raw=raw,
    )


def set_primary(tx: Transaction, person_id: uuid.UUID, contact_point_id: uuid.UUID) -> None:
    """Make one of a person's contact points the primary one; the others move behind it."""
    tx.run(
        "UPDATE person_contacts SET position = CASE WHEN contact_point_id = :point THEN 0 ELSE position + 1 END "
        "WHERE wedding_id = :wedding AND person_id = :person",
        person=person_id,
        point=contact_point_id,
    )


def drop_contact(tx: Transaction, person_id: uuid.UUID, kind: str, value: str) -> bool:
    """Take a contact point from a person; the contact point itself stays."""
    return (
        tx.run(
            "DELETE FROM person_contacts pc USING contact_points c WHERE pc.wedding_id = :wedding "
            "AND c.wedding_id = :wedding AND c.id = pc.contact_point_id AND pc.person_id = :person "
            "AND c.kind = :kind AND c.value = :value",
            person=person_id,
            kind=kind,
            value=value,
        )
        == 1
    )


def set_do_not_message(tx: Transaction, person_id: uuid.UUID, reason: str | None) -> None:
    """Stop all messages to a person (``reason``), or lift the stop (None). Who was merged meanwhile is the survivor."""
    meant = tx.value(
        "SELECT coalesce(merged_into, id) FROM people WHERE wedding_id = :wedding AND id = :id FOR UPDATE",
        id=person_id,
    )
    tx.run(
        "UPDATE people SET do_not_message_at = CASE WHEN CAST(:reason AS text) IS NULL THEN NULL ELSE :now END, "
        "do_not_message_reason = coalesce(:reason, ''), updated_at = :now, version = version + 1 "
        "WHERE wedding_id = :wedding AND id = :id",
        id=meant,
        reason=reason,
    )
