"""Names taken apart into given, middle and family name, whichever stands first, learned from the list itself."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log

from parinaya_cli.domain import names, people
from parinaya_cli.domain.dedupe import lexicon
from parinaya_cli.domain.dedupe.spelling import gender_of


@dataclass(frozen=True, slots=True)
class Name:
    """One name, in folded words; initials are single letters; what isn't there is empty.

    ``heads``: the given names of a group's members. ``gender``: 1, -1 or 0 from its titles, kinship and endings;
    ``told``: that comes from a title or a word of kinship, not from the name alone.
    """

    given: str = ""
    family: str = ""
    middle: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()
    pet: str = ""
    gender: int = 0
    told: bool = False
    kin: str = ""
    group: bool = False
    heads: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Given, middle and family name, as far as they are there."""
        return tuple(word for word in (self.given, *self.middle, self.family) if word)


@dataclass(frozen=True, slots=True)
class _Words:
    """A name before it is known which word plays which part."""

    core: tuple[str, ...]
    fillers: tuple[str, ...]
    gender: int
    told: bool
    kin: str
    pet: str
    family_first: bool
    filler_first: bool
    polite: bool


# ── words ──────────────────────────────────────────────────────────────────────────────────────────────

_BRACKETS = re.compile(r"\(([^)]*)\)?")
_SPLIT = re.compile(r"[\s/|_\-]+")
_DOTTED = re.compile(r"(?:[^\W\d_]\.){1,3}[^\W\d_]?\.?")
_GROUP_COMMA = re.compile(r"\S+\s+\S+.*,.*\S+\s+\S+")


def _initials(token: str, shouting: bool) -> str:
    """The letters of ``S.``, ``K.J.``, ``VS`` and ``TM.``; empty for a word."""
    bare = token.strip(".,")
    if _DOTTED.fullmatch(token) or len(bare) == 1:
        return bare.replace(".", "").casefold()
    short = len(bare) <= 3 and bare.isascii() and bare.isalpha()
    if (
        short
        and not set(bare.casefold()) & set("aeiouy")
        and names.fold(bare) not in ("md", "sh", "dr", "mr", "ms")
    ):
        return bare.casefold()
    if short and len(bare) == 2 and bare.isupper() and not shouting:
        return bare.casefold()
    return ""


def _stem(token: str, word: str) -> tuple[str, int]:
    """A given name, folded, without what grew onto it, and what that tells of the gender: Ankitbhai, Lalitaben."""
    written = token.strip(".,").casefold()
    for ending, gender in lexicon.ENDINGS.items():
        if written.endswith(ending) and len(written) - len(ending) >= 3 and not gender_of(word):
            return names.fold(written[: -len(ending)]), gender
    return word, 0


@lru_cache(maxsize=65536)
def _words(text: str) -> _Words:
    pet = ""
    if match := _BRACKETS.search(text):
        pet = "".join(names.fold(match[1]).split()[:1])
        text = _BRACKETS.sub(" ", text)
    comma = text.strip().rstrip(",").find(",") >= 0
    tokens = [token for token in _SPLIT.split(text.replace(",", " ").replace("s/o", " ").strip()) if token]
    shouting = text.upper() == text
    core: list[str] = []
    fillers: list[str] = []
    genders: list[int] = []
    ending = 0
    kin, polite, filler_first = "", False, False
    for token in tokens:
        word = names.fold(token).replace(" ", "")
        if word in lexicon.TITLES and len(word) > 1:
            genders.append(lexicon.TITLES[word])
        elif word in lexicon.POLITE:
            polite = True
        elif word in lexicon.KIN:
            kin = word
            genders.append(lexicon.KIN[word])
        elif letters := _initials(token, shouting):
            core.extend(letters)
        elif word in lexicon.FILLERS:
            filler_first = filler_first or not core
            fillers.append(sys.intern(word))
        elif word and not word.isdigit():
            stem, gender = _stem(token, word)
            ending = ending or gender
            core.append(sys.intern(stem))
    core, fillers = _without_ties(core, fillers)
    if filler_first and fillers[:1] and fillers[0] in lexicon.GIVEN_IN_FRONT and _full(core) > 1:
        core, fillers, filler_first = [fillers[0], *core], fillers[1:], False
    said = [gender for gender in genders if gender]
    return _Words(
        core=tuple(core),
        fillers=tuple(fillers),
        gender=said[-1] if said else ending,
        told=bool(said or ending),
        kin=kin,
        pet=pet,
        family_first=comma,
        filler_first=filler_first,
        polite=polite or bool(genders),
    )


