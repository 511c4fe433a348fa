"""How the columns of a list are understood, remembered under a name for the next list of that source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.header_forms import FIELDS, KEPT
from parinaya_cli.domain.names import clean

MAX_NAME = 60


@dataclass(frozen=True)
class PresetOptions:
    """What was told beside the columns. ``region``: ISO code for phones without country code."""

    sheet: str | None = None
    side: str | None = None
    tags: tuple[str, ...] = ()
    region: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Preset:
    """``columns``: their header to field, or to ``extra``. ``source``: the list that it was saved from."""

    name: str
    columns: Mapping[str, str]
    options: PresetOptions = field(default_factory=PresetOptions)
    source: str = ""
    updated_at: datetime | None = None


def check_name(text: str) -> str:
    """The name of a preset, cleaned.

    Raises:
        UsedWrongly: it is empty or too long.
    """
    name = clean(text)
    if not name:
        raise UsedWrongly("The preset has no name.", "Give it one, such as the bride's aunt.")
    if len(name) > MAX_NAME:
        raise UsedWrongly(
            f"The name of the preset is longer than {MAX_NAME} characters.", "Give it a shorter one."
        )
    return name


def columns_to_keep(understood: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers and fields as they were understood, for another list of the source.

    What was kept as extra stays extra. A column without header can't be named, and is understood anew each time;
    of two columns of one name only a meaning that both have is remembered.
    """
    meant: dict[str, set[str]] = {}
    for header, name in understood:
        if header:
            meant.setdefault(header, set()).add(name if name in FIELDS else KEPT)
    for names in meant.values():
        if names == {"phone", "phone_2"}:
            names.discard("phone_2")
    return {header: next(iter(names)) for header, names in meant.items() if len(names) == 1}
