"""Merges of people, and what each of them changed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class MergeRow(SQLModel, table=True):
    """A merge: who stayed, and who was absorbed. ``together``: what merges that were made at once have in common.

    ``forgotten_at``: somebody of them was erased, and the merge can't be taken back any more.
    """

    __tablename__ = "merges"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        base.bound("survivor_id", "people"),
        UniqueConstraint("wedding_id", "number"),
        Index(None, "survivor_id"),
        Index(None, "absorbed", postgresql_using="gin"),
        Index(None, "together", postgresql_where=text("together IS NOT NULL")),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    survivor_id: uuid.UUID = Field(sa_column=base.reference("survivor_id"))
    absorbed: Any = Field(sa_column=Column("absorbed", ARRAY(Uuid()), nullable=False))
    together: uuid.UUID | None = Field(sa_column=Column("together", Uuid(), nullable=True))
    actor: str = Field(sa_column=base.words("actor"))
    reason: str = Field(sa_column=base.words("reason"))
    made_at: datetime = Field(sa_column=base.moment("made_at", now=True))
    undone_at: datetime | None = Field(sa_column=base.moment("undone_at"))
    forgotten_at: datetime | None = Field(sa_column=base.moment("forgotten_at"))


class MergeChangeRow(SQLModel, table=True):
    """A row of ``relation`` that a merge changed, by its ``key``: the columns that differ, ``before`` and ``after``.

    No ``before``: the row was made; no ``after``: it was deleted. Gone when the merge is taken back, or somebody of it
    is erased.
    """

    __tablename__ = "merge_changes"
    __table_args__ = (base.bound("merge_id", "merges"), Index(None, "wedding_id", "relation", "key"))
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    merge_id: uuid.UUID = Field(sa_column=Column("merge_id", Uuid(), primary_key=True))
    place: int = Field(sa_column=Column("place", Integer(), primary_key=True))
    relation: str = Field(sa_column=Column("relation", Text(), nullable=False))
    key: str = Field(sa_column=Column("key", Text(), nullable=False))
    before: Any = Field(sa_column=Column("before", JSONB(), nullable=True))
    after: Any = Field(sa_column=Column("after", JSONB(), nullable=True))
