"""A small program on the frame of the command line, for the tests of the frame: ``python -m`` runs it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.main import get_group

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.errors import run
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items, record
from parinaya_cli.domain import errors

if TYPE_CHECKING:
    from typer._click import Command

app = group("guests", "Guests of the sample.")

EVIL = "Ravi\x1b[31m \u202eIyer\x1b]0;title\x07\x9b2J\tand\nfamily"
GUESTS: list[dict[str, object]] = [
    {
        "ref": "P1",
        "name": "Asha Krishnamurthy-Venkataraman",
        "phone": "+919820012345",
        "tags": ["vip", "bride"],
    },
    {"ref": "P2", "name": "अनुष्का शर्मा", "phone": "+447911123456", "tags": []},
    {"ref": "P3", "name": EVIL, "phone": None, "tags": ["no phone"]},
]
COLUMNS = [("ref", "Ref"), ("name", "Name"), ("phone", "Phone"), ("tags", "Tags")]
KINDS: dict[str, Callable[[], BaseException]] = {
    "wrong": lambda: errors.UsedWrongly("That is no date.", "Write 2026-11-28."),
    "forbidden": lambda: errors.NotPermitted("A desk may not send."),
    "missing": lambda: errors.NotFound("There is no P99."),
    "away": lambda: errors.Unreachable("Postgres does not answer."),
    "locked": lambda: errors.Locked("Another reconcile is running."),
    "failed": lambda: errors.Failed("It did not work."),
    "bug": lambda: KeyError("secret-of-a-guest"),
    "interrupt": KeyboardInterrupt,
    "refused": lambda: ConnectionRefusedError("secret-of-a-guest"),
}


@verb(app, "list", examples=["parinaya guests list", "parinaya guests list --none"])
def list_guests(
    call: Call, none: Annotated[bool, typer.Option("--none", help="Show nobody.")] = False
) -> Result:
    """Show guests."""
    call.out.note("a note")
    call.out.warn("a warning")
    at = datetime(2026, 11, 28, 18, 30, tzinfo=UTC)
    if none:
        return items([], COLUMNS, empty="No guests yet. Add one: parinaya guests add")
    return items(GUESTS, COLUMNS, total=7, extra={"as_of": at})


@verb(
    app,
    "add",
    changes=True,
    examples=[
        "parinaya guests add 'Asha Rao' --side bride",
        "parinaya guests add 'Asha Rao' --tag vip --tag 'from next door' --reason 'the bride told us'",
    ],
)
def add(
    call: Call,
    name: Annotated[str, typer.Argument(help="The full name.")],
    side: Annotated[Literal["bride", "groom"] | None, typer.Option(help="Whose side.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be repeated.")] = None,
    seats: Annotated[int, typer.Option(min=1)] = 1,
) -> Result:
    """Add a guest.

    The name is kept as the family writes it.
    """
    return record(
        {"ref": "P4", "full_name": name, "side": side, "tags": tag or [], "seats": seats, "why": call.reason},
        title=f"{name} was added",
    )


@verb(app, "drop", hard=True, examples=["parinaya guests drop P1 --dry-run", "parinaya guests drop P1 --yes"])
def drop(call: Call, guest: list[str], number: bool = False) -> Result:
    """Remove guests for good."""
    confirm(call, f"Remove {len(guest)} guests?", count=len(guest) if number else None)
    return Result({"removed": guest, "dry_run": call.dry_run}, f"{len(guest)} guests were removed.")


@verb(app, "token", changes=True, examples=["parinaya guests token", "parinaya guests token --json"])
def token(call: Call) -> Result:
    """Make a token, shown this once."""
    return record({"token": "shown-once"}, essential=True)


@verb(app, "reject", examples=["parinaya guests reject", "parinaya guests reject --json"])
def reject(call: Call) -> Result:
    """End with some items rejected."""
    return Result({"rejected": 2}, "2 rows were rejected.", exit_code=5)


@verb(app, "fail", examples=["parinaya guests fail away", "parinaya guests fail bug"])
def fail(call: Call, kind: Annotated[str, typer.Argument(help="What goes wrong.")]) -> Result | None:
    """Fail."""
    raise KINDS[kind]()


@verb(app, "slow", examples=["parinaya guests slow", "parinaya guests slow --quiet"])
def slow(call: Call) -> Result | None:
    """Take long."""
    with call.out.progress(3, "Reading") as bar:
        for number in range(3):
            bar.describe(f"Reading {number}")
            call.out.note(f"note {number}")
            time.sleep(0.12)
            bar.advance()
    return Result({"read": 3}, "3 rows were read.")


@verb(app, "watch", examples=["parinaya guests watch", "parinaya guests watch --json"])
def watch(call: Call) -> Result:
    """Look on."""
    with call.out.live() as show:
        for number in range(3):
            show(f"frame {number}")
    return Result({"frames": 3})


@verb(
    app, "close", needs_reason=True, examples=["parinaya guests close --reason done", "parinaya guests close"]
)
def close(call: Call) -> None:
    """Say nothing at the end."""
    call.out.line(f"closed because {call.reason}")


def root() -> Command:
    """The sample as a program."""
    return get_group(app)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], root))
