"""Text as the terminal, a pipe and JSON need it: cleaned, coloured or not, and turned into a document."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import TextIO
from uuid import UUID

# Escape sequences: CSI (also begun by the single character U+009B), OSC and the other strings that end with
# BEL or ST, and two-character escapes (ECMA-48, section 5.4 and 5.6).
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Other controls, and the marks that turn the direction of what follows (Unicode UAX 9, 2.1 and 2.2).
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BREAKS = re.compile(r"[ ]*[\t\r\n\x0b\x0c\x85\u2028\u2029]+[ ]*")
# What JSON allows in a string as it is, but a terminal or a line reader does not.
_UNSAFE_IN_JSON = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_PIECES = re.compile(r" *(?:[^ `]*`[^`]+`[^ ]*|parinaya [a-z-]+ [a-z].*|[^ ]+)")

BOLD, RED, YELLOW = "1", "1;31", "33"


def clean(text: str) -> str:
    """Text of several lines without escape sequences, controls and marks that turn the direction."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n")))


def one_line(text: str) -> str:
    """The same on one line: tabs and line ends become single spaces."""
    return _CONTROLS.sub("", _BREAKS.sub(" ", _ESCAPES.sub("", text))).strip()


def folded(text: str, width: int) -> str:
    """The same with lines that are longer than ``width`` folded between words, each under its own beginning.

    A command, in backticks or to the end of its line, stays on one line where it fits: it may be copied.
    """
    return "\n".join(line if len(line) <= width else _folded_line(line, width) for line in text.split("\n"))


def _folded_line(line: str, width: int) -> str:
    begin = " " * min(len(line) - len(line.lstrip(" ")), width // 2)
    lines = [""]
    for piece in _PIECES.findall(line):
        fits = len(begin) + len(piece.strip(" ")) <= width
        for word in [piece] if fits else re.findall(r" *[^ ]+", piece):
            if len(lines[-1] + word) > width and lines[-1].strip(" "):
                lines.append(begin + word.strip(" "))
            else:
                lines[-1] += word
    return "\n".join(lines)


def width_of(stream: TextIO) -> int:
    """The columns of a terminal; 80 where it does not tell."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody looks at the stream; a closed one is none."""
    try:
        return stream.isatty()
    except (ValueError, AttributeError):
        return False


def may_colour(stream: TextIO, env: Mapping[str, str] | None = None) -> bool:
    """Whether to colour: ``NO_COLOR`` beats ``FORCE_COLOR`` beats what the stream is (https://no-color.org)."""
    env = os.environ if env is None else env
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return env.get("TERM") != "dumb" and is_terminal(stream)


def styled(text: str, style: str, on: bool) -> str:
    """Text in a style of ``BOLD``, ``RED`` or ``YELLOW``, or plain when colours are off."""
    return f"\x1b[{style}m{text}\x1b[0m" if on and text else text


def shown(value: object) -> str:
    """A value as a person reads it, on one line: no value is empty, lists are joined by commas.

    A time keeps its offset and loses its seconds; in a pipe, show its ``plain`` form.
    """
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Enum):
        return one_line(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}{rfc_3339(value)[-6:]}"
    value = plain(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={shown(item)}" for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        sign = "; " if any(isinstance(item, Mapping) for item in value) else ", "
        return sign.join(shown(item) for item in value)
    return shown(value) if isinstance(value, (str, bool)) or value is None else str(value)


def plain(value: object) -> object:
    """A value as JSON knows it: dictionaries, lists, texts, numbers, booleans and ``None``.

    Times become RFC 3339 with offset, durations seconds, sets sorted lists, dataclasses dictionaries.

    Raises:
        ValueError: a time without offset, or a number that is none. These are mistakes of the program.
        TypeError: a type that has no form in JSON.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        return _number(value)
    if isinstance(value, datetime):
        return rfc_3339(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (UUID, PurePath)):
        return str(value)
    return _nested(value)


def rfc_3339(at: datetime) -> str:
    """A time with its offset in hours and minutes.

    Raises:
        ValueError: it has none.
    """
    if at.utcoffset() is None:
        raise ValueError("A time without offset was about to be printed.")
    return at.isoformat()


def local_times(row: Mapping[str, object], zone: tzinfo) -> dict[str, object]:
    """The same values with every time in ``zone``."""
    return {
        key: value.astimezone(zone) if isinstance(value, datetime) else value for key, value in row.items()
    }


def readable_times(row: Mapping[str, object]) -> dict[str, object]:
    """The same values with every time as people read one on a terminal: ``12 Feb 2027 19:00``."""
    return {
        key: f"{value:%d %b %Y %H:%M}" if isinstance(value, datetime) else value for key, value in row.items()
    }


def _number(value: float | Decimal) -> int | float:
    if not math.isfinite(value):
        raise ValueError("A number that is none was about to be printed.")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _nested(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=lambda item: (str(type(item)), str(item)))
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON.")


def as_json(value: object, *, indent: bool = False) -> str:
    """One JSON document, readable as it is (no ``\\uXXXX`` for letters) and safe to show on a terminal."""
    document = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=2 if indent else None)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", document)
