"""What whoever watches an installation asks: is it ready, and how does it stand?"""

from __future__ import annotations

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.store import figures as store
from parinaya_cli.store.figures import Figures as Figures
from parinaya_cli.store.transaction import Transaction


def read(tx: Transaction) -> Figures:
    """Deliveries and dispatches by state, and the processing lag, over all weddings."""
    access.require(tx.actor, Permission.AUDIT)
    return store.read(tx)


def require_ready(tx: Transaction) -> None:
    """Return when Postgres answers and its schema is the one that this version needs.

    Raises:
        Failed: the schema is older or newer, or was never made.
    """
    store.require_head(tx)
