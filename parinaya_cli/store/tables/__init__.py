"""The tables, a file per noun, seen by the store and the migrations only."""

from __future__ import annotations

from parinaya_cli.store.tables import (
    answers,
    audit,
    dispatches,
    duplicates,
    events,
    imports,
    merges,
    people,
    projections,
    site,
    templates,
    units,
    webhooks,
    weddings,
)
from parinaya_cli.store.tables.base import metadata

__all__ = [
    "answers",
    "audit",
    "dispatches",
    "duplicates",
    "events",
    "imports",
    "merges",
    "metadata",
    "people",
    "projections",
    "site",
    "templates",
    "units",
    "webhooks",
    "weddings",
]