def _full(core: Sequence[str]) -> int:
    return sum(len(word) > 1 for word in core)


def _without_ties(core: list[str], fillers: list[str]) -> tuple[list[str], list[str]]:
    """Leave out ``gym`` and ``Delhi`` beside a name; a name that would be nothing but fillers keeps them."""
    kept = [word for word in core if word not in lexicon.PLACES_AND_TIES]
    if kept or fillers:
        core = kept
    if not any(len(word) > 1 for word in core) and fillers:
        return [*core, *fillers][:4], []
    return core, fillers


def _gender(words: _Words, given: str) -> int:
    """1, -1 or 0: from a title or kinship, from Kaur or Devi, from the name itself, from Singh or Kumar."""
    if words.told:
        return words.gender
    borne = {*words.fillers, *words.core}
    if borne & lexicon.FEMALE_FILLERS:
        return -1
    return gender_of(given) or (1 if borne & lexicon.MALE_FILLERS else 0)


# ── which word is the family name ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Roles:
    """How much more a word is a family name than a given name, in the lists at hand."""

    leaning: dict[str, float]

    @classmethod
    def learn(cls, full_names: Sequence[str], labels: Sequence[str]) -> Roles:
        """Count where words stand: behind or in front, in the names of households, beside titles and kinship."""
        last: defaultdict[str, float] = defaultdict(float)
        first: defaultdict[str, float] = defaultdict(float)
        for text, label in zip(full_names, labels, strict=True):
            words = _words(text)
            core = [word for word in words.core if len(word) > 1]
            if words.family_first and len(core) > 1:
                last[core[0]] += 3
                first[core[1]] += 3
            elif len(core) > 1:
                first[core[0]] += 1
                last[core[-1]] += 1
            elif core and words.filler_first:
                last[core[0]] += 1
            elif core:
                first[core[0]] += 1 if words.kin else 0 if words.polite else 0.5
            if label:
                last[label.split()[0]] += 2
        leaning: dict[str, float] = {}
        for word in first.keys() | last.keys():
            leaning[word] = log((last[word] + 0.5) / (first[word] + 0.5)) + _known(word)
        return cls(leaning)

    def of(self, word: str) -> float:
        """Above 0 for a word that is rather a family name; initials are neither."""
        if len(word) == 1:
            return 0.0
        return self.leaning.get(word) or _known(word)


@lru_cache(maxsize=65536)
def _known(word: str) -> float:
    return 2.0 * (word in _FAMILY_NAMES) - 2.0 * (gender_of(word) != 0)


_FAMILY_NAMES = frozenset(
    names.fold(word)
    for word in names.words(
        "agarwal agrawal ahluwalia bansal banerjee bhattacharya bhatia bhatt bose chakraborty chatterjee",
        "chaudhary chauhan chopra dalal das desai deshmukh deshpande dsouza dubey fernandes gandhi ganguly",
        "ghosh gill goel goyal gupta iyer iyengar jain jadhav jha jhaveri joshi kapoor khan khanna kothari",
        "kulkarni malhotra mehta menon mishra modi mukherjee nair naidu oberoi pandey parekh parikh patel",
        "patil pawar pillai pinto pereira qureshi rathore reddy roy saxena sen sethi shah sharma sheikh",
        "shetty shinde shukla siddiqui sinha sodhi srivastava tandon thakkar thakur tiwari tripathi trivedi",
        "upadhyay varma vyas yadav ansari arora bajwa batra bedi bhalla dhillon grewal sandhu sidhu ahuja",
        "kaul bhagat dutta mitra nag saha kundu mondal biswas sarkar gowda hegde rao naik kamath pai shenoy",
        "bhandari rawat negi bisht chawla grover khurana sachdeva kohli walia vora doshi sanghvi lakhani",
        "merchant contractor engineer mistry daruwala",
    )
)


