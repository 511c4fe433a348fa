"""Templates as they were synced, with their mapping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from parinaya_cli.domain.templates import ButtonKind, TemplateButton, TemplateDefinition, parameters, unmapped
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Template:
    """A synced template with the fields that fill its parameters."""

    definition: TemplateDefinition
    mapping: Mapping[str, str]
    header_media: str
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
    return Template(TemplateDefinition(**raw), row["mapping"], row["header_media"], row["synced_at"])


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


def list_templates(tx: Transaction, name: str | None = None) -> list[Template]:
    """The templates of the wedding, or the language versions of one."""
    rows = tx.rows(
        "SELECT definition, mapping, header_media, synced_at FROM templates WHERE wedding_id = :wedding "
        "AND (CAST(:name AS text) IS NULL OR name = :name) ORDER BY name, language",
        name=name,
    )
    return [_template(row) for row in rows]


def set_mapping(tx: Transaction, name: str, mapping: Mapping[str, str], header_media: str | None) -> int:
    """Map the parameters of all language versions of a template; returns how many versions there are."""
    return tx.run(
        "UPDATE templates SET mapping = CAST(:mapping AS jsonb), header_media = coalesce(:media, header_media) "
        "WHERE wedding_id = :wedding AND name = :name",
        mapping=json.dumps(dict(mapping), ensure_ascii=False),
        media=header_media,
        name=name,
    )


_SENDS_AGAIN = {"reinstated", "unarchived"}


def hear(tx: Transaction, name: str, language: str, status: str | None, quality: str | None) -> int:
    """What a webhook told of a template, in every wedding that uses it; returns the number of rows it changed."""
    status = "approved" if status in _SENDS_AGAIN else status
    return tx.run(
        "UPDATE templates SET status = coalesce(:status, status), quality = coalesce(:quality, quality), "
        "definition = definition || jsonb_strip_nulls(jsonb_build_object('status', CAST(:status AS text), "
        "'quality', CAST(:quality AS text))) "
        "WHERE name = :name AND replace(language, '-', '_') = replace(:language, '-', '_')",
        name=name,
        language=language,
        status=status,
        quality=quality,
    )
