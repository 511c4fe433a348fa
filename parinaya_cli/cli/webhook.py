"""``parinaya webhook``: receive what WhatsApp reports, look at it, process it again, try it out."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.cli.text import clean, one_line, shown
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.domain.trials import TrialKind

if TYPE_CHECKING:
    from parinaya_cli.services.webhooks import Delivery, Effect
    from parinaya_cli.web import trials

app = group("webhook", "Receive what WhatsApp reports.")

LONGEST_TEXT = 20_000
"""Characters of a body that people are shown; ``--json`` has all of it."""

URL = "http://127.0.0.1:8000/webhooks/whatsapp"


About = Annotated[
    str, typer.Option(help="The message that a status is about, or the id of the new one.", metavar="ID")
]


class State(StrEnum):
    """The states of a delivery."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"


@verb(
    app,
    "serve",
    examples=[
        "parinaya webhook serve",
        "parinaya webhook serve --host 0.0.0.0 --port 8443 --processes 2",
    ],
)
def serve(
    call: Call,
    host: Annotated[str, typer.Option(help="The address to listen on.", metavar="ADDRESS")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)] = 8000,
    processes: Annotated[int, typer.Option(help="Processes that share the port.")] = 1,
) -> None:
    """Receive deliveries until it is stopped, and store each before it is answered.

    Put a proxy with TLS before it: Meta posts to https addresses only. SIGTERM or Ctrl-C: what is being answered
    is answered, nothing new is taken. `/healthz`, `/readyz` and `/metrics` tell how it stands. Processing what
    was received is the work of `parinaya worker`.
    """
    from parinaya_cli.cli import logs
    from parinaya_cli.web.bells import ReceiverApp
    from parinaya_cli.web.serve import Where
    from parinaya_cli.web.serve import serve as receive

    logs.set_up(call.settings)

    def ready(address: str) -> None:
        call.out.stderr.write(f"ready: {address}\n")
        call.out.stderr.flush()

    receive(ReceiverApp(call.settings), Where(host, port, processes), ready)


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────


@verb(
    app,
    "list",
    examples=["parinaya webhook list", "parinaya webhook list --state dead --limit 5 --json"],
)
def list_deliveries(
    call: Call,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest first.", min=1, max=10_000)] = 50,
) -> Result:
    """List stored deliveries, and how many are in each state.

    pending: waits for processing. failed: is tried again by itself. dead: waits for `webhook replay`. Kept and Parked
    count what parinaya does not understand, and what it can't place yet; `webhook show` tells why.
    """
    from parinaya_cli.services import webhooks

    with call.app().begin(bound=False) as tx:
        found, counts = webhooks.list_deliveries(tx, state.value if state else None, limit)
    columns = [
        ("number", "Number"),
        ("state", "State"),
        ("received_at", "Received"),
        ("times", "Times"),
        ("tries", "Tries"),
        ("bytes", "Bytes"),
        ("kept", "Kept"),
        ("parked", "Parked"),
        ("error", "Error"),
    ]
    total = counts[state.value] if state else sum(counts.values())
    empty = "No delivery is stored." if state is None else f"No delivery is {state.value}."
    rows = [_summary(one) for one in found]
    result = items(rows, columns, total=total, empty=empty, extra={"counts": counts})
    call.out.note(", ".join(f"{count} {name}" for name, count in counts.items()))
    return result


def _summary(delivery: Delivery) -> dict[str, object]:
    return {
        "number": delivery.number,
        "state": delivery.state,
        "received_at": delivery.received_at,
        "processed_at": delivery.processed_at,
        "times": delivery.times,
        "tries": delivery.tries,
        "bytes": len(delivery.body),
        "kept": delivery.kept,
        "parked": delivery.parked,
        "error": delivery.error,
    }


@verb(app, "show", examples=["parinaya webhook show 12", "parinaya webhook show 12 --json"])
def show(
    call: Call,
    number: Annotated[int, typer.Argument(help="The number of the delivery.", min=1, max=2**63 - 1)],
) -> Result:
    """Show one delivery: its body, and what its updates did.

    Roles that may not see phone numbers are shown neither the body nor the facts.
    """
    from parinaya_cli.services import webhooks

    with call.app().begin(bound=False) as tx:
        delivery, effects = webhooks.show(tx, number)
        open_book = tx.actor.sees_phones
    body = delivery.body.decode("utf-8", "replace") if open_book else None
    told = [_effect(one, open_book) for one in effects]
    document = {**_summary(delivery), "body": body, "effects": told}
    return Result(document, _page(document))


