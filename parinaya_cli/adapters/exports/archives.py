"""An archive in the making: lines, compressed, written beside its place until it is whole."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from parinaya_cli.adapters.exports.files import LocalFile, Place, sealed
from parinaya_cli.domain.errors import UsedWrongly


class LinesFile:
    """Lines on their way to a folder or to an object storage. Nobody else may read the file (0600).

    The same lines give the same bytes, so that an archive that is made again is the same. ``object_place``: what
    makes a place of an address ``s3://…``.
    """

    def __init__(self, to: str, object_place: Callable[[str], Place]) -> None:
        """Nothing appears before ``publish``.

        Raises:
            UsedWrongly: nothing can be written there.
        """
        self._to, self._object_place = to, object_place
        folder = None if to.startswith("s3://") else Path(to)
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=".parinaya-", suffix=".part", dir=folder)
        except OSError as error:
            raise _unwritable(to, error) from error
        self._path = Path(name)
        self._stream = os.fdopen(handle, "w+b")
        self._lines = gzip.GzipFile(filename="", mode="wb", fileobj=self._stream, mtime=0)

    def write(self, line: bytes) -> None:
        """Add a line, without its end.

        Raises:
            UsedWrongly: the disk is full.
        """
        try:
            self._lines.write(line + b"\n")
        except OSError as error:
            raise _unwritable(self._to, error) from error

    def finish(self) -> tuple[int, str]:
        """All lines have come: the file is on the disk. Its bytes, and their SHA-256 in hexadecimal digits.

        Raises:
            UsedWrongly: the disk is full.
        """
        try:
            self._lines.close()
            return sealed(self._stream)
        except OSError as error:
            raise _unwritable(self._to, error) from error

    def publish(self, name: str) -> str:
        """Let it appear under a name; where it is now.

        Raises:
            UsedWrongly, Unreachable, NotFound, NotPermitted, Failed: as its place says.
        """
        where = f"{self._to.rstrip('/')}/{name}"
        place = self._object_place(where) if where.startswith("s3://") else LocalFile(Path(where))
        place.publish(self._path)
        return where

    def close(self) -> None:
        """Forget what has not appeared."""
        with suppress(OSError, ValueError):
            self._lines.close()
        with suppress(OSError, ValueError):
            self._stream.close()
        self._path.unlink(missing_ok=True)


def _unwritable(to: str, error: OSError) -> UsedWrongly:
    return UsedWrongly(f"{to} can't be written: {error.strerror or error}.", "Name another folder.")
