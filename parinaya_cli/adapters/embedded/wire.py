"""As much of the Postgres protocol as it takes to see that a server is ready, without loading a driver.

Messages: https://www.postgresql.org/docs/18/protocol-message-formats.html
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from parinaya_cli.domain.database_users import APP

USER = "parinaya"
"""The superuser, and the name of the database."""

State = Literal["ready", "busy", "no-users", "no-database", "away"]


@dataclass(frozen=True)
class Hello:
    """How a server answered: ``busy`` starts, recovers or stops; ``no-users``: the database's users are still to be
    made; ``away`` does not answer at all."""

    state: State
    version: str = ""
    text: str = ""


@dataclass
class _Talk:
    link: socket.socket
    version: str = ""
    error: dict[str, str] = field(default_factory=dict)
    rows: list[list[str]] = field(default_factory=list)

    def until_ready(self) -> bool:
        """Read messages until the server waits for us; False when it ended the talk."""
        while True:
            kind, length = struct.unpack("!cI", self._take(5))
            body = self._take(length - 4)
            if kind == b"S":
                name, value = body.split(b"\0")[:2]
                if name == b"server_version":
                    self.version = value.decode()
            elif kind == b"E":
                parts = body.rstrip(b"\0").split(b"\0")
                self.error = {part[:1].decode(): part[1:].decode("utf-8", "replace") for part in parts}
                if self.error.get("V") in ("FATAL", "PANIC"):
                    return False
            elif kind == b"D":
                self.rows.append(_cells(body))
            elif kind == b"Z":
                return True

    def _take(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.link.recv(size - len(data))
            if not part:
                raise ConnectionError("the server closed the connection")
            data += part
        return data


def hello(path: Path, database: str = USER, timeout: float = 5.0) -> Hello:
    """Log in to the server behind a socket file, as whom parinaya works, and leave again. Raises nothing."""
    try:
        with socket.socket(socket.AF_UNIX) as link:
            talk, welcome = _begin(link, path, APP, database, timeout)
            if welcome:
                link.sendall(b"X\0\0\0\4")
                return Hello("ready", talk.version)
    except OSError as error:
        return Hello("away", text=str(error))
    code = talk.error.get("C", "")
    if code == "57P03":  # cannot_connect_now
        return Hello("busy", text=talk.error.get("M", ""))
    if code == "28000":  # invalid_authorization_specification: no such role
        return Hello("no-users", text=talk.error.get("M", ""))
    if code == "3D000":  # invalid_catalog_name
        return Hello("no-database", text=talk.error.get("M", ""))
    if code == "53300":  # too_many_connections: it lives, and others are at it
        return Hello("ready", text=talk.error.get("M", ""))
    return Hello("away", text=talk.error.get("M", ""))


def ask(path: Path, database: str, statement: str, timeout: float = 60.0) -> list[list[str]]:
    """Run one statement, or several at once, as the superuser; the rows as text.

    Raises:
        OSError: the server did not answer, or refused; with its words.
    """
    with socket.socket(socket.AF_UNIX) as link:
        talk, welcome = _begin(link, path, USER, database, timeout)
        if welcome:
            text = statement.encode() + b"\0"
            link.sendall(b"Q" + struct.pack("!I", len(text) + 4) + text)
            talk.until_ready()
        if talk.error:
            raise OSError(talk.error.get("M", "refused"))
        link.sendall(b"X\0\0\0\4")
        return talk.rows


def _begin(link: socket.socket, path: Path, user: str, database: str, timeout: float) -> tuple[_Talk, bool]:
    link.settimeout(timeout)
    link.connect(str(path))
    facts = b"user\0" + user.encode() + b"\0database\0" + database.encode() + b"\0\0"
    link.sendall(struct.pack("!II", len(facts) + 8, 3 << 16) + facts)
    talk = _Talk(link)
    return talk, talk.until_ready()


def _cells(body: bytes) -> list[str]:
    (count,) = struct.unpack_from("!H", body)
    at, cells = 2, []
    for _ in range(count):
        (length,) = struct.unpack_from("!i", body, at)
        at += 4
        cells.append(body[at : at + max(length, 0)].decode())
        at += max(length, 0)
    return cells
