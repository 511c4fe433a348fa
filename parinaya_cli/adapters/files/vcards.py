"""Contacts as vCards, 2.1, 3.0 and 4.0, as phones, mail programs and WhatsApp write them: a list with columns.

The file is gone through twice, a line at a time: once for its encoding, its columns and its groups, once for
its  A column stands for each property that somebody has; see ``vcard_people`` for what becomes of
which. Groups (``KIND:group``) are no people: their names become tags of their members.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from parinaya_cli.adapters.files.vcard_lines import Card, Line, cards, logical_lines, physical_lines
from parinaya_cli.adapters.files.vcard_people import columns_of, is_birthday, read_person
from parinaya_cli.adapters.files.vcard_properties import (
    Coding,
    Property,
    UnreadableLine,
    head_end,
    known_codec,
    read_head,
    read_property,
    unescape,
)
from parinaya_cli.adapters.files.vcard_reading import FIELDS, TITLES, UNREAD
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.unreadable_rows import UnreadableRow

MAX_CARDS = 20_000
MAX_OWN_COLUMNS = 60
REST = "Other properties"  # where columns of their own would be too many
_KINDS = (b"KIND", b"X-ADDRESSBOOKSERVER-KIND")
_MEMBERS = (b"MEMBER", b"X-ADDRESSBOOKSERVER-MEMBER")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8 (byte-order mark)"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32 (byte-order mark)"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32 (byte-order mark)"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16 (byte-order mark)"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16 (byte-order mark)"),
    (b"B\0E\0", "utf-16-le", "utf-16-le (guessed)"),
    (b"\0B\0E", "utf-16-be", "utf-16-be (guessed)"),
)


@dataclass(frozen=True)
class VCards:
    """A file of contacts. ``rows``: the line of BEGIN:VCARD with its cells, or with an ``UnreadableRow`` whose
    cells hold what could be read. ``encoding``: as it is shown. ``notes``: what was left out, and what became of
    groups."""

    header: list[str]
    rows: Iterator[tuple[int, list[str] | UnreadableRow]]
    encoding: str
    notes: tuple[str, ...] = ()


def open_vcards(stream: BinaryIO, encoding: str | None = None) -> VCards:
    """Open contacts for reading. The stream must be one that can be read again from its beginning.

    Encoding: ``encoding``, else a byte-order mark, else UTF-8, else cp1252, then named as a guess; what a
    property says of itself (CHARSET) goes before. A card that is broken costs no other.

    Raises:
        UsedWrongly: it holds no card or too many, or it is not in the encoding.
    """
    file = _File(stream, *_settle_encoding(stream, encoding))
    survey = _survey(file)
    header = survey.header()
    return VCards(header, _rows(file, header, survey.tags), file.shown, survey.notes())


# ── encodings ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _File:
    """The stream, and how it is decoded. ``codec``: of the file; ``shown``: as the operator sees it."""

    stream: BinaryIO
    codec: str
    shown: str

    @property
    def coding(self) -> Coding:
        """How the lines are decoded: those of UTF-16 and UTF-32 come as UTF-8."""
        wide = self.codec.startswith(("utf-16", "utf-32"))
        return Coding("utf-8", rewritten=True) if wide else Coding(self.codec)

    def lines(self) -> Iterator[Line]:
        self.stream.seek(0)
        try:
            yield from logical_lines(physical_lines(self.stream, self.codec))
        except UnicodeDecodeError:
            raise UsedWrongly(
                f"The file is not {self.codec}.", "Export the contacts once more, or save the file as UTF-8."
            ) from None


def _settle_encoding(stream: BinaryIO, wanted: str | None) -> tuple[str, str]:
    """The codec of the file, and how it is shown."""
    if wanted is not None:
        codec = known_codec(wanted)
        if codec is None:
            hint = "Give one such as utf-8, cp1252 or utf-16."
            raise UsedWrongly(f"There is no encoding “{wanted}” for contacts.", hint)
        return codec.removesuffix("-sig"), wanted
    stream.seek(0)
    start = stream.read(4)
    for mark, codec, shown in _MARKS:
        if start.startswith(mark):
            return codec, shown
    return "utf-8" if (
        guess := _guess(stream)
    ) == "utf-8" else guess, guess if guess == "utf-8" else f"{guess} (guessed)"


def _guess(stream: BinaryIO) -> str:
    """UTF-8, or cp1252 if most lines with other letters are no UTF-8, and do not name a charset."""
    if _is_utf8(stream):
        return "utf-8"
    right = wrong = 0
    for line in _File(stream, "utf-8", "").lines():
        if line.raw.isascii():
            continue
        head = read_head(line.raw[: head_end(line.raw)])
        if head is None or not head.charset:
            fits = _decodes(line.raw)
            right, wrong = right + fits, wrong + (not fits)
    return "cp1252" if wrong > right else "utf-8"


def _is_utf8(stream: BinaryIO) -> bool:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(1024 * 1024):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decodes(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


# ── the first time through ─────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Survey:
    """What the whole file holds. ``tags``: the id of a card to the names of its groups."""

    cards: int = 0
    dropped: int = 0
    birthdays: int = 0
    titles: dict[str, None] = field(default_factory=dict)
    uids: set[str] = field(default_factory=set)
    groups: list[tuple[str, set[str]]] = field(default_factory=list)
    tags: dict[str, list[str]] = field(default_factory=dict)

    def header(self) -> list[str]:
        """Our fields and the usual titles in their order, the properties of this file behind them."""
        usual = [title for title in (*FIELDS, *TITLES) if title in self.titles]
        own = [title for title in self.titles if title not in usual and title != UNREAD]
        rest = [REST] if len(own) > MAX_OWN_COLUMNS else []
        unread = [UNREAD] if UNREAD in self.titles else []
        return [*usual, *own[:MAX_OWN_COLUMNS], *rest, *unread]

    def notes(self) -> tuple[str, ...]:
        found: list[str] = []
        if self.dropped:
            found.append(f"Pictures, sounds and keys were left out unread: {self.dropped:,}.")
        if self.birthdays:
            found.append(f"Birthdays are not kept, and were left out: {self.birthdays:,}.")
        for name, members in self.groups:
            here = len(members & self.uids)
            missing = len(members) - here
            more = f", and {missing:,} who are not in the file" if missing else ""
            found.append(f"The group “{name[:60]}” became a tag of its members: {here:,} here{more}.")
        return tuple(found)


def _survey(file: _File) -> _Survey:
    survey = _Survey(titles=dict.fromkeys(("full_name", "phone")))
    for card in cards(file.lines()):
        survey.cards += not card.outside
        if survey.cards > MAX_CARDS:
            raise UsedWrongly(
                f"The file holds more than {MAX_CARDS:,} contacts.",
                "Split it into several files and import each.",
            )
        if _is_group(card) and not card.fault:
            _look_at_group(card, file.coding, survey)
        else:
            for line in card.lines:
                _look_at(line, survey)
    if not survey.cards:
        raise UsedWrongly(
            "The file holds no contact: no line reads BEGIN:VCARD.",
            "Export the contacts as vCard (.vcf) again.",
        )
    if survey.cards == len(survey.groups):
        raise UsedWrongly(
            "The file holds groups of contacts, but no contact.", "Export the people of the groups too."
        )
    for name, members in survey.groups:
        for uid in members:
            survey.tags.setdefault(uid, []).append(name)
            survey.titles["tags"] = None
    return survey


def _look_at(line: Line, survey: _Survey) -> None:
    if not line.raw:
        survey.dropped += 1
        return
    start = head_end(line.raw)
    head = read_head(line.raw[:start])
    if head is None or head.transfer == "B":
        survey.titles[UNREAD] = None
    if head is None:
        return
    label = line.raw[start:].decode("utf-8", "backslashreplace") if head.name == "X-ABLABEL" else ""
    survey.titles.update(dict.fromkeys(columns_of(head, label)))
    survey.birthdays += is_birthday(head.name, line.raw)
    if head.name == "UID":
        survey.uids.add(_uid(line.raw))


def _is_group(card: Card) -> bool:
    return any(
        line.name in _KINDS and line.raw.rpartition(b":")[2].strip().lower() == b"group"
        for line in card.lines
    )


def _look_at_group(card: Card, coding: Coding, survey: _Survey) -> None:
    names = [one for one in _properties(card, coding, {}) if one.head.name in ("FN", "N")]
    name = unescape(names[0].value) if names else ""
    members = {_uid(line.raw) for line in card.lines if line.name in _MEMBERS}
    survey.groups.append((name.replace(",", " ").replace(";", " ").strip(), members - {""}))


def _uid(raw: bytes) -> str:
    """The id in a line, for comparing: without ``urn:uuid:``, whatever its case."""
    text = raw[head_end(raw) :].decode("utf-8", "backslashreplace").strip().casefold()
    return text.removeprefix("urn:uuid:")


# ── the second time through ────────────────────────────────────────────────────────────────────────────


def _rows(
    file: _File, header: list[str], tags: dict[str, list[str]]
) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
    columns = set(header)
    for card in cards(file.lines()):
        if _is_group(card) and not card.fault:
            continue
        unread: dict[int, str] = {}
        person = read_person(_properties(card, file.coding, unread))
        for name in tags.get(person.get("external_id", "").casefold(), ()):
            person["tags"] = f"{person['tags']};{name}" if "tags" in person else name
        if unread:
            person[UNREAD] = "\n".join(unread.values())
        for title in [title for title in person if title not in columns]:
            text = f"{title}: {person[title]}"
            person[REST] = f"{person[REST]}; {text}" if REST in person else text
        cells = [person.get(title, "") for title in header]
        yield card.number, UnreadableRow(card.fault, cells) if card.fault else cells


def _properties(card: Card, coding: Coding, unread: dict[int, str]) -> Iterator[Property]:
    """The properties of a card; lines that are none go to ``unread``, a line that can't be read is its fault."""
    for line in card.lines:
        if not line.raw:
            continue
        if line.fault:
            card.fault = card.fault or line.fault
            continue
        try:
            one = read_property(line, coding)
        except UnreadableLine as error:
            card.fault = card.fault or str(error)
            continue
        if one is None:
            unread[line.number] = line.raw[:500].decode("utf-8", "backslashreplace")
        else:
            yield one
