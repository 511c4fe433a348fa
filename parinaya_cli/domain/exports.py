"""What leaves the house: the kinds of export, their columns, and text that no spreadsheet runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import UsedWrongly


class Grammar(StrEnum):
    """What the cells of a column hold. Only ``TEXT`` and what is no ``PHONE`` after all can hold a formula."""

    TEXT = "text"
    PHONE = "phone"
    NUMBER = "number"
    TIME = "time"
    CODE = "code"


@dataclass(frozen=True)
class Column:
    """A column: its header, what its cells hold, and whether they tell a phone number."""

    name: str
    grammar: Grammar = Grammar.TEXT
    tells_phone: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of export. ``sheet_by``: the column by which a workbook is split into sheets, if any.

    ``both_sides``: only for who sees both families. ``by_event``: ``--event`` narrows it.
    """

    columns: tuple[Column, ...]
    sheet_by: str = ""
    permission: Permission = Permission.EXPORT
    both_sides: bool = False
    by_event: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The headers."""
        return tuple(one.name for one in self.columns)


def _columns(text: str) -> tuple[Column, ...]:
    """``name``, ``name:grammar``; ``!`` behind it where it tells a phone number."""
    found = []
    for word in text.split():
        name, _, grammar = word.rstrip("!").partition(":")
        found.append(Column(name, Grammar(grammar or "text"), word.endswith("!")))
    return tuple(found)


OUTCOME = ("answer", "heads", "adults", "children", "diets", "note")
"""The columns of a call sheet that are empty when it leaves and filled in when it comes back."""

KINDS: Mapping[str, Kind] = {
    "people": Kind(
        _columns(
            "ref:code full_name honorific given_name family_name phone:phone! phone_2:phone! email city side:code "
            "tags household party_size:number language:code external_id notes events unit:code unit_label "
            "consent:code do_not_message:code"
        )
    ),
    "units": Kind(
        _columns(
            "unit:code label members member_refs extra_seats:number primary:code primary_name phone:phone! side:code "
            "tags events"
        )
    ),
    "rsvp": Kind(
        _columns(
            "event:code unit:code label primary:code primary_name phone:phone! side:code status:code heads:number "
            "adults:number children:number diets seats:number requested_heads:number note channel:code source "
            "answered_at:time"
        ),
        sheet_by="event",
    ),
    "headcount": Kind(
        _columns(
            "event:code title starts_at:time venue capacity:number invited_units:number invited_seats:number "
            "yes_units:number heads:number adults:number children:number uncounted_units:number no_units:number "
            "maybe_units:number pending_units:number as_of:time"
        )
    ),
    "call-list": Kind(
        _columns(
            "unit:code label name phone:phone! language:code event:code title starts_at:time seats:number side:code "
            "why answer:code heads:number adults:number children:number diets note called_by as_of:time"
        ),
        sheet_by="side",
    ),
    "messages": Kind(
        _columns(
            "batch:code template unit:code label person:code name to:phone! state:code reason:code reason_in_words "
            "error_code:number error accepted_at:time sent_at:time delivered_at:time read_at:time failed_at:time "
            "updated_at:time wamid!"
        )
    ),
    "gifts": Kind(
        _columns(
            "gift:code unit:code label side:code what amount:number added_by added_at:time thanked_at:time thanked_by"
        ),
        permission=Permission.GIFTS,
        by_event=False,
    ),
    "consent": Kind(
        _columns(
            "people names contact:phone! kind:code effective_at:time recorded_at:time source evidence recorded_by"
        ),
        by_event=False,
    ),
    "audit": Kind(
        _columns(
            "seq:number at:time actor role:code channel:code action:code entity:code ref:code reason before after "
            "hash:code"
        ),
        permission=Permission.AUDIT,
        both_sides=True,
        by_event=False,
    ),
}
"""The kinds of the contract, with their columns in order."""

FORMATS = ("csv", "xlsx", "json")

PEOPLE_ONLY_TOLD = frozenset({"ref", "unit", "unit_label", "consent", "do_not_message"})
"""Columns of an export of people that say how they stand in parinaya: an import of it passes them over."""


def kind_of(name: str) -> Kind:
    """The kind of this name.

    Raises:
        UsedWrongly: there is none.
    """
    if name not in KINDS:
        raise UsedWrongly(f"There is no export of {name!r}.", f"Use one of: {', '.join(KINDS)}.")
    return KINDS[name]


# ── cells ──────────────────────────────────────────────────────────────────────────────────────────────

# What a spreadsheet may run, behind anything it may skip: signs, their full-width forms; also tabs and line ends that
# part cells on pasting (OWASP ASVS 5.0, 1.2.10). An apostrophe is doubled, so that taking one away is always right.
_RISKY = re.compile(
    "[\\s\\x00-\\x20\\x7f-\\xa0\\u00ad\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2064\\ufeff]*"
    "[=+\\-@|%＝＋－＠｜％]|[\\t\\r\\n']"
)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def guard(text: str) -> str:
    """A cell of CSV that no spreadsheet runs: risky text gets one ``'``, which parinaya takes away when it reads."""
    return f"'{text}" if _RISKY.match(text) else text


def guard_phone(text: str) -> str:
    """The same for a phone: a number of E.164 holds no function and stays as it is."""
    return text if _E164.fullmatch(text) else guard(text)


def unguard(text: str) -> str:
    """What was guarded, as it was."""
    return text[1:] if text[:1] == "'" else text


def read_diets(text: str) -> dict[str, int]:
    """Diets of a cell, as exports write them (``jain=2; veg=3``) or as people do: ``2 jain, 3 veg``.

    Raises:
        UsedWrongly: a part of it can't be read.
    """
    found: dict[str, int] = {}
    for part in filter(None, (one.strip() for one in re.split(r"[;,\n]", text))):
        match = re.fullmatch(
            r"(?P<n>\d{1,3})\s*(?:x\s+)?(?P<a>\D.*)|(?P<b>.*?\D)\s*[=:]?\s*(?P<m>\d{1,3})", part
        )
        name = ((match["a"] or match["b"] or "").strip(" =:").lower()) if match else ""
        if match is None or not name:
            raise UsedWrongly(f"{part!r} does not say how many eat what.", "Write jain=2; veg=3.")
        found[name] = found.get(name, 0) + int(match["n"] or match["m"])
    return found
