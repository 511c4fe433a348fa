"""``parinaya`` alone: where this wedding stands, and the next sensible step. It starts no server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from parinaya_cli.cli.text import one_line

if TYPE_CHECKING:
    from parinaya_cli.cli.options import Call

_BEGIN = (
    ("Try the whole loop on an invented wedding", "parinaya demo"),
    ("Begin with your own", "parinaya init"),
    ("All commands", "parinaya --help"),
)
_NEXT = "Next step"
_SHOWN = 8
"""Weddings that are named where several could be meant."""


def tell(call: Call) -> None:
    """Print where the wedding stands that is worked on, or how to begin.

    Raises:
        NotPermitted: nobody proves who is acting.
        Unreachable: Postgres is away.
    """
    told = call.settings
    if told.audit_key is None:
        _print(call, "Nothing is set up on this machine yet.", _BEGIN)
    elif told.database_url is None and not _serves(call):
        _sleeping(call)
    else:
        _awake(call)


def _serves(call: Call) -> bool:
    """Do the embedded servers run?"""
    from parinaya_cli.adapters import embedded

    home = call.settings.home
    return home.is_dir() and all(one.running for one in embedded.status(home))


def _sleeping(call: Call) -> None:
    wedding = call.settings.wedding
    which = f"The wedding in use is {wedding}. " if wedding else ""
    steps = (
        ("Where everything stands (this starts them)", "parinaya dashboard"),
        ("Keep them up", "parinaya services start"),
        ("All commands", "parinaya --help"),
    )
    _print(call, f"{which}The servers are asleep.", steps)


def _awake(call: Call) -> None:
    from parinaya_cli.domain import standing as words
    from parinaya_cli.services import standing, weddings

    found = step = None
    with call.app().begin(bound=False) as tx:
        slugs = [one.slug for one in weddings.list_weddings(tx)]
        if len(slugs) == 1 or call.settings.wedding:
            weddings.choose_wedding(tx, call.settings.wedding)
            found = standing.look(tx)
            step = standing.next_step(tx, found)
    if found is not None:
        rows = [*words.lines(found), *([(_NEXT, step.why), ("", step.command)] if step else [])]
        _print(call, f"{found.title} ({found.slug})", rows)
    elif slugs:
        named = ", ".join(slugs if len(slugs) <= _SHOWN else [*slugs[:_SHOWN], "…"])
        choice = ("Choose one", f"parinaya weddings use {slugs[0]}")
        _print(call, f"There are {len(slugs)} weddings: {named}.", [choice])
    else:
        _print(call, "There is no wedding yet.", [(_NEXT, "parinaya weddings add 'Ananya & Kabir'")])


def _print(call: Call, title: str, rows: Iterable[tuple[str, str]]) -> None:
    rows = list(rows)
    width = max(len(head) for head, _ in rows)
    told = [one_line(title), *(f"  {head:{width}}  {one_line(text)}" for head, text in rows)]
    call.out.stdout.write("\n".join(told) + "\n")
