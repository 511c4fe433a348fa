"""Phone numbers: read as families write them, kept in E.164, printed so that a human can dial them.

A cell may hold several numbers, labels and what is left of a number after a spreadsheet. What can be
repaired without guessing is repaired; what has lost digits is reported; a country that is merely likely
is a guess. The rules of numbering plans come from libphonenumber (the ``phonenumbers`` package).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.numbering import (
    MOBILE_SERIES,
    Phone,
    PhoneState,
    abroad,
    digits_of,
    is_indian_mobile,
    join_notes,
    resolve,
    show,
)

__all__ = [
    "Phone",
    "PhoneState",
    "check_region",
    "country",
    "country_code",
    "is_mobile",
    "mask",
    "parse_one",
    "read_cell",
    "show",
]

_VALID = PhoneState.VALID

_PLAIN_MOBILE = re.compile(
    rf"(?:((?:\+|00)91[ -]?)|91[ -]?|0)?({MOBILE_SERIES}[0-9]{{2}})[ -]?([0-9]{{5}})"
    r"(?<!000000)(?<!0[ -]00000)"
)
_PLAIN_FORM = re.compile(
    r"(?:((?:\+|00)91[ -]?)|91[ -]?|0)?([6-9][0-9]{4})[ -]?([0-9]{5})(?<!000000)(?<!0[ -]00000)"
)
_LONE_CODE = re.compile(r"\+[0-9]{1,3}[\s-]*(?=\+)")

_SEPARATORS = re.compile(
    r":::|[;/|&\n\r]|,|\s(?:or|and|ya|aur)\s|\s(?:या|और|व)\s|(?<=[0-9)])\s*(?=\+)", re.IGNORECASE
)
_GROUPED_BY_COMMAS = re.compile(r"[0-9]{1,3}(?:,[0-9]{2,3}){2,}(?:\.0+)?")
_SCIENTIFIC = re.compile(r"\+?([0-9])(?:\.([0-9]+))?[eE]\+?([0-9]{1,2})")
_FLOAT = re.compile(r"(\+?[0-9]{7,15})\.0+")
_EXTENSION = re.compile(r"[\s,]*(?:extension|extn|ext|x)[\s.:-]*([0-9]{1,6})\W*$", re.IGNORECASE)
_NOT_OF_A_NUMBER = re.compile(r"[^0-9+()\-. ]")
_TEXT_FORMULA = re.compile(r"=\"([^\"]*)\"")
_NONE_WORDS = frozenset(
    {"", "-", "--", "na", "n/a", "n.a.", "nil", "none", "no", "null", "nan", "0", ".", "x", "?"}
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣-", "-"))
_CUT_NOTE = "a spreadsheet has cut the last digits: format the column as text and send the list again"


def read_cell(text: str, region: str, home: str = "") -> list[Phone]:
    """Every number in a cell, in order and without repeats; empty when the cell says that there is none.

    ``region``: ISO code of the country in which a number without country code is read. ``home``: the country where
    its owner lives, if that is another one: a number without country code that is a mobile there is read as such, and
    named a guess.
    """
    match = _PLAIN_MOBILE.fullmatch(text)
    if match is not None:
        code, first, last = match.groups()
        if code or (region == "IN" and not home):
            return [Phone("+91" + first + last, text, _VALID)]
    elif not home and (match := _PLAIN_FORM.fullmatch(text)) is not None:
        code, first, last = match.groups()
        if (code or region == "IN") and is_indian_mobile(first + last):
            return [Phone("+91" + first + last, text, _VALID)]
    stripped = text.strip()
    if not stripped:
        return []
    found = _read_any(stripped, region)
    return [_of_home(phone, home) for phone in found] if home else found


def _of_home(phone: Phone, home: str) -> Phone:
    """A number as it is read where its owner lives, when it bears no country code and is a mobile there."""
    tidy = _NOT_OF_A_NUMBER.sub(" ", _tidy(phone.raw)).strip()
    if tidy.startswith(("+", "(+", "00")):
        return phone
    return abroad(phone, digits_of(tidy), home)


def _read_any(text: str, region: str) -> list[Phone]:
    """The slow way, for every form there is; gives what the fast way gives for what that takes."""
    tidy = _tidy(text)
    if tidy.casefold() in _NONE_WORDS:
        return []
    if _GROUPED_BY_COMMAS.fullmatch(tidy):
        tidy = tidy.replace(",", "")
    parts = [part.strip(" .:,-'\"") for part in _SEPARATORS.split(_LONE_CODE.sub("", tidy))]
    parts = [part for part in parts if any("0" <= c <= "9" for c in part)]
    if not parts:
        return [Phone(None, text, PhoneState.IMPOSSIBLE, "there is no number in it")]
    phones: list[Phone] = []
    for part in parts:
        raw = text if len(parts) == 1 else part
        phones.extend(
            phone for phone in _read_part(part, raw, region, bool(phones)) if _is_new(phone, phones)
        )
    return phones


def _is_new(phone: Phone, earlier: list[Phone]) -> bool:
    return phone.e164 is None or all(phone.e164 != other.e164 for other in earlier)


def _tidy(text: str) -> str:
    """ASCII digits, plain spaces and dashes, no invisible characters, no apostrophe of a spreadsheet."""
    formula = _TEXT_FORMULA.fullmatch(text)
    text = formula[1] if formula else text
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_DASHES)
        text = "".join(
            str(unicodedata.decimal(c)) if c.isdecimal() else " " if c.isspace() and c != "\n" else c
            for c in text
            if unicodedata.category(c) != "Cf"
        )
    return text.strip(" \t'`’‘\"")


def _read_part(part: str, raw: str, region: str, follows: bool) -> Iterator[Phone]:
    """The numbers of one piece between separators; ``follows``: another number stands before it."""
    scientific = _SCIENTIFIC.fullmatch(part)
    if scientific:
        digits = scientific[1] + (scientific[2] or "")
        if len(digits) != int(scientific[3]) + 1:
            yield Phone(None, raw, PhoneState.IMPOSSIBLE, _CUT_NOTE)
            return
        part = digits
    as_float = _FLOAT.fullmatch(part)
    part = as_float[1] if as_float else part
    extension = _EXTENSION.search(part)
    part = part[: extension.start()] if extension else part
    part = " ".join(_NOT_OF_A_NUMBER.sub(" ", part).replace("( )", " ").split()).strip(" .-")
    digits = digits_of(part)
    if follows and len(digits) <= 4:
        note = "this seems to stand for the last digits of the number before: write the whole number"
        yield Phone(None, raw, PhoneState.IMPOSSIBLE, note)
        return
    if len(digits) > 15:
        together = _run_together(part, region)
        if together:
            yield from (Phone(p.e164, raw, p.state, "several numbers stood together") for p in together)
            return
    phone = resolve(part, raw, region)
    if extension and phone.e164:
        phone = Phone(phone.e164, raw, phone.state, join_notes(phone.note, f"extension {extension[1]}"))
    yield phone


def _run_together(part: str, region: str) -> list[Phone]:
    """Numbers written one after the other without a separator, if the whole text falls into numbers."""
    pieces = part.replace("-", " ").split()
    if len(pieces) == 1 and len(pieces[0]) == 20:
        pieces = [pieces[0][:10], pieces[0][10:]]
    found: list[Phone] = []
    begun = ""
    for piece in pieces:
        begun += piece
        phone = resolve(begun, begun, region)
        if phone.state in (PhoneState.VALID, PhoneState.LANDLINE):
            found.append(phone)
            begun = ""
    return found if not begun else []


# ── printing and asking ────────────────────────────────────────────────────────────────────────────────


def mask(e164: str) -> str:
    """A number for those who may not see numbers: ``+91 98••• ••678``.

    The country code, at most two digits at the beginning and three at the end remain; never more than half.
    """
    shown = show(e164)
    code, _, rest = shown.partition(" ")
    if not rest:
        code, rest = "", shown
    count = sum(c.isdigit() for c in rest)
    first, last = (2, 3) if count >= 10 else (0, 2) if count >= 4 else (0, 0)
    masked: list[str] = []
    seen = 0
    for char in rest:
        if char.isdigit():
            seen += 1
            char = char if seen <= first or seen > count - last else "•"
        masked.append(char)
    return f"{code} {''.join(masked)}".strip()


def country(e164: str) -> str:
    """The ISO region of a number, such as ``IN``; empty when unknown."""
    if e164.startswith("+91"):
        return "IN"
    return _country(e164)


@lru_cache(maxsize=4096)
def _country(e164: str) -> str:
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(number) or ""
    region = region or phonenumbers.region_code_for_country_code(number.country_code or 0)
    return region if len(region) == 2 and region.isalpha() and region != "ZZ" else ""


def is_mobile(e164: str) -> bool:
    """Whether WhatsApp can be expected behind it: a mobile, or a country that does not tell mobiles apart."""
    return _PLAIN_MOBILE.fullmatch(e164) is not None or resolve(e164, e164, "").state is PhoneState.VALID


def parse_one(text: str, region: str) -> str:
    """The one number that an operator typed, in E.164.

    Raises:
        UsedWrongly: it is no number, several, or its country is doubtful.
    """
    found = read_cell(text, region)
    if len(found) > 1:
        raise UsedWrongly(f"“{text}” holds several numbers where one is meant.", "Give one number.")
    if not found or found[0].e164 is None:
        why = found[0].note if found else "it is empty"
        raise UsedWrongly(
            f"“{text}” is no phone number: {why}.", "Write it with its country code: +91 98123 45678."
        )
    if found[0].state is PhoneState.GUESSED_REGION:
        raise UsedWrongly(
            f"The country of “{text}” is doubtful.",
            f"Write it with its country code, such as {show(found[0].e164)}.",
        )
    return found[0].e164


def country_code(region: str) -> str:
    """The country calling code of a region: ``91`` for ``IN``; empty when unknown."""
    code = phonenumbers.country_code_for_region(region)
    return str(code) if code else ""


def check_region(text: str) -> str:
    """The ISO code of a country that has a numbering plan, in capitals.

    Raises:
        UsedWrongly: there is no such region.
    """
    region = text.strip().upper()
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise UsedWrongly(f"“{text}” is no region.", "Give a country's two letters, such as IN, US or AE.")
    return region
