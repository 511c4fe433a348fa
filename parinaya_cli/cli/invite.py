"""``parinaya invite``: messages to the households on the guest lists. The lists themselves: ``invitations.py``."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli.batches import (
    estimate_lines,
    next_step,
    rehearsal,
    sent_document,
    status_document,
    status_text,
)
from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.invitations import Events, Side, Tag, Units, app
from parinaya_cli.cli.options import Call, verb
from parinaya_cli.cli.output import Result, items, record
from parinaya_cli.cli.templates import upload_media
from parinaya_cli.cli.text import local_times
from parinaya_cli.domain.dispatches import OPEN

if TYPE_CHECKING:
    from parinaya_cli.services.batches import BatchStatus, SendRequest

Template = Annotated[str, typer.Option(help="The template.", metavar="NAME")]
Language = Annotated[str | None, typer.Option(help="One language for everybody.", metavar="CODE")]
OnUnknown = Annotated[
    Literal["hold", "give-up", "resend"] | None,
    typer.Option(help="What to do when nobody knows whether a message was taken."),
]
Expect = Annotated[
    str | None, typer.Option(help="Refuse when the plan is no longer this one.", metavar="FINGERPRINT")
]
Guessed = Annotated[bool, typer.Option("--include-guessed", help="Also to numbers whose country is a guess.")]
Limit = Annotated[int | None, typer.Option(help="At most so many messages, for waves.")]
Wait = Annotated[bool, typer.Option("--wait", help="Stay until every message is settled.")]
OLD = timedelta(days=1)
"""From which age on templates should be fetched anew before a batch."""

BatchName = Annotated[str, typer.Argument(help="The batch, such as B3.", metavar="B")]


@verb(
    app,
    "send",
    hard=True,
    examples=[
        "parinaya invite send --template shaadi_invite --dry-run",
        "parinaya invite send --template shaadi_invite --event sangeet --side bride --wait",
        "parinaya invite send --template shaadi_invite --limit 50 --expect 3f2a9c --yes",
    ],
)
def send(
    call: Call,
    template: Template,
    language: Language = None,
    event: Events = None,
    tag: Tag = None,
    side: Side = None,
    unit: Units = None,
    limit: Limit = None,
    repeat: Annotated[bool, typer.Option("--repeat", help="Also to those who have it already.")] = False,
    on_unknown: OnUnknown = None,
    expect: Expect = None,
    include_guessed: Guessed = False,
    wait: Wait = False,
) -> Result:
    """Send one message to the primary contact of every selected guest unit.

    Rehearse with --dry-run first: it shows every text and every reason, writes nothing and sends nothing.
    """
    from parinaya_cli.services.batches import SendRequest

    request = SendRequest(
        template,
        language,
        event or [],
        tag,
        side,
        unit or [],
        limit,
        repeat,
        on_unknown or "hold",
        expect,
        include_guessed=include_guessed,
    )
    return _send(call, request, wait)


@verb(
    app,
    "remind",
    hard=True,
    examples=[
        "parinaya invite remind --template sangeet_reminder --event sangeet --dry-run",
        "parinaya invite remind --template sangeet_reminder --event sangeet --wait",
    ],
)
def remind(
    call: Call,
    template: Template,
    event: Events = None,
    language: Language = None,
    tag: Tag = None,
    side: Side = None,
    unit: Units = None,
    limit: Limit = None,
    repeat: Annotated[
        bool, typer.Option("--repeat", help="Also to those who were reminded already.")
    ] = False,
    on_unknown: OnUnknown = None,
    expect: Expect = None,
    include_guessed: Guessed = False,
    wait: Wait = False,
) -> Result:
    """Send a reminder to guest units whose answer is still open.

    Of several events a reminder names those that are open. Whoever answers before it leaves gets none.
    """
    from parinaya_cli.services.batches import SendRequest

    request = SendRequest(
        template,
        language,
        event or [],
        tag,
        side,
        unit or [],
        limit,
        repeat,
        on_unknown or "give-up",
        expect,
        "remind",
        include_guessed,
    )
    return _send(call, request, wait)


def _send(call: Call, request: SendRequest, wait: bool) -> Result:
    from parinaya_cli.services import batches

    setup = call.app().sender_setup
    if call.dry_run or not call.yes:
        with call.app().begin() as tx:
            planned = batches.make_batch(tx, request, setup, dry_run=True)
            seen, age = tx.actor.sees_phones, tx.now - planned.synced_at
        if age > OLD:
            call.out.warn(
                f"The templates were fetched {age.days} days ago: run `parinaya templates sync` first, since Meta may "
                "have changed a category, and with it the price."
            )
        if call.dry_run:
            return rehearsal(planned, sees_phones=seen, as_json=call.out.json)
        for line in estimate_lines(planned):
            call.out.note(line)
        for reason, count in planned.plan.reasons.items():
            call.out.note(f"  {count:4}  {reason}")
        if planned.plan.dispatches:
            confirm(
                call,
                f"Send {request.template} to this many households?",
                count=len(planned.plan.dispatches),
            )
    upload_media(call, request.template)
    with call.app().begin(reason=call.reason) as tx:
        report = batches.make_batch(tx, request, setup, dry_run=False)
    assert report.batch is not None
    if call.app().queue_away:
        call.out.warn(
            "The queue is away: the messages wait in Postgres, `parinaya reconcile` rings for them."
        )
    if not wait:
        text = (
            f"{report.batch.ref}: {len(report.plan.dispatches)} messages queued, "
            f"{len(report.plan.skipped)} left out. See `parinaya invite status {report.batch.ref}`."
        )
        return Result(sent_document(report), text)
    if not call.app().queue_away and not call.app().queue.figures()[1]:
        call.out.warn("No worker is running: start one with `parinaya worker`.")
    status = _wait(call, report.batch.ref)
    document = {**sent_document(report), "counts": dict(status.counts)}
    return Result(document, status_text(status), 5 if status.counts.get("failed") else 0)


@verb(
    app,
    "test",
    changes=True,
    examples=[
        "parinaya invite test --template shaadi_invite --to '98123 45678'",
        "parinaya invite test --template shaadi_invite --to +919812345678 --unit U5",
    ],
)
def test(
    call: Call,
    template: Template,
    to: Annotated[str, typer.Option(help="A phone of the team.", metavar="PHONE")],
    unit: Annotated[str | None, typer.Option(help="As this guest unit would get it.", metavar="U")] = None,
    language: Language = None,
) -> Result:
    """Send the same message to a number of the team: through the real path, never counted."""
    from parinaya_cli.services import batches

    upload_media(call, template)
    with call.app().begin(reason=call.reason) as tx:
        report = batches.make_test(tx, template, to, unit, call.app().sender_setup, language)
    assert report.batch is not None
    body = report.plan.dispatches[0].body
    document = {**sent_document(report), "body": body}
    return Result(document, f"{report.batch.ref}: on its way.\n\n{body}")


# ── looking and steering ───────────────────────────────────────────────────────────────────────────────


@verb(
    app,
    "status",
    examples=["parinaya invite status", "parinaya invite status B3", "parinaya invite status B3 --json"],
)
def status(
    call: Call,
    batch: Annotated[
        str | None, typer.Argument(help="The batch; the newest if left out.", metavar="[B]")
    ] = None,
) -> Result:
    """How a batch stands: every selected household in exactly one state."""
    from parinaya_cli.services import batches

    with call.app().begin() as tx:
        found = batches.status(tx, batch, call.app().sender_setup)
        as_of = tx.now.astimezone(tx.wedding.zone)
    return Result({**status_document(found), "as_of": as_of}, status_text(found))


def _wait(call: Call, ref: str) -> BatchStatus:
    """Look until nothing is open that will happen by itself soon."""
    from parinaya_cli.services import batches

    setup = call.app().sender_setup
    shown = ""
    with call.out.live() as draw:
        while True:
            with call.app().begin() as tx:
                found = batches.status(tx, ref, setup)
                later = batches.count_postponed(tx, found.batch.id)
            text = status_text(found)
            if text != shown:
                draw(text)
                shown = text
            still = sum(found.counts.get(state, 0) for state in OPEN)
            if still <= later or found.batch.state in {"paused", "cancelled"} or found.number.paused:
                draw("")  # the result that follows says the same
                return found
            time.sleep(0.4)


@verb(
    app,
    "messages",
    examples=["parinaya invite messages B3", "parinaya invite messages B3 --state failed --json"],
)
def messages(
    call: Call,
    batch: BatchName,
    state: Annotated[str | None, typer.Option(help="Only messages in this state.")] = None,
) -> Result:
    """Every message of a batch with what became of it."""
    from parinaya_cli.services import batches

    with call.app().begin() as tx:
        found = batches.messages(tx, batch, state)
        zone = tx.wedding.zone
    rows = [
        {
            "unit": one.unit,
            "person": one.person,
            "label": one.label,
            "to": one.to,
            "state": one.state,
            "reason": one.reason or None,
            "wamid": one.wamid,
            "error": {"code": one.error_code, "title": one.error_title}
            if one.error_code is not None
            else None,
            "what_to_do": next_step(one.state, one.reason, one.error_code) or None,
            "updated_at": one.updated_at,
        }
        for one in found
    ]
    columns = [
        ("unit", "Unit"),
        ("label", "Household"),
        ("to", "To"),
        ("state", "State"),
        ("reason", "Reason"),
        ("what_to_do", "What to do"),
    ]
    empty = f"No message is {state}." if state else "The batch has no messages."
    return items([local_times(row, zone) for row in rows], columns, empty=empty)


@verb(
    app,
    "cancel",
    hard=True,
    examples=["parinaya invite cancel B3", "parinaya invite cancel B3 --yes --reason 'wrong date'"],
)
def cancel(call: Call, batch: BatchName) -> Result:
    """Cancel what is still queued; what has left is not called back."""
    from parinaya_cli.services import batches

    if call.dry_run:
        with call.app().begin() as tx:
            found = batches.status(tx, batch, call.app().sender_setup)
        queued = found.counts.get("queued", 0)
        return Result(
            {"batch": found.batch.ref, "cancelled": queued, "dry_run": True}, f"{queued} would be cancelled."
        )
    confirm(call, f"Cancel what is still queued in {batch}?")
    with call.app().begin(reason=call.reason) as tx:
        done, gone = batches.cancel(tx, batch)
    return Result(
        {"batch": done.ref, "state": done.state, "cancelled": gone}, f"{done.ref}: {gone} cancelled."
    )


@verb(
    app,
    "pause",
    changes=True,
    examples=["parinaya invite pause B3", "parinaya invite pause B3 --reason 'new date'"],
)
def pause(call: Call, batch: BatchName) -> Result:
    """Stop a batch for now: nothing more leaves until it is resumed."""
    from parinaya_cli.services import batches

    with call.app().begin(reason=call.reason) as tx:
        done = batches.pause(tx, batch)
    return record({"batch": done.ref, "state": done.state}, f"{done.ref} is paused")


@verb(app, "resume", changes=True, examples=["parinaya invite resume B3", "parinaya invite resume B3 --json"])
def resume(call: Call, batch: BatchName) -> Result:
    """Let a paused batch go on, and the phone number too where it was stopped."""
    from parinaya_cli.services import batches

    upload_media(call, None)
    with call.app().begin(reason=call.reason) as tx:
        done = batches.resume(tx, batch, call.app().sender_setup)
    return record({"batch": done.ref, "state": done.state}, f"{done.ref} goes on")


@verb(
    app,
    "retry",
    hard=True,
    examples=[
        "parinaya invite retry B3",
        "parinaya invite retry B3 --unknown --unit U7 --yes --reason 'called, they have nothing'",
    ],
)
def retry(
    call: Call,
    batch: BatchName,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Also those that nobody knows: you decide.")
    ] = False,
    unit: Units = None,
) -> Result:
    """Queue again what failed for a passing reason; with --unknown also what nobody knows."""
    from parinaya_cli.services import batches

    if call.dry_run:
        with call.app().begin() as tx:
            found = batches.status(tx, batch, call.app().sender_setup)
        return Result(
            {"batch": found.batch.ref, "counts": dict(found.counts), "dry_run": True}, status_text(found)
        )
    if unknown:
        confirm(call, "Some of these guests may have the message already. Send it again?")
    else:
        confirm(call, f"Queue again what failed for a passing reason in {batch}?")
    with call.app().begin(reason=call.reason) as tx:
        name = batches.find(tx, batch).ref
        count = batches.retry(tx, batch, unknown=unknown, names=unit or [])
    upload_media(call, None)
    return Result({"batch": name, "queued": count}, f"{count} messages queued again.")
