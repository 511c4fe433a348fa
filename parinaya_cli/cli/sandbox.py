"""``parinaya sandbox``: the WhatsApp stand-in for rehearsals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb

app = group("sandbox", "A stand-in for WhatsApp, for rehearsals.")


@verb(
    app,
    "serve",
    examples=[
        "parinaya sandbox serve --webhook http://127.0.0.1:8000/webhooks/whatsapp --guests guests.yaml",
        "parinaya sandbox serve --fault error:130429@100x50 --fault cut-after@200",
        "parinaya sandbox serve --fault fails:131026/+919812345678x* --fault error:190@300x*",
    ],
)
def serve(
    call: Call,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 9090,
    webhook: Annotated[str | None, typer.Option(help="Where signed webhooks go.", metavar="URL")] = None,
    guests: Annotated[Path | None, typer.Option(help="The script of the simulated guests.")] = None,
    templates: Annotated[Path | None, typer.Option(help="Template definitions in Meta's shape.")] = None,
    duplicate: Annotated[float, typer.Option(help="Share of webhooks that come twice (0 to 1).")] = 0.0,
    shuffle: Annotated[bool, typer.Option("--shuffle", help="Statuses come in any order.")] = False,
    delay: Annotated[str, typer.Option(help="Seconds before each webhook.", metavar="MIN-MAX")] = "0.05-0.5",
    fail_rate: Annotated[float, typer.Option(help="Share of messages that fail (0 to 1).")] = 0.0,
    seed: Annotated[int, typer.Option(help="The same seed, the same run.")] = 1,
    rate: Annotated[int, typer.Option(help="Messages a second before 130429.")] = 80,
    journal: Annotated[Path | None, typer.Option(help="Write every accepted message there.")] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="A fault on demand.", metavar="KIND/PHONE@AFTERxCOUNT")
    ] = None,
) -> None:
    """Answer as Meta's Cloud API does, and let simulated guests answer the invitations.

    Faults: error:CODE refuses as Meta does; fails:CODE accepts, and the message fails afterwards; http500, http429;
    cut-before, cut-after; http502-accepted; slow:SECONDS. @100x50 means after 100 messages, for the next 50; x10s
    for ten seconds; x* for ever; without, once. /+919812345678 behind the kind: only what goes to that person.
    Of the account: token-expires:SECONDS after the start, no-permission, unsubscribed.
    """
    from parinaya_cli.sandbox.faults import parse_fault
    from parinaya_cli.sandbox.options import SandboxOptions
    from parinaya_cli.sandbox.server import run

    told = call.settings
    options = SandboxOptions(
        host=host,
        port=port,
        webhook=webhook,
        app_secret=told.whatsapp_app_secret or "",
        templates=templates,
        guests=guests,
        duplicate=duplicate,
        shuffle=shuffle,
        delay=_span(delay),
        fail_rate=fail_rate,
        seed=seed,
        messages_per_second=rate,
        journal=journal,
        faults=tuple(parse_fault(text) for text in fault or []),
    )
    options = replace(
        options,
        phone_number_id=told.whatsapp_phone_number_id or options.phone_number_id,
        waba_id=told.whatsapp_business_account_id or options.waba_id,
    )
    run(options)


def _span(text: str) -> tuple[float, float]:
    from parinaya_cli.domain.errors import UsedWrongly

    low, _, high = text.partition("-")
    try:
        found = float(low), float(high or low)
    except ValueError:
        raise UsedWrongly(f"{text!r} is no span of seconds.", "Give it as 0.05-0.5.") from None
    if not 0 <= found[0] <= found[1]:
        raise UsedWrongly(f"{text!r} is no span of seconds.", "Give the smaller number first.")
    return found
