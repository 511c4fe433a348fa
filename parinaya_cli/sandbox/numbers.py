"""Phone numbers, message ids and user ids as Meta writes them."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

_E164 = re.compile(r"\+[1-9]\d{6,14}")

_CANADA = """
204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 460 468 474 506
514 519 537 548 579 581 584 587 600 604 613 622 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867
873 879 902 905 942
"""
_CARIBBEAN = "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876"
_NOT_US = frozenset((_CANADA + _CARIBBEAN).split())

_COUNTRIES = {"91": "IN", "1": "US", "44": "GB", "971": "AE", "65": "SG", "61": "AU", "64": "NZ", "49": "DE"}


def normal_phone(text: str) -> str | None:
    """E.164 with ``+``, once the signs that Meta allows in ``to`` are taken out; None: it is no number."""
    bare = re.sub(r"[\s()\-]", "", text)
    return bare if _E164.fullmatch(bare) else None


def wa_id(phone: str) -> str:
    """WhatsApp's own writing of a number: E.164 without the plus sign."""
    return phone.removeprefix("+")


def is_us(phone: str) -> bool:
    """Whether a number has a US area code: such numbers get no marketing templates (Meta, since April 2025).

    The +1 numbers of Canada and the Caribbean are not meant.
    """
    return phone.startswith("+1") and len(phone) == 12 and phone[2:5] not in _NOT_US


def user_id(phone: str) -> str:
    """The business-scoped user id of the person behind a number: country, a dot, digits."""
    country = next((code for prefix, code in _COUNTRIES.items() if phone.startswith("+" + prefix)), "ZZ")
    digits = int.from_bytes(hashlib.sha256(phone.encode()).digest()[:7], "big")
    return f"{country}.{digits:017d}"


def new_wamid(phone: str, *, inbound: bool) -> str:
    """A message id in the form of Meta's: base64 over the person's number and a random key.

    Random, not seeded: ids must stay unique over several runs against one database.
    """
    number = wa_id(phone).encode()
    key = ("3A" + secrets.token_hex(9) if inbound else secrets.token_hex(9)).upper().encode()
    direction = b"\x12" if inbound else b"\x11"
    packed = b"\x1c\x18" + bytes([len(number)]) + number
    packed += b"\x15\x02\x00" + direction + b"\x18" + bytes([len(key)]) + key + b"\x00"
    return "wamid." + base64.b64encode(packed).decode()


def new_object_id() -> str:
    """A Graph object id: sixteen digits."""
    return str(secrets.randbelow(9 * 10**15) + 10**15)
