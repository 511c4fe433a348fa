"""The wedding's pages: what anybody, one household and one parent may see, and answers from a page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from parinaya_cli.domain import access, refs, site_links
from parinaya_cli.domain.access import Actor, Channel, Permission, Role
from parinaya_cli.domain.answers import Answer, AnswerStatus
from parinaya_cli.domain.errors import Locked, NotFound
from parinaya_cli.domain.events import Event
from parinaya_cli.domain.gifts import Gift, GiftsNote
from parinaya_cli.domain.site import Entered, OwnEvent, Said, UnitPage, read_form, to_record, trouble
from parinaya_cli.domain.site_links import LinkKind
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.services import gifts, weddings
from parinaya_cli.store import answers as answer_store
from parinaya_cli.store import conversation as conversation_store
from parinaya_cli.store import site as store
from parinaya_cli.store import site_links as link_store
from parinaya_cli.store.site_links import Opened
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class PublicPage:
    """What anybody may see: nothing of it depends on an event that is not public."""

    wedding: Wedding
    events: tuple[Event, ...]
    gifts: GiftsNote


def public_page(tx: Transaction, slug: str) -> PublicPage:
    """The page of a wedding.

    Raises:
        NotFound: there is no such wedding.
    """
    access.require(tx.actor, Permission.READ)
    found = store.find_wedding(tx, slug)
    if found is None:
        raise NotFound("There is no such page.", "Look at the address again.")
    wedding = weddings.bind(tx, found)
    return PublicPage(wedding, tuple(store.public_events(tx)), gifts.read_note(tx))


def public_page_here(tx: Transaction) -> PublicPage:
    """The page of the wedding that is worked on."""
    access.require(tx.actor, Permission.READ)
    return PublicPage(tx.wedding, tuple(store.public_events(tx)), gifts.read_note(tx))


@dataclass(frozen=True)
class Visit:
    """A household's page, opened by its own link."""

    wedding: Wedding
    page: UnitPage
    gifts: GiftsNote


def visit(tx: Transaction, secrets: Sequence[bytes], token: str) -> Visit:
    """The page that a household's link opens.

    Raises:
        NotFound: the link is made up, has run out or was ended: the same for each.
    """
    access.require(tx.actor, Permission.READ)
    opened = _open(tx, secrets, LinkKind.UNIT, token)
    page = store.unit_page(tx, opened.unit_id) if opened.unit_id else None
    if page is None:
        raise _nothing()
    return Visit(tx.wedding, page, gifts.read_note(tx))


def _open(tx: Transaction, secrets: Sequence[bytes], kind: LinkKind, token: str) -> Opened:
    key = site_links.read_by_any(secrets, kind, token)
    opened = link_store.open_link(tx, kind, site_links.digest(key)) if key else None
    if opened is None:
        raise _nothing()
    weddings.bind(tx, opened.wedding_id)
    return opened


def _nothing() -> NotFound:
    return NotFound("There is no such page.", "Look at the address again.")


@dataclass(frozen=True)
class Told:
    """What became of a form. ``entered`` bears the troubles; with any, nothing was recorded."""

    visit: Visit
    entered: Mapping[str, Entered]
    recorded: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        """Was everything recorded that was said?"""
        return not any(one.trouble for one in self.entered.values())


def answer(tx: Transaction, secrets: Sequence[bytes], token: str, pairs: Sequence[tuple[str, str]]) -> Told:
    """Record the answers of a household's form, all of them or none; what stands already is not added again.

    Raises:
        NotFound: as ``visit``.
    """
    access.require(tx.actor, Permission.ANSWER)
    opened = _open(tx, secrets, LinkKind.UNIT, token)
    if opened.unit_id is None:
        raise _nothing()
    store.lock_unit(tx, opened.unit_id)
    seen = visit(tx, secrets, token)
    entered = read_form(pairs, [own.event.slug for own in seen.page.events])
    wanted: list[tuple[OwnEvent, Said]] = []
    for own in seen.page.events:
        slug = own.event.slug
        said = to_record(own, entered[slug]) if slug in entered else None
        problem = entered[slug].trouble if slug in entered else ""
        if said is not None:
            problem = trouble(own, entered[slug], said)
            wanted.append((own, said))
        if problem:
            entered[slug] = replace(entered[slug], trouble=problem, mark=own.said.mark)
    if any(one.trouble for one in entered.values()):
        return Told(seen, entered, ())
    for own, said in wanted:
        _record(tx, seen.page, own, said)
    _ask(tx, seen.page, wanted)
    return Told(seen, entered, tuple(own.event.slug for own, _ in wanted))


