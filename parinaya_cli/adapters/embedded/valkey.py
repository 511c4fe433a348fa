"""The embedded Valkey: started, asked, stopped. All but ``probe`` only under the main lock."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from parinaya_cli.adapters.embedded.locks import hold_alone_now, is_held, wait_until_free
from parinaya_cli.adapters.embedded.places import Places
from parinaya_cli.adapters.embedded.processes import last_lines, launch, processes_of, send
from parinaya_cli.adapters.embedded.programs import find_programs
from parinaya_cli.domain.errors import Failed, Unreachable

NAME = "valkey"
STUCK = 1.5  # seconds of silence after which we look whether a live server can still be reached
SILENCE = 60.0  # seconds that a live server may take to open its socket
LOADING = 900.0  # seconds that it may read its data


@dataclass(frozen=True)
class Hello:
    """How the server answered: ``busy`` still reads its data; ``away`` does not answer at all."""

    state: Literal["ready", "busy", "away"]
    text: str = ""


def probe(places: Places, timeout: float = 5.0) -> Hello:
    """How the server answers now. Raises nothing."""
    try:
        answer = _ask(places.valkey_socket, b"PING\r\n", timeout)
    except OSError as error:
        return Hello("away", str(error))
    if answer.startswith(b"-LOADING"):
        return Hello("busy", answer.decode("utf-8", "replace").strip())
    return Hello("ready") if answer else Hello("away", "the server closed the connection")


def facts(places: Places) -> dict[str, str]:
    """What the server tells about itself (``INFO server``); empty when it is away."""
    try:
        answer = _ask(places.valkey_socket, b"INFO server\r\n", 5.0, whole=True)
    except OSError:
        return {}
    lines = answer.decode("utf-8", "replace").split("\r\n")
    return dict(line.split(":", 1) for line in lines if ":" in line)


def ensure(places: Places, alone: Callable[[], bool]) -> None:
    """See that the server runs and has read its data.

    ``alone`` tells whether no other process uses it, so that it may be started anew.

    Raises:
        Failed: it does not start.
        Unreachable: it lives but does not answer.
    """
    begun = heard = time.monotonic()
    launched = False
    while True:
        answer = probe(places)
        if answer.state == "ready":
            return
        now = time.monotonic()
        if answer.state == "busy":
            heard = now
        # Valkey does not guard its folder: two on one folder would both write. This lock is the guard.
        alive = hold_alone_now(places.alive_lock(NAME))
        if alive is not None:
            try:
                if launched:
                    raise _did_not_start(places)
                _start(places, alive)
                launched = True
            finally:
                os.close(alive)
        elif now - heard > STUCK and not launched and not places.valkey_socket.exists() and alone():
            stop(places)  # its socket was removed, so that nobody can reach it
        elif now - heard > SILENCE or now - begun > LOADING:
            raise Unreachable(
                f"The embedded Valkey runs but does not answer ({answer.text}).",
                f"See its log {places.log(NAME)}, or run `parinaya services stop --force`.",
            )
        time.sleep(0.01 if now - begun < 1 else 0.1)


def stop(places: Places) -> None:
    """Stop the server; what it acknowledged is on the disk.

    Raises:
        Failed: it did not stop.
    """
    alive = places.alive_lock(NAME)
    for number, patience in ((signal.SIGTERM, 30), (signal.SIGKILL, 5)):
        if not is_held(alive):
            return
        send(processes_of(NAME, places.data(NAME)), number)
        if wait_until_free(alive, patience):
            return
    raise Failed(
        "The embedded Valkey did not stop.",
        f"Processes of another user or container hold {places.data(NAME)}; stop them there.",
    )


def _start(places: Places, alive: int) -> None:
    programs = find_programs(places.owner)
    settings = {
        "port": "0",
        "unixsocket": str(places.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(places.data(NAME)),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-use-rdb-preamble": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
    }
    config = places.store / "valkey.conf"
    fresh = config.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    text = "".join(f"{name} {quoted(value)}\n" for name, value in settings.items())
    fresh.write_bytes(os.fsencode(text))
    fresh.chmod(0o644)
    fresh.replace(config)
    places.valkey_socket.unlink(missing_ok=True)
    argv = [str(programs.valkey), str(config)]
    launch(argv, log=places.log(NAME), alive=alive, owner=places.owner)


def quoted(value: str) -> str:
    """A value for Valkey's configuration file."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _ask(path: Path, command: bytes, timeout: float, *, whole: bool = False) -> bytes:
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(timeout)
        link.connect(str(path))
        link.sendall(command + (b"QUIT\r\n" if whole else b""))
        answer = link.recv(4096)
        while whole and (part := link.recv(4096)):
            answer += part
        return answer


def _did_not_start(places: Places) -> Failed:
    log = places.log(NAME)
    return Failed(
        f"The embedded Valkey did not start. The end of its log:\n{last_lines(log)}",
        f"The whole log is {log}; servers of your own can be named by DATABASE_URL and REDIS_URL.",
    )
