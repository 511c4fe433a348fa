"""``parinaya audit``: every change, who made it and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Fields, Result, items, record
from parinaya_cli.cli.text import local_times, readable_times

app = group("audit", "Every change, who made it and why.")


@verb(
    app,
    "list",
    examples=[
        "parinaya audit list --since 2027-02-01 --actor Meera",
        "parinaya audit list --action person --limit 20",
        "parinaya audit list --entity U5 --json",
    ],
)
def list_entries(
    call: Call,
    actor: Annotated[str | None, typer.Option(help="Who made the change.")] = None,
    action: Annotated[
        str | None, typer.Option(help="What was done, such as person.edit, or person for all of them.")
    ] = None,
    entity: Annotated[str | None, typer.Option(help="A kind of thing, such as unit, or a ref.")] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="From this day or time on: 2027-02-01, 2027-02-01T16:00."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
) -> Result:
    """List changes, the newest first."""
    from parinaya_cli.services import audit
    from parinaya_cli.services.audit import AuditQuery

    with call.app().begin() as tx:
        zone = tx.wedding.zone
        begin = _since(since, zone) if since is not None else None
        found, total = audit.list_entries(tx, AuditQuery(actor, action, entity, begin, limit))
    documents = [local_times(one, zone) for one in found]
    columns = [
        ("seq", "No."), ("at", "When"), ("actor", "Who"), ("action", "What"), ("ref", "Ref"), ("reason", "Why"),
    ]  # fmt: skip
    empty = "No change is like that." if actor or action or entity or since else "Nothing was changed yet."
    readable = readable_times if call.out.terminal else None
    return items(documents, columns, total=total, empty=empty, readable=readable)


def _since(text: str, zone: ZoneInfo) -> datetime:
    from parinaya_cli.domain.events import read_date, read_time

    if "T" in text or " " in text.strip():
        return read_time(text, zone)
    day = read_date(text)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


@verb(app, "show", examples=["parinaya audit show 12", "parinaya audit show 12 --json"])
def show(
    call: Call, number: Annotated[int, typer.Argument(metavar="N", help="The number of an entry.")]
) -> Result:
    """Show one change with what was before and after."""
    from parinaya_cli.services import audit

    with call.app().begin() as tx:
        document = local_times(audit.show(tx, number), tx.wedding.zone)
    told = dict(document)
    before, after = told.pop("before"), told.pop("after")
    was, now = (one if isinstance(one, dict) else {} for one in (before, after))
    for key in dict.fromkeys((*was, *now)):
        told[f"{key} before"], told[f"{key} after"] = was.get(key), now.get(key)
    if not call.out.terminal:
        return record(document)
    return Result(document, Fields(told, f"Entry {document['seq']}: {document['action']}", {}))


@verb(app, "verify", examples=["parinaya audit verify", "parinaya audit verify --json"])
def verify(call: Call) -> Result:
    """Check that no entry was changed, removed, put in or moved; exit code 1 when one was.

    The log is held against the checkpoints that are kept outside of the database, in PARINAYA_HOME/checkpoints and
    where PARINAYA_CHECKPOINTS says: they show that its end was not cut off. When all is well, new ones are kept.
    """
    from parinaya_cli.domain.errors import ParinayaError
    from parinaya_cli.services import audit, checkpoints

    opened = call.app()
    with opened.begin() as tx:
        verdict, places = audit.verify_against(tx, opened.checkpoint_places)
        if verdict.ok:
            try:
                checkpoints.keep(tx, opened.checkpoint_places, always=True)
            except ParinayaError as error:
                call.out.warn(f"No new checkpoint is kept everywhere. {error.message} {error.hint}")
    document: dict[str, object] = {
        "ok": verdict.ok,
        "entries": verdict.entries,
        "first_bad": verdict.first_bad,
        "reason": verdict.reason or None,
        "checkpoints": [vars(one) for one in places],
    }
    for one in places:
        if one.error:
            call.out.warn(f"The log was not held against the checkpoints at {one.place}: {one.error}")
        if one.foreign:
            call.out.warn(
                f"{one.foreign} lines of {one.place} are not signed with the key of this installation."
            )
        if one.forged:
            call.out.warn(
                f"{one.forged} lines of {one.place} name the key of this installation, which has not signed them."
            )
    if verdict.ok:
        kept = sum(one.kept for one in places)
        text = f"All {verdict.entries} entries are as they were written"
        return Result(document, f"{text}, and fit {kept} checkpoints." if kept else f"{text}.")
    what = verdict.reason.replace("_", " ")
    if verdict.first_bad is None:
        return Result(document, f"The log can't be trusted: {what}.", exit_code=1)
    return Result(document, f"The log is broken at entry {verdict.first_bad}: {what}.", exit_code=1)
