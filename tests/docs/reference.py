"""The reference of the command line as Markdown, made from the program itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from typer.core import TyperGroup

from parinaya_cli.cli.errors import ExitCode
from parinaya_cli.cli.help import SHARED
from parinaya_cli.cli.main import EXAMPLES, TABLE, root

if TYPE_CHECKING:
    from typer._click import Command, Context, Parameter

_OPENING = """\
# The command line

Made from the program by `make docs`; what `parinaya COMMAND --help` says, on one page. The rules that hold for all
commands (results on stdout and notes on stderr, `--json`, refs, exit codes, settings) stand
[at the end](#what-holds-for-every-command).
"""

_RULES = """\
## What holds for every command

**The wedding** is `--wedding`, else `PARINAYA_WEDDING`, else the one chosen with `parinaya weddings use`, else the
only one. None or several: exit code 2, and the message lists them.

**Names**: what an operator names has a short ref, unique in its wedding (`P12` a person, `U5` a guest unit, `E1` an
event, `B3` a batch, `I2` an import, `N4` a message in the inbox), and an id. Commands take either, and slugs where a
thing has one.

**stdout carries the result and nothing else**; progress, warnings and errors go to stderr. On a terminal a list is a
table; in a pipe it is one line a row with tabs between the cells and no heading; with `--json` it is
`{"items": [...], "total": N}`. Times in JSON are RFC 3339 with offset, phones E.164. Colours only on a terminal;
`NO_COLOR` is honoured.

**Errors** are one line that says what is wrong and one that says what to do. With `--json` the error is an object on
stderr: `{"error": {"code": …, "message": …, "hint": …}}`. `PARINAYA_DEBUG=1` adds the traceback.

| exit code | meaning |
|--:|---|
"""

_EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed",
    ExitCode.USED_WRONGLY: "used wrongly (also: a bad value, an ambiguous one, a missing confirmation)",
    ExitCode.NOT_PERMITTED: "not permitted",
    ExitCode.NOT_FOUND: "not found",
    ExitCode.SOME_REJECTED: "done, but some items were rejected or failed",
    ExitCode.UNREACHABLE: "a service that it needs is not reachable",
    ExitCode.LOCKED: "another run holds the lock",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.PIPE_CLOSED: "whoever read stdout went away",
}

_MEANINGS = {
    "PARINAYA_HOME": "data folder: embedded servers, rejected rows",
    "DATABASE_URL": "Postgres; unset: the embedded one",
    "REDIS_URL": "Redis or Valkey; unset: the embedded one",
    "PARINAYA_WEDDING": "slug of the wedding to work on",
    "PARINAYA_TOKEN": "who is acting; needed when `DATABASE_URL` is set",
    "WHATSAPP_BASE_URL": "where the Graph API is; point it to the stand-in for a rehearsal",
    "WHATSAPP_GRAPH_VERSION": "version of the Graph API",
    "WHATSAPP_ACCESS_TOKEN": "token of the WhatsApp account",
    "WHATSAPP_PHONE_NUMBER_ID": "the number that messages come from; a wedding may have its own",
    "WHATSAPP_BUSINESS_ACCOUNT_ID": "the account that the templates belong to",
    "WHATSAPP_APP_SECRET": "signs deliveries: the receiver checks it",
    "WHATSAPP_APP_SECRET_BEFORE": "the one before, which holds beside it while Meta changes over",
    "WHATSAPP_VERIFY_TOKEN": "the word of Meta's handshake with the receiver",
    "WHATSAPP_MESSAGES_PER_SECOND": "send rate, for all workers together",
    "PARINAYA_PRICES": "a file with what messages cost, in place of parinaya's own table (docs/campaigns.md)",
    "GOOGLE_CLIENT_SECRETS": "the file of the OAuth client for Google Contacts (docs/lists.md)",
    "GOOGLE_TOKEN_FILE": "where the leave that Google gave is kept",
    "GOOGLE_PEOPLE_ENDPOINT": "another address of Google's People API, for trials",
    "AWS_ACCESS_KEY_ID": "object storage for `s3://` addresses",
    "AWS_SECRET_ACCESS_KEY": "its secret",
    "AWS_ENDPOINT_URL": "its address, where it is not Amazon's",
    "AWS_REGION": "its region",
    "PARINAYA_WEBHOOK_URL": "public address of the webhook, as Meta knows it; `doctor` shakes hands with it",
    "PARINAYA_SITE_URL": "public address of the website, used in links",
    "PARINAYA_SITE_SECRET": "signs guest links; made by `init`. Lost, links that are out lead nowhere",
    "PARINAYA_SITE_SECRET_BEFORE": "the one before, whose links go on until `doctor` says that none is left",
    "PARINAYA_AUDIT_KEY": "signs the audit log; made by `init`. Lost, old entries can't be proved",
    "PARINAYA_TAP_SECRET": "signs the buttons of invitations; made by `init`. Lost, sent buttons mean nothing",
    "PARINAYA_CHECKPOINTS": "a second place for checkpoints of the audit log and for who was forgotten: a folder or "
    "`s3://BUCKET/FOLDER`",
    "PARINAYA_KEEP_DELIVERIES_DAYS": "days after which `reconcile` empties the bodies of processed deliveries",
    "PARINAYA_KEEP_TEXTS_DAYS": "days after which it empties the texts of settled messages",
    "PARINAYA_KEEP_FILES_DAYS": "days after which it deletes exported and rejected files under PARINAYA_HOME",
    "PARINAYA_PROXIES": "addresses and networks of your own proxies, whose X-Forwarded-For counts",
    "PARINAYA_METRICS_FROM": "who may read the receiver's `/metrics` and `/readyz`",
    "PARINAYA_METRICS_TOKEN": "or who sends this word with `Authorization: Bearer`",
    "PARINAYA_DEBUG": "1: errors come with their traceback",
}

_SHARED_ORDER = (
    ("--wedding", "`-w, --wedding SLUG`", "The wedding to work on."),
    ("--json", "`--json`", "Print one JSON document."),
    ("--quiet", "`-q, --quiet`", "Say nothing that was not asked for."),
    ("--reason", "`--reason TEXT`", "Why; kept in the audit log. On commands that change something."),
    ("--yes", "`-y, --yes`", "Do not ask. On commands that are hard to take back."),
    ("--dry-run", "`--dry-run`", "Show what would happen; change nothing."),
)


def commands() -> Iterator[tuple[str, Command]]:
    """Every command with the words that are typed for it, in the order of the table."""
    for noun in TABLE:
        loaded = TABLE[noun].load()
        if isinstance(loaded, TyperGroup):
            for verb, command in loaded.commands.items():
                yield f"{noun} {verb}", command
        else:
            yield noun, loaded


def render() -> str:
    """The whole page."""
    parts = [_OPENING, _contents(), *_program()]
    section = ""
    for noun, entry in TABLE.items():
        if entry.section != section:
            section = entry.section
            parts.append(f"## {section}\n")
        loaded = entry.load()
        if isinstance(loaded, TyperGroup):
            parts.append(f"### parinaya {noun}\n\n{_prose(loaded.help)}\n")
            parts += [_page(f"{noun} {verb}", each, "####") for verb, each in loaded.commands.items()]
        else:
            parts.append(_page(noun, loaded, "###"))
    parts += [
        _RULES + "".join(f"| {code.value} | {text} |\n" for code, text in _EXIT_CODES.items()),
        _settings(),
    ]
    return "\n".join(parts)


def _contents() -> str:
    lines: dict[str, list[str]] = {}
    for noun, entry in TABLE.items():
        lines.setdefault(entry.section, []).append(f"[{noun}](#parinaya-{noun})")
    rows = [f"| {section} | {', '.join(nouns)} |" for section, nouns in lines.items()]
    return "\n".join(["| | |", "|---|---|", *rows, ""])


def _program() -> Iterator[str]:
    yield "## parinaya\n"
    yield f"{_prose(root().help)}\n"
    yield _block(EXAMPLES)
    yield "Options that commands share, typed after the verb:\n"
    yield _table("option", [(words, text) for _, words, text in _SHARED_ORDER])


def _page(words: str, command: Command, heading: str) -> str:
    path = f"parinaya {words}"
    context = command.make_context(path, [], resilient_parsing=True)
    usage = " ".join([path, *(piece.strip("{}") for piece in command.collect_usage_pieces(context))])
    parts = [f"{heading} {path}\n", _prose(command.help) + "\n", f"```text\n{usage}\n```\n"]
    for title, kind in (("argument", "argument"), ("option", "option")):
        rows = [_row(param, context) for param in command.get_params(context) if _is_own(param, kind)]
        if rows:
            parts.append(_table(title, rows))
    shared = {option for param in command.params for option in param.opts if param.name in SHARED}
    named = [f"`{option}`" for option, _, _ in _SHARED_ORDER if option in shared]
    parts.append(f"Shared: {', '.join(named)}.\n")
    parts.append(_block((command.epilog or "").splitlines()))
    return "\n".join(parts)


def _is_own(param: Parameter, kind: str) -> bool:
    return param.param_type_name == kind and param.name not in SHARED


def _row(param: Parameter, context: Context) -> tuple[str, str]:
    record = param.get_help_record(context)
    assert record is not None, f"{context.command_path}: {param.name} has no help"
    words, text = record
    if param.param_type_name == "argument":
        text = text.removesuffix("  [required]")
    return f"`{words}`", re.sub(r"  \[(.+)\]$", r" (\1)", text)


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {_cell(words)} | {_cell(text)} |" for words, text in rows]
    return "\n".join([f"| {title} | |", "|---|---|", *lines, ""])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _prose(text: str | None) -> str:
    paragraphs = [" ".join(part.split()) for part in (text or "").split("\n\n")]
    return "\n\n".join(part for part in paragraphs if part)


def _block(lines: Iterable[str]) -> str:
    return "\n".join(["```sh", *lines, "```", ""])


def _settings() -> str:
    from parinaya_cli.settings.values import SETTINGS

    fixed = {"PARINAYA_HOME": "the platform's user data folder"}
    rows = []
    for each in SETTINGS:
        default = fixed[each.variable] if each.variable in fixed else each.masked(each.default())
        shown = "" if default is None or default is False else str(default)
        name = f"`{each.variable}`" + (" (secret)" if each.secret else "")
        rows.append(f"| {name} | {_MEANINGS[each.variable]} | {shown} |")
    text = """\
## Settings

A flag beats the environment, the environment beats `config.toml`, that beats the default. `parinaya config show`
prints each value and where it came from, secrets masked; `parinaya config set KEY -` reads a secret from stdin, so
that it is in no history. `PARINAYA_CONFIG_DIR` (environment only) says where `config.toml` lies.

| variable | what it is | default |
|---|---|---|
"""
    return text + "\n".join(rows) + "\n"
