"""``parinaya worker``: send what is due and process what came in."""

from __future__ import annotations

from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result

app = single()


@verb(
    app,
    "worker",
    examples=[
        "parinaya worker",
        "parinaya worker --burst",
        "parinaya worker --queues invites.send --processes 2",
    ],
)
def worker(
    call: Call,
    burst: Annotated[bool, typer.Option("--burst", help="End when the queues are empty.")] = False,
    queues: Annotated[str, typer.Option(help="Only these queues, with commas between.", metavar="A,B")] = "",
    processes: Annotated[int, typer.Option(help="Processes for each group of queues.")] = 1,
) -> Result | None:
    """Work on the queues until it is stopped.

    SIGTERM or Ctrl-C: what is in flight is finished, nothing new is taken. Whoever gives a token must be allowed to
    send; a service needs none.
    """
    from parinaya_cli.cli import logs
    from parinaya_cli.domain.access import Permission
    from parinaya_cli.jobs import worker as workers

    logs.set_up(call.settings)
    wanted = workers.plan([one.strip() for one in queues.split(",") if one.strip()], processes, burst)
    call.app().require(Permission.SEND)
    code = workers.run(call.app(), wanted, lambda count: call.out.note(f"ready: {count} worker processes"))
    return Result({"exit": code}, None, code)
