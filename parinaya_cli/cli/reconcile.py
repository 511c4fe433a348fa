"""``parinaya reconcile``: compare what is with what should be, and mend it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result

if TYPE_CHECKING:
    from parinaya_cli.services.reconcile import CheckReport

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

    Runs one at a time, is safe to kill, and finds nothing to do when run again at once. Put it into cron with --quiet:
    it then tells only what is left for a person, and nothing else. It ends with 5 when something is left (or, with
    --check-only, amiss), with 7 when another run is at it, with 6 when a server is away.
    """
    from parinaya_cli.services import reconcile as verbs

    opened = call.app()
    started = time.monotonic()
    with opened.one_run("reconcile"):
        found = verbs.reconcile(
            lambda: opened.begin(reason=call.reason, bound=False),
            only=only or [],
            mend=not check_only,
            outside=verbs.Outside(
                lambda: opened.whatsapp, lambda: opened.account_desk, opened.checkpoint_places
            ),
            terms=opened.terms,
        )
    open_still = any(one.left or one.drift > one.mended for one in found)
    return Result(
        {
            "checks": [{**one.__dict__, "left": list(one.left)} for one in found],
            "seconds": round(time.monotonic() - started, 3),
        },
        "\n".join(_lines(found, quiet=call.out.quiet)),
        5 if open_still else 0,
        essential=open_still,
    )


def _lines(found: Sequence[CheckReport], *, quiet: bool) -> Iterator[str]:
    for one in found:
        if quiet and not one.left and one.drift <= one.mended:
            continue
        told = f"{one.drift} amiss, {one.mended} mended" if one.drift else "nothing amiss"
        yield f"{one.name:12} {one.looked_at:6} looked at, {told}"
        yield from (f"             left: {left}" for left in one.left)
