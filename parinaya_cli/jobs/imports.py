"""The queue ``imports.contacts``: lists that wait are imported, oldest first."""

from __future__ import annotations

from pathlib import Path

from parinaya_cli.domain import jobs
from parinaya_cli.domain.access import Channel
from parinaya_cli.jobs.ground import drain, is_stopping
from parinaya_cli.ports import OpenedList, ReadingOptions
from parinaya_cli.services import import_queue
from parinaya_cli.services.import_queue import Desk
from parinaya_cli.wiring import App


def contacts(subject: str = "") -> None:
    """Import what waits, one list after the other."""
    drain(jobs.IMPORT, subject, _one)


def _one(app: App) -> bool:
    def open_list(path: Path, options: ReadingOptions) -> OpenedList:
        return app.open_list(path, options)

    begin = lambda: app.begin_as_system(Channel.WORKER)  # noqa: E731 (a transaction each time)
    return import_queue.run_next(Desk(begin, open_list, app.open_rejects, is_stopping))
