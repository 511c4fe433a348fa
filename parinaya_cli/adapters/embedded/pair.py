"""Both servers at once. ``ensure`` and ``stop`` only under the main lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from parinaya_cli.adapters.embedded import postgres, valkey
from parinaya_cli.adapters.embedded.locks import hold_alone, hold_alone_now, is_held
from parinaya_cli.adapters.embedded.places import Places, check_run


def attached(places: Places) -> bool:
    """Whether both answer now; the common case, so it costs two short talks."""
    return (
        check_run(places)
        and valkey.probe(places).state == "ready"
        and postgres.probe(places).state == "ready"
    )


def ensure(places: Places, alone: Callable[[], bool]) -> None:
    """See that both run. ``alone``: whether no other process uses them, so that one may be started anew.

    Raises:
        Failed: one does not start.
        Unreachable: one lives but does not answer.
    """
    valkey.ensure(places, alone)
    postgres.ensure(places, alone)


@contextmanager
def unused(places: Places, patience: float = 0.05) -> Iterator[bool]:
    """Under the main lock: whether nobody uses the servers; nobody begins to within the block.

    ``patience``: seconds in which users may let go. The janitor, too, holds the lock for a moment now and then
    to see whether it is free, and on a busy machine that moment can be long.
    """
    try:
        main = hold_alone(places.main_lock)
    except FileNotFoundError:  # no such home, or removed at this moment
        yield True
        return
    try:
        users = hold_alone_now(places.users_lock, patience)
        try:
            yield users is not None
        finally:
            if users is not None:
                os.close(users)
    finally:
        os.close(main)


def stop(places: Places) -> bool:
    """Stop both; whether any ran.

    Raises:
        Failed: one did not stop.
    """
    ran = any(is_held(places.alive_lock(name)) for name in (postgres.NAME, valkey.NAME))
    valkey.stop(places)
    postgres.stop(places)
    if places.users_lock.exists():
        os.utime(places.users_lock, (0, 0))  # tells the janitor that it need not wait any longer
    return ran
