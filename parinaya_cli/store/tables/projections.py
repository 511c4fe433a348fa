"""Tables kept for reading, and the jobs that write files."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


def _count(name: str) -> Column[int]:
    return Column(name, Integer(), nullable=False, server_default=text("0"))


class EventCountsRow(SQLModel, table=True):
    """Counts of one event for one side ('' where a household has none): rebuilt from canonical rows."""

    __tablename__ = "projection_event_counts"
    __table_args__ = (base.wedding_bond(), base.bound("event_id", "events"))
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    event_id: uuid.UUID = Field(sa_column=Column("event_id", Uuid(), primary_key=True))
    side: str = Field(sa_column=Column("side", Text(), primary_key=True))
    invited_units: int = Field(sa_column=_count("invited_units"))
    invited_seats: int = Field(sa_column=_count("invited_seats"))
    answered_units: int = Field(sa_column=_count("answered_units"))
    yes_units: int = Field(sa_column=_count("yes_units"))
    yes_heads: int = Field(sa_column=_count("yes_heads"))
    no_units: int = Field(sa_column=_count("no_units"))
    maybe_units: int = Field(sa_column=_count("maybe_units"))
    adults: int = Field(sa_column=_count("adults"))
    children: int = Field(sa_column=_count("children"))
    uncounted_units: int = Field(sa_column=_count("uncounted_units"))
    diets: Any = Field(sa_column=base.document("diets"))
    refreshed_at: datetime = Field(sa_column=base.moment("refreshed_at", now=True))


class DeliveriesRow(SQLModel, table=True):
    """How many template messages to households of a side ('' where one has none) are in a state."""

    __tablename__ = "projection_deliveries"
    __table_args__ = (base.wedding_bond(),)
    wedding_id: uuid.UUID = Field(sa_column=Column("wedding_id", Uuid(), primary_key=True))
    side: str = Field(sa_column=Column("side", Text(), primary_key=True, server_default=text("''")))
    state: str = Field(sa_column=Column("state", Text(), primary_key=True))
    messages: int = Field(sa_column=Column(BigInteger(), nullable=False))
    refreshed_at: datetime = Field(sa_column=base.moment("refreshed_at", now=True))


class DeliveryChangeRow(SQLModel, table=True):
    """What a statement has changed in these counts, written by triggers of ``invite_dispatch``, until it is folded in.

    A row of its own each time, so that those who settle messages never wait for each other.
    """

    __tablename__ = "delivery_changes"
    __table_args__ = (base.wedding_bond(), Index(None, "wedding_id"))
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    side: str = Field(sa_column=base.words("side"))
    state: str = Field(sa_column=base.words("state", default=None))
    messages: int = Field(sa_column=Column(BigInteger(), nullable=False))
    made_at: datetime = Field(sa_column=base.moment("made_at", now=True))


class AnswerDaysRow(SQLModel, table=True):
    """How many answers households of a side gave on a day of the wedding's zone."""

    __tablename__ = "projection_answer_days"
    __table_args__ = (base.wedding_bond(),)
    wedding_id: uuid.UUID = Field(sa_column=Column("wedding_id", Uuid(), primary_key=True))
    side: str = Field(sa_column=Column("side", Text(), primary_key=True))
    day: date = Field(sa_column=Column("day", Date(), primary_key=True))
    status: str = Field(sa_column=Column("status", Text(), primary_key=True))
    answers: int = Field(sa_column=Column(BigInteger(), nullable=False))
    refreshed_at: datetime = Field(sa_column=base.moment("refreshed_at", now=True))


class AnswerChangeRow(SQLModel, table=True):
    """What a statement has changed in these counts, as ``DeliveryChangeRow``."""

    __tablename__ = "answer_changes"
    __table_args__ = (base.wedding_bond(), Index(None, "wedding_id"))
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    side: str = Field(sa_column=base.words("side"))
    day: date = Field(sa_column=Column("day", Date(), nullable=False))
    status: str = Field(sa_column=base.words("status", default=None))
    answers: int = Field(sa_column=Column(BigInteger(), nullable=False))
    made_at: datetime = Field(sa_column=base.moment("made_at", now=True))


class ExportJobRow(SQLModel, table=True):
    """An export that was asked for, and what became of it.

    ``request``: who asked for what, for the worker that makes it. Its row is locked by whoever makes the file;
    until ``lease_until`` the file is on its way to its place. ``tries``: how often it was begun.
    """

    __tablename__ = "export_jobs"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        UniqueConstraint("wedding_id", "number"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state_1"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    kind: str = Field(sa_column=base.words("kind", default=None))
    format: str = Field(sa_column=base.words("format", default=None))
    target: str = Field(sa_column=base.words("target", default=None))
    state: str = Field(sa_column=base.words("state", default="queued"))
    rows: int | None = Field(sa_column=Column(BigInteger(), nullable=True))
    bytes: int | None = Field(sa_column=Column(BigInteger(), nullable=True))
    sha256: str = Field(sa_column=base.words("sha256"))
    error: str = Field(sa_column=base.words("error"))
    request: Any = Field(sa_column=base.document("request"))
    tries: int = Field(sa_column=Column(Integer(), nullable=False, server_default=text("0")))
    lease_until: datetime | None = Field(sa_column=base.moment("lease_until"))
    actor: str = Field(sa_column=base.words("actor"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    finished_at: datetime | None = Field(sa_column=base.moment("finished_at"))
