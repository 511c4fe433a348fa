"""The properties of a vCard as cells under the titles of a list: what has a field of ours, and all the rest.

Fields: FN and N (names), TEL, EMAIL, the town of ADR, CATEGORIES, LANG, NOTE, UID. Extra columns under plain
titles: see ``TITLES``. Properties that are not known, X-… among them, have a column under their own name.
Not kept are what the file says of itself (PRODID, REV, …), and birthdays: no birth dates are stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from parinaya_cli.adapters.files.vcard_phones import digits_of, read_phone, tel_kind
from parinaya_cli.adapters.files.vcard_properties import Head, Property, split, split_raw, unescape
from parinaya_cli.adapters.files.vcard_reading import (
    FIELDS,
    LABELLED,
    OTHER_NAME,
    WHATSAPP,
    Reading,
    is_own_label,
    label_of,
    labelled,
    order,
    said_of,
)

_NAMES = {"FN": ("full_name", OTHER_NAME), "N": ("full_name", *FIELDS[1:4], OTHER_NAME)}
_COLUMNS: dict[str, tuple[str, ...]] = _NAMES | {
    "EMAIL": ("email",),
    "ADR": ("city", "Address"),
    "LABEL": ("Address",),
    "CATEGORIES": ("tags",),
    "LANG": ("language", "Also speaks"),
    "NOTE": ("notes",),
    "UID": ("external_id",),
    "NICKNAME": ("Nickname",),
    "ORG": ("Organisation",),
    "TITLE": ("Job title",),
    "ROLE": ("Role",),
    "URL": ("Website",),
    "RELATED": ("Related",),
    "X-ABRELATEDNAMES": ("Related",),
    "ANNIVERSARY": ("Dates",),
    "X-ANNIVERSARY": ("Dates",),
    "X-ABDATE": ("Dates",),
    "KIND": ("Kind",),
    "X-ANDROID-CUSTOM": ("Nickname", "Related", "Dates", "X-ANDROID-CUSTOM"),
}
_OF_THE_FILE = frozenset(
    {
        *(
            "BEGIN",
            "END",
            "VERSION",
            "PRODID",
            "REV",
            "CLASS",
            "MAILER",
            "CALSCALE",
            "CLIENTPIDMAP",
            "SOURCE",
        ),
        *("PROFILE", "SORT-STRING", "XML", "NAME", "X-ABUID", "X-ABADR", "X-ABLABEL", "X-IMAGEHASH"),
        *("X-IMAGETYPE", "X-SHARED-PHOTO-DISPLAY-PREF", "X-MS-OL-DEFAULT-POSTAL-ADDRESS"),
        *("X-ADDRESSBOOKSERVER-KIND", "X-ADDRESSBOOKSERVER-MEMBER"),
    }
)
_NOT_KEPT = re.compile(r"BDAY|BIRTHDAY|BIRTHDATE")
_ANDROIDS_BIRTHDAY = re.compile(rb":vnd\.android\.cursor\.item/contact_event;[^;]*;3;")
_NO_TAGS = frozenset({"mycontacts", "* mycontacts"})  # Google has it on every contact


def is_birthday(name: str, raw: bytes = b"") -> bool:
    """Whether a property says when somebody was born; Android's own needs a look at the line."""
    return _NOT_KEPT.search(name) is not None or _ANDROIDS_BIRTHDAY.search(raw) is not None


def columns_of(head: Head, own_label: str) -> tuple[str, ...]:
    """The titles under which a property may have something to say. ``own_label``: the value of an X-ABLabel."""
    name = head.name
    label = label_of(own_label) if own_label else head.label
    labels = (*filter(None, [tel_kind(head, label)]), *([LABELLED] if is_own_label(label) else []))
    if name in _OF_THE_FILE or is_birthday(name):
        return labels if name == "X-ABLABEL" else ()
    if name == "TEL":
        return ("phone", "phone_2", *([WHATSAPP] if "WAID" in head.params else []), *labels)
    return (*_COLUMNS.get(name, (name,)), *labels)


