"""Keeping nothing longer than its purpose lasts: to which wedding a file belongs that was made for people."""

from __future__ import annotations

import re
from collections.abc import Iterable

from parinaya_cli.domain.exports import KINDS

_EXPORTED = rf"-(?:{'|'.join(KINDS)})-[0-9]{{8}}-[0-9]{{6}}\."


def wedding_of(path: str, slugs: Iterable[str]) -> str | None:
    """The slug of the wedding to which a file belongs: ``exports/SLUG-people-20270211-101500.csv`` and
    ``rejects/SLUG/…``; None for a file that somebody has named otherwise."""
    folder, _, rest = path.partition("/")
    for slug in slugs:
        of_it = rest.startswith(f"{slug}/") if folder == "rejects" else re.match(slug + _EXPORTED, rest)
        if of_it:
            return slug
    return None
