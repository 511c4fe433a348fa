"""Merging people: what becomes of their households, invitations, answers and messages. Pure.

In one household nothing moves but the seat of somebody who was counted twice. Of two households the absorbed person
leaves theirs; nobody else is moved. A household that nobody is left in is folded into the survivor's: that takes over
invitations and answers for the events for which it has none itself. What is left over is kept, and never summed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from parinaya_cli.domain.merge_rows import Doc, World
from parinaya_cli.domain.merges import SAME, Choice, Ground, Pair, contacts_of, ref_of
from parinaya_cli.domain.refs import Kind, make

CANCELLED_PERSON = "person_merged"
CANCELLED_UNIT = "household_merged"
OPEN = ("planned", "queued", "sending", "unknown", "failed")
"""States of messages that may still be queued (again): they follow the person."""
QUEUED = ("planned", "queued")


def merge_homes(world: World, ground: Ground, pair: Pair) -> list[str]:
    """Bring households in line with the merge; returns the households that were touched."""
    places = {
        one: place for one in pair.people if (place := world.get("guest_unit_members", one)) is not None
    }
    if not places:
        _follow_messages(world, pair)
        return []
    home = _home(ground, pair, places)
    units = list(dict.fromkeys([home, *(place["unit_id"] for place in places.values())]))
    before = {unit: _size(world, unit) for unit in units}
    _take_place(world, pair, home)
    emptied = [unit for unit in units[1:] if _leave(world, ground, pair, unit)]
    for unit in emptied:
        extra = before[unit] - _named(world, home)
        if extra > world.row("guest_units", home)["extra_seats"]:
            world.update("guest_units", home, {"extra_seats": min(extra, 500)})
    for unit in units:
        if unit not in emptied:
            _seats_follow(world, pair, unit, before[unit])
    for unit in emptied:
        _fold(world, ground, pair, unit, home)
    _follow_messages(world, pair)
    refs = {one: _unit_ref(world.row("guest_units", place["unit_id"])) for one, place in places.items()}
    told = {ref_of(world.row("people", one)): refs.get(one) for one in pair.people}
    after = _unit_ref(world.row("guest_units", home))
    why = (
        SAME
        if set(told.values()) == {after}
        else "the survivor's"
        if pair.survivor in refs
        else "where they were"
    )
    pair.choices.append(Choice("unit", told, after, why))
    return units


def _unit_ref(unit: Doc) -> str:
    return make(Kind.UNIT, unit["number"])


def _named(world: World, unit: str) -> int:
    return sum(row["takes_seat"] for row in world.where("guest_unit_members", "unit_id", unit))


def _size(world: World, unit: str) -> int:
    extra: int = world.row("guest_units", unit)["extra_seats"]
    return _named(world, unit) + extra


def _home(ground: Ground, pair: Pair, places: dict[str, Doc]) -> str:
    """The survivor's household; when they have none, that of the first absorbed whose household is invited."""
    if pair.survivor in places:
        return str(places[pair.survivor]["unit_id"])
    first = min(places, key=lambda one: (one not in ground.invited, pair.absorbed.index(one)))
    return str(places[first]["unit_id"])


def _take_place(world: World, pair: Pair, home: str) -> None:
    """One place in the household is left of all that the person had there, with a seat if any had one."""
    mine = [
        row for one in pair.people if (row := world.get("guest_unit_members", one)) and row["unit_id"] == home
    ]
    seat = any(row["takes_seat"] for row in mine)
    for row in mine:
        if row["person_id"] != pair.survivor:
            world.delete("guest_unit_members", row["person_id"])
    if world.get("guest_unit_members", pair.survivor) is None:
        place = min(row["position"] for row in mine)
        world.insert(
            "guest_unit_members",
            {"person_id": pair.survivor, "unit_id": home, "position": place, "takes_seat": seat},
        )
        pair.notes.append(f"The survivor takes the place in {_unit_ref(world.row('guest_units', home))}.")
    else:
        world.update("guest_unit_members", pair.survivor, {"takes_seat": seat})
    if world.row("guest_units", home)["primary_person_id"] in pair.absorbed:
        world.update("guest_units", home, {"primary_person_id": pair.survivor})


def _leave(world: World, ground: Ground, pair: Pair, unit: str) -> bool:
    """Whoever is absorbed leaves a household; True when nobody is left in it."""
    for one in pair.absorbed:
        row = world.get("guest_unit_members", one)
        if row is not None and row["unit_id"] == unit:
            world.delete("guest_unit_members", one)
    left = sorted(
        world.where("guest_unit_members", "unit_id", unit),
        key=lambda row: (not _is_reached(world, ground, row["person_id"]), row["position"], row["person_id"]),
    )
    if not left:
        return True
    if not any(row["takes_seat"] for row in left):
        world.update("guest_unit_members", left[0]["person_id"], {"takes_seat": True})
    row = world.row("guest_units", unit)
    ref = _unit_ref(row)
    pair.notes.append(f"{ref} ({row['label']}) stays, without them.")
    if row["primary_person_id"] in pair.absorbed:
        world.update("guest_units", unit, {"primary_person_id": left[0]["person_id"]})
    for message in world.where("invite_dispatch", "unit_id", unit):
        if message["person_id"] in pair.absorbed and _is_queued(message):
            world.update("invite_dispatch", message["id"], {"state": "cancelled", "reason": CANCELLED_PERSON})
            pair.notes.append(f"A message to {ref} that was queued to them is cancelled: send it anew.")
    return False