def _placed(words: _Words, roles: Roles) -> tuple[str, tuple[str, ...], str]:
    """Given, middle and family name of the core words."""
    core = list(words.core)
    full = [word for word in core if len(word) > 1]
    if not full:
        return (core[0], tuple(core[1:]), "") if core else ("", (), "")
    if len(full) == 1:
        return _one_word(core, full[0], words, roles)
    front, back = roles.of(full[0]), roles.of(full[-1])
    swapped = words.family_first or front - back > 1.2
    if swapped:
        rest = list(core)
        rest.remove(full[0])
        given = rest[0] if len(rest[0]) > 1 else full[1]
        rest.remove(given)
        return given, tuple(rest)[:3], full[0]
    rest = list(core)
    rest.remove(full[0])
    rest.reverse()
    rest.remove(full[-1])
    return full[0], tuple(reversed(rest))[:3], full[-1]


def _one_word(core: list[str], word: str, words: _Words, roles: Roles) -> tuple[str, tuple[str, ...], str]:
    """A single word with or without initials: ``Mrs Gupta``, ``S Gupta``, ``S. Ramanathan``, ``Ramanathan S.``"""
    letters = [each for each in core if len(each) == 1]
    leaning = roles.of(word) + (0.8 if words.polite and not letters else 0.0)
    if not letters:
        return ("", (), word) if leaning > 0.7 else (word, (), "")
    if leaning > 0.4:
        return letters[0], tuple(letters[1:]), word
    return word, tuple(letters), ""


# ── whole names ────────────────────────────────────────────────────────────────────────────────────────


def take_apart(full_name: str, roles: Roles) -> Name:
    """A name in its parts, or a group's: its heads' given names and the family name they share."""
    text = names.clean(full_name)
    if people.may_name_several(text):
        members = _members(text)
        if members is not None:
            return _group(members, roles)
    words = _words(text)
    given, middle, family = _placed(words, roles)
    fillers = words.fillers
    if not given and fillers:
        given, fillers = fillers[0], fillers[1:]
    if not family and fillers and len(given) > 1:
        family, fillers = fillers[-1], fillers[:-1]
    return Name(given, family, middle, fillers, words.pet, _gender(words, given), words.told, words.kin)


def _members(text: str) -> tuple[str, ...] | None:
    """Whom a group names; None for one person, ``Gupta, Ramesh`` among them."""
    household = people.read_household(text)
    if "," in text and not re.search(r"[&+/]|\b(?:and|n|family|parivar)\b", text, re.IGNORECASE):
        return household.people if len(household.people) > 1 and _GROUP_COMMA.fullmatch(text) else None
    if any(not _words(member).core and not _words(member).fillers for member in household.people[1:]):
        household = replace(household, people=household.people[:1])
    if len(household.people) > 1 or household.family or household.extra_seats:
        return household.people
    return None


def _group(members: tuple[str, ...], roles: Roles) -> Name:
    parts = [_head(_words(member), roles) for member in members]
    family = next((family for _, family in parts if family), "")
    heads = [given for given, _ in parts if len(given) > 1]
    if not family and len(heads) == 1 and len(members) == 1 and len(_words(members[0]).core) == 1:
        family = heads.pop() if roles.of(heads[0]) > 0 else ""
    return Name(given=heads[0] if heads else "", family=family, group=True, heads=tuple(dict.fromkeys(heads)))


def _head(words: _Words, roles: Roles) -> tuple[str, str]:
    """Given and family name of one member of a group."""
    given, _, family = _placed(words, roles)
    fillers = list(words.fillers)
    if not given and fillers:
        given = fillers.pop(0)
    return given, family or (fillers[-1] if fillers else "")
