"""One phone number: found in the numbering plan of its country, mended, or named a guess.

The rules of numbering plans come from libphonenumber (the ``phonenumbers`` package).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

# The first three digits of Indian mobiles, for which every choice of the other seven is a mobile number:
# the last alternative of libphonenumber's pattern for IN. tests/domain/test_phones.py holds the two
# together.
MOBILE_SERIES = (
    "(?:6(?:[09][0-9]|1[04679]|2[03689]|3[05-9]|4[0489]|50|6[069]|7[07]|8[7-9])"
    "|7(?:[024][0-9]|3[05-8]|5[0346-8]|6[6-9]|7[1-9]|8[0-79]|9[06-9])"
    "|8(?:0[01589]|1[0-57-9]|2[235-9]|3[03-57-9]|[45][0-9]|6[02457-9]|7[1-69]|8[0-25-9]|9[02-9])"
    "|9[0-9][0-9])"
)
_INDIAN_MOBILE = re.compile(rf"\+91({MOBILE_SERIES}[0-9]{{2}})([0-9]{{5}})")


class PhoneState(StrEnum):
    """How far a number can be trusted."""

    VALID = "valid"
    GUESSED_REGION = "guessed_region"
    LANDLINE = "landline"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Phone:
    """One number of a cell.

    ``e164`` is None exactly when the state is IMPOSSIBLE. ``raw``: the text as it stood in the cell.
    ``note``: plain words when something was repaired or is doubtful.
    """

    e164: str | None
    raw: str
    state: PhoneState
    note: str = ""


# The number is taken as it is written, and nothing was changed: nobody needs to look at it.
LIKE_MOBILE_NOTE = "the numbering plan has it as a landline, but it is written like a mobile"

_AMERICAN = re.compile(r"\(?([2-9][0-9]{2})\)?[ .-]*[2-9][0-9]{2}[.-][0-9]{4}")
_INDIAN_STYLE = re.compile(r"0?[6-9][0-9]{4}[ -][0-9]{5}")
_BRITISH = re.compile(r"07[0-9]{3} [0-9]{6}|07[0-9]{3} [0-9]{3} [0-9]{3}")
_NO_WHATSAPP = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)


def digits_of(text: str) -> str:
    """The ASCII digits of a text."""
    return "".join(c for c in text if "0" <= c <= "9")


def join_notes(*notes: str) -> str:
    """Notes that say something, one behind the other."""
    return "; ".join(note for note in notes if note)


def _parse(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    """A number that exists in its country's numbering plan, else None."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _found(number: phonenumbers.PhoneNumber, raw: str, part: str, note: str = "") -> Phone:
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.FIXED_LINE:
        if _written_like_a_mobile(number, part):
            return Phone(_e164(number), raw, PhoneState.VALID, join_notes(note, LIKE_MOBILE_NOTE))
        return Phone(_e164(number), raw, PhoneState.LANDLINE, note)
    if kind in _NO_WHATSAPP:
        note = join_notes(note, "a service number (toll-free or the like)")
        return Phone(_e164(number), raw, PhoneState.LANDLINE, note)
    return Phone(_e164(number), raw, PhoneState.VALID, note)


def _written_like_a_mobile(number: phonenumbers.PhoneNumber, part: str) -> bool:
    """Ten digits from 6 to 9 on in India, without the 0 or the pause behind the area code of a landline.

    Nobody is left out because a new series of mobiles is not yet in the plan that we have.
    """
    national = str(number.national_number)
    if number.country_code != 91 or len(national) != 10 or national[0] < "6":
        return False
    if phonenumbers.length_of_geographical_area_code(number) == 2:
        return False
    local = part.removeprefix("+91").removeprefix("0091").strip(" -.()")
    return re.fullmatch(r"(?:91[ -]?)?[0-9]{5}[ -]?[0-9]{5}", local) is not None


@lru_cache(maxsize=1)
def _mobiles_of_india() -> re.Pattern[str]:
    plan = phonenumbers.PhoneMetadata.metadata_for_region("IN")
    assert plan is not None
    assert plan.mobile is not None
    return re.compile(plan.mobile.national_number_pattern or "")


def is_indian_mobile(digits: str) -> bool:
    """Whether ten digits are a mobile by libphonenumber's own pattern for IN."""
    return _mobiles_of_india().fullmatch(digits) is not None


_MOBILES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


@lru_cache(maxsize=4096)
def abroad(phone: Phone, digits: str, home: str) -> Phone:
    """A number without country code of somebody who lives in ``home``: a guess where it is a mobile there.

    What it would be else stands in the note; a number that is none in ``home`` stays what it was.
    """
    number = _parse(digits, home)
    if home != "IN" and _INDIAN_STYLE.fullmatch(phone.raw.strip()):
        return phone
    if number is None or phonenumbers.number_type(number) not in _MOBILES or _e164(number) == phone.e164:
        return phone
    other = f"; it may as well be {show(phone.e164)}" if phone.e164 else ""
    note = f"read as {show(_e164(number))}, because of where they live{other}: write the number with its country code"
    return Phone(_e164(number), phone.raw, PhoneState.GUESSED_REGION, note)