def _is_reached(world: World, ground: Ground, person: str) -> bool:
    return any(ground.points[row["contact_point_id"]][2] for row in contacts_of(world, person))


def _is_queued(message: Doc) -> bool:
    return message["kind"] == "template" and message["state"] in QUEUED


def _seats_follow(world: World, pair: Pair, unit: str, before: int) -> None:
    """Invitations that were for the whole household are for the whole household still; never for fewer than were
    said to come."""
    size = _size(world, unit)
    if size == before:
        return
    for invited in world.where("invitations", "unit_id", unit):
        if invited["seats"] == before:
            said = newest(world.where("rsvp_responses", "unit_id", unit), invited["event_id"])
            coming = said["heads"] or 0 if said is not None and said["status"] == "yes" else 0
            world.update("invitations", invited["id"], {"seats": max(size, min(coming, before))})
    ref = _unit_ref(world.row("guest_units", unit))
    pair.notes.append(f"{ref} has {size} seats, where one person was counted twice: it had {before}.")


def newest(answers: Sequence[Doc], event: str) -> Doc | None:
    """The answer that counts for an event."""
    mine = [row for row in answers if row["event_id"] == event]
    return max(mine, key=lambda row: (row["given_at"], uuid.UUID(row["id"]).int), default=None)


# ── a household that nobody is left in ─────────────────────────────────────────────────────────────────


def _fold(world: World, ground: Ground, pair: Pair, unit: str, home: str) -> None:
    row, stays = world.row("guest_units", unit), world.row("guest_units", home)
    ref, into = _unit_ref(row), _unit_ref(stays)
    pair.notes.append(f"{ref} ({row['label']}) is left empty, and is {into} from now on.")
    has = {one["event_id"] for one in world.where("invitations", "unit_id", home)}
    for invited in world.where("invitations", "unit_id", unit):
        slug = ground.events[invited["event_id"]]
        if invited["event_id"] in has:
            world.delete("invitations", invited["id"])
            pair.notes.append(f"Both were invited to {slug}: the invitation of {into} holds.")
        else:
            world.update("invitations", invited["id"], {"unit_id": home})
            pair.notes.append(f"The invitation to {slug} goes to {into}.")
    _fold_answers(world, ground, pair, unit, home)
    for message in world.where("invite_dispatch", "unit_id", unit):
        if _is_queued(message):
            world.update("invite_dispatch", message["id"], {"state": "cancelled", "reason": CANCELLED_UNIT})
            pair.notes.append(f"A message that was queued to {ref} is cancelled.")
    for talk in world.where("conversations", "unit_id", unit):
        world.update("conversations", talk["contact_point_id"], {"unit_id": home})
    for alias in (row, *world.where("guest_units", "merged_into", unit)):
        world.update("guest_units", alias["id"], {"merged_into": home})
    world.update("guest_units", unit, {"removed_at": ground.now})


def _fold_answers(world: World, ground: Ground, pair: Pair, unit: str, home: str) -> None:
    """Answers go along where there are none yet; where both have answered, that of the survivor's household counts."""
    theirs, ours = (world.where("rsvp_responses", "unit_id", one) for one in (unit, home))
    refs = {one: _unit_ref(world.row("guest_units", one)) for one in (unit, home)}
    for event in dict.fromkeys(row["event_id"] for row in theirs):
        said, holds = newest(theirs, event), newest(ours, event)
        assert said is not None
        if holds is not None:
            pair.conflicts.append(
                f"{ground.events[event]}: {refs[home]} said {_words(holds)}, which counts; {refs[unit]} said "
                f"{_words(said)}, which is kept."
            )
            continue
        for row in theirs:
            if row["event_id"] == event:
                world.update("rsvp_responses", row["id"], {"unit_id": home})
        pair.notes.append(f"The answer for {ground.events[event]} ({_words(said)}) goes to {refs[home]}.")


def _words(answer: Doc) -> str:
    return f"{answer['status']} ({answer['heads']})" if answer["heads"] is not None else str(answer["status"])


def _follow_messages(world: World, pair: Pair) -> None:
    """Messages that are still on their way are the survivor's."""
    for one in pair.absorbed:
        for message in world.where("invite_dispatch", "person_id", one):
            if message["state"] in OPEN:
                world.update("invite_dispatch", message["id"], {"person_id": pair.survivor})
