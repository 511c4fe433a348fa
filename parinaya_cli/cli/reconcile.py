"""``parinaya reconcile``: compare what is with what should be, and mend it."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result

app = single()


@verb(
    app,
    "reconcile",
    changes=True,
    examples=[
        "parinaya reconcile",
        "parinaya reconcile --only queue --quiet",
        "parinaya reconcile --check-only --json",
    ],
)
def reconcile(
    call: Call,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only this check.", metavar="CHECK")
    ] = None,
    check_only: Annotated[bool, typer.Option("--check-only", help="Look, and mend nothing.")] = False,
) -> Result:
    """Compare what is with what should be, mend what can be mended, report the rest.

    Runs one at a time, is safe to kill, and finds nothing to do when run again at once. Put it into cron.
    """
    from parinaya_cli.services import reconcile as verbs

    opened = call.app()
    started = time.monotonic()
    with opened.one_run("reconcile"):
        found = verbs.reconcile(
            lambda: opened.begin(reason=call.reason, bound=False),
            only=only or [],
            mend=not check_only,
            ask=lambda: opened.whatsapp,
            places=opened.checkpoint_places,
        )
    lines = []
    for one in found:
        told = f"{one.drift} amiss, {one.mended} mended" if one.drift else "nothing amiss"
        lines.append(f"{one.name:12} {one.looked_at:6} looked at, {told}")
        lines += [f"             left: {left}" for left in one.left]
    checks = [{**one.__dict__, "left": list(one.left)} for one in found]
    return Result({"checks": checks, "seconds": round(time.monotonic() - started, 3)}, "\n".join(lines))
