"""The columns of a list that a family sent: which header means which field, in the forms that people use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from parinaya_cli.domain import names, people, phones
from parinaya_cli.domain.errors import UsedWrongly

FIELDS = (
    "full_name",
    "honorific",
    "given_name",
    "family_name",
    "phone",
    "phone_2",
    "email",
    "city",
    "side",
    "tags",
    "household",
    "party_size",
    "language",
    "external_id",
    "notes",
    "events",
)
SEVERAL = frozenset({"phone_2", "email", "tags", "notes", "events"})  # may come from more than one column
REJECTS_TAIL = ("reason", "line")  # what a rejects file has behind the original columns

_FORMS: dict[str, str] = {
    "full_name": (
        "name|full name|guest name|guest|name of guest|names|guest names|invitee|"
        "invitee name|contact name|contact person|person name|head of family|family head|"
        "display name|naam|nam|mehmaan|mehman|नाम|अतिथि|अतिथि का नाम|मेहमान|मेहमान का नाम|"
        "पूरा नाम|नाव|નામ|મહેમાન|મહેમાનનું નામ|name of the guest|guest full name|fn|"
        "mehman ka naam|mehmaan ka naam|atithi"
    ),
    "honorific": ("title|salutation|honorific|prefix|mr mrs|name prefix|संबोधन"),
    "given_name": ("first name|given name|firstname|forename|pehla naam|पहला नाम|first"),
    "family_name": ("last name|surname|lastname|upnaam|उपनाम|कुलनाम|અટક|आडनाव|last"),
    "phone": (
        "phone|mobile|phone no|phone number|mobile no|mobile number|mob|mob no|cell|cell no|"
        "cell number|contact|contact no|contact number|contact nos|whatsapp|whatsapp no|"
        "whatsapp number|wa|wa no|wa number|tel|telephone|ph|ph no|number|mo|mo no|phone 1|"
        "mobile 1|primary phone|phone 1 value|mobile phone|phones|contact details|फोन|फ़ोन|"
        "मोबाइल|मोबाइल नंबर|फोन नंबर|फ़ोन नंबर|संपर्क|व्हाट्सएप|व्हाट्सऐप|मोबाईल|મોબાઇલ|"
        "મોબાઈલ|ફોન|મોબાઇલ નંબર|મોબાઈલ નંબર|ફોન નંબર|mobile whatsapp|whatsapp mobile|wapp|"
        "watsapp|whats app|whats app no|sampark|mobail"
    ),
    "phone_2": (
        "phone 2|mobile 2|alternate|alternate no|alternate number|alternate phone|"
        "alternate mobile|alt phone|alt no|alt mobile|second phone|other phone|other number|"
        "landline|residence|home phone|phone home|spouse mobile|wife mobile|phone 2 value|"
        "secondary phone|phone res|res phone|work phone|office phone"
    ),
    "email": (
        "email|e mail|email id|mail|mail id|email address|e mail id|e mail address|ईमेल|ઈમેલ|e mail 1 value"
    ),
    "city": (
        "city|town|place|location|city town|shehar|shahar|gaon|native|native place|city name|"
        "शहर|गाँव|गांव|स्थान|શહેર|ગામ|village|residing in|based in|home city"
    ),
    "side": (
        "side|bride groom|bride or groom|whose side|from side|paksh|paksha|पक्ष|પક્ષ|ladka ladki|kiski taraf"
    ),
    "tags": ("tag|tags|group|groups|category|label|labels|list|type|श्रेणी|group membership|categories"),
    "household": (
        "household|house hold|family|family group|family id|household id|household name|"
        "house|group name|parivar|pariwar|परिवार|પરિવાર|कुटुंब|kutumb|unit|guest unit|"
        "family unit|invite group|party|party name|invitation name|name on invitation|"
        "name on card|card name"
    ),
    "party_size": (
        "pax|no of pax|number of pax|party size|kitne log|kitne|total|total pax|persons|"
        "no of persons|people|no of people|members|no of members|family members|head count|"
        "headcount|heads|count|guests|no of guests|number of guests|total guests|"
        "total persons|size|seats|no of seats|संख्या|कितने लोग|कुल|व्यक्ति|સંખ્યા|કેટલા|"
        "કેટલા લોકો|log|total members|qty|number of people|family size|number of persons"
    ),
    "language": ("language|lang|bhasha|preferred language|भाषा|ભાષા|message language|card language"),
    "external_id": (
        "id|external id|guest id|ref|reference|code|guest code|unique id|row id|record id|guest no|contact id"
    ),
    "notes": ("notes|note|remarks|remark|comment|comments|टिप्पणी|नोट|નોંધ|special notes|instructions"),
    "events": (
        "events|event|functions|function|invited to|invite to|programme|programmes|program|"
        "ceremonies|ceremony|समारोह|कार्यक्रम|રસમ|પ્રસંગ|invited for|invited functions"
    ),
}


def key(header: str) -> str:
    """A header as it is looked up: NFKC, casefolded, words with single spaces, without punctuation."""
    text = unicodedata.normalize("NFKC", header).casefold()
    kept = (c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text)
    return " ".join("".join(kept).split())


_BY_KEY = {key(form): name for name, forms in _FORMS.items() for form in forms.split("|")}
_BY_KEY |= {key(name): name for name in FIELDS}
_PHONE_WORDS = names.words("phone mobile mob whatsapp cell tel telephone मोबाइल फोन फ़ोन મોબાઇલ ફોન")
_NO_PHONE_WORDS = names.words("group name type status opt optin consent model sent verified owner date")
_FILLERS = names.words("s the of guest guests no number with please optional required if any in a 1")


@dataclass(frozen=True)
class Columns:
    """How the columns of one list are understood, for one pass over its rows.

    ``fields``: column number (0-based) to field. ``unknown``: column number to header, kept in a
    person's extra. ``shown``: every header with its field, empty where none was recognised.
    ``warnings``: sentences about the header. ``header_is_data``: there is no header, the first row is
    the first person. ``titles``: what a rejects file has as header. Repeated rows of one list are told
    apart by what ``seen`` has counted: use a new value for each pass.
    """

    fields: dict[int, str]
    unknown: dict[int, str]
    shown: list[tuple[str, str]]
    warnings: tuple[str, ...] = ()
    header_is_data: bool = False
    titles: tuple[str, ...] = ()
    ignored: frozenset[int] = frozenset()
    seen: Occurrences = field(default_factory=lambda: Occurrences(), compare=False, repr=False)


class Occurrences:
    """Counts how often each key came, in little memory: by the 64 bits of its hash."""

    def __init__(self) -> None:
        self._once: set[int] = set()
        self._often: dict[int, int] = {}

    def count(self, key: object) -> int:
        """How often this key has now come, from 1 on."""
        short = hash(key)
        if short not in self._once:
            self._once.add(short)
            return 1
        self._often[short] = self._often.get(short, 1) + 1
        return self._often[short]


def recognise(header: list[str], wanted: Mapping[str, str]) -> Columns:
    """Which column holds which field. ``wanted``: their header to field, as given with ``--map``; it wins.

    Raises:
        UsedWrongly: a field or header of ``wanted`` does not exist, or neither a name nor a phone is
        recognised.
    """
    header = [" ".join(cell.split()) for cell in header]
    mapped = _mapped(header, wanted)
    if not mapped and _looks_like_data(header):
        return _from_content(header)
    fields, warnings = _assign(header, mapped)
    ignored = _rejects_tail(header)
    fields = {column: name for column, name in fields.items() if column not in ignored}
    found = set(fields.values())
    if "household" in found and not found & {"full_name", "given_name", "family_name"}:
        fields = {column: "full_name" if name == "household" else name for column, name in fields.items()}
        found = set(fields.values())
    if not found & {"full_name", "given_name", "family_name", "phone"}:
        raise UsedWrongly(
            f"No column with names or phone numbers was recognised; the first row reads: {_quoted(header)}.",
            'Say which column is which, such as --map "THEIR HEADER=full_name" --map "THEIR HEADER=phone".',
        )
    titles = tuple(title for column, title in enumerate(header) if column not in ignored)
    shown = [(title, fields.get(column, "")) for column, title in enumerate(header)]
    unknown = {column: title for column, title in _unknown(header).items() if column not in fields}
    unknown = {column: title for column, title in unknown.items() if column not in ignored}
    return Columns(fields, unknown, shown, tuple(warnings), False, titles, ignored)


def _mapped(header: list[str], wanted: Mapping[str, str]) -> dict[int, str]:
    mapped: dict[int, str] = {}
    keys = [key(cell) for cell in header]
    for theirs, name in wanted.items():
        name = name.strip()
        if name not in FIELDS:
            raise UsedWrongly(f"There is no field “{name}”.", f"The fields are: {', '.join(FIELDS)}.")
        columns = [i for i, cell in enumerate(header) if cell == theirs.strip()]
        columns = columns or [i for i, known in enumerate(keys) if known == key(theirs)]
        if not columns:
            raise UsedWrongly(
                f"The list has no column “{theirs}”; it has: {_quoted(header)}.",
                "Write the header in --map as it stands in the list.",
            )
        mapped |= dict.fromkeys(columns, name)
    return mapped


def _assign(header: list[str], mapped: Mapping[int, str]) -> tuple[dict[int, str], list[str]]:
    """One column for each field, all columns for phones and texts; what is left over is warned about."""
    keys = [key(cell) for cell in header]
    guessed = {column: _field_of(known) for column, known in enumerate(keys)}
    _settle_family_name(keys, guessed)
    warnings = _repeated(header, keys)
    fields = dict(mapped)
    for column, name in guessed.items():
        if column in mapped or not name:
            continue
        taken = name in fields.values()
        if name in ("phone", "phone_2"):
            fields[column] = "phone_2" if "phone" in fields.values() or name == "phone_2" else "phone"
        elif not taken or name in SEVERAL:
            fields[column] = name
        else:
            warnings.append(
                f"“{header[column]}” also looks like {name}, which is taken: it is kept as extra."
            )
    if "phone" not in fields.values():
        second = next((column for column, name in fields.items() if name == "phone_2"), None)
        if second is not None:
            fields[second] = "phone"
    return dict(sorted(fields.items())), warnings


def _field_of(known: str) -> str:
    """The field of a looked-up header: its form as a whole, then without fillers, then by a phone's word."""
    if not known:
        return ""
    if known in _BY_KEY:
        return _BY_KEY[known]
    words = [word for word in known.split() if word not in _FILLERS]
    short = " ".join(words)
    if short in _BY_KEY:
        return _BY_KEY[short]
    if not _PHONE_WORDS.isdisjoint(words) and _NO_PHONE_WORDS.isdisjoint(words) and len(words) <= 4:
        return "phone"
    return ""


