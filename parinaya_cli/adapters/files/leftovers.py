"""Files that parinaya has made for people and that lie about for too long."""

from __future__ import annotations

import html
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path


def clear(folders: Iterable[Path], before: Callable[[str], datetime | None], *, mend: bool) -> int:
    """Take away files in these folders, at any depth, that were written before their time; returns how many there were.

    ``before``: that time, for a path such as ``exports/people.csv``; None: the file stays. Links are not followed. A
    folder that is not there holds none. Without ``mend`` they are only counted.
    """
    found = 0
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            time = before(path.relative_to(folder.parent).as_posix())
            if time is None or path.stat().st_mtime >= time.timestamp():
                continue
            found += 1
            if mend:
                with suppress(FileNotFoundError):
                    path.unlink()
    return found


def clear_naming(folders: Iterable[Path], texts: Sequence[str]) -> list[str]:
    """Take away files in these folders in which one of the texts stands, however it is capitalised; their names.

    Workbooks are looked into. What can't be read stays, and is told as a name with a question mark.
    """
    gone: list[str] = []
    wanted = [text.casefold() for text in texts]
    for folder in folders if wanted else ():
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            try:
                names_them = any(one in part for part in _texts(path) for one in wanted)
                if names_them:
                    path.unlink()
                    gone.append(path.name)
            except (OSError, zipfile.BadZipFile):
                gone.append(f"{path.name}?")
    return gone


def _texts(path: Path) -> Iterator[str]:
    """What can be read in a file, in small letters."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                yield html.unescape(book.read(name).decode("utf-8", "replace")).casefold()
    else:
        yield path.read_text(encoding="utf-8", errors="replace").casefold()
