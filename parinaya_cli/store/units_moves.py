"""Households put together and taken apart: the rows that follow their people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.units_moves import Said, Stand
from parinaya_cli.store import refs
from parinaya_cli.store.counts import NEWEST_ANSWER
from parinaya_cli.store.transaction import Transaction


def lock(tx: Transaction, units: Sequence[uuid.UUID], people: Sequence[uuid.UUID] = ()) -> None:
    """Let nothing else happen to these households and people until this transaction ends.

    The wedding is locked already. The order is that of all others: messages, conversations, people, guest lists,
    households.
    """
    members = "SELECT person_id FROM guest_unit_members WHERE wedding_id = :wedding AND unit_id = ANY(:units)"
    for table, which, order in (
        ("invite_dispatch", "unit_id = ANY(:units)", "id"),
        ("conversations", "unit_id = ANY(:units)", "contact_point_id"),
        ("people", f"(id = ANY(:people) OR id IN ({members}))", "id"),
        ("invitations", "unit_id = ANY(:units)", "id"),
        ("guest_units", "id = ANY(:units)", "id"),
    ):
        values = {"units": list(units), "people": list(people)}
        tx.value(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE wedding_id = :wedding AND {which} "
            f"ORDER BY {order} FOR UPDATE) locked",
            **{name: ids for name, ids in values.items() if f":{name}" in which},
        )


def is_sending(tx: Transaction, units: Sequence[uuid.UUID]) -> bool:
    """Is a message to one of these households leaving this moment?"""
    found: int = tx.value(
        "SELECT count(*) FROM invite_dispatch WHERE wedding_id = :wedding AND unit_id = ANY(:units) "
        "AND state = 'sending'",
        units=list(units),
    )
    return found > 0


def stands(tx: Transaction, unit_id: uuid.UUID) -> list[Stand]:
    """Where a household stands for every event that it is invited to or has answered for, in order of time."""
    rows = tx.rows(
        f"""
        SELECT e.id AS event_id, e.slug AS event, v.seats, a.status, a.given_at, a.heads, a.adults, a.children,
               a.diets, a.note, a.requested_heads, a.source
          FROM (SELECT wedding_id, event_id, unit_id FROM invitations WHERE wedding_id = :wedding AND unit_id = :unit
                UNION SELECT wedding_id, event_id, unit_id FROM rsvp_responses
                       WHERE wedding_id = :wedding AND unit_id = :unit) i
          JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
          LEFT JOIN invitations v ON v.wedding_id = i.wedding_id AND v.unit_id = i.unit_id AND v.event_id = i.event_id
          {NEWEST_ANSWER}
         ORDER BY e.starts_at, e.number
        """,
        unit=unit_id,
    )
    found = []
    for row in rows:
        facts = {
            name: row[name] for name in ("given_at", "heads", "adults", "children", "note", "requested_heads")
        }
        said = None
        if row["status"] is not None:
            said = Said(AnswerStatus(row["status"]), **facts, diets=row["diets"], source=row["source"])
        found.append(Stand(row["event_id"], row["event"], row["seats"], said))
    return found


def set_seats(tx: Transaction, unit_id: uuid.UUID, event_id: uuid.UUID, seats: int) -> None:
    """Let a household be invited to an event with so many seats."""
    tx.run(
        "INSERT INTO invitations (wedding_id, unit_id, event_id, seats) VALUES (:wedding, :unit, :event, :seats) "
        "ON CONFLICT (wedding_id, unit_id, event_id) DO UPDATE SET seats = excluded.seats",
        unit=unit_id,
        event=event_id,
        seats=seats,
    )
    tx.touch_counts([event_id])


def cancel_messages(
    tx: Transaction, unit_id: uuid.UUID, reason: str, people: Sequence[uuid.UUID] | None = None
) -> int:
    """Cancel what is queued to a household, or to these of its people; returns how many messages."""
    return tx.run(
        "UPDATE invite_dispatch SET state = 'cancelled', reason = :reason, updated_at = :now "
        "WHERE wedding_id = :wedding AND unit_id = :unit AND kind = 'template' AND state IN ('planned', 'queued') "
        "AND (CAST(:people AS uuid[]) IS NULL OR person_id = ANY(:people))",
        unit=unit_id,
        reason=reason,
        people=list(people) if people is not None else None,
    )


# ── together ───────────────────────────────────────────────────────────────────────────────────────────


def fold(tx: Transaction, gone: uuid.UUID, into: uuid.UUID) -> None:
    """Let a household become part of another: its people, guest lists, talks; it is an alias from now on.

    Invitations of the one that is gone are deleted: those of the other were set before. An alias bears the other's
    label, and no reasons: nobody who is forgotten is remembered there.
    """
    tx.run(
        "UPDATE guest_unit_members SET unit_id = :into, position = position + (SELECT coalesce(max(position) + 1, 0) "
        "FROM guest_unit_members WHERE wedding_id = :wedding AND unit_id = :into) "
        "WHERE wedding_id = :wedding AND unit_id = :gone",
        gone=gone,
        into=into,
    )
    rows = tx.rows(
        "DELETE FROM invitations WHERE wedding_id = :wedding AND unit_id = :gone RETURNING event_id",
        gone=gone,
    )
    tx.touch_counts(row["event_id"] for row in rows)
    for table in ("conversations", "removals"):
        tx.run(
            f"UPDATE {table} SET unit_id = :into WHERE wedding_id = :wedding AND unit_id = :gone",
            gone=gone,
            into=into,
        )
    tx.run(
        "UPDATE guest_units SET merged_into = :into, version = version + 1, why = '{}', "
        "label = (SELECT i.label FROM guest_units i WHERE i.wedding_id = :wedding AND i.id = :into), "
        "removed_at = coalesce(removed_at, :now) WHERE wedding_id = :wedding AND (id = :gone OR merged_into = :gone)",
        gone=gone,
        into=into,
    )


def join_seats(tx: Transaction, unit_id: uuid.UUID, extra_seats: int, why: Sequence[str]) -> None:
    """Set the unnamed seats of a household that took another over, and why it is what it is."""
    tx.run(
        "UPDATE guest_units SET extra_seats = :extra, why = :why, made_by = 'hand', version = version + 1 "
        "WHERE wedding_id = :wedding AND id = :unit",
        unit=unit_id,
        extra=extra_seats,
        why=list(why),
    )


# ── apart ──────────────────────────────────────────────────────────────────────────────────────────────


def insert(tx: Transaction, label: str, extra_seats: int, why: Sequence[str]) -> uuid.UUID:
    """Make a household without members by hand; returns its id."""
    made: uuid.UUID = tx.value(
        "INSERT INTO guest_units (wedding_id, number, label, extra_seats, made_by, why) "
        "VALUES (:wedding, :number, :label, :extra_seats, 'hand', :why) RETURNING id",
        number=refs.next_numbers(tx, Kind.UNIT),
        label=label,
        extra_seats=extra_seats,
        why=list(why),
    )
    return made


def carry(tx: Transaction, unit_id: uuid.UUID, to: uuid.UUID, people: Sequence[uuid.UUID]) -> None:
    """Let people change their household, with the messages that were sent to them and the talks of their phones."""
    values = {"unit": unit_id, "to": to, "people": list(people)}
    tx.run(
        "UPDATE guest_unit_members SET unit_id = :to WHERE wedding_id = :wedding AND unit_id = :unit "
        "AND person_id = ANY(:people)",
        **values,
    )
    tx.run(
        "UPDATE invite_dispatch SET unit_id = :to WHERE wedding_id = :wedding AND unit_id = :unit "
        "AND person_id = ANY(:people) AND state NOT IN ('planned', 'queued')",
        **values,
    )
    tx.run(
        "UPDATE conversations SET unit_id = :to WHERE wedding_id = :wedding AND unit_id = :unit "
        "AND contact_point_id IN (SELECT contact_point_id FROM person_contacts WHERE wedding_id = :wedding "
        "AND person_id = ANY(:people)) AND contact_point_id NOT IN (SELECT pc.contact_point_id FROM person_contacts pc "
        "JOIN guest_unit_members m ON m.wedding_id = pc.wedding_id AND m.person_id = pc.person_id "
        "WHERE pc.wedding_id = :wedding AND m.unit_id = :unit)",
        **values,
    )


def set_doubles(tx: Transaction, unit_id: uuid.UUID, doubles: Sequence[uuid.UUID]) -> None:
    """Give a seat to every member who has none and is no second entry of somebody in the household (``doubles``)."""
    tx.run(
        "UPDATE guest_unit_members SET takes_seat = true WHERE wedding_id = :wedding AND unit_id = :unit "
        "AND NOT takes_seat AND NOT person_id = ANY(:doubles)",
        unit=unit_id,
        doubles=list(doubles),
    )


def set_primary(tx: Transaction, unit_id: uuid.UUID, person_id: uuid.UUID | None) -> None:
    """Let the rule's choice get the messages of a household."""
    tx.run(
        "UPDATE guest_units SET primary_person_id = :person, primary_by = 'rule', version = version + 1 "
        "WHERE wedding_id = :wedding AND id = :unit",
        unit=unit_id,
        person=person_id,
    )
