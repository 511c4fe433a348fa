"""A row of a list becomes a draft of a person, or a rejection with its reason. Nothing is lost silently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType

from parinaya_cli.domain import names, people, phones, row_fields
from parinaya_cli.domain.headers import FIELDS, ColumnGuess, Columns, Occurrences, find_header, recognise
from parinaya_cli.domain.names import NameParts
from parinaya_cli.domain.people import Household
from parinaya_cli.domain.phones import Phone
from parinaya_cli.domain.row_fields import Row, RowDefaults, RowWarning
from parinaya_cli.domain.unreadable_rows import MAX_CELL, UnreadableRow

__all__ = [
    "FIELDS",
    "MAX_CELL",
    "ColumnGuess",
    "Columns",
    "Draft",
    "Rejection",
    "RowDefaults",
    "RowWarning",
    "UnreadableRow",
    "find_header",
    "read_row",
    "recognise",
]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that is not imported. ``cells``: as in the list, to be written to the rejects file."""

    line: int
    code: str
    message: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """A person as a row describes them, with the household that the row speaks of; nobody changes it.

    ``companions``: further people whom a couple's entry names. ``extra_seats``: people counted, but not named.
    ``household``: the text of the household column, or a couple's or family's own entry; then ``household_of_row``
    is true, and the text tells this row's household from no other row's. ``row_key``: what this row is called when
    the list comes again. ``proposal``: whom and how many an entry such as ``Ramesh & Sunita Gupta + 2`` was taken
    for, as a sentence; empty where it names one person plainly. ``counters``: names of ``extra`` that count rows;
    they are left out when a row is compared with what it said before.
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
    proposal: str = ""
    counters: tuple[str, ...] = ()


_NOTHING: Mapping[str, str] = MappingProxyType({})
_JOINTS = {"phone_2": " ; ", "email": " ; ", "tags": ";", "notes": "; ", "events": ";", "party_size": "+"}


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
    row = Row(line, _values(cells, columns.fields), _extra(cells, columns.unknown) if columns.unknown else {})
    if columns.dial_code is not None or columns.event_columns:
        events = _special(row, cells, columns)
    else:
        events = ()
    values = row.values
    entry = _entry(row, columns)
    found = row_fields.read_phones(row, defaults.region) if "phone" in values or "phone_2" in values else ()
    problem = _nobody(entry, found, cells)
    if problem:
        return Rejection(line, *problem, tuple(cells)), row.warnings
    if not entry and "household" in values:  # a phone and a household: called by that for now
        entry = names.clean(values["household"])
    if len(entry) > names.MAX_GRAPHEMES and names.graphemes(entry) > names.MAX_GRAPHEMES:
        message = f"The name is longer than {names.MAX_GRAPHEMES} characters."
        return Rejection(line, "name_too_long", message, tuple(cells)), row.warnings
    if "events" in values:
        events = tuple(dict.fromkeys((*row_fields.read_events(row, columns), *events)))
    draft = _draft(row, entry, found, columns, defaults)
    draft.events = events
    return draft, row.warnings


def _problem(cells: Sequence[str], columns: Columns) -> tuple[str, str] | None:
    """Why a row can't be taken at all: code and sentence."""
    joined = "\n".join(cells)
    if "\0" in joined or "\u2400" in joined:
        return "nul", "A cell holds a NUL character, as damaged files do."
    if len(joined) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
        return "cell_too_long", f"A cell is longer than {MAX_CELL:,} characters."
    shown = columns.shown
    width = len(shown)
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        return "too_many_cells", f"It has {len(cells)} cells, the header has {width}: is a comma not quoted?"
    if cells and cells[0] == shown[0][0] and _is_header(cells, columns):
        return "header_again", "It is the header once more, and no person."
    return None


def _is_header(cells: Sequence[str], columns: Columns) -> bool:
    titles = [title for title, _ in columns.shown]
    said = [" ".join(cell.split()) for cell in cells[: len(titles)]]
    return not columns.header_is_data and sum(map(bool, said)) > 1 and said == titles[: len(said)]


_SUMS = names.words("total totals grandtotal sum subtotal कुल कुलयोग योग एकूण કુલ ਕੁੱਲ மொத்தம் মোট")


def _nobody(entry: str, found: Sequence[Phone], cells: Sequence[str]) -> tuple[str, str] | None:
    """Why a row is about nobody: code and sentence."""
    if entry:
        counted = (
            () if found or any(c.isalpha() for c in entry) else cells
        )  # Total | 60, the 60 under the names
        total = next((one for one in (entry, *counted) if not found and _is_sum(one)), "")
        return ("total_row", f"“{total}” seems to be a sum over the list, and no person.") if total else None
    if any(phone.e164 for phone in found):
        return None
    return "no_name_no_phone", "It has neither a name nor a usable phone number."


