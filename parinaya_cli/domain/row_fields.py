"""The fields of one row, read from its cells. What can't be understood is kept as written, and said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from parinaya_cli.domain import header_events, names, people, phones, places
from parinaya_cli.domain.headers import Columns
from parinaya_cli.domain.numbering import LIKE_MOBILE_NOTE
from parinaya_cli.domain.phones import Phone, PhoneState

MAX_NOTE = 2_000
MAX_PARTY = 500
MAX_ID = 200


@dataclass(frozen=True, slots=True)
class RowDefaults:
    """What holds where a row says nothing. ``region``: ISO code for phones without country code."""

    region: str = "IN"
    side: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class RowWarning:
    """Something in a row that was kept, but needs a look."""

    line: int
    field: str
    code: str
    message: str


@dataclass(slots=True)
class Row:
    """What is known while one row is read: the text of each field, what becomes extra, and what was noticed."""

    line: int
    values: dict[str, str]
    extra: dict[str, str]
    warnings: list[RowWarning] = field(default_factory=list)

    def warn(self, name: str, code: str, message: str) -> None:
        """Note what needs a look."""
        self.warnings.append(RowWarning(self.line, name, code, message))

    def keep(self, name: str) -> None:
        """Keep a value that could not be understood, as it was written."""
        self.extra.setdefault(f"{name} (as written)", self.values[name])


# ── phones ─────────────────────────────────────────────────────────────────────────────────────────────


def read_phones(row: Row, region: str) -> tuple[Phone, ...]:
    """The numbers of a row, the columns of further phones behind the first.

    Somebody who lives abroad may have a number of that country written without its code: it is read as such, and
    named a guess.
    """
    values = row.values
    home = places.region_of(values["city"]) if "city" in values else ""
    if home == region:
        home = ""
    found = phones.read_cell(values["phone"], region, home) if "phone" in values else []
    if (
        len(found) == 1
        and "phone_2" not in values
        and found[0].state is PhoneState.VALID
        and not found[0].note
    ):
        return (found[0],)
    if "phone_2" in values:
        known = {phone.e164 for phone in found if phone.e164}
        found = found + [p for p in phones.read_cell(values["phone_2"], region, home) if p.e164 not in known]
    for phone in found:
        _warn_of_phone(row, phone)
    if found and all(phone.state is PhoneState.LANDLINE for phone in found):
        row.warn("phone", "phone_landline", f"“{found[0].raw}” is a landline: WhatsApp seldom reaches it.")
    for name in ("phone", "phone_2"):
        if name in values and _words_lost(values[name], found):
            row.keep(name)
    return tuple(found)


def _warn_of_phone(row: Row, phone: Phone) -> None:
    if phone.state is PhoneState.IMPOSSIBLE:
        row.warn("phone", "phone_unusable", f"“{phone.raw[:60]}” can't be used: {phone.note}.")
    elif phone.state is PhoneState.GUESSED_REGION:
        row.warn("phone", "phone_country_guessed", f"“{phone.raw[:60]}” was {phone.note}.")
    elif phone.note and phone.note != LIKE_MOBILE_NOTE:
        row.warn("phone", "phone_noted", f"“{phone.raw[:60]}” became {phone.e164}: {phone.note}.")


_WORD = re.compile(r"[^\W_]+")
_BETWEEN = names.words("or and ya aur या और व")


def _words_lost(cell: str, found: list[Phone]) -> bool:
    """Whether a cell says words beside its numbers that none of them has kept (``Papa / 98123 45678``)."""
    if not found or not any(c.isalpha() for c in cell):
        return False
    kept = names.clean(" ".join(phone.raw for phone in found)).casefold()
    return any(
        word not in kept for word in _WORD.findall(names.clean(cell).casefold()) if word not in _BETWEEN
    )


# ── lists in a cell ────────────────────────────────────────────────────────────────────────────────────

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]{2,}")
_EMAIL_GAPS = re.compile(r"[\s,;|/<>\"]+|:::")
_LIST_GAPS = re.compile(r":::|[,;|/\n]")
_EVENT_GAPS = re.compile(r":::|[,;|/\n&+]|\s(?:and|aur|और|તથા|અને)\s", re.IGNORECASE)
NO_WORDS = frozenset({"", "-", "--", "na", "n/a", "nil", "none", "no", "null"})


def read_emails(row: Row) -> tuple[str, ...]:
    """Email addresses, in small letters."""
    found: dict[str, None] = {}
    for part in _EMAIL_GAPS.split(row.values["email"].casefold()):
        part = part.removeprefix("mailto:").strip(".:'")
        if _EMAIL.fullmatch(part):
            found[part] = None
        elif part not in NO_WORDS:
            row.warn("email", "email_unusable", f"“{part[:60]}” is no email address: it is kept as written.")
            row.keep("email")
    return tuple(found)


def _parts(gaps: re.Pattern[str], text: str) -> tuple[str, ...]:
    """Parts of a text between commas and the like, each once, whatever its case."""
    found: dict[str, str] = {}
    for part in gaps.split(text):
        part = names.clean(part).strip(" *#")
        if part:
            found.setdefault(part.casefold(), part)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def read_tags(text: str, more: tuple[str, ...]) -> tuple[str, ...]:
    """The tags of a cell, and ``more``, each once."""
    return _parts(_LIST_GAPS, ";".join((text, *more)))


def read_events(row: Row, columns: Columns) -> tuple[str, ...]:
    """Slugs of events, or ``all``; from a cell that lists them and from columns that say yes or no for one.

    A name that is no event's becomes a slug as well (small letters, hyphens between words), and is warned about
    where the wedding has events.
    """
    text = row.values.get("events", "")
    found: list[str] = []
    whole = columns.events.get(names.fold(text)) if text else None
    for part in (whole,) if whole else _parts(_EVENT_GAPS, text):
        if part.casefold() in NO_WORDS:
            continue
        if header_events.means_all(part):
            found.append(header_events.ALL)
            continue
        slug = "-".join(part.casefold().replace("-", " ").split())
        known = columns.events.get(names.fold(part))
        if columns.events and not known and slug not in columns.events.values():
            message = (
                f"“{part[:60]}” is no event of this wedding: nobody is invited by it until there is one."
            )
            row.warn("events", "event_unknown", message)
        found.append(known or slug)
    return tuple(dict.fromkeys(found))


def read_event_columns(row: Row, cells: list[tuple[str, str, str]]) -> tuple[str, ...]:
    """The events whose columns say yes. ``cells``: header, slug and text of each such column.

    A number says how many come: it is kept as extra too, and is the size of the party where nothing else says it.
    """
    found: list[str] = []
    largest = 0
    for title, slug, text in cells:
        mark = header_events.read_mark(text)
        if mark is None:
            row.warn("events", "event_unclear", f"“{text[:60]}” under “{title}” says neither yes nor no.")
        if mark is None or mark > 1 or len(text.strip()) > 3:
            row.extra.setdefault(title, names.clean(text))
        if mark:
            found.append(slug)
            largest = max(largest, mark)
    if largest > 1:
        row.values.setdefault("party_size", str(largest))
    return tuple(dict.fromkeys(found))


# ── single values ──────────────────────────────────────────────────────────────────────────────────────


def read_side(row: Row, defaults: RowDefaults) -> str | None:
    """Whose guest it is."""
    side = people.read_side(row.values["side"])
    if side is not None:
        return side.value
    said = row.values["side"][:60]
    if said.strip().casefold() not in NO_WORDS:
        row.warn("side", "side_unknown", f"“{said}” names no side: write bride, groom or both.")
        row.keep("side")
    return defaults.side


def read_language(row: Row, defaults: RowDefaults) -> str | None:
    """The language of messages."""
    text = row.values["language"].strip()
    code = people.read_language(text)
    if code is not None:
        if " " in text or "/" in text or "," in text:  # Hindi, English: the first counts
            row.keep("language")
        return code
    said = text[:60]
    if said.strip().casefold() not in NO_WORDS:
        row.warn("language", "language_unknown", f"“{said}” is no language that is known here.")
        row.keep("language")
    return defaults.language


def read_party_size(row: Row) -> int | None:
    """How many the household is invited with, from 1 to ``MAX_PARTY``."""
    text = row.values["party_size"]
    size = people.read_count(text)
    if size is not None and 0 < size <= MAX_PARTY:
        return size
    if names.clean(text).casefold() not in NO_WORDS:
        row.warn("party_size", "party_size_unusable", f"“{text[:60]}” is no number of people.")
        row.keep("party_size")
    return None


def read_notes(row: Row) -> str:
    """The note; a longer one than may be is cut, and kept whole as extra."""
    text = names.clean(row.values["notes"])
    if len(text) <= MAX_NOTE:
        return text
    row.warn(
        "notes", "note_cut", f"The note is longer than {MAX_NOTE:,} characters: all of it is kept as extra."
    )
    row.keep("notes")
    return text[:MAX_NOTE]


def read_id(row: Row, values: Mapping[str, str]) -> str:
    """The list's own id of the person."""
    text = names.clean(values["external_id"])
    if len(text) <= MAX_ID:
        return text
    row.warn(
        "external_id", "external_id_long", f"The id is longer than {MAX_ID} characters: it is kept as extra."
    )
    row.keep("external_id")
    return ""
