"""The queue ``exports.generate``: files that were asked for are made, oldest first."""

from __future__ import annotations

from parinaya_cli.domain import jobs
from parinaya_cli.domain.access import Channel
from parinaya_cli.jobs.ground import drain
from parinaya_cli.services import exports
from parinaya_cli.services.exports import Desk
from parinaya_cli.wiring import App


def generate(subject: str = "") -> None:
    """Make what waits, one file after the other."""
    drain(jobs.EXPORT, subject, _one)


def _one(app: App) -> bool:
    return exports.run_next(Desk(lambda: app.begin_as_system(Channel.WORKER), app.open_export))
