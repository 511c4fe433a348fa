"""A record of the lists becomes an entry: its name taken apart, its numbers read, its words made comparable."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from parinaya_cli.domain import names, phones
from parinaya_cli.domain.dedupe import lexicon
from parinaya_cli.domain.dedupe.roles import Name, Roles, take_apart
from parinaya_cli.domain.dedupe.spelling import Likeness, likeness
from parinaya_cli.domain.numbering import PhoneState, digits_of
from parinaya_cli.domain.people import Side


@dataclass(frozen=True, slots=True)
class Record:
    """What the lists say of one person, as they say it.

    ``phones``: E.164 or the raw cell; ``source``: the list's name; ``line``: where it stands there, 0 if not
    known; ``household``: the list's own column for it; ``external_ids``: ``system:id``.
    """

    id: str
    full_name: str
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    city: str = ""
    side: Side | None = None
    tags: tuple[str, ...] = ()
    source: str = ""
    line: int = 0
    household: str = ""
    external_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A record made comparable. Mobiles and landlines are whole numbers; ``spoilt``: from … to, what is left of one.

    ``broken``: digits of a number that lacks some; ``label``: the household that a tag or column names.
    """

    place: int
    id: str
    text: str
    name: Name
    mobiles: tuple[int, ...]
    landlines: tuple[int, ...]
    spoilt: tuple[tuple[int, int], ...]
    broken: tuple[str, ...]
    emails: tuple[str, ...]
    city: str
    country: str
    side: Side | None
    label: str
    source: str
    line: int
    external_ids: tuple[str, ...]


# ── phones ─────────────────────────────────────────────────────────────────────────────────────────────

_SCIENTIFIC = re.compile(r"\+?([0-9])\.?([0-9]*)[eE]\+?([0-9]{1,2})")
_LOCAL_DIGITS = 7


@dataclass(frozen=True, slots=True)
class _Numbers:
    mobiles: tuple[int, ...]
    landlines: tuple[int, ...]
    spoilt: tuple[tuple[int, int], ...]
    broken: tuple[str, ...]


def _read_numbers(cells: tuple[str, ...], region: str) -> _Numbers:
    mobiles: list[int] = []
    landlines: list[int] = []
    spoilt: list[tuple[int, int]] = []
    broken: list[str] = []
    for cell in cells:
        for phone in phones.read_cell(cell, region):
            digits = digits_of(phone.e164 or phone.raw)
            if phone.e164 and phone.state != PhoneState.LANDLINE:
                mobiles.append(int(digits))
            elif phone.e164 or (len(digits) in (7, 8) and not _SCIENTIFIC.search(phone.raw)):
                landlines.append(int(digits[-_LOCAL_DIGITS:]))
            elif match := _SCIENTIFIC.search(phone.raw):
                spoilt.append(_interval(match))
            elif 8 <= len(digits) <= 13:
                broken.append(digits)
    return _Numbers(*(tuple(dict.fromkeys(each)) for each in (mobiles, landlines, spoilt, broken)))  # type: ignore[arg-type]


def _interval(match: re.Match[str]) -> tuple[int, int]:
    """From 9.82E+09: whatever rounds to it, with the country code that a number of ten digits lacks."""
    power = int(match[3])
    mantissa = int(match[1] + match[2])
    step = 10 ** max(power - len(match[2]), 0)
    low, high = mantissa * step - step // 2, mantissa * step + step // 2
    return (low + 91 * 10**10, high + 91 * 10**10) if power == 9 else (low, high)


# ── the other cells ────────────────────────────────────────────────────────────────────────────────────

_FAMILY_TAG = re.compile(r"(?:^|\s)(?:family|parivar|pariwar|परिवार|પરિવાર)(?:\s|$|\()", re.IGNORECASE)
_NO_LABEL = names.words(
    "close family own immediate extended our the my side friends other", "groom bride ladki ladke wale"
)
_NOT_WORD = re.compile(r"[^a-z]+")


@lru_cache(maxsize=65536)
def _label(text: str) -> str:
    """``Bansal family (Jayanagar)`` is the name of a household; ``close family`` and ``family`` are not."""
    if not _FAMILY_TAG.search(text):
        return ""
    told = [
        word for word in text.casefold().split() if word.strip("()") not in ("family", "parivar", "pariwar")
    ]
    if not told or all(word.strip("()") in _NO_LABEL for word in told):
        return ""
    return sys.intern(names.fold(text))


