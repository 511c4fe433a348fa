"""Merging people who are one person. Taking a merge back stands in ``merge_undo``."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, merges
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import Locked, UsedWrongly
from parinaya_cli.domain.merge_homes import merge_homes
from parinaya_cli.domain.merge_rows import World
from parinaya_cli.domain.merges import Choice, Cluster, Pair, ref_of
from parinaya_cli.services import people
from parinaya_cli.store import merge_rows as rows
from parinaya_cli.store import merges as store
from parinaya_cli.store import units as unit_store
from parinaya_cli.store.merges import Made
from parinaya_cli.store.transaction import Transaction

_FEWEST = 2


@dataclass(frozen=True)
class MergeReport:
    """What a merge did, or would do. ``choices``: field by field; ``notes``: what became of the households;
    ``conflicts``: answers that contradict each other, which are kept both."""

    survivor: str
    survivor_id: uuid.UUID
    absorbed: tuple[str, ...]
    choices: tuple[Choice, ...]
    notes: tuple[str, ...]
    conflicts: tuple[str, ...]


@dataclass(frozen=True)
class Skipped:
    """People who were not merged, and why: ``changed`` since the versions that were given, ``gone``, ``merged``
    already, or ``hidden`` from whoever acts."""

    people: tuple[uuid.UUID, ...]
    why: str


@dataclass(frozen=True)
class ManyReport:
    """What many merges at once did. ``together``: by what they are taken back, with ``merge_undo.undo_group``."""

    together: uuid.UUID
    merged: tuple[MergeReport, ...]
    skipped: tuple[Skipped, ...]


def merge(
    tx: Transaction, names: Sequence[str], *, keep: str | None = None, dry_run: bool = False
) -> MergeReport:
    """Merge people into one; their refs, ids and lists lead to that one from now on.

    The survivor is ``keep``, else who has answered, was written to or is invited, else whose row says most, else who
    has the lowest number. Nothing is lost: contact points, lists, tags, events and notes are united, empty fields are
    filled, and where two values differ the survivor's holds. Stops and opt-outs hold for the one person.

    Who is absorbed leaves their household; nobody else does. A household left empty becomes an alias of the survivor's,
    which takes over invitations and answers where it has none; its queued messages are cancelled, and what it was
    sent counts as sent. Answers that contradict each other are both kept, and the survivor's household's counts.

    Raises:
        NotFound: there is no such person that the actor may see.
        UsedWrongly: there are not two, or ``keep`` is none of them.
        Locked: one of them was changed this moment.
    """
    access.require(tx.actor, Permission.PEOPLE)
    found = {person.id: person for person in (people.find(tx, name) for name in names)}
    if len(found) < _FEWEST:
        raise UsedWrongly(
            "It takes two people to merge, and these are one already."
            if len(names) > 1
            else "Name two people.",
            "Write it as: parinaya people merge P12 P40. What was merged is shown by `people timeline`.",
        )
    stays = people.find(tx, keep).id if keep else None
    if stays is not None and stays not in found:
        raise UsedWrongly(
            f"{keep} is none of the people to merge.", "Name them among the others, and with --keep."
        )
    cluster = Cluster(tuple(found), stays)
    versions = {person.id: person.version for person in found.values()}
    merged, skipped = tx.retried(lambda: _merge(tx, [cluster], versions, None, dry_run))
    if skipped:
        raise Locked("One of them was changed just now.", "Look at them and try again.")
    return merged[0]


def merge_many(
    tx: Transaction,
    clusters: Sequence[Cluster],
    reason: str,
    together: uuid.UUID,
    versions: Mapping[uuid.UUID, int] | None = None,
) -> ManyReport:
    """Merge many clusters of people at once, each as ``merge`` does; ``together`` takes them all back.

    A cluster is skipped, and told, when one of its people was changed since ``versions``, is gone, was merged, or may
    not be seen by the actor.

    Raises:
        UsedWrongly: somebody is in two clusters, or a cluster has one person only.
    """
    access.require(tx.actor, Permission.PEOPLE)
    every = [person for cluster in clusters for person in cluster.people]
    if len(set(every)) != len(every):
        raise UsedWrongly("Somebody is in two clusters.", "Join these clusters first.")
    if any(len(cluster.people) < _FEWEST for cluster in clusters):
        raise UsedWrongly("A cluster of one person can't be merged.", "Leave it out.")
    tx.reason = tx.reason or reason
    merged, skipped = tx.retried(lambda: _merge(tx, clusters, versions or {}, together, False))
    return ManyReport(together, tuple(merged), tuple(skipped))


def _merge(
    tx: Transaction,
    clusters: Sequence[Cluster],
    versions: Mapping[uuid.UUID, int],
    together: uuid.UUID | None,
    dry_run: bool,
) -> tuple[list[MergeReport], list[Skipped]]:
    ids = sorted(person for cluster in clusters for person in cluster.people)
    rows.lock(tx, ids)
    world, ground = rows.load(tx, ids)
    pairs: list[tuple[Pair, Made]] = []
    skipped: list[Skipped] = []
    homes: set[str] = set()
    fresh = iter(store.new_ids(tx, len(clusters)))
    for cluster in clusters:
        why = _unfit(tx, world, cluster, versions)
        if why:
            skipped.append(Skipped(cluster.people, why))
            continue
        pair = merges.begin(world, ground, cluster)
        merges.merge_people(world, ground, pair)
        homes.update(merge_homes(world, ground, pair))
        pairs.append((pair, Made(next(fresh), pair.survivor, pair.absorbed, world.take_log())))
    reports = [_report(world, pair) for pair, _ in pairs]
    if not dry_run and pairs:
        _write(tx, world, pairs, sorted(map(uuid.UUID, homes)), together)
        for report in reports:
            _audit(tx, report)
    return reports, skipped


def _unfit(tx: Transaction, world: World, cluster: Cluster, versions: Mapping[uuid.UUID, int]) -> str:
    """Why a cluster can't be merged, the plainest reason first; empty when it can."""
    found: set[str] = set()
    for one in cluster.people:
        row = world.get("people", str(one))
        if row is None or row["removed_at"]:
            found.add("gone")
        elif tx.actor.sides is not None and row["side"] not in tx.actor.sides:
            found.add("hidden")
        elif row["merged_into"]:
            found.add("merged")
        elif versions.get(one, row["version"]) != row["version"]:
            found.add("changed")
    return next((why for why in ("hidden", "gone", "merged", "changed") if why in found), "")


