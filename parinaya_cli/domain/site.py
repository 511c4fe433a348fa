"""The wedding's pages: what a household sees and what its answer form says."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.events import Event

DIETS = ("veg", "jain", "vegan", "non-veg")
"""The diets that the form asks for; answers may name others."""

LONGEST_NOTE = 500
MOST_PEOPLE = 500
_NO_DIETS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Said:
    """What stands for one event: the answer that counts. ``status`` None: nothing was answered."""

    status: str | None = None
    heads: int | None = None
    adults: int | None = None
    children: int | None = None
    requested_heads: int | None = None
    diets: Mapping[str, int] = field(default_factory=lambda: _NO_DIETS)
    note: str = ""
    answered_at: datetime | None = None

    @property
    def mark(self) -> str:
        """What a form bears, so that an answer given meanwhile is noticed."""
        return self.answered_at.isoformat() if self.answered_at else ""

    @property
    def people(self) -> int | None:
        """How many come, or would like to."""
        return self.requested_heads if self.requested_heads is not None else self.heads


@dataclass(frozen=True)
class OwnEvent:
    """An event that a household is invited to, with its answer. ``open``: it can still be answered."""

    event: Event
    seats: int
    said: Said
    open: bool


@dataclass(frozen=True)
class Entered:
    """What the form says for one event. Numbers are None where the field was left empty.

    ``trouble``: what is wrong, as a key of the words that a guest is told.
    """

    status: str | None = None
    heads: int | None = None
    children: int | None = None
    diets: Mapping[str, int] = field(default_factory=lambda: _NO_DIETS)
    note: str = ""
    mark: str = ""
    trouble: str = ""


def entered_before(said: Said) -> Entered:
    """The form as it stands before anything is typed."""
    return Entered(said.status, said.people, said.children, said.diets, said.note, said.mark)


def read_form(pairs: Sequence[tuple[str, str]], slugs: Sequence[str]) -> dict[str, Entered]:
    """What was typed, by event; fields are named ``sangeet.status``, ``sangeet.heads``, ``sangeet.diet.jain``.

    What can't be read has its ``trouble`` named. Fields that the form does not have are left out.
    """
    told: dict[str, str] = {}
    for name, value in pairs:
        told.setdefault(name, value)
    return {
        slug: _read_event(told, slug) for slug in slugs if any(name.startswith(f"{slug}.") for name in told)
    }


def _read_event(told: Mapping[str, str], slug: str) -> Entered:
    troubles: list[str] = []

    def number(name: str) -> int | None:
        text = unicodedata.normalize("NFKC", told.get(f"{slug}.{name}", "")).strip()
        if not text:
            return None
        # int() reads the digits of every script, so that ४ is 4.
        if not re.fullmatch(r"\d{1,4}", text) or int(text) > MOST_PEOPLE:
            troubles.append("number")
            return None
        return int(text)

    status = told.get(f"{slug}.status") or None
    if status is not None and status not in set(AnswerStatus):
        troubles.append("choice")
        status = None
    heads, children = number("heads"), number("children")
    diets = {diet: number(f"diet.{diet}") for diet in DIETS}
    note = clean_note(told.get(f"{slug}.note", ""))
    if len(note) > LONGEST_NOTE:
        troubles.append("note")
        note = note[:LONGEST_NOTE]
    return Entered(
        status,
        heads,
        children,
        {diet: count for diet, count in diets.items() if count},
        note,
        told.get(f"{slug}.mark", "")[:64],
        troubles[0] if troubles else "",
    )


def clean_note(text: str) -> str:
    """A note without control characters and marks that turn the direction of other text; lines stay."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"})
    return re.sub(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f]", "", "".join(kept)).strip()


def to_record(own: OwnEvent, entered: Entered) -> Said | None:
    """What is to be recorded for one event, None when that stands already.

    More people than seats are a request that the family decides: neither accepted nor cut.
    """
    if entered.status is None:
        return None
    before = own.said
    if entered.status != AnswerStatus.YES:
        wanted = Said(entered.status, note=entered.note)
    else:
        wanted = _yes(own, entered)
    same = replace(wanted, answered_at=before.answered_at)
    return None if same == replace(before, diets=dict(before.diets)) else wanted


def _yes(own: OwnEvent, entered: Entered) -> Said:
    heads = 1 if own.seats == 1 and entered.heads is None else entered.heads
    diets = dict(entered.diets) | {
        diet: count
        for diet, count in own.said.diets.items()
        if diet not in DIETS and own.said.status == "yes"
    }
    if heads is not None and heads > own.seats:
        kept = own.said.heads if own.said.status == AnswerStatus.YES else None
        return Said("yes", kept, None, entered.children, heads, diets, entered.note)
    adults = own.said.adults if entered.children is None else None
    if heads is not None and entered.children is not None and entered.children <= heads:
        adults = heads - entered.children
    elif adults is not None and adults != heads:
        adults = None
    return Said("yes", heads, adults, entered.children, None, diets, entered.note)


def trouble(own: OwnEvent, entered: Entered, wanted: Said) -> str:
    """Why an answer can't be recorded as it was typed: a key of the words that a guest is told; empty when it can."""
    if entered.trouble:
        return entered.trouble
    if not own.open:
        return "closed"
    if entered.mark != own.said.mark:
        return "meanwhile"
    if wanted.status != AnswerStatus.YES:
        return ""
    people = entered.heads if entered.heads is not None else own.seats
    if own.seats > 1 and not entered.heads:
        return "heads"
    if own.seats == 1 and entered.heads == 0:
        return "nobody"
    if (entered.children or 0) > people:
        return "children"
    if sum(wanted.diets.values()) > people:
        return "meals"
    return ""


@dataclass(frozen=True)
class UnitPage:
    """What a household sees. ``events``: its own, in order of time; ``language``: of its primary contact, if known."""

    unit_id: uuid.UUID
    unit_number: int
    label: str
    members: tuple[str, ...]
    extra_seats: int
    events: tuple[OwnEvent, ...]
    language: str | None = None
