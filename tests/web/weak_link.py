"""A connection to a server that a test can cut, freeze and mend: a unix socket that forwards to another."""

from __future__ import annotations

import os
import selectors
import socket
import threading
from contextlib import suppress
from pathlib import Path


class WeakLink:
    """Forwards ``here`` to ``there`` in a thread of its own."""

    def __init__(self, here: Path, there: str) -> None:
        self._here, self._there = here, there
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wanted = "whole"
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._peers: dict[socket.socket, socket.socket] = {}
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._listen()
        self._thread.start()

    def cut(self) -> None:
        """Nobody listens any more, and what was connected is closed."""
        self._become("cut")

    def freeze(self) -> None:
        """Connections stay open, and nothing comes through."""
        self._become("frozen")

    def mend(self) -> None:
        """All is well again."""
        self._become("whole")

    def close(self) -> None:
        """End the thread."""
        self._become("closed")
        self._thread.join(10)
        self._selector.close()
        self._wake_read.close()
        self._wake_write.close()

    def _become(self, state: str) -> None:
        with self._lock:
            self._done.clear()
            self._wanted = state
            self._wake_write.send(b"x")
            assert self._done.wait(10)

    # ── in the thread ──────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        state = "whole"
        while state != "closed":
            for key, _ in self._selector.select():
                if key.fileobj is self._wake_read:
                    self._wake_read.recv(1)
                    state = self._wanted
                    self._change(state)
                    self._done.set()
                elif state == "whole" and isinstance(key.fileobj, socket.socket):
                    self._forward(key.fileobj)

    def _change(self, state: str) -> None:
        for one in list(self._peers):
            if one not in self._peers:
                continue
            if state in {"cut", "closed"}:
                self._drop(one)
            elif state == "frozen":
                self._selector.unregister(one)
            elif one not in self._selector.get_map():
                self._selector.register(one, selectors.EVENT_READ)
        if state == "whole" and self._listener is None:
            self._listen()
        elif state in {"cut", "closed"} and self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None

    def _listen(self) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._here)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._here))
        self._listener.listen(64)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def _forward(self, one: socket.socket) -> None:
        if one is self._listener:
            client, _ = one.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._there)
            self._peers |= {client: server, server: client}
            for each in (client, server):
                self._selector.register(each, selectors.EVENT_READ)
            return
        if one not in self._peers:
            return
        try:
            data = one.recv(65536)
            if data:
                self._peers[one].sendall(data)
        except OSError:
            data = b""
        if not data:
            self._drop(one)

    def _drop(self, one: socket.socket) -> None:
        if one not in self._peers:
            return
        for each in (one, self._peers.pop(one, None)):
            if each is not None:
                self._peers.pop(each, None)
                if each in self._selector.get_map():
                    self._selector.unregister(each)
                each.close()
