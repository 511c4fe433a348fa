"""A row of a list becomes a draft of a person, or a rejection with its reason. Nothing is lost silently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from types import MappingProxyType

from parinaya_cli.domain import names, people, phones
from parinaya_cli.domain.headers import FIELDS, Columns, Occurrences, recognise
from parinaya_cli.domain.names import NameParts
from parinaya_cli.domain.people import Household
from parinaya_cli.domain.phones import Phone, PhoneState

__all__ = ["FIELDS", "Columns", "Draft", "Rejection", "RowDefaults", "RowWarning", "read_row", "recognise"]

MAX_CELL = 32_767  # characters; what a cell of a spreadsheet can hold
MAX_NOTE = 2_000
MAX_PARTY = 500


class UnreadableRow(str):
    """The sentence why a row can't be read, as a reader of files hands it on in place of cells.

    ``cells``: the row as far as it could be taken apart, for the rejects file.
    """

    cells: tuple[str, ...]

    def __new__(cls, message: str, cells: Sequence[str] = ()) -> UnreadableRow:
        """A sentence with the cells it is about."""
        self = super().__new__(cls, message)
        self.cells = tuple(cells)
        return self


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


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that is not imported. ``cells``: as in the list, to be written to the rejects file."""

    line: int
    code: str
    message: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A person as a row describes them, with the household that the row speaks of.

    ``companions``: further people whom a couple's entry names. ``extra_seats``: people counted, but not
    named. ``household``: the text of the household column, or a couple's or family's own entry; then
    ``household_of_row`` is true, and the text tells this row's household from no other row's.
    ``row_key``: what this row is called when the list comes again.
    """

    line: int
    full_name: str
    honorific: str
    given_name: str
    family_name: str
    folded: str
    phones: tuple[Phone, ...]
    emails: tuple[str, ...]
    city: str
    side: str | None
    tags: tuple[str, ...]
    household: str
    party_size: int | None
    language: str | None
    external_id: str
    notes: str
    events: tuple[str, ...]
    extra: Mapping[str, str]
    companions: tuple[str, ...]
    extra_seats: int
    row_key: str
    household_of_row: bool = False


@dataclass(slots=True)
class _Row:
    """What is known while one row is read."""

    line: int
    values: dict[str, str]
    extra: dict[str, str]
    warnings: list[RowWarning] = field(default_factory=list)

    def warn(self, name: str, code: str, message: str) -> None:
        self.warnings.append(RowWarning(self.line, name, code, message))

    def keep(self, name: str) -> None:
        """Keep a value that could not be understood, as it was written."""
        self.extra.setdefault(f"{name} (as written)", self.values[name])


_NOTHING: Mapping[str, str] = MappingProxyType({})
_JOINTS = {"phone_2": " ; ", "email": " ; ", "tags": ";", "notes": "; ", "events": ";"}


def read_row(
    line: int, cells: Sequence[str], columns: Columns, defaults: RowDefaults
) -> tuple[Draft | Rejection, list[RowWarning]]:
    """Read one row. ``cells`` may be the sentence of a row that can't be read; it becomes a rejection.

    A person with an unusable phone is kept with the raw text; a row with neither name nor phone is rejected.
    """
    if isinstance(cells, str):
        raw = cells.cells if isinstance(cells, UnreadableRow) else ()
        return Rejection(line, "unreadable_row", str(cells), raw), []
    problem = _problem(cells, columns)
    if problem:
        return Rejection(line, *problem, tuple(cells)), []
    row = _Row(line, _values(cells, columns.fields), _extra(cells, columns.unknown))
    entry = _entry(row)
    found = _phones(row, defaults.region) if "phone" in row.values or "phone_2" in row.values else ()
    if not entry and not any(phone.e164 for phone in found):
        message = "It has neither a name nor a usable phone number."
        return Rejection(line, "no_name_no_phone", message, tuple(cells)), row.warnings
    if not entry and "household" in row.values:  # a phone and a household: called by that for now
        entry = names.clean(row.values["household"])
    if len(entry) > names.MAX_GRAPHEMES and names.graphemes(entry) > names.MAX_GRAPHEMES:
        message = f"The name is longer than {names.MAX_GRAPHEMES} characters."
        return Rejection(line, "name_too_long", message, tuple(cells)), row.warnings
    return _draft(row, entry, found, columns.seen, defaults), row.warnings


def _problem(cells: Sequence[str], columns: Columns) -> tuple[str, str] | None:
    """Why a row can't be taken at all: code and sentence."""
    joined = "\n".join(cells)
    if "\0" in joined or "\u2400" in joined:
        return "nul", "A cell holds a NUL character, as damaged files do."
    if len(joined) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
        return "cell_too_long", f"A cell is longer than {MAX_CELL:,} characters."
    width = len(columns.shown)
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        return "too_many_cells", f"It has {len(cells)} cells, the header has {width}: is a comma not quoted?"
    return None


