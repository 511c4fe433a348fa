"""Weddings, the counters of their refs, and who may act in them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class WeddingRow(SQLModel, table=True):
    """A wedding: the workspace."""

    __tablename__ = "weddings"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="slug"),
        CheckConstraint("gifts_mode IN ('none', 'registry', 'shagun', 'charity')", name="gifts_mode_1"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    slug: str = Field(sa_column=base.words("slug", default=None))
    title: str = Field(sa_column=base.words("title", default=None))
    couple: str = Field(sa_column=base.words("couple"))
    timezone: str = Field(sa_column=base.words("timezone", default="Asia/Kolkata"))
    region: str = Field(sa_column=base.words("region", default="IN"))
    language: str = Field(sa_column=base.words("language", default="en"))
    phone_number_id: str | None = Field(sa_column=base.words("phone_number_id", required=False))
    require_opt_in: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    quiet_from: int | None = Field(sa_column=Column(Integer(), nullable=True))
    quiet_until: int | None = Field(sa_column=Column(Integer(), nullable=True))
    frequency_cap: int | None = Field(sa_column=Column(Integer(), nullable=True))
    ask_children: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    ask_diets: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    gifts_mode: str = Field(sa_column=base.words("gifts_mode", default="none"))
    gifts_text: str = Field(sa_column=base.words("gifts_text"))
    gifts_url: str = Field(sa_column=base.words("gifts_url"))
    gifts_upi: str = Field(sa_column=base.words("gifts_upi"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    version: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("1")))
    forget_after: int | None = Field(sa_column=Column(Integer(), nullable=True))
    legal_hold: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    keep_texts: int | None = Field(sa_column=Column(Integer(), nullable=True))
    keep_files: int | None = Field(sa_column=Column(Integer(), nullable=True))


class RefCounterRow(SQLModel, table=True):
    """The last number given to a kind of thing in a wedding: P12, U5, …"""

    __tablename__ = "ref_counters"
    __table_args__ = (base.wedding_bond(),)
    wedding_id: uuid.UUID = Field(sa_column=Column("wedding_id", Uuid(), primary_key=True))
    kind: str = Field(sa_column=Column("kind", Text(), primary_key=True))
    last: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))


class RoleGrantRow(SQLModel, table=True):
    """A role given to somebody, with the hash of the token that proves it. No wedding: all weddings."""

    __tablename__ = "role_grants"
    __table_args__ = (
        base.wedding_bond(),
        CheckConstraint(
            "role IN ('owner', 'planner', 'operator', 'family', 'desk', 'auditor')", name="role_1"
        ),
        CheckConstraint("side IS NULL OR side IN ('bride', 'groom')", name="side_1"),
        UniqueConstraint("token_sha256"),
        Index(
            "uq_role_grants_live_name",
            text("coalesce(wedding_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
            "name",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID | None = Field(sa_column=base.reference("wedding_id", required=False))
    name: str = Field(sa_column=base.words("name", default=None))
    role: str = Field(sa_column=base.words("role", default=None))
    side: str | None = Field(sa_column=base.words("side", required=False))
    token_sha256: str = Field(sa_column=base.words("token_sha256", default=None))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    revoked_at: datetime | None = Field(sa_column=base.moment("revoked_at"))
