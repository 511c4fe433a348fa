"""Where a wedding stands, for whoever asks."""

from __future__ import annotations

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.standing import Coming, Standing, Step
from parinaya_cli.domain.standing import next_step as first_step
from parinaya_cli.services import answers, events
from parinaya_cli.store import duplicates
from parinaya_cli.store import standing as store
from parinaya_cli.store.transaction import Transaction


def look(tx: Transaction) -> Standing:
    """The wedding in some numbers, of what the actor may see."""
    access.require(tx.actor, Permission.READ)
    over = {one.event.slug for one in events.list_events(tx) if one.event.is_over(tx.now)}
    status = answers.status(tx)
    coming = tuple(
        Coming(one.event, one.title, one.starts_at, one.invited_units, one.pending_units, one.yes_heads)
        for one in sorted(status, key=lambda one: one.starts_at)
        if one.event not in over
    )
    wedding = tx.wedding
    pairs = duplicates.count_open(tx)[0] if tx.actor.sides is None else 0
    return Standing(
        wedding.slug,
        wedding.title,
        tx.now.astimezone(wedding.zone),
        len(status),
        coming,
        pairs=pairs,
        **vars(store.read_figures(tx, tx.actor.sides)),
    )


def next_step(tx: Transaction, found: Standing) -> Step | None:
    """What the actor may do next."""
    return first_step(found, lambda needed: access.allows(tx.actor.role, needed))
