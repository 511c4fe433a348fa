"""``parinaya inbox``: replies that need a human."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.cli.text import local_times, readable_times, shown

app = group("inbox", "Replies that need a human.")

Which = Annotated[str, typer.Argument(metavar="ITEM", help="The ref of an item, such as N4.")]


def _readable(call: Call, document: Mapping[str, object]) -> dict[str, object]:
    told = dict(document)
    if call.out.terminal:
        from parinaya_cli.domain.phones import show

        told = {**readable_times(document), "from": show(str(document["from"] or ""))}
    return {
        **told,
        "who": told["name"] or told["from"],
        "household": _household(document),
        "until": _until(told["window_open_until"]),
    }


def _until(window: object) -> str:
    """Until when a free text may be written back, as people read it."""
    return shown(window) if window else "only by a template"


def _household(document: Mapping[str, object]) -> str:
    """The household that spoke; else those that share the contact point."""
    if document["unit"]:
        return f"{document['unit']} {document['household']}"
    shared = document["households"]
    assert isinstance(shared, list)
    return f"one of {', '.join(shared)}" if shared else "unknown"


@verb(app, "list", examples=["parinaya inbox list", "parinaya inbox list --all --json"])
def list_inbox(
    call: Call,
    everything: Annotated[bool, typer.Option("--all", help="Those that are closed as well.")] = False,
) -> Result:
    """List what waits for a human, the oldest first."""
    from parinaya_cli.services import inbox

    with call.app().begin() as tx:
        zone = tx.wedding.zone
        documents = [
            local_times(inbox.document(one), zone) for one in inbox.list_inbox(tx, everything=everything)
        ]
    columns = [
        ("ref", "Ref"),
        ("who", "From"),
        ("household", "Household"),
        ("text", "Text"),
        ("why", "Why"),
        ("until", "Answer until"),
    ]
    if everything:
        columns.append(("state", "State"))
    empty = "Nothing waits for you. Closed items: parinaya inbox list --all"
    return items(documents, columns, empty=empty, readable=lambda one: _readable(call, one))


@verb(app, "show", examples=["parinaya inbox show N4", "parinaya inbox show N4 --json"])
def show(call: Call, item: Which) -> Result:
    """Show one message with what was said before."""
    from parinaya_cli.services import inbox

    with call.app().begin() as tx:
        zone = tx.wedding.zone
        found, said = inbox.show(tx, item)
        document = local_times(inbox.document(found), zone)
        lines = [local_times(vars(one), zone) for one in said]
    told = _readable(call, document)
    until = told["window_open_until"]
    spoken = [readable_times(one) for one in lines] if call.out.terminal else lines
    text = [
        f"{told['ref']} ({told['state']}): {told['who']}, {told['from']}, household {told['household']}",
        f"Why it is here: {told['why']}",
        f"Can be answered until {shown(until)}" if until else "Can't be answered by a free text now",
        "",
        *(f"{shown(one['at'])}  {one['by']}: {one['text']}" for one in spoken),
    ]
    return Result({**document, "conversation": lines}, "\n".join(text))


@verb(
    app,
    "reply",
    changes=True,
    examples=[
        "parinaya inbox reply N4 'Yes, the bus leaves from the hotel at six.'",
        "parinaya inbox reply N4 'हाँ, ज़रूर लाइए' --reason 'asked the bride'",
    ],
)
def reply(
    call: Call, item: Which, text: Annotated[str, typer.Argument(help="What to write back.")]
) -> Result:
    """Write back to a guest, and close the item.

    WhatsApp takes free text only within 24 hours after the guest wrote. The same text is not sent twice.
    """
    from parinaya_cli.services import inbox

    with call.app().begin(reason=call.reason) as tx:
        document = local_times(
            inbox.document(inbox.reply(tx, item, text, call.app().sender_setup)), tx.wedding.zone
        )
    if call.app().queue_away:
        call.out.warn("The queue is away: the message leaves after the next `parinaya reconcile`.")
    return Result(document, f"{document['ref']} is answered and closed; a worker sends the message.")


@verb(
    app,
    "close",
    changes=True,
    examples=["parinaya inbox close N4", "parinaya inbox close N4 --reason 'answered by phone'"],
)
def close(call: Call, item: Which) -> Result:
    """Close an item that is dealt with; a second time changes nothing."""
    from parinaya_cli.services import inbox

    with call.app().begin(reason=call.reason) as tx:
        document = local_times(inbox.document(inbox.close(tx, item)), tx.wedding.zone)
    return Result(document, f"{document['ref']} is closed.")
