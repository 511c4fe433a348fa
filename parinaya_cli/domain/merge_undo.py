"""Taking a merge back: every row is as it was, but for what somebody has changed since. Pure.

What the merge changed and nobody has changed since goes back. Tags, events and the columns of ``extra`` go back one by
one. Where a person's field was changed both by the merge and since, nobody can tell whose it is: that stands in the
way. Stops are never weakened: one that was set since holds for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.merge_homes import QUEUED
from parinaya_cli.domain.merge_rows import Change, Doc, World
from parinaya_cli.domain.merges import NAME, STOP, ref_of
from parinaya_cli.domain.refs import Kind, make


@dataclass(frozen=True)
class Undoing:
    """A merge that is to be taken back. ``changes``: in the order in which they were made.

    ``at``: when it was made. ``running``: batches whose messages may be queued again.
    """

    survivor: str
    absorbed: tuple[str, ...]
    changes: Sequence[Change]
    at: datetime
    running: frozenset[str] = frozenset()


def blocks(world: World, merge: Undoing) -> list[str]:
    """What stands in the way, each as a sentence."""
    found: list[str] = []
    person = world.get("people", merge.survivor)
    if person is None or person["removed_at"]:
        ref = ref_of(person) if person else "The survivor"
        return [f"{ref} was removed since: bring them back first (parinaya people restore {ref})."]
    for one in merge.changes:
        now = world.get(one.table, one.key)
        if one.table == "people" and one.key == merge.survivor and one.before is not None and now is not None:
            fields = [name for name in one.before if _is_lost(name, one, now)]
            found += [_edited(ref_of(now), name, one.before[name], now[name]) for name in fields]
        if one.table == "guest_units" and now is not None and _is_taken(one, now):
            ref = make(Kind.UNIT, now["number"])
            found.append(
                f"Their household {ref} was put together with another since (parinaya units show {ref})."
            )
        if one.table == "guest_unit_members" and one.before is not None and one.after is None:
            found += _homeless(world, merge, one.before["unit_id"])
    return list(dict.fromkeys(found))


def _is_lost(name: str, one: Change, now: Doc) -> bool:
    assert one.before is not None
    assert one.after is not None
    if now[name] == one.after[name] or now[name] == one.before[name]:
        return False
    if name in (*STOP, "tags", "events", *NAME[1:], "household_source"):
        return False
    return name != "extra" or bool(_clashes(one.before[name], one.after[name], now[name]))


def _clashes(before: Doc, after: Doc, now: Doc) -> list[str]:
    return [
        name
        for name in {*before, *after}
        if before.get(name) != after.get(name)
        and now.get(name) not in (before.get(name), after.get(name), None)
    ]


def _edited(ref: str, name: str, before: object, now: object) -> str:
    what = name.replace("_", " ")
    return (
        f"The {what} of {ref} came by the merge and was changed since (it is {now!r} now): give it back first, as "
        f"it was before the merge ({before!r})."
    )


def _is_taken(one: Change, now: Doc) -> bool:
    """Has a household that a merge left empty become part of a third one?"""
    into = (one.after or {}).get("merged_into")
    return into is not None and now["merged_into"] != into


def _homeless(world: World, merge: Undoing, unit: str) -> list[str]:
    row = world.get("guest_units", unit)
    if row is not None and row["removed_at"]:
        ours = [one for one in merge.changes if one.table == "guest_units" and one.key == unit]
        if not any(one.after and "removed_at" in one.after for one in ours):
            return [f"Their household {make(Kind.UNIT, row['number'])} was removed since."]
    return [] if row is not None else ["Their household is not there any more."]


def undo(world: World, merge: Undoing) -> None:
    """Take a merge back in which nothing stands in the way."""
    survivor = world.row("people", merge.survivor)
    stop = _stop_since(merge, survivor)
    for one in reversed(merge.changes):
        now = world.get(one.table, one.key)
        if one.before is None:
            if now is not None and now.get("unit_id") == (one.after or {}).get("unit_id"):
                world.delete(one.table, one.key)
        elif one.after is None:
            if now is None:
                world.insert(one.table, dict(one.before))
        elif now is not None:
            world.update(one.table, one.key, _back(merge, one, now))
    for person in merge.absorbed if stop else ():
        if not world.row("people", person)["do_not_message_at"]:
            world.update("people", person, stop)
    _lead(world, merge)


def _stop_since(merge: Undoing, now: Doc) -> Doc:
    """The do-not-message that was set since the merge; empty when there is none."""
    since = now[STOP[0]] is not None and datetime.fromisoformat(now[STOP[0]]) > merge.at
    return {name: now[name] for name in STOP} if since else {}


def _back(merge: Undoing, one: Change, now: Doc) -> Mapping[str, object]:
    """The columns of a row that go back, with their values."""
    before, after = one.before, one.after
    assert before is not None
    assert after is not None
    if one.table == "invite_dispatch" and after.get("state") == "cancelled":
        again = now["state"] == "cancelled" and now["reason"] == after.get("reason", now["reason"])
        if not (again and now["batch_id"] in merge.running and before["state"] in QUEUED):
            return {}
    given: Doc = {}
    for name in before:
        if now[name] == after[name]:
            given[name] = before[name]
        elif name in ("tags", "events"):
            given[name] = _list_back(before[name], after[name], now[name])
        elif name == "extra":
            given[name] = _extra_back(before[name], after[name], now[name])
    # A name, and a household's text, are one thing in several columns.
    if one.table == "people" and "full_name" in before and "full_name" not in given:
        given = {name: value for name, value in given.items() if name not in NAME}
    return given


def _list_back(before: Sequence[str], after: Sequence[str], now: Sequence[str]) -> list[str]:
    came = set(after) - set(before)
    return [word for word in now if word not in came]


def _extra_back(before: Doc, after: Doc, now: Doc) -> Doc:
    came = {name for name in after if name not in before}
    return {name: value for name, value in now.items() if name not in came}


def _lead(world: World, merge: Undoing) -> None:
    """A household that the survivor leads without being in it any more is led by a member."""
    for one in merge.changes:
        unit = one.key if one.table == "guest_units" else (one.after or one.before or {}).get("unit_id", "")
        row = world.get("guest_units", unit)
        if row is None or row["primary_person_id"] not in (merge.survivor, *merge.absorbed):
            continue
        members = world.where("guest_unit_members", "unit_id", unit)
        if members and row["primary_person_id"] not in {member["person_id"] for member in members}:
            first = min(members, key=lambda member: (member["position"], member["person_id"]))
            world.update("guest_units", unit, {"primary_person_id": first["person_id"]})
