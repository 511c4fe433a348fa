"""Names as families write them: cleaned, taken apart, and folded into keys for searching and comparing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from parinaya_cli.domain.name_words import (
    GIVEN_ENDINGS,
    HONORIFICS,
    LATE,
    NAMES_TOO,
    NO_LEADERS,
    OF,
    QUALIFIERS,
    RELATIONS,
    SUFFIXES,
    SURNAMES,
    WHENCE,
    words,
)
from parinaya_cli.domain.places import is_place

__all__ = [
    "NameParts",
    "bare",
    "clean",
    "fold",
    "fold_name",
    "graphemes",
    "hides_something",
    "is_honorific",
    "is_initial",
    "is_late",
    "is_surname",
    "split",
    "words",
]

MAX_GRAPHEMES = 200


# C0 and C1 controls, bidi marks and overrides, invisible characters. ZWNJ and ZWJ stay: Indic scripts need
# them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_DECEIVING = re.compile("[\x00-\x08\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_PLAIN = re.compile(r"[A-Za-z.']+(?: [A-Za-z.']+)*")

_PARENTAGE = re.compile(
    r"\s+\(?(?:[swdc]\s*/\s*o\b\.?|(?:son|wife|daughter|widow|mother|father) of\b|सुपुत्र|सुपुत्री|धर्मपत्नी)"
    r"(?=\s|$)",
    re.IGNORECASE,
)
_ASIDES = re.compile(r"[(/]| of |सुपुत्र|धर्मपत्नी")


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name taken apart: parts that aren't known are empty; ``full_name`` is as the family wrote it."""

    full_name: str
    honorific: str = ""
    given_name: str = ""
    family_name: str = ""


def clean(text: str) -> str:
    """NFC, without controls and invisible direction marks, whitespace collapsed; nothing else is changed."""
    if _PLAIN.fullmatch(text):
        return text
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(_INVISIBLE.sub("", text).split())


def hides_something(text: str) -> bool:
    """Whether a text holds controls, or marks that make it read in another direction than it is written."""
    return _DECEIVING.search(text) is not None


def graphemes(text: str) -> int:
    """How many characters a reader sees, close to Unicode's grapheme clusters (UAX 29)."""
    if text.isascii():
        return len(text)
    count = 0
    joined = False
    for char in text:
        mark = unicodedata.category(char)[0] == "M" or "\U0001f3fb" <= char <= "\U0001f3ff"
        if char == "\u200d":
            joined = True
            continue
        count += not (mark or joined)
        joined = False
    return count


# ── taking apart ───────────────────────────────────────────────────────────────────────────────────────


def bare(token: str) -> str:
    """A token for looking up: casefolded, without the dots and commas around it."""
    return token.strip(".,;:()[]-").casefold()


def is_surname(token: str) -> bool:
    """Whether a word is a family name that many families bear; most families' names are not on the list."""
    return bare(token) in SURNAMES


@lru_cache(maxsize=16384)
def is_honorific(token: str) -> bool:
    """Whether a word stands before names: Mr, Smt, Dr, श्री."""
    word = bare(token)
    return word in HONORIFICS and (token[0].isupper() or word not in NAMES_TOO)


def is_late(text: str) -> bool:
    """Whether a name begins as that of somebody who has died: ``Late Shri …``, ``स्व. …``."""
    first, _, rest = text.partition(" ")
    return bool(rest) and bare(first) in LATE and not first.islower()


def is_initial(token: str) -> bool:
    """Whether a word is initials: ``K``, ``S.K.``, ``S.``."""
    return len(token.strip(".")) == 1 or ("." in token and all(len(part) <= 1 for part in token.split(".")))


@lru_cache(maxsize=16384)
def _ends_plainly(token: str) -> bool:
    """Whether a last word is a family name: no suffix, no initial, no Devi or Bhai, nothing in brackets."""
    word = bare(token)
    if word in SUFFIXES or word in GIVEN_ENDINGS or word in RELATIONS:
        return False
    return not (")" in token or is_initial(token))


@lru_cache(maxsize=16384)
def _begins_plainly(token: str) -> bool:
    """Whether a word in front is a given name: no honorific, no initial, no ``Gupta,``, no bracket."""
    word = bare(token)
    if is_honorific(token) or is_initial(token) or word in RELATIONS or word in QUALIFIERS or word == "the":
        return False
    return not (token.endswith(",") or "(" in token)


def split(full_name: str) -> NameParts:
    """Take a name apart by a short table, without guessing what a stranger's name means.

    Honorifics stand in front (Shri, Smt, Dr, श्री) or behind (ji, sahab), and so do words of relation (``Ramesh
    uncle``, ``Papa office Ramesh``). The last word is the family name, unless it is an initial or a word such as
    Devi or Bhai. ``Gupta, Ramesh`` has the family name first; what stands behind ``w/o`` is somebody else.
    """
    name = clean(full_name)
    tokens = name.split(" ")
    if (
        len(tokens) > 1
        and _begins_plainly(tokens[0])
        and _ends_plainly(tokens[-1])
        and not _ASIDES.search(name)
    ):
        return NameParts(name, "", " ".join(tokens[:-1]), tokens[-1])
    return _split_any(name)


