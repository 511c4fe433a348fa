"""Gifts: what the page says about them, and what a household gave."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from urllib.parse import quote, urlsplit

from parinaya_cli.domain import refs
from parinaya_cli.domain.errors import UsedWrongly

LONGEST_TEXT = 600
"""Characters of what the page says about gifts, and of what was given."""

_UPI = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}@[A-Za-z][A-Za-z0-9.-]{1,63}", re.ASCII)
_MOST = Decimal(10) ** 11


class GiftsMode(StrEnum):
    """What the wedding's page says about gifts."""

    NONE = "none"
    REGISTRY = "registry"
    SHAGUN = "shagun"
    CHARITY = "charity"


@dataclass(frozen=True)
class GiftsNote:
    """What the page says. ``urls``: lists of wishes or a charity's page. ``upi_id``: where a shagun may go."""

    mode: GiftsMode = GiftsMode.NONE
    text: str = ""
    urls: tuple[str, ...] = ()
    upi_id: str = ""


@dataclass(frozen=True)
class Gift:
    """What one household gave. ``side``: of the household; ``amount`` in rupees, None for a thing."""

    id: uuid.UUID
    number: int
    unit_number: int
    label: str
    side: str | None
    what: str
    amount: Decimal | None
    actor: str
    created_at: datetime
    thanked_at: datetime | None
    thanked_by: str

    @property
    def ref(self) -> str:
        """The short name, such as G3."""
        return refs.make(refs.Kind.GIFT, self.number)

    @property
    def unit(self) -> str:
        """The ref of the household."""
        return refs.make(refs.Kind.UNIT, self.unit_number)


def check_note(note: GiftsNote) -> GiftsNote:
    """Refuse what a page could not show, or what would say nothing in this mode.

    Raises:
        UsedWrongly: something that the mode needs is missing, or a value is bad.
    """
    if len(note.text) > LONGEST_TEXT:
        raise UsedWrongly(f"The text has more than {LONGEST_TEXT} characters.", "Say it more briefly.")
    for url in note.urls:
        check_url(url)
    if note.upi_id and not _UPI.fullmatch(note.upi_id):
        raise UsedWrongly(f"{note.upi_id!r} is no UPI id.", "It looks like ananya@okbank.")
    if note.mode is GiftsMode.REGISTRY and not note.urls:
        raise UsedWrongly("A registry has an address.", "Give --url https://…")
    if note.mode is GiftsMode.SHAGUN and not note.upi_id:
        raise UsedWrongly("A shagun goes to a UPI id.", "Give --upi-id ananya@okbank.")
    if note.mode is GiftsMode.CHARITY and not (note.urls or note.text):
        raise UsedWrongly("Nobody could tell which charity is meant.", "Give --url or --text.")
    return note


def check_url(url: str) -> str:
    """An address that a page may link to.

    Raises:
        UsedWrongly: it is none of the web, or holds a password or blanks.
    """
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"https", "http"} and bool(parts.hostname) and not parts.username
        _ = parts.port
    except ValueError:
        fine = False
    if not fine or re.search(r"[\x00-\x20\x7f\"'<>\\]", url):
        raise UsedWrongly(f"{url!r} is no web address.", "It begins with https://.")
    return url


def upi_link(upi_id: str, payee: str) -> str:
    """The address that a payment app opens for a UPI id; it names no amount, the guest chooses.

    Source: NPCI, UPI linking specifications: ``upi://pay`` with ``pa`` (payee address) and ``pn`` (payee name).
    """
    return f"upi://pay?pa={quote(upi_id, safe='@')}&pn={quote(payee[:50], safe='')}&cu=INR"


def read_amount(text: str) -> Decimal:
    """An amount in rupees as people write it: ``5100``, ``5,100``, ``1,51,000.50``, ``₹501``.

    Raises:
        UsedWrongly: it is none.
    """
    bare = text.strip().removeprefix("₹").removeprefix("Rs.").removeprefix("Rs").replace(",", "").strip()
    try:
        found = Decimal(bare) if re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", bare, re.ASCII) else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found >= _MOST:
        raise UsedWrongly(f"{text!r} is no amount.", "Give rupees, such as --amount 5100.")
    return found


def show_amount(amount: Decimal) -> str:
    """An amount with its digits grouped as in India: ``₹1,51,000``."""
    whole, _, paise = f"{amount:.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [tail] if tail else []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return f"₹{','.join(groups)}" + (f".{paise}" if paise != "00" else "")
