"""Entries that name somebody by their relation: ``Ramesh's wife``, ``Sunita w/o Ramesh``, ``Chacha`` and ``Chachi``.

A word of relation alone says little: there is many a Ramesh. It counts within one list, where one person alone can be
meant, and where phone, address and city do not speak against it. Brothers and sisters have households of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import names
from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.names import bare, words

_WHOSE = re.compile(
    r"^(?P<of>.+?)(?:['’]s|\s+(?:ki|ka|ke|की|का|के))\s+(?P<word>[^\W\d_]+|\S+)(?:\s+(?:ji|जी))?$",
    re.IGNORECASE,
)
_OF = re.compile(
    r"(?:^|[\s(,])(?:[wdsmfh]\s*/\s*o|(?:wife|husband|son|daughter|mother|father) of)\b\.?\s*(?P<of>[^()]+?)\s*\)?$",
    re.IGNORECASE,
)
_MRS = re.compile(r"^(?:mrs|smt|shrimati|श्रीमती)\.?\s+(?P<of>\S+\s+\S.*)$", re.IGNORECASE)
_CLOSE = words(
    "wife husband son daughter mother father mom mum mummy dad papa patni pati biwi beta beti maa pita family parivar",
    "पत्नी पति बेटा बेटी माता पिता मम्मी पापा परिवार",
)
_COUPLES = (
    "papa mummy|papa mom|papa maa|dad mom|daddy mummy|chacha chachi|kaka kaki|mama mami|dada dadi|nana nani|tau tai|"
    "mausa mausi|masa masi|fufa bua|phupha bua|jija didi|jiju didi|bhaiya bhabhi|uncle aunty|uncle auntie|uncle aunt|"
    "पापा मम्मी|चाचा चाची|काका काकी|मामा मामी|दादा दादी|नाना नानी|ताऊ ताई|मौसा मौसी|फूफा बुआ|जीजा दीदी|भैया भाभी"
)
_WIVES: defaultdict[str, list[str]] = defaultdict(list)
for _two in _COUPLES.split("|"):
    _WIVES[_two.split()[0]].append(_two.split()[1])
_WOMEN = frozenset(wife for wives in _WIVES.values() for wife in wives)
_MAN = 1
_POLITE = words("ji jee sahab saheb जी साहब")


@dataclass(frozen=True, slots=True)
class Related:
    """Two entries, by their places, that a word of relation ties, and how in words."""

    left: int
    right: int
    why: str


def related(entries: Sequence[Entry], addresses: Sequence[str]) -> Iterator[Related]:
    """Who is tied by words of relation; ``addresses``: of each entry by its place, folded, empty when not known."""
    lists: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        lists[entry.source].append(entry)
    for together in lists.values():
        yield from _named(together, addresses)
        yield from _couples(together, addresses)


def _named(together: Sequence[Entry], addresses: Sequence[str]) -> Iterator[Related]:
    """``Ramesh's wife`` and ``Ramesh``."""
    known: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in together:
        if not entry.name.group and not _of(entry.text):
            known[names.fold_name(names.split(entry.text))].append(entry)
            if len(entry.name.given) > 1 and entry.name.family:
                known[entry.name.given].append(entry)
    for entry in together:
        of = _of(entry.text)
        meant = _meant(entry, known[names.fold(of)], addresses) if of else None
        if meant is not None and not (_MRS.search(entry.text) and meant.name.gender != _MAN):
            yield Related(meant.place, entry.place, f"{entry.text} is named after {meant.text}")


def _of(text: str) -> str:
    """Of whom an entry speaks as its close relation; empty for all others."""
    if match := _OF.search(text):
        return match["of"].strip()
    if (match := _WHOSE.search(text)) and bare(match["word"]) in _CLOSE:
        return match["of"].strip()
    match = _MRS.search(text)
    return match["of"].strip() if match else ""


def _couples(together: Sequence[Entry], addresses: Sequence[str]) -> Iterator[Related]:
    """``Chacha ji Pune`` and ``Chachi ji Pune``; ``Papa`` and ``Mummy``."""
    women: defaultdict[tuple[str, tuple[str, ...]], list[Entry]] = defaultdict(list)
    men: list[tuple[Entry, str, tuple[str, ...]]] = []
    for entry in together:
        word, rest = _kin(entry.text)
        if word in _WOMEN:
            women[word, rest].append(entry)
        elif word:
            men.append((entry, word, rest))
    alike: defaultdict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
    for _, word, rest in men:
        alike[word, rest] += 1
    for entry, word, rest in men:
        wives = [one for wife in _WIVES[word] for one in women[wife, rest]]
        meant = _meant(entry, wives, addresses) if alike[word, rest] == 1 else None
        if meant is not None:
            yield Related(
                entry.place, meant.place, f"{entry.text} and {meant.text} are a couple by their names"
            )


def _kin(text: str) -> tuple[str, tuple[str, ...]]:
    """A word of kinship that has a counterpart, and the words beside it."""
    told = [word for word in map(bare, text.split()) if word and word not in _POLITE]
    kin = [word for word in told if word in _WIVES or word in _WOMEN]
    if len(kin) != 1:
        return "", ()
    return kin[0], tuple(word for word in told if word != kin[0])


def _meant(entry: Entry, found: Sequence[Entry], addresses: Sequence[str]) -> Entry | None:
    """The one of these who can be meant: with the same phone, else the same address or city, else the only one."""
    ranked = [(_near(entry, one, addresses), one) for one in found if one.place != entry.place]
    best = max((near for near, _ in ranked), default=-1)
    nearest = [one for near, one in ranked if near == best]
    return nearest[0] if best >= 0 and len(nearest) == 1 else None


def _near(one: Entry, other: Entry, addresses: Sequence[str]) -> int:
    if set(one.mobiles) & set(other.mobiles) or set(one.landlines) & set(other.landlines):
        return 3
    if addresses[one.place] and addresses[other.place]:
        return 2 if addresses[one.place] == addresses[other.place] else -1
    if one.city and other.city:
        return 1 if one.city == other.city else -1
    return 0
