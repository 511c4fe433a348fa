"""Short names for things: ``P12``, ``U5``, ``B3``; unique in a wedding and easy to type."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parinaya_cli.domain.errors import UsedWrongly


class Kind(StrEnum):
    """The letter in front of a ref."""

    PERSON = "P"
    UNIT = "U"
    EVENT = "E"
    BATCH = "B"
    IMPORT = "I"
    INBOX = "N"
    EXPORT = "X"
    DUPLICATE = "D"
    SCAN = "S"
    APPLY = "A"
    GIFT = "G"


_REF = re.compile(r"^([A-Z])([1-9][0-9]{0,8})$")


def make(kind: Kind, number: int) -> str:
    """``make(Kind.PERSON, 12)`` is ``P12``."""
    return f"{kind.value}{number}"


def looks_like_one(text: str) -> bool:
    """Would ``text`` be read as a ref, of whatever kind?"""
    match = _REF.match(text.strip().upper())
    return match is not None and match[1] in {kind.value for kind in Kind}


@dataclass(frozen=True)
class Handle:
    """How something was named by whoever typed: a number of a ref, an id, or free text such as a slug."""

    text: str
    number: int | None = None
    id: uuid.UUID | None = None


def read(text: str, kind: Kind) -> Handle:
    """Read what an operator typed for a thing of ``kind``: a ref, an id or a slug.

    Raises:
        UsedWrongly: the text is empty, or the ref of another kind of thing.
    """
    text = text.strip()
    if not text:
        raise UsedWrongly(f"An empty name was given where a {kind.name.lower()} is meant.")
    match = _REF.match(text.upper())
    if match:
        if match[1] == kind.value:
            return Handle(text, number=int(match[2]))
        if match[1] in {k.value for k in Kind}:
            other = Kind(match[1]).name.lower()
            raise UsedWrongly(
                f"{text} names a {other}, but a {kind.name.lower()} is meant here.",
                f"Give a ref that begins with {kind.value}, such as {kind.value}1.",
            )
    try:
        return Handle(text, id=uuid.UUID(text))
    except ValueError:
        return Handle(text)


def first_id(at: datetime) -> uuid.UUID:
    """The smallest id that can have been made at this time: they are UUIDv7, and grow with time (RFC 9562, 5.7)."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << 80)
