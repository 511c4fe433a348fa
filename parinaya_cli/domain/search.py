"""Searching people: what an operator typed, and the looser key by which a name is found however it was spelt."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from parinaya_cli.domain import names

FEWEST_DIGITS = 4
"""So many digits of a phone must be known: fewer are in every tenth number."""

LONGEST = 200
"""Characters of a search that are looked at."""

# One after the other, over what ``names.fold`` gives. The migration that fills the keys of people who were there
# before says the same in SQL, and a test holds the two together: hence no \b and nothing else that the two regular
# expressions understand differently.
_RULES = (
    # names that are hardly ever written out
    (r"(?<![^ ])(m[ou]ha?m[aei]d|maham[aei]d|m[ou]hd|md)(?![^ ])", "mohamad"),
    (r"(?<![^ ])abdl?(?![^ ])", "abdul"),
    (r"(?<![^ ])kr(?![^ ])", "kumar"),
    # one sound, several spellings
    (r"dny|jny|jn", "gy"),
    (r"ou|au|ov(?![aeiou])", "o"),
    (r"sh", "s"),
    (r"y", "i"),
    (r"c(?!h)", "k"),
    (r"([a-z])\1+", r"\1"),
)
_COMPILED = tuple((re.compile(pattern), said) for pattern, said in _RULES)


@lru_cache(maxsize=65536)
def key(folded: str) -> str:
    """The key of a folded name (``names.fold``) for the search.

    Shah and Sah, Chowdhury and Choudhari, Mohd and Mohammed, Priya and Pria are one here; what differs by a vowel
    is near, and found by likeness.
    """
    for pattern, said in _COMPILED:
        folded = pattern.sub(said, folded)
    return folded


# ── what was typed ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Wanted:
    """What an operator typed, read in every way in which it can be meant; "" where it can't.

    ``folded``, ``key``: as a name. ``digits``: as a phone, without what stands between its digits; ``whole``: it
    was written with its country code. ``word``: as it stands, in small letters, for tags, emails and the ids of
    lists.
    """

    text: str
    folded: str
    key: str
    digits: str
    whole: bool
    word: str


_PHONE = re.compile(r"\+?[0-9()\-./ ]+")


def read(text: str) -> Wanted:
    """Read a search: a phone is one that has four digits or more and no letters."""
    text = unicodedata.normalize("NFKC", text)[:LONGEST].strip()
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc"))
    digits = "".join(c for c in plain if "0" <= c <= "9") if _PHONE.fullmatch(plain) else ""
    if len(digits) < FEWEST_DIGITS:
        digits = ""
    folded = names.fold_name(names.split(text)) if any(c.isalpha() for c in text) else ""
    return Wanted(text, folded, key(folded), digits, plain.startswith(("+", "00")), text.lower().lstrip("#"))


def beginnings(wanted: Wanted, country_code: str) -> list[str]:
    """How an E.164 number may begin that was typed with its first digits; ``country_code``: the wedding's, ``91``."""
    digits = wanted.digits
    if not digits:
        return []
    if wanted.whole:
        return [f"+{digits.removeprefix('00') if not wanted.text.startswith('+') else digits}"]
    return [f"+{digits}", f"+{country_code}{digits.lstrip('0')}"]


EXACT, SAME_SOUND, BEGINS, HAS_PART = 1.0, 0.95, 0.9, 0.85
"""Scores: what was typed, the same sound, a name that begins so, a name of which it is a part."""


def likeness(similarity: float) -> float:
    """The score of a name that is merely like what was typed: below all that hold it."""
    return round(0.8 * similarity, 4)
