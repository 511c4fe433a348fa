"""Forgetting a person: their data is gone from the database for good, and the audit log still verifies.

What lies outside the database is not reached from here: backups (``services.retention`` sees to these), files that were
exported or rejected, logs.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from parinaya_cli.domain import access, refs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.consent import OPT_OUT, ConsentEntry
from parinaya_cli.domain.erasures import ERASED, Traces, scrub, traces
from parinaya_cli.domain.errors import Locked, NotFound, UsedWrongly
from parinaya_cli.services import units
from parinaya_cli.store import consent as consents
from parinaya_cli.store import duplicates, forgetting, forgetting_traces, invitations, merges, removals
from parinaya_cli.store import erasures as store
from parinaya_cli.store import units as unit_store
from parinaya_cli.store.forgetting import Subject
from parinaya_cli.store.removals import Removed
from parinaya_cli.store.transaction import Begin, Transaction


@dataclass(frozen=True)
class Certificate:
    """What was forgotten, or would be: rows of each table. ``deliveries``: stored ones that name the person; ``texts``:
    by which they were known, for files outside of the database."""

    ref: str
    erased_at: datetime
    tables: dict[str, int]
    contact_points: int
    deliveries: int
    texts: tuple[str, ...] = field(default=(), repr=False)


def erase(tx: Transaction, name: str, *, reason: str, dry_run: bool = False) -> Certificate:
    """Forget a person, and those who were merged into them.

    All their contact points that are nobody else's are opted out and become keyed hashes, messages that wait are
    cancelled, and texts are emptied wherever they stand. They stay in their household as somebody without a name,
    so that seats, answers and counts stay; messages go to another member. A list that names them again is told.

    Raises:
        NotFound: there is no such person.
        UsedWrongly: no reason is given, or it names them: it stays in the audit log.
        Locked: a message to them, a delivery or a list is on its way this moment.
    """
    access.require(tx.actor, Permission.ADMIN)
    if not reason.strip():
        raise UsedWrongly("An erasure needs its reason.", "Give --reason TEXT.")
    person = removals.find_removed(tx, refs.read(name, refs.Kind.PERSON), None)
    if person is None:
        raise NotFound(f"There is no person {name!r}.", "See `parinaya people list`.")
    ref = refs.make(refs.Kind.PERSON, person.number)
    if person.erased_at is not None:
        return Certificate(ref, person.erased_at, {}, 0, 0)
    subject = forgetting.find(tx, person.id)
    known = traces(subject.names, subject.unique, subject.values, subject.raws)
    if scrub(reason, known.at_home) != reason:
        raise UsedWrongly(
            "The reason names whoever is to be forgotten, and would stay in the audit log.",
            f"Say why without the name and the number, such as: --reason 'asked for it on the phone' (of {ref}).",
        )
    deliveries = _deliveries(tx, subject)
    if dry_run:
        return Certificate(ref, tx.now, {}, len(subject.points), len(deliveries))
    _lock(tx, person, subject)
    tables = _forget(tx, subject, known, deliveries)
    told = {"tables": tables, "contact_points": len(subject.points), "deliveries": len(deliveries)}
    tx.audit("person.erase", "person", ref=ref, entity_id=person.id, after=told)
    return Certificate(ref, tx.now, tables, len(subject.points), len(deliveries), known.everywhere)


def forget_notes(begin: Begin) -> None:
    """Let Postgres forget what its planner had noted of columns before somebody was erased: it would tell an
    administrator names and phones until the next ANALYZE. For after the commit, since notes are made of what is there.

    Raises:
        Locked: a table is being worked on for too long.
    """
    for table in forgetting_traces.NOTED:
        with begin() as tx:
            access.require(tx.actor, Permission.ADMIN)
            forgetting_traces.note_anew(tx, table)


def _deliveries(tx: Transaction, subject: Subject) -> list[int]:
    numbers, waiting = forgetting_traces.find_deliveries(tx, subject)
    if waiting:
        raise Locked(
            "A delivery of WhatsApp that concerns them waits to be processed.",
            "Let it be: parinaya worker --burst. What failed is shown by `parinaya webhook list --state failed`.",
        )
    return numbers


def _lock(tx: Transaction, person: Removed, subject: Subject) -> None:
    """Nothing more happens to them until the commit; what has happened since they were read comes first."""
    removals.lock(tx, subject.people)
    if forgetting.is_importing(tx):
        raise Locked(
            "A list is being read, and may name them.", "Try again when `parinaya people imports` is done."
        )
    if forgetting.is_sending(tx, subject):
        raise Locked("A message to them leaves this moment.", "Try again in a minute.")
    if forgetting.find(tx, person.id) != subject:
        raise Locked("Something of them has changed just now.", "Try again.")


def _forget(tx: Transaction, subject: Subject, known: Traces, deliveries: list[int]) -> dict[str, int]:
    forgetting.begin(tx)
    store.add(tx, subject.values)
    alone = _leave_lead(tx, subject)
    counts: Counter[str] = Counter()
    counts["merge_changes"] = merges.forget(tx, subject.people)
    counts["duplicates"] = duplicates.forget(tx, subject.people)
    counts.update(forgetting.empty_messages(tx, subject))
    counts.update(forgetting.empty_ledgers(tx, subject, alone))
    for point in subject.points:
        entry = ConsentEntry(OPT_OUT, tx.now, tx.now, ERASED, "")
        consents.add(tx, point, entry, f"erase:{uuid.uuid4()}")
    counts.update(forgetting.overwrite_person(tx, subject))
    clean: Callable[[object], object] = partial(scrub, texts=known.at_home)
    if subject.unit_id is not None:
        for place in forgetting_traces.AT_HOME:
            counts[place.table] += forgetting_traces.sweep(tx, place, known.at_home, clean, subject.unit_id)
        unit_store.refresh_from_members(tx, [subject.unit_id])
    clean = partial(scrub, texts=known.everywhere)
    for place in forgetting_traces.EVERYWHERE:
        counts[place.table] += forgetting_traces.sweep(tx, place, known.everywhere, clean)
    counts["audit_values"] = forgetting_traces.forget_audited(tx, subject, known.everywhere)
    counts.update(forgetting_traces.empty_deliveries(tx, deliveries))
    return {table: count for table, count in sorted(counts.items()) if count}


def _leave_lead(tx: Transaction, subject: Subject) -> bool:
    """Let another member get the household's messages; returns whether there is none."""
    if subject.unit_id is None:
        return False
    unit = units.find(tx, str(subject.unit_id))
    others = [member.id for member in unit.members if member.id not in subject.people]
    if unit.primary_id is None or unit.primary_id in subject.people:
        removals.set_primary(tx, unit.id, units.choose_primary(tx, unit.id, subject.people))
    tx.touch_counts(invitations.events_of(tx, unit.id))
    return not others
