"""The queue ``invites.send``: messages that are due leave."""

from __future__ import annotations

import time

from parinaya_cli.domain import jobs
from parinaya_cli.domain.access import Channel
from parinaya_cli.jobs.ground import SLICE_SECONDS, drain, is_stopping, pause
from parinaya_cli.services import dispatches
from parinaya_cli.services.dispatches import Flow
from parinaya_cli.wiring import App

SOON = 5.0
"""Seconds that a job waits for the next message; what is due later is rung for by the worker's round."""


def send(subject: str = "") -> None:
    """Send what is due, slice by slice. ``subject`` names the batch that rang; whatever is due is sent."""
    drain(jobs.SEND, subject, _slice)


def _slice(app: App) -> bool:
    ends = time.monotonic() + SLICE_SECONDS
    flow = Flow(
        float(app.settings.whatsapp_messages_per_second),
        app.in_flight,
        enough=lambda: is_stopping() or time.monotonic() > ends,
        hurry=is_stopping,
    )
    report = dispatches.deliver_slice(lambda: app.begin_as_system(Channel.WORKER), app.whatsapp, flow)
    if report.idle and report.next_in is not None and report.next_in < SOON:
        return pause(report.next_in)  # a message that was throttled goes on by itself
    return not report.idle
