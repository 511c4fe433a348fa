"""Zip archives that strangers made: looked through before any other reader sees them.

Everything is inflated once, and counted while it is: what the archive's directory says of sizes may be a lie.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.domain.errors import UsedWrongly

_CHUNK = 256 * 1024
_SMALL = 1024 * 1024  # an entry below this may be as dense as it likes
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1
_ARCHIVES = (b"PK\x03\x04", b"7z\xbc\xaf", b"Rar!")
_SAVE_AGAIN = "Open it in a spreadsheet, save it under a new name as an Excel workbook, and import that file."


class Archive:
    """The entries of a zip archive, each of which can be inflated within limits.

    Raises:
        UsedWrongly: it is damaged, or larger inside than a list may be.
    """

    def __init__(self, file: BinaryIO, name: str, limits: Limits) -> None:
        self._file, self._name, self._limits = file, name, limits
        try:
            infos = zipfile.ZipFile(file).infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError) as error:
            raise self._damaged() from error
        if len(infos) > limits.entries:
            raise UsedWrongly(
                f"{name} holds {len(infos)} files, more than the {limits.entries} that a workbook may have.",
                _SAVE_AGAIN,
            )
        self._infos = {info.filename: info for info in infos}
        if len(self._infos) != len(infos):
            raise UsedWrongly(f"{name} holds two files of one name, as no spreadsheet does.", _SAVE_AGAIN)
        self._left = limits.inflated

    @property
    def names(self) -> frozenset[str]:
        """The names of the entries, as they are written there."""
        return frozenset(self._infos)

    def inflate(self, entry: str) -> Iterator[bytes]:
        """The bytes of an entry, some at a time; all of them together count against the limit.

        Raises:
            UsedWrongly: damaged, locked, too large, too dense, or an archive itself.
        """
        info = self._infos[entry]
        if info.flag_bits & _ENCRYPTED:
            raise UsedWrongly(
                f"{self._name} is locked with a password.", "Save it without one, and import it again."
            )
        if info.compress_type not in (_STORED, _DEFLATED):
            raise self._damaged()
        size = 0
        for chunk in self._chunks(info):
            if size == 0 and chunk.startswith(_ARCHIVES):
                raise UsedWrongly(
                    f"{self._name} holds another file inside it ({entry[:60]}).",
                    "Take out what is embedded in it, or copy the list into a new workbook.",
                )
            size += len(chunk)
            self._left -= len(chunk)
            if self._left < 0:
                raise UsedWrongly(
                    f"{self._name} is larger than {self._limits.inflated // _SMALL} MiB when it is unpacked.",
                    "Save the list alone as CSV (UTF-8), and import that file.",
                )
            if size > max(_SMALL, info.compress_size * self._limits.ratio):
                raise UsedWrongly(
                    f"{self._name} unpacks to more than {self._limits.ratio} times its size, as no list does.",
                    _SAVE_AGAIN,
                )
            yield chunk
        if size != info.file_size:
            raise self._damaged()

    def _chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        if info.header_offset < 0:  # what zipfile makes of a directory that was cut
            raise self._damaged()
        self._file.seek(info.header_offset)
        local = self._file.read(_LOCAL.size)
        if len(local) != _LOCAL.size or not local.startswith(b"PK\x03\x04"):
            raise self._damaged()
        *_, name_size, extra_size = _LOCAL.unpack(local)
        place, end = (info.header_offset + _LOCAL.size + name_size + extra_size,) * 2
        end += info.compress_size
        inflater = zlib.decompressobj(-zlib.MAX_WBITS) if info.compress_type == _DEFLATED else None
        rest = b""
        while place < end or rest:
            if not rest:
                self._file.seek(place)
                rest = self._file.read(min(_CHUNK, end - place))
                place += len(rest)
                if not rest:
                    raise self._damaged()
            if inflater is None:
                out, rest = rest, b""
            else:
                out, rest = self._inflated(inflater, rest)
            if out:
                yield out
        while inflater is not None and not inflater.eof:
            out, _ = self._inflated(inflater, b"")
            if not out:
                raise self._damaged()
            yield out

    def _inflated(self, inflater: zlib._Decompress, packed: bytes) -> tuple[bytes, bytes]:
        """At most a chunk of bytes, and what is still packed."""
        try:
            out = inflater.decompress(packed, _CHUNK)
        except zlib.error as error:
            raise self._damaged() from error
        if inflater.eof:
            return out, b""
        return out, inflater.unconsumed_tail

    def _damaged(self) -> UsedWrongly:
        return UsedWrongly(
            f"{self._name} is damaged: it can't be unpacked.", "Get the file again from whoever sent it."
        )