def _split_any(name: str) -> NameParts:
    behind = _PARENTAGE.search(name)
    own = name[: behind.start()] if behind else name
    parts = _split_own(name, _without_brackets(own.split()))
    if behind is None or parts.family_name or not parts.given_name:
        return parts
    last = name.split()[-1].strip("()")
    return NameParts(name, parts.honorific, parts.given_name, last if is_surname(last) else "")


def _split_own(name: str, tokens: list[str]) -> NameParts:
    front = _leading(tokens)
    if not tokens or all(bare(token) in SUFFIXES for token in tokens):
        called = front.pop() if tokens and front else ""
        return NameParts(name, " ".join(front + tokens), called)
    if len(tokens) > 1 and bare(tokens[0]) in RELATIONS and not _names_somebody(tokens[1:]):
        return NameParts(name, " ".join(t for t in tokens[1:] if bare(t) in SUFFIXES), *_called(tokens))
    back: list[str] = []
    while len(tokens) > 1 and _is_behind(tokens):
        back.insert(0, tokens.pop())
    honorific = " ".join(front + back)
    if len(tokens) == 1:
        return _single(name, front, tokens[0].strip(","), back)
    if tokens[0].endswith(","):
        return NameParts(name, honorific, " ".join(tokens[1:]), tokens[0].rstrip(","))
    return NameParts(name, honorific, *_given_and_family(tokens))


def _called(tokens: list[str]) -> tuple[str, str]:
    """What somebody is called who is known by a relation alone: ``Didi Pune`` is Didi, ``Bade Mama`` both words."""
    own = [token for token in tokens if bare(token) not in SUFFIXES]
    return (own[0] if is_place(" ".join(own[1:])) else " ".join(own)), ""


def _leading(tokens: list[str]) -> list[str]:
    """Take honorifics off the front, then a relation with what follows it (``Papa office``), if a name remains."""
    front: list[str] = []
    while tokens and is_honorific(tokens[0]):
        front.append(tokens.pop(0))
    if len(tokens) > 1 and bare(tokens[0]) in RELATIONS - NO_LEADERS and _names_somebody(tokens[1:]):
        front.append(tokens.pop(0))
        while len(tokens) > 1 and bare(tokens[0]) in WHENCE | SUFFIXES:
            front.append(tokens.pop(0))
        while len(tokens) > 2 and bare(tokens[0]) in OF:  # Papa ke dost Ramesh
            front += [tokens.pop(0), tokens.pop(0)]
    return front


def _names_somebody(tokens: list[str]) -> bool:
    """Whether words are more than a suffix, another relation or a place: ``Chachi ji``, ``Didi Pune``."""
    left = [token for token in tokens if bare(token) not in SUFFIXES and bare(token) not in WHENCE]
    return bool(left) and bare(left[0]) not in RELATIONS and not is_place(" ".join(left))


def _is_behind(tokens: list[str]) -> bool:
    """Whether the last word belongs behind a name; ``Bade Mama`` is called nothing else."""
    word = bare(tokens[-1])
    if word in SUFFIXES:
        return True
    before = bare(tokens[-2])
    return word in RELATIONS and before not in QUALIFIERS and before not in RELATIONS


def _single(name: str, front: list[str], word: str, back: list[str]) -> NameParts:
    honorific = " ".join(front + back)
    if is_surname(word) or (front and bare(front[-1]) in ("mr", "mrs")):
        return NameParts(name, honorific, "", word)
    return NameParts(name, honorific, word, "")


def _without_brackets(tokens: list[str]) -> list[str]:
    """Leave out nicknames in brackets: ``Leela (Chinki) Kaul``."""
    if not any("(" in token for token in tokens):
        return tokens
    return re.sub(r"\([^)]*\)?", " ", " ".join(tokens)).split()


def _given_and_family(tokens: list[str]) -> tuple[str, str]:
    last = tokens[-1]
    if bare(tokens[0]) == "the" and len(tokens) == 2:
        stem = last.removesuffix("s")
        return "", stem if is_surname(stem) else last
    ends_given = is_initial(last) or bare(last) in GIVEN_ENDINGS or bare(last) in RELATIONS
    initials_first = all(is_initial(token) for token in tokens[:-1]) and not is_surname(last)
    if ends_given or initials_first:
        return " ".join(tokens), ""
    return " ".join(tokens[:-1]), last


# ── folding ────────────────────────────────────────────────────────────────────────────────────────────


def _letters(first: int, text: str) -> dict[int, str]:
    """What the places of a Unicode block from ``first`` on are written as."""
    return dict(enumerate(text.split(), first))


