"""Advisory locks on files: who may start and stop the servers, who uses them, and whether they live.

All of them are ``flock(2)``: the lock belongs to the open file, a forked child shares it, a program that is
started does not, and the kernel drops it when the last process that has the file open is gone. So a killed
process leaves nothing behind, and no process number is ever trusted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours, made when it is missing, for its owner alone.

    What root makes in a folder of somebody else belongs to that user, who must be able to open it too.
    """
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return os.open(path, flags | os.O_NOFOLLOW)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def hold_shared(path: Path) -> int:
    """Wait for a shared lock; the descriptor that holds it.

    Raises:
        FileNotFoundError: the folder is not there.
    """
    import fcntl

    return _wait_for(path, fcntl.LOCK_SH)


def hold_alone(path: Path) -> int:
    """Wait for the exclusive lock; the descriptor that holds it.

    Raises:
        FileNotFoundError: the folder is not there.
    """
    import fcntl

    return _wait_for(path, fcntl.LOCK_EX)


@contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """The exclusive lock on a file for the length of a block; waits for it.

    Raises:
        FileNotFoundError: the folder is not there.
    """
    descriptor = hold_alone(path)
    try:
        yield
    finally:
        os.close(descriptor)


def hold_alone_now(path: Path, patience: float = 0.0) -> int | None:
    """A descriptor that holds the exclusive lock, or None when somebody else has a lock.

    ``patience``: seconds to try, for locks that others take for a moment only to see whether they are free.
    """
    end = time.monotonic() + patience
    descriptor = open_private(path, os.O_RDWR)
    while not _try_alone(descriptor):
        if time.monotonic() >= end:
            os.close(descriptor)
            return None
        time.sleep(0.002)
    return descriptor


def is_only_holder(descriptor: int) -> bool:
    """Whether nobody but us holds the shared lock; it is still held after. Only under the main lock."""
    import fcntl

    alone = _try_alone(descriptor)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return alone


def wait_for_nobody(descriptor: int) -> None:
    """Wait until nobody else holds a lock on the file; none is held after."""
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX)
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_in_place(descriptor: int, path: Path) -> bool:
    """Whether the file that is open is still the one that bears this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def is_held(path: Path) -> bool:
    """Whether anybody holds a lock on the file."""
    if not path.exists():
        return False
    descriptor = hold_alone_now(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def wait_until_free(path: Path, seconds: float) -> bool:
    """Wait at most ``seconds`` for everybody to let go; False when somebody still holds it."""
    end = time.monotonic() + seconds
    pause = 0.002
    while is_held(path):
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    return True


def _wait_for(path: Path, kind: int) -> int:
    import fcntl

    while True:
        descriptor = open_private(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, kind)
            if is_in_place(descriptor, path):  # else it was removed while we waited
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _try_alone(descriptor: int) -> bool:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
