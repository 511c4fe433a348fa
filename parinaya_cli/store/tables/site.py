"""Links to pages, gifts, arrivals at the door."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Numeric, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class SiteLinkRow(SQLModel, table=True):
    """A link that opens a page without a login: of a household, or of a parent. The token itself is not stored."""

    __tablename__ = "site_links"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("unit_id", "guest_units"),
        UniqueConstraint("token_sha256"),
        CheckConstraint("kind IN ('unit', 'dashboard')", name="kind_1"),
        CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name="unit"),
        CheckConstraint("side IS NULL OR side IN ('bride', 'groom')", name="side_1"),
        Index(None, "unit_id"),
        Index(
            "uq_site_links_live_name",
            "wedding_id",
            "name",
            unique=True,
            postgresql_where=text("kind = 'dashboard' AND revoked_at IS NULL"),
        ),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    kind: str = Field(sa_column=base.words("kind", default=None))
    token_sha256: str = Field(sa_column=base.words("token_sha256", default=None))
    unit_id: uuid.UUID | None = Field(sa_column=base.reference("unit_id", required=False))
    name: str = Field(sa_column=base.words("name"))
    side: str | None = Field(sa_column=base.words("side", required=False))
    phones: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    tail: str = Field(sa_column=base.words("tail"))
    actor: str = Field(sa_column=base.words("actor"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    expires_at: datetime | None = Field(sa_column=base.moment("expires_at"))
    revoked_at: datetime | None = Field(sa_column=base.moment("revoked_at"))
    signed_by: str = Field(sa_column=base.words("signed_by"))


class GiftRow(SQLModel, table=True):
    """What a household gave; ``amount`` in the currency of the wedding's country."""

    __tablename__ = "gifts"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("unit_id", "guest_units"),
        UniqueConstraint("wedding_id", "number"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount"),
        Index(None, "unit_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    unit_id: uuid.UUID = Field(sa_column=base.reference("unit_id"))
    what: str = Field(sa_column=base.words("what"))
    amount: Decimal | None = Field(sa_column=Column(Numeric(14, 2), nullable=True))
    actor: str = Field(sa_column=base.words("actor"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    thanked_at: datetime | None = Field(sa_column=base.moment("thanked_at"))
    thanked_by: str = Field(sa_column=base.words("thanked_by"))


class CheckinRow(SQLModel, table=True):
    """How many of a household have come to an event, as the door knew at that time; the newest row counts."""

    __tablename__ = "checkins"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("event_id", "events"),
        base.bound("unit_id", "guest_units"),
        CheckConstraint("heads BETWEEN 0 AND 500", name="heads"),
        Index(None, "wedding_id", "event_id", "unit_id"),
        Index(None, "unit_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    event_id: uuid.UUID = Field(sa_column=base.reference("event_id"))
    unit_id: uuid.UUID = Field(sa_column=base.reference("unit_id"))
    heads: int = Field(sa_column=Column(Integer(), nullable=False))
    channel: str = Field(sa_column=base.words("channel"))
    actor: str = Field(sa_column=base.words("actor"))
    at: datetime = Field(sa_column=base.moment("at", now=True))
