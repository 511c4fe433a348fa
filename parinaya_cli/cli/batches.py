"""What a batch says: its plan, its estimate and how it stands, as documents of ``--json`` and as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from parinaya_cli.cli.output import Result
from parinaya_cli.domain.dispatches import State
from parinaya_cli.domain.policy import HINTS, Reason

if TYPE_CHECKING:
    from parinaya_cli.domain.batches import Addressee, Plan, PlannedDispatch, Skipped
    from parinaya_cli.services.batches import BatchReport, BatchStatus


def sent_document(report: BatchReport) -> dict[str, object]:
    """What ``--json`` shows of a batch that was made or rehearsed."""
    plan = report.plan
    return {
        "batch": report.batch.ref if report.batch else None,
        "selected": report.selected,
        "queued": len(plan.dispatches),
        "skipped": plan.reasons,
        "waiting": plan.waiting,
        "fingerprint": plan.fingerprint,
        "estimate": estimate_document(report),
        "shared_phones": len(plan.shared_phones),
        "fallbacks": [
            {"language": wanted, "reads": read, "messages": count}
            for (wanted, read), count in plan.fallbacks.items()
        ],
    }


def estimate_document(report: BatchReport) -> dict[str, object]:
    """What a batch costs and how long it takes. Money is before tax, and ``tax`` says which that is."""
    estimate = report.plan.estimate
    return {
        "messages": estimate.messages,
        "currency": estimate.currency,
        "amount": float(estimate.amount),
        "seconds": estimate.seconds,
        "days": estimate.days,
        "tier_limit": estimate.tier_limit,
        "unpriced": estimate.unpriced,
        "prices_as_of": estimate.prices_as_of,
        "tax": estimate.tax,
        "costs": [
            {**asdict(one), "amount": None if one.amount is None else float(one.amount)}
            for one in estimate.costs
        ],
        "us_numbers": report.plan.reasons.get(Reason.COUNTRY_NOT_SERVED.value, 0),
        "without_opt_in": estimate.without_opt_in,
    }


def rehearsal(report: BatchReport, *, sees_phones: bool, as_json: bool) -> Result:
    """The whole plan; with ``as_json`` every household stands in it, with its verdict and its text."""
    document = {**sent_document(report), "total": report.selected, "dry_run": True}
    if not as_json:
        return Result(document, _rehearsal_text(report))
    document["items"] = [
        *(_sent_line(one, sees_phones) for one in report.plan.dispatches),
        *(_skipped_line(one, sees_phones) for one in report.plan.skipped),
    ]
    if sees_phones:
        document["shared"] = [
            {"to": phone, "units": list(units)} for phone, units in report.plan.shared_phones.items()
        ]
    return Result(document)


def _sent_line(one: PlannedDispatch, sees_phones: bool) -> dict[str, object]:
    return {
        **_household(one.addressee, sees_phones),
        "decision": "later" if one.waits_for else "send",
        "reason": one.waits_for or None,
        "detail": _sent_detail(one),
        "not_before": one.not_before,
        "language": one.language,
        "body": one.body,
    }


def _skipped_line(one: Skipped, sees_phones: bool) -> dict[str, object]:
    return {
        **_household(one.addressee, sees_phones),
        "decision": "skip",
        "reason": one.reason.value,
        "detail": one.detail or HINTS[one.reason],
        "not_before": None,
        "language": None,
        "body": None,
    }


def _sent_detail(one: PlannedDispatch) -> str | None:
    """What an operator should know of a message that goes out all the same."""
    told = []
    if one.fallback_from:
        told.append(f"There is no text in {one.fallback_from}: it is read in {one.language}.")
    if one.shortened:
        told.append(f"Too long, and shortened: {', '.join(one.shortened)}.")
    return " ".join(told) or None


def _household(addressee: Addressee, sees_phones: bool) -> dict[str, object]:
    contact = addressee.contact
    return {
        "unit": addressee.unit,
        "person": addressee.person,
        "to": contact.value if contact and sees_phones else None,
    }


def _rehearsal_text(report: BatchReport) -> str:
    plan = report.plan
    lines = [*estimate_lines(report), ""]
    for one in plan.dispatches[:3]:
        lines += [f"To {one.addressee.unit} {one.addressee.label} ({one.language}):"]
        lines += [f"    {line}" for line in one.body.splitlines()] + [""]
    if plan.skipped:
        lines.append("Left out:")
        for reason, count in plan.reasons.items():
            mine = [one for one in plan.skipped if one.reason.value == reason]
            lines += [f"  {count:4}  {reason}: {_names(one.addressee for one in mine)}"]
            details = dict.fromkeys(one.detail for one in mine if one.detail)
            lines += [f"        {told}" for told in [HINTS[Reason(reason)], *list(details)[:3]]]
    lines += _remarks(plan)
    lines += ["", f"Fingerprint {plan.fingerprint}. Nothing was written, nothing was sent."]
    return "\n".join(lines)


def _names(chosen: Iterable[Addressee]) -> str:
    units = [one.unit for one in chosen]
    return ", ".join(units[:6]) + (", …" if len(units) > 6 else "")


def _remarks(plan: Plan) -> list[str]:
    """What goes out and yet wants to be looked at."""
    from parinaya_cli.domain import phones

    lines = []
    for reason, count in plan.waiting.items():
        first = min(one.not_before for one in plan.dispatches if one.waits_for == reason and one.not_before)
        zone = plan.dispatches[0].sending.wedding.zone
        when = f"{first.astimezone(zone):%d %b %H:%M}"
        lines.append(f"{count} wait for {reason}, the first until {when}. {HINTS[Reason(reason)]}")
    for (wanted, read), count in plan.fallbacks.items():
        mine = [one.addressee for one in plan.dispatches if one.fallback_from == wanted]
        lines.append(f"{count} read it in {read}, as there is no text in {wanted}: {_names(mine)}")
    cut = [one.addressee for one in plan.dispatches if one.shortened]
    if cut:
        lines.append(f"{len(cut)} have a name that is too long and was shortened: {_names(cut)}")
    for phone, units in list(plan.shared_phones.items())[:5]:
        lines.append(f"{phones.mask(phone)} would get {len(units)} messages: {', '.join(units)}")
    if len(plan.shared_phones) > 5:
        lines.append(
            f"{len(plan.shared_phones)} phones would get more than one message; --json names them all."
        )
    return lines


def estimate_lines(report: BatchReport) -> list[str]:
    """How many get the message, and what that costs."""
    estimate, plan = report.plan.estimate, report.plan
    sign = "₹" if estimate.currency == "INR" else f"{estimate.currency} "
    priced = f"{sign}{estimate.amount:.2f} ({estimate.tax}; prices of {estimate.prices_as_of:%d %B %Y})"
    if estimate.unpriced:
        priced += f", {estimate.unpriced} more without a known price"
    lines = [
        f"{estimate.messages} messages of {report.selected} households, {len(plan.skipped)} left out; "
        f"about {priced}, {estimate.seconds:g} s at the send rate."
    ]
    for one in estimate.costs if len(estimate.costs) > 1 else ():
        amount = "no known price" if one.amount is None else f"{sign}{one.amount:.2f}"
        lines.append(f"  {one.messages:4}  {one.category} to {one.country or 'an unknown country'}: {amount}")
    if estimate.tier_limit is not None and estimate.days > 1:
        lines.append(
            f"It takes {estimate.days} days: the number may reach {estimate.tier_limit} people in 24 hours."
        )
    if estimate.without_opt_in:
        lines.append(f"{estimate.without_opt_in} of them have no opt-in on record.")
    return lines


def status_document(found: BatchStatus) -> dict[str, object]:
    """What ``--json`` shows of how a batch stands."""
    return {
        "batch": found.batch.ref,
        "template": found.batch.template,
        "state": found.batch.state,
        "why_paused": found.batch.why_paused,
        "selected": found.batch.selected if found.whole else sum(found.counts.values()),
        "adds_up": found.adds_up,
        "counts": dict(found.counts),
        "skipped": dict(found.skipped),
        "waiting": dict(found.tally.waiting),
        "next_at": found.tally.next_at,
        "held": found.tally.held,
        "failed": [
            {
                "code": one.code,
                "title": one.title or one.reason,
                "count": one.count,
                "what_to_do": next_step(State.FAILED, one.reason, one.code),
            }
            for one in found.failed
        ],
        "number_paused": found.number.paused,
    }


_NEXT: Mapping[str, str] = {
    "no_evidence": "No status came: nobody can tell whether it arrived. Call, or send again with --repeat.",
    "cancelled": "It was cancelled before it left; send again to whoever should have it.",
    "held": "WhatsApp holds it back while it looks at the template; it goes on, or fails, by itself.",
    "provider": "WhatsApp has trouble of its own; it is tried again by itself.",
    "throttled": "WhatsApp asked for a slower pace; it goes on by itself.",
    "withheld": "WhatsApp holds marketing back from this guest for a day; it is tried again then.",
    "not_sent": "WhatsApp could not be reached; it is tried again by itself.",
    "maintenance": "The number is in maintenance for some minutes; it goes on by itself.",
    "template": "The template was refused; see `parinaya invite status`.",
    "account": "The account was refused; see `parinaya invite status`.",
}


def next_step(state: str, reason: str, code: int | None) -> str:
    """What an operator can do about a message in this state, in a sentence; empty when there is nothing to do."""
    from parinaya_cli.adapters.whatsapp.errors import what_to_do

    if state == State.UNKNOWN:
        return (
            "Nobody can tell whether it was taken: a status settles it, or `parinaya invite retry --unknown`."
        )
    if state == State.FAILED and code is not None:
        return what_to_do(code)
    if state in {State.SKIPPED, State.QUEUED} and reason in set(Reason):
        return HINTS[Reason(reason)]
    return _NEXT.get(reason, "")


def status_text(found: BatchStatus) -> str:
    """How a batch stands, line by line, with what to do about each thing that went wrong."""
    told = status_document(found)
    lines = [f"{found.batch.ref}  {found.batch.template}  {found.batch.state}  {told['selected']} households"]
    if found.batch.why_paused:
        lines.append(f"  paused: {found.batch.why_paused}")
    if found.number.paused:
        lines.append(
            f"  the number is stopped: {found.number.why_paused}. Mend it, then `parinaya invite resume`."
        )
    lines += [f"  {found.counts[state]:6}  {state}" for state in State if state in found.counts]
    for reason, count in found.skipped.items():
        lines.append(f"          {count} {reason}: {HINTS[Reason(reason)]}")
    for reason, count in found.tally.waiting.items():
        lines.append(
            f"          {count} wait, {reason}: {next_step(State.QUEUED, reason, None)}".rstrip(": ")
        )
    if found.tally.held:
        lines.append(f"          {found.tally.held} held by WhatsApp: {_NEXT['held']}")
    failed = told["failed"]
    assert isinstance(failed, list)
    for one in failed:
        lines.append(
            f"          {one['count']} failed with {one['code']} {one['title']}: {one['what_to_do']}"
        )
    if found.counts.get("unknown"):
        lines.append(
            f"  For {found.counts['unknown']} households we cannot tell whether WhatsApp took the message. A status "
            f"settles each; else decide: parinaya invite retry {found.batch.ref} --unknown."
        )
    if not found.adds_up:
        lines.append(
            f"  {sum(found.counts.values())} rows for {found.batch.selected} households: run `parinaya reconcile`."
        )
    return "\n".join(lines)
