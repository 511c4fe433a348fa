"""Keeping nothing longer than its purpose lasts, and forgetting again whom a restored backup brings back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from parinaya_cli.domain import access, forgotten, refs
from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.domain.forgotten import Forgotten
from parinaya_cli.domain.retention import wedding_of
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.ports import CheckpointPlace
from parinaya_cli.services import erasures
from parinaya_cli.store import retention as store
from parinaya_cli.store import weddings
from parinaya_cli.store.transaction import Begin, Transaction

AGAIN = timedelta(hours=20)
"""All that may be over is gone through no more often than this: it reads every message."""

SLICE = 2000
PEOPLE = 200
"""Rows emptied in one transaction, and people forgotten in one run."""


@dataclass(frozen=True)
class Terms:
    """For how many days things are kept where a wedding says nothing else. ``clear_files``: takes away files that were
    exported or rejected before the time that is told for their path (None: they stay), or only counts them;
    ``places``: where it is kept who was forgotten."""

    deliveries: int = 14
    texts: int = 7
    files: int = 30
    clear_files: Callable[[Callable[[str], datetime | None], bool], int] | None = None
    places: Sequence[CheckpointPlace] = ()


@dataclass(frozen=True)
class Gone:
    """What was over, and what of it is gone now; ``left``: what a person has to look at."""

    found: int
    gone: int
    left: tuple[str, ...] = ()


def run(begin: Begin, terms: Terms, *, mend: bool) -> Gone:
    """Let go of what is over: bodies of processed deliveries, texts of settled messages, files, and the guests of
    weddings that say so. Bounded, safe to kill, and quick when it ran within the day. A legal hold keeps everything of
    its wedding, and deliveries and files that belong to no single one.
    """
    with begin() as tx:
        now, last, there = tx.now, store.last_run(tx), weddings.list_weddings(tx)
    if last is not None and now - last < AGAIN:
        return Gone(0, 0)
    told: dict[str, int] = {}
    told["texts"] = _sweep(begin, terms.texts, mend, store.count_old_texts, store.empty_texts)
    if not any(wedding.legal_hold for wedding in there):
        told["deliveries"] = _sweep(begin, terms.deliveries, mend, store.count_old_bodies, store.empty_bodies)
    if terms.clear_files is not None:
        told["files"] = terms.clear_files(_file_terms(there, terms.files, now), mend)
    guests, left = _guests(begin, mend)
    if mend and guests:
        erasures.forget_notes(begin)
    told["people"] = guests
    found = sum(told.values())
    if mend:
        with begin() as tx:
            if guests < PEOPLE:
                store.note_run(tx)
            if found:
                tx.audit("retention.run", "installation", after={key: n for key, n in told.items() if n})
    return Gone(found + len(left), found if mend else 0, tuple(left))


def _file_terms(there: Sequence[Wedding], days: int, now: datetime) -> Callable[[str], datetime | None]:
    """Before which time a file of this path goes: as its wedding says; a hold keeps it."""
    held = any(wedding.legal_hold for wedding in there)
    by_slug = {wedding.slug: wedding for wedding in there}

    def before(path: str) -> datetime | None:
        wedding = by_slug.get(wedding_of(path, by_slug) or "")
        if wedding is None:
            return None if held else now - timedelta(days=days)
        return None if wedding.legal_hold else now - timedelta(days=wedding.keep_files or days)

    return before


def _sweep(
    begin: Begin,
    days: int,
    mend: bool,
    count: Callable[[Transaction, int], int],
    empty: Callable[[Transaction, int, int], int],
) -> int:
    if not mend:
        with begin() as tx:
            return count(tx, days)
    done = 0
    while True:
        with begin() as tx:
            emptied = empty(tx, days, SLICE)
        done += emptied
        if emptied < SLICE:
            return done


def _guests(begin: Begin, mend: bool) -> tuple[int, list[str]]:
    """The guests of weddings that are over, as many as one run may forget."""
    with begin() as tx:
        over = store.list_over(tx)
    done, left = 0, []
    for wedding_id in over:
        with begin() as tx:
            wedding = weddings.find_wedding(tx, wedding_id)
            assert wedding is not None
            with tx.within(wedding):
                numbers = store.list_people(tx, PEOPLE - done)
        if not mend:
            done += len(numbers)
            continue
        for number in numbers:
            with begin() as tx, tx.within(wedding), _by_itself(tx, "the wedding is over"):
                why = _forget(tx, number)
            done += not why
            left += [f"{wedding.slug}: {why}"] if why else []
    return done, left


@contextmanager
def _by_itself(tx: Transaction, reason: str) -> Iterator[None]:
    """The owners have ordered it beforehand: parinaya does it, whoever started the run."""
    actor, said = tx.actor, tx.reason
    tx.actor, tx.reason = access.system(actor.channel), reason
    try:
        yield
    finally:
        tx.actor, tx.reason = actor, said


def _forget(tx: Transaction, number: int) -> str:
    """Forget somebody; returns why that could not be, or nothing."""
    ref = refs.make(refs.Kind.PERSON, number)
    try:
        with tx.savepoint():
            erasures.erase(tx, ref, reason=tx.reason)
    except ParinayaError as error:
        return f"{ref} was not forgotten: {error.message}"
    return ""


# ── a restored backup forgets again ────────────────────────────────────────────────────────────────────


def keep_list(tx: Transaction, places: Sequence[CheckpointPlace]) -> int:
    """Write down outside of the database who was forgotten and is not there yet; returns how many.

    Raises:
        Failed, Unreachable: a place can't be used.
    """
    everybody = store.list_forgotten(tx)
    new: set[Forgotten] = set()
    for place in places if everybody else ():
        missing = everybody - forgotten.read(place.read(), tx.audit_key)
        if missing:
            place.add([forgotten.write(one, tx.audit_key) for one in sorted(missing)])
        new |= missing
    return len(new)


def forget_again(begin: Begin, places: Sequence[CheckpointPlace], *, mend: bool = True) -> Gone:
    """Forget those who were forgotten before a backup was brought back that knows them still.

    Raises:
        Failed, Unreachable: a place can't be used.
    """
    with begin() as tx:
        known = {one for place in places for one in forgotten.read(place.read(), tx.audit_key)}
        back = store.list_back(tx, known) if known else []
    gone, left = 0, []
    for one, number, merged_into in back if mend else ():
        with begin() as tx:
            wedding = weddings.find_wedding(tx, one.wedding_id)
            assert wedding is not None
            ref = refs.make(refs.Kind.PERSON, number)
            if merged_into is not None and Forgotten(one.wedding_id, merged_into) not in known:
                left.append(f"{wedding.slug}: {ref} asked to be forgotten, and is part of somebody else here")
                continue
            with tx.within(wedding), _by_itself(tx, "forgotten before the backup was brought back"):
                why = "" if merged_into is not None else _forget(tx, number)
        gone += not why
        left += [f"{wedding.slug}: {why}"] if why else []
    if gone:
        erasures.forget_notes(begin)
    return Gone(len(back), gone, tuple(left))
