"""Files that stand above the texts of templates, and the ids under which the provider knows them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from parinaya_cli.domain.media import MediaFile
from parinaya_cli.store.transaction import Transaction


def add(tx: Transaction, file: MediaFile) -> uuid.UUID:
    """Keep a file; one that is there already keeps its id and takes the new name."""
    found: uuid.UUID = tx.value(
        "INSERT INTO media_files (wedding_id, sha256, kind, mime_type, filename, content) "
        "VALUES (:wedding, :sha256, :kind, :mime_type, :filename, :content) "
        "ON CONFLICT (wedding_id, sha256) DO UPDATE SET filename = excluded.filename RETURNING id",
        sha256=file.sha256,
        kind=file.kind,
        mime_type=file.mime_type,
        filename=file.filename,
        content=file.content,
    )
    return found


def read(tx: Transaction, file_id: uuid.UUID) -> MediaFile | None:
    """A file with its bytes."""
    row = tx.row(
        "SELECT kind, mime_type, filename, content FROM media_files WHERE wedding_id = :wedding AND id = :id",
        id=file_id,
    )
    return MediaFile(**dict(row)) if row else None


def has_files(tx: Transaction) -> bool:
    """Does the wedding have any file at all?"""
    return tx.row("SELECT 1 FROM media_files WHERE wedding_id = :wedding LIMIT 1") is not None


@dataclass(frozen=True)
class StaleFile:
    """A file that needs an upload; ``media_id`` is the one that runs out, empty if there is none."""

    file_id: uuid.UUID
    media_id: str


def list_stale(
    tx: Transaction, phone_number_id: str, older_than: timedelta, template: str | None
) -> list[StaleFile]:
    """The files that templates or waiting messages show and whose upload is missing or that old.

    ``template``: of this one alone.
    """
    rows = tx.rows(
        """
        SELECT DISTINCT f.id AS file_id, coalesce(u.media_id, '') AS media_id
          FROM media_files f
          LEFT JOIN media_uploads u ON u.wedding_id = f.wedding_id AND u.file_id = f.id
                                   AND u.phone_number_id = :number
         WHERE f.wedding_id = :wedding AND (u.id IS NULL OR u.uploaded_at < :now - CAST(:age AS interval))
           AND (EXISTS (SELECT 1 FROM templates t WHERE t.wedding_id = f.wedding_id AND t.header_file_id = f.id
                           AND (CAST(:template AS text) IS NULL OR t.name = :template))
                OR EXISTS (SELECT 1 FROM invite_dispatch d WHERE d.wedding_id = f.wedding_id
                              AND d.state = 'queued' AND d.content -> 'header' ->> 'id' = u.media_id
                              AND (CAST(:template AS text) IS NULL OR d.template = :template)))
         ORDER BY file_id
        """,
        number=phone_number_id,
        age=older_than,
        template=template,
    )
    return [StaleFile(**dict(row)) for row in rows]


def write_upload(tx: Transaction, file: StaleFile, phone_number_id: str, media_id: str) -> int:
    """Write down a new upload, and put its id into the messages that still wait; returns how many those are."""
    tx.run(
        "INSERT INTO media_uploads (wedding_id, file_id, phone_number_id, media_id, uploaded_at) "
        "VALUES (:wedding, :file, :number, :media, :now) ON CONFLICT (wedding_id, file_id, phone_number_id) "
        "DO UPDATE SET media_id = excluded.media_id, uploaded_at = excluded.uploaded_at",
        file=file.file_id,
        number=phone_number_id,
        media=media_id,
    )
    if not file.media_id:
        return 0
    return tx.run(
        "UPDATE invite_dispatch SET content = jsonb_set(content, '{header,id}', to_jsonb(CAST(:media AS text))), "
        "updated_at = :now WHERE wedding_id = :wedding AND state = 'queued' AND phone_number_id = :number "
        "AND content -> 'header' ->> 'id' = :before",
        media=media_id,
        number=phone_number_id,
        before=file.media_id,
    )
