"""The bodies of deliveries as they came, kept outside of the database: in a folder or an object storage."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import Locked
from parinaya_cli.store import archives as store
from parinaya_cli.store.archives import Raw
from parinaya_cli.store.transaction import Begin, Transaction

AT_ONCE = 500
"""Deliveries that are held in memory."""


class ArchiveFile(Protocol):
    """A file in the making; it appears whole or not at all."""

    def write(self, line: bytes) -> None:
        """Add a line, without its end."""
        ...

    def finish(self) -> tuple[int, str]:
        """All lines have come: bytes, and their SHA-256 in hexadecimal digits."""
        ...

    def publish(self, name: str) -> str:
        """Let it appear under a name; where it is now, for people."""
        ...


@dataclass(frozen=True)
class Archive:
    """What was archived. ``to`` is empty when there was nothing; ``dropped``: bodies that are in the archive alone."""

    to: str
    deliveries: int
    first: int
    last: int
    bytes: int
    sha256: str
    dropped: int


def look(begin: Begin, before: datetime) -> int:
    """How many deliveries would be archived.

    Raises:
        NotPermitted: only owners of all weddings may.
    """
    count = after = 0
    while found := _next(begin, after, before):
        count, after = count + len(found), found[-1].number
    return count


def make(begin: Begin, file: ArchiveFile, before: datetime, *, drop: bool) -> Archive:
    """Write the deliveries that were received before then, and let the file appear; it is audited.

    No transaction is open while the file goes up. Whoever is forgotten meanwhile is not in an archive: that one is
    thrown away before it appears.

    Raises:
        NotPermitted: only owners of all weddings may.
        Locked: somebody was forgotten meanwhile.
        UsedWrongly, Unreachable, Failed: as the file says; then nothing has appeared, and nothing is dropped.
    """
    numbers: list[int] = []
    while found := _next(begin, numbers[-1] if numbers else 0, before):
        for one in found:
            file.write(_line(one))
        numbers += [one.number for one in found]
    if not numbers:
        return Archive("", 0, 0, 0, 0, "", 0)
    size, digest = file.finish()
    _see_that_nobody_was_forgotten(begin, numbers)
    to = file.publish(f"deliveries-{numbers[0]:012}-{numbers[-1]:012}.jsonl.gz")
    with begin() as tx:
        _require(tx)
        emptied = store.count_emptied(tx, numbers)
        dropped = store.drop_bodies(tx, numbers) if drop else 0
        told = {"to": to, "deliveries": len(numbers), "sha256": digest, "bytes": size, "dropped": dropped}
        tx.audit(
            "webhook.archive", "webhook", after=told | ({"forgotten_meanwhile": emptied} if emptied else {})
        )
    if emptied:
        raise Locked(
            f"Somebody was forgotten while {to} went up, and is named in it.",
            "Remove that file and archive again: it then holds nothing of them.",
        )
    return Archive(to, len(numbers), numbers[0], numbers[-1], size, digest, dropped)


def _next(begin: Begin, after: int, before: datetime) -> list[Raw]:
    with begin() as tx:
        _require(tx)
        return store.read_next(tx, after, before, AT_ONCE)


def _see_that_nobody_was_forgotten(begin: Begin, numbers: list[int]) -> None:
    with begin() as tx:
        if store.count_emptied(tx, numbers):
            raise Locked("Somebody was forgotten while the archive was written.", "Archive again.")


def _line(one: Raw) -> bytes:
    """Bodies are in base64, since they must come back byte for byte."""
    told = {
        "number": one.number,
        "received_at": one.received_at.isoformat(),
        "state": one.state,
        "body": base64.b64encode(one.body).decode("ascii"),
    }
    return json.dumps(told, separators=(",", ":")).encode("ascii")


def _require(tx: Transaction) -> None:
    access.require(tx.actor, Permission.ADMIN)
    access.require_everywhere(tx.actor, "stored deliveries")
