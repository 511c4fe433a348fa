"""Presets as they are kept, by name."""

from __future__ import annotations

import json
from dataclasses import asdict

from sqlalchemy import RowMapping

from parinaya_cli.domain.presets import Preset, PresetOptions
from parinaya_cli.store.transaction import Transaction

_COLUMNS = "name, columns, options, source, updated_at"


def _preset(row: RowMapping) -> Preset:
    options = {**row["options"], "tags": tuple(row["options"].get("tags", ()))}
    return Preset(row["name"], row["columns"], PresetOptions(**options), row["source"], row["updated_at"])


def list_presets(tx: Transaction) -> list[Preset]:
    """Every preset of the wedding, by name."""
    rows = tx.rows(f"SELECT {_COLUMNS} FROM import_presets WHERE wedding_id = :wedding ORDER BY name")
    return [_preset(row) for row in rows]


def find(tx: Transaction, name: str) -> Preset | None:
    """The preset of this name, whatever its capitals."""
    row = tx.row(
        f"SELECT {_COLUMNS} FROM import_presets WHERE wedding_id = :wedding AND lower(name) = lower(:name) "
        "ORDER BY name LIMIT 1",
        name=name,
    )
    return _preset(row) if row else None


def write(tx: Transaction, preset: Preset) -> None:
    """Write a preset, over one of the same name."""
    tx.run(
        "INSERT INTO import_presets (wedding_id, name, columns, options, source, updated_at) "
        "VALUES (:wedding, :name, CAST(:columns AS jsonb), CAST(:options AS jsonb), :source, :now) "
        "ON CONFLICT (wedding_id, name) DO UPDATE SET columns = excluded.columns, options = excluded.options, "
        "source = excluded.source, updated_at = excluded.updated_at",
        name=preset.name,
        columns=json.dumps(dict(preset.columns), ensure_ascii=False),
        options=json.dumps(asdict(preset.options), ensure_ascii=False),
        source=preset.source,
    )


def remove(tx: Transaction, name: str) -> int:
    """Forget the preset of exactly this name; returns how many there were."""
    return tx.run("DELETE FROM import_presets WHERE wedding_id = :wedding AND name = :name", name=name)
