"""Stored deliveries and the effects of their updates. Receiving knows nothing of weddings."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.schema import Identity
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class WebhookEventRow(SQLModel, table=True):
    """One delivery, as bytes: JSON columns refuse some of what guests can send (NUL, lone surrogates).

    ``lanes``: sixteen bits of a hash of everybody who speaks in it. Deliveries that share one are processed in their
    order; too short to tell whose they are.
    """

    __tablename__ = "webhook_events"
    __table_args__ = (
        UniqueConstraint("body_sha256"),
        CheckConstraint("state IN ('pending', 'done', 'failed', 'dead')", name="state_1"),
        Index("ix_webhook_events_open", "state", "number", postgresql_where=text("state <> 'done'")),
    )
    number: int = Field(sa_column=Column("number", BigInteger(), Identity(always=True), primary_key=True))
    body: bytes = Field(sa_column=Column("body", LargeBinary(), nullable=False))
    body_sha256: bytes = Field(sa_column=Column("body_sha256", LargeBinary(), nullable=False))
    received_at: datetime = Field(sa_column=base.moment("received_at", now=True))
    times: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("1")))
    state: str = Field(sa_column=base.words("state", default="pending"))
    tries: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    not_before: datetime = Field(sa_column=base.moment("not_before", now=True))
    error: str = Field(sa_column=base.words("error"))
    processed_at: datetime | None = Field(sa_column=base.moment("processed_at"))
    failed_at: datetime | None = Field(sa_column=base.moment("failed_at"))
    lanes: Any = Field(
        sa_column=Column("lanes", ARRAY(Integer()), nullable=False, server_default=text("'{}'::int[]"))
    )


class WebhookUpdateRow(SQLModel, table=True):
    """The effect of one update, under its natural key: what is here has been done, parked or kept."""

    __tablename__ = "webhook_updates"
    __table_args__ = (
        base.wedding_bond(),
        UniqueConstraint("event_key"),
        CheckConstraint("state IN ('done', 'parked', 'kept', 'dead')", name="state_1"),
        Index("ix_webhook_updates_open", "state", postgresql_where=text("state <> 'done'")),
        Index(None, "webhook_number"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID | None = Field(sa_column=base.reference("wedding_id", required=False))
    webhook_number: int = Field(sa_column=Column("webhook_number", BigInteger(), nullable=False))
    event_key: str = Field(sa_column=base.words("event_key", default=None))
    kind: str = Field(sa_column=base.words("kind", default=None))
    state: str = Field(sa_column=base.words("state", default="done"))
    why: str = Field(sa_column=base.words("why"))
    at: datetime = Field(sa_column=base.moment("at", now=True))
    facts: Any = Field(sa_column=base.document("facts"))