def _is_sum(text: str) -> bool:
    return len(text) < 20 and text.casefold().replace(" ", "").strip(":=.-") in _SUMS


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
        if name not in values:
            values[name] = cell
        elif name != "party_size" or cell.strip().casefold() not in row_fields.NO_WORDS:
            values[name] = f"{values[name]}{_JOINTS.get(name, ' ')}{cell}"
    return values


def _extra(cells: Sequence[str], unknown: Mapping[int, str]) -> dict[str, str]:
    extra: dict[str, str] = {}
    for column, title in unknown.items():
        cell = cells[column] if column < len(cells) else ""
        text = names.clean(cell.removeprefix("'")) if cell else ""
        if text:
            extra[title] = text
    return extra


def _special(row: Row, cells: Sequence[str], columns: Columns) -> tuple[str, ...]:
    """Columns that bear on others: a country code before the phone, a yes for an event; the events are returned."""
    code = columns.dial_code
    if code is not None and code < len(cells) and "phone" in row.values:
        digits = "".join(c for c in cells[code] if c.isdecimal())
        number = row.values["phone"].strip()
        if digits and len(digits) <= 4 and number[:1] != "+" and number[:2] != "00":
            bare = number[len(digits) :] if number.startswith(digits) and len(number) > 10 else number
            bare = bare.lstrip("0")
            if bare != number:
                row.keep("phone")
            row.values["phone"] = f"+{digits} {bare}"
    said = [
        (columns.shown[column][0], slug, cells[column])
        for column, slug in columns.event_columns.items()
        if column < len(cells) and cells[column].strip()
    ]
    return row_fields.read_event_columns(row, said) if said else ()


# ── whom the row names ─────────────────────────────────────────────────────────────────────────────────

_ODD = re.compile(r"[^A-Za-z .']")
_NUMBER_IN_NAME = re.compile(r"\+?\d(?:[\d ()-]{8,}\d)")


def _entry(row: Row, columns: Columns) -> str:
    """The text that names whom the row invites: the name column, or its parts, or another column of names."""
    values = row.values
    said = values.get("full_name", "")
    full = names.clean(said)
    if len(full) != len(said) and names.hides_something(said):
        message = (
            "The name holds characters that can't be seen, or that turn its direction: they were taken out."
        )
        row.warn("full_name", "name_cleaned", message)
    if "given_name" in values or "family_name" in values:
        given = names.clean(values.get("given_name", ""))
        family = names.clean(values.get("family_name", ""))
        if not full:
            full = given
        if family and names.fold(family) not in names.fold(full):
            full = f"{full} {family}".strip()
    if not full and columns.second_names:
        full = next((row.extra[title] for title in columns.second_names if title in row.extra), "")
    if full and _ODD.search(full):
        full = _without_number(row, full)
    if full[:1].isalnum() or any(c.isalnum() for c in full):
        return full
    if full.strip("-–—_.?* "):
        row.keep("full_name" if "full_name" in values else "given_name")
    return ""


def _without_number(row: Row, full: str) -> str:
    """Take a phone number out of a name (``Ramesh 98123 45678``) and put it to the phones; say what was taken out.

    Characters that no reader sees, such as those that turn the direction of a text, are gone already.
    """
    said = row.values.get("full_name", "")
    if names.hides_something(said):
        message = (
            "The name holds characters that can't be seen, or that turn its direction: they were taken out."
        )
        row.warn("full_name", "name_cleaned", message)
    match = _NUMBER_IN_NAME.search(full)
    if match is None or not any(phone.e164 for phone in phones.read_cell(match[0], "IN")):
        return full
    before = row.values.get("phone")
    row.values["phone"] = f"{before} ; {match[0]}" if before else match[0]
    row.warn("full_name", "phone_in_name", f"“{match[0]}” stood in the name: it was put to the phones.")
    rest = " ".join((full[: match.start()] + " " + full[match.end() :]).split())
    return rest.strip(" ,;:/()-+") if any(c.isalpha() for c in rest) else ""


# ── putting together ───────────────────────────────────────────────────────────────────────────────────