def _settle_family_name(keys: list[str], guessed: dict[int, str]) -> None:
    """“Family name” is a surname next to a first name, and else the name of a household."""
    for column, known in enumerate(keys):
        if known == "family name":
            guessed[column] = "family_name" if "given_name" in guessed.values() else "household"


def _repeated(header: list[str], keys: list[str]) -> list[str]:
    twice = {known for known in keys if known and keys.count(known) > 1}
    return [
        f"Several columns are called “{header[keys.index(known)]}”: all of them are kept."
        for known in sorted(twice)
    ]


def _unknown(header: list[str]) -> dict[int, str]:
    """A name of its own for every column, also where two have one name or none."""
    names: dict[int, str] = {}
    for column, title in enumerate(header):
        name = title or f"column {column + 1}"
        number = 2
        while name in names.values():
            name = f"{title or 'column'} ({number})"
            number += 1
        names[column] = name
    return names


def _rejects_tail(header: list[str]) -> frozenset[int]:
    if tuple(header[-2:]) == REJECTS_TAIL and len(header) > 2:
        return frozenset({len(header) - 2, len(header) - 1})
    return frozenset()


def _quoted(cells: Iterable[str]) -> str:
    shown = [f"“{cell[:40]}”" for cell in cells if cell]
    return ", ".join(shown[:12]) + (", …" if len(shown) > 12 else "") if shown else "nothing"


