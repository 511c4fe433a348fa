"""Planning: what a batch rests on, brought together; ``domain/batches.py`` decides, ``services/batches.py`` writes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.batches import Addressee, Sending
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.domain.prices import META_INR, PriceTable
from parinaya_cli.domain.templates import ButtonKind, field_of, parameters
from parinaya_cli.services import events, site_links
from parinaya_cli.services.site_links import SiteSetup
from parinaya_cli.store import events as event_store
from parinaya_cli.store import templates as template_store
from parinaya_cli.store.templates import Template
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class SenderSetup:
    """How this installation sends: the default phone number, the rate, the secret of the buttons, what it costs.

    ``site``: where households' own pages are; without it templates with a link can't be filled.
    """

    phone_number_id: str
    per_second: float
    tap_secret: bytes
    site: SiteSetup | None = None
    prices: PriceTable = META_INR


@dataclass(frozen=True)
class SendRequest:
    """What is to be sent to whom. ``kind``: send or remind. Without events: all of each household.

    ``include_guessed``: also to numbers whose country is a guess.
    """

    template: str
    language: str | None = None
    events: Sequence[str] = ()
    tag: str | None = None
    side: str | None = None
    units: Sequence[str] = ()
    limit: int | None = None
    repeats: bool = False
    on_unknown: str = "hold"
    expect: str | None = None
    kind: str = "send"
    include_guessed: bool = False


def number_of(tx: Transaction, setup: SenderSetup) -> str:
    """The phone number id that the wedding sends from.

    Raises:
        UsedWrongly: neither the wedding nor the installation has one.
    """
    number = tx.wedding.phone_number_id or setup.phone_number_id
    if not number:
        raise UsedWrongly(
            "There is no phone number to send from.",
            "Set WHATSAPP_PHONE_NUMBER_ID, or give the wedding its own: parinaya weddings edit --phone-number-id ID.",
        )
    return number


def versions_of(tx: Transaction, request: SendRequest, number: str) -> list[Template]:
    """The language versions of the template that is asked for, with the uploads of this phone number.

    Raises:
        NotFound: there is no such template, or not in this language.
    """
    access.require(tx.actor, Permission.SEND)
    versions = template_store.list_templates(tx, request.template, phone_number_id=number)
    if not versions:
        raise NotFound(
            f"There is no template {request.template!r}.",
            "See `parinaya templates list`; `parinaya templates sync` fetches them.",
        )
    languages = sorted(version.definition.language for version in versions)
    if request.language and request.language not in languages:
        raise NotFound(
            f"{request.template} does not exist in {request.language!r}.",
            f"It exists in: {', '.join(languages)}.",
        )
    return versions


def sending_for(
    tx: Transaction, request: SendRequest, versions: Sequence[Template], setup: SenderSetup
) -> Sending:
    """What is the same for every message of a batch."""
    access.require(tx.actor, Permission.SEND)
    there = {event.id: event for event in event_store.list_events(tx)}
    wanted = tuple(event.id for event in events.find_all(tx, request.events)) if request.events else None
    return Sending(
        wedding=tx.wedding,
        events=there,
        event_ids=wanted,
        versions={version.definition.language: version.definition for version in versions},
        mapping=versions[0].mapping,
        headers={version.definition.language: version.header for version in versions if version.header},
        tap_secret=setup.tap_secret,
        now=tx.now,
        language=request.language,
        reminder=request.kind == "remind",
        repeats=request.repeats,
        include_guessed=request.include_guessed,
    )


def linked(tx: Transaction, sending: Sending, found: list[Addressee], setup: SenderSetup) -> list[Addressee]:
    """The households with the links to their own pages, where a version of the template shows one.

    The links are named and not made: a rehearsal writes nothing.
    """
    access.require(tx.actor, Permission.SEND)
    if setup.site is None or not _shows_links(sending):
        return found
    links = site_links.unit_links(tx, setup.site, [one.unit_id for one in found], write=False)
    return [replace(one, link=links.get(one.unit_id, "")) for one in found]


def keep_links(tx: Transaction, sending: Sending, unit_ids: Sequence[uuid.UUID], setup: SenderSetup) -> None:
    """Make the links that messages to these households name."""
    access.require(tx.actor, Permission.SEND)
    if setup.site is not None and unit_ids and _shows_links(sending):
        site_links.unit_links(tx, setup.site, unit_ids)


def _shows_links(sending: Sending) -> bool:
    return any(
        field_of(parameter, sending.mapping) == "link"
        for version in sending.versions.values()
        for parameter in parameters(version)
    )


def nobodys_link(sending: Sending, site: str) -> str:
    """A link for a test that is made for no household: the wedding's public page, in the form of a button's link."""
    for version in sending.versions.values():
        for button in version.buttons:
            if button.kind is ButtonKind.URL and button.variable:
                return f"{button.url.partition('{{')[0]}test"
    return f"{site}/w/{sending.wedding.slug}"
