"""How the numbers and e-mails of two entries stand to each other, and how far that reaches."""

from __future__ import annotations

from parinaya_cli.domain.dedupe.lists import Lists
from parinaya_cli.domain.dedupe.normalise import Entry

_WIDEST_SPOILT = 10**8


def contact_of(left: Entry, right: Entry, lists: Lists) -> tuple[str, str]:
    """How the numbers stand to each other, and how far that reaches: shared, weak, silent or differ."""
    shared = set(left.mobiles) & set(right.mobiles)
    if shared:
        crowd = lists.crowd(shared)
        if crowd >= 8:
            return "number:many", "weak"
        return f"number:{'one' if crowd < 2 else 'two' if crowd < 3 else 'few'}", "shared"
    lines = set(left.landlines) & set(right.landlines)
    if lines:
        return ("line:one" if lists.crowd(lines) < 3 else "line:few"), "weak"
    if _nearly(left, right):
        return "number:near", "weak"
    if left.spoilt or right.spoilt:
        fits = _spoilt_fits(left, right)
        if fits is not None:
            return ("number:spoilt", "weak") if fits else ("number:misfit", "differ")
    if left.mobiles and right.mobiles:
        return "number:differ", "differ"
    return "number:silent", "silent"


def _nearly(left: Entry, right: Entry) -> bool:
    """A number that lacks or changes one digit of the other.

    Not two whole numbers that differ at their end: families and offices take numbers of one series.
    """
    ours = [str(number) for number in left.mobiles] + list(left.broken)
    theirs = [str(number) for number in right.mobiles] + list(right.broken)
    return any(
        _one_digit_off(one[-10:], other[-10:]) and not _of_one_series(one, other)
        for one in ours
        for other in theirs
    )


def _of_one_series(one: str, other: str) -> bool:
    """Only the last two digits differ, and they are not swapped."""
    return len(one) == len(other) and one[:-2] == other[:-2] and sorted(one) != sorted(other)


def _one_digit_off(one: str, other: str) -> bool:
    if len(one) == len(other):
        if len(one) < 9:
            return False
        wrong = [place for place in range(len(one)) if one[place] != other[place]]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        return len(wrong) <= 1 or (
            swapped and one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
        )
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) != 1 or len(short) < 8:
        return False
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def _spoilt_fits(left: Entry, right: Entry) -> bool | None:
    """Whether what a spreadsheet left of a number fits the other's numbers; None if that tells nothing.

    ``9.19E+11`` fits every tenth number of India; that it does not fit still tells something.
    """
    told = False
    for one, other in ((left, right), (right, left)):
        for low, high in one.spoilt:
            ends = [(number, number) for number in other.mobiles] + list(other.spoilt)
            if any(low <= end and start <= high for start, end in ends):
                return True if high - low <= _WIDEST_SPOILT else None
            told = told or bool(ends)
    return False if told else None


def email_of(left: Entry, right: Entry) -> str:
    """How the e-mails stand to each other, or nothing where one has none."""
    if not left.emails or not right.emails:
        return ""
    if set(left.emails) & set(right.emails):
        return "email:same"
    ours = {email.partition("@")[0] for email in left.emails}
    theirs = {email.partition("@")[0] for email in right.emails}
    return "email:alike" if ours & theirs else "email:differ"