_JOINTS = {"phone_2": " ; ", "email": " ; ", "notes": "\n", "tags": ";"}


def read_person(properties: Iterable[Property]) -> dict[str, str]:
    """A card as title to cell; titles without a value are left out. Several values are put together.

    Phones: the number of a WhatsApp account (``waid``) goes first, then what is marked as preferred, then a
    mobile; fax and pager are no phones. The parts of N are fields only where the full name has them too, else
    they are another name: what is shown as the name goes first.
    """
    known = list(properties)
    reading = Reading({one.head.group: label_of(one.value) for one in known if one.head.name == "X-ABLABEL"})
    for one in known:
        name = one.head.name
        if name not in _OF_THE_FILE and name not in _NAMES and not is_birthday(name):
            _READERS.get(name, _read_any)(one, reading)
    reading.settle()
    _read_names(known, reading)
    return {title: _JOINTS.get(title, "; ").join(values) for title, values in reading.cells.items() if values}


# ── names ──────────────────────────────────────────────────────────────────────────────────────────────


def _words(text: str) -> set[str]:
    return {word.strip(".,").casefold() for word in text.split()} - {""}


def _read_names(known: list[Property], reading: Reading) -> None:
    """The full name, from N, the organisation or the nickname where FN is missing; and its parts."""
    given = sorted((one for one in known if one.head.name == "FN"), key=lambda one: order(one.head))
    shown = [text for text in (unescape(one.value) for one in given) if text]
    if shown and not any(c.isalpha() for c in shown[0]) and _is_number_of(shown[0], reading):
        shown.pop(0)  # phones call somebody without a name by the number
    parts = [_parts(one.value) for one in known if one.head.name == "N"]
    shown += [part.whole for part in parts if part.whole]
    others = (text for title in ("Organisation", "Nickname") for text in reading.cells.get(title, ()))
    full = shown.pop(0) if shown else next(others, "")
    reading.add("full_name", full)
    covered = _words(full)
    if parts and _words(f"{parts[0].given} {parts[0].family}") <= covered:
        reading.add("honorific", parts[0].prefix)
        covered |= _words(parts[0].prefix)
        if parts[0].given and parts[0].family:
            reading.add("given_name", parts[0].given)
            reading.add("family_name", parts[0].family)
    for text in shown:
        if not _words(text) <= covered:
            reading.add(OTHER_NAME, text)


class _Parts(NamedTuple):
    prefix: str
    given: str
    family: str
    whole: str


def _parts(value: str) -> _Parts:
    """The five parts of N: family, given and additional names, honorifics before and behind."""
    parts = [" ".join(filter(None, split(part, ","))) for part in split_raw(value, ";")]
    family, first, additional, prefix, *suffix = [*parts, *[""] * (4 - len(parts))]
    given = " ".join(filter(None, (first, additional)))
    return _Parts(prefix, given, family, " ".join(filter(None, (prefix, given, family, *suffix))))


def _is_number_of(text: str, reading: Reading) -> bool:
    digits = digits_of(text)[-10:]
    numbers = (*reading.cells.get("phone", ()), *reading.cells.get("phone_2", ()))
    return len(digits) >= 7 and any(digits in digits_of(number) for number in numbers)


# ── everything else ────────────────────────────────────────────────────────────────────────────────────


def _read_any(one: Property, reading: Reading) -> None:
    reading.add(one.head.name, labelled(unescape(one.value), reading.label(one) or said_of(one.head)))


def _read_as(title: str) -> Callable[[Property, Reading], None]:
    def read(one: Property, reading: Reading) -> None:
        reading.add(title, labelled(unescape(one.value), reading.label(one)))

    return read


def _read_email(one: Property, reading: Reading) -> None:
    text = unescape(one.value).removeprefix("mailto:")
    reading.rank("email", order(one.head), text)
    reading.keep_label(reading.label(one), text)


