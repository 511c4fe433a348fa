"""``parinaya people merge`` and ``unmerge``: two rows that are one person, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Result
from parinaya_cli.cli.people_find import Who
from parinaya_cli.cli.people_lists import app
from parinaya_cli.cli.text import shown

if TYPE_CHECKING:
    from rich.console import Console

    from parinaya_cli.domain.merges import Choice
    from parinaya_cli.services.merges import MergeReport

_WORDS = {
    "full_name": "name",
    "events": "wanted at",
    "do_not_message_at": "not to be messaged",
    "party_size": "party size",
    "extra_seats": "extra seats",
    "unit": "household",
    "household": "household in the list",
}


@verb(
    app,
    "merge",
    hard=True,
    examples=[
        "parinaya people merge P12 P40 --dry-run",
        "parinaya people merge P12 P40 P41 --keep P40 --reason 'her maiden name' --yes",
    ],
)
def merge(
    call: Call,
    people: Annotated[list[str], typer.Argument(metavar="PERSON...", help="Refs of people who are one.")],
    keep: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help="Who stays; else whoever has most to do with the wedding."),
    ] = None,
) -> Result:
    """Merge people who are one person; `people unmerge` takes it back.

    Nothing is lost: phones, emails, lists, tags and notes are united, empty fields are filled, and where two values
    differ the one of whoever stays holds. That is --keep, else who has answered, was written to or is invited, else
    whose row says most, else the lowest number. Stops hold. Nobody else leaves a household.
    """
    from parinaya_cli.services import merges
    from parinaya_cli.services import people as service

    with call.app().begin() as tx:
        plan = merges.merge(tx, people, keep=keep, dry_run=True)
        document = service.whole(tx, service.find(tx, plan.survivor))
    if not (call.yes or call.dry_run or call.out.json):
        _picture(plan)(call.out.console(call.out.stderr))
    confirm(call, f"Merge {', '.join(plan.absorbed)} into {plan.survivor}?")
    if not call.dry_run:
        with call.app().begin(reason=call.reason) as tx:
            plan = merges.merge(tx, people, keep=plan.survivor)
            document = service.whole(tx, service.find(tx, plan.survivor))
    return Result({**document, **_told(plan), "dry_run": call.dry_run}, _read(plan, call))


def _told(plan: MergeReport) -> dict[str, object]:
    return {
        "merged": list(plan.absorbed),
        "fields": [
            {
                "field": one.field,
                "before": dict(one.before),
                "after": one.after,
                "kept": one.whose,
                "why": one.why,
            }
            for one in plan.choices
        ],
        "households": list(plan.notes),
        "conflicts": list(plan.conflicts),
    }


def _read(plan: MergeReport, call: Call) -> Callable[[Console], None]:
    def draw(console: Console) -> None:
        if call.yes or call.dry_run:
            _picture(plan)(console)
        names = ", ".join(plan.absorbed)
        if call.dry_run:
            console.print(f"{names} would be merged into {plan.survivor}.", soft_wrap=True)
            return
        console.print(
            f"{names} {'is' if len(plan.absorbed) == 1 else 'are'} {plan.survivor} now.", soft_wrap=True
        )
        console.print(f"To take it back: parinaya people unmerge {plan.absorbed[0]}", soft_wrap=True)

    return draw


def _picture(plan: MergeReport) -> Callable[[Console], None]:
    """Field by field: each person's value, what is kept, and why; then what becomes of the households."""
    from parinaya_cli.cli.tables import print_rows

    refs = [plan.survivor, *plan.absorbed]
    columns = [("field", ""), *((ref, ref) for ref in refs), ("after", "Afterwards"), ("why", "Why")]

    def draw(console: Console) -> None:
        print_rows(console, list(_rows(plan, refs)), columns)
        for line in (*plan.notes, *(f"Both have answered {one}" for one in plan.conflicts)):
            console.print(line, soft_wrap=True)

    return draw


def _rows(plan: MergeReport, refs: list[str]) -> Iterator[dict[str, object]]:
    for one in plan.choices:
        if one.field == "extra":
            yield from _extra(one, refs)
            continue
        yield {
            "field": _WORDS.get(one.field, one.field),
            **{ref: shown(_dialled(one.before.get(ref))) for ref in refs},
            "after": shown(_dialled(one.after)),
            "why": one.why,
        }


def _dialled(value: object) -> object:
    """Phones among the values, grouped as they are dialled."""
    from parinaya_cli.domain.phones import show

    if isinstance(value, list):
        return [show(one) if isinstance(one, str) and one.startswith("+") else one for one in value]
    return value


def _extra(one: Choice, refs: list[str]) -> Iterator[dict[str, object]]:
    """The columns without a field of their own, each in a line."""
    after = one.after if isinstance(one.after, dict) else {}
    for name, value in after.items():
        rows = {ref: row for ref in refs if isinstance(row := one.before.get(ref), dict)}
        yield {
            "field": name,
            **{ref: shown(row.get(name)) for ref, row in rows.items()},
            "after": shown(value),
            "why": one.why,
        }


@verb(
    app,
    "unmerge",
    hard=True,
    examples=[
        "parinaya people unmerge P40 --dry-run",
        "parinaya people unmerge P12 --yes --reason 'two cousins'",
    ],
)
def unmerge(call: Call, person: Who) -> Result:
    """Take a merge apart: everybody is as before.

    The ref of somebody who was merged away names the merge; the ref of whoever stayed means the last one. What came
    since goes to whoever has the phone that it came from. A stop since then holds for all of them. What was built on
    the merge and stands in the way is named.
    """
    from parinaya_cli.services import merge_undo
    from parinaya_cli.services import people as service

    with call.app().begin() as tx:
        found = merge_undo.unmerge(tx, person, dry_run=True)
    names = ", ".join(found.names)
    confirm(call, f"Take {names} and {found.survivor} apart?")
    items: list[dict[str, object]] = []
    if not call.dry_run:
        with call.app().begin(reason=call.reason) as tx:
            merge_undo.unmerge(tx, found.names[0])
            items = [service.document(tx, service.find(tx, ref)) for ref in (found.survivor, *found.names)]
    told = {"ref": found.survivor, "unmerged": found.names, "items": items, "dry_run": call.dry_run}
    would = "would be" if call.dry_run else "are"
    return Result(told, f"{found.survivor} and {names} {would} people of their own again.")
