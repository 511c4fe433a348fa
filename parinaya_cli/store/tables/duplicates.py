"""Scans for duplicates, the pairs that they found, what people decided on them, and the merges made of them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class ScanRow(SQLModel, table=True):
    """One scan: who made it, and how many people there were; what it ``learned``, if it looked at everybody."""

    __tablename__ = "scans"
    __table_args__ = (base.wedding_bond(), base.same_wedding_key(), UniqueConstraint("wedding_id", "number"))
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    people: int = Field(sa_column=Column(Integer(), nullable=False))
    actor: str = Field(sa_column=base.words("actor"))
    made_at: datetime = Field(sa_column=base.moment("made_at", now=True))
    learned: bytes | None = Field(sa_column=Column("learned", LargeBinary(), nullable=True))


class ScannedPersonRow(SQLModel, table=True):
    """The version of a person that the last scan looked at: whoever has another now is compared again.

    ``keys``: by what others who are like them are found (``domain/dedupe/block.py: hashed``).
    """

    __tablename__ = "scanned_people"
    __table_args__ = (base.bound("person_id", "people"), Index(None, "keys", postgresql_using="gin"))
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    person_id: uuid.UUID = Field(sa_column=Column("person_id", Uuid(), primary_key=True))
    version: int = Field(sa_column=Column(Integer(), nullable=False))
    keys: Any = Field(
        sa_column=Column("keys", ARRAY(BigInteger()), nullable=False, server_default=text("'{}'"))
    )


class DuplicateRow(SQLModel, table=True):
    """A pair of people who may be one, the lower number left; ``odds``: log-odds; ``signals``: why, as codes.

    ``sure``: the last scan would have merged them. What was decided stands with who, why, and the ``decided_odds`` and
    evidence (``decided_on``) that it was decided on.
    """

    __tablename__ = "duplicates"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("left_id", "people"),
        base.bound("right_id", "people"),
        base.bound("scan_id", "scans"),
        UniqueConstraint("wedding_id", "number"),
        UniqueConstraint("wedding_id", "left_id", "right_id"),
        CheckConstraint("left_id <> right_id", name="left_id_1"),
        CheckConstraint("verdict IS NULL OR verdict IN ('same', 'different')", name="verdict_1"),
        Index(None, "right_id"),
        Index(None, "wedding_id", "odds"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    left_id: uuid.UUID = Field(sa_column=base.reference("left_id"))
    right_id: uuid.UUID = Field(sa_column=base.reference("right_id"))
    odds: float = Field(sa_column=Column(Double(), nullable=False))
    signals: Any = Field(
        sa_column=Column("signals", ARRAY(Text()), nullable=False, server_default=text("'{}'"))
    )
    left_version: int = Field(sa_column=Column(Integer(), nullable=False))
    right_version: int = Field(sa_column=Column(Integer(), nullable=False))
    sure: bool = Field(sa_column=Column(Boolean(), nullable=False, server_default=text("false")))
    scan_id: uuid.UUID = Field(sa_column=base.reference("scan_id"))
    verdict: str | None = Field(sa_column=base.words("verdict", required=False))
    decided_by: str = Field(sa_column=base.words("decided_by"))
    decided_why: str = Field(sa_column=base.words("decided_why"))
    decided_at: datetime | None = Field(sa_column=base.moment("decided_at"))
    decided_odds: float = Field(sa_column=Column(Double(), nullable=False, server_default=text("0")))
    decided_on: str = Field(sa_column=base.words("decided_on"))


class ApplyRow(SQLModel, table=True):
    """Merges that were made of pairs at once; their ``merges.together`` is its id."""

    __tablename__ = "applies"
    __table_args__ = (base.wedding_bond(), UniqueConstraint("wedding_id", "number"))
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    people: int = Field(sa_column=Column(Integer(), nullable=False))
    actor: str = Field(sa_column=base.words("actor"))
    made_at: datetime = Field(sa_column=base.moment("made_at", now=True))
    undone_at: datetime | None = Field(sa_column=base.moment("undone_at"))
