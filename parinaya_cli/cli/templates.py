"""``parinaya templates``: message templates approved by Meta, and what fills their parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.cli.text import local_times
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.templates import MEDIA_HEADERS

if TYPE_CHECKING:
    from parinaya_cli.services.media import HeaderRequest

app = group("templates", "Message templates approved by Meta.")

Name = Annotated[str, typer.Argument(metavar="TEMPLATE", help="The name of a template.")]


@verb(app, "sync", changes=True, examples=["parinaya templates sync", "parinaya templates sync --json"])
def sync(call: Call) -> Result:
    """Fetch the templates of the WhatsApp account: new ones, new states, those that are gone.

    Pictures, videos and documents whose upload runs out soon are uploaded again. Run it daily.
    """
    from parinaya_cli.services import templates

    report = templates.sync(lambda: call.app().begin(reason=call.reason), call.app().whatsapp)
    uploaded = upload_media(call, None)
    told = f"{report.new} new, {report.changed} changed, {report.unchanged} as they were, {report.gone} gone."
    if uploaded:
        told += f" {uploaded} files were uploaded."
    return Result({**vars(report), "uploaded": uploaded}, told)


def upload_media(call: Call, template: str | None) -> int:
    """Upload the files above the texts of templates whose id at WhatsApp is missing or runs out soon."""
    from parinaya_cli.services import media, planning

    app = call.app()
    return media.refresh(
        lambda: app.begin(reason=call.reason),
        lambda: app.media_host,
        lambda tx: planning.number_of(tx, app.sender_setup),
        template,
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
        found = [
            local_times(templates.document(one), zone) for one in templates.versions(tx, template, language)
        ]
    return _versions(template, found)


def _versions(name: str, documents: Sequence[Mapping[str, object]], first: str = "") -> Result:
    texts = [first] if first else []
    for one in documents:
        told = [f"{name} ({one['language']}), {one['category']}, {one['status']}", ""]
        told += [f"  {line}" for line in str(one["text"]).splitlines()]
        told += _remarks(one)
        mapping = one["mapping"]
        missing = [p for p, field in mapping.items() if field is None] if isinstance(mapping, dict) else []
        if missing:
            what = f"parinaya templates map {name} {missing[0]}=FIELD"
            told += ["", f"Nothing fills {', '.join(missing)} yet: {what}"]
        texts.append("\n".join(told))
    return Result({"name": name, "items": list(documents), "total": len(documents)}, "\n\n".join(texts))


def _remarks(one: Mapping[str, object]) -> list[str]:
    """What stands above the text, and buttons that parinaya does not understand."""
    told: list[str] = []
    if one["header"] in MEDIA_HEADERS:
        medium = (
            one["header_medium"]
            or f"none yet: parinaya templates map {one['name']} --header-{one['header']} FILE"
        )
        told += ["", f"The {one['header']} above the text: {medium}"]
    answers = one["answers"]
    assert isinstance(answers, Mapping)
    for label in (label for label, answer in answers.items() if answer is None):
        told += ["", f"A tap on {label!r} goes to the inbox: parinaya does not understand what it answers."]
    return told


@verb(
    app,
    "map",
    changes=True,
    examples=[
        "parinaya templates map wedding_invitation 1=guest_name 2=couple 3=event_date",
        "parinaya templates map save_the_date 1=unit_name --header-image https://example.com/card.jpg",
        "parinaya templates map save_the_date --language hi --header-document invitation-hi.pdf",
    ],
)
def map_parameters(
    call: Call,
    template: Name,
    pairs: Annotated[
        list[str] | None, typer.Argument(metavar="PARAMETER=FIELD", help="What fills a parameter.")
    ] = None,
    header: Annotated[
        str | None,
        typer.Option(
            "--header-image",
            "--header-video",
            "--header-document",
            metavar="URL_OR_FILE",
            help="What stands above the text: an https address, or a file, which is uploaded.",
        ),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="The header in one language only.", metavar="CODE")
    ] = None,
) -> Result:
    """Say which fields fill the parameters of a template, in all its languages, and what stands above its text.

    Fields: guest_name, unit_name, couple, events, event_name, event_date, event_time, venue, rsvp_by, link,
    seats. A parameter that bears the name of a field needs no mapping. What was mapped before stays. A file is
    kept and uploaded to WhatsApp, and again before its id there runs out.
    """
    from parinaya_cli.services import media, planning, templates

    wanted = _pairs(pairs or [])
    if not wanted and header is None:
        raise UsedWrongly("Nothing to map was named.", "Name it, such as 1=guest_name.")
    if language is not None and header is None:
        raise UsedWrongly("Parameters are mapped in all languages.", "Give --language with a header alone.")
    if header is not None:
        app = call.app()
        media.attach(
            lambda: app.begin(reason=call.reason),
            lambda: app.media_host,
            lambda tx: planning.number_of(tx, app.sender_setup),
            _header(template, header, language),
            lambda tx: templates.map_parameters(tx, template, wanted) if wanted else None,
        )
    else:
        with call.app().begin(reason=call.reason) as tx:
            templates.map_parameters(tx, template, wanted)
    with call.app().begin() as tx:
        zone = tx.wedding.zone
        versions = templates.versions(tx, template, language)
    documents = [local_times(templates.document(one), zone) for one in versions]
    return _versions(template, documents, f"{template} was mapped.")


def _header(template: str, told: str, language: str | None) -> HeaderRequest:
    """What an option names: an https address, or a file of this machine."""
    from parinaya_cli.domain.media import LARGEST, read_file
    from parinaya_cli.services.media import HeaderRequest

    if told.startswith("https://"):
        return HeaderRequest(template, told, language=language)
    if told.startswith("http://"):
        raise UsedWrongly(f"{told!r} is no https address.", "Give https://…, or a file.")
    try:
        with Path(told).expanduser().open("rb") as file:
            content = file.read(max(LARGEST.values()) + 1)
    except OSError as error:
        raise UsedWrongly(f"{told} can't be read: {error.strerror}.", "Give https://…, or a file.") from error
    return HeaderRequest(template, file=read_file(Path(told).name, content), language=language)


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
