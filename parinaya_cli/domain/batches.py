"""A selection of households becomes a plan: who gets which text, who gets none and why, and what it costs."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from parinaya_cli.domain import policy, taps
from parinaya_cli.domain.conversation.understand import label_meaning
from parinaya_cli.domain.events import Event
from parinaya_cli.domain.messages import ButtonValue, MediaValue, TemplateContent, TextValue, pack
from parinaya_cli.domain.prices import META_INR, PriceTable
from parinaya_cli.domain.refs import Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.domain.templates import (
    ButtonKind,
    Filling,
    TemplateDefinition,
    choose_language,
    fill,
    parameters,
    read_aloud,
)
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.domain.wording import join_titles, show_day, show_time


@dataclass(frozen=True)
class Addressee:
    """A household with its primary contact and all that the gate and the template need to know of it.

    ``invited``: for each event it is invited to, the seats and the answer so far. ``sent_events``: events that
    messages of the same template went out for, or may have.
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
    """What is the same for every message of a batch. ``event_ids`` None: all events of each household."""

    wedding: Wedding
    events: Mapping[uuid.UUID, Event]
    event_ids: tuple[uuid.UUID, ...] | None
    versions: Mapping[str, TemplateDefinition]
    mapping: Mapping[str, str]
    header_media: str
    tap_secret: bytes
    now: datetime
    language: str | None = None
    reminder: bool = False
    repeats: bool = False
    test: bool = False
    number_paused: bool = False
    tier_full: bool = False


@dataclass(frozen=True)
class PlannedDispatch:
    """One message that is going to be sent; ``waits_for`` is the reason that postpones it, or empty."""

    addressee: Addressee
    events: tuple[uuid.UUID, ...]
    language: str
    content: TemplateContent
    body: str
    waits_for: str = ""
    not_before: datetime | None = None

    @property
    def packed(self) -> str:
        """The content as it is kept."""
        return json.dumps(pack(self.content), ensure_ascii=False, sort_keys=True)

    @property
    def digest(self) -> str:
        """A hash of the content."""
        return hashlib.sha256(self.packed.encode()).hexdigest()


@dataclass(frozen=True)
class Skipped:
    """One household that gets no message, and why."""

    addressee: Addressee
    events: tuple[uuid.UUID, ...]
    reason: policy.Reason


@dataclass(frozen=True)
class Estimate:
    """What a batch costs: rupees before tax, seconds at the send rate, days at the tier limit."""

    messages: int
    currency: str
    amount: Decimal
    seconds: float
    days: int
    unpriced: int
    prices_as_of: date
    tax: str


@dataclass(frozen=True)
class Plan:
    """The whole plan of a batch, with a fingerprint that changes when anything in it changes."""

    dispatches: tuple[PlannedDispatch, ...]
    skipped: tuple[Skipped, ...]
    estimate: Estimate
    fingerprint: str
    shared_phones: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def reasons(self) -> dict[str, int]:
        """How many households are skipped for each reason."""
        found: dict[str, int] = {}
        for one in self.skipped:
            found[one.reason.value] = found.get(one.reason.value, 0) + 1
        return dict(sorted(found.items()))


def facts_of(sending: Sending, addressee: Addressee) -> tuple[policy.Facts, tuple[Event, ...]]:
    """What the gate looks at for one household, and the events that its message is about."""
    wanted = sending.event_ids if sending.event_ids is not None else tuple(sending.events)
    mine = [sending.events[e] for e in wanted if e in addressee.invited and e in sending.events]
    ahead = sorted((e for e in mine if not e.is_over(sending.now)), key=lambda e: (e.starts_at, e.number))
    about = tuple(ahead or mine)
    template = choose_language(
        sending.versions, sending.language or addressee.language, sending.wedding.language
    )
    missing: tuple[str, ...] = ()
    if template is not None:
        missing = _fill(sending, addressee, about, template).missing
        if template.header_format in {"image", "video", "document"} and not sending.header_media:
            missing = (*missing, f"header:{template.header_format}")
    answered = bool(about) and all(addressee.invited[event.id][1] is not None for event in about)
    facts = policy.Facts(
        now=sending.now,
        zone=sending.wedding.zone,
        contact=addressee.contact,
        marketing=template is None or template.category.lower() == "marketing",
        reminder=sending.reminder,
        repeats=sending.repeats or sending.test,
        invited=bool(mine) or sending.test,
        events_over=bool(mine) and not ahead and not sending.test,
        do_not_message=addressee.do_not_message,
        require_opt_in=sending.wedding.require_opt_in and not sending.test,
        answered=answered,
        sent_before=bool(about) and {event.id for event in about} <= addressee.sent_events,
        template_found=bool(sending.versions),
        template_status=template.status if template else "",
        missing=missing,
        quiet_from=sending.wedding.quiet_from,
        quiet_until=sending.wedding.quiet_until,
        sent_in_period=addressee.sent_in_period,
        frequency_cap=sending.wedding.frequency_cap,
        tier_full=sending.tier_full,
        number_paused=sending.number_paused,
    )
    return facts, about


