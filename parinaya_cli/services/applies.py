"""Merging what duplicates were found, all at once, and taking that back whole."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from parinaya_cli.domain import access, duplicates, refs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.duplicates import Clusters, Ground
from parinaya_cli.domain.errors import Failed, Locked, NotFound, UsedWrongly
from parinaya_cli.domain.merges import Cluster
from parinaya_cli.services import merge_undo, merges
from parinaya_cli.store import duplicate_scans as scans
from parinaya_cli.store import duplicates as store
from parinaya_cli.store.transaction import Begin, Transaction

_TIMES = 3
_NAMED = 5


@dataclass(frozen=True)
class ApplyReport:
    """What an apply did, or would do. ``people``: refs by cluster; ``skipped``: refs, and why they were left alone.

    ``undo``: the ref that takes it back; None when nothing was merged.
    """

    merged_people: int
    people: tuple[tuple[str, ...], ...]
    skipped: tuple[tuple[tuple[str, ...], str], ...]
    conflicts: tuple[str, ...]
    undo: str | None


def apply(begin: Begin, *, min_score: float | None = None, dry_run: bool = False) -> ApplyReport:
    """Merge the people who are surely one, or all from a score up; what people decided on pairs holds.

    Skipped and told are those who changed since the scan (scan again), and those whom the actor may not see. A
    decision that is made meanwhile is heeded: then all is worked out anew.

    Raises:
        UsedWrongly: ``min_score`` is no probability.
        Locked: decisions are made all the time.
    """
    if min_score is not None and not 0 < min_score <= 1:
        raise UsedWrongly(f"{min_score} is no score.", "Give a probability above 0 and up to 1, such as 0.9.")
    for _ in range(_TIMES):
        with begin() as tx:
            access.require(tx.actor, Permission.PEOPLE)
            # In this order: what is decided between the two is in the ground and told as new before the commit.
            verdicts = store.list_verdicts(tx)
            ground = scans.read_ground(tx)
        found = duplicates.clusters(ground, min_score)
        try:
            with begin() as tx:
                access.require(tx.actor, Permission.PEOPLE)
                return _rehearse(tx, found) if dry_run else _merge(tx, ground, found, verdicts)
        except _Overtaken:
            continue
    raise Locked("Others decide on pairs this moment.", "Try again in a minute.")


class _Overtaken(Exception):
    """Somebody has decided on a pair since the clusters were made."""


def _rehearse(tx: Transaction, found: Clusters) -> ApplyReport:
    names = _names(tx, found)
    merged = sum(len(one) - 1 for one in found.people)
    people = tuple(tuple(names[each] for each in one) for one in found.people)
    return ApplyReport(merged, people, _changed(found, names), (), None)


def _merge(
    tx: Transaction, ground: Ground, found: Clusters, verdicts: Mapping[uuid.UUID, str]
) -> ApplyReport:
    names = _names(tx, found)
    if not found.people:
        return ApplyReport(0, (), _changed(found, names), (), None)
    together = uuid.uuid4()
    wanted = [Cluster(one) for one in found.people]
    report = merges.merge_many(tx, wanted, "duplicates", together, ground.versions)
    skipped = _changed(found, names) + tuple(
        (tuple(names[each] for each in one.people), one.why) for one in report.skipped
    )
    if not report.merged:
        return ApplyReport(0, (), skipped, (), None)
    # The merges hold the wedding, so that no decision comes from here on to the commit; those before are seen.
    if store.list_verdicts(tx) != verdicts:
        raise _Overtaken
    merged = sum(len(one.absorbed) for one in report.merged)
    made = store.insert_apply(tx, together, merged)
    figures = {"merged_people": merged, "clusters": len(report.merged)}
    tx.audit("duplicate.apply", "apply", ref=made.ref, entity_id=together, after=figures)
    return ApplyReport(
        merged,
        tuple((one.survivor, *one.absorbed) for one in report.merged),
        skipped,
        tuple(note for one in report.merged for note in one.conflicts),
        made.ref,
    )


def _names(tx: Transaction, found: Clusters) -> dict[uuid.UUID, str]:
    every = {one for group in (*found.people, *found.changed) for one in group}
    return store.refs_of(tx, sorted(every))


def _changed(found: Clusters, names: Mapping[uuid.UUID, str]) -> tuple[tuple[tuple[str, ...], str], ...]:
    return tuple((tuple(names[each] for each in one), "changed") for one in found.changed)


def undo(tx: Transaction, name: str) -> tuple[str, int]:
    """Take an apply back, whole or not at all; its ref, and how many people are people of their own again.

    A second time there is nothing to do. Merges of it that were taken apart one by one stay so.

    Raises:
        NotFound: nothing was applied under this name.
        Failed: something that was built on it stands in the way (code ``built_on``): it is named.
    """
    access.require(tx.actor, Permission.PEOPLE)
    found = store.find_apply(tx, refs.read(name, refs.Kind.APPLY))
    if found is None:
        raise NotFound(f"Nothing was applied under the name {name!r}.", "`dedupe apply` tells the name.")
    if found.undone_at is not None:
        return found.ref, 0
    report = merge_undo.undo_group(tx, found.id)
    if report.blocked:
        told = [why for _, _, why in report.blocked]
        more = f" And {len(told) - _NAMED} more." if len(told) > _NAMED else ""
        raise Failed(
            " ".join(told[:_NAMED]) + more, "Then undo it again: it is all or nothing.", code="built_on"
        )
    store.mark_undone(tx, found)
    people = sum(len(absorbed) for _, absorbed in report.undone)
    tx.audit("duplicate.undo", "apply", ref=found.ref, entity_id=found.id, after={"people": people})
    return found.ref, people
