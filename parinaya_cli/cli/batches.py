"""What a batch says: its plan, its estimate and how it stands, as documents of ``--json`` and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parinaya_cli.cli.output import Result
from parinaya_cli.domain.dispatches import State
from parinaya_cli.domain.policy import HINTS, Reason

if TYPE_CHECKING:
    from parinaya_cli.domain.batches import Addressee
    from parinaya_cli.services.batches import BatchReport, BatchStatus


def sent_document(report: BatchReport) -> dict[str, object]:
    """What ``--json`` shows of a batch that was made or rehearsed."""
    estimate = report.plan.estimate
    return {
        "batch": report.batch.ref if report.batch else None,
        "selected": report.selected,
        "queued": len(report.plan.dispatches),
        "skipped": report.plan.reasons,
        "fingerprint": report.plan.fingerprint,
        "estimate": {
            "messages": estimate.messages,
            "currency": estimate.currency,
            "amount": float(estimate.amount),
            "seconds": estimate.seconds,
            "days": estimate.days,
            "unpriced": estimate.unpriced,
            "prices_as_of": estimate.prices_as_of,
            "tax": estimate.tax,
        },
        "shared_phones": len(report.plan.shared_phones),
    }


def rehearsal(report: BatchReport, sees_phones: bool) -> Result:
    """The whole plan: every household with its verdict and, where it gets a message, the text."""
    lines = [
        {
            **_household(one.addressee, sees_phones),
            "decision": "later" if one.waits_for else "send",
            "reason": one.waits_for or None,
            "language": one.language,
            "body": one.body,
        }
        for one in report.plan.dispatches
    ]
    lines += [
        {
            **_household(one.addressee, sees_phones),
            "decision": "skip",
            "reason": one.reason.value,
            "language": None,
            "body": None,
        }
        for one in report.plan.skipped
    ]
    document = {**sent_document(report), "items": lines, "total": len(lines), "dry_run": True}
    return Result(document, _rehearsal_text(report))


def _household(addressee: Addressee, sees_phones: bool) -> dict[str, object]:
    contact = addressee.contact
    return {
        "unit": addressee.unit,
        "person": addressee.person,
        "to": contact.value if contact and sees_phones else None,
    }


def _rehearsal_text(report: BatchReport) -> str:
    plan = report.plan
    lines = [estimate_line(report), ""]
    for one in plan.dispatches[:3]:
        lines += [f"To {one.addressee.unit} {one.addressee.label} ({one.language}):"]
        lines += [f"    {line}" for line in one.body.splitlines()] + [""]
    if plan.skipped:
        lines.append("Left out:")
        for reason, count in plan.reasons.items():
            names = [one.addressee.unit for one in plan.skipped if one.reason.value == reason]
            shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
            lines += [f"  {count:4}  {reason}: {shown}", f"        {HINTS[Reason(reason)]}"]
    if plan.shared_phones:
        lines.append(f"{len(plan.shared_phones)} phones would get more than one message.")
    lines += ["", f"Fingerprint {plan.fingerprint}. Nothing was written, nothing was sent."]
    return "\n".join(lines)


def estimate_line(report: BatchReport) -> str:
    """How many get the message, and what that costs, in one line."""
    estimate = report.plan.estimate
    priced = f"₹{estimate.amount:.2f} ({estimate.tax}; prices of {estimate.prices_as_of:%d %B %Y})"
    if estimate.unpriced:
        priced += f", {estimate.unpriced} more without a known price"
    return (
        f"{estimate.messages} messages of {report.selected} households, {len(report.plan.skipped)} left out; "
        f"about {priced}, {estimate.seconds:g} s at the send rate"
        + (f", {estimate.days} days at the tier limit" if estimate.days > 1 else "")
        + "."
    )


def status_document(found: BatchStatus) -> dict[str, object]:
    """What ``--json`` shows of how a batch stands."""
    from parinaya_cli.adapters.whatsapp.errors import what_to_do

    return {
        "batch": found.batch.ref,
        "template": found.batch.template,
        "state": found.batch.state,
        "why_paused": found.batch.why_paused,
        "counts": dict(found.counts),
        "skipped": dict(found.skipped),
        "failed": [
            {
                "code": one.code,
                "title": one.title or one.reason,
                "count": one.count,
                "what_to_do": what_to_do(one.code) if one.code is not None else "See the reason.",
            }
            for one in found.failed
        ],
        "number_paused": found.number.paused,
    }


def status_text(found: BatchStatus) -> str:
    """How a batch stands, line by line, with what to do about each thing that went wrong."""
    told = status_document(found)
    total = sum(found.counts.values())
    lines = [f"{found.batch.ref}  {found.batch.template}  {found.batch.state}  {total} households"]
    if found.batch.why_paused:
        lines.append(f"  paused: {found.batch.why_paused}")
    if found.number.paused:
        lines.append(
            f"  the number is stopped: {found.number.why_paused}. Mend it, then `parinaya invite resume`."
        )
    lines += [f"  {found.counts[state]:6}  {state}" for state in State if state in found.counts]
    for reason, count in found.skipped.items():
        lines.append(f"          {count} {reason}: {HINTS[Reason(reason)]}")
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
    return "\n".join(lines)
