"""What one check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What one check found; ``hint`` is the mend. Something that is well may have one too: it will not stay so."""

    name: str
    ok: bool
    detail: str
    hint: str = ""