def _write(
    tx: Transaction,
    world: World,
    pairs: Sequence[tuple[Pair, Made]],
    homes: Sequence[uuid.UUID],
    together: uuid.UUID | None,
) -> None:
    rows.write(tx, world)
    rows.bump(tx, [one for pair, _ in pairs for one in pair.people])
    gone = [(one, pair.survivor) for pair, _ in pairs for one in pair.absorbed]
    rows.give_sources(tx, [one for one, _ in gone], [stays for _, stays in gone])
    store.insert(tx, [made for _, made in pairs], together)
    rows.bump_units(tx, homes)
    unit_store.refresh_from_members(tx, homes)
    tx.renew_statistics(len(gone), "people", "person_contacts", "person_sources", "merges", "merge_changes")


def _report(world: World, pair: Pair) -> MergeReport:
    names = [ref_of(world.row("people", one)) for one in pair.people]
    return MergeReport(
        names[0],
        uuid.UUID(pair.survivor),
        tuple(names[1:]),
        tuple(pair.choices),
        tuple(pair.notes),
        tuple(pair.conflicts),
    )


def _audit(tx: Transaction, report: MergeReport) -> None:
    """Who was merged into whom, and whose value of each field is kept: refs only, which need not be forgotten."""
    kept = {one.field: one.whose or "several" for one in report.choices}
    told = {"absorbed": list(report.absorbed), "kept": kept, "contradicting_answers": len(report.conflicts)}
    tx.audit("person.merge", "person", ref=report.survivor, entity_id=report.survivor_id, after=told)
