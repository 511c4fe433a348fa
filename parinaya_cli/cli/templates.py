"""``parinaya templates``: message templates approved by Meta, and what fills their parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.cli.text import local_times
from parinaya_cli.domain.errors import NotFound, UsedWrongly

app = group("templates", "Message templates approved by Meta.")

Name = Annotated[str, typer.Argument(metavar="TEMPLATE", help="The name of a template.")]


@verb(app, "sync", changes=True, examples=["parinaya templates sync", "parinaya templates sync --json"])
def sync(call: Call) -> Result:
    """Fetch the templates of the WhatsApp account: new ones, new states, those that are gone."""
    from parinaya_cli.services import templates

    report = templates.sync(lambda: call.app().begin(reason=call.reason), call.app().whatsapp)
    return Result(
        vars(report),
        f"{report.new} new, {report.changed} changed, {report.unchanged} as they were, {report.gone} gone.",
    )


@verb(app, "list", examples=["parinaya templates list", "parinaya templates list --json"])
def list_templates(call: Call) -> Result:
    """List the templates, each in each of its languages."""
    from parinaya_cli.services import templates

    with call.app().begin() as tx:
        zone = tx.wedding.zone
        documents = [local_times(templates.document(one), zone) for one in templates.list_templates(tx)]
    columns = [
        ("name", "Template"), ("language", "Language"), ("category", "Category"), ("status", "Status"),
        ("quality", "Quality"), ("mapped", "Mapped"),
    ]  # fmt: skip
    return items(documents, columns, empty="No templates are known yet. Fetch them: parinaya templates sync")


@verb(
    app,
    "show",
    examples=["parinaya templates show wedding_invitation", "parinaya templates show save_the_date -l hi"],
)
def show(
    call: Call,
    template: Name,
    language: Annotated[str | None, typer.Option("--language", "-l", help="In one language only.")] = None,
) -> Result:
    """Show a template as a guest reads it, with the names of the fields where they are filled in."""
    from parinaya_cli.services import templates

    with call.app().begin() as tx:
        zone = tx.wedding.zone
        found = [local_times(templates.document(one), zone) for one in templates.versions(tx, template)]
    chosen = [one for one in found if language in {None, one["language"]}]
    if not chosen:
        known = ", ".join(str(one["language"]) for one in found)
        raise NotFound(f"{template} does not exist in {language!r}.", f"It exists in: {known}.")
    return _versions(template, chosen)


def _versions(name: str, documents: Sequence[Mapping[str, object]], first: str = "") -> Result:
    texts = [first] if first else []
    for one in documents:
        told = [f"{name} ({one['language']}), {one['category']}, {one['status']}", ""]
        told += [f"  {line}" for line in str(one["text"]).splitlines()]
        mapping = one["mapping"]
        missing = [p for p, field in mapping.items() if field is None] if isinstance(mapping, dict) else []
        if missing:
            what = f"parinaya templates map {name} {missing[0]}=FIELD"
            told += ["", f"Nothing fills {', '.join(missing)} yet: {what}"]
        texts.append("\n".join(told))
    return Result({"name": name, "items": list(documents), "total": len(documents)}, "\n\n".join(texts))


@verb(
    app,
    "map",
    changes=True,
    examples=[
        "parinaya templates map wedding_invitation 1=guest_name 2=couple 3=event_date",
        "parinaya templates map save_the_date 1=unit_name --header-image https://example.com/card.jpg",
    ],
)
def map_parameters(
    call: Call,
    template: Name,
    pairs: Annotated[
        list[str] | None, typer.Argument(metavar="PARAMETER=FIELD", help="What fills a parameter.")
    ] = None,
    header_image: Annotated[
        str | None, typer.Option(metavar="URL", help="The picture above the text, as an https address.")
    ] = None,
) -> Result:
    """Say which fields fill the parameters of a template, in all its languages.

    Fields: guest_name, unit_name, couple, events, event_name, event_date, event_time, venue, rsvp_by, link,
    seats. A parameter that bears the name of a field needs no mapping. What was mapped before stays.
    """
    from parinaya_cli.services import templates

    wanted = _pairs(pairs or [])
    if not wanted and header_image is None:
        raise UsedWrongly("Nothing to map was named.", "Name it, such as 1=guest_name.")
    if header_image is not None and not header_image.startswith("https://"):
        raise UsedWrongly(
            f"{header_image!r} is no https address.", "Give a picture that lies on the web: https://…"
        )
    with call.app().begin(reason=call.reason) as tx:
        zone = tx.wedding.zone
        versions = templates.map_parameters(tx, template, wanted, header_image)
    documents = [local_times(templates.document(one), zone) for one in versions]
    return _versions(template, documents, f"{template} was mapped.")


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        parameter, _, field = (part.strip() for part in text.partition("="))
        if not parameter or not field:
            raise UsedWrongly(f"{text!r} maps nothing.", "Write it as 1=guest_name.")
        if parameter in found:
            raise UsedWrongly(f"{parameter!r} is mapped twice.", "Name each parameter once.")
        found[parameter] = field
    return found
