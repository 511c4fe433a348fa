"""Starting server processes so that they outlive us, and finding those that are left."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from parinaya_cli.adapters.embedded.locks import open_private
from parinaya_cli.adapters.embedded.places import Owner

LOG_LIMIT = 4_000_000  # bytes; at a start, a longer log is set aside as .old


def environment() -> dict[str, str]:
    """What the servers get of our environment: a locale that every machine has, and nothing to steer them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def launch(argv: Sequence[str], *, log: Path, alive: int, owner: Owner | None) -> None:
    """Start a program in a session of its own, as a child of nobody.

    The descriptor ``alive`` holds an exclusive lock and is handed to the program: the lock is free again when
    all its processes are gone, however they went. The output is appended to ``log``. Without an ``owner`` it
    runs as we do.
    """
    import subprocess

    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.old"))
    output = open_private(log, os.O_WRONLY | os.O_APPEND)
    other = owner if owner and owner.switch else None
    try:
        # The shell ends at once, so that the server is no child of ours: no zombie stays when it dies.
        subprocess.run(
            ["/bin/sh", "-c", '"$@" &', "sh", *argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(alive,),
            start_new_session=True,
            cwd="/",
            env=environment(),
            umask=0o077,
            check=True,
            user=other.uid if other else None,
            group=other.gid if other else None,
            extra_groups=[] if other else None,
        )
    finally:
        os.close(output)


def run_to_end(argv: Sequence[str], *, alive: int, owner: Owner) -> tuple[int, str]:
    """Run a program and wait; its exit code and what it printed. ``alive`` as for ``launch``."""
    import subprocess

    done = subprocess.run(
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(alive,),
        start_new_session=True,
        cwd="/",
        env=environment(),
        umask=0o077,
        check=False,
        user=owner.uid if owner.switch else None,
        group=owner.gid if owner.switch else None,
        extra_groups=[] if owner.switch else None,
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


def processes_of(name: str, folder: Path) -> list[int]:
    """Live processes (no zombies) of a program, by the beginning of its name, that work in a folder."""
    import psutil

    found: list[int] = []
    for process in psutil.process_iter(["name", "cwd", "status"]):
        facts = process.info
        ours = facts["cwd"] == str(folder) and (facts["name"] or "").startswith(name)
        if ours and facts["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """Send a signal to processes; those that are gone are passed over."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8_000))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return "(no log)"
    return "\n".join(lines[-count:])
