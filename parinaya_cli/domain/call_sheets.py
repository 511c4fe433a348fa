"""A call sheet that came back: what a row says, as cousins fill it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.exports import OUTCOME, read_diets

NEEDED = ("unit", "event", "answer")
"""The columns without which a table is no call sheet."""

_COUNTED = ("heads", "adults", "children", "diets")

_YES = "yes y haan han ha ji coming will_come aayenge हाँ हां जी"
_NO = "no n nahi nahin nai not_coming cant_come नहीं ना"
_MAYBE = "maybe m not_sure perhaps shayad pata_nahi शायद"
_ANSWERS = {
    word.replace("_", " "): status
    for words, status in ((_YES, AnswerStatus.YES), (_NO, AnswerStatus.NO), (_MAYBE, AnswerStatus.MAYBE))
    for word in words.split()
}


@dataclass(frozen=True)
class CallRow:
    """What somebody said on the phone. ``made_at``: when the sheet was made, as it says itself; None: it does not.

    Without a zone where the file keeps none, as workbooks do.
    """

    unit: str
    event: str
    status: AnswerStatus
    heads: int | None = None
    adults: int | None = None
    children: int | None = None
    diets: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    called_by: str = ""
    made_at: datetime | None = None


def columns_of(header: Sequence[str]) -> dict[str, int] | None:
    """Where each column of a call sheet stands; None when the table is none."""
    found: dict[str, int] = {}
    for place, title in enumerate(header):
        found.setdefault("_".join(title.strip().lower().split()), place)
    return found if all(name in found for name in NEEDED) else None


def cells_of(cells: Sequence[str], columns: Mapping[str, int]) -> dict[str, str]:
    """The cells by column, those that are missing at the end of the row empty."""
    return {name: cells[place].strip() if place < len(cells) else "" for name, place in columns.items()}


def is_open(told: Mapping[str, str]) -> bool:
    """Has nobody written an answer, nor anything that would belong to one? A note alone is none."""
    return not any(told.get(name) for name in OUTCOME if name != "note")


def read(told: Mapping[str, str]) -> CallRow:
    """Read a row that was filled in.

    Raises:
        UsedWrongly: there is no answer in it, or something can't be read.
    """
    said = told["answer"].strip(" .!").casefold()
    if not said:
        filled = next(name for name in _COUNTED if told.get(name))
        raise UsedWrongly(f"It has {filled} and no answer.", "Write yes, no or maybe under answer.")
    status = _ANSWERS.get(" ".join(said.replace("'", "").split()))
    if status is None:
        raise UsedWrongly(f"{told['answer']!r} is no answer.", "Write yes, no or maybe.")
    if not told["unit"] or not told["event"]:
        raise UsedWrongly("It names no household or no event.", "Leave these columns as they were.")
    return CallRow(
        told["unit"],
        told["event"],
        status,
        _number(told, "heads"),
        _number(told, "adults"),
        _number(told, "children"),
        read_diets(told.get("diets", "")),
        told.get("note", ""),
        told.get("called_by", ""),
        _time(told.get("as_of", "")),
    )


def said_at(row: CallRow, zone: tzinfo, now: datetime) -> datetime:
    """When a sheet's answer was given, as far as anybody knows: not before the sheet was made, so that is the time.

    A moment before that second, so that what the household said itself in that second, or since, is the newer
    answer, whichever of the two comes in first. Where the sheet does not tell, it was given now.
    """
    if row.made_at is None:
        return now
    made = row.made_at if row.made_at.tzinfo else row.made_at.replace(tzinfo=zone)
    return min(made.replace(microsecond=0) - timedelta(microseconds=1), now)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _number(told: Mapping[str, str], name: str) -> int | None:
    text = told.get(name, "")
    if not text:
        return None
    digits = text.removesuffix(".0")
    if not digits.isdecimal() or len(digits) > 3:
        raise UsedWrongly(f"{text!r} under {name} is no number of people.", "Write a number.")
    return int(digits)
