"""Events: add, list, edit, cancel, import."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from parinaya_cli.domain import access, refs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import Locked, NotFound, UsedWrongly
from parinaya_cli.domain.events import (
    Event,
    check_capacity,
    check_side,
    check_times,
    check_visibility,
    read_date,
    read_time,
)
from parinaya_cli.domain.weddings import check_slug, make_slug
from parinaya_cli.store import events as store
from parinaya_cli.store.events import Counts
from parinaya_cli.store.transaction import Transaction

KEYS = (
    "slug", "title", "starts", "ends", "venue", "address", "map_url", "dress_code", "capacity", "rsvp_by", "side",
    "visibility",
)  # fmt: skip
"""What a row of an events file may hold."""

_BLANK = uuid.UUID(int=0)


def read(tx: Transaction, told: Mapping[str, object]) -> Event:
    """An event from what an operator or a file told: ``KEYS``, as text.

    Raises:
        UsedWrongly: something is missing, unknown or can't be read.
    """
    unknown = sorted(set(told) - set(KEYS))
    if unknown:
        raise UsedWrongly(f"An event has no {', '.join(unknown)}.", f"It may have: {', '.join(KEYS)}.")
    text = {key: str(value).strip() for key, value in told.items() if value is not None and value != ""}
    if not text.get("title"):
        raise UsedWrongly("An event needs a title.", "Give one, such as Sangeet.")
    if not text.get("starts"):
        raise UsedWrongly(
            f"{text['title']} has no start.", "Give its day and hour, such as 2027-02-12T16:00."
        )
    zone = tx.wedding.zone
    starts = read_time(text["starts"], zone)
    ends = read_time(text["ends"], zone) if text.get("ends") else None
    check_times(starts, ends)
    return Event(
        id=_BLANK,
        number=0,
        slug=check_slug(text["slug"]) if text.get("slug") else make_slug(text["title"]),
        title=text["title"],
        starts_at=starts,
        ends_at=ends,
        venue=text.get("venue", ""),
        address=text.get("address", ""),
        map_url=_check_url(text.get("map_url", "")),
        dress_code=text.get("dress_code", ""),
        capacity=check_capacity(_number(text["capacity"])) if text.get("capacity") else None,
        rsvp_by=read_date(text["rsvp_by"]) if text.get("rsvp_by") else None,
        side=check_side(text.get("side")),
        visibility=check_visibility(text.get("visibility", "public")),
    )


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsedWrongly(f"{text!r} is no number.", "Give a whole number.") from None


def _check_url(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise UsedWrongly(f"{url!r} is no web address.", "It begins with https://.")
    return url


def add(tx: Transaction, told: Mapping[str, object]) -> Event:
    """Add an event.

    Raises:
        UsedWrongly: a value is wrong, or the slug is taken.
    """
    access.require(tx.actor, Permission.PLAN)
    event = read(tx, told)
    made = store.insert(tx, event)
    if made is None:
        raise UsedWrongly(
            f"There is an event {event.slug!r} already.",
            f"Change it with `parinaya events edit {event.slug}`, or give another --slug.",
            code="slug_taken",
        )
    tx.audit("event.add", "event", ref=made.ref, entity_id=made.id, after=_shown(made))
    return made


def _shown(event: Event) -> dict[str, object]:
    return {k: v for k, v in event.__dict__.items() if k not in {"id", "number", "version"} and v is not None}


@dataclass(frozen=True)
class EventReport:
    """An event with how many households and seats are invited to it."""

    event: Event
    counts: Counts


def list_events(tx: Transaction) -> list[EventReport]:
    """The events in order of time, with the counts of the sides that the actor may see."""
    access.require(tx.actor, Permission.READ)
    counts = store.read_counts(tx, tx.actor.sides)
    return [EventReport(event, counts.get(event.id, Counts(event.id))) for event in store.list_events(tx)]


def find(tx: Transaction, name: str) -> Event:
    """The event of this slug, ref or id.

    Raises:
        NotFound: there is none.
    """
    access.require(tx.actor, Permission.READ)
    found = store.find_event(tx, refs.read(name, refs.Kind.EVENT))
    if found is None:
        known = ", ".join(event.slug for event in store.list_events(tx))
        none = "There are none yet: `parinaya events add`, or `parinaya events import FILE`."
        raise NotFound(f"There is no event {name!r}.", f"There are: {known}." if known else none)
    return found


def find_all(tx: Transaction, names: Sequence[str]) -> list[Event]:
    """The events of these names, each once.

    Raises:
        NotFound: one of them does not exist.
    """
    found = {event.id: event for event in (find(tx, name) for name in names)}
    return list(found.values())


def show(tx: Transaction, name: str) -> EventReport:
    """One event with its counts.

    Raises:
        NotFound: there is none.
    """
    event = find(tx, name)
    return EventReport(event, store.read_counts(tx, tx.actor.sides).get(event.id, Counts(event.id)))


def edit(tx: Transaction, name: str, told: Mapping[str, object]) -> Event:
    """Change an event; only what is told changes.

    Raises:
        NotFound: there is none.
        UsedWrongly: a value is wrong.
        Locked: somebody else changed it meanwhile.
    """
    access.require(tx.actor, Permission.PLAN)
    before = find(tx, name)
    whole: dict[str, object] = {
        "slug": before.slug,
        "title": before.title,
        "starts": before.starts_at.isoformat(),
        "ends": before.ends_at.isoformat() if before.ends_at else None,
        "venue": before.venue,
        "address": before.address,
        "map_url": before.map_url,
        "dress_code": before.dress_code,
        "capacity": before.capacity,
        "rsvp_by": before.rsvp_by,
        "side": before.side,
        "visibility": before.visibility,
    }
    wanted = read(tx, whole | {key: value for key, value in told.items() if value is not None})
    return _write(tx, before, replace(wanted, cancelled_at=before.cancelled_at))


def _write(tx: Transaction, before: Event, wanted: Event) -> Event:
    wanted = replace(wanted, id=before.id, number=before.number, version=before.version)
    if wanted == before:
        return before
    after = store.update(tx, wanted)
    if after is None:
        raise Locked(f"Somebody else changed {before.slug} just now.", "Look at it and try again.")
    was, now = _shown(before), _shown(after)
    changed = {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}
    tx.audit(
        "event.edit",
        "event",
        ref=after.ref,
        entity_id=after.id,
        before={key: was.get(key) for key in changed},
        after={key: now.get(key) for key in changed},
    )
    return after


def cancel(tx: Transaction, name: str) -> Event:
    """Cancel an event; a second time changes nothing. No message goes out for it any more.

    Raises:
        NotFound: there is none.
    """
    access.require(tx.actor, Permission.PLAN)
    before = find(tx, name)
    if before.cancelled_at is not None:
        return before
    return _write(tx, before, replace(before, cancelled_at=tx.now))


@dataclass(frozen=True)
class EventsImport:
    """What an events file did: slugs that were added, changed, and as they were."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]


