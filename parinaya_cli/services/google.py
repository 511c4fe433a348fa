"""Google Contacts in: the first time all of them, then what has changed. Who is deleted there stays here."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.ports import AddressBook, ContactsAsked, ContactsRead, OpenedList, Sheet, SyncPoint
from parinaya_cli.services import imports
from parinaya_cli.services.import_report import ShownColumn
from parinaya_cli.services.imports import Hooks, ImportReport, ImportRequest
from parinaya_cli.store import google as store
from parinaya_cli.store.google import Gone, Point
from parinaya_cli.store.transaction import Begin, Transaction


@dataclass(frozen=True)
class GoogleReport:
    """What an import of Google Contacts did. ``changes_only``: Google was asked for what has changed.

    ``gone``: people whom Google does not hold any more, or not in the groups that this wedding reads. They are
    proposals: nobody was removed.
    """

    report: ImportReport
    group: str
    changes_only: bool
    gone: tuple[Gone, ...]


_QUIET = Hooks()
_SAMPLE = 20  # rows by which columns are shown


class _Rehearsed(Exception):
    """Rolls a rehearsal back and carries its report out."""

    def __init__(self, report: GoogleReport) -> None:
        self.report = report


def import_google(
    begin: Begin,
    book: AddressBook,
    request: ImportRequest,
    group: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
    hooks: Hooks = _QUIET,
) -> GoogleReport:
    """Import contacts. Google is asked between two transactions: nothing is locked while it answers.

    The point from which to ask the next time is kept in the transaction of the import: both happen or none does. A
    rehearsal (``dry_run``) takes the same path and is rolled back, its point too.

    Raises:
        NotFound: there is no such group.
        UsedWrongly: nobody is signed in, or this list came from another account before.
        Failed, Unreachable: Google refused, or can't be reached.
    """
    with begin() as tx:
        asked = _what_to_ask(tx, request, group)
    read = book.read(asked)
    try:
        with begin() as tx:
            report = _take_in(tx, read, request, progress, hooks)
            if request.dry_run:
                raise _Rehearsed(report)
            return report
    except _Rehearsed as rehearsal:
        return rehearsal.report


def _what_to_ask(tx: Transaction, request: ImportRequest, group: str | None) -> ContactsAsked:
    access.require(tx.actor, Permission.PEOPLE)
    region = request.region or tx.wedding.region
    undone = store.last_undone(tx, request.source)
    known = {
        point.scope: SyncPoint(point.token, point.parameters)
        for point in store.list_points(tx, request.source)
        if undone is None or point.synced_at > undone  # what was taken back has to come again
    }
    return ContactsAsked(group, region, _options(request), known)


def _options(request: ImportRequest) -> dict[str, str]:
    """What of the request changes every row: with other options, unchanged contacts have to come again too."""
    told = {
        "columns": dict(request.columns),
        "preset": dict(request.preset),
        "side": request.side,
        "tags": list(request.tags),
        "opt_in": request.opt_in,
    }
    return {"options": json.dumps(told, ensure_ascii=False, sort_keys=True)}


def _take_in(
    tx: Transaction,
    read: ContactsRead,
    request: ImportRequest,
    progress: Callable[[int], None],
    hooks: Hooks,
) -> GoogleReport:
    access.require(tx.actor, Permission.PEOPLE)
    points = store.list_points(tx, request.source)
    _same_account(request.source, read.account, points)
    if read.renamed:
        store.rename(tx, request.source, read.renamed)
    known = store.known_ids(tx, request.source)
    if not (read.changes_only or read.rows or known):
        where = f"The group “{read.group}” of Google Contacts" if read.group else "Google Contacts"
        raise UsedWrongly(f"{where} holds nobody.", "See its groups with `parinaya google status`.")
    report = imports.import_into(tx, _opened(read, request), request, progress, hooks=hooks)
    report.columns = _filled(report, read)
    gone = _mark(tx, read, request.source, known, {point.scope for point in points})
    if gone:
        tx.audit("people.gone", "import", ref=report.ref, after={"gone": [one.person for one in gone]})
    if read.point is not None:
        fresh = Point(read.scope, read.account, read.point.token, read.point.parameters, tx.now)
        store.save_point(tx, request.source, fresh)
    return GoogleReport(report, read.group, read.changes_only, tuple(gone))


def _same_account(source: str, account: str, points: Collection[Point]) -> None:
    """Refuse the contacts of somebody else under the name of this list: everybody would seem to be gone."""
    others = {point.account for point in points if point.account} - {account}
    if account and others:
        raise UsedWrongly(
            f"{source} came from another Google account before.",
            "Sign in with that account, or give this one a name of its own with --source.",
            code="other_account",
        )


def _opened(read: ContactsRead, request: ImportRequest) -> OpenedList:
    """The contacts as a list of one sheet. Columns that --map names are there, also if no changed contact has them."""
    missing = [title for title in request.columns if title not in read.header] if read.changes_only else []
    rows = enumerate((list(cells) for cells in read.rows), start=1)
    sheet = Sheet([*read.header, *missing], iter(list(rows)), sample=read.rows[:_SAMPLE])
    return OpenedList(request.source, "google", iter([sheet]), notes=read.notes, partial=True)


def _filled(report: ImportReport, read: ContactsRead) -> tuple[ShownColumn, ...]:
    """The columns that are worth showing: those in which a contact has something."""
    filled = {title for title, *cells in zip(read.header, *read.rows, strict=True) if any(cells)}
    return tuple(one for one in report.columns if one.header in filled)


def _mark(
    tx: Transaction, read: ContactsRead, source: str, known: Collection[str], scopes: Collection[str]
) -> list[Gone]:
    """Note who is gone: whoever was deleted, or is in none of the groups that this wedding has read.

    ``known``: the ids that the list has named before; ``scopes``: what was read before, the empty one for all
    contacts. After a reading of everything, who did not come is gone; after one of changes, nobody is missing.
    """
    wanted = {*scopes, read.scope}
    there = {one for one, groups in read.outside.items() if "" in wanted or groups & wanted}
    there |= read.present
    gone = read.deleted | (set(read.outside) - there)
    if not read.changes_only:
        gone |= set(known) - read.present - set(read.outside)
    store.mark_back(tx, source, there)
    return store.mark_gone(tx, source, gone & set(known))
