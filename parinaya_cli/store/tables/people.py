"""People, their contact points, and where each of them came from."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    literal_column,
    text,
)
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class PersonRow(SQLModel, table=True):
    """One human being. A merged person stays as an alias (``merged_into``); a removed one keeps its row.

    An erased person (``erased_at``) is removed too; what is left of it says nothing about anybody.
    """

    __tablename__ = "people"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        base.bound("merged_into", "people"),
        base.bound("import_id", "imports"),
        UniqueConstraint("wedding_id", "number"),
        CheckConstraint("side IS NULL OR side IN ('bride', 'groom', 'both')", name="side_1"),
        Index(None, "wedding_id", "folded"),
        Index(None, "import_id"),
        Index(None, "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index(None, "erased_at", postgresql_where=text("erased_at IS NOT NULL")),
        Index(None, "tags", postgresql_using="gin"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    full_name: str = Field(sa_column=base.words("full_name"))
    honorific: str = Field(sa_column=base.words("honorific"))
    given_name: str = Field(sa_column=base.words("given_name"))
    family_name: str = Field(sa_column=base.words("family_name"))
    folded: str = Field(sa_column=base.words("folded"))
    city: str = Field(sa_column=base.words("city"))
    side: str | None = Field(sa_column=base.words("side", required=False))
    language: str | None = Field(sa_column=base.words("language", required=False))
    tags: Any = Field(sa_column=base.tags())
    events: Any = Field(sa_column=base.tags("events"))
    events_listed: Any = Field(sa_column=base.ids("events_listed"))
    notes: str = Field(sa_column=base.words("notes"))
    extra: Any = Field(sa_column=base.document("extra"))
    household: str = Field(sa_column=base.words("household"))
    household_source: str = Field(sa_column=base.words("household_source"))
    party_size: int | None = Field(sa_column=Column(Integer(), nullable=True))
    extra_seats: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    do_not_message_at: datetime | None = Field(sa_column=base.moment("do_not_message_at"))
    do_not_message_reason: str = Field(sa_column=base.words("do_not_message_reason"))
    merged_into: uuid.UUID | None = Field(sa_column=base.reference("merged_into", required=False))
    removed_at: datetime | None = Field(sa_column=base.moment("removed_at"))
    erased_at: datetime | None = Field(sa_column=base.moment("erased_at"))
    import_id: uuid.UUID | None = Field(sa_column=base.reference("import_id", required=False))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    updated_at: datetime = Field(sa_column=base.moment("updated_at", now=True))
    version: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("1")))


class ContactPointRow(SQLModel, table=True):
    """A phone number, a WhatsApp user id or an email. It can belong to several people.

    ``value`` is E.164 for phones that could be read, the raw text for those that could not (``impossible``).
    ``consent`` is the fold of the consent ledger, kept in the transaction of each entry. ``wa_id`` and ``wa_user``:
    the number and the business-scoped user id under which WhatsApp knows a phone, the latter as of ``wa_user_at``.
    """

    __tablename__ = "contact_points"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        UniqueConstraint("wedding_id", "kind", "value"),
        CheckConstraint("kind IN ('phone', 'user_id', 'email')", name="kind_1"),
        CheckConstraint("state IN ('valid', 'guessed_region', 'landline', 'impossible')", name="state_1"),
        CheckConstraint("consent IN ('none', 'opted_in', 'opted_out')", name="consent_1"),
        Index(None, "value", postgresql_ops={"value": "text_pattern_ops"}),
        Index(
            "ix_contact_points_reversed",
            literal_column("reverse(value)").label("reversed"),
            postgresql_ops={"reversed": "text_pattern_ops"},
            postgresql_where=text("kind = 'phone'"),
        ),
        Index(None, "wa_id", postgresql_where=text("wa_id IS NOT NULL")),
        Index(None, "wa_user", postgresql_where=text("wa_user IS NOT NULL")),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    kind: str = Field(sa_column=base.words("kind", default=None))
    value: str = Field(sa_column=base.words("value", default=None))
    state: str = Field(sa_column=base.words("state", default="valid"))
    country: str = Field(sa_column=base.words("country"))
    wa_id: str | None = Field(sa_column=base.words("wa_id", required=False))
    wa_user: str | None = Field(sa_column=base.words("wa_user", required=False))
    wa_user_at: datetime | None = Field(sa_column=base.moment("wa_user_at"))
    consent: str = Field(sa_column=base.words("consent", default="none"))
    not_on_whatsapp_at: datetime | None = Field(sa_column=base.moment("not_on_whatsapp_at"))
    cooling_until: datetime | None = Field(sa_column=base.moment("cooling_until"))
    last_sent_at: datetime | None = Field(sa_column=base.moment("last_sent_at"))
    last_inbound_at: datetime | None = Field(sa_column=base.moment("last_inbound_at"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))


class PersonContactRow(SQLModel, table=True):
    """A contact point of a person, as the family wrote it (``raw``); position 0 is the primary one.

    The keys to the person and to the contact point hold the wedding too, so that it needs no bond of its own.
    """

    __tablename__ = "person_contacts"
    __table_args__ = (
        base.bound("person_id", "people"),
        base.bound("contact_point_id", "contact_points"),
        Index(None, "contact_point_id"),
    )
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    person_id: uuid.UUID = Field(sa_column=Column("person_id", Uuid(), primary_key=True))
    contact_point_id: uuid.UUID = Field(sa_column=Column("contact_point_id", Uuid(), primary_key=True))
    position: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    raw: str = Field(sa_column=base.words("raw"))


class PersonSourceRow(SQLModel, table=True):
    """A row of a family's list that became (part of) a person: what makes a second import idempotent.

    ``content``: what the list said the last time; what differs from it now was changed in parinaya.
    ``gone_at``: since when the list does not name the person any more; that removes nobody. ``origin_id``: whom the row
    named before they were merged into the person.
    """

    __tablename__ = "person_sources"
    __table_args__ = (
        base.bound("person_id", "people"),
        base.bound("import_id", "imports"),
        base.bound("origin_id", "people"),
        Index(None, "person_id"),
        Index(None, "origin_id", postgresql_where=text("origin_id IS NOT NULL")),
    )
    wedding_id: uuid.UUID = Field(sa_column=Column("wedding_id", Uuid(), primary_key=True))
    source: str = Field(sa_column=Column("source", Text(), primary_key=True))
    row_key: str = Field(sa_column=Column("row_key", Text(), primary_key=True))
    person_id: uuid.UUID = Field(sa_column=base.reference("person_id"))
    origin_id: uuid.UUID | None = Field(sa_column=base.reference("origin_id", required=False))
    import_id: uuid.UUID = Field(sa_column=base.reference("import_id"))
    external_id: str = Field(sa_column=base.words("external_id"))
    line: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    digest: str = Field(sa_column=base.words("digest"))
    content: Any = Field(sa_column=base.document("content"))
    gone_at: datetime | None = Field(sa_column=base.moment("gone_at"))


class FoldedNameRow(SQLModel, table=True):
    """Each folded name once, with the looser key by which it is searched.

    A million people have some ten thousand names: looking there first is what makes the search quick.
    """

    __tablename__ = "folded_names"
    __table_args__ = (
        base.wedding_bond(),
        Index(None, "key", postgresql_using="gin", postgresql_ops={"key": "gin_trgm_ops"}),
    )
    wedding_id: uuid.UUID = Field(sa_column=Column("wedding_id", Uuid(), primary_key=True))
    folded: str = Field(sa_column=Column("folded", Text(), primary_key=True))
    key: str = Field(sa_column=base.words("key", default=None))


class RemovalRow(SQLModel, table=True):
    """What the removal of a person took apart, so that a restore puts it together again; gone with the restore.

    ``invitations``: the events and seats of a household that was removed with its last member.
    """

    __tablename__ = "removals"
    __table_args__ = (
        base.bound("person_id", "people"),
        base.bound("unit_id", "guest_units"),
        Index(None, "unit_id"),
    )
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    person_id: uuid.UUID = Field(sa_column=Column("person_id", Uuid(), primary_key=True))
    unit_id: uuid.UUID = Field(sa_column=base.reference("unit_id"))
    position: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    takes_seat: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("true")))
    was_primary: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    invitations: Any = Field(sa_column=base.document("invitations", "[]"))


class ErasureRow(SQLModel, table=True):
    """A contact point, or a row of a list, of somebody who was forgotten: a keyed hash, and nothing else.

    No list brings them back unnoticed. See ``store/erasures.py`` for what is hashed.
    """

    __tablename__ = "erasures"
    __table_args__ = (base.wedding_bond(),)
    wedding_id: uuid.UUID = Field(sa_column=Column("wedding_id", Uuid(), primary_key=True))
    hash: bytes = Field(sa_column=Column("hash", LargeBinary(), primary_key=True))
    erased_at: datetime = Field(sa_column=base.moment("erased_at", now=True))
