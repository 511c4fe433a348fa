"""Guest lists: which households are invited to which events, with how many seats."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store.counts import NEWEST_ANSWER
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Selection:
    """Which households are meant: ``everyone``, these ``units``, and those that are of ``side`` and have ``tag``.

    Nothing set selects nobody.
    """

    everyone: bool = False
    side: str | None = None
    tag: str | None = None
    units: Sequence[uuid.UUID] = ()


@dataclass(frozen=True)
class Invited:
    """One household on one guest list, with where it stands: its answer, else its newest message."""

    unit_number: int
    label: str
    event: str
    seats: int
    state: str

    @property
    def unit(self) -> str:
        """The ref of the household."""
        return make_ref(Kind.UNIT, self.unit_number)


def add(
    tx: Transaction, event_ids: Sequence[uuid.UUID], wanted: Selection, seats: int | None
) -> tuple[list[uuid.UUID], int]:
    """Put the selected households on guest lists; returns the new invitations' units, and how many were there.

    Seats are those of the household unless ``seats`` is given. A household on either side of the wedding
    belongs to the lists of its side; one of both sides to each. New seats for invitations that exist are set
    when ``seats`` is given.
    """
    values: dict[str, object] = {
        "events": list(event_ids),
        "everyone": wanted.everyone,
        "side": wanted.side,
        "tag": wanted.tag,
        "units": list(wanted.units),
        "seats": seats,
    }
    chosen = """
        SELECT u.id, u.extra_seats + (SELECT count(*) FROM guest_unit_members m
                 WHERE m.wedding_id = u.wedding_id AND m.unit_id = u.id AND m.takes_seat)::int AS seats
          FROM guest_units u
         WHERE u.wedding_id = :wedding AND u.removed_at IS NULL
           AND (:everyone OR u.id = ANY(:units)
                OR ((CAST(:side AS text) IS NOT NULL OR CAST(:tag AS text) IS NOT NULL)
                    AND (CAST(:side AS text) IS NULL OR u.side IN (:side, 'both'))
                    AND (CAST(:tag AS text) IS NULL OR :tag = ANY(u.tags))))
    """
    # No household is merged away, or removed, while it is put on a list.
    tx.row("SELECT 1 FROM weddings WHERE id = :wedding FOR NO KEY UPDATE")
    there: int = tx.value(
        f"SELECT count(*) FROM ({chosen}) c JOIN invitations i ON i.wedding_id = :wedding AND i.unit_id = c.id "
        "AND i.event_id = ANY(:events)",
        **values,
    )
    added = tx.rows(
        f"INSERT INTO invitations (wedding_id, unit_id, event_id, seats) "
        f"SELECT :wedding, c.id, e, coalesce(:seats, c.seats) FROM ({chosen}) c CROSS JOIN unnest("
        "CAST(:events AS uuid[])) AS e ORDER BY c.id, e "
        "ON CONFLICT (wedding_id, unit_id, event_id) DO NOTHING RETURNING unit_id",
        **values,
    )
    if seats is not None:
        tx.run(
            f"UPDATE invitations i SET seats = :seats FROM ({chosen}) c WHERE i.wedding_id = :wedding "
            "AND i.unit_id = c.id AND i.event_id = ANY(:events) AND i.seats <> :seats",
            **values,
        )
    tx.renew_statistics(len(added), "invitations")
    tx.touch_counts(event_ids)
    return [row["unit_id"] for row in added], there


def remove(tx: Transaction, event_id: uuid.UUID, unit_id: uuid.UUID) -> int | None:
    """Take a household off a guest list; returns the seats it had, None when it was not on it."""
    seats: int | None = tx.value(
        "DELETE FROM invitations WHERE wedding_id = :wedding AND event_id = :event AND unit_id = :unit "
        "RETURNING seats",
        event=event_id,
        unit=unit_id,
    )
    tx.touch_counts([event_id])
    return seats


def seats_of(tx: Transaction, event_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The seats given so far for each of these events."""
    rows = tx.rows(
        "SELECT event_id, coalesce(sum(seats), 0)::int AS seats FROM invitations "
        "WHERE wedding_id = :wedding AND event_id = ANY(:events) GROUP BY event_id",
        events=list(event_ids),
    )
    return {row["event_id"]: row["seats"] for row in rows}


