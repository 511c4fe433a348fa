"""Presets: how a source's columns are understood, saved under a name and used again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import NotFound
from parinaya_cli.domain.presets import Preset, PresetOptions, check_name, columns_to_keep
from parinaya_cli.services.imports import ImportRequest
from parinaya_cli.store import presets as store
from parinaya_cli.store.transaction import Transaction


def list_presets(tx: Transaction) -> list[Preset]:
    """Every preset, by name."""
    access.require(tx.actor, Permission.PEOPLE)
    return store.list_presets(tx)


def find(tx: Transaction, name: str) -> Preset:
    """A preset by its name.

    Raises:
        NotFound: there is none of this name.
    """
    access.require(tx.actor, Permission.PEOPLE)
    preset = store.find(tx, check_name(name))
    if preset is None:
        raise NotFound(f"There is no preset “{name}”.", "See `parinaya people presets`.")
    return preset


def apply(tx: Transaction, name: str, request: ImportRequest) -> ImportRequest:
    """The request with what a preset remembers, where the request itself says nothing.

    Columns told with ``--map`` go before those of the preset. Tags of both are given. The preset's ``encoding`` is
    no part of a request: who opens the file takes it from ``find(tx, name).options``.

    Raises:
        NotFound: there is no preset of this name.
    """
    preset = find(tx, name)
    options = preset.options
    return replace(
        request,
        preset=preset.columns,
        side=request.side or options.side,
        tags=tuple(dict.fromkeys((*options.tags, *request.tags))),
        region=request.region or options.region,
        sheet=request.sheet or options.sheet,
    )


def save(
    tx: Transaction,
    name: str,
    request: ImportRequest,
    understood: Iterable[tuple[str, str]],
    encoding: str | None = None,
) -> Preset:
    """Remember how a list was understood, over what the name stood for before; nothing happens when it is the same.

    ``understood``: header and field of each column as the import has taken them, the field empty where it was kept
    as extra. ``encoding``: as it was told, if it was.

    Raises:
        UsedWrongly: the name is empty or too long.
    """
    access.require(tx.actor, Permission.PEOPLE)
    name = check_name(name)
    before = store.find(tx, name)
    options = PresetOptions(request.sheet, request.side, request.tags, request.region, encoding)
    preset = Preset(
        before.name if before else name, columns_to_keep(understood), options, request.source, tx.now
    )
    if before and replace(before, updated_at=preset.updated_at) == preset:
        return before
    store.write(tx, preset)
    tx.audit(
        "preset.save",
        "preset",
        ref=preset.name,
        before=_told(before) if before else None,
        after=_told(preset),
    )
    return preset


def remove(tx: Transaction, name: str) -> Preset:
    """Forget a preset; the lists that were imported with it stay as they are.

    Raises:
        NotFound: there is none of this name.
    """
    access.require(tx.actor, Permission.PEOPLE)
    preset = find(tx, name)
    store.remove(tx, preset.name)
    tx.audit("preset.remove", "preset", ref=preset.name, before=_told(preset))
    return preset


def _told(preset: Preset) -> dict[str, object]:
    options = {name: value for name, value in asdict(preset.options).items() if value}
    return {"source": preset.source, "columns": dict(preset.columns), **options}


def document(preset: Preset) -> dict[str, object]:
    """A preset as ``--json`` shows one."""
    options = preset.options
    return {
        "name": preset.name,
        "source": preset.source,
        "columns": dict(preset.columns),
        "sheet": options.sheet,
        "side": options.side,
        "tags": list(options.tags),
        "region": options.region,
        "encoding": options.encoding,
        "updated_at": preset.updated_at,
    }
