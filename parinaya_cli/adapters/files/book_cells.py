"""Cells of a workbook as the text that a person sees there."""

from __future__ import annotations

import datetime

from parinaya_cli.domain.unreadable_rows import MAX_CELL

_EXACT = 2**53  # a whole number below this has lost no digit in a float

Value = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def text_of(value: Value) -> str:
    """The text of a cell.

    Whole numbers are digits without exponent as long as none has been lost (``919820010001``); from there on
    the exponent stays and shows that digits are gone. Other numbers have the 15 digits that Excel keeps. Dates
    are ISO, truth is ``yes`` or ``no``. A text is handed on as it is written; one that is too long for a cell
    is cut, still too long, for it is rejected later.
    """
    if isinstance(value, str):
        return value if len(value) <= MAX_CELL else value[: MAX_CELL + 1]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and -_EXACT < value < _EXACT:
        return str(int(value))
    return format(value, ".15g")


def row_of(values: list[Value]) -> list[str]:
    """The texts of a row."""
    return [value if type(value) is str and len(value) <= MAX_CELL else text_of(value) for value in values]