def _effect(effect: Effect, open_book: bool) -> dict[str, object]:
    found: dict[str, object] = {
        "kind": effect.kind,
        "state": effect.state,
        "why": effect.why,
        "wedding_id": effect.wedding_id,
    }
    return {**found, "facts": effect.facts} if open_book else found


def _page(document: dict[str, object]) -> str:
    """The document for people: lines, then the effects, then the body."""
    lines = [
        f"{name.replace('_', ' ')}: {shown(value)}"
        for name, value in document.items()
        if name not in {"body", "effects"} and shown(value)
    ]
    effects = document["effects"]
    assert isinstance(effects, list)
    count = "1 effect" if len(effects) == 1 else f"{len(effects)} effects"
    lines += ["", count if effects else "No effect yet."]
    lines += ["  " + "  ".join(filter(None, (shown(part) for part in one.values()))) for one in effects]
    if document["body"] is not None:
        lines += ["", _readable(str(document["body"]))]
    return "\n".join(lines)


def _readable(body: str) -> str:
    """A body with its escapes turned into letters, and without anything that a terminal would obey."""
    import json

    try:
        body = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        body = one_line(body)
    text = clean(body)
    cut = f"\n… {len(text) - LONGEST_TEXT} characters more: --json has them."
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + cut


# ── replaying, trying out ──────────────────────────────────────────────────────────────────────────────


@verb(
    app,
    "replay",
    changes=True,
    examples=[
        "parinaya webhook replay 12 13",
        "parinaya webhook replay --state dead --reason 'the parser was mended'",
        "parinaya webhook replay --since 2026-11-22T18:00+05:30",
    ],
)
def replay(
    call: Call,
    numbers: Annotated[
        list[int] | None,
        typer.Argument(help="The numbers of deliveries.", metavar="N…", min=1, max=2**63 - 1),
    ] = None,
    state: Annotated[State | None, typer.Option(help="All those in this state.")] = None,
    since: Annotated[
        str | None, typer.Option(help="All that were received since then.", metavar="TIME")
    ] = None,
) -> Result:
    """Process stored deliveries again. What was done already is not done twice.

    A time without an offset is a time of this machine's clock.
    """
    from parinaya_cli.services import webhooks

    wanted = sorted(set(numbers or []))
    if sum((bool(wanted), state is not None, since is not None)) != 1:
        raise UsedWrongly(
            "Say which deliveries: their numbers, --state or --since, one of the three.",
            "See `parinaya webhook list`.",
        )
    begin = _moment(since) if since is not None else None
    with call.app().begin(reason=call.reason, bound=False) as tx:
        count = webhooks.replay(tx, wanted, state.value if state else None, begin)
        if count < len(wanted):
            raise NotFound(
                "Not every one of these deliveries is there: " + ", ".join(map(str, wanted)) + ".",
                "Nothing was done. See `parinaya webhook list`.",
            )
    if call.app().queue_away:
        call.out.warn("The queue is away: `parinaya reconcile` will ring when it is back.")
    return Result({"deliveries": count}, f"{count} deliveries will be processed again.")


