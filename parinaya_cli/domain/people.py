"""People and the entries of a guest list: sides, languages, and households written into one cell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from parinaya_cli.domain import names
from parinaya_cli.domain.names import bare, words
from parinaya_cli.domain.places import is_place


class Side(StrEnum):
    """Whose guest somebody is."""

    BRIDE = "bride"
    GROOM = "groom"
    BOTH = "both"


_SIDE_WORDS = {
    Side.BRIDE: "bride brides girl girls ladki ladkiwale dulhan kanya vadhu b वधू वधु कन्या दुल्हन लड़की કન્યા",
    Side.GROOM: "groom grooms boy boys ladka ladke ladkewale dulha var vara g वर दूल्हा लड़का लड़के વર",
    Side.BOTH: "both common dono mutual couple दोनों उभय બંને",
}
_SIDES = {word: side for side, text in _SIDE_WORDS.items() for word in text.split()}
_SIDE_FILLERS = words(
    "side sides wale wala wali vale vala vali waale ki ke ka se taraf paksh paksha family pariwar"
)
_SIDE_FILLERS |= words("parivar s the from of पक्ष वाले वाली की के तरफ परिवार પક્ષ તરફથી")

_LANGUAGES = {
    "en": "en eng english angrezi अंग्रेज़ी अंग्रेजी અંગ્રેજી",
    "hi": "hi hin hindi हिन्दी हिंदी હિન્દી",
    "gu": "gu guj gujarati gujrati ગુજરાતી गुजराती",
    "mr": "mr mar marathi मराठी",
    "pa": "pa pan punjabi panjabi ਪੰਜਾਬੀ पंजाबी",
    "bn": "bn ben bengali bangla বাংলা",
    "ta": "ta tam tamil தமிழ்",
    "te": "te tel telugu తెలుగు",
    "kn": "kn kan kannada ಕನ್ನಡ",
    "ml": "ml mal malayalam മലയാളം",
    "ur": "ur urd urdu اردو",
    "or": "or ori odia oriya ଓଡ଼ିଆ",
    "sd": "sd sindhi सिन्धी",
}
_LANGUAGE_CODES = {word: code for code, text in _LANGUAGES.items() for word in text.split()}
_WORD_GAPS = re.compile(r"[\s'’.,()/&_-]+")


@lru_cache(maxsize=4096)
def read_side(text: str) -> Side | None:
    """Bride, groom or both from the words that families use (``Ladki wale``, ``B``, ``वर पक्ष``), or None."""
    found = {
        _SIDES.get(word) for word in _WORD_GAPS.split(text.casefold()) if word and word not in _SIDE_FILLERS
    }
    if not found or None in found:
        return None
    return found.pop() if len(found) == 1 else Side.BOTH


@lru_cache(maxsize=4096)
def read_language(text: str) -> str | None:
    """The code of a language given by code (``en``, ``hi-IN``), English or own name; else None."""
    word = text.strip().casefold()
    return _LANGUAGE_CODES.get(word) or _LANGUAGE_CODES.get(re.split(r"[-_ /,]", word)[0])


_ONE_TO_TEN = (
    "one ek single एक|two do couple दो બે|three teen तीन ત્રણ|four char चार ચાર|five paanch panch पांच पाँच પાંચ"
    "|six chhe che छह છ|seven saat सात સાત|eight aath आठ આઠ|nine nau नौ નવ|ten das दस દસ"
)
_NUMBER_WORDS = {
    word: number for number, text in enumerate(_ONE_TO_TEN.split("|"), 1) for word in text.split()
}
_COUNT = re.compile(
    r"\(?\s*([0-9]{1,3})(?:\.0+)?\s*(?:pax|persons?|people|log|members?|guests?|nos?|seats?|adults?|a|kids?|k|"
    r"child(?:ren)?|c|infants?|bachche|bade|लोग|જણ|व्यक्ति|बच्चे)?\.?\s*\)?",
    re.IGNORECASE,
)
_COUNT_JOINTS = re.compile(r"[+&,]|\band\b|\baur\b|(?<=[a-z])\s+(?=[0-9])", re.IGNORECASE)


@lru_cache(maxsize=4096)
def read_count(text: str) -> int | None:
    """A number of people: ``4``, ``4 pax``, ``2+2``, ``2 adults 1 child``, ``चार``; None if it says none."""
    text = unicodedata.normalize("NFKC", text).casefold().strip(" '")
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    total = 0
    for part in _COUNT_JOINTS.split(text):
        words_of = part.split()
        match = _COUNT.fullmatch(part.strip())
        if match:
            total += int(match[1])
        elif words_of and words_of[0] in _NUMBER_WORDS and len(words_of) <= 2:
            total += _NUMBER_WORDS[words_of[0]]
        else:
            return None
    return total


# ── households in one cell ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Household:
    """An entry such as ``Ramesh & Sunita Gupta + 2``.

    ``people``: everybody whom it names, in order. ``extra_seats``: unnamed people that it counts.
    ``label``: the entry as written, without that number. ``family``: it speaks of a family of unknown
    size. ``late``: those whom it names as dead; they are none of the people, unless it names nobody else.
    """

    people: tuple[str, ...]
    extra_seats: int
    label: str
    family: bool = False
    late: tuple[str, ...] = ()


_HINT_SIGNS = re.compile(
    r"[&+/,(\[]|\d\s*(?:pax|log|people|person|member|guest|no|seat|लोग|જણ)", re.IGNORECASE
)
_HINT_WORDS = words(
    "the and n ane aur evam with w plus without bina family families fam fly fmly parivar pariwar saparivar sparivar",
    "sahparivar sahaparivar saparivaar parivaar sapatnik kutumb और व एवं तथा आणि परिवार सपरिवार सहपरिवार सपत्नीक",
    "सहकुटुंब કુટુંબ અને તથા પરિવાર સહપરિવાર સપરિવાર સહકુટુંબ ਪਰਿਵਾਰ ਅਤੇ ਤੇ குடும்பம் மற்றும் পরিবার ও এবং",
)
_AND = (
    r"(?:&|\+|\b(?:and|n|ane|aur|evam|with)\b|\bw/(?!o)"
    r"|(?<=\s)(?:और|व|एवं|तथा|आणि|અને|તથા|ਅਤੇ|ਤੇ|மற்றும்|ও|এবং)(?=\s))"
)
_FAMILY_WORD = (
    r"(?:(?:the\s+)?(?:whole\s+|full\s+)?(?:family|fmly|fam|fly|families)\b\.?(?:\s+members?\b)?"
    r"|(?:sa|sah|saha|s)?\s?pari[vw]aa?r\b|kutumb\b|(?:सह?\s?)?परिवार|(?:सह\s?)?कुटुंब|(?:સહ?\s?)?પરિવાર|(?:સહ\s?)?કુટુંબ"
    r"|ਪਰਿਵਾਰ|குடும்பம்|পরিবার|(?:wife|patni)\s*(?:&|and|\+|,)\s*(?:kids|children|bachche|son|daughter)\b"
    r"|(?:kids|children|bachche|bache|bachhe|sons|bros|brothers|in-?laws)\b)"
)
_FAMILY = re.compile(
    rf"\s*{_AND}?\s*(?:his\s+|her\s+|their\s+)?{_FAMILY_WORD}(?:\s*(?:sahit|samet|ke saa?th|सहित|समेत|के साथ))?\s*$"
    r"|\s*(?:&|\band\b)\s*co\b\.?\s*$",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"\s*[(\[]?\s*(?:w/o|without|bina)\s+(?:the\s+)?(?:kids|children|family|wife|husband|bachche|bachchon ke)"
    r"\s*[)\]]?\s*$",
    re.IGNORECASE,
)
_EXTRA = re.compile(
    r"\s*(?:\+|&|\bplus\b|\band\b|\bwith\b)\s*(\d{1,2})\s*"
    r"(?:others?|more|guests?|persons?|people|pax|kids|children|bachche|log|members?)?\s*$",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"\s*[(\[-]?\s*\b(\d{1,2})\s*(?:pax|persons?|people|log|members?|guests?|nos?|seats?|लोग|जन|જણ)\.?\s*[)\]]?\s*$"
    r"|\s*[(\[]\s*(\d{1,2})\s*[)\]]\s*$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    rf"\s*(?:{_AND}\s*(?:his\s+|her\s+)?(wife|husband|spouse|guest|partner|mother|father|son|daughter|one|friend"
    r"|patni|pati|fianc[eé]e?|parents|mrs|smt|bhabhi|bhabhi ?ji|aunty|aunty ?ji|chachi|mami|bua|mausi|uncle"
    r"|पत्नी|पति|भाभी|भाभी जी|चाची|मामी|श्रीमती)|(?<=\s)(?:sapatnik|सपत्नीक))\.?\s*$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(
    rf"\s*[(\[]\s*((?:{_AND}|with\b|plus\b|{_FAMILY_WORD}).*?)\s*[)\]]\s*$", re.IGNORECASE
)
_ASIDE = re.compile(r"[(\[][^)\]]*[)\]]?")
_COMPANY = re.compile(r"\bm\s*/\s*s\b", re.IGNORECASE)
_BETWEEN = re.compile(
    r"\s*[&+]\s*|\s*(?<=[^\W\d_]{2})\s?/\s*(?=[^\W\d_]{2})"
    r"|\s+(?:and|ane|aur|evam|और|व|एवं|तथा|आणि|અને|તથા|ਅਤੇ|ਤੇ|மற்றும்|ও|এবং|(?-i:n))\s+",
    re.IGNORECASE,
)
_PARENTAGE = re.compile(r"\b([swdc])\s*/\s*o\b\.?", re.IGNORECASE)
_PLURAL = re.compile(r"(?:the\s+)[^\W\d_]{3,}s", re.IGNORECASE)
_ADDRESS = words(
    "nagar road rd colony society soc flat near opp street marg block sector house villa apartment"
)
_DEGREES = words("md mbbs ca cs mba phd ips ias adv retd dds llb be btech esq jr sr ii iii")


def may_name_several(name: str) -> bool:
    """Whether an entry has any sign or word by which it could name more than one person; quick."""
    if _HINT_SIGNS.search(name):
        return True
    return not _HINT_WORDS.isdisjoint(name.casefold().replace(".", " ").split())


def read_household(text: str) -> Household:
    """Whom an entry names, and how many it counts without naming them.

    ``Mr & Mrs Gupta`` are two people, ``Ramesh & Sunita Gupta + 2`` two and two seats, ``Gupta &
    family`` one and a family; ``Gupta, Ramesh`` is one person, ``Ramesh s/o Suresh`` too.
    """
    name = names.clean(text)
    if not may_name_several(name):
        return Household((name,) if name else (), 0, name)
    inside = _IN_BRACKETS.search(name)
    spoken = f"{name[: inside.start()]} {inside[1]}" if inside and inside.start() else name
    body, extra, total, family = _without_company(spoken)
    people = _named(body) or ((body,) if body else ())
    late = tuple(person for person in people if names.is_late(person)) if len(people) > 1 else ()
    people = tuple(person for person in people if person not in late) or people
    if total:
        extra = max(extra, total - len(people))
    label = _EXTRA.sub("", _TOTAL.sub("", name)).strip(" ,&+") or name
    family = family or _PLURAL.fullmatch(body) is not None
    return Household(people, extra, label, family, late)


def propose(entry: str, whom: Household, seats: int) -> str:
    """What an entry was taken for, in a sentence to be read before it counts. ``seats``: more than the people."""
    named = " and ".join(whom.people) if len(whom.people) < 3 else ", ".join(whom.people)
    count = len(whom.people)
    what = f"{count} people of one household, {named}" if count > 1 else named
    if seats:
        more = f"{seats} seat{'s' if seats > 1 else ''} more"
    else:
        more = "a family whose size is not said" if whom.family else ""
    return f"“{entry}” is {what}{f', and {more}' if more else ''}."


def _without_company(name: str) -> tuple[str, int, int, bool]:
    """Take "+ 2", "(4 pax)", "& wife" and "& family" off the end: what remains, extras, total, family."""
    extra = total = 0
    family = False
    before = ""
    while name != before:
        before = name
        if match := _WITHOUT.search(name):
            name = name[: match.start()]
        elif match := _TOTAL.search(name):
            total, name = int(match[1] or match[2]), name[: match.start()]
        elif match := _EXTRA.search(name):
            extra, name = extra + int(match[1]), name[: match.start()]
        elif match := _RELATIVE.search(name):
            extra += 2 if bare(match[1] or "") == "parents" else 1
            name = name[: match.start()]
        elif (match := _FAMILY.search(name)) and match.start() > 0:
            family, name = True, name[: match.start()]
        name = name.rstrip(" ,&+-/")
    return name, extra, total, family


def _named(body: str) -> tuple[str, ...]:
    guarded = _COMPANY.sub("M\ue001s", _PARENTAGE.sub("\\1\ue001o", body))
    asides = _ASIDE.findall(guarded)
    guarded = _ASIDE.sub("\ue000", guarded)
    parts = [part for piece in _split_commas(guarded) for part in _BETWEEN.split(piece)]
    parts = [_restored(part, asides).strip(" ,") for part in parts]
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return tuple(parts)
    titles, rest = _leading_titles(parts)
    if titles and rest:
        return _titled(titles, rest)
    return tuple(_with_shared_family(parts))


def _restored(part: str, asides: list[str]) -> str:
    """Put back what was kept from being split: ``w/o``, ``M/s`` and what stands in brackets."""
    while "\ue000" in part and asides:
        part = part.replace("\ue000", asides.pop(0), 1)
    return part.replace("\ue001", "/")


def _split_commas(text: str) -> list[str]:
    """Commas part people, but not ``Gupta, Ramesh``, ``Ramesh Gupta, MD``, nor ``Ramesh Gupta, Malviya Nagar``."""
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    if len(pieces) < 2:
        return pieces
    said = [[bare(t) for t in piece.split() if not names.is_honorific(t)] for piece in pieces]
    if any(any(c.isdecimal() for c in piece) or is_place(piece) for piece in pieces[1:]):
        return [text]
    if any(not _ADDRESS.isdisjoint(words_of) for words_of in said):
        return [text]
    if len(pieces) == 2 and not _BETWEEN.search(text):
        left, right = said
        if all(word in _DEGREES for word in right) or (len(left) == 1 and names.is_surname(left[0])):
            return [text]
        return pieces if len(left) > 1 and len(right) > 1 else [text]
    return pieces


def _leading_titles(parts: list[str]) -> tuple[list[str], list[str]]:
    """``Mr``, ``Mrs Gupta`` → titles Mr and Mrs, names Gupta; no titles unless the first stands alone."""
    titles: list[str] = []
    while parts and len(titles) < 3 and all(names.is_honorific(token) for token in parts[0].split()):
        titles.append(parts[0])
        parts = parts[1:]
    if not titles or not parts:
        return [], parts
    tokens = parts[0].split()
    own = 0
    while own < len(tokens) - 1 and names.is_honorific(tokens[own]):
        own += 1
    if not own:
        return [], [*titles, *parts]
    titles.append(" ".join(tokens[:own]))
    return titles, [" ".join(tokens[own:]), *parts[1:]]


def _titled(titles: list[str], rest: list[str]) -> tuple[str, ...]:
    """``Mr & Mrs Ramesh Gupta`` names Ramesh and the family of his wife; two given names share the titles."""
    if len(rest) >= len(titles):
        people = _with_shared_family(rest)
        return tuple(f"{title} {person}" for title, person in zip(titles, people, strict=False)) + tuple(
            people[len(titles) :]
        )
    parts = names.split(rest[0])
    family = parts.family_name or rest[0]
    holder = next((i for i, title in enumerate(titles) if not _is_wifes(title)), 0)
    people = [f"{title} {rest[0] if i == holder else family}" for i, title in enumerate(titles)]
    return (*people, *rest[1:])


def _is_wifes(title: str) -> bool:
    return bare(title.split()[-1]) in ("mrs", "smt", "shrimati", "ms", "श्रीमती", "શ્રીમતી", "सौ")


def _with_shared_family(parts: list[str]) -> list[str]:
    """Give the family name that one of them bears to those who are written with a given name alone."""
    split = [names.split(part) for part in parts]
    shared = next((s.family_name for s in reversed(split) if s.family_name and s.given_name), "")
    if not shared:
        shared = next((s.family_name for s in reversed(split) if s.family_name and s is not split[0]), "")
    people: list[str] = []
    for part, known in zip(parts, split, strict=True):
        alone = known.given_name and not known.family_name and " " not in known.given_name
        people.append(f"{part} {shared}" if alone and shared else part)
    return people
