"""Opening a number: the households behind it, what each of them said, and what changed since a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.events import read_time
from parinaya_cli.domain.why import Stand, rule
from parinaya_cli.services import events, people
from parinaya_cli.store import why as store
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Part:
    """A household behind a number. ``before``: what it added at the other time, where one was asked for."""

    stand: Stand
    adds: int
    before: int | None = None


@dataclass(frozen=True)
class Why:
    """A number opened. ``parts``: the households that add to it; ``changes``: those that added something else then."""

    event: str
    count: str
    value: int
    as_of: datetime
    parts: tuple[Part, ...]
    since: datetime | None = None
    value_then: int | None = None
    changes: tuple[Part, ...] = ()


@dataclass(frozen=True)
class WhyRequest:
    """Which number: of an event, as it was at a time, compared with another time. Times as operators write them."""

    event: str
    count: str = "yes_heads"
    as_of: str | None = None
    since: str | None = None
    side: str | None = None


def explain(tx: Transaction, request: WhyRequest) -> Why:
    """The households behind a number, by household.

    Raises:
        NotFound: there is no such event.
        UsedWrongly: there is no such count, a time can't be read, or ``since`` is not before ``as_of``.
    """
    access.require(tx.actor, Permission.READ)
    adds = rule(request.count)
    event = events.find(tx, request.event)
    sides = people.sides_asked(tx, request.side)
    zone = tx.wedding.zone
    at = read_time(request.as_of, zone) if request.as_of else None
    since = read_time(request.since, zone) if request.since else None
    if since is not None and since >= (at or tx.now):
        raise UsedWrongly("--since must lie before the time of the number.", "Give an earlier time.")
    stands = store.list_stands(tx, event.id, sides, at)
    parts = tuple(Part(one, adds(one)) for one in stands)
    value = sum(one.adds for one in parts)
    shown = tuple(one for one in parts if one.adds)
    moment = (at or tx.now).astimezone(zone)
    if since is None:
        return Why(event.slug, request.count, value, moment, shown)
    before = store.list_stands(tx, event.id, sides, since)
    then = {one.unit: adds(one) for one in before}
    now = {one.stand.unit for one in parts}
    every = [Part(one.stand, one.adds, then.get(one.stand.unit, 0)) for one in parts]
    every += [Part(one, 0, then[one.unit]) for one in before if one.unit not in now]  # invited no more
    changes = tuple(one for one in every if one.adds != one.before)
    return Why(
        event.slug, request.count, value, moment, shown, since.astimezone(zone), sum(then.values()), changes
    )


@dataclass(frozen=True)
class Document:
    """The opened number as ``--json`` shows it, and its households."""

    told: Mapping[str, object]
    items: tuple[Mapping[str, object], ...]
    changes: tuple[Mapping[str, object], ...]


def document(tx: Transaction, told: Why) -> Document:
    """The opened number as ``--json`` shows it; times in the wedding's zone."""
    items = tuple(_part(tx, one) for one in told.parts)
    changes = tuple(_part(tx, one) for one in told.changes)
    found: dict[str, object] = {
        "event": told.event,
        "count": told.count,
        "value": told.value,
        "as_of": told.as_of,
        "items": items,
        "total": len(items),
    }
    if told.since is not None:
        found |= {"since": told.since, "value_then": told.value_then, "changes": changes}
    return Document(found, items, changes)


def _part(tx: Transaction, one: Part) -> Mapping[str, object]:
    stand = one.stand
    at = stand.given_at
    found: dict[str, object] = {
        "unit": stand.unit,
        "label": stand.label,
        "side": stand.side,
        "adds": one.adds,
        "status": stand.status or "pending",
        "heads": stand.heads,
        "seats": stand.seats,
        "channel": stand.channel,
        "source": stand.source,
        "by": stand.actor,
        "note": stand.note,
        "given_at": at.astimezone(tx.wedding.zone) if at else None,
    }
    return found if one.before is None else {**found, "before": one.before}
