"""Lists from files and from standard input, read in a child process that may do nothing but read.

The parent opens the file and never looks into it: what it gets are lines of JSON, each of bounded length.
"""

from __future__ import annotations

import fcntl
import json
import os
import selectors
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from itertools import count
from pathlib import Path
from time import monotonic
from typing import IO, Any, BinaryIO

from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.domain import errors
from parinaya_cli.domain.errors import Failed, ParinayaError, UsedWrongly
from parinaya_cli.domain.unreadable_rows import UnreadableRow
from parinaya_cli.ports import OpenedList, ReadingOptions, Sheet

_PACKAGE = Path(__file__).parents[3]
_BLOCK = 1024 * 1024
_LONGEST = 64 * _BLOCK  # of a line of JSON
_SMALLER = "Save the list alone as CSV (UTF-8), or split it into several files."

Row = tuple[int, list[str] | UnreadableRow]


class FileLists:
    """``ports.ContactSource`` for files of any kind."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def open(self, path: Path, options: ReadingOptions) -> OpenedList:
        """Open a regular file; what it is shows in what it holds.

        Raises:
            UsedWrongly: there is no such file, it is too large, no list, or can't be understood.
            Failed: reading it took more memory or time than a list may take; also while rows are read.
        """
        with _open_regular(path) as file:
            name = _shown(path.name)
            if os.fstat(file.fileno()).st_size > self._limits.text_bytes:
                raise self._too_large(name)
            return self._read(file, name, options)

    def open_stream(self, stream: BinaryIO, name: str, options: ReadingOptions) -> OpenedList:
        """Open what comes on a pipe: all of it is put into a file without a name first.

        Raises:
            UsedWrongly, Failed: as ``open`` says; it does not fit on the disk.
        """
        try:
            with tempfile.TemporaryFile(prefix="parinaya-") as file:
                size = 0
                while block := stream.read(_BLOCK):
                    size += len(block)
                    if size > self._limits.text_bytes:
                        raise self._too_large(name)
                    file.write(block)
                file.flush()
                return self._read(file, name, options)
        except OSError as error:
            raise Failed(
                f"{name} can't be put aside for reading: {error.strerror}.", "Make room for temporary files."
            ) from error

    def _too_large(self, name: str) -> UsedWrongly:
        size = self._limits.text_bytes // _BLOCK
        return UsedWrongly(f"{name} is larger than {size} MiB.", "Split the list into several files.")

    def _read(self, file: IO[bytes], name: str, options: ReadingOptions) -> OpenedList:
        reading = _Reading(_Child(file, name, options, self._limits))
        try:
            return reading.opened(name)
        except BaseException:
            reading.child.close()
            raise


def _shown(name: str) -> str:
    """The name of a file as it can be shown: bytes that are no text are replaced, long ones cut."""
    return name.encode("utf-8", "replace").decode()[:200]


def _open_regular(path: Path) -> BinaryIO:
    """Open a file, if it is one; never waits for a pipe or a device."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise UsedWrongly(f"There is no file {path}.", "Check the name and the folder.") from None
    except OSError as error:
        raise UsedWrongly(
            f"{path} can't be read: {error.strerror}.", "Check who may read the file."
        ) from error
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(number, "rb")
    os.close(number)
    if stat.S_ISDIR(mode) and path.suffix.lower() == ".abbu":
        raise UsedWrongly(
            f"{path} is an archive of Apple's Contacts.",
            "In Contacts choose all cards, File, Export, Export vCard, and import that file.",
        )
    if stat.S_ISDIR(mode):
        raise UsedWrongly(f"{path} is a folder, not a file.", "Name the file with the list.")
    raise UsedWrongly(
        f"{path} is no regular file.", "Give what comes through a pipe on standard input, as -."
    )


# ── the child ──────────────────────────────────────────────────────────────────────────────────────────


