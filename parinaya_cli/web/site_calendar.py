"""Events as calendar files (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, timedelta

from icalendar import Calendar
from icalendar import Event as Entry

from parinaya_cli.domain.events import Event
from parinaya_cli.domain.weddings import Wedding

USUAL = timedelta(hours=3)
"""How long an event is taken to last that names no end."""


def write(wedding: Wedding, event: Event) -> bytes:
    """One event for a calendar. It bears the same UID in every file, and a higher SEQUENCE after a change.

    It names nothing of whoever asked for it, so that a forwarded file tells no more than the invitation.
    """
    zone = wedding.zone
    entry = Entry()
    entry.add("uid", f"{event.id}@parinaya")
    entry.add("sequence", event.version - 1)
    entry.add("dtstamp", event.starts_at.astimezone(UTC))
    entry.add("dtstart", event.starts_at.astimezone(zone))
    entry.add("dtend", (event.ends_at or event.starts_at + USUAL).astimezone(zone))
    entry.add("summary", f"{event.title}: {wedding.couple or wedding.title}")
    if place := ", ".join(part for part in (event.venue, event.address) if part):
        entry.add("location", place)
    if event.dress_code:
        entry.add("description", event.dress_code)
    if event.cancelled_at is not None:
        entry.add("status", "CANCELLED")
    calendar = Calendar()
    calendar.add("prodid", "-//parinaya//wedding//EN")
    calendar.add("version", "2.0")
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written
