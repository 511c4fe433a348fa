"""Machines on one network: namespaces of Linux, each with an address, joined by a bridge. Only root can make them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Machine:
    """A namespace, and the end of its cable that is plugged into the bridge."""

    name: str
    cable: str

    def inside(self, *argv: str) -> tuple[str, ...]:
        """A command that runs on this machine."""
        return ("ip", "netns", "exec", self.name, *argv)

    def unplug(self) -> None:
        """Nothing comes or goes any more; nobody is told."""
        _ip("link", "set", self.cable, "down")

    def plug(self) -> None:
        """As it was."""
        _ip("link", "set", self.cable, "up")


@dataclass(frozen=True)
class Network:
    """``address``: this machine's own, where the others find the servers."""

    address: str
    machines: tuple[Machine, ...]


@contextmanager
def network(machines: int) -> Iterator[Network]:
    """So many machines around this one."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("only root can make machines, with iproute2")
    number = os.getpid() % 250
    bridge, subnet = f"pn{number}", f"10.203.{number}"
    found = tuple(Machine(f"{bridge}m{one}", f"{bridge}c{one}") for one in range(machines))
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("address", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for one, machine in enumerate(found):
            _join(machine, bridge, f"{subnet}.{10 + one}/24")
        yield Network(f"{subnet}.1", found)
    finally:
        for machine in found:  # a namespace lives on while what it sent is not acknowledged: cables go first
            _ip("link", "delete", machine.cable, check=False)
            _ip("netns", "delete", machine.name, check=False)
        _ip("link", "delete", bridge, check=False)


def _join(machine: Machine, bridge: str, address: str) -> None:
    _ip("netns", "add", machine.name)
    _ip("link", "add", machine.cable, "type", "veth", "peer", "name", "eth0", "netns", machine.name)
    _ip("link", "set", machine.cable, "master", bridge)
    machine.plug()
    for argv in (("address", "add", address, "dev", "eth0"), ("link", "set", "eth0", "up")):
        _ip("-netns", machine.name, *argv)
    _ip("-netns", machine.name, "link", "set", "lo", "up")


def _ip(*argv: str, check: bool = True) -> None:
    subprocess.run(["ip", *argv], check=check, capture_output=True, timeout=60)