def _record(tx: Transaction, page: UnitPage, own: OwnEvent, said: Said) -> None:
    ref = refs.make(refs.Kind.UNIT, page.unit_number)
    new = Answer(
        unit_id=page.unit_id,
        event_id=own.event.id,
        status=AnswerStatus(said.status or ""),
        given_at=tx.now,
        channel=tx.actor.channel,
        source=f"page of {ref}",
        heads=said.heads,
        adults=said.adults,
        children=said.children,
        diets=said.diets,
        note=said.note,
        requested_heads=said.requested_heads,
    )
    if not answer_store.add(tx, new, f"site:{uuid.uuid4()}"):
        raise Locked("The answer could not be added just now.", "Send it again.")
    tx.audit(
        "answer.add",
        "answer",
        ref=ref,
        entity_id=page.unit_id,
        before={"event": own.event.slug, "status": own.said.status, "heads": own.said.heads},
        after={"event": own.event.slug, "status": said.status, "heads": said.heads},
    )


def _ask(tx: Transaction, page: UnitPage, said: Sequence[tuple[OwnEvent, Said]]) -> None:
    """Somebody of the family decides on seats that a household asks for: as when it asks by a message."""
    wishes = [
        f"asks for {new.requested_heads} seats, has {own.seats} ({own.event.title})"
        for own, new in said
        if new.requested_heads is not None and new.requested_heads != own.said.requested_heads
    ]
    if not wishes:
        return
    ref = refs.make(refs.Kind.INBOX, conversation_store.ask_for(tx, page.unit_id, "; ".join(wishes)))
    unit = refs.make(refs.Kind.UNIT, page.unit_number)
    tx.audit("inbox.add", "inbox", ref=ref, after={"unit": unit, "why": "; ".join(wishes)})


def public_event(tx: Transaction, slug: str, event: str) -> tuple[Wedding, Event]:
    """A public event, for a calendar.

    Raises:
        NotFound: there is no such wedding, or no such event that anybody may know of.
    """
    access.require(tx.actor, Permission.READ)
    page = public_page(tx, slug)
    for one in page.events:
        if one.slug == event:
            return page.wedding, one
    raise _nothing()


def own_event(tx: Transaction, secrets: Sequence[bytes], token: str, event: str) -> tuple[Wedding, Event]:
    """An event of a household, for a calendar.

    Raises:
        NotFound: as ``visit``, or the household is not invited to it.
    """
    access.require(tx.actor, Permission.READ)
    seen = visit(tx, secrets, token)
    for own in seen.page.events:
        if own.event.slug == event:
            return seen.wedding, own.event
    raise _nothing()


def enter_as_parent(tx: Transaction, secrets: Sequence[bytes], token: str) -> Opened:
    """Let whoever holds a parents' link act as its reader: what follows in this transaction is narrowed to it.

    Without phones a reader sees what the desk sees: names and answers.

    Raises:
        NotFound: the link is made up, has run out or was ended.
    """
    access.require(tx.actor, Permission.READ)
    opened = _open(tx, secrets, LinkKind.DASHBOARD, token)
    role = Role.DESK if not opened.phones else Role.FAMILY if opened.side else Role.AUDITOR
    tx.actor = Actor(opened.name, role, Channel.SITE, opened.side, opened.wedding_id)
    return opened


def gifts_for_parent(tx: Transaction, opened: Opened) -> list[Gift]:
    """The gifts that a parents' link may show: of its own side's households; none where it is of both sides.

    Its reader sees them as the family does, though they may see no phone numbers.
    """
    access.require(tx.actor, Permission.READ)
    if opened.side is None:
        return []
    before = tx.actor
    tx.actor = Actor(opened.name, Role.FAMILY, Channel.SITE, opened.side, opened.wedding_id)
    try:
        return gifts.list_gifts(tx)
    finally:
        tx.actor = before
