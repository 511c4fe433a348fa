"""``parinaya people remove``, ``restore`` and ``erase``: taking people out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Result
from parinaya_cli.cli.people_find import Who
from parinaya_cli.cli.people_lists import app
from parinaya_cli.domain.errors import ParinayaError

if TYPE_CHECKING:
    from parinaya_cli.services.erasures import Certificate
    from parinaya_cli.services.removals import RemovalReport


@verb(
    app,
    "remove",
    hard=True,
    examples=[
        "parinaya people remove P12 --reason 'not invited after all' --dry-run",
        "parinaya people remove P12 P13 --yes",
        "parinaya people remove P12 --with-household --yes",
    ],
)
def remove(
    call: Call,
    people: Annotated[list[str], typer.Argument(metavar="PERSON...", help="Refs of people, such as P12.")],
    with_household: Annotated[
        bool,
        typer.Option(
            "--with-household", help="Take a household that is left empty off its guest lists as well."
        ),
    ] = False,
) -> Result:
    """Remove people: they are listed, messaged and counted no more.

    Their refs and their history stay, and `people restore` brings them back. The same list does not.
    """
    from parinaya_cli.services import removals

    with call.app().begin() as tx:
        plan = removals.remove(tx, people, with_household=with_household, dry_run=True)
    names = ", ".join(f"{person.ref} {person.full_name}" for person in plan.people[:5])
    count = len(plan.people)
    confirm(call, f"Remove {names}{f' and {count - 5} more' if count > 5 else ''}?")
    report = plan
    if not call.dry_run:
        with call.app().begin(reason=call.reason) as tx:
            report = removals.remove(tx, people, with_household=with_household)
    return Result(_document(report, call.dry_run), "\n".join(_lines(report, call.dry_run)))


def _document(report: RemovalReport, dry_run: bool) -> dict[str, object]:
    return {
        "removed": len(report.people),
        "items": [{"ref": one.ref, "full_name": one.full_name, "unit": one.unit} for one in report.people],
        "units": [
            {"ref": one.unit, "label": one.label, "primary": one.primary, "ended": one.ended}
            for one in report.units
        ],
        "cancelled_messages": report.cancelled,
        "dry_run": dry_run,
    }


def _lines(report: RemovalReport, dry_run: bool) -> Iterator[str]:
    is_, gets = ("would be", "would get") if dry_run else ("is", "gets")
    for person in report.people:
        yield f"{person.ref} {person.full_name} {is_} removed."
    for unit in report.units:
        if unit.ended:
            lists = f", and off the lists of {', '.join(unit.events)}" if unit.events else ""
            yield f"{unit.unit} {unit.label} {is_} gone with them{lists}."
        else:
            yield f"{unit.unit} {unit.label}: {unit.primary} {gets} its messages."
    if report.cancelled:
        yield f"Messages that were queued to them and {'would be' if dry_run else 'are'} cancelled: {report.cancelled}."
    if not dry_run:
        refs = " ".join(person.ref for person in report.people)
        yield f"To take it back: parinaya people restore {refs}"


@verb(
    app,
    "restore",
    changes=True,
    examples=[
        "parinaya people restore P12",
        "parinaya people restore P12 P13 --reason 'they come after all'",
    ],
)
def restore(
    call: Call,
    people: Annotated[list[str], typer.Argument(metavar="PERSON...", help="Refs of people, such as P12.")],
) -> Result:
    """Bring removed people back, into the households and onto the guest lists that they were on."""
    from parinaya_cli.services import people as service
    from parinaya_cli.services import removals

    with call.app().begin(reason=call.reason) as tx:
        found = [removals.restore(tx, name) for name in people]
        documents = [service.document(tx, person) for person in found]
    told = [
        f"{one.ref} {one.full_name} is a guest again{f', in {one.unit}' if one.unit else ''}."
        for one in found
    ]
    one_person = documents[0] if len(documents) == 1 else {}
    return Result({**one_person, "items": documents, "total": len(documents)}, "\n".join(told))


@verb(
    app,
    "erase",
    hard=True,
    needs_reason=True,
    examples=[
        "parinaya people erase P12 --dry-run --reason 'asked for it on the phone'",
        "parinaya people erase P12 --yes --reason 'asked for it on the phone, 3 May'",
    ],
)
def erase(call: Call, person: Who) -> Result:
    """Forget a person: their data is removed for good, in messages and stored deliveries too.

    Seats, answers and counts stay, without the name; the audit log still verifies. Files in PARINAYA_HOME that name
    them, exported or rejected, are deleted, and a backup that is brought back forgets them again. Files elsewhere are
    not reached. It can't be taken back.
    """
    from parinaya_cli.services import erasures

    with call.app().begin(reason=call.reason) as tx:
        told = erasures.erase(tx, person, reason=call.reason, dry_run=True)
        zone = tx.wedding.zone
    confirm(call, f"Forget {told.ref} for good?")
    files: list[str] = []
    if not call.dry_run:
        with call.app().begin(reason=call.reason) as tx:
            told = erasures.erase(tx, person, reason=call.reason)
        _afterwards(call)
        files = call.app().clear_files_naming(told.texts)
    at = told.erased_at.astimezone(zone)
    document: dict[str, object] = {
        "ref": told.ref,
        "erased_at": None if call.dry_run else at,
        "tables": told.tables,
        "contact_points": told.contact_points,
        "deliveries": told.deliveries,
        "files": files,
        "dry_run": call.dry_run,
    }
    return Result(document, _forgotten(told, at, call.dry_run, files))


def _afterwards(call: Call) -> None:
    """Who was forgotten is kept outside of the database, so that a restored backup forgets them again; and what
    Postgres has noted for itself goes too."""
    from parinaya_cli.services import erasures, retention

    opened = call.app()
    try:
        with opened.begin(bound=False) as tx:
            retention.keep_list(tx, opened.erasure_places)
    except ParinayaError as error:
        call.out.warn(f"A restored backup would not know of it yet: {error.message} {error.hint}")
    try:
        erasures.forget_notes(lambda: opened.begin(bound=False))
    except ParinayaError as error:
        call.out.warn(f"Postgres's own statistics may name them for some days yet: {error.message}")


def _forgotten(told: Certificate, at: datetime, dry_run: bool, files: Sequence[str]) -> str:
    if dry_run:
        return (
            f"{told.ref} would be forgotten, with {told.contact_points} contact points that are nobody else's and "
            f"the text of {told.deliveries} stored deliveries."
        )
    if not told.tables:
        return f"{told.ref} was forgotten already, on {at:%d %b %Y}."
    rows = ", ".join(f"{table} {count}" for table, count in told.tables.items())
    return (
        f"{told.ref} is forgotten. Rows overwritten or emptied: {rows}.\n"
        + (f"Files that named them are deleted: {', '.join(files)}.\n" if files else "")
        + "Not reached from here: files outside of PARINAYA_HOME, and what others were told."
    )
