"""``parinaya help``: what commands have in common, told topic by topic; and the page of any command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from parinaya_cli.cli.help import CONTEXT_SETTINGS
from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.domain.errors import NotFound

app = single()

TOPICS: Mapping[str, tuple[str, str]] = {
    "begin": (
        "From nothing to the first answers.",
        """\
Try it first; nothing leaves your machine:

  parinaya demo

Then your own wedding, step by step:

  parinaya init
  parinaya weddings add 'Ananya & Kabir'
  parinaya events add Sangeet --starts 2027-02-12T19:00
  parinaya people import guests.csv --side bride
  parinaya units build
  parinaya invite add --event sangeet --all
  parinaya templates sync
  parinaya invite send --template shaadi_invite --dry-run

`parinaya` alone tells at any time where the wedding stands and what comes next.""",
    ),
    "names": (
        "Refs and slugs: how things are named.",
        """\
What you name has a short ref, never given out twice in a wedding:

  P12  a person            U5  a household          E1  an event
  B3   a batch             N4  a reply              I2  an import
  D7   a likely duplicate  A1  an apply of dedupe   G3  a gift
  X3   an export

Commands take a ref or an id; weddings and events have slugs too (sangeet).
Refs of the other family's guests are "not found" for whoever sees one side.
Shells complete slugs and refs:

  parinaya completion bash""",
    ),
    "lists": (
        "Bringing in the families' lists.",
        """\
A list is a CSV, an Excel sheet, a vCard file, CSV on stdin (-), or google.

  parinaya people import guests.xlsx --side bride --dry-run
  parinaya people import guests.xlsx --side bride

Headers are recognised as people write them; name others with --map. Phones are
repaired where that is no guess, and reported where it would be. Nobody is
merged by name. Rows that can't be used go to a file that you mend and import.

The same list may come again: what is new is taken, what you have corrected by
hand stays. A whole import can be taken back:

  parinaya people imports
  parinaya people undo-import I3 --dry-run""",
    ),
    "duplicates": (
        "People who stand in the lists twice.",
        """\
  parinaya dedupe scan
  parinaya dedupe review
  parinaya dedupe apply --dry-run

A score is the probability that two rows are one person. `apply` merges what it
is sure of and what you have decided to be the same; a decision is remembered
and not asked again. Every signal is told:

  parinaya dedupe explain P12 P40

Nothing of merged rows is lost. One apply is taken back whole, one person alone:

  parinaya dedupe undo A1
  parinaya people unmerge P12""",
    ),
    "households": (
        "Who is invited together and answers together.",
        """\
Messages go to households (guest units), to the primary contact of each.

  parinaya units build --dry-run
  parinaya units list
  parinaya units edit U5 --primary P12 --extra-seats 2

A build places whoever has no household; what was changed by hand it leaves
alone. Seats are what you give, heads what they answer: more heads than seats
is a request that you decide.""",
    ),
    "campaigns": (
        "Sending invitations and reminders.",
        """\
Rehearse: every text, every reason, the cost; nothing is sent.

  parinaya invite send --template shaadi_invite --dry-run
  parinaya invite send --template shaadi_invite --limit 50
  parinaya invite remind --template sangeet_reminder --event sangeet --dry-run

A worker lets the messages leave; each is asked about once more before it does,
so that who opts out meanwhile gets none.

  parinaya worker
  parinaya invite status

`unknown` means that WhatsApp may have taken it: it is never sent again by
itself. You decide: `parinaya invite retry B3 --unknown`.""",
    ),
    "answers": (
        "What guests say, and what is counted.",
        """\
  parinaya rsvp status
  parinaya rsvp list --event sangeet --status pending
  parinaya inbox list

Answers are only ever added; the newest by the time the guest gave it counts. A
message that is not clear is not guessed: it waits in the inbox. Any number
opens into its households:

  parinaya rsvp why --event sangeet --count yes_heads

