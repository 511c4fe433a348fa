"""One process that uses the embedded servers, led line by line over its standard input.

``python embedded_actor.py HOME LINGER``: starts, prints the addresses as JSON (or the error), then obeys:
``release``, ``fork`` (a child that stays, prints its number), ``sleeper`` (a program that stays, prints its
number). It releases and ends at the end of its input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from parinaya_cli.adapters.embedded import Embedded
from parinaya_cli.domain.errors import ParinayaError


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def fork_a_child() -> int:
    child = os.fork()
    if child == 0:
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        time.sleep(120)
        os._exit(0)
    return child


def main() -> None:
    servers = Embedded(Path(sys.argv[1]), linger=float(sys.argv[2]))
    try:
        say(**asdict(servers.start()))
    except ParinayaError as error:
        say(error=type(error).__name__, message=error.message, hint=error.hint)
        return
    for line in sys.stdin:
        match line.strip():
            case "release":
                servers.release()
                say(done="release")
            case "fork":
                say(pid=fork_a_child())
            case "sleeper":
                quiet = subprocess.DEVNULL
                sleeper = subprocess.Popen(["sleep", "120"], stdin=quiet, stdout=quiet, close_fds=False)
                say(pid=sleeper.pid)
    servers.release()
    os._exit(0)  # children are none of our business here


main()
