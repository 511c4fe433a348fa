"""Lines of JSON: one object for each row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, BinaryIO

from parinaya_cli.domain.exports import Column


class JsonLines:
    """Rows as objects, keys as the headers say; times in RFC 3339 with offset, what is empty as null."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column], zone: tzinfo) -> None:
        self._stream, self._zone = stream, zone
        self._names = [one.name for one in columns]

    def begin_sheet(self, name: str) -> None:
        """There is one list: the column by which the sheets are told apart stands in it."""

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows."""
        self._stream.write("".join(map(self._line, rows)).encode("utf-8", "backslashreplace"))

    def _line(self, row: Sequence[Any]) -> str:
        told = {
            name: cell.astimezone(self._zone).isoformat(timespec="seconds")
            if isinstance(cell, datetime)
            else cell
            for name, cell in zip(self._names, row, strict=True)
        }
        # U+2028 and the like end a line for some readers.
        text = json.dumps(told, ensure_ascii=False, allow_nan=False, default=_number)
        return (
            text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085") + "\n"
        )

    def finish(self) -> None:
        """All rows have come. The stream stays open."""


def _number(value: object) -> int | float:
    """An amount of money; nothing else comes that JSON does not know."""
    assert isinstance(value, Decimal)
    return int(value) if value == value.to_integral_value() else float(value)
