"""The audit log: chained entries, the heads of the chains, and the values that an erasure may forget."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text, Uuid, text
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class AuditChainRow(SQLModel, table=True):
    """The head of a chain: one chain for each wedding, and one (all zeros) for the system."""

    __tablename__ = "audit_chains"
    chain_id: uuid.UUID = Field(sa_column=Column("chain_id", Uuid(), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger(), nullable=False, server_default=text("0")))
    hash: bytes = Field(sa_column=Column("hash", LargeBinary(), nullable=False))


class AuditEntryRow(SQLModel, table=True):
    """One entry; ``payload`` is what was hashed, byte for byte. Only ever added."""

    __tablename__ = "audit_logs"
    __table_args__ = (
        Index(None, "chain_id", "action"),
        Index(None, "entity_id"),
    )
    chain_id: uuid.UUID = Field(sa_column=Column("chain_id", Uuid(), primary_key=True))
    seq: int = Field(sa_column=Column("seq", BigInteger(), primary_key=True))
    at: datetime = Field(sa_column=base.moment("at", required=True))
    actor: str = Field(sa_column=base.words("actor", default=None))
    role: str = Field(sa_column=base.words("role", default=None))
    channel: str = Field(sa_column=base.words("channel", default=None))
    action: str = Field(sa_column=base.words("action", default=None))
    entity: str = Field(sa_column=base.words("entity", default=None))
    entity_id: uuid.UUID | None = Field(sa_column=base.reference("entity_id", required=False))
    ref: str = Field(sa_column=base.words("ref"))
    reason: str = Field(sa_column=base.words("reason"))
    payload: bytes = Field(sa_column=Column("payload", LargeBinary(), nullable=False))
    prev_hash: bytes = Field(sa_column=Column("prev_hash", LargeBinary(), nullable=False))
    hash: bytes = Field(sa_column=Column("hash", LargeBinary(), nullable=False))
    key_id: str = Field(sa_column=base.words("key_id", default=None))


class AuditValueRow(SQLModel, table=True):
    """Before and after of an entry. The chain holds a commitment to them, not the values themselves."""

    __tablename__ = "audit_values"
    chain_id: uuid.UUID = Field(sa_column=Column("chain_id", Uuid(), primary_key=True))
    seq: int = Field(sa_column=Column("seq", BigInteger(), primary_key=True))
    nonce: bytes = Field(sa_column=Column("nonce", LargeBinary(), nullable=False))
    value: str = Field(sa_column=Column("value", Text(), nullable=False))
    note: Any = Field(sa_column=base.document("note"))


class InstallationRow(SQLModel, table=True):
    """Which database this is, in one row; a backup that is restored takes it along.

    ``moved_at``: since when its weddings live in another database, named in ``moved_to`` without its password.
    ``retention_at``: when all that is kept for a time was last gone through. ``totals_at``: when the provider's count
    of messages was last held against ours, and how they differed (``totals_told``).
    """

    __tablename__ = "installations"
    id: uuid.UUID = Field(sa_column=base.key())
    retention_at: datetime | None = Field(sa_column=base.moment("retention_at"))
    totals_at: datetime | None = Field(sa_column=base.moment("totals_at"))
    totals_told: str = Field(sa_column=base.words("totals_told"))
    moved_at: datetime | None = Field(sa_column=base.moment("moved_at"))
    moved_to: str = Field(sa_column=base.words("moved_to"))
