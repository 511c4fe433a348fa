"""Exports of a scene into real files."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from time import monotonic
from typing import Any

from parinaya_cli.adapters.exports.files import ExportFile, LocalFile
from parinaya_cli.services import exports
from parinaya_cli.services.exports import Desk, ExportRequest, FileWanted
from tests.services.wedding_kit import Scene


def open_file(wanted: FileWanted) -> ExportFile:
    """A file on disk, as the wiring opens one."""
    return ExportFile(LocalFile(Path(wanted.to)), wanted.format, wanted.columns, wanted.zone)


def desk(scene: Scene, **who: Any) -> Desk:
    return Desk(lambda: scene.begin(**who), open_file)


def export(scene: Scene, path: Path, kind: str, form: str = "csv", **more: Any) -> list[dict[str, str]]:
    """The rows of a CSV that was just exported, as it stands there."""
    event = more.pop("event", None)
    report = exports.export(desk(scene, **more), ExportRequest(kind, form, str(path), event))
    assert report.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    if form != "csv":
        return []
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))
    assert len(rows) == report.rows
    return rows


def wait_for_a_lock(scene: Scene) -> None:
    """Return when some transaction of the scene waits for another."""
    end = monotonic() + 60
    while not scene.value(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    ):
        assert monotonic() < end, "nobody waits"
