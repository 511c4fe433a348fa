"""How much there is still to do, and how many households have been heard."""

from __future__ import annotations

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.store import dispatches, sending, webhooks
from parinaya_cli.store.transaction import Transaction


def open_work(tx: Transaction) -> int:
    """Messages that are due or on their way, and deliveries that wait, in all weddings."""
    access.require(tx.actor, Permission.READ)
    return sending.count_due(tx) + dispatches.count_sending(tx) + webhooks.count_waiting(tx)


def households_heard(tx: Transaction) -> int:
    """How many households of all weddings have written or tapped something."""
    access.require(tx.actor, Permission.READ)
    return dispatches.count_heard(tx)
