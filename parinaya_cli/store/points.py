"""Contact points as WhatsApp shows them: numbers, user ids, and which of them are one guest's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain import wa_ids
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Seen:
    """The business-scoped user id under which a phone was seen at some time."""

    contact_point_id: uuid.UUID
    user_id: str
    at: datetime


@dataclass(frozen=True)
class Joined:
    """A phone of whose owner the user id has become known; ``user_point_id``: where they wrote under it alone."""

    wedding_id: uuid.UUID
    phone_id: uuid.UUID
    user_point_id: uuid.UUID | None


def lock(tx: Transaction, phones: Sequence[str], user_ids: Sequence[str]) -> None:
    """Lock every contact point that a message of these senders may concern, in the order in which all lock them."""
    known = sorted({form for phone in phones for form in wa_ids.forms(phone)})
    tx.across.run(
        "SELECT count(*) FROM (SELECT 1 FROM contact_points WHERE (kind = 'phone' AND (value = ANY(:phones) "
        "OR wa_id = ANY(:wa_ids) OR wa_user = ANY(:users))) OR (kind = 'user_id' AND value = ANY(:users)) "
        "ORDER BY id FOR UPDATE) locked",
        phones=known,
        wa_ids=[phone.removeprefix("+") for phone in known],
        users=sorted(set(user_ids)),
    )


def learn(tx: Transaction, seen: Sequence[Seen]) -> list[Joined]:
    """Write down user ids of phones, in any wedding: the newest by the provider's time. Returns what was new.

    Nothing is locked where nothing is new.
    """
    values: dict[str, object] = {
        "ids": [one.contact_point_id for one in seen],
        "users": [one.user_id for one in seen],
        "times": [one.at for one in seen],
    }
    latest = (
        "SELECT DISTINCT ON (id) id, user_id, at FROM unnest(CAST(:ids AS uuid[]), CAST(:users AS text[]), "
        "CAST(:times AS timestamptz[])) AS u(id, user_id, at) ORDER BY id, at DESC, user_id DESC"
    )
    strange = (
        "c.kind = 'phone' AND c.wa_user IS DISTINCT FROM s.user_id AND (c.wa_user_at IS NULL "
        "OR (c.wa_user_at, coalesce(c.wa_user, '')) < (s.at, s.user_id))"
    )
    found = tx.across.rows(
        f"SELECT c.id FROM ({latest}) s JOIN contact_points c ON c.id = s.id WHERE {strange} "
        "ORDER BY c.id FOR UPDATE OF c",
        **values,
    )
    if not found:
        return []
    rows = tx.across.rows(
        f"UPDATE contact_points c SET wa_user = s.user_id, wa_user_at = s.at FROM ({latest}) s WHERE c.id = s.id "
        f"AND {strange} RETURNING c.wedding_id, c.id AS phone_id, (SELECT u.id FROM contact_points u "
        "WHERE u.wedding_id = c.wedding_id AND u.kind = 'user_id' AND u.value = s.user_id) AS user_point_id",
        **values,
    )
    return sorted((Joined(**dict(row)) for row in rows), key=lambda one: one.phone_id)


def phones_of(tx: Transaction, phone: str) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """The contact points of a number in any wedding, in whichever form: pairs of wedding and contact point."""
    known = wa_ids.forms(phone)
    rows = tx.across.rows(
        "SELECT wedding_id, id FROM contact_points WHERE kind = 'phone' AND (value = ANY(:phones) "
        "OR wa_id = ANY(:wa_ids)) ORDER BY wedding_id, id",
        phones=list(known),
        wa_ids=[one.removeprefix("+") for one in known],
    )
    return [(row["wedding_id"], row["id"]) for row in rows]


def users_of(tx: Transaction, user_id: str) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """The contact points in any wedding that are a user id."""
    rows = tx.across.rows(
        "SELECT wedding_id, id FROM contact_points WHERE kind = 'user_id' AND value = :user ORDER BY wedding_id, id",
        user=user_id,
    )
    return [(row["wedding_id"], row["id"]) for row in rows]


def people_of(tx: Transaction, contact_point_id: uuid.UUID) -> list[uuid.UUID]:
    """Whom a contact point belongs to."""
    rows = tx.rows(
        "SELECT pc.person_id FROM person_contacts pc JOIN people p ON p.wedding_id = pc.wedding_id "
        "AND p.id = pc.person_id WHERE pc.wedding_id = :wedding AND pc.contact_point_id = :point "
        "AND p.removed_at IS NULL ORDER BY pc.person_id",
        point=contact_point_id,
    )
    return [row["person_id"] for row in rows]


def has(tx: Transaction, person_id: uuid.UUID, contact_point_id: uuid.UUID) -> bool:
    """Does a contact point belong to somebody?"""
    return contact_point_id in {
        row["contact_point_id"]
        for row in tx.rows(
            "SELECT contact_point_id FROM person_contacts WHERE wedding_id = :wedding AND person_id = :person",
            person=person_id,
        )
    }


def is_primary(tx: Transaction, person_id: uuid.UUID, contact_point_id: uuid.UUID) -> bool:
    """Is it the phone of somebody that messages go to?"""
    found: bool = tx.value(
        "SELECT NOT EXISTS (SELECT 1 FROM person_contacts o JOIN contact_points c ON c.wedding_id = o.wedding_id "
        "AND c.id = o.contact_point_id AND c.kind = 'phone' JOIN person_contacts mine "
        "ON mine.wedding_id = o.wedding_id AND mine.person_id = o.person_id AND mine.contact_point_id = :point "
        "WHERE o.wedding_id = :wedding AND o.person_id = :person AND o.position < mine.position)",
        person=person_id,
        point=contact_point_id,
    )
    return found


def bump(tx: Transaction, person_ids: Sequence[uuid.UUID]) -> None:
    """These people were changed: whoever has looked at them looks again."""
    tx.run(
        "UPDATE people SET version = version + 1, updated_at = :now WHERE wedding_id = :wedding AND id = ANY(:ids)",
        ids=sorted(person_ids),
    )


def take_over(tx: Transaction, user_point_id: uuid.UUID, phone_id: uuid.UUID) -> None:
    """What was said under a user id goes on under the phone: messages, the open question, the window."""
    both: dict[str, object] = {"old": user_point_id, "new": phone_id}
    tx.run(
        "UPDATE inbound_messages SET contact_point_id = :new WHERE wedding_id = :wedding AND contact_point_id = :old",
        **both,
    )
    tx.run(
        "UPDATE conversations SET contact_point_id = :new WHERE wedding_id = :wedding AND contact_point_id = :old "
        "AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.wedding_id = :wedding AND c.contact_point_id = :new)",
        **both,
    )
    tx.run(
        "UPDATE contact_points p SET last_inbound_at = greatest(p.last_inbound_at, u.last_inbound_at) "
        "FROM contact_points u WHERE u.wedding_id = :wedding AND u.id = :old AND p.wedding_id = :wedding "
        "AND p.id = :new",
        **both,
    )


def sent_to(tx: Transaction, message_id: str) -> uuid.UUID | None:
    """The contact point to which a message of ours was sent, in any wedding."""
    found: uuid.UUID | None = tx.across.value(
        "SELECT contact_point_id FROM invite_dispatch WHERE wamid = :wamid", wamid=message_id
    )
    return found


def forget_user(tx: Transaction, contact_point_id: uuid.UUID, at: datetime) -> None:
    """The owner of a phone has moved to another one: whoever has it next is somebody else."""
    tx.run(
        "UPDATE contact_points SET wa_user = NULL, wa_user_at = :at WHERE wedding_id = :wedding AND id = :id "
        "AND (wa_user_at IS NULL OR wa_user_at <= :at)",
        id=contact_point_id,
        at=at,
    )


def rename_user(tx: Transaction, before: str, after: str, at: datetime) -> int:
    """A user id has changed: whoever was known by the one is known by the other, in any wedding."""
    phones = tx.across.run(
        "UPDATE contact_points SET wa_user = :after, wa_user_at = :at WHERE kind = 'phone' AND wa_user = :before "
        "AND (wa_user_at IS NULL OR wa_user_at <= :at)",
        before=before,
        after=after,
        at=at,
    )
    return phones + tx.across.run(
        "UPDATE contact_points c SET value = :after WHERE kind = 'user_id' AND value = :before AND NOT EXISTS ("
        "SELECT 1 FROM contact_points o WHERE o.wedding_id = c.wedding_id AND o.kind = 'user_id' AND o.value = :after)",
        before=before,
        after=after,
    )
