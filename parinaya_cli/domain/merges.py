"""Merging people: who stays, which value of each field is kept and why. Pure.

Nothing is lost: where two people differ, the survivor's value holds and the other's is kept with its own row, or
beside it. Stops are never weakened: the strictest holds.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parinaya_cli.domain.merge_rows import Doc, World
from parinaya_cli.domain.people import Side
from parinaya_cli.domain.refs import Kind, make

NAME = ("full_name", "honorific", "given_name", "family_name", "folded")
HOUSEHOLD = ("household", "household_source")
SAME = "the same"


@dataclass(frozen=True)
class Ground:
    """What a merge looks at beside the rows that it changes.

    ``points``: kind and value of each contact point, and whether messages can reach it. ``answered``, ``messaged``,
    ``invited``: people whose household has answered, who were written to, whose household is on a guest list.
    ``events``: slugs by id. ``now``: the moment of the merge.
    """

    now: str
    points: Mapping[str, tuple[str, str, bool]] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    messaged: frozenset[str] = frozenset()
    invited: frozenset[str] = frozenset()
    events: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """What becomes of one field. ``before``: each person's value, by ref; ``why``: a few words.

    ``whose``: the ref of the person whose value is kept; empty when it is made of several.
    """

    field: str
    before: Mapping[str, object]
    after: object
    why: str
    whose: str = ""


@dataclass
class Pair:
    """One merge on its way: the survivor first, then those who are absorbed, by number."""

    survivor: str
    absorbed: list[str]
    choices: list[Choice] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)

    @property
    def people(self) -> list[str]:
        """Everybody, the survivor first."""
        return [self.survivor, *self.absorbed]


@dataclass(frozen=True)
class Cluster:
    """People who are one person. ``keep``: who stays; None lets the rule decide."""

    people: tuple[uuid.UUID, ...]
    keep: uuid.UUID | None = None


def ref_of(person: Mapping[str, Any]) -> str:
    """The ref of a person's row."""
    return make(Kind.PERSON, person["number"])


# ── who stays ──────────────────────────────────────────────────────────────────────────────────────────

_FILLED = (
    "full_name",
    "honorific",
    "city",
    "side",
    "language",
    "notes",
    "household",
    "tags",
    "events",
    "extra",
)


def survivor(world: World, ground: Ground, people: Sequence[str]) -> str:
    """Who stays: the one whose household has answered, who was written to, who is invited; else whose row says
    most; else the lowest number."""

    def rank(one: str) -> tuple[bool, bool, bool, int, int]:
        row = world.row("people", one)
        told = sum(bool(row[name]) for name in _FILLED) + len(contacts_of(world, one))
        return (
            one not in ground.answered, one not in ground.messaged, one not in ground.invited, -told, row["number"],
        )  # fmt: skip

    return min(people, key=rank)


def begin(world: World, ground: Ground, cluster: Cluster) -> Pair:
    """The survivor of a cluster, and who is absorbed."""
    people = sorted(map(str, cluster.people), key=lambda one: world.row("people", one)["number"])
    stays = str(cluster.keep) if cluster.keep else survivor(world, ground, people)
    return Pair(stays, [one for one in people if one != stays])


# ── fields ─────────────────────────────────────────────────────────────────────────────────────────────


def merge_people(world: World, ground: Ground, pair: Pair) -> None:
    """Give the survivor what the others had, and let their refs lead to the survivor."""
    rows = [world.row("people", one) for one in pair.people]
    told: Doc = {}
    for name, merge in _FIELDS.items():
        values, why = merge(rows)
        told |= values
        _choose(pair, rows, name, values.get(name, rows[0][name]), why)
    world.update("people", pair.survivor, told)
    _merge_contacts(world, ground, pair, [ref_of(row) for row in rows])
    for one in pair.absorbed:
        for alias in (world.row("people", one), *world.where("people", "merged_into", one)):
            world.update("people", alias["id"], {"merged_into": pair.survivor})


def _choose(pair: Pair, rows: Sequence[Doc], name: str, after: object, why: str) -> None:
    before = {ref_of(row): row[name] for row in rows}
    if any(before.values()):
        whose = next((ref for ref, value in before.items() if value == after), "")
        same = all(value == after for value in before.values())
        pair.choices.append(Choice(name, before, after, SAME if same else why, whose))


Merged = tuple[Doc, str]