def _read_address(one: Property, reading: Reading) -> None:
    """Box, extended address, street, town, region, code, country: as one line; the town also by itself."""
    parts = [" ".join(part.split()) for part in split(one.value, ";")]
    whole = ", ".join(filter(None, parts)) or unescape(one.head.param("LABEL"))
    reading.add("Address", labelled(whole, reading.label(one)))
    if len(parts) > 3:
        reading.rank("city", order(one.head) + ("HOME" not in one.head.types), parts[3])


def _read_label(one: Property, reading: Reading) -> None:
    """An address as it is printed: kept where it says more than ADR."""
    text = " ".join(unescape(one.value).split())
    if not _words(text) <= _words(" ".join(reading.cells.get("Address", ()))):
        reading.add("Address", text)


def _read_organisation(one: Property, reading: Reading) -> None:
    reading.add("Organisation", labelled(", ".join(filter(None, split(one.value, ";"))), reading.label(one)))


def _read_tags(one: Property, reading: Reading) -> None:
    for tag in (part for piece in split_raw(one.value, ",") for part in split(piece, ";")):
        if tag.casefold() not in _NO_TAGS:
            reading.add("tags", tag)


def _read_language(one: Property, reading: Reading) -> None:
    reading.rank("language", order(one.head), unescape(one.value))


def _read_uid(one: Property, reading: Reading) -> None:
    text = unescape(one.value)
    reading.add("external_id", text[9:] if text[:9].casefold() == "urn:uuid:" else text)


def _read_related(one: Property, reading: Reading) -> None:
    reading.add("Related", labelled(unescape(one.value), reading.label(one) or said_of(one.head)))


def _read_date(one: Property, reading: Reading) -> None:
    said = reading.label(one) or ("anniversary" if one.head.name != "X-ABDATE" else "")
    if "birth" not in said.casefold():
        reading.add("Dates", labelled(unescape(one.value), said))


def _read_kind(one: Property, reading: Reading) -> None:
    text = unescape(one.value)
    reading.add("Kind", text if text.casefold() != "individual" else "")


_RELATIONS = (
    *("", "assistant", "brother", "child", "domestic partner", "father", "friend", "manager", "mother"),
    *("parent", "partner", "referred by", "relative", "sister", "spouse"),
)


def _read_android(one: Property, reading: Reading) -> None:
    """What Android has and vCards have not: ``vnd.android.cursor.item/relation;Sunita;14;;…``, with the
    numbers of its ContactsContract.CommonDataKinds."""
    kind, value, number, own, *_ = [*split(one.value, ";"), "", "", ""]
    kind = kind.rpartition("/")[2]
    if kind == "nickname":
        reading.add("Nickname", value)
    elif kind == "relation":
        known = int(number) if number.isascii() and number.isdecimal() and len(number) < 3 else 0
        reading.add("Related", labelled(value, _RELATIONS[known] if 0 < known < len(_RELATIONS) else own))
    elif kind == "contact_event":
        if number != "3" and "birth" not in own.casefold():
            reading.add("Dates", labelled(value, "anniversary" if number == "1" else own))
    else:
        reading.add("X-ANDROID-CUSTOM", unescape(one.value))


_READERS: dict[str, Callable[[Property, Reading], None]] = {
    "TEL": read_phone,
    "EMAIL": _read_email,
    "ADR": _read_address,
    "LABEL": _read_label,
    "CATEGORIES": _read_tags,
    "LANG": _read_language,
    "NOTE": _read_as("notes"),
    "UID": _read_uid,
    "NICKNAME": _read_as("Nickname"),
    "ORG": _read_organisation,
    "TITLE": _read_as("Job title"),
    "ROLE": _read_as("Role"),
    "URL": _read_as("Website"),
    "RELATED": _read_related,
    "X-ABRELATEDNAMES": _read_related,
    "ANNIVERSARY": _read_date,
    "X-ANNIVERSARY": _read_date,
    "X-ABDATE": _read_date,
    "KIND": _read_kind,
    "X-ANDROID-CUSTOM": _read_android,
}
