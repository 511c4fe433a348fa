"""``parinaya consent``: who wants messages, and who does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, Rows
from parinaya_cli.cli.text import local_times, readable_times
from parinaya_cli.domain.consent import fold

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from parinaya_cli.domain.consent import ConsentEntry

app = group("consent", "Who wants messages, and who does not.")

Whom = Annotated[
    str, typer.Argument(metavar="(PERSON|PHONE)", help="The ref of a person, such as P12, or a phone.")
]
_COLUMNS = [
    ("at", "Since"),
    ("kind", "What"),
    ("source", "Source"),
    ("evidence", "Evidence"),
    ("recorded_at", "Recorded"),
]


def _document(value: str, entries: Sequence[ConsentEntry], zone: ZoneInfo) -> dict[str, object]:
    return {
        "contact_point": value,
        "consent": fold(entries).value,
        "items": [local_times(vars(one), zone) for one in entries],
        "total": len(entries),
    }


@verb(
    app,
    "record",
    changes=True,
    examples=[
        "parinaya consent record P12 opt-in --source 'on the phone, 3 May' --evidence 'call list of Meera'",
        "parinaya consent record '+91 98200 12345' opt-out --source 'told the uncle at the roka'",
    ],
)
def record(
    call: Call,
    whom: Whom,
    kind: Annotated[Literal["opt-in", "opt-out"], typer.Argument(help="What they decided.")],
    source: Annotated[str, typer.Option(help="How and when they said so.")],
    evidence: Annotated[str, typer.Option(help="Where that can be looked up.")] = "",
) -> Result:
    """Record what somebody decided, for all their phones or the phone that is named.

    Entries are only ever added; the newest counts. An opt-in after the guest's own STOP needs --evidence: where the
    guest's own word can be looked up.
    """
    from parinaya_cli.services import consent

    with call.app().begin(reason=call.reason) as tx:
        value, entries = consent.record(tx, whom, kind, source=source, evidence=evidence)
        document = _document(value, entries, tx.wedding.zone)
    told = str(document["consent"]).replace("_", " ")
    return Result(document, f"Recorded: {kind} of {_shown(call, value)}. It now counts as {told}.")


def _shown(call: Call, value: str) -> str:
    if not call.out.terminal:
        return value
    from parinaya_cli.domain.phones import show

    return show(value)


@verb(
    app, "history", examples=["parinaya consent history P12", "parinaya consent history +919820012345 --json"]
)
def history(call: Call, whom: Whom) -> Result:
    """Show all that was recorded for the phone that messages go to, or for a phone."""
    from parinaya_cli.services import consent

    with call.app().begin() as tx:
        value, entries = consent.history(tx, whom)
        document = _document(value, entries, tx.wedding.zone)
        rows = [local_times(vars(one), tx.wedding.zone) for one in entries]
    if call.out.terminal:
        rows = [readable_times(row) for row in rows]
    empty = f"Nothing was recorded for {_shown(call, value)} yet. To do so: parinaya consent record …"
    return Result(document, Rows(rows, _COLUMNS, len(rows), empty))