def label_of(record: Record) -> str:
    """The household that the list itself names, folded, or nothing: its column first, then a tag."""
    if record.household:
        return sys.intern(names.fold(record.household))
    return next((label for label in map(_label, record.tags) if label), "")


@lru_cache(maxsize=16384)
def city_of(text: str) -> str:
    """The city's key: without state, country and postcode, and under its own name: Bombay is Mumbai."""
    parts = [part for part in re.split(r"[,/]", text.casefold()) if part.strip()]
    found = ""
    for part in parts:
        tokens = [token for token in names.fold(part).split() if not token.isdigit()]
        while len(tokens) > 1 and tokens[-1] in lexicon.REGION_ENDINGS:
            tokens.pop()
        key = "".join(tokens)
        if key in lexicon.CITIES:
            return sys.intern(lexicon.CITIES[key])
        found = found or key
    return sys.intern(found)


def email_of(text: str) -> str:
    """An address for comparing: without case, and without dots and +words where Google ignores them."""
    local, at, domain = text.strip().casefold().partition("@")
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.partition("+")[0].replace(".", ""), "gmail.com"
    return f"{local}{at}{domain}" if at and local else ""


_WORDS_OF_EMAIL = re.compile(r"[a-z]{3,}")


def completed(name: Name, emails: tuple[str, ...], label: str) -> Name:
    """A name with the part that it lacks, where the address or the household's name tells it.

    ``Vikram uncle`` with vikram_joshi@… is Vikram Joshi; ``Surendra`` of the Kapoor family is Surendra Kapoor.
    """
    if name.group or (name.given and name.family):
        return name
    known = name.given or name.family
    for email in emails:
        told = [names.fold(word) for word in _WORDS_OF_EMAIL.findall(email.partition("@")[0])]
        if len(told) == 2 and len(known) > 1:
            for one, other in (told, told[::-1]):
                if likeness(one, known) >= Likeness.SLIP:
                    return replace(name, family=other) if name.given else replace(name, given=other)
    if label and not name.family and not name.middle and label.split()[0] != name.given:
        return replace(name, family=label.split()[0])
    return name


def _country(mobiles: tuple[int, ...], city: str) -> str:
    """The country of the city or of a number from abroad; empty when neither tells."""
    if city in lexicon.ABROAD:
        return lexicon.ABROAD[city]
    abroad = [number for number in mobiles if not 91 * 10**10 <= number < 92 * 10**10]
    if abroad:
        return phones.country(f"+{abroad[0]}")
    return "IN" if city else ""


# ── records to entries ─────────────────────────────────────────────────────────────────────────────────


def roles_of(records: Sequence[Record]) -> Roles:
    """What is a family name in these records, learned from all of them together."""
    return Roles.learn([record.full_name for record in records], [label_of(record) for record in records])


def normalise(
    records: Sequence[Record],
    region: str = "IN",
    progress: Callable[[int], None] | None = None,
    roles: Roles | None = None,
) -> list[Entry]:
    """Entries in the order of the records. ``roles``: what is a family name, where it is known already."""
    roles = roles or roles_of(records)
    entries: list[Entry] = []
    for place, record in enumerate(records):
        entries.append(_entry(place, record, take_apart(record.full_name, roles), region))
        if progress is not None:
            progress(place + 1)
    return entries


def _entry(place: int, record: Record, name: Name, region: str) -> Entry:
    numbers = _read_numbers(record.phones, region)
    city = city_of(record.city) if record.city else ""
    emails = tuple(filter(None, map(email_of, record.emails)))
    label = label_of(record)
    return Entry(
        place=place,
        id=record.id,
        text=record.full_name,
        name=completed(name, emails, label),
        mobiles=numbers.mobiles,
        landlines=numbers.landlines,
        spoilt=numbers.spoilt,
        broken=numbers.broken,
        emails=emails,
        city=city,
        country=_country(numbers.mobiles, city),
        side=record.side,
        label=label,
        source=sys.intern(record.source),
        line=record.line,
        external_ids=record.external_ids,
    )
