"""Bytes of a vCard file into cards, each a few unfolded lines: what is no text is passed over unread.

Folding and soft line breaks are undone on bytes, because some programs fold in the middle of a character.
Pictures and the like are dropped line by line as they come, so that a large one costs no memory.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

MAX_LINE = 1024 * 1024  # bytes, unfolded
MAX_LINES = 5_000  # of one card
MAX_DEPTH = 3
_DEEPEST = 100  # how far levels are counted in a card that is refused anyway

_CHUNK = 256 * 1024
_NOT_TEXT = frozenset({b"PHOTO", b"LOGO", b"SOUND", b"KEY", b"AGENT", b"X-MS-CARDPICTURE", b"X-MS-OL-DESIGN"})
_MAY_BE_BASE64 = frozenset({b"FN", b"N", b"NICKNAME", b"ORG", b"TITLE", b"NOTE", b"ADR", b"TEL", b"EMAIL"})
_PROPERTY = re.compile(rb"[ \t]*(?:[\w-]+\.)?([\w-]+)[ \t]*[;:]", re.ASCII)
_FENCE = re.compile(rb"[ \t]*(?:BEGIN|END)[ \t]*:[ \t]*VCARD[ \t]*$", re.IGNORECASE)
_BASE64 = re.compile(rb"[^:]*;(?:ENCODING=)?(?:B|BASE64)[;:]", re.IGNORECASE)
_QUOTED_PRINTABLE = re.compile(rb"[^:]*;(?:ENCODING=)?\"?QUOTED-PRINTABLE\"?[;:]", re.IGNORECASE)


class Line(NamedTuple):
    """An unfolded line. ``number``: the 1-based line of the file on which it begins.

    ``name``: the property in capitals, without its group; empty where the line is none. ``raw``: the whole
    line, empty for a property that was dropped. ``fault``: a sentence why it can't be used, or nothing.
    """

    number: int
    name: bytes
    raw: bytes
    fault: str = ""


@dataclass(slots=True)
class Card:
    """The lines of a card between its BEGIN and END. ``fault``: why it can't be taken, or nothing.

    ``outside``: it is no card at all, but lines that stand between cards.
    """

    number: int
    lines: list[Line] = field(default_factory=list)
    fault: str = ""
    outside: bool = False


# ── lines ──────────────────────────────────────────────────────────────────────────────────────────────


def physical_lines(stream: BinaryIO, codec: str = "utf-8") -> Iterator[bytes]:
    """The lines of a file without their ends, whichever those are; at most a little more than MAX_LINE each.

    ``codec``: utf-16 and utf-32 come as UTF-8; of every other encoding the bytes come as they are.

    Raises:
        UnicodeDecodeError: the file is not in that UTF-16 or UTF-32.
    """
    wide = codecs.lookup(codec).name.startswith(("utf-16", "utf-32"))
    decoder = codecs.getincrementaldecoder(codec)("strict") if wide else None
    pending = b""
    while True:
        chunk = stream.read(_CHUNK)
        data = chunk
        if decoder is not None:
            data = decoder.decode(chunk, final=not chunk).encode()
        lines = (pending + data).splitlines(keepends=True)
        pending = lines.pop() if lines and chunk else b""
        if len(pending) > MAX_LINE and not pending.endswith((b"\n", b"\r")):
            pending = pending[: MAX_LINE + 1]
        for line in lines:
            yield line.rstrip(b"\r\n")
        if not chunk:
            return


def logical_lines(physical: Iterable[bytes]) -> Iterator[Line]:
    """Lines with folding and soft breaks undone; blank ones are left out, what is no text is dropped."""
    current: _Unfolding | None = None
    for number, text in enumerate(physical, 1):
        if text.startswith(codecs.BOM_UTF8):  # files that were put together may have one in each
            text = text[3:]
        if current is not None:
            if current.takes(text):
                continue
            yield current.line()
        current = _Unfolding(number, text) if text.strip(b" \t\x1a") else None
    if current is not None:
        yield current.line()


class _Unfolding:
    """A line that may go on."""

    __slots__ = ("_is_soft", "_length", "_parts", "dropped", "name", "number")

    def __init__(self, number: int, text: bytes) -> None:
        found = _PROPERTY.match(text)
        self.number = number
        self.name = found[1].upper() if found else b""
        self.dropped = self.name in _NOT_TEXT or (
            _BASE64.match(text) is not None and self.name not in _MAY_BE_BASE64
        )
        self._is_soft = text.endswith(b"=") and _QUOTED_PRINTABLE.match(text) is not None
        self._parts = [text[:-1] if self._is_soft else text]
        self._length = len(text)

    def takes(self, text: bytes) -> bool:
        """Whether a line belongs to this one; it is then taken."""
        folded = text[:1] in (b" ", b"\t")
        if self._is_soft:
            if _FENCE.match(text):
                return False
            self._is_soft = text.endswith(b"=")
            self._add(text[:-1] if self._is_soft else text)
            return True
        if folded and not _FENCE.match(text):
            self._add(text[1:])
            self._is_soft = text.endswith(b"=") and _QUOTED_PRINTABLE.match(self._parts[0]) is not None
            if self._is_soft and not self.dropped:
                self._parts[-1] = self._parts[-1].removesuffix(b"=")
            return True
        # base64 of old phones goes on without a blank in front, and ends with an empty line
        return self.dropped and _PROPERTY.match(text) is None

    def _add(self, text: bytes) -> None:
        self._length += len(text)
        if not self.dropped and self._length <= MAX_LINE:
            self._parts.append(text)

    def line(self) -> Line:
        if self.dropped:
            return Line(self.number, self.name, b"")
        if self._length > MAX_LINE:
            fault = f"Line {self.number} is longer than {MAX_LINE // 1024 // 1024} MiB."
            return Line(self.number, self.name, self._parts[0][:1000], fault)
        return Line(self.number, self.name, b"".join(self._parts))


# ── cards ──────────────────────────────────────────────────────────────────────────────────────────────

_NOT_BEGUN = "These lines stand outside of a card: BEGIN:VCARD is missing before them."
_NOT_CLOSED = "The card is not closed: END:VCARD is missing before the next card or the end of the file."
_TOO_DEEP = f"The card holds other cards, more than {MAX_DEPTH} deep."
_TOO_LONG = f"The card has more than {MAX_LINES:,} lines."


def cards(lines: Iterable[Line]) -> Iterator[Card]:
    """Cards in their order; lines outside of them come as a card with a fault. Cards within cards are dropped."""
    card: Card | None = None
    nested: list[bytes] = []
    before = b""
    for line in lines:
        what = line.raw.rpartition(b":")[2].strip().upper() if line.name in (b"BEGIN", b"END") else b""
        begins, ends = line.name == b"BEGIN", line.name == b"END"
        is_new = begins and what == b"VCARD" and before != b"AGENT"
        before = line.name
        if is_new:
            if card is not None:
                card.fault = card.fault or _NOT_CLOSED
                yield card
            card, nested = Card(line.number), []
        elif card is None or card.outside:
            card = card or Card(line.number, fault=_NOT_BEGUN, outside=True)
            _keep(card, line)
        elif begins:
            _enter(card, nested, what)
        elif ends and what == b"VCARD" and what not in nested:
            yield card
            card = None
        elif ends:
            _leave(nested, what)
        elif not nested:
            _keep(card, line)
    if card is not None:
        card.fault = card.fault or _NOT_CLOSED
        yield card


def _keep(card: Card, line: Line) -> None:
    if len(card.lines) < MAX_LINES:
        card.lines.append(line)
    else:
        card.fault = card.fault or _TOO_LONG


def _enter(card: Card, nested: list[bytes], what: bytes) -> None:
    if len(nested) < _DEEPEST:
        nested.append(what)
    if len(nested) >= MAX_DEPTH:
        card.fault = card.fault or _TOO_DEEP


def _leave(nested: list[bytes], what: bytes) -> None:
    """Go up to the level that ends here, also where those within have no end of their own."""
    while what in nested and nested.pop() != what:
        pass
