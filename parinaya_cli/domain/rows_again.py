"""Rows of a list that come again under another key: a name or a number was corrected in a list without ids.

Within one list only, and only where one row is gone and one is new that can be the same person, so that nobody else
could be meant on either side:

1. the same name and a phone in common: the household's text, or another phone, was changed. Where a column of a long
   list is another, these are all of its rows; so they are found in the database (``store/import_matching.py``);
2. the same name of two words or more, and another phone: the phone was corrected; or
3. a phone in common, the row still about where it stood, and a name that reads like a correction of the other.

A row that an earlier version of the list did not have any more may come back so as well; one that is gone since this
version goes before it.

Whatever is less than that is a new person: two rows too many are found by looking for duplicates, two people in one
row are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from rapidfuzz.distance import DamerauLevenshtein

_NEAR = 3  # lines, beside those by which a list has become longer or shorter


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that is gone and a new one of the same list that may be the same person.

    ``new``: the number of the new row, ``gone``: the key of the other, within ``source``. ``was`` and ``told``: the
    two names, folded. ``lines_apart``: how far from its old place the new row stands. ``earlier``: the other was gone
    before.
    """

    new: int
    source: str
    gone: str
    was: str
    told: str
    same_phone: bool
    lines_apart: int
    earlier: bool = False


def known_again(candidates: Iterable[Candidate], moved: int) -> list[Candidate]:
    """The pairs that are one person by the second or third rule.

    ``moved``: how many rows are new or gone in all, which move the others.
    """
    rules: tuple[Callable[[Candidate], bool], ...] = (
        lambda one: one.was == one.told and " " in one.told,
        lambda one: one.same_phone and one.lines_apart <= _NEAR + moved and is_correction(one.was, one.told),
    )
    found: list[Candidate] = []
    left = list(candidates)
    for rule, earlier in product(rules, (False, True)):
        sure = _only_ones([one for one in left if one.earlier == earlier and rule(one)])
        found += sure
        new, gone = {one.new for one in sure}, {(one.source, one.gone) for one in sure}
        left = [one for one in left if one.new not in new and (one.source, one.gone) not in gone]
    return found


def _only_ones(pairs: Sequence[Candidate]) -> list[Candidate]:
    """Pairs of which neither row is in another pair."""
    new = Counter(one.new for one in pairs)
    gone = Counter((one.source, one.gone) for one in pairs)
    return [one for one in pairs if new[one.new] == gone[one.source, one.gone] == 1]


def is_correction(was: str, told: str) -> bool:
    """Whether a folded name reads like the other with a slip mended, or with a part added or left out.

    Each word of the shorter name stands in the longer one, or differs from a word of it by a slip: one in a word of
    up to five letters, two in a longer one. ``asha sharma`` corrects ``asa sharma``, and not ``vikram sharma``.
    """
    shorter, longer = sorted((was.split(), told.split()), key=len)
    left = list(longer)
    for word in sorted(shorter, key=lambda word: word not in longer):
        like = next((other for other in left if _is_slip(word, other)), None)
        if like is None:
            return False
        left.remove(like)
    return bool(shorter) and len(left) <= 1


def _is_slip(word: str, other: str) -> bool:
    if word == other:
        return True
    most = 1 if min(len(word), len(other)) <= 5 else 2
    return word[:1] == other[:1] and DamerauLevenshtein.distance(word, other, score_cutoff=most) <= most
