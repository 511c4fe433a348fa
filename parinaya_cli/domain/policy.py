"""The policy gate: the one place that says whether a message may go out.

Asked when a batch is made and again in the transaction that gives permission to send. Facts in, one verdict
out. The reasons stand in one list, in the contract's order; the first that applies is the one that is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from parinaya_cli.domain.errors import Failed

WINDOW = timedelta(hours=23, minutes=55)
"""Meta's customer service window is 24 hours from the guest's message (developers.facebook.com, WhatsApp,
messages/send-messages); five minutes are left for clocks that differ."""

FREQUENCY_PERIOD = timedelta(days=7)
"""What a frequency cap counts over."""

RECHECK = timedelta(hours=1)
"""When to ask again where nothing tells when the reason will pass."""


class Reason(StrEnum):
    """Why a message does not go out, in the order in which the gate looks."""

    NOT_INVITED = "not_invited"
    EVENT_OVER = "event_over"
    NO_PHONE = "no_phone"
    INVALID_PHONE = "invalid_phone"
    DO_NOT_MESSAGE = "do_not_message"
    OPTED_OUT = "opted_out"
    NO_OPT_IN = "no_opt_in"
    NOT_ON_WHATSAPP = "not_on_whatsapp"
    COUNTRY_NOT_SERVED = "country_not_served"
    ALREADY_ANSWERED = "already_answered"
    ALREADY_SENT = "already_sent"
    TEMPLATE_MISSING = "template_missing"
    TEMPLATE_NOT_APPROVED = "template_not_approved"
    TEMPLATE_PARAMS_MISSING = "template_params_missing"
    WINDOW_CLOSED = "window_closed"
    COOLING_DOWN = "cooling_down"
    QUIET_HOURS = "quiet_hours"
    FREQUENCY_CAP = "frequency_cap"
    TIER_LIMIT = "tier_limit"
    NUMBER_PAUSED = "number_paused"


HINTS: Mapping[Reason, str] = {
    Reason.NOT_INVITED: "Put the household on a guest list: parinaya invite add --event E --unit U.",
    Reason.EVENT_OVER: "The event is over or cancelled; nothing can be sent for it.",
    Reason.NO_PHONE: "Give the primary contact a phone: parinaya people edit P --phone NUMBER.",
    Reason.INVALID_PHONE: "Mend the phone of the primary contact: parinaya people edit P --phone NUMBER.",
    Reason.DO_NOT_MESSAGE: "Somebody set a do-not-message; call instead.",
    Reason.OPTED_OUT: "The guest said stop; only the guest can take that back. Call instead.",
    Reason.NO_OPT_IN: "Record how the guest agreed: parinaya consent record P opt-in --source TEXT.",
    Reason.NOT_ON_WHATSAPP: "The number is not on WhatsApp; call, or give another number.",
    Reason.COUNTRY_NOT_SERVED: "Meta delivers no marketing template to US numbers; let the guest write first.",
    Reason.ALREADY_ANSWERED: "Nothing to do: the household has answered.",
    Reason.ALREADY_SENT: "The household has this message, or may have it; --repeat sends it again.",
    Reason.TEMPLATE_MISSING: "Fetch the templates: parinaya templates sync.",
    Reason.TEMPLATE_NOT_APPROVED: "Wait for Meta's approval, or use another template.",
    Reason.TEMPLATE_PARAMS_MISSING: "Map the parameters (parinaya templates map), or fill the missing value.",
    Reason.WINDOW_CLOSED: "More than 24 hours since the guest wrote: send a template instead.",
    Reason.COOLING_DOWN: "WhatsApp holds marketing back from this guest for a day; it is tried again then.",
    Reason.QUIET_HOURS: "It leaves when the quiet hours end.",
    Reason.FREQUENCY_CAP: "The guest got as many messages this week as the wedding allows.",
    Reason.TIER_LIMIT: "The number's daily limit is reached; it goes on as soon as it may.",
    Reason.NUMBER_PAUSED: "The number is stopped; see `parinaya invite status`, then `parinaya invite resume`.",
}
"""What an operator can do about each reason."""


def refusal(reason: Reason, detail: str = "") -> Failed:
    """The error that tells whoever sends a single message why it does not go out; ``detail`` says more of it."""
    more = f" {detail}" if detail else ""
    return Failed(f"The gate refuses this message: {reason.value}.{more}", HINTS[reason], code=reason.value)


@dataclass(frozen=True)
class Contact:
    """The contact point that would get the message. ``state`` and ``consent`` as the store keeps them."""

    kind: str
    value: str
    state: str
    country: str
    consent: str
    not_on_whatsapp: bool = False
    cooling_until: datetime | None = None
    last_inbound_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """All that the gate looks at, read in one transaction.

    ``free``: free-form text instead of a template. ``confirms_stop``: the one line that confirms a STOP.
    ``missing``: parameters of the template that have no value for this guest. ``zone``: the recipient's.
    ``include_guessed``: the operator has seen that the country of some numbers is a guess, and sends all the same.
    """

    now: datetime
    zone: ZoneInfo
    contact: Contact | None
    free: bool = False
    marketing: bool = True
    reminder: bool = False
    repeats: bool = False
    confirms_stop: bool = False
    include_guessed: bool = False
    invited: bool = True
    events_over: bool = False
    do_not_message: bool = False
    require_opt_in: bool = False
    answered: bool = False
    sent_before: bool = False
    template_found: bool = True
    template_status: str = "approved"
    missing: tuple[str, ...] = ()
    quiet_from: int | None = None
    quiet_until: int | None = None
    sent_in_period: int = 0
    frequency_cap: int | None = None
    tier_full: bool = False
    number_paused: bool = False
    number_paused_until: datetime | None = None


@dataclass(frozen=True)
class Go:
    """The message may go out now. Only the gate makes one, and only with one can a message be sent."""

    at: datetime


@dataclass(frozen=True)
class Refused:
    """The message does not go out."""

    reason: Reason


@dataclass(frozen=True)
class Later:
    """The message waits until then and is asked for again."""

    reason: Reason
    until: datetime


Verdict = Go | Refused | Later


def _no_opt_in(f: Facts) -> bool:
    needs = f.require_opt_in and not f.free and f.contact is not None
    return needs and f.contact is not None and f.contact.consent != "opted_in"


def _invalid(f: Facts) -> bool:
    contact = _has(f.contact)
    if contact.kind != "phone" or contact.state == "valid":
        return False
    # A guessed number may be a stranger's: nobody is written to before an operator has said so.
    return not (contact.state == "guessed_region" and f.include_guessed)


def _has(contact: Contact | None) -> Contact:
    assert contact is not None, "no_phone comes before every reason that looks at the contact point"
    return contact


def window_open_until(last_inbound_at: datetime | None) -> datetime | None:
    """Until when free-form text may be sent to somebody who wrote then."""
    return last_inbound_at + WINDOW if last_inbound_at else None


def _window_closed(f: Facts) -> bool:
    until = window_open_until(_has(f.contact).last_inbound_at)
    return f.free and (until is None or until <= f.now)


def quiet_ends(now: datetime, zone: ZoneInfo, start: int | None, end: int | None) -> datetime | None:
    """When the quiet hours end that ``now`` lies in, or None outside of them."""
    if start is None or end is None or start == end:
        return None
    local = now.astimezone(zone)
    inside = start <= local.hour < end if start < end else local.hour >= start or local.hour < end
    if not inside:
        return None
    ends = local.replace(hour=end, minute=0, second=0, microsecond=0)
    return ends if ends > local else ends + timedelta(days=1)


def _quiet(f: Facts) -> bool:
    return not f.free and quiet_ends(f.now, f.zone, f.quiet_from, f.quiet_until) is not None


def _cooling(f: Facts) -> bool:
    until = _has(f.contact).cooling_until
    return f.marketing and not f.free and until is not None and until > f.now


def _over_cap(f: Facts) -> bool:
    return not f.free and f.frequency_cap is not None and f.sent_in_period >= f.frequency_cap


def _not_served(f: Facts) -> bool:
    # Meta delivers no marketing template to US numbers since 1 April 2025 (marketing-templates/per-user-limits).
    return not f.free and f.marketing and _has(f.contact).country == "US"


CHECKS: tuple[tuple[Reason, Callable[[Facts], bool]], ...] = (
    (Reason.NOT_INVITED, lambda f: not f.free and not f.invited),
    (Reason.EVENT_OVER, lambda f: not f.free and f.events_over),
    (Reason.NO_PHONE, lambda f: f.contact is None),
    (Reason.INVALID_PHONE, _invalid),
    (Reason.DO_NOT_MESSAGE, lambda f: f.do_not_message),
    (Reason.OPTED_OUT, lambda f: _has(f.contact).consent == "opted_out" and not f.confirms_stop),
    (Reason.NO_OPT_IN, _no_opt_in),
    (Reason.NOT_ON_WHATSAPP, lambda f: _has(f.contact).not_on_whatsapp and not f.free),
    (Reason.COUNTRY_NOT_SERVED, _not_served),
    (Reason.ALREADY_ANSWERED, lambda f: f.reminder and f.answered),
    (Reason.ALREADY_SENT, lambda f: f.sent_before and not f.repeats),
    (Reason.TEMPLATE_MISSING, lambda f: not f.free and not f.template_found),
    (Reason.TEMPLATE_NOT_APPROVED, lambda f: not f.free and f.template_status != "approved"),
    (Reason.TEMPLATE_PARAMS_MISSING, lambda f: bool(f.missing)),
    (Reason.WINDOW_CLOSED, _window_closed),
    (Reason.COOLING_DOWN, _cooling),
    (Reason.QUIET_HOURS, _quiet),
    (Reason.FREQUENCY_CAP, _over_cap),
    (Reason.TIER_LIMIT, lambda f: not f.free and f.tier_full),
    (Reason.NUMBER_PAUSED, lambda f: f.number_paused),
)
"""The gate: each reason with its question, in the contract's order."""

POSTPONES: dict[Reason, Callable[[Facts], datetime]] = {
    Reason.COOLING_DOWN: lambda f: _has(f.contact).cooling_until or f.now + RECHECK,
    Reason.QUIET_HOURS: lambda f: quiet_ends(f.now, f.zone, f.quiet_from, f.quiet_until) or f.now + RECHECK,
    Reason.TIER_LIMIT: lambda f: f.now + RECHECK,
    Reason.NUMBER_PAUSED: lambda f: f.number_paused_until or f.now + RECHECK,
}
"""The reasons that postpone, with the time to ask again."""


def gate(facts: Facts) -> Verdict:
    """May this message go out?

    A reason that postpones does not hide one behind it that refuses: a message that would be refused anyway
    is refused now.
    """
    later: Later | None = None
    for reason, applies in CHECKS:
        if not applies(facts):
            continue
        if reason not in POSTPONES:
            return Refused(reason)
        later = later or Later(reason, POSTPONES[reason](facts))
    return later or Go(facts.now)
