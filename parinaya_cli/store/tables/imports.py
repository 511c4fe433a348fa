"""Imports: what was read, what it changed, what waits to be read, and how a family's columns were understood."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
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
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


def _count(name: str) -> Column[int]:
    return Column(name, Integer(), nullable=False, server_default=text("0"))


class ImportRow(SQLModel, table=True):
    """One import: one batch that can be taken back while nothing else has built on it.

    ``queued``: the list waits in ``import_parts`` for a worker, or one is at it. ``request``: what was asked;
    ``report``: what was found (columns, warnings, conflicts), as far as it is worth keeping.
    """

    __tablename__ = "imports"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        UniqueConstraint("wedding_id", "number"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'undone')", name="state_1"),
        Index("ix_imports_queued", "created_at", postgresql_where=text("state = 'queued'")),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    number: int = Field(sa_column=Column(Integer(), nullable=False))
    source: str = Field(sa_column=base.words("source", default=None))
    kind: str = Field(sa_column=base.words("kind", default="csv"))
    state: str = Field(sa_column=base.words("state", default="running"))
    rows: int = Field(sa_column=_count("rows"))
    created: int = Field(sa_column=_count("created"))
    updated: int = Field(sa_column=_count("updated"))
    unchanged: int = Field(sa_column=_count("unchanged"))
    rejected: int = Field(sa_column=_count("rejected"))
    conflicts: int = Field(sa_column=_count("conflicts"))
    rejects_file: str = Field(sa_column=base.words("rejects_file"))
    opt_in: str = Field(sa_column=base.words("opt_in"))
    actor: str = Field(sa_column=base.words("actor"))
    request: Any = Field(sa_column=base.document("request"))
    report: Any = Field(sa_column=base.document("report"))
    error: str = Field(sa_column=base.words("error"))
    seconds: float = Field(sa_column=Column("seconds", Double(), nullable=False, server_default=text("0")))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))
    finished_at: datetime | None = Field(sa_column=base.moment("finished_at"))
    undone_at: datetime | None = Field(sa_column=base.moment("undone_at"))


class ImportPartRow(SQLModel, table=True):
    """A piece of a list that waits for a worker; gone when the import has ended.

    Parts below 0 are the file of its rejected rows (-1 is the first piece): the worker's own disk may be another's.
    """

    __tablename__ = "import_parts"
    __table_args__ = (base.bound("import_id", "imports"),)
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    import_id: uuid.UUID = Field(sa_column=Column("import_id", Uuid(), primary_key=True))
    part: int = Field(sa_column=Column("part", Integer(), primary_key=True))
    content: bytes = Field(sa_column=Column("content", LargeBinary(), nullable=False))


class ImportProgressRow(SQLModel, table=True):
    """How far an import in the background has come; written beside its transaction, so that others see it.

    ``tries``: how often a worker has begun with it and not come to its end.
    """

    __tablename__ = "import_progress"
    __table_args__ = (base.bound("import_id", "imports"),)
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    import_id: uuid.UUID = Field(sa_column=Column("import_id", Uuid(), primary_key=True))
    rows: int = Field(sa_column=_count("rows"))
    share: float | None = Field(sa_column=Column("share", Double(), nullable=True))
    tries: int = Field(sa_column=_count("tries"))
    at: datetime = Field(sa_column=base.moment("at", now=True))


class ImportChangeRow(SQLModel, table=True):
    """What a row of a list was, and what its person was, before an import changed them; undone with this.

    ``before``: the person's columns that were changed, ``contacts_added``: the contact points that came new,
    ``positions``: the order of the contact points before, ``contacts_after``: kind and value of each in the order
    after; both are empty where it was not changed. ``source_before``: the columns of ``person_sources``.
    ``version``: the person's version after the change, by which later changes are known.
    """

    __tablename__ = "import_changes"
    __table_args__ = (
        base.bound("import_id", "imports"),
        base.bound("person_id", "people"),
        Index(None, "person_id"),
    )
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    import_id: uuid.UUID = Field(sa_column=Column("import_id", Uuid(), primary_key=True))
    source: str = Field(sa_column=Column("source", Text(), primary_key=True))
    row_key: str = Field(sa_column=Column("row_key", Text(), primary_key=True))
    person_id: uuid.UUID = Field(sa_column=base.reference("person_id"))
    version: int = Field(sa_column=_count("version"))
    before: Any = Field(sa_column=base.document("before"))
    contacts_added: Any = Field(sa_column=base.document("contacts_added", "[]"))
    positions: Any = Field(sa_column=base.document("positions"))
    contacts_after: Any = Field(sa_column=base.document("contacts_after", "[]"))
    source_before: Any = Field(sa_column=base.document("source_before"))


class ImportPresetRow(SQLModel, table=True):
    """How the columns of a source are understood, saved under a name and used again."""

    __tablename__ = "import_presets"
    __table_args__ = (base.wedding_bond(),)
    wedding_id: uuid.UUID = Field(sa_column=Column("wedding_id", Uuid(), primary_key=True))
    name: str = Field(sa_column=Column("name", Text(), primary_key=True))
    columns: Any = Field(sa_column=base.document("columns"))
    options: Any = Field(sa_column=base.document("options"))
    source: str = Field(sa_column=base.words("source"))
    updated_at: datetime = Field(sa_column=base.moment("updated_at", now=True))


class GoogleSyncRow(SQLModel, table=True):
    """Where the last reading of Google Contacts ended.

    ``source``: the list's name. ``scope``: the id of the contact group, empty for all contacts. ``account``: whose
    contacts they are. ``token`` holds for these ``parameters`` only.
    """

    __tablename__ = "google_syncs"
    __table_args__ = (base.wedding_bond(),)
    wedding_id: uuid.UUID = Field(sa_column=Column("wedding_id", Uuid(), primary_key=True))
    source: str = Field(sa_column=Column("source", Text(), primary_key=True))
    scope: str = Field(sa_column=Column("scope", Text(), primary_key=True))
    account: str = Field(sa_column=base.words("account"))
    token: str = Field(sa_column=base.words("token", default=None))
    parameters: Any = Field(sa_column=base.document("parameters"))
    synced_at: datetime = Field(sa_column=base.moment("synced_at", now=True))
