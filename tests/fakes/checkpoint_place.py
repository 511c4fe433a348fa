"""A place for checkpoints in memory."""

from __future__ import annotations

from collections.abc import Sequence


class FakePlace:
    """Holds lines; only ever adds."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    @property
    def place(self) -> str:
        return "memory"

    def read(self) -> list[str]:
        return list(self._lines)

    def add(self, lines: Sequence[str]) -> None:
        self._lines += [f"{line}\n" for line in lines]
