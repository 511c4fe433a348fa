"""Taking merges of people back: every row is as it was, and what came since goes where it belongs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, jobs, merge_undo, refs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.consent import OPT_OUT, ConsentEntry
from parinaya_cli.domain.errors import Failed, Locked, NotFound, UsedWrongly
from parinaya_cli.domain.merge_rows import Change, World
from parinaya_cli.domain.merge_undo import Undoing
from parinaya_cli.store import consent as consents
from parinaya_cli.store import merge_rows as rows
from parinaya_cli.store import merges as store
from parinaya_cli.store import units as unit_store
from parinaya_cli.store.merges import Merge
from parinaya_cli.store.transaction import Transaction

STOPPED = "unmerge: said stop as one person"


@dataclass(frozen=True)
class UndoReport:
    """What taking merges back did. ``undone``: survivor and absorbed of each; ``blocked``: the same, with what
    stands in the way of it."""

    undone: tuple[tuple[str, tuple[str, ...]], ...]
    blocked: tuple[tuple[str, tuple[str, ...], str], ...]


def unmerge(tx: Transaction, name: str, *, dry_run: bool = False) -> Merge:
    """Take a merge apart: the one that absorbed the person of this ref, else the last one into them.

    Everybody is as before the merge: fields, contact points, lists, households, invitations, answers; cancelled
    messages of batches that run are queued again. What somebody has changed since and the merge had not touched stays
    with the survivor. Messages and answers since go to whoever has the phone that they went to or came from. A stop
    since then, whoever of them it came from, holds for all of them.

    Raises:
        NotFound: they were not merged, or not with anybody whom the actor may see.
        UsedWrongly: the merge is taken apart already.
        Failed: something that was built on it stands in the way (code ``built_on``): it is named. Or somebody of it was
            erased (``forgotten``).
    """
    access.require(tx.actor, Permission.PEOPLE)
    found = store.find(tx, refs.read(name, refs.Kind.PERSON))
    if found is None or not _is_seen(tx, found):
        raise NotFound(
            f"{name} was not merged with anybody.", "See `parinaya people timeline` of the person."
        )
    if found.undone_at is not None:
        raise UsedWrongly(
            f"{found.survivor} and {', '.join(found.names)} are taken apart already.",
            "There is nothing to do.",
        )
    report = tx.retried(lambda: _undo(tx, [found], dry_run=dry_run))
    if report.blocked and found.forgotten_at is not None:
        raise Failed(report.blocked[0][2], "They stay one person.", code="forgotten")
    if report.blocked:
        raise Failed(report.blocked[0][2], "Then take the merge apart.", code="built_on")
    return found


def undo_group(tx: Transaction, together: uuid.UUID, *, dry_run: bool = False) -> UndoReport:
    """Take all merges apart that were made at once, whole or not at all.

    While anything is ``blocked``, nothing is done. A second time there is nothing to do.
    """
    access.require(tx.actor, Permission.PEOPLE)
    found = store.list_together(tx, together)
    hidden = [one for one in found if not _is_seen(tx, one)]
    if hidden:
        why = "You may not see all of them."
        return UndoReport((), tuple((one.survivor, tuple(one.names), why) for one in hidden))
    return tx.retried(lambda: _undo(tx, found, dry_run=dry_run)) if found else UndoReport((), ())


def _is_seen(tx: Transaction, merge: Merge) -> bool:
    mine = tx.actor.sides
    return mine is None or all(side in mine for side in merge.sides)


def _undo(tx: Transaction, found: Sequence[Merge], *, dry_run: bool) -> UndoReport:
    ids = [one.id for one in found]
    persons = sorted({person for one in found for person in (one.survivor_id, *one.absorbed)})
    changes = store.changes_of(tx, ids)
    rows.lock(tx, persons, _units(changes))
    if not store.are_standing(tx, ids):
        raise Locked("Somebody else has taken it apart just now.", "There is nothing to do.")
    world = rows.load_changed(
        tx, [str(one) for one in persons], [c for some in changes.values() for c in some]
    )
    running = store.running_batches(tx)
    undoings = {
        one.id: Undoing(
            str(one.survivor_id),
            tuple(map(str, one.absorbed)),
            changes[one.id],
            one.made_at,
            running,
        )
        for one in found
    }
    standing = _outside(tx, found)
    blocked: list[tuple[str, tuple[str, ...], str]] = []
    for one in found:
        why = standing.get(one.id) or " ".join(merge_undo.blocks(world, undoings[one.id]))
        if why:
            blocked.append((one.survivor, tuple(one.names), why))
        else:
            merge_undo.undo(world, undoings[one.id])
    if not blocked and not dry_run:
        _write(tx, world, found, changes)
    return UndoReport(
        () if blocked else tuple((one.survivor, tuple(one.names)) for one in found), tuple(blocked)
    )


def _units(changes: Mapping[uuid.UUID, Sequence[Change]]) -> list[uuid.UUID]:
    """The households that merges touched."""
    told = {
        value
        for some in changes.values()
        for one in some
        for row in (one.before, one.after)
        for value in ((row or {}).get("unit_id"), one.key if one.table == "guest_units" else None)
        if value
    }
    return sorted(map(uuid.UUID, told))


def _outside(tx: Transaction, found: Sequence[Merge]) -> dict[uuid.UUID, str]:
    """What stands in the way of merges beside the rows themselves: why, by merge."""
    ids = [one.id for one in found]
    told: dict[uuid.UUID, str] = {}
    for merge_id, imports in store.imports_since(tx, ids).items():
        told[merge_id] = (
            f"{', '.join(imports)} has changed somebody of them since: undo that first "
            f"(parinaya people undo-import {imports[-1]})."
        )
    for merge_id, top in store.later(tx, ids).items():
        told[merge_id] = (
            f"{', '.join(top.names)} was merged into {top.survivor} on top of it: take that apart first "
            f"(parinaya people unmerge {top.names[0]})."
        )
    for one in found:
        if one.forgotten_at is not None:
            who = ", ".join([one.survivor, *one.names])
            told[one.id] = f"Somebody of {who} was erased: nothing is left to take the merge back with."
    return told


def _write(
    tx: Transaction, world: World, found: Sequence[Merge], changes: Mapping[uuid.UUID, Sequence[Change]]
) -> None:
    ids = [one.id for one in found]
    again = any(row.get("state") == "queued" for row in world.updated("invite_dispatch"))
    stops = store.stops_since(tx, ids)
    rows.write(tx, world)
    rows.bump(tx, [str(person) for one in found for person in (one.survivor_id, *one.absorbed)])
    rows.return_sources(tx, [owner for one in found for owner in _owners(one, changes[one.id])])
    store.return_messages(tx, ids)
    store.mark_undone(tx, ids)
    rows.bump_units(tx, _units(changes))
    unit_store.refresh_from_members(tx, _units(changes))
    unit_store.refresh_of_people(tx, [one.survivor_id for one in found])
    stopped = {merge_id for merge_id, _ in stops}
    for one in found:
        if one.id in stopped:
            _carry_stops(tx, one)
        _audit(tx, one)
    if again:
        tx.ring(jobs.SEND)


def _owners(merge: Merge, changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    """Whose rows go back to whom: survivor, whom a row named at first, who gets it."""
    survivor, told = str(merge.survivor_id), []
    for one in merge.absorbed:
        told.append((survivor, str(one), str(one)))
    for change in changes:
        before = (change.before or {}).get("merged_into") if change.table == "people" else None
        if before:
            told.append((survivor, change.key, before))
    return told


def _carry_stops(tx: Transaction, merge: Merge) -> None:
    """A stop that was said while they were one person holds for each of them."""
    entry = ConsentEntry(OPT_OUT, tx.now, tx.now, STOPPED, merge.survivor)
    known = store.points_of(tx, [merge.survivor_id, *merge.absorbed])
    for points in known.values():
        if "opted_out" not in points.values():
            for point in sorted(points):
                consents.add(tx, point, entry, f"unmerge:{merge.id}")
                tx.audit("consent.record", "contact_point", entity_id=point, after={"kind": entry.kind})


def _audit(tx: Transaction, merge: Merge) -> None:
    told = {"survivor": merge.survivor, "absorbed": merge.names}
    named = zip((merge.survivor_id, *merge.absorbed), (merge.survivor, *merge.names), strict=True)
    for person, ref in named:
        tx.audit("person.unmerge", "person", ref=ref, entity_id=person, after=told)