def plan(
    sending: Sending,
    addressees: Sequence[Addressee],
    *,
    limit: int | None = None,
    per_second: float = 80.0,
    tier_limit: int | None = None,
    prices: PriceTable = META_INR,
) -> Plan:
    """Decide for every household. Pure: the same facts give the same plan and the same fingerprint.

    ``limit``: at most so many messages, for waves; the households behind it are not part of the plan.
    """
    dispatches: list[PlannedDispatch] = []
    skipped: list[Skipped] = []
    for addressee in addressees:
        facts, about = facts_of(sending, addressee)
        ids = tuple(event.id for event in about)
        verdict = policy.gate(facts)
        if isinstance(verdict, policy.Refused):
            skipped.append(Skipped(addressee, ids, verdict.reason))
            continue
        if limit is not None and len(dispatches) >= limit:
            break
        waits = verdict if isinstance(verdict, policy.Later) else None
        dispatches.append(_render(sending, addressee, about, waits))
    estimate = _estimate(sending, dispatches, per_second, tier_limit, prices)
    return Plan(
        tuple(dispatches), tuple(skipped), estimate, _fingerprint(dispatches, skipped), _shared(dispatches)
    )


def _render(
    sending: Sending, addressee: Addressee, about: tuple[Event, ...], waits: policy.Later | None
) -> PlannedDispatch:
    template = choose_language(
        sending.versions, sending.language or addressee.language, sending.wedding.language
    )
    assert template is not None, "the gate refuses template_missing"
    filling = _fill(sending, addressee, about, template)
    content = TemplateContent(
        template.name,
        template.language,
        _header(sending, template, filling),
        tuple(
            TextValue(filling.values[name], name if template.parameter_format == "named" else None)
            for name in parameters(template)
            if ":" not in name
        ),
        tuple(_buttons(sending, addressee, about, template, filling)),
    )
    return PlannedDispatch(
        addressee,
        tuple(event.id for event in about),
        template.language,
        content,
        read_aloud(template, filling.values),
        waits.reason.value if waits else "",
        waits.until if waits else None,
    )


def _header(
    sending: Sending, template: TemplateDefinition, filling: Filling
) -> TextValue | MediaValue | None:
    for name, value in filling.values.items():
        if name.startswith("header:"):
            bare = name.removeprefix("header:")
            return TextValue(value, bare if template.parameter_format == "named" else None)
    if template.header_format in {"image", "video", "document"}:
        link = sending.header_media
        is_link = link.startswith("https://")
        return MediaValue(template.header_format, None if is_link else link, link if is_link else None)
    return None


def _buttons(
    sending: Sending,
    addressee: Addressee,
    about: tuple[Event, ...],
    template: TemplateDefinition,
    filling: Filling,
) -> list[ButtonValue]:
    found: list[ButtonValue] = []
    for button in template.buttons:
        if button.kind is ButtonKind.QUICK_REPLY:
            answer = label_meaning(button.text)
            if answer:
                meaning = taps.TapMeaning(
                    answer, addressee.unit_number, tuple(event.number for event in about)
                )
                payload = taps.write(sending.tap_secret, sending.wedding.id, meaning)
                found.append(ButtonValue(button.index, "quick_reply", payload))
        elif button.kind is ButtonKind.URL and button.variable:
            found.append(ButtonValue(button.index, "url", filling.values[f"button:{button.index}"]))
    return found


def _fill(
    sending: Sending, addressee: Addressee, about: tuple[Event, ...], template: TemplateDefinition
) -> Filling:
    zone, language = sending.wedding.zone, template.language
    fields = {
        "guest_name": addressee.full_name or addressee.label,
        "unit_name": addressee.label,
        "couple": sending.wedding.couple or sending.wedding.title,
        "events": join_titles([event.title for event in about], language),
    }
    if about:
        first = about[0]
        starts = first.starts_at.astimezone(zone)
        deadlines = [event.rsvp_by for event in about if event.rsvp_by]
        fields |= {
            "event_name": first.title,
            "event_date": show_day(starts.date(), language),
            "event_time": show_time(starts),
            "venue": first.venue,
            "rsvp_by": show_day(min(deadlines), language) if deadlines else "",
            "seats": str(max((addressee.invited.get(e.id, (0, None))[0] for e in about), default=0) or ""),
        }
    return fill(template, sending.mapping, fields)


def _estimate(
    sending: Sending,
    dispatches: Sequence[PlannedDispatch],
    per_second: float,
    tier_limit: int | None,
    prices: PriceTable,
) -> Estimate:
    amount, unpriced = Decimal(0), 0
    for one in dispatches:
        category = sending.versions[one.language].category
        country = one.addressee.contact.country if one.addressee.contact else ""
        price = prices.price(category, country)
        if price is None:
            unpriced += 1
        else:
            amount += price
    count = len(dispatches)
    days = -(-count // tier_limit) if tier_limit and count else (1 if count else 0)
    return Estimate(
        count, prices.currency, amount, round(count / per_second, 1), days, unpriced, prices.as_of, prices.tax
    )


def _shared(dispatches: Sequence[PlannedDispatch]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in dispatches:
        if one.addressee.contact:
            found[one.addressee.contact.value] = found.get(one.addressee.contact.value, 0) + 1
    return {value: count for value, count in found.items() if count > 1}


def _fingerprint(dispatches: Sequence[PlannedDispatch], skipped: Sequence[Skipped]) -> str:
    lines = [
        [
            one.addressee.unit,
            one.addressee.contact.value if one.addressee.contact else "",
            one.digest,
            one.body,
        ]
        for one in dispatches
    ]
    lines += [[one.addressee.unit, "", one.reason.value] for one in skipped]
    text = json.dumps(sorted(lines), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
