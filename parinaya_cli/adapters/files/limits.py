"""What the reading of one list may take, and the cage in which it is read."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bytes, seconds and counts; the defaults are those of the specification of imports.

    ``memory``: over what the interpreter has mapped when it begins. ``cpu_seconds``: for a small file, see
    ``cpu_for``. ``wait_seconds``: how long the parent waits for rows, all waits together; what it does with
    the rows does not count. ``line``: characters of a line of text.
    """

    memory: int = 1024 * _MIB
    cpu_seconds: int = 60
    wait_seconds: float = 120.0
    text_bytes: int = 1024 * _MIB
    text_rows: int = 2_000_000
    line: int = 8 * _MIB
    book_bytes: int = 50 * _MIB
    book_rows: int = 200_000
    book_columns: int = 200
    inflated: int = 400 * _MIB
    ratio: int = 100
    entries: int = 200

    def cpu_for(self, size: int) -> int:
        """Processor seconds for a file of ``size`` bytes: a text of a gigabyte needs more than a minute.

        A plain list of 25 MiB takes a second; a slow core may take six times as long.
        """
        return self.cpu_seconds + size // (4 * _MIB)


def confine(limits: Limits, size: int) -> None:
    """Take from this process what reading needs no more: new files, sockets, processes, memory without end.

    Descriptors that are open stay open. A system that lacks a limit leaves it out.
    """
    try:
        import resource
    except ImportError:
        return
    cpu = limits.cpu_for(size)
    wanted = {
        "RLIMIT_CPU": (cpu, cpu + 5),
        "RLIMIT_FSIZE": (0, 0),
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_NPROC": (0, 0),
        "RLIMIT_AS": (_mapped() + limits.memory,) * 2,
        "RLIMIT_NOFILE": (0, 0),
    }
    for name, (soft, hard) in wanted.items():
        number = getattr(resource, name, None)
        if number is None:
            continue
        with suppress(ValueError, OSError):
            ceiling = resource.getrlimit(number)[1]
            if ceiling != resource.RLIM_INFINITY:
                soft, hard = min(soft, ceiling), min(hard, ceiling)
            resource.setrlimit(number, (soft, hard))


def _mapped() -> int:
    """Bytes that this process has mapped; 0 where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 256 * _MIB
