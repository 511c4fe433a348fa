"""Templates as they were synced, with their mapping."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from parinaya_cli.domain.media import HeaderMedium
from parinaya_cli.domain.templates import ButtonKind, TemplateButton, TemplateDefinition, parameters, unmapped
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Template:
    """A synced template with the fields that fill its parameters, and the medium above its text."""

    definition: TemplateDefinition
    mapping: Mapping[str, str]
    header: HeaderMedium | None
    synced_at: datetime

    @property
    def params(self) -> tuple[str, ...]:
        """Its parameters."""
        return parameters(self.definition)

    @property
    def mapped(self) -> bool:
        """Does every parameter have a field?"""
        return not unmapped(self.definition, self.mapping)


def _template(row: RowMapping) -> Template:
    raw = dict(row["definition"])
    raw["buttons"] = tuple(
        TemplateButton(**{**button, "kind": ButtonKind(button["kind"])}) for button in raw["buttons"]
    )
    header = None
    if row["header_media"] or row["sha256"]:
        header = HeaderMedium(
            row["header_media"], row["kind"], row["sha256"], row["filename"], row["media_id"]
        )
    return Template(TemplateDefinition(**raw), row["mapping"], header, row["synced_at"])


def write(tx: Transaction, definition: TemplateDefinition) -> str:
    """Write one template as the provider told it: ``new``, ``changed`` or ``unchanged``."""
    packed = json.dumps(asdict(definition), ensure_ascii=False, sort_keys=True)
    before = tx.value(
        "SELECT definition = CAST(:definition AS jsonb) FROM templates "
        "WHERE wedding_id = :wedding AND name = :name AND language = :language",
        definition=packed,
        name=definition.name,
        language=definition.language,
    )
    tx.run(
        "INSERT INTO templates (wedding_id, name, language, category, status, quality, definition, synced_at) "
        "VALUES (:wedding, :name, :language, :category, :status, :quality, CAST(:definition AS jsonb), :now) "
        "ON CONFLICT (wedding_id, name, language) DO UPDATE SET category = excluded.category, "
        "status = excluded.status, quality = excluded.quality, definition = excluded.definition, "
        "synced_at = excluded.synced_at",
        name=definition.name,
        language=definition.language,
        category=definition.category,
        status=definition.status,
        quality=definition.quality,
        definition=packed,
    )
    return {None: "new", True: "unchanged", False: "changed"}[before]


def mark_gone(tx: Transaction, kept: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Mark the templates that the provider no longer has as ``deleted``; returns their names and languages."""
    rows = tx.rows(
        "UPDATE templates SET status = 'deleted', definition = jsonb_set(definition, '{status}', '\"deleted\"') "
        "WHERE wedding_id = :wedding AND status <> 'deleted' "
        "AND NOT (name || '/' || language = ANY(:kept)) RETURNING name, language",
        kept=[f"{name}/{language}" for name, language in kept],
    )
    return [(row["name"], row["language"]) for row in rows]


def list_templates(tx: Transaction, name: str | None = None, *, phone_number_id: str = "") -> list[Template]:
    """The templates of the wedding, or the language versions of one.

    ``phone_number_id``: whose uploads of the headers' files are told.
    """
    rows = tx.rows(
        """
        SELECT t.definition, t.mapping, t.header_media, t.synced_at, coalesce(f.sha256, '') AS sha256,
               coalesce(f.filename, '') AS filename, coalesce(f.kind, '') AS kind, coalesce(u.media_id, '') AS media_id
          FROM templates t
          LEFT JOIN media_files f ON f.wedding_id = t.wedding_id AND f.id = t.header_file_id
          LEFT JOIN media_uploads u ON u.wedding_id = f.wedding_id AND u.file_id = f.id
                                   AND u.phone_number_id = :number
         WHERE t.wedding_id = :wedding AND (CAST(:name AS text) IS NULL OR t.name = :name)
         ORDER BY t.name, t.language
        """,
        name=name,
        number=phone_number_id,
    )
    return [_template(row) for row in rows]


def set_mapping(tx: Transaction, name: str, mapping: Mapping[str, str]) -> int:
    """Map the parameters of all language versions of a template; returns how many versions there are."""
    return tx.run(
        "UPDATE templates SET mapping = CAST(:mapping AS jsonb) WHERE wedding_id = :wedding AND name = :name",
        mapping=json.dumps(dict(mapping), ensure_ascii=False),
        name=name,
    )


def set_header(
    tx: Transaction, name: str, languages: Sequence[str], *, link: str = "", file_id: uuid.UUID | None = None
) -> int:
    """Put a medium above the text of these versions: a link or a file; returns how many versions that are."""
    return tx.run(
        "UPDATE templates SET header_media = :link, header_file_id = :file "
        "WHERE wedding_id = :wedding AND name = :name AND language = ANY(:languages)",
        link=link,
        file=file_id,
        name=name,
        languages=list(languages),
    )
