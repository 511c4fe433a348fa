"""``parinaya people presets`` and ``drop-preset``: how lists are understood, remembered under a name."""

from __future__ import annotations

from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.cli.people_lists import app
from parinaya_cli.cli.text import local_times, readable_times

__all__ = ["app"]


@verb(app, "presets", examples=["parinaya people presets", "parinaya people presets --json"])
def list_presets(call: Call) -> Result:
    """List the presets: how the columns of lists are understood, saved with `people import --save-preset`."""
    from parinaya_cli.services import presets

    with call.app().begin() as tx:
        zone = tx.wedding.zone
        found = [presets.document(preset) for preset in presets.list_presets(tx)]
    if call.out.json:
        rows = found
    else:
        rows = [{**one, "columns": _columns(one["columns"])} for one in found]
    return items(
        [local_times(row, zone) for row in rows],
        [("name", "Name"), ("source", "Saved from"), ("columns", "Columns"), ("updated_at", "When")],
        empty="No preset is saved. Save one with: parinaya people import FILE --save-preset NAME",
        readable=readable_times if call.out.terminal else None,
    )


def _columns(columns: object) -> str:
    assert isinstance(columns, dict)
    return ", ".join(f"{header}={field}" for header, field in columns.items())


@verb(
    app,
    "drop-preset",
    changes=True,
    examples=[
        "parinaya people drop-preset 'the aunts'",
        "parinaya people drop-preset 'the aunts' --reason 'she writes another list now'",
    ],
)
def drop_preset(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name that it was saved under.")],
) -> Result:
    """Forget a preset.

    Lists that were imported with it stay as they are.
    """
    from parinaya_cli.services import presets

    with call.app().begin(reason=call.reason) as tx:
        gone = presets.remove(tx, name)
    return Result({"name": gone.name, "dropped": True}, f"The preset {gone.name} is forgotten.")
