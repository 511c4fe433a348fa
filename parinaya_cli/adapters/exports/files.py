"""A file in the making: it is written beside its place, and appears there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import tzinfo
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from parinaya_cli.adapters.exports.csv_files import CsvFile
from parinaya_cli.adapters.exports.json_lines import JsonLines
from parinaya_cli.adapters.exports.workbooks import Workbook
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.exports import Column

_WRITERS: dict[str, type[CsvFile] | type[Workbook] | type[JsonLines]] = {
    "csv": CsvFile,
    "xlsx": Workbook,
    "json": JsonLines,
}


def sealed(stream: BinaryIO) -> tuple[int, str]:
    """A file that is written: it is on the disk. Its bytes, and their SHA-256 in hexadecimal digits.

    Raises:
        OSError: the disk is full.
    """
    stream.flush()
    os.fsync(stream.fileno())
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    return stream.tell(), digest


class Place(Protocol):
    """Where a file appears. ``folder``: where it is to be written before, None for the folder for such things."""

    folder: Path | None

    def publish(self, path: Path) -> None:
        """Let the finished file appear, all at once."""
        ...


class ExportFile:
    """Rows on their way to a place. Nobody else may read the file (0600)."""

    def __init__(self, place: Place, kind: str, columns: Sequence[Column], zone: tzinfo) -> None:
        self._place = place
        try:
            if place.folder is not None:
                place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=".parinaya-", suffix=".part", dir=place.folder)
        except OSError as error:
            raise _unwritable(place.folder, error) from error
        self._path = Path(name)
        self._stream = os.fdopen(handle, "w+b")
        self._writer = _WRITERS[kind](self._stream, columns, zone)

    def begin_sheet(self, name: str) -> None:
        """The rows that follow belong together."""
        self._writer.begin_sheet(name)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows.

        Raises:
            UsedWrongly: the disk is full.
        """
        try:
            self._writer.write(rows)
        except OSError as error:
            raise _unwritable(self._path.parent, error) from error

    def finish(self) -> tuple[int, str]:
        """All rows have come: the file is on the disk. Its bytes, and their SHA-256 in hexadecimal digits.

        Raises:
            UsedWrongly: the disk is full.
        """
        try:
            self._writer.finish()
            return sealed(self._stream)
        except OSError as error:
            raise _unwritable(self._path.parent, error) from error

    def publish(self) -> None:
        """Let it appear.

        Raises:
            UsedWrongly, Unreachable, Failed: as its place says.
        """
        self._place.publish(self._path)

    def close(self) -> None:
        """Forget what has not appeared."""
        if isinstance(self._writer, Workbook):
            self._writer.abandon()
        with suppress(OSError, ValueError):
            self._stream.close()
        self._path.unlink(missing_ok=True)


class LocalFile:
    """A path of this machine. What stands there is replaced; a link is not followed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.folder: Path | None = path.parent
        if path.is_symlink():
            raise UsedWrongly(f"{path} is a link.", "Name the file itself.")
        if path.is_dir():
            raise UsedWrongly(f"{path} is a folder.", "Name a file in it.")

    def publish(self, path: Path) -> None:
        """Move the file to its place."""
        try:
            path.replace(self._path)
            handle = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(handle)  # the name survives a crash too
            finally:
                os.close(handle)
        except OSError as error:
            raise _unwritable(self._path, error) from error


class StandardOutput:
    """``-``: the whole file, once there is a whole file."""

    folder: Path | None = None

    def publish(self, path: Path) -> None:
        """Copy the file to stdout."""
        with path.open("rb") as file:
            while part := file.read(1 << 16):
                sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()


def _unwritable(path: Path | None, error: OSError) -> UsedWrongly:
    reason = error.strerror or str(error)
    return UsedWrongly(f"{path or 'The temporary folder'} can't be written: {reason}.", "Name another file.")
