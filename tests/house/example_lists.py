"""Reads the files in examples/ by the rules that their README states.

Deliberately without parinaya's own reader, so that the truth the demo is measured against does not come from
the program that is measured.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers
import yaml

EXAMPLES = Path(__file__).parents[2] / "examples"
LISTS = ("bride", "groom")
COLUMNS = {
    "bride": ("Guest Name", ("Mobile No.", "Alt. Mobile"), "Family", "Pax", "Group"),
    "groom": ("नाम", ("मोबाइल",), "परिवार", "कितने लोग", "श्रेणी"),
}
MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
FAMILY_WORDS = re.compile(r" (& family|and family|with family|सपरिवार|परिवार सहित)$", re.IGNORECASE)
COUPLE = re.compile(r" (&|and|एवं|और|व) ", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """One valid number of a cell."""

    e164: str
    region: str
    mobile: bool


@dataclass(frozen=True)
class Row:
    """One row of a list; ``ref`` is list:line."""

    ref: str
    side: str
    name: str
    cells: str
    numbers: tuple[Number, ...]
    household: str
    pax: int
    tags: frozenset[str]

    @property
    def folded(self) -> str:
        return " ".join(self.name.split()).casefold()

    @property
    def people(self) -> int:
        return 2 if COUPLE.search(FAMILY_WORDS.sub("", " ".join(self.name.split()))) else 1


@dataclass(frozen=True)
class Household:
    """Rows that are one household by the rules of the README."""

    rows: tuple[Row, ...]

    @property
    def refs(self) -> frozenset[str]:
        return frozenset(row.ref for row in self.rows)

    @property
    def seats(self) -> int:
        people = {row.folded: row.people for row in self.rows}
        return max(sum(people.values()), *(row.pax for row in self.rows))

    @property
    def primary(self) -> Number | None:
        return next((n for row in self.rows for n in row.numbers if n.mobile), None)

    @property
    def sides(self) -> frozenset[str]:
        return frozenset(row.side for row in self.rows)

    @property
    def tags(self) -> frozenset[str]:
        return frozenset().union(*(row.tags for row in self.rows))


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────


def read_numbers(text: str) -> tuple[Number, ...]:
    found: list[Number] = []
    for part in re.split(r"[/,;]| or ", text):
        try:
            number = phonenumbers.parse(part.strip().lstrip("'"), "IN")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            region = phonenumbers.region_code_for_number(number) or ""
            found.append(Number(e164, region, phonenumbers.number_type(number) in MOBILE))
    return tuple(found)


@cache
def raw_table(side: str) -> list[dict[str, str]]:
    encoding, delimiter = ("utf-8", ",") if side == "bride" else ("utf-8-sig", ";")
    with (EXAMPLES / f"{side}_family.csv").open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter, strict=True))


@cache
def all_rows() -> tuple[Row, ...]:
    rows: list[Row] = []
    for side in LISTS:
        name, phones, household, pax, tags = COLUMNS[side]
        for line, cells in enumerate(raw_table(side), start=2):
            written = [cells[column].strip() for column in phones]
            rows.append(
                Row(
                    ref=f"{side}:{line}",
                    side=side,
                    name=cells[name].strip(),
                    cells=" ".join(filter(None, written)),
                    numbers=tuple(n for text in written for n in read_numbers(text)),
                    household=cells[household].strip().casefold(),
                    pax=int(cells[pax] or 0),
                    tags=frozenset(tag.strip().casefold() for tag in cells[tags].split(",") if tag.strip()),
                )
            )
    return tuple(rows)


def rejected_rows() -> list[Row]:
    return [row for row in all_rows() if not row.name and not row.cells]


@cache
def households() -> tuple[Household, ...]:
    groups: dict[tuple[str, str], list[Row]] = {}
    people: dict[tuple[str, str], tuple[str, str]] = {}
    into: dict[tuple[str, str], tuple[str, str]] = {}
    kept = [row for row in all_rows() if row not in rejected_rows()]
    for row in kept:
        key = (row.side, row.household or row.ref)
        groups.setdefault(key, [])
        for number in row.numbers:
            earlier = people.setdefault((row.folded, number.e164), key)
            if earlier[0] != row.side:
                assert into.get(key, earlier) == earlier, f"{key} would join two households of the other list"
                into[key] = earlier
    for row in kept:
        key = (row.side, row.household or row.ref)
        groups[into.get(key, key)].append(row)
    return tuple(Household(tuple(rows)) for rows in groups.values() if rows)


def load(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / name).read_text("utf-8"))


@cache
def script() -> dict[str, Any]:
    content: dict[str, Any] = load("guests.yaml")
    return content


def guests() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = script()["guests"]
    return entries


def pairs() -> list[tuple[dict[str, Any], Household]]:
    by_refs = {household.refs: household for household in households()}
    return [(guest, by_refs[frozenset(guest["members"])]) for guest in guests()]


def events() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = load("events.yaml")["events"]
    return entries


def answers(guest: dict[str, Any]) -> set[str]:
    return {answer["answer"] for answer in guest["expect"].values()}