def _draft(row: Row, entry: str, found: tuple[Phone, ...], columns: Columns, defaults: RowDefaults) -> Draft:
    values = row.values
    whom = _whom(row, entry, found)
    named = (whom.people or (entry,)) if whom else (entry,)
    parts = names.split(named[0])
    if columns.own:
        told = (names.clean(values.get(name, "")) for name in ("honorific", "given_name", "family_name"))
        parts = NameParts(parts.full_name, *told)
    elif "honorific" in values or "given_name" in values or "family_name" in values:
        parts = _own_parts(row, parts)
    if parts.honorific and len(named) == 1 and names.is_late(named[0]):
        row.warn("full_name", "late_person", f"“{named[0][:60]}” seems to have died: look who is meant.")
    size = row_fields.read_party_size(row) if "party_size" in values else None
    household = names.clean(values["household"]) if "household" in values else ""
    folded = names.fold_name(parts)
    external_id, row_key = _identity(row, folded, found, household, columns.seen)
    seats = (size or 0) - len(named)
    label = proposal = ""
    if whom is not None:
        seats = max(seats, whom.extra_seats)
        label = whom.label if len(named) > 1 or whom.family or whom.extra_seats or whom.late else ""
        proposal = _proposal(row, entry, whom, size) if label else ""
    return Draft(
        row.line,
        named[0],
        parts.honorific,
        parts.given_name,
        parts.family_name,
        folded,
        found,
        row_fields.read_emails(row) if "email" in values else (),
        names.clean(values["city"]) if "city" in values else "",
        row_fields.read_side(row, defaults) if "side" in values else defaults.side,
        row_fields.read_tags(values["tags"], defaults.tags) if "tags" in values else defaults.tags,
        household or label,
        size,
        row_fields.read_language(row, defaults) if "language" in values else defaults.language,
        external_id,
        row_fields.read_notes(row) if "notes" in values else "",
        (),
        row.extra or _NOTHING,
        named[1:],
        seats if seats > 0 else 0,
        row_key,
        bool(label and not household),
        proposal,
        columns.counters,
    )


def _whom(row: Row, entry: str, found: Iterable[Phone]) -> Household | None:
    """Whom an entry names besides the one person of a plain name; somebody without a name is called by the phone."""
    if not entry:
        return _nameless(row, found)
    return people.read_household(entry) if people.may_name_several(entry) else None


def _proposal(row: Row, entry: str, whom: Household, size: int | None) -> str:
    """Whom an entry was taken for, as a sentence; what contradicts it or is sad is warned about."""
    counted = len(whom.people) + whom.extra_seats
    if size is not None and size < counted:
        message = f"“{whom.label[:60]}” speaks of {counted} people, the number beside it of {size}: {counted} are kept."
        row.warn("party_size", "party_size_less", message)
    if whom.late:
        late = ", ".join(whom.late)
        row.warn(
            "full_name", "late_person", f"“{late[:60]}” seems to have died: nobody is made of that name."
        )
    return people.propose(entry, whom, max(counted, size or 0) - len(whom.people))


def _nameless(row: Row, found: Iterable[Phone]) -> Household:
    """Somebody of whom only the phone is known is called by it."""
    name = next(phones.show(phone.e164) for phone in found if phone.e164)
    row.warn("full_name", "no_name", f"The row has no name: the person is called {name} for now.")
    return Household((name,), 0, name)


def _own_parts(row: Row, parts: NameParts) -> NameParts:
    """What the list's own columns say about the parts of a name goes before what is read from it."""
    values = row.values
    given = names.clean(values.get("given_name", ""))
    known = people.read_household(given).people if given else ()
    if "full_name" in values and given and people.may_name_several(given):
        row.keep("given_name")
    return NameParts(
        parts.full_name,
        names.clean(values.get("honorific", "")) or parts.honorific,
        known[0] if known else parts.given_name,
        names.clean(values.get("family_name", "")) or parts.family_name,
    )


def _identity(
    row: Row, folded: str, found: tuple[Phone, ...], household: str, seen: Occurrences
) -> tuple[str, str]:
    """The list's own id, and the key of the row: that id, else what the row says and how often it said it."""
    external_id = row_fields.read_id(row, row.values) if "external_id" in row.values else ""
    if external_id:
        if seen.count(("id", external_id)) == 1:
            return external_id, external_id
        message = f"The id “{external_id[:60]}” stands in several rows: this one is known by name and phone."
        row.warn("external_id", "external_id_repeated", message)
        row.keep("external_id")
    phone = (found[0].e164 or found[0].raw) if found else ""
    said = f"{folded}\x1f{phone}\x1f{names.fold(household) if household else ''}"
    digest = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    number = seen.count(said)
    return "", digest if number == 1 else f"{digest}-{number}"