@verb(
    app,
    "archive",
    hard=True,
    examples=[
        "parinaya webhook archive --to /srv/archive --before 2026-11-01T00:00+05:30",
        "parinaya webhook archive --to s3://sharma-wedding/deliveries --drop --yes",
    ],
)
def archive(
    call: Call,
    to: Annotated[
        str, typer.Option("--to", help="A folder, or a place in an object storage.", metavar="DIR|s3://…")
    ],
    before: Annotated[
        str | None, typer.Option(help="Only what was received before then.", metavar="TIME")
    ] = None,
    drop: Annotated[
        bool,
        typer.Option("--drop", help="Empty the bodies here that were processed: the archive alone has them."),
    ] = False,
) -> Result:
    """Keep deliveries as they came outside of the database: one file of JSON lines, compressed, bodies in base64.

    The file appears whole or not at all; its SHA-256 is in the audit log. Whoever was forgotten is not in it.
    An archive is not reached by `people erase`: keep it no longer than you must.
    """
    from parinaya_cli.services import archives

    until = _moment(before) if before is not None else datetime.now(UTC)
    opened = call.app()
    begin = partial(opened.begin, reason=call.reason, bound=False)
    if call.dry_run:
        count = archives.look(begin, until)
        return Result(
            {"deliveries": count, "to": to, "dry_run": True}, f"{count} deliveries would be archived."
        )
    if drop:
        confirm(call, "Empty the bodies of processed deliveries in the database once they are archived?")
    with closing(opened.open_archive(to)) as file:
        done = archives.make(begin, file, until, drop=drop)
    dropped = f" {done.dropped} bodies were dropped here." if drop else ""
    text = f"{done.to}: {done.deliveries} deliveries, {done.bytes} bytes.{dropped}"
    return Result(dict(done.__dict__), text if done.to else "There is nothing to archive.")


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone() if found.tzinfo is None else found
    except (ValueError, OverflowError):
        raise UsedWrongly(f"{text!r} is no time.", "Write it as 2026-11-22T18:00+05:30.") from None


@verb(
    app,
    "trigger",
    examples=[
        "parinaya webhook trigger text --from '+91 98200 12345' --text 'haan ji 3 log aayenge'",
        "parinaya webhook trigger delivered --to '+91 98200 12345' --wamid wamid.HBgM",
        "parinaya webhook trigger failed --to +919820012345 --wamid wamid.HBgM --code 131026",
    ],
)
def trigger(
    call: Call,
    kind: Annotated[TrialKind, typer.Argument(help="What is told.")],
    phone: Annotated[
        str, typer.Option("--to", "--from", help="Who got the message, or wrote.", metavar="PHONE")
    ] = "",
    wamid: About = "",
    text: Annotated[
        str, typer.Option(help="What is typed, the label of the button, or what became of it.")
    ] = "",
    payload: Annotated[str, typer.Option(help="The payload of the button.")] = "",
    code: Annotated[int, typer.Option(help="Meta's error code of a failure.", min=1)] = 131026,
    user_id: Annotated[
        str, typer.Option(help="Who wrote, where WhatsApp tells no number.", metavar="ID")
    ] = "",
    new: Annotated[str, typer.Option(help="The number that they have now.", metavar="PHONE")] = "",
    template: Annotated[str, typer.Option(help="The template that the news is of.", metavar="NAME")] = "",
    language: Annotated[str, typer.Option(help="Its language.")] = "en",
    url: Annotated[str, typer.Option(help="The receiver.", metavar="URL")] = URL,
) -> Result:
    """Make a signed delivery and post it to the running receiver, for trying things out.

    sent, delivered, read, failed: a status of the message --wamid. text, tap, voice: a guest writes, taps or speaks.
    moved: they have a --new number. stop, resume: WhatsApp's own switch for marketing. template, number: news of
    --template, or of our number --to, such as --text PAUSED or --text FLAGGED.
    """
    from parinaya_cli.domain.phones import parse_one
    from parinaya_cli.web import trials

    account = _account(call)
    trial = trials.Trial(
        kind,
        parse_one(phone, "IN") if phone else "",
        wamid,
        text,
        payload,
        code,
        user_id=user_id,
        new_phone=parse_one(new, "IN") if new else "",
        template=(template, language),
    )
    body, message_id = trials.make(trial, account)
    trials.post(url, body, account.app_secret)
    return Result(
        {"kind": kind.value, "message_id": message_id, "url": url, "bytes": len(body)},
        f"The receiver has stored it ({message_id}).",
    )


def _account(call: Call) -> trials.Account:
    """The account as which a trial is signed, for whoever may send."""
    from parinaya_cli.domain.access import Permission
    from parinaya_cli.web import trials

    call.app().require(Permission.SEND)
    told = call.settings
    if not (told.whatsapp_app_secret and told.whatsapp_phone_number_id):
        raise UsedWrongly(
            "WHATSAPP_APP_SECRET or WHATSAPP_PHONE_NUMBER_ID is not set.",
            "Set both with `parinaya config set`, as for the receiver.",
            code="not_set_up",
        )
    return trials.Account(
        told.whatsapp_business_account_id or "0", told.whatsapp_phone_number_id, told.whatsapp_app_secret
    )
