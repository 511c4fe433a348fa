"""The provider's own count of messages, held against ours once a day: a difference is told, and never acted on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.accounts import ASKED_BACK, Counted, CountedDay, finished, untold
from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.ports import ProviderAccount
from parinaya_cli.store import accounts as store
from parinaya_cli.store.transaction import Begin, Transaction

AGAIN = timedelta(days=1)
"""How long the last comparison holds."""


def compare(
    begin: Begin, ask: Callable[[], ProviderAccount], *, note: bool, anew: bool = False
) -> tuple[int, str]:
    """How many messages the provider counted on its last finished days, and how that differs from what we know, or ''.

    What was found within the day is told again and nobody asked, but ``anew``. ``note``: what is found is kept.
    Where the provider does not tell, it is asked again the next time; who asks ``anew`` is told why.
    """
    with begin() as tx:
        access.require(tx.actor, Permission.SEND)
        now, numbers = tx.now, store.known_numbers(tx)
        last, told = store.last_compared(tx)
    if last is not None and now - last < AGAIN and not anew:
        return 0, told
    try:
        days = ask().counted_days(now - ASKED_BACK, now, sorted(set(numbers.values())))
    except ParinayaError as error:
        return 0, f"totals were not compared: {error.message}" if anew else told
    with begin() as tx:
        theirs, told = _differ(tx, days, now, list(numbers))
        if note:
            store.note_compared(tx, told)
    return theirs.sent, told


def _differ(
    tx: Transaction, days: list[CountedDay], now: datetime, numbers: list[str]
) -> tuple[Counted, str]:
    whole = finished(days, now)
    theirs = sum((day.counted for day in whole), Counted())
    spans = [(day.since, day.until) for day in whole] + untold(days, now)
    ours = sum((store.count(tx, since, until, numbers) for since, until in spans), Counted())
    if not spans or theirs.is_near(ours):
        return theirs, ""
    first, last = min(since for since, _ in spans), max(until for _, until in spans)
    told = (
        f"from {first:%d %b %H:%M} to {last:%d %b %H:%M} UTC WhatsApp counted {theirs.sent} sent and "
        f"{theirs.delivered} delivered, we were told of {ours.sent} and {ours.delivered}: statuses are missing, or "
        "others send from this account"
    )
    return theirs, told