Whoever has not answered is called, from a sheet that comes back:

  parinaya export call-list --event sangeet --to calls.xlsx
  parinaya rsvp import-calls calls.xlsx""",
    ),
    "roles": (
        "Who may do what.",
        """\
  parinaya roles matrix
  parinaya roles grant 'Sunita Mathur' family --side bride
  parinaya roles revoke 'Sunita Mathur'

The token is shown once and set as PARINAYA_TOKEN by whoever acts with it. A
refusal ends with exit code 3 and is written to the audit log. Who sees one side
gets its guests, answers and gifts, and nothing of the other's. On embedded
servers without a token, the person at the keyboard is the owner.

  parinaya audit list --action access.refused""",
    ),
    "settings": (
        "Where values come from.",
        """\
A flag beats the environment, the environment config.toml, that the default.

  parinaya config show
  parinaya config set WHATSAPP_PHONE_NUMBER_ID 106540352242922
  parinaya config set WHATSAPP_ACCESS_TOKEN -

Secrets are read from stdin (-), so that they are in no history, and are masked
wherever they are shown. PARINAYA_CONFIG_DIR says where config.toml lies,
PARINAYA_HOME where the embedded servers keep their data. DATABASE_URL and
REDIS_URL take the place of these. PARINAYA_WEDDING is the wedding to work on.""",
    ),
    "output": (
        "Results, notes, and programs that read them.",
        """\
stdout carries the result and nothing else; notes, progress and errors go to
stderr. On a terminal a list is a table, in a pipe one line a row with tabs.

  parinaya people list --all --json
  parinaya people list --all | cut -f2

With --json stdout is one document; lists are {"items": [...], "total": N},
times RFC 3339, phones E.164; an error is {"error": {...}} on stderr. --quiet
says nothing that was not asked for. NO_COLOR is honoured.""",
    ),
    "exit-codes": (
        "How a command ended.",
        """\
    0  done
    1  failed
    2  used wrongly: a bad value, an ambiguous one, a missing confirmation
    3  not permitted
    4  not found
    5  done, but some items were rejected or failed
    6  a service that it needs is not reachable
    7  another run holds the lock
  130  interrupted
  141  whoever read stdout went away

What cron repeats ends in the same state the second time:

  parinaya reconcile --quiet""",
    ),
}
"""The topics with a line for the list and the text, which is no wider than 80 columns."""


@verb(
    app,
    "help",
    examples=["parinaya help", "parinaya help campaigns", "parinaya help people import"],
)
def help_(
    call: Call,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOPIC]", help="A topic, or the words of a command.", autocompletion=lambda: list(TOPICS)
        ),
    ] = None,
) -> Result:
    """Read about a topic, or a command. Without one: the topics."""
    if not words:
        rows = [{"topic": name, "about": about} for name, (about, _) in TOPICS.items()]
        call.out.note("All commands: parinaya --help")
        return items(rows, [("topic", "Topic"), ("about", "About")])
    [name, *more] = words
    if name in TOPICS and not more:
        text = TOPICS[name][1]
        return Result({"topic": name, "text": text}, text, essential=True)
    page = _page(words)
    return Result({"command": " ".join(words), "text": page}, page, essential=True)


def _page(words: list[str]) -> str:
    """The page of a command.

    Raises:
        NotFound: there is no such topic or command.
    """
    from typer._click import Context
    from typer.core import TyperGroup

    from parinaya_cli.cli.main import TABLE, root

    entry = TABLE.get(words[0])
    command, context = (
        entry.load() if entry else None,
        Context(root(), info_name="parinaya", help_option_names=CONTEXT_SETTINGS["help_option_names"]),
    )
    for word in words[1:]:
        context = Context(command, info_name=command.name, parent=context) if command else context
        command = command.get_command(context, word) if isinstance(command, TyperGroup) else None
    if command is None:
        named = " ".join(words)
        raise NotFound(f"There is no topic or command {named!r}.", f"Topics: {', '.join(TOPICS)}.")
    return command.get_help(Context(command, info_name=words[-1], parent=context)).rstrip()
