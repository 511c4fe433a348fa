"""Removing people and bringing them back: what a removal takes apart is kept until a restore needs it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.refs import Handle
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction


def lock(tx: Transaction, person_ids: Sequence[uuid.UUID]) -> None:
    """Let nobody plan a batch, build households or change these people until this transaction ends.

    The order is that of the worker: messages, then contact points, then people (``sending.lock_ground``).
    """
    tx.row("SELECT 1 FROM weddings WHERE id = :wedding FOR NO KEY UPDATE")
    tx.rows(
        "SELECT 1 FROM invite_dispatch WHERE wedding_id = :wedding AND (person_id = ANY(:people) OR contact_point_id "
        "IN (SELECT contact_point_id FROM person_contacts WHERE wedding_id = :wedding AND person_id = ANY(:people))) "
        "ORDER BY id FOR UPDATE",
        people=list(person_ids),
    )
    tx.rows(
        "SELECT 1 FROM contact_points WHERE wedding_id = :wedding AND id IN (SELECT contact_point_id "
        "FROM person_contacts WHERE wedding_id = :wedding AND person_id = ANY(:people)) ORDER BY id FOR UPDATE",
        people=list(person_ids),
    )
    tx.rows(
        "SELECT 1 FROM people WHERE wedding_id = :wedding AND id = ANY(:people) ORDER BY id FOR UPDATE",
        people=list(person_ids),
    )


def cancel_messages(tx: Transaction, person_ids: Sequence[uuid.UUID], reason: str) -> int:
    """Cancel what is still queued to these people; returns how many messages."""
    return tx.run(
        "UPDATE invite_dispatch SET state = 'cancelled', reason = :reason, updated_at = :now "
        "WHERE wedding_id = :wedding AND person_id = ANY(:people) AND state IN ('planned', 'queued')",
        people=list(person_ids),
        reason=reason,
    )


def count_queued(tx: Transaction, person_ids: Sequence[uuid.UUID]) -> int:
    """How many messages to these people are queued."""
    found: int = tx.value(
        "SELECT count(*) FROM invite_dispatch WHERE wedding_id = :wedding AND person_id = ANY(:people) "
        "AND state IN ('planned', 'queued')",
        people=list(person_ids),
    )
    return found


def remove(tx: Transaction, person_ids: Sequence[uuid.UUID]) -> None:
    """Mark people as removed, and keep their places in their households for a restore."""
    tx.run(
        "INSERT INTO removals (wedding_id, person_id, unit_id, position, takes_seat, was_primary) "
        "SELECT m.wedding_id, m.person_id, m.unit_id, m.position, m.takes_seat, u.primary_person_id = m.person_id "
        "FROM guest_unit_members m JOIN guest_units u ON u.wedding_id = m.wedding_id AND u.id = m.unit_id "
        "WHERE m.wedding_id = :wedding AND m.person_id = ANY(:people)",
        people=list(person_ids),
    )
    tx.run(
        "DELETE FROM guest_unit_members WHERE wedding_id = :wedding AND person_id = ANY(:people)",
        people=list(person_ids),
    )
    tx.run(
        "UPDATE people SET removed_at = :now, updated_at = :now, version = version + 1 "
        "WHERE wedding_id = :wedding AND id = ANY(:people)",
        people=list(person_ids),
    )


def close_unit(tx: Transaction, unit_id: uuid.UUID, keeper: uuid.UUID) -> None:
    """Remove a household with its invitations, and keep those with the removal of ``keeper``, its last member."""
    rows = tx.rows(
        "DELETE FROM invitations WHERE wedding_id = :wedding AND unit_id = :unit RETURNING event_id, seats",
        unit=unit_id,
    )
    tx.run(
        "UPDATE removals SET invitations = CAST(:told AS jsonb) WHERE wedding_id = :wedding AND person_id = :person",
        told=json.dumps([[str(row["event_id"]), row["seats"]] for row in rows]),
        person=keeper,
    )
    tx.run(
        "UPDATE guest_units SET removed_at = :now, version = version + 1 WHERE wedding_id = :wedding AND id = :unit",
        unit=unit_id,
    )
    tx.touch_counts(row["event_id"] for row in rows)


def set_primary(tx: Transaction, unit_id: uuid.UUID, person_id: uuid.UUID | None) -> None:
    """Let the messages of a household go to another of its members."""
    tx.run(
        "UPDATE guest_units SET primary_person_id = :person, version = version + 1 "
        "WHERE wedding_id = :wedding AND id = :unit",
        unit=unit_id,
        person=person_id,
    )


@dataclass(frozen=True)
class Removed:
    """Somebody who was removed. ``unit_id``: the household they were in; None when they were in none."""

    id: uuid.UUID
    number: int
    full_name: str
    removed_at: datetime | None
    erased_at: datetime | None
    unit_id: uuid.UUID | None
    was_primary: bool
    invitations: Sequence[Sequence[object]]


def find_removed(tx: Transaction, handle: Handle, sides: Sequence[str] | None) -> Removed | None:
    """The person of this ref or id, merges followed, removed or not; None when there is none."""
    condition, values = refs.named(handle)
    row = tx.row(
        "SELECT p.id, p.number, p.full_name, p.removed_at, p.erased_at, r.unit_id, "
        "coalesce(r.was_primary, false) AS was_primary, "
        "coalesce((SELECT jsonb_agg(i) FROM removals k CROSS JOIN LATERAL jsonb_array_elements(k.invitations) AS i "
        "WHERE k.wedding_id = :wedding AND k.unit_id = r.unit_id), '[]') AS invitations FROM people p "
        "LEFT JOIN removals r ON r.wedding_id = p.wedding_id AND r.person_id = p.id "
        "WHERE p.wedding_id = :wedding AND p.id = (SELECT coalesce(merged_into, id) FROM people "
        f"WHERE wedding_id = :wedding AND {condition}) "
        "AND (CAST(:sides AS text[]) IS NULL OR p.side = ANY(:sides))"
        if condition != "false"
        else "SELECT 1 FROM people p WHERE p.wedding_id = :wedding AND false AND CAST(:sides AS text[]) IS NULL",
        sides=list(sides) if sides is not None else None,
        **values,
    )
    return Removed(**dict(row)) if row else None


def restore(tx: Transaction, person: Removed) -> None:
    """Bring a person back, into the household they were in, and that household back if it went with them."""
    tx.run(
        "UPDATE people SET removed_at = NULL, updated_at = :now, version = version + 1 "
        "WHERE wedding_id = :wedding AND id = :id",
        id=person.id,
    )
    if person.unit_id is None:
        return
    tx.run(
        "UPDATE guest_units SET removed_at = NULL, version = version + 1 WHERE wedding_id = :wedding AND id = :unit "
        "AND removed_at IS NOT NULL",
        unit=person.unit_id,
    )
    tx.run(
        "INSERT INTO guest_unit_members (wedding_id, person_id, unit_id, position, takes_seat) "
        "SELECT wedding_id, person_id, unit_id, position, takes_seat FROM removals "
        "WHERE wedding_id = :wedding AND person_id = :id ON CONFLICT (person_id) DO NOTHING",
        id=person.id,
    )
    _invite_again(tx, person)
    # Whoever led the household after them led it in their place only.
    tx.run(
        "UPDATE removals r SET was_primary = false FROM people p WHERE r.wedding_id = :wedding AND r.unit_id = :unit "
        "AND p.wedding_id = :wedding AND p.id = r.person_id AND :led AND p.removed_at > :since",
        unit=person.unit_id,
        led=person.was_primary,
        since=person.removed_at,
    )
    tx.run("DELETE FROM removals WHERE wedding_id = :wedding AND person_id = :id", id=person.id)


def _invite_again(tx: Transaction, person: Removed) -> None:
    seats: Mapping[str, object] = {str(event): count for event, count in person.invitations}
    rows = tx.rows(
        "INSERT INTO invitations (wedding_id, unit_id, event_id, seats) SELECT :wedding, :unit, e.id, t.seats "
        "FROM unnest(CAST(:events AS uuid[]), CAST(:seats AS int[])) AS t(event, seats) "
        "JOIN events e ON e.wedding_id = :wedding AND e.id = t.event ORDER BY e.id "
        "ON CONFLICT (wedding_id, unit_id, event_id) DO NOTHING RETURNING event_id",
        unit=person.unit_id,
        events=list(seats),
        seats=list(seats.values()),
    )
    tx.touch_counts(row["event_id"] for row in rows)
    tx.run(
        "UPDATE removals SET invitations = '[]' WHERE wedding_id = :wedding AND unit_id = :unit",
        unit=person.unit_id,
    )
