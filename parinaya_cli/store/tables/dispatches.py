"""Batches, dispatches and what became of each message."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base

STATES = (
    "'planned', 'queued', 'sending', 'accepted', 'sent', 'delivered', 'read', "
    "'failed', 'unknown', 'skipped', 'cancelled'"
)


def _events() -> Column[Any]:
    return Column("events", ARRAY(Uuid()), nullable=False, server_default=text("'{}'"))


class BatchRow(SQLModel, table=True):
    """One run of `invite send`, `invite remind` or `invite test`."""

    __tablename__ = "batches"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        UniqueConstraint("wedding_id", "number"),
        CheckConstraint("kind IN ('send', 'remind', 'test')", name="kind_1"),
        CheckConstraint("state IN ('running', 'paused', 'cancelled', 'done')", name="state_1"),
        CheckConstraint("on_unknown IN ('hold', 'give-up', 'resend')", name="on_unknown_1"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    kind: str = Field(sa_column=base.words("kind", default="send"))
    state: str = Field(sa_column=base.words("state", default="running"))
    why_paused: str = Field(sa_column=base.words("why_paused"))
    template: str = Field(sa_column=base.words("template", default=None))
    events: Any = Field(sa_column=_events())
    on_unknown: str = Field(sa_column=base.words("on_unknown", default="hold"))
    repeats: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    include_guessed: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    selected: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    selection: Any = Field(sa_column=base.document("selection"))
    estimate: Any = Field(sa_column=base.document("estimate"))
    fingerprint: str = Field(sa_column=base.words("fingerprint"))
    actor: str = Field(sa_column=base.words("actor"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))


class DispatchRow(SQLModel, table=True):
    """One WhatsApp message to one contact point. The row is the outbox: jobs only ring for it.

    ``kind``: template (of a batch), reply (of a conversation), test (to the team, never counted).
    ``answers_key`` is the inbound message and step that a reply belongs to: at most one reply for each.
    """

    __tablename__ = "invite_dispatch"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        base.bound("batch_id", "batches"),
        base.bound("unit_id", "guest_units"),
        base.bound("person_id", "people"),
        base.bound("contact_point_id", "contact_points"),
        UniqueConstraint("wedding_id", "batch_id", "unit_id"),
        UniqueConstraint("wedding_id", "answers_key"),
        CheckConstraint(f"state IN ({STATES})", name="state_1"),
        CheckConstraint("kind IN ('template', 'reply', 'test')", name="kind_1"),
        Index(
            "ix_invite_dispatch_due",
            "priority",
            "not_before",
            "id",
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_invite_dispatch_open", "state", postgresql_where=text("state IN ('sending', 'unknown')")),
        Index(
            "ix_invite_dispatch_passing", "wedding_id", postgresql_where=text("state = 'failed' AND passing")
        ),
        Index(
            "ix_invite_dispatch_left",
            "left_at",
            "contact_point_id",
            postgresql_where=text("left_at IS NOT NULL AND kind <> 'reply'"),
        ),
        Index(
            "ix_invite_dispatch_unreached",
            "wedding_id",
            "unit_id",
            postgresql_where=text("kind = 'template' AND state IN ('failed', 'skipped', 'cancelled')"),
        ),
        Index("uq_invite_dispatch_wamid", "wamid", unique=True, postgresql_where=text("wamid IS NOT NULL")),
        Index(None, "wedding_id", "unit_id", "template"),
        Index(None, "batch_id", "state"),
        Index(None, "contact_point_id"),
        Index(None, "person_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    batch_id: uuid.UUID | None = Field(sa_column=base.reference("batch_id", required=False))
    kind: str = Field(sa_column=base.words("kind", default="template"))
    unit_id: uuid.UUID | None = Field(sa_column=base.reference("unit_id", required=False))
    person_id: uuid.UUID | None = Field(sa_column=base.reference("person_id", required=False))
    contact_point_id: uuid.UUID | None = Field(sa_column=base.reference("contact_point_id", required=False))
    template: str = Field(sa_column=base.words("template"))
    language: str = Field(sa_column=base.words("language"))
    events: Any = Field(sa_column=_events())
    content: Any = Field(sa_column=base.document("content"))
    content_sha256: str = Field(sa_column=base.words("content_sha256"))
    phone_number_id: str = Field(sa_column=base.words("phone_number_id"))
    answers_key: str | None = Field(sa_column=base.words("answers_key", required=False))
    state: str = Field(sa_column=base.words("state", default="queued"))
    reason: str = Field(sa_column=base.words("reason"))
    priority: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("5")))
    not_before: datetime = Field(sa_column=base.moment("not_before", now=True))
    lease_until: datetime | None = Field(sa_column=base.moment("lease_until"))
    lease_token: uuid.UUID | None = Field(sa_column=base.reference("lease_token", required=False))
    left_at: datetime | None = Field(sa_column=base.moment("left_at"))
    attempt_no: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    tries: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    passing: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    wamid: str | None = Field(sa_column=base.words("wamid", required=False))
    error_code: int | None = Field(sa_column=Column(Integer(), nullable=True))
    error_title: str = Field(sa_column=base.words("error_title"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    updated_at: datetime = Field(sa_column=base.moment("updated_at", now=True))
    accepted_at: datetime | None = Field(sa_column=base.moment("accepted_at"))


class AttemptRow(SQLModel, table=True):
    """One HTTP request for one dispatch. ``token`` is the correlation token that statuses bring back."""

    __tablename__ = "dispatch_attempts"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("dispatch_id", "invite_dispatch"),
        UniqueConstraint("dispatch_id", "number"),
        UniqueConstraint("token"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    dispatch_id: uuid.UUID = Field(sa_column=base.reference("dispatch_id"))
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    token: str = Field(sa_column=base.words("token", default=None))
    consent: str = Field(sa_column=base.words("consent"))
    started_at: datetime = Field(sa_column=base.moment("started_at", now=True))
    finished_at: datetime | None = Field(sa_column=base.moment("finished_at"))
    outcome: str = Field(sa_column=base.words("outcome"))
    error_code: int | None = Field(sa_column=Column(Integer(), nullable=True))
    trace_id: str = Field(sa_column=base.words("trace_id"))
    wamid: str | None = Field(sa_column=base.words("wamid", required=False))


class DeliveryEventRow(SQLModel, table=True):
    """One status of one message, only ever added; late and repeated ones are kept too."""

    __tablename__ = "delivery_events"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("dispatch_id", "invite_dispatch"),
        UniqueConstraint("event_key"),
        Index(None, "dispatch_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    dispatch_id: uuid.UUID = Field(sa_column=base.reference("dispatch_id"))
    event_key: str = Field(sa_column=base.words("event_key", default=None))
    status: str = Field(sa_column=base.words("status", default=None))
    at: datetime = Field(sa_column=base.moment("at", required=True))
    received_at: datetime = Field(sa_column=base.moment("received_at", now=True))
    moved: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("true")))
    error_code: int | None = Field(sa_column=Column(Integer(), nullable=True))
    details: str = Field(sa_column=base.words("details"))


class SenderNumberRow(SQLModel, table=True):
    """What is known of a phone number that we send from; it may serve several weddings."""

    __tablename__ = "sender_numbers"
    phone_number_id: str = Field(sa_column=Column("phone_number_id", Text(), primary_key=True))
    paused_at: datetime | None = Field(sa_column=base.moment("paused_at"))
    paused_until: datetime | None = Field(sa_column=base.moment("paused_until"))
    why_paused: str = Field(sa_column=base.words("why_paused"))
    tier_limit: int | None = Field(sa_column=Column(Integer(), nullable=True))
    quality: str = Field(sa_column=base.words("quality"))
    updated_at: datetime = Field(sa_column=base.moment("updated_at", now=True))
    account: str = Field(sa_column=base.words("account"))
    display_number: str = Field(sa_column=base.words("display_number"))
    tier_at: datetime | None = Field(sa_column=base.moment("tier_at"))
    quality_at: datetime | None = Field(sa_column=base.moment("quality_at"))


class SenderPaceRow(SQLModel, table=True):
    """How fast a phone number may send: apart from what the gate looks at, as every slice writes to it.

    ``free_at``: when the next message may leave. ``share``: what is left of the rate since ``slowed_at``; it grows
    back. ``not_sent``: how many attempts in a row did not reach the provider.
    """

    __tablename__ = "sender_pace"
    phone_number_id: str = Field(sa_column=Column("phone_number_id", Text(), primary_key=True))
    free_at: datetime = Field(sa_column=base.moment("free_at", now=True))
    share: float = Field(sa_column=Column(Double(), nullable=False, server_default=text("1")))
    slowed_at: datetime = Field(sa_column=base.moment("slowed_at", now=True))
    not_sent: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
