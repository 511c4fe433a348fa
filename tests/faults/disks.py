"""Disks that are full: a small one of one's own (root alone can make one), and files that may not grow."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from parinaya_cli.adapters.embedded import Addresses, Embedded
from parinaya_cli.adapters.embedded.places import find_places
from parinaya_cli.adapters.embedded.processes import processes_of

MIB = 1024 * 1024


@contextmanager
def small_disk(mib: int) -> Iterator[Path]:
    """A file system in memory with that much room, which everybody can get into."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a small disk")
    folder = Path(tempfile.mkdtemp(prefix="pt-", dir="/tmp"))
    options = f"size={mib}m,mode=755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "parinaya-faults", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


class Ballast:
    """A file that takes all the room that a disk has left, until it is let go."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ballast"

    def fill(self, leave: int = 0) -> None:
        """Take all room but so many bytes."""
        with self._file.open("ab", buffering=0) as file:
            found = os.statvfs(self._file.parent)
            room = found.f_bavail * found.f_frsize - leave
            if room > 0:
                os.posix_fallocate(file.fileno(), self._file.stat().st_size, room)

    def let_go(self) -> None:
        """Give the room back."""
        self._file.unlink(missing_ok=True)


@contextmanager
def servers_on(home: Path) -> Iterator[Addresses]:
    """The embedded servers with their data in a folder; all of them are dead afterwards."""
    servers = Embedded(home)
    try:
        yield servers.start()
    finally:
        servers.release()
        places = find_places(home)
        for name in ("postgres", "valkey"):
            found = [
                psutil.Process(pid) for pid in processes_of(name, places.data(name)) if psutil.pid_exists(pid)
            ]
            for one in found:
                one.kill()
            psutil.wait_procs(found, timeout=60)


def no_larger_than(size: int) -> Callable[[], None]:
    """For a process that is about to be: its files can't grow beyond so many bytes, as on a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit
