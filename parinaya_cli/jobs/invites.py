"""The queue ``invites.send``: messages that are due leave."""

from __future__ import annotations

from parinaya_cli.domain import jobs
from parinaya_cli.domain.access import Channel
from parinaya_cli.jobs.ground import drain, pause
from parinaya_cli.services import dispatches
from parinaya_cli.wiring import App

SOON = 5.0
"""Seconds that a job waits for the next message; what is due later is rung for by the worker's round."""


def send(subject: str = "") -> None:
    """Send what is due, slice by slice. ``subject`` names the batch that rang; whatever is due is sent."""
    drain(jobs.SEND, subject, _slice)


def _slice(app: App) -> bool:
    report = dispatches.deliver_slice(
        lambda: app.begin_as_system(Channel.WORKER), app.whatsapp, app.pacer, in_flight=app.in_flight
    )
    if report.idle and report.next_in is not None and report.next_in < SOON:
        return pause(report.next_in)  # a message that was throttled goes on by itself
    return not report.idle
