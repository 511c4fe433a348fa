"""``parinaya people import``: lists in. What is told of imports that were made stands in ``people_imports``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from parinaya_cli.cli import people_import, people_imports
from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Result
from parinaya_cli.cli.people_import import app, read_tags

__all__ = ["app"]

Side = Literal["bride", "groom", "both"]
Source = Annotated[
    str, typer.Argument(help="A CSV, XLSX or vCard file; - reads from stdin; google reads Google Contacts.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="HEADER=FIELD", help="What a column means; may be repeated."),
]
Preset = Annotated[
    str | None, typer.Option(help="Understand the columns as they were saved under this name.")
]
SavePreset = Annotated[str | None, typer.Option(help="Save under this name how the columns were understood.")]
Sheet = Annotated[str | None, typer.Option(help="Only this sheet of a workbook.")]
Group = Annotated[str | None, typer.Option(help="Only this group of Google Contacts.", metavar="NAME")]
Whose = Annotated[Side | None, typer.Option(help="Whose guests these are, where a row does not say.")]
Tags = Annotated[list[str] | None, typer.Option(help="A tag for all of them; may be repeated.")]
Region = Annotated[str | None, typer.Option(help="The country of phones without a country code, such as IN.")]
OptIn = Annotated[str | None, typer.Option(help="How and when they agreed to get messages, if they did.")]
Encoding = Annotated[str | None, typer.Option(help="What the file is written in, when it is not found out.")]
Name = Annotated[
    str | None,
    typer.Option("--source", help="What the list is called; the same list comes again under the same name."),
]
Background = Annotated[
    bool, typer.Option("--background", help="Let a worker import it: see `people imports`.")
]
Show = Annotated[int, typer.Option(min=0, help="How many rows of each kind --dry-run shows on a terminal.")]


@verb(
    app,
    "import",
    changes=True,
    dry_run=True,
    examples=[
        "parinaya people import bride_family.xlsx --side bride --dry-run",
        "parinaya people import groom_family.csv --side groom --map 'Guest=full_name' --save-preset 'his aunts'",
        "pbpaste | parinaya people import - --source 'the aunts' --preset 'his aunts'",
    ],
)
def import_list(
    call: Call,
    source: Source,
    columns: Columns = None,
    preset: Preset = None,
    save_preset: SavePreset = None,
    sheet: Sheet = None,
    group: Group = None,
    side: Whose = None,
    tag: Tags = None,
    region: Region = None,
    opt_in: OptIn = None,
    encoding: Encoding = None,
    name: Name = None,
    background: Background = False,
    show: Show = 5,
) -> Result:
    """Import a family's list.

    Importing the same list again changes nothing; changed rows update their people, but nothing that the team has
    changed since. --dry-run shows how the list is understood and what becomes of each row. Rejected rows are
    written to a file that can be mended and imported. Exit code 5: rows were rejected.
    """
    from parinaya_cli.services import imports, presets

    request = imports.ImportRequest(
        source=people_import.source_name(source, name),
        columns=people_import.read_map(columns or []),
        side=side,
        tags=read_tags(tag or []),
        region=people_import.read_region(region),
        opt_in=people_import.given_text(opt_in, "--opt-in"),
        dry_run=call.dry_run,
        sheet=people_import.given_text(sheet, "--sheet") or None,
    )
    if preset is not None:
        with call.app().begin() as tx:
            request = presets.apply(tx, preset, request)
            encoding = encoding or presets.find(tx, preset).options.encoding
    people_import.check_options(source, group, (encoding, request.sheet))
    if background:
        return people_imports.in_background(call, source, request, encoding, save_preset)
    done = people_import.run(call, source, request, group, encoding)
    if save_preset is not None and not call.dry_run:
        with call.app().begin(reason=call.reason) as tx:
            understood = [(one.header, one.field) for one in done.report.columns]
            presets.save(tx, save_preset, request, understood, encoding)
    return people_import.result(call, done, show)
