"""Media above the texts of templates: keeping the files, and an upload that lives when a message leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.media import REFRESH_AFTER, MediaFile
from parinaya_cli.domain.templates import MEDIA_HEADERS
from parinaya_cli.ports import MediaHost
from parinaya_cli.services import templates
from parinaya_cli.store import media as store
from parinaya_cli.store import templates as template_store
from parinaya_cli.store.media import StaleFile
from parinaya_cli.store.templates import Template
from parinaya_cli.store.transaction import Begin, Transaction


@dataclass(frozen=True)
class HeaderRequest:
    """What is to stand above the text of a template: a ``link`` or a ``file``; in one language, or in all."""

    template: str
    link: str = ""
    file: MediaFile | None = None
    language: str | None = None


Number = Callable[[Transaction], str]
"""Finds the phone number that the wedding sends from."""


def attach(
    begin: Begin,
    host: Callable[[], MediaHost],
    number: Number,
    request: HeaderRequest,
    also: Callable[[Transaction], object] = lambda _: None,
) -> None:
    """Put a link or a file above the text of a template. A file is uploaded first; refused, nothing is written.

    ``also``: what is to be written in the same transaction.

    Raises:
        NotFound: there is no such template, or not in this language.
        UsedWrongly: its header is none for media, or for another kind than the file's.
        Unreachable, Failed: as the host says.
    """
    with begin() as tx:
        access.require(tx.actor, Permission.SEND)
        _chosen(tx, request)
        phone = number(tx) if request.file else ""
    media_id = host().upload(phone, request.file) if request.file else ""
    with begin() as tx:
        also(tx)
        languages = [one.definition.language for one in _chosen(tx, request)]
        file_id = store.add(tx, request.file) if request.file else None
        if file_id is not None:
            store.write_upload(tx, StaleFile(file_id, ""), phone, media_id)
        template_store.set_header(tx, request.template, languages, link=request.link, file_id=file_id)
        sha256 = request.file.sha256 if request.file else ""
        told = {"languages": languages, "link": request.link, "sha256": sha256}
        tx.audit("template.header", "template", ref=request.template, after=told)


def _chosen(tx: Transaction, request: HeaderRequest) -> list[Template]:
    """The versions of a template whose header takes what is to stand there."""
    chosen = [
        one
        for one in templates.versions(tx, request.template, request.language)
        if one.definition.header_format in MEDIA_HEADERS
    ]
    if not chosen:
        raise UsedWrongly(
            f"{request.template} has no picture, video or document above its text.",
            f"See `parinaya templates show {request.template}`.",
        )
    kinds = sorted({one.definition.header_format for one in chosen})
    if request.file is not None and kinds != [request.file.kind]:
        raise UsedWrongly(
            f"{request.template} shows a {' and a '.join(kinds)}, and {request.file.filename} is a "
            f"{request.file.kind}.",
            "Give a file of that kind; with --language it is for one language only.",
        )
    return chosen


def refresh(begin: Begin, host: Callable[[], MediaHost], number: Number, template: str | None) -> int:
    """Upload every file whose id is missing or runs out soon, and put the new ids into messages that wait.

    The provider is asked outside of any transaction, and not at all when nothing is stale. ``template``: only what
    this one shows. Returns how many files were uploaded.

    Raises:
        UsedWrongly: there is something to upload and no phone number to upload it for.
        Unreachable, Failed: as the host says.
    """
    with begin() as tx:
        access.require(tx.actor, Permission.SEND)
        if not store.has_files(tx):
            return 0
        phone = number(tx)
        stale = store.list_stale(tx, phone, REFRESH_AFTER, template)
    for one in stale:
        with begin() as tx:
            file = store.read(tx, one.file_id)
        assert file is not None, "files are only ever added"
        media_id = host().upload(phone, file)
        with begin() as tx:
            waiting = store.write_upload(tx, one, phone, media_id)
            told = {"bytes": len(file.content), "waiting": waiting}
            tx.audit("media.upload", "media", entity_id=one.file_id, after=told)
    return len(stale)
