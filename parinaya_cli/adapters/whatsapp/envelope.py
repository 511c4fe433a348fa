"""The envelope of a webhook: reading its JSON within limits, and walking to every item in it.

Shape (Meta, WhatsApp, webhooks/overview): ``entry[].changes[].{field, value}``; a value of the field
``messages`` holds ``messages[]``, ``statuses[]`` and ``errors[]``. Meta puts up to 1,000 updates into one
delivery, of any mixture of numbers and accounts. Nothing here trusts a type, a key or a length.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Literal

from parinaya_cli.domain.errors import Failed, UsedWrongly

Json = Mapping[str, object]

DEEPEST = 64
"""Objects and lists inside each other."""

MOST_DIGITS = 19
"""Digits of an integer."""

MOST_UPDATES = 5_000
"""Updates of one delivery."""

LONGEST_ID = 512
"""Characters of an id of Meta's; theirs are a quarter of that."""

OBJECT = "whatsapp_business_account"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PHONE = re.compile(r"\+?([1-9][0-9]{6,14})")
_LISTS = {"messages": ("messages", "statuses", "errors"), "user_preferences": ("user_preferences",)}
_LAST_SECOND = 253_402_300_799  # the end of the year 9999


class _Beyond(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Item:
    """One thing that a delivery tells.

    ``kind`` is the list in which it stood (``messages``, ``statuses``, ``errors``, ``user_preferences``),
    ``field:`` and the field's name for a field that is one update as a whole, or ``unknown``. ``contacts``
    are the people whom the change names, by phone (E.164) and by business-scoped user id. ``our_number`` (E.164) is
    the number behind ``phone_number_id``.
    """

    kind: str
    content: object
    account_id: str = ""
    phone_number_id: str = ""
    contacts: Mapping[str, Json] = field(default_factory=dict)
    our_number: str = ""

    def key(self) -> str:
        """A natural key for an update without an id: the SHA-256 of its canonical JSON."""
        parts = [self.kind, self.account_id, self.phone_number_id, self.content]
        canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return "o:" + hashlib.sha256(canonical.encode("ascii")).hexdigest()


@dataclass(frozen=True)
class Look:
    """What a signed body is, for the receiver, without reading its meaning.

    ``kind``: ``object`` when ``parse`` will take it, ``other`` when it is no JSON object, ``beyond`` when it is more
    than the parser takes (deeper than 64, an integer of more than 19 digits, more than 5,000 updates). ``lanes``:
    sixteen bits of a hash of each person who speaks in it, in order and without repeats.
    """

    kind: Literal["object", "other", "beyond"]
    lanes: tuple[int, ...] = ()


def look(body: bytes) -> Look:
    """What a signed body is, and who speaks in it. Of most bodies no more is read than that they are JSON."""
    try:
        if _is_small(body) and not any(word in body for word in _SPEAKING):
            _load(body)
            return Look("object")
        found = items(body)
    except UsedWrongly:
        return Look("other")
    except (Failed, _Beyond):
        return Look("beyond")
    lanes = {lane for item in found if item.kind in _SPOKEN for lane in _lanes(mapping(item.content))}
    return Look("object", tuple(sorted(lanes)))


def as_json_object(body: bytes) -> Literal["object", "other", "beyond"]:
    """The ``kind`` of a body."""
    return look(body).kind


def _is_small(body: bytes) -> bool:
    """Can this body be neither too deep nor hold too many updates, whatever it says?"""
    return body.count(b"{") + body.count(b"[") <= DEEPEST and body.count(b",") < MOST_UPDATES - DEEPEST


_SPEAKING = (b'"from', b'"user_preferences"')
_SPOKEN = ("messages", "user_preferences")
_SPEAKERS = ("from", "from_user_id", "wa_id", "user_id")


def _lanes(content: Json) -> Iterator[int]:
    for name in _SPEAKERS:
        value = content.get(name)
        if isinstance(value, str) and value:
            yield zlib.crc32(value.encode("utf-8", "surrogatepass")) & 0xFFFF


def items(body: bytes) -> list[Item]:
    """Every item of a delivery, in its order; never none, so that no delivery vanishes unseen.

    Raises:
        UsedWrongly: the body is no JSON object.
        Failed: it is more than the parser takes; ``code`` is ``too_deep`` or ``too_large``.
    """
    try:
        data = _load(body)
        _check_depth(data)
        found = list(islice(_walk(data), MOST_UPDATES + 1))
        if len(found) > MOST_UPDATES:
            raise _Beyond("too_large")
    except _Beyond as beyond:
        raise Failed(
            f"The delivery is more than the parser takes: nested deeper than {DEEPEST}, an integer of more"
            f" than {MOST_DIGITS} digits, or more than {MOST_UPDATES} updates.",
            "Look at the delivery with `parinaya webhook show`.",
            code=beyond.code,
        ) from None
    return found


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────


def _load(body: bytes) -> Json:
    """The JSON of a body. NaN and Infinity come as floats; of doubled keys the last one counts."""
    if body.lstrip(b" \t\r\n")[:1] != b"{":
        raise UsedWrongly("The delivery is no JSON object.")
    try:
        data: Json = _DECODER.decode(body.decode("utf-8"))
    except RecursionError:
        raise _Beyond("too_deep") from None
    except ValueError:
        raise UsedWrongly("The delivery is no JSON.") from None
    return data


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        raise _Beyond("too_large")
    return int(digits)


_DECODER = json.JSONDecoder(parse_int=_integer)


def _check_depth(data: object) -> None:
    level = [data]
    for _ in range(DEEPEST):
        level = [child for node in level for child in _children(node) if isinstance(child, dict | list)]
        if not level:
            return
    raise _Beyond("too_deep")


def _children(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node


# ── walking ────────────────────────────────────────────────────────────────────────────────────────────


def _walk(data: Json) -> Iterator[Item]:
    entries = data.get("entry")
    if data.get("object", OBJECT) != OBJECT or not isinstance(entries, list) or not entries:
        yield Item("unknown", data)
        return
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, list) or not changes:
            yield Item("unknown", entry)
            continue
        for change in changes:
            yield from _walk_change(entry, change)


def _walk_change(entry: Json, change: object) -> Iterator[Item]:
    account_id = identifier(entry.get("id")) or ""
    name, value = identifier(mapping(change).get("field")), mapping(change).get("value")
    if name is None or not isinstance(value, dict):
        yield Item("unknown", change, account_id)
        return
    metadata = mapping(value.get("metadata"))
    phone_number_id = identifier(metadata.get("phone_number_id")) or ""
    our_number = phone(metadata.get("display_phone_number")) or ""
    contacts = _contacts(value)
    empty = True
    for kind in _LISTS.get(name, ()):
        listed = value.get(kind)
        for content in listed if isinstance(listed, list) else [] if listed is None else [listed]:
            empty = False
            yield Item(kind, content, account_id, phone_number_id, contacts, our_number)
    if empty:
        # The time of the entry tells two equal changes apart: paused, approved, paused again.
        whole = {"time": entry.get("time"), "value": value}
        yield Item(f"field:{name}", whole, account_id, phone_number_id, contacts, our_number)


def _contacts(value: Json) -> dict[str, Json]:
    listed = value.get("contacts")
    known: dict[str, Json] = {}
    for contact in map(mapping, listed if isinstance(listed, list) else []):
        for name in (phone(contact.get("wa_id")), identifier(contact.get("user_id"))):
            if name:
                known.setdefault(name, contact)
    return known


# ── leaves ─────────────────────────────────────────────────────────────────────────────────────────────


def text(value: object) -> str | None:
    """A string that Postgres takes: NUL and halves of surrogate pairs become U+FFFD; None for other types."""
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else None


def identifier(value: object) -> str | None:
    """A non-empty id of sensible length; None else. An empty string is Meta's way to say that it has none."""
    cleaned = text(value)
    return cleaned if cleaned and len(cleaned) <= LONGEST_ID else None


def phone(value: object) -> str | None:
    """A WhatsApp id (a number without ``+``) in E.164 form; None when it is none."""
    match = _PHONE.fullmatch(value) if isinstance(value, str) else None
    return "+" + match[1] if match else None


def integer(value: object) -> int | None:
    """An integer given as a number or as a string of digits; None else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(f"-?[0-9]{{1,{MOST_DIGITS}}}", value):
        return int(value)
    return None


def instant(value: object) -> datetime | None:
    """Unix seconds, as a string (messages, statuses) or a number (preferences), as a moment in UTC."""
    seconds = integer(value)
    if seconds is None or not 0 < seconds <= _LAST_SECOND:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def mapping(value: object) -> Json:
    """The value when it is a JSON object, an empty one else."""
    return value if isinstance(value, dict) else {}
