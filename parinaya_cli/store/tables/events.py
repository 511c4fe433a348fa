"""Events of a wedding."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Date, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class EventRow(SQLModel, table=True):
    """One function of a wedding; ``visibility`` decides who may see it on the website."""

    __tablename__ = "events"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        UniqueConstraint("wedding_id", "slug"),
        UniqueConstraint("wedding_id", "number"),
        CheckConstraint("visibility IN ('public', 'invite-only')", name="visibility_1"),
        CheckConstraint("side IS NULL OR side IN ('bride', 'groom', 'both')", name="side_1"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="order"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    slug: str = Field(sa_column=base.words("slug", default=None))
    title: str = Field(sa_column=base.words("title", default=None))
    starts_at: datetime = Field(sa_column=base.moment("starts_at", required=True))
    ends_at: datetime | None = Field(sa_column=base.moment("ends_at"))
    venue: str = Field(sa_column=base.words("venue"))
    address: str = Field(sa_column=base.words("address"))
    map_url: str = Field(sa_column=base.words("map_url"))
    dress_code: str = Field(sa_column=base.words("dress_code"))
    capacity: int | None = Field(sa_column=Column(Integer(), nullable=True))
    rsvp_by: date | None = Field(sa_column=Column(Date(), nullable=True))
    side: str | None = Field(sa_column=base.words("side", required=False))
    visibility: str = Field(sa_column=base.words("visibility", default="public"))
    cancelled_at: datetime | None = Field(sa_column=base.moment("cancelled_at"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    version: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("1")))
