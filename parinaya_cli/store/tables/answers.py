"""Answers, consent, conversations, the inbox: what guests said."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class AnswerRow(SQLModel, table=True):
    """What one guest unit said for one event; only ever added."""

    __tablename__ = "rsvp_responses"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("unit_id", "guest_units"),
        base.bound("event_id", "events"),
        UniqueConstraint("wedding_id", "event_id", "unit_id", "source_key"),
        CheckConstraint("status IN ('yes', 'no', 'maybe')", name="status_1"),
        CheckConstraint("heads IS NULL OR heads BETWEEN 0 AND 500", name="heads"),
        Index(None, "wedding_id", "event_id", "unit_id", "given_at"),
        Index(None, "wedding_id", "event_id", "recorded_at"),
        Index(None, "wedding_id", "unit_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    unit_id: uuid.UUID = Field(sa_column=base.reference("unit_id"))
    event_id: uuid.UUID = Field(sa_column=base.reference("event_id"))
    status: str = Field(sa_column=base.words("status", default=None))
    heads: int | None = Field(sa_column=Column(Integer(), nullable=True))
    adults: int | None = Field(sa_column=Column(Integer(), nullable=True))
    children: int | None = Field(sa_column=Column(Integer(), nullable=True))
    requested_heads: int | None = Field(sa_column=Column(Integer(), nullable=True))
    diets: Any = Field(sa_column=base.document("diets"))
    note: str = Field(sa_column=base.words("note"))
    channel: str = Field(sa_column=base.words("channel", default=None))
    source: str = Field(sa_column=base.words("source", default=None))
    source_key: str = Field(sa_column=base.words("source_key", default=None))
    actor: str = Field(sa_column=base.words("actor"))
    given_at: datetime = Field(sa_column=base.moment("given_at", required=True))
    recorded_at: datetime = Field(sa_column=base.moment("recorded_at", now=True))


class ConsentEntryRow(SQLModel, table=True):
    """One entry of the consent ledger; only ever added. A retraction takes the attestation of an import back."""

    __tablename__ = "consent_ledger"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("contact_point_id", "contact_points"),
        UniqueConstraint("wedding_id", "contact_point_id", "source_key"),
        CheckConstraint("kind IN ('opt-in', 'opt-out', 'retraction')", name="kind_1"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    contact_point_id: uuid.UUID = Field(sa_column=base.reference("contact_point_id"))
    kind: str = Field(sa_column=base.words("kind", default=None))
    effective_at: datetime = Field(sa_column=base.moment("effective_at", required=True))
    recorded_at: datetime = Field(sa_column=base.moment("recorded_at", now=True))
    source: str = Field(sa_column=base.words("source", default=None))
    source_key: str = Field(sa_column=base.words("source_key", default=None))
    evidence: str = Field(sa_column=base.words("evidence"))
    actor: str = Field(sa_column=base.words("actor"))


class ConversationRow(SQLModel, table=True):
    """Where the conversation with one contact point stands: the question that is open, the line that was sent."""

    __tablename__ = "conversations"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("contact_point_id", "contact_points"),
        base.bound("unit_id", "guest_units"),
        Index(None, "unit_id"),
    )
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    contact_point_id: uuid.UUID = Field(sa_column=Column("contact_point_id", Uuid(), primary_key=True))
    unit_id: uuid.UUID | None = Field(sa_column=base.reference("unit_id", required=False))
    question: Any = Field(sa_column=base.document("question", "null"))
    heard_at: datetime | None = Field(sa_column=base.moment("heard_at"))
    courtesy_at: datetime | None = Field(sa_column=base.moment("courtesy_at"))


class InboundMessageRow(SQLModel, table=True):
    """Every message that a guest sent, in the provider's time."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        base.bound("contact_point_id", "contact_points"),
        base.bound("unit_id", "guest_units"),
        UniqueConstraint("message_id"),
        Index(None, "contact_point_id", "at"),
        Index(None, "unit_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    contact_point_id: uuid.UUID = Field(sa_column=base.reference("contact_point_id"))
    unit_id: uuid.UUID | None = Field(sa_column=base.reference("unit_id", required=False))
    message_id: str = Field(sa_column=base.words("message_id", default=None))
    context_id: str | None = Field(sa_column=base.words("context_id", required=False))
    kind: str = Field(sa_column=base.words("kind", default=None))
    body: str = Field(sa_column=base.words("body"))
    payload: str = Field(sa_column=base.words("payload"))
    profile_name: str = Field(sa_column=base.words("profile_name"))
    at: datetime = Field(sa_column=base.moment("at", required=True))
    received_at: datetime = Field(sa_column=base.moment("received_at", now=True))


class InboxItemRow(SQLModel, table=True):
    """What needs a human: a message, or what a household asks for on its page (``unit_id``)."""

    __tablename__ = "inbox_items"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        base.bound("inbound_id", "inbound_messages"),
        base.bound("unit_id", "guest_units"),
        UniqueConstraint("wedding_id", "number"),
        UniqueConstraint("inbound_id"),
        CheckConstraint("state IN ('open', 'closed')", name="state_1"),
        CheckConstraint("(inbound_id IS NULL) <> (unit_id IS NULL)", name="from_somebody"),
        Index(None, "unit_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    inbound_id: uuid.UUID | None = Field(sa_column=base.reference("inbound_id", required=False))
    unit_id: uuid.UUID | None = Field(sa_column=base.reference("unit_id", required=False))
    why: str = Field(sa_column=base.words("why", default=None))
    state: str = Field(sa_column=Column("state", Text(), nullable=False, server_default=text("'open'")))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    closed_at: datetime | None = Field(sa_column=base.moment("closed_at"))
