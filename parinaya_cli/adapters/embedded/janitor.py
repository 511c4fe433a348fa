"""The janitor: a small process that stops the servers some seconds after their last user has gone.

It is started together with the servers and sleeps on the lock of the users, so it also notices users that
were killed, and forked children that outlived their parents. The seconds of waiting are what makes a script
of many short commands quick: only the first starts the servers.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from pathlib import Path

from parinaya_cli.adapters.embedded import pair
from parinaya_cli.adapters.embedded.locks import (
    hold_alone_now,
    is_in_place,
    open_private,
    wait_for_nobody,
)
from parinaya_cli.adapters.embedded.places import Places, find_places
from parinaya_cli.adapters.embedded.processes import launch, processes_of, send

LINGER = 10.0  # seconds that unused servers stay up
LOOK = 0.2  # seconds between two looks at the clock while they do


def hire(places: Places, linger: float) -> None:
    """Start the janitor of a home, unless it has one."""
    on_duty = hold_alone_now(places.janitor_lock, patience=0.05)
    if on_duty is None:
        return
    try:
        # Paths travel as bytes: the janitor's locale, and so its reading of them, may differ from ours.
        root = str(Path(__file__).parents[3])
        paths = [os.fsencode(path) for path in (root, *sys.path) if os.path.isabs(path)]
        code = (
            f"import os, sys; sys.path[:] = map(os.fsdecode, {paths!r}); "
            f"from {__name__} import main; main({os.fsencode(places.home)!r}, "
            f"{os.fsencode(places.store)!r}, {on_duty}, {linger})"
        )
        launch([sys.executable, "-P", "-c", code], log=places.log("janitor"), alive=on_duty, owner=None)
    finally:
        os.close(on_duty)


def main(home: bytes, store: bytes, on_duty: int, linger: float) -> None:
    """The whole life of the janitor.

    Args:
        home: the home, as the system spells it.
        store: where the data of the servers lie.
        on_duty: the descriptor of its own lock, given up at its end.
        linger: seconds that unused servers stay up.
    """
    places = find_places(Path(os.fsdecode(home)))
    try:
        users = open_private(places.users_lock, os.O_RDWR)
    except FileNotFoundError:
        _end_strays(places, Path(os.fsdecode(store)))
        return
    while True:
        wait_for_nobody(users)
        if not is_in_place(users, places.users_lock):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return  # the home was moved, and somebody uses it in its new place
            _end_strays(places, Path(os.fsdecode(store)))
            return
        rest = linger - (time.time() - os.fstat(users).st_mtime)
        if 0 < rest <= linger:
            time.sleep(min(rest, LOOK))
            continue
        with pair.unused(places) as unused:
            if not unused:
                continue
            if not places.kept_up.exists():
                pair.stop(find_places(places.home))
            os.close(on_duty)  # before the main lock: whoever starts the servers next sees that I left
            return


def _end_strays(places: Places, store: Path) -> None:
    """The home was removed under the servers: nobody can reach them any more."""
    if places.users_lock.exists():  # made anew in the same place: its next stop takes all that is there
        return
    for name, number in (("valkey", signal.SIGTERM), ("postgres", signal.SIGQUIT)):
        send(processes_of(name, store / name), number)
