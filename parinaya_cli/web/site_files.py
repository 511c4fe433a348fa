"""The public page as a folder of files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from parinaya_cli.domain.errors import Failed, UsedWrongly
from parinaya_cli.services.site import PublicPage
from parinaya_cli.web import site_calendar, site_pages

MARK = ".parinaya-site"
"""The file by which a folder is known again that was written here; it lists the files."""


@dataclass(frozen=True)
class Written:
    """What was written: paths within the folder, and how many bytes they are together."""

    files: tuple[str, ...]
    bytes: int


def write(page: PublicPage, folder: Path) -> Written:
    """Write the page into a folder, whole or not at all: what it needs first, the page itself last.

    Raises:
        UsedWrongly: the folder holds something else.
        Failed: it can't be written.
    """
    files = _files(page)
    before = _before(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _put(folder / MARK, "\n".join(sorted({*files, *before})).encode() + b"\n")
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            _put(folder / name, content)
        for name in before - files.keys():
            with suppress(FileNotFoundError):
                (folder / name).unlink()
        _put(folder / MARK, "\n".join(sorted(files)).encode() + b"\n")
    except OSError as error:
        raise Failed(
            f"The page can't be written to {folder}: {error.strerror}.", "Give another --to DIR."
        ) from error
    return Written(tuple(files), sum(map(len, files.values())))


def _files(page: PublicPage) -> Mapping[str, bytes]:
    """In the order in which they are written: nothing names a file that is not there yet."""
    found = {site_pages.style_name(): site_pages.style().encode()}
    for event in page.events:
        found[f"events/{event.slug}.ics"] = site_calendar.write(page.wedding, event)
    found["index.html"] = site_pages.public(page, static=True).encode()
    return found


def _before(folder: Path) -> set[str]:
    """The files that an earlier run has written there.

    Raises:
        UsedWrongly: the folder is none, or holds something that no earlier run has written.
    """
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise UsedWrongly(f"{folder} is no folder.", "Give a folder with --to DIR.")
    mark = folder / MARK
    if mark.is_file():
        told = mark.read_text("utf-8").splitlines()
        return {name for name in told if name and not name.startswith("/") and ".." not in name.split("/")}
    if any(folder.iterdir()):
        raise UsedWrongly(
            f"{folder} holds other files.", "Give an empty folder, or one that is not there yet."
        )
    return set()


def _put(path: Path, content: bytes, mode: int = 0o644) -> None:
    """A file that appears whole; by default the web server may read it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


def put_page(path: Path, html: str) -> int:
    """A page as a file of its own, whole or not at all, for the eyes of its owner; returns its bytes.

    Raises:
        Failed: it can't be written.
    """
    content = html.encode()
    try:
        _put(path, content, 0o600)
    except OSError as error:
        raise Failed(f"{path} can't be written: {error.strerror}.", "Give another file.") from error
    return len(content)
