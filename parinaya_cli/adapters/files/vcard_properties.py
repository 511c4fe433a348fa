"""A line of a vCard into a property: its name, what is said of it, and its value as text.

The grammar of names and parameters is vobject's, with the bare types of vCard 2.1. It is given one head at
a time, never a card: on whole cards its pattern takes exponential time on a parameter full of ``=``, a value
ends at the first comma without a backslash, and one unknown charset loses the card.
"""

from __future__ import annotations

import binascii
import codecs
import re
from dataclasses import dataclass
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import lru_cache

from vobject.base import VObjectError, parseLine  # type: ignore[import-untyped]

from parinaya_cli.adapters.files.vcard_lines import Line

_VALUE = rb'(?:"[^"]*"|[^";:,]*)'
_PARAMETER = re.compile(rb";[\w-]+(?:=" + _VALUE + rb"(?:," + _VALUE + rb")*)?", re.ASCII)
_HEAD = re.compile(rb"(?:[\w-]+\.)?[\w-]+(?:" + _PARAMETER.pattern + rb")*:", re.ASCII)
_LONGEST_HEAD = 10_000
_NAME = re.compile(rb"(?:[\w-]+\.)?[\w-]+", re.ASCII)
_OWN_LABEL = re.compile(rb"X-CUSTOM\((?:[^)]*,)?([^,)]*)\)?", re.IGNORECASE)
# Loaded here: where a file is read, none can be opened any more.
_CODECS = {
    name: codecs.lookup(name).name
    for name in (
        *(
            "utf_8",
            "utf_8_sig",
            "utf_16",
            "utf_16_le",
            "utf_16_be",
            "utf_32",
            "utf_32_le",
            "utf_32_be",
            "ascii",
        ),
        *("latin_1", "mac_roman", "koi8_r", "koi8_u", "shift_jis", "euc_jp", "euc_kr", "big5"),
        *("gb2312", "gbk", "gb18030", "cp437", "cp850", "cp874", "cp932", "cp949", "cp950"),
        *(f"iso8859_{part}" for part in range(2, 17) if part != 12),
        *(f"cp{page}" for page in range(1250, 1259)),
    )
}
_TRANSFERS = frozenset({"QUOTED-PRINTABLE", "B", "BASE64", "8BIT", "7BIT"})
_ESCAPED = re.compile(r"\\([\\;,:nN])")


