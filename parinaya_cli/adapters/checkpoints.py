"""A file in a folder outside of the database: checkpoints of the audit log, and who was forgotten.

Lines are only ever added.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from parinaya_cli.domain.errors import Failed


class CheckpointFolder:
    """Lines in a file of ``folder``, which is made when the first is kept, for its owner alone."""

    def __init__(self, folder: Path, name: str = "audit") -> None:
        self._path = folder / f"{name}.jsonl"

    @property
    def place(self) -> str:
        """Where they lie."""
        return str(self._path)

    def read(self) -> list[str]:
        """Every line with its end.

        Raises:
            Failed: the file is there and can't be read.
        """
        try:
            with self._path.open(encoding="utf-8", errors="replace", newline="\n") as file:
                return file.readlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._failed(error) from None

    def add(self, lines: Sequence[str]) -> None:
        """Add lines, and return when the disk has them. Several processes may add at once.

        Raises:
            Failed: they can't be written.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                end = os.fstat(descriptor).st_size
                torn = (
                    end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
                )  # somebody was killed while writing
                os.write(descriptor, ("\n" * torn + "".join(f"{line}\n" for line in lines)).encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> Failed:
        return Failed(
            f"{self._path}, which is kept outside of the database, can't be used: {error.strerror}.",
            "Mend the rights of that folder, or make room.",
            code="checkpoints",
        )