class _Child:
    """The process that reads, and the messages that come from it."""

    def __init__(self, file: IO[bytes], name: str, options: ReadingOptions, limits: Limits) -> None:
        self._name, self._limits, self._waited = name, limits, 0.0
        file.seek(0)
        task = json.dumps({"name": name, "options": asdict(options), "limits": asdict(limits)})
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "parinaya_cli.adapters.files.child", task],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                bufsize=0,
                cwd="/",
            )
        except OSError as error:
            raise Failed(
                f"No process to read {name} can be started: {error.strerror}.", "Try again later."
            ) from error
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        with suppress(AttributeError, OSError):
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _BLOCK)  # fewer changes from one process to the other

    def messages(self) -> Iterator[dict[str, Any]]:
        """What the child says, until it has said all.

        Raises:
            UsedWrongly, Failed: the child says so, or it has died.
        """
        for line in self._lines():
            message = json.loads(line)
            if "error" in message:
                kind, text, hint, code = message["error"]
                raise _error_of(kind)(text, hint, code=code)
            if "broken" in message:
                raise self._broken(message["broken"])
            yield message
            if "end" in message:
                return
        raise self._died()

    def _lines(self) -> Iterator[bytes]:
        parts: list[bytes] = []
        length = 0
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe, selectors.EVENT_READ)
            while block := self._block(selector):
                *whole, rest = block.split(b"\n")
                for piece in whole:
                    yield b"".join([*parts, piece])
                    parts, length = [], 0
                parts.append(rest)
                length += len(rest)
                if length > _LONGEST:
                    raise self._broken("a row without end")

    def _block(self, selector: selectors.BaseSelector) -> bytes:
        """Some bytes, empty at the end; only the time that is spent here counts against the limit."""
        begun = monotonic()
        ready = selector.select(max(self._limits.wait_seconds - self._waited, 0.0))
        self._waited += monotonic() - begun
        if not ready:
            raise Failed(
                f"{self._name} took longer than {self._limits.wait_seconds:.0f} seconds to read.", _SMALLER
            )
        return os.read(self._pipe, _BLOCK)

    def _broken(self, what: str) -> Failed:
        if what == "memory":
            mib = self._limits.memory // _BLOCK
            return Failed(f"Reading {self._name} took more than {mib} MiB of memory.", _SMALLER)
        return Failed(f"{self._name} can't be read: the reader ended with {what}.", _SMALLER)

    def _died(self) -> Failed:
        """The child has closed its end without having said all."""
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return Failed(f"Reading {self._name} took more processor time than a list may take.", _SMALLER)
        if code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):
            return self._broken("memory")
        if code == -signal.SIGKILL:
            return Failed(
                f"The process that read {self._name} was ended, by the system or by somebody.",
                "Try again; if the machine is short of memory, save the list as CSV (UTF-8) first.",
            )
        return Failed(f"{self._name} can't be read: the reader ended with code {code}.", _SMALLER)

    def close(self) -> None:
        """End the process, whatever it does; nothing of it is left."""
        if self._process.stdout is not None and not self._process.stdout.closed:
            self._process.kill()
            self._process.stdout.close()
            self._process.wait()


def _environment() -> dict[str, str]:
    """Where the package lies, and nothing of what the parent knows: no address, no secret."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    return kept | {"PYTHONPATH": str(_PACKAGE), "PYTHONUTF8": "1"}


def _error_of(kind: str) -> type[ParinayaError]:
    return {"UsedWrongly": UsedWrongly, "Failed": Failed}.get(kind, errors.Failed)


# ── what it says, as a list ────────────────────────────────────────────────────────────────────────────


class _Reading:
    """A list that a child reads. ``share``: of the file, as last told."""

    def __init__(self, child: _Child) -> None:
        self.child = child
        self.share: float | None = 0.0
        self._messages = child.messages()
        self._next: dict[str, Any] | None = None

    def opened(self, name: str) -> OpenedList:
        """The list, as soon as the child has found out what it is and has the first rows."""
        told = next(self._messages)["list"]
        self._next = next(self._messages)
        return OpenedList(
            name,
            told["kind"],
            self._sheets(),
            told["encoding"],
            told["delimiter"],
            tuple(told["notes"]),
            share=lambda: self.share,
            close=self.child.close,
        )

    def _sheets(self) -> Iterator[Sheet]:
        try:
            while self._next is not None and "sheet" in self._next:
                told = self._next["sheet"]
                rows = self._rows()
                sample = tuple(map(tuple, told["sample"]))
                yield Sheet(
                    told["header"], rows, told["name"], told["header_line"], sample, tuple(told["notes"])
                )
                for _ in rows:  # what the reader of this sheet left
                    pass
            self.share = 1.0
        finally:
            self.child.close()

    def _rows(self) -> Iterator[Row]:
        for message in self._messages:
            if "rows" not in message:
                self._next = message
                return
            self.share = message["share"]
            lines, rows = message["lines"], message["rows"]
            for place in message["bad"]:
                sentence, *cells = rows[place]
                rows[place] = UnreadableRow(sentence, cells)
            yield from zip(lines if len(lines) == len(rows) else count(lines[0]), rows, strict=False)
        self._next = None
