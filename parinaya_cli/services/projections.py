"""The tables that are kept for reading: comparing them with the rows they rest on, and making them right again."""

from __future__ import annotations

import logging

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.store import counts, dashboard, weddings
from parinaya_cli.store.transaction import Transaction

_LOG = logging.getLogger(__name__)

MOST_TOLD = 20
"""How many differences of a wedding are told one by one."""


def compare(tx: Transaction, *, mend: bool) -> tuple[str, ...]:
    """What is wrong in the kept counts of the bound wedding, a sentence for each; ``mend`` counts it anew.

    A count is only ever wrong when something wrote past parinaya, or parinaya is: so it is told even when it was
    mended, and what differed is in the audit log.
    """
    access.require(tx.actor, Permission.SEND)
    events = counts.differences(tx.conn, tx.wedding.id)
    others = dashboard.compare(tx, mend=mend)
    if mend:
        dashboard.fold(tx)
        tx.touch_counts({one.event_id for one in events})
    told = [
        f"{one.event}{_of(one.side)}: {one.count} was {one.kept}, counted {one.counted}" for one in events
    ]
    told += [f"{one.what}{_of(one.side)}: was {one.kept}, counted {one.counted}" for one in others]
    if told and mend:
        tx.audit("projection.mend", "event", after={"differed": told[:MOST_TOLD], "differences": len(told)})
        _LOG.warning("kept counts of %s had drifted: %s differences", tx.wedding.slug, len(told))
    done = " (counted anew)" if mend else ""
    more = [f"{tx.wedding.slug}: {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
    return (*(f"{tx.wedding.slug}: {one}{done}" for one in told[:MOST_TOLD]), *more)


def _of(side: str) -> str:
    return f" ({side})" if side else ""


def fold(tx: Transaction) -> None:
    """Add the changes of messages and answers by day into the kept counts, for all weddings."""
    access.require(tx.actor, Permission.SEND)
    for wedding in weddings.list_weddings(tx):
        with tx.within(wedding):
            dashboard.fold(tx)
