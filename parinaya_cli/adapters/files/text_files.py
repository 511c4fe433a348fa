"""Text files of unknown origin: told from other files by their content, decoded without losing a byte."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from parinaya_cli.domain.errors import UsedWrongly

MAX_BYTES = 50 * 1024 * 1024
_CHUNK = 1024 * 1024
_ENCODING_HINT = (
    "Say what the file was written in with --encoding (such as cp1252 or utf-16), or save it as UTF-8."
)

_KINDS = (
    (b"PK\x03\x04", "an Excel workbook (.xlsx) or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or a workbook with a password"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"{\\rtf", "a Rich Text document"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"\x7fELF", "a program"),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
_SEVERAL_BYTES = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True)
class TextFile:
    """A text that can be read line by line, any number of times.

    ``encoding``: as it is shown to the operator; ``codec``: as Python calls it.
    """

    name: str
    encoding: str
    codec: str
    path: Path | None
    data: bytes | None

    def lines(self) -> Generator[str, None, None]:
        """The lines with their ends; the file is closed when the iterator is.

        Raises:
            UsedWrongly: the file has changed since it was opened and can't be decoded any more.
        """
        with _open_bytes(self.path, self.data) as raw:
            text = io.TextIOWrapper(raw, encoding=self.codec, errors="strict", newline="")
            try:
                yield from text
            except UnicodeDecodeError as error:
                raise UsedWrongly(
                    f"{self.name} has changed while it was read.", "Import it again."
                ) from error


def open_text(
    path: Path | None, *, data: bytes | None = None, encoding: str | None = None, max_bytes: int = MAX_BYTES
) -> TextFile:
    """Look at a file (or at ``data``) and settle how it is decoded: nothing is guessed without being named.

    Raises:
        UsedWrongly: no such file, a folder, too large, empty, no text, or not in the encoding.
    """
    if path is None:
        name, content = "-", data if data is not None else b""
        size = len(content)
    else:
        name = path.name
        size, data = _look(path, max_bytes)
    if size > max_bytes:
        raise UsedWrongly(
            f"{name} is larger than {max_bytes // (1024 * 1024)} MiB.", "Split the list into several files."
        )
    if size == 0:
        raise UsedWrongly(f"{name} is empty.", "Give a list with a header and rows.")
    if path is None and data is None:
        data = b""
    with _open_bytes(path, data) as raw:
        head = raw.read(8192)
    _refuse_other_kinds(name, head)
    shown, codec = _encoding(name, path, data, head, encoding)
    return TextFile(name, shown, codec, path, data)


def _look(path: Path, max_bytes: int) -> tuple[int, bytes | None]:
    """The size; for a pipe also what came through it, because that can be read only once."""
    try:
        if path.is_dir():
            raise UsedWrongly(f"{path} is a folder, not a file.", "Name the file with the list.")
        if not path.exists():
            raise UsedWrongly(f"There is no file {path}.", "Check the name and the folder.")
        if path.is_file():
            with path.open("rb"):
                return path.stat().st_size, None
        with path.open("rb") as pipe:
            content = pipe.read(max_bytes + 1)
            return len(content), content
    except OSError as error:
        raise UsedWrongly(
            f"{path} can't be read: {error.strerror}.", "Check who may read the file."
        ) from error


def _open_bytes(path: Path | None, data: bytes | None) -> BinaryIO:
    if data is not None:
        return io.BytesIO(data)
    assert path is not None
    return path.open("rb")


def _refuse_other_kinds(name: str, head: bytes) -> None:
    kind = next((kind for magic, kind in _KINDS if head.startswith(magic)), "")
    start = head.lstrip(codecs.BOM_UTF8 + b" \t\r\n")[:64].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta")):
        kind = "a web page (HTML)"
    elif start.startswith(b"begin:vcard"):
        kind = "a file of contacts (vCard, .vcf)"
    elif start.startswith(b"<?xml"):
        kind = "an XML document"
    if kind:
        raise UsedWrongly(
            f"{name} is {kind}, not a CSV list.", "Save it as “CSV UTF-8” and import that file."
        )


# ── encodings ──────────────────────────────────────────────────────────────────────────────────────────


def _encoding(
    name: str, path: Path | None, data: bytes | None, head: bytes, wanted: str | None
) -> tuple[str, str]:
    """The encoding as shown, and its codec; the whole file is known to decode with it."""
    if wanted is not None:
        try:
            codec = codecs.lookup(wanted).name
            "".encode(codec)
        except (LookupError, ValueError, TypeError):
            raise UsedWrongly(
                f"There is no encoding “{wanted}”.", "Give one such as utf-8, cp1252 or utf-16."
            ) from None
        _check(name, path, data, codec, wanted)
        return wanted, codec
    for mark, codec, shown in _MARKS:
        if head.startswith(mark):
            _check(name, path, data, codec, shown)
            return f"{shown} (byte-order mark)", codec
    if head.count(0) > len(head) // 5:
        raise UsedWrongly(
            f"{name} looks like UTF-16 without a byte-order mark, or like no text at all.",
            "Give --encoding utf-16-le if it is a text, or save it as UTF-8.",
        )
    broken = _undecodable(path, data, "utf-8")
    if broken is None:
        return "utf-8", "utf-8"
    if _is_mostly_utf8(path, data) or _undecodable(path, data, "cp1252") is not None:
        raise _broken(name, broken, "UTF-8")
    return "cp1252 (guessed)", "cp1252"


def _check(name: str, path: Path | None, data: bytes | None, codec: str, shown: str) -> None:
    broken = _undecodable(path, data, codec)
    if broken is not None:
        raise _broken(name, broken, shown)


def _broken(name: str, place: tuple[int, int], shown: str) -> UsedWrongly:
    offset, line = place
    return UsedWrongly(f"{name} is not {shown}: byte {offset} in line {line} does not fit.", _ENCODING_HINT)


def _undecodable(path: Path | None, data: bytes | None, codec: str) -> tuple[int, int] | None:
    """Offset (0-based) and line (1-based) of the first byte that does not decode, or None."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    read = lines = 0
    with _open_bytes(path, data) as raw:
        while True:
            chunk = raw.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].count(b"\n")
                return read - pending + error.start, lines + before + 1
            except UnicodeError:
                return read, lines + 1
            if not chunk:
                return None
            read += len(chunk)
            lines += chunk.count(b"\n")


def _is_mostly_utf8(path: Path | None, data: bytes | None) -> bool:
    """Many characters of several bytes, as in UTF-8: a damaged file rather than another encoding."""
    with _open_bytes(path, data) as raw:
        sample = raw.read(_CHUNK)
    found = _SEVERAL_BYTES.findall(sample)
    inside = sum(map(len, found))
    outside = sum(byte > 0x7F for byte in sample) - inside
    return len(found) >= 3 and inside > outside
