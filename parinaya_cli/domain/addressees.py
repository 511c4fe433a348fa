"""Whom a message is for, and what is the same for all messages of a batch."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from parinaya_cli.domain import policy
from parinaya_cli.domain.events import Event
from parinaya_cli.domain.media import HeaderMedium
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.domain.templates import TemplateDefinition, choose_language, is_sister
from parinaya_cli.domain.weddings import Wedding

_NO_HEADERS: Mapping[str, HeaderMedium] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Addressee:
    """A household with its primary contact and all that the gate and the template need to know of it.

    ``invited``: for each event it is invited to, the seats and the answer so far. ``sent_events``: events that
    messages of the same template went out for, or may have. ``link``: the household's own page.
    """

    unit_id: uuid.UUID
    unit_number: int
    label: str
    person_id: uuid.UUID | None
    person_number: int | None
    full_name: str
    language: str | None
    do_not_message: bool
    contact_point_id: uuid.UUID | None
    contact: policy.Contact | None
    invited: Mapping[uuid.UUID, tuple[int, str | None]]
    sent_events: frozenset[uuid.UUID] = frozenset()
    sent_in_period: int = 0
    link: str = ""

    @property
    def unit(self) -> str:
        """The ref of the household."""
        return make_ref(Kind.UNIT, self.unit_number)

    @property
    def person(self) -> str | None:
        """The ref of the primary contact."""
        return make_ref(Kind.PERSON, self.person_number) if self.person_number else None


@dataclass(frozen=True)
class Sending:
    """What is the same for every message of a batch. ``event_ids`` None: all events of each household.

    ``headers``: the medium above the text, by language. ``language``: this version for everybody.
    """

    wedding: Wedding
    events: Mapping[uuid.UUID, Event]
    event_ids: tuple[uuid.UUID, ...] | None
    versions: Mapping[str, TemplateDefinition]
    mapping: Mapping[str, str]
    tap_secret: bytes
    now: datetime
    headers: Mapping[str, HeaderMedium] = field(default_factory=lambda: _NO_HEADERS)
    language: str | None = None
    reminder: bool = False
    repeats: bool = False
    include_guessed: bool = False
    test: bool = False
    number_paused: bool = False
    tier_full: bool = False


def version_for(sending: Sending, addressee: Addressee) -> TemplateDefinition | None:
    """The version of the template that a household reads; the one that was named, where one was."""
    if sending.language is not None:
        return sending.versions.get(sending.language)
    return choose_language(sending.versions, addressee.language, sending.wedding.language)


def fallback_from(addressee: Addressee, version: TemplateDefinition) -> str:
    """The language that the person would rather read, where the version is in another one; else empty."""
    wanted = addressee.language or ""
    return wanted if wanted and not is_sister(wanted, version.language) else ""


def events_about(sending: Sending, addressee: Addressee) -> tuple[Event, ...]:
    """The events that a household's message is about, by time: those ahead, of a reminder the open ones."""
    wanted = sending.event_ids if sending.event_ids is not None else tuple(sending.events)
    mine = [sending.events[e] for e in wanted if e in addressee.invited and e in sending.events]
    ahead = sorted((e for e in mine if not e.is_over(sending.now)), key=lambda e: (e.starts_at, e.number))
    if sending.reminder:
        ahead = [e for e in ahead if addressee.invited[e.id][1] is None] or ahead
    return tuple(ahead or mine)
