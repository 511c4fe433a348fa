"""Phone numbers of vCards: as they are dialled, and which of several goes first."""

from __future__ import annotations

import re
from urllib.parse import unquote

from parinaya_cli.adapters.files.vcard_properties import Head, Property, unescape
from parinaya_cli.adapters.files.vcard_reading import WHATSAPP, Reading, order, preference

_MOBILE = frozenset({"CELL", "IPHONE", "MOBILE", "WHATSAPP", "APPLEWATCH"})
_PAUSED = re.compile(r"(\+?[0-9][0-9 ().-]{5,}[0-9])[,;pPwW]+([0-9]{1,6})#?")


def read_phone(one: Property, reading: Reading) -> None:
    """A TEL line: the number of its WhatsApp account before the number as written, fax and pager apart."""
    head, label = one.head, reading.label(one)
    text = _number(unescape(one.value))
    kind = tel_kind(head, label)
    account = head.param("WAID").removeprefix("+")
    if account.isascii() and account.isdecimal() and 7 <= len(account) <= 15:
        reading.add(WHATSAPP, f"account +{account}")
        if not _is_one_number(text, account):
            reading.rank("phone", _rank(head, label), text)
        written = text if text.startswith("+") and digits_of(text) == account else f"+{account}"
        reading.rank("phone", order(head) - 2, written)
        text = written
    elif kind:
        reading.add(kind, text)
    else:
        reading.rank("phone", _rank(head, label), text)
        reading.add(WHATSAPP, account)
    reading.keep_label(label, text)


def tel_kind(head: Head, label: str) -> str:
    """Fax or Pager for numbers that nobody is called by; else empty."""
    said = label.casefold().replace(" ", "")
    if ("FAX" in head.types and not head.types & {"CELL", "TEXT"}) or said.endswith("fax"):
        return "Fax"
    return "Pager" if "PAGER" in head.types or said == "pager" else ""


def _rank(head: Head, label: str) -> float:
    """What goes first is smallest: preferred, mobile, anything, home, work."""
    preferred = preference(head)
    if preferred is not None:
        return preferred
    said = head.types | {label.upper().replace(" ", "")}
    return 2 if said & _MOBILE else 5 if "WORK" in said else 4 if "HOME" in said else 3


def digits_of(text: str) -> str:
    """The ASCII digits of a text."""
    return re.sub(r"[^0-9]", "", text)


def _is_one_number(text: str, account: str) -> bool:
    """Whether a number as written may be that of the account, with or without its country code."""
    digits = digits_of(text).lstrip("0")
    return (len(digits) >= 7 and account.endswith(digits[-10:])) or not text


def _number(text: str) -> str:
    """A number as it is dialled, from ``tel:`` addresses and with pauses before an extension."""
    if text[:4].casefold() == "tel:":
        number, *params = unquote(text[4:]).split(";")
        given = dict(part.split("=", 1) for part in params if "=" in part)
        context = given.get("phone-context", "")
        if context.startswith("+") and not number.startswith("+"):
            number = f"{context} {number}"
        return f"{number} ext {given['ext']}" if given.get("ext") else number
    paused = _PAUSED.fullmatch(text)
    return f"{paused[1]} ext {paused[2]}" if paused else text
