"""A selection of households becomes a plan: who gets which text, who gets none and why, and what it costs."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from parinaya_cli.domain import policy
from parinaya_cli.domain.addressees import Addressee, Sending, events_about, fallback_from, version_for
from parinaya_cli.domain.estimates import Estimate, Terms, estimate
from parinaya_cli.domain.events import Event
from parinaya_cli.domain.messages import MediaValue, TemplateContent, pack
from parinaya_cli.domain.rendering import fill_for, render
from parinaya_cli.domain.templates import Filling, TemplateDefinition, read_aloud
from parinaya_cli.domain.zones import zone_of

__all__ = ["Addressee", "Plan", "PlannedDispatch", "Sending", "Skipped", "facts_of", "plan", "plan_changes"]


@dataclass(frozen=True, slots=True)
class PlannedDispatch:
    """One message that is going to be sent; ``waits_for`` is the reason that postpones it, or empty.

    Its text is made when it is asked for: a hundred thousand of them would not fit into memory.
    """

    sending: Sending = field(repr=False, compare=False)
    addressee: Addressee
    events: tuple[uuid.UUID, ...]
    version: TemplateDefinition
    waits_for: str = ""
    not_before: datetime | None = None

    @property
    def language(self) -> str:
        """The language of the text."""
        return self.version.language

    @property
    def fallback_from(self) -> str:
        """The language that the person would rather read, where the text is in another one."""
        return fallback_from(self.addressee, self.version)

    @property
    def content(self) -> TemplateContent:
        """What is sent."""
        return self._render(self._fill())

    @property
    def body(self) -> str:
        """The text that the guest would read."""
        return read_aloud(self.version, self._fill().values)

    @property
    def shortened(self) -> tuple[str, ...]:
        """The parameters whose value was too long."""
        return self._fill().shortened

    @property
    def packed(self) -> tuple[str, str]:
        """The content as it is kept, and a hash of it."""
        text = json.dumps(pack(self.content), ensure_ascii=False, sort_keys=True)
        return text, hashlib.sha256(text.encode()).hexdigest()

    def prints(self, filling: Filling) -> tuple[bytes, bytes]:
        """What the fingerprint holds of it: whom it goes to, and what it says. ``filling``: its values."""
        content = self._render(filling)
        medium = self.sending.headers.get(self.language)
        if isinstance(content.header, MediaValue) and medium is not None and medium.sha256:
            # An upload is renewed from time to time; the file stays the same.
            content = replace(content, header=replace(content.header, id=medium.sha256))
        contact = self.addressee.contact.value if self.addressee.contact else ""
        said = [self.addressee.unit, pack(content), read_aloud(self.version, filling.values)]
        return _hash([self.addressee.unit, contact]), _hash(said)

    def _about(self) -> tuple[Event, ...]:
        return tuple(self.sending.events[event] for event in self.events)

    def _fill(self) -> Filling:
        return fill_for(self.sending, self.addressee, self._about(), self.version)

    def _render(self, filling: Filling) -> TemplateContent:
        return render(self.sending, self.addressee, self._about(), self.version, filling)


@dataclass(frozen=True, slots=True)
class Skipped:
    """One household that gets no message, and why; ``detail`` says it of this household, where there is more to say."""

    addressee: Addressee
    events: tuple[uuid.UUID, ...]
    reason: policy.Reason
    detail: str = ""


@dataclass(frozen=True)
class Plan:
    """The whole plan of a batch, with a fingerprint that changes when anything in it changes.

    ``shared_phones``: phones that would get several messages, with the households that they are for.
    """

    dispatches: tuple[PlannedDispatch, ...]
    skipped: tuple[Skipped, ...]
    estimate: Estimate
    fingerprint: str
    shared_phones: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def reasons(self) -> dict[str, int]:
        """How many households are skipped for each reason."""
        return _counted(one.reason.value for one in self.skipped)

    @property
    def waiting(self) -> dict[str, int]:
        """How many messages wait for each reason."""
        return _counted(one.waits_for for one in self.dispatches if one.waits_for)

    @property
    def fallbacks(self) -> dict[tuple[str, str], int]:
        """How many read it in another language than their own: ``(theirs, the text's)``."""
        found: dict[tuple[str, str], int] = {}
        for one in self.dispatches:
            if one.fallback_from:
                key = (one.fallback_from, one.language)
                found[key] = found.get(key, 0) + 1
        return dict(sorted(found.items()))


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def facts_of(sending: Sending, addressee: Addressee) -> tuple[policy.Facts, tuple[Event, ...]]:
    """What the gate looks at for one household, and the events that its message is about."""
    about = events_about(sending, addressee)
    version = version_for(sending, addressee)
    missing = fill_for(sending, addressee, about, version).missing if version is not None else ()
    return _facts(sending, addressee, about, version, missing), about


def _facts(
    sending: Sending,
    addressee: Addressee,
    about: tuple[Event, ...],
    version: TemplateDefinition | None,
    missing: tuple[str, ...],
) -> policy.Facts:
    wedding, test = sending.wedding, sending.test
    contact = addressee.contact
    ahead = any(not event.is_over(sending.now) for event in about)
    by_phone = contact is not None and contact.kind == "phone"
    return policy.Facts(
        now=sending.now,
        zone=zone_of(contact.value, wedding.zone) if contact and by_phone else wedding.zone,
        contact=contact,
        marketing=version is None or version.category.lower() == "marketing",
        reminder=sending.reminder,
        repeats=sending.repeats or test,
        include_guessed=sending.include_guessed,
        invited=bool(about) or test,
        events_over=bool(about) and not ahead and not test,
        do_not_message=addressee.do_not_message,
        require_opt_in=wedding.require_opt_in and not test,
        answered=bool(about) and all(addressee.invited[event.id][1] is not None for event in about),
        sent_before=bool(about) and {event.id for event in about} <= addressee.sent_events,
        template_found=bool(sending.versions),
        template_status=version.status if version else "",
        missing=missing,
        # A test goes to the team, who asked for it now.
        quiet_from=None if test else wedding.quiet_from,
        quiet_until=None if test else wedding.quiet_until,
        sent_in_period=addressee.sent_in_period,
        frequency_cap=None if test else wedding.frequency_cap,
        tier_full=sending.tier_full,
        number_paused=sending.number_paused,
    )


def plan(
    sending: Sending, addressees: Iterable[Addressee], *, limit: int | None = None, terms: Terms | None = None
) -> Plan:
    """Decide for every household. Pure: the same facts give the same plan and the same fingerprint.

    The households are taken one by one, and no more of them than are needed. ``limit``: at most so many messages, for
    waves; the households behind it are not part of the plan.
    """
    dispatches: list[PlannedDispatch] = []
    skipped: list[Skipped] = []
    prints: list[tuple[bytes, bytes]] = []
    for addressee in addressees:
        about = events_about(sending, addressee)
        version = version_for(sending, addressee)
        filling = fill_for(sending, addressee, about, version) if version is not None else Filling()
        verdict = policy.gate(_facts(sending, addressee, about, version, filling.missing))
        ids = tuple(event.id for event in about)
        if isinstance(verdict, policy.Refused):
            skipped.append(
                Skipped(addressee, ids, verdict.reason, _detail(verdict.reason, addressee, filling))
            )
            continue
        if limit is not None and len(dispatches) >= limit:
            break
        assert version is not None, "the gate refuses template_missing"
        reason, until = (
            (verdict.reason.value, verdict.until) if isinstance(verdict, policy.Later) else ("", None)
        )
        dispatches.append(PlannedDispatch(sending, addressee, ids, version, reason, until))
        prints.append(dispatches[-1].prints(filling))
    return Plan(
        tuple(dispatches),
        tuple(skipped),
        _estimate(dispatches, skipped, terms or Terms()),
        _fingerprint(prints, skipped),
        _shared(dispatches),
    )


def _detail(reason: policy.Reason, addressee: Addressee, filling: Filling) -> str:
    if reason is policy.Reason.TEMPLATE_PARAMS_MISSING:
        return " ".join(filling.problems)
    if reason is policy.Reason.INVALID_PHONE and addressee.contact is not None:
        return _PHONES.get(addressee.contact.state, "")
    return ""


_PHONES = {
    "guessed_region": "Its country is a guess: look at it, then write the code to it, or add --include-guessed.",
    "landline": "It is a landline.",
}


def _estimate(dispatches: Sequence[PlannedDispatch], skipped: Sequence[Skipped], terms: Terms) -> Estimate:
    told = [
        (one.version.category, one.addressee.contact.country, one.addressee.contact.value)
        for one in dispatches
        if one.addressee.contact is not None
    ]
    asked = [one.addressee.contact for one in dispatches]
    asked += [one.addressee.contact for one in skipped if one.reason is policy.Reason.NO_OPT_IN]
    return estimate(told, terms, sum(one is not None and one.consent != "opted_in" for one in asked))


def _shared(dispatches: Sequence[PlannedDispatch]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for one in dispatches:
        if one.addressee.contact:
            found.setdefault(one.addressee.contact.value, []).append(one.addressee.unit)
    return {value: tuple(units) for value, units in found.items() if len(units) > 1}


# ── the fingerprint ────────────────────────────────────────────────────────────────────────────────────

_PARTS = (("who gets a message", 6), ("what they would read", 5), ("who is left out", 5))
"""What the fingerprint is put together from, and how many hexadecimal digits each part has."""


def _hash(told: object) -> bytes:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).digest()


def _fingerprint(prints: Sequence[tuple[bytes, bytes]], skipped: Sequence[Skipped]) -> str:
    parts = (
        sorted(whom for whom, _ in prints),
        sorted(said for _, said in prints),
        sorted(_hash([one.addressee.unit, one.reason.value]) for one in skipped),
    )
    return "".join(
        hashlib.sha256(b"".join(part)).hexdigest()[:digits]
        for part, (_, digits) in zip(parts, _PARTS, strict=True)
    )


def plan_changes(before: str, after: str) -> tuple[str, ...]:
    """What is different between the plans of two fingerprints, in words; all of it where one is no fingerprint."""
    found, place = [], 0
    for words, digits in _PARTS:
        if before[place : place + digits] != after[place : place + digits]:
            found.append(words)
        place += digits
    return tuple(found)
