"""Guest units, their members, and the guest lists of the events."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class GuestUnitRow(SQLModel, table=True):
    """The household that is invited together. ``made_by``: build (a later build may add people) or hand.
    ``primary_by``: whether the rule or somebody by hand chose the primary contact.

    One that was left empty when people were merged stays as an alias of the household that took over (``merged_into``).
    """

    __tablename__ = "guest_units"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        base.bound("primary_person_id", "people"),
        base.bound("merged_into", "guest_units"),
        UniqueConstraint("wedding_id", "number"),
        CheckConstraint("side IS NULL OR side IN ('bride', 'groom', 'both')", name="side_1"),
        CheckConstraint("made_by IN ('build', 'hand')", name="made_by_1"),
        CheckConstraint("primary_by IN ('rule', 'hand')", name="primary_by_1"),
        CheckConstraint("extra_seats BETWEEN 0 AND 500", name="extra_seats"),
        Index(None, "primary_person_id"),
        Index(None, "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    label: str = Field(sa_column=base.words("label"))
    primary_person_id: uuid.UUID | None = Field(sa_column=base.reference("primary_person_id", required=False))
    primary_by: str = Field(sa_column=base.words("primary_by", default="rule"))
    extra_seats: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    side: str | None = Field(sa_column=base.words("side", required=False))
    tags: Any = Field(sa_column=base.tags())
    made_by: str = Field(sa_column=base.words("made_by", default="build"))
    why: Any = Field(sa_column=base.tags("why"))
    merged_into: uuid.UUID | None = Field(sa_column=base.reference("merged_into", required=False))
    link_seed: uuid.UUID = Field(
        sa_column=Column("link_seed", Uuid(), nullable=False, server_default=text("gen_random_uuid()"))
    )
    removed_at: datetime | None = Field(sa_column=base.moment("removed_at"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    version: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("1")))


class GuestUnitMemberRow(SQLModel, table=True):
    """A person in a household: in one at most. ``takes_seat`` is false for a second row of the same person."""

    __tablename__ = "guest_unit_members"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("unit_id", "guest_units"),
        base.bound("person_id", "people"),
        Index(None, "unit_id"),
    )
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    person_id: uuid.UUID = Field(sa_column=Column("person_id", Uuid(), primary_key=True))
    unit_id: uuid.UUID = Field(sa_column=base.reference("unit_id"))
    position: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    takes_seat: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("true")))


class InvitationRow(SQLModel, table=True):
    """One guest unit on the guest list of one event, with the seats it is given."""

    __tablename__ = "invitations"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        base.bound("unit_id", "guest_units"),
        base.bound("event_id", "events"),
        UniqueConstraint("wedding_id", "unit_id", "event_id"),
        CheckConstraint("seats BETWEEN 0 AND 500", name="seats"),
        Index(None, "event_id"),
        Index("ix_invitations_largest", "wedding_id", "event_id", text("seats DESC"), "unit_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    unit_id: uuid.UUID = Field(sa_column=base.reference("unit_id"))
    event_id: uuid.UUID = Field(sa_column=base.reference("event_id"))
    seats: int = Field(sa_column=Column(Integer(), nullable=False))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))


class PastInvitationRow(SQLModel, table=True):
    """An invitation as it was until ``ended_at``: then it was taken back or got other seats. Written by triggers."""

    __tablename__ = "past_invitations"
    __table_args__ = (
        base.wedding_bond(),
        ForeignKeyConstraint(
            ["wedding_id", "unit_id"], ["guest_units.wedding_id", "guest_units.id"], ondelete="CASCADE"
        ),
        base.bound("event_id", "events"),
        Index(None, "wedding_id", "event_id", "ended_at"),
        Index(None, "unit_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    unit_id: uuid.UUID = Field(sa_column=base.reference("unit_id"))
    event_id: uuid.UUID = Field(sa_column=base.reference("event_id"))
    seats: int = Field(sa_column=Column(Integer(), nullable=False))
    created_at: datetime = Field(sa_column=base.moment("created_at", required=True))
    ended_at: datetime = Field(sa_column=base.moment("ended_at", now=True))
