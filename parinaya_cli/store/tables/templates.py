"""Templates, and the pictures, videos and documents that stand above their texts."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from parinaya_cli.store.tables import base


class TemplateRow(SQLModel, table=True):
    """A message template as Meta holds it, with its parameters mapped to fields of the wedding.

    ``header_media``: the https address of its header's medium; ``header_file_id``: the file, where we have one.
    ``status_at``, ``quality_at``, ``category_at``: the provider's time of the last news of each.
    """

    __tablename__ = "templates"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        base.bound("header_file_id", "media_files"),
        UniqueConstraint("wedding_id", "name", "language"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    name: str = Field(sa_column=base.words("name", default=None))
    language: str = Field(sa_column=base.words("language", default=None))
    category: str = Field(sa_column=base.words("category"))
    status: str = Field(sa_column=base.words("status"))
    quality: str = Field(sa_column=base.words("quality"))
    definition: Any = Field(sa_column=base.document("definition"))
    mapping: Any = Field(sa_column=base.document("mapping"))
    header_media: str = Field(sa_column=base.words("header_media"))
    header_file_id: uuid.UUID | None = Field(sa_column=base.reference("header_file_id", required=False))
    synced_at: datetime = Field(sa_column=base.moment("synced_at", now=True))
    status_at: datetime | None = Field(sa_column=base.moment("status_at"))
    quality_at: datetime | None = Field(sa_column=base.moment("quality_at"))
    category_at: datetime | None = Field(sa_column=base.moment("category_at"))


class MediaFileRow(SQLModel, table=True):
    """A picture, video or document of a wedding, kept to be uploaded again when its id runs out."""

    __tablename__ = "media_files"
    __table_args__ = (
        base.wedding_bond(),
        base.same_wedding_key(),
        UniqueConstraint("wedding_id", "sha256"),
        CheckConstraint("kind IN ('image', 'video', 'document')", name="kind_1"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    sha256: str = Field(sa_column=base.words("sha256", default=None))
    kind: str = Field(sa_column=base.words("kind", default=None))
    mime_type: str = Field(sa_column=base.words("mime_type", default=None))
    filename: str = Field(sa_column=base.words("filename"))
    content: bytes = Field(sa_column=Column("content", LargeBinary(), nullable=False))
    created_at: datetime = Field(sa_column=base.moment("created_at", now=True))


class MediaUploadRow(SQLModel, table=True):
    """A file as a phone number knows it at the provider, under an id that lives for 30 days."""

    __tablename__ = "media_uploads"
    __table_args__ = (
        base.wedding_bond(),
        base.bound("file_id", "media_files"),
        UniqueConstraint("wedding_id", "file_id", "phone_number_id"),
    )
    id: uuid.UUID = Field(sa_column=base.key())
    wedding_id: uuid.UUID = Field(sa_column=base.of_wedding())
    file_id: uuid.UUID = Field(sa_column=base.reference("file_id"))
    phone_number_id: str = Field(sa_column=base.words("phone_number_id", default=None))
    media_id: str = Field(sa_column=base.words("media_id", default=None))
    uploaded_at: datetime = Field(sa_column=base.moment("uploaded_at", now=True))
