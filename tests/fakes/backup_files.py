"""Backups that hold what they say of themselves, and no rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from parinaya_cli.domain.backups import Contents, Manifest, read_manifest
from parinaya_cli.domain.errors import NotFound


@dataclass
class FakeOpenBackup:
    """Counts how often it was brought back."""

    manifest: Manifest
    restored: int = 0

    def restore(self) -> None:
        self.restored += 1


@dataclass
class FakeBackups:
    """Manifests in files; ``opened``: what was opened."""

    opened: list[FakeOpenBackup] = field(default_factory=list)

    def write(self, path: Path, snapshot: str, at: datetime, version: str, contents: Contents) -> Manifest:
        made = Manifest(at, version, contents, len(snapshot), hashlib.sha256(snapshot.encode()).hexdigest())
        path.write_text(made.document(), "utf-8")
        return made

    @contextmanager
    def open(self, path: Path) -> Iterator[FakeOpenBackup]:
        if not path.exists():
            raise NotFound(f"There is no file {path}.", "Name another.")
        self.opened.append(FakeOpenBackup(read_manifest(path.read_bytes())))
        yield self.opened[-1]
