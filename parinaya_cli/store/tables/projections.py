"""Tables kept for reading, and the jobs that write files."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Text, UniqueConstraint, Uuid, text
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
    refreshed_at: datetime = Field(sa_column=base.moment("refreshed_at", now=True))


class ExportJobRow(SQLModel, table=True):
    """An export that was asked for, and what became of it."""

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
    actor: str = Field(sa_column=base.words("actor"))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    finished_at: datetime | None = Field(sa_column=base.moment("finished_at"))
