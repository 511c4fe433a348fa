"""What kind of file a list is, by what it holds: the end of its name says nothing."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from enum import StrEnum
from typing import BinaryIO

from parinaya_cli.domain.errors import UsedWrongly

HEAD = 8192
_MOST_OLE = 64 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)


class FileKind(StrEnum):
    """The kinds that are read."""

    TEXT = "text"
    ARCHIVE = "archive"  # a zip, and whether it is a workbook shows inside
    OLD_BOOK = "old book"
    VCARD = "vcard"


_AS_LIST = "Save the list as CSV (UTF-8) or as an Excel workbook, and import that file."
_PICTURE = "A list can't be read from a picture: type it into a spreadsheet, and import that."

# (how the file begins, what it is, what to do)
_KINDS = (
    (
        b"%PDF",
        "a PDF document",
        "Ask for the spreadsheet that it was made from, or export one as CSV (UTF-8).",
    ),
    (b"\x89PNG", "a picture (PNG)", _PICTURE),
    (b"\xff\xd8\xff", "a picture (JPEG)", _PICTURE),
    (b"GIF8", "a picture (GIF)", _PICTURE),
    (b"\x1f\x8b", "a compressed file (gzip)", "Unpack it first, and import what is in it."),
    (b"BZh", "a compressed file (bzip2)", "Unpack it first, and import what is in it."),
    (b"\xfd7zXZ\x00", "a compressed file (xz)", "Unpack it first, and import what is in it."),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z)", "Unpack it first, and import what is in it."),
    (b"Rar!\x1a\x07", "an archive (RAR)", "Unpack it first, and import what is in it."),
    (b"{\\rtf", "a Rich Text document", _AS_LIST),
    (
        b"SQLite format 3\x00",
        "a SQLite database",
        "Export the contacts as vCard or CSV, and import that file.",
    ),
    (b"bplist00", "a property list of macOS", "Export the contacts as vCard, and import that file."),
    (b"\x7fELF", "a program", _AS_LIST),
    (b"MZ\x90", "a program", _AS_LIST),
)
_OPEN_AND_SAVE = (
    "Open it in a spreadsheet, save it as an Excel workbook or as CSV (UTF-8), and import that file."
)
_WIDE_CARDS = ("BEGIN:V".encode("utf-16-le"), "BEGIN:V".encode("utf-16-be"))
_OLE_KINDS = (
    (
        "EncryptedPackage",
        "a workbook with a password",
        "Open it, take the password off (File, Info, Protect Workbook), save it, and import it again.",
    ),
    ("WordDocument", "a Word document", "Copy its table into a spreadsheet, and import that."),
    (
        "PowerPoint Document",
        "a PowerPoint presentation",
        "Copy its table into a spreadsheet, and import that.",
    ),
    ("__properties_version1.0", "a message of Outlook", "Save its attachment, and import that."),
)


def find_kind(file: BinaryIO, name: str) -> FileKind:
    """Tell the kind of a file that can be sought in, and leave it at its beginning.

    Raises:
        UsedWrongly: it is empty, or of a kind that holds no list; the kind is named.
    """
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if not head:
        raise UsedWrongly(f"{name} is empty.", "Give a list with a header and rows.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return FileKind.ARCHIVE
    if head.startswith(_OLE[: max(4, min(len(head), 8))]):
        _refuse_ole(file, name)
        return FileKind.OLD_BOOK
    for magic, kind, hint in _KINDS:
        if head.startswith(magic):
            raise UsedWrongly(f"{name} is {kind}, not a list.", hint)
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"):
        raise UsedWrongly(f"{name} is a picture (HEIC), not a list.", _PICTURE)
    return _kind_of_text(head, name)


def _refuse_ole(file: BinaryIO, name: str) -> None:
    """Files of Microsoft's old container: only an old workbook is a list."""
    content = file.read(_MOST_OLE)
    file.seek(0)
    for stream, kind, hint in _OLE_KINDS:
        if stream.encode("utf-16-le") in content:
            raise UsedWrongly(f"{name} is {kind}, not a list that can be read.", hint)


def _kind_of_text(head: bytes, name: str) -> FileKind:
    start = _opening(head)
    if start.startswith("begin:vcard") or head.startswith(_WIDE_CARDS):
        return FileKind.VCARD
    for test, kind, hint in _TEXTS:
        if test(start):
            raise UsedWrongly(f"{name} is {kind}, not a list.", hint)
    return FileKind.TEXT


def _is_json(start: str) -> bool:
    if start.startswith("{"):
        return '"' in start[:40] or start.startswith("{}")
    return start.startswith("[") and start[1:].lstrip()[:1] in ("{", "[", '"', "]")


def _is_old_xml_book(start: str) -> bool:
    return start.startswith("<?xml") and ("excel.sheet" in start or "office:spreadsheet" in start)


# (how it shows in the first characters, what it is, what to do)
_TEXTS: tuple[tuple[Callable[[str], bool], str, str], ...] = (
    (
        lambda start: start.startswith(
            ("<!doctype html", "<html", "<table", "<meta", "<head", "<body", "<style")
        ),
        "a web page (HTML), whatever its name says",
        _OPEN_AND_SAVE,
    ),
    (
        lambda start: start.startswith(("mime-version:", "from - ", "content-type: multipart")),
        "a web page or a mail (MHTML)",
        _OPEN_AND_SAVE,
    ),
    (_is_old_xml_book, "an XML spreadsheet of Excel 2003", _OPEN_AND_SAVE),
    (lambda start: start.startswith(("<?xml", "<workbook")), "an XML document", _AS_LIST),
    (_is_json, "JSON", _AS_LIST),
    (
        lambda start: start.startswith("begin:vcalendar"),
        "a calendar (iCalendar)",
        "Guests come from contacts or lists, not from calendars.",
    ),
)


def _opening(head: bytes) -> str:
    """The first characters in small letters, as far as the byte-order mark tells how to read them."""
    codec = next((codec for mark, codec, _ in MARKS if head.startswith(mark)), "utf-8")
    return head[: len(head) & ~3].decode(codec, "ignore").lstrip("\ufeff \t\r\n").lower()[:1024]
