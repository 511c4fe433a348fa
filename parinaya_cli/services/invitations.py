"""Guest lists: putting households on them and taking them off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.domain.events import check_side
from parinaya_cli.services import events, people, units
from parinaya_cli.store import invitations as store
from parinaya_cli.store.invitations import Invited, Selection
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class InviteRequest:
    """Which households are to be put on which guest lists."""

    events: Sequence[str]
    everyone: bool = False
    side: str | None = None
    tag: str | None = None
    units: Sequence[str] = ()
    seats: int | None = None


@dataclass(frozen=True)
class OverCapacity:
    """An event whose guest list has more seats than the place has."""

    event: str
    seats: int
    capacity: int


@dataclass(frozen=True)
class InviteReport:
    """How many invitations were added, how many were there, and where there are too many seats now."""

    added: int
    already: int
    over_capacity: tuple[OverCapacity, ...]


def add(tx: Transaction, request: InviteRequest) -> InviteReport:
    """Put households on guest lists. A second time changes nothing.

    Raises:
        NotFound: an event or household does not exist.
        UsedWrongly: no event or nobody is named, or the event is over.
    """
    access.require(tx.actor, Permission.PLAN)
    if not request.events:
        raise UsedWrongly("No event is named.", "Give --event SLUG, once for each.")
    found = events.find_all(tx, request.events)
    for event in found:
        if event.is_over(tx.now):
            what = "is cancelled" if event.cancelled_at else "is over"
            raise UsedWrongly(f"{event.slug} {what}.", "Nobody can be invited to it any more.")
    wanted = Selection(
        request.everyone,
        check_side(request.side),
        request.tag,
        [units.find(tx, one).id for one in request.units],
    )
    if not (wanted.everyone or wanted.side or wanted.tag or wanted.units):
        raise UsedWrongly("Nobody is named.", "Give --all, --side, --tag or --unit.")
    if request.seats is not None and not 0 < request.seats <= 500:
        raise UsedWrongly("Seats lie between 1 and 500.", "Give --seats N, or leave it out.")
    added, already = store.add(tx, [event.id for event in found], wanted, request.seats)
    if added or request.seats is not None:
        tx.audit(
            "invitation.add",
            "invitation",
            after={
                "events": [event.slug for event in found],
                "added": len(added),
                "seats": request.seats,
                "side": wanted.side,
                "tag": wanted.tag,
                "all": wanted.everyone,
            },
        )
    given = store.seats_of(tx, [event.id for event in found])
    over = tuple(
        OverCapacity(event.slug, given.get(event.id, 0), event.capacity)
        for event in found
        if event.capacity is not None and given.get(event.id, 0) > event.capacity
    )
    return InviteReport(len(added), already, over)


def remove(tx: Transaction, event: str, unit: str) -> bool:
    """Take a household off a guest list. Its answers stay in its history.

    Raises:
        NotFound: there is no such event or household, or it is not on the list.
    """
    access.require(tx.actor, Permission.PLAN)
    what, who = events.find(tx, event), units.find(tx, unit)
    seats = store.remove(tx, what.id, who.id)
    if seats is None:
        raise NotFound(
            f"{who.ref} is not on the guest list of {what.slug}.", f"See `parinaya units show {who.ref}`."
        )
    tx.audit(
        "invitation.remove",
        "invitation",
        ref=who.ref,
        entity_id=who.id,
        before={"event": what.slug, "seats": seats},
    )
    return True


def list_invited(tx: Transaction, event: str | None, side: str | None = None) -> list[Invited]:
    """Who is on the guest lists, with where each household stands."""
    access.require(tx.actor, Permission.READ)
    event_id = events.find(tx, event).id if event else None
    return store.list_invited(tx, event_id, people.sides_asked(tx, side))
