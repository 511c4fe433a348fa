"""Texts of unknown origin, decoded without losing a byte: nothing is guessed without being named."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Generator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from parinaya_cli.adapters.files.kinds import HEAD, MARKS
from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.domain.errors import UsedWrongly

_CHUNK = 1024 * 1024
_ENCODING_HINT = (
    "Say what the file was written in with --encoding (such as cp1252 or utf-16), or save it as UTF-8."
)
_SEVERAL_BYTES = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True)
class TextFile:
    """A text that can be read line by line, any number of times, one after the other.

    ``encoding``: as it is shown to the operator; ``codec``: as Python calls it.
    """

    file: BinaryIO
    name: str
    encoding: str
    codec: str

    def lines(self) -> Generator[str, None, None]:
        """The lines with their ends.

        Raises:
            UsedWrongly: the file has changed since it was opened and can't be decoded any more.
        """
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, encoding=self.codec, errors="strict", newline="")
        try:
            yield from chain(text)  # which, unlike the text, is not closed with this
        except UnicodeDecodeError as error:
            raise UsedWrongly(f"{self.name} has changed while it was read.", "Import it again.") from error
        finally:
            text.detach()


def load_codecs(encoding: str | None) -> None:
    """Load what decoding needs, while files can still be opened."""
    for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
        codecs.lookup(codec)
    if encoding is not None:
        _find_codec(encoding)


def open_text(file: BinaryIO, name: str, encoding: str | None, limits: Limits) -> TextFile:
    """Look at a whole file and settle how it is decoded.

    Encoding: ``encoding``, else a byte-order mark, else UTF-8, else cp1252, then named as a guess.

    Raises:
        UsedWrongly: too large, empty, no text, or not in the encoding.
    """
    size = file.seek(0, io.SEEK_END)
    if size > limits.text_bytes:
        raise UsedWrongly(
            f"{name} is larger than {limits.text_bytes // _CHUNK} MiB.", "Split the list into several files."
        )
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise UsedWrongly(f"{name} is empty.", "Give a list with a header and rows.")
    return _Sight(file, name, limits).settle(head, encoding)


def _find_codec(wanted: str) -> str:
    try:
        codec = codecs.lookup(wanted).name
        "".encode(codec)
    except (LookupError, ValueError, TypeError):
        raise UsedWrongly(
            f"There is no encoding “{wanted}”.", "Give one such as utf-8, cp1252 or utf-16."
        ) from None
    return codec


@dataclass(frozen=True)
class _Sight:
    """A file while its encoding is being found out; the whole file is known to decode with what is settled."""

    file: BinaryIO
    name: str
    limits: Limits

    def settle(self, head: bytes, wanted: str | None) -> TextFile:
        """The text in its encoding."""
        if wanted is not None:
            codec = _find_codec(wanted)
            self._check(codec, wanted)
            return self._text(wanted, codec)
        for mark, codec, shown in MARKS:
            if head.startswith(mark):
                self._check(codec, shown)
                return self._text(f"{shown} (byte-order mark)", codec)
        if head.count(0) > len(head) // 5:
            self._explain_nuls(head)
        broken = self._undecodable("utf-8")
        if broken is None:
            return self._text("utf-8", "utf-8")
        if self._is_mostly_utf8() or self._undecodable("cp1252") is not None:
            raise self._broken(broken, "UTF-8")
        return self._text("cp1252 (guessed)", "cp1252")

    def _text(self, shown: str, codec: str) -> TextFile:
        return TextFile(self.file, self.name, shown, codec)

    def _explain_nuls(self, head: bytes) -> None:
        """Every second byte is zero in UTF-16, the first or the second of a pair."""
        codec = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        raise UsedWrongly(
            f"{self.name} looks like UTF-16 without a byte-order mark, or like no text at all.",
            f"Give --encoding {codec} if it is a text, or save it as UTF-8.",
        )

    def _check(self, codec: str, shown: str) -> None:
        broken = self._undecodable(codec)
        if broken is not None:
            raise self._broken(broken, shown)

    def _broken(self, place: tuple[int, int], shown: str) -> UsedWrongly:
        offset, line = place
        return UsedWrongly(
            f"{self.name} is not {shown}: byte {offset} in line {line} does not fit.", _ENCODING_HINT
        )

    def _undecodable(self, codec: str) -> tuple[int, int] | None:
        """Offset (0-based) and line (1-based) of the first byte that does not decode, or None."""
        decoder = codecs.getincrementaldecoder(codec)("strict")
        read = lines = length = 0
        self.file.seek(0)
        while True:
            chunk = self.file.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].count(b"\n")
                return read - pending + error.start, lines + before + 1
            except UnicodeError:
                return read, lines + 1
            if not chunk:
                return None
            read += len(chunk)
            lines += chunk.count(b"\n")
            length = 0 if "\n" in text or "\r" in text else length + len(text)
            if length > self.limits.line:
                raise UsedWrongly(
                    f"Line {lines + 1} of {self.name} is longer than {self.limits.line // _CHUNK} MiB, as in no list.",
                    "Is it the right file?",
                )

    def _is_mostly_utf8(self) -> bool:
        """Many characters of several bytes, as in UTF-8: a damaged file rather than another encoding."""
        self.file.seek(0)
        sample = self.file.read(_CHUNK)
        found = _SEVERAL_BYTES.findall(sample)
        inside = sum(map(len, found))
        outside = sum(byte > 0x7F for byte in sample) - inside
        return len(found) >= 3 and inside > outside
