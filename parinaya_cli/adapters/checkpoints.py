"""A file of checkpoints in a folder outside of the database; lines are only ever added."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from parinaya_cli.domain.errors import Failed

_NAME = "audit.jsonl"


class CheckpointFolder:
    """Checkpoints in ``folder``, which is made when the first is kept, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME

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
            f"The checkpoints of the audit log at {self._path} can't be used: {error.strerror}.",
            "Mend the rights of that folder, or make room.",
            code="checkpoints",
        )
