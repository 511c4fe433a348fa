"""People, their contact points, and where each of them came from."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class PersonRow(SQLModel, table=True):
    """One human being. A merged person stays as an alias (``merged_into``); a removed one keeps its row."""

    __tablename__ = "people"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        base.bound("merged_into", "people"),
        base.bound("import_id", "imports"),
        UniqueConstraint("wedding_id", "number"),
        CheckConstraint("side IS NULL OR side IN ('bride', 'groom', 'both')", name="side_1"),
        Index(None, "folded", postgresql_using="gin", postgresql_ops={"folded": "gin_trgm_ops"}),
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
    import_id: uuid.UUID | None = Field(sa_column=base.reference("import_id", required=False))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    updated_at: datetime = Field(sa_column=base.moment("updated_at", now=True))
    version: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("1")))


class ContactPointRow(SQLModel, table=True):
    """A phone number, a WhatsApp user id or an email. It can belong to several people.

    ``value`` is E.164 for phones that could be read, the raw text for those that could not (``impossible``).
    ``consent`` is the fold of the consent ledger, kept in the transaction of each entry.
    """

    __tablename__ = "contact_points"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        UniqueConstraint("wedding_id", "kind", "value"),
        CheckConstraint("kind IN ('phone', 'user_id', 'email')", name="kind_1"),
        CheckConstraint("state IN ('valid', 'guessed_region', 'landline', 'impossible')", name="state_1"),
        CheckConstraint("consent IN ('none', 'opted_in', 'opted_out')", name="consent_1"),
        Index(None, "value"),
        Index(None, "wa_id", postgresql_where=text("wa_id IS NOT NULL")),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    kind: str = Field(sa_column=base.words("kind", default=None))
    value: str = Field(sa_column=base.words("value", default=None))
    state: str = Field(sa_column=base.words("state", default="valid"))
    country: str = Field(sa_column=base.words("country"))
    wa_id: str | None = Field(sa_column=base.words("wa_id", required=False))
    consent: str = Field(sa_column=base.words("consent", default="none"))
    not_on_whatsapp_at: datetime | None = Field(sa_column=base.moment("not_on_whatsapp_at"))
    cooling_until: datetime | None = Field(sa_column=base.moment("cooling_until"))
    last_sent_at: datetime | None = Field(sa_column=base.moment("last_sent_at"))
    last_inbound_at: datetime | None = Field(sa_column=base.moment("last_inbound_at"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))


class PersonContactRow(SQLModel, table=True):
    """A contact point of a person, as the family wrote it (``raw``); position 0 is the primary one."""

    __tablename__ = "person_contacts"
    __table_args__ = (
        base.wedding_bond(),
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
    """A row of a family's list that became (part of) a person: what makes a second import idempotent."""

    __tablename__ = "person_sources"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("person_id", "people"),
        base.bound("import_id", "imports"),
        Index(None, "person_id"),
    )
    wedding_id: uuid.UUID = Field(sa_column=Column("wedding_id", Uuid(), primary_key=True))
    source: str = Field(sa_column=Column("source", Text(), primary_key=True))
    row_key: str = Field(sa_column=Column("row_key", Text(), primary_key=True))
    person_id: uuid.UUID = Field(sa_column=base.reference("person_id"))
    import_id: uuid.UUID = Field(sa_column=base.reference("import_id"))
    external_id: str = Field(sa_column=base.words("external_id"))
    line: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    digest: str = Field(sa_column=base.words("digest"))
    content: Any = Field(sa_column=base.document("content"))


class ImportRow(SQLModel, table=True):
    """One import: one batch that can be taken back while nothing else has built on it."""

    __tablename__ = "imports"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        UniqueConstraint("wedding_id", "number"),
        CheckConstraint("state IN ('running', 'done', 'failed', 'undone')", name="state_1"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    source: str = Field(sa_column=base.words("source", default=None))
    kind: str = Field(sa_column=base.words("kind", default="csv"))
    state: str = Field(sa_column=base.words("state", default="running"))
    rows: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    created: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    updated: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    unchanged: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    rejected: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    rejects_file: str = Field(sa_column=base.words("rejects_file"))
    opt_in: str = Field(sa_column=base.words("opt_in"))
    actor: str = Field(sa_column=base.words("actor"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    undone_at: datetime | None = Field(sa_column=base.moment("undone_at"))
