"""The queue ``webhooks.process``: stored deliveries get their effect."""

from __future__ import annotations

from parinaya_cli.domain import jobs
from parinaya_cli.domain.access import Channel
from parinaya_cli.jobs.ground import drain
from parinaya_cli.services import webhooks
from parinaya_cli.wiring import App


def process(subject: str = "") -> None:
    """Process what waits, slice by slice, oldest first."""
    drain(jobs.PROCESS, subject, _slice)


def _slice(app: App) -> bool:
    return webhooks.process_slice(lambda: app.begin_as_system(Channel.WEBHOOK), app.parser, app.ears) > 0