def _values(cells: Sequence[str], fields: Mapping[int, str]) -> dict[str, str]:
    """The text of each field that has one; several columns of one field are joined."""
    values: dict[str, str] = {}
    count = len(cells)
    for column, name in fields.items():
        cell = cells[column] if column < count else ""
        if not cell or cell.isspace():
            continue
        if cell[0] == "'":  # a spreadsheet's mark for text
            cell = cell[1:]
        values[name] = f"{values[name]}{_JOINTS.get(name, ' ')}{cell}" if name in values else cell
    return values


def _extra(cells: Sequence[str], unknown: Mapping[int, str]) -> dict[str, str]:
    extra: dict[str, str] = {}
    for column, title in unknown.items():
        cell = cells[column] if column < len(cells) else ""
        text = names.clean(cell.removeprefix("'")) if cell else ""
        if text:
            extra[title] = text
    return extra


def _entry(row: _Row) -> str:
    """The text that names whom the row invites: the name column, or its parts, or the household."""
    values = row.values
    full = names.clean(values["full_name"]) if "full_name" in values else ""
    if "given_name" in values or "family_name" in values:
        given = names.clean(values.get("given_name", ""))
        family = names.clean(values.get("family_name", ""))
        if not full:
            full = given
        if family and names.fold(family) not in names.fold(full):
            full = f"{full} {family}".strip()
    return full if full[:1].isalnum() or any(c.isalnum() for c in full) else ""


# ── the fields ─────────────────────────────────────────────────────────────────────────────────────────


def _phones(row: _Row, region: str) -> tuple[Phone, ...]:
    found = phones.read_cell(row.values["phone"], region) if "phone" in row.values else []
    if "phone_2" in row.values:
        known = {phone.e164 for phone in found if phone.e164}
        found += [p for p in phones.read_cell(row.values["phone_2"], region) if p.e164 not in known]
    if len(found) == 1 and not found[0].note and found[0].state is PhoneState.VALID:
        return (found[0],)
    for phone in found:
        _warn_of_phone(row, phone)
    if found and all(phone.state is PhoneState.LANDLINE for phone in found):
        row.warn("phone", "phone_landline", f"“{found[0].raw}” is a landline: WhatsApp seldom reaches it.")
    return tuple(found)


def _warn_of_phone(row: _Row, phone: Phone) -> None:
    if phone.state is PhoneState.IMPOSSIBLE:
        row.warn("phone", "phone_unusable", f"“{phone.raw[:60]}” can't be used: {phone.note}.")
    elif phone.state is PhoneState.GUESSED_REGION:
        row.warn("phone", "phone_country_guessed", f"“{phone.raw[:60]}” was {phone.note}.")
    elif phone.note:
        row.warn("phone", "phone_noted", f"“{phone.raw[:60]}” became {phone.e164}: {phone.note}.")


_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]{2,}")
_EMAIL_GAPS = re.compile(r"[\s,;|/<>\"]+|:::")
_LIST_GAPS = re.compile(r":::|[,;|/\n]")
_NO_WORDS = frozenset({"", "-", "na", "n/a", "nil", "none", "no", "null"})


def _emails(row: _Row) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in _EMAIL_GAPS.split(row.values["email"].casefold()):
        part = part.removeprefix("mailto:").strip(".:'")
        if _EMAIL.fullmatch(part):
            found[part] = None
        elif part not in _NO_WORDS:
            row.warn("email", "email_unusable", f"“{part[:60]}” is no email address: it is kept as written.")
            row.keep("email")
    return tuple(found)


def _list_of(text: str) -> tuple[str, ...]:
    """Parts of a text between commas and the like, each once, whatever its case."""
    found: dict[str, str] = {}
    for part in _LIST_GAPS.split(text):
        part = names.clean(part).strip(" *#")
        if part:
            found.setdefault(part.casefold(), part)
    return tuple(found.values())


def _tags(row: _Row, defaults: RowDefaults) -> tuple[str, ...]:
    return _list_of(";".join((row.values["tags"], *defaults.tags)))


def _events(row: _Row) -> tuple[str, ...]:
    """Slugs: small letters, hyphens between words."""
    parts = _list_of(row.values["events"].replace("&", ",").replace("+", ",").replace(" and ", ","))
    return tuple(dict.fromkeys("-".join(part.casefold().replace("-", " ").split()) for part in parts))


