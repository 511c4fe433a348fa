"""What a column of a list holds, judged by its first cells: phones, names, a counter; nothing where it is unclear."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from parinaya_cli.domain import names, people, phones

SAMPLE_ROWS = 200  # more rows than these say nothing new
_MOST = 0.8
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[a-z]{2,}", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\+?[0-9](?:\.[0-9]+)?[eE]\+?(?:09|1[0-3])")
_WHOLE = re.compile(r"([0-9]{1,7})(?:\.0+)?\.?")
_COUNTED = re.compile(
    r"[0-9]{1,2}\s*(?:pax|log|persons?|people|members?|लोग)|[0-9]{1,2}\s*\+\s*[0-9]{1,2}", re.I
)
_MOST_HEADS = 20


@lru_cache(maxsize=4096)
def is_phone(cell: str) -> bool:
    """Whether a cell holds a usable number of at least eight digits."""
    count = sum(c.isdecimal() for c in cell)
    return count >= 8 and any(phone.e164 for phone in phones.read_cell(cell, "IN"))


def like_phone(cell: str) -> bool:
    """Whether a cell is a phone or the ruins of one: five digits and little else, or ``9.82E+09``."""
    count = sum(c.isdecimal() for c in cell)
    return (count >= 5 and count * 2 >= len(cell)) or _SCIENTIFIC.fullmatch(cell.strip()) is not None


def is_email(cell: str) -> bool:
    """Whether a cell is one email address."""
    return _EMAIL.fullmatch(cell.strip()) is not None


def like_name(cell: str) -> bool:
    """Whether a cell may name people: one to eight words of letters, no digits but those of ``+2`` or ``(4)``."""
    if not 2 <= len(cell) <= 80 or "@" in cell or sum(c.isdecimal() for c in cell) > 2:
        return False
    return 1 <= len(cell.split()) <= 8 and sum(c.isalpha() for c in cell) * 2 >= len(cell.replace(" ", ""))


def like_count(cell: str) -> bool:
    """Whether a cell is a number of people, or says that there are none."""
    return people.read_count(cell) is not None


def _knows_names(cell: str) -> bool:
    return any(names.is_surname(word) or names.is_honorific(word) for word in cell.split())


@dataclass(frozen=True)
class Content:
    """The cells of one column that are not empty, in order."""

    cells: tuple[str, ...]

    def share(self, test: Callable[[str], object]) -> float:
        """How many of the cells pass a test, from 0 to 1; 0 of an empty column."""
        return sum(bool(test(cell)) for cell in self.cells) / len(self.cells) if self.cells else 0.0

    @property
    def samples(self) -> tuple[str, ...]:
        """Up to three different values, to be shown."""
        return tuple(dict.fromkeys(cell[:60] for cell in self.cells))[:3]

    @property
    def distinct(self) -> float:
        """The share of different values."""
        return len(set(map(str.casefold, self.cells))) / len(self.cells) if self.cells else 0.0

    def counts_rows(self) -> bool:
        """Whether whole numbers go up by one, as ``S.No.`` does; a number may be left out or come twice."""
        found = [_WHOLE.fullmatch(cell.strip()) for cell in self.cells]
        numbers = [int(match[1]) for match in found if match]
        if len(numbers) < 3 or len(numbers) < len(found) * 0.9:
            return False
        steps = [after - before for before, after in pairwise(numbers)]
        return sum(step == 1 for step in steps) >= len(steps) * _MOST

    def counts_heads(self) -> bool:
        """Whether small numbers stand there that say how many come: ``4``, ``2+1``, ``3 pax``."""
        if len(self.cells) < 3 or self.counts_rows():
            return False
        if self.share(_COUNTED.fullmatch) >= 0.5:
            return True
        sizes = [people.read_count(cell) for cell in self.cells]
        return all(size is not None and 0 < size <= _MOST_HEADS for size in sizes) and len(set(sizes)) > 1

    def field(self) -> str:
        """What the column must be, by its content alone; empty when that is open. Names are looked for last."""
        if self.share(is_phone) >= _MOST:
            return "phone"
        if self.share(is_email) >= _MOST:
            return "email"
        if self.share(is_title) == 1.0:
            return "honorific"
        longest = max(map(len, self.cells), default=0)
        if (len(self.cells) > 1 or longest > 2) and self.share(people.read_side) == 1.0:
            return "side"
        if (len(self.cells) > 1 or longest > 3) and self.share(people.read_language) == 1.0:
            return "language"
        return ""

    def names_people(self) -> float:
        """How much the column looks like one of names, from 0 (not at all) up: different values, names in them."""
        if self.share(like_name) < _MOST or self.distinct < 0.5:
            return 0.0
        return 1.0 + 2 * self.share(_knows_names) + min(self.share(lambda cell: " " in cell.strip()), 0.5)


def is_title(cell: str) -> bool:
    """Whether a cell holds nothing but what stands before names: ``Mr & Mrs``."""
    return all(names.is_honorific(word) for word in re.split(r"[\s&/]+", cell.strip()) if word)


def columns_of(rows: Sequence[Sequence[str]], width: int) -> list[Content]:
    """The content of each of ``width`` columns, of the first rows."""
    kept = rows[:SAMPLE_ROWS]
    return [Content(tuple(_cells(kept, column))) for column in range(width)]


def _cells(rows: Sequence[Sequence[str]], column: int) -> Iterator[str]:
    for row in rows:
        cell = row[column].strip() if column < len(row) else ""
        if cell and cell not in {"-", "--"}:
            yield cell.removeprefix("'")