def import_all(tx: Transaction, rows: Sequence[Mapping[str, object]]) -> EventsImport:
    """Add or change every event of a file, by slug; all of them or none.

    Raises:
        UsedWrongly: a row is wrong; it is named.
    """
    access.require(tx.actor, Permission.PLAN)
    if not rows:
        raise UsedWrongly("The file holds no events.", "It needs a list of events under `events:`.")
    there = {event.slug: event for event in store.list_events(tx)}
    seen: set[str] = set()
    done: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": []}
    for place, row in enumerate(rows, start=1):
        try:
            wanted = read(tx, row)
            if wanted.slug in seen:
                raise UsedWrongly(
                    f"{wanted.slug!r} stands in the file twice.", "Give each event its own slug."
                )
            seen.add(wanted.slug)
            before = there.get(wanted.slug)
            if before is None:
                there[wanted.slug] = add(tx, row)
                done["added"].append(wanted.slug)
                continue
            after = _write(tx, before, replace(wanted, cancelled_at=before.cancelled_at))
            there[wanted.slug] = after
            done["unchanged" if after == before else "updated"].append(wanted.slug)
        except UsedWrongly as error:
            raise UsedWrongly(f"Event {place} of the file: {error.message}", error.hint) from None
    return EventsImport(*(tuple(done[key]) for key in ("added", "updated", "unchanged")))