def _side(row: _Row, defaults: RowDefaults) -> str | None:
    side = people.read_side(row.values["side"])
    if side is not None:
        return side.value
    row.warn(
        "side", "side_unknown", f"“{row.values['side'][:60]}” names no side: write bride, groom or both."
    )
    row.keep("side")
    return defaults.side


def _language(row: _Row, defaults: RowDefaults) -> str | None:
    code = people.read_language(row.values["language"])
    if code is not None:
        return code
    row.warn(
        "language", "language_unknown", f"“{row.values['language'][:60]}” is no language that is known here."
    )
    row.keep("language")
    return defaults.language


def _party_size(row: _Row) -> int | None:
    text = row.values["party_size"]
    size = people.read_count(text)
    if size is not None and 0 < size <= MAX_PARTY:
        return size
    if names.clean(text).casefold() not in _NO_WORDS:
        row.warn("party_size", "party_size_unusable", f"“{text[:60]}” is no number of people.")
        row.keep("party_size")
    return None


def _notes(row: _Row) -> str:
    text = names.clean(row.values.get("notes", ""))
    if len(text) <= MAX_NOTE:
        return text
    row.warn(
        "notes", "note_cut", f"The note is longer than {MAX_NOTE:,} characters: all of it is kept as extra."
    )
    row.keep("notes")
    return text[:MAX_NOTE]


# ── putting together ───────────────────────────────────────────────────────────────────────────────────


def _draft(
    row: _Row, entry: str, found: tuple[Phone, ...], seen: Occurrences, defaults: RowDefaults
) -> Draft:
    values = row.values
    if not entry:
        whom: Household | None = _nameless(row, found)
    else:
        whom = people.read_household(entry) if people.may_name_several(entry) else None
    named = (whom.people if whom else ()) or (entry,)
    extra_seats = whom.extra_seats if whom else 0
    parts = _parts(names.split(named[0]), values)
    size = _party_size(row) if "party_size" in values else None
    household = names.clean(values["household"]) if "household" in values else ""
    label = whom.label if whom and (len(named) > 1 or whom.family or extra_seats) else ""
    folded = names.fold_name(parts)
    external_id, row_key = _identity(row, folded, found, household, seen)
    return Draft(
        line=row.line,
        full_name=named[0],
        honorific=parts.honorific,
        given_name=parts.given_name,
        family_name=parts.family_name,
        folded=folded,
        phones=found,
        emails=_emails(row) if "email" in values else (),
        city=names.clean(values["city"]) if "city" in values else "",
        side=_side(row, defaults) if "side" in values else defaults.side,
        tags=_tags(row, defaults) if "tags" in values else defaults.tags,
        household=household or label,
        party_size=size,
        language=_language(row, defaults) if "language" in values else defaults.language,
        external_id=external_id,
        notes=_notes(row) if "notes" in values else "",
        events=_events(row) if "events" in values else (),
        extra=row.extra or _NOTHING,
        companions=named[1:],
        extra_seats=max(extra_seats, (size or 0) - len(named), 0),
        row_key=row_key,
        household_of_row=bool(label and not household),
    )


def _nameless(row: _Row, found: Iterable[Phone]) -> Household:
    """Somebody of whom only the phone is known is called by it."""
    name = next(phones.show(phone.e164) for phone in found if phone.e164)
    row.warn("full_name", "no_name", f"The row has no name: the person is called {name} for now.")
    return Household((name,), 0, name)


def _parts(parts: NameParts, values: Mapping[str, str]) -> NameParts:
    """What the list's own columns say about the parts of a name goes before what is read from it."""
    if not ("honorific" in values or "given_name" in values or "family_name" in values):
        return parts
    given = names.clean(values.get("given_name", ""))
    known = people.read_household(given).people if given else ()
    return NameParts(
        parts.full_name,
        names.clean(values.get("honorific", "")) or parts.honorific,
        known[0] if known else parts.given_name,
        names.clean(values.get("family_name", "")) or parts.family_name,
    )


def _identity(
    row: _Row, folded: str, found: tuple[Phone, ...], household: str, seen: Occurrences
) -> tuple[str, str]:
    """The list's own id, and the key of the row: that id, else what the row says and how often it said it."""
    external_id = names.clean(row.values["external_id"])[:200] if "external_id" in row.values else ""
    if external_id:
        if seen.count(("id", external_id)) == 1:
            return external_id, external_id
        message = f"The id “{external_id[:60]}” stands in several rows: this one is known by name and phone."
        row.warn("external_id", "external_id_repeated", message)
        row.keep("external_id")
    phone = next((phone.e164 or phone.raw for phone in found), "")
    said = f"{folded}\x1f{phone}\x1f{names.fold(household) if household else ''}"
    digest = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    number = seen.count(said)
    return "", digest if number == 1 else f"{digest}-{number}"
