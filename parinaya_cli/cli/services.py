"""``parinaya services``: the embedded Postgres and Valkey."""

from __future__ import annotations

from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items

app = group("services", "The embedded Postgres and Valkey.")


@verb(app, "start", changes=True, examples=["parinaya services start", "parinaya services start --json"])
def start(call: Call) -> Result:
    """Start the embedded servers and keep them up beyond this command."""
    from parinaya_cli.adapters import embedded

    embedded.keep_up(call.settings.home)
    return _shown(call)


@verb(app, "stop", changes=True, examples=["parinaya services stop", "parinaya services stop --force"])
def stop(
    call: Call,
    force: Annotated[bool, typer.Option("--force", help="Also while other commands use them.")] = False,
) -> Result:
    """Stop the embedded servers."""
    from parinaya_cli.adapters import embedded

    stopped = embedded.shut_down(call.settings.home, force=force)
    return Result({"stopped": stopped}, "The servers are stopped." if stopped else "No server was running.")


@verb(app, "status", examples=["parinaya services status", "parinaya services status --json"])
def status(call: Call) -> Result:
    """How the embedded servers stand."""
    return _shown(call)


def _shown(call: Call) -> Result:
    from parinaya_cli.adapters import embedded

    rows = [dict(one.__dict__) for one in embedded.status(call.settings.home)]
    columns = [
        ("name", "Server"),
        ("running", "Running"),
        ("version", "Version"),
        ("kept_up", "Kept up"),
        ("pid", "Pid"),
    ]
    return items(rows, columns)