def _guess(number: phonenumbers.PhoneNumber, raw: str, why: str) -> Phone:
    note = f"read as {show(_e164(number))}, {why}: write the number with its country code"
    return Phone(_e164(number), raw, PhoneState.GUESSED_REGION, note)


def resolve(part: str, raw: str, region: str) -> Phone:
    """One number, its country code given, understood or guessed."""
    digits = digits_of(part)
    if part.lstrip("( ").startswith("+"):
        return _international(digits, part, raw, region)
    if digits.startswith("00") and len(digits) > 9 and digits[2] != "0":
        return _international(digits[2:], part, raw, region)
    styled = _by_style(part, digits, raw, region)
    if styled:
        return styled
    number = _parse(digits, region)
    if number is not None:
        return _national(number, digits, part, raw, region)
    code = _country_code(region)
    bare = digits.lstrip("0")
    if code and bare.startswith(code):
        for rest in (bare, bare[len(code) :]):
            number = _parse(f"+{rest}", None) if rest.startswith(code) else None
            if number is not None:
                return _found(number, raw, part, "the country code was mended")
    if 11 <= len(digits) <= 15 and not digits.startswith("0"):
        number = _parse(f"+{digits}", None)
        if number is not None:
            return _guess(number, raw, "because the + seems to be lost")
    if region != "IN" and re.fullmatch("0?[6-9][0-9]{9}", digits) and is_indian_mobile(digits[-10:]):
        number = _parse(digits, "IN")
        if number is not None:
            return _guess(number, raw, f"because it is none in the region {region} and a mobile in India")
    return Phone(None, raw, PhoneState.IMPOSSIBLE, _why_impossible(digits, region))


def _international(digits: str, part: str, raw: str, region: str) -> Phone:
    number = _parse(f"+{digits}", None)
    if number is not None:
        return _found(number, raw, part)
    code = _country_code(region)
    bare = digits.lstrip("0")
    if code and bare.startswith(code):
        for rest in (bare, bare[len(code) :].lstrip("+0")):
            number = _parse(f"+{rest}", None) if rest.startswith(code) else None
            if number is not None:
                return _found(number, raw, part, "the country code was mended")
    number = _parse(digits, region)
    if number is not None:
        return _guess(number, raw, "because no country has the code that it begins with")
    return Phone(None, raw, PhoneState.IMPOSSIBLE, _why_impossible(digits, ""))


def _national(number: phonenumbers.PhoneNumber, digits: str, part: str, raw: str, region: str) -> Phone:
    """A number that is right in the wedding's region, unless it may be meant for another country."""
    phone = _found(number, raw, part)
    if region != "IN":
        return _maybe_indian(phone, number, digits, part)
    if phone.state is PhoneState.LANDLINE and len(digits) == 10 and part == digits:
        other = _parse(f"+1{digits}", None)
        if other is not None:
            return _guess(number, raw, f"but it may as well be {show(_e164(other))}")
    if phone.state is PhoneState.VALID and digits.endswith("000000"):
        note = "it ends in many zeros, as numbers do when a spreadsheet has cut their digits: look at it"
        return Phone(phone.e164, raw, phone.state, join_notes(phone.note, note))
    return phone


def _maybe_indian(phone: Phone, number: phonenumbers.PhoneNumber, digits: str, part: str) -> Phone:
    """Ten digits in India's grouping (``98200 10001``) in a list of another country: doubtful."""
    if _INDIAN_STYLE.fullmatch(part) and is_indian_mobile(digits[-10:]):
        other = _parse(digits, "IN")
        if other is not None and _e164(other) != phone.e164:
            return _guess(number, phone.raw, f"but it may as well be {show(_e164(other))}")
    return phone


def _by_style(part: str, digits: str, raw: str, region: str) -> Phone | None:
    """A number without country code in the grouping of another country, where the region's own differs."""
    if region != "IN":
        return None
    if _AMERICAN.fullmatch(part):
        number = _parse(f"+1{digits}", None)
        if number is not None:
            return _guess(number, raw, "because it is written as in the US and Canada")
    if _BRITISH.fullmatch(part):
        number = _parse(digits, "GB")
        if number is not None and phonenumbers.number_type(number) == PhoneNumberType.MOBILE:
            return _guess(number, raw, "because it is written as in the United Kingdom")
    return None


@lru_cache(maxsize=256)
def _country_code(region: str) -> str:
    return str(phonenumbers.country_code_for_region(region) or "")


def _why_impossible(digits: str, region: str) -> str:
    count = len(digits)
    if region == "IN" and 5 <= count <= 8:
        return f"it has only {count} digits: the area code is missing"
    if count < 10 and region == "IN":
        return f"it has only {count} digits: some are missing"
    if count < 7:
        return f"it has only {count} digits: some are missing"
    if count > 15:
        return f"it has {count} digits, more than any number has"
    where = f" in the region {region}" if region else ""
    return f"there is no such number{where}"


def show(e164: str) -> str:
    """A number as people read it: ``+91 98123 45678``."""
    match = _INDIAN_MOBILE.fullmatch(e164)
    if match:
        return f"+91 {match[1]} {match[2]}"
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