def list_invited(
    tx: Transaction, event_id: uuid.UUID | None, sides: Sequence[str] | None = None
) -> list[Invited]:
    """Who is on the guest lists; ``state`` is the answer, else the state of the newest message, else ``not_sent``."""
    rows = tx.rows(
        f"""
        SELECT u.number AS unit_number, u.label, e.slug AS event, i.seats,
               coalesce(a.status, d.state, 'not_sent') AS state
          FROM invitations i
          JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
          JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
          {NEWEST_ANSWER}
          LEFT JOIN LATERAL (SELECT d.state FROM invite_dispatch d
                WHERE d.wedding_id = i.wedding_id AND i.event_id = ANY(d.events)
                  AND d.unit_id = ANY(ARRAY(SELECT g.id FROM guest_units g WHERE g.wedding_id = i.wedding_id
                                               AND g.merged_into = i.unit_id) || i.unit_id)
                  AND d.kind = 'template' ORDER BY d.created_at DESC, d.id DESC LIMIT 1) d ON true
         WHERE i.wedding_id = :wedding AND (CAST(:event AS uuid) IS NULL OR i.event_id = :event)
           AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
         ORDER BY e.starts_at, u.number
        """,
        event=event_id,
        sides=list(sides) if sides is not None else None,
    )
    return [Invited(**dict(row)) for row in rows]


def add_wanted(tx: Transaction) -> int:
    """Put households on the guest lists that the imported lists name for their members; returns how many.

    ``all`` among a person's events stands for every event of both families and of their own side. What a list says is
    carried out once for each person and event: a household that was taken off a list by hand, or that somebody left
    for another one, is not put on it again.
    """
    rows = tx.rows(
        """
        WITH wished AS (
            SELECT p.id AS person_id, u.id AS unit_id, e.id AS event_id, u.extra_seats +
                   (SELECT count(*) FROM guest_unit_members s
                     WHERE s.wedding_id = u.wedding_id AND s.unit_id = u.id AND s.takes_seat)::int AS seats
              FROM people p
              JOIN guest_unit_members m ON m.wedding_id = p.wedding_id AND m.person_id = p.id
              JOIN guest_units u ON u.wedding_id = m.wedding_id AND u.id = m.unit_id
              JOIN events e ON e.wedding_id = p.wedding_id AND (e.slug = ANY(p.events) OR 'all' = ANY(p.events)
                    AND e.cancelled_at IS NULL AND (e.side IS NULL OR e.side = 'both' OR u.side IN ('both', e.side)))
             WHERE p.wedding_id = :wedding AND p.removed_at IS NULL AND cardinality(p.events) > 0
               AND e.id <> ALL(p.events_listed) AND NOT EXISTS (SELECT 1 FROM people a
                    WHERE a.wedding_id = p.wedding_id AND a.merged_into = p.id AND e.id = ANY(a.events_listed))
        ), told AS (
            UPDATE people p SET events_listed = p.events_listed || w.listed
              FROM (SELECT person_id, array_agg(event_id) AS listed FROM wished GROUP BY person_id) w
             WHERE p.wedding_id = :wedding AND p.id = w.person_id
        )
        INSERT INTO invitations (wedding_id, unit_id, event_id, seats)
        SELECT DISTINCT CAST(:wedding AS uuid), unit_id, event_id, seats FROM wished
        ON CONFLICT (wedding_id, unit_id, event_id) DO NOTHING RETURNING event_id
        """
    )
    tx.touch_counts({row["event_id"] for row in rows})
    return len(rows)


def events_of(tx: Transaction, unit_id: uuid.UUID) -> list[uuid.UUID]:
    """The events that a household is invited to."""
    rows = tx.rows(
        "SELECT event_id FROM invitations WHERE wedding_id = :wedding AND unit_id = :unit ORDER BY event_id",
        unit=unit_id,
    )
    return [row["event_id"] for row in rows]