# ── lists without a header ─────────────────────────────────────────────────────────────────────────────

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)


def _is_phone(cell: str) -> bool:
    return sum(c.isdecimal() for c in cell) >= 8 and any(p.e164 for p in phones.read_cell(cell, "IN"))


def _looks_like_data(header: list[str]) -> bool:
    """A phone number stands in the first row, and no cell of it is a header that we know."""
    return any(_is_phone(cell) for cell in header) and not any(_field_of(key(cell)) for cell in header)


def _from_content(row: list[str]) -> Columns:
    fields: dict[int, str] = {}
    for column, cell in enumerate(row):
        taken = fields.values()
        if _is_phone(cell):
            fields[column] = "phone_2" if "phone" in taken else "phone"
        elif _EMAIL.fullmatch(cell):
            fields[column] = "email"
        elif people.read_side(cell) and "side" not in taken:
            fields[column] = "side"
        elif "full_name" not in taken and any(c.isalpha() for c in cell):
            fields[column] = "full_name"
    titles = tuple(fields.get(column, f"column {column + 1}") for column in range(len(row)))
    unknown = {column: title for column, title in enumerate(titles) if column not in fields}
    shown = [(title, fields.get(column, "")) for column, title in enumerate(titles)]
    warning = "The list has no header: its columns were recognised by what stands in the first row."
    return Columns(fields, unknown, shown, (warning,), True, titles)
