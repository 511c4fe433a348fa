"""Forgetting somebody: by which texts they are known, and how these are taken out of whatever holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import phones

ERASED = "erased"
"""What stands where a name stood."""

_BACKSLASH = "\\"
_ESCAPED = r"\\\1"

FEWEST_LETTERS = 6
"""A shorter text is not looked for elsewhere: it would be found in what concerns others."""


@dataclass(frozen=True)
class Traces:
    """The texts by which somebody is known, longest first.

    ``everywhere``: those that mean nobody else (phones in their usual writings, emails, a full name that no one
    else bears). ``at_home``: those that are looked for in their own household only.
    """

    everywhere: tuple[str, ...]
    at_home: tuple[str, ...]


def traces(full_names: Iterable[str], unique: bool, points: Iterable[str], raws: Iterable[str]) -> Traces:
    """What to look for. ``unique``: nobody else bears the names; ``points``: phones in E.164, emails, user ids."""
    names = {name for name in full_names if name}
    found: set[str] = set()
    for value in points:
        found.add(value)
        if re.fullmatch(r"\+[0-9]{7,15}", value):
            found |= _writings(value)
    found |= {raw.strip() for raw in raws}
    found = {one for one in found if len(one) >= FEWEST_LETTERS}
    if unique:
        found |= {name for name in names if len(name) >= FEWEST_LETTERS and " " in name}
    return Traces(_longest_first(found), _longest_first(found | {name for name in names if len(name) > 1}))


def _writings(e164: str) -> set[str]:
    """How a phone may stand in a text: whole, without the plus, as it is dialled at home, in groups."""
    shown = phones.show(e164)
    national = shown.partition(" ")[2]
    digits = "".join(c for c in national if c.isdigit())
    return {e164, e164[1:], shown, national, digits} - {""}


def _longest_first(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(texts), key=lambda text: (-len(text), text)))


def scrub(value: object, texts: Sequence[str]) -> object:
    """``value`` (text, or what JSON can hold) with each of the texts replaced by a word, however it is capitalised."""
    if not texts:
        return value
    return _scrub(value, re.compile("|".join(map(re.escape, texts)), re.IGNORECASE))


def _scrub(value: object, pattern: re.Pattern[str]) -> object:
    if isinstance(value, str):
        return pattern.sub(ERASED, value)
    if isinstance(value, Mapping):
        return {_scrub(name, pattern): _scrub(one, pattern) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_scrub(one, pattern) for one in value]
    return value


def patterns(texts: Iterable[str]) -> list[str]:
    """The texts as patterns for ``ILIKE``."""
    return [f"%{re.sub(r'([%_])', _ESCAPED, text.replace(_BACKSLASH, _BACKSLASH * 2))}%" for text in texts]
