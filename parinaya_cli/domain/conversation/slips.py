"""Slips of the keyboard: a word that nobody knows, and that is one slip away from exactly one that is known."""

from __future__ import annotations

from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from parinaya_cli.domain.conversation import words
from parinaya_cli.domain.conversation.phrases import TABLE

_EVENTS = (
    "sangeet",
    "mehendi",
    "haldi",
    "reception",
    "wedding",
    "shaadi",
    "pheras",
    "engagement",
    "cocktail",
)
_NUMBERS = ("three", "four", "five", "seven", "eight", "chaar", "paanch")
_SHORTEST = 4
_SHORT = 5
_TWO_SLIPS_FROM = 9
"""A word of so many letters may hold two slips."""


def mend(said: list[str], unknown: set[str]) -> list[str] | None:
    """The words of a message with the ``unknown`` ones put right, or None when there is nothing to put right."""
    mended = [_nearest(word) or word if word in unknown else word for word in said]
    return mended if mended != said else None


@lru_cache(maxsize=4096)
def _nearest(word: str) -> str | None:
    """The known word that is meant, in its canonical form; None when none or several could be.

    The first letter is never the one that slipped; in short words no letter is taken for another.
    """
    if len(word) < _SHORTEST or not word.isascii() or not word.isalpha():
        return None
    slips = 2 if len(word) >= _TWO_SLIPS_FROM else 1
    near = [
        (distance, known)
        for known, distance, _ in process.extract(
            word, _known(word[0]), scorer=OSA.distance, score_cutoff=slips, limit=None
        )
        if _may_slip(word, known)
    ]
    if not near:
        return None
    least = min(near)[0]
    meant = {words.canonical(known) for distance, known in near if distance == least}
    return meant.pop() if len(meant) == 1 else None


def _may_slip(word: str, known: str) -> bool:
    """Of four letters two may have changed places; of five one may be missing or too many as well."""
    if len(word) == _SHORTEST:
        return sorted(known) == sorted(word)
    return len(word) > _SHORT or len(word) != len(known) or sorted(known) == sorted(word)


@cache
def _known(letter: str) -> list[str]:
    """The words that begin with a letter and are long enough to hold a slip."""
    listed = {word for phrase in TABLE for word in phrase} | {*_EVENTS, *_NUMBERS}
    listed |= {spelling for spellings in words.SPELLINGS.values() for spelling in spellings.split()}
    return sorted(word for word in listed if word[:1] == letter and len(word) >= _SHORTEST and word.isascii())
