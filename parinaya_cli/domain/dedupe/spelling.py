"""How alike two words of a name are: one word, spellings of one name, a slip, a short form, or two names."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from parinaya_cli.domain.dedupe import lexicon


class Likeness(IntEnum):
    """How one word of a name stands to another, from another name to the same word."""

    OTHER = 0
    ALIKE = 1
    SHORT = 2
    ENDING = 3
    SLIP = 4
    CLOSE = 5
    VARIANT = 6
    SAME = 7


# Spellings that every reader takes for one sound, in the order in which they are replaced in a folded word.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"c(?!h)", "k"),
        (r"chh?", "c"),
        (r"sh", "s"),
        (r"[jg]n(?=[aeiou])", "gy"),
        (r"sin[gh]+$", "sing"),
        (r"tr?v(?=[aeiou])", "tv"),
        (r"iy", "y"),
        (r"i(?=[aou])", "y"),
        (r"[aeo][iy](?![aeiou])", "e"),
        (r"ov(?=[^aeiou]|$)|av(?=[^aeiouyn])|[ao]u|ao|o[hv]$", "o"),
        (r"(?<=[^aeiou])y$", "i"),
        (r"(?<=[dt])[aeu]?ra?$", "r"),
        (r"n(?=[pb])", "m"),
        (r"(?<=[a-z])h(?![aeiou])|(?<=[^aeiou])h", ""),
        (r"(.)\1+", r"\1"),
    )
)
_VOWELS = "aeiou"
_CONSONANTS = re.compile(r"[^aeiou]+")
# What the vowels at one place of two spellings cost; what is not told costs one.
_VOWEL_COST = {
    frozenset(("", "a")): 0.3,
    frozenset("ie"): 0.1,
    frozenset("ou"): 0.2,
    frozenset("ao"): 0.5,
    frozenset("au"): 0.6,
    frozenset("ae"): 0.5,
    frozenset(("", "e")): 0.5,
    frozenset(("", "i")): 0.6,
    frozenset(("", "u")): 0.7,
    frozenset(("", "o")): 0.8,
}


@lru_cache(maxsize=131072)
def sound(word: str) -> str:
    """How a folded word sounds, with its vowels: ``chaudhari``, ``choudhury`` and ``chowdary`` meet in ``codr…``."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


@lru_cache(maxsize=131072)
def skeleton(word: str) -> str:
    """The consonants of how a folded word sounds; a vowel in front counts as ``*``. For looking up, not for judging.

    v and b are one here, as they are in the east: Bimal and Vimal.
    """
    spoken = sound(word)
    front = "*" if spoken[:1] in _VOWELS else ""
    return front + "".join(_CONSONANTS.findall(spoken)).replace("v", "b")


def _vowel_cost(left: str, right: str) -> float:
    """What the differing vowels of two words with one skeleton cost, from 0."""
    cost = 0.4 if left.count("v") != right.count("v") else 0.0
    ours, theirs = (re.split(r"[^aeiou]", word) for word in (left, right))
    for place, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        if one != other:
            step = _VOWEL_COST.get(frozenset((one, other)) if len(one) < 2 > len(other) else frozenset(), 1.0)
            if len(one) < 2 > len(other) and not one + other:
                step = 0.0
            last = place == len(ours) - 1
            cost += step + (0.3 if last and {one, other} == {"", "a"} else 0.0)
    return cost


@lru_cache(maxsize=262144)
def likeness(left: str, right: str) -> Likeness:
    """How alike two folded words of a name are; the order of the two doesn't matter."""
    if left == right:
        return Likeness.SAME
    if left > right:
        left, right = right, left
    ours, theirs = sound(left), sound(right)
    if ours == theirs:
        return Likeness.VARIANT
    two_names = _are_two_names(left, right)
    if _differ_in_ending(ours, theirs):
        return Likeness.OTHER if two_names else Likeness.ENDING
    if skeleton(left) == skeleton(right):
        cost = _vowel_cost(ours, theirs)
        if cost <= 0.55 and not two_names:
            return Likeness.VARIANT
        if cost <= 1.0:
            return Likeness.OTHER if two_names else Likeness.CLOSE
    if right in lexicon.SHORT_FORMS.get(left, ()):
        return Likeness.SHORT
    slip = _slip(left, right, ours, theirs)
    if slip:
        return Likeness.OTHER if two_names else slip
    return _beginning(left, right)


def _differ_in_ending(ours: str, theirs: str) -> bool:
    """One is the other and a vowel, which often makes a woman's name of a man's: Namit and Namita."""
    short, long = (ours, theirs) if len(ours) < len(theirs) else (theirs, ours)
    return len(long) == len(short) + 1 and long.startswith(short) and long[-1] in _VOWELS


def _are_two_names(left: str, right: str) -> bool:
    """Whether both are names that are known to be two: Karan and Kiran, Vijay and Vinay, Lalit and Lalita."""
    if sound(left).replace("v", "b") == sound(right).replace("v", "b"):
        return False
    return gender_of(left) != 0 and gender_of(right) != 0


@lru_cache(maxsize=131072)
def gender_of(word: str) -> int:
    """Who mostly bears a given name, in any spelling: 1 men, -1 women, 0 when it is not known."""
    return lexicon.GIVEN.get(word) or _GIVEN_BY_SOUND.get(sound(word), 0)


def _slip(left: str, right: str, ours: str, theirs: str) -> Likeness | None:
    """A letter left out, doubled, changed or exchanged, in a word that is long enough to bear it."""
    shorter = min(len(left), len(right))
    if shorter < 4:
        return None
    if skeleton(left)[:1] != skeleton(right)[:1]:
        return None  # a slip seldom falls on the first letter, but brothers' and sisters' names often rhyme
    spoken = OSA.distance(ours, theirs, score_cutoff=2)
    if spoken == 1 and min(len(ours), len(theirs)) >= 5:
        return Likeness.CLOSE if ours[0] == theirs[0] else Likeness.SLIP
    written = OSA.distance(left, right, score_cutoff=2)
    if written == 1 or (shorter >= 7 and min(written, spoken) == 2):
        return Likeness.SLIP
    if shorter >= 6 and JaroWinkler.similarity(left, right) >= 0.94:
        return Likeness.SLIP
    return None


def _beginning(left: str, right: str) -> Likeness:
    """A word that begins another, or its pet name: Saksh and Sakshi, Ashu and Ashish; but Shiv is not Shivani."""
    short, long = sorted((left, right), key=len)
    if len(short) >= 3 and long.startswith(short):
        return Likeness.ALIKE if short in lexicon.GIVEN else Likeness.SHORT
    stem = short.rstrip("iuy")
    if len(stem) < len(short) and len(stem) >= 3 and long.startswith(stem) and short not in lexicon.GIVEN:
        return Likeness.SHORT
    if len(short) >= 4 and JaroWinkler.similarity(left, right) >= 0.88:
        return Likeness.ALIKE
    return Likeness.OTHER


_GIVEN_BY_SOUND = {sound(word): gender for word, gender in lexicon.GIVEN.items()}