class UnreadableLine(Exception):
    """The bytes of a line are not in the encoding that it is said to have."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the colon. ``types`` in capitals, bare ones among them; ``label``: a type of one's own."""

    name: str
    group: str
    types: frozenset[str]
    params: dict[str, list[str]]
    label: str
    charset: str
    transfer: str

    def param(self, name: str) -> str:
        """The first value of a parameter, empty when it is not there."""
        return next(iter(self.params.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Property:
    """A line that was understood. ``value`` still has its backslashes: see ``unescape`` and ``split``."""

    head: Head
    value: str


@dataclass(frozen=True, slots=True)
class Coding:
    """How lines are decoded. ``rewritten``: they were of another encoding and have come as UTF-8 already."""

    codec: str = "utf-8"
    rewritten: bool = False


def read_property(line: Line, coding: Coding) -> Property | None:
    """A line as a property; None when it is no ``NAME:value``, or what it is called can't be understood.

    The charset that a property names for itself goes before the file's.

    Raises:
        UnreadableLine: its bytes are not in its encoding, or nobody knows that encoding.
    """
    start = head_end(line.raw)
    head = read_head(line.raw[:start]) if start else None
    if head is None:
        return None
    value = line.raw[start:]
    if head.transfer == "Q":
        value = binascii.a2b_qp(value)
    elif head.transfer == "B":
        try:
            value = binascii.a2b_base64(value)
        except binascii.Error:
            return None
    given = head.charset if head.transfer or not coding.rewritten else ""
    codec = known_codec(given) if given else coding.codec
    if codec is None:
        raise UnreadableLine(f"Line {line.number} is in an encoding that is not known here: {given[:40]}.")
    try:
        return Property(head, value.decode(codec).replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise UnreadableLine(
            f"Line {line.number} is not in {given or coding.codec}, as it should be."
        ) from None


def head_end(raw: bytes) -> int:
    """Where the value begins, behind the first colon that is not in quotes; 0 when there is none soon."""
    match = _HEAD.match(raw, 0, _LONGEST_HEAD)
    return match.end() if match else raw.find(b":", 0, _LONGEST_HEAD) + 1


def read_head(raw: bytes) -> Head | None:
    """What stands before the value, with its colon; None when it can't be understood."""
    return _known_head(raw) if len(raw) <= _LONGEST_KNOWN else _read_head(raw)


def _read_head(raw: bytes) -> Head | None:
    raw, label = (raw, "") if _HEAD.fullmatch(raw) else _mended(raw)
    try:
        name, found, _, group = parseLine(raw.decode("utf-8", "backslashreplace"))
    except VObjectError:
        return None
    params: dict[str, list[str]] = {}
    types: list[str] = []
    for key, *values in found:
        if values:
            params.setdefault(key.upper(), []).extend(values)
        else:
            types.append(key)
    types += [part for one in params.get("TYPE", ()) for part in one.split(",")]
    encoding = {one.upper() for one in params.get("ENCODING", ())}
    said = {one.strip().upper() for one in types}
    quoted = "QUOTED-PRINTABLE" in encoding | said
    return Head(
        name=name.upper(),
        group=(group or "").upper(),
        types=frozenset(said - _TRANSFERS),
        params=params,
        label=label,
        charset=next(iter(params.get("CHARSET", ())), ""),
        transfer="Q" if quoted else "B" if (encoding | said) & {"B", "BASE64"} else "",
    )


_known_head = lru_cache(maxsize=4096)(_read_head)  # a file has few heads, again and again
_LONGEST_KNOWN = 200


def _mended(raw: bytes) -> tuple[bytes, str]:
    """A head without the parameters that no vCard may have; Android writes a label of one's own as one.

    ``TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=E0=A4=98=E0=A4=B0):``, ``TEL;X-Papa Office:``.
    """
    name, *pieces = raw.rstrip(b":").split(b";")
    good = [b";" + piece for piece in pieces if _PARAMETER.fullmatch(b";" + piece)]
    bad = [piece.strip() for piece in pieces if piece.strip() and not _PARAMETER.fullmatch(b";" + piece)]
    if not _NAME.fullmatch(name.strip()):
        return b"", ""
    label = b", ".join(bad)[:200]
    own = _OWN_LABEL.fullmatch(label)
    label = binascii.a2b_qp(own[1]) if own else label.removeprefix(b"X-")
    return name.strip() + b"".join(good) + b":", label.decode("utf-8", "backslashreplace")


def known_codec(charset: str) -> str | None:
    """Python's codec of a charset that texts are written in; None for all others."""
    if charset.casefold() == "utf-8":
        return "utf-8"
    if len(charset) > 40 or not charset.isascii():
        return None
    name = normalize_encoding(charset.strip()).lower()
    return _CODECS.get(aliases.get(name, name))


# ── values ─────────────────────────────────────────────────────────────────────────────────────────────


def unescape(value: str) -> str:
    """A value without backslashes; ``\\n`` is a line break."""
    if "\\" not in value:
        return value.strip()
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def split(value: str, separator: str) -> list[str]:
    """The parts of a value between separators that have no backslash, each without backslashes."""
    return [unescape(part) for part in split_raw(value, separator)]


def split_raw(value: str, separator: str) -> list[str]:
    """As ``split``, with the backslashes, so that the parts can be split again."""
    if "\\" not in value:
        return value.split(separator)
    parts: list[str] = []
    start = 0
    for match in re.finditer(rf"\\.|{separator}", value, re.DOTALL):
        if match[0] == separator:
            parts.append(value[start : match.start()])
            start = match.end()
    return [*parts, value[start:]]
