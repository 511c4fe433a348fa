"""What a shell can complete, for whoever works here."""

from __future__ import annotations

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.services import weddings
from parinaya_cli.store import completion as store
from parinaya_cli.store.transaction import Transaction


def words(tx: Transaction) -> dict[str, object]:
    """The slugs of all weddings that the actor works on; events, templates and refs of the one that is meant.

    Who sees one side gets no refs: how far they go would tell of the other.
    """
    access.require(tx.actor, Permission.READ)
    found = store.read_words(tx)
    return {
        "weddings": [one.slug for one in weddings.list_weddings(tx)],
        "wedding": tx.wedding.slug,
        "events": list(found.events),
        "templates": list(found.templates),
        "last": dict(found.last) if tx.actor.sides is None else {},
    }
