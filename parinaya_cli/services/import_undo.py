"""Taking an import back: whoever it made goes, whoever it changed is as before, and what was built on them stays."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, refs
from parinaya_cli.domain import units as households
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import Failed, NotFound
from parinaya_cli.domain.import_undo import REFUSALS, SENTENCES, Why, without_import
from parinaya_cli.domain.units import Candidate, PlannedUnit
from parinaya_cli.store import import_restore as restoring
from parinaya_cli.store import import_undo as store
from parinaya_cli.store import units as unit_store
from parinaya_cli.store.import_undo import Home, Judged, Undoable
from parinaya_cli.store.transaction import Begin, Transaction

_REFS_TOGETHER = 1000
"""Refs in one entry of the audit log."""


@dataclass(frozen=True)
class Taken:
    """Somebody who was taken back: ``what`` is removed or restored."""

    person: str
    full_name: str
    what: str


@dataclass(frozen=True)
class Left:
    """Somebody who stays, or keeps something. ``reason``: a word for programs; ``message``: a sentence."""

    person: str
    full_name: str
    reason: str
    message: str


@dataclass(frozen=True)
class UndoReport:
    """What taking an import back did, or would do. ``undone``: nothing is left of it.

    ``already``: it had been taken back before, and there was nothing to do. ``retracted``: the phones for which the
    import's attestation of opt-in does not count any more.
    """

    of: Undoable
    taken: tuple[Taken, ...]
    kept: tuple[Left, ...]
    refused: tuple[Left, ...]
    retracted: int
    undone: bool
    already: bool = False


class _Rehearsed(Exception):
    """Rolls a rehearsal back and carries its report out."""

    def __init__(self, report: UndoReport) -> None:
        self.report = report


def undo(begin: Begin, name: str, *, dry_run: bool = False) -> UndoReport:
    """Take an import back, in one transaction; ``dry_run`` takes the same path and is rolled back.

    **Whoever it made** is deleted with their rows of the list, their guest-list columns, and the phones and emails
    that nobody else has and of which nothing is remembered. They leave their household, which is described anew by
    who is left in it, and disappears when nobody is. That holds while nothing has been built on them. They are
    *kept*, with the first of these reasons: removed by hand, tagged, edited (their values are not those of the
    list), not to be messaged, named by another list, in a household that was made or changed by hand, invited,
    answered, written to, wrote to us, said whether they want messages.

    **Whoever it changed** gets back, field by field, what was there before; what somebody has changed since stays,
    and is told. Phones and emails that came with the import go, unless a message went to them or came from them
    since. The list's own memory goes back too, so that the next version of the list is compared with what it said
    before.

    **Refused** is who was merged since (unmerge first), and whose row a later import has changed (undo that first).

    **Opt-ins** that the import attested are retracted, but for the phones of those who stay; no opt-out is lifted.

    The import is marked as undone when nothing of it is left: as long as anybody is kept or refused, the same
    command can be given again, and takes back what has become free since. Refs are never given again: when the
    list is imported once more, its people get new ones.

    Raises:
        NotFound: there is no such import.
        Failed: it has not ended, or it failed and there is nothing to take back.
    """
    try:
        with begin() as tx:
            access.require(tx.actor, Permission.PEOPLE)
            report = tx.retried(lambda: _undo(tx, name))
            if dry_run:
                raise _Rehearsed(report)
            return report
    except _Rehearsed as rehearsal:
        return rehearsal.report


def _undo(tx: Transaction, name: str) -> UndoReport:
    found = store.find(tx, refs.read(name, refs.Kind.IMPORT))
    if found is None:
        raise NotFound(f"There is no import {name!r}.", "See `parinaya people imports`.")
    if found.state != "undone":
        _require_ended(found)
        found = store.begin(tx, found)
    if found.state == "undone":  # by somebody else, while this one waited
        return UndoReport(found, (), (), (), 0, undone=True, already=True)
    store.judge(tx, found)
    judged = store.list_judged(tx)
    retracted = store.retract(tx, found.id)
    _take_away(tx)
    changed = _restore(tx, found)
    store.delete_loose_points(tx)
    staying = [one for one in judged if one.why is not None]
    # A row that was changed is done with, whatever stays of it; a person who stays may go another time.
    whole = not any(one.made or one.why in REFUSALS for one in staying)
    store.finish(tx, found, whole=whole)
    report = UndoReport(
        found,
        taken=tuple(_taken(one) for one in judged if one.why is None and one.number not in changed),
        kept=tuple(
            _left(one) if one.why else _partly(one, changed[one.number])
            for one in judged
            if (one.why not in REFUSALS if one.why else one.number in changed)
        ),
        refused=tuple(_left(one) for one in staying if one.why in REFUSALS),
        retracted=retracted,
        undone=whole,
    )
    _audit(tx, report)
    return report


def _require_ended(found: Undoable) -> None:
    if found.state == "failed":
        raise Failed(
            f"{found.ref} failed: it has changed nothing.",
            f"See `parinaya people imports {found.ref}`.",
            code="nothing_to_undo",
        )
    if found.state != "done":
        raise Failed(
            f"{found.ref} has not ended yet.",
            "Wait until it is done: see `parinaya people imports`.",
            code="still_running",
        )


def _taken(one: Judged) -> Taken:
    return Taken(one.ref, one.full_name, "removed" if one.made else "restored")


def _left(one: Judged) -> Left:
    why = Why(str(one.why))
    later = refs.make(refs.Kind.IMPORT, one.blocker) if one.blocker else ""
    return Left(one.ref, one.full_name, why.value, SENTENCES[why].format(**{"import": later}))


def _partly(one: Judged, fields: Sequence[str]) -> Left:
    message = f"Changed since, so these stay as they are: {', '.join(fields)}."
    return Left(one.ref, one.full_name, Why.EDITED.value, message)


# ── whoever the import made ────────────────────────────────────────────────────────────────────────────


def _take_away(tx: Transaction) -> None:
    """Delete people, and describe the households anew that they leave.

    Where a label or a number of seats is not as the plan of households had it, it is left alone.
    """
    homes = store.list_homes(tx)
    ids = [home.id for home in homes]
    before = _planned(tx, ids)
    gone = store.delete_people(tx)
    after = _planned(tx, ids)
    for home in homes:
        was, now = before[home.id], after[home.id]
        stays = home.primary_id in now.members
        as_now = Home(
            home.id,
            now.label if home.label == was.label else home.label,
            now.extra_seats if home.extra_seats == was.extra_seats else home.extra_seats,
            home.primary_id if stays else now.primary,
        )
        store.describe_home(tx, as_now, sorted(now.duplicates))
    unit_store.refresh_from_members(tx, ids)
    tx.renew_statistics(gone, "people", "contact_points", "person_contacts", "person_sources")


def _planned(tx: Transaction, unit_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, PlannedUnit]:
    """These households as `units build` would describe their members."""
    groups: dict[uuid.UUID, list[Candidate]] = {}
    for person in unit_store.list_candidates(tx, unit_ids) if unit_ids else ():
        assert person.unit_id is not None
        groups.setdefault(person.unit_id, []).append(person)
    return {unit_id: households.describe(group) for unit_id, group in groups.items()}


# ── whoever it changed ─────────────────────────────────────────────────────────────────────────────────


def _restore(tx: Transaction, found: Undoable) -> dict[int, list[str]]:
    """Give back what was there before; what stays as somebody has made it since, by the number of the person."""
    stays: dict[int, list[str]] = {}
    while restoring.next_turn(tx, found.id):
        touched = restoring.list_touched(tx)
        restoring.restore_untouched(tx)
        given = []
        for one in touched:
            fields, kept = without_import(one.before, one.had, one.says, one.now)
            given.append((one.person_id, fields))
            if kept:
                stays.setdefault(one.ref_number, []).extend(kept)
        restoring.give_back(tx, given)
        for number in restoring.restore_contacts(tx, found.since):
            stays.setdefault(number, []).append("phones")
        people = restoring.restored_people(tx)
        restoring.restore_sources(tx)
        unit_store.refresh_of_people(tx, people)
    return stays


# ── the audit log ──────────────────────────────────────────────────────────────────────────────────────


def _audit(tx: Transaction, report: UndoReport) -> None:
    """One entry with the figures, and who was concerned: refs only."""
    counts = {
        "undone": len(report.taken), "kept": len(report.kept), "refused": len(report.refused),
        "opt_ins_retracted": report.retracted,
    }  # fmt: skip
    before = {"source": report.of.source, "created": report.of.created, "updated": report.of.updated}
    after = {**counts, "whole": report.undone}
    tx.audit(
        "people.undo_import", "import", ref=report.of.ref, entity_id=report.of.id, before=before, after=after
    )
    for what in ("removed", "restored"):
        people = [one.person for one in report.taken if one.what == what]
        for start in range(0, len(people), _REFS_TOGETHER):
            tx.audit(
                "people.undo_import",
                "import",
                ref=report.of.ref,
                entity_id=report.of.id,
                after={what: people[start : start + _REFS_TOGETHER]},
            )