def _first(*names: str) -> Callable[[Sequence[Doc]], Merged]:
    """The survivor's value; where it is empty, the first that is not. ``names``: columns that go together."""

    def merge(rows: Sequence[Doc]) -> Merged:
        taken = next((row for row in rows if row[names[0]]), rows[0])
        if taken is rows[0]:
            return {}, "the survivor's"
        return {name: taken[name] for name in names}, "the survivor has none"

    return merge


def _largest(name: str) -> Callable[[Sequence[Doc]], Merged]:
    def merge(rows: Sequence[Doc]) -> Merged:
        most = max((row[name] or 0 for row in rows), default=0)
        return ({name: most} if most else {}), "the larger of the counts of one household"

    return merge


def _side(rows: Sequence[Doc]) -> Merged:
    sides = {row["side"] for row in rows if row["side"]}
    if len(sides) > 1:
        return {"side": Side.BOTH.value}, "in both families' lists"
    after = next(iter(sides), None)
    return {"side": after}, "the survivor's" if after == rows[0]["side"] else "the survivor has none"


def _union(name: str) -> Callable[[Sequence[Doc]], Merged]:
    def merge(rows: Sequence[Doc]) -> Merged:
        every = list(dict.fromkeys(word for row in rows for word in row[name]))
        return {name: every}, "all of them"

    return merge


def _notes(rows: Sequence[Doc]) -> Merged:
    kept, known = rows[0]["notes"], {rows[0]["notes"]}
    for row in rows[1:]:
        if row["notes"] and row["notes"] not in known:
            known.add(row["notes"])
            kept = f"{kept}\n[{ref_of(row)}] {row['notes']}" if kept else row["notes"]
    return {"notes": kept}, "all of them, told apart"


def _extra(rows: Sequence[Doc]) -> Merged:
    kept: Doc = dict(rows[0]["extra"])
    for row in rows[1:]:
        for name, value in row["extra"].items():
            if name in kept and kept[name] != value:
                name = f"{name} ({ref_of(row)})"
                while kept.get(name, value) != value:
                    name += "'"
            kept[name] = value
    return {"extra": kept}, "all of them; where they differ, with the ref"


def _stop(rows: Sequence[Doc]) -> Merged:
    stopped = [row for row in rows if row["do_not_message_at"]]
    if not stopped or rows[0]["do_not_message_at"]:
        return {}, "the strictest holds"
    first = min(stopped, key=lambda row: str(row["do_not_message_at"]))
    return {name: first[name] for name in STOP}, "the strictest holds"


STOP = ("do_not_message_at", "do_not_message_reason")
_FIELDS: Mapping[str, Callable[[Sequence[Doc]], Merged]] = {
    "full_name": _first(*NAME),
    "city": _first("city"),
    "side": _side,
    "language": _first("language"),
    "tags": _union("tags"),
    "events": _union("events"),
    "notes": _notes,
    "extra": _extra,
    "household": _first(*HOUSEHOLD),
    "party_size": _largest("party_size"),
    "extra_seats": _largest("extra_seats"),
    "do_not_message_at": _stop,
}


# ── contact points ─────────────────────────────────────────────────────────────────────────────────────


def contacts_of(world: World, person: str) -> list[Doc]:
    """The contact points of a person, the primary one first."""
    rows = world.where("person_contacts", "person_id", person)
    return sorted(rows, key=lambda row: (row["position"], row["contact_point_id"]))


def _merge_contacts(world: World, ground: Ground, pair: Pair, names: Sequence[str]) -> None:
    """The survivor's own stay first and in their order; the others' come behind, each once."""
    before = {
        name: [ground.points[row["contact_point_id"]][1] for row in contacts_of(world, one)]
        for name, one in zip(names, pair.people, strict=True)
    }
    place = max((row["position"] for row in contacts_of(world, pair.survivor)), default=-1)
    for one in pair.absorbed:
        for row in contacts_of(world, one):
            world.delete("person_contacts", f"{one}:{row['contact_point_id']}")
            if world.get("person_contacts", f"{pair.survivor}:{row['contact_point_id']}") is None:
                place += 1
                world.insert("person_contacts", {**row, "person_id": pair.survivor, "position": place})
    after = [ground.points[row["contact_point_id"]][1] for row in contacts_of(world, pair.survivor)]
    if after:
        same = all(value == after for value in before.values())
        whose = next((ref for ref, value in before.items() if value == after), "")
        why = SAME if same else "all of them; the survivor's first"
        pair.choices.append(Choice("contacts", before, after, why, whose))