_CONSONANTS = _letters(
    0x15, "k kh g gh n ch chh j jh n t th d dh n t th d dh n n p ph b bh m y r r l l l v sh sh s h"
)
_VOWELS = _letters(0x05, "a a i i u u ri l e e e ai o o o au")
_SIGNS = _letters(0x3E, "a i i u u ri ri e e e ai o o o au")
_NUKTA = {"j": "z", "d": "r", "dh": "rh", "ph": "f"}
_NASAL = "~"
_MARKS = {0x00: _NASAL, 0x01: _NASAL, 0x02: _NASAL, 0x03: "h"}
_GURMUKHI_TIPPI = 0x0A70
_SCHWA = "\u0259"  # the vowel that every consonant has unless something says otherwise
_SCHWA_INSIDE = re.compile(r"(?<=[aeiou\u0259])([^aeiou\u0259~]h?)\u0259(?=[^aeiou\u0259~]h?[aeiou\u0259])")
_SCHWA_SPOKEN = re.compile(r"[^aeiou\u0259~][lmnrvy]\u0259$")
_ASPIRATED = re.compile(r"([bdgjkpt])h")
_DOUBLED = re.compile(r"(.)\1+")
_WORD_GAPS = re.compile(r"[^a-z0-9]+")
_SIMILAR = (
    ("ee", "i"),
    ("oo", "u"),
    ("w", "v"),
    ("z", "j"),
    ("q", "k"),
    ("x", "ks"),
    ("f", "p"),
    ("ck", "k"),
    ("ksh", "ks"),
)


def _indic(text: str) -> str:
    """Letters of the Indic scripts into ASCII: their blocks, Devanagari to Malayalam, have one order."""
    out: list[str] = []
    for char in text:
        code = ord(char)
        if not 0x0900 <= code <= 0x0D7F:
            out.append(char)
            continue
        place = code & 0x7F
        if place in _CONSONANTS:
            out += [_CONSONANTS[place], _SCHWA]
        elif place in _SIGNS and out:
            out[-1:] = [_SIGNS[place]] if out[-1] == _SCHWA else [out[-1], _SIGNS[place]]
        elif place == 0x4D and out and out[-1] == _SCHWA:
            out.pop()
        elif place == 0x3C and len(out) > 1:
            out[-2] = _NUKTA.get(out[-2], out[-2])
        elif place in _VOWELS:
            out.append(_VOWELS[place])
        elif place in _MARKS or code == _GURMUKHI_TIPPI:
            out.append(_MARKS.get(place, _NASAL))
    return "".join(out)


def _speak(word: str) -> str:
    """Drop the inherent vowels that Hindi does not speak: रामलाल is ``ramlal``, शर्मा stays ``sharma``.

    At the end it is silent but after a cluster that needs it (चन्द्र, सत्य); inside it is silent between
    vowel and consonant on the left and consonant and vowel on the right, counted from the end.
    """
    word = word.replace("jn", "gy")
    if len(word) > 2 and word.endswith(_SCHWA) and not _SCHWA_SPOKEN.search(word):
        word = word[:-1]
    previous = ""
    while previous != word:
        previous = word
        word = _last_schwa_dropped(word)
    return word.replace(_SCHWA, "a")


def _last_schwa_dropped(word: str) -> str:
    matches = list(_SCHWA_INSIDE.finditer(word))
    if not matches:
        return word
    match = matches[-1]
    return word[: match.start()] + match[1] + word[match.end() :]


@lru_cache(maxsize=65536)
def _fold_word(word: str) -> str:
    """One word, casefolded ASCII letters or anything else."""
    if not word.isascii():
        word = _indic(unicodedata.normalize("NFC", word))
        word = _speak(word) if _SCHWA in word else word
        word = re.sub("~(?=[bmp])", "m", word).replace(_NASAL, "n")
        word = "".join(c for c in unicodedata.normalize("NFKD", word).casefold() if c.isalnum())
    before = ""
    while word != before:
        before = word
        for spelling, key in _SIMILAR:
            word = word.replace(spelling, key)
        word = _DOUBLED.sub(r"\1", _ASPIRATED.sub(r"\1", word))
    return word


def fold(text: str) -> str:
    """The key for searching and comparing: ASCII where it can be, words in their order.

    NFKC, casefold, Indic scripts transliterated with their inherent vowels, diacritics dropped; then the
    usual variants of spelling made one: doubled letters, ``h`` after a consonant (but sh and ch), ee and
    i, oo and u, w and v, z and j, f and ph, x and ksh. ``शर्मा``, ``Sharma`` and ``SHARMAA`` are all
    ``sharma``.
    """
    if text.isascii():
        if text.replace(" ", "").isalnum():
            return " ".join(map(_fold_word, text.lower().split()))
    else:
        text = unicodedata.normalize("NFKC", text)
    text = text.casefold().replace("'", "").replace("’", "")
    if text.isascii():
        words = _WORD_GAPS.sub(" ", text).split()
    else:
        kept = (
            c if c.isalnum() or unicodedata.category(c)[0] == "M" else " "
            for c in text
            if c not in "\u200c\u200d"
        )
        words = "".join(kept).split()
    return " ".join(filter(None, map(_fold_word, words)))


def fold_name(parts: NameParts) -> str:
    """The key of a person's name: given name first, without honorifics and nicknames in brackets.

    A name of a single word keeps its honorific: without it ``Mr Gupta`` and ``Mrs Gupta`` would be one.
    """
    given, family = parts.given_name, parts.family_name
    if given and family:
        return fold(f"{given} {family}")
    if " " in given:
        return fold(given)
    return fold(parts.full_name)
